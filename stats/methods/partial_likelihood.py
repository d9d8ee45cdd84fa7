"""The Cox partial likelihood and its derivatives, for any number of subjects without a loop over them.

A row is a subject, or a count of subjects alike in time and covariates. With w = exp(xβ), the sums over a risk set are
reverse cumulative sums over the distinct times. At the k-th of d tied events Efron's denominator is
φ = S₀ − (k/d)·D₀ with S over those at risk and D over those with the event; Breslow's is S₀ each time. The information
Σ (S₂ − f D₂)/φ − a aᵀ is summed by exchanging the order: every row carries Σ 1/φ over the event times it was at risk
for, so no p × p matrix per time is ever held.

Efron's ties have one step for each event. Of many millions they are made anew, a portion at a time, so that what is
held grows with the distinct times alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stats.methods.event_tables import Floats, GroupedTable, blocks

HELD = 1 << 20  # steps held at a time
FLAT = 1e-7  # share of the initial information below which a direction counts as lost: a ratio of e⁸ and more
LOST = 1e-10  # share of all information below which that of a direction is rounding
NUDGE = 1e-5  # of a coefficient of a covariate on unit scale, to see how a gradient changes

Evaluation = tuple[float, Floats, Floats]  # value, gradient (p), information (p × p)


@dataclass(frozen=True, slots=True)
class Steps:
    """Terms of the likelihood in a row: each its block, the share of the block's events already gone, and its weight.

    `first` is the first step of each block that has one.
    """

    block: NDArray[np.intp]
    gone: Floats
    weight: Floats
    first: NDArray[np.intp]

    @classmethod
    def of(cls, hit: NDArray[np.intp], tied: NDArray[np.intp], efron: bool) -> Steps:
        """Those of blocks with so many events each: one step for each event by Efron, one for all by Breslow."""
        if not efron:
            return cls(hit, np.zeros(len(hit)), tied.astype(float), np.arange(len(hit)))
        block, first = np.repeat(hit, tied), np.cumsum(tied) - tied
        gone = (np.arange(len(block)) - np.repeat(first, tied)) / np.repeat(tied, tied)
        return cls(block, gone, np.ones(len(block)), first)


@dataclass(frozen=True, slots=True)
class RiskSets:
    """One stratum: rows ascending by time. `block` numbers a row's time; `leaving` and `events` are counts per row.

    `when` gives each block's place among the distinct times of all strata, `first` its first row; `hit` are the blocks
    with an event and `tied` how many. Steps are held as long as they are few: of millions a portion at a time is made.
    """

    x: Floats
    leaving: Floats
    events: Floats
    block: NDArray[np.intp]
    when: NDArray[np.intp]
    first: NDArray[np.intp]
    hit: NDArray[np.intp]
    tied: NDArray[np.intp]
    efron: bool
    held: tuple[Steps, ...]

    @classmethod
    def of(cls, x: Floats, leaving: Floats, events: Floats, pooled: NDArray[np.intp], ties: str) -> RiskSets:
        """Rows in the order of `pooled`, their place among all distinct times; ties efron or breslow."""
        first = np.flatnonzero(np.diff(pooled, prepend=-1))
        block = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(pooled))))
        per_block = np.bincount(block, events).astype(np.intp)
        hit = np.flatnonzero(per_block)
        efron, tied = ties != "breslow", per_block[hit]
        held = (Steps.of(hit, tied, efron),) if not efron or tied.sum() <= HELD else ()
        return cls(x, leaving, events, block, pooled[first], first, hit, tied, efron, held)

    @property
    def corrected(self) -> bool:
        """Efron's correction has something to correct."""
        return self.efron and bool((self.tied > 1).any())

    def steps(self) -> Iterator[Steps]:
        """All steps, in portions that hold whole blocks."""
        if self.held:
            yield from self.held
            return
        portion = np.cumsum(self.tied) // HELD
        for number in np.unique(portion):
            inside = portion == number
            yield Steps.of(self.hit[inside], self.tied[inside], self.efron)

    def by_block(self, values: Floats) -> Floats:
        """Sum rows (n or n × p) per block."""
        return np.add.reduceat(values, self.first, axis=0)

    def at_risk(self, values: Floats) -> Floats:
        """Sum rows (n or n × p) over everybody at risk, per block."""
        return np.cumsum(self.by_block(values)[::-1], axis=0)[::-1]


