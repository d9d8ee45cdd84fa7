"""Kaplan–Meier: by hand with fractions, the rules at 0 and 1, reading at a time, medians, awkward studies."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_cases import AWKWARD, NAN, STATUS, TIME, case, cohort

from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")
Z = 1.959963984540054


def fractions(time, status):
    """Survival and Greenwood's sum at each distinct time, exactly, by counting patients one by one."""
    s, g, rows = F(1), F(0), {}
    for t in sorted(set(time)):
        n = sum(u >= t for u in time)
        d = sum(u == t and e == 1 for u, e in zip(time, status, strict=True))
        s *= F(n - d, n)
        g = g + F(d, n * (n - d)) if n > d else None
        rows[t] = (s, g, n, d)
    return rows


def test_the_seven_patients():
    curve = km.kaplan_meier(TIME, STATUS)
    assert curve.time.tolist() == [2, 3, 5, 7, 8]
    assert curve.at_risk.tolist() == [7, 6, 4, 2, 1]
    assert curve.events.tolist() == [1, 1, 2, 0, 1]
    assert curve.censored.tolist() == [0, 1, 0, 1, 0]
    expected = [F(6, 7), F(5, 7), F(5, 14), F(5, 14), F(0)]
    assert [row[0] for row in fractions(TIME, STATUS).values()] == expected
    np.testing.assert_allclose(curve.survival, [float(s) for s in expected], rtol=1e-14)
    # Greenwood at 5: 1/42 + 1/30 + 2/8
    greenwood = F(1, 42) + F(1, 30) + F(2, 8)
    assert curve.se[2] == pytest.approx(float(F(5, 14)) * math.sqrt(greenwood), rel=1e-13)
    s = 5 / 14
    half = Z * math.sqrt(greenwood) / math.log(s)
    assert [curve.lower[2], curve.upper[2]] == pytest.approx([s ** math.exp(-half), s ** math.exp(half)], rel=1e-12)
    assert (curve.n, curve.last_time) == (7, 8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=25))
def test_any_small_study_agrees_with_exact_fractions(patients):
    time, status = (np.array(column, float) for column in zip(*patients, strict=True))
    curve = km.kaplan_meier(time, status, interval="plain")
    for i, (s, g, n, d) in enumerate(fractions(time.tolist(), status.tolist()).values()):
        assert curve.survival[i] == pytest.approx(float(s), abs=1e-14)
        assert (curve.at_risk[i], curve.events[i]) == (n, d)
        if 0 < s < 1:
            half = Z * float(s) * math.sqrt(g)
            assert curve.lower[i] == pytest.approx(max(0.0, float(s) - half), abs=1e-12)
            assert curve.upper[i] == pytest.approx(min(1.0, float(s) + half), abs=1e-12)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_before_the_first_event_the_lower_limit_is_the_exact_one(interval):
    """The library prints 100 %–100 % here. Clopper–Pearson for n of n gives (α/2)^(1/n)."""
    curve = km.kaplan_meier([1, 2, 3, 9, 9, 9], [0, 0, 0, 1, 0, 0], interval=interval)
    assert curve.lower[:3] == pytest.approx([0.025 ** (1 / n) for n in (6, 5, 4)])
    assert curve.upper[:3].tolist() == [1, 1, 1]
    before, between = km.at(curve, 0), km.at(curve, 2.5)
    assert (before.p, before.at_risk, between.at_risk) == (1, 6, 4)
    assert before.lower == pytest.approx(0.025 ** (1 / 6))
    assert between.lower == pytest.approx(0.025 ** (1 / 4))


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_where_everybody_had_the_event(interval):
    """0 with an upper limit of S before times the exact upper limit of 0 of the two who were left."""
    curve = km.kaplan_meier([1, 2, 3, 3], [1, 0, 1, 1], interval=interval)
    point = km.at(curve, 40)
    assert (point.p, point.lower, point.at_risk) == (0, 0, 0)
    assert point.upper == pytest.approx(0.75 * (1 - 0.025 ** 0.5))


def test_right_continuous_and_at_risk_counts_those_with_a_time_of_t_or_later():
    curve = km.kaplan_meier(TIME, STATUS)
    assert [km.at(curve, t).p for t in (1.999, 2, 4.999, 5)] == pytest.approx([1, 6 / 7, 5 / 7, 5 / 14])
    assert [km.at(curve, t).at_risk for t in (1, 2, 2.1, 3, 5, 5.1, 8)] == [7, 7, 6, 6, 4, 2, 1]


