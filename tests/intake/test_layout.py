"""Blocks of a sheet, rows of names, several formats of dates, days beside each other: declared, then read; else refused in
words that name the cell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest

from stats.findings import Problem
from stats.intake.places import at_rows
from stats.study.read import examine

from .conftest import Case

WIDE = """
[frames.series.wide.il6]
"IL-6 d0" = 0
"IL-6 d7" = 7
[frames.series.wide.hb]
"Hb d0"   = 0
"""


def saved(case: Case, rows: list[list[Any]], declared: str = "", merged: tuple[str, ...] = ()) -> None:
    """The subjects as a workbook with these rows, the frame's further keys in the study file."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(case.folder / "subjects.xlsx")
    case.change("study.toml", 'file = "subjects.csv"', f'file = "subjects.xlsx"\n{declared}')


def read(case: Case) -> list[Problem]:
    """What is wrong with the study file."""
    return examine(case.folder)[1]


def base(case: Case) -> list[list[Any]]:
    return [line.split(",") for line in (case.folder / "subjects.csv").read_text("utf-8").splitlines()]


def test_cells_of_a_block_between_titles_and_totals_and_beside_another(case: Case, same_as_base: Any) -> None:
    rows = base(case)
    table = [
        ["Our patients"],
        [],
        *[["", *row, "", "subject", "x"] for row in rows],
        ["", "Total", "", "41"],
        ["* note"],
    ]
    saved(case, table, 'cells = "b3:l7"')
    assert [code for code in case.load() if code != "R_TEXT_NUMBER"] == []
    same_as_base()


def test_a_patient_right_below_the_declared_cells_is_missed(case: Case) -> None:
    saved(case, base(case), 'cells = "A1:K4"')
    assert "W_ROW_OUTSIDE" in case.load()
    assert case.only("W_ROW_OUTSIDE").row == 5


def test_two_rows_of_names(case: Case, same_as_base: Any) -> None:
    head, *rows = base(case)
    upper = ["subject", *["" for _ in head[1:7]], "infused", "died", "os", ""]
    lower = ["", *head[1:7], "", "", "months", "event"]
    saved(case, [["Title"], upper, lower, *rows], "header_row = [2, 3]", ("A2:A3", "H2:H3", "J2:K2"))
    for name in ("months", "event"):
        case.change("study.toml", f"os_{name} = {{", f'os_{name} = {{ source = "os {name}",')
    assert [code for code in case.load() if code != "R_TEXT_NUMBER"] == []
    same_as_base()


def test_names_in_two_rows_of_a_csv(case: Case, same_as_base: Any) -> None:
    head, *rows = base(case)
    lines = [["Baseline", *[""] * (len(head) - 1)], ["", *head[1:]], *rows]
    (case.folder / "subjects.csv").write_text("\n".join(",".join(line) for line in lines) + "\n", "utf-8")
    case.change("study.toml", 'subject = { type = "id" }', 'subject = { type = "id", source = "Baseline" }')
    case.change("study.toml", 'file = "subjects.csv"', 'file = "subjects.csv"\nheader_row = [1, 2]')
    assert case.load() == []
    same_as_base()


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ('cells = "A5"', "a range as Excel writes it"),
        ('cells = "C9:A1"', "upper left to its lower right"),
        ('cells = "A5:K9"\nheader_row = 4', "inside of A5:K9"),
        ("header_row = [3, 5]", "rows that follow each other"),
        ('date_format = ["%d/%m/%Y", "%m/%d/%Y"]', "as different days"),
        ('date_format = ["%d/%m/%Y", "%d"]', "once each"),
        ("wide = { il6 = { a = 0 } }", "only \\[frames.series\\]"),
    ],
)
def test_layouts_that_make_no_sense(case: Case, declared: str, says: str) -> None:
    import re

    saved(case, base(case), declared)
    found = [problem.reason for problem in read(case)]
    assert any(re.search(says, reason) for reason in found), found


def test_cells_are_for_workbooks(case: Case) -> None:
    case.change("study.toml", 'file = "subjects.csv"', 'file = "subjects.csv"\ncells = "A1:K5"')
    assert "only a workbook" in read(case)[0].reason


def test_dates_in_several_declared_formats(case: Case, same_as_base: Any) -> None:
    rows = base(case)
    rows[1][7], rows[2][7], rows[3][7] = "10.1.2020", "2020-02-11", datetime(2020, 3, 12)
    saved(case, rows, 'date_format = ["%d.%m.%Y", "%Y-%m-%d"]')
    assert [code for code in case.load() if code != "R_TEXT_NUMBER"] == []
    same_as_base()


