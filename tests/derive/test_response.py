"""Response at day 28: every boundary of the categories, the window's edges, deaths, and recorded against measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stats.derive import derive_all, response
from stats.study.types import Column, Endpoint
from tests.derive.studies import long, study, subjects

NAN = math.nan


@pytest.mark.parametrize(("blasts", "anc", "platelets", "more", "category"), [
    (4.9, 1.01, 101, {}, "CR"),
    (5.0, 1.01, 101, {}, "NR"),                 # less than five percent, not up to
    (4.9, 1.0, 101, {}, "CRi"),                 # above 1.0, not from 1.0
    (4.9, 1.01, 100, {}, "CRi"),
    (4.9, 1.0, 100, {}, "MLFS"),
    (4.9, 0.51, 51, {"partial_recovery": True}, "CRh"),
    (4.9, 0.5, 51, {"partial_recovery": True}, "MLFS"),
    (4.9, 1.2, 50, {"partial_recovery": True}, "CRi"),
    (4.9, 1.2, 51, {"partial_recovery": True}, "CRh"),
    (0, 2, 200, {"circulating": 0.5}, "NR"),
    (0, 2, 200, {"extramedullary": 1}, "NR"),
    (0, 2, 200, {"mrd": 0.01}, "NR"),
    (0, 2, 200, {"mrd": 0.0099}, "CR"),
    (0, 2, 200, {"independent": 0}, "CRi"),
    (12, 2, 200, {"before": 24}, "PR"),
    (12.1, 2, 200, {"before": 24}, "NR"),
    (25, 2, 200, {"before": 90}, "PR"),
    (25.1, 2, 200, {"before": 90}, "NR"),
    (12, 2, 200, {}, "NR"),
    (2, NAN, 200, {}, ""),
    (2, NAN, NAN, {}, ""),
    (NAN, 2, 200, {}, ""),
    (NAN, 2, 200, {"extramedullary": 1}, "NR"),
])
def test_categories(blasts, anc, platelets, more, category):
    assert response.classify(blasts, anc, platelets, **more) == category


@pytest.mark.parametrize(("value", "sensitivity", "below", "must_know", "result"), [
    (0.0, 1e-4, False, True, "negative"),
    (0.0, 1e-3, False, True, "insufficient"),
    (0.0, NAN, False, True, "insufficient"),
    (0.0, NAN, False, False, "negative"),
    (9.9e-5, NAN, False, True, "negative"),
    (1e-4, 1e-5, False, True, "positive"),
    (1e-4, NAN, True, True, "negative"),        # "<1e-4"
    (1e-3, NAN, True, True, "insufficient"),    # "<1e-3"
    (NAN, 1e-5, False, True, ""),
])
def test_residual_disease(value, sensitivity, below, must_know, result):
    assert response.residual_disease(value, sensitivity, below, must_know) == result


LEVELS = {name: name for name in ("CR", "CRi", "NR", "NE")}
OS = Endpoint("os", "Overall survival", time="os_days", status="os_event", unit="days")


def landmark(*rows, columns="subject day blasts anc platelets", levels=LEVELS, days=(400.0,) * 3, died=(0.0,) * 3,
             mrd_levels=None):
    made = [Column("os_days", "number", unit="days"), Column("os_event", "number"),
            Column("response_d28", "category", levels=levels, derived=True)]
    if mrd_levels:
        made.append(Column("mrd_d28", "category", levels=dict.fromkeys(mrd_levels, ""), derived=True))
    s = study(tuple(made), ("responses",), endpoints={"os": OS})
    frames = {"subjects": subjects(3, os_days=list(days), os_event=list(died)),
              "responses": long(*rows, columns=columns)}
    out, problems, _ = derive_all(s, frames)
    return out["subjects"], [p.code for p in problems]


def responses(frame):
    return frame["response_d28"].astype(object).where(frame["response_d28"].notna(), None).tolist()


def test_nearest_in_the_window_with_both_edges_and_ties_to_the_earlier_day():
    frame, problems = landmark(
        ("P1", 20, 80, 2, 200), ("P1", 21, 60, 2, 200), ("P1", 35, 1, 2, 200),   # 21 and 35 are equally near
        ("P2", 42, 1, 2, 200), ("P3", 43, 1, 2, 200), ("P3", 20, 1, 2, 200))
    assert responses(frame) == ["NR", "CR", "NE"]
    assert problems == []


def test_who_died_before_the_assessment_is_a_non_responder():
    frame, _ = landmark(("P3", 28, 1, 2, 200), days=(30, 43, 30), died=(1, 1, 1))
    assert responses(frame) == ["NR", "NE", "CR"]
    frame, _ = landmark(days=(30, 42, 30), died=(0, 1, 0))
    assert responses(frame) == ["NE", "NR", "NE"]


def test_categories_fall_back_to_declared_levels():
    frame, problems = landmark(("P1", 28, 1, 0.2, 20), ("P2", 28, 10, 2, 200), ("P2", -5, 80, 1, 50))
    assert responses(frame)[:2] == ["NR", "NR"]
    assert problems == ["W_MLFS"]
    more = {**LEVELS, "MLFS": "", "PR": ""}
    frame, problems = landmark(("P1", 28, 1, 0.2, 20), ("P2", 28, 10, 2, 200), ("P2", -5, 80, 1, 50), levels=more)
    assert responses(frame)[:2] == ["MLFS", "PR"]
    assert problems == []


def test_a_needed_level_that_is_missing_is_refused():
    _, problems = landmark(("P1", 28, 1, 2, 200), levels={"CR": "", "NR": ""})
    assert problems == ["E_LEVEL"]


def test_recorded_responses_serve_where_nothing_was_measured():
    frame, problems = landmark(("P1", 27, "CR"), ("P1", 30, "CRi"), ("P2", 28, "relapse"), columns="subject day "
                                                                                                   "response")
    assert responses(frame) == ["CR", "NR", "NE"]
    assert problems == []


def test_recorded_and_measured_are_compared():
    rows = [("P1", 28, 1, 2, 200, "CRi"), ("P2", 28, 60, 2, 200, "CR"), ("P3", 28, 60, 2, 200, "relapse")]
    frame, problems = landmark(*rows, columns="subject day blasts anc platelets response")
    assert responses(frame) == ["CR", "NR", "NR"]
    assert problems == ["W_RESPONSE_DIFFERS", "E_SOURCE_CONFLICT"]


def test_missing_counts_fall_back_on_the_recorded_response_then_on_not_evaluable():
    rows = [("P1", 28, 1, None, 200, "CRi"), ("P2", 28, 1, None, 200, None)]
    frame, problems = landmark(*rows, columns="subject day blasts anc platelets response")
    assert responses(frame) == ["CRi", "NE", "NE"]
    assert problems == ["W_MISSING_COUNTS"]


def test_residual_disease_at_the_landmark_in_the_declared_words():
    rows = [("P1", 28, 1, 2, 200, 0.0, 1e-5), ("P2", 28, 1, 2, 200, 0.0, 1e-3), ("P3", 28, 1, 2, 200, 0.02, 1e-5)]
    columns = "subject day blasts anc platelets mrd mrd_sensitivity"
    frame, _ = landmark(*rows, columns=columns, mrd_levels=("negative", "positive", "insufficient"))
    assert frame["mrd_d28"].tolist() == ["negative", "insufficient", "positive"]
    frame, _ = landmark(*rows[:2], columns=columns, mrd_levels=("neg", "pos", "NE"))
    assert frame["mrd_d28"].tolist() == ["neg", "NE", "NE"]


def test_no_assessments_at_all():
    s = study((Column("response_d28", "category", levels=LEVELS, derived=True),))
    frames, problems, _ = derive_all(s, {"subjects": subjects(2)})
    assert frames["subjects"]["response_d28"].isna().all()
    assert [p.code for p in problems] == ["N_NO_FRAME"]


def test_a_derived_column_nobody_makes_is_refused_with_the_nearest_name():
    s = study((Column("response_d29", "category", levels=LEVELS, derived=True),))
    _, problems, _ = derive_all(s, {"subjects": subjects(2)})
    assert [p.code for p in problems] == ["E_UNKNOWN_DERIVED"]
    assert "response_d28" in problems[0].reason
    assert (problems[0].file, problems[0].column) == ("study.toml", "frames.subjects.columns.response_d29.derived")
    assert "platelet_recovery_day, NAME_class" in problems[0].remedy


def test_nearest_without_rows():
    empty = np.array([])
    assert response.nearest(empty.astype(int), empty, empty.astype(bool), 2).tolist() == [-1, -1]
