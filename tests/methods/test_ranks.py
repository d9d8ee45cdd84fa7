from __future__ import annotations

import itertools
import math
import time
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stats.methods import ranks, tables
from stats.methods.pairwise import difference_at, median_difference
from stats.methods.permutation import midranks, subset_sums

quick = settings(max_examples=40, deadline=None)
grades = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=9)
numbers = st.lists(st.integers(-10**6, 10**6), min_size=2, max_size=18, unique=True)


def by_hand(x: list[float], y: list[float]) -> Fraction:
    """P of the rank-sum test from every way to deal the mid-ranks."""
    ordered = sorted(x + y)
    doubled = {v: 2 * ordered.index(v) + ordered.count(v) + 1 for v in ordered}  # twice the mid-rank
    scores = [doubled[v] for v in x + y]
    middle = len(x) * (len(scores) + 1)
    observed = abs(sum(scores[:len(x)]) - middle)
    ways = [abs(sum(deal) - middle) >= observed for deal in itertools.combinations(scores, len(x))]
    return Fraction(sum(ways), len(ways))


def test_midranks() -> None:
    assert midranks(np.array([3.0, 1, 3, 3, 2])).tolist() == [4, 1, 4, 4, 2]


@pytest.mark.parametrize(("x", "y", "p"), [
    ([1, 2, 3], [4, 5, 6], Fraction(2, 20)),
    ([1, 1, 2], [2, 3, 3], Fraction(4, 20)),  # mid-ranks 1.5 1.5 3.5 3.5 5.5 5.5: 6.5 and 14.5 twice each
    ([0, 0, 0, 1], [2, 2, 3, 4], Fraction(2, 70)),
    ([1], [1, 2], Fraction(1)),
])
def test_exact_p_by_hand(x: list, y: list, p: Fraction) -> None:
    assert by_hand(x, y) == p
    found = ranks.rank_sum(x, y)
    assert found.exact
    assert found.p_value == pytest.approx(float(p), rel=1e-14)


def test_the_statistic_counts_pairs_won_by_the_first_group() -> None:
    assert ranks.rank_sum([5, 2], [1, 2, 3]).statistic == 3 + 1.5
    assert ranks.rank_sum([1, 2, 3], [5, 2]).statistic == 0.5 + 1


@quick
@given(grades, grades)
def test_exact_p_of_any_grades(x: list[float], y: list[float]) -> None:
    found = ranks.rank_sum(x, y)
    if len(set(x + y)) == 1:
        assert math.isnan(found.p_value)
        assert found.note == "all values are equal"
    else:
        assert found.p_value == pytest.approx(float(by_hand(x, y)), rel=1e-12)


@quick
@given(grades, grades, st.randoms(use_true_random=False))
@example([0.0, 0, 0, 0, 1], [0.0, 0, 2], Random(1))  # U at a difference is the very quantile: wilcox.exact fails here
def test_order_and_side_make_no_difference(x: list[float], y: list[float], random) -> None:
    test, shift = ranks.rank_sum(x, y), ranks.hodges_lehmann(x, y)
    swapped, turned = ranks.rank_sum(y, x), ranks.hodges_lehmann(y, x)
    assert swapped.p_value == pytest.approx(test.p_value, rel=1e-13, nan_ok=True)
    assert swapped.statistic == len(x) * len(y) - test.statistic
    assert [turned.estimate, turned.lower, turned.upper] == pytest.approx(
        [-shift.estimate, -shift.upper, -shift.lower], nan_ok=True)
    shuffled = random.sample(x, len(x)), random.sample(y, len(y))
    # to the last bit: the order of data rows never matters
    assert repr(ranks.rank_sum(*shuffled)) == repr(test)
    assert repr(ranks.hodges_lehmann(*shuffled)) == repr(shift)


@quick
@given(grades, grades, st.integers(-50, 50), st.integers(1, 30))
def test_origin_and_unit_go_through(x: list[float], y: list[float], origin: int, unit: int) -> None:
    before = ranks.hodges_lehmann(x, y)
    after = ranks.hodges_lehmann([unit * v + origin for v in x], [unit * v + origin for v in y])
    assert [after.estimate / unit, after.lower / unit, after.upper / unit] == pytest.approx(
        [before.estimate, before.lower, before.upper], nan_ok=True)
    assert ranks.hodges_lehmann([v + origin for v in x], y).estimate == before.estimate + origin
    assert math.isnan(before.lower) or before.lower <= before.estimate <= before.upper


@quick
@given(numbers, st.integers(1, 17))
def test_the_exact_interval_and_the_exact_test_agree(values: list[int], cut: int) -> None:
    """Without ties zero lies within the closed interval exactly when the test doesn't reject."""
    cut = min(cut, len(values) - 1)
    x, y = values[:cut], values[cut:]
    shift = ranks.hodges_lehmann(x, y)
    if not shift.note:
        assert (shift.lower <= 0 <= shift.upper) == (ranks.rank_sum(x, y).p_value >= 0.05 - 1e-12)


