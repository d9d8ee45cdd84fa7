"""What grows with the number of subjects is numpy's work, not Python's: counted in calls, not in seconds."""

import sys

import numpy as np
import pytest
from survival_cases import cohort

from stats.methods import competing, regression
from stats.methods import survival as km

METHODS = {
    "curve": lambda t, s, g, x: km.quantile(km.kaplan_meier(t, s == 1)),
    "follow-up": lambda t, s, g, x: km.reverse_kaplan_meier(t, s),
    "mean": lambda t, s, g, x: km.rmst(t, s == 1, 5),
    "log-rank": lambda t, s, g, x: km.logrank(t, s == 1, g),
    "strata": lambda t, s, g, x: km.logrank(t, s == 1, g, x > 0),
    "hazard ratio": lambda t, s, g, x: regression.hazard_ratio(t, s == 1, g),
    "cox": lambda t, s, g, x: regression.cox(t, s == 1, np.column_stack([g, x])),
    "proportional hazards": lambda t, s, g, x: regression.proportional_hazards(t, s == 1, x),
    "incidence": lambda t, s, g, x: competing.aalen_johansen(t, s),
    "gray": lambda t, s, g, x: competing.gray(t, s, g),
    "fine-gray": lambda t, s, g, x: competing.fine_gray(t, s, g),
}


def calls(function, *arguments):
    count = 0

    def tick(*_):
        nonlocal count
        count += 1

    function(*arguments)
    sys.setprofile(tick)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("name", METHODS)
def test_calls_do_not_grow(name, ties):
    small, large = (cohort(n, 3, ties)[:4] for n in (400, 20_000))
    assert calls(METHODS[name], *large) < 2 * calls(METHODS[name], *small)
