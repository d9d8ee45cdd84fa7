"""Patients in portions: the same results to the byte, the same findings, and never all of them in memory."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

duckdb = pytest.importorskip("duckdb")

from benchmarks import synthetic  # noqa: E402
from report import counting  # noqa: E402
from report.commands.check import check  # noqa: E402
from stats import intake, portions, run  # noqa: E402
from stats.analyses import _alike as alike  # noqa: E402
from stats.analyses._alike import EachPatient  # noqa: E402
from stats.findings import Problem, Refused  # noqa: E402
from stats.results import Row  # noqa: E402
from stats.study.read import examine, read  # noqa: E402
from stats.study.types import Study  # noqa: E402
from tests import duck_studies  # noqa: E402

STUDY = """
[study]
title = "Everything that can be counted in portions"
short = "PARTS"
design = "retrospective cohort"
data_cutoff = 2024-12-31
day_zero = "start"
reference = "B"

[arms]
A = "First"
B = "Second"
C = "Third"

[populations]
all = { label = "all" }
older = { label = "older", where = "age >= 50 and known(marker)" }
few = { label = "few", where = "age >= 82" }
nobody = { label = "nobody", where = "age > 200" }

[frames.subjects]
source = "duckdb:trial.duckdb"
table = "subjects"
[frames.subjects.columns]
subject = { type = "id" }
arm = { type = "arm" }
age = { type = "number", unit = "years", summary = "mean-sd" }
weight = { type = "number", digits = 1 }
sex = { type = "category", levels = { F = "Female", M = "Male" } }
stage = { type = "ordinal", levels = ["0", "1", "2", "3"] }
marker = { type = "flag" }
response = { type = "category", levels = ["CR", "PR", "NE"] }
start = { type = "date", required = true }
relapse = { type = "date" }
death = { type = "date" }
last = { type = "date" }
worst = { type = "number" }
months = { type = "number" }
state = { type = "number" }
delay = { type = "number", unit = "days", between = ["start", "relapse"] }
steroid = { type = "flag", from = { frame = "treatments", pick = "any", where = "drug == 'steroid'" } }
hottest = { type = "number", from = { frame = "temperatures", column = "height", pick = "max" } }

[frames.events]
source = "duckdb:trial.duckdb"
table = "events"

[frames.treatments]
source = "duckdb:trial.duckdb"
table = "treatments"

[frames.temperatures]
source = "duckdb:trial.duckdb"
table = "temperatures"
where = "height > 37"
[frames.temperatures.columns]
subject = { type = "id" }
height = { type = "number" }

[endpoints.os]
label = "Overall survival"
start = "start"
event = ["death"]
censor = ["last"]
[endpoints.relapse_]
label = "Relapse"
start = "start"
event = ["relapse"]
competing = ["death"]
censor = ["last"]
[endpoints.given]
label = "Given as times"
time = "months"
status = "state"
status_values = { event = [1], censored = [0], competing = [2] }
[endpoints.cr]
column = "response"
responses = ["CR"]
[endpoints.good]
where = "response == 'CR' and not marker"

[terms]
crs = { label = "CRS", window = [0, 30] }
rash = { label = "Rash" }
worst = { label = "Worst", from = "worst" }