def from_rows(time: Floats, status: Floats, x: Floats, strata: NDArray | None = None, ties: str = "efron",
              count: NDArray[np.int64] | None = None) -> list[RiskSets]:
    """Risk sets out of rows, each for one subject or for `count`: x of shape n × p; ties are merged over everybody before
    the strata part."""
    order, _, block = blocks(time)
    leaving = np.ones(len(order)) if count is None else count[order].astype(float)
    events, x = status[order] * leaving, x[order]
    parts = [np.arange(len(order))]
    if strata is not None:
        labels = strata[order]
        parts = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return [RiskSets.of(x[rows], leaving[rows], events[rows], block[rows], ties) for rows in parts]


def from_table(table: GroupedTable, x: Floats, ties: str = "efron") -> list[RiskSets]:
    """Risk sets out of counts: the covariate of each group in x; a million subjects are then a few hundred rows."""
    leaving = (table.events + table.censored).T
    block, group = np.nonzero(leaving)
    covariate = x[group][:, None]
    return [RiskSets.of(covariate, leaving[block, group].astype(float), table.events.T[block, group].astype(float),
                        block, ties)]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one stratum gives at β: w = exp(xβ) per row; per block the sums of w and wx over those at risk and, where ties
    are corrected for, over those with the event."""

    sets: RiskSets
    eta: Floats
    w: Floats
    present: tuple[Floats, Floats]
    leaving: tuple[Floats, Floats] | None
    held: tuple[tuple[Steps, Floats, Floats], ...] = ()

    @classmethod
    def at(cls, sets: RiskSets, beta: Floats) -> Terms:
        """The sums at β; the linear predictor is shifted by its maximum, which cancels and never overflows."""
        eta = sets.x @ beta
        eta = eta - eta.max()
        w = np.exp(eta)
        wx = w[:, None] * sets.x
        present = sets.at_risk(sets.leaving * w), sets.at_risk(sets.leaving[:, None] * wx)
        leaving = (sets.by_block(sets.events * w), sets.by_block(sets.events[:, None] * wx)) if sets.corrected else None
        made = cls(sets, eta, w, present, leaving)
        return replace(made, held=tuple(map(made._filled, sets.held)))

    def steps(self) -> Iterator[tuple[Steps, Floats, Floats]]:
        """(steps, denominator φ, mean covariate a) of all steps, in portions."""
        return iter(self.held) if self.held else map(self._filled, self.sets.steps())

    def _filled(self, steps: Steps) -> tuple[Steps, Floats, Floats]:
        phi, first = (sums[steps.block] for sums in self.present)
        if self.leaving is not None:
            gone, gone_x = self.leaving
            phi = phi - steps.gone * gone[steps.block]
            first = first - steps.gone[:, None] * gone_x[steps.block]
        return steps, phi, first / phi[:, None]

    def per_row(self, terms: Callable[[Steps, Floats], Floats]) -> Floats:
        """For every row the sum of c/φ over the steps it was at risk for; `terms` makes c of steps and mean covariate.

        c has one entry for each step, or one row of p.
        """
        sets = self.sets
        sums: Floats | None = None
        for steps, phi, mean in self.steps():
            c = terms(steps, mean)
            c = c / phi.reshape(-1, *(1,) * (c.ndim - 1))
            if sums is None:
                sums = np.zeros((2, len(sets.when), *c.shape[1:]))
            hit = steps.block[steps.first]
            sums[0][hit] = np.add.reduceat(c, steps.first, axis=0)
            if self.leaving is not None:
                sums[1][hit] = np.add.reduceat(c * steps.gone.reshape(-1, *(1,) * (c.ndim - 1)), steps.first, axis=0)
        assert sums is not None  # a model without an event is never formed
        tail = (1,) * (sums.ndim - 2)
        total = np.cumsum(sums[0], axis=0)[sets.block] * sets.leaving.reshape(-1, *tail)
        if self.leaving is not None:
            total = total - sums[1][sets.block] * sets.events.reshape(-1, *tail)
        return total

    def loglik(self) -> float:
        """The log partial likelihood."""
        return float(self.sets.events @ self.eta) - sum(float(steps.weight @ np.log(phi)) for steps, phi, _ in self.steps())

    def score(self, scale: Floats | None = None) -> Floats:
        """Σ (x − a) over the events; `scale` multiplies the terms of each block."""
        sets = self.sets
        events = sets.events if scale is None else sets.events * scale[sets.block]
        return events @ sets.x - sum(_weight(steps, scale) @ mean for steps, _, mean in self.steps())

    def information(self, scale: Floats | None = None) -> Floats:
        """Σ of the covariate's variance over the risk sets, p × p."""
        sets = self.sets
        row = self.w * self.per_row(lambda steps, _: _weight(steps, scale))
        return sets.x.T @ (row[:, None] * sets.x) - sum(
            mean.T @ (_weight(steps, scale)[:, None] * mean) for steps, _, mean in self.steps())


