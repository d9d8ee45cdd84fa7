"""ICAHT and T-ICAHT at every boundary of duration and depth; interpolation, joined spells, recovery; chimerism
classes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from stats.derive import chimerism, derive_all, icaht
from stats.study.types import Column
from tests.derive.studies import long, study, subjects


def month(low_days, low=0.5, start=2, high=2.0):
    """Daily counts of days 0 to 30: `low` for some days from `start`, else high."""
    day = np.arange(31.0)
    return day, np.where((day >= start) & (day < start + low_days), low, high)


@pytest.mark.parametrize(("days", "low", "grade"), [
    (0, 0.5, 0), (1, 0.5, 1), (6, 0.5, 1), (7, 0.5, 2), (13, 0.5, 2), (14, 0.5, 3), (27, 0.5, 3),
    (6, 0.1, 1), (7, 0.1, 3), (13, 0.1, 3), (14, 0.1, 4), (10, 0.101, 2), (10, 0.501, 0)])
def test_early_durations_and_depths(days, low, grade):
    assert icaht.early(*month(days, low)).grade == grade


def test_never_above_the_threshold_is_four_and_a_short_observation_is_flagged():
    day = np.arange(31.0)
    whole = icaht.early(day, np.full(31, 0.5))
    assert (whole.grade, whole.observed, whole.short) == (4, 31, False)
    died = icaht.early(day[:10], np.full(10, 0.4), stop=9.0)
    assert (died.grade, died.observed, died.short) == (4, 10, True)
    # sampling that merely stops says nothing about the rest of the window
    assert icaht.early(day[:10], np.full(10, 0.4)).grade == 2


def test_gaps_up_to_a_week_are_bridged_by_a_line_and_nothing_is_extrapolated():
    grid = icaht.daily(np.array([2.0, 9.0, 17.0]), np.array([0.0, 7.0, 1.0]), (0, 20))
    assert np.isnan(grid[:2]).all()
    np.testing.assert_allclose(grid[2:10], np.arange(8.0))
    assert np.isnan(grid[10:17]).all()
    assert grid[17] == 1.0
    assert np.isnan(grid[18:]).all()


def test_the_lowest_of_a_day_counts_and_stops_end_the_grid():
    grid = icaht.daily(np.array([0.0, 0.5, 1.0, 5.0]), np.array([2.0, 1.0, 3.0, 9.0]), (0, 30), stop=3.0)
    assert grid.tolist()[:2] == [1.0, 3.0]
    assert len(grid) == 4
    assert np.isnan(grid[2:]).all()


@pytest.mark.parametrize(("gap", "runs"), [(1, [12]), (2, [13]), (3, [6, 5])])
def test_a_recovery_of_fewer_than_three_days_is_none(gap, runs):
    grid = np.array([0.2] * 6 + [1.0] * gap + [0.2] * 5 + [2.0])
    assert icaht.spells(grid, lambda g: g <= 0.5) == runs


def test_nothing_measured_is_not_evaluable():
    empty = np.array([])
    assert math.isnan(icaht.early(empty, empty).grade)
    assert math.isnan(icaht.late(np.array([5.0]), np.array([0.1])))
    assert math.isnan(icaht.platelets_early(empty, empty).grade)
    assert math.isnan(icaht.platelets_late(np.array([5.0]), np.array([10.0])))


@pytest.mark.parametrize(("values", "grade"), [
    ((1.51, 1.51), 0), ((1.5, 1.5), 1), ((1.0, 1.0), 2), ((0.5, 0.5), 3), ((0.1, 0.1), 4), ((0.1, 2.0), 0),
    ((0.1, 0.5), 3), ((0.1, 0.4, 1.2), 3), ((0.1, 1.2, 2.0), 1)])
def test_late_needs_two_measurements(values, grade):
    assert icaht.late(np.arange(31.0, 31 + len(values)), np.array(values)) == grade


def test_late_window_edges():
    assert math.isnan(icaht.late(np.array([30.0, 101.0]), np.array([0.1, 0.1])))
    assert icaht.late(np.array([31.0, 100.0]), np.array([0.1, 0.1])) == 4


@pytest.mark.parametrize(("days", "low", "grade"), [
    (0, 49, 0), (1, 49, 1), (6, 49, 1), (7, 49, 2), (20, 50, 0), (1, 19.9, 3), (13, 19.9, 3), (14, 19.9, 4),
    (20, 20, 2)])
def test_platelets_early(days, low, grade):
    assert icaht.platelets_early(*month(days, low, high=150)).grade == grade


@pytest.mark.parametrize(("values", "grade"), [
    ((100, 100), 0), ((99, 99), 1), ((49, 49), 2), ((19, 19), 3), ((19, 90), 1), ((19,) * 14, 4), ((19,) * 13, 3)])
def test_platelets_late(values, grade):
    assert icaht.platelets_late(np.arange(40.0, 40 + len(values)), np.array(values, float)) == grade


def test_recovery_is_the_first_of_three_after_the_nadir():
    day = np.array([0, 3, 5, 8, 9, 10, 11, 12.0])
    assert icaht.recovery(day, np.array([3, .6, .1, .5, .4, .5, .6, .7]), 0.5) == 10
    assert math.isnan(icaht.recovery(day, np.array([3, .6, .1, .5, .4, .5, .6, .4]), 0.5))
    assert math.isnan(icaht.recovery(day, np.full(8, 0.5), 0.5))  # never below
    assert icaht.recovery(np.array([0, 1, 2, 2.5, 3]), np.array([.1, .6, .7, .8, .9]), 0.5) == 1


def test_platelets_recover_without_a_transfusion_in_the_week_before():
    day = np.arange(0.0, 20)
    count = np.where(day < 5, 10.0, 30.0)
    assert icaht.recovery(day, count, 20) == 5
    assert icaht.recovery(day, count, 20, np.array([4.0])) == 11


def test_derived_columns_with_stops_and_levels():
    grades = {str(g): str(g) for g in range(5)}
    columns = (Column("icaht_early", "ordinal", levels=grades, derived=True),
               Column("neutrophil_recovery_day", "number", derived=True),
               Column("icaht_short_observation", "flag", derived=True), Column("death_day", "number"))
    rows = [("P1", "anc", d, v) for d, v in zip(*month(8, 0.4))] + [("P2", "anc", float(d), 0.2) for d in range(10)]
    frames = {"subjects": subjects(3, death_day=[np.nan, 9.0, np.nan]),
              "series": long(*rows, columns="subject analyte day value")}
    out, problems, ran = derive_all(study(columns, ("series",)), frames)
    made = out["subjects"]
    assert made["icaht_early"].cat.codes.tolist() == [2, 4, -1]
    assert made["icaht_short_observation"].tolist() == [False, True, False]
    np.testing.assert_array_equal(made["neutrophil_recovery_day"], [10, np.nan, np.nan])
    assert problems == []
    assert {"icaht", "count-recovery"} <= set(ran)


@pytest.mark.parametrize(("percent", "code"), [(100, 2), (95, 2), (94.99, 1), (5, 1), (4.99, 0), (0, 0)])
def test_chimerism_classes(percent, code):
    assert chimerism.classify(percent) == code


def test_a_class_column_in_the_words_of_the_study():
    columns = (Column("chimerism_d28", "number"),
               Column("chimerism_d28_class", "category", levels={"complete": "", "mixed": "", "loss": ""},
                      derived=True))
    frame = subjects(4, chimerism_d28=[99.0, 50.0, 1.0, np.nan])
    out, _, ran = derive_all(study(columns), {"subjects": frame})
    made = out["subjects"]["chimerism_d28_class"]
    assert made.astype(object).where(made.notna(), None).tolist() == ["complete", "mixed", "loss", None]
    assert isinstance(made.dtype, pd.CategoricalDtype)
    assert ran == ["chimerism-class"]
