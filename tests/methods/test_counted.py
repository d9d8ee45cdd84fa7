"""Counted rows and rows one by one give the same result to the last bit, whatever the method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import balance, competing, descriptive, pairwise, partial_likelihood, ranks, regression
from stats.methods import survival as km
from stats.methods.event_tables import alike, event_table, grouped_table
from stats.methods.samples import Ranked, Sample
from stats.methods.types import Estimate

numbers = st.sampled_from([-2.0, 0.1, 0.3, 0.7, 1.0, 5.5, 1e6 + 0.1])
values = st.lists(st.tuples(numbers, st.integers(0, 4)), min_size=1, max_size=9)
times = st.sampled_from([0.0, 0.4, 1.0, 1.0 + 1e-12, 2.5, 7.0])
three = st.sampled_from([0, 1, 2])
rows = st.lists(st.tuples(times, three, three, st.sampled_from([0, 1]), st.integers(1, 5)), min_size=1, max_size=25)
many = settings(deadline=None, max_examples=150)


def both(pairs) -> tuple[np.ndarray, Sample]:
    """(numbers one by one, the same counted)."""
    numbers, often = np.array([v for v, _ in pairs]), np.array([n for _, n in pairs])
    return np.repeat(numbers, often), Sample.of(numbers, often)


def same(one: object, other: object) -> None:
    assert repr(one) == repr(other)


@many
@given(values, values)
def test_numbers(first, second) -> None:
    (x, cx), (y, cy) = both(first), both(second)
    same(descriptive.summary(x), descriptive.summary(cx))
    same(descriptive.tails(x, 6), descriptive.tails(cx, 6))
    for limit in (0, 60):
        same(ranks.rank_sum(x, y, limit), ranks.rank_sum(cx, cy, limit))
        same(ranks.hodges_lehmann(x, y, 0.9, limit), ranks.hodges_lehmann(cx, cy, 0.9, limit))
    for compare in (ranks.welch_t, ranks.mean_difference, ranks.geometric_ratio, ranks.superiority, balance.smd_number):
        same(compare(x, y), compare(cx, cy))
    for compare in (ranks.kruskal, ranks.anova):
        same(compare([x, y, x]), compare([cx, cy, cx]))


@many
@given(values)
def test_a_sample_is_what_numpy_says_of_its_numbers(pairs) -> None:
    x, sample = both(pairs)
    assert np.array_equal(sample.spelled_out(), np.sort(x))
    assert (sample.n, sample.missing) == (len(x), 0)
    if len(x):
        assert sample.mean == pytest.approx(x.mean(), rel=1e-12, abs=1e-9)
        assert [sample.at(i) for i in range(len(x))] == np.sort(x).tolist()
        assert sample.from_on(0.3) == (x >= 0.3).sum()
        assert sample.often(0.7) == (x == 0.7).sum()
    if len(x) > 1:
        assert sample.variance == pytest.approx(x.var(ddof=1), rel=1e-9, abs=1e-9)


def test_missing_values_are_counted_with_their_number() -> None:
    sample = Sample.of([1.0, np.nan, 2.0, np.nan], [3, 4, 0, 1])
    assert (sample.values.tolist(), sample.times.tolist(), sample.missing) == ([1.0], [3], 5)


def test_ranks_together_are_midranks() -> None:
    from stats.methods.permutation import midranks

    draw = np.random.default_rng(4)
    x, y = draw.integers(0, 9, 40).astype(float), draw.integers(3, 12, 25).astype(float)
    a, b = Sample.of(x), Sample.of(y)
    expected = midranks(np.concatenate([np.sort(x), np.sort(y)]))
    ranked = Ranked.together([a, b])
    assert ranked.spelled_out([a, b]).tolist() == expected.tolist()
    assert ranked.squares == pytest.approx(((expected - expected.mean()) ** 2).sum())


@many
@given(rows)
def test_times_to_events(made) -> None:
    time, state, group, stratum, often = (np.array(column, dtype=float) for column in zip(*made, strict=True))
    count = often.astype(int)
    spelled = [np.repeat(column, count) for column in (time, state, group, stratum)]
    event, events = (state == 1).astype(float), (spelled[1] == 1).astype(float)
    for one, other in ((event_table(time, event, count), event_table(spelled[0], events)),
                       (grouped_table(time, event, group, count), grouped_table(spelled[0], events, spelled[2]))):
        same(one, other)
    same(km.reverse_kaplan_meier(time, state, count=count), km.reverse_kaplan_meier(*spelled[:2]))
    same(competing.aalen_johansen(time, state, count=count), competing.aalen_johansen(*spelled[:2]))
    same(competing.gray(time, state, group, count=count), competing.gray(*spelled[:3]))
    for strata, theirs in ((None, None), (stratum, spelled[3])):
        same(km.logrank(time, event, group, strata, count), km.logrank(spelled[0], events, spelled[2], theirs))
        same(km.logrank_trend(time, event, group, strata=strata, count=count),
             km.logrank_trend(spelled[0], events, spelled[2], strata=theirs))
    same(km.logrank_permutation(time, event, group, count=count), km.logrank_permutation(spelled[0], events, spelled[2]))


@settings(deadline=None, max_examples=60)
@given(rows)
def test_regressions(made) -> None:
    time, state, group, stratum, often = (np.array(column, dtype=float) for column in zip(*made, strict=True))
    count, group = often.astype(int), (group > 0).astype(float)
    t, s, g, b = (np.repeat(column, count) for column in (time, state, group, stratum))
    event, events = (state == 1).astype(float), (s == 1).astype(float)
    same(regression.hazard_ratio(time, event, group, count=count), regression.hazard_ratio(t, events, g))
    same(regression.stratified_hazard_ratio(time, event, group, stratum, count=count),
         regression.stratified_hazard_ratio(t, events, g, b))
    same(regression.proportional_hazards(time, event, group, count=count), regression.proportional_hazards(t, events, g))
    same(regression.cox(time, event, group, stratum, ties="breslow", count=count),
         regression.cox(t, events, g, b, ties="breslow"))
    same(competing.subhazard_ratio(time, state, group, count=count), competing.subhazard_ratio(t, s, g))


def test_with_several_covariates_counted_rows_are_the_same_model() -> None:
    """Here rows are not brought together, so that only the last digits may differ."""
    draw = np.random.default_rng(8)
    time, state = draw.integers(1, 30, 200) / 3.0, draw.integers(0, 3, 200).astype(float)
    x, often = np.column_stack([draw.normal(size=200), draw.integers(0, 2, 200)]), draw.integers(1, 4, 200)
    spelled = [np.repeat(column, often, axis=0) for column in (time, state, x)]
    one = regression.cox(time, (state == 1) * 1.0, x, count=often)
    other = regression.cox(spelled[0], (spelled[1] == 1) * 1.0, spelled[2])
    for name in ("coef", "se", "p_value", "loglik"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)
    assert (one.n, one.events) == (other.n, other.events)
    ours, theirs = competing.fine_gray(time, state, x, count=often), competing.fine_gray(*spelled)
    assert ours.coef == pytest.approx(theirs.coef, rel=1e-9)
    assert ours.se == pytest.approx(theirs.se, rel=1e-9)


def test_several_covariates_of_few_levels_are_the_same_to_the_last_bit() -> None:
    draw = np.random.default_rng(5)
    time, state = draw.integers(1, 9, 90) / 3.0, draw.integers(0, 3, 90).astype(float)
    x, often = draw.integers(0, 3, (90, 4)).astype(float), draw.integers(1, 4, 90)
    t, s, z = (np.repeat(column, often, axis=0) for column in (time, state, x))
    same(regression.cox(time, (state == 1) * 1.0, x, count=often), regression.cox(t, (s == 1) * 1.0, z))
    same(regression.firth(time, (state == 1) * 1.0, x, count=often), regression.firth(t, (s == 1) * 1.0, z))
    same(competing.fine_gray(time, state, x, count=often), competing.fine_gray(t, s, z))


def test_rows_that_agree_become_one() -> None:
    time = np.array([2.0, 1.0, 2.0 + 1e-12, 1.0, 2.0])
    state, x = np.array([1.0, 0.0, 1.0, 0.0, 0.0]), np.array([[1.0], [0.0], [1.0], [1.0], [1.0]])
    found = alike(time, state, x, [1, 2, 3, 4, 5])
    assert [part.ravel().tolist() for part in found[:4]] == [[1, 1, 2, 2], [0, 0, 0, 1], [0, 1, 1, 1], [2, 4, 5, 4]]
    continuous = np.linspace(0, 1, 20)[:, None]
    assert len(alike(np.ones(20), np.ones(20), continuous)[0]) == 20


def test_differences_of_counted_samples() -> None:
    x, y = Sample.of([1.0, 5.0], [1_000_000, 2]), Sample.of([0.0, 3.0], [4, 2_000_000])
    assert pairwise.median(pairwise.Differences(x, y)) == -2.0
    assert isinstance(ranks.hodges_lehmann(x, y), Estimate)
    assert ranks.hodges_lehmann(x, y).estimate == -2.0


def test_steps_made_in_portions_are_the_same_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Efron's ties of millions of events are never held together; small portions here, whole blocks each."""
    draw = np.random.default_rng(3)
    time, state = draw.integers(1, 12, 300).astype(float), draw.integers(0, 2, 300).astype(float)
    group, stratum = draw.integers(0, 2, 300).astype(float), draw.integers(0, 3, 300).astype(float)
    whole = (regression.cox(time, state, group, stratum), regression.proportional_hazards(time, state, group, stratum),
             regression.hazard_ratio(time, state, group))
    made: list[int] = []
    plain = partial_likelihood.Steps.of
    monkeypatch.setattr(partial_likelihood, "HELD", 40)
    monkeypatch.setattr(partial_likelihood.Steps, "of", lambda *a: made.append(len((found := plain(*a)).block)) or found)
    parts = (regression.cox(time, state, group, stratum), regression.proportional_hazards(time, state, group, stratum),
             regression.hazard_ratio(time, state, group))
    assert len(made) > 20
    assert max(made) < 80
    for one, other in zip(whole, parts, strict=True):
        for name in ("coef", "se", "loglik", "estimate", "lower", "p_value", "statistic"):
            if hasattr(one, name):
                assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-10)
