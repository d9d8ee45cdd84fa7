"""What a patient was exposed to, from a course of samples: area under the curve, peak, last quantifiable, loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.types import Description, Estimate

DESCRIPTIONS = {
    "auc-linear-up-log-down": Description(
        "Areas under the curve follow the trapezoidal rule, linear where the value rises and logarithmic where it "
        "falls, without extrapolation beyond the last sample.",
        "Gabrielsson J, Weiner D. Methods Mol Biol 2012;929:377–389", name="linear-up log-down trapezoidal rule"),
    "auc-linear": Description(
        "Areas under the curve follow the linear trapezoidal rule, without extrapolation beyond the last sample.",
        "Gabrielsson J, Weiner D. Methods Mol Biol 2012;929:377–389", name="linear trapezoidal rule"),
}

BELOW = ("given", "zero", "half", "lloq", "drop")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of the course and its day; nan when there is none, and then `note` says why."""

    value: float
    day: float
    note: str = ""


def quantified(day: ArrayLike, value: ArrayLike, below: ArrayLike | None = None, blq: str = "given",
               lloq: float = math.nan) -> tuple[Floats, Floats]:
    """Days and values in order of day, with values flagged `below` quantification set by the rule `blq`.

    given: as they are; zero; half: half of `lloq`; lloq: the limit itself; drop: left out, as missing
    days and values always are.
    """
    if blq not in BELOW:
        raise ValueError(f"no rule {blq!r} for values below quantification; there are {', '.join(BELOW)}")
    days, values = np.asarray(day, dtype=float).ravel(), np.asarray(value, dtype=float).ravel()
    if below is not None and blq != "given":
        low = np.asarray(below, dtype=bool).ravel()
        put = {"zero": 0.0, "half": lloq / 2, "lloq": lloq, "drop": math.nan}[blq]
        values = np.where(low, put, values)
    keep = ~(np.isnan(days) | np.isnan(values))
    days, values = days[keep], values[keep]
    order = np.lexsort((values, days))
    return days[order], values[order]


def auc(day: ArrayLike, value: ArrayLike, *, window: tuple[float, float] | None = None, below: ArrayLike | None = None,
        blq: str = "given", lloq: float = math.nan, log_down: bool = True) -> Estimate:
    """Area under the course, in value × day, between the days of `window` (default: first to last sample).

    Linear up, logarithmic down (where a fall ends above zero); all linear without `log_down`. Where a window ends
    between two samples the value there is interpolated linearly. Nothing is extrapolated: when sampling starts later or
    stops earlier than the window, the area is that of the sampled part and the note says so. Values flagged `below`
    follow `blq` (see `quantified`). nan with fewer than two samples.
    """
    method = "auc-linear-up-log-down" if log_down else "auc-linear"
    days, values = quantified(day, value, below, blq, lloq)
    note = ""
    if window is not None and len(days):
        begin, end = max(window[0], days[0]), min(window[1], days[-1])
        if end < begin or not ((days >= begin) & (days <= end)).any():
            return Estimate(math.nan, method=method, note="no sample inside the window")
        note = " and ".join((["sampling began inside the window"] if days[0] > window[0] else [])
                            + (["sampling ended before the window"] if days[-1] < window[1] else []))
        edges = [edge for edge in (begin, end) if edge not in days]
        days, values = (np.concatenate([days, edges]), np.concatenate([values, np.interp(edges, days, values)]))
        order = np.argsort(days, kind="stable")
        order = order[(days[order] >= begin) & (days[order] <= end)]
        days, values = days[order], values[order]
    if len(days) < 2 or days[0] == days[-1]:
        return Estimate(math.nan, method=method, note="fewer than two samples")
    width, first, second = np.diff(days), values[:-1], values[1:]
    area = width * (first + second) / 2
    if log_down:
        falling = (second < first) & (second > 0)
        drop = first[falling] - second[falling]
        # log1p keeps its precision where two values are almost equal
        area[falling] = width[falling] * drop / np.log1p(drop / second[falling])
    return Estimate(float(area.sum()), method=method, note=note)


def peak(day: ArrayLike, value: ArrayLike, window: tuple[float, float] | None = None) -> Moment:
    """The highest value inside the window and the first day it was reached."""
    days, values = quantified(day, value)
    if window is not None:
        inside = (days >= window[0]) & (days <= window[1])
        days, values = days[inside], values[inside]
    if len(days) == 0:
        return Moment(math.nan, math.nan, "no sample inside the window" if window is not None else "no sample")
    top = int(np.argmax(values))
    return Moment(float(values[top]), float(days[top]))


def last_quantifiable(day: ArrayLike, value: ArrayLike, below: ArrayLike) -> Moment:
    """The last sample that isn't flagged `below` quantification."""
    days, values = quantified(day, value, below, "drop")
    if len(days) == 0:
        return Moment(math.nan, math.nan, "never quantifiable" if np.size(day) else "no sample")
    return Moment(float(values[-1]), float(days[-1]))


def loss(day: ArrayLike, value: ArrayLike, below: ArrayLike) -> Moment:
    """The first sample after the peak that is `below` quantification; nan when there is none up to the last sample."""
    top = peak(*quantified(day, value, below, "drop"))
    if math.isnan(top.day):
        return Moment(math.nan, math.nan, "never quantifiable" if np.size(day) else "no sample")
    days, low = np.asarray(day, dtype=float).ravel(), np.asarray(below, dtype=bool).ravel()
    values = np.asarray(value, dtype=float).ravel()
    gone = np.flatnonzero(low & (days > top.day))
    if len(gone) == 0:
        return Moment(math.nan, math.nan, "still quantifiable at the last sample")
    first = gone[np.lexsort((values[gone], days[gone]))[0]]
    return Moment(float(values[first]), float(days[first]))
