"""The key of a plot: samples of the arms with their numbers, set where no curve runs, or above the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from report.arms import Look
from report.plot import DIGIT, POINT, Box, Sheet, fitted, wrapped

SAMPLE = 6.0  # millimetres of line shown for an arm
GAP = 2.5  # millimetres between columns
CELL = 0.5  # millimetres: resolution of the search for free space
OFF = 2.0  # millimetres off the axes, so that no line of a key looks like a curve
CLEAR = 1.3  # millimetres kept between text and a curve
MOST_BAND = 0.45  # share of the key that may lie on the light interval bands
THINNER = 0.85  # share of a curve's width that the line of a competing event has
NARROW = 18.0  # millimetres: a name is not broken into lines narrower than this


@dataclass(frozen=True)
class Entry:
    """One line of the plot: its look and width, its name in one or more lines, and the texts of the columns after it."""

    look: Look
    label: tuple[str, ...]
    texts: tuple[str, ...] = ()
    thick: float = 1.0  # share of a curve's width


@dataclass(frozen=True)
class Key:
    """Column heads in one or more lines (as many heads as an entry has texts), one entry per arm, then the test."""

    heads: tuple[tuple[str, ...], ...] = ()
    entries: tuple[Entry, ...] = ()
    lines: tuple[str, ...] = ()

    def columns(self, sheet: Sheet) -> list[float]:
        """Width of the label column and of each further one, in millimetres."""
        small = sheet.small
        names = [sheet.wide(line, small) for entry in self.entries for line in entry.label]
        widths = [SAMPLE + 1.2 + max(names, default=0.0)] if self.entries else []
        for j, head in enumerate(self.heads):
            widths.append(max(sheet.wide(s, small) for s in (*head, *(e.texts[j] for e in self.entries))))
        return widths

    @property
    def broken(self) -> bool:
        """Whether a name takes several lines."""
        return any(len(entry.label) > 1 for entry in self.entries)

    @property
    def head_lines(self) -> int:
        return max((len(head) for head in self.heads), default=0)

    def size(self, sheet: Sheet) -> tuple[float, float]:
        """Width and height in millimetres."""
        columns = self.columns(sheet)
        table = sum(columns) + GAP * max(len(columns) - 1, 0)
        wide = max([table, *(sheet.wide(s, sheet.small) for s in self.lines)])
        rows = self.head_lines + sum(len(e.label) for e in self.entries) + len(self.lines)
        return wide, rows * sheet.pitch(sheet.small) + (0.6 if self.lines else 0.0)

    def within(self, sheet: Sheet, room: float) -> Key:
        """The same key no wider than the room: heads break into lines, then names; only then is anything shortened."""
        flat = replace(self, heads=tuple((" ".join(head),) for head in self.heads))
        if flat.size(sheet)[0] <= room:
            return flat
        over = self.size(sheet)[0] - room
        if over <= 0:
            return self
        longest = max((sheet.wide(s, sheet.small) for e in self.entries for s in e.label), default=0.0)
        wide = max(longest - over, NARROW)
        entries = tuple(replace(e, label=tuple(wrapped(sheet, " ".join(e.label), wide, sheet.small, most=4)))
                        for e in self.entries)
        return Key(self.heads, entries, tuple(fitted(sheet, s, room, sheet.small) for s in self.lines))

    def draw(self, sheet: Sheet, left: float, top: float) -> None:
        """Set the key with its upper left corner at (left, top)."""
        small, pitch = sheet.small, sheet.pitch(sheet.small)
        columns = self.columns(sheet)
        starts = [left + sum(columns[:j]) + GAP * j for j in range(len(columns))]
        base = top - small * POINT * 0.95
        for j, head in enumerate(self.heads):
            for k, line in enumerate(head, self.head_lines - len(head)):
                sheet.text(starts[j + 1], base - k * pitch, line, size=small, colour="#333333", gid="key-head")
        base -= self.head_lines * pitch
        for entry in self.entries:
            middle = base + small * POINT * DIGIT / 2
            sheet.line([left, left + SAMPLE], [middle, middle], colour=entry.look.colour,
                       width=1.3 * entry.thick, dash=entry.look.line, gid="key-sample")
            for j, text in enumerate(entry.texts):
                sheet.text(starts[j + 1], base, text, size=small, gid="key-text")
            for line in entry.label:
                sheet.text(left + SAMPLE + 1.2, base, line, size=small, colour=entry.look.ink, gid="key-label")
                base -= pitch
        if self.lines:
            base -= 0.6
        for line in self.lines:
            sheet.text(left, base, line, size=small, gid="key-line")
            base -= pitch


def free(box: Box, wide: float, high: float, lines: Sequence[tuple[np.ndarray, np.ndarray]],
         bands: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[float, float] | None:
    """Upper left corner, in mm, of a block of that size inside the box that no line crosses, or None: there is none.

    `lines` are vertices (x, y), `bands` (x, lower, upper), all in data coordinates. Among the free places those off the
    bands win, then the one nearest the upper right corner.
    """
    across, up = int(box.width / CELL), int(box.height / CELL)
    w, h = int(np.ceil(wide / CELL)), int(np.ceil(high / CELL))
    if w >= across or h >= up:
        return None
    taken, shaded = np.zeros((up, across)), np.zeros((up, across))
    for xs, ys in lines:
        _mark(box, taken, xs, ys, ys, CLEAR)
    for xs, low, top in bands:
        _mark(box, shaded, xs, low, top, 0.0)
        for edge in (low, top):
            _mark(box, taken, xs, edge, edge, CELL / 2)
    blocked, covered = _sums(taken, w, h), _sums((shaded > 0).astype(float), w, h)
    allowed = (blocked == 0) & (covered <= MOST_BAND * w * h)
    off = int(np.ceil(OFF / CELL))
    allowed[:off], allowed[:, :off] = False, False
    if not allowed.any():
        return None
    rows, columns = np.indices(allowed.shape)
    away = (columns.max() - columns) + (rows.max() - rows)
    corner = np.minimum(columns.max() - columns, columns) + np.minimum(rows.max() - rows, rows)
    cost = np.where(allowed, 4.0 * covered / (w * h) + 0.004 * away + 0.01 * corner, np.inf)
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return box.left + float(column) * CELL, box.bottom + float(row + h) * CELL


def _mark(box: Box, grid: np.ndarray, xs: np.ndarray, low: np.ndarray, high: np.ndarray, clear: float) -> None:
    """Count up the cells of a grid that lie between two step lines, grown by `clear` millimetres."""
    across = np.array([box.x(x) for x in xs]) - box.left
    bottom = np.array([box.y(y) for y in low]) - box.bottom
    top = np.array([box.y(y) for y in high]) - box.bottom
    there = np.isfinite(bottom) & np.isfinite(top)
    at = np.flatnonzero(there[:-1] & there[1:])
    low, high = np.minimum(bottom[at], bottom[at + 1]) - clear, np.maximum(top[at], top[at + 1]) + clear
    first, last = across[at] - clear, across[at + 1] + clear
    cells = (low / CELL, np.ceil(high / CELL), first / CELL, np.ceil(last / CELL))
    for down, up, left, right in zip(*(np.maximum(side, 0).astype(int).tolist() for side in cells), strict=True):
        grid[down:up, left:right] += 1


def _sums(grid: np.ndarray, w: int, h: int) -> np.ndarray:
    """Sum of every h × w window, indexed by its lower left cell."""
    total = np.pad(grid, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return total[h:, w:] - total[:-h, w:] - total[h:, :-w] + total[:-h, :-w]
