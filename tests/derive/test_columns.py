"""Subject columns read out of long frames, and spans between two of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stats.derive import columns, derive_all
from stats.study.types import Analyte, Column, Endpoint, From
from tests.derive.studies import long, study, subjects

NAN = float("nan")
SERIES = long(("P1", "chimerism", -5, 60.0), ("P1", "chimerism", -1, 80.0), ("P1", "chimerism", 0, 99.0),
              ("P1", "chimerism", 1, 99.5), ("P1", "chimerism", 2, 50.0), ("P1", "il6", 0, 7.0),
              ("P2", "chimerism", -2, 88.0), ("P2", "chimerism", 30, NAN), columns="subject analyte day value")
TREATMENTS = long(("P1", "tocilizumab", 3), ("P1", "tocilizumab", 1), ("P1", "steroids", 4),
                  ("P3", "tocilizumab", None),
                  columns="subject drug day")
DRUGS = {"treatments": (Column("drug", "text"),)}


def read(source, kind="number", frame=SERIES, n=3, analytes=None, more=None, **column):
    made = Column("made", kind, read_from=source, **column)
    s = study((made,), (source.frame,), more, analytes=analytes or {})
    step = columns.derive(s, {"subjects": subjects(n), source.frame: frame})
    return step.frames["subjects"]["made"], [p.code for p in step.problems]


@pytest.mark.parametrize(("pick", "extra", "expected"), [
    ("first", {}, [80.0, NAN, NAN]),
    ("last", {}, [99.5, NAN, NAN]),
    ("nearest", {"to": 0.4}, [99.0, NAN, NAN]),
    ("nearest", {"to": 0.5}, [99.0, NAN, NAN]),
    ("nearest", {"to": 0.6}, [99.5, NAN, NAN]),
    ("min", {}, [80.0, NAN, NAN]),
    ("max", {}, [99.5, NAN, NAN]),
    ("mean", {}, [(80 + 99 + 99.5) / 3, NAN, NAN]),
    ("count", {}, [3, 0, 0]),
    ("first-day", {}, [-1, NAN, NAN]),
    ("last-day", {}, [1, NAN, NAN]),
])
def test_numbers_in_a_window_with_both_ends(pick, extra, expected):
    values, problems = read(From("series", analyte="chimerism", day=(-1, 1), pick=pick, **extra))
    np.testing.assert_array_equal(values.to_numpy(float), expected)
    assert problems == []


def test_without_a_window_all_days_count_and_missing_values_are_no_value():
    assert read(From("series", analyte="chimerism", pick="last"))[0].tolist()[:2] == [50.0, 88.0]
    assert read(From("series", analyte="chimerism", pick="count"))[0].tolist() == [5, 2, 0]


def test_any_is_a_flag_and_where_narrows_rows():
    source = From("treatments", where="drug == 'tocilizumab'", pick="any")
    values, _ = read(source, "flag", TREATMENTS, more=DRUGS)
    assert values.dtype == "boolean"
    assert values.tolist() == [True, False, True]
    day = From("treatments", where="drug == 'tocilizumab'", pick="first-day")
    np.testing.assert_array_equal(read(day, frame=TREATMENTS, more=DRUGS)[0].to_numpy(float), [1, NAN, NAN])


def test_a_row_without_a_day_never_enters_a_window():
    source = From("treatments", where="drug == 'tocilizumab'", day=(0, 30), pick="any")
    assert read(source, "flag", TREATMENTS, more=DRUGS)[0].tolist() == [True, False, False]


RESPONSES = long(("P1", 14, "NR"), ("P1", 25, "CRi"), ("P1", 31, "CR"), ("P2", 60, "CR"),
                 columns="subject day response")


def test_levels_become_an_ordered_category_and_ties_go_to_the_earlier_day():
    source = From("responses", day=(21, 42), pick="nearest", to=28)
    values, problems = read(source, "category", RESPONSES, levels={"CR": "CR", "CRi": "CRi", "NR": "NR"})
    assert values.astype(object).where(values.notna(), None).tolist() == ["CRi", None, None]
    assert values.cat.categories.tolist() == ["CR", "CRi", "NR"]
    assert values.cat.ordered
    assert problems == []


def test_best_response_is_the_lowest_level_of_an_ordered_column():
    frame = RESPONSES.assign(response=pd.Categorical(RESPONSES["response"], ["CR", "CRi", "NR"], ordered=True))
    values, _ = read(From("responses", pick="min"), "ordinal", frame, levels={"CR": "", "CRi": "", "NR": ""})
    assert values.astype(object).tolist()[:2] == ["CR", "CR"]


def test_values_map_codes_and_unknown_levels_are_refused():
    source = From("responses", day=(21, 42), pick="last")
    values, problems = read(source, "category", RESPONSES, levels={"complete": "Complete"}, values={"CR": "complete"})
    assert values.tolist()[0] == "complete"
    assert problems == []
    assert read(source, "category", RESPONSES, levels={"CRi": "CRi"})[1] == ["E_LEVEL"]


def test_profile_picks_follow_the_kinetics_rules():
    frame = long(("P1", "cart", 0, 999), ("P1", "cart", 1, 100), ("P1", "cart", 5, 300), ("P1", "cart", 9, 300),
                 ("P1", "cart", 28, 200), ("P2", "cart", 1, 10), ("P2", "cart", 2, 20),
                 columns="subject analyte day value")
    analytes = {"cart": Analyte("cart", "CAR", lloq=50, window=(1, 28))}
    np.testing.assert_array_equal(
        read(From("series", "cart", pick="peak"), frame=frame, analytes=analytes)[0].to_numpy(float), [300, 25, NAN])
    np.testing.assert_array_equal(
        read(From("series", "cart", pick="tmax"), frame=frame, analytes=analytes)[0].to_numpy(float), [5, NAN, NAN])
    area = read(From("series", "cart", pick="auc"), frame=frame, analytes=analytes)[0][0]
    assert area == pytest.approx(4 * 200 + 4 * 300 + 19 * 100 / np.log(1.5))
    early = read(From("series", "cart", day=(0, 3), pick="peak"), frame=frame, analytes=analytes)[0][0]
    assert early == 999


def test_an_absent_frame_leaves_the_column_empty_and_says_so():
    s = study((Column("made", "flag", read_from=From("treatments", pick="any")),))
    step = columns.derive(s, {"subjects": subjects(2)})
    assert step.frames["subjects"]["made"].isna().all()
    assert [p.code for p in step.problems] == ["N_NO_FRAME"]


def test_range_and_required_hold_for_made_columns():
    _, problems = read(From("series", analyte="chimerism", pick="last"), range=(60, 100), required=True)
    assert problems == ["E_RANGE", "E_VALUE_MISSING"]


def test_between_dates_days_and_units():
    made = (Column("hsct_date", "date"), Column("relapse_date", "date"), Column("infusion_date", "date"),
            Column("gvhd_day", "number"), Column("gap", "number", between=("hsct_date", "relapse_date")),
            Column("gap_months", "number", unit="months", between=("hsct_date", "relapse_date")),
            Column("late", "number", unit="weeks", between=("relapse_date", "gvhd_day")))
    frame = subjects(2, hsct_date=["2020-01-01", "2020-01-01"], relapse_date=["2020-03-01", None],
                     infusion_date=["2020-03-15"] * 2, gvhd_day=[7.0, 7.0])
    out = columns.derive(study(made, day_zero="infusion_date"), {"subjects": frame}).frames["subjects"]
    np.testing.assert_array_equal(out["gap"], [60, NAN])
    np.testing.assert_array_equal(out["gap_months"], [60 / 30.4375, NAN])
    np.testing.assert_array_equal(out["late"], [3, NAN])


def test_a_first_day_column_can_be_an_event_and_an_outcome_knows_what_it_cannot_know():
    made = (Column("last_day", "number"), Column("response", "category", levels={"CR": "", "NE": "", "NR": ""}),
            Column("mrd", "category", levels={"negative": "", "positive": ""}),
            Column("toci_day", "number", read_from=From("treatments", where="drug == 'tocilizumab'", pick="first-day")))
    endpoints = {
        "toci": Endpoint("toci", "Tocilizumab", start="zero", event=("toci_day",), censor=("last_day",), unit="days"),
        "cr": Endpoint("cr", "CR", column="response", responses=("CR",)),
        "deep": Endpoint("deep", "MRD-negative CR", where="response == 'CR' and mrd == 'negative'")}
    s = study((*made, Column("zero", "number")), ("treatments",), DRUGS, endpoints=endpoints)
    frame = subjects(4, zero=[0.0] * 4, last_day=[30.0] * 4,
                     response=pd.Categorical(["CR", "NR", None, "NE"], ["CR", "NE", "NR"], ordered=True),
                     mrd=pd.Categorical([None, None, "positive", None], ["negative", "positive"], ordered=True))
    given = {"subjects": frame, "treatments": TREATMENTS}
    frames, problems, ran = derive_all(s, given)
    out = frames["subjects"]
    assert out["toci.time"].tolist() == [1, 30, 30, 30]
    assert out["toci.status"].tolist() == [1, 0, 0, 0]
    assert out["cr.outcome"].astype(object).tolist() == [True, False, pd.NA, False]
    assert out["deep.outcome"].astype(object).tolist() == [pd.NA, False, False, False]
    assert "time-from-dates" in ran
    assert problems == []
    assert list(given["subjects"].columns) == list(frame.columns)
    assert "toci.time" not in given["subjects"]


LIMITED = long(("P1", "crp", 1, 20.0, "<"), ("P1", "crp", 2, 12.0, None), ("P1", "crp", 3, 5.0, "<"),
               ("P2", "crp", 1, 5.0, "<"), ("P2", "crp", 2, 10.0, "<"), ("P3", "crp", 1, 99.0, ">"),
               columns="subject analyte day value qualifier")


@pytest.mark.parametrize(("lloq", "pick", "values", "limits"), [
    # half the declared limit for all that lies below it, whatever its own; P1 was measured once
    (5.0, "last", [2.5, 2.5, 99], [-5, -10, 99]),
    (5.0, "first", [2.5, 2.5, 99], [-20, -5, 99]),
    (5.0, "max", [12, 2.5, 99], [NAN, -10, 99]),
    (5.0, "mean", [(2.5 + 12 + 2.5) / 3, 2.5, 99], [NAN, -10, NAN]),
    (5.0, "peak", [12, 2.5, NAN], [NAN, -10, NAN]),
    # a number below the declared limit lies below it, too
    (15.0, "max", [7.5, 7.5, 99], [-20, -15, 99]),
    # without one half of its own
    (None, "last", [2.5, 5, 99], [-5, -10, 99]),
    (None, "max", [12, 5, 99], [NAN, -10, 99]),
])
def test_a_value_below_quantification_counts_as_half_the_limit(lloq, pick, values, limits):
    made = Column("made", "number", read_from=From("series", analyte="crp", pick=pick))
    s = study((made,), ("series",), {"series": (Column("qualifier", "text"),)},
              analytes={"crp": Analyte("crp", "CRP", lloq=lloq)})
    found = columns.derive(s, {"subjects": subjects(3), "series": LIMITED}).frames["subjects"]
    np.testing.assert_array_equal(found["made"].to_numpy(float), values)
    np.testing.assert_array_equal(found["made.beyond"].to_numpy(float), limits)


@pytest.mark.parametrize(("condition", "count"), [("value < 5", [1, 1, 0]), ("value >= 5", [2, 1, 1])])
def test_a_condition_on_a_value_below_quantification_asks_what_it_counts_as(condition, count):
    """`<5` is below 5; without a declared limit `<20` and `<10` count as 10 and 5."""
    source = From("series", analyte="crp", pick="count", where=condition)
    s = study((Column("made", "number", read_from=source),), ("series",),
              {"series": (Column("qualifier", "text"), Column("value", "number"))})
    found = columns.derive(s, {"subjects": subjects(3), "series": LIMITED}).frames["subjects"]["made"]
    assert found.tolist() == count
