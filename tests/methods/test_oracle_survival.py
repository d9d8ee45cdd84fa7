"""Every survival entry of the reference values, against R; skipped where they are not at hand."""

import math
from collections import Counter

import numpy as np
from oracle_survival import ALL, COUNTS, ITERATED, MARKS, Z, check_fit, close, family, model, number

from stats.methods import regression
from stats.methods import survival as km

pytestmark = MARKS

AT_ONCE = "s02_all_fail_same_time"


def test_every_entry_is_covered():
    assert Counter(entry.family for entry in ALL) == COUNTS


def check_point(curve, point):
    """At one time against R, which carries the last value on; where we refuse, R must be past the last observation."""
    ours = km.at(curve, point["time"])
    if point["time"] in curve.time or np.abs(curve.time - point["time"]).min() > 1e-9:
        assert ours.at_risk == point["n_risk"]  # R looks up the time asked for exactly, we with the ties it merges
    if math.isnan(ours.p):
        assert point["beyond_last_observation"]
        assert "followed" in ours.note
        return
    close(ours.p, point["survival"])
    name = curve.interval.replace("-", "")
    if 1e-9 < ours.p < 1 - 1e-9:  # at 0 and 1 the exact rules of docs/differences-from-R.md replace R's nothing
        close([ours.lower, ours.upper], [point[f"{name}_lower"], point[f"{name}_upper"]])
        step = np.searchsorted(curve.time, point["time"] + 1e-9, side="right") - 1
        close(curve.se[step], point["se"])


@family("km")
def test_kaplan_meier(entry):
    time, status = entry.pair
    for interval in ("log-log", "log", "plain"):
        curve = km.kaplan_meier(time, status, interval=interval)
        assert (curve.n, curve.events.sum(), curve.censored.sum()) == (
            entry.values["n"], entry.values["events"], entry.values["censored"])
        close(curve.last_time, entry.values["max_time"])
        for point in entry.values["points"]:
            check_point(curve, point)


def check_quantile(curve, p, theirs):
    ours = km.quantile(curve, p)
    close([math.nan if math.isinf(v) else v for v in (ours.estimate, ours.lower, ours.upper)], theirs)


@family("km_quantiles")
def test_medians_as_r_prints_them(entry):
    time, status = entry.pair
    for interval in ("log-log", "log", "plain"):
        check_quantile(km.kaplan_meier(time, status, interval=interval), 0.5, entry.values[interval]["median_print"])


@family("reverse_km")
def test_follow_up(entry):
    time, status = entry.pair
    for interval in ("log-log", "log"):
        name = interval.replace("-", "")
        check_quantile(km.reverse_kaplan_meier(time, status, interval=interval), 0.5,
                       [entry.values[key] for key in ("survfit_median", f"{name}_lower", f"{name}_upper")])


@family("rmst")
def test_restricted_mean(entry):
    theirs, (time, status) = entry.values, entry.pair
    ours = km.rmst(time, status, theirs["tau"])
    if math.isnan(ours.estimate):
        assert not theirs["tau_within_follow_up"]
        assert "followed" in ours.note
        return
    close(ours.estimate, theirs["rmst"])
    if theirs["se"] == 0:
        assert math.isnan(ours.lower)
        assert ("same time" if entry.id.startswith(AT_ONCE) else "no events") in ours.note
    else:
        close([ours.lower, ours.upper, (ours.upper - ours.lower) / (2 * Z)],
              [theirs["ci_lower"], theirs["ci_upper"], theirs["se"]])


def arms(entry):
    time, status = entry.pair
    group = entry.group
    return [(time[group == g], status[group == g]) for g in range(len(entry.input["groups"]))]


@family("rmst_difference")
def test_restricted_mean_difference(entry):
    first, second = arms(entry)
    ours = km.rmst_difference(*second, *first, entry.values["tau"])
    if math.isnan(ours.estimate):
        assert entry.values["tau"] > number(entry.values["min_of_max_times"])
        assert "followed" in ours.note
        return
    close(ours.estimate, entry.values["difference"])
    if math.isnan(ours.p_value):
        assert ("or all at the same time" if entry.id.startswith(AT_ONCE) else "no events in either group") in ours.note
    else:
        close([ours.lower, ours.upper, ours.p_value],
              [entry.values[key] for key in ("diff_lower", "diff_upper", "diff_p")])


@family("km_difference")
def test_difference_of_two_curves(entry):
    first, second = (km.kaplan_meier(*arm) for arm in arms(entry))
    for theirs in entry.values:
        a, b = km.at(first, theirs["time"]), km.at(second, theirs["time"])
        ours = km.difference(a, b)
        if math.isnan(ours.estimate):
            assert theirs["time"] > min(first.last_time, second.last_time)
            assert "followed" in ours.note
            continue
        close(ours.estimate, theirs["difference"])
        assert -1 <= ours.lower <= ours.estimate <= ours.upper <= 1


