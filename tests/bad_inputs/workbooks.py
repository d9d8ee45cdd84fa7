"""The subjects' file as an Excel workbook, with what people do to workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.bends import SUBJECTS, Bend, read, study


def workbook(change: Callable[[Any, Any], None] = lambda book, sheet: None) -> Bend:
    """subjects.csv becomes subjects.xlsx, numbers as numbers; then the change is made to (book, sheet)."""

    def bend(folder: Path) -> None:
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active
        sheet.title = "patients"
        for line in read(folder / SUBJECTS):
            sheet.append([_typed(cell) for cell in line])
        change(book, sheet)
        book.save(folder / "subjects.xlsx")
        (folder / SUBJECTS).unlink()
        study(f'file = "{SUBJECTS}"', 'file = "subjects.xlsx"')(folder)

    return bend


def _typed(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell or None


def merged(book: Any, sheet: Any) -> None:
    sheet.merge_cells("B2:B13")


def hidden_rows(book: Any, sheet: Any) -> None:
    for number in (5, 6):
        sheet.row_dimensions[number].hidden = True


def total(book: Any, sheet: Any) -> None:
    sheet.append(["Total", None, 48.2])


def formula(book: Any, sheet: Any) -> None:
    sheet["C4"] = "=40+6"


def errors(book: Any, sheet: Any) -> None:
    sheet["C4"], sheet["C5"] = "#DIV/0!", "#N/A"


def percent(book: Any, sheet: Any) -> None:
    for line in sheet.iter_rows(min_row=2, min_col=15, max_col=15):
        line[0].number_format = "0%"


def coloured(book: Any, sheet: Any) -> None:
    from openpyxl.styles import PatternFill

    sheet["M3"].fill = PatternFill("solid", fgColor="FFFF0000")


def two_sheets(book: Any, sheet: Any) -> None:
    book.copy_worksheet(sheet)


def bomb(folder: Path) -> None:
    """A workbook with a part that is 300 MB of nothing once unpacked."""
    workbook()(folder)
    with (
        zipfile.ZipFile(folder / "subjects.xlsx", "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/nothing.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(1_000_000))
