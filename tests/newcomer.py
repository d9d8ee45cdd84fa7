"""A workbook as a ward keeps it, with everything that stands in the way of counting; and the same one after a morning's work.

Made by code, the same cells each time. `MENDED` lists what a person corrects in Excel, cell by cell.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FIRST, PATIENTS = 6, 20  # row of the first patient, number of patients
HEAD = (
    "Pat. No.",
    "Arm",
    "Age",
    "Sex",
    "Infusion",
    "Dose (10^6/kg)",
    "CRP (mg/L)",
    None,
    "TP53 mutation",
    "Response d28",
    "Relapse",
    "Death",
    "Last contact",
    "CRP x 10",
)
ARMS = ("Donor", "Recipient ", "donor", "Recipient", "DONOR", "recipient")
ANSWERS = ("yes", "nein", "ja", "no", "1", "0")
INFUSED = datetime(2021, 1, 11)
EVENTS = (("CRS", 2), ("ICANS", 1), ("CRS", 1), ("CRS", 3), ("crs", 2), ("ICANS", 2))
MENDED = {
    "E9": datetime(2021, 4, 12),  # it said "Apr 2021"
    "C12": 47,  # "47 y"
    "G13": 0.1,  # "<0.1"
    **{f"N{row}": None for row in range(FIRST, FIRST + PATIENTS + 1)},  # formulas never computed
}


def workbook(path: Path, mended: bool = False) -> Path:
    """The workbook at this path; `mended` after a person has corrected what only a person can."""
    import openpyxl

    book = openpyxl.Workbook()
    patients = book.active
    patients.title = "Patients"
    _patients(patients)
    _events(patients)
    _interleukin(book.create_sheet("IL-6"))
    if mended:
        for cell, value in MENDED.items():
            patients[cell] = value
        patients.delete_rows(FIRST + PATIENTS)  # the patient who stood there twice
    book.properties.created = book.properties.modified = INFUSED
    book.save(path)
    return path


def _patients(sheet: Any) -> None:
    from openpyxl.styles import PatternFill

    sheet["A1"] = "CAR-T cells after transplantation, ward 5B"
    sheet.merge_cells("A1:K1")
    sheet["A2"] = "edited 12.05.2024, MK; yellow: infused twice"
    for cells, words in (("A4:D4", "Patient"), ("E4:G4", "CAR-T cells"), ("I4:M4", "Outcome")):
        sheet[cells.partition(":")[0]] = words
        sheet.merge_cells(cells)
    for place, name in enumerate(HEAD, 1):
        sheet.cell(5, place, name)
    for i in range(PATIENTS):
        for place, value in enumerate(_patient(i), 1):
            sheet.cell(FIRST + i, place, value)
    for place, value in enumerate(_patient(6), 1):  # the seventh patient once more
        sheet.cell(FIRST + PATIENTS, place, value)
    for cell in ("A8", "A11", "B11"):
        sheet[cell].fill = PatternFill("solid", fgColor="FFFF00")
    sheet.row_dimensions[FIRST + 9].hidden = True
    total = FIRST + PATIENTS + 1
    sheet.cell(total, 1, "Total")
    sheet.cell(total, 3, f"=AVERAGE(C{FIRST}:C{total - 1})")
    sheet.cell(total + 1, 1, "* two patients were followed up elsewhere")


def _patient(i: int) -> tuple[Any, ...]:
    row = FIRST + i
    infused = INFUSED + timedelta(days=31 * (i // 2))
    relapsed = infused + timedelta(days=90 + 11 * i) if i % 4 == 1 or i == 2 else None
    died = infused + timedelta(days=160 + 13 * i) if i % 4 == 1 or i == 12 else None
    seen = died or infused + timedelta(days=420 + 17 * i)
    when: Any = infused
    if i == 3:
        when = "Apr 2021"
    elif i % 5 == 2:
        when = f"{infused.day}.{infused.month}.{infused.year}"
    elif i % 5 == 4:
        when = infused.date().isoformat()
    return (
        f"CT-{i + 1:02d}",
        ARMS[i % 6],
        "47 y" if i == 6 else 31 + (i * 7) % 29,
        "m" if i % 3 else "f",
        when,
        f"{1 + i / 10:.1f}".replace(".", ",") if i % 4 else round(1 + i / 10, 1),
        "<0.1" if i == 7 else round(2.5 + 3.7 * i, 1),
        None,
        ANSWERS[i % 6],
        ("CR", "CR", "CRi", "NR")[i % 4] if i != 5 else "n.d.",
        relapsed,
        died,
        seen,
        f"=G{row}*10",
    )


def _events(sheet: Any) -> None:
    """A second block, below the first."""
    top = FIRST + PATIENTS + 4
    sheet.cell(top, 1, "Toxicity")
    for place, name in enumerate(("Pat. No.", "Event", "Grade", "Day"), 1):
        sheet.cell(top + 1, place, name)
    for i, (term, grade) in enumerate(EVENTS):
        for place, value in enumerate((f"CT-{2 * i + 1:02d}", term, grade, 3 + i), 1):
            sheet.cell(top + 2 + i, place, value)


def _interleukin(sheet: Any) -> None:
    """One row per patient, one column per day."""
    for place, name in enumerate(("Pat. No.", "IL-6 d0", "IL-6 d3", "IL-6 d7", "IL-6 d14"), 1):
        sheet.cell(1, place, name)
    for i in range(PATIENTS):
        values: list[Any] = [2 + i % 3, 40 + 17 * i, 25 + 3 * i, 6 + i]
        if i == 4:
            values[0] = "<1.5"
        if i == 8:
            values[3] = None
        for place, value in enumerate((f"CT-{i + 1:02d}", *values), 1):
            sheet.cell(2 + i, place, value)
