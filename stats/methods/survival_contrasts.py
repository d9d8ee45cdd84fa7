"""Two survival curves held against each other, and the mean time within a horizon."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import NO_PATIENTS, EventTable
from stats.methods.kaplan_meier import Point, at, kaplan_meier
from stats.methods.types import Description, Estimate

DESCRIPTIONS = {
    "mover": Description(
        "The confidence limits of the difference between two rates at a time were recovered from the limits of each "
        "rate (MOVER).",
        "Zou GY, Donner A. Stat Med 2008;27:1693–1702", name="limits recovered from both rates",
        reason="A symmetric interval would be too narrow in small groups."),
    "greenwood": Description(
        "The confidence limits of the difference between two rates at a time are symmetric, from Greenwood's variances.",
        "Greenwood M. Reports on Public Health and Medical Subjects 1926;33:1–26", name="Greenwood's limits"),
    "restricted-mean": Description(
        "The restricted mean survival time is the area under the Kaplan–Meier curve up to the horizon.",
        "Royston P, Parmar MK. BMC Med Res Methodol 2013;13:152; Uno H, et al. J Clin Oncol 2014;32:2380–2385",
        name="restricted mean survival time",
        reason="It needs no proportional hazards."),
    "rmst": Description(
        "Where patients are many, inference about restricted means rests on the normal approximation.",
        name="restricted mean survival time", needs="restricted-mean"),
}

NO_EVENTS = "no events before this time, so there is no interval"
NO_VARIANCE = "Greenwood's variance says nothing where nobody or everybody had the event"
NO_EVENTS_IN_BOTH = "no events in either group before this time, so there is no interval"
# who all have the event at one time leave no spread either
ALL_AT_ONCE = "everybody still at risk had the event at the same time, so there is no interval"
NO_SPREAD_IN_BOTH = "in each group nobody had the event before this time, or all at the same time, so there is no interval"
ALL_AT_ONCE_IN_ONE = "all of one group had the event at the same time: the interval is that of the other's uncertainty"
NO_EVENTS_IN_ONE = "no events in one of the groups before this time: the interval is that of the other's uncertainty"


def difference(a: Point, b: Point) -> Estimate:
    """Share a minus share b with limits by MOVER; both points must be estimable.

    d ± the root of the squared distances from each share to its nearer-to-the-limit own bound, so the difference
    inherits the shape of the two intervals (log-log, exact at S = 1) instead of a symmetric z interval.
    """
    if math.isnan(a.p) or math.isnan(b.p):
        return Estimate(math.nan, method="mover", note=_missing(a, b))
    d = a.p - b.p
    return Estimate(d, d - math.hypot(a.p - a.lower, b.upper - b.p), d + math.hypot(a.upper - a.p, b.p - b.lower),
                    method="mover")


def difference_greenwood(a: Point, b: Point, confidence: float = 0.95) -> Estimate:
    """Share a minus share b ± z·√(se² + se²), as textbooks have it; both points must be estimable.

    Too narrow in small groups (with a dozen in each it excludes a true null in eight or nine studies of a hundred):
    for comparison with other papers. nan limits where a curve is at 0, whose variance says nothing.
    """
    if math.isnan(a.p) or math.isnan(b.p):
        return Estimate(math.nan, method="greenwood", note=_missing(a, b))
    d, half = a.p - b.p, _z(confidence) * math.hypot(a.se, b.se)
    if math.isnan(half) or half == 0:
        return Estimate(d, method="greenwood", note=NO_VARIANCE)
    return Estimate(d, d - half, d + half, method="greenwood")


def _missing(a: Point, b: Point) -> str:
    notes = [point.note for point in (a, b) if math.isnan(point.p)]
    if len(notes) == 2 and notes[0] != notes[1]:
        first, second = ("nobody was followed" if note == NO_PATIENTS else note for note in notes)
        return f"in one group {first}, in the other {second}"
    if notes[0] == NO_PATIENTS:
        return f"nobody was followed in {'either group' if len(notes) == 2 else 'one of the groups'}"
    return f"in {'both groups' if len(notes) == 2 else 'one of the groups'} {notes[0]}"


def rmst(time: ArrayLike | EventTable, status: ArrayLike | None, tau: float, confidence: float = 0.95) -> Estimate:
    """Mean time without the event up to tau, in the unit of the data; limits estimate ± z·SE as survRM2.

    SE² sums (area from an event time to tau)² · d / (n(n − d)). Estimable under the rule of `at`: somebody is
    followed to tau, or the curve ends at 0 before. Without an event there is an estimate (tau) and no interval.
    """
    mean, variance, note, ends = _area(time, status, tau)
    half = _z(confidence) * math.sqrt(variance) if variance > 0 else math.nan
    if not math.isnan(mean) and variance == 0:
        note = ALL_AT_ONCE if ends else NO_EVENTS
    return Estimate(mean, mean - half, mean + half, method="rmst", note=note)


def rmst_difference(time_a: ArrayLike | EventTable, status_a: ArrayLike | None, time_b: ArrayLike | EventTable,
                    status_b: ArrayLike | None, tau: float, confidence: float = 0.95) -> Estimate:
    """Restricted mean of group a minus that of group b up to tau, with limits and two-sided P (survRM2's rmst2).

    A group without events adds nothing to the variance, as in R; the note then says so.
    """
    (mean_a, variance_a, note_a, ends_a), (mean_b, variance_b, note_b, ends_b) = (
        _area(time_a, status_a, tau), _area(time_b, status_b, tau))
    if math.isnan(mean_a) or math.isnan(mean_b):
        a, b = Point(mean_a, 0, 0, 0, note_a), Point(mean_b, 0, 0, 0, note_b)
        return Estimate(math.nan, method="rmst", note=_missing(a, b))
    d, variance = mean_a - mean_b, variance_a + variance_b
    if variance == 0:
        return Estimate(d, method="rmst", note=NO_SPREAD_IN_BOTH if ends_a or ends_b else NO_EVENTS_IN_BOTH)
    from stats.methods.special import ndtr

    se = math.sqrt(variance)
    half = _z(confidence) * se
    still = [ends for ends, variance in ((ends_a, variance_a), (ends_b, variance_b)) if variance == 0]
    note = (ALL_AT_ONCE_IN_ONE if still[0] else NO_EVENTS_IN_ONE) if still else ""
    return Estimate(d, d - half, d + half, 2 * float(ndtr(-abs(d) / se)), "rmst", note)


def _area(time: ArrayLike | EventTable, status: ArrayLike | None, tau: float) -> tuple[float, float, str, bool]:
    """Area under the curve up to tau, its variance, why there is none, and whether there are events by then."""
    curve = kaplan_meier(time, status)
    point = at(curve, tau)
    if math.isnan(point.p):
        return math.nan, math.nan, point.note, False
    if tau <= 0:
        return math.nan, math.nan, "the horizon is not a positive time", False
    within = (curve.time <= tau) & (curve.events > 0)
    steps = curve.time[within]
    widths = np.diff(np.concatenate([[0.0], steps, [tau]]))
    areas = widths * np.concatenate([[1.0], curve.survival[within]])
    beyond = np.cumsum(areas[::-1])[::-1][1:]  # from each event time to tau
    events, at_risk = curve.events[within].astype(float), curve.at_risk[within].astype(float)
    left = at_risk - events
    term = np.divide(events, at_risk * left, out=np.zeros(len(left)), where=left > 0)
    return float(areas.sum()), float((beyond**2 * term).sum()), "", bool(within.any())


def _z(confidence: float) -> float:
    from stats.methods.special import ndtri

    return float(ndtri(1 - (1 - confidence) / 2))
