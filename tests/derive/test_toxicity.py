"""Worst grade in the window, absence of rows, onset and duration, laboratory grades and baselines."""

from __future__ import annotations

import numpy as np
import pytest

from stats.derive import toxicity
from stats.study.types import Column, Term
from tests.derive.studies import long, study, subjects

CRS = Term("crs", "Cytokine release syndrome", "ASTCT 2019", (0, 30))
ANC = Term("neutropenia", "Neutropenia", "CTCAE", (0, 30), "anc")
HB = Term("anemia", "Anemia", "CTCAE", (0, 30), "hb")
NAN = float("nan")


def graded(term, *rows, columns="subject term day end_day grade", frame="events", n=3, subject_columns=None,
           declared=(), **frames):
    s = study(declared, terms={term.name: term}, frames=(frame,), ctcae=frames.pop("ctcae", "5.0"))
    given = {"subjects": subjects(n, **(subject_columns or {})), frame: long(*rows, columns=columns), **frames}
    return toxicity.derive(s, given)


def facts(step, subject="P1"):
    table = step.frames["toxicity"]
    row = table[table["subject"] == subject].iloc[0]
    return tuple(row[["grade", "onset", "duration"]].astype(float))


def same(found, expected):
    return np.array_equal(np.array(found, float), np.array(expected, float), equal_nan=True)


def test_worst_of_several_once_per_patient_and_absence_is_grade_zero():
    step = graded(CRS, ("P1", "crs", 2, 4, 1), ("P1", "crs", 5, 8, 3), ("P1", "crs", 20, 22, 2),
                  ("P1", "icans", 3, 3, 4), ("P2", "crs", 1, None, 2))
    assert same(facts(step), (3, 2, 7))       # the spell of days 2 to 8: the second episode follows without a gap
    assert same(facts(step, "P2"), (2, 1, NAN))
    assert same(facts(step, "P3"), (0, NAN, NAN))
    assert step.frames["toxicity"]["baseline"].isna().all()


@pytest.mark.parametrize(("day", "grade"), [(-1, 0), (0, 2), (30, 2), (31, 0)])
def test_both_ends_of_the_window_are_in(day, grade):
    assert facts(graded(CRS, ("P1", "crs", day, day, 2)))[0] == grade


def test_explicit_zero_unknown_grade_and_unknown_day():
    step = graded(CRS, ("P1", "crs", 2, 2, 0), ("P2", "crs", 3, 5, None), ("P3", "crs", None, None, 2))
    assert same(facts(step), (0, NAN, NAN))
    assert same(facts(step, "P2"), (NAN, NAN, NAN))
    assert same(facts(step, "P3"), (2, NAN, NAN))
    assert [p.code for p in step.problems] == ["W_DAY_MISSING", "W_GRADE_MISSING"]


def test_daily_grades_give_onset_of_the_first_day_at_one_or_more():
    rows = [("P1", "crs", d, d, g) for d, g in enumerate((0, 0, 1, 2, 1, 0, 1))]
    assert same(facts(graded(CRS, *rows)), (2, 2, 3))


def test_no_events_frame_is_not_evaluable():
    s = study(terms={"crs": CRS})
    step = toxicity.derive(s, {"subjects": subjects(2)})
    assert step.frames["toxicity"]["grade"].isna().all()
    assert [p.code for p in step.problems] == ["N_NO_FRAME"]


def test_gvhd_frame_serves_a_magic_term_and_chronic_rows_are_left_out():
    term = Term("agvhd", "Acute GVHD", "MAGIC", (0, 100))
    step = graded(term, ("P1", 40, 2, "acute"), ("P1", 60, 4, "chronic"), ("P2", 120, 3, "acute"),
                  columns="subject day grade type", frame="gvhd", events=long(columns="subject term day grade"))
    assert same(facts(step), (2, 40, NAN))
    assert facts(step, "P2")[0] == 0


def labs(*values, analyte="anc", subject="P1"):
    return [(subject, analyte, day, value) for day, value in values]


def laboratory(term, *rows, columns="subject analyte day value", **more):
    return graded(term, *rows, columns=columns, frame="series", **more)


def test_laboratory_grades_onset_duration_and_baseline():
    lln = {"anc_lln": [2.0, 2.0, 2.0]}
    step = laboratory(ANC, *labs((-10, 3.0), (-6, 1.2), (0, 0.9), (3, 0.2), (8, 0.6), (12, 2.1), (20, 0.1), (40, 0.05)),
                      *labs((-3, 4.0), subject="P2"), subject_columns=lln, declared=(Column("anc_lln", "number"),))
    assert same(facts(step), (4, 0, 9))       # day 0 to day 8, the last value before recovery on day 12
    table = step.frames["toxicity"]
    assert table["baseline"].tolist()[:2] == [2, 0]
    assert same(facts(step, "P2"), (NAN, NAN, NAN))  # no value in the window: not evaluable, never 0
    assert step.ran == ("worst-laboratory-grade", "laboratory-baseline", "ctcae-5.0")


def test_baseline_is_before_lymphodepletion_when_its_day_is_known():
    step = laboratory(ANC, *labs((-10, 1.2), (-2, 0.3), (5, 0.2)), subject_columns={"ld_day": [-5.0, -5.0, -5.0]},
                      declared=(Column("ld_day", "number"),))
    assert step.frames["toxicity"]["baseline"].tolist()[0] == 2


