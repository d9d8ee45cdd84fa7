"""Files and tables: what is on the disk, how it is written, which rows and columns it has, whose rows they are."""

from __future__ import annotations

import gzip
import io

from tests.bad_inputs import workbooks as xl
from tests.bad_inputs.bends import (
    EVENTS,
    SERIES,
    SUBJECTS,
    cell,
    decomposed,
    extra,
    folder_instead,
    gone,
    ids,
    link_outside,
    raw,
    renamed,
    row,
    study,
    table,
)
from tests.bad_inputs.case import fine, refused, repaired, warned


def cut(data: bytes) -> bytes:
    """The file up to the middle of a row."""
    end = data.rindex(b",", 0, len(data) * 6 // 10)
    return data[: data.rindex(b",", 0, end)]


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(data)
    return out.getvalue()


def european(data: bytes) -> bytes:
    return data.replace(b",", b";").replace(b".", b",")


def doubled(rows: list[list[str]]) -> None:
    """A second column of the same name that says the contrary."""
    for line in rows[1:]:
        line.append(str(1 - int(line[rows[0].index("pfs_event")])))
    rows[0].append("pfs_event")


FILES = (
    refused(
        "file-missing",
        "the file is not there",
        "E_FILE_MISSING",
        gone(SUBJECTS),
        says=r"subjects\.csv.*study\.toml line \d+",
    ),
    refused(
        "no-rows",
        "a header and nothing under it",
        "E_NO_ROWS",
        raw(SUBJECTS, lambda d: d.split(b"\n")[0] + b"\n"),
        says="0 patients",
    ),
    refused("empty", "a file of no bytes", "E_EMPTY_FILE", raw(SUBJECTS, lambda d: b"")),
    refused("folder", "a folder where the file should be", "E_NOT_A_FILE", folder_instead(SUBJECTS)),
    repaired("utf-16", "UTF-16 with its mark", "R_UTF16", raw(SUBJECTS, lambda d: d.decode().encode("utf-16"))),
    repaired("byte-order-mark", "UTF-8 with a mark", "R_BOM", raw(SUBJECTS, lambda d: b"\xef\xbb\xbf" + d)),
    refused(
        "latin-1",
        "a Latin-1 letter in a UTF-8 file",
        "E_ENCODING",
        raw(EVENTS, lambda d: d + "P01,Sjögren,2,2022-01-20,2022-01-25\n".encode("latin-1")),
        row=48,
        says=r"line 48, column 7.*latin-1",
    ),
    refused(
        "nul",
        "a zero byte inside a cell",
        "E_CONTROL_CHAR",
        raw(EVENTS, lambda d: d.replace(b"crs", b"c\0rs", 1)),
        row=2,
    ),
    refused(
        "control-characters",
        "control characters in a term",
        "E_CONTROL_CHAR",
        raw(EVENTS, lambda d: d.replace(b"neutropenia", b"neu\x0btro\x01penia", 1)),
        row=3,
    ),
    fine("crlf", "line ends of Windows", raw(SUBJECTS, lambda d: d.replace(b"\n", b"\r\n"))),
    repaired("semicolons", "semicolons and decimal commas throughout", "R_DELIM", raw(SUBJECTS, european)),
    refused(
        "semicolons-mixed",
        "semicolons, and one number with a point",
        "E_NUMBER_FORMAT",
        raw(SUBJECTS, lambda d: european(d).replace(b"22,93", b"22.93")),
    ),
    refused(
        "cut",
        "the file ends in the middle of a row",
        "E_SHORT_ROW",
        raw(SUBJECTS, cut),
        says="has 1[34] fields|has \\d fields",
    ),
    refused(
        "open-quote",
        "a quote that is never closed",
        "E_QUOTE",
        raw(SUBJECTS, lambda d: d.replace(b"second opinion", b'"second opinion', 1)),
        row=4,
    ),
    refused(
        "workbook-as-csv",
        "a workbook that is called .csv",
        "E_WRONG_TYPE",
        raw(SUBJECTS, lambda d: b"PK\x03\x04\x14\0\x06\0" + bytes(200)),
        says="Excel",
    ),
    refused("gzip-as-csv", "a gzip archive that is called .csv", "E_WRONG_TYPE", raw(SUBJECTS, zipped), says="gzip"),
    refused(
        "link-outside",
        "a symbolic link that leads out of the study",
        "E_PATH_OUTSIDE",
        link_outside(EVENTS),
        says="outside",
    ),
)

TABLES = (
    refused("column-twice", "two columns of one name", "E_DUP_COLUMN", table(SUBJECTS, doubled), says="10 and 17"),
    refused(
        "field-too-many",
        "a row with a field too many",
        "E_FIELD_COUNT",
        table(SUBJECTS, lambda rows: rows[7].append("x")),
        row=8,
    ),
    refused(
        "fields-too-few",
        "a row that lacks five fields",
        "E_FIELD_COUNT",
        table(SUBJECTS, lambda rows: rows[7].__delitem__(slice(-5, None))),
        row=8,
        says="has 11 fields, the header has 16",
    ),
    refused(
        "column-missing",
        "a declared column is not there",
        "E_COLUMN_MISSING",
        renamed(SUBJECTS, "os_event", "os_evnt"),
        column="os_event",
        says="did you mean 'os_evnt'.*Found: subject",
    ),
    repaired("header-space", "a header with a space behind it", "R_HEADER_SPACE", renamed(SUBJECTS, "arm", "arm ")),
    refused(
        "header-case",
        "a header in capitals",
        "E_COLUMN_MISSING",
        renamed(SUBJECTS, "arm", "ARM"),
        says="did you mean 'ARM'",
    ),
    repaired(
        "blank-line",
        "a blank line in the middle",
        "R_BLANK_LINE",
        raw(SUBJECTS, lambda d: d.replace(b"\nP09", b"\n\nP09")),
        row=10,
    ),
    refused(
        "total", "a total under the table", "E_SUMMARY_ROW", row(SUBJECTS, "Total", "", "1097"), row=25, says="Total"
    ),
    refused(
        "title-line",
        "a title above the header",
        "E_COLUMN_MISSING",
        raw(SUBJECTS, lambda d: b"Export of the registry\n" + d),
        says="header_row = 2",
    ),
    refused(
        "row-twice",
        "the same row again",
        "E_DUP_ID",
        table(SUBJECTS, lambda rows: rows.append(list(rows[3]))),
        row=25,
        says="row 4.*row 25.*identical",
    ),
    refused(
        "id-twice",
        "two patients of one number",
        "E_DUP_ID",
        cell(SUBJECTS, 9, "subject", "P03"),
        row=9,
        says="different",
    ),
    fine(
        "rows-reversed",
        "rows in another order",
        table(SUBJECTS, lambda rows: [rows[0], *reversed(rows[1:])]),
        table(SERIES, lambda rows: [rows[0], *reversed(rows[1:])]),
    ),
    fine("column-more", "a column that nobody asks for", extra(SUBJECTS, "ward", lambda number: "3B")),
    fine(
        "columns-moved",
        "columns in another order",
        table(SUBJECTS, lambda rows: [list(reversed(line)) for line in rows]),
    ),
)

IDENTIFIERS = (
    refused("id-missing", "a row without an identifier", "E_ID_MISSING", cell(SUBJECTS, 6, "subject", ""), row=6),
    repaired(
        "ids-padded",
        "spaces behind the identifiers of one file",
        "R_TRIM",
        ids(lambda name: f"{name}  ", EVENTS),
        says="46 cell",
    ),
    refused(
        "ids-zeros",
        "001 in one file, 1 in the other",
        "E_ORPHAN_ID",
        ids(lambda name: f"0{name[1:]}", SUBJECTS, SERIES),
        ids(lambda name: name[1:].lstrip("0"), EVENTS),
        says=r"'1' .*did you mean '001'",
    ),
    refused(
        "ids-as-numbers",
        "1 in one file, 1.0 in the other",
        "E_ORPHAN_ID",
        ids(lambda name: name[1:].lstrip("0"), SUBJECTS, EVENTS),
        ids(lambda name: f"{name[1:].lstrip('0')}.0", SERIES),
        says=r"'1\.0' .*did you mean '1'",
    ),
    refused(
        "orphan",
        "an event of a patient nobody knows",
        "E_ORPHAN_ID",
        row(EVENTS, "P99", "crs", "1", "2022-02-01"),
        row=48,
    ),
    fine(
        "no-events",
        "a patient without any event",
        table(EVENTS, lambda rows: [line for line in rows if line[0] != "P03"]),
        same=False,
        values={"tox/crs=any@all N": 23, "tox/neutropenia=any@all N": 23},
    ),
    repaired(
        "ids-decomposed",
        "composed letters in one file, combining marks in the other",
        "R_NFC",
        ids(lambda name: name.replace("P", "É"), EVENTS, SERIES),
        ids(lambda name: decomposed(name.replace("P", "É")), SUBJECTS),
    ),
    fine("id-like-a-number", "an identifier that reads as a number", ids(lambda name: name.replace("P01", "1E5"))),
    fine("id-like-a-path", "an identifier that reads as a path", ids(lambda name: name.replace("P01", "../../x"))),
)

WORKBOOKS = (
    fine("workbook", "the same table as a workbook", xl.workbook()),
    refused("merged-cells", "arms merged into one cell", "E_MERGED_CELLS", xl.workbook(xl.merged), says="B2:B13"),
    warned("hidden-rows", "two rows are hidden", "W_HIDDEN_ROWS", xl.workbook(xl.hidden_rows), says="5, 6", same=True),
    refused("workbook-total", "a total under the sheet", "E_SUMMARY_ROW", xl.workbook(xl.total), row=25),
    refused("formula", "a formula without its value", "E_FORMULA_NO_VALUE", xl.workbook(xl.formula), row=4, says="C4"),
    refused(
        "error-cells",
        "cells that hold an error",
        "E_CELL_ERROR",
        xl.workbook(xl.errors),
        says=r"C4 holds the error #DIV/0!",
    ),
    warned(
        "percent", "numbers shown in percent", "W_PERCENT_FORMAT", xl.workbook(xl.percent), column="peak", same=True
    ),
    warned("colour", "a coloured cell", "W_COLOUR_CODING", xl.workbook(xl.coloured), same=True),
    refused(
        "two-sheets", "two sheets alike", "E_SHEET_AMBIGUOUS", xl.workbook(xl.two_sheets), says="patients.*sheet ="
    ),
    refused("bomb", "a workbook that unpacks to 300 MB", "E_ARCHIVE_LIMIT", xl.bomb, says="300 MB"),
    refused(
        "not-a-workbook",
        "text that is called .xlsx",
        "E_WRONG_TYPE",
        study('file = "subjects.csv"', 'file = "subjects.xlsx"'),
        lambda folder: (folder / SUBJECTS).rename(folder / "subjects.xlsx") and None,
    ),
    refused(
        "strict",
        "a warning is a refusal when asked for",
        "E_HIDDEN_ROWS",
        xl.workbook(xl.hidden_rows),
        options=("--strict",),
    ),
)

ALL = (*FILES, *TABLES, *IDENTIFIERS, *WORKBOOKS)
