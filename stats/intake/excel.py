"""Excel workbooks: what a person sees and what the file holds can differ, so everything that could mislead is named."""

from __future__ import annotations

import os
from datetime import date, datetime, time
from typing import Any

from stats.findings import counted, nearest
from stats.intake import archive
from stats.intake.dates import ISO
from stats.intake.numbers import PLAIN
from stats.intake.raw import Builder, Raw
from stats.intake.source import SEARCHED, SUMMARY, Source, joined
from stats.study.layout import letters
from stats.study.types import Column

LISTED = 12  # rows or cells named in one message
WIDE = Column("value", "number")  # a day's column of a series whose days stand beside each other


def read(source: Source) -> Raw | None:
    """The declared sheet, or the only one that fits; None after noting why it can't be used."""
    if not archive.sound(source):
        return None
    os.environ["OPENPYXL_LXML"] = "False"  # lxml would expand entities; the archive was searched for them as well
    import openpyxl

    try:
        book = openpyxl.load_workbook(source.path, data_only=True, keep_links=False)
    except Exception as error:
        source.note("E_FILE_BROKEN", f"the workbook can't be read ({type(error).__name__})",
                    remedy="Save it again in Excel")
        return None
    sheet = _sheet(source, book)
    if sheet is None:
        return None
    source.sheet = sheet.title if len(book.sheetnames) > 1 else source.frame.sheet
    return _table(source, sheet)


def _sheet(source: Source, book: Any) -> Any:
    sheets = {sheet.title: trimmed(sheet) for sheet in book.worksheets}
    wanted = source.frame.sheet
    if wanted:
        if wanted not in sheets:
            source.note("E_SHEET_MISSING", f"there is no sheet called {wanted}{nearest(wanted, sheets)}",
                        remedy=f"The workbook has: {', '.join(sheets)}")
            return None
        return sheets[wanted]
    if len(sheets) == 1:
        return next(iter(sheets.values()))
    required = set(source.required()) or {"subject"}
    fitting = [title for title,
               sheet in sheets.items() if required <= {name.strip() for name in _header(source, sheet)}]
    if len(fitting) > 1:
        source.note("E_SHEET_AMBIGUOUS", f"{len(fitting)} sheets hold the same columns: {', '.join(fitting)}",
                    remedy=f'Declare sheet = "{fitting[0]}" in [frames.{source.frame.name}], or another')
        return None
    if not sheets:
        source.note("E_SHEET_MISSING", "the workbook has no sheet with cells")
        return None
    return sheets[fitting[0]] if fitting else next(iter(sheets.values()))


def trimmed(sheet: Any) -> Any:
    """The sheet without its blank cells: one that was only formatted, a million rows down, would make a million rows."""
    cells = sheet._cells  # by row and column; what a sheet's size is reckoned from
    values = ((place, cell.value) for place, cell in cells.items())
    for place in [place for place, value in values if value is None or (isinstance(value, str) and not value.strip())]:
        del cells[place]
    return sheet


def _bounds(source: Source, sheet: Any) -> tuple[int, int, int, int]:
    """(first row, last row, first column, last column) that are read: the declared cells, else the whole sheet."""
    return source.frame.options.get("cells") or (1, sheet.max_row, 1, sheet.max_column)


def _header(source: Source, sheet: Any) -> list[str]:
    """Names of the columns; of several rows of names the words of each column together, merged ones in every column."""
    _, _, left, right = _bounds(source, sheet)
    lines = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(
        min_row=source.header_rows[0], max_row=source.header_row, min_col=left, max_col=right, values_only=True)]
    if len(lines) > 1:
        for merged in sheet.merged_cells.ranges:
            if merged.min_row in source.header_rows[:-1]:
                line = lines[merged.min_row - source.header_rows[0]]
                for place in range(max(merged.min_col, left), min(merged.max_col, right) + 1):
                    line[place - left] = str(sheet.cell(merged.min_row, merged.min_col).value or "")
    header = joined(lines)
    while header and not header[-1].strip():
        header.pop()
    return header