def test_missing_limit_of_normal_leaves_zero_or_one_open():
    step = laboratory(ANC, *labs((1, 1.8), (2, 3.0)), *labs((1, 1.8), (2, 1.2), subject="P2"))
    assert np.isnan(facts(step)[0])
    assert facts(step, "P2")[0] == 2
    assert facts(laboratory(ANC, *labs((1, 1.8)), ctcae="6.0"))[0] == 0


@pytest.mark.parametrize(("unit", "value", "grade"), [
    ("g/dL", 7.9, 3), ("g/dL", 8.0, 2), ("g/L", 79.9, 3), ("g/L", 80, 2), ("mmol/L", 4.9, 3), ("mmol/L", 5.0, 2)])
def test_hemoglobin_units(unit, value, grade):
    step = laboratory(HB, ("P1", "hb", 1, value, unit), columns="subject analyte day value unit")
    assert facts(step)[0] == grade


def test_counts_per_microlitre_with_either_micro_sign_and_a_limit_in_the_same_unit():
    rows = [("P1", "anc", 1, 499, "/µL", 2000), ("P2", "anc", 1, 500, "cells/μL", 2000),
            ("P3", "anc", 1, 1900, "/mm³", 2000)]
    step = laboratory(ANC, *rows, columns="subject analyte day value unit lln")
    assert step.frames["toxicity"]["grade"].tolist() == [4, 3, 1]


def test_an_unknown_unit_is_refused_not_guessed():
    step = laboratory(ANC, ("P1", "anc", 1, 5, "furlong"), columns="subject analyte day value unit")
    assert [p.code for p in step.problems] == ["E_UNIT"]
    assert np.isnan(facts(step)[0])


def test_below_the_assay_limit_is_below_the_boundary():
    step = laboratory(ANC, ("P1", "anc", 1, 0.5, "<"), ("P2", "anc", 1, 0.5, None),
                      columns="subject analyte day value qualifier")
    assert step.frames["toxicity"]["grade"].tolist()[:2] == [4, 3]


def test_grade_four_anemia_comes_only_from_the_recorded_event():
    events = long(("P1", "anemia", 3, 4), ("P2", "anemia", 3, 3), columns="subject term day grade")
    rows = [*labs((1, 40), analyte="hb"), *labs((1, 90), analyte="hb", subject="P2")]
    step = laboratory(HB, *rows, events=events)
    assert [facts(step, p)[0] for p in ("P1", "P2")] == [4, 2]


def test_unknown_analyte_for_grading():
    step = laboratory(Term("x", "X", "CTCAE", (0, 30), "ferritin"), ("P1", "ferritin", 1, 5))
    assert [p.code for p in step.problems] == ["E_CONFIG_VALUE"]


def test_rows_are_patients_by_terms_in_declared_order():
    s = study(terms={"icans": Term("icans", "ICANS"), "crs": CRS})
    frames = {"subjects": subjects(2), "events": long(columns="subject term day grade")}
    table = toxicity.derive(s, frames).frames["toxicity"]
    assert table["subject"].tolist() == ["P1", "P1", "P2", "P2"]
    assert table["term"].tolist() == ["icans", "crs"] * 2
    assert table["term"].cat.categories.tolist() == ["icans", "crs"]


def test_a_column_of_the_subjects_holds_the_worst_grade_or_a_lowest_count():
    grade = Term("crs", "CRS", "ASTCT 2019", laboratory="crs_max")
    nadir = Term("neutropenia", "Neutropenia", "CTCAE", laboratory="anc")
    columns = (Column("crs_max", "number"), Column("anc", "number", unit="/µL"))
    frame = subjects(3, crs_max=[3.0, 0.0, NAN], anc=[400.0, 600.0, 1800.0])
    step = toxicity.derive(study(columns, terms={"crs": grade, "neutropenia": nadir}), {"subjects": frame})
    table = step.frames["toxicity"]
    np.testing.assert_array_equal(table.loc[table["term"] == "crs", "grade"], [3, 0, NAN])
    np.testing.assert_array_equal(table.loc[table["term"] == "neutropenia", "grade"], [4, 3, NAN])


def test_values_of_the_series_come_before_a_column_of_the_same_name():
    step = laboratory(ANC, *labs((1, 0.2)), subject_columns={"anc": [5.0, 5.0, 5.0]},
                      declared=(Column("anc", "number"),))
    assert facts(step)[0] == 4


@pytest.mark.parametrize(("n", "said"), [
    (1, "1 row (row 4) without a grade"), (3, "3 rows (rows 4, 6, 8) without a grade"),
    (11, "11 rows (rows 4, 6, 8, 10, 12, 14, 16, 18, 20, 22 …) without a grade")])
def test_rows_without_a_grade_are_named_in_the_order_of_the_file(n, said):
    """The frame is sorted by patient, the file isn't: its rows are 4, 6, 8 … from the last of the frame to the first."""
    frame = long(*[("P1", "crs", 1, 1, None)] * n, columns="subject term day end_day grade")
    frame.attrs["rows"] = np.arange(n)[::-1] * 2 + 4
    step = toxicity.derive(study(terms={"crs": CRS}, frames=("events",)), {"subjects": subjects(1), "events": frame})
    (problem,) = step.problems
    assert (problem.code, problem.row) == ("W_GRADE_MISSING", 4)
    assert said in problem.reason
