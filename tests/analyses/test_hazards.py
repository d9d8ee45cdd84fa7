"""The Cox table: which rows it makes, what they agree with, and what it does where there is nothing to fit."""

import math

import numpy as np
import pandas as pd
import pytest

from stats.analyses.hazards import CROWDED, NOBODY, analyse
from stats.results import Results

# lifelines' copy of the Rossi recidivism data: 432 patients, 114 events; values below are R's
# coxph(Surv(week, arrest) ~ …, ties = "efron") of survival 3.5-3 on it: ratio, Wald P, likelihood ratio P
ROSSI = {
    "fin": (0.6913775583631, 0.0517375165050, 0.0501314568193),
    "age": (0.929744539491, 4.58635559874e-04, 9.32808452187e-05),
}
BAND = (18.1607802251, 1.13877173877e-04)  # ages to 20, to 25, older: likelihood ratio of all levels and its P
GLOBAL = 0.06766480070  # cox.zph of fin + age + prio


@pytest.fixture(scope="module")
def rossi():
    from lifelines.datasets import load_rossi

    data = load_rossi()
    return pd.DataFrame(
        {
            "subject": [str(i) for i in range(len(data))],
            "arm": pd.Categorical(["A"] * len(data), ordered=True),
            "fin": pd.array(data["fin"] == 1, dtype="boolean"),
            "age": data["age"].astype(float),
            "prio": data["prio"].astype(float),
            "race": pd.Categorical(
                np.where(data["race"] == 1, "black", "other"), categories=["other", "black", "unknown"]
            ),
            "band": pd.Categorical(
                pd.cut(data["age"], [0, 20, 25, 99], labels=["young", "middle", "old"]).astype(str),
                categories=["young", "middle", "old"],
            ),
            "x.time": data["week"].astype(float),
            "x.status": data["arrest"].astype(float),
        }
    )


def results(subjects, **options):
    from dataclasses import replace

    return Results(replace(row, analysis="cox") for row in analyse(subjects, endpoint="x", **options))


def test_single_variables_agree_with_r(rossi):
    found = results(rossi, variables=["fin", "age"])
    fin, age = found["cox/fin.hazard=yes@all"], found["cox/age.hazard@all"]
    assert fin["estimate"] == pytest.approx(ROSSI["fin"][0], rel=1e-6)
    assert fin["p_value"] == pytest.approx(ROSSI["fin"][1], rel=1e-6)
    assert age["estimate"] == pytest.approx(ROSSI["age"][0], rel=1e-6)
    assert age["p_value"] == pytest.approx(ROSSI["age"][1], rel=1e-6)
    for name, values in ROSSI.items():
        ratio_test = found[f"cox/{name}.alternative=cox-likelihood-ratio@all"]
        assert ratio_test["p_value"] == pytest.approx(values[2], rel=1e-6)
    assert found["cox/fin=yes@all"].stats == {"n": 216, "events": 48}


def test_the_adjusted_model_agrees_with_lifelines(rossi):
    from lifelines import CoxPHFitter

    found = results(rossi, variables=["fin", "age", "prio"], multivariable=True)
    frame = rossi[["x.time", "x.status", "age", "prio"]].assign(fin=rossi["fin"].astype(float))
    theirs = CoxPHFitter().fit(frame, "x.time", "x.status", fit_options={"precision": 1e-12}).summary
    for variable, level in (("fin", "=yes"), ("age", ""), ("prio", "")):
        ours = found[f"cox/{variable}.adjusted{level}@all"]
        assert ours["estimate"] == pytest.approx(theirs.loc[variable, "exp(coef)"], rel=1e-6)
        assert ours["lower"] == pytest.approx(theirs.loc[variable, "exp(coef) lower 95%"], rel=1e-6)
        assert ours["p_value"] == pytest.approx(theirs.loc[variable, "p"], rel=1e-6)
    assert found["cox/model@all"].stats == {"n": 432, "missing": 0, "events": 114, "parameters": 3}
    assert found["cox/proportionality@all"]["p_value"] == pytest.approx(GLOBAL, rel=1e-6)


