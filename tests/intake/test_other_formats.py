"""Parquet, SAS, SPSS and Stata files give the frames that the same table as CSV gives."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from .conftest import SUBJECTS, Case

Same = Callable[[], None]


def table(case: Case) -> pd.DataFrame:
    """The subjects with real numbers and dates, missing ones included."""
    head, *rows = [line.split(",") for line in SUBJECTS.splitlines()]
    data = pd.DataFrame(rows, columns=head)
    for name in ("age", "ecog", "os_months", "os_event"):
        data[name] = pd.to_numeric(data[name]).astype(float)
    for name in ("infused", "died"):
        data[name] = pd.Series([datetime.date.fromisoformat(cell) if cell else None for cell in data[name]],
                               dtype=object)
    return data


@pytest.mark.parametrize(("ending", "write"), [
    ("sav", pyreadstat.write_sav),
    ("dta", pyreadstat.write_dta),
    ("xpt", lambda data, path: pyreadstat.write_xport(data, path, file_format_version=8)),
    ("parquet", lambda data, path: data.to_parquet(path, index=False)),
])
def test_same_frames(case: Case, same_as_base: Same, ending: str, write: Callable[[pd.DataFrame, str], None]) -> None:
    write(table(case), str(case.folder / f"subjects.{ending}"))
    case.change("study.toml", "subjects.csv", f"subjects.{ending}")
    assert case.load() == []
    same_as_base()


@pytest.mark.parametrize("ending", ["sav", "dta", "xpt", "parquet", "sas7bdat"])
def test_wrong_type(case: Case, ending: str) -> None:
    case.write(f"subjects.{ending}", SUBJECTS)
    case.change("study.toml", "subjects.csv", f"subjects.{ending}")
    assert case.load() == ["E_WRONG_TYPE"]


@pytest.mark.parametrize(("ending", "start"), [
    ("sav", b"$FL2"), ("dta", b"<stata_dta>"), ("xpt", b"HEADER RECORD*******"), ("parquet", b"PAR1"),
    ("sas7bdat", bytes(12))])
def test_broken(case: Case, ending: str, start: bytes) -> None:
    case.write(f"subjects.{ending}", start + b" nothing that follows makes sense " * 40)
    case.change("study.toml", "subjects.csv", f"subjects.{ending}")
    assert case.load() == ["E_FILE_BROKEN"]


def test_missing_column(case: Case) -> None:
    table(case).drop(columns="best").to_parquet(case.folder / "subjects.parquet", index=False)
    case.change("study.toml", "subjects.csv", "subjects.parquet")
    assert case.load() == ["E_COLUMN_MISSING"]


def test_nested_parquet(case: Case) -> None:
    data = table(case)
    data["age"] = [[1.0], [2.0], [3.0], [4.0]]
    data.to_parquet(case.folder / "subjects.parquet", index=False)
    case.change("study.toml", "subjects.csv", "subjects.parquet")
    assert case.load() == ["E_CELL_NESTED"]


def test_dates_with_time_zone(case: Case) -> None:
    data = table(case)
    data["infused"] = pd.to_datetime(data["infused"]).dt.tz_localize("Pacific/Kiritimati")
    data.to_parquet(case.folder / "subjects.parquet", index=False)
    case.change("study.toml", "subjects.csv", "subjects.parquet")
    assert case.load() == ["E_DATE_FORMAT"]


def kept(case: Case, ending: str, numbers: list[float], shown_as: str) -> list[str]:
    """What is told of the study when its file of this kind keeps the days of infusion as these numbers."""
    data = table(case)
    data["infused"] = numbers
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[ending]
    extra = {"file_format_version": 8} if ending == "xpt" else {}
    write(data, str(case.folder / f"subjects.{ending}"), variable_format={"infused": shown_as}, **extra)
    case.change("study.toml", "subjects.csv", f"subjects.{ending}")
    return case.load()


def counted(case: Case, since: str, per_day: int) -> list[float]:
    """The days of infusion, counted from another day."""
    start = datetime.date.fromisoformat(since)
    return [float((day - start).days * per_day) for day in table(case)["infused"]]


@pytest.mark.parametrize(("ending", "shown_as"), [
    ("dta", "%tdDD/NN/CCYY"), ("dta", "%tdNN/DD/CCYY"), ("dta", "%tdMonth_dd,_CCYY"), ("dta", "%-td"), ("dta", "%dD_m_Y"),
    ("xpt", "WORDDATE18"), ("xpt", "NLDATE"), ("xpt", "EURDFDD10"), ("xpt", "E8601DA10"), ("xpt", "DATE"), ("xpt", "yymmdd10"),
])
def test_a_day_is_a_day_however_it_is_shown(case: Case, same_as_base: Same, ending: str, shown_as: str) -> None:
    assert kept(case, ending, counted(case, "1960-01-01", 1), shown_as) == []
    same_as_base()


@pytest.mark.parametrize(("ending", "since", "per_day", "shown_as"), [
    ("dta", "1960-01-01", 86_400_000, "%tcDD/NN/CCYY_HH:MM"), ("xpt", "1960-01-01", 86_400, "DTDATE9"),
    ("xpt", "1960-01-01", 86_400, "DATETIME20"), ("sav", "1582-10-14", 86_400, "DATE11"),
    ("sav", "1582-10-14", 86_400, "SDATE10"), ("sav", "1582-10-14", 86_400, "DATETIME20"),
])
def test_seconds_are_days_too(case: Case, same_as_base: Same, ending: str, since: str, per_day: int, shown_as: str) -> None:
    assert kept(case, ending, counted(case, since, per_day), shown_as) == []
    same_as_base()


@pytest.mark.parametrize(("ending", "shown_as"), [("dta", "%td"), ("xpt", "DATE9"), ("sav", "DATE11"), ("dta", "%tc")])
@pytest.mark.parametrize("number", [1e300, -1e300, 5e17])
def test_a_day_beyond_the_calendar_is_the_cells_fault(case: Case, ending: str, shown_as: str, number: float) -> None:
    assert "E_DATE_INVALID" in kept(case, ending, [number] * 4, shown_as)
    case.change("study.toml", 'day_zero = "infused"', "")  # in a column that nobody reads it does no harm
    case.change("study.toml", 'infused = { type = "date", required = true }', "")
    assert case.load() == []


@pytest.mark.parametrize(("ending", "shown_as"), [("dta", "%9.0g"), ("dta", "%tm"), ("xpt", "BEST12"), ("xpt", "MONYY7")])
def test_numbers_that_no_format_shows_as_days_are_no_dates(case: Case, ending: str, shown_as: str) -> None:
    assert kept(case, ending, counted(case, "1960-01-01", 1), shown_as) == ["E_DATE_SERIAL"]
    assert "SAS, Stata or SPSS" in case.only("E_DATE_SERIAL").remedy


def test_official_sas_transport_files(oracle: Path, case: Case) -> None:
    for name in ("adsl.xpt", "adae.xpt"):
        case.write(name, (oracle / "data" / "cdisc_pilot" / name).read_bytes())
    case.write("study.toml", """
