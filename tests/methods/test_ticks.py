"""Times of the numbers at risk where a study names none."""

import math

import pytest

from stats.methods.ticks import GAPS, STEPS, chosen


@pytest.mark.parametrize(
    ("longest", "unit", "ticks"),
    [
        (23.4, "months", [0, 6, 12, 18, 24]),
        (48, "months", [0, 12, 24, 36, 48]),  # follow-up that ends at a tick needs none after it
        (48.01, "months", [0, 12, 24, 36, 48, 60]),
        (63.3, "months", [0, 12, 24, 36, 48, 60, 72]),
        (28, "days", [0, 5, 10, 15, 20, 25, 30]),
        (2419, "days", [0, 365, 730, 1095, 1460, 1825, 2190, 2555]),
        (9.5, "years", [0, 2, 4, 6, 8, 10]),
        (50, "weeks", [0, 8, 16, 24, 32, 40, 48, 56]),
    ],
)
def test_whole_steps_that_cover_all_of_follow_up(longest, unit, ticks):
    assert chosen(None, [0.5, math.nan, longest], unit) == ticks


@pytest.mark.parametrize("unit", STEPS)
@pytest.mark.parametrize("longest", [0.01, 0.3, 1, 7, 99, 1e4, 1e6])
def test_never_more_than_find_room_and_never_short(unit, longest):
    ticks = chosen(None, [longest], unit)
    assert 2 <= len(ticks) <= GAPS + 1
    assert ticks[-2] < longest <= ticks[-1] * (1 + 1e-9)


def test_declared_ticks_are_taken_as_they_are():
    assert chosen([0, 7, 3], [99.0], "months") == [0, 7, 3]
    assert chosen([], [99.0], "months") == []


@pytest.mark.parametrize("times", [[], [math.nan], [0.0], [math.inf]])
def test_nobody_followed_needs_no_ticks(times):
    assert chosen(None, times, "months") == []
