"""Standardized mean differences: how far two groups are apart, in units of their spread, whatever their size."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.samples import Sample
from stats.methods.types import Description, Estimate

METHOD = "standardized-mean-difference"

DESCRIPTIONS = {
    METHOD: Description(
        "Balance between groups is described by the absolute standardized mean difference: the difference in means or "
        "proportions over the root of the average variance, and for more than two categories the Mahalanobis distance between "
        "the vectors of proportions.",
        "Yang D, Dalton JE. SAS Global Forum 2012:335", name="standardized mean difference",
        reason="A P value does not measure balance."),
}


def smd_number(x: ArrayLike | Sample, y: ArrayLike | Sample) -> Estimate:
    """|mean x - mean y| / sqrt((var x + var y) / 2) of two samples; nan (missing) left out.

    Equal constants are perfectly balanced (0); different constants have no spread to measure by (nan).
    """
    a, b = Sample.of(x), Sample.of(y)
    if a.n == 0 or b.n == 0:
        return _none("no values in a group")
    if a.n == 1 or b.n == 1:
        return _none("a single value in a group has no spread")
    gap = abs(a.mean - b.mean)
    spread = math.sqrt((a.variance + b.variance) / 2)
    if spread == 0:
        return Estimate(0.0, method=METHOD) if gap == 0 else _none("the values don't vary within the groups")
    return Estimate(gap / spread, method=METHOD)


def smd_levels(counts_x: ArrayLike, counts_y: ArrayLike) -> Estimate:
    """The distance between two groups' shares of the same levels, from their counts (missing not among them).

    Two levels: |p - q| / sqrt((p(1 - p) + q(1 - q)) / 2). More: sqrt(d' S^-1 d) with d the differences of all shares
    but one and S the average of the two multinomial covariance matrices (Yang and Dalton 2012); which one is left out
    makes no difference. Levels that nobody has are left out.
    """
    a, b = np.asarray(counts_x, dtype=float).ravel(), np.asarray(counts_y, dtype=float).ravel()
    if a.sum() == 0 or b.sum() == 0:
        return _none("nobody with a known value in a group")
    seen = (a + b) > 0
    p, q = (a[seen] / a.sum())[1:], (b[seen] / b.sum())[1:]
    gap = p - q
    if not gap.any():
        return Estimate(0.0, method=METHOD)
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    # the covariance is singular where neither group varies in some direction: no distance there unless they agree
    size, axes = np.linalg.eigh(covariance)
    along, usable = axes.T @ gap, size > 1e-12
    if np.abs(along[~usable]).max(initial=0.0) > 1e-9:
        return _none("the groups share no level")
    return Estimate(float(np.sqrt((along[usable] ** 2 / size[usable]).sum())), method=METHOD)


def _none(note: str) -> Estimate:
    return Estimate(math.nan, method=METHOD, note=note)
