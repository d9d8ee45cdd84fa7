"""One cell of a table of two by two: exact fractions for few patients, other programs for millions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stats.methods import proportions, tables
from stats.methods.alternatives import fisher_mid
from stats.methods.hypergeometric import Hypergeometric


def exact(n: int, m: int, events: int) -> dict[int, Fraction]:
    whole = math.comb(n + m, events)
    return {k: Fraction(math.comb(n, k) * math.comb(m, events - k), whole)
            for k in range(max(0, events - m), min(n, events) + 1)}


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_every_probability_of_few_patients(n: int, m: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, n + m))
    values, chance = Hypergeometric(n, m, events).chances()
    wanted = exact(n, m, events)
    assert values.tolist() == list(wanted)
    assert chance == pytest.approx([float(one) for one in wanted.values()], rel=1e-12)


@given(st.integers(1, 40), st.integers(1, 40), st.data(), st.floats(-6, 6))
def test_at_other_odds(n: int, m: int, data: st.DataObject, log_odds: float) -> None:
    events = data.draw(st.integers(0, n + m))
    values, chance = Hypergeometric(n, m, events).chances(log_odds)
    weights = np.array([float(one) * math.exp(k * log_odds) for k, one in exact(n, m, events).items()])
    assert chance == pytest.approx(weights / weights.sum(), rel=1e-9)
    assert len(values) == len(weights)


@pytest.mark.parametrize("patients", [20_000, 3_000_000, 5_000_000, 10_000_000])
@pytest.mark.parametrize("apart", [0.0, 0.0005, 0.002, 0.01])
def test_fishers_test_of_millions(patients: int, apart: float) -> None:
    """From three million patients on logarithms of factorials had lost so many digits that P was 1, whatever the table."""
    half = patients // 2
    x, y = int(half * 0.7), int(half * (0.7 - apart))
    table = [[x, half - x], [y, half - y]]
    found = tables.fisher(table).p_value
    assert found == pytest.approx(stats.fisher_exact(table)[1], rel=1e-7)
    assert fisher_mid(table).p_value < found
    if apart:
        assert found == pytest.approx(tables.chi_square(table).p_value, rel=0.05)


def test_odds_ratios_of_millions() -> None:
    """Of so many patients the conditional estimate is the plain one, and its limits are Woolf's."""
    a, b, c, d = 3_500_000, 1_500_000, 3_450_000, 1_550_000
    found = proportions.odds_ratio(a, a + b, c, c + d)
    plain, half = a * d / (b * c), 1.959963984540054 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert found.estimate == pytest.approx(plain, rel=1e-6)
    assert [found.lower, found.upper] == pytest.approx([plain * math.exp(-half), plain * math.exp(half)], rel=1e-6)


def test_what_is_formed_grows_as_the_root_of_the_patients() -> None:
    sizes = [len(Hypergeometric(n, n, n).chances()[0]) for n in (10**4, 10**6, 10**8)]
    assert sizes[2] < 1e6
    assert sizes[1] / sizes[0] == pytest.approx(10, rel=0.2)
    assert sizes[2] / sizes[1] == pytest.approx(10, rel=0.2)


def test_a_table_as_odd_as_none_has_no_probability_to_speak_of() -> None:
    assert tables.fisher([[5_000_000, 0], [0, 5_000_000]]).p_value == 0
    assert Hypergeometric(10**7, 10**7, 10**7).no_more_probable(3, 1e-7) == (0.0, 0.0)
