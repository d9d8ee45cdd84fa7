"""Cumulative incidence where another event can come first.

The exact Aalen–Johansen estimate, ties as they are, with the variance of cmprsk's cuminc. lifelines' estimator is not
used: it breaks ties by unseeded random jitter and drops events at the first time, so a printed percentage changes from
run to run. 1 − Kaplan–Meier with competing events censored is not offered: it answers no clinical question.

Where no event of the cause has happened yet the limits are 0 and the exact upper limit of 0 of m, 1 − (α/2)^(1/m),
m being those whose state is known: still at risk, or gone by a competing event. Where everybody had the event they
mirror the rule of `kaplan_meier` at S = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import Counts, Floats, given, known_rows, still_at_risk, tally, tie_width, unusable
from stats.methods.kaplan_meier import NOT_FOLLOWED, Point
from stats.methods.types import Description

DESCRIPTIONS = {
    "aalen-johansen": Description(
        "Cumulative incidence was estimated by the Aalen–Johansen method with pointwise confidence limits on the "
        "log-log scale; where no event has happened yet the upper limit is the exact binomial one.",
        "Aalen OO, Johansen S. Scand J Stat 1978;5:141–150; Gray RJ. Ann Stat 1988;16:1141–1154",
        name="Aalen–Johansen",
        reason="One minus Kaplan–Meier would count patients who can no longer have the event."),
    "aalen-johansen-log": Description(
        "Cumulative incidence was estimated by the Aalen–Johansen method with pointwise confidence limits on the log "
        "scale; where no event has happened yet the upper limit is the exact binomial one.",
        "Aalen OO, Johansen S. Scand J Stat 1978;5:141–150; Gray RJ. Ann Stat 1988;16:1141–1154",
        name="Aalen–Johansen, log limits"),
    "aalen-johansen-plain": Description(
        "Cumulative incidence was estimated by the Aalen–Johansen method with symmetric pointwise confidence limits; "
        "where no event has happened yet the upper limit is the exact binomial one.",
        "Aalen OO, Johansen S. Scand J Stat 1978;5:141–150; Gray RJ. Ann Stat 1988;16:1141–1154",
        name="Aalen–Johansen, symmetric limits"),
}
METHODS = {"log-log": "aalen-johansen", "log": "aalen-johansen-log", "plain": "aalen-johansen-plain"}


@dataclass(frozen=True, slots=True)
class Incidence:
    """A cumulative incidence curve: one entry per distinct time, ascending; incidence in [0, 1].

    `events` are those of the cause, `competing` those of the others; `free` is the share without any event. `note`
    says why the curve is empty.
    """

    time: Floats
    incidence: Floats
    lower: Floats
    upper: Floats
    at_risk: Counts
    events: Counts
    competing: Counts
    censored: Counts
    free: Floats
    se: Floats
    confidence: float
    method: str = "aalen-johansen"
    note: str = ""

    @property
    def n(self) -> int:
        """Everybody who entered."""
        return int(self.at_risk[0]) if len(self.time) else 0

    @property
    def last_time(self) -> float:
        """The last time anybody was seen; nan for nobody."""
        return float(self.time[-1]) if len(self.time) else math.nan


def aalen_johansen(time: ArrayLike, status: ArrayLike, cause: int = 1, confidence: float = 0.95,
                   interval: str = "log-log", count: ArrayLike | None = None) -> Incidence:
    """Incidence of `cause` over times ≥ 0; status 0 is censored, every other code than `cause` a competing event.

    `interval` is the scale of the limits: log-log, log (F·exp(±z·se/F)) or plain (F ± z·se), kept inside 0 and 1.
    """
    times, codes, *often = known_rows(time, status, *given(count))
    note = unusable(times, codes, math.inf)
    counts = np.zeros((3, 0), np.int64)
    distinct = np.zeros(0)
    if not note:
        kind = np.where(codes == 0, 0, np.where(codes == cause, 1, 2)).astype(np.intp)
        distinct, counts = tally(times, kind, 3, *often)
    censored, events, competing = counts
    at_risk = still_at_risk(counts.sum(axis=0))
    free = np.cumprod(1 - (events + competing) / np.maximum(at_risk, 1))
    free[np.flatnonzero(events + competing == at_risk)] = 0.0
    incidence = np.cumsum(np.concatenate([[1.0], free[:-1]])[:len(free)] * events / np.maximum(at_risk, 1))
    se = np.sqrt(_variance(at_risk, events, competing, free, incidence))
    known = at_risk + np.cumsum(competing) - competing
    lower, upper = _limits(incidence, se, known, free, confidence, interval)
    return Incidence(distinct, incidence, lower, upper, at_risk, events, competing, censored, free, se, confidence,
                     METHODS[interval], note)


def _variance(at_risk: Counts, events: Counts, competing: Counts, free: Floats, incidence: Floats) -> Floats:
    """Of the incidence at each time; it moves where the cause has an event, and stands in between.

    Each event adds S(t−)² · d/n² with the correction for d ties drawn from n, and is felt later in two ways: by its
    own jump, and by the free share it takes from all that follows (F(t) less what was reached, over S).
    """
    n = np.maximum(at_risk, 1).astype(float)
    before = np.concatenate([[1.0], free[:-1]])[:len(free)]
    per_free = np.divide(1, free, out=np.zeros(len(free)), where=free > 0)
    total = np.zeros((3, len(free)))
    for counted, own in ((events.astype(float), 1.0), (np.where(free > 0, competing, 0).astype(float), 0.0)):
        tied = np.where(counted > 1, 1 - (counted - 1) / np.maximum(n - 1, 1), 1.0)
        weight = before**2 * tied * counted / n**2
        reach = own + per_free * incidence
        total += np.cumsum(weight * np.array([reach**2, per_free * reach, per_free**2]), axis=1)
    variance = total[0] + incidence**2 * total[2] - 2 * incidence * total[1]
    latest = np.maximum.accumulate(np.where(events > 0, np.arange(len(free)), -1))
    return np.where(latest >= 0, np.maximum(variance[latest], 0), 0.0) if len(free) else variance


def _limits(incidence: Floats, se: Floats, known: Counts, free: Floats, confidence: float,
            interval: str) -> tuple[Floats, Floats]:
    from stats.methods.special import ndtri

    alpha = 1 - confidence
    lower, upper = incidence.copy(), incidence.copy()
    inside = (incidence > 0) & (incidence < 1 - 1e-12)
    f, spread = incidence[inside], float(ndtri(1 - alpha / 2)) * se[inside]
    if interval == "log-log":
        half = spread / (f * np.abs(np.log(f)))
        lower[inside], upper[inside] = f ** np.exp(half), f ** np.exp(-half)
    elif interval == "log":
        lower[inside], upper[inside] = f * np.exp(-spread / f), np.minimum(f * np.exp(spread / f), 1)
    else:
        lower[inside], upper[inside] = np.maximum(f - spread, 0), np.minimum(f + spread, 1)
    none = incidence == 0
    lower[none], upper[none] = 0, 1 - (alpha / 2) ** (1 / known[none])
    for i in np.flatnonzero(incidence >= 1 - 1e-12)[:1]:  # the last event took everybody who was left
        lower[i:] = 1 - (free[i - 1] if i else 1.0) * (1 - (alpha / 2) ** (1 / known[i]))
        upper[i:] = 1
    return lower, upper


def at(curve: Incidence, t: float) -> Point:
    """The incidence at a time, right-continuous; at risk are those with a time of t or later.

    A value needs somebody at risk at t, or an event after which nobody is free of one; otherwise nan with the reason.
    """
    if curve.n == 0 or math.isnan(t):
        return Point(math.nan, math.nan, math.nan, 0, curve.note, curve.method)
    near = tie_width(curve.time)
    step = int(np.searchsorted(curve.time, t + near, side="right")) - 1
    ahead = int(np.searchsorted(curve.time, t - near, side="left"))
    at_risk = int(curve.at_risk[ahead]) if ahead < len(curve.time) else 0
    free = float(curve.free[step]) if step >= 0 else 1.0
    if at_risk == 0 and free > 0:
        return Point(math.nan, math.nan, math.nan, 0, NOT_FOLLOWED, curve.method)
    f = float(curve.incidence[step]) if step >= 0 else 0.0
    if f == 0:  # the exact limit widens as patients are censored, between the times of the curve too
        known = at_risk + int(curve.competing[:ahead].sum())
        return Point(0.0, 0.0, 1 - ((1 - curve.confidence) / 2) ** (1 / known), at_risk, "", curve.method)
    return Point(f, float(curve.lower[step]), float(curve.upper[step]), at_risk, "", curve.method)
