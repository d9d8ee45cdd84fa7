"""The exact null distribution of a rank sum: every way to deal the observed ranks, ties included, to the two groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = 1000  # beyond this many subjects the number of ways leaves the range of floating point


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, ties sharing the mean of theirs."""
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[inverse]


def subset_sums(scores: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sums that `size` of the whole-number scores can have, ascending, and their probabilities over all subsets.

    One score is added after another: the ways to reach a sum with j scores are those without the new score and those
    with it (the shift algorithm of Streitberg and Röhmel, Stat Softw Newsl 1986;12:10-17).
    """
    scores = np.sort(scores)
    take = min(size, len(scores) - size)  # the smaller group has the smaller table; its complement has the rest
    least = int(scores[0])
    shifted = scores - least
    top = int(shifted[len(scores) - take:].sum())
    ways = np.zeros((take + 1, top + 1))
    ways[0, 0] = 1.0
    reached = 0
    for used, score in enumerate(shifted.tolist(), start=1):
        rows = min(used, take)
        reached = min(reached + score, top)
        if score <= top:
            ways[1:rows + 1, score:reached + 1] += ways[:rows, :reached + 1 - score]
    counts = ways[take]
    sums = np.flatnonzero(counts)
    chances = counts[sums] / counts.sum()
    sums = sums + least * take
    if take != size:
        sums, chances = (int(scores.sum()) - sums)[::-1], chances[::-1]
    return sums, chances
