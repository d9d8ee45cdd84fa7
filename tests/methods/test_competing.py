"""Competing risks: Aalen–Johansen by hand with fractions, Gray's test and Fine–Gray at what they must equal."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_cases import AWKWARD, CAUSE, TIME, case, cohort

from stats.methods import competing, regression
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")


def fractions(time, status, cause=1):
    """Free share, incidence and its variance at each distinct time, exactly.

    The variance at t sums over earlier times S(u−)²/n² · d · (what one event at u changes in F(t))², with the
    correction for d ties drawn from n.
    """
    s, f, steps, rows = F(1), F(0), [], {}
    for t in sorted(set(time)):
        n = sum(u >= t for u in time)
        own = sum(u == t and e == cause for u, e in zip(time, status, strict=True))
        other = sum(u == t and e not in {0, cause} for u, e in zip(time, status, strict=True))
        f += s * F(own, n)
        after = s * F(n - own - other, n)
        steps.append((s, after, f, n, own, other))
        s = after
        variance = F(0)
        for before, later, reached, at_risk, d, d_other in steps:
            share = (reached - f) / later if later else F(0)
            for count, change in ((d, 1 + share), (d_other if later else 0, share)):
                tied = 1 - F(count - 1, at_risk - 1) if count > 1 else 1
                variance += before**2 * tied * F(count, at_risk**2) * change**2
        if own or not rows:
            current = variance if own else F(0)
        rows[t] = (s, f, current)
    return rows


class TestAalenJohansen:
    def test_the_seven_patients(self):
        rows = fractions(TIME.tolist(), CAUSE.tolist())
        assert [(s, f) for s, f, _ in rows.values()] == [
            (F(6, 7), F(1, 7)), (F(5, 7), F(2, 7)), (F(5, 14), F(13, 28)), (F(5, 14), F(13, 28)), (F(0), F(23, 28))]
        curve = competing.aalen_johansen(TIME, CAUSE)
        assert curve.incidence == pytest.approx([float(f) for _, f, _ in rows.values()], rel=1e-14)
        assert curve.free == pytest.approx([float(s) for s, _, _ in rows.values()], abs=1e-15)
        assert curve.se**2 == pytest.approx([float(v) for *_, v in rows.values()], rel=1e-12)
        assert curve.competing.tolist() == [0, 0, 1, 0, 0]
        other = competing.aalen_johansen(TIME, CAUSE, cause=2)
        assert curve.incidence + other.incidence + curve.free == pytest.approx(np.ones(5))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=20))
    def test_any_small_study_agrees_with_exact_fractions(self, patients):
        time, status = (np.array(column, float) for column in zip(*patients, strict=True))
        curve = competing.aalen_johansen(time, status)
        for i, (s, f, variance) in enumerate(fractions(time.tolist(), status.tolist()).values()):
            assert [curve.free[i], curve.incidence[i]] == pytest.approx([float(s), float(f)], abs=1e-13)
            assert curve.se[i] ** 2 == pytest.approx(float(variance), abs=1e-12)
            assert 0 <= curve.lower[i] <= curve.incidence[i] + 1e-15
            assert curve.incidence[i] <= curve.upper[i] + 1e-15 <= 1 + 2e-15

    def test_ties_are_neither_jittered_nor_dropped_at_the_first_time(self):
        """lifelines moves tied times by unseeded random amounts and loses the events at the first of them."""
        time, status = np.repeat([1.0, 2, 3], 6), np.tile([1.0, 1, 2, 2, 0, 0], 3)
        curve = competing.aalen_johansen(time, status)
        assert curve.incidence[0] == pytest.approx(2 / 18)
        assert curve.incidence[1] == pytest.approx(2 / 18 + 14 / 18 * 2 / 12)
        assert competing.aalen_johansen(time, status).incidence.tolist() == curve.incidence.tolist()

    def test_is_not_one_minus_kaplan_meier(self):
        time, status, *_ = cohort(100)
        naive = 1 - km.kaplan_meier(time, status == 1).survival
        exact = competing.aalen_johansen(time, status).incidence
        assert (exact <= naive + 1e-12).all()
        assert exact[-1] < naive[-1] - 0.05
        alone = competing.aalen_johansen(time, status == 1)  # without competing events it is
        assert alone.incidence == pytest.approx(naive)

    def test_log_log_limits(self):
        curve = competing.aalen_johansen(TIME, CAUSE)
        f, se = curve.incidence[2], curve.se[2]
        half = 1.959963984540054 * se / (f * math.log(f))
        assert [curve.lower[2], curve.upper[2]] == pytest.approx([f ** math.exp(-half), f ** math.exp(half)])

    def test_before_the_first_event_the_upper_limit_is_the_exact_one(self):
        """Those gone by a competing event are known not to have had this one; the censored are not."""
        curve = competing.aalen_johansen([1, 2, 3, 9, 9, 9], [0, 2, 0, 1, 0, 0])
        assert curve.upper[:3] == pytest.approx([1 - 0.025 ** (1 / m) for m in (6, 5, 5)])
        point = competing.at(curve, 5)
        assert (point.p, point.lower, point.at_risk) == (0, 0, 3)
        assert point.upper == pytest.approx(1 - 0.025 ** (1 / 4))
        gone = competing.at(competing.aalen_johansen([1, 2, 3], [2, 2, 2]), 30)
        assert gone.p == 0
        assert gone.upper == pytest.approx(1 - 0.025 ** (1 / 3))

    def test_when_all_had_the_event(self):
        point = competing.at(competing.aalen_johansen([1, 2, 3, 3], [1, 1, 1, 1]), 30)
        assert (point.p, point.upper) == (1, 1)
        assert point.lower == pytest.approx(1 - 0.5 * (1 - 0.025 ** 0.5))

    def test_reading_at_a_time(self):
        curve = competing.aalen_johansen([2, 4, 6, 6], [1, 2, 0, 0])
        assert [competing.at(curve, t).p for t in (1.9, 2, 5, 6)] == pytest.approx([0, 0.25, 0.25, 0.25])
        assert [competing.at(curve, t).at_risk for t in (2, 2.1, 6)] == [4, 3, 2]
        late = competing.at(curve, 6.1)
        assert math.isnan(late.p)
        assert late.note == "no one was followed to this time"
        all_gone = competing.aalen_johansen([2, 4], [1, 2])
        assert competing.at(all_gone, 40).p == 0.5

    def test_difference_of_two_incidences(self):
        a, b = (competing.at(competing.aalen_johansen([2, 4, 6, 6], s), 5) for s in ([1, 2, 0, 0], [1, 1, 0, 0]))
        assert km.difference(a, b).estimate == pytest.approx(-0.25)

    def test_near_ties_and_order_of_rows(self):
        time, status, *_ = cohort(80)
        order = np.random.default_rng(1).permutation(80)
        base = competing.aalen_johansen(time, status)
        assert competing.aalen_johansen(time[order] / 30.4375, status[order]).incidence.tolist() == (
            base.incidence.tolist())


class TestGray:
    def test_swapped_arms_shuffled_rows_other_units_other_labels(self):
        time, status, group, _, strata = cohort(150)
        base = competing.gray(time, status, group)
        assert base.df == 1
        assert competing.gray(time, status, 1 - group).statistic == pytest.approx(base.statistic, rel=1e-10)
        order = np.random.default_rng(3).permutation(150)
        words = np.where(group == 1, "R", "D")[order]
        assert competing.gray(time[order] / 365.25, status[order], words).statistic == pytest.approx(
            base.statistic, rel=1e-12)
        three = competing.gray(time, status, strata)
        assert competing.gray(time, status, 2 - strata).statistic == pytest.approx(three.statistic, rel=1e-9)
        assert three.df == 2

    def test_rejects_as_often_as_it_says(self):
        rng = np.random.default_rng(11)
        hits = 0
        for _ in range(400):
            time, status = np.ceil(rng.exponential(6, 60)), rng.choice([0.0, 1, 2], 60)
            hits += competing.gray(time, status, rng.permutation(np.repeat([0, 1], 30))).p_value < 0.05
        assert 8 <= hits <= 34  # 20 expected

    def test_a_tiny_p_value_is_not_zero(self):
        rng = np.random.default_rng(1)
        group = np.repeat([0, 1], 400)
        status = np.where(rng.random(800) < np.where(group, 0.85, 0.15), 1, 2)
        assert 0 < competing.gray(rng.exponential(1, 800), status, group).p_value < 1e-40

    def test_when_a_group_is_alone_at_the_end(self):
        """R's cmprsk gives these; the common incidence passes one when the second group is alone."""
        both = [1, 2, 3, 4, 1, 3, 5, 6]
        assert competing.gray(both, [1] * 8, [0] * 4 + [1] * 4).statistic == pytest.approx(1.470894, abs=1e-6)
        both = [1, 2, 3, 4, 1, 3, 5, 7, 8]
        found = competing.gray(both, [1] * 8 + [0], [0] * 4 + [1] * 5)
        assert found.statistic == pytest.approx(2.532929, abs=1e-6)

    @pytest.mark.parametrize(("name", "words"), [
        ("nobody", "no patients"), ("an arm empty", "only one group"), ("no events", "no events of this kind"),
        ("a negative time", "negative")])
    def test_reasons(self, name, words):
        found = competing.gray(*case(name))
        assert math.isnan(found.p_value)
        assert words in found.note


