"""Summaries of one sample: moments, quantiles by any of the nine sample definitions, geometric mean."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.samples import Sample
from stats.methods.types import Description

DESCRIPTIONS = {
    "quartiles": Description(
        "Quartiles are sample quantiles of Hyndman and Fan's type seven (linear interpolation between order "
        "statistics, the default of R and numpy) unless another type is named.",
        "Hyndman RJ, Fan Y. Am Stat 1996;50:361–365", name="quartiles",
        reason="The type is named because programs use several."),
    "geometric": Description(
        "Geometric means are the exponentials of the mean logarithm; the geometric coefficient of variation is the "
        "square root of the exponential of the variance of the logarithms, less one.",
        "Kirkwood TBL. Biometrics 1979;35:908–909", name="geometric mean"),
}

FUZZ = 4 * np.finfo(float).eps  # so that a position such as 0.3 * 10 counts as the whole number it stands for, as in R
PLOTTING = {4: (0.0, 1.0), 5: (0.5, 0.5), 6: (0.0, 0.0), 7: (1.0, 1.0), 8: (1 / 3, 1 / 3), 9: (3 / 8, 3 / 8)}


def known(x: ArrayLike) -> NDArray[np.float64]:
    """The values of a sample as floats, missing ones (nan) left out."""
    values = np.asarray(x, dtype=float).ravel()
    return values[~np.isnan(values)]


def summary(x: ArrayLike | Sample, kind: int = 7) -> dict[str, float]:
    """n, missing, mean, sd (n - 1), median, q1, q3, min, max of a sample in its own unit; nan where not computable.

    nan counts as missing. `kind` is the quantile type of `quantile`. The order of the values makes no difference, not
    even in the last bit, nor does it whether they come one by one or counted.
    """
    sample = Sample.of(x)
    found = {"n": float(sample.n), "missing": float(sample.missing)}
    if sample.n == 0:
        return found | dict.fromkeys(("mean", "sd", "median", "q1", "q3", "min", "max"), math.nan)
    return found | {"mean": sample.mean, "sd": math.sqrt(sample.variance), "median": _quantile(sample, 0.5, 7),
                    "q1": _quantile(sample, 0.25, kind), "q3": _quantile(sample, 0.75, kind), "min": sample.least,
                    "max": sample.most}


def tails(x: ArrayLike | Sample, kind: int = 7) -> dict[str, float]:
    """q05 and q95: the quantiles between which nine tenths of a sample lie; nan of an empty one."""
    sample = Sample.of(x)
    return {"q05": _quantile(sample, 0.05, kind), "q95": _quantile(sample, 0.95, kind)}


def quantile(x: ArrayLike | Sample, p: float, kind: int = 7) -> float:
    """Sample quantile at `p` in [0, 1] by Hyndman and Fan's type `kind` (1 to 9); nan of an empty sample.

    Seven is R's, numpy's and pandas' default, six SPSS's and Minitab's, two SAS's. Raises ValueError for another kind
    or `p` outside [0, 1].
    """
    if kind not in range(1, 10) or not 0 <= p <= 1:
        raise ValueError(f"no quantile of type {kind} at {p}")
    return _quantile(Sample.of(x), p, kind)


def _quantile(sample: Sample, p: float, kind: int) -> float:
    n = sample.n
    if n == 0:
        return math.nan
    if kind <= 3:
        position = n * p - (0.5 if kind == 3 else 0.0)
        below = math.floor(position + FUZZ * max(1.0, position))
        beyond = position - below > FUZZ * max(1.0, position)
        weight = {1: float(beyond), 2: 1.0 if beyond else 0.5, 3: float(beyond or below % 2 == 1)}[kind]
    else:
        a, b = PLOTTING[kind]
        position = a + p * (n + 1 - a - b)
        below = math.floor(position + FUZZ * max(1.0, position))
        weight = position - below
        weight = 0.0 if abs(weight) < FUZZ * max(1.0, position) else weight
    low, high = sample.at(min(max(below, 1), n) - 1), sample.at(min(max(below + 1, 1), n) - 1)
    return float(low if weight == 0 or low == high else high if weight == 1 else (1 - weight) * low + weight * high)


def geometric(x: ArrayLike) -> dict[str, float]:
    """geomean in the sample's unit and geocv as a share of it (0.5 is 50 %); nan when a value isn't positive.

    geocv = sqrt(exp(variance of the logarithms) - 1) (Kirkwood 1979).
    """
    values = known(x)
    if len(values) == 0 or values.min() <= 0:
        return {"geomean": math.nan, "geocv": math.nan}
    logs = summary(np.log(values))
    return {"geomean": float(values[0]) if logs["min"] == logs["max"] else math.exp(logs["mean"]),
            "geocv": math.sqrt(math.expm1(logs["sd"] ** 2)) if len(values) > 1 else math.nan}
