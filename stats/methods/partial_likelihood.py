"""The Cox partial likelihood and its derivatives, for any number of subjects without a loop over them.

A row is a subject, or a count of subjects alike in time and covariates. With w = exp(xβ), the sums over a risk set are
reverse cumulative sums over the distinct times. At the k-th of d tied events Efron's denominator is
φ = S₀ − (k/d)·D₀ with S over those at risk and D over those with the event; Breslow's is S₀ each time. The information
Σ (S₂ − f D₂)/φ − a aᵀ is summed by exchanging the order: every row carries Σ 1/φ over the event times it was at risk
for, so no p × p matrix per time is ever held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stats.methods.event_tables import Floats, GroupedTable, blocks

FLAT = 1e-7  # share of the initial information below which a direction counts as lost: a ratio of e⁸ and more

Evaluation = tuple[float, Floats, Floats]  # value, gradient (p), information (p × p)


@dataclass(frozen=True, slots=True)
class RiskSets:
    """One stratum: rows ascending by time. `block` numbers a row's time; `leaving` and `events` are counts per row.

    A step is one term of the likelihood: its block, the share of the tied events already gone, and its weight.
    `when` gives each block's place among the distinct times of all strata, `first` its first row, and `first_step`
    the first step of each block that has one.
    """

    x: Floats
    leaving: Floats
    events: Floats
    block: NDArray[np.intp]
    step: NDArray[np.intp]
    gone: Floats
    weight: Floats
    when: NDArray[np.intp]
    first: NDArray[np.intp]
    first_step: NDArray[np.intp]

    @classmethod
    def of(cls, x: Floats, leaving: Floats, events: Floats, pooled: NDArray[np.intp], ties: str) -> RiskSets:
        """Rows in the order of `pooled`, their place among all distinct times; ties efron or breslow."""
        first = np.flatnonzero(np.diff(pooled, prepend=-1))
        when = pooled[first]
        block = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(pooled))))
        per_block = np.bincount(block, events).astype(np.intp)
        hit = np.flatnonzero(per_block)
        if ties == "breslow":
            return cls(x, leaving, events, block, hit, np.zeros(len(hit)), per_block[hit].astype(float), when, first,
                       np.arange(len(hit)))
        step = np.repeat(hit, per_block[hit])
        first_step = np.cumsum(per_block[hit]) - per_block[hit]
        gone = (np.arange(len(step)) - np.repeat(first_step, per_block[hit])) / per_block[step]
        return cls(x, leaving, events, block, step, gone, np.ones(len(step)), when, first, first_step)

    @property
    def tied(self) -> bool:
        """Efron's correction has something to correct."""
        return len(self.step) > len(self.first_step)

    def by_block(self, values: Floats) -> Floats:
        """Sum rows (n or n × p) per block."""
        return np.add.reduceat(values, self.first, axis=0)

    def at_risk(self, values: Floats) -> Floats:
        """Sum rows (n or n × p) over everybody at risk, per step."""
        return np.cumsum(self.by_block(values)[::-1], axis=0)[::-1][self.step]


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
    """What one stratum gives at β, per step: denominator φ and mean covariate a; per row: w = exp(xβ)."""

    sets: RiskSets
    eta: Floats
    w: Floats
    phi: Floats
    mean: Floats

    @classmethod
    def at(cls, sets: RiskSets, beta: Floats) -> Terms:
        """The sums at β; the linear predictor is shifted by its maximum, which cancels and never overflows."""
        eta = sets.x @ beta
        eta = eta - eta.max()
        w = np.exp(eta)
        wx = w[:, None] * sets.x
        phi = sets.at_risk(sets.leaving * w)
        first = sets.at_risk(sets.leaving[:, None] * wx)
        if sets.tied:
            phi = phi - sets.gone * sets.by_block(sets.events * w)[sets.step]
            first = first - sets.gone[:, None] * sets.by_block(sets.events[:, None] * wx)[sets.step]
        return cls(sets, eta, w, phi, first / phi[:, None])

    def per_row(self, terms: Floats) -> Floats:
        """For every row the sum of c/φ over the steps it was at risk for, c given per step (steps, or steps × p)."""
        sets = self.sets
        tail = (1,) * (terms.ndim - 1)
        c = terms / self.phi.reshape(-1, *tail)
        sums = np.zeros((len(sets.when), *terms.shape[1:]))
        hit = sets.step[sets.first_step]
        sums[hit] = np.add.reduceat(c, sets.first_step, axis=0)
        total = np.cumsum(sums, axis=0)[sets.block] * sets.leaving.reshape(-1, *tail)
        if sets.tied:
            sums[hit] = np.add.reduceat(c * sets.gone.reshape(-1, *tail), sets.first_step, axis=0)
            total = total - sums[sets.block] * sets.events.reshape(-1, *tail)
        return total

    def loglik(self) -> float:
        """The log partial likelihood."""
        return float(self.sets.events @ self.eta) - float(self.sets.weight @ np.log(self.phi))

    def score(self, scale: Floats | None = None) -> Floats:
        """Σ (x − a) over the events; `scale` multiplies the terms of each block."""
        sets = self.sets
        events, weight = sets.events, sets.weight
        if scale is not None:
            events, weight = events * scale[sets.block], weight * scale[sets.step]
        return events @ sets.x - weight @ self.mean

    def information(self, scale: Floats | None = None) -> Floats:
        """Σ of the covariate's variance over the risk sets, p × p."""
        sets = self.sets
        weight = sets.weight if scale is None else sets.weight * scale[sets.step]
        row = self.w * self.per_row(weight)
        return sets.x.T @ (row[:, None] * sets.x) - self.mean.T @ (weight[:, None] * self.mean)


def evaluate(parts: list[RiskSets], beta: Floats) -> Evaluation:
    """Log likelihood, score and information of all strata together."""
    terms = [Terms.at(sets, beta) for sets in parts]
    return (sum(term.loglik() for term in terms), np.sum([term.score() for term in terms], axis=0),
            np.sum([term.information() for term in terms], axis=0))


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where Newton's iteration ended; `separated`: some direction has no maximum, the likelihood rises for ever."""

    beta: Floats
    value: float
    information: Floats
    converged: bool
    separated: bool = False


def maximise(function: Callable[[Floats], Evaluation], start: Floats, *, steps: int = 100, longest: float = 4.0,
             tolerance: float = 1e-10) -> Maximum:
    """Newton's iteration with halved steps, to the last digits (R stops at a relative change of 1e-9).

    Covariates must be on unit scale. Ends unconverged when the information is singular, or so small a part of what it
    was at the start that the maximum lies at infinity.
    """
    beta = start
    value, gradient, information = function(beta)
    try:
        root = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return Maximum(beta, value, information, False)
    for _ in range(steps):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return Maximum(beta, value, information, False, True)
        step *= min(1.0, longest / max(float(np.abs(step).max()), 1e-300))
        for _ in range(40):
            trial = function(beta + step)
            if trial[0] >= value - 1e-11 * (1 + abs(value)):
                break
            step /= 2
        beta = beta + step
        value, gradient, information = trial
        relative = np.linalg.solve(root, np.linalg.solve(root, information).T)
        if not np.isfinite(relative).all() or np.linalg.eigvalsh(relative).min() < FLAT:
            return Maximum(beta, value, information, False, True)
        if np.abs(step).max() <= tolerance:
            return Maximum(beta, value, information, True)
    return Maximum(beta, value, information, False)
