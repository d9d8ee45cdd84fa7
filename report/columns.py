"""How wide a table's columns should be, from the text that stands in them: the same table in Word and on paper.

A number stays on one line, and where there is no room for that, its interval goes to the next line as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Any

# widths of Arial's letters in parts of the type size; what isn't listed is as wide as a digit. Other widths here are in
# twentieths of a point
LETTERS = {"il.,;:'|!()[]/- Ijtf": 0.32, "%MWm": 0.9, "ABCDEFGHJKLNOPQRSTUVXYZ": 0.71}
DIGIT = 0.57
BOLD = 1.08  # how much wider
STUB_LEAST = 1700  # a column of labels wraps from this width, so that numbers needn't
AIR = 4  # a column of text asks for at least this part of its least width on top
LENGTHS = 1.5  # power mean of lengths in a column of text: tables are lowest by it, and one long cell makes no wide column
HANDED = (100, 200, 400, 800)  # room that a column hands to another, where that makes the table lower
SEARCHED, LONG = 100, 3  # rows that are looked at for it; lines beyond which a row is long, and may be longer
ROOMY = 1.15  # a table of numbers grows no wider than this many times what its text needs
INDENT = 200  # of a label, for each step
STEPS = {"in1": 1, "in2": 2}  # of a cell of this class
LONGEST, LETTERED = 48, 12  # a cell up to this long, with up to so many letters, is a number with what belongs to it
MANY = 6  # words; more of them are a list of numbers, which may end a line anywhere
PARTED = re.compile(r"(?<= )\((?=[\d−·.<>∞]|n\s=\s|N[A-Z]\b)")  # where a number's interval begins, or a group's size


@dataclass(frozen=True)
class Cell:
    """A cell's text, how many columns it covers, by how many steps it is indented, and what it was read from."""

    text: str
    span: int = 1
    indent: int = 0
    node: Any = None


@dataclass(frozen=True)
class Grid:
    """A table's rows of cells, the first `heads` of them header rows, over `columns` columns."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int
    columns: int
    groups: frozenset[int]  # indices of rows that head a group of rows
    size: int  # of the type, in twentieths of a point
    padding: int = 130  # of a cell, left and right together
    most: int = 0  # width that a single word may ask for, which is broken beyond it; 0: no word is

    def followed(self) -> set[int]:
        """Indices of rows that stay on one page with the next: the label of a group, and what would leave a row alone."""
        depths = [-1 if number in self.groups else row[0].indent for number, row in enumerate(self.rows)][self.heads:]
        return {self.heads + row - 1 for row in range(1, len(depths)) if stays(depths, row)}

    def room(self, cell: Cell, number: int) -> int:
        """The width of a cell's text on one line, as a cell of that row."""
        return self.length(cell.text, number < self.heads) + INDENT * cell.indent

    def length(self, text: str, bold: bool = False) -> int:
        """The width that a cell with this text needs."""
        return round(_ems(text) * self.size * (BOLD if bold else 1)) + self.padding


@dataclass(frozen=True)
class Demand:
    """What a column asks for: the width of its longest word or part of a number; of its longest cell on one line; of that
    with the head on two lines or three; and with the head on one line, too. `bulk` is the mean width of its cells, in which
    long ones count for more.
    """

    least: int
    body: int
    wish: int
    whole: int
    bulk: int
    numeric: bool


def needed(grid: Grid) -> tuple[int, int]:
    """The width below which words would break, and below which numbers would take two lines."""
    demands = _demands(grid)
    stub, *rest = demands
    labels = max(stub.least, min(stub.wish, STUB_LEAST))
    return sum(one.least for one in demands), labels + sum(one.body if one.numeric else one.least for one in rest)


