"""Statistics of measurements, as coarse as the public may read them.

A median is somebody's value, or lies between two. It is told to a multiple of a round number: the smallest one at which at
least as many patients as `smallest_count` asks have a value that rounds to the same. Means and spreads are sums over everybody,
but to twelve digits they give a small group of whole numbers back value by value; to the place at which one patient
would just show they don't.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

QUANTILES = ("median", "q1", "q3", "q05", "q95")
PLACED = ("mean", "sd")
RELATIVE = ("geomean", "geocv")
CONTRASTS = {".shift": 0.0, ".smd": 0.0, ".ratio": 1.0}  # of two groups' values, and the value of no difference
DIGITS = 3
AS_IT_IS = 12  # decimals
ROUND = (1, 2, 5)
FINEST = 3  # powers of ten below the spread at which rounding begins


def shared(quantile: float, values: np.ndarray, least: int) -> tuple[float, float] | None:
    """(the quantile as it may be told, the step it is a multiple of); 0 where `least` patients have this very value.

    None where no step will do: one that is wider than the distance between the quartiles, or that rounds to zero what isn't
    zero, would tell nothing.
    """
    values = np.asarray(values, dtype=float)
    if (values == quantile).sum() >= least:
        return quantile, 0.0
    lower, upper = np.quantile(values, [0.25, 0.75])
    for step in _steps(float(np.ptp(values)), float(upper - lower)):
        place = _place(quantile, step)
        if (_place(values, step) == place).sum() >= least and (place != 0 or quantile == 0):
            return float(place * step), step
    return None


def _steps(spread: float, widest: float) -> Iterator[float]:
    """Round numbers from far below the spread up to the widest."""
    if not spread > 0:
        return
    power = math.floor(math.log10(spread)) - FINEST
    while 10.0**power <= widest:
        # a division by a whole number is exact where a product with a tenth is not
        steps = (lead * 10.0**power if power >= 0 else lead / 10.0**-power for lead in ROUND)
        yield from (step for step in steps if step <= widest)
        power += 1


def _place(value: np.ndarray | float, step: float) -> np.ndarray:
    """The multiple of the step that is nearest, halves upwards."""
    return np.floor(np.asarray(value) / step + 0.5)


def decimals(*samples: np.ndarray) -> int:
    """The place to which a mean, a spread or a shift of these is told: the one at which a patient who lay a standard
    deviation further would just show (the nearest power of ten), in the smallest of the samples. A large number where nobody
    differs."""
    moved = [float(np.std(sample, ddof=1)) / len(sample) for sample in samples if len(sample) > 1]
    return -round(math.log10(max(moved))) if moved and max(moved) > 0 else AS_IT_IS


def told(value: float, place: int, null: float = math.nan) -> float:
    """A value to so many decimals (tens for -1), or to as many digits as keep it off the value of no difference."""
    rounded = round(value, place)
    return rounded if rounded != null or value == null else short(value, null, 1)


def short(value: float, null: float = math.nan, digits: int = DIGITS) -> float:
    """To three significant digits, or as many as keep it off the value of no difference."""
    while math.isfinite(value):
        rounded = float(f"{value:.{digits}g}")
        if rounded != null or value == null:
            return rounded
        digits += 1
    return value
