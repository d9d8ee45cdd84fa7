"""Order statistics of all pairwise differences of two samples, without forming them all when there are many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 1_000_000  # differences held at a time

Floats = NDArray[np.float64]


def difference_at(x: Floats, y: Floats, rank: int) -> float:
    """The difference x - y that has `rank` (from 0) among all len(x) * len(y), ascending. Samples hold finite values.

    Few distinct values are weighed by how often they occur. Otherwise the range is halved until what is left can be
    listed, so that work grows as (n + m) log(n + m).
    """
    (xs, x_times), (ys, y_times) = np.unique(x, return_counts=True), np.unique(y, return_counts=True)
    if len(xs) * len(ys) <= MOST:
        differences = np.subtract.outer(xs, ys).ravel()
        order = np.argsort(differences, kind="stable")
        reached = np.cumsum(np.outer(x_times, y_times).ravel()[order])
        return float(differences[order[np.searchsorted(reached, rank, side="right")]])
    x, y = np.sort(x), np.sort(y)
    low, high = x[0] - y[-1], x[-1] - y[0]
    first, last = np.zeros(len(x), dtype=np.int64), np.full(len(x), len(y))  # the y still open, per x
    below = 0
    while (last - first).sum() > MOST:
        middle = low + (high - low) / 2
        if not low < middle < high:  # more than can be listed are equal
            some = int(np.argmax(last > first))
            return float(x[some] - y[first[some]])
        split = np.clip(np.searchsorted(y, x - middle, side="left"), first, last)  # from here on x - y <= middle
        smaller = int((last - split).sum())
        if rank < below + smaller:
            first, high = split, middle
        else:
            below, last, low = below + smaller, split, middle
    width = last - first
    at = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width) + np.repeat(first, width)
    return float(np.partition(np.repeat(x, width) - y[at], rank - below)[rank - below])


def median_difference(x: Floats, y: Floats) -> float:
    """The median of all pairwise differences x - y."""
    n = len(x) * len(y)
    upper = difference_at(x, y, n // 2)
    return upper if n % 2 else (difference_at(x, y, n // 2 - 1) + upper) / 2