def widths(grid: Grid, width: int) -> list[int]:
    """The columns' widths, which sum to `width`, or to less where a table of numbers needs less.

    Each column gets what it can't do without; then numbers get a line each, as far as there is room, then labels and
    heads; beside columns of text, labels share with them what the numbers leave.
    """
    demands = _demands(grid)
    stub, *rest = demands
    numeric = all(one.numeric for one in rest)
    if numeric:
        width = min(width, max(round(sum(one.whole for one in demands) * ROOMY), width // 2))
    found = [one.least for one in demands]
    spare = width - sum(found)
    if spare < 0:
        found = [low * width // sum(found) for low in found]
        return [width - sum(found[1:]), *found[1:]]

    def grant(columns: Sequence[int], wanted: int, spare: int) -> int:
        """All of them get it, or none: columns that ask for the same look the same."""
        more = [max(wanted - found[column], 0) for column in columns]
        if sum(more) > spare:
            return spare
        for column, one in zip(columns, more, strict=True):
            found[column] += one
        return spare - sum(more)

    spare = grant([0], min(stub.wish, STUB_LEAST, found[0] + spare), spare)
    for wish in sorted({one.wish for one in rest if one.numeric}):
        spare = grant([i for i, one in enumerate(demands) if i and one.numeric and one.wish == wish], wish, spare)
    if numeric:
        spare = grant([0], min(stub.whole, found[0] + spare), spare)
        for whole in sorted({one.whole for one in rest}):
            spare = grant([i for i, one in enumerate(demands) if i and one.whole == whole], whole, spare)
        shares = [1] * grid.columns
    else:
        # by what they hold, and to each column of text some air, as letters may be wider where Arial is missing
        shares = [0 if at and one.numeric else max(one.bulk - found[at], found[at] // AIR) for at, one in enumerate(demands)]
    found = [low + spare * share // sum(shares) for low, share in zip(found, shares, strict=True)]
    found = [width - sum(found[1:]), *found[1:]]
    if numeric:
        return found
    return _lower(grid, found, {at: one.least for at, (one, share) in enumerate(zip(demands, shares, strict=True)) if share})


def _lower(grid: Grid, found: list[int], least: Mapping[int, int]) -> list[int]:
    """The widths with room handed from one column to another as long as that takes lines off the table; least: the columns that
    give and take, with what each keeps.
    """
    rows = [[(at, grid.room(cell, number), grid.padding + INDENT * cell.indent)
             for at, cell in zip(starts(row), row, strict=True) if cell.span == 1 and at in least]
            for number, row in enumerate(grid.rows[:SEARCHED])]

    def height(widths: Sequence[int]) -> int:
        lines = ((-(-(room - around) // max(widths[at] - around, 1)) for at, room, around in row) for row in rows)
        return sum(min(max(row, default=1), LONG) for row in lines)

    lines = height(found)
    while True:
        tried = []
        for giver, taker, more in product(least, least, HANDED):
            if giver != taker and found[giver] - more >= least[giver] * (AIR + 1) // AIR:
                moved = list(found)
                moved[giver] -= more
                moved[taker] += more
                tried.append((height(moved), more, moved))
        best = min(tried, default=(lines, 0, found))
        if best[0] >= lines:
            return found
        lines, _, found = best


def numeric(text: str) -> bool:
    """Whether a cell holds a number with what belongs to it, rather than words."""
    return len(text) <= LONGEST and sum(map(str.isalpha, text)) <= LETTERED and len(text.split()) <= MANY


def stays(depths: Sequence[int], row: int) -> bool:
    """Whether a row stays on one page with the one before, so that none stands alone; depths: how far each row is set in, the
    label of a block the least."""
    if row < 2 or depths[row - 1] < depths[row]:  # its label, or the first of all
        return row > 0
    if depths[row] != depths[row - 1]:
        return False
    ends = row + 1 == len(depths) or depths[row + 1] < depths[row]
    return depths[row] > min(depths) and (ends or depths[row - 2] < depths[row])


def parts(text: str) -> list[str]:
    """A number and its interval, a head and its size; anything else is one part."""
    found = PARTED.search(text)
    return [text[:found.start()].rstrip(), text[found.start():]] if found else [text]


def starts(row: Sequence[Cell]) -> list[int]:
    """The first column of each cell of a row."""
    return [sum(cell.span for cell in row[:place]) for place in range(len(row))]


def _demands(grid: Grid) -> list[Demand]:
    """Per column, from the cells that stand in it alone."""
    columns: list[list[tuple[Cell, int]]] = [[] for _ in range(grid.columns)]
    for number, row in enumerate(grid.rows):
        for at, cell in zip(starts(row), row, strict=True):
            if cell.span == 1:
                columns[at].append((cell, number))
    return [_demand(grid, cells, at == 0) for at, cells in enumerate(columns)]


def _demand(grid: Grid, cells: Sequence[tuple[Cell, int]], stub: bool) -> Demand:
    """What a column of (cell, number of its row) asks for."""
    numbers = not stub and all(number < grid.heads or numeric(cell.text) for cell, number in cells)
    least = 0
    for cell, number in cells:
        head = number < grid.heads
        pieces = parts(cell.text) if numbers else [cell.text]
        words = pieces if numbers and not head else [*" ".join(pieces).split(" "), *pieces[1:]]
        lengths = [grid.length(word, head) for word in words]
        least = max(least, *(min(one, grid.most) if grid.most and not (numbers and not head) else one for one in lengths))
    rooms = [(grid.room(cell, number), number < grid.heads) for cell, number in cells]
    body = max([least, *(room for room, head in rooms if not head)])
    wish = max([body, *(room // 2 + grid.padding for room, head in rooms if head)])
    whole = max([wish, *(room for room, _ in rooms)])
    filled = [room for room, head in rooms if not head] or [whole]
    bulk = (sum(room**LENGTHS for room in filled) / len(filled)) ** (1 / LENGTHS)
    return Demand(least, body, wish, whole, round(bulk), numbers)


@lru_cache(2000)
def _ems(text: str) -> float:
    """The length of a line in Arial, in parts of the type size."""
    return sum(map(_width, text))


@cache
def _width(letter: str) -> float:
    return next((width for letters, width in LETTERS.items() if letter in letters), DIGIT)