def check_test(ours, theirs):
    close([ours.statistic, ours.df, ours.p_value],
          [theirs["chi2"], theirs.get("df", 1), theirs["p"]], absolute=1e-13 if theirs["p"] > 1e-9 else 0)


@family("logrank", "logrank_stratified", "logrank_trend")
def test_logrank(entry):
    (time, status), group = entry.pair, entry.group
    strata = entry.input["columns"].get("strata")
    if entry.family == "logrank_trend":
        return check_test(km.logrank_trend(time, status, group, entry.input["scores"]), entry.values)
    ours = km.logrank(time, status, group, None if strata is None else entry.frame[strata].to_numpy())
    if entry.failed:
        assert math.isnan(ours.p_value)
        assert ours.note
        return None
    return check_test(ours, entry.values)


@family("logrank_pairwise")
def test_logrank_pairwise(entry):
    parts = arms(entry)
    pairs = [(i, j) for i in range(len(parts)) for j in range(i + 1, len(parts))]
    ours = [km.logrank(np.concatenate([parts[i][0], parts[j][0]]), np.concatenate([parts[i][1], parts[j][1]]),
                       np.repeat([0, 1], [len(parts[i][0]), len(parts[j][0])])).p_value for i, j in pairs]
    close(ours, entry.values["raw"], absolute=0)


@family("cox_efron", "cox_breslow", "cox_stratified", "cause_specific_cox")
def test_cox(entry):
    time, status, x, _ = model(entry)
    if entry.family == "cause_specific_cox":
        status = (status == int(entry.id[-1])).astype(float)
    strata = entry.input["columns"].get("strata")
    fit = regression.cox(time, status, x, None if strata is None else entry.frame[strata].to_numpy(),
                         ties="breslow" if entry.family == "cox_breslow" else "efron")
    if entry.warned:  # R: the coefficient may be infinite
        assert not fit.converged
        assert "separate" in fit.note
        assert np.isnan(fit.coef).all()
        return
    check_fit(fit, entry.values)
    if entry.family == "cox_efron" and x.shape[1] == 1 and "groups" in entry.input:
        ours = regression.hazard_ratio(time, status, x[:, 0])
        row = next(iter(entry.values["coefficients"].values()))
        assert ours.method == "cox-efron"
        close([ours.estimate, ours.lower, ours.upper, ours.p_value],
              [row[key] for key in ("hr", "hr_lower", "hr_upper", "p")], ITERATED, 1e-30)


@family("cox_firth")
def test_firth(entry):
    time, status, x, _ = model(entry)
    fit = regression.firth(time, status, x)
    theirs = {key: [number(v) for v in entry.values[key].values()]
              for key in ("coef", "se", "pl_hr_lower", "pl_hr_upper", "p")}
    close(fit.coef, theirs["coef"], ITERATED, 1e-9)
    close(fit.se, theirs["se"], ITERATED)
    close(np.exp(fit.lower), theirs["pl_hr_lower"], ITERATED)
    close(np.exp(fit.upper), theirs["pl_hr_upper"], ITERATED)
    close(fit.p_value, theirs["p"], ITERATED, 1e-12)  # R subtracts from one and so ends at 1e-16


@family("zph")
def test_proportional_hazards(entry):
    time, status, x, where = model(entry)
    if entry.warned or entry.failed:
        ours = regression.proportional_hazards(time, status, x)
        assert math.isnan(ours.p_value)
        assert ours.note
        return
    for term, theirs in entry.values["km"].items():
        ours = regression.proportional_hazards(time, status, x, columns=None if term == "GLOBAL" else where[term])
        close([ours.statistic, ours.df, ours.p_value], [theirs["chisq"], theirs["df"], theirs["p"]], ITERATED, 1e-9)


@family("landmark_strictly_after", "landmark_at_or_after")
def test_landmark(entry):
    (time, status), group = entry.pair, entry.group
    mask, shifted = km.landmark(time, status, entry.input["landmark"], at_landmark="at_or_after" in entry.family)
    status, group = status[mask], group[mask]
    assert (~mask).sum() == entry.input["n_excluded"]
    assert [int((group == g).sum()) for g in range(len(entry.input["groups"]))] == entry.input["n"]
    check_test(km.logrank(shifted, status, group), entry.values["logrank"])
    fit = regression.cox(shifted, status, group)
    if entry.warned:
        assert not fit.converged
    else:
        check_fit(fit, entry.values["cox"])
    for g, level in enumerate(entry.input["groups"]):
        curve = km.kaplan_meier(shifted[group == g], status[group == g])
        for point in entry.values["km"][str(level)]:
            check_point(curve, point)
