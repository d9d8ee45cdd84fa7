"""Gray's test: are cumulative incidences of one cause equal between groups, whatever the competing risks do?

Written from Gray (1988) with the tie corrections of his cmprsk (rho = 0), as sums over the distinct times. No Python
library has it right at the time of writing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.event_tables import Floats, given, known_rows, still_at_risk, tally, unusable
from stats.methods.types import Description, Test

DESCRIPTIONS = {
    "gray": Description("Cumulative incidences were compared with Gray's test.",
                        "Gray RJ. Ann Stat 1988;16:1141–1154", name="Gray's test"),
}

ONE_GROUP = "only one group has patients"
NO_EVENTS = "no events of this kind"
NOT_TOGETHER = "the groups were not at risk together when events happened"
ONE_APART = "one of the groups was not at risk when events happened"
ALL_AT_ONCE = "everybody at risk had the event at the same time"


def gray(time: ArrayLike, status: ArrayLike, group: ArrayLike, cause: int = 1,
         count: ArrayLike | None = None) -> Test:
    """Two or more groups; status 0 is censored, every other code than `cause` a competing event; chi-square."""
    times, codes, labels, *often = known_rows(time, status, group, *given(count))
    groups, member = np.unique(labels, return_inverse=True)
    k = len(groups)
    note = unusable(times, codes, math.inf) or (ONE_GROUP if k < 2 else "" if (codes == cause).any() else NO_EVENTS)
    if note:
        return Test(math.nan, method="gray", note=note)
    from stats.methods.special import chdtrc

    kind = np.where(codes == 0, 0, np.where(codes == cause, 1, 2)).astype(np.intp)
    _, counts = tally(times, 3 * member + kind, 3 * k, *often)
    counts = counts.reshape(k, 3, -1).transpose(1, 0, 2)
    at_risk = still_at_risk(counts.sum(axis=0))
    hit = counts[1:].sum(axis=(0, 1)) > 0
    score, variance = _score(at_risk[:, hit].astype(float), counts[1][:, hit].astype(float),
                             counts[2][:, hit].astype(float))
    if np.linalg.matrix_rank(variance, tol=1e-12 * counts[1].sum(), hermitian=True) < k - 1:
        return Test(math.nan, method="gray", note=_degenerate(at_risk[:, counts[1].sum(axis=0) > 0] > 0))
    chi2 = float(score @ np.linalg.solve(variance, score))
    return Test(float(chdtrc(k - 1, chi2)), chi2, k - 1, "gray")


def _degenerate(there: NDArray[np.bool_]) -> str:
    """Why nothing can be compared, from who was at risk (groups × times) when events of the cause happened."""
    together = there[:, there.sum(axis=0) > 1]
    if together.size == 0:
        return NOT_TOGETHER
    return ALL_AT_ONCE if together.any(axis=1).all() else ONE_APART


def _lag(values: NDArray, first: float) -> Floats:
    """The values just before each time (last axis)."""
    return np.concatenate([np.full((*values.shape[:-1], 1), first), values[..., :-1]], axis=-1)


def _ratio(top: NDArray, below: NDArray) -> Floats:
    """top / below, 0 where below is."""
    shape = np.broadcast_shapes(np.shape(top), np.shape(below))
    return np.divide(top, below, out=np.zeros(shape), where=np.broadcast_to(below, shape) > 0)


def _score(at_risk: Floats, events: Floats, competing: Floats) -> tuple[Floats, Floats]:
    """Scores of the groups but the last and their covariance; inputs groups × times with any event."""
    k = len(at_risk)
    present = at_risk > 0
    free = np.cumprod(1 - _ratio(events + competing, at_risk), axis=1)
    free[free < 1e-14] = 0
    before = _lag(free, 1.0)
    incidence_before = _lag(np.cumsum(before * _ratio(events, at_risk), axis=1), 0.0)
    all_events, all_competing = events.sum(axis=0), competing.sum(axis=0)

    risk = np.where(present, _ratio(at_risk, before), 0)  # those at risk, as if nobody had left by the other events
    total = risk.sum(axis=0)
    common = np.cumsum(all_events / total)  # incidence of the cause in all groups, under the hypothesis
    common_before = _lag(common, 0.0)
    subdistribution = risk * (1 - incidence_before)
    score = (events - all_events * subdistribution / subdistribution.sum(axis=0)).sum(axis=1)[:k - 1]

    # how the score of group i answers to an event in group j, now (a) and in all that follows (c): i × j × times
    # exactly zero once a group is alone: its common incidence may then pass one
    shared = present.sum(axis=0) > 1
    a = np.where(shared, np.einsum("it,ij->ijt", risk, np.eye(k)) - risk[:, None] * risk[None] / total, 0)
    hazard = np.divide(all_events, total * (1 - common_before), out=np.zeros(len(total)), where=shared)
    c = np.cumsum(a * hazard, axis=2)
    left = _ratio(1 - common, free)

    variance, own, reach = np.zeros((k, k)), np.zeros(k), np.zeros((k, k))
    # events of the cause: the hazard is the common one, so every group at risk carries its share
    tied = 1 - _ratio(np.maximum(all_events - 1, 0), np.where(all_events > 1, total * before - 1, 1))
    weight = np.where(present & (all_events > 0), tied * before * _ratio(all_events / total, at_risk), 0)
    direct = 1 - left  # 1 where nobody is left free
    for sign, w, now, later in (
        (1.0, weight, a - direct * c, direct),
        (-1.0, *_of_competing(at_risk, competing, all_competing, free, before, left, c)),
    ):
        variance += np.einsum("ikt,jkt,kt->ij", now, now, w)
        reach += sign * np.einsum("ikt,kt->ik", now, later * w)
        own += (later**2 * w).sum(axis=1)
    end = c[:, :, -1]
    variance += (end * own) @ end.T + end @ reach.T + reach @ end.T
    return score, variance[:k - 1, :k - 1]


def _of_competing(at_risk: Floats, competing: Floats, all_competing: Floats, free: NDArray, before: Floats,
                  left: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Weight, answer now and later of competing events, which count only in the group where they happen."""
    counts = (competing > 0) & (free > 0) & (all_competing > 0)
    tied = 1 - _ratio(np.maximum(competing - 1, 0), np.where(competing > 1, at_risk - 1, 1))
    return np.where(counts, tied * before**2 * _ratio(competing, at_risk**2), 0), left * c, left
