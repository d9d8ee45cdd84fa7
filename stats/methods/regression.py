"""Cox regression, the hazard ratio between two groups, and the test of proportional hazards.

Own Newton iteration on `partial_likelihood`: lifelines' CoxPHFitter stops early (a coefficient off by a quarter of a
percent at its default precision), only warns when the model separates, has no Firth penalty, and loops over subjects
(minutes where this takes less than a second). At tightened precision the two agree; `second_opinion` holds them
together. lifelines' `proportional_hazard_test` is the approximation R gave up with survival version three.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import (
    EventTable,
    Floats,
    GroupedTable,
    alike,
    event_table,
    given,
    grouped_table,
    known_rows,
)
from stats.methods.firth import firth_fit
from stats.methods.fits import UNINFORMATIVE, Covariates, Fit, no_fit, standardised, unfitted, wald
from stats.methods.kaplan_meier import kaplan_meier
from stats.methods.logrank import NOT_TOGETHER
from stats.methods.partial_likelihood import RiskSets, Terms, evaluate, from_rows, from_table, maximise
from stats.methods.types import Description, Estimate, Test

__all__ = ["Fit", "cox", "firth", "hazard_ratio", "proportional_hazards", "stratified_hazard_ratio"]

DESCRIPTIONS = {
    "cox-efron": Description(
        "Hazard ratios are from Cox proportional hazards regression with Efron's handling of ties and Wald confidence "
        "limits.", "Cox DR. J R Stat Soc B 1972;34:187–220; Efron B. J Am Stat Assoc 1977;72:557–565",
        name="Cox regression"),
    "cox-stratified": Description(
        "Hazard ratios are from stratified Cox proportional hazards regression, in which each stratum has a baseline "
        "hazard of its own, with Wald confidence limits.", "Cox DR. J R Stat Soc B 1972;34:187–220",
        name="stratified Cox regression"),
    "cox-breslow": Description(
        "Hazard ratios are from Cox proportional hazards regression with Breslow's handling of ties and Wald "
        "confidence limits.", "Cox DR. J R Stat Soc B 1972;34:187–220; Breslow N. Biometrics 1974;30:89–99",
        name="Cox regression, Breslow ties"),
    "proportional-hazards": Description(
        "The proportional hazards assumption was tested with the score test for a coefficient that changes with the "
        "Kaplan–Meier transform of time.", "Grambsch PM, Therneau TM. Biometrika 1994;81:515–526",
        name="test of proportional hazards"),
}

NO_EVENTS = "no events"
ONE_TIME = "the events happened at too few times to see a change"
ONE_GROUP = "only one group has patients"


@dataclass(frozen=True, slots=True)
class _Model:
    """Covariates, risk sets and the events per time of everybody; a note instead where there is no model to fit."""

    covariates: Covariates
    parts: list[RiskSets]
    table: EventTable
    note: str = ""


def _model(time: ArrayLike, status: ArrayLike, x: ArrayLike, strata: ArrayLike | None, ties: str,
           count: ArrayLike | None) -> _Model:
    columns = np.asarray(x, float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    times, flags, rows, *more = known_rows(time, status, columns, *given(strata, count))
    labels = None if strata is None else more[0]
    times, flags, rows, often, labels = alike(times, flags, rows, None if count is None else more[-1], labels)
    table = event_table(times, flags, often)
    covariates = standardised(rows, int(table.events.sum()), often)
    note = table.note or ("" if table.events.any() else NO_EVENTS) or covariates.note
    parts = [] if note else from_rows(times, flags, covariates.scaled, labels, ties, often)
    return _Model(covariates, parts, table, note)


def cox(time: ArrayLike, status: ArrayLike, x: ArrayLike, strata: ArrayLike | None = None, confidence: float = 0.95,
        ties: str = "efron", count: ArrayLike | None = None) -> Fit:
    """Cox's model for covariates x (n × p, or n), as R's coxph; coefficients and Wald limits on the log scale.

    Rows with a missing value are left out. Without a finite maximum every number is nan, `converged` is False and
    the note says why (no events, a covariate that does not vary, covariates that separate).
    """
    method = f"cox-{ties}"
    model = _model(time, status, x, strata, ties, count)
    if model.note:
        return no_fit(model.covariates, method, model.note)
    start = np.zeros(model.covariates.p)
    found = maximise(lambda beta: evaluate(model.parts, beta), start)
    if not found.converged:
        return no_fit(model.covariates, method, unfitted(found))
    return wald(found.beta, np.linalg.inv(found.information), model.covariates, confidence, method,
                (evaluate(model.parts, start)[0], found.value))


def firth(time: ArrayLike, status: ArrayLike, x: ArrayLike, strata: ArrayLike | None = None,
          confidence: float = 0.95, count: ArrayLike | None = None) -> Fit:
    """Cox's model with Firth's penalty, Breslow ties and profile limits, as coxphf; finite also under separation."""
    model = _model(time, status, x, strata, "breslow", count)
    if model.note:
        return no_fit(model.covariates, "cox-firth", model.note)
    return firth_fit(model.parts, model.covariates, confidence)


def hazard_ratio(time: ArrayLike | GroupedTable, status: ArrayLike | None = None, group: ArrayLike | None = None,
                 confidence: float = 0.95, ties: str = "efron", count: ArrayLike | None = None) -> Estimate:
    """Hazard in group 1 over group 0: Cox with Efron (or Breslow) ties, Wald limits and P.

    Where a group has no event, or events never compete (the likelihood has no maximum), the Firth-penalised ratio
    with profile limits and the penalised likelihood ratio P instead; `method` says which ran.
    """
    table = grouped_table(time, status, group, count)
    if table.note or len(table.groups) < 2 or not table.events.any():
        note = table.note or (ONE_GROUP if len(table.groups) < 2 else NO_EVENTS)
        return Estimate(math.nan, method=f"cox-{ties}", note=note)
    if len(table.groups) > 2:
        raise ValueError("a hazard ratio compares two groups")
    share = table.n[1] / table.n.sum()
    spread = math.sqrt(share * (1 - share))
    scaled = np.array([-share, 1 - share]) / spread
    covariates = Covariates(scaled[:, None], np.array([spread]), int(table.n.sum()), int(table.events.sum()))
    if table.events.any(axis=1).all():
        parts = from_table(table, scaled, ties)
        found = maximise(lambda beta: evaluate(parts, beta), np.zeros(1))
        if found.converged:
            fit = wald(found.beta, np.linalg.inv(found.information), covariates, confidence, f"cox-{ties}",
                       (math.nan, found.value))
            return fit.ratio(0)
    return _of_groups(firth_fit(from_table(table, scaled, "breslow"), covariates, confidence).ratio(0))


def stratified_hazard_ratio(time: ArrayLike, status: ArrayLike, group: ArrayLike, strata: ArrayLike,
                            confidence: float = 0.95, ties: str = "efron", count: ArrayLike | None = None) -> Estimate:
    """Hazard in group 1 over group 0 within strata that each have a baseline hazard of their own, as coxph + strata().

    Firth's penalty where that has no maximum; nan with a note where groups never compete within a stratum.
    """
    _, _, labels, *_ = known_rows(time, status, np.asarray(group, float), strata)
    if len(np.unique(labels)) == 1:
        return Estimate(math.nan, method="cox-stratified", note=ONE_GROUP)
    plain = cox(time, status, group, strata, confidence, ties, count)
    if not plain.converged and (penalised := firth(time, status, group, strata, confidence, count)).converged:
        return penalised.ratio(0)
    return replace(_of_groups(plain.ratio(0), " in the same stratum"), method="cox-stratified")


def _of_groups(ratio: Estimate, where: str = "") -> Estimate:
    """A ratio of two groups whose reason speaks of them, and not of a covariate."""
    return replace(ratio, note=NOT_TOGETHER.format("both", where)) if ratio.note == UNINFORMATIVE else ratio


def proportional_hazards(time: ArrayLike, status: ArrayLike, x: ArrayLike, strata: ArrayLike | None = None,
                         columns: list[int] | None = None, ties: str = "efron", count: ArrayLike | None = None) -> Test:
    """Score test that coefficients do not change with 1 − KM(t−), as cox.zph of R's survival from version three on.

    `columns` are those tested together (all unless given); all stay in the model.
    """
    method = "proportional-hazards"
    model = _model(time, status, x, strata, ties, count)
    if model.note:
        return Test(math.nan, method=method, note=model.note)
    p = model.covariates.p
    found = maximise(lambda beta: evaluate(model.parts, beta), np.zeros(p))
    if not found.converged:
        return Test(math.nan, method=method, note=unfitted(found))
    from stats.methods.special import chdtrc

    clock = _clock(model.table)
    score, cross, own = np.zeros(p), np.zeros((p, p)), np.zeros((p, p))
    for sets in model.parts:
        terms, scale = Terms.at(sets, found.beta), clock[sets.when]
        score += terms.score(scale)
        cross += terms.information(scale)
        own += terms.information(scale**2)
    tested = list(range(p)) if columns is None else columns
    cross, own = cross[:, tested], own[np.ix_(tested, tested)]
    left = own - cross.T @ np.linalg.solve(found.information, cross)
    if np.linalg.matrix_rank(left, tol=1e-10 * float(np.diag(found.information).max()), hermitian=True) < len(tested):
        return Test(math.nan, method=method, note=ONE_TIME)
    chi2 = float(score[tested] @ np.linalg.solve(left, score[tested]))
    return Test(float(chdtrc(len(tested), chi2)), chi2, len(tested), method)


def _clock(table: EventTable) -> Floats:
    """1 − the Kaplan–Meier estimate of all subjects just before each distinct time, centred over the events."""
    survival = kaplan_meier(table).survival
    passed = 1 - np.concatenate([[1.0], survival[:-1]])
    return passed - float(passed @ table.events) / table.events.sum()
