"""Texts by number: what a million rows cost is the work on their distinct texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np

WIDEST = 64  # bytes of a text up to which many are compared as rows of bytes


class Texts(list[str | None]):
    """Distinct texts, None for a missing one; what is found out about them is found out once for all who share them."""

    def __init__(self, texts: Iterable[str | None] = (), hole: int | None = None):
        super().__init__(texts)
        if hole is not None:
            self.hole = hole

    @cached_property
    def hole(self) -> int:
        """The place of None, -1 where there is none."""
        return next((place for place, text in enumerate(self) if text is None), -1)

    @cached_property
    def rank(self) -> np.ndarray:
        """For every text its place among all of them in order of their characters, None last."""
        known = [text for text in self if text is not None]
        rows = _bytes(known)
        if rows is None:
            order = np.array(sorted(range(len(known)), key=known.__getitem__), dtype=np.int64)
        elif (rows[1:] > rows[:-1]).all():
            order = np.arange(len(known))
        else:
            order = np.argsort(_whole(rows))
        inside = np.empty(len(known), dtype=np.int32)
        inside[order] = np.arange(len(known), dtype=np.int32)
        return np.insert(inside, self.hole, len(known)) if self.hole >= 0 else inside

    def places(self, others: Texts) -> np.ndarray:
        """For every text its place among others, -1 where it isn't there.

        Lists that agree are compared as they stand, others as sorted rows of bytes: a table of a million texts to look
        each one up in would not stay in the processor's cache.
        """
        if self is others or self == others:
            return np.arange(len(self), dtype=np.int32)
        ours, theirs = (_bytes(texts) if texts.hole < 0 else None for texts in (self, others))
        if ours is None or theirs is None:
            return self.looked_up(dict(zip(others, range(len(others)))))
        return _matched(ours, theirs)

    def looked_up(self, places: dict[str | None, int]) -> np.ndarray:
        """For every text the number that it has in a table, -1 where it isn't there."""
        return np.fromiter(map(places.get, self, repeat(-1)), dtype=np.int32, count=len(self))


@dataclass(frozen=True)
class Words:
    """`values` holds every distinct text once; `codes[i]` is the place in it of row i."""

    values: Texts
    codes: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str | None] | np.ndarray) -> Words:
        places: dict[str | None, int] = {}
        codes = np.fromiter((places.setdefault(text, len(places)) for text in texts), dtype=np.int32, count=len(texts))
        return cls(Texts(places), codes)

    @classmethod
    def constant(cls, text: str | None, count: int) -> Words:
        """The same text in every row."""
        return cls(Texts([text]), np.zeros(count, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: Any) -> Words:
        """The same texts for some of the rows: positions, or which of all."""
        return Words(self.values, self.codes[rows])

    def through(self, codes: np.ndarray) -> Words:
        """The same texts for rows that are numbers into these."""
        return Words(self.values, self.codes[codes])

    def missing(self) -> np.ndarray:
        """Rows without a text."""
        return self.codes == self.values.hole if self.values.hole >= 0 else np.zeros(len(self), dtype=bool)

    def counts(self) -> np.ndarray:
        """How many rows have each value."""
        return np.bincount(self.codes, minlength=len(self.values))

    def levels(self) -> tuple[np.ndarray, np.ndarray]:
        """(the texts that some row has in order of their characters, for every value its place among these or -1)."""
        here = np.flatnonzero(self.counts())
        here = here[here != self.values.hole]
        here = here[np.argsort(self.values.rank[here])]
        place = np.full(len(self.values), -1, dtype=np.int32)
        place[here] = np.arange(len(here), dtype=np.int32)
        return objects([self.values[number] for number in here.tolist()]), place

    def text(self, row: int | np.integer[Any]) -> str | None:
        return self.values[self.codes[row]]

    def texts(self) -> np.ndarray:
        """Every row's text as an object, None where it is missing."""
        return objects(self.values)[self.codes]

    def places(self, others: dict[str | None, int]) -> np.ndarray:
        """For every row the number that its text has among others, -1 where it isn't there."""
        return self.values.looked_up(others)[self.codes]

    def ranks(self) -> np.ndarray:
        """Numbers that sort as the texts do, missing last."""
        return self.values.rank[self.codes]


def concatenated(parts: Sequence[Words]) -> Words:
    """The rows of several, one after the other."""
    values = Texts(dict.fromkeys(text for part in parts for text in part.values))
    return Words(values, np.concatenate([part.values.places(values)[part.codes] for part in parts]))


def objects(values: Sequence[Any]) -> np.ndarray:
    """A list as an array of objects, whatever they are."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _bytes(texts: Sequence[Any]) -> np.ndarray | None:
    """Texts as rows of bytes, which sort as they do; None for what isn't plain ASCII of moderate length.

    A zero byte at the end of a text would be lost; none gets here, since characters of control are refused.
    """
    if max(map(len, texts), default=0) > WIDEST:
        return None
    try:
        return np.array(texts, dtype="S")
    except UnicodeEncodeError:
        return None


def _whole(rows: np.ndarray) -> np.ndarray:
    """Texts of up to eight bytes as whole numbers in the same order, which sort many times as fast."""
    return rows.astype("S8").view(">u8").astype(np.uint64) if rows.dtype.itemsize <= 8 else rows


def _matched(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """The place of each of ours among theirs, which are all different; -1 for none."""
    if not len(theirs):
        return np.full(len(ours), -1, dtype=np.int32)
    if max(ours.dtype.itemsize, theirs.dtype.itemsize) <= 8:
        ours, theirs = _whole(ours), _whole(theirs)
    order = None if (theirs[1:] > theirs[:-1]).all() else np.argsort(theirs)
    ranked = theirs if order is None else theirs[order]
    at = np.minimum(np.searchsorted(ranked, ours), len(ranked) - 1)
    found = at if order is None else order[at]
    return np.where(ranked[at] == ours, found, -1).astype(np.int32)
