"""Text files: what is repaired without loss, and what is refused by line before any cell is believed."""

from __future__ import annotations

import os
from collections.abc import Callable

import pandas as pd
import pytest

from .conftest import EVENTS, SERIES, SUBJECTS, Case

Same = Callable[[], None]


def test_types_of_every_kind(case: Case) -> None:
    assert case.load() == []
    subjects = case.frames["subjects"]
    assert list(subjects.columns) == SUBJECTS.split("\n")[0].split(",")
    assert list(subjects["subject"]) == ["S1", "S2", "S3", "S4"]
    assert list(subjects["arm"].cat.categories) == ["R", "D"]
    assert subjects["arm"].cat.ordered
    assert subjects["age"].tolist() == [34, 51.5, 18, 60]
    assert list(subjects["ecog"].cat.categories) == ["0", "1", "2"]
    assert subjects["tp53"].dtype == "boolean"
    assert subjects["tp53"].tolist() == [False, True, False, pd.NA]
    assert subjects["infused"].dtype == "datetime64[ns]"
    assert subjects["died"].isna().tolist() == [True, False, True, False]
    assert subjects["os_event"].tolist() == [0, 1, 0, 1]
    assert isinstance(subjects.index, pd.RangeIndex)
    assert [int(row) for row in subjects.attrs["rows"]] == [2, 3, 4, 5]
    assert case.frames["series"]["qualifier"].isna().all()
    assert case.frames["events"]["term"].tolist() == ["crs", "neutropenia", "crs", "neutropenia"]


def test_rows_in_another_order(case: Case, same_as_base: Same) -> None:
    for name, text in (("subjects.csv", SUBJECTS), ("events.csv", EVENTS), ("series.csv", SERIES)):
        head, *rows = text.splitlines()
        case.write(name, "\n".join([head, *reversed(rows)]) + "\n")
    assert case.load() == []
    same_as_base()
    assert [int(row) for row in case.frames["subjects"].attrs["rows"]] == [5, 4, 3, 2]


@pytest.mark.parametrize(("content", "codes"), [
    (SUBJECTS.replace("\n", "\r\n").encode(), []),
    (SUBJECTS.replace("\n", "\r").encode(), []),
    (SUBJECTS.encode("utf-16"), ["R_UTF16"]),
    (SUBJECTS.encode("utf-8-sig"), ["R_BOM"]),
    (SUBJECTS.replace("arm", "arm ").encode(), ["R_HEADER_SPACE"]),
    (SUBJECTS.replace("\nS3", "\n\n ,,,,,,,,,,\nS3").encode(), ["R_BLANK_LINE"]),
    (SUBJECTS.replace("S1", " S1").replace("CR,", "CR\u00a0,").encode(), ["R_TRIM"]),
    ((SUBJECTS + "\n\n").encode(), []),
    (SUBJECTS.replace("S1,R", '"S1","R"').encode(), []),
    (SUBJECTS.replace(",0\n", ",FALSE\n").replace(",1\n", ",true\n").encode(), []),
    (SUBJECTS.replace("51.5", "5.15E+01").encode(), []),
    (SUBJECTS.replace("2020-01-10", "2020-01-10 00:00:00").encode(), ["R_DATE_TIME"]),
])
def test_repaired_without_loss(case: Case, same_as_base: Same, content: bytes, codes: list[str]) -> None:
    case.write("subjects.csv", content)
    assert case.load() == codes
    same_as_base()


def test_composed_unicode_joins(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace("S1", "S\u00e9"))
    case.write("events.csv", EVENTS.replace("S1", "Se\u0301"))
    case.write("series.csv", SERIES.replace("S1", "S\u00e9"))
    assert case.load() == ["R_NFC"]
    assert case.only("R_NFC").file == "events.csv"


def test_semicolons_and_decimal_commas(case: Case, same_as_base: Same) -> None:
    text = SUBJECTS.replace(",", ";").replace("51.5", "51,5").replace("24.5", "24,5").replace("12.6", "12,6")
    case.write("subjects.csv", text)
    assert case.load() == ["R_DELIM"]
    same_as_base()
    case.write("subjects.csv", text.replace("24,5", "24.5"))  # not every number fits one pattern any more
    assert "E_NUMBER_FORMAT" in case.load()


def test_declared_delimiter_decimal_and_encoding(case: Case, same_as_base: Same) -> None:
    text = SUBJECTS.replace(",", "|").replace(".", ",")
    case.write("subjects.csv", text.encode("latin-1"))
    case.change("study.toml", 'file = "subjects.csv"',
                'file = "subjects.csv"\ndelimiter = "|"\ndecimal = ","\nencoding = "latin-1"')
    assert case.load() == []
    same_as_base()