def _weight(steps: Steps, scale: Floats | None) -> Floats:
    return steps.weight if scale is None else steps.weight * scale[steps.block]


def evaluate(parts: list[RiskSets], beta: Floats) -> Evaluation:
    """Log likelihood, score and information of all strata together."""
    terms = [Terms.at(sets, beta) for sets in parts]
    return (sum(term.loglik() for term in terms), np.sum([term.score() for term in terms], axis=0),
            np.sum([term.information() for term in terms], axis=0))


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where Newton's iteration ended; `separated`: some direction has no maximum, the likelihood rises for ever.

    `flat`: the information says nothing about some direction from the start on; it is then the information there.
    """

    beta: Floats
    value: float
    information: Floats
    converged: bool
    separated: bool = False
    flat: bool = False


def maximise(function: Callable[[Floats], Evaluation], start: Floats, *, steps: int = 100, longest: float = 4.0,
             tolerance: float = 1e-10) -> Maximum:
    """Newton's iteration with halved steps, to the last digits (R stops at a relative change of 1e-9).

    Covariates must be on unit scale. Ends unconverged when the information is singular, or so small a part of what it
    was at the start that the maximum lies at infinity.
    """
    beta = start
    value, gradient, information = function(beta)
    if flat(information):
        return Maximum(beta, value, information, False, flat=True)
    root = np.linalg.cholesky(information)
    for _ in range(steps):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return Maximum(beta, value, information, False, True)
        step, (value, gradient, information) = _uphill(function, beta, value, step, longest)
        beta = beta + step
        relative = np.linalg.solve(root, np.linalg.solve(root, information).T)
        if not np.isfinite(relative).all() or np.linalg.eigvalsh(relative).min() < FLAT:
            return Maximum(beta, value, information, False, True)
        if np.abs(step).max() <= tolerance:
            return Maximum(beta, value, information, True)
    return Maximum(beta, value, information, False, bool(np.abs(step).max() > 1))  # a hundred steps, and still on its way


def maximise_penalised(function: Callable[[Floats], Evaluation], start: Floats, *, tolerance: float = 1e-9) -> Maximum:
    """The same for a function whose information isn't its curvature, as under a penalty: it has a maximum everywhere.

    With many events the information is near enough. With very few it isn't: steps overshoot and go to and fro. From the
    first step on that isn't a quarter of the one before, the curvature is that of the gradient, by small differences.
    """
    beta, last, near = start, np.inf, True
    value, gradient, information = function(beta)
    if not np.isfinite(value):
        return Maximum(beta, value, information, False)
    for _ in range(200):
        curvature = information if near else _curvature(function, beta, gradient, information)
        try:
            step = np.linalg.solve(curvature, gradient)
        except np.linalg.LinAlgError:
            break
        step, (value, gradient, information) = _uphill(function, beta, value, step, 4.0)
        beta, size = beta + step, float(np.abs(step).max())
        if size <= tolerance:
            return Maximum(beta, value, information, True)
        near, last = near and size < last / 4, size
    return Maximum(beta, value, information, False)


def flat(information: Floats) -> bool:
    """Whether the information about some direction is rounding, beside all there is and beside that of one event, which
    for covariates on unit scale is about one."""
    return not least_known(information) > LOST or bool(np.linalg.eigvalsh(information).min() <= LOST)


def least_known(information: Floats) -> float:
    """The share that the worst known direction has of all information, 0 where that isn't finite."""
    if not np.isfinite(information).all():
        return 0.0
    return float(np.linalg.eigvalsh(information).min() / max(np.trace(information), 1e-300))


def _uphill(function: Callable[[Floats], Evaluation], beta: Floats, value: float, step: NDArray,
            longest: float) -> tuple[NDArray, Evaluation]:
    """The step, shortened until the function doesn't fall, and what the function is there."""
    step = step * min(1.0, longest / max(float(np.abs(step).max()), 1e-300))
    for _ in range(40):
        found = function(beta + step)
        if found[0] >= value - 1e-11 * (1 + abs(value)):
            break
        step = step / 2
    return step, found


def _curvature(function: Callable[[Floats], Evaluation], beta: Floats, gradient: Floats, information: Floats) -> Floats:
    """How fast the gradient falls in each direction; the information where that is no maximum's curvature."""
    beside = [function(beta + shift)[1] for shift in NUDGE * np.eye(len(beta))]
    found = (gradient - np.array(beside)) / NUDGE
    found = (found + found.T) / 2
    bent = np.isfinite(found).all() and np.linalg.eigvalsh(found).min() > LOST * np.trace(information)
    return found if bent else information
