"""Tables as paper needs them: columns whose widths are settled, so that layout needn't find them by setting every cell twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from html import unescape

from report.columns import STEPS, Cell, Grid, needed, parts, starts, stays, widths
from report.typeset import JOINER

WIDTH = 9638  # of the text on A4, in twentieths of a point; the style sheet has 170 mm
SIZE = 147  # 8 points in a face that is a twelfth narrower than the one whose letters are counted
PADDING = 182  # of a cell, left and right together: 1.6 mm each
SMALL, SMALL_PADDING = SIZE * 7 // 8, 114  # 7 points, and 1 mm left and right, in a table that is too wide otherwise
BROKEN = 1300  # of the longest words in a table that has no room for them
LINE, PADDED, PAGE = 3.9, 1.4, 200  # millimetres: a line of a table, what a row has around it, what a page has room for
ROW = re.compile(r"<tr\b([^>]*)>(.*?)</tr>", re.S)
CELL = re.compile(r"<(th|td)\b([^>]*)>(.*?)</\1>", re.S)
TAG = re.compile(r"<[^>]*>")
BLANKS = re.compile(r"[ \t\n]+")  # where a line may end, unlike at a no-break space
SPAN = re.compile(r'colspan="(\d+)"')
NUMBER = re.compile(r'<td class="number">([^<(]+) (\([^<)]*\))</td>')


@lru_cache(64)
def fit(table: str) -> tuple[Grid, str] | None:
    """How a <table> finds room on a page, and the classes that say so: in smaller type where it needs that, and where the
    longest words have no room in it either, with these broken, as no number may run off the page. None when numbers would.
    """
    read = grid(table)
    if read is None:
        return None
    small = replace(read, size=SMALL, padding=SMALL_PADDING)
    ways = (read, "fitted"), (small, "fitted small"), (replace(read, most=BROKEN), "fitted broken"), \
        (replace(small, most=BROKEN), "fitted small broken")
    return next((way for way in ways if needed(way[0])[0] <= WIDTH), None)


@lru_cache(64)
def _columns(table: str) -> tuple[int, ...]:
    """The widths of a <table> that fits."""
    found = fit(table)
    return tuple(widths(found[0], WIDTH)) if found else ()


@lru_cache(64)  # a table is settled while others are counted, and its part asks again
def fitted(table: str) -> str:
    """A <table> with the widths of its columns; as it was where numbers would break in them, or rows aren't equally wide.

    A number's interval stands below it, whole, where both don't fit beside each other.
    """
    way = fit(table)
    if way is None:
        return table
    read, kind = way
    columns = _columns(table)
    total = sum(columns)
    columns = tuple(column * WIDTH // total for column in columns)
    at = iter([(sum(columns[start:start + cell.span]), cell, number)
               for number, row in enumerate(read.rows) for start, cell in zip(starts(row), row, strict=True)])

    def set_(found: re.Match[str]) -> str:
        width, cell, number = next(at)
        if read.room(cell, number) <= width or len(parts(cell.text)) < 2:
            return found[0]
        return NUMBER.sub(r'<td class="parts"><span>\1</span> <span>\2</span></td>', found[0])

    set_out = CELL.sub(set_, table)
    cols = "".join(f'<col style="width:{column / 20}pt"/>' for column in columns)
    head, mark, rest = set_out.partition("<thead>")
    head = head.replace("<table>", f'<table class="{kind}">', 1)
    return f"{head}<colgroup>{cols}</colgroup>{mark}{rest}"


@lru_cache(64)
def lines_of(table: str) -> tuple[int, ...]:
    """How many lines each row of a <table> takes, at the least; none where its columns can't be settled."""
    found = fit(table)
    if found is None:
        return ()
    read, _ = found
    columns = _columns(table)
    lines = []
    for number, row in enumerate(read.rows):
        rooms = [(sum(columns[at:at + cell.span]) - read.padding, cell) for at, cell in zip(starts(row), row, strict=True)]
        lines.append(max(1, *(-(-(read.room(cell, number) - read.padding) // max(room, 1)) for room, cell in rooms)))
    return tuple(lines)


def tall(table: str) -> bool:
    """Whether a <table> may be higher than a page, and so can't be kept on one."""
    lines = lines_of(table)
    if not lines:
        return grid(table) is not None  # it stands in panels, below each other
    return PADDED * len(lines) + LINE * sum(lines) > PAGE


@lru_cache(64)
def kept(table: str) -> str:
    """A <table> whose rows are marked that stay with the one before: a page ends neither behind the label of a group, nor
    before or behind a single row of it, nor behind the first row of all.
    """
    head, mark, body = table.partition("<tbody>")
    depths = [_depth(about, inner) for about, inner in ROW.findall(body)]
    rows = iter(range(len(depths)))

    def set_(found: re.Match[str]) -> str:
        row = next(rows)
        return found[0].replace("<tr", '<tr class="kept"', 1) if stays(depths, row) and not found[1] else found[0]

    return head + mark + ROW.sub(set_, body)


def _depth(about: str, inner: str) -> int:
    """A label of a block is set in the least, then rows by their own label."""
    first = CELL.search(inner)
    return -1 if "heading" in about else next((steps for kind, steps in STEPS.items() if first and f'"{kind}"' in first[2]), 0)


@lru_cache(64)
def grid(table: str) -> Grid | None:
    """The grid of a table; None when its rows aren't equally wide, or it isn't built as ours are."""
    top, mark, _ = table.partition("</thead>")
    if not mark or "rowspan" in table or "<thead>" not in top:
        return None
    found = ROW.findall(table)
    rows = tuple(tuple(_cell(*cell) for cell in CELL.findall(inner)) for _, inner in found)
    across = {sum(cell.span for cell in row) for row in rows}
    if len(across) != 1 or not any(across):
        return None
    groups = frozenset(number for number, (kinds, _) in enumerate(found) if "heading" in kinds)
    return Grid(rows, len(ROW.findall(top)), across.pop(), groups, SIZE, PADDING)


def _cell(tag: str, about: str, inner: str) -> Cell:
    text = BLANKS.sub(" ", unescape(TAG.sub("", inner.replace("<q>", "“").replace("</q>", "”").replace(JOINER, "")))).strip(" ")
    span = SPAN.search(about)
    indent: Sequence[int] = [steps for kind, steps in STEPS.items() if f'"{kind}"' in about]
    return Cell(text, int(span[1]) if span else 1, sum(indent))
