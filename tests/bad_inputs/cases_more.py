"""What people and programs do to data beyond the obvious: typed files, slips in single cells, studies with odd values."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from tests.bad_inputs import workbooks as xl
from tests.bad_inputs.bends import (
    EVENTS,
    SERIES,
    STUDY,
    SUBJECTS,
    Bend,
    also,
    cell,
    event,
    extra,
    ids,
    new,
    raw,
    row,
    study,
    table,
    text,
)
from tests.bad_inputs.case import fine, refused, warned
from tests.bad_inputs.typed_files import numbers, typed


def prefixed(folder: Path) -> None:
    """A workbook whose XML writes every name with a prefix, as some programs do, and a formula without its value."""
    xl.workbook()(folder)
    path, sheet = folder / "subjects.xlsx", "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    page = re.sub(r"<(/?)(?![?])(\w)", r"<\1x:\2", parts[sheet].decode()).replace(" xmlns=", " xmlns:x=", 1)
    page = re.sub(r'<x:c r="C4"[^>]*>.*?</x:c>', '<x:c r="C4"><x:f>40+6</x:f></x:c>', page, count=1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**parts, sheet: page.encode()}.items():
            archive.writestr(name, data)


def looped(folder: Path) -> None:
    (folder / EVENTS).unlink()
    os.symlink(EVENTS, folder / EVENTS)


def screened(*lines: str) -> tuple[Bend, ...]:
    """A screening frame of 22 patients and these, and its flow; 23 are analysed."""
    rows = "".join(f"S{i},1,1\n" for i in range(1, 23))
    return (
        new("screening.csv", "screen_id,eligible,infused\n" + rows + "".join(f"{line}\n" for line in lines)),
        also(
            '[frames.screening]\nfile = "screening.csv"\n[frames.screening.columns]\nscreen_id = { type = "id" }\n'
            'eligible = { type = "flag" }\ninfused = { type = "flag" }\n'
            '[analyses.flow]\nkind = "flow"\nstages = ["eligible", "infused"]'
        ),
    )


def shared(value: str, *rows: int) -> tuple[Bend, ...]:
    return tuple(cell(SUBJECTS, number, "peak", value) for number in rows)


CELLS = (
    refused(
        "error-in-term", "an error of a spreadsheet as a term", "E_CELL_ERROR", cell(EVENTS, 3, "term", "#REF!"), row=3
    ),
    refused("error-in-number", "#N/A among numbers", "E_CELL_ERROR", cell(SUBJECTS, 2, "peak", "#N/A"), row=2),
    refused(
        "error-in-date",
        "a column too narrow for its dates",
        "E_CELL_ERROR",
        cell(SUBJECTS, 4, "progression_date", "########"),
    ),
    warned(
        "term-made-a-date",
        "a term that became 2-Sep",
        "W_SPREADSHEET",
        event("2-Sep"),
        row=48,
        column="term",
        same=True,
    ),
    warned(
        "id-rounded",
        "an identifier that became 1.23E+11",
        "W_SPREADSHEET",
        ids(lambda n: "1.23E+11" if n == "P05" else n),
        same=True,
    ),
    warned(
        "term-in-two-scripts",
        "a Cyrillic letter in a Latin word",
        "W_LOOKALIKE",
        event("s\u0435psis"),
        row=48,
        column="term",
        same=True,
    ),
    warned(
        "ids-alike", "P05 and p-5", "W_NEAR_DUPLICATE_ID", ids(lambda n: "p-4" if n == "P05" else n), row=6, same=True
    ),
    refused("grade-half", "grade 2.5", "E_RANGE", cell(EVENTS, 3, "grade", "2.5"), row=3, says="whole"),
    refused("state-nine", "9 for a state that is unknown", "E_EVENT_CODE", cell(SUBJECTS, 2, "pfs_event", "9"), row=2),
    refused("state-two-of-death", "2 for death", "E_EVENT_CODE", cell(SUBJECTS, 10, "os_event", "2"), says="competes"),
    warned(
        "state-two",
        "2, and nothing counts competing events",
        "W_COMPETING_CODE",
        cell(SUBJECTS, 2, "pfs_event", "2"),
        row=2,
        values={"pfs/events@all competing": 1},
    ),
    warned("code-shared", "999 for three patients", "W_SENTINEL", *shared("999", 2, 3, 4), column="peak"),
    warned("below-zero-alone", "a concentration below zero", "W_SENTINEL", cell(SERIES, 3, "value", "-310"), row=3),
    warned(
        "decimal-slip", "an age of 5 among adults", "W_PLAUSIBLE", cell(SUBJECTS, 3, "age", "5"), row=3, column="age"
    ),
    refused(
        "qualifier-unruled",
        "a qualifier in its own column, and no rule for it",
        "E_CENSORED_VALUE",
        extra(SERIES, "qualifier", lambda number: "<" if number == 4 else ""),
        row=4,
        says="lloq",
    ),
    warned(
        "same-day",
        "two values of one day",
        "W_SAME_DAY",
        table(SERIES, lambda rows: rows.append([*rows[1][:3], "9.1", "g/dL"])),
        says="of the same day",
    ),
    warned(
        "before-day-zero",
        "an event before the infusion",
        "W_DATE_ORDER",
        cell(EVENTS, 3, "date", "2021-01-15"),
        row=3,
        says="not counted",
    ),
    refused(
        "before-birth",
        "a contact before the birth",
        "E_DATE_ORDER",
        cell(SUBJECTS, 4, "progression_date", "1922-11-26"),
        row=4,
    ),
    refused(
        "long-cell",
        "a cell of two hundred thousand characters",
        "E_QUOTE",
        cell(SUBJECTS, 3, "comment", "x" * 200_000),
        says="131072",
    ),
    refused("stage-skipped", "infused without being eligible", "E_STAGE_ORDER", *screened("S99,0,1"), row=24),
    refused("screened-twice", "a screened patient stands twice", "E_DUP_ID", *screened("S22,1,1"), row=24),
    warned(
        "more-infused-than-analysed",
        "24 infused, 23 analysed",
        "W_SOURCE_GAP",
        *screened("S98,1,1", "S99,1,1"),
        says="24 patients",
    ),
)

TYPED = (
    fine("parquet", "the same table as Parquet", typed(SUBJECTS, "parquet")),
    fine(
        "single-precision",
        "numbers of single precision",
        typed(SUBJECTS, "parquet", numbers("pfs_months", lambda v: v.astype("float32"))),
    ),
    refused(
        "parquet-infinite",
        "infinity in a Parquet file",
        "E_NOT_FINITE",
        typed(SUBJECTS, "parquet", numbers("peak", lambda v: v.where(v != 12000, float("inf")))),
        row=2,
    ),
    refused(
        "parquet-control",
        "a control character in a Parquet file",
        "E_CONTROL_CHAR",
        typed(EVENTS, "parquet", lambda data: data.assign(term=data["term"].replace("neutropenia", "neu\x01tropenia"))),
    ),
    refused(
        "transport-cut",
        "a SAS transport file without its end",
        "E_FILE_BROKEN",
        typed(SERIES, "xpt"),
        raw("series.xpt", lambda data: data[: len(data) // 160 * 80]),
        says="middle of a row",
    ),
    refused(
        "formula-prefixed", "a formula in a workbook of another program", "E_FORMULA_NO_VALUE", prefixed, says="C4"
    ),
    refused("link-to-itself", "a symbolic link that leads to itself", "E_FILE_UNREADABLE", looped),
)

STUDIES = (
    refused(
        "toml-nested",
        "brackets nested twenty thousand deep",
        "E_TOML",
        study("seed        = 7", f"seed = {'[' * 20000}{']' * 20000}"),
    ),
    refused(
        "toml-digits", "a number of five thousand digits", "E_TOML", study("seed        = 7", f"seed = {'9' * 5000}")
    ),
    refused(
        "label-control",
        "a control character in a label",
        "E_CONTROL_CHAR",
        study('label = "Age"', 'label = "Age\\u0001"'),
        column="age.label",
    ),
    refused(
        "label-turned",
        "a label that turns the direction of writing",
        "E_CONTROL_CHAR",
        study('label = "Age"', 'label = "\\u202eegA"'),
        hides=("\u202e",),
    ),
    refused(
        "cut-off-far",
        "a cut-off in the year 9999",
        "E_CONFIG_VALUE",
        study("data_cutoff = 2023-12-31", "data_cutoff = 9999-12-31"),
    ),
    refused(
        "limit-negative",
        "a limit of quantification below zero",
        "E_CONFIG_VALUE",
        study('scale = "log", window', 'scale = "log", lloq = -5, window'),
    ),
    refused(
        "arms-called-alike",
        "two arms of one name",
        "E_CONFIG_VALUE",
        study('D = "Donor-derived"', 'D = "Recipient-derived"'),
    ),
    refused(
        "times-by-thousands",
        "three thousand time points",
        "E_CONFIG_VALUE",
        study("at       = [6, 12]", f"at = {list(range(1, 3000))}"),
    ),
    refused(
        "header-far-down",
        "a header in row 10²⁰",
        "E_CONFIG_VALUE",
        study('file = "events.csv"', 'file = "events.csv"\nheader_row = 99999999999999999999'),
    ),
    refused(
        "condition-nested",
        "a condition of five thousand brackets",
        "E_CONDITION",
        also(f'[populations]\np = {{ label = "p", where = "{"(" * 5000}age > 1{")" * 5000}" }}'),
    ),
    refused(
        "name-too-long",
        "a file name of five thousand letters",
        "E_FILE_UNREADABLE",
        study('"events.csv"', f'"{"a" * 5000}.csv"'),
    ),
    refused(
        "name-with-nul", "a zero byte in a file name", "E_CONTROL_CHAR", study('"events.csv"', '"ev\\u0000ents.csv"')
    ),
    refused("key-twice", "a key that stands twice", "E_TOML", study("seed        = 7", "seed        = 7\nseed = 8")),
    refused("quotes-typographic", "typographic quotes in the study file", "E_TOML", text(STUDY, '"plain"', "“plain”")),
    refused(
        "probability-percent",
        "a confidence of 95",
        "E_CONFIG_VALUE",
        study("seed        = 7", "seed = 7\nconfidence = 95"),
    ),
    refused(
        "event-orphaned-row",
        "a row of a patient of another study",
        "E_ORPHAN_ID",
        row(EVENTS, "Q01", "crs", "1", "2022-02-01"),
        row=48,
    ),
)

ALL = (*CELLS, *TYPED, *STUDIES)