@quick
@given(grades, grades)
def test_ranks_ask_only_for_order(x: list[float], y: list[float]) -> None:
    squared = ranks.rank_sum([v**3 for v in x], [v**3 for v in y])
    assert repr(squared) == repr(ranks.rank_sum(x, y))


@quick
@given(st.lists(st.integers(0, 6), min_size=2, max_size=5), st.lists(st.integers(0, 6), min_size=2, max_size=5))
def test_the_rank_test_of_a_table_is_the_rank_test_of_its_patients(a: list[int], b: list[int]) -> None:
    """Two routes to the same P: dealing ranks one by one, and walking all tables with these margins."""
    size = min(len(a), len(b))
    table = np.array([a[:size], b[:size]])
    x, y = (np.repeat(np.arange(size, dtype=float), row) for row in table)
    if len(x) and len(y) and len(set(x) | set(y)) > 1:
        levels = np.concatenate([x, y])
        scores = [midranks(levels)[levels == level].mean() if (levels == level).any() else 0.0
                  for level in range(size)]
        by_table = tables.linear_by_linear(table, column_scores=scores)
        assert by_table.exact
        assert by_table.p_value == pytest.approx(ranks.rank_sum(x, y).p_value, rel=1e-10)


def test_scipys_exact_test_ignores_ties_and_ours_does_not() -> None:
    from scipy import stats

    x, y = [0.0, 0, 1, 1, 2, 2], [1.0, 2, 2, 3, 3, 3, 3]
    assert ranks.rank_sum(x, y).p_value == pytest.approx(float(by_hand(x, y)), rel=1e-13)
    assert abs(stats.mannwhitneyu(x, y, method="exact").pvalue - float(by_hand(x, y))) > 1e-3


def test_beyond_the_limit_ties_and_continuity_are_corrected_for() -> None:
    from scipy import stats

    rng = np.random.default_rng(4)
    x, y = rng.integers(0, 4, 40).astype(float), rng.integers(1, 5, 45).astype(float)
    found = ranks.rank_sum(x, y)
    assert not found.exact
    assert found.p_value == pytest.approx(stats.mannwhitneyu(x, y, method="asymptotic").pvalue, rel=1e-10)
    assert abs(found.p_value / stats.ranksums(x, y).pvalue - 1) > 0.1  # no tie correction there
    assert abs(found.p_value / stats.kruskal(x, y).pvalue - 1) > 0.01  # no continuity correction there


def test_the_limit_counts_both_groups() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=30), rng.normal(size=31)
    assert ranks.rank_sum(x[:30], y[:30]).method == "wilcoxon-exact"
    assert ranks.rank_sum(x, y).method == "wilcoxon-normal"
    assert ranks.rank_sum(x, y, exact_limit=61).method == "wilcoxon-exact"
    assert ranks.hodges_lehmann(x, y).method == "hodges-lehmann-normal"


def test_exact_at_thirty_and_thirty_is_quick() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 9, 30).astype(float), rng.integers(0, 9, 30).astype(float)
    best = math.inf
    for _ in range(5):
        begin = time.perf_counter()
        ranks.rank_sum(x, y)
        best = min(best, time.perf_counter() - begin)
    assert best < 0.05


@quick
@given(st.lists(st.integers(0, 9), min_size=1, max_size=10), st.data())
def test_subset_sums_are_all_of_them(scores: list[int], data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(scores)))
    sums, chances = subset_sums(np.array(scores), size)
    ways = [sum(deal) for deal in itertools.combinations(scores, size)]
    assert sums.tolist() == sorted(set(ways))
    assert chances == pytest.approx([ways.count(s) / len(ways) for s in sums], rel=1e-12)


def test_the_smallest_samples_have_no_interval_of_the_confidence_asked() -> None:
    """The smallest and the largest difference hold 90 % here, not 95 %: they are printed as 90 % only."""
    found = ranks.hodges_lehmann([1.2, 2.5, 0.7], [3.1, 3.2, 5.0])
    assert found.estimate == pytest.approx(-2.4)
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    assert found.note == ranks.TOO_FEW
    less = ranks.hodges_lehmann([1.2, 2.5, 0.7], [3.1, 3.2, 5.0], confidence=0.9)
    assert [less.lower, less.upper] == pytest.approx([-4.3, -0.6])
    assert not less.note
    assert ranks.hodges_lehmann([1.0, 2], [3.0], exact_limit=0).note


def test_limits_don_t_depend_on_the_last_digits_of_floating_point() -> None:
    """6.3 - 3.1 isn't 3.2 in floating point; the data in whole numbers must give the same limits."""
    rng = np.random.default_rng(7)
    x, y = rng.integers(20, 80, 14), rng.integers(15, 70, 16)
    whole, tenths = ranks.hodges_lehmann(x, y), ranks.hodges_lehmann(x / 10, y / 10)
    assert [10 * tenths.lower, 10 * tenths.upper] == pytest.approx([whole.lower, whole.upper], abs=1e-9)


