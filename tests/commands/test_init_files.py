"""init reads what programs leave behind: empty sheets, Windows' letters, old Macs' line ends; its own faults are its own."""

import tomllib

import openpyxl
import pytest

from stats.findings import Refused
from stats.propose import tables
from stats.propose.columns import guess

ROWS = "".join(f"P{i},{'AB'[i % 2]},{40 + i},3–4 €\n" for i in range(12))


def encoding(folder) -> str:
    return tomllib.loads((folder / "study.toml").read_text("utf-8"))["frames"]["subjects"].get("encoding", "")


def test_an_empty_sheet_among_others(run, tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "arm", "age"], *([f"P{i}", "AB"[i % 2], 40 + i] for i in range(12))):
        book.active.append(row)
    book.create_sheet("Empty")
    book.save(tmp_path / "one.xlsx")
    said = run("init", tmp_path / "one.xlsx", "--to", tmp_path / "study")
    assert (said.code, "12 patients from one.xlsx, sheet Sheet" in said.out) == (0, True), said.all


@pytest.mark.parametrize(("coded", "told"), [("cp1252", "cp1252"), ("utf-8", "")])
def test_the_dashes_of_windows(run, tmp_path, coded, told):
    (tmp_path / "one.csv").write_bytes(f"id,arm,age,range\n{ROWS}".encode(coded))
    assert run("init", tmp_path / "one.csv", "--to", tmp_path / "study").code == 0
    assert encoding(tmp_path / "study") == told


def test_latin_1_stays_what_it_is(run, tmp_path):
    (tmp_path / "one.csv").write_bytes(b"id,arm,age,town\n" + ROWS.replace("3–4 €", "Zürich").encode("latin-1"))
    run("init", tmp_path / "one.csv", "--to", tmp_path / "study")
    assert encoding(tmp_path / "study") == "latin-1"


def test_lines_that_end_as_on_old_macs(run, tmp_path):
    (tmp_path / "one.csv").write_bytes(f"id,arm,age,range\n{ROWS}".replace("\n", "\r").encode())
    said = run("init", tmp_path / "one.csv", "--to", tmp_path / "study")
    assert (said.code, "12 patients" in said.out) == (0, True), said.all


def test_a_fault_of_the_program_is_not_laid_on_the_file(tmp_path, monkeypatch):
    openpyxl.Workbook().save(tmp_path / "one.xlsx")

    def wrong(*_):
        raise IndexError

    monkeypatch.setattr(tables, "blocks", wrong)
    with pytest.raises(IndexError):
        tables.read([tmp_path / "one.xlsx"])


def test_a_dictionary_that_is_no_utf_8_is_named(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_bytes("Variable / Field Name,Field Type,Field Label\nid,text,Größe\n".encode("latin-1"))
    with pytest.raises(Refused) as refused:
        tables.read([path])
    assert [(p.code, p.file) for p in refused.value.problems] == [("E_FILE_BROKEN", "dictionary.csv")]


@pytest.mark.parametrize(
    ("head", "label"),
    [("eGFR", "eGFR"), ("pH", "pH"), ("HbA1c", "HbA1c"), ("SpO2", "SpO2"), ("mRNA_copies", "mRNA copies"),
     ("HBsAg", "HBsAg"), ("tumorBurden", "Tumor Burden"), ("os_months", "Os months")],
)
def test_labels_keep_the_letters_of_their_trade(head, label):
    assert guess(head, ["1.5", "2.5", "30"]).label == label


def test_one_patient_is_one(run, tmp_path):
    (tmp_path / "one.csv").write_text("id,age\nP1,50\n", "utf-8")
    assert "1 patient from one.csv, 2 columns, 0 endpoints." in run("init", tmp_path / "one.csv", "--to", tmp_path / "s").out


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("comment", ["fine", "none", "worse"]),
        ("Bemerkung", ["gut", "nein", "gut"]),
        ("other_specify", ["rash", "fever", "rash"]),
        ("referred", ["Dr. Sommer", "ward 5", "ward 5"]),
        ("contact", ["a.b@example.org", "none known", "none known"]),
    ],
)
def test_free_text_is_no_category_that_is_printed(head, cells):
    column = guess(head, cells * 4)
    assert column.type == "text"
    assert "shown" in column.doubts[0]


def test_words_are_a_category_still():
    assert guess("notation", ["a", "b", "c"] * 4).type == "category"
    assert guess("site_of_relapse", ["marrow", "CNS", "marrow"] * 4).type == "category"
