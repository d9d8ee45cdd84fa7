"""Tables wider than a page, in panels below each other: the labels of the rows stand in each, and no column is lost."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from report.columns import Grid, starts
from report.printed_table import CELL, ROW, SPAN, fit, grid

CAPTION = re.compile(r"<caption>.*?</caption>", re.S)
NAME = re.compile(r"<b>([^<]*?)\.?</b>")
CONTINUED = "<caption><b>{} (continued).</b></caption>"


@lru_cache(64)
def panels(table: str) -> tuple[str, ...]:
    """The <table>, or, where even small type leaves no room for all its columns, tables that hold them in turn: as few as
    do, each with about as many columns.
    """
    read = grid(table)
    if read is None or fit(table):
        return (table,)
    ends = _ends(read)
    for count in range(2, len(ends) + 1):
        cuts = [ends[len(ends) * part // count] if part < count else read.columns for part in range(count + 1)]
        made = tuple(_panel(table, read, low, high) for low, high in pairwise(cuts))
        if all(map(fit, made)):
            return tuple(_continued(one, table) if number else one for number, one in enumerate(made))
    return (table,)


def _ends(read: Grid) -> list[int]:
    """Columns that a panel may begin with: no head goes from one panel into the next."""
    inside = {start + step for row in read.rows for start, cell in zip(starts(row), row, strict=True) if start
              for step in range(1, cell.span)}
    return [column for column in range(1, read.columns) if column not in inside]


def _panel(table: str, read: Grid, low: int, high: int) -> str:
    """The table with the labels of its rows and the columns from low to before high; a heading covers them all."""
    numbers = iter(range(len(read.rows)))

    def cells(row: re.Match[str]) -> str:
        of = read.rows[next(numbers)]
        at = iter(zip(starts(of), of, strict=True))

        def cell(found: re.Match[str]) -> str:
            start, one = next(at)
            if not start:
                return SPAN.sub(f'colspan="{1 + high - low}"', found[0]) if one.span > 1 else found[0]
            return found[0] if low <= start < high else ""

        return CELL.sub(cell, row[0])

    return ROW.sub(cells, table)


def _continued(panel: str, table: str) -> str:
    """A panel behind the first, under the table's number alone."""
    named = NAME.search(table)
    return CAPTION.sub(CONTINUED.format(named[1]) if named else "", panel)