def test_dates_that_fit_no_format_are_named_by_their_cells(case: Case) -> None:
    rows = base(case)
    rows[1][7], rows[3][7], rows[4][7] = "10.1.2020", "12.3.2020", "Apr 2020"
    saved(case, rows, 'date_format = "%d.%m.%Y"')
    case.load()
    partial = case.only("E_DATE_PARTIAL")
    assert (partial.cell, partial.row) == ("H5", 5)
    assert partial.line().startswith("E_DATE_PARTIAL subjects.xlsx:5:infused (cell H5): day or month is missing")
    whole = next(problem for problem in case.problems if problem.code == "E_DATE_FORMAT")
    assert "H3" in whole.line()
    assert '["%d.%m.%Y", "%Y-%m-%d"]' in whole.remedy


def test_several_cells_of_one_fault_are_all_named(case: Case) -> None:
    text = (case.folder / "subjects.csv").read_text("utf-8")
    (case.folder / "subjects.csv").write_text(
        text.replace("2020-02-11", "11.2.2020").replace("2020-04-13", "13.4.2020"), "utf-8"
    )
    case.load()
    assert "in 2 of 4 cells: rows 3, 5" in case.only("E_DATE_FORMAT").reason


def test_numbers_of_a_workbook_and_decimal_commas(case: Case, same_as_base: Any) -> None:
    rows: list[list[Any]] = base(case)
    for row in rows[1:]:
        row[2] = float(row[2])  # a number for Excel
        row[9] = row[9].replace(".", ",")  # typed as text
    saved(case, rows, 'decimal = ","')
    assert {code for code in case.load() if code != "R_TEXT_NUMBER"} == set()
    same_as_base()


def test_words_beside_numbers_and_limits_of_patients_say_what_to_do(case: Case) -> None:
    rows = base(case)
    rows[1][2], rows[2][2] = "34 y", "<18"
    saved(case, rows)
    case.load()
    word, limit = case.only("E_NOT_NUMBER"), case.only("E_CENSORED_VALUE")
    assert (word.cell, limit.cell) == ("C2", "C3")
    assert "unit" in word.reason
    assert 'values = { "<0.1" = "0.05" }' in limit.remedy
    assert "analyte" not in limit.remedy


def test_notes_and_further_tables_below_the_patients(case: Case) -> None:
    rows = base(case)
    saved(
        case, [*rows, ["Total", "", 40], ["* one of them abroad"], [], ["Toxicity"], ["subject", "term"], ["S1", "CRS"]]
    )
    codes = case.load()
    assert [problem.row for problem in case.problems if problem.code == "E_SUMMARY_ROW"] == [6]
    assert case.only("E_SECOND_TABLE").row == 10
    remedies = [problem.remedy for problem in case.problems if problem.code in ("E_SUMMARY_ROW", "E_SECOND_TABLE")]
    assert sum('cells = "A1:K5"' in remedy for remedy in remedies) >= 1, remedies
    assert not {"E_DUP_ID", "E_VALUE_MISSING"} & set(codes)


def test_a_header_that_stands_lower_and_is_not_quite_as_declared(case: Case) -> None:
    rows = base(case)
    rows[0][3] = "sexx"
    saved(case, [["Our patients"], [], *rows])
    assert case.load() == ["E_COLUMN_MISSING"]
    found = case.only("E_COLUMN_MISSING")
    assert "row 3 does, but for sex (did you mean 'sexx'?)" in found.reason
    assert "header_row = 3" in found.remedy


def test_colours_are_named_with_their_cells(case: Case) -> None:
    from openpyxl.styles import PatternFill

    book = openpyxl.Workbook()
    for row in base(case):
        book.active.append(row)
    for cell in ("A3", "B5"):
        book.active[cell].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(case.folder / "subjects.xlsx")
    case.change("study.toml", "subjects.csv", "subjects.xlsx")
    case.load()
    assert "(A3, B5)" in case.only("W_COLOUR_CODING").reason


@pytest.fixture
def wide(case: Case) -> Case:
    (case.folder / "series.csv").write_text(
        "subject,IL-6 d0,IL-6 d7,Hb d0\nS1,<10,900.5,9.5\nS2,12,,ND\nS4,30,5,11\n", "utf-8"
    )
    case.change("study.toml", 'file = "series.csv"', f'file = "series.csv"\nmissing = ["ND"]{WIDE}')
    return case