class TestFineGray:
    def test_without_competing_events_it_is_cox_with_breslow_ties(self):
        time, status, group, x, _ = cohort(120)
        event, columns = (status == 1).astype(float), np.column_stack([group, x])
        ours, cox = competing.fine_gray(time, event, columns), regression.cox(time, event, columns, ties="breslow")
        assert ours.coef == pytest.approx(cox.coef, rel=1e-9)
        assert ours.loglik == pytest.approx(cox.loglik, rel=1e-12)

    def test_without_censoring_those_with_a_competing_event_simply_stay(self):
        time, status, group, x, _ = cohort(150)
        status = np.where(status == 0, 2, status)
        columns = np.column_stack([group, x])
        stay = np.where(status == 2, time.max() + 1, time)
        cox = regression.cox(stay, status == 1, columns, ties="breslow")
        assert competing.fine_gray(time, status, columns).coef == pytest.approx(cox.coef, rel=1e-9)

    def test_score_written_out_subject_by_subject(self):
        time, status, group, *_ = cohort(60, 9)
        fit = competing.fine_gray(time, status, group)
        censoring = dict.fromkeys(np.unique(time), 1.0)
        s = 1.0
        for t in np.unique(time):  # the curve of censoring just before t
            censoring[t] = s
            s *= 1 - ((time == t) & (status == 0)).sum() / (time >= t).sum()
        score = 0.0
        for i in np.flatnonzero(status == 1):
            weight = np.where(time >= time[i], 1.0, np.where(
                status == 2, [censoring[time[i]] / censoring[t] for t in time], 0)) * np.exp(fit.coef[0] * group)
            score += group[i] - (weight * group).sum() / weight.sum()
        assert score == pytest.approx(0, abs=1e-8)

    def test_swapped_arms_shuffled_rows_other_units(self):
        time, status, group, *_ = cohort(150)
        base, swapped = (competing.subhazard_ratio(time, status, g) for g in (group, 1 - group))
        assert [swapped.estimate, swapped.lower, swapped.p_value] == pytest.approx(
            [1 / base.estimate, 1 / base.upper, base.p_value], rel=1e-8)
        order = np.random.default_rng(3).permutation(150)
        other = competing.subhazard_ratio(time[order] / 30.4375, status[order], group[order])
        assert [other.estimate, other.upper] == pytest.approx([base.estimate, base.upper], rel=1e-8)
        assert base.method == "fine-gray"

    @pytest.mark.parametrize(("name", "words"), [
        ("nobody", "no patients"), ("an arm empty", "only one group"), ("no events", "no events of this kind"),
        ("no events in one arm", "in one of the groups"), ("a negative time", "negative")])
    def test_reasons(self, name, words):
        found = competing.subhazard_ratio(*case(name))
        assert math.isnan(found.estimate)
        assert words in found.note

    def test_a_cause_other_than_the_first(self):
        time, status, group, *_ = cohort(100)
        swapped = np.where(status == 0, 0, 3 - status)
        assert competing.fine_gray(time, status, group, cause=2).coef == pytest.approx(
            competing.fine_gray(time, swapped, group).coef)


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("cause", [1, 2])
def test_awkward_studies_give_numbers_or_a_reason(name, cause):
    time, status, group = case(name)
    curve = competing.aalen_johansen(time, status, cause)
    assert curve.n > 0 or curve.note
    for t in (0, 2, 5, 100):
        point = competing.at(curve, t)
        assert point.note if math.isnan(point.p) else 0 <= point.lower <= point.p <= point.upper <= 1
    test = competing.gray(time, status, group, cause)
    assert test.note if math.isnan(test.p_value) else 0 < test.p_value <= 1
    ratio = competing.subhazard_ratio(time, status, group, cause=cause)
    assert ratio.note if math.isnan(ratio.estimate) else 0 < ratio.lower <= ratio.estimate <= ratio.upper
    fit = competing.fine_gray(time, status, group, cause=cause)
    assert fit.converged != bool(fit.note)
