"""The subjects' file as an Excel workbook, with what people do to workbooks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
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


SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
NAMESPACE = "http://schemas.openxmlformats.org"


def struck_out(book: Any, sheet: Any) -> None:
    from openpyxl.styles import Font

    for cell in sheet[5]:
        cell.font = Font(strike=True)


def real_dates(book: Any, sheet: Any) -> None:
    for line in sheet.iter_rows(min_row=2, min_col=5, max_col=8):
        for cell in line:
            if cell.value:
                cell.value, cell.number_format = datetime.fromisoformat(cell.value), "yyyy-mm-dd"


def real_dates_1904(book: Any, sheet: Any) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book.epoch = CALENDAR_MAC_1904
    real_dates(book, sheet)


def repacked(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Bend:
    """The workbook with its parts changed, by name."""

    def bend(folder: Path) -> None:
        workbook()(folder)
        path = folder / "subjects.xlsx"
        with zipfile.ZipFile(path) as archive:
            held = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in change(held).items():
                archive.writestr(name, data)

    return bend


def parts(name: str, old: bytes, new: bytes) -> Bend:
    """The first occurrence of some bytes in one part; that they occur is part of the deal."""

    def change(held: dict[str, bytes]) -> dict[str, bytes]:
        assert old in held[name], f"{old!r} is not in {name}"
        return {**held, name: held[name].replace(old, new, 1)}

    return repacked(change)


def more(further: dict[str, bytes]) -> Bend:
    return repacked(lambda held: {**held, **further})


def bytes_of(data: bytes) -> Bend:
    """Other bytes under the workbook's name."""

    def bend(folder: Path) -> None:
        workbook()(folder)
        (folder / "subjects.xlsx").write_bytes(data)

    return bend


def shared_texts(damage: str = "") -> Bend:
    """Texts in a part of their own, as Excel keeps them; 'gone', 'short' (of the last ones) or 'typed' (with a DTD)."""

    def change(held: dict[str, bytes]) -> dict[str, bytes]:
        texts: list[str] = []

        def moved(found: re.Match[str]) -> str:
            texts.append(found[2])
            return f'<c {found[1]} t="s"><v>{len(texts) - 1}</v></c>'

        inline = r'<c ([^>]*?) t="inlineStr"><is><t>(.*?)</t></is></c>'
        held = {**held, SHEET: re.sub(inline, moved, held[SHEET].decode()).encode()}
        kept = texts[:40] if damage == "short" else texts
        head = "<!DOCTYPE x>" if damage == "typed" else ""
        listed = "".join(f"<si><t>{text}</t></si>" for text in kept)
        made = f'{head}<sst xmlns="{NAMESPACE}/spreadsheetml/2006/main">{listed}</sst>'
        relation = (
            f'<Relationship Id="rId99" Type="{NAMESPACE}/officeDocument/2006/relationships/sharedStrings" '
            f'Target="/{TEXTS}"/></Relationships>'
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        for name, end, new in (
            ("xl/_rels/workbook.xml.rels", b"</Relationships>", relation),
            ("[Content_Types].xml", b"</Types>", f'<Override PartName="/{TEXTS}" ContentType="{kind}"/></Types>'),
        ):
            held[name] = held[name].replace(end, new.encode())
        return held if damage == "gone" else {**held, TEXTS: made.encode()}

    return repacked(change)
