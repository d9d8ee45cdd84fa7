"""Which quantiles of a sample fall beyond a limit of quantification, where nothing but the limit is known of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from stats.methods import descriptive
from stats.methods.samples import Sample

SAME = 1e-12  # relative; numbers as near as this are one


def beyond(x: ArrayLike, limits: ArrayLike, kind: int = 7, times: ArrayLike | None = None,
           sample: Sample | None = None) -> dict[str, float]:
    """median, q1, q3, min, max, q05 and q95 that lie beyond a limit, each with this limit; those that don't are absent.

    x: values in their unit, nan for none; one that isn't quantified is a stand-in (half the limit, the limit itself).
    limits: of such a value its limit, negative where the value lies below it and positive where it lies above; nan of
    a quantified one. The limits returned have the same signs. `kind` is the quantile type of `descriptive.quantile`;
    `times` says how many patients each value stands for; `sample` is that of x, if it was made already.

    A quantile is below a limit where a value below quantification has part in it and it is smaller than the lowest
    limit in use that it can't exceed wherever those values lie: with values known to be below 50 and others known to be
    below 200, a median is below 200 as soon as it could lie between the two. One between a stand-in and a quantified
    value is told as the number it is, unless it is smaller than every limit. Above, it is the highest limit that it
    reaches.
    """
    values, signed = np.asarray(x, float).ravel(), np.asarray(limits, float).ravel()
    below, above = ~np.isnan(values) & (signed < 0), ~np.isnan(values) & (signed > 0)
    if not (below.any() or above.any()):
        return {}
    found = _quantiles(Sample.of(values, times) if sample is None else sample, kind)
    most = _quantiles(Sample.of(np.where(below, -signed, values), times), kind) if below.any() else found
    endless = _quantiles(Sample.of(np.where(above, math.inf, values), times), kind) if above.any() else found
    lower, upper = np.unique(-signed[below]), np.unique(signed[above])
    out = {}
    for stat, value in found.items():
        if len(lower) and most[stat] > value * (1 + SAME):
            limit = next((one for one in lower if one >= most[stat] * (1 - SAME)), lower[-1])
            if value < limit:
                out[stat] = -float(limit)
                continue
        if endless[stat] == math.inf and len(reached := upper[upper <= value * (1 + SAME)]):
            out[stat] = float(reached[-1])
    return out


def _quantiles(sample: Sample, kind: int) -> dict[str, float]:
    quartiles = {"median": descriptive.quantile(sample, 0.5), "q1": descriptive.quantile(sample, 0.25, kind),
                 "q3": descriptive.quantile(sample, 0.75, kind)}
    return quartiles | {"min": sample.least, "max": sample.most} | descriptive.tails(sample, kind)
