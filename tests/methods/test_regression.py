"""Cox regression: against the likelihood written out patient by patient, separation, proportional hazards."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from survival_cases import AWKWARD, GROUP, STATUS, TIME, case, cohort

from stats.methods import regression
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")


def loglik(beta, time, status, x, ties):
    """Log partial likelihood, one tied event after the other."""
    w, value = np.exp(x @ beta), 0.0
    for t in np.unique(time[status == 1]):
        at_risk, tied = w[time >= t].sum(), (time == t) & (status == 1)
        value += (x[tied] @ beta).sum()
        for k in range(tied.sum()):
            gone = k / tied.sum() if ties == "efron" else 0.0
            value -= math.log(at_risk - gone * w[tied].sum())
    return value


def climb(function, p):
    """The maximum by a general optimiser without our derivatives."""
    best = minimize(lambda b: -function(b), np.zeros(p), method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000})
    return best.x


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_maximum_of_the_likelihood(ties):
    time, status, group, x, _ = cohort(40, 2)
    event, columns = (status == 1).astype(float), np.column_stack([group, 10 * x + 3])
    fit = regression.cox(time, event, columns, ties=ties)
    best = climb(lambda b: loglik(b, time, event, columns, ties), 2)
    assert fit.coef == pytest.approx(best, abs=1e-6)
    assert fit.loglik == pytest.approx((loglik(np.zeros(2), time, event, columns, ties),
                                        loglik(fit.coef, time, event, columns, ties)), rel=1e-12)
    step = np.diag([1e-4, 1e-5])
    hessian = np.array([[(loglik(fit.coef + a + b, time, event, columns, ties)
                          - loglik(fit.coef + a - b, time, event, columns, ties)
                          - loglik(fit.coef - a + b, time, event, columns, ties)
                          + loglik(fit.coef - a - b, time, event, columns, ties)) / (4 * a.sum() * b.sum())
                         for b in step] for a in step])
    assert fit.se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(-hessian))), rel=1e-4)
    assert (fit.n, fit.events, fit.method) == (40, int(event.sum()), f"cox-{ties}")


def test_strata_have_their_own_risk_sets():
    time, status, group, x, strata = cohort(90, 4)
    event, columns = (status == 1).astype(float), np.column_stack([group, x])
    fit = regression.cox(time, event, columns, strata)

    def parts(beta):
        return sum(loglik(beta, time[strata == s], event[strata == s], columns[strata == s], "efron") for s in range(3))

    assert fit.loglik[1] == pytest.approx(parts(fit.coef), rel=1e-12)
    assert fit.coef == pytest.approx(climb(parts, 2), abs=1e-6)


class TestHazardRatio:
    def test_is_the_cox_fit_and_counts_are_as_good_as_rows(self):
        time, status, group, *_ = cohort(120)
        event = (status == 1).astype(float)
        found = regression.hazard_ratio(time, event, group)
        fit = regression.cox(time, event, group)
        assert [found.estimate, found.lower, found.upper, found.p_value] == pytest.approx(
            [*np.exp([fit.coef[0], fit.lower[0], fit.upper[0]]), fit.p_value[0]], rel=1e-9)
        assert found.method == "cox-efron"
        assert regression.hazard_ratio(km.grouped_table(time, event, group)) == found

    def test_swapped_arms_shuffled_rows_other_units(self):
        time, status, group, *_ = cohort(80)
        event = (status == 1).astype(float)
        base = regression.hazard_ratio(time, event, group)
        swapped = regression.hazard_ratio(time, event, 1 - group)
        assert [swapped.estimate, swapped.lower, swapped.upper, swapped.p_value] == pytest.approx(
            [1 / base.estimate, 1 / base.upper, 1 / base.lower, base.p_value], rel=1e-9)
        order = np.random.default_rng(1).permutation(80)
        assert regression.hazard_ratio(time[order], event[order], group[order]) == base
        assert regression.hazard_ratio(time / 30.4375, event, group) == base

    def test_the_seven_patients(self):
        found = regression.hazard_ratio(TIME, STATUS, GROUP)
        best = climb(lambda b: loglik(b, TIME, STATUS, GROUP[:, None], "efron"), 1)
        assert found.method in {"cox-efron", "cox-firth"}
        if found.method == "cox-efron":
            assert found.estimate == pytest.approx(math.exp(best[0]), rel=1e-6)

    def test_no_event_in_one_arm_is_firth_and_finite(self):
        """lifelines warns and gives e^-20 or so; never a ratio like 5e7."""
        found = regression.hazard_ratio(*case("no events in one arm"))
        assert found.method == "cox-firth"
        assert 1e-5 < found.lower < found.estimate < found.upper < 1
        assert 0.01 < found.p_value < 0.05

    def test_arms_whose_events_never_compete_are_firth_too(self):
        """Both arms have events, yet whenever both are at risk it is the same arm's turn."""
        found = regression.hazard_ratio([1, 2, 3, 10, 11, 12], [1, 1, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1])
        assert found.method == "cox-firth"
        assert 0 < found.estimate < 1

    @pytest.mark.parametrize(("name", "words"), [
        ("no events", "no events"), ("an arm empty", "only one group"), ("nobody", "no patients"),
        ("a negative time", "negative")])
    def test_reasons(self, name, words):
        found = regression.hazard_ratio(*case(name))
        assert math.isnan(found.estimate)
        assert words in found.note

    def test_no_event_while_both_arms_are_at_risk(self):
        found = regression.hazard_ratio([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1])
        assert math.isnan(found.estimate)
        assert "at risk" in found.note

    def test_a_tiny_p_value_is_not_zero(self):
        rng = np.random.default_rng(1)
        time = np.concatenate([rng.exponential(1, 400), rng.exponential(8, 400)])
        found = regression.hazard_ratio(time, np.ones(800), np.repeat([1, 0], 400))
        assert 0 < found.p_value < 1e-20

    def test_two_groups_only(self):
        with pytest.raises(ValueError, match="two groups"):
            regression.hazard_ratio([1, 2, 3], [1, 1, 1], [0, 1, 2])


