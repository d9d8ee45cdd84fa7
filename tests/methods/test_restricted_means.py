"""Restricted means in small groups: by hand, against every assignment counted one by one, and what must not matter."""

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_cases import STATUS, TIME

from stats.methods import restricted_means as small
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")
patients = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=4)


def columns(group):
    return [float(time) for time, _ in group], [int(event) for _, event in group]


class TestPointwise:
    def test_nobody_had_the_event(self):
        """Five of five followed to 4: the lower limit of the curve is .025^(1/5) all the way, the upper 1."""
        found = small.rmst_pointwise([5] * 5, [0] * 5, 4)
        assert (found.estimate, found.upper) == (4, 4)
        assert found.lower == pytest.approx(4 * 0.025 ** (1 / 5))

    def test_limits_between_censorings_widen_as_patients_leave(self):
        found = small.rmst_pointwise([1, 3, 3], [0, 0, 0], 2)
        assert found.lower == pytest.approx(0.025 ** (1 / 3) + 0.025 ** (1 / 2))

    def test_the_seven_patients_step_by_step(self):
        """Events at 2, 3, 5: the log-log limits of each stretch of the curve times its length."""
        curve = km.kaplan_meier(TIME, STATUS)
        found = small.rmst_pointwise(TIME, STATUS, 6)
        assert found.estimate == pytest.approx(float(2 + F(6, 7) + F(10, 7) + F(5, 14)))
        # nobody leaves before 2, so that stretch has one lower limit
        pieces = [(2, 0.025 ** (1 / 7), 1.0)]
        for begin, end in ((2, 3), (3, 5), (5, 6)):
            point = km.at(curve, begin)
            pieces.append((end - begin, point.lower, point.upper))
        assert found.lower == pytest.approx(sum(width * lower for width, lower, _ in pieces))
        assert found.upper == pytest.approx(sum(width * upper for width, _, upper in pieces))

    @given(patients, st.integers(1, 9))
    @settings(deadline=None, max_examples=60)
    def test_limits_hold_the_estimate_and_stay_inside_the_horizon(self, group, tau):
        found = small.rmst_pointwise(*columns(group), tau)
        if math.isnan(found.estimate):
            assert found.note
        else:
            assert 0 <= found.lower <= found.estimate + 1e-9
            assert found.estimate <= found.upper + 1e-9 <= tau + 2e-9

    def test_a_time_to_which_nobody_was_followed(self):
        found = small.rmst_pointwise([1, 2], [1, 0], 5)
        assert math.isnan(found.estimate)
        assert found.note == "no one was followed to this time"


def one_by_one(a, b, tau, confidence=0.95):
    """P and half width by going through every assignment with the plain two-group function."""
    time, status = (np.array(column) for column in zip(*[*zip(*columns(a)), *zip(*columns(b))], strict=True))
    size, z = len(a), 1.959963984540054

    def statistic(chosen):
        first = np.isin(np.arange(len(time)), chosen)
        # a curve that ends before tau is carried on level: as if its last patient were seen at tau too
        parts = []
        for side in (first, ~first):
            steps = np.minimum(time[side], tau)
            censored_last = (steps == steps.max()) & (status[side] == 0)
            parts.append((np.where(censored_last & (steps < tau), tau, time[side]), status[side]))
        found = km.rmst_difference(*parts[0], *parts[1], tau)
        if math.isnan(found.lower):
            return math.inf if abs(found.estimate) > 1e-9 else 0.0
        return abs(found.estimate) / ((found.upper - found.lower) / 2 / z)

    observed = statistic(list(range(size)))
    every = sorted(statistic(list(chosen)) for chosen in itertools.combinations(range(len(time)), size))
    p = np.mean([one >= observed * (1 - 1e-9) for one in every])
    return p, every[math.ceil(confidence * len(every) - 1e-9) - 1], len(every)


