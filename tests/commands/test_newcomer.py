"""A workbook as a ward keeps it, from `init` to the report, as docs/your-own-study.md describes the path."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import openpyxl
import pytest

from tests.docs.pages import DOCS, code
from tests.newcomer import FIRST, MENDED, PATIENTS, workbook

PAGE = (DOCS / "your-own-study.md").read_text("utf-8")


def spaced(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def ward(run, tmp_path):
    """The workbook in the folder where commands are run."""
    return workbook(tmp_path / "here" / "ward.xlsx")


def mend(folder: Path) -> None:
    """What a person does in Excel."""
    book = openpyxl.load_workbook(folder / "ward.xlsx")
    for cell, value in MENDED.items():
        book["Patients"][cell] = value
    book["Patients"].delete_rows(FIRST + PATIENTS)
    book.save(folder / "ward.xlsx")


def test_the_path_of_the_page_from_the_workbook_to_the_report(run, ward, tmp_path):
    first = run("init", "ward.xlsx")
    assert first.code == 2
    folder = Path("study-ward")
    proposed = (folder / "study.toml").read_text("utf-8")
    again = run("check", folder)
    assert again.code == 2
    mend(folder)
    moved = run("check", folder)
    assert moved.code == 2
    text = proposed.replace('"A5:N26"', '"A5:N25"').replace('"A31:D37"', '"A30:D36"')
    (folder / "study.toml").write_text(text, "utf-8")
    last = run("check", folder)
    assert last.code == 0, last.all
    built = run("build", folder, "--out", tmp_path / "out", "--formats", "html")
    assert built.code == 0, built.all
    said = spaced("\n".join(one.all for one in (first, again, moved, last)))
    for block in code("text", PAGE):
        for line in block.splitlines():
            assert spaced(line) in said, line
    for block in code("toml", PAGE):
        for line in block.splitlines():
            assert line in proposed.splitlines(), line
    rows = (tmp_path / "out" / "results.csv").read_text("utf-8")
    # by hand from tests/newcomer.py: i % 4 == 1 or i == 12 die (six), donors are the even ones
    for row in ("os,events,,,donor,n,1,", "os,events,,,recipient,n,5,", "toxicity,crs,3,,donor,n,1,"):
        assert row in rows, row


def test_the_commands_of_the_page_exist(run, ward):
    for block in code("sh", PAGE):
        for line in block.splitlines():
            words = shlex.split(line)
            assert words[:2] == ["python", "build_report.py"]
            name = words[2] if words[2] in ("init", "check", "watch", "diff") else "build"
            assert run(name, "-h").code == 0


def test_every_obstacle_is_named_at_once_by_its_cell(run, ward):
    said = run("init", "ward.xlsx").err
    for cell in ("C12", "E9", "G13", "A26"):
        assert f"(cell {cell})" in said, cell
    assert "A8, A11, B11" in said
    assert "1 hidden row is included: 15" in said


def test_what_is_proposed_for_the_workbook(run, ward):
    run("init", "ward.xlsx")
    text = Path("study-ward/study.toml").read_text("utf-8")
    told = tomllib.loads(text)
    patients, events, series = (told["frames"][name] for name in ("subjects", "events", "series"))
    assert (patients["cells"], events["cells"], "cells" in series) == ("A5:N26", "A31:D37", False)
    assert patients["date_format"] == ["%Y-%m-%d", "%d.%m.%Y"]
    assert patients["decimal"] == ","
    assert patients["columns"]["arm"]["values"] == {"Donor": "donor", "Recipient": "recipient", "DONOR": "donor"}
    assert list(told["arms"]) == ["donor", "recipient"]
    assert patients["columns"]["tp53_mutation"]["values"] == {"nein": "no", "ja": "yes"}
    assert patients["columns"]["dose_10_6_kg"]["unit"] == "10^6/kg"
    assert series["wide"] == {"il_6": {"IL-6 d0": 0, "IL-6 d3": 3, "IL-6 d7": 7, "IL-6 d14": 14}}
    assert told["analytes"]["il_6"]["lloq"] == 1.5
    assert told["study"]["expected_n"] == PATIENTS
    assert told["endpoints"]["os"] == {
        "label": "Overall survival",
        "start": "infusion",
        "unit": "months",
        "event": ["death"],
        "censor": ["last_contact"],
    }
    silent = [
        line for line in text.splitlines() if "type = " in line and not line.startswith("#") and "# ?" not in line
    ]
    assert silent == []


def test_the_mended_workbook_needs_no_more(run, tmp_path):
    workbook(tmp_path / "here" / "ward.xlsx", mended=True)
    assert run("init", "ward.xlsx").code == 0


def test_a_study_file_written_by_hand_is_told_where_the_names_stand(run, ward):
    folder = Path("mine")
    folder.mkdir()
    shutil.copy("ward.xlsx", folder)
    (folder / "study.toml").write_text(
        '[study]\ntitle = "T"\nshort = "S"\ndata_cutoff = 2024-01-01\n[arms]\nall_patients = "Patients"\n'
        '[frames.subjects]\nfile = "ward.xlsx"\nsheet = "Patients"\n[frames.subjects.columns]\n'
        'subject = { type = "id", source = "Pat. No." }\nage = { type = "number", source = "Age" }\n',
        "utf-8",
    )
    said = run("check", folder)
    assert said.code == 2
    assert re.search(
        r"E_COLUMN_MISSING ward.xlsx:Patients:1:Pat. No.: row 1 does not hold the column names; row 5 does. "
        r"Set header_row = 5",
        said.err,
    ), said.err


def test_the_workbook_is_the_same_each_time(tmp_path):
    def cells(path: Path) -> list[list[object]]:
        book = openpyxl.load_workbook(path)
        return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]

    assert cells(workbook(tmp_path / "a.xlsx")) == cells(workbook(tmp_path / "b.xlsx"))
