"""Quantiles beyond a limit of quantification: the rule, worked by hand, and that it never says what may be false."""

import math

import numpy as np
import pytest

from stats.methods.descriptive import quantile
from stats.methods.quantification import beyond

NAN = math.nan


def test_of_quantified_values_nothing_is_said():
    assert beyond([60, 80, NAN], [NAN] * 3) == {}
    assert beyond([], []) == {}


def test_all_below_one_limit():
    found = beyond([25.0, 25, 25], [-50.0, -50, -50])
    assert found == dict.fromkeys(("median", "q1", "q3", "min", "max", "q05", "q95"), -50.0)


def test_what_falls_on_quantified_values_stays_a_number():
    # of 25 25 60 70 80 the median is the third; the first quartile is the second, below the limit
    found = beyond([25.0, 25, 60, 70, 80], [-50.0, -50, NAN, NAN, NAN])
    assert {"min", "q1"} <= set(found)
    assert {"median", "q3", "max"}.isdisjoint(found)


def test_half_way_between_a_stand_in_and_a_quantified_value():
    # (25 + 1000) / 2 is a number by the rule of half the limit, (25 + 60) / 2 = 42.5 is below the limit
    assert "median" not in beyond([25.0, 1000], [-50.0, NAN])
    assert beyond([25.0, 60], [-50.0, NAN])["median"] == -50


def test_of_several_limits_the_one_that_cannot_be_exceeded():
    # three known to be below 200, two below 50: the middle one may be as high as 200, the lowest two no higher than 50
    found = beyond([25.0] * 5, [-200.0, -200, -200, -50, -50])
    assert (found["median"], found["q1"], found["max"]) == (-200, -50, -200)
    # four below 50 and one below 200: whatever the last is, the median is below 50
    found = beyond([25.0] * 5, [-200.0, -50, -50, -50, -50])
    assert (found["median"], found["max"]) == (-50, -200)


def test_a_quantified_value_that_may_be_the_median_or_not():
    # x < 200, 60, 70: the median may be 60, 70, or anything between, and surely is below 200
    assert beyond([25.0, 60, 70], [-200.0, NAN, NAN])["median"] == -200
    # x < 50, 60, 70: it is 60, whatever x
    assert "median" not in beyond([25.0, 60, 70], [-50.0, NAN, NAN])


def test_above_the_upper_limit():
    found = beyond([100.0, 5000, 5000], [NAN, 5000.0, 5000])
    assert (found["median"], found["max"]) == (5000, 5000)
    assert "min" not in found
    # half way between 3000 and more than 5000: the number that the rule gives
    assert "median" not in beyond([3000.0, 5000], [NAN, 5000.0])
    # more than 3000 and more than 5000: half way is more than 3000 at least
    assert beyond([3000.0, 5000], [3000.0, 5000])["median"] == 3000


def test_patients_alike_are_counted():
    spelt = beyond([25.0, 25, 25, 900], [-50.0, -50, -50, NAN])
    assert beyond([25.0, 900], [-50.0, NAN], times=[3, 1]) == spelt


@pytest.mark.parametrize("seed", range(40))
def test_what_is_said_holds_wherever_the_values_lie(seed):
    """Values are drawn, then hidden below limits; a median said to be below a limit is so of what was drawn.

    One that lies half way between a value below and a quantified one is told by the convention of half the limit,
    and may be up to half as high again as the limit where that is wrong.
    """
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 12))
    truth, limit = random.uniform(1, 120, n), random.choice([50.0, 80.0], n)
    hidden = truth < limit
    values, limits = np.where(hidden, 25.0, truth), np.where(hidden, -limit, np.nan)
    for stat, p in (("median", 0.5), ("q1", 0.25), ("q3", 0.75), ("min", 0), ("max", 1)):
        said = beyond(values, limits).get(stat)
        if said is not None:
            bound = abs(said) if stat in ("min", "max") else 1.5 * abs(said)
            assert quantile(truth, p) < bound
