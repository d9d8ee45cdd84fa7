"""Firth's penalty: against the penalised likelihood written out, its derivative, and its profile."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from survival_cases import case, cohort

from stats.methods import firth, fits, regression
from stats.methods.partial_likelihood import from_rows

pytestmark = pytest.mark.filterwarnings("error")


def penalised(beta, time, status, x):
    """Breslow's log likelihood plus half the log determinant of its information, risk set by risk set."""
    w, value, information = np.exp(x @ beta), 0.0, np.zeros((x.shape[1],) * 2)
    for t in np.unique(time[status == 1]):
        inside, tied = time >= t, (time == t) & (status == 1)
        share = w[inside] / w[inside].sum()
        centred = x[inside] - share @ x[inside]
        value += (x[tied] @ beta).sum() - tied.sum() * math.log(w[inside].sum())
        information += tied.sum() * (centred.T * share) @ centred
    return value + np.linalg.slogdet(information)[1] / 2


def study(name):
    if name == "no events in one arm":
        time, status, group = case(name)
        return time, status, group[:, None]
    time, status, group, x, _ = cohort(30, 6)
    return time, (status == 1).astype(float), np.column_stack([group, x])


@pytest.mark.parametrize("name", ["no events in one arm", "two covariates"])
def test_maximum_limits_and_p_value(name):
    time, status, x = study(name)
    p = x.shape[1]
    fit = regression.firth(time, status, x)
    best = minimize(lambda b: -penalised(b, time, status, x), np.zeros(p), method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 20_000})
    assert fit.coef == pytest.approx(best.x, abs=1e-6)

    def profile(value, j):
        if p == 1:
            return penalised(np.array([value]), time, status, x)
        return -minimize_scalar(lambda b: -penalised(np.insert([b], j, value), time, status, x)).fun

    for j in range(p):
        for limit in (fit.lower[j], fit.upper[j]):  # a likelihood ratio of 3.84, no more and no less
            assert 2 * (-best.fun - profile(limit, j)) == pytest.approx(3.841458820694124, abs=1e-6)
        ratio = 2 * (-best.fun - profile(0.0, j))
        assert fit.p_value[j] == pytest.approx(math.erfc(math.sqrt(ratio / 2)), rel=1e-5)


def test_a_single_event_among_two_and_two():
    """By hand: where p is the share of the event's group, 3/2 log p + 1/2 log(1 - p) has its maximum at p = 3/4, a ratio of 3."""
    found = regression.hazard_ratio([30, 7, 30, 30], [0, 1, 0, 0], [0, 1, 0, 1])
    assert found.estimate == pytest.approx(3, abs=1e-8)
    ratio = 2 * (1.5 * math.log(0.75) + 0.5 * math.log(0.25) - 2 * math.log(0.5))
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(ratio / 2)), abs=1e-9)


def test_few_events_have_a_maximum_wherever_groups_compete():
    rng = np.random.default_rng(1)
    compete = 0
    for _ in range(400):
        n = rng.integers(3, 9)
        time, status, group = rng.integers(1, 6, n), rng.random(n) < 0.25, np.r_[0, 1, rng.integers(0, 2, n - 2)]
        if any(len(set(group[time >= event])) == 2 for event in time[status]):
            compete += 1
            assert regression.firth(time, status.astype(int), group).converged
    assert compete > 200


def test_the_derivative_of_the_penalty():
    time, status, group, x, strata = cohort(50, 8)
    columns = np.column_stack([group, x, x**2])
    covariates = fits.standardised(columns, 1)
    parts = from_rows(time, (status == 1).astype(float), covariates.scaled, strata, "breslow")
    beta, h = np.array([0.3, -0.5, 0.2]), 1e-5
    _, gradient, _ = firth.penalised(parts, beta)
    steps = np.eye(3) * h
    numeric = [(firth.penalised(parts, beta + s)[0] - firth.penalised(parts, beta - s)[0]) / (2 * h) for s in steps]
    assert gradient == pytest.approx(numeric, rel=1e-7)


