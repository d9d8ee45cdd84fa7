from __future__ import annotations

import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import proportions

quick = settings(max_examples=40, deadline=None)
Z = 1.959963984540054
DIFFERENCES = (proportions.newcombe, proportions.miettinen_nurminen)


def shares(most: int = 30) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@quick
@given(shares())
def test_clopper_pearson_leaves_a_fortieth_on_either_side(share: tuple[int, int]) -> None:
    x, n = share
    found = proportions.clopper_pearson(x, n)

    def chance(p: float, k: int) -> float:
        return comb(n, k) * p**k * (1 - p) ** (n - k)

    if x > 0:
        assert sum(chance(found.lower, k) for k in range(x, n + 1)) == pytest.approx(0.025, rel=1e-9)
    if x < n:
        assert sum(chance(found.upper, k) for k in range(x + 1)) == pytest.approx(0.025, rel=1e-9)
    assert (found.lower == 0) == (x == 0)
    assert (found.upper == 1) == (x == n)


def test_clopper_pearson_of_none_and_all() -> None:
    assert proportions.clopper_pearson(0, 10).upper == pytest.approx(1 - 0.025**0.1, rel=1e-12)
    assert proportions.clopper_pearson(10, 10).lower == pytest.approx(0.025**0.1, rel=1e-12)
    assert proportions.clopper_pearson(0, 10, confidence=0.9).upper == pytest.approx(1 - 0.05**0.1, rel=1e-12)


@quick
@given(shares())
def test_wilsons_limits_are_where_the_score_is_the_quantile(share: tuple[int, int]) -> None:
    x, n = share
    found = proportions.wilson(x, n)
    for limit in (found.lower, found.upper):
        if 0 < limit < 1:
            assert abs(x / n - limit) / math.sqrt(limit * (1 - limit) / n) == pytest.approx(Z, rel=1e-9)


def test_newcombe_as_published() -> None:
    """56 of 70 against 48 of 80: 0.2 (0.0524 to 0.3339), the first worked example of the 1998 paper."""
    found = proportions.newcombe(56, 70, 48, 80)
    assert found.estimate == pytest.approx(0.2)
    assert [found.lower, found.upper] == pytest.approx([0.0524, 0.3339], abs=5e-5)
    nobody = proportions.newcombe(0, 10, 0, 20)  # both Wilson intervals start at 0
    upper = Z * Z / (10 + Z * Z), Z * Z / (20 + Z * Z)
    assert [nobody.lower, nobody.upper] == pytest.approx([-upper[1], upper[0]])


def test_miettinen_nurminen_is_right_where_statsmodels_is_not() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = proportions.miettinen_nurminen(21, 69, 19, 68)
    assert [found.lower, found.upper] == pytest.approx([-0.1279, 0.1766], abs=5e-5)
    wrong = confint_proportions_2indep(21, 69, 19, 68, method="score", compare="diff", correction=True)
    assert abs(found.lower - wrong[0]) > 1e-3