def test_days_beside_each_other_become_rows(wide: Case) -> None:
    assert wide.load() == []
    frame = wide.frames["series"]
    told = frame[["subject", "analyte", "day", "value", "qualifier"]].astype(object).where(pd.notna(frame), None)
    assert sorted(map(tuple, told.to_numpy().tolist()), key=str) == sorted(
        [
            ("S1", "il6", 0.0, 10.0, "<"),
            ("S1", "il6", 7.0, 900.5, None),
            ("S1", "hb", 0.0, 9.5, None),
            ("S2", "il6", 0.0, 12.0, None),
            ("S4", "il6", 0.0, 30.0, None),
            ("S4", "il6", 7.0, 5.0, None),
            ("S4", "hb", 0.0, 11.0, None),
        ],
        key=str,
    )


def test_the_same_values_in_rows_are_the_same_frame(wide: Case, tmp_path: Any) -> None:
    wide.load()
    first = wide.frames["series"]
    lines = [
        "subject,analyte,day,value",
        "S4,hb,0,11",
        "S1,il6,0,<10",
        "S1,il6,7,900.5",
        "S1,hb,0,9.5",
        "S2,il6,0,12",
        "S4,il6,0,30",
        "S4,il6,7,5",
    ]
    (wide.folder / "series.csv").write_text("\n".join(lines) + "\n", "utf-8")
    wide.change("study.toml", WIDE, "\n")
    wide.load()
    columns = ["subject", "analyte", "day", "value", "qualifier"]
    pd.testing.assert_frame_equal(first[columns], wide.frames["series"][columns], check_dtype=False)


def test_faults_of_days_beside_each_other_are_named_by_their_column(wide: Case) -> None:
    wide.change("series.csv", "S4,30,5,11", "S4,30,5 pg/mL,<8\nS9,1,2,3")
    wide.load()
    assert {(p.code, p.row, p.column) for p in wide.problems} == {
        ("E_NOT_NUMBER", 4, "IL-6 d7"),
        ("E_CENSORED_VALUE", 4, "Hb d0"),
        ("E_ORPHAN_ID", 5, "subject"),
    }
    wide.change("study.toml", '"Hb d0"   = 0', '"Hb d1"   = 1')
    wide.load()
    assert "did you mean 'Hb d0'?" in wide.only("E_COLUMN_MISSING").reason


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[frames.series.columns]\nday = { type = "number" }\n', "wide says the analyte and the day"),
        ('[frames.series.wide.crp]\n"Hb d0" = 0\n', "stands under two analytes"),
        ('[frames.series.wide.crp]\n"CRP d0" = "0"\n', "a number"),
    ],
)
def test_wide_that_makes_no_sense(wide: Case, more: str, says: str) -> None:
    wide.change("study.toml", "\n[endpoints.os]", f"\n{more}\n[endpoints.os]")
    assert any(says in problem.reason for problem in read(wide)), read(wide)


def test_a_column_without_a_name_gives_no_cell_to_findings_about_rows(case: Case) -> None:
    book = openpyxl.Workbook()
    for row in base(case):
        book.active.append([*row[:3], "", *row[3:]])
    book.active.row_dimensions[3].hidden = True
    book.save(case.folder / "subjects.xlsx")
    case.change("study.toml", "subjects.csv", "subjects.xlsx")
    case.load()
    assert case.only("W_HIDDEN_ROWS").cell == ""


def test_cells_after_a_row_above_was_deleted(case: Case) -> None:
    saved(case, [["Our patients"], *base(case)], 'cells = "A3:K7"')
    assert case.load() == ["E_COLUMN_MISSING"]
    assert "row 2 does" in case.only("E_COLUMN_MISSING").reason
    assert 'cells = "A2:K6"' in case.only("E_COLUMN_MISSING").remedy


def test_a_row_of_days_beside_each_other_is_named_by_the_column_that_is_its_day(wide: Case) -> None:
    """Its day stands nowhere in the file but in the name of a column: a value after death, say, is found by that."""
    wide.load()
    study, series = examine(wide.folder)[0], wide.frames["series"]
    assert study is not None
    late = at_rows(study, wide.frames, "W_DATE_ORDER", "late", (series["day"] == 7).to_numpy(), "series", "day")
    assert [(one.row, one.column) for one in late] == [(2, "IL-6 d7"), (4, "IL-6 d7")]
    person = at_rows(study, wide.frames, "W_X", "who", (series["day"] == 7).to_numpy(), "series", "subject and day")
    assert {one.column for one in person} == {"subject and IL-6 d7"}
