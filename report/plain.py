"""Tables for a terminal: columns as wide as they need, the last ones wrapped, in any width from forty characters."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

NARROWEST = 12


def width() -> int:
    """Characters in a line of this terminal; 100 where it has none (a pipe, a log)."""
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], across: int | None = None) -> list[str]:
    """Lines of a table with its heads underlined. What is too wide is wrapped inside its column."""
    if not rows:
        return []
    sizes = _sizes([heads, *rows], (across or width()) - 2 * (len(heads) - 1))
    lines = [_line(heads, sizes)[0], "  ".join("-" * size for size in sizes)]
    for row in rows:
        lines += _line(row, sizes)
    return [line.rstrip() for line in lines]


def _sizes(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths of columns: as needed where that fits, otherwise the widest gives way first."""
    sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    while sum(sizes) > room and max(sizes) > NARROWEST:
        sizes[sizes.index(max(sizes))] -= 1
    return sizes


def _line(cells: Sequence[str], sizes: Sequence[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, size) or [""] for cell, size in zip(cells, sizes)]
    height = max(len(part) for part in wrapped)
    filled = [part + [""] * (height - len(part)) for part in wrapped]
    return ["  ".join(part[i].ljust(size) for part, size in zip(filled, sizes)) for i in range(height)]
