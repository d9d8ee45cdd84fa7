"""The distribution of one cell of a table of two by two whose margins are fixed, at any odds ratio.

Only what lies near its peak is formed: of ten million patients a few ten thousand values, of as many others all that
double precision can tell from zero. Neighbours are held together by their ratio, a quotient of four counts; logarithms of
factorials would have lost eight digits there, and Fisher's test with them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DEPTH = 45  # standard deviations from the peak beyond which a chance is zero in double precision
MORE = 60  # values on either side that are formed in any case: of few patients all

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hypergeometric:
    """How many of `events` fall to the first n of n + m patients."""

    n: int
    m: int
    events: int

    @property
    def low(self) -> int:
        return max(0, self.events - self.m)

    @property
    def high(self) -> int:
        return min(self.n, self.events)

    def chances(self, log_odds: float = 0.0, wide: int = 1) -> tuple[Ints, Floats]:
        """(values ascending, their probabilities) around the peak; what isn't listed has no probability to speak of.

        The noncentral distribution at this logarithm of the odds ratio. `wide` looks so many times as far into the tails,
        for whom the smallest numbers matter.
        """
        top = self._peak(log_odds)
        reach = wide * self._reach(top)
        first, last = max(self.low, top - reach), min(self.high, top + reach)
        values, falls = _falls(self, first, last)
        steps = log_odds - falls  # from one value's log weight to the next one's
        place = top - first
        logs = np.concatenate([-np.cumsum(steps[:place][::-1])[::-1], [0.0], np.cumsum(steps[place:])])
        weights = np.exp(logs - logs.max())
        return values, weights / weights.sum()

    def no_more_probable(self, observed: int, tie: float) -> tuple[float, float]:
        """(probability of all values no more probable than this one at even odds, its own), ties told within `tie`."""
        values, chance = self.chances(wide=4)
        if not values[0] <= observed <= values[-1]:
            return 0.0, 0.0
        own = float(chance[observed - values[0]])
        return min(float(chance[chance <= own * (1 + tie)].sum()), 1.0), own

    def _fall(self, k: int) -> float:
        return math.log((k + 1) / (self.n - k)) + math.log((self.m - self.events + k + 1) / (self.events - k))

    def _peak(self, log_odds: float) -> int:
        """The value from which on chances no longer rise."""
        low, high = self.low, self.high
        while low < high:
            middle = (low + high) // 2
            if self._fall(middle) >= log_odds:
                high = middle
            else:
                low = middle + 1
        return low

    def _reach(self, top: int) -> int:
        """How far from the peak the normal curve that bends alike has come down to nothing."""
        k = min(max(top - 1, self.low), self.high - 2)
        bend = self._fall(k + 1) - self._fall(k) if k >= self.low else 1.0
        return int(min(DEPTH / math.sqrt(max(bend, 1e-15)), self.high - self.low)) + MORE


@lru_cache(8)  # of a small table it is always the same, whatever odds ratio is looked for
def _falls(given: Hypergeometric, first: int, last: int) -> tuple[Ints, Floats]:
    """Values from first to last, and the logarithm of each one's weight over the next one's at even odds; it rises."""
    values = np.arange(first, last + 1)
    k = values[:-1]
    falls = np.log((k + 1.0) / (given.n - k)) + np.log((given.m - given.events + k + 1.0) / (given.events - k))
    values.flags.writeable = falls.flags.writeable = False
    return values, falls
