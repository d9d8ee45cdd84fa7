"""Reproducible chance from the standard library alone.

`random.Random(text)` and its `random()` are promised to stay the same in every Python, and every other draw here is
made from it. A numerical library's generators carry no such promise, and the shipped files must never change by
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
Z = NormalDist().inv_cdf


class Chance:
    """One independent stream per key, so that a change in one topic leaves every other topic as it was."""

    def __init__(self, *key: object):
        self._random = Random("/".join(str(part) for part in key))

    def share(self) -> float:
        """Uniform on (0, 1), both ends excluded."""
        return min(max(self._random.random(), 1e-12), 1 - 1e-12)

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + min(int(self.share() * (high - low + 1)), high - low)

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        return mean + sd * Z(self.share())

    def lognormal(self, median: float, sd: float) -> float:
        """Log-normal by its median and the standard deviation of the natural logarithm."""
        return median * math.exp(self.normal(0, sd))

    def pick(self, items: Sequence[T]) -> T:
        return items[self.whole(0, len(items) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        out = list(items)
        for last in range(len(out) - 1, 0, -1):
            other = self.whole(0, last)
            out[last], out[other] = out[other], out[last]
        return out

    def strata(self, n: int) -> list[float]:
        """n uniforms, one from each n-th of (0, 1), in random order: a small arm then looks like its distribution."""
        return self.shuffled([(i + self.share()) / n for i in range(n)])

    def quota(self, n: int, weights: Mapping[T, float]) -> list[T]:
        """n levels in the proportions of the weights (largest remainder), in random order."""
        total = sum(weights.values())
        exact = {level: n * weight / total for level, weight in weights.items()}
        counts = {level: math.floor(value + 1e-9) for level, value in exact.items()}
        by_remainder = sorted(exact, key=lambda level: counts[level] - exact[level])
        for level in by_remainder[: n - sum(counts.values())]:
            counts[level] += 1
        return self.shuffled([level for level, count in counts.items() for _ in range(count)])


def clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def normal_at(share: float, mean: float, sd: float) -> float:
    """The normal distribution's quantile."""
    return mean + sd * Z(share)


def lognormal_at(share: float, median: float, sd: float) -> float:
    """The log-normal distribution's quantile, sd on the natural logarithm."""
    return median * math.exp(sd * Z(share))
