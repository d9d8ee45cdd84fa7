"""P values adjusted for a family of comparisons. Missing ones keep their place and aren't counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.types import Description

DESCRIPTIONS = {
    "holm": Description("P values within a declared family are adjusted by Holm's step-down method.",
                        "Holm S. Scand J Stat 1979;6:65–70", name="Holm's method"),
    "hochberg": Description("P values within a declared family are adjusted by Hochberg's step-up method.",
                            "Hochberg Y. Biometrika 1988;75:800–802", name="Hochberg's method"),
    "benjamini-hochberg": Description(
        "The false discovery rate within a declared family is controlled by the method of Benjamini and Hochberg.",
        "Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289–300", name="Benjamini and Hochberg's method"),
}


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's adjusted P values in the order given; nan stays nan and isn't a comparison."""
    return _adjusted(p, lambda n: np.arange(n, 0, -1.0), rising=True)


def hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Hochberg's adjusted P values (independent or positively dependent tests); nan stays nan."""
    return _adjusted(p, lambda n: np.arange(n, 0, -1.0), rising=False)


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini and Hochberg's adjusted P values (false discovery rate); nan stays nan."""
    return _adjusted(p, lambda n: n / np.arange(1.0, n + 1), rising=False)


def _adjusted(p: ArrayLike, factors, rising: bool) -> NDArray[np.float64]:
    """Each sorted P times its factor, made monotone: from the smallest up (step-down) or from the largest down."""
    values = np.asarray(p, dtype=float).ravel()
    adjusted = values.copy()
    present = np.flatnonzero(~np.isnan(values))
    order = present[np.argsort(values[present], kind="stable")]
    scaled = values[order] * factors(len(order))
    monotone = np.maximum.accumulate(scaled) if rising else np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted[order] = np.minimum(monotone, 1.0)
    return adjusted
