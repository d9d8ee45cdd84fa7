"""Too few patients, or too few of those there are: the reason for no test says which, in notes, findings and sentences."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from report.counting import count
from stats import estimable
from stats.analyses import adverse_events, characteristics, hazards, incidence, proportion, survival
from stats.results import Results
from stats.study.read import read
from tests.odd.made import SERIES, laid, patients, said, samples, voiced

NAN = math.nan
TIMES = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
FEW = "fewer than five patients in a group"
OF_A_GROUP = "fewer than five patients of a group"
VALUE, TIME = "have a known value", "have a known time"


def frame(sizes=(6, 6), **columns):
    arms = [key for key, n in zip("AB", sizes, strict=True) for _ in range(n)]
    made = {name: values[: len(arms)] for name, values in columns.items()}
    return pd.DataFrame({"arm": pd.Categorical(arms, ["A", "B"], ordered=True), **made})


def timed(**more):
    return {"os.time": TIMES, "os.status": [1.0] * 12} | more


def unknown(values, last=2):
    """Two of the second group lack a value."""
    return [*values[:-last], *[NAN] * last]


def reasons(rows):
    return {row.note for row in rows if row.stat == "p_value" and math.isnan(row.value)}


CASES = {
    "numbers": (lambda data: characteristics.analyse(data, variables=["x"]), {"x": TIMES}, "x", VALUE),
    "flags": (lambda data: proportion.analyse(data, outcomes=["cr"]), {"cr.outcome": [0.0, 1] * 6}, "cr.outcome", VALUE),
    "times": (lambda data: survival.analyse(data, endpoint="os"), timed(), "os.time", TIME),
    "competing": (lambda data: incidence.analyse(data, endpoint="os"), timed(), "os.time", TIME),
    "strata": (lambda data: survival.analyse(data, endpoint="os", strata="x"), timed(x=[1.0, 2] * 6), "x",
               "are in a known stratum"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reason_tells_few_patients_from_few_known_values(case):
    run, columns, incomplete, what = CASES[case]
    assert reasons(run(frame((6, 4), **columns))) == {FEW}
    missing = {**columns, incomplete: unknown(columns[incomplete])}
    assert reasons(run(frame(**missing))) == {f"{OF_A_GROUP} {what}"}


def test_few_beyond_a_landmark():
    data = frame(**timed() | {"os.time": [*TIMES[6:], *TIMES[:6]]})
    assert reasons(survival.analyse(data, endpoint="os", landmark=2)) == {f"{OF_A_GROUP} are followed beyond the landmark"}


def test_few_grades():
    data = frame(subject=[f"P{i}" for i in range(12)])
    toxicity = pd.DataFrame({"subject": data["subject"], "term": ["crs"] * 12, "grade": unknown([1.0, 2] * 6),
                             "onset": [NAN] * 12, "duration": [NAN] * 12, "baseline": [NAN] * 12})
    assert reasons(adverse_events.analyse(data, toxicity, terms=["crs"])) == {f"{OF_A_GROUP} {VALUE}"}


def test_a_number_in_cox_regression_has_no_groups():
    few = frame(**timed(x=[*TIMES[:4], *[NAN] * 8]))
    rows = list(hazards.analyse(few, endpoint="os", variables=["x"]))
    assert [row.note for row in rows if row.variable == "x.hazard" and row.stat == "p_value"] == [
        "fewer than five patients have a known value"]


def test_a_level_in_cox_regression_is_a_group():
    rare = pd.array([True] * 4 + [False] * 8, dtype="boolean")

    def noted(data):
        rows = hazards.analyse(data, endpoint="os", variables=["x"])
        return [row.note for row in rows if row.variable == "x.hazard" and row.stat == "p_value"]

    assert noted(frame(**timed()).assign(x=rare)) == [FEW]
    assert noted(frame(**timed() | {"os.time": unknown(TIMES)}).assign(x=rare)) == [
        "fewer than five patients of a group have a known time"]


def found(rows):
    return [problem.reason for problem in estimable.findings(Results(rows))]


def test_the_finding_says_of_what_there_is_too_little():
    whole, part = frame((6, 4), x=TIMES), frame(x=unknown(TIMES))
    told = "not estimated, too few {}: /x.test@B:A"
    assert told.format("patients") in found(characteristics.analyse(whole, variables=["x"]))
    assert told.format("known values") in found(characteristics.analyse(part, variables=["x"]))
    nobody = found(characteristics.analyse(frame(x=[NAN] * 12), variables=["x"]))
    assert "not estimated, no known values: /x.smd@B:A, /x.shift@B:A" in nobody


@pytest.mark.parametrize(("n", "words"), [
    (12, "; the comparison rests on fewer than five patients of a group, and nothing is claimed."),
    (8, "; there are fewer than five patients in a group, and nothing is claimed."),
])
def test_the_sentence_says_whether_they_are_there(tmp_path, n, words):
    """Of twelve patients four in each arm were sampled twice; of eight all were."""
    series = [row for day in (7, 14) for row in samples([5 + i for i in range(8)], day=day)]
    folder = laid(tmp_path / "s", SERIES, patients(n), series=series)
    assert said(voiced(folder), "car/tmax.test@D:R").endswith(words)
    assert count(read(folder)).results["car/tmax.test@D:R"].note.startswith("fewer than five patients")