def test_swapped_arms_and_units_of_the_covariate():
    time, status, group = case("no events in one arm")
    one, other = regression.firth(time, status, group), regression.firth(time, status, 1 - group)
    assert [one.coef[0], one.lower[0], one.p_value[0]] == pytest.approx(
        [-other.coef[0], -other.upper[0], other.p_value[0]], abs=1e-7)
    tenfold = regression.firth(time, status, 10 * group)
    assert [tenfold.coef[0] * 10, tenfold.upper[0] * 10] == pytest.approx([one.coef[0], one.upper[0]], abs=1e-7)


def test_close_to_cox_in_a_large_study():
    time, status, group, *_ = cohort(2000, 1, ties=False)
    event = (status == 1).astype(float)
    assert regression.firth(time, event, group).coef == pytest.approx(regression.cox(time, event, group).coef, abs=2e-3)


def test_nothing_to_learn_from():
    fit = regression.firth([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1])
    assert not fit.converged
    assert "at risk" in fit.note


@pytest.mark.parametrize("apart", [1.0, 0.01])
def test_a_single_event_and_two_covariates(apart):
    """By hand: of three at risk the shares p, q, r give 3/2 log p + 1/2 log q + 1/2 log r, greatest at 3/5, 1/5, 1/5.

    So both who had no event lie log 3 below the one who had it, also where the covariates hardly tell him from one of them.
    """
    time, status, x = np.zeros(3), np.array([1, 0, 0]), np.array([[0, 1 + apart], [0, 1], [1, 0.0]])
    fit = regression.firth(time, status, x)
    assert x[0] @ fit.coef - x[1] @ fit.coef == pytest.approx(math.log(3), abs=1e-7)
    assert x[0] @ fit.coef - x[2] @ fit.coef == pytest.approx(math.log(3), abs=1e-7)
    top = 1.5 * math.log(0.6) + math.log(0.2)

    def without(j):
        """The least that the maximum falls where one covariate says nothing, from the shares themselves."""
        def fall(b):
            w = x[:, 1 - j] * b
            p = np.exp(w - w.max())
            p /= p.sum()
            return top - 1.5 * math.log(p[0]) - 0.5 * math.log(p[1]) - 0.5 * math.log(p[2])
        return minimize_scalar(fall, bounds=(-20, 20), method="bounded", options={"xatol": 1e-10}).fun

    for j in range(2):
        assert fit.p_value[j] == pytest.approx(math.erfc(math.sqrt(without(j))), abs=1e-6)


@pytest.mark.parametrize(
    ("x", "note"),
    [
        ([[-0.7, 0], [-1.3, 1], [1.4, 1], [0.5, 1]],
         "no event happened while patients who differ in one of the covariates were at risk"),
        ([[0.1, 1], [0.2, 0], [0.5, 1], [0.9, 0]],
         "among those at risk when events happened a covariate repeats what the others say"),
    ],
)
def test_covariates_that_only_differ_before_anything_happens(x, note):
    """Two at risk at the only event: two covariates have no estimates of their own, whatever rounding makes of it."""
    for fit in (f([1, 2, 3, 4], [0, 0, 1, 0], np.array(x, float)) for f in (regression.cox, regression.firth)):
        assert (fit.converged, fit.note) == (False, note)


def test_shares_that_no_number_holds_are_no_maximum():
    """Profiles start where the last one ended; where one patient has all the weight there, they start anew."""
    x = np.array([[0, 1.01284429], [0, 1.00138911], [1, -0.09449556]])
    fit = regression.firth(np.zeros(3), np.array([1, 0, 0]), x)
    assert np.isinf([fit.lower, fit.upper]).all()
    assert fit.p_value == pytest.approx([0.4726, 0.4695], abs=1e-4)
