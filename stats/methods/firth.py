"""Cox regression with Firth's penalty: finite also when a group has no event, or the covariates separate.

Half the logarithm of the information's determinant is added to the log likelihood (Jeffreys' prior), which removes the
first-order bias and pulls a maximum at infinity back. Breslow ties, limits from the profile of the penalised
likelihood and P from its ratio, as Heinze and Schemper's coxphf.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from stats.methods.event_tables import Floats
from stats.methods.fits import Covariates, Fit, no_fit, unfitted
from stats.methods.partial_likelihood import Evaluation, Maximum, RiskSets, Terms, flat, least_known, maximise_penalised
from stats.methods.types import Description

DESCRIPTIONS = {
    "cox-firth": Description(
        "Where a group had no event or the Cox model had no finite maximum, hazard ratios are from Cox regression with "
        "Firth's penalty, with profile penalised likelihood confidence limits and penalised likelihood ratio tests.",
        "Firth D. Biometrika 1993;80:27–38; Heinze G, Schemper M. Biometrics 2001;57:114–119",
        name="Cox regression with Firth's penalty",
        reason="Without the penalty the estimate would lie at infinity."),
}

ROUNDING = 1e-13  # share of the information below which that of a direction is lost, and with it the determinant
FARTHEST = 100.0  # from the estimate, for a covariate on unit scale: a limit farther out is infinity


def firth_fit(parts: list[RiskSets], covariates: Covariates, confidence: float) -> Fit:
    """The penalised fit of Breslow risk sets whose covariates are on unit scale."""
    from stats.methods.special import chdtrc, chdtri

    p = covariates.p

    def function(beta: Floats) -> Evaluation:
        return penalised(parts, beta)

    start = np.zeros(p)
    null, _, information = function(start)
    if flat(information):
        return no_fit(covariates, "cox-firth", unfitted(Maximum(start, null, information, False, flat=True)))
    best = maximise_penalised(function, start)
    if not best.converged:
        return no_fit(covariates, "cox-firth", unfitted(best))
    se = np.sqrt(np.diag(np.linalg.inv(best.information)))
    drop = float(chdtri(1, 1 - confidence)) / 2
    lower, upper, p_value = np.empty(p), np.empty(p), np.empty(p)
    for j in range(p):
        profile = _Profile(function, best, j)
        lower[j] = _crossing(profile, best.beta[j], -se[j], best.value - drop)
        upper[j] = _crossing(profile, best.beta[j], se[j], best.value - drop)
        p_value[j] = float(chdtrc(1, max(0.0, 2 * (best.value - profile(0.0)))))
    spread = covariates.spread
    return Fit(best.beta / spread, se / spread, lower / spread, upper / spread, p_value, (null, best.value), True,
               covariates.n, covariates.events, "cox-firth")


def penalised(parts: list[RiskSets], beta: Floats) -> Evaluation:
    """Penalised log likelihood, its gradient, and the information of the likelihood itself.

    The gradient of ½ log|I| is ½ tr(I⁻¹ ∂I): third central moments of the covariates over the risk sets, summed by
    rows as in `partial_likelihood`.
    """
    terms = [Terms.at(sets, beta) for sets in parts]
    value = sum(term.loglik() for term in terms)
    score = np.sum([term.score() for term in terms], axis=0)
    information = np.sum([term.information() for term in terms], axis=0)
    if not least_known(information) > ROUNDING:
        return -math.inf, score, information
    log_det = np.linalg.slogdet(information)[1]
    inverse = np.linalg.inv(information)
    return value + log_det / 2, score + np.sum([_trace(term, inverse) for term in terms], axis=0) / 2, information


def _trace(term: Terms, inverse: Floats) -> Floats:
    """tr(I⁻¹ ∂I/∂β_r) for each r."""
    x, w = term.sets.x, term.w
    across = x @ inverse
    y = (across * x).sum(axis=1)
    plain = term.per_row(lambda steps, _: steps.weight)
    by_mean = term.per_row(lambda steps, mean: steps.weight[:, None] * mean)
    rows = (w * y * plain) @ x - (w * y) @ by_mean - 2 * (w * (across * by_mean).sum(axis=1)) @ x
    return rows + 2 * sum((steps.weight * ((mean @ inverse) * mean).sum(axis=1)) @ mean for steps, _, mean in term.steps())


class _Profile:
    """The penalised log likelihood at a fixed value of coefficient j, maximised over the others."""

    def __init__(self, function: Callable[[Floats], Evaluation], best: Maximum, j: int) -> None:
        self.function, self.j = function, j
        self.others = np.arange(len(best.beta)) != j
        self.best = best.beta
        self.last = best.beta[j], best.beta[self.others]
        free = best.information[np.ix_(self.others, self.others)]
        # how the others give way to j near the maximum: covariates that say nearly the same go far together
        self.slope = np.linalg.solve(free, -best.information[self.others, j]) if self.others.any() else free

    def __call__(self, fixed: float) -> float:
        if not self.others.any():
            return self.function(np.array([fixed]))[0]

        def restricted(free: Floats) -> Evaluation:
            beta = np.empty(len(self.others))
            beta[self.j], beta[self.others] = fixed, free
            value, gradient, information = self.function(beta)
            return value, gradient[self.others], information[np.ix_(self.others, self.others)]

        # the last value asked for lies near; where it doesn't, it may lie where all weight is on one patient
        places = self.last, (self.best[self.j], self.best[self.others]), (fixed, np.zeros(len(self.others) - 1))
        for place, others in places:
            start = others + self.slope * (fixed - place)
            found = maximise_penalised(restricted, start, tolerance=1e-6)  # the value is flat where it is greatest
            if found.converged and math.isfinite(found.value):
                if abs(fixed - self.last[0]) > 1e-6:
                    self.slope = (found.beta - self.last[1]) / (fixed - self.last[0])
                self.last = fixed, found.beta
                return found.value
        return -math.inf


def _crossing(profile: Callable[[float], float], start: float, step: float, level: float) -> float:
    """Where the profile falls to the level on one side of its maximum: doubled steps out, then Illinois' secant."""
    inside, above = start, profile(start) - level
    outside, below = start, above
    while below > 0:
        inside, above = outside, below
        outside = inside + step
        step *= 1.5
        if abs(outside - start) > FARTHEST:
            return math.copysign(math.inf, step)
        below = profile(outside) - level
    side = 0
    for _ in range(200):
        if math.isinf(below):
            middle = (inside + outside) / 2
        else:
            middle = (inside * below - outside * above) / (below - above)
        value = profile(middle) - level
        if abs(outside - inside) < 1e-11 or abs(value) < 1e-10:  # the profile itself is known no better
            break
        if value > 0:
            if abs(middle - inside) < 1e-12:
                break
            inside, above = middle, value
            below = below / 2 if side == 1 else below
            side = 1
        else:
            if abs(middle - outside) < 1e-12:
                break
            outside, below = middle, value
            above = above / 2 if side == -1 else above
            side = -1
    return middle
