"""Peaks need the samples that were asked for; chimerism is split where lineages are of different origin."""

from __future__ import annotations

import numpy as np
import pytest

from stats.derive import chimerism, derive_all, kinetics
from stats.study.read import examine
from stats.study.types import Analyte, Column
from tests import built
from tests.derive.studies import long, study, subjects

TWO_DAYS = (2.0, 1.0, 14.0)
EVEN, ODD = tuple(range(2, 15, 2)), tuple(range(1, 14, 2))


def series(*days):
    """One patient's samples of il6 on these days, rising."""
    return long(*(("P1", "il6", day, 10.0 + day) for day in days), columns="subject analyte day value")


def exposure(days, sampling=TWO_DAYS):
    analyte = Analyte("il6", "IL-6", window=(0, 21), sampling=sampling)
    made = study(frames=("series",), analytes={"il6": analyte})
    frames, problems, ran = derive_all(made, {"subjects": subjects(1), "series": series(*days)})
    return frames["exposure"].iloc[0], problems, ran


# by hand: any two days in a row of days 1 to 14 need a sample on one of them
@pytest.mark.parametrize(
    ("days", "evaluable"),
    [
        (EVEN, True),
        (ODD, True),
        (EVEN[1:], False),  # none on days 1 and 2
        (EVEN[:-1], False),  # none on days 13 and 14
        ((*range(1, 6), *range(8, 15)), False),  # none on days 6 and 7
        ((*range(1, 6), *range(7, 15)), True),
        ((0, *EVEN[1:]), False),  # day 0 lies before
        ((0, *EVEN, 20), True),
    ],
)
def test_a_peak_needs_a_sample_in_any_two_days_in_a_row(days, evaluable):
    row, problems, ran = exposure(days)
    assert np.isnan(row["peak"]) != evaluable
    assert np.isnan(row["tmax"]) != evaluable
    if evaluable:
        assert (row["peak"], row["tmax"]) == (10.0 + max(days), max(days))
    assert [problem.code for problem in problems] == ([] if evaluable else ["N_RARE_SAMPLES"])
    assert "kinetics-sampling" in ran


def test_without_the_rule_two_samples_suffice():
    row, problems, ran = exposure((1, 9), sampling=None)
    assert row["peak"] == 19
    assert problems == []
    assert "kinetics-sampling" not in ran


@pytest.mark.parametrize(
    ("died", "evaluable"), [("2024-01-09", True), ("2024-01-10", True), ("2024-01-11", False), ("2023-12-31", True)]
)
def test_nobody_is_sampled_after_death(died, evaluable):
    """Infused on 1 January, sampled on days 2, 4, 6 and 8: a death on day 8 or 9 ends the days, one on day 10 doesn't."""
    s = kinetics.samples(subjects(1), series(2, 4, 6, 8), Analyte("il6", "IL-6"))
    death = np.array([(np.datetime64(died) - np.datetime64("2024-01-01")).astype(int)], dtype=float)
    assert bool(kinetics.rarely(s, 1, TWO_DAYS, death)[0]) != evaluable


def test_a_patient_without_any_sample_and_a_patient_with_others_between():
    rows = long(
        ("P1", "il6", 1, 5.0),
        ("P1", "il6", 3, 5.0),
        ("P3", "il6", 2, 5.0),
        ("P3", "il6", 4, 5.0),
        columns="subject analyte day value",
    )
    s = kinetics.samples(subjects(3), rows, Analyte("il6", "IL-6"))
    assert kinetics.rarely(s, 3, (2.0, 1.0, 4.0), np.full(3, np.nan)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("sampling = { day = [1, 14] }", "every is required"),
        ("sampling = { every = 0, day = [1, 14] }", "above 0"),
        ("sampling = { every = 2 }", ""),  # the window's days
        ("sampling = { every = 2, days = [1, 14] }", "did you mean 'day'"),
    ],
)
def test_how_sampling_is_declared(tmp_path, told, says):
    folder = built.copy_of(built.CART, tmp_path / "study")
    text = (folder / "study.toml").read_text("utf-8")
    before = "window = [0, 28] }"
    assert before in text
    (folder / "study.toml").write_text(text.replace(before, f"window = [0, 28], {told} }}", 1), "utf-8")
    made, problems = examine(folder)
    found = [problem.reason for problem in problems if problem.fatal]
    assert (found == []) if not says else any(says in reason for reason in found), found
    if not says:
        assert any(analyte.sampling == (2, 0, 28) for analyte in made.analytes.values())


@pytest.mark.parametrize(
    ("cd3", "cd33", "split"),
    [
        (95.0, 4.9, 1.0),
        (95.0, 5.0, 0.0),  # mixed, not lost
        (94.9, 4.9, 0.0),
        (0.0, 100.0, 1.0),
        (99.0, 99.0, 0.0),
        (99.0, np.nan, np.nan),
        (50.0, np.nan, np.nan),
    ],
)
def test_split_chimerism(cd3, cd33, split):
    found = chimerism.split([[cd3], [cd33]])
    assert np.array_equal(found, [split], equal_nan=True)


def test_two_lineages_decide_whatever_the_third():
    assert chimerism.split([[99.0], [1.0], [np.nan]]).tolist() == [1.0]


def test_the_derived_flag_reads_the_lineages():
    columns = (
        Column("chimerism_cd3", "number"),
        Column("chimerism_cd33", "number"),
        Column("chimerism_split", "flag", derived=True),
    )
    data = {"subjects": subjects(3, chimerism_cd3=[99.0, 99.0, 99.0], chimerism_cd33=[1.0, 98.0, np.nan])}
    frames, problems, ran = derive_all(study(columns), data)
    assert frames["subjects"]["chimerism_split"].tolist()[:2] == [True, False]
    assert frames["subjects"]["chimerism_split"].isna().tolist() == [False, False, True]
    assert (problems, "chimerism-split" in ran) == ([], True)


def test_one_lineage_is_not_enough():
    columns = (Column("chimerism_cd3", "number"), Column("chimerism_split", "flag", derived=True))
    _, problems, _ = derive_all(study(columns), {"subjects": subjects(1, chimerism_cd3=[99.0])})
    assert [problem.code for problem in problems] == ["E_UNKNOWN_DERIVED"]
    assert "NAME_split of two or more columns" in problems[0].remedy
