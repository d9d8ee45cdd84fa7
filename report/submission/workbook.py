"""A table as a spreadsheet: one sheet as it prints, one with the numbers behind it, address by address.

Numbers are numbers, so that they can be set and sorted; text never becomes a formula; the same table gives the same bytes.
"""

from __future__ import annotations

import datetime
import html
import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from report.docx_package import zipped
from report.rules import Rules
from report.table import Table, plain
from report.typeset import curly
from stats.results import Results, number

PRINTED, NUMBERS = "Table", "Numbers"
HEADS = ("Address", "Statistic", "Value", "Method", "Note")
ADDRESS = re.compile(r'<data (?:class="kept" )?value="([^"]*)">')
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDE, NARROW = 44, 16  # characters
NAME = 31  # characters that a sheet's name may have
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write(table: Table, results: Results, rules: Rules, *, title: str, author: str, dated: datetime.date) -> bytes:
    """The .xlsx file. title: caption in the first row; dated: the data cut-off, as the only date in the file."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator, book.properties.title = author, title
    _printed(book.active, table, rules, title)
    _numbers(book.create_sheet(NUMBERS), table, results)
    return saved(book, dated)


def saved(book: Any, dated: datetime.date) -> bytes:
    """A workbook's bytes, without the time of day."""
    book.properties.created = datetime.datetime(dated.year, dated.month, dated.day)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    stamp = f"{dated.isoformat()}T00:00:00Z".encode()  # the library writes the time of day
    parts["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", parts["docProps/core.xml"])
    return zipped(parts)


def addresses(table: Table) -> list[str]:
    """Every address that the table prints from, in the order of reading."""
    texts = [head.label for head in (*table.spanners, *table.heads)]
    texts += [text for line in table.lines for text in (line.label, *line.cells)]
    found = (html.unescape(a) for text in (*texts, *table.notes) for a in ADDRESS.findall(str(text)))
    return list(dict.fromkeys(found))


def as_number(cell: Markup, rules: Rules) -> tuple[float, str] | None:
    """(value, number format) of a cell that prints one bare number in signs a spreadsheet can show; else None.

    The format keeps the printed decimals, the journal's minus, and a P value without its leading zero.
    """
    text = plain(cell)
    numbers = rules.numbers
    found = re.fullmatch(r"(−|-)?(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d+))?", text)
    bare = len(ADDRESS.findall(str(cell))) == 1 and str(cell).startswith("<data") and str(cell).endswith("</data>")
    if not (found and bare and any(c.isdigit() for c in text)):
        return None
    whole, part = found[2], found[3] or ""
    if (part and numbers.decimal != ".") or ("," in whole and numbers.thousands != ","):
        return None
    shape = ("#,##0" if "," in whole else "0" if whole else "") + (f".{'0' * len(part)}" if part else "")
    value = float(f"{whole.replace(',', '') or '0'}.{part or '0'}")
    return (-value if found[1] else value), f'{shape};"{numbers.minus}"{shape}'


def put(sheet: Any, row: int, column: int, value: str | float, form: str = "") -> Any:
    """A number as a number; text as text, though it begin like a formula."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)  # it stays text when somebody edits it, too
    elif form:
        cell.number_format = form
    return cell


def heads(sheet: Any, texts: Sequence[str]) -> None:
    """The first row, in bold, on every printed page."""
    from openpyxl.styles import Font

    for at, text in enumerate(texts, 1):
        put(sheet, 1, at, text).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = NARROW
    sheet.print_title_rows = "1:1"


def _printed(sheet: Any, table: Table, rules: Rules, title: str) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = PRINTED
    put(sheet, 1, 1, title).font = Font(bold=True)
    row = 2
    if table.spanners:
        at = 1
        for head in table.spanners:
            put(sheet, row, at, _text(head.label)).font = Font(bold=True)
            if head.span > 1:
                sheet.merge_cells(start_row=row, end_row=row, start_column=at, end_column=at + head.span - 1)
            at += head.span
        row += 1
    for at, head in enumerate(table.heads, 1):
        put(sheet, row, at, _text(head.label)).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(row, at).column_letter].width = WIDE if at == 1 else NARROW
    sheet.freeze_panes = sheet.cell(row + 1, 2)
    sheet.print_title_rows = f"2:{row}"
    for row, line in enumerate(table.lines, row + 1):  # noqa: B020  # the next row after the heads
        label = put(sheet, row, 1, _text(line.label))
        label.alignment, label.font = Alignment(indent=line.indent, wrap_text=True), Font(bold=line.heading)
        for at, cell in enumerate(line.cells, 2):
            found = as_number(cell, rules)
            made = put(sheet, row, at, *found) if found else put(sheet, row, at, _text(cell))
            made.alignment = Alignment(horizontal="left", wrap_text=True)
    for row, note in enumerate(table.notes, row + 1):  # noqa: B020
        put(sheet, row, 1, _text(note))


def _numbers(sheet: Any, table: Table, results: Results) -> None:
    heads(sheet, HEADS)
    for at in range(1, len(HEADS) + 1):
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = WIDE if at in (1, 5) else NARROW
    sheet.freeze_panes = "A2"
    for row, values in enumerate(_rows(table, results), 2):
        for at, value in enumerate(values, 1):
            put(sheet, row, at, value)


def _rows(table: Table, results: Results) -> Iterator[tuple[str | float, ...]]:
    """A row for every statistic behind the table; "inf" and "nan" stay the words that results.csv has for them."""
    for address in addresses(table):
        cell = results[address]
        for stat, value in cell.stats.items():
            known = value if math.isfinite(value) else number(value)
            yield address, stat, known, cell.methods[stat], cell.notes[stat]


def _text(part: Markup) -> str:
    """What stands in a cell, with the apostrophes of the page."""
    return plain(Markup(curly(str(part))))  # it was Markup
