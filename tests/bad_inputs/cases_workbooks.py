"""Workbooks and typed files: what people do to sheets, what damage does to archives, what types can't hold."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from tests.bad_inputs import workbooks as xl
from tests.bad_inputs.bends import EVENTS, SUBJECTS, Bend, raw, study
from tests.bad_inputs.case import fine, refused, repaired, warned
from tests.bad_inputs.typed_files import arrow, arrow_column, moment, real_dates, typed, values

FIRST_SERIAL = date(1899, 12, 30)
FAR = b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
BLANK = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'


def put(cell: str, value: Any) -> Bend:
    """One cell of the sheet."""
    return xl.workbook(lambda book, sheet: sheet.__setitem__(cell, value))


def every(column: int, change: Any) -> Bend:
    """Every filled cell of a column below its name; `change` is given the cell."""
    return xl.workbook(
        lambda book, sheet: [
            change(line[0])
            for line in sheet.iter_rows(min_row=2, min_col=column, max_col=column)
            if line[0].value is not None
        ]
    )


def cut(file: str, share: float = 0.6) -> Bend:
    return raw(file, lambda data: data[: int(len(data) * share)])


def flipped(data: bytes) -> bytes:
    return data[:2000] + bytes([data[2000] ^ 255]) + data[2001:]


def beside(book: Any, sheet: Any) -> None:
    """The first columns once more to the right."""
    for row in range(1, 8):
        for column in range(1, 4):
            sheet.cell(row, 17 + column, sheet.cell(row, column).value)


def below(book: Any, sheet: Any) -> None:
    """A blank row and another table."""
    for line in ([], [cell.value for cell in sheet[1]], ["P99", "R", 40]):
        sheet.append(line)


SHEETS = (
    warned(
        "sheet-column-hidden",
        "a hidden column",
        "W_HIDDEN_COLUMNS",
        xl.workbook(lambda book, sheet: setattr(sheet.column_dimensions["O"], "hidden", True)),
        column="peak",
        same=True,
    ),
    warned(
        "sheet-hidden",
        "a hidden sheet",
        "W_HIDDEN_SHEET",
        xl.workbook(lambda book, sheet: (book.create_sheet("x"), setattr(sheet, "sheet_state", "hidden"))),
        same=True,
    ),
    warned(
        "sheet-struck-out", "a patient struck out", "W_STRUCK_OUT", xl.workbook(xl.struck_out), says="A5, B5", same=True
    ),
    repaired(
        "sheet-texts", "numbers stored as text", "R_TEXT_NUMBER", every(3, lambda c: setattr(c, "value", str(c.value)))
    ),
    fine("sheet-dates", "real dates", xl.workbook(xl.real_dates)),
    fine("sheet-dates-1904", "real dates of the other date system", xl.workbook(xl.real_dates_1904)),
    refused(
        "sheet-serials",
        "dates shown as numbers",
        "E_DATE_SERIAL",
        every(5, lambda c: setattr(c, "value", (date.fromisoformat(c.value) - FIRST_SERIAL).days)),
        column="infusion_date",
    ),
    refused(
        "sheet-hour", "a date with a time of day", "E_DATE_FORMAT", put("E2", datetime(2022, 1, 10, 14, 30)), row=2
    ),
    refused("sheet-clock", "a time of day for a date", "E_DATE_FORMAT", put("E4", time(14, 30)), row=4),
    refused("sheet-duration", "an elapsed time for a number", "E_NOT_NUMBER", put("C4", timedelta(hours=34)), row=4),
    refused(
        "sheet-age-as-date",
        "an age shown as a date",
        "E_NOT_NUMBER",
        xl.workbook(lambda book, sheet: setattr(sheet["C4"], "number_format", "dd.mm.yyyy")),
        row=4,
    ),
    fine("sheet-truth", "TRUE and FALSE for states", every(10, lambda c: setattr(c, "value", bool(c.value)))),
    refused(
        "sheet-below", "another table below", "E_SECOND_TABLE", xl.workbook(below), row=26, says='cells = "A1:P24"'
    ),
    refused("sheet-beside", "the same columns to the right", "E_DUP_COLUMN", xl.workbook(beside), says="1 and 18"),
    fine("sheet-remarks", "remarks to the right", put("S3", "check this one")),
    refused(
        "sheet-unknown",
        "a sheet that isn't there",
        "E_SHEET_MISSING",
        xl.workbook(),
        study('file = "subjects.xlsx"', 'file = "subjects.xlsx"\nsheet = "patient"'),
        says="did you mean 'patients'",
    ),
    refused(
        "sheet-empty", "an empty sheet", "E_COLUMN_MISSING", xl.workbook(lambda book, sheet: sheet.delete_rows(1, 99))
    ),
    fine("sheet-far-cell", "a cell that was formatted in the last row", xl.parts(xl.SHEET, b"</sheetData>", FAR)),
    fine("sheet-far-blank", "a blank in the last row", xl.parts(xl.SHEET, b"</sheetData>", BLANK)),
    fine("sheet-dimension", "a size that lies", xl.parts(xl.SHEET, b'ref="A1:P24"', b'ref="A1:XFD1048576"')),
    fine(
        "sheet-formula",
        "a formula with its value",
        xl.parts(xl.SHEET, b'<c r="C4" t="n"><v>46</v></c>', b'<c r="C4"><f>40+6</f><v>46</v></c>'),
    ),
    refused(
        "sheet-formula-error",
        "a formula that failed",
        "E_CELL_ERROR",
        xl.parts(xl.SHEET, b'<c r="C4" t="n"><v>46</v></c>', b'<c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        row=4,
    ),
    refused(
        "sheet-ids-rounded",
        "identifiers of twenty digits as numbers",
        "E_DUP_ID",
        every(1, lambda c: setattr(c, "value", 12345678901234567000 + c.row)),
    ),
)

DAMAGED = (
    fine("texts-apart", "texts in a part of their own", xl.shared_texts()),
    refused("texts-gone", "a workbook without its texts", "E_FILE_BROKEN", xl.shared_texts("gone")),
    refused("texts-short", "a text by a number that isn't there", "E_FILE_BROKEN", xl.shared_texts("short")),
    refused("texts-dtd", "a document type among the texts", "E_ARCHIVE_DTD", xl.shared_texts("typed")),
    refused("workbook-cut", "a workbook cut short", "E_FILE_BROKEN", xl.workbook(), cut("subjects.xlsx")),
    refused(
        "workbook-bit", "a workbook with a flipped byte", "E_FILE_BROKEN", xl.workbook(), raw("subjects.xlsx", flipped)
    ),
    refused("sheet-cut", "a sheet whose XML ends early", "E_FILE_BROKEN", xl.parts(xl.SHEET, b"</worksheet>", b"")),
    refused("styles-broken", "styles that aren't XML", "E_FILE_BROKEN", xl.parts("xl/styles.xml", b"<", b"")),
    refused(
        "style-unknown", "a style that isn't there", "E_FILE_BROKEN", xl.parts(xl.SHEET, b'r="C4"', b'r="C4" s="999"')
    ),
    refused(
        "number-of-words",
        "a number that is a word",
        "E_FILE_BROKEN",
        xl.parts(xl.SHEET, b"<v>46</v>", b"<v>forty</v>"),
        hides=("forty",),
    ),
    refused(
        "sheet-dtd", "a document type", "E_ARCHIVE_DTD", xl.parts(xl.SHEET, b"<worksheet", b"<!DOCTYPE x><worksheet")
    ),
    refused("parts-many", "a thousand parts", "E_ARCHIVE_LIMIT", xl.more({f"xl/media/{i}": b"" for i in range(1001)})),
    fine("part-climbs", "a part that climbs out of the archive", xl.more({"../../evil.txt": b"x"})),
    refused(
        "workbook-old",
        "an old workbook",
        "E_WRONG_TYPE",
        xl.bytes_of(b"\xd0\xcf\x11\xe0" + bytes(600)),
        says="password",
    ),
)

TYPED = (
    fine("spss", "the same table as SPSS", typed(SUBJECTS, "sav")),
    fine("spss-dates", "dates of SPSS", typed(SUBJECTS, "sav", real_dates)),
    fine("stata", "the same table as Stata", typed(SUBJECTS, "dta")),
    fine("stata-dates", "dates of Stata", typed(SUBJECTS, "dta", real_dates)),
    refused("spss-cut", "SPSS cut short", "E_FILE_BROKEN", typed(SUBJECTS, "sav"), cut("subjects.sav")),
    refused("stata-cut", "Stata cut short", "E_FILE_BROKEN", typed(SUBJECTS, "dta"), cut("subjects.dta")),
    refused(
        "transport-two",
        "two data sets in one transport file",
        "E_SHEET_AMBIGUOUS",
        typed(EVENTS, "xpt"),
        raw("events.xpt", lambda data: data + data[240:]),
        says="2 data sets",
    ),
    refused("parquet-cut", "Parquet cut short", "E_FILE_BROKEN", typed(SUBJECTS, "parquet"), cut("subjects.parquet")),
    fine("parquet-days", "days of Parquet", arrow_column("infusion_date", values(date.fromisoformat))),
    fine("parquet-midnight", "moments at midnight", arrow_column("infusion_date", moment())),
    refused("parquet-hour", "moments at nine", "E_DATE_FORMAT", arrow_column("infusion_date", moment(9))),
    refused("parquet-zone", "moments of a zone", "E_DATE_FORMAT", arrow_column("infusion_date", moment(0, "UTC"))),
    fine("parquet-truth", "truth values for states", arrow_column("os_event", values("1".__eq__))),
    fine("parquet-categories", "arms as categories", arrow_column("arm", lambda column: column.dictionary_encode())),
    fine("parquet-bytes", "arms as bytes", arrow_column("arm", values(str.encode))),
    refused(
        "parquet-bytes-odd", "bytes that are no text", "E_LEVEL", arrow_column("arm", values(lambda text: b"\xff"))
    ),
    refused("parquet-lists", "lists of ages", "E_CELL_NESTED", arrow_column("age", values(lambda text: [text]))),
    refused(
        "parquet-nothing", "a column of nothing", "E_VALUE_MISSING", arrow_column("age", values(lambda text: None))
    ),
    refused(
        "parquet-column-twice",
        "a column twice",
        "E_DUP_COLUMN",
        arrow(lambda t: t.append_column("age", t.column("sex"))),
    ),
    refused("parquet-no-rows", "no rows", "E_NO_ROWS", arrow(lambda table: table.slice(0, 0))),
    refused(
        "parquet-durations",
        "durations for ages",
        "E_NOT_NUMBER",
        arrow_column("age", values(lambda n: timedelta(int(n)))),
    ),
)

ALL = (*SHEETS, *DAMAGED, *TYPED)