def test_levels_stand_against_the_first_that_anybody_has(rossi):
    found = results(rossi, variables=["race", "band"])
    assert "cox/race.hazard=other@all" not in found
    assert found["cox/race.hazard=unknown@all"].notes["estimate"] == NOBODY
    assert math.isfinite(found["cox/race.hazard=black@all"]["estimate"])
    assert "cox/race.overall@all" not in found  # one level is left to compare: its own P says it
    assert found["cox/band.overall@all"]["statistic"] == pytest.approx(BAND[0], rel=1e-6)
    assert found["cox/band.overall@all"]["p_value"] == pytest.approx(BAND[1], rel=1e-6)


def test_the_arm_stands_against_the_reference(rossi):
    arms = pd.Categorical(np.where(rossi["fin"], "F", "N"), categories=["N", "F"], ordered=True)
    one = results(rossi.assign(arm=arms), variables=["arm"], reference="N")
    other = results(rossi.assign(arm=arms), variables=["arm"], reference="F")
    assert one["cox/arm.hazard=F@all"]["estimate"] == pytest.approx(1 / other["cox/arm.hazard=N@all"]["estimate"])
    assert one["cox/arm.hazard=F@all"]["estimate"] == pytest.approx(ROSSI["fin"][0], rel=1e-6)


def test_few_events_are_noted(rossi):
    few = rossi.assign(**{"x.status": (np.arange(len(rossi)) % 40 == 0).astype(float)})
    found = results(few, variables=["age", "band"], multivariable=True)
    assert found["cox/age@all"].notes["events"] == ""
    assert found["cox/band@all"].notes["events"] == CROWDED
    assert found["cox/model@all"].notes["parameters"] == CROWDED
    assert results(rossi, variables=["age"])["cox/age@all"].note == ""


def test_a_level_without_events_gets_firth(rossi):
    none = rossi.assign(**{"x.status": rossi["x.status"].where(~rossi["fin"].to_numpy(bool), 0.0)})
    cell = results(none, variables=["fin"])["cox/fin.hazard=yes@all"]
    assert cell.method == "cox-firth"
    assert 0 < cell["estimate"] < 1
    assert math.isfinite(cell["upper"])


def test_a_level_of_few_patients_is_not_tested(rossi):
    rare = rossi.assign(fin=pd.array(np.arange(len(rossi)) < 4, dtype="boolean"))
    cell = results(rare, variables=["fin"])["cox/fin.hazard=yes@all"]
    assert math.isfinite(cell["estimate"])
    assert math.isnan(cell["p_value"])
    assert cell.notes["p_value"] == "fewer than five patients in a group"


def test_missing_values_leave_their_own_models_only(rossi):
    age = rossi["age"].where(np.arange(len(rossi)) >= 32)
    found = results(rossi.assign(age=age), variables=["age", "prio"], multivariable=["age", "prio"])
    assert found["cox/age@all"]["missing"] == 32
    assert found["cox/prio@all"]["missing"] == 0
    assert found["cox/model@all"]["n"] == 400
    assert found["cox/model@all"]["missing"] == 32


def test_alternatives_are_other_methods_at_the_same_variable(rossi):
    found = results(rossi, variables=["age"])
    cells = found.select("cox", "age.alternative")
    assert [cell.level for cell in cells] == ["cox-likelihood-ratio", "cox-firth"]
    assert all(0 < cell["p_value"] < 0.001 for cell in cells)
    assert "cox-likelihood-ratio" not in found.methods()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.iloc[:0],
        lambda s: s.assign(**{"x.status": 0.0}),
        lambda s: s.assign(age=np.nan, fin=pd.NA),
        lambda s: s.assign(age=40.0),
        lambda s: s.assign(race=pd.Categorical([None] * len(s), categories=["a", "b"])),
        lambda s: s.assign(**{"x.time": np.nan}),
        lambda s: s.iloc[:1],
    ],
    ids=["nobody", "no events", "all missing", "constant", "no level", "no times", "one patient"],
)
def test_nothing_to_fit_is_said_in_words(rossi, change):
    subjects = change(rossi)
    subjects = subjects.assign(fin=subjects["fin"].astype("boolean"))
    found = results(subjects, variables=["fin", "age", "race"], multivariable=["fin", "age"])
    for cell in found:
        if math.isnan(cell.get("estimate")) and "estimate" in cell:
            assert cell.notes["estimate"], cell.address
