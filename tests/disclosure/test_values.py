"""Medians, means and months in a public report stand for several patients: an attacker who counts finds nobody's value."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.counting import count
from stats import intake
from stats.disclosure import coarse
from stats.results import Results
from stats.study.read import read
from tests.bad_inputs import bends, running
from tests.built import sentences

DATA = Path(__file__).resolve().parents[2] / "data"
QUANTILES = ("median", "q1", "q3", "q05", "q95")
STEP = re.compile(r"rounded to a multiple of (\S+), as of at least \d+ patients(?:; (?:below|above) the limit of \S+)?")
AGES = range(25, 66)  # what the attacker takes for possible; the patients lie within
ONE_ARM = """
[study]
title = "Ages"
short = "AGES"
data_cutoff = 2024-12-31
privacy = "{privacy}"
[arms]
A = "Arm A"
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
age = {{ type = "number", label = "Age" }}
[analyses.ages]
kind = "characteristics"
variables = ["age"]
"""


def near(told: float, values: np.ndarray, note: str) -> int:
    """How many patients a published quantile stands for: those with a value that rounds to it, or that has it."""
    step = STEP.fullmatch(note)
    if step is None:
        return int((values == told).sum())
    exact = Fraction(step[1])
    place = Fraction(told).limit_denominator(10**9) / exact
    return sum(math.floor(Fraction(float(value)) / exact + Fraction(1, 2)) == place for value in values)


@pytest.fixture(scope="module")
def cart() -> tuple[Results, Results]:
    """The shipped study for everybody, and with each patient's peaks and samples for its own house."""
    study = read(DATA / "cart")
    return count(replace(study, privacy="public")).results, count(replace(study, privacy="internal")).results


def test_every_quantile_of_a_course_stands_for_several_patients(cart):
    published, whole = cart
    told = 0
    for analysis in [name for name in read(DATA / "cart").analyses if whole.select(name, "patient")]:
        patients = whole.select(analysis, "patient")
        for cell in [
            *published.select(analysis, "peak"),
            *published.select(analysis, "tmax"),
            *published.select(analysis, "course"),
        ]:
            mine = [
                p["value"]
                for p in patients
                if cell.group in ("all", p.group)
                and (p.at == cell.at if cell.at is not None else p.level.endswith(f".{cell.variable}"))
            ]
            values = np.array([value for value in mine if not math.isnan(value)])
            for stat in QUANTILES:
                if stat in cell.stats and not math.isnan(cell[stat]):
                    assert near(cell[stat], values, cell.notes[stat]) >= 5, (cell.address, stat)
                    told += 1
    assert told > 10  # keeping everything back would be no art


@pytest.mark.parametrize("name", ["breast", "single-arm", "cart"])
def test_every_quantile_of_characteristics_stands_for_several_patients(name):
    study = read(DATA / name)
    published = count(replace(study, privacy="public")).results
    subjects = intake.load(study)[0]["subjects"]
    told = 0
    for analysis in study.analyses.values():
        people = study.populations.get(analysis.population)
        if analysis.kind != "characteristics" or (people and people.where) or "by" in analysis.options:
            continue
        for cell in published.select(analysis.name):
            column = study.subjects.columns.get(cell.variable)
            if column is None or column.type != "number" or not column.in_file or ":" in cell.group:
                continue
            mine = subjects if cell.group == "all" else subjects[subjects["arm"] == cell.group]
            values = mine[cell.variable].dropna().to_numpy(float)
            for stat in QUANTILES:
                if stat in cell.stats and not math.isnan(cell[stat]):
                    assert near(cell[stat], values, cell.notes[stat]) >= study.smallest_count, (cell.address, stat)
                    told += 1
    assert told >= 3


