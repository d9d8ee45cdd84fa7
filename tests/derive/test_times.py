"""Times and states: the earliest decides, ties in the documented order, months to the last bit."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from stats.derive import times
from stats.study.types import Column, Endpoint
from tests.derive.studies import study, subjects

DATES = tuple(Column(name, "date") for name in
              ("infusion_date", "relapse_date", "death_date", "hsct_date", "contact_date"))


def relapse(**changes):
    given = {"start": "infusion_date", "event": ("relapse_date",), "competing": ("death_date",),
             "censor": ("contact_date",), "unit": "days"}
    return Endpoint("relapse", "Relapse", **{**given, **changes})


def made(endpoint, frame, columns=DATES, **settings):
    s = study(columns, endpoints={endpoint.name: endpoint}, day_zero="infusion_date", **settings)
    step = times.derive(s, {"subjects": frame})
    out = step.frames["subjects"]
    return out[f"{endpoint.name}.time"].tolist(), out[f"{endpoint.name}.status"].tolist(), step.problems


@pytest.mark.parametrize(("event", "competing", "censor"), itertools.product((5, 7, None), repeat=3))
def test_earliest_decides_and_ties_go_event_competing_censored(event, competing, censor):
    days = np.array([math.inf if d is None else float(d) for d in (event, competing, censor)])
    day, status = times.decide(*(np.array([d]) for d in days))
    if not np.isfinite(days).any():
        assert np.isnan(day[0])
        assert np.isnan(status[0])
        return
    # written independently: sort (day, rank) pairs, take the smallest
    best = min((d, rank) for rank, d in enumerate(days))
    assert day[0] == best[0]
    assert status[0] == (1.0, 2.0, 0.0)[best[1]]


def test_a_year_is_twelve_months_and_months_are_divided_once():
    frame = subjects(3, infusion_date=["2020-01-01"] * 3, relapse_date=[None] * 3, death_date=[None] * 3,
                     contact_date=["2020-12-31", "2021-01-01", "2020-01-01"])
    time, status, problems = made(relapse(unit="months"), frame)
    assert time == [365 / 30.4375, 366 / 30.4375, 0.0]
    assert status == [0, 0, 0]
    assert problems == ()
    assert 365.25 / 30.4375 == 12.0


@pytest.mark.parametrize(("unit", "expected"), [("days", 28.0), ("weeks", 4.0), ("months", 28 / 30.4375),
                                                ("years", 28 / 365.25)])
def test_units(unit, expected):
    frame = subjects(1, infusion_date=["2024-02-10"], relapse_date=["2024-03-09"], death_date=[None],
                     contact_date=["2024-05-01"])
    assert made(relapse(unit=unit), frame)[:2] == ([expected], [1.0])


def test_several_columns_earliest_event_and_earliest_known_censoring():
    frame = subjects(3, infusion_date=["2020-01-01"] * 3, relapse_date=["2020-02-01", None, None],
                     death_date=["2020-01-20", None, None], hsct_date=[None, "2020-03-01", None],
                     contact_date=["2020-06-01"] * 3)
    endpoint = relapse(event=("relapse_date", "death_date"), competing=(), censor=("contact_date", "hsct_date"))
    assert made(endpoint, frame)[:2] == ([19.0, 60.0, 152.0], [1.0, 0.0, 0.0])


def test_an_event_after_the_censoring_date_is_censored_and_said():
    frame = subjects(1, infusion_date=["2020-01-01"], relapse_date=["2020-04-01"], death_date=[None],
                     contact_date=["2020-03-01"])
    time, status, problems = made(relapse(), frame)
    assert (time, status) == ([60.0], [0.0])
    assert [p.code for p in problems] == ["W_EVENT_AFTER_CENSORING"]


def test_event_before_start_is_refused_at_its_row_and_both_columns():
    frame = subjects(2, infusion_date=["2020-01-10"] * 2, relapse_date=[None, "2020-01-01"], death_date=[None] * 2,
                     contact_date=["2020-06-01"] * 2)
    frame.attrs["rows"] = [7, 5]
    time, status, problems = made(relapse(), frame)
    assert time[1] != time[1]
    assert status[1] != status[1]
    assert [(p.code, p.row, p.column, p.file) for p in problems] == [
        ("E_DATE_ORDER", 5, "relapse_date and infusion_date", "subjects.csv")]


def test_nothing_known_after_the_start_is_an_error_but_an_unbegun_clock_is_not():
    frame = subjects(2, infusion_date=["2020-01-10", None], relapse_date=[None] * 2, death_date=[None] * 2,
                     contact_date=[None, "2020-05-01"])
    time, _, problems = made(relapse(), frame)
    assert np.isnan(time).all()
    assert [p.code for p in problems] == ["E_VALUE_MISSING", "N_NO_TIME"]


def test_day_columns_count_from_day_zero_and_mix_with_dates():
    columns = (*DATES, Column("gvhd_day", "number"))
    frame = subjects(2, infusion_date=["2020-01-10"] * 2, death_date=["2020-01-30", None], gvhd_day=[20.0, 41.5],
                     contact_date=["2020-03-10"] * 2)
    endpoint = relapse(event=("gvhd_day",))
    assert made(endpoint, frame, columns)[:2] == ([20.0, 41.5], [1.0, 1.0])


def test_days_without_day_zero_and_a_start_day():
    columns = tuple(Column(name, "number") for name in ("cr_day", "relapse_day", "last_day"))
    frame = subjects(3, cr_day=[28.0, 30.0, np.nan], relapse_day=[100.0, np.nan, np.nan], last_day=[400.0] * 3)
    endpoint = Endpoint("rfs", "Relapse-free survival", start="cr_day", event=("relapse_day",), censor=("last_day",),
                        unit="days")
    step = times.derive(study(columns, endpoints={"rfs": endpoint}), {"subjects": frame})
    assert step.frames["subjects"]["rfs.time"].tolist()[:2] == [72.0, 370.0]
    assert step.frames["subjects"]["rfs.status"].tolist()[:2] == [1.0, 0.0]
    assert [p.code for p in step.problems] == ["N_NO_TIME"]


def test_dates_and_days_without_day_zero_are_refused():
    columns = (*DATES, Column("gvhd_day", "number"))
    frame = subjects(1, infusion_date=["2020-01-10"], death_date=[None], gvhd_day=[3.0], contact_date=["2020-03-10"])
    endpoint = relapse(event=("gvhd_day",))
    step = times.derive(study(columns, endpoints={"relapse": endpoint}), {"subjects": frame})
    assert [p.code for p in step.problems] == ["E_CONFIG_VALUE"]


def from_columns(values, time, kind="number", unit="", **endpoint):
    frame = subjects(len(time), pfs_months=np.array(time, dtype=float), pfs_event=values)
    columns = (Column("pfs_months", "number", unit=unit), Column("pfs_event", kind))
    given = Endpoint("pfs", "PFS", time="pfs_months", status="pfs_event", unit="months", **endpoint)
    step = times.derive(study(columns, endpoints={"pfs": given}), {"subjects": frame})
    out = step.frames["subjects"]
    return out["pfs.time"].tolist(), out["pfs.status"].tolist(), [p.code for p in step.problems]


def test_status_codes_by_default_and_declared_by_number_or_word():
    assert from_columns([0.0, 1.0, 2.0, 3.0], [1, 2, 3, 4]) == ([1, 2, 3, 4], [0, 1, 2, 2], [])
    lung = {"event": ("2",), "censored": ("1",)}
    assert from_columns([1.0, 2.0], [1, 2], status_values=lung)[1:] == ([0, 1], [])
    text = {"event": ("death",), "competing": ("ltx", "withdraw"), "censored": ("censored",)}
    values = np.array(["death", "ltx", "withdraw", "censored"], dtype=object)
    assert from_columns(values, [1, 2, 3, 4], "text", status_values=text)[1:] == ([1, 2, 2, 0], [])
    flags = pd.array([True, False], dtype="boolean")
    assert from_columns(flags, [1, 2], "flag")[1:] == ([1, 0], [])


@pytest.mark.parametrize(("values", "time", "codes"), [
    ([1.0, 2.0, 1.0], [1, 2, 3], ["E_EVENT_CODE"]),
    ([0.0, 1.5, 1.0], [1, 2, 3], ["E_EVENT_CODE"]),
    ([0.0, np.nan, 1.0], [1, 2, 3], ["E_VALUE_MISSING"]),
    ([0.0, 1.0, 1.0], [1, np.nan, 3], ["E_VALUE_MISSING"]),
    ([0.0, np.nan, 1.0], [1, np.nan, 3], ["N_NO_TIME"]),
    ([0.0, 1.0, 1.0], [1, -0.5, 3], ["E_RANGE"]),
])
def test_codes_and_times_that_cannot_be_used(values, time, codes):
    made_time, _, found = from_columns(values, time)
    assert found == codes
    if codes != ["E_EVENT_CODE"] or 1.5 in values:
        assert np.isnan(made_time[1])


def test_a_time_column_in_another_unit_is_converted():
    assert from_columns([1.0, 0.0], [365.25, 30.4375], unit="days")[0] == [12.0, 1.0]
    assert from_columns([1.0, 0.0], [12.0, 1.0], unit="months")[0] == [12.0, 1.0]


def test_inputs_stay_as_they_were():
    frame = subjects(1, infusion_date=["2020-01-10"], relapse_date=[None], death_date=[None],
                     contact_date=["2020-03-10"])
    before = frame.copy(deep=True)
    made(relapse(), frame)
    pd.testing.assert_frame_equal(frame, before)
