"""A sample of numbers as its distinct values and how often each occurs: the table every comparison of numbers reads.

What grows with the number of subjects is sorting and counting them; all the rest is arithmetic on distinct values. So
counts delivered by a database are as good as the numbers themselves, and give the same result to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """`values` distinct and ascending, `times` how often each occurs; `missing` subjects have no value."""

    values: Floats
    times: Counts
    missing: int = 0

    @classmethod
    def of(cls, x: ArrayLike | Sample, times: ArrayLike | None = None) -> Sample:
        """The sample of these numbers (nan is missing), each counted once, or `times` often; a sample as it is."""
        if isinstance(x, Sample):
            return x
        values = np.asarray(x, float).ravel()
        known = ~np.isnan(values)
        if times is None:
            distinct, counts = np.unique(values[known], return_counts=True)
            return cls(distinct, counts.astype(np.int64), len(values) - int(known.sum()))
        often = np.asarray(times, np.int64).ravel()
        distinct, place = np.unique(values[known], return_inverse=True)
        counts = np.bincount(place, weights=often[known], minlength=len(distinct))
        # somebody counted no times is not there
        there = counts > 0
        return cls(distinct[there], counts[there].astype(np.int64), int(often[~known].sum()))

    @property
    def n(self) -> int:
        """Subjects with a value."""
        return int(self.times.sum())

    @property
    def least(self) -> float:
        return float(self.values[0])

    @property
    def most(self) -> float:
        return float(self.values[-1])

    @property
    def constant(self) -> bool:
        """All values are one; also of an empty sample."""
        return len(self.values) < 2

    @property
    def mean(self) -> float:
        """nan of an empty sample."""
        if self.constant:
            return self.least if len(self.values) else math.nan
        return float((self.values * self.times).sum()) / self.n

    @property
    def variance(self) -> float:
        """With n − 1 below the line; nan of fewer than two values."""
        if self.n < 2:
            return math.nan
        return 0.0 if self.constant else float(((self.values - self.mean) ** 2 * self.times).sum()) / (self.n - 1)

    def at(self, place: int) -> float:
        """The value that has this place, from 0, in ascending order."""
        return float(self.values[np.searchsorted(self._upto, place, side="right")])

    @cached_property
    def _upto(self) -> Counts:
        """Subjects with each value or a smaller one; once for all quantiles."""
        return np.cumsum(self.times)

    def often(self, value: float) -> int:
        """How many subjects have this value."""
        return int(self.times[self.values == value].sum())

    def from_on(self, value: float) -> int:
        """How many subjects have this value or a higher one."""
        return int(self.times[self.values >= value].sum())

    def logarithms(self) -> Sample:
        """Of positive values."""
        return Sample(np.log(self.values), self.times, self.missing)

    def spelled_out(self) -> Floats:
        """Every subject's value, ascending: for methods that deal the values of few subjects anew."""
        return np.repeat(self.values, self.times)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Samples ranked together: for each the mid-ranks (from 1) of its distinct values; `ranks` and `times` of all."""

    own: tuple[Floats, ...]
    ranks: Floats
    times: Counts

    @classmethod
    def together(cls, samples: Sequence[Sample]) -> Ranked:
        values = np.unique(np.concatenate([sample.values for sample in samples]))
        places = [np.searchsorted(values, sample.values) for sample in samples]
        times = np.zeros(len(values), np.int64)
        for place, sample in zip(places, samples, strict=True):
            times[place] += sample.times
        ranks = np.cumsum(times) - (times - 1) / 2
        return cls(tuple(ranks[place] for place in places), ranks, times)

    @property
    def n(self) -> int:
        return int(self.times.sum())

    @property
    def tied(self) -> bool:
        """All values are one."""
        return len(self.ranks) < 2

    @property
    def squares(self) -> float:
        """Sum over the subjects of the squared distance of their rank from the middle one."""
        return float(((self.ranks - (self.n + 1) / 2) ** 2 * self.times).sum())

    def spelled_out(self, samples: Sequence[Sample]) -> Floats:
        """Every subject's rank, sample by sample."""
        return np.concatenate([np.repeat(ranks, sample.times) for ranks, sample in zip(self.own, samples, strict=True)])