class TestPermutation:
    def test_every_assignment_counted_one_by_one(self):
        a = [(1, 1), (3, 1), (4, 0), (6, 1), (9, 0)]
        b = [(2, 1), (2, 1), (5, 1), (7, 0), (9, 0)]
        found = small.rmst_permutation(*columns(a), *columns(b), 6)
        p, quantile, ways = one_by_one(a, b, 6)
        assert ways == 252
        assert found.method == "rmst-permutation-exact"
        assert found.p_value == pytest.approx(p)
        plain = km.rmst_difference(*columns(a), *columns(b), 6)
        se = (plain.upper - plain.lower) / 2 / 1.959963984540054
        assert found.upper - found.estimate == pytest.approx(quantile * se)
        assert found.estimate == pytest.approx(plain.estimate)

    @given(patients.filter(lambda g: len(g) > 2), patients.filter(lambda g: len(g) > 2), st.integers(2, 6))
    @settings(deadline=None, max_examples=25)
    def test_any_small_groups(self, a, b, tau):
        found = small.rmst_permutation(*columns(a), *columns(b), tau)
        if math.isnan(found.p_value):
            assert found.note
            return
        assert found.p_value == pytest.approx(one_by_one(a, b, tau)[0])

    def test_drawn_permutations_come_near_to_all_of_them(self):
        rng = np.random.default_rng(3)
        a, b = ((rng.exponential(scale, 7).round(2), (rng.random(7) < 0.8).astype(int)) for scale in (8, 4))
        exact = small.rmst_permutation(*a, *b, 4)
        drawn = small.rmst_permutation(*a, *b, 4, draws=3000)
        assert (exact.method, drawn.method) == ("rmst-permutation-exact", "rmst-permutation")
        assert math.isnan(exact.error)
        assert abs(drawn.p_value - exact.p_value) < 4 * drawn.error
        assert drawn.error == pytest.approx(math.sqrt(drawn.p_value * (1 - drawn.p_value) / 3000))

    def test_neither_the_order_of_patients_nor_the_names_of_the_groups_matter(self):
        rng = np.random.default_rng(5)
        a, b = ((rng.exponential(scale, n).round(1), (rng.random(n) < 0.7).astype(int)) for scale, n in ((8, 13), (5, 11)))
        one = small.rmst_permutation(*a, *b, 5, seed=4)
        order = rng.permutation(13)
        again = small.rmst_permutation(a[0][order], a[1][order], *b, 5, seed=4)
        swapped = small.rmst_permutation(*b, *a, 5, seed=4)
        assert one.method == "rmst-permutation"
        assert again == one
        assert swapped.p_value == one.p_value
        assert [swapped.lower, swapped.upper] == pytest.approx([-one.upper, -one.lower])
        assert small.rmst_permutation(*a, *b, 5, seed=5).p_value != one.p_value

    @pytest.mark.parametrize("scale", [3, 30])
    def test_interval_and_p_value_say_the_same(self, scale):
        rng = np.random.default_rng(scale)
        a = rng.exponential(scale, 12), np.ones(12, int)
        b = rng.exponential(5, 11), np.ones(11, int)
        found = small.rmst_permutation(*a, *b, 6)
        assert (found.p_value < 0.05) == (not found.lower <= 0 <= found.upper)

    def test_too_few_patients_for_an_interval(self):
        """Three and two can be formed in ten ways: none of them is one in twenty."""
        found = small.rmst_permutation([1, 2, 3], [1, 1, 1], [4, 5], [1, 1], 3)
        assert found.p_value >= 0.1
        assert math.isnan(found.lower)
        assert found.note == small.TOO_FEW_WAYS

    def test_without_an_event_there_is_nothing_to_permute(self):
        found = small.rmst_permutation([5] * 6, [0] * 6, [5] * 7, [0] * 7, 4)
        assert (found.estimate, math.isnan(found.p_value)) == (0, True)
        assert found.note.startswith("no events in either group")

    @pytest.mark.parametrize("empty", [([], []), ([1, 2], [1, 0])])
    def test_a_group_without_an_estimate(self, empty):
        found = small.rmst_permutation(*empty, [4, 5, 6], [1, 0, 1], 5)
        assert math.isnan(found.estimate)
        assert found.note

    def test_the_level_holds_at_a_dozen_patients(self):
        """Ties of days, censoring, unequal groups and no true difference: five in a hundred, not eight."""
        rng = np.random.default_rng(11)
        below = {"normal": 0, "permutation": 0}
        for _ in range(300):
            groups = []
            for n in (12, 11):
                event, censored = rng.exponential(1 / 0.045, n), rng.uniform(8, 36, n)
                groups += [np.ceil(np.minimum(event, censored) * 30) / 30, (event <= censored).astype(int)]
            normal = km.rmst_difference(*groups, 12)
            below["normal"] += normal.p_value < 0.05
            below["permutation"] += small.rmst_permutation(*groups, 12, draws=500).p_value < 0.05
        assert below["permutation"] <= 0.05 * 300 + 3 * math.sqrt(300 * 0.05 * 0.95)
        assert below["permutation"] < below["normal"]
