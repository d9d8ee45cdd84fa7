"""Other tests of the same question: by hand for small tables, and where there is nothing to compute."""

import math
from fractions import Fraction

import pytest

from stats.methods.alternatives import fisher_mid, likelihood_ratio
from stats.methods.descriptive import known
from stats.methods.fits import Fit


def by_hand(table):
    """P of all tables with these margins that are no more probable, less half of this one's, in fractions."""
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d

    def chance(x):
        return Fraction(math.comb(row, x) * math.comb(n - row, column - x), math.comb(n, column))

    support = range(max(0, row + column - n), min(row, column) + 1)
    whole = sum(chance(x) for x in support if chance(x) <= chance(a))
    return float(whole - chance(a) / 2)


@pytest.mark.parametrize(
    "table", [[[3, 1], [1, 3]], [[7, 3], [2, 9]], [[10, 0], [9, 4]], [[5, 5], [5, 5]], [[0, 12], [1, 10]]]
)
def test_mid_p_is_fishers_less_half_the_observed_table(table):
    assert fisher_mid(table).p_value == pytest.approx(by_hand(table), rel=1e-12)


def test_the_lady_tasting_tea():
    # P = 34/70; half of the observed table is 8/70
    assert fisher_mid([[3, 1], [1, 3]]).p_value == pytest.approx(26 / 70, rel=1e-12)


@pytest.mark.parametrize("table", [[[3, 1, 2], [1, 3, 4]], [[0, 0], [1, 3]], [[4, 0], [5, 0]]])
def test_mid_p_says_why_there_is_none(table):
    found = fisher_mid(table)
    assert math.isnan(found.p_value)
    assert found.note


def test_likelihood_ratio_is_twice_the_gain():
    two = known([0.0, 0.0])
    fit = Fit(two, two, two, two, two, (-100.0, -97.0), True, 30, 20, "cox-efron")
    found = likelihood_ratio(fit)
    assert found.statistic == 6
    assert found.df == 2
    assert found.p_value == pytest.approx(math.exp(-3), rel=1e-12)  # chi-square with two degrees of freedom


def test_likelihood_ratio_of_no_fit_is_its_reason():
    none = known([math.nan])
    fit = Fit(none, none, none, none, none, (math.nan, math.nan), False, 0, 0, "cox-efron", "no events")
    assert likelihood_ratio(fit).note == "no events"


def test_a_level_that_nobody_has_is_none_for_the_mid_p_either():
    assert fisher_mid([[3, 0, 1], [1, 0, 3]]).p_value == pytest.approx(by_hand([[3, 1], [1, 3]]), rel=1e-12)
    assert fisher_mid([[3, 1], [0, 0], [1, 3]]).p_value == pytest.approx(by_hand([[3, 1], [1, 3]]), rel=1e-12)
