"""What is withheld stays withheld: an attacker with linear programming learns no small count from a public build."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from report.counting import count
from stats.results import Results
from stats.study.read import read
from tests.disclosure import attacker

DATA = Path(__file__).resolve().parents[2] / "data"
HEAD = """
[study]
title = "Small tables"
short = "TABLES"
data_cutoff = 2024-12-31
privacy = "public"
smallest_count = {least}

[arms]
{arms}

[populations]
women = {{ label = "women", where = "sex == 'F'" }}

[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
arm = {{ type = "arm" }}
sex = {{ type = "category", label = "Sex", levels = ["F", "M"] }}
site = {{ type = "category", label = "Site", levels = ["a", "b", "c", "d", "e"] }}
mark = {{ type = "flag", label = "Mark" }}
best = {{ type = "category", label = "Best response", levels = ["CR", "CRi", "PR", "none"] }}
fever = {{ type = "ordinal", label = "Fever grade", levels = ["0", "1", "2", "3", "4"] }}
months = {{ type = "number", label = "Time", unit = "months" }}
died = {{ type = "category", label = "Died", levels = ["0", "1", "2"] }}

[endpoints.os]
label = "Survival"
time = "months"
status = "died"
status_values = {{ event = ["1"], censored = ["0"], competing = ["2"] }}
unit = "months"
[endpoints.cr]
label = "CR or CRi"
column = "best"
responses = ["CR", "CRi"]
[endpoints.complete]
label = "CR"
column = "best"
responses = ["CR"]
[endpoints.incomplete]
label = "CRi"
column = "best"
responses = ["CRi"]

[terms]
fever = {{ label = "Fever", from = "fever" }}

[analyses.base]
kind = "characteristics"
variables = ["sex", "site", "mark", "best"]
[analyses.again]
kind = "characteristics"
variables = ["site", "mark"]
population = "women"
[analyses.response]
kind = "proportion"
outcomes = ["cr", "complete", "incomplete"]
[analyses.os]
kind = "survival"
endpoint = "os"
at = [6, 12]
ticks = [0, 6, 12, 24]
[analyses.cif]
kind = "incidence"
endpoint = "os"
at = [12]
ticks = [0, 12, 24]
[analyses.tox]
kind = "adverse-events"
terms = ["fever"]
[analyses.unnamed]
kind = "survival"
endpoint = "os"
"""


def breaches(study, published: Results, whole: Results) -> list[tuple[object, float]]:
    """Small counts that the attacker knows to the patient, in the rows or from them."""
    shown, truth = attacker.read(published.csv()), attacker.read(whole.csv())
    least = study.smallest_count
    cells = attacker.counts(study, truth)
    truth |= {between: truth[more] - truth[less] for between, more, less in attacker.implied(study, cells)}
    small = {cell for cell, value in truth.items() if (cell in cells or cell not in shown) and 0 < value < least}
    open_ones = [(cell, truth[cell]) for cell in small if not math.isnan(shown.get(cell, math.nan))]
    known = attacker.recovered(study, shown, small)
    assert all(abs(value - truth[cell]) < 0.5 for cell, value in known.items())
    return open_ones + list(known.items())


def both(folder: Path) -> tuple[object, Results, Results]:
    study = replace(read(folder), privacy="public")
    return study, count(study).results, count(replace(study, privacy="journal")).results


@pytest.mark.parametrize("name", ["cart", "breast", "single-arm"])
def test_no_small_count_of_a_shipped_study_can_be_worked_out(name):
    study, published, whole = both(DATA / name)
    assert breaches(study, published, whole) == []
    shown = attacker.read(published.csv())
    kept = [cell for cell in attacker.counts(study, shown) if shown[cell] >= study.smallest_count]
    assert len(kept) > 50  # withholding everything would be no art


def test_the_attacker_finds_what_is_there_to_find():
    """Primary counts alone are not enough: the one small count of a row follows from its total."""
    study, _, whole = both(DATA / "cart")
    truth = attacker.read(whole.csv())
    careless = {
        cell: math.nan if cell[5] in attacker.COUNTS and 0 < value < 5 else value for cell, value in truth.items()
    }
    small = {cell for cell in attacker.counts(study, truth) if 0 < truth[cell] < 5}
    assert len(attacker.recovered(study, careless, small)) > 100


patients = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from("FFM"),
        st.sampled_from(["a", "a", "a", "b", "b", "c", "d", "e", ""]),
        st.sampled_from(["yes", "no", "no", ""]),
        st.sampled_from(["CR", "CR", "CRi", "PR", "none"]),
        st.sampled_from("000112234"),
        st.integers(1, 40),
        st.sampled_from([0, 1, 1, 2]),
    ),
    min_size=8,
    max_size=60,
)


def write(folder: Path, rows: list[tuple], arms: int, least: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    declared = "\n".join(f'{key} = "Arm {key}"' for key in "XYZ"[:arms])
    (folder / "study.toml").write_text(HEAD.format(arms=declared, least=least), "utf-8")
    with (folder / "subjects.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["subject", "arm", "sex", "site", "mark", "best", "fever", "months", "died"])
        out.writerows([f"S{i:03}", "XYZ"[row[0] % arms], *row[1:]] for i, row in enumerate(rows))
    return folder


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(rows=patients, arms=st.integers(1, 3), least=st.sampled_from([3, 5, 5, 11]))
def test_no_small_count_of_any_table_can_be_worked_out(tmp_path_factory, rows, arms, least):
    study, published, whole = both(write(tmp_path_factory.mktemp("tables"), rows, arms, least))
    assert breaches(study, published, whole) == []


def test_curves_tell_no_time_and_no_step_of_few():
    study, published, whole = both(DATA / "breast")
    steps = [(c.group, c.at) for c in published.select("rfs", "curve")]
    assert steps
    assert all(at == int(at) for _, at in steps)
    exact = {cell.at for cell in whole.select("rfs", "curve")}
    assert len(steps) < len(exact) / 3
    for group in ("I", "II", "III", "all"):
        cells = whole.select("rfs", "curve", group)
        events = np.cumsum([cell["events"] for cell in cells])
        times = np.array([cell.at for cell in cells])
        by_then = [0, *(events[times <= at * (1 + 1e-9)][-1] for g, at in steps if g == group)]
        assert min(np.diff(by_then)) >= study.smallest_count
        assert events[-1] - by_then[-1] == 0 or events[-1] - by_then[-1] >= study.smallest_count


def test_nobody_is_told_one_by_one():
    _, published, whole = both(DATA / "cart")
    assert whole.select("cart_kinetics", "patient")
    assert not [row for row in published.rows if row.variable == "patient"]
    assert not [row for row in published.rows if row.stat in ("min", "max") and not math.isnan(row.value)]


def test_medians_of_times_are_no_patients_time():
    _, published, whole = both(DATA / "breast")
    exact = whole["rfs/median@all"]
    told = published["rfs/median@all"]
    for stat in ("estimate", "lower", "upper"):
        assert 0 <= told[stat] - exact[stat] < 1
        assert told[stat] == int(told[stat])
