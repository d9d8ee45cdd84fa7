"""Where the tables of a sheet lie: under titles, above totals and notes, below and beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stats.intake.numbers import COMMA, PLAIN
from stats.intake.source import NOTE, SUMMARY, joined

Grid = Sequence[Sequence[str]]  # rows of cells as text, '' where empty; all rows equally long
Merged = Sequence[tuple[int, int, int, int]]  # (first row, last row, first column, last column), counted from 0

LOOKED = 30  # rows in which the column names are looked for
NAMED = re.compile(
    r"(?:u?subj(?:ect)?|pat(?:ient(?:en)?|iente)?\.?|"
    r"participant|study|record|case|screen|person)?[_. -]*(?:id|no|nr|num(?:ber)?)\.?"
    r"|(?:n[°ºo]\.?|num[eé]ro)[ _]*(?:de |du )?(?:patient|paciente|historia|dossier|sujet)"
    r"|u?subject|patient|paciente|upn|pid(?:num)?|u?subjid|participant|record_id",
    re.I,
)
DATED = re.compile(r"\d{1,4}[-./ ]\w{1,9}[-./ ]\d{2,4}.*")


@dataclass(frozen=True)
class Block:
    """A table in a grid: rows of its names, its rows, its columns (from and to, both included, counted from 0)."""

    header: tuple[int, ...]
    rows: tuple[int, ...]
    left: int
    right: int
    names: tuple[str, ...]
    left_out: tuple[str, ...] = ()  # what stands below it and is no part of it, in words

    @property
    def bottom(self) -> int:
        return self.rows[-1]


def blocks(grid: Grid, merged: Merged = ()) -> list[Block]:
    """Every table of the grid, from above and from the left; a legend or a title is none."""
    if not any(map(any, grid)):
        return []
    heads = _heads(grid)
    found: list[Block] = []
    for place, head in enumerate(heads):
        end = heads[place + 1] if place + 1 < len(heads) else len(grid)
        for left, right in _beside(grid, head, end):
            block = _block(grid, merged, head, end, left, right)
            if block is not None:
                found.append(block)
    return found


def _filled(row: Sequence[str]) -> list[int]:
    return [i for i, cell in enumerate(row) if cell]


def worded(cell: str) -> bool:
    """Whether a cell could be the name of a column: no number, no date."""
    return not (PLAIN.fullmatch(cell) or COMMA.fullmatch(cell) or DATED.fullmatch(cell))


def _heads(grid: Grid) -> list[int]:
    """Rows that hold column names: the first that is filled as widely as what follows, and later ones that name patients."""
    widths = [len(_filled(row)) for row in grid]
    heads: list[int] = []
    for i, row in enumerate(grid):
        names = [row[j] for j in _filled(row)]
        if len(names) < 2 or not all(map(worded, names)) or not any(widths[i + 1 :]):
            continue
        if heads:
            again = names[0].casefold() in (cell.casefold() for cell in grid[heads[0]])
            named = any(map(NAMED.fullmatch, names)) and widths[i - 1] < 2
            if (again or named) and len(set(names)) == len(names):
                heads.append(i)
        elif len(set(names)) < len(names) <= widths[i + 1] and any(map(NAMED.fullmatch, grid[i + 1])):
            continue  # headings; the names stand below them
        elif i < LOOKED and 2 * len(names) > max(widths[i + 1 : i + 11], default=0):
            heads.append(i)
    return heads or [next((i for i, width in enumerate(widths) if width), 0)]


def _beside(grid: Grid, head: int, end: int) -> Iterator[tuple[int, int]]:
    """First and last columns of the tables that begin in a row: parted by an empty column, each with its own patients."""
    width = len(grid[head])
    used = [any(grid[i][j] for i in range(head, end)) for j in range(width)]
    starts = [j for j in range(width) if used[j] and (j == 0 or not used[j - 1])]
    more = [j for j in starts[1:] if any(NAMED.fullmatch(cell) for cell in _run(grid[head], used, j))]
    parts = [*starts[:1], *more]
    for start, follower in zip(parts, [*parts[1:], width]):
        last = max(j for j in range(start, follower) if used[j])
        yield start, last


def _run(row: Sequence[str], used: Sequence[bool], start: int) -> Iterator[str]:
    for j in range(start, len(row)):
        if not used[j]:
            return
        yield row[j]


def _block(grid: Grid, merged: Merged, head: int, end: int, left: int, right: int) -> Block | None:
    header = _header(grid, merged, head, left, right)
    names = tuple(joined([_line(grid, merged, i, left, right, i < header[-1]) for i in header]))
    rows = [i for i in range(header[-1] + 1, end) if any(grid[i][left : right + 1])]
    left_out: list[str] = []
    while rows and _aside(grid[rows[-1]][left : right + 1]):
        cell = next(cell for cell in grid[rows[-1]][left : right + 1] if cell)
        what = "a summary" if SUMMARY.fullmatch(cell.rstrip(":")) else "a note or a title"
        left_out.insert(0, f"row {rows[-1] + 1} ({what})")
        rows.pop()
    if not rows or sum(map(bool, names)) < 2:
        return None
    return Block(header, tuple(rows), left, right, names, tuple(left_out))


def patients_of(grid: Grid, block: Block) -> tuple[int, ...]:
    """The rows of a block without totals and means at its end, which `check` asks a person to delete."""
    rows = list(block.rows)
    while rows[1:] and SUMMARY.fullmatch(next(cell for cell in grid[rows[-1]] if cell).rstrip(":")):
        rows.pop()
    return tuple(rows)


def _aside(cells: Sequence[str]) -> bool:
    """Whether a last row is a total, or a sentence with nothing beside it."""
    filled = _filled(cells)
    first = cells[filled[0]]
    return bool(SUMMARY.fullmatch(first.rstrip(":"))) or (
        len(filled) == 1 and (len(cells) > 2 or bool(NOTE.fullmatch(first)))
    )


def _header(grid: Grid, merged: Merged, head: int, left: int, right: int) -> tuple[int, ...]:
    """The row of names; with the one above where that names what has no name in it, or tells equal names apart; with the
    one below where merged cells reach down to it, or stand above several names."""
    row = grid[head][left : right + 1]
    if _goes_on(grid, merged, head, left, right):
        below = grid[head + 1][left : right + 1]
        named = len(set(filter(None, below))) >= len([cell for cell in joined([row, below]) if cell])
        return (head + 1,) if named else (head, head + 1)
    if head == 0:
        return (head,)
    above = _line(grid, merged, head - 1, left, right, True)
    unnamed = any(up and not name for up, name in zip(above, row))
    twice = len(set(filter(None, row))) < sum(map(bool, row)) and len(set(filter(None, joined([above, row])))) == sum(
        map(bool, row)
    )
    reaches = any(top <= head - 1 and bottom == head and left <= first <= right for top, bottom, first, _ in merged)
    several = len(set(filter(None, above))) > 1
    return (head - 1, head) if (several and (unnamed or twice)) or reaches else (head,)


def _goes_on(grid: Grid, merged: Merged, head: int, left: int, right: int) -> bool:
    """Whether names go on in the next row: cells merged over several columns have a name under each of them."""
    mine = [(bottom, first, last) for top, bottom, first, last in merged if top == head and left <= first <= right]
    if any(bottom == head + 1 for bottom, _, _ in mine):
        return True
    wide = [(first, last) for bottom, first, last in mine if bottom == head and last > first]
    if not wide or head + 1 >= len(grid):
        return False
    under = [cell for first, last in wide for cell in grid[head + 1][first : last + 1]]
    return all(cell and worded(cell) for cell in under)


def _line(grid: Grid, merged: Merged, row: int, left: int, right: int, upper: bool) -> list[str]:
    """A row of names; in an upper one the words of merged cells stand in each column they cover."""
    line = list(grid[row])
    for top, _, first, last in merged if upper else ():
        if top == row:
            line[first : last + 1] = [line[first]] * (last + 1 - first)
    return line[left : right + 1]
