"""CTCAE grades at the exact boundary of every band, in both versions, and the units they may come in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stats.derive import cytopenia as c

NAN = math.nan
# scale, version, lower limit of normal, (value, grade) at and just below every boundary
TABLES = [
    ("neutrophils", "5.0", 2.0, [(0.0, 4), (0.499, 4), (0.5, 3), (0.999, 3), (1.0, 2), (1.499, 2), (1.5, 1), (1.999, 1),
                                 (2.0, 0), (9.0, 0)]),
    ("neutrophils", "6.0", NAN, [(0.0, 4), (0.099, 4), (0.1, 3), (0.499, 3), (0.5, 2), (0.999, 2), (1.0, 1), (1.499, 1),
                                 (1.5, 0), (9.0, 0)]),
    *(("hemoglobin", v, 120.0, [(20.0, 3), (79.9, 3), (80.0, 2), (99.9, 2), (100.0, 1), (119.9, 1), (120.0, 0)])
      for v in c.VERSIONS),
    ("platelets", "5.0", 150.0, [(0.0, 4), (24.9, 4), (25.0, 3), (49.9, 3), (50.0, 2), (74.9, 2), (75.0, 1), (149.0, 1),
                                 (150.0, 0)]),
    ("platelets", "6.0", 150.0, [(0.0, 4), (9.9, 4), (10.0, 3), (24.0, 3), (49.9, 3), (50.0, 2), (74.9, 2), (75.0, 1),
                                 (150.0, 0)]),
    *(("leukocytes", v, 4.0, [(0.99, 4), (1.0, 3), (1.99, 3), (2.0, 2), (2.99, 2), (3.0, 1), (3.99, 1), (4.0, 0)])
      for v in c.VERSIONS),
    *(("lymphocytes", v, 1.0, [(0.19, 4), (0.2, 3), (0.49, 3), (0.5, 2), (0.79, 2), (0.8, 1), (0.99, 1), (1.0, 0)])
      for v in c.VERSIONS),
]


@pytest.mark.parametrize(("scale", "version", "lln", "table"), TABLES)
def test_every_boundary(scale, version, lln, table):
    values, expected = zip(*table)
    assert c.SCALES[scale](values, lln, version).tolist() == list(expected)


@pytest.mark.parametrize("scale", ["neutrophils", "hemoglobin", "platelets", "leukocytes", "lymphocytes"])
def test_without_a_limit_of_normal_the_worse_grades_stay_and_zero_or_one_is_open(scale):
    table = next(t for s, v, _, t in TABLES if s == scale and v == "5.0")
    for value, grade in table:
        found = c.SCALES[scale](value, NAN, "5.0")
        assert found == grade if grade >= 2 else np.isnan(found)


def test_an_empty_grade_one_band_is_legal():
    assert c.grade_neutrophils([1.49, 1.5, 1.6], 1.4).tolist() == [2, 0, 0]


def test_missing_values_stay_missing_and_hemoglobin_never_gives_four():
    assert np.isnan(c.grade_neutrophils(NAN, 2.0))
    assert c.grade_hemoglobin([1.0], 120).tolist() == [3]


def test_arithmetic_noise_does_not_move_a_value_over_a_boundary():
    assert 1 - 0.9 < 0.1  # the point of the exercise
    assert c.grade_neutrophils([1 - 0.9, 0.0999], version="6.0").tolist() == [3, 4]
    assert c.grade_neutrophils([500 * 1e-3, 0.49999999999999], 2.0).tolist() == [3, 3]
    assert c.grade_hemoglobin([8.0 * 10, 7.99 * 10], 120).tolist() == [2, 3]


def test_an_unknown_version_is_refused():
    with pytest.raises(ValueError, match=r"4\.03"):
        c.grade_platelets(20, 150, "4.03")


@pytest.mark.parametrize(("unit", "count", "hemoglobin"), [
    ("×10⁹/L", 1, NAN), ("x10^9/L", 1, NAN), ("10*9/L", 1, NAN), ("10e9/l", 1, NAN), ("G/L", 1, 1), ("/µL", 1e-3, NAN),
    ("/μL", 1e-3, NAN), ("cells/mm³", 1e-3, NAN), ("K/uL", 1, NAN), ("×10³/µL", 1, NAN), ("g/dL", NAN, 10),
    ("g/L", 1, 1), ("mmol/L", NAN, 16.114), ("", 1, 1), ("mg/dL", NAN, NAN)])
def test_units(unit, count, hemoglobin):
    np.testing.assert_equal(c.factor("platelets", unit), count)
    np.testing.assert_equal(c.factor("hemoglobin", unit), hemoglobin)


@pytest.mark.parametrize(("name", "scale"), [
    ("anc", "neutrophils"), ("ANC", "neutrophils"), ("hb", "hemoglobin"), ("haemoglobin", "hemoglobin"),
    ("plt", "platelets"), ("platelets", "platelets"), ("wbc", "leukocytes"), ("alc", "lymphocytes"), ("il6", "")])
def test_names_of_analytes(name, scale):
    assert c.scale_of(name) == scale
