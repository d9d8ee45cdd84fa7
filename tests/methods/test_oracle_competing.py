"""Every competing-risks entry of the reference values, against R; skipped where they are not at hand."""

import math

import numpy as np
from oracle_survival import CLOSED, MARKS, check_fit, close, family, model

from stats.methods import competing, fine_gray, fits

pytestmark = MARKS


@family("cif_cmprsk", "cif_survfit")
def test_cumulative_incidence(entry):
    time, status = entry.pair
    for cause, rows in entry.values.items():
        curve = competing.aalen_johansen(time, status, int(cause))
        assert curve.n == entry.input.get("n", curve.n)
        for theirs in rows:
            ours = competing.at(curve, theirs["time"])
            if math.isnan(ours.p):
                assert theirs["time"] > curve.last_time
                continue
            if theirs["cif"] != "NA":
                close(ours.p, theirs["cif"])
            if entry.family == "cif_survfit":
                assert ours.at_risk == theirs["n_risk"]
            elif theirs["cif"] != "NA" and 0 < ours.p < 1:
                step = np.searchsorted(curve.time, theirs["time"], side="right") - 1
                close([curve.se[step] ** 2, ours.lower, ours.upper],
                      [theirs[key] for key in ("var", "loglog_lower", "loglog_upper")])


@family("gray")
def test_gray(entry):
    (time, status), group = entry.pair, entry.group
    for cause, theirs in entry.values.items():
        ours = competing.gray(time, status, group, int(cause))
        close([ours.statistic, ours.df, ours.p_value], [theirs["stat"], theirs["df"], theirs["pv"]], absolute=1e-14)


@family("finegray_crr", "finegray_crr_multi")
def test_fine_gray(entry):
    """crr stops at a score of a millionth of its log likelihood: stopped there our iteration is where crr is."""
    time, status, x, _ = model(entry)
    cause = 1 if entry.family.endswith("multi") else int(entry.id[-1])
    fit = competing.fine_gray(time, status, x, cause=cause)
    if not entry.values["converged"]:
        assert not fit.converged
        assert "separate" in fit.note
        ratio = competing.subhazard_ratio(time, status, x[:, 0], cause=cause)
        assert math.isnan(ratio.estimate)
        assert "no events of this kind in one of the groups" in ratio.note
        return None
    rows = list(entry.values["coefficients"].values())
    if ((time == 0) & (status == 0)).any():  # crr takes the censoring curve after, not before, a censoring at day zero
        close(fit.coef, [row["coef"] for row in rows], 1e-3)
        return close(fit.se, [row["se"] for row in rows], 1e-3)
    stopped = stopped_as_crr(time, status, x, cause)
    check_fit(stopped, {**entry.values, "coefficients": {
        i: {**row, "hr_lower": row["lower"], "hr_upper": row["upper"]} for i, row in enumerate(rows)}}, CLOSED)
    assert fit.loglik[1] >= stopped.loglik[1] - 1e-9
    close(fit.coef, [row["coef"] for row in rows], 1e-4, 1e-5)
    close(fit.se, [row["se"] for row in rows], 1e-4)
    if x.shape[1] == 1:
        ours = competing.subhazard_ratio(time, status, x[:, 0], cause=cause)
        np.testing.assert_allclose([ours.estimate, ours.lower, ours.upper, ours.p_value],
                                   [*np.ravel(np.exp([fit.coef, fit.lower, fit.upper])), fit.p_value[0]])
    return None


def stopped_as_crr(time, status, x, cause):
    """Newton's iteration ended by crr's own rule (gtol = 1e-6), on the covariates' own scale."""
    covariates = fits.standardised(x, int((status == cause).sum()))
    data, spread = fine_gray._Data.of(time, status, covariates, cause), covariates.spread
    beta = np.zeros(covariates.p)
    for _ in range(10):
        value, score, information = data.evaluate(beta)
        if np.abs(score * spread * np.maximum(np.abs(beta / spread), 1)).max() < max(abs(value), 1) * 1e-6:
            break
        beta = beta + np.linalg.solve(information, score)
    residuals, inverse = data.residuals(beta), np.linalg.inv(information)
    return fits.wald(beta, inverse @ residuals.T @ residuals @ inverse, covariates, 0.95, "",
                     (data.evaluate(0 * beta)[0], value))
