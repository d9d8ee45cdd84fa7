"""Order statistics of all pairwise differences of two samples, without forming them all when there are many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.samples import Sample

MOST = 1_000_000  # differences held at a time
SAMPLE = 20_000  # differences looked at to guess where a rank lies

Floats = NDArray[np.float64]


class Differences:
    """All differences x - y of two samples of finite values, equal values weighed by how often they occur."""

    def __init__(self, x: ArrayLike | Sample, y: ArrayLike | Sample):
        one, other = Sample.of(x), Sample.of(y)
        self.n = one.n * other.n
        self._x, self._x_times = one.values, one.times
        self._y, self._y_times = other.values, other.times
        self._up_to = np.concatenate([[0], np.cumsum(other.times)])  # values of y before each distinct one

    def at(self, rank: int) -> float:
        """The difference that has `rank` (from 0), ascending.

        Where there are too many to list, the range is narrowed to what lies between two differences on either side of
        the rank, guessed from a sample and counted exactly: work grows as (n + m) log(n + m), with few rounds.
        """
        x, y = self._x, self._y
        low, high = x[0] - y[-1], x[-1] - y[0]
        first, last = np.zeros(len(x), dtype=np.int64), np.full(len(x), len(y))  # the y still open, per x
        below = 0
        while (open_now := int((last - first).sum())) > MOST:
            guesses = self._guesses(first, last, rank - below)
            for guess in (*guesses, math.nan):
                halve = math.isnan(guess)  # where the guesses didn't help
                if halve and int((last - first).sum()) * 2 < open_now:
                    break
                middle = low + (high - low) / 2 if halve else guess
                if not low < middle < high:
                    if halve:  # more than can be listed are equal
                        some = int(np.argmax(last > first))
                        return float(x[some] - y[first[some]])
                    continue
                split = np.clip(np.searchsorted(y, x - middle, side="left"), first, last)  # from here on x - y <= middle
                smaller = int(self._x_times @ (self._up_to[last] - self._up_to[split]))
                if rank < below + smaller:
                    first, high = split, middle
                else:
                    below, last, low = below + smaller, split, middle
        width = last - first
        xs = np.repeat(np.arange(len(x)), width)
        ys = _within(width) + np.repeat(first, width)
        differences = x[xs] - y[ys]
        order = np.argsort(differences, kind="stable")
        reached = np.cumsum((self._x_times[xs] * self._y_times[ys])[order])
        return float(differences[order[np.searchsorted(reached, rank - below, side="right")]])

    def _guesses(self, first: NDArray[np.int64], last: NDArray[np.int64], rank: int) -> tuple[float, float]:
        """Differences that probably lie just above and just below the rank among those still open."""
        sizes = np.cumsum(self._x_times * (self._up_to[last] - self._up_to[first]))
        chosen = (np.arange(SAMPLE) + 0.5) * (sizes[-1] / SAMPLE)
        at = np.searchsorted(sizes, chosen, side="right")
        inside = (chosen - (sizes - self._x_times * (self._up_to[last] - self._up_to[first]))[at]) / self._x_times[at]
        # a step through the y of each x that shares no period with the step from x to x
        span = self._up_to[last[at]] - self._up_to[first[at]]
        place = np.floor((inside + span * ((np.arange(SAMPLE) * 0.6180339887498949) % 1)) % span)
        ys = np.searchsorted(self._up_to, self._up_to[first[at]] + place, side="right") - 1
        found = np.sort(self._x[at] - self._y[np.clip(ys, first[at], last[at] - 1)])
        middle, reach = rank / sizes[-1] * SAMPLE, 3 * np.sqrt(SAMPLE)
        return (float(found[min(int(middle + reach), SAMPLE - 1)]), float(found[max(int(middle - reach), 0)]))


def _within(width: NDArray[np.int64]) -> NDArray[np.int64]:
    """0..w-1 for each w, end to end."""
    return np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)


def difference_at(x: Floats, y: Floats, rank: int) -> float:
    """The difference x - y that has `rank` (from 0) among all len(x) * len(y), ascending. Samples hold finite values."""
    return Differences(x, y).at(rank)


def median_difference(x: Floats, y: Floats) -> float:
    """The median of all pairwise differences x - y."""
    return median(Differences(x, y))


def median(differences: Differences) -> float:
    n = differences.n
    upper = differences.at(n // 2)
    return upper if n % 2 else (differences.at(n // 2 - 1) + upper) / 2