def ages(folder: Path, values: tuple[int, ...], privacy: str) -> dict[str, float]:
    """What a study of these ages publishes of them."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(ONE_ARM.format(privacy=privacy), "utf-8")
    lines = [f"S{i},{value}" for i, value in enumerate(values)]
    (folder / "subjects.csv").write_text("\n".join(["subject,age", *lines]) + "\n", "utf-8")
    cell = count(read(folder)).results["ages/age@all"]
    return dict(cell.stats) | {f"note {stat}": note for stat, note in cell.notes.items()}


def places(value: float) -> float:
    """Half of the last place that a number shows."""
    return float(Fraction(1, 2) / 10 ** len(repr(value).partition(".")[2].removesuffix("0")))


def possible(said: dict[str, float]) -> np.ndarray:
    """Every five ages, in order, that fit what was published: each statistic to the place or the step it was told to."""
    tables = np.array(list(itertools.combinations_with_replacement(AGES, 5)), dtype=float)
    found = {
        "mean": tables.mean(axis=1), "sd": tables.std(axis=1, ddof=1), "min": tables[:, 0], "max": tables[:, 4],
        "q1": tables[:, 1], "median": tables[:, 2], "q3": tables[:, 3],
    }  # fmt: skip
    fits = np.ones(len(tables), dtype=bool)
    for stat, values in found.items():
        if not math.isnan(said.get(stat, math.nan)):
            step = STEP.fullmatch(str(said[f"note {stat}"]))
            wide = float(step[1]) / 2 if step else places(said[stat])
            fits &= np.abs(values - said[stat]) <= wide + 1e-9
    return tables[fits]


def test_five_ages_cannot_be_told_from_what_is_published_of_them(tmp_path):
    """Means and quartiles to twelve digits give five whole numbers back one by one; what is published for all does not."""
    chance = np.random.default_rng(5)
    solved = 0
    for number in range(6):
        values = tuple(sorted(int(age) for age in chance.integers(35, 56, 5)))
        careless = ages(tmp_path / f"journal-{number}", values, "journal")
        careless |= {"min": math.nan, "max": math.nan}  # as if keeping these back were enough
        solved += len(possible(careless)) == 1
        left = possible(ages(tmp_path / f"public-{number}", values, "public"))
        assert (left == values).all(axis=1).any()
        assert min(len(np.unique(left[:, place])) for place in range(5)) >= 5, values
    assert solved == 6


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    st.lists(st.one_of(st.integers(18, 90), st.floats(0.01, 1e5)).map(float), min_size=5, max_size=60),
    st.sampled_from([0.05, 0.25, 0.5, 0.75, 0.95]),
    st.integers(2, 11),
)
def test_a_quantile_is_shared_or_kept_back(values, share, least):
    values = np.array(values)
    quantile = float(np.quantile(values, share))
    told = coarse.shared(quantile, values, least)
    if told is None:
        return
    value, step = told
    assert near(value, values, f"rounded to a multiple of {step!r}, as of at least 5 patients" if step else "") >= least
    assert abs(value - quantile) <= step / 2 * (1 + 1e-9)
    assert step <= np.ptp(np.quantile(values, [0.25, 0.75]))


def test_many_patients_are_told_finely_and_few_not_at_all():
    spread = np.arange(1000) / 10
    assert coarse.shared(50.0, spread, 5) == (50.0, 0.5)
    assert coarse.shared(46.0, np.array([30.0, 41, 46, 55, 66]), 5) is None
    assert coarse.shared(34.0, np.array([34.0] * 5 + [60]), 5) == (34.0, 0.0)


def test_shortening_keeps_a_difference_a_difference():
    assert coarse.short(12.3456) == 12.3
    assert coarse.short(1.00012, 1.0) == 1.0001
    assert coarse.short(0.0, 0.0) == 0
    assert coarse.told(0.4, 0, 0.0) == 0.4
    assert coarse.told(123456.0, -1) == 123460


def test_a_mean_is_told_to_the_place_at_which_one_patient_would_show():
    five, many = np.array([30.0, 41, 46, 55, 66]), np.arange(1000) / 10
    assert coarse.decimals(five) == 0  # a standard deviation of 14 in one of five moves the mean by 3
    assert coarse.decimals(many) == 2  # one of 29 in one of a thousand by 0.03
    assert coarse.decimals(five, many) == 0
    assert coarse.told(34.0, coarse.decimals(np.full(9, 34.0))) == 34


def test_the_months_of_the_first_and_the_last_patient_are_kept_back(tmp_path):
    study = running.copy(tmp_path / "study")
    bends.study('style       = "plain"', 'style = "plain"\nprivacy = "public"')(study)
    out = tmp_path / "out"
    assert running.build(study, out).exit == 0
    told = running.results(out)
    assert math.isnan(told["study/enrolment@all first"])
    said = " ".join(sentences((out / "report.html").read_text("utf-8")))
    assert "Patients entered" not in said
    assert "Data were cut off on December 31, 2023. What rests" not in said.replace("\u00a0", " ")
    assert "2022" not in said


def test_a_patient_without_samples_is_counted_with_none(tmp_path):
    study = running.copy(tmp_path / "study")
    bends.study('style       = "plain"', 'style = "plain"\nprivacy = "public"')(study)
    bends.table(bends.SERIES, lambda rows: [row for row in rows if row[0] != "P05"])(study)
    assert running.build(study, tmp_path / "out").exit == 0
    told = running.results(tmp_path / "out")
    assert told["il6_kinetics/samples@all n"] == 23
    assert not math.isnan(told["il6_kinetics/samples@all median"])


def test_so_few_patients_that_nobody_says_how_many(tmp_path):
    folder = tmp_path / "study"
    ages(folder, (34, 51, 66), "public")
    outcome = running.build(folder, tmp_path / "out")
    assert outcome.exit == 0, outcome.err
    assert re.search(r"^Built .*: \d+ results$", outcome.out, re.M)


def test_two_releases_that_show_one_patient_are_told(tmp_path):
    """Held against each other, two public reports show what became of the one patient whose record was changed."""
    study = running.copy(tmp_path / "study")
    bends.study('style       = "plain"', 'style = "plain"\nprivacy = "public"')(study)
    out = tmp_path / "out"
    first = running.build(study, out)
    assert first.exit == 0
    assert "W_RELEASE" not in first.err
    before = running.results(out)
    bends.cell(bends.SUBJECTS, 7, "best_response", "SD")(study)
    kept = running.digest(out)
    strict = running.build(study, out, "--strict")
    assert strict.exit == 2
    assert "E_RELEASE" in strict.err
    assert running.digest(out) == kept
    second = running.build(study, out)
    assert second.exit == 0
    assert re.search(r"^W_RELEASE \d+ counts? differs? .* fewer than 5 patients", second.err, re.M)
    after = running.results(out)
    assert before["response/response@all n"] - after["response/response@all n"] == 1
    assert "W_RELEASE" not in (out / "findings.json").read_text("utf-8")  # a report doesn't depend on another
    again = running.build(study, out)
    assert "W_RELEASE" not in again.err


def test_reports_for_a_journal_are_not_held_against_each_other(tmp_path):
    study, out = running.copy(tmp_path / "study"), tmp_path / "out"
    assert running.build(study, out).exit == 0
    bends.cell(bends.SUBJECTS, 7, "best_response", "SD")(study)
    assert "W_RELEASE" not in running.build(study, out).err