def test_nothing_past_the_last_follow_up():
    """lifelines carries the last value on."""
    curve = km.kaplan_meier([2, 4, 6], [1, 0, 0])
    assert km.at(curve, 6).p == pytest.approx(2 / 3)
    late = km.at(curve, 6.01)
    assert math.isnan(late.p)
    assert math.isnan(late.upper)
    assert (late.at_risk, late.note) == (0, "no one was followed to this time")


def test_near_ties_are_ties():
    """Days over 30.4375 and products of decimals are not the same floats; R merges them and so do we."""
    apart = [0.1 + 0.2, 0.3, 0.7 + 0.1, 0.8, 1.2]
    assert len(set(apart)) == 5
    curve = km.kaplan_meier(apart, [1, 0, 1, 1, 0])
    assert curve.at_risk.tolist() == [5, 3, 1]
    assert curve.survival == pytest.approx([4 / 5, 4 / 15, 4 / 15])
    assert km.at(curve, 0.3).p == km.at(curve, 0.1 + 0.2).p == pytest.approx(4 / 5)
    assert km.merge_ties([0.1 + 0.2, NAN, 0.3])[0] == 0.3


def test_units_do_not_matter():
    time, status, *_ = cohort()
    days, months = km.kaplan_meier(time, status > 0), km.kaplan_meier(time / 30.4375, status > 0)
    assert days.survival.tolist() == months.survival.tolist()
    assert days.lower.tolist() == months.lower.tolist()
    median = km.quantile(days)
    scaled = [value / 30.4375 for value in (median.estimate, median.lower, median.upper)]
    ours = km.quantile(months)
    assert [ours.estimate, ours.lower, ours.upper] == pytest.approx(scaled, rel=1e-12)


def test_order_of_rows_does_not_matter_and_duplicates_keep_the_curve():
    time, status, *_ = cohort(60)
    status = (status > 0).astype(float)
    shuffled = np.random.default_rng(1).permutation(60)
    one, other = km.kaplan_meier(time, status), km.kaplan_meier(time[shuffled], status[shuffled])
    assert one.survival.tolist() == other.survival.tolist()
    twice = km.kaplan_meier(np.tile(time, 2), np.tile(status, 2))
    assert twice.survival == pytest.approx(one.survival, rel=1e-12)
    assert twice.se[:5] == pytest.approx(one.se[:5] / math.sqrt(2))


def test_a_table_is_as_good_as_rows():
    time, status, *_ = cohort(300)
    event = status == 1
    days, code = np.unique(time, return_inverse=True)
    table = km.tabulated(days[::-1], np.bincount(code, event)[::-1], np.bincount(code, ~event)[::-1])
    rows, counted = km.kaplan_meier(time, event), km.kaplan_meier(table)
    assert counted.survival.tolist() == rows.survival.tolist()
    assert counted.upper.tolist() == rows.upper.tolist()
    assert km.rmst(table, None, 12) == km.rmst(time, event, 12)
    assert (table.n, rows.n) == (300, 300)