def test_many_pairwise_differences_are_never_all_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    from stats.methods import pairwise

    rng = np.random.default_rng(3)
    tied = rng.integers(0, 4, 60) / 10, rng.integers(0, 4, 61) / 10
    for x, y in ((rng.normal(size=70), rng.normal(size=90)), tied):
        everything = np.sort(np.subtract.outer(x, y).ravel())
        for most in (1_000_000, 40, 3):
            monkeypatch.setattr(pairwise, "MOST", most)
            assert median_difference(x, y) == pytest.approx(np.median(everything), abs=1e-12)
            for rank in (0, 17, len(everything) - 1):
                assert difference_at(x, y, rank) == pytest.approx(everything[rank], abs=1e-12)


def test_kruskal_wallis_by_hand() -> None:
    """Ranks 1+2, 3+4, 5+6: H = 12 / (6 × 7) × (3² + 7² + 11²) / 2 - 3 × 7 = 32/7."""
    found = ranks.kruskal([[1, 2], [3, 4], [5, 6]])
    assert found.statistic == pytest.approx(float(Fraction(12, 42) * Fraction(3**2 + 7**2 + 11**2, 2) - 21))
    assert found.df == 2
    assert found.p_value == pytest.approx(math.exp(-found.statistic / 2))  # chi-square with two df


def test_superiority_by_hand() -> None:
    """x wins 2, 1.5 and 0.5 of its three pairs each: 4/9; placements give DeLong's variance."""
    x, y = [3.0, 2, 1], [1.0, 2, 4]
    found = ranks.superiority(x, y)
    wins = [[(a > b) + (a == b) / 2 for b in y] for a in x]
    assert found.estimate == pytest.approx(float(Fraction(2) + Fraction(3, 2) + Fraction(1, 2)) / 9)
    variance = np.var(np.mean(wins, axis=1), ddof=1) / 3 + np.var(np.mean(wins, axis=0), ddof=1) / 3
    assert found.lower == pytest.approx(max(0.0, found.estimate - 1.959963984540054 * math.sqrt(variance)))
    assert found.upper == pytest.approx(min(1.0, found.estimate + 1.959963984540054 * math.sqrt(variance)))
    assert ranks.superiority(y, x).estimate == pytest.approx(1 - found.estimate)


def test_groups_that_don_t_overlap_get_no_interval_without_width() -> None:
    found = ranks.superiority([4, 5, 6], [1, 2, 3])
    assert found.estimate == 1
    assert math.isnan(found.lower)
    assert found.note == "the groups don't overlap"


def test_spearman_of_perfect_agreement_has_an_honest_p() -> None:
    """Two of the six orders of three agree or are reversed without exception; the t approximation would say P = 0."""
    assert ranks.spearman([1, 2, 3], [10, 20, 30]).p_value == pytest.approx(1 / 3)
    assert ranks.spearman([1, 2, 3], [30, 20, 10]).estimate == -1
    assert ranks.spearman([1, 2, math.nan, 3], [1, 2, 3, math.nan]).note == "fewer than three pairs"


@pytest.mark.filterwarnings("error")
def test_a_ratio_whose_limit_no_number_holds() -> None:
    """Two values each, hundreds of powers of ten apart: on one degree of freedom the limits lie twelve errors away."""
    found = ranks.geometric_ratio([1e-90, 1e90], [1, 2])
    assert found.estimate == pytest.approx(1 / math.sqrt(2))
    assert (found.lower, found.upper) == (0.0, math.inf)


def test_geometric_ratio_by_hand() -> None:
    """Geometric means 10 and 2.5: ratio 4, whatever the unit."""
    found = ranks.geometric_ratio([1, 10, 100], [0.25, 2.5, 25])
    assert found.estimate == pytest.approx(4)
    scaled = ranks.geometric_ratio([1000, 10000, 100000], [250, 2500, 25000])
    assert [scaled.lower, scaled.upper, scaled.p_value] == pytest.approx([found.lower, found.upper, found.p_value])
    assert ranks.geometric_ratio([1, 0], [1, 2]).note == "a value isn't positive and has no logarithm"


SAMPLES = {"empty": [], "missing": [math.nan, math.nan], "one": [2.0], "constant": [3.0, 3.0, 3.0],
           "some": [1.0, 4.0, 4.0]}


@pytest.mark.parametrize("first", SAMPLES)
@pytest.mark.parametrize("second", SAMPLES)
@pytest.mark.filterwarnings("error")
def test_every_edge_is_a_number_or_a_reason(first: str, second: str) -> None:
    x, y = SAMPLES[first], SAMPLES[second]
    for limit in (0, 60):
        results = [ranks.rank_sum(x, y, limit), ranks.hodges_lehmann(x, y, exact_limit=limit)]
        assert all(not math.isnan(r.p_value if isinstance(r, ranks.Test) else r.lower) or r.note for r in results)
    for test in (ranks.welch_t(x, y), ranks.kruskal([x, y]), ranks.anova([x, y]), ranks.anova([x, y, x])):
        assert not math.isnan(test.p_value) or test.note
    for shift in (ranks.mean_difference(x, y), ranks.geometric_ratio(x, y), ranks.superiority(x, y)):
        assert not math.isnan(shift.lower) or shift.note
    pairs = min(len(x), len(y))
    assert not math.isnan((rho := ranks.spearman(x[:pairs], y[:pairs])).p_value) or rho.note