[analyses.baseline]
kind = "characteristics"
variables = ["age", "weight", "sex", "stage", "marker", "steroid", "delay", "hottest"]
[analyses.by_sex]
kind = "characteristics"
population = "older"
by = "sex"
variables = ["age", "stage", "arm"]
[analyses.few]
kind = "characteristics"
population = "few"
variables = ["age", "weight", "sex"]
[analyses.response]
kind = "proportion"
outcomes = ["cr", "good"]
trend = true
[analyses.os]
kind = "survival"
endpoint = "os"
at = [6, 12]
ticks = [0, 6, 12, 24]
trend = true
[analyses.os_few]
kind = "survival"
population = "few"
endpoint = "os"
at = [6]
[analyses.os_nobody]
kind = "survival"
population = "nobody"
endpoint = "os"
at = [6]
[analyses.os_strata]
kind = "survival"
endpoint = "os"
by = "sex"
strata = "stage"
at = [12]
[analyses.os_landmark]
kind = "survival"
endpoint = "os"
landmark = 2
at = [12]
[analyses.sensitivity]
kind = "sensitivity"
endpoints = ["os", "given"]
at = [12]
[analyses.relapse]
kind = "incidence"
endpoint = "relapse_"
at = [6, 12]
ticks = [0, 6]
[analyses.given]
kind = "incidence"
endpoint = "given"
at = [6]
[analyses.followup]
kind = "followup"
endpoint = "os"
[analyses.cox]
kind = "hazards"
endpoint = "os"
variables = ["arm", "sex", "stage", "marker"]
multivariable = ["sex", "stage"]
[analyses.safety]
kind = "adverse-events"
terms = ["crs", "rash", "worst"]
[analyses.safety_few]
kind = "adverse-events"
population = "few"
terms = ["crs"]
"""
Columns = dict[str, list[Any]]


def trial(seed: int, n: int) -> dict[str, Columns]:
    """A trial with everything that makes portions differ: an empty arm, ties, missing cells, patients without rows."""
    draw = random.Random(seed)
    arms = draw.choice([["A", "B", "C"], ["A", "B"], ["B"]])
    rows: dict[str, list[dict[str, Any]]] = {"subjects": [], "events": [], "treatments": [], "temperatures": []}
    for number in range(n):
        who = f"P{draw.randrange(10**6):06}-{number}"
        start = datetime.date(2020, 1, 6) + datetime.timedelta(draw.randrange(0, 400))
        length = draw.choice([30, 60, 90, 90, 200, draw.randrange(31, 900)])
        died, relapsed = draw.random() < 0.4, draw.random() < 0.3
        end = start + datetime.timedelta(length)
        rows["subjects"].append({
            "subject": who, "arm": draw.choice(arms), "age": float(draw.randrange(18, 85)),
            "weight": draw.choice([None, round(draw.gauss(75, 12), 1)]), "sex": draw.choice(["F", "M", "M", None]),
            "stage": draw.choice(["0", "1", "2", None]), "marker": draw.choice(["0", "1", "1", None]),
            "response": draw.choice(["CR", "PR", "NE", None]), "start": start,
            "relapse": start + datetime.timedelta(length // 2) if relapsed else None, "death": end if died else None,
            "last": end, "worst": draw.choice([None, 0.0, 1.0, 3.0]),
            "months": draw.choice([0.5, 3.0, 3.0, round(length / 30.4375, 3)]), "state": float(draw.choice([0, 1, 1, 2])),
        })
        for _ in range(draw.choice([0, 0, 1, 3])):
            day = draw.randrange(0, 30)
            rows["events"].append({"subject": who, "term": draw.choice(["crs", "rash"]), "grade": draw.choice([1.0, 2.0, 4.0]),
                                   "day": float(day), "end_day": float(min(day + draw.randrange(0, 9), length))})
        if draw.random() < 0.3:
            rows["treatments"].append({"subject": who, "drug": draw.choice(["steroid", "other"]), "day": 3.0})
        for _ in range(draw.choice([0, 2])):
            rows["temperatures"].append({"subject": who, "height": draw.choice([36.5, 38.0, 39.5])})
    heads = {"events": ("subject", "term", "grade", "day", "end_day"), "treatments": ("subject", "drug", "day"),
             "temperatures": ("subject", "height")}
    return {name: {head: [row[head] for row in of] for head in (of[0] if of else heads[name])} for name, of in rows.items()}


def write(folder: Path, tables: dict[str, Columns], text: str = STUDY) -> Study:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text, "utf-8")
    (folder / "trial.duckdb").unlink(missing_ok=True)
    for name, columns in tables.items():
        duck_studies.fill(folder / "trial.duckdb", name, duck_studies.shuffled(columns))
    return read(folder)


def refused(study: Study) -> tuple[str, set[str]]:
    """(results, codes of the findings in their place)."""
    try:
        return counting.count(study).results.csv(), set()
    except Refused as refusal:
        return "", {problem.code for problem in refusal.problems}


def whole(study: Study) -> tuple[str, list[Problem]]:
    found = counting.count(study)
    return found.results.csv(), [p for p in found.problems if not p.code.startswith("N_NOT")]


def parted(study: Study, at_once: int) -> tuple[str, list[Problem]]:
    return whole(replace(study, patients_at_once=at_once))


@pytest.mark.parametrize("at_once", [7, 40, 119, 120, 5000])
def test_results_are_the_same_bytes(tmp_path: Path, at_once: int) -> None:
    study = write(tmp_path, trial(1, 120))
    assert {analysis.kind for analysis in study.analyses.values()} == {
        "characteristics", "proportion", "survival", "sensitivity", "incidence", "followup", "hazards", "adverse-events"}
    plain, _ = whole(study)
    assert plain.count("\n") > 1500
    assert parted(study, at_once)[0] == plain


@settings(deadline=None, max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.integers(0, 10**6), st.integers(1, 90), st.sampled_from([1, 5, 13, 40]))
def test_results_of_random_trials_are_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, seed: int, n: int,
                                                     at_once: int) -> None:
    study = write(tmp_path_factory.mktemp("trial"), trial(seed, n))
    assert refused(replace(study, patients_at_once=at_once)) == refused(study)


def numbered(tables: dict[str, Columns]) -> dict[str, Columns]:
    """The same patients by whole numbers, stored as such."""
    made = {name: dict(columns) for name, columns in tables.items()}
    places = {who: place + 1 for place, who in enumerate(tables["subjects"]["subject"])}
    for columns in made.values():
        columns["subject"] = [places[who] for who in columns["subject"]]
    return made


def spaced(tables: dict[str, Columns]) -> dict[str, Columns]:
    """Identifiers with white space around them in some frames, and letters of two pieces in others."""
    made = {name: dict(columns) for name, columns in tables.items()}
    made["subjects"]["subject"] = [f"é{who}" for who in made["subjects"]["subject"]]
    for name, form in (("events", "\u00a0é{} "), ("treatments", "\te\u0301{}"), ("temperatures", "é{}")):
        made[name]["subject"] = [form.format(who) for who in made[name]["subject"]]
    return made


@pytest.mark.parametrize("bent", [numbered, spaced])
def test_identifiers_of_other_kinds(tmp_path: Path, bent: Callable[[dict[str, Columns]], dict[str, Columns]]) -> None:
    study = write(tmp_path, bent(trial(2, 80)))
    assert parted(study, 11)[0] == whole(study)[0]


@pytest.mark.parametrize("kind", ["parquet", "view"])
def test_files_and_views(tmp_path: Path, kind: str) -> None:
    tables = trial(3, 80)
    write(tmp_path, tables)
    (tmp_path / "trial.duckdb").unlink()
    text = STUDY
    for name, columns in tables.items():
        duck_studies.give(tmp_path, name, columns, kind)
        if kind == "parquet":
            text = text.replace(f'"duckdb:trial.duckdb"\ntable = "{name}"', f'"duckdb:{name}/*.parquet"')
    (tmp_path / "study.toml").write_text(text, "utf-8")
    study = read(tmp_path)
    assert parted(study, 11)[0] == whole(study)[0]


# ---- findings


def told(problems: list[Problem]) -> list[tuple[str, int | None, str, str]]:
    return sorted((p.code, p.row or 0, p.column, p.reason.partition(" (did you mean")[0]) for p in problems)


BENDS: dict[str, Callable[[dict[str, Columns]], None]] = {}


def bend(function: Callable[[dict[str, Columns]], None]) -> Callable[[dict[str, Columns]], None]:
    BENDS[function.__name__] = function
    return function


@bend
def one_patient_twice(tables: dict[str, Columns]) -> None:
    for values in tables["subjects"].values():
        values.append(values[4])


@bend
def a_stranger(tables: dict[str, Columns]) -> None:
    tables["events"]["subject"][3] = "Q1"


@bend
def nobody(tables: dict[str, Columns]) -> None:
    tables["subjects"]["subject"][17] = None
    tables["events"]["subject"][5] = None


@bend
def cells(tables: dict[str, Columns]) -> None:
    for at in (3, 40, 70):
        tables["subjects"]["sex"][at] = "x"
    tables["subjects"]["start"][9] = None
    tables["events"]["grade"][1] = 7.0


@bend
def death_before_start(tables: dict[str, Columns]) -> None:
    for at in (2, 50):
        tables["subjects"]["death"][at] = tables["subjects"]["start"][at] - datetime.timedelta(3)


@bend
def nothing_wrong(tables: dict[str, Columns]) -> None:
    tables["subjects"]["arm"] = ["A" if arm == "C" else arm for arm in tables["subjects"]["arm"]]


@pytest.mark.parametrize("name", BENDS)
def test_what_is_wrong_is_told_with_its_row(tmp_path: Path, name: str) -> None:
    """Refused alike, every row that is named by the one way named by the other."""
    tables = trial(4, 80)
    BENDS[name](tables)
    study = write(tmp_path, tables)
    found: list[list[Problem]] = []
    for one in (study, replace(study, patients_at_once=13)):
        try:
            found.append(list(counting.count(one).problems))
        except Refused as refused:
            found.append(list(refused.problems))
    plain, ours = ([p for p in problems if p.fatal] for problems in found)
    assert told(ours) == told(plain)
    assert bool(plain) == (name != "nothing_wrong")
    # an arm that is empty everywhere is told once, and no arm that only a portion lacks
    assert [p.reason for p in found[1] if p.code == "W_EMPTY_ARM"] == [p.reason for p in found[0] if p.code == "W_EMPTY_ARM"]
    counted = [p.code for p in found[1] if "in one portion" in p.reason]
    assert len(counted) == len(set(counted))


def test_a_study_that_fits_is_told_in_the_same_words(tmp_path: Path) -> None:
    tables = trial(5, 60)
    tables["subjects"]["weight"][3] = 900.0
    study = write(tmp_path, tables)
    assert parted(study, 60)[1] == whole(study)[1]


def test_counts_of_portions_are_told_once_with_how_many_others() -> None:
    told = portions.Told(3)
    for number, missing in ((1, 4), (3, 2)):
        told.add([Problem("W_MISSING_RESPONSE", f"{missing} of 20 patients have no response", "f", number, "c"),
                  Problem("W_UNUSED_CODE", "CR never occurs", "f"), Problem("E_RANGE", "out of range", "f", number, "c")], number)
    told.add([Problem("E_RANGE", "out of range", "f", row, "c") for row in range(10, 40)], 2)
    found = told.problems()
    assert [p.reason for p in found if p.code == "W_MISSING_RESPONSE"] == [
        "4 of 20 patients have no response (in one portion of the patients; the like in 1 of the 2 others)"]
    assert [p for p in found if p.code == "W_UNUSED_CODE"] == []
    ranges = [p for p in found if p.code == "E_RANGE"]
    assert (len(ranges), ranges[-1].reason, ranges[-1].row) == (21, "the same in 12 more rows", None)
    assert told.fatal


@pytest.mark.parametrize("expected", [79, 80])
def test_the_number_of_patients_is_that_of_all(tmp_path: Path, expected: int) -> None:
    study = write(tmp_path, trial(4, 80), STUDY.replace('reference = "B"', f'reference = "B"\nexpected_n = {expected}'))
    found = portions.examined(replace(study, patients_at_once=13))
    assert found.patients == 80
    assert [p.code for p in found.problems if p.fatal] == ([] if expected == 80 else ["E_EXPECTED_N"])


# ---- never all of them


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many patients each reading brought."""
    sizes: list[int] = []
    plain = intake.load

    def load(*words: Any, **keys: Any) -> Any:
        frames, problems = plain(*words, **keys)
        sizes.append(len(frames["subjects"]))
        return frames, problems

    monkeypatch.setattr(intake, "load", load)
    return sizes