class TestNoFit:
    def test_separation_is_said_and_gives_no_number(self):
        fit = regression.cox([1, 2, 3, 10, 11, 12], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1])
        assert not fit.converged
        assert "separate" in fit.note
        assert np.isnan([fit.coef, fit.se, fit.lower, fit.upper, fit.p_value]).all()

    def test_separation_by_a_number(self):
        time = np.arange(1.0, 13)
        assert "separate" in regression.cox(time, np.ones(12), -time).note

    @pytest.mark.parametrize("seed", range(40))
    def test_separation_is_seen_beside_other_covariates(self, seed):
        """There rounding leaves a little information at infinity, and a maximum that seems to be found."""
        rng = np.random.default_rng(seed)
        n, others = int(rng.integers(8, 30)), seed % 3
        time = rng.permutation(np.arange(1.0, n + 1))
        late = time > n / 2
        fit = regression.cox(time, 1.0 - late, np.column_stack([late, rng.normal(size=(n, others))]))
        assert not fit.converged
        assert "separate" in fit.note

    @pytest.mark.parametrize(("x", "words"), [
        ([[1, 2], [1, 3], [1, 4], [1, 7]], "does not vary"), ([[1, 2], [2, 4], [3, 6], [5, 10]], "repeats")])
    def test_useless_covariates(self, x, words):
        assert words in regression.cox([1, 2, 3, 4], [1, 1, 0, 1], x).note

    def test_no_events_and_nobody(self):
        assert regression.cox([1, 2], [0, 0], [1, 2]).note == "no events"
        assert regression.cox([], [], np.zeros((0, 2))).note == "no patients"

    def test_a_strong_effect_is_not_separation(self):
        rng = np.random.default_rng(5)
        x = rng.normal(size=300)
        fit = regression.cox(rng.exponential(np.exp(-4 * x)), np.ones(300), x)
        assert fit.converged
        assert fit.coef[0] == pytest.approx(4, abs=0.8)

    def test_missing_values_are_left_out(self):
        time, status, group, x, _ = cohort(60)
        x = x.copy()
        x[:5] = math.nan
        event = (status == 1).astype(float)
        fit = regression.cox(time, event, np.column_stack([group, x]))
        assert fit.n == 55
        assert fit.coef == pytest.approx(regression.cox(time[5:], event[5:], np.column_stack([group, x])[5:]).coef)


class TestProportionalHazards:
    def test_is_the_score_test_of_a_coefficient_that_moves(self):
        """Score and information at zero of a second coefficient on x·g(t), by differences of the likelihood."""
        time, status, group, x, _ = cohort(60, 3, ties=False)
        event, columns = (status == 1).astype(float), np.column_stack([group, x])
        order = np.argsort(time)
        time, event, columns = time[order], event[order], columns[order]
        fit = regression.cox(time, event, columns)
        survival = km.kaplan_meier(time, event).survival
        clock = 1 - np.concatenate([[1], survival[:-1]])

        def moving(theta):
            value = 0.0
            for i in np.flatnonzero(event):
                eta = columns @ (theta[:2] + clock[i] * theta[2:])
                value += eta[i] - math.log(np.exp(eta[i:]).sum())
            return value

        at, h = np.concatenate([fit.coef, [0, 0]]), 1e-4
        steps = np.eye(4) * h
        gradient = np.array([(moving(at + s) - moving(at - s)) / (2 * h) for s in steps])
        hessian = np.array([[(moving(at + a + b) - moving(at + a - b) - moving(at - a + b) + moving(at - a - b))
                             / (4 * h * h) for b in steps] for a in steps])
        found = regression.proportional_hazards(time, event, columns)
        assert found.statistic == pytest.approx(gradient @ np.linalg.solve(-hessian, gradient), rel=1e-3)
        assert found.df == 2
        alone = regression.proportional_hazards(time, event, columns, columns=[1])
        keep = [0, 1, 3]
        expected = gradient[3] ** 2 * np.linalg.inv(-hessian[np.ix_(keep, keep)])[2, 2]
        assert alone.statistic == pytest.approx(expected, rel=1e-3)
        assert alone.df == 1

    def test_crossing_curves_are_found(self):
        rng = np.random.default_rng(2)
        time = np.concatenate([rng.exponential(5, 150), 4 + rng.exponential(1, 150)])
        found = regression.proportional_hazards(time, np.ones(300), np.repeat([0, 1], 150))
        assert 0 < found.p_value < 1e-10

    @pytest.mark.parametrize("name", ["everyone fails at one time", "no events", "no events in one arm", "nobody"])
    def test_reasons(self, name):
        found = regression.proportional_hazards(*case(name))
        assert math.isnan(found.p_value)
        assert found.note


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_studies_give_numbers_or_a_reason(name):
    time, status, group = case(name)
    ratio = regression.hazard_ratio(time, status, group)
    if math.isnan(ratio.estimate):
        assert ratio.note
    else:
        assert 0 <= ratio.lower <= ratio.estimate <= ratio.upper
        assert 1e-4 < ratio.estimate < 1e4
    for fit in (regression.cox(time, status, group), regression.firth(time, status, group),
                regression.cox(time, status, group, np.zeros(len(time)))):
        assert fit.converged != bool(fit.note)
        assert np.isnan(fit.coef).all() != fit.converged
    test = regression.proportional_hazards(time, status, group)
    assert test.note if math.isnan(test.p_value) else 0 < test.p_value <= 1
