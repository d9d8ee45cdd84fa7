"""CRS and ICANS by ASTCT: the consensus paper's own examples, every axis, and recorded grades against signs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stats.derive import cart
from stats.study.types import Term
from tests.derive.studies import long, study, subjects

NAN = math.nan
CRS = Term("crs", "Cytokine release syndrome", "ASTCT 2019", (0, 30))
ICANS = Term("icans", "ICANS", "ASTCT 2019", (0, 30))


@pytest.mark.parametrize(("fever", "hypotension", "hypoxia", "grade"), [
    (1, "none", "none", 1),
    (1, "no_pressor", "none", 2),
    (1, "none", "low_flow", 2),
    (1, "one_pressor", "low_flow", 3),     # the paper's example: fever of 39.5, one vasopressor, low-flow oxygen
    (1, "no_pressor", "high_flow", 3),
    (1, "multi_pressor", "none", 4),
    (1, "none", "positive_pressure", 4),
    (0, "one_pressor", "none", 0),         # no fever, no CRS
    (NAN, "one_pressor", None, 3),
    (1, None, None, 1),
    (NAN, None, None, NAN),
])
def test_crs(fever, hypotension, hypoxia, grade):
    np.testing.assert_equal(float(cart.crs_grade(fever, hypotension, hypoxia)), grade)


@pytest.mark.parametrize(("signs", "grade"), [
    ({"ice": 10}, 0), ({"ice": 9}, 1), ({"ice": 7}, 1), ({"ice": 6}, 2), ({"ice": 3}, 2), ({"ice": 2}, 3),
    ({"ice": 0}, 3),
    ({"ice": 0, "consciousness": "unarousable"}, 4),
    ({"ice": 10, "consciousness": "awake"}, 0),
    ({"ice": 8, "consciousness": "voice"}, 2),
    ({"ice": 8, "consciousness": "tactile"}, 3),
    ({"ice": 3, "seizure": "resolving"}, 3),   # the paper's example: ICE 3 and a generalised seizure
    ({"ice": 9, "seizure": "prolonged"}, 4),
    ({"ice": 9, "motor": "yes"}, 4),
    ({"ice": 9, "edema": "focal"}, 3),
    ({"ice": 9, "edema": "diffuse"}, 4),
    ({"ice": 10, "seizure": "none", "motor": "no", "edema": "none", "consciousness": "awake"}, 0),
    ({"consciousness": "awake"}, 1),
    ({"capd": 0}, 0), ({"capd": 8}, 1), ({"capd": 8, "consciousness": "voice"}, 2), ({"capd": 9}, 3),
    ({"capd": 12, "consciousness": "unarousable"}, 4),
    ({}, NAN),
])
def test_icans(signs, grade):
    np.testing.assert_equal(float(cart.icans_grade(**signs)), grade)


def derived(term, *rows, columns):
    frame = long(*rows, columns=columns)
    return cart.derive(study(terms={term.name: term}, frames=("events",)), {"subjects": subjects(3), "events": frame})


def test_a_missing_grade_comes_from_signs_and_a_recorded_one_is_compared():
    step = derived(CRS, ("P1", "crs", None, 39.1, "one_pressor", "none"), ("P1", "crs", 2, 39.1, "no_pressor", "none"),
                   ("P2", "crs", 2, 38.5, "one_pressor", "none"), ("P2", "crs", 3, 38.5, "one_pressor", None),
                   ("P3", "crs", 2, None, None, None), ("P3", "crs", 5, 40, "multi_pressor", "none"),
                   ("P3", "crs", 1, 37.2, "none", "none"), columns="subject term grade temperature hypotension hypoxia")
    assert step.frames["events"]["grade"].tolist() == [3, 2, 2, 3, 2, 5, 1]
    assert [p.code for p in step.problems] == ["E_SOURCE_CONFLICT"] * 2  # pressor against 2; no fever against 1
    assert step.ran == ("astct-crs",)


def test_an_incomplete_set_of_signs_only_contradicts_a_lower_grade():
    columns = "subject term grade temperature hypotension hypoxia"
    assert not derived(CRS, ("P1", "crs", 3, 39.0, "no_pressor", None), columns=columns).problems
    assert derived(CRS, ("P1", "crs", 1, 39.0, "no_pressor", None), columns=columns).problems


def test_icans_rows_from_a_frame():
    step = derived(ICANS, ("P1", "icans", None, 5, "awake", "none"), ("P2", "icans", 1, 5, "awake", "none"),
                   columns="subject term grade ice consciousness seizure")
    assert step.frames["events"]["grade"].tolist() == [2, 1]
    assert [p.code for p in step.problems] == ["E_SOURCE_CONFLICT"]


def test_scales_are_not_pooled():
    step = derived(CRS, ("P1", "crs", 2, "ASTCT2019"), ("P2", "crs", 2, "PENN"), ("P3", "crs", 2, None),
                   columns="subject term grade scale")
    assert [(p.code, p.column) for p in step.problems] == [("E_SCALE", "scale")]


@pytest.mark.parametrize(("term", "kind"), [
    (CRS, "crs"), (ICANS, "icans"), (Term("crs", "CRS", "Penn"), ""), (Term("x", "Rash", "ASTCT 2019"), ""),
    (Term("nt", "Neurotoxicity", "ASTCT"), "icans")])
def test_what_a_term_is(term, kind):
    assert cart.syndrome(term) == kind
