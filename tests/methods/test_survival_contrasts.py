"""Difference of two rates by MOVER, restricted means: by hand, at their limits, in awkward studies."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from survival_cases import AWKWARD, STATUS, TIME, case, cohort

from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")
Z = 1.959963984540054


def point(p, lower, upper, note=""):
    return km.Point(p, lower, upper, 5, note)


class TestDifference:
    def test_by_hand(self):
        found = km.difference(point(0.8, 0.5, 0.92), point(0.3, 0.1, 0.7))
        assert found.estimate == pytest.approx(0.5)
        assert found.lower == pytest.approx(0.5 - math.sqrt(0.3**2 + 0.4**2))
        assert found.upper == pytest.approx(0.5 + math.sqrt(0.12**2 + 0.2**2))
        assert found.method == "mover"

    def test_swapping_the_arms_turns_it_round(self):
        a, b = point(0.8, 0.5, 0.92), point(0.3, 0.1, 0.7)
        one, other = km.difference(a, b), km.difference(b, a)
        assert [one.estimate, one.lower, one.upper] == pytest.approx([-other.estimate, -other.upper, -other.lower])

    def test_nobody_had_the_event_in_one_arm(self):
        """A z interval from Greenwood would take this arm's rate as known for certain."""
        ten = km.at(km.kaplan_meier([5] * 10, [0] * 10), 5)
        some = km.at(km.kaplan_meier(range(1, 11), [1, 0] * 5), 5)
        found = km.difference(ten, some)
        assert found.estimate == pytest.approx(1 - some.p)
        assert found.lower < found.estimate - (some.upper - some.p)

    def test_says_in_which_groups_nobody_was_followed(self):
        gone, here = point(math.nan, math.nan, math.nan, "no one was followed to this time"), point(0.5, 0.2, 0.8)
        assert km.difference(gone, here).note == "in one of the groups no one was followed to this time"
        assert km.difference(gone, gone).note == "in both groups no one was followed to this time"
        nobody = point(math.nan, math.nan, math.nan, "no patients")
        assert km.difference(nobody, nobody).note == "nobody was followed in either group"
        other = point(math.nan, math.nan, math.nan, "no patients")
        assert km.difference(other, gone).note == (
            "in one group nobody was followed, in the other no one was followed to this time")
        assert math.isnan(km.difference(gone, here).lower)


class TestRestrictedMean:
    def test_the_seven_patients_to_six(self):
        """Area 2·1 + 1·6/7 + 2·5/7 + 1·5/14; each event weighs the squared area that follows it."""
        found = km.rmst(TIME, STATUS, 6)
        assert found.estimate == pytest.approx(float(2 + F(6, 7) + F(10, 7) + F(5, 14)))
        after = [F(6, 7) + F(10, 7) + F(5, 14), F(10, 7) + F(5, 14), F(5, 14)]
        variance = sum(a**2 * g for a, g in zip(after, [F(1, 42), F(1, 30), F(2, 8)], strict=True))
        assert (found.upper - found.lower) / 2 == pytest.approx(Z * math.sqrt(variance))

    def test_error_is_that_of_the_mean_not_the_spread_of_the_times(self):
        """lifelines' return_variance is the variance of min(T, τ); without censoring our SE² is its n-th part."""
        time = np.array([1.0, 2, 2, 5, 7, 11, 12, 12, 13, 20])
        found = km.rmst(time, np.ones(10), 10)
        shortened = np.minimum(time, 10)
        assert found.estimate == pytest.approx(shortened.mean())
        assert ((found.upper - found.estimate) / Z) ** 2 == pytest.approx(shortened.var() / 10)

    def test_needs_somebody_followed_to_the_horizon(self):
        short = km.rmst([2, 4, 6], [1, 0, 0], 7)
        assert math.isnan(short.estimate)
        assert short.note == "no one was followed to this time"
        assert km.rmst([2, 4, 6], [1, 1, 1], 7).estimate == pytest.approx(4)  # all had the event: the area ends

    def test_without_events_there_is_no_interval(self):
        found = km.rmst([8, 9], [0, 0], 7)
        assert found.estimate == 7
        assert math.isnan(found.lower)
        assert "no events" in found.note

    def test_horizon_must_be_positive(self):
        assert "positive" in km.rmst([2, 4], [1, 1], 0).note

    def test_difference(self):
        time, status, group, *_ = cohort(80)
        arms = [(time[group == g], (status[group == g] > 0).astype(float)) for g in (1, 0)]
        found = km.rmst_difference(*arms[0], *arms[1], 12)
        one, other = (km.rmst(*arm, 12) for arm in arms)
        assert found.estimate == pytest.approx(one.estimate - other.estimate)
        half = math.hypot(one.upper - one.estimate, other.upper - other.estimate)
        assert [found.lower, found.upper] == pytest.approx([found.estimate - half, found.estimate + half])
        assert found.p_value == pytest.approx(math.erfc(abs(found.estimate) / (half / Z) / math.sqrt(2)))
        swapped = km.rmst_difference(*arms[1], *arms[0], 12)
        assert (swapped.estimate, swapped.p_value) == pytest.approx((-found.estimate, found.p_value))

    def test_difference_when_a_group_has_no_events(self):
        quiet, busy = ([9, 9, 9], [0, 0, 0]), ([2, 4, 9], [1, 1, 0])
        one = km.rmst_difference(*quiet, *busy, 8)
        assert one.estimate == pytest.approx(8 - km.rmst(*busy, 8).estimate)
        assert "one of the groups" in one.note
        both = km.rmst_difference(*quiet, *quiet, 8)
        assert (both.estimate, math.isnan(both.p_value)) == (0, True)
        assert "either group" in both.note

    def test_difference_past_follow_up(self):
        found = km.rmst_difference([2, 4], [1, 0], [9, 9], [1, 0], 8)
        assert math.isnan(found.estimate)
        assert found.note == "in one of the groups no one was followed to this time"

    def test_a_tiny_p_value_is_not_zero(self):
        rng = np.random.default_rng(3)
        early = rng.uniform(0, 8, 100)
        assert 0 < km.rmst_difference(early, np.ones(100), rng.uniform(7, 9, 100), np.ones(100), 8).p_value < 1e-20


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_studies_give_numbers_or_a_reason(name):
    time, status, group = case(name)
    arms = [(time[group == g], status[group == g]) for g in (1, 0)]
    for t in (2, 5, 9):
        for found in (km.rmst(time, status, t), km.rmst_difference(*arms[0], *arms[1], t)):
            assert found.note or found.lower <= found.estimate <= found.upper
        a, b = (km.at(km.kaplan_meier(*arm), t) for arm in arms)
        found = km.difference(a, b)
        assert found.note if math.isnan(found.estimate) else -1 <= found.lower <= found.estimate <= found.upper <= 1
