"""Large text files without surprises, by column: a line is a row, every row has the fields of the header, quotes stand in
pairs around whole cells or are doubled in them.

Such a file is taken apart column by column, many times as fast as row by row. Whether it is one is looked at first; any
other is left to the reader by row, which says what is odd and where, so that both give the same cells or this one none.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.intake.raw import Cells

if TYPE_CHECKING:
    import pyarrow as pa

SMALL = 2_000_000  # bytes below which reading by row takes no longer
BLOCK = 1 << 22  # bytes taken apart together
PORTION = 1 << 18  # bytes whose quotes are looked at together
QUOTE, RETURN, NEWLINE = b'"', b"\r", b"\n"


def below(data: bytes, lines: int) -> int:
    """Where the first so many lines end; 0 where nothing stands below them."""
    place = 0
    for _ in range(lines):
        place = data.find(NEWLINE, place) + 1
        if not place:
            return 0
    return place if place < len(data) else 0


@dataclass
class Columns:
    """Cells by name, and of the columns that nobody reads the cells that were to be marked: (row, cell) by position."""

    cells: dict[str, Cells]
    marked: dict[int, list[tuple[int, str]]]

    @property
    def count(self) -> int:
        return len(next(iter(self.cells.values())).codes)


def read(data: bytes, start: int, fields: int, positions: Mapping[str, int], delimiter: str,
         mark: Callable[[Sequence[str]], list[int]]) -> Columns | None:
    """Columns at these positions, from a byte of UTF-8 text on; None where that must go by row.

    Rows are the lines, counted from 0; no cell of the first column asked for is empty. `mark` gives the places of the
    cells to be marked, of many.
    """
    end = len(data)
    for line_end in (NEWLINE, RETURN + NEWLINE):  # empty lines at the end say nothing
        while data.endswith(line_end * 2, start, end):
            end -= len(line_end)
    if not positions or not _even(data, start) or not _paired(data, start, delimiter):
        return None
    import pyarrow as pa

    wanted = list(dict.fromkeys(positions.values()))
    others = [position for position in range(fields) if position not in wanted]
    parts: dict[int, list[pa.DictionaryArray]] = {position: [] for position in wanted}
    marked: dict[int, list[tuple[int, str]]] = {position: [] for position in others}
    row = 0
    try:
        for batch in _batches(pa.py_buffer(data).slice(start, end - start), fields, [*wanted, *others], delimiter):
            for position, cells in zip([*wanted, *others], batch.columns, strict=True):
                if position in parts:
                    parts[position].append(cells)
                else:
                    marked[position] += _marked(cells, mark, row)
            row += batch.num_rows
    except pa.ArrowInvalid:  # a row of more or fewer fields
        return None
    if not row or row != data.count(NEWLINE, start, end) + (data[end - 1:end] != NEWLINE):
        return None  # an empty line, or one that ends within quotes
    found = {position: _cells(parts.pop(position)) for position in wanted}
    pa.default_memory_pool().release_unused()
    if any(not cell or cell.isspace() for cell in found[wanted[0]].distinct):
        return None
    return Columns({name: found[position] for name, position in positions.items()}, marked)


def _marked(cells: pa.DictionaryArray, mark: Callable[[Sequence[str]], list[int]], first: int) -> list[tuple[int, str]]:
    texts = cells.dictionary.to_pylist()
    places = mark(texts)
    if not places:
        return []
    codes = cells.indices.to_numpy()
    rows = np.flatnonzero(np.isin(codes, places))
    return [(first + row, texts[code]) for row, code in zip(rows.tolist(), codes[rows].tolist())]


def _even(data: bytes, start: int) -> bool:
    """Whether lines end as one expects and are short enough to hold no cell beyond the limit of the reader by row."""
    if RETURN in data and data.count(RETURN) != data.count(RETURN + NEWLINE):
        return False
    stretch = csv.field_size_limit() // 2
    return all(data.find(NEWLINE, place, place + stretch) >= 0 for place in range(start, len(data) - stretch, stretch))


def _paired(data: bytes, start: int, delimiter: str) -> bool:
    """Whether every quote opens a cell or closes one, in turn: none is left open, or alone in the middle.

    A quote doubled within quotes is one that closes beside one that opens.
    """
    whole = np.frombuffer(data, dtype=np.uint8)
    edge = np.zeros(256, dtype=bool)
    edge[list(delimiter.encode() + RETURN + NEWLINE + QUOTE)] = True
    opened = 0
    for place in range(start, len(whole), PORTION):
        quotes = np.flatnonzero(whole[place:place + PORTION] == QUOTE[0]) + place
        after = quotes[1 - opened::2] + 1
        if not edge[whole[quotes[opened::2] - 1]].all() or not edge[whole[after[after < len(whole)]]].all():
            return False
        opened ^= len(quotes) & 1
    return not opened


def _batches(data: pa.Buffer, fields: int, positions: list[int], delimiter: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyarrow import csv as arrow

    names = [str(place) for place in positions]
    yield from arrow.open_csv(
        pa.BufferReader(data),
        arrow.ReadOptions(column_names=[str(place) for place in range(fields)], block_size=BLOCK, use_threads=False),
        arrow.ParseOptions(delimiter=delimiter, newlines_in_values=False),
        arrow.ConvertOptions(include_columns=names, null_values=[], strings_can_be_null=False, check_utf8=False,
                             column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string()))),
    )


def _cells(parts: list[pa.DictionaryArray]) -> Cells:
    """A column's portions together, each distinct cell once, in the order in which the rows have them."""
    import pyarrow as pa

    whole = pa.chunked_array(parts).unify_dictionaries()
    codes = np.concatenate([part.indices.to_numpy() for part in whole.chunks])
    return Cells(whole.chunk(whole.num_chunks - 1).dictionary.to_pylist(), codes)