def _table(source: Source, sheet: Any) -> Raw | None:
    header = _header(source, sheet)
    first = source.header_row + 1
    _, last, left, right = _bounds(source, sheet)
    begin = max(1, source.header_rows[0] - SEARCHED)
    around = {row: ["" if value is None else str(value) for value in cells] for row, cells in enumerate(sheet.iter_rows(
        min_row=begin, max_row=min(sheet.max_row, first + SEARCHED), min_col=left, max_col=right, values_only=True), begin)
        if row not in source.header_rows}
    positions = source.locate(header, around)
    source.letters = {name.strip(): letters(left + place) for place, name in reversed(list(enumerate(header)))
                      if name.strip()}
    if positions is None:
        return None
    places = {place: name for name, place in positions.items()}
    _misleading(source, sheet, places, first)
    builder, look = Builder(positions), _Look(source, places)
    texts, numbers, blank = [], [], []
    for cells in sheet.iter_rows(min_row=first, max_row=last, min_col=left, max_col=left + len(header) - 1):
        record = [look.text(cell, place) for place, cell in enumerate(cells)]
        if not any(text.strip() for text in record):
            blank.append(cells[0].row)
            continue
        texts.append(record)
        numbers.append(cells[0].row)
    if source.frame.options.get("cells"):
        _below(source, sheet, positions)
    inside = [row for row in blank if numbers and row < numbers[-1]]
    if inside:
        source.note("R_BLANK_LINE", f"{counted(len(inside), 'blank row')} left out: {_listed(inside)}", inside[0])
    builder.add(texts, numbers)
    look.finish()
    _formulas(source, sheet, places, first)
    return None if source.fatal else builder.build(source.unused(header, positions), source.sheet)


def _listed(items: list[Any]) -> str:
    return ", ".join(map(str, items[:LISTED])) + (f" and {len(items) - LISTED} more" if len(items) > LISTED else "")


def _misleading(source: Source, sheet: Any, places: dict[int, str], first: int) -> None:
    """Merged cells, hidden rows, columns and sheets."""
    _, last, left, _ = _bounds(source, sheet)
    for merged in sheet.merged_cells.ranges:
        inside = any(merged.min_col <= left + place <= merged.max_col for place in places)
        if not inside or merged.max_row < source.header_row or merged.min_row > last:
            continue
        if merged.max_row == source.header_row and merged.min_row in source.header_rows:
            continue  # a name that stands in the upper of two rows of names
        if merged.max_row >= source.header_row:
            source.note("E_MERGED_CELLS", f"the cells {merged.coord} are merged: only the first of them holds a value",
                        merged.min_row, source.header(places.get(merged.min_col - left, "")),
                        "Unmerge them and fill in every cell")
    hidden = [row for row,
              shape in sorted(sheet.row_dimensions.items()) if shape.hidden and first <= row <= min(last, sheet.max_row)]
    if hidden:
        source.note("W_HIDDEN_ROWS", f"{counted(len(hidden), 'hidden row', 'is')} included: {_listed(hidden)}", hidden[0],
                    remedy="Show or delete them, so that what you see is what is counted")
    from openpyxl.utils import column_index_from_string

    for letter, shape in sheet.column_dimensions.items():
        start = shape.min or column_index_from_string(letter)
        names = [source.header(name) for place, name in places.items() if start <= left + place <= (shape.max or start)]
        if shape.hidden and names:
            source.note("W_HIDDEN_COLUMNS", f"{counted(len(names), 'hidden column', 'is')} included: {', '.join(names)}",
                        None, names[0])
    if sheet.sheet_state != "visible":
        source.note("W_HIDDEN_SHEET", f"the sheet {sheet.title} is hidden in the workbook")


