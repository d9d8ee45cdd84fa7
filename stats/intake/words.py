"""Texts by number, and the order of rows: what a million rows cost is the work on their distinct texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Words:
    """`values` holds every distinct text once (None for a missing one); `codes[i]` is the place in it of row i."""

    values: list[str | None]
    codes: np.ndarray

    @classmethod
    def of(cls, texts: np.ndarray) -> Words:
        places: dict[str | None, int] = {}
        codes = np.fromiter((places.setdefault(text, len(places)) for text in texts), dtype=np.int32, count=len(texts))
        return cls(list(places), codes)

    def through(self, codes: np.ndarray) -> Words:
        """The same texts for rows that are numbers into these."""
        return Words(self.values, self.codes[codes])

    def kept(self, keep: np.ndarray) -> Words:
        return Words(self.values, self.codes[keep])

    def missing(self) -> np.ndarray:
        """Rows without a text."""
        return np.array([value is None for value in self.values], dtype=bool)[self.codes]

    def counts(self) -> np.ndarray:
        """How many rows have each value."""
        return np.bincount(self.codes, minlength=len(self.values))

    def places(self, others: dict[str | None, int]) -> np.ndarray:
        """For every row the number that its text has among others, -1 where it isn't there."""
        return np.array([others.get(value, -1) for value in self.values], dtype=np.int64)[self.codes]

    def ranks(self) -> np.ndarray:
        """Numbers that sort as the texts do, missing last."""
        rank = np.empty(len(self.values), dtype=np.int64)
        known = sorted((value, place) for place, value in enumerate(self.values) if value is not None)
        rank[[place for _, place in known]] = np.arange(len(known))
        rank[[place for place, value in enumerate(self.values) if value is None]] = len(known)
        return rank[self.codes]


def order(keys: list[np.ndarray], others: Callable[[], list[np.ndarray]]) -> np.ndarray:
    """Positions of the rows in ascending order of `keys`, most important first; `others` decide between equal rows.

    Missing numbers and dates come last. Rows that agree in everything keep their order.
    """
    size = len(keys[0]) if keys else 0
    keys = [_plain(key) for key in keys]
    found = np.arange(size) if _ascends(keys) else np.lexsort(keys[::-1])
    tied = np.ones(max(size - 1, 0), dtype=bool)
    for key in keys:
        tied &= key[found[1:]] == key[found[:-1]]
    if not tied.any():
        return found
    run = np.concatenate([[0], np.cumsum(~tied)])
    places = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
    rows = found[places]
    found[places] = rows[np.lexsort([*(_plain(key[rows]) for key in reversed(others())), run[places]])]
    return found


def _plain(key: np.ndarray) -> np.ndarray:
    """A key without missing values: they become the largest."""
    if key.dtype.kind == "M":
        whole = key.astype("datetime64[ns]").view(np.int64)
        return np.where(np.isnat(key), np.iinfo(np.int64).max, whole)
    return np.where(np.isnan(key), np.inf, key) if key.dtype.kind == "f" else key


def _ascends(keys: list[np.ndarray]) -> bool:
    """Whether the rows stand in order already, as files often come."""
    tied = np.ones(max(len(keys[0]) - 1, 0), dtype=bool) if keys else np.zeros(0, dtype=bool)
    for key in keys:
        if (tied & (key[1:] < key[:-1])).any():
            return False
        tied &= key[1:] == key[:-1]
    return True
