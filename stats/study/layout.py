"""How a table lies in its file: rows of the header, cells of a block, formats of its dates, columns that are days."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from stats.study.part import Part, is_number

DATE_WORDS = (("yyyy", "%Y"), ("yy", "%y"), ("mmm", "%b"), ("mm", "%m"), ("dd", "%d"))
DATE_PARTS = re.compile(r"[^%]*%(Y|y|m|b|d)" * 3 + r"[^%]*")
CELLS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})")
TOLD_BY_WIDE = ("analyte", "day", "date", "end_day", "end_date")
LOWEST_HEADER = 100_000  # no file has its column names further down


def letters(number: int) -> str:
    """A column's letters in a spreadsheet: 1 is A, 27 is AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def place(name: str) -> int:
    """The number of a column from its letters."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def spelled(cells: tuple[int, int, int, int]) -> str:
    """(first row, last row, first column, last column) as Excel writes a range."""
    top, bottom, left, right = cells
    return f"{letters(left)}{top}:{letters(right)}{bottom}"


def options(part: Part, frame: str, file: str) -> dict[str, Any]:
    """`header_row`, and where they are declared `header_rows`, `cells`, `date_formats` and `wide`."""
    found: dict[str, Any] = {}
    cells = _cells(part, file)
    if cells:
        found["cells"] = cells
    rows = _header_rows(part, cells[0] if cells else 1)
    if cells and not cells[0] <= rows[0] <= rows[-1] < cells[1]:
        part.wrong(
            "header_row" if "header_row" in part.table else "cells", f"inside of {spelled(cells)}, with rows below it"
        )
    found["header_row"] = rows[-1]
    if len(rows) > 1:
        found["header_rows"] = rows
    wide = _wide(part, frame)
    if wide:
        found["wide"] = wide
    return found


def _cells(part: Part, file: str) -> tuple[int, int, int, int] | None:
    value = part.text("cells")
    if not value:
        return None
    hit = CELLS.fullmatch(value.upper().replace("$", ""))
    if hit is None:
        part.wrong("cells", 'a range as Excel writes it, such as "A5:L25"')
        return None
    if not file.lower().endswith(".xlsx"):
        part.wrong("cells", "left out: only a workbook (.xlsx) has cells")
        return None
    left, top, right, bottom = place(hit[1]), int(hit[2]), place(hit[3]), int(hit[4])
    if left > right or top >= bottom:
        part.wrong("cells", "a range from its upper left to its lower right cell, the column names included")
        return None
    return top, bottom, left, right


def _header_rows(part: Part, usual: int) -> tuple[int, ...]:
    value = part.table.get("header_row")
    if not isinstance(value, list):
        return (part.whole("header_row", usual, least=1, most=LOWEST_HEADER) or usual,)
    part.raw("header_row")
    whole = [row for row in value if isinstance(row, int) and not isinstance(row, bool) and row >= 1]
    if not whole or whole != value or any(b != a + 1 for a, b in pairwise(whole)):
        part.wrong("header_row", "a row, or rows that follow each other, such as 5 or [4, 5]")
        return (usual,)
    return tuple(whole)


def _wide(part: Part, frame: str) -> dict[str, tuple[str, float]]:
    """Header → (analyte, day) of a series whose days stand beside each other."""
    found: dict[str, tuple[str, float]] = {}
    for analyte, inner in part.tables("wide"):
        for header, day in inner.table.items():
            inner.raw(header)
            if not is_number(day):
                inner.wrong(header, "the day on which this column was measured, a number")
            elif header in found:
                inner.book.add("E_CONFIG_VALUE", (*inner.place, header), f"column {header} stands under two analytes")
            else:
                found[header] = (analyte, float(day))
    if found and frame != "series":
        part.wrong("wide", "left out: only [frames.series] has days beside each other")
        return {}
    columns = part.table.get("columns")
    for name in TOLD_BY_WIDE if found else ():
        if isinstance(columns, dict) and name in columns:
            part.book.add(
                "E_CONFIG_VALUE",
                (*part.place, "columns", name),
                f"wide says the analyte and the day of each value, so {name} can't be declared",
                f"Take {name} or wide out",
            )
    return found


def date_formats(part: Part) -> tuple[str, ...]:
    """The declared formats with directives such as %d, also when they were written dd/mm/yyyy; none when none is declared.

    Two that could read one cell in two ways are refused.
    """
    found: list[str] = []
    shapes: dict[str, str] = {}
    for declared in part.texts("date_format"):
        spelled_out = _date_format(declared)
        if not spelled_out:
            part.wrong(
                "date_format",
                'a date format such as "%d/%m/%Y" or "dd/mm/yyyy", with day, month and year once '
                "each, or a list of such formats",
            )
            return ()
        shape = re.sub("%[dm]", "#", spelled_out)
        if shapes.setdefault(shape, spelled_out) != spelled_out:
            part.wrong(
                "date_format",
                f"without {shapes[shape]} and {spelled_out} together: both read the same cell, as different days",
            )
            return ()
        found.append(spelled_out)
    return tuple(found)


def _date_format(declared: str) -> str:
    if declared.upper() == "ISO":
        return "%Y-%m-%d"
    made = declared
    if "%" not in declared:
        made = re.sub(
            "yyyy|yy|mmm|mm|dd", lambda found: dict(DATE_WORDS)[found[0].lower()], declared, flags=re.IGNORECASE
        )
    found = DATE_PARTS.fullmatch(made)
    right = found is not None and {part.lower().replace("b", "m") for part in found.groups()} == {"y", "m", "d"}
    return made if right else ""