def constrained(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """Most likely second proportion given the difference, from the cubic of the 1985 paper."""
    n, c = n1 + n2, x1 + x2
    roots = np.roots([n, (n1 + 2 * n2) * delta - n - c, (n2 * delta - n - 2 * x2) * delta + c,
                      x2 * delta * (1 - delta)])
    inside = [r.real for r in roots if abs(r.imag) < 1e-5
              and max(0, -delta) - 1e-7 <= r.real <= min(1, 1 - delta) + 1e-7]

    def loglik(p: float) -> float:
        p = min(max(p, 0.0, -delta), 1.0, 1 - delta)
        return sum(k * math.log(max(q, 1e-300)) for k, q in ((x1, p + delta), (n1 - x1, 1 - p - delta), (x2, p),
                                                            (n2 - x2, 1 - p)) if k)

    return max(inside, key=loglik)


@quick
@given(shares(), shares())
def test_the_limits_of_a_difference_solve_the_papers_equation(a: tuple[int, int], b: tuple[int, int]) -> None:
    found = proportions.miettinen_nurminen(*a, *b)
    n = a[1] + b[1]
    for limit in (found.lower, found.upper):
        if abs(limit) < 1 - 1e-9 and limit != 0:
            p2 = constrained(*a, *b, limit)
            p1 = p2 + limit
            variance = (p1 * (1 - p1) / a[1] + p2 * (1 - p2) / b[1]) * n / (n - 1)
            assert (found.estimate - limit) ** 2 == pytest.approx(Z * Z * variance, rel=1e-4, abs=1e-7)


@quick
@given(shares(), shares())
def test_swapped_arms_and_swapped_outcomes(a: tuple[int, int], b: tuple[int, int]) -> None:
    (x1, n1), (x2, n2) = a, b
    for method in DIFFERENCES:
        found, turned, missed = method(x1, n1, x2, n2), method(x2, n2, x1, n1), method(n1 - x1, n1, n2 - x2, n2)
        assert [turned.estimate, turned.lower, turned.upper] == pytest.approx(
            [-found.estimate, -found.upper, -found.lower], abs=1e-9)
        assert [missed.lower, missed.upper] == pytest.approx([-found.upper, -found.lower], abs=1e-9)
        assert -1 <= found.lower <= found.estimate <= found.upper <= 1
    for ratio in (proportions.risk_ratio, proportions.odds_ratio):
        found, turned = ratio(x1, n1, x2, n2), ratio(x2, n2, x1, n1)
        if math.isnan(found.estimate):
            assert found.note
            assert math.isnan(turned.estimate)
            continue
        assert found.lower <= found.estimate <= found.upper
        for mine, other in ((found.estimate, turned.estimate), (found.lower, turned.upper),
                            (found.upper, turned.lower)):
            if 0 < mine < math.inf:
                assert math.log(mine) == pytest.approx(-math.log(other), abs=1e-9)
            else:
                assert {mine, other} == {0.0, math.inf}


@quick
@given(shares(), shares())
def test_koopmans_limits_are_where_chi_square_is_the_quantile(a: tuple[int, int], b: tuple[int, int]) -> None:
    """The statistic of the 1984 paper: a sum of two squares over expected events and non-events."""
    (x1, n1), (x2, n2) = a, b
    found = proportions.risk_ratio(x1, n1, x2, n2)
    for ratio in (found.lower, found.upper):
        if not (0 < ratio < math.inf):
            continue
        roots = np.roots([(n1 + n2) * ratio, -(ratio * (n1 + x2) + x1 + n2), x1 + x2]).real
        p2 = min(roots)
        p1 = ratio * p2
        if min(p1, p2) > 1e-9 and max(p1, p2) < 1 - 1e-9:
            chi2 = (x1 - n1 * p1) ** 2 / (n1 * p1 * (1 - p1)) + (x2 - n2 * p2) ** 2 / (n2 * p2 * (1 - p2))
            assert chi2 == pytest.approx(Z * Z, rel=1e-6)


@quick
@given(shares(12), shares(12))
def test_the_odds_ratio_and_its_limits_by_summing_every_table(a: tuple[int, int], b: tuple[int, int]) -> None:
    (x1, n1), (x2, n2) = a, b
    found = proportions.odds_ratio(x1, n1, x2, n2)
    support = range(max(0, x1 + x2 - n2), min(n1, x1 + x2) + 1)

    def chances(ratio: float) -> dict[int, float]:
        weights = {k: comb(n1, k) * comb(n2, x1 + x2 - k) * ratio**k for k in support}
        return {k: w / sum(weights.values()) for k, w in weights.items()}

    if len(support) == 1:
        assert math.isnan(found.estimate)
        return
    if 0 < found.estimate < math.inf:
        assert sum(k * c for k, c in chances(found.estimate).items()) == pytest.approx(x1, rel=1e-9)
    if found.lower > 0:
        assert sum(c for k, c in chances(found.lower).items() if k >= x1) == pytest.approx(0.025, rel=1e-8)
    if found.upper < math.inf:
        assert sum(c for k, c in chances(found.upper).items() if k <= x1) == pytest.approx(0.025, rel=1e-8)


def test_the_odds_ratio_is_conditional_and_zero_cells_are_not_filled_up() -> None:
    """scipy and R stop early, statsmodels adds a half to every cell; 3 of 4 against 1 of 4 has a known answer."""
    tea = proportions.odds_ratio(3, 4, 1, 4)
    # the conditional mean is 3 where 3 = (16 w + 72 w² + 48 w³ + 4 w⁴) / (1 + 16 w + 36 w² + 16 w³ + w⁴)
    w = tea.estimate
    assert (16 * w + 72 * w**2 + 48 * w**3 + 4 * w**4) / (1 + 16 * w + 36 * w**2 + 16 * w**3 + w**4) == pytest.approx(3)
    assert w < float(Fraction(3 * 3, 1))  # the sample odds ratio is 9
    zero = proportions.odds_ratio(0, 12, 5, 15)
    assert (zero.estimate, zero.lower) == (0, 0)
    assert 0 < zero.upper < math.inf
    assert proportions.odds_ratio(5, 5, 3, 9).estimate == math.inf


def test_ratios_with_a_zero() -> None:
    none = proportions.risk_ratio(0, 12, 5, 15)
    assert (none.estimate, none.lower) == (0, 0)
    assert none.upper == pytest.approx(0.801011801942263)
    reverse = proportions.risk_ratio(5, 15, 0, 12)
    assert (reverse.estimate, reverse.upper) == (math.inf, math.inf)
    assert reverse.lower == pytest.approx(1 / 0.801011801942263)
    everybody = proportions.risk_ratio(8, 8, 9, 9)
    assert everybody.estimate == 1
    assert everybody.lower < 1 < everybody.upper
    assert proportions.risk_ratio(0, 5, 0, 6).note == "no events in either group"
    assert proportions.odds_ratio(0, 5, 0, 6).note == "no events"
    assert proportions.odds_ratio(5, 5, 6, 6).note == "events in every patient"


@pytest.mark.filterwarnings("error")
def test_nobody_is_a_reason_in_words() -> None:
    for one in (proportions.clopper_pearson, proportions.wilson):
        assert math.isnan(one(0, 0).estimate)
        assert one(0, 0).note == "no patients"
    for two in (*DIFFERENCES, proportions.risk_ratio, proportions.odds_ratio):
        for counts in ((0, 0, 3, 5), (3, 5, 0, 0), (0, 0, 0, 0)):
            assert math.isnan(two(*counts).estimate)
            assert two(*counts).note == "no patients in a group"
        two(1, 1, 0, 1)
        two(0, 1, 0, 1)
    with pytest.raises(ValueError, match="4 of 3 is no proportion"):
        proportions.wilson(4, 3)


def test_large_groups() -> None:
    found = proportions.odds_ratio(51_000, 100_000, 50_000, 100_000)
    assert found.estimate == pytest.approx(51 / 49, rel=1e-4)
    assert found.lower < found.estimate < found.upper
    assert proportions.clopper_pearson(3, 10**6).upper == pytest.approx(8.767e-6, rel=1e-3)
