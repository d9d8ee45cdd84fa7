"""The Kaplan–Meier curve with its limits, read at a time or at a quantile; follow-up by the reverse curve.

The estimate is the product limit over the event table; its limits are pointwise, from Greenwood's variance, on the
scale named by `interval`. Two rules complete them where that variance says nothing:

* no event so far (S = 1): the lower limit is the exact one for n of n still at risk, (α/2)^(1/n), not 1. A log-log
  interval of 100 %–100 % covers the truth in about three studies of four; with this rule it keeps its promise.
* everybody at risk had the event (S = 0): the limits are 0 and the last S above 0 times the exact upper limit of
  0 of n, 1 − (α/2)^(1/n).

Own code, not lifelines: there the product is right, but near ties stay apart, S = 1 prints 100 %–100 %, a value after
the last follow-up is the last one carried on, and medians have no midpoint. `second_opinion` holds the two together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import (
    TIE,
    Counts,
    EventTable,
    Floats,
    event_table,
    given,
    known_rows,
    still_at_risk,
    tally,
    tie_width,
    unusable,
)
from stats.methods.types import Description, Estimate

INTERVALS = ("log-log", "log", "plain")

NOT_FOLLOWED = "no one was followed to this time"
NO_LOWER = "too few events for a lower limit"

DESCRIPTIONS = {
    "kaplan-meier-log-log": Description(
        "Survival was estimated by the Kaplan–Meier method with pointwise confidence limits on the log-log scale from "
        "Greenwood's variance; before the first event the lower limit is the exact binomial one, and no value is given "
        "for a time to which no one was followed.",
        "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457–481; Kalbfleisch JD, Prentice RL. The Statistical Analysis of "
        "Failure Time Data. Wiley 1980", name="Kaplan–Meier, log-log limits",
        reason="By the usual formula the interval would have no width there."),
    "kaplan-meier-log": Description(
        "Survival was estimated by the Kaplan–Meier method with pointwise confidence limits on the log scale from "
        "Greenwood's variance; before the first event the lower limit is the exact binomial one, and no value is given "
        "for a time to which no one was followed.",
        "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457–481", name="Kaplan–Meier, log limits"),
    "kaplan-meier-plain": Description(
        "Survival was estimated by the Kaplan–Meier method with symmetric pointwise confidence limits from Greenwood's "
        "variance; before the first event the lower limit is the exact binomial one, and no value is given for a time "
        "to which no one was followed.",
        "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457–481; Greenwood M. Reports on Public Health and Medical "
        "Subjects 1926;33:1–26", name="Kaplan–Meier, symmetric limits"),
    "reverse-kaplan-meier": Description(
        "The median follow-up was estimated by the reverse Kaplan–Meier method, in which censoring is the event.",
        "Schemper M, Smith TL. Control Clin Trials 1996;17:343–346", name="reverse Kaplan–Meier",
        reason="The median of the observed times would be short where many have died."),
}


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve: one entry per distinct time, ascending; times in the unit of the data, S in [0, 1].

    `at_risk` counts those with this time or a later one, `events` and `censored` those who leave at it; `se` is the
    standard error of S (nan where S is 0). `note` says why the curve is empty.
    """

    time: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Counts
    events: Counts
    censored: Counts
    se: Floats
    confidence: float
    interval: str
    method: str
    note: str = ""

    @property
    def n(self) -> int:
        """Everybody who entered."""
        return int(self.at_risk[0]) if len(self.time) else 0

    @property
    def last_time(self) -> float:
        """The last time anybody was seen; nan for nobody."""
        return float(self.time[-1]) if len(self.time) else math.nan


@dataclass(frozen=True, slots=True)
class Point:
    """A share at one time with its limits and the number at risk; nan when not estimable, and then `note` says why.

    `se` is its standard error, nan where the variance says nothing.
    """

    p: float
    lower: float
    upper: float
    at_risk: int
    note: str = ""
    method: str = ""
    se: float = math.nan


def kaplan_meier(time: ArrayLike | EventTable, status: ArrayLike | None = None, confidence: float = 0.95,
                 interval: str = "log-log") -> Curve:
    """The product-limit curve of times (≥ 0) and events (1) or censorings (0), or of an event table.

    `interval` is log-log, log or plain (R's conf.type). Nobody, or unusable codes: an empty curve with a note.
    """
    if interval not in INTERVALS:
        raise ValueError(f"{interval!r} is not an interval of the survival curve: {', '.join(INTERVALS)}")
    return _curve(event_table(time, status), confidence, interval, f"kaplan-meier-{interval}")


def reverse_kaplan_meier(time: ArrayLike, status: ArrayLike, confidence: float = 0.95, interval: str = "log-log",
                         count: ArrayLike | None = None) -> Curve:
    """The curve of follow-up: censoring is the event, and any event (whatever its code) ends it unseen.

    At a tie the one who had the event still counts as followed when the other was censored, as R's
    `survfit(Surv(time, 1 - event) ~ 1)`; prodlim lets events leave first.
    """
    if interval not in INTERVALS:
        raise ValueError(f"{interval!r} is not an interval of the survival curve: {', '.join(INTERVALS)}")
    times, codes, *often = known_rows(time, status, *given(count))
    note = unusable(times, codes, math.inf)
    none = np.zeros(0, np.int64)
    if note:
        table = EventTable(np.zeros(0), none, none, none, note)
    else:
        distinct, counts = tally(times, (codes == 0).astype(np.intp), 2, *often)
        table = EventTable(distinct, still_at_risk(counts.sum(axis=0)), counts[1], counts[0])
    return _curve(table, confidence, interval, "reverse-kaplan-meier")


