"""Why an analysis has no number: reasons that are true of these patients, in the words of what was asked."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from stats.analyses import hazards, kinetics, proportion, survival

NAN = math.nan
ARMS = ["A", "A", "B", "B", "C", "C"]


def frame(arms, **columns):
    return pd.DataFrame({"arm": pd.Categorical(arms, sorted(set(arms)), ordered=True), **columns})


def notes(rows, variable, stat):
    return [row.note for row in rows if row.variable == variable and row.stat == stat]


def test_nobody_with_the_outcome_is_not_nobody_in_a_group():
    """Cochran and Armitage's table has the outcome as rows: an empty one is a category that nobody has."""
    for outcome in (0.0, 1.0):
        rows = list(proportion.analyse(frame(ARMS, **{"cr.outcome": [outcome] * 6}), outcomes=["cr"], trend=True, fewest=2))
        assert notes(rows, "cr.trend", "p_value") == ["all patients are in the same category"]


def test_a_group_without_a_quantified_peak_has_no_geometric_mean_and_no_ratio():
    subjects = frame(["A", "A", "B", "B"], subject=["a", "b", "c", "d"])
    measured = {"peak": [10.0, 10, 900, 40], "peak_below": [True, True, False, False], "peak_above": [False] * 4,
                "peak_beyond": [-20.0, -20, NAN, NAN], "last_beyond": [NAN] * 4}
    empty = {name: [NAN] * 4 for name in ("tmax", "auc", "last", "last_day", "persistence")}
    exposure = pd.DataFrame({"subject": ["a", "b", "c", "d"], "analyte": ["v"] * 4, **measured, **empty})
    course = pd.DataFrame({name: [] for name in ("subject", "analyte", "day", "value", "below", "beyond")}).astype({"day": float})
    rows = list(kinetics.analyse(subjects, course, exposure, analyte="v"))
    assert [row.note for row in rows if row.variable == "peak" and row.stat == "geomean" and row.group == "A"] == [
        "no quantified values"]
    (ratio,) = (row for row in rows if row.variable == "peak.ratio" and row.stat == "estimate")
    assert math.isnan(ratio.value)
    assert ratio.note == "no quantified values in a group"


def test_strata_that_nobody_has_are_not_a_study_without_patients():
    data = frame(["A", "A", "B", "B"], **{"os.time": [1.0, 2, 3, 4], "os.status": [1.0, 1, 1, 0]})
    data["sex"] = pd.Categorical([None] * 4, ["F", "M"])
    rows = list(survival.analyse(data, endpoint="os", strata="sex"))
    assert notes(rows, "hazard", "estimate") == ["nobody is in a known stratum"]


@pytest.mark.parametrize("variables", [["age"], ["age", "sex"]])
def test_without_an_event_that_comes_first(variables):
    """Whether covariates vary, too, doesn't matter where there is nothing to explain."""
    data = frame(["A", "B"], age=[50.0, 50], sex=[True, True], **{"os.time": [1.0, 2], "os.status": [0.0, 0]})
    rows = list(hazards.analyse(data, endpoint="os", variables=variables, multivariable=True))
    assert set(notes(rows, "age.adjusted", "estimate")) == {"no events"}