class _Look:
    """Cells to text, collecting what is odd about them."""

    def __init__(self, source: Source, places: dict[int, str]):
        self.source, self.places = source, places
        self.errors: list[tuple[Any, str]] = []
        self.percent: dict[str, int] = {}
        self.typed: dict[str, int] = {}
        self.struck: list[str] = []
        self.fills: dict[str, dict[str, list[str]]] = {}  # column: colour: cells

    def text(self, cell: Any, place: int) -> str:
        value = cell.value
        name = self.places.get(place)
        if name is None:
            return "" if value is None else "x"
        if value is None:
            return ""
        if cell.has_style and cell.font.strike:
            self.struck.append(cell.coordinate)
        counts = self.fills.setdefault(name, {})
        counts.setdefault(_colour(cell), []).append(cell.coordinate)
        column = self.source.columns.get(name, WIDE)
        if cell.data_type == "e":
            self.errors.append((cell, name))
            return ""
        if isinstance(value, str):
            if column.type == "number" and PLAIN.fullmatch(value.strip()):
                self.typed[name] = self.typed.get(name, 0) + 1
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float) and column.type == "number" and "%" in str(cell.number_format):
            self.percent[name] = self.percent.get(name, 0) + 1
        text = spelled(value, self.source.frame.date_format)
        # Excel knows this number: the decimal sign that the frame declares is that of numbers typed as text
        return text.replace(".", self.source.decimal) if column.type == "number" and isinstance(value, float) else text

    def finish(self) -> None:
        source = self.source
        for cell, name in self.errors[:1000]:
            source.note("E_CELL_ERROR", f"cell {cell.coordinate} holds the error {cell.value}", cell.row,
                        source.header(name),
                        "Mend the formula, or leave the cell empty")
        for name, count in self.percent.items():
            source.note("W_PERCENT_FORMAT", f"{counted(count, 'cell', 'is')} shown in percent: 35% is read as 0.35", None,
                        source.header(name),
                        "Make sure that the unit you declare fits the stored number")
        for name, count in self.typed.items():
            source.note("R_TEXT_NUMBER", f"{counted(count, 'number', 'was')} stored as text, and read as a number", None,
                        source.header(name))
        if self.struck:
            source.note("W_STRUCK_OUT", f"{counted(len(self.struck), 'cell', 'is')} struck out and counted like any other: "
                        f"{_listed(self.struck)}", None, "",
                        "Delete what isn't meant, or leave the rows out with where and a column that says it")
        coloured = {name: counts for name, counts in self.fills.items() if len(counts) > 1}
        if coloured:
            cells: dict[str, list[str]] = {}
            for counts in coloured.values():
                usual = max(counts.values(), key=len)
                for colour, places in counts.items():
                    if colour and places is not usual:
                        cells.setdefault(colour, []).extend(places)
            listed = "; ".join(_listed(places) for places in cells.values())
            headers = [source.header(name) for name in coloured]
            source.note("W_COLOUR_CODING", f"some cells are coloured; colours carry no data here: {', '.join(headers)}"
                        + (f" ({listed})" if listed else ""), None, headers[0],
                        "If a colour means something, add a column that says it")


def _colour(cell: Any) -> str:
    fill = cell.fill if cell.has_style else None
    return f"{fill.fgColor.type}{fill.fgColor.value}" if fill is not None and fill.fill_type == "solid" else ""


def spelled(value: Any, date_format: str = "") -> str:
    """A typed cell as the text a CSV would hold: whole numbers without a point, dates in the frame's own format."""
    if isinstance(value, datetime):
        if value.time() != time(0) or value.tzinfo is not None:
            return value.isoformat(sep=" ")
        value = value.date()
    if isinstance(value, date):
        return _dated(value, date_format or ISO)
    if isinstance(value, float) and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def _dated(value: date, date_format: str) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    parts = {"%Y": f"{value.year:04}", "%y": f"{value.year % 100:02}", "%m": f"{value.month:02}",
             "%d": f"{value.day:02}",
             "%b": months[value.month - 1]}
    for directive, text in parts.items():
        date_format = date_format.replace(directive, text)
    return date_format


def _formulas(source: Source, sheet: Any, places: dict[int, str], first: int) -> None:
    """Formulas whose value was never stored would look like missing cells."""
    if not archive.has_formulas(source):
        return
    import openpyxl

    plain = trimmed(openpyxl.load_workbook(source.path, data_only=False, keep_links=False)[sheet.title])
    _, last, left, _ = _bounds(source, plain)
    key = next((place for place, name in places.items() if name == "subject"), None)
    for cells in plain.iter_rows(min_row=first, max_row=last, min_col=left, max_col=left + max(places, default=0)):
        if key is not None and SUMMARY.fullmatch(str(cells[key].value or "").strip()):
            continue  # a total is refused as such
        for place, cell in enumerate(cells):
            if place in places and cell.data_type == "f" and sheet.cell(cell.row, cell.column).value is None:
                source.note("E_FORMULA_NO_VALUE", f"cell {cell.coordinate} holds a formula and no stored value",
                            cell.row,
                            source.header(places[place]),
                            "Open the workbook in Excel and save it, so that values are stored")


def _below(source: Source, sheet: Any, positions: dict[str, int]) -> None:
    """The row under the declared cells: one that is filled like a patient's was hardly meant to be left out."""
    _, last, left, right = _bounds(source, sheet)
    row = next(sheet.iter_rows(min_row=last + 1, max_row=last + 1, min_col=left, max_col=right, values_only=True), ())
    read = [place for place in positions.values() if place < len(row)]
    filled = [place for place in read if row[place] not in (None, "")]
    key = positions.get("subject")
    who = str(row[key] or "").strip() if key is not None and key < len(row) else ""
    if len(filled) > 0.5 * len(read) and (key is None or (who and not SUMMARY.fullmatch(who))):
        source.note("W_ROW_OUTSIDE", f"row {last + 1}, right below the declared cells, is filled and left out", last + 1,
                    remedy=f"Stretch cells in [frames.{source.frame.name}] if it belongs to the table")