def _curve(table: EventTable, confidence: float, interval: str, method: str) -> Curve:
    left = table.at_risk - table.events
    survival = np.cumprod(np.divide(left, table.at_risk, out=np.zeros(len(left)), where=table.at_risk > 0))
    # the variance of log S; at S = 0 it has none
    term = np.divide(table.events, table.at_risk.astype(float) * left, out=np.zeros(len(left)), where=left > 0)
    spread = np.sqrt(np.cumsum(term))
    lower, upper = _limits(survival, spread, table.at_risk, confidence, interval)
    se = np.where(survival > 0, survival * spread, math.nan)
    return Curve(table.time, survival, lower, upper, table.at_risk, table.events, table.censored, se, confidence,
                 interval, method, table.note)


def _limits(survival: Floats, spread: Floats, at_risk: Counts, confidence: float,
            interval: str) -> tuple[Floats, Floats]:
    from stats.methods.special import ndtri

    alpha = 1 - confidence
    z = float(ndtri(1 - alpha / 2))
    lower, upper = np.ones(len(survival)), np.ones(len(survival))
    if interval == "log-log":
        inside = (survival > 0) & (survival < 1)
        log_s = np.log(survival[inside])
        half = z * spread[inside] / np.abs(log_s)
        centre = np.log(-log_s)
        lower[inside], upper[inside] = np.exp(-np.exp(centre + half)), np.exp(-np.exp(centre - half))
    elif interval == "log":
        factor = np.exp(z * spread)
        lower, upper = survival / factor, np.minimum(survival * factor, 1)
    else:
        half = z * spread * survival
        lower, upper = np.maximum(survival - half, 0), np.minimum(survival + half, 1)
    before_any = survival == 1
    lower[before_any] = (alpha / 2) ** (1 / at_risk[before_any])
    upper[before_any] = 1
    for i in np.flatnonzero(survival == 0)[:1]:  # the last time there is
        lower[i] = 0
        upper[i] = (survival[i - 1] if i else 1.0) * (1 - (alpha / 2) ** (1 / at_risk[i]))
    return lower, upper


def at(curve: Curve, t: float) -> Point:
    """S at a time, right-continuous: an event at t has happened. At risk are those with a time of t or later.

    A value needs somebody at risk at t, or a last event after which S is 0; otherwise it is nan, with the reason.
    """
    if curve.n == 0 or math.isnan(t):
        return Point(math.nan, math.nan, math.nan, 0, curve.note, curve.method)
    near = tie_width(curve.time)
    step = int(np.searchsorted(curve.time, t + near, side="right")) - 1
    ahead = int(np.searchsorted(curve.time, t - near, side="left"))
    at_risk = int(curve.at_risk[ahead]) if ahead < len(curve.time) else 0
    s = float(curve.survival[step]) if step >= 0 else 1.0
    if at_risk == 0 and s > 0:
        return Point(math.nan, math.nan, math.nan, 0, NOT_FOLLOWED, curve.method)
    if s == 1:  # the exact limit widens as patients are censored, between the times of the curve too
        return Point(1.0, ((1 - curve.confidence) / 2) ** (1 / at_risk), 1.0, at_risk, "", curve.method, 0.0)
    return Point(s, float(curve.lower[step]), float(curve.upper[step]), at_risk, "", curve.method, float(curve.se[step]))


def quantile(curve: Curve, p: float = 0.5) -> Estimate:
    """The time by which a share p has had the event: the first with S ≤ 1 − p, with the limits of the same interval.

    Where S stays at exactly 1 − p, the midpoint of that plateau, as R prints it; where the curve ends on it, its
    first time. inf: not reached. The exact rules at S = 1 and S = 0 are left out of the limits: before any event
    nothing is known about the median, and a curve that falls to 0 does not bound it from above. A curve that falls
    to 0 at once leaves no lower limit (nan, with a note).
    """
    if curve.n == 0:
        return Estimate(math.nan, method=curve.method, note=curve.note)
    known = (curve.survival > 0) & (curve.survival < 1)
    estimate = _first_below(curve.survival, curve.time, 1 - p)
    lower, upper = (_first_below(limit[known], curve.time[known], 1 - p) for limit in (curve.lower, curve.upper))
    if lower > estimate:  # the curve fell past the level at once, to 0
        return Estimate(estimate, math.nan, upper, method=curve.method, note=NO_LOWER)
    return Estimate(estimate, lower, upper, method=curve.method)


def _first_below(values: Floats, time: Floats, level: float) -> float:
    reached = np.flatnonzero(values < level + TIE)
    if len(reached) == 0:
        return math.inf
    first = int(reached[0])
    if abs(values[first] - level) < TIE:
        after = reached[values[reached] < values[first]]
        if len(after):
            return float((time[first] + time[after[0]]) / 2)
    return float(time[first])
