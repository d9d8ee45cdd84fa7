"""What a regression returns, and covariates on unit scale, on which Newton's iteration is at home."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.methods.event_tables import Floats
from stats.methods.partial_likelihood import LOST, Maximum
from stats.methods.types import Estimate

CONSTANT = "a covariate does not vary"
COLLINEAR = "a covariate repeats what the others say"
SEPARATED = "the covariates separate those who had an event from the others at risk then: the ratio has no finite estimate"
UNINFORMATIVE = "no event happened while patients who differ in the covariate were at risk"
UNINFORMATIVE_IN_ONE = "no event happened while patients who differ in one of the covariates were at risk"
ENTANGLED = "among those at risk when events happened a covariate repeats what the others say"
NOT_FOUND = "the iteration found no maximum"


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (log ratios, length p) with standard errors, limits and two-sided P values.

    `loglik` is that of the null model and of this one. Not converged: every number is nan and `note` says why.
    """

    coef: Floats
    se: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    loglik: tuple[float, float]
    converged: bool
    n: int
    events: int
    method: str
    note: str = ""

    def ratio(self, i: int) -> Estimate:
        """The ratio of covariate i per unit, with its limits and P."""
        with np.errstate(over="ignore"):
            ratio, lower, upper = np.exp([self.coef[i], self.lower[i], self.upper[i]])
        return Estimate(float(ratio), float(lower), float(upper), float(self.p_value[i]), self.method, self.note)


@dataclass(frozen=True, slots=True)
class Covariates:
    """Columns centred and scaled to unit standard deviation (rows × p); `note` says when no model can use them.

    `n` and `events` count subjects, which may be more than rows where a row is a count.
    """

    scaled: Floats
    spread: Floats
    n: int
    events: int
    note: str = ""

    @property
    def p(self) -> int:
        """Number of covariates."""
        return len(self.spread)


def standardised(x: Floats, events: int, count: NDArray[np.int64] | None = None) -> Covariates:
    """Covariates on unit scale, each row for one subject or for `count`; a constant or collinear column is named in the
    note."""
    often = np.ones(len(x), np.int64) if count is None else count
    n, p = int(often.sum()), x.shape[1]
    if n == 0:
        return Covariates(x, np.ones(p), n, events)
    weight = often[:, None] / n
    centre = (weight * x).sum(axis=0)
    spread = np.sqrt((weight * (x - centre) ** 2).sum(axis=0))
    if (spread <= 1e-12 * np.abs(x).max(axis=0)).any():
        return Covariates(x, np.ones(p), n, events, CONSTANT)
    scaled = (x - centre) / spread
    collinear = p > 1 and np.linalg.eigvalsh(scaled.T @ (weight * scaled)).min() < 1e-10
    return Covariates(scaled, spread, n, events, COLLINEAR if collinear else "")


def unfitted(found: Maximum) -> str:
    """Why an iteration on covariates of unit scale ended without a maximum."""
    if found.separated:
        return SEPARATED
    if not found.flat:
        return NOT_FOUND
    own = np.diag(found.information)
    if own.min() > LOST * max(own.sum(), 1.0):
        return ENTANGLED
    return UNINFORMATIVE if len(own) == 1 else UNINFORMATIVE_IN_ONE


def no_fit(covariates: Covariates, method: str, note: str) -> Fit:
    """Nothing but the reason."""
    nan = np.full(covariates.p, math.nan)
    return Fit(nan, nan, nan, nan, nan, (math.nan, math.nan), False, covariates.n, covariates.events, method, note)


def wald(beta: Floats, covariance: NDArray, covariates: Covariates, confidence: float, method: str,
         loglik: tuple[float, float]) -> Fit:
    """A converged fit in the covariates' own units, with limits and P from the normal approximation."""
    from stats.methods.special import ndtr, ndtri

    coef, se = beta / covariates.spread, np.sqrt(np.diag(covariance)) / covariates.spread
    half = float(ndtri(1 - (1 - confidence) / 2)) * se
    return Fit(coef, se, coef - half, coef + half, 2 * ndtr(-np.abs(coef) / se), loglik, True, covariates.n,
               covariates.events, method)
