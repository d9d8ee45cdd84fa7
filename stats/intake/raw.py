"""A table as text, before types: for every column its distinct cells once, and for every row a number into them.

Checking and converting then costs one look at each distinct cell, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, TypeVar

import numpy as np

from stats import ordering

T = TypeVar("T")
TOGETHER = 1000  # distinct cells looked at as one text


@dataclass(frozen=True)
class Cells:
    """`distinct` cells; `codes[i]` is the place in it of row i."""

    distinct: list[str]
    codes: np.ndarray

    def counts(self) -> np.ndarray:
        """How many rows hold each distinct cell."""
        return np.bincount(self.codes, minlength=len(self.distinct))

    def rows_of(self, places: Iterable[int]) -> np.ndarray:
        """Positions of the rows that hold any of these distinct cells, in order."""
        wanted = np.zeros(len(self.distinct), dtype=bool)
        wanted[list(places)] = True
        return np.flatnonzero(wanted[self.codes]) if len(self.codes) else np.empty(0, dtype=int)

    def kept(self, keep: np.ndarray) -> Cells:
        return Cells(self.distinct, self.codes[keep])


class Marked(NamedTuple):
    """A cell of a column that nobody reads, in which a pattern of what identifies somebody was found."""

    header: str
    row: int
    cell: str


@dataclass(frozen=True)
class Raw:
    """`columns` by the study's names; `rows` are row numbers as a spreadsheet shows them; `unused` headers not read.

    `marked` are cells of these, None where the reader did not look at them.
    """

    columns: Mapping[str, Cells]
    rows: np.ndarray
    unused: tuple[str, ...] = ()
    sheet: str = ""
    marked: Sequence[Marked] | None = None

    def kept(self, keep: np.ndarray) -> Raw:
        return Raw({name: cells.kept(keep) for name, cells in self.columns.items()}, self.rows[keep], self.unused,
                   self.sheet)


class Builder:
    """Collects rows in portions; only the wanted positions of each row are kept."""

    def __init__(self, positions: Mapping[str, int]):
        self.positions = dict(positions)
        self._first: dict[str, dict[str, int]] = {name: {} for name in positions}  # cell: the row that had it first
        self._codes: dict[str, list[np.ndarray]] = {name: [] for name in positions}
        self._rows: list[np.ndarray] = []
        self._count = 0

    def add(self, records: Sequence[Sequence[str]], rows: Iterable[int]) -> None:
        """Records of equal length with their spreadsheet rows."""
        if not records:
            return
        columns = list(zip(*records, strict=True))
        for name, position in self.positions.items():
            firsts = map(self._first[name].setdefault, columns[position], count(self._count))
            self._codes[name].append(np.fromiter(firsts, dtype=np.int32, count=len(records)))
        self._rows.append(np.fromiter(rows, dtype=np.int64))
        self._count += len(records)

    def build(self, unused: Sequence[str] = (), sheet: str = "") -> Raw:
        empty = np.empty(0, dtype=np.int32)
        columns = {}
        for name, first in self._first.items():
            rows = np.concatenate([empty, *self._codes[name]])
            columns[name] = Cells(list(first), _dense(rows, np.fromiter(first.values(), dtype=np.int32)))
        return Raw(columns, np.concatenate([np.empty(0, dtype=np.int64), *self._rows]), tuple(unused), sheet)


def _dense(codes: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Rows of first sight to places in the list of distinct cells."""
    place = np.zeros(len(codes), dtype=np.int32)
    place[firsts] = np.arange(len(firsts), dtype=np.int32)
    return place[codes]


def places(cells: Sequence[str], may: Callable[[Sequence[str]], bool], is_so: Callable[[str], object]) -> list[int]:
    """Places of the cells of which something holds. `may` rules it out for many cells at a time, as it mostly can."""
    found: list[int] = []
    for number, part in enumerate(portions(cells)):
        if may(part):
            found += [place for place, cell in enumerate(part, number * TOGETHER) if is_so(cell)]
    return found


def portions(cells: Sequence[T]) -> Iterator[Sequence[T]]:
    """Distinct cells, or places of them, so many at a time as are looked at together."""
    for start in range(0, len(cells), TOGETHER):
        yield cells[start:start + TOGETHER]


def numbered(first: int, count: int) -> np.ndarray:
    """Row numbers as a spreadsheet shows them, of so many rows from the first on."""
    return np.arange(first, first + count, dtype=np.int32 if first + count < 1 << 31 else np.int64)


def coded(places: np.ndarray, spelled: Sequence[str]) -> Cells:
    """Cells from places in a list of texts that may repeat: equal texts become one."""
    once = dict.fromkeys(spelled)
    if len(once) == len(spelled):
        return Cells(list(once), np.asarray(places, dtype=np.int32))
    distinct = {text: place for place, text in enumerate(once)}
    lookup = np.array([distinct[text] for text in spelled], dtype=np.int32)
    return Cells(list(distinct), lookup[np.asarray(places)] if len(lookup) else np.empty(0, dtype=np.int32))


def sighted(cells: Cells) -> Cells:
    """The same cells, the distinct ones in the order in which rows have them, without those that no row has."""
    top = -1
    for rows in ordering.portions(len(cells.codes)):
        part = cells.codes[rows]
        tops = np.maximum.accumulate(np.append(top, part))
        if (part > tops[:-1] + 1).any():
            break
        top = int(tops[-1])
    else:
        return Cells(cells.distinct[:top + 1], cells.codes)
    first = np.full(len(cells.distinct), len(cells.codes), dtype=np.int64)
    first[cells.codes[::-1]] = np.arange(len(cells.codes))[::-1]  # the last assignment wins: the first row
    order = np.argsort(first, kind="stable")[:int((first < len(cells.codes)).sum())]
    place = np.zeros(len(first), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return Cells([cells.distinct[old] for old in order.tolist()], place[cells.codes])


class Rows:
    """Spreadsheet rows of a frame, kept in its attrs: never copied, equal only to itself."""

    def __init__(self, rows: np.ndarray):
        self._rows = rows

    def __getitem__(self, position: Any) -> Any:
        return self._rows[position]

    def __len__(self) -> int:
        return len(self._rows)

    def __deepcopy__(self, memo: Any) -> Rows:
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._rows, dtype=dtype)


class Letters(dict[str, str]):
    """Columns of a workbook by header, kept in a frame's attrs, which pandas copies with every column taken: never copied."""

    def __deepcopy__(self, memo: Any) -> Letters:
        return self