@pytest.mark.parametrize(("content", "code", "row", "says"), [
    (b"", "E_EMPTY_FILE", None, "empty"),
    (b" \n\n", "E_EMPTY_FILE", None, "white space"),
    (SUBJECTS.splitlines()[0].encode() + b"\n", "E_NO_ROWS", None, "0 patients"),
    (SUBJECTS.replace("CR", "C\u00e9", 1).encode("latin-1"), "E_ENCODING", 2, "line 2, column 16"),
    (SUBJECTS.encode("utf-16-le"), "E_ENCODING", 1, "UTF-16"),
    (SUBJECTS.replace("PR", "P\0R").encode(), "E_CONTROL_CHAR", 3, "U+0000"),
    (SUBJECTS.replace("PR", "P\x0bR").encode(), "E_CONTROL_CHAR", 3, "U+000B"),
    (SUBJECTS.rstrip("\n")[:-12].encode(), "E_SHORT_ROW", 5, "9 fields"),
    (SUBJECTS.replace("24.5,0", "24.5,0,7").encode(), "E_FIELD_COUNT", 2, "12 fields, the header has 11"),
    (SUBJECTS.replace(",2021-03-01,12.6,1", "").encode(), "E_FIELD_COUNT", 3, "8 fields"),
    (SUBJECTS.replace(",PR,", ',"PR,').encode(), "E_QUOTE", 3, "line 3"),
    (SUBJECTS.replace(",PR,", ',"PR,').replace(",CR,2020-04", ',"CR",2020-04').encode(), "E_QUOTE", 3, "line 3"),
    (b"PK\x03\x04rest", "E_WRONG_TYPE", None, "Excel"),
    (b"\x1f\x8b\x08rest", "E_WRONG_TYPE", None, "gzip"),
    (b"<html><body>", "E_WRONG_TYPE", None, "web page"),
    (SUBJECTS.replace("tp53", "age").encode(), "E_DUP_COLUMN", 1, "positions 3 and 6"),
    (SUBJECTS.replace("os_event", "os_evnt").encode(), "E_COLUMN_MISSING", 1, "did you mean 'os_evnt'"),
    (SUBJECTS.replace(",arm", ",ARM").encode(), "E_COLUMN_MISSING", 1, "did you mean 'ARM'"),
    (b"Our patients\n" + SUBJECTS.encode(), "E_COLUMN_MISSING", 1, "row 2 does"),
])
def test_refused(case: Case, content: bytes, code: str, row: int | None, says: str) -> None:
    case.write("subjects.csv", content)
    assert code in case.load()
    found = next(problem for problem in case.problems if problem.code == code)
    assert found.row == row
    assert says in found.reason
    assert "subjects" not in case.frames


def test_header_lower_down(case: Case, same_as_base: Same) -> None:
    case.write("subjects.csv", "Our patients\n" + SUBJECTS)
    case.change("study.toml", 'file = "subjects.csv"', 'file = "subjects.csv"\nheader_row = 2')
    assert case.load() == []
    same_as_base()
    assert int(case.frames["subjects"].attrs["rows"][0]) == 3


def test_missing_file_names_path_and_line(case: Case) -> None:
    (case.folder / "events.csv").unlink()
    assert case.load() == ["E_FILE_MISSING"]
    problem = case.only("E_FILE_MISSING")
    assert str((case.folder / "events.csv").resolve()) in problem.reason
    line = (case.folder / "study.toml").read_text().splitlines().index('file = "events.csv"') + 1
    assert f"line {line}" in problem.reason


def test_folder_instead_of_file(case: Case) -> None:
    (case.folder / "events.csv").unlink()
    (case.folder / "events.csv").mkdir()
    assert case.load() == ["E_NOT_A_FILE"]


def test_link_that_leaves_the_folder(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "events.csv"
    elsewhere.write_text(EVENTS)
    (case.folder / "events.csv").unlink()
    os.symlink(elsewhere, case.folder / "events.csv")
    assert case.load() == ["E_PATH_OUTSIDE"]
    assert str(elsewhere) in case.only("E_PATH_OUTSIDE").reason
    assert case.load(allow_outside=True) == []


def test_unused_columns_are_listed_not_read(case: Case, same_as_base: Same) -> None:
    head, *rows = SUBJECTS.splitlines()
    case.write("subjects.csv", "\n".join([head + ",note", *(row + ",x" for row in rows)]))
    assert case.load() == []
    same_as_base()
    assert case.frames["subjects"].attrs["unused"] == ("note",)


def test_values_are_not_echoed(case: Case) -> None:
    case.write("subjects.csv", SUBJECTS.replace("51.5", "Jane Doe"))
    assert case.load() == ["E_NOT_NUMBER"]
    problem = case.only("E_NOT_NUMBER")
    assert "Jane" not in problem.line()
    assert "Jane" in problem.line(show_values=True)
    assert (problem.row, problem.column) == (3, "age")


def test_many_portions(case: Case) -> None:
    rows = [f"S{i % 4 + 1},{'il6' if i else 'hb'},{i // 16},{i * 0.25},{'pg/mL' if i else 'g/dL'}" for i in range(9000)]
    case.write("series.csv", "subject,analyte,day,value,unit\n" + "\n".join(rows) + "\n")
    assert case.load() == []
    series = case.frames["series"]
    assert len(series) == 9000
    assert series["value"].sum() == pytest.approx(sum(i * 0.25 for i in range(9000)))
    assert series["subject"].is_monotonic_increasing
    row = int(series.attrs["rows"][5000])
    assert rows[row - 2].split(",")[3] == f"{series['value'][5000]}"
