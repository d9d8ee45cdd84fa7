"""Excel workbooks: merged, hidden, coloured, computed, ambiguous and hostile ones."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from .conftest import SUBJECTS, Case

Same = Callable[[], None]


def workbook() -> Any:
    """The subjects of the small study with typed cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, line in enumerate(SUBJECTS.splitlines()):
        sheet.append([typed(cell) if number else cell for cell in line.split(",")])
    return book


def typed(cell: str) -> Any:
    if cell[:2] == "20" and len(cell) == 10:
        return datetime.datetime.fromisoformat(cell)
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell or None


@pytest.fixture
def save(case: Case) -> Callable[[Any], None]:
    case.change("study.toml", "subjects.csv", "subjects.xlsx")

    def write(book: Any) -> None:
        book.save(case.folder / "subjects.xlsx")
    return write


Save = Callable[[Any], None]


def test_typed_cells(case: Case, save: Save, same_as_base: Same) -> None:
    save(workbook())
    assert case.load() == []
    same_as_base()


def test_declared_date_format_does_not_disturb_real_dates(case: Case, save: Save, same_as_base: Same) -> None:
    case.change("study.toml", 'file = "subjects.xlsx"', 'file = "subjects.xlsx"\ndate_format = "%d/%m/%Y"')
    save(workbook())
    assert case.load() == []
    same_as_base()


def test_numbers_stored_as_text(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.active["C2"] = "34"
    save(book)
    assert case.load() == ["R_TEXT_NUMBER"]
    same_as_base()


def test_merged_cells(case: Case, save: Save) -> None:
    book = workbook()
    book.active.merge_cells("B2:B3")
    save(book)
    assert "E_MERGED_CELLS" in case.load()
    assert "B2:B3" in case.only("E_MERGED_CELLS").reason


def test_merged_title_above_a_declared_header_does_not_matter(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.active.insert_rows(1)
    book.active["A1"] = "Our patients"
    book.active.merge_cells("A1:C1")
    save(book)
    assert case.load() == ["E_COLUMN_MISSING"]
    assert "header_row = 2" in case.only("E_COLUMN_MISSING").remedy
    case.change("study.toml", 'file = "subjects.xlsx"', 'file = "subjects.xlsx"\nheader_row = 2')
    assert case.load() == []
    same_as_base()


def test_hidden_rows_and_columns(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[4].hidden = True
    book.active.column_dimensions["C"].hidden = True
    save(book)
    assert case.load() == ["W_HIDDEN_ROWS", "W_HIDDEN_COLUMNS"]
    assert "3, 4" in case.only("W_HIDDEN_ROWS").reason
    assert case.only("W_HIDDEN_COLUMNS").column == "age"
    same_as_base()


def test_total_row(case: Case, save: Save) -> None:
    book = workbook()
    book.active.append(["Total", None, 40])
    save(book)
    assert case.load() == ["E_SUMMARY_ROW"]
    assert case.only("E_SUMMARY_ROW").row == 6


def test_formulas_without_value(case: Case, save: Save) -> None:
    book = workbook()
    book.active["C3"] = "=C2+17.5"
    save(book)
    assert case.load() == ["E_FORMULA_NO_VALUE"]
    assert (case.only("E_FORMULA_NO_VALUE").row, case.only("E_FORMULA_NO_VALUE").column) == (3, "age")
    assert "C3" in case.only("E_FORMULA_NO_VALUE").reason


def test_error_cells(case: Case, save: Save) -> None:
    book = workbook()
    book.active["C3"] = "#DIV/0!"
    book.active["J4"] = "#N/A"
    save(book)
    assert case.load() == ["E_CELL_ERROR"]
    assert "C3 holds the error #DIV/0!" in case.problems[0].reason
    assert "J4 holds the error #N/A" in case.problems[1].reason


def test_percent_format(case: Case, save: Save) -> None:
    book = workbook()
    book.active["C3"].number_format = "0%"
    save(book)
    assert case.load() == ["W_PERCENT_FORMAT"]


def test_colours(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.active["A3"].fill = PatternFill("solid", fgColor="FFFF00")
    save(book)
    assert case.load() == ["W_COLOUR_CODING"]
    same_as_base()


def test_two_sheets(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.copy_worksheet(book.active).title = "old"
    save(book)
    assert case.load() == ["E_SHEET_AMBIGUOUS"]
    case.change("study.toml", 'file = "subjects.xlsx"', 'file = "subjects.xlsx"\nsheet = "Sheet"')
    assert case.load() == []
    same_as_base()
    case.change("study.toml", 'sheet = "Sheet"', 'sheet = "sheet"')
    assert case.load() == ["E_SHEET_MISSING"]
    assert "did you mean 'Sheet'" in case.only("E_SHEET_MISSING").reason


def test_the_only_sheet_that_fits_is_taken(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.create_sheet("read me", 0)["A1"] = "nothing here"
    save(book)
    assert case.load() == []
    same_as_base()


def test_blank_rows(case: Case, save: Save, same_as_base: Same) -> None:
    book = workbook()
    book.active.insert_rows(3)
    save(book)
    assert case.load() == ["R_BLANK_LINE"]
    same_as_base()
    assert [int(row) for row in case.frames["subjects"].attrs["rows"]] == [2, 4, 5, 6]


def test_a_date_with_a_time(case: Case, save: Save) -> None:
    book = workbook()
    book.active["H2"] = datetime.datetime(2020, 1, 10, 13, 30)
    save(book)
    assert case.load() == ["E_DATE_FORMAT"]


def rewritten(case: Case, change: Callable[[zipfile.ZipFile], None], edit: Callable[[str, bytes], bytes]) -> None:
    """The workbook with its parts edited and others added."""
    source = io.BytesIO((case.folder / "subjects.xlsx").read_bytes())
    with zipfile.ZipFile(source) as old, \
            zipfile.ZipFile(case.folder / "subjects.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, edit(part.filename, old.read(part)))
        change(new)


def test_zip_bomb(case: Case, save: Save) -> None:
    save(workbook())
    rewritten(case, lambda new: new.writestr("xl/media/bomb.bin", bytes(30_000_000)), lambda name, content: content)
    assert case.load() == ["E_ARCHIVE_LIMIT"]
    assert "30 MB" in case.only("E_ARCHIVE_LIMIT").reason


def test_document_type(case: Case, save: Save) -> None:
    save(workbook())
    hostile = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    rewritten(case, lambda new: None,
              lambda name, content: content.replace(b"<workbook",
                                                    hostile + b"<workbook") if name == "xl/workbook.xml" else content)
    assert case.load() == ["E_ARCHIVE_DTD"]


@pytest.mark.parametrize(("content", "code"), [
    (SUBJECTS.encode(), "E_WRONG_TYPE"), (b"\xd0\xcf\x11\xe0old", "E_WRONG_TYPE"), (b"PK\x03\x04broken",
                                                                                    "E_FILE_BROKEN")])
def test_no_workbook(case: Case, save: Save, content: bytes, code: str) -> None:
    case.write("subjects.xlsx", content)
    assert case.load() == [code]


def test_another_zip_archive(case: Case, save: Save) -> None:
    with zipfile.ZipFile(case.folder / "subjects.xlsx", "w") as archive:
        archive.writestr("subjects.csv", SUBJECTS)
    assert case.load() == ["E_WRONG_TYPE"]