[study]
title = "Pilot"
short = "PILOT"
data_cutoff = 2016-01-01
day_zero = "start"
[arms]
P = "Placebo"
L = "Low dose"
H = "High dose"
[frames.subjects]
file = "adsl.xpt"
[frames.subjects.columns]
subject = { type = "id", source = "USUBJID" }
arm = { type = "arm", source = "TRT01PN", values = { 0 = "P", 54 = "L", 81 = "H" } }
age = { type = "number", source = "AGE" }
start = { type = "date", source = "TRTSDT" }
[frames.events]
file = "adae.xpt"
[frames.events.columns]
subject = { source = "USUBJID" }
term = { source = "AEDECOD" }
date = { source = "ASTDT" }
grade = { source = "AESEV", values = { MILD = "1", MODERATE = "2", SEVERE = "3" } }
study_day = { type = "number", source = "ASTDY" }
""")
    assert case.load() == []
    subjects, events = case.frames["subjects"], case.frames["events"]
    assert subjects["arm"].value_counts().to_dict() == {"P": 86, "L": 84, "H": 84}
    assert len(events) == 1191
    told = events["study_day"].notna() & events["day"].notna()
    # CDISC has no day 0: its day 1 is our day 0
    ours = events["day"] + (events["day"] >= 0)
    assert (ours[told] == events["study_day"][told]).all()