def test_a_portion_holds_about_as_many_as_asked(tmp_path: Path, seen: list[int]) -> None:
    study = read(synthetic.write(tmp_path / "s", 3000, parts=3))
    assert portions.examined(replace(study, patients_at_once=250)).patients == 3000
    assert sum(seen) == 3000
    assert len(seen) == 12
    assert max(seen) < 330
    assert min(seen) > 150


def test_what_is_kept_grows_with_answers_not_with_patients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the patients, and hardly more counts: only measurements find new values."""
    sizes: list[int] = []
    plain = portions.Gathered.results

    def results(self: portions.Gathered) -> Any:
        kept = [alike.together(pd.concat(counts)) for counts in self._counts.values()]
        sizes.append(sum(map(len, kept)))
        return plain(self)

    monkeypatch.setattr(portions.Gathered, "results", results)
    for n in (4000, 16000):
        study = read(synthetic.write(tmp_path / f"s{n}", n, parts=2))
        portions.examined(replace(study, patients_at_once=2000))
    assert sizes[1] < 2.5 * sizes[0]
    assert sizes[1] < 16000 * 3


def test_counted_patients_can_be_asked_nothing_else(tmp_path: Path) -> None:
    counted = alike.Counted({})
    for touch in (lambda: counted["arm"], lambda: len(counted), lambda: counted.columns):
        with pytest.raises(EachPatient):
            touch()


def test_an_analysis_that_needs_each_patient_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stats.analyses import proportion

    def analyse(subjects: pd.DataFrame, *, outcomes: tuple[str, ...]) -> Iterator[Row]:
        yield Row("n", "n", len(subjects), "all")

    study = write(tmp_path, trial(4, 40))
    monkeypatch.setattr(proportion, "analyse", analyse)
    run.analyse.cache_clear()
    run.schema.cache_clear()
    try:
        with pytest.raises(Refused) as refusal:
            parted(study, 13)
    finally:
        run.analyse.cache_clear()
        run.schema.cache_clear()
    assert [(p.code, p.column) for p in refusal.value.problems if p.fatal] == [("E_PORTIONS", "analyses.response")]


def test_rows_alike_are_brought_together_whatever_their_types() -> None:
    frame = pd.DataFrame({
        "a": pd.Categorical(["x", None, "x", None], categories=["x", "y"]), "b": [1.0, float("nan"), 1.0, float("nan")],
        "c": pd.array([True, None, True, None], dtype="boolean"), "d": pd.to_datetime(["2020-01-01", None, "2020-01-01", None]),
        "e": ["t", None, "t", None]})
    found = alike.together(frame)
    assert found[alike.NUMBER].tolist() == [2, 2]
    assert [str(kind) for kind in found.dtypes][:-1] == [str(kind) for kind in frame.dtypes]
    again = alike.together(pd.concat([found, found, frame.assign(**{alike.NUMBER: 1})]))
    assert again[alike.NUMBER].tolist() == [6, 6]
    many = pd.DataFrame({str(i): range(2000) for i in range(8)})  # more combinations than a number can hold
    assert len(alike.together(pd.concat([many, many]))) == 2000


# ---- the study file, and the commands


def toml(folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "study.toml").write_text(text, "utf-8")
    return sorted((p.code, p.column) for p in examine(folder)[1] if p.fatal)


def test_what_a_study_in_portions_must_say(tmp_path: Path) -> None:
    head = 'reference = "B"\npatients_at_once = 10_000'
    good = STUDY.replace('reference = "B"', head)
    write(tmp_path, trial(4, 30))
    assert toml(tmp_path, good) == []
    for old, new, code, column in (
        ("10_000", "9_999", "E_CONFIG_VALUE", "study.patients_at_once"),
        ("10_000", '10_000\nprivacy = "public"', "E_CONFIG_VALUE", "study.privacy"),
        ("status_values = { event = [1], censored = [0], competing = [2] }", "", "E_KEY_MISSING",
         "endpoints.given.status_values"),
        ('source = "duckdb:trial.duckdb"\ntable = "treatments"', 'file = "x.csv"', "E_CONFIG_VALUE",
         "frames.treatments.file"),
        ("[terms]", '[frames.series]\nsource = "duckdb:trial.duckdb"\ntable = "temperatures"\n[terms]', "E_CONFIG_VALUE",
         "frames.series"),
        ('subject = { type = "id" }\narm', 'subject = { type = "id", values = { a = "b" } }\narm', "E_CONFIG_VALUE",
         "frames.subjects.columns.subject.values"),
    ):
        assert old in good
        assert toml(tmp_path, good.replace(old, new, 1)) == [(code, column)], new


def test_identifiers_that_are_no_texts_or_whole_numbers(tmp_path: Path) -> None:
    tables = numbered(trial(4, 30))
    for columns in tables.values():
        columns["subject"] = [float(who) for who in columns["subject"]]
    study = write(tmp_path, tables)
    whole(study)
    with pytest.raises(Refused) as refusal:
        parted(study, 10)
    assert {p.code for p in refusal.value.problems} == {"E_DUCKDB"}


@pytest.mark.parametrize("gone", ["trial.duckdb", "table"])
def test_what_isnt_there_is_told_at_once(tmp_path: Path, gone: str) -> None:
    study = write(tmp_path, trial(4, 30))
    if gone == "table":
        with duckdb.connect(str(tmp_path / "trial.duckdb")) as connection:
            connection.execute("DROP TABLE events")
    else:
        (tmp_path / gone).unlink()
    with pytest.raises(Refused) as refusal:
        parted(study, 10)
    assert {p.code for p in refusal.value.problems} == {"E_TABLE_MISSING" if gone == "table" else "E_FILE_MISSING"}


def test_a_whole_build_in_portions(tmp_path: Path) -> None:
    """As somebody would: patients_at_once in the study file, several files, a report."""
    plain = counting.count(read(synthetic.write(tmp_path / "plain", 25_000, parts=3))).results.csv()
    folder = synthetic.write(tmp_path / "parts", 25_000, parts=3, at_once=10_000)
    found = check(folder)
    assert (found.errors, found.patients) == (0, 25_000)
    assert counting.count(read(folder)).results.csv() == plain
