from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import descriptive

quick = settings(max_examples=40, deadline=None)
numbers = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=12)


def test_summary_by_hand() -> None:
    """2, 4, 4, 9 and one missing: mean 19/4, variance (4 × 117 - 19²) / 12 = 107/12, quartiles 3.5 and 5.25."""
    found = descriptive.summary([4, math.nan, 2, 9, 4])
    assert found == pytest.approx({"n": 4, "missing": 1, "mean": 4.75, "sd": math.sqrt(Fraction(107, 12)), "median": 4,
                                   "q1": 3.5, "q3": 5.25, "min": 2, "max": 9})
    assert all(type(value) is float for value in found.values())


def test_the_quartile_type_changes_the_quartiles_only() -> None:
    """1, 3, 4, 9: type 6 stands at 1.25 and 3.75 of five gaps, type 2 halves the two neighbours."""
    seven, six, two = (descriptive.summary([1, 3, 4, 9], kind) for kind in (7, 6, 2))
    assert [(s["q1"], s["median"], s["q3"]) for s in (seven, six, two)] == [(2.5, 3.5, 5.25), (1.5, 3.5, 7.75),
                                                                           (2, 3.5, 6.5)]
    assert seven["q1"] == float(np.quantile([1, 3, 4, 9], 0.25))


@pytest.mark.parametrize(("kind", "name"), [
    (1, "inverted_cdf"), (2, "averaged_inverted_cdf"), (4, "interpolated_inverted_cdf"), (5, "hazen"), (6, "weibull"),
    (7, "linear"), (8, "median_unbiased"), (9, "normal_unbiased")])
@quick
@given(values=numbers, p=st.sampled_from([0.0, 0.05, 0.25, 1 / 3, 0.5, 0.75, 0.95, 1.0]))
def test_quantiles_as_numpy_has_them(kind: int, name: str, values: list[float], p: float) -> None:
    assert descriptive.quantile(values, p, kind) == pytest.approx(float(np.quantile(values, p, method=name)))


def test_a_position_that_is_whole_but_for_rounding_counts_as_whole() -> None:
    """0.1 × 30 is 3.0000000000000004 in floating point: type 2 must still halve the third and fourth value."""
    assert 0.1 * 3 * 10 != 3
    assert descriptive.quantile(range(1, 31), 0.1, 2) == 3.5
    assert descriptive.quantile(range(1, 11), 0.1 * 3, 2) == 3.5


@quick
@given(numbers, st.randoms(use_true_random=False))
def test_order_makes_no_difference_to_the_last_bit(values: list[float], random) -> None:
    values = [v / 7 for v in values]
    assert repr(descriptive.summary(random.sample(values, len(values)))) == repr(descriptive.summary(values))


def test_a_constant_has_no_spread_left_from_rounding() -> None:
    found = descriptive.summary([0.1] * 3)
    assert (found["mean"], found["sd"], found["q1"]) == (0.1, 0.0, 0.1)
    assert descriptive.geometric([0.3] * 7) == {"geomean": 0.3, "geocv": 0.0}


def test_geometric_by_hand() -> None:
    """Logarithms 0, 1, 2 (base ten) have mean 1 and variance 1 of that base squared."""
    found = descriptive.geometric([1, 10, 100, math.nan])
    assert found["geomean"] == pytest.approx(10)
    assert found["geocv"] == pytest.approx(math.sqrt(math.exp(math.log(10) ** 2) - 1))


@pytest.mark.filterwarnings("error")
def test_nothing_and_next_to_nothing() -> None:
    for empty in ([], [math.nan, math.nan], np.array([])):
        found = descriptive.summary(empty)
        assert (found["n"], found["missing"]) == (0, len(empty))
        assert all(math.isnan(found[k]) for k in ("mean", "sd", "median", "q1", "q3", "min", "max"))
        assert math.isnan(descriptive.quantile(empty, 0.5))
    one = descriptive.summary([3])
    assert (one["mean"], one["median"], one["q1"], one["q3"]) == (3, 3, 3, 3)
    assert math.isnan(one["sd"])
    assert descriptive.geometric([5])["geomean"] == pytest.approx(5)
    assert math.isnan(descriptive.geometric([5])["geocv"])
    for impossible in ([], [1, 0], [2, -1]):
        assert all(math.isnan(v) for v in descriptive.geometric(impossible).values())
    for kind, p in ((0, 0.5), (10, 0.5), (7, 1.1)):
        with pytest.raises(ValueError, match="no quantile"):
            descriptive.quantile([1, 2], p, kind)
