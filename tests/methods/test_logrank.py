"""The log-rank test: by hand with fractions, its invariances, exact permutations one by one, awkward studies."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from survival_cases import AWKWARD, GROUP, STATUS, TIME, case, cohort

from stats.methods import logrank as module
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")


def fractions(time, status, group):
    """Observed less expected events of group 1 and its variance, patient by patient."""
    u = v = F(0)
    for t in sorted({t for t, e in zip(time, status, strict=True) if e}):
        there = [(x, e, g) for x, e, g in zip(time, status, group, strict=True) if x >= t]
        n, n1 = len(there), sum(g for _, _, g in there)
        d = sum(x == t and e for x, e, _ in there)
        d1 = sum(x == t and e and g for x, e, g in there)
        u += int(d1) - F(int(d) * int(n1), n)
        v += F(int(d) * (n - int(d)) * int(n1) * (n - int(n1)), n * n * (n - 1)) if n > 1 else 0
    return u, v


def test_the_seven_patients():
    # at 2: 1 − 3/7; at 3: 1 − 2/6; at 5: 0 − 2·0/4; at 8: 0
    u, v = fractions(TIME, STATUS, GROUP)
    assert u == F(4, 7) + F(2, 3)
    assert v == F(12, 49) + F(8, 36)
    found = km.logrank(TIME, STATUS, GROUP)
    assert found.statistic == pytest.approx(float(u * u / v), rel=1e-12)
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(u * u / v / 2)), rel=1e-12)
    assert (found.df, found.method, found.exact) == (1, "log-rank", False)


@pytest.mark.parametrize("seed", range(5))
def test_against_fractions_with_ties(seed):
    time, status, group, *_ = cohort(40, seed)
    u, v = fractions(time, status == 1, group)
    assert km.logrank(time, status == 1, group).statistic == pytest.approx(float(u * u / v), rel=1e-11)


def test_swapped_arms_shuffled_rows_other_units_other_labels():
    time, status, group, *_ = cohort(70)
    event = status == 1
    base = km.logrank(time, event, group)
    assert km.logrank(time, event, 1 - group).p_value == pytest.approx(base.p_value, rel=1e-12)
    order = np.random.default_rng(2).permutation(70)
    assert km.logrank(time[order], event[order], group[order]).statistic == base.statistic
    assert km.logrank(time / 30.4375, event, group).statistic == base.statistic
    words = np.where(group == 1, "recipient", "donor")
    assert km.logrank(time, event, words).statistic == base.statistic
    assert km.logrank(time, event, words.astype(object)).statistic == base.statistic


def test_counts_are_as_good_as_rows():
    time, status, group, *_ = cohort(90)
    event = status == 1
    tables = {g: km.event_table(time[group == g], event[group == g]) for g in (0.0, 1.0)}
    assert km.logrank(km.common_times(tables)).statistic == pytest.approx(km.logrank(time, event, group).statistic)


def test_strata():
    """In strata that are copies the sums double; a stratum without one of the groups adds nothing."""
    time, status, group, *_ = cohort(50)
    event = status == 1
    twice = km.logrank(np.tile(time, 2), np.tile(event, 2), np.tile(group, 2), np.repeat(["a", "b"], 50))
    assert twice.statistic == pytest.approx(2 * km.logrank(time, event, group).statistic)
    assert twice.method == "log-rank-stratified"
    alone = km.logrank(np.append(time, [1, 2]), np.append(event, [1, 1]), np.append(group, [0, 0]),
                       np.append(np.zeros(50), [1, 1]))
    assert alone.statistic == pytest.approx(km.logrank(time, event, group).statistic)
    assert km.logrank([], [], [], []).note == "no patients"


def test_trend_of_two_groups_is_the_test_itself():
    time, status, group, _, strata = cohort(60)
    base = km.logrank(time, status == 1, group)
    assert km.logrank_trend(time, status == 1, group).statistic == pytest.approx(base.statistic)
    one, two = (km.logrank_trend(time, status == 1, strata, scores) for scores in ([1, 2, 3], [10, 12, 14]))
    assert one.p_value == pytest.approx(two.p_value)
    assert one.df == 1


def test_no_events_is_no_p_value():
    """lifelines says P = 1."""
    found = km.logrank([3, 5, 8, 9], [0, 0, 0, 0], [0, 0, 1, 1])
    assert math.isnan(found.p_value)
    assert found.note == "no events"


@pytest.mark.parametrize(("name", "words"), [
    ("an arm empty", "only one group"), ("nobody", "no patients"), ("arms that never meet", ""),
    ("everyone fails at one time", "everybody at risk had the event"), ("a negative time", "negative")])
def test_reasons(name, words):
    found = km.logrank(*case(name))
    assert words in found.note
    assert math.isnan(found.p_value) == bool(words)


def test_groups_not_at_risk_together():
    found = km.logrank([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1])
    assert found.note == "no event happened while patients of both groups were at risk"


def test_a_tiny_p_value_is_not_zero():
    time = np.concatenate([np.linspace(0.1, 1, 120), np.linspace(1.1, 3, 120)])
    found = km.logrank(time, np.ones(240), np.repeat([0, 1], 120))
    assert 0 < found.p_value < 1e-40


class TestPermutation:
    @pytest.mark.parametrize("seed", range(6))
    def test_exact_is_every_way_to_deal_the_labels(self, seed):
        time, status, group, *_ = cohort(9, seed)
        event = (status == 1).astype(float)
        if not 0 < group.sum() < 9 or not event.any():
            pytest.skip("nothing to compare")
        observed = abs(fractions(time, event, group)[0])
        hits = ways = 0
        for chosen in itertools.combinations(range(9), int(group.sum())):
            dealt = np.isin(np.arange(9), chosen).astype(float)
            hits += abs(fractions(time, event, dealt)[0]) >= observed
            ways += 1
        found = km.logrank_permutation(time, event, group)
        assert found.p_value == pytest.approx(hits / ways, rel=1e-12)
        assert (found.exact, found.method) == (True, "log-rank-permutation-exact")
        assert math.isnan(found.error)

    def test_monte_carlo_agrees_with_exact_within_its_own_error(self, monkeypatch):
        time, status, group, *_ = cohort(23, 5)
        exact = km.logrank_permutation(time, status == 1, group)
        monkeypatch.setattr(module, "EXACT_LIMIT", 0)
        drawn = km.logrank_permutation(time, status == 1, group, seed=1, draws=50_000)
        assert not drawn.exact
        assert drawn.error == pytest.approx(math.sqrt(drawn.p_value * (1 - drawn.p_value) / 50_000))
        assert abs(drawn.p_value - exact.p_value) < 4 * drawn.error
        assert drawn.statistic == exact.statistic
        again = km.logrank_permutation(time, status == 1, group, seed=1, draws=50_000)
        assert again == drawn
        assert km.logrank_permutation(time, status == 1, group, seed=2, draws=50_000) != drawn

    def test_never_zero(self):
        time = np.concatenate([np.linspace(0.1, 1, 30), np.linspace(1.1, 3, 30)])
        found = km.logrank_permutation(time, np.ones(60), np.repeat([0, 1], 30), draws=999)
        assert found.p_value == 1 / 1000

    def test_near_asymptotic_in_a_large_study_and_for_three_groups(self):
        time, status, _, _, strata = cohort(300)
        found = km.logrank_permutation(time, status == 1, strata, seed=4, draws=4000)
        assert abs(found.p_value - km.logrank(time, status == 1, strata).p_value) < 0.05

    def test_order_of_rows_does_not_matter(self):
        time, status, group, *_ = cohort(23, 5)
        order = np.random.default_rng(1).permutation(23)
        assert km.logrank_permutation(time[order], status[order] == 1, group[order]) == km.logrank_permutation(
            time, status == 1, group)

    def test_no_difference_is_one(self):
        found = km.logrank_permutation([1, 1, 2, 2], [1, 1, 1, 1], [0, 1, 0, 1])
        assert found.p_value == 1

    def test_forty_patients_are_still_exact(self):
        time, status, group, *_ = cohort(40, 3)
        found = km.logrank_permutation(time, status == 1, group)
        assert found.exact
        assert abs(found.p_value - km.logrank(time, status == 1, group).p_value) < 0.05


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_studies_give_numbers_or_a_reason(name):
    time, status, group = case(name)
    for found in (km.logrank(time, status, group), km.logrank(time, status, group, np.zeros(len(time))),
                  km.logrank_trend(time, status, group), km.logrank_permutation(time, status, group)):
        assert found.note if math.isnan(found.p_value) else 0 < found.p_value <= 1
