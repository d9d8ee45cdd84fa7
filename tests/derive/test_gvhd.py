"""MAGIC grades: every combination of stages against a rule written another way, and the published traps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stats.derive import gvhd
from tests.derive.studies import long, study, subjects

# each organ's stage leads to a grade on its own (Harris 2016); the overall grade is the highest of these
ALONE = {"skin": (0, 1, 1, 2, 4), "liver": (0, 2, 3, 3, 4), "upper": (0, 2), "lower": (0, 2, 3, 3, 4)}


def test_every_combination_of_stages():
    every = list(itertools.product(range(5), range(5), range(2), range(5)))
    expected = [max(table[stage] for table, stage in zip(ALONE.values(), stages)) for stages in every]
    assert gvhd.magic_grade(*np.array(every).T).tolist() == expected
    assert len(every) == 250


@pytest.mark.parametrize(("stages", "grade"), [
    ((3, 0, 0, 0), 2), ((0, 0, 0, 2), 3), ((2, 0, 0, 0), 1), ((2, 0, 1, 0), 2), ((4, 0, 0, 0), 4), ((0, 0, 0, 0), 0)])
def test_the_grade_is_not_the_highest_stage(stages, grade):
    assert gvhd.magic_grade(*stages) == grade


def test_blank_organs_are_uninvolved_but_nothing_known_is_nothing():
    nan = np.nan
    assert gvhd.magic_grade(3, nan, nan, nan) == 2
    assert np.isnan(gvhd.magic_grade(nan, nan, nan, nan))


def derived(*rows, columns):
    s = study(frames=("gvhd",))
    return gvhd.derive(s, {"subjects": subjects(2), "gvhd": long(*rows, columns=columns)})


def test_rows_get_a_grade_and_recorded_ones_are_compared():
    step = derived(("P1", 30, 2, None, 1, 0, None), ("P2", 40, 0, 0, 0, 2, 3), ("P2", 60, 1, 0, 0, 0, 2),
                   columns="subject day skin liver upper_gi lower_gi grade")
    assert step.frames["gvhd"]["grade"].tolist() == [2, 3, 2]
    assert [(p.code, p.column) for p in step.problems] == [("E_SOURCE_CONFLICT", "grade")]
    assert step.ran == ("magic",)


def test_roman_grades_without_stages():
    frame = long(("P1", 30), ("P2", 40), columns="subject day").assign(grade=np.array(["II", "iv"], dtype=object))
    step = gvhd.derive(study(frames=("gvhd",)), {"subjects": subjects(2), "gvhd": frame})
    assert step.frames["gvhd"]["grade"].tolist() == [2, 4]


def test_chronic_rows_and_other_scales_get_no_magic_grade():
    step = derived(("P1", 30, 3, "chronic", "NIH"), ("P2", 40, 3, "acute", "GLUCKSBERG"),
                   ("P2", 41, 3, "acute", "MAGIC"), columns="subject day skin type scale")
    np.testing.assert_array_equal(step.frames["gvhd"]["grade"], [np.nan, np.nan, 2])
