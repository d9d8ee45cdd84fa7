"""What must not matter, and what must follow: whole runs on small generated studies, held against a changed copy of each.

Rows in another order change nothing; arms with exchanged names mirror every contrast; another unit of time or of the
marker scales what has that unit; every patient twice leaves estimates where they are. And plain recounts of a few numbers.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stats import run, simulate
from stats.study.types import Analysis, Column, Endpoint, Frame

few = settings(deadline=None, max_examples=5, suppress_health_check=list(HealthCheck))
UNKNOWN = None
AT = 8.0
RATIOS = ("hazard", "subhazard", "odds_ratio", "risk_ratio", "ratio")

patients = st.tuples(
    st.integers(1, 12),  # time, with ties
    st.integers(0, 2),  # censored, event, competing event
    st.sampled_from([True, False, UNKNOWN]),
    st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, math.nan]),
    st.integers(1, 9),  # peak
    st.integers(0, 4),  # day of the peak
)
arms = st.tuples(st.lists(patients, min_size=5, max_size=8), st.lists(patients, min_size=5, max_size=8))


def a_study(unit=1.0):
    """Every kind of comparison; `unit` scales the times that are asked for."""
    base = simulate.study()
    columns = dict(base.subjects.columns) | {
        "age": Column("age", "number", "Age"),
        "stage": Column("stage", "category", levels={"I": "I", "II": "II"}),
    }
    more = (
        Analysis("os", "survival", options={"endpoint": "os", "at": [AT * unit], "ticks": [0, 6 * unit]}),
        Analysis("relapse", "incidence", options={"endpoint": "relapse", "at": [AT * unit], "ticks": [6 * unit]}),
        Analysis("baseline", "characteristics", options={"variables": ["age", "stage"]}),
    )
    return replace(
        base,
        frames={"subjects": Frame("subjects", "s.csv", columns)},
        endpoints=dict(base.endpoints) | {"relapse": Endpoint("relapse", "Relapse", time="t", status="s")},
        analyses=dict(base.analyses) | {a.name: a for a in more},
        claims={},
    )


def frames(arms, unit=1.0, scale=1.0):
    people = [(arm, *person) for arm, group in zip("RD", arms, strict=True) for person in group]
    n = len(people)
    arm, time, status, outcome, grade, peak, day = (list(column) for column in zip(*people, strict=True))
    subject = [f"S{i:02d}" for i in range(n)]
    t, s = np.array(time, float) * unit, np.array(status, float)
    subjects = pd.DataFrame(
        {
            "subject": subject,
            "arm": pd.Categorical(arm, categories=["R", "D"], ordered=True),
            "age": np.array(peak, float) * 7 % 5 + 40,
            "stage": pd.Categorical(["I" if d < 2 else "II" for d in day], categories=["I", "II"], ordered=True),
            "os.time": t,
            "os.status": (s == 1).astype(float),
            "relapse.time": t,
            "relapse.status": s,
            "cr.outcome": pd.array(outcome, dtype="boolean"),
        }
    )
    toxicity = pd.DataFrame(
        {"subject": subject, "term": pd.Categorical(["fever"] * n), "grade": grade, "onset": day, "duration": 2.0}
    ).assign(baseline=0.0)
    parts = []
    for analyte in ("marker", "copies"):
        parts.append(
            pd.DataFrame({"subject": subject, "analyte": analyte, "peak": np.array(peak, float) * scale, "tmax": day})
        )
    exposure = pd.concat(parts, ignore_index=True).assign(peak_below=False, peak_above=False,
                                                              persistence=np.nan, peak_beyond=np.nan, last_beyond=np.nan)
    exposure = exposure.assign(auc=exposure["peak"] * 3, last=exposure["peak"] / 2, last_day=exposure["tmax"] + 5)
    exposure["tmax"] = exposure["tmax"].astype(float)
    course = exposure[["subject", "analyte"]].assign(day=exposure["tmax"], value=exposure["peak"], below=False, above=False,
                                                      beyond=np.nan)
    return {"subjects": subjects, "toxicity": toxicity, "exposure": exposure, "course": course}


def values(study, data):
    """(variable address without time, time, statistic) → value."""
    return {(f"{r.analysis}/{r.variable}={r.level}@{r.group}", r.at, r.stat): r.value for r in run.run(study, data).rows}


def same(found, expected, key, rel=1e-7):
    assert found == pytest.approx(expected, rel=rel, abs=1e-9, nan_ok=True), key


@few
@given(arms, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(arms, random):
    data = frames(arms)
    shuffled = {}
    for name, frame in data.items():
        order = list(range(len(frame)))
        random.shuffle(order)
        shuffled[name] = frame.iloc[order].reset_index(drop=True)
    one, two = values(a_study(), data), values(a_study(), shuffled)
    assert set(one) == set(two)
    for key, value in one.items():
        same(two[key], value, key)


@few
@given(arms)
def test_exchanged_arms_mirror_every_contrast(arms):
    one, two = values(a_study(), frames(arms)), values(a_study(), frames(arms[::-1]))
    exchanged = str.maketrans("RD", "DR")
    checked = 0
    for (address, at, stat), value in one.items():
        stem, _, group = address.rpartition("@")
        variable = stem.partition("/")[2].partition("=")[0]
        if variable == "patient" or group == "all":
            continue
        if ":" not in group:
            same(two[f"{stem}@{group.translate(exchanged)}", at, stat], value, address)
            continue
        mirror = {"lower": "upper", "upper": "lower"}.get(stat, stat)
        other = two[address, at, mirror]
        last = variable.rpartition(".")[2]
        if stat in ("lower", "upper", "estimate") and last != "smd":
            if last == "superiority":
                other = 1 - other
            elif last in RATIOS:
                other = math.inf if other == 0 else 1 / other
            else:
                other = -other
        elif stat == "statistic" and last == "test":
            continue  # U counts the wins of the first group
        same(other, value, (address, at, stat), rel=1e-5)
        checked += 1
    assert checked > 60


@few
@given(arms, st.sampled_from([7.0, 30.4375]))
def test_another_unit_of_time_scales_times_only(arms, unit):
    one, two = values(a_study(), frames(arms)), values(a_study(unit), frames(arms, unit))
    curves = {f"{a}/{c}=@{g}" for a in ("os", "relapse") for c in ("curve", "incidence_curve", "competing_curve")
              for g in ("R", "D", "all")}  # fmt: skip
    for (address, at, stat), value in one.items():
        analysis, variable = address.partition("@")[0].rstrip("=").split("/")
        timed = analysis in ("os", "relapse")
        means = variable.removesuffix(".small") in ("median", "rmst", "rmst_difference")
        scaled = timed and means and stat in ("estimate", "lower", "upper")
        when = None if at is None else at * unit if timed else at
        if address in curves:
            when = next(k[1] for k in two if k[0] == address and k[1] is not None and math.isclose(k[1], at * unit))
        same(two[address, when, stat], value * unit if scaled else value, (address, at, stat), rel=1e-6)


@few
@given(arms)
def test_another_unit_of_the_marker_scales_levels_only(arms):
    one, two = values(a_study(), frames(arms)), values(a_study(), frames(arms, scale=1000.0))
    levels = {"peak", "auc", "last", "course", "peak.shift", "auc.shift", "last.shift"}
    unitless = {"n", "geocv", "p_value", "statistic"}
    for (address, at, stat), value in one.items():
        analysis, _, rest = address.partition("/")
        variable = rest.partition("=")[0]
        if variable == "patient":
            continue
        scaled = analysis in ("marker", "copies") and variable in levels and stat not in unitless
        same(two[address, at, stat], value * 1000 if scaled else value, (address, at, stat), rel=1e-6)


@few
@given(arms)
def test_every_patient_twice_leaves_estimates_where_they_are(arms):
    one, two = values(a_study(), frames(arms)), values(a_study(), frames([group * 2 for group in arms]))
    # conditional odds ratios and partial likelihoods with ties do depend on the number of patients
    depends = {"odds_ratio", "hazard", "subhazard", "smd"}
    checked = 0
    for (address, at, stat), value in one.items():
        variable = address.partition("/")[2].partition("=")[0]
        if variable in ("patient", "balance", "tests", "tests.expected") or variable.rpartition(".")[2] in depends:
            continue
        if stat in ("n", "N", "at_risk", "events", "competing", "censored", "missing") and variable != "arms":
            same(two[address, at, stat], 2 * value, (address, at, stat))
        elif stat in ("p", "estimate", "median", "mean", "min", "max"):
            same(two[address, at, stat], value, (address, at, stat))
        else:
            continue
        checked += 1
    assert checked > 200


@few
@given(arms)
def test_a_few_numbers_counted_plainly(arms):
    """At risk at a time are those whose time it is or later; who is unknown is no failure; severe begins at three."""
    found = values(a_study(), frames(arms))
    for key, group in zip("RD", arms, strict=True):
        assert found[f"os/at_risk=@{key}", 6.0, "at_risk"] == sum(p[0] >= 6 for p in group)
        assert found[f"relapse/at_risk=@{key}", 6.0, "at_risk"] == sum(p[0] >= 6 for p in group)
        known = [p[2] for p in group if p[2] is not UNKNOWN]
        assert found[f"response/cr=@{key}", None, "N"] == len(known)
        assert found[f"response/cr=@{key}", None, "n"] == sum(known)
        assert found[f"response/cr=@{key}", None, "missing"] == len(group) - len(known)
        graded = [p[3] for p in group if not math.isnan(p[3])]
        assert found[f"toxicity/fever=severe@{key}", None, "n"] == sum(g >= 3 for g in graded)
        assert found[f"toxicity/fever=severe@{key}", None, "N"] == len(graded)
    x, y = (found[f"response/cr=@{key}", None, "p"] for key in "RD")
    same(found["response/cr.difference=@R:D", None, "estimate"], x - y, "R less D")
    x, y = (found[f"os/survival=@{key}", AT, "p"] for key in "RD")
    same(found["os/difference=@R:D", AT, "estimate"], x - y, "R less D")


@few
@given(arms, st.integers(0, 4))
def test_fewer_than_five_patients_are_not_tested(arms, left):
    found = values(a_study(), frames((arms[0][:left], arms[1])))
    tested = [key for key, value in found.items() if key[2] == "p_value" and "@R:D" in key[0] and not math.isnan(value)]
    assert tested == []