class TestMedian:
    def test_first_time_at_or_below_one_half(self):
        assert km.quantile(km.kaplan_meier(TIME, STATUS)).estimate == 5

    def test_midpoint_of_a_plateau_at_one_half(self):
        """As R prints; lifelines takes its first time, or after a rounding error its last."""
        assert km.quantile(km.kaplan_meier([1, 2, 5, 8], [1, 1, 1, 0])).estimate == 3.5
        assert km.quantile(km.kaplan_meier([1, 2, 5, 8], [1, 1, 0, 0])).estimate == 2  # the curve ends on it

    def test_one_half_after_rounding_is_one_half(self):
        """The product over 1/10 steps ends at 0.5000000000000001, which is not above one half."""
        time, status = np.arange(1.0, 23), np.ones(22)
        survival = km.kaplan_meier(time, status).survival
        assert km.quantile(km.kaplan_meier(time, status)).estimate == 11.5
        wobbling = [n for n in range(4, 200, 2) if km.kaplan_meier(range(n), np.ones(n)).survival[n // 2 - 1] > 0.5]
        assert wobbling, "no study left in which rounding matters"
        for n in wobbling:
            assert km.quantile(km.kaplan_meier(range(n), np.ones(n))).estimate == n / 2 - 0.5
        assert survival[10] == pytest.approx(0.5)

    def test_not_reached_is_infinite(self):
        median = km.quantile(km.kaplan_meier([3, 5, 8, 9], [1, 0, 0, 0]))
        assert (median.estimate, median.upper) == (math.inf, math.inf)
        assert km.quantile(km.kaplan_meier([3, 5], [0, 0])).estimate == math.inf

    def test_no_finite_upper_limit_only_because_the_curve_reaches_zero(self):
        median = km.quantile(km.kaplan_meier([2, 4, 6], [1, 1, 1]))
        assert median.estimate == 4
        assert median.upper == math.inf

    def test_other_quantiles(self):
        curve = km.kaplan_meier(np.arange(1.0, 9), np.ones(8))
        assert [km.quantile(curve, p).estimate for p in (0.25, 0.5, 0.75)] == [2.5, 4.5, 6.5]

    def test_a_curve_that_falls_to_zero_at_once_has_no_lower_limit(self):
        median = km.quantile(km.kaplan_meier([7] * 6, [1] * 6))
        assert (median.estimate, median.upper) == (7, math.inf)
        assert math.isnan(median.lower)
        assert median.note == "too few events for a lower limit"

    def test_nobody(self):
        assert math.isnan(km.quantile(km.kaplan_meier([], [])).estimate)
        assert km.quantile(km.kaplan_meier([], [])).note == "no patients"


class TestFollowUp:
    def test_censoring_is_the_event_and_comes_after_events_at_a_tie(self):
        curve = km.reverse_kaplan_meier([2, 4, 4, 6], [1, 0, 1, 0])
        assert curve.events.tolist() == [0, 1, 1]
        assert curve.survival == pytest.approx([1, 2 / 3, 0])
        assert curve.method == "reverse-kaplan-meier"
        assert km.quantile(curve).estimate == 6

    def test_competing_events_end_it_too(self):
        one = km.reverse_kaplan_meier([2, 4, 5, 6], [1, 0, 2, 0])
        assert one.survival.tolist() == km.reverse_kaplan_meier([2, 4, 5, 6], [1, 0, 1, 0]).survival.tolist()


class TestLandmark:
    def test_who_enters_and_from_when(self):
        mask, shifted = km.landmark([10, 28, 28, 29, NAN, 40], [1, 1, 0, 1, 1, NAN], 28)
        assert mask.tolist() == [False, False, False, True, False, False]
        assert shifted.tolist() == [1]
        mask, shifted = km.landmark([10, 28, 28, 29], [1, 1, 0, 1], 28, at_landmark=True)
        assert mask.tolist() == [False, True, True, True]
        assert shifted.tolist() == [0, 0, 1]

    def test_a_time_equal_to_the_landmark_but_for_rounding(self):
        mask, _ = km.landmark([0.1 + 0.2, 0.5], [1, 1], 0.3)
        assert mask.tolist() == [False, True]
        mask, shifted = km.landmark([0.3, 0.5], [1, 1], 0.1 + 0.2, at_landmark=True)
        assert mask.tolist() == [True, True]
        assert shifted[0] == 0


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_awkward_studies_give_numbers_or_a_reason(name, interval):
    time, status, _ = case(name)
    for curve in (km.kaplan_meier(time, status, interval=interval),
                  km.reverse_kaplan_meier(time, status, interval=interval)):
        assert curve.n > 0 or curve.note
        assert ((curve.lower <= curve.survival + 1e-15) & (curve.survival <= curve.upper + 1e-15)).all()
        for t in (0, 2, 5, 100):
            point = km.at(curve, t)
            assert point.note if math.isnan(point.p) else 0 <= point.lower <= point.p <= point.upper <= 1
        median = km.quantile(curve)
        if math.isnan(median.lower):
            assert median.note
        else:
            assert median.lower <= median.estimate <= median.upper


@pytest.mark.parametrize(("name", "words"), [
    ("a negative time", "negative"), ("an infinite time", "infinite"), ("events coded one and two", "neither 0"),
    ("times passed as flags", "neither 0"), ("nobody", "no patients"), ("only missing values", "no patients")])
def test_what_cannot_be_counted_is_said(name, words):
    """lifelines counts negative times, and every code but 0 as an event."""
    time, status, _ = case(name)
    assert words in km.kaplan_meier(time, status).note
    assert words in km.rmst(time, status, 3).note


def test_missing_values_are_left_out():
    assert km.kaplan_meier([1, NAN, 3, 4], [1, 1, NAN, 0]).n == 2


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError, match="log-log, log, plain"):
        km.kaplan_meier([1], [1], interval="logit")
    with pytest.raises(ValueError, match="log-log, log, plain"):
        km.reverse_kaplan_meier([1], [1], interval="logit")
