"""Fine and Gray's regression for the subdistribution hazard, as cmprsk's crr: Breslow ties, robust standard errors.

Those with a competing event stay at risk, with weight G(t−)/G(T−), G the Kaplan–Meier curve of censoring. Risk-set
sums are reverse cumulative sums for those not yet gone and forward ones for those kept by weight, so nothing grows
faster than the sorting. The sandwich variance has the martingale residuals of the event and the part that comes from
estimating G. lifelines has no such model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.event_tables import Counts, Floats, alike, blocks, given, known_rows, unusable
from stats.methods.fits import Covariates, Fit, no_fit, standardised, unfitted, wald
from stats.methods.partial_likelihood import Evaluation, maximise
from stats.methods.types import Description, Estimate

DESCRIPTIONS = {
    "fine-gray": Description(
        "Subdistribution hazard ratios are from Fine and Gray's proportional hazards regression with robust standard "
        "errors.", "Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496–509", name="Fine–Gray regression"),
}

NO_EVENTS = "no events of this kind"
NO_EVENTS_IN_ONE = "no events of this kind in one of the groups"
ONE_GROUP = "only one group has patients"
ALL_AT_ONCE = "everybody still at risk had the event at the same time: no residual is left to estimate an error from"


def fine_gray(time: ArrayLike, status: ArrayLike, x: ArrayLike, confidence: float = 0.95, cause: int = 1,
              count: ArrayLike | None = None) -> Fit:
    """Log subdistribution hazard ratios of `cause` for covariates x (n × p, or n), Wald limits from robust errors.

    Status 0 is censored, every other code than `cause` competing; rows with a missing value are left out. Without a
    finite maximum every number is nan and the note says why.
    """
    columns = np.asarray(x, float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    times, codes, rows, often, _ = alike(*known_rows(time, status, columns, *given(count)))
    covariates = standardised(rows, int(often[codes == cause].sum()), often)
    note = (unusable(times, codes, math.inf) or covariates.note
            or ("" if (codes == cause).any() else NO_EVENTS))
    if note:
        return no_fit(covariates, "fine-gray", note)
    data = _Data.of(times, codes, covariates, cause, often)
    start = np.zeros(covariates.p)
    found = maximise(data.evaluate, start)
    if not found.converged:
        return no_fit(covariates, "fine-gray", unfitted(found))
    inverse = np.linalg.inv(found.information)
    residuals = data.residuals(found.beta)
    covariance = inverse @ (residuals.T @ (data.count[:, None] * residuals)) @ inverse
    if np.diag(covariance).min() < 1e-14:
        return no_fit(covariates, "fine-gray", ALL_AT_ONCE)
    return wald(found.beta, covariance, covariates, confidence, "fine-gray", (data.evaluate(start)[0], found.value))


def subhazard_ratio(time: ArrayLike, status: ArrayLike, group: ArrayLike, confidence: float = 0.95, cause: int = 1,
                    count: ArrayLike | None = None) -> Estimate:
    """Subdistribution hazard of `cause` in group 1 over group 0."""
    times, codes, member, *often = known_rows(time, status, np.asarray(group, float), *given(count))
    per_group = [(codes[member == label] == cause).any() for label in np.unique(member)]
    note = unusable(times, codes, math.inf) or (
        ONE_GROUP if len(per_group) < 2 else NO_EVENTS if not any(per_group)
        else "" if all(per_group) else NO_EVENTS_IN_ONE)
    if note:
        return Estimate(math.nan, method="fine-gray", note=note)
    return fine_gray(times, codes, member, confidence, cause, *often).ratio(0)


@dataclass(frozen=True, slots=True)
class _Data:
    """Rows ascending by time with their block, each for `count` subjects; per block the events of the cause, the
    censored, those at risk and the censoring curve just before it. `kept` is 1/G(T−) for those with a competing event,
    0 for the others."""

    x: Floats
    count: Floats
    block: NDArray[np.intp]
    first: NDArray[np.intp]
    event: Floats
    censored: Floats
    kept: Floats
    events: Floats
    censorings: Floats
    at_risk: Floats
    followed: Floats

    @classmethod
    def of(cls, time: Floats, codes: Floats, covariates: Covariates, cause: int, often: Counts | None = None) -> _Data:
        order, _, block = blocks(time)
        codes, x = codes[order], covariates.scaled[order]
        count = np.ones(len(order)) if often is None else often[order].astype(float)
        event, censored = (codes == cause).astype(float), (codes == 0).astype(float)
        first = np.flatnonzero(np.diff(block, prepend=-1))
        at_risk = _from_end(np.add.reduceat(count, first))
        censorings = np.add.reduceat(count * censored, first)
        followed = np.concatenate([[1.0], np.cumprod(1 - censorings / at_risk)[:-1]])
        kept = np.divide(1, followed[block], out=np.zeros(len(block)), where=(event == 0) & (censored == 0))
        events = np.add.reduceat(count * event, first)
        return cls(x, count, block, first, event, censored, kept, events, censorings, at_risk, followed)

    def _sum(self, values: Floats) -> Floats:
        """Over the subjects of each block, of a value per row."""
        return np.add.reduceat(self.count[:, None] * values, self.first, axis=0)

    def _terms(self, beta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Shifted linear predictor and its exponential per row; risk-set total and mean covariate per block."""
        eta = self.x @ beta
        eta = eta - eta.max()
        w = np.exp(eta)
        columns = np.column_stack([w, w[:, None] * self.x])
        present = _from_end(self._sum(columns))
        gone = _before(self._sum(columns * self.kept[:, None]))
        sums = present + self.followed[:, None] * gone
        return eta, w, sums[:, 0], sums[:, 1:] / sums[:, :1]

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log likelihood, score and information."""
        eta, w, total, mean = self._terms(beta)
        d = self.events
        hazard = d / total
        row, event = self.count * w * self._exposure(hazard), self.count * self.event
        information = self.x.T @ (row[:, None] * self.x) - mean.T @ (d[:, None] * mean)
        return float(event @ eta) - float(d @ np.log(total)), event @ self.x - d @ mean, information

    def _exposure(self, hazard: Floats) -> Floats:
        """Hazard each row was exposed to: up to its time, and with its weight after a competing event."""
        tail = (1,) * (hazard.ndim - 1)
        weighted = hazard * self.followed.reshape(-1, *tail)
        after = _from_end(weighted) - weighted
        return np.cumsum(hazard, axis=0)[self.block] + self.kept.reshape(-1, *tail) * after[self.block]

    def residuals(self, beta: Floats) -> Floats:
        """Each subject's contribution to the score, n × p: its martingale part and its part in estimating G."""
        _, w, total, mean = self._terms(beta)
        hazard = self.events / total
        moment = hazard[:, None] * mean
        own = (self.event[:, None] * (self.x - mean[self.block])
               - w[:, None] * (self.x * self._exposure(hazard)[:, None] - self._exposure(moment)))
        # q(u): what a censoring at u changes, through the weights of those whose competing event came before u
        columns = np.column_stack([w, w[:, None] * self.x]) * self.kept[:, None]
        gone = _before(self._sum(columns))
        ahead, ahead_mean = _from_end(hazard * self.followed), _from_end(moment * self.followed[:, None])
        q = gone[:, 1:] * ahead[:, None] - gone[:, :1] * ahead_mean
        per_censoring = q / self.at_risk[:, None]
        drift = np.cumsum(self.censorings[:, None] * per_censoring / self.at_risk[:, None], axis=0)
        return own + self.censored[:, None] * per_censoring[self.block] - drift[self.block]


def _from_end(values: Floats) -> Floats:
    return np.cumsum(values[::-1], axis=0)[::-1]


def _before(values: Floats) -> Floats:
    return np.cumsum(values, axis=0) - values
