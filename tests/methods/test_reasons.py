"""Where groups can't be compared, the reason given is true of the risk sets, listed one by one."""

import math

import numpy as np
import pytest

from stats.estimable import REASONS
from stats.methods import competing, gray, logrank, regression
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")


def meetings(time, event, group, strata):
    """Of each event time within each stratum: the groups at risk, and whether everybody at risk had the event."""
    found = []
    for stratum in np.unique(strata):
        inside = strata == stratum
        for t in np.unique(time[inside & event]):
            there = inside & (time >= t)
            found.append((set(group[there]), bool((event & (time == t))[there].all())))
    return found


def true_of(note, met):
    """Whether a reason holds; a reason that isn't about risk sets holds."""
    together = [(groups, everybody) for groups, everybody in met if len(groups) > 1]
    if note == logrank.ALL_AT_ONCE:
        return all(everybody for _, everybody in met)
    if note in (logrank.ALL_AT_ONCE_WITHIN, gray.ALL_AT_ONCE):
        return bool(together) and all(everybody for _, everybody in together)
    if note in (gray.NOT_TOGETHER, *(logrank.NOT_TOGETHER.format(who, where)
                                     for who in ("both", "two") for where in ("", logrank.WITHIN))):
        return not together
    if note in (gray.ONE_APART, logrank.SOME_APART.format(logrank.WITHIN)):
        apart = any(not everybody for _, everybody in together)
        return bool(together) and (apart or note == gray.ONE_APART)
    return note in ("", logrank.NO_EVENTS, logrank.ONE_GROUP, gray.NO_EVENTS)


@pytest.mark.parametrize("seed", range(4))
def test_of_small_random_studies(seed):
    rng = np.random.default_rng(seed)
    told = set()
    for _ in range(800):
        n, groups = int(rng.integers(2, 9)), int(rng.integers(2, 4))
        time, event = rng.integers(1, 5, n), rng.random(n) < rng.choice([0.3, 0.7, 1])
        group, strata, none = rng.integers(0, groups, n), rng.integers(0, 2, n), np.zeros(n)
        found = km.logrank(time, event, group)
        assert true_of(found.note, meetings(time, event, group, none)), (found.note, time, event, group)
        within = km.logrank(time, event, group, strata)
        assert true_of(within.note, meetings(time, event, group, strata)), (within.note, time, event, group, strata)
        other = competing.gray(time, event, group)
        assert true_of(other.note, meetings(time, event, group, none)), (other.note, time, event, group)
        told |= {found.note, within.note, other.note}
    assert told >= {logrank.ALL_AT_ONCE, logrank.ALL_AT_ONCE_WITHIN, gray.ALL_AT_ONCE, gray.NOT_TOGETHER, gray.ONE_APART}


def test_everybody_at_once_was_at_risk_together():
    assert competing.gray([1] * 6, [1] * 6, [0, 0, 0, 1, 1, 1]).note == "everybody at risk had the event at the same time"
    assert competing.subhazard_ratio([2, 2, 1], [1, 1, 0], [0, 1, 1]).note.startswith("everybody still at risk had the event")


def test_groups_that_meet_in_no_stratum_have_no_ratio():
    """R's coxph answers NA: in each stratum with an event only one group is at risk then. Rounding isn't information."""
    time, event = [16, 2, 17, 20, 6, 12, 5], [0, 1, 1, 0, 0, 1, 0]
    found = regression.stratified_hazard_ratio(time, event, [1, 1, 1, 1, 0, 1, 0], [0, 1, 1, 0, 0, 0, 0])
    assert math.isnan(found.estimate)
    assert found.note == "no event happened while patients of both groups were at risk in the same stratum"
    assert regression.hazard_ratio([1, 2, 3], [0, 0, 1], [0, 0, 1]).note == logrank.NOT_TOGETHER.format("both", "")
    assert regression.stratified_hazard_ratio([1, 2], [1, 1], [1, 1], [0, 1]).note == "only one group has patients"


def test_events_are_not_denied_where_groups_were_apart():
    notes = (logrank.NOT_TOGETHER.format("both", ""), gray.NOT_TOGETHER, gray.ONE_APART, "no events")
    found = [next(code for code, pattern, _ in REASONS if pattern.search(note)) for note in notes]
    assert found == ["N_NOT_TOGETHER"] * 3 + ["N_NO_EVENTS"]
