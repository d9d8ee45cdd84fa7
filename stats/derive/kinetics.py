"""Courses and exposure of every declared analyte: non-compartmental, on the samples that were taken.

A value below quantification is 0 before the first quantifiable sample, half the limit between quantifiable ones, and
after the last one 0 in the course but outside the area. A value above the upper limit counts as that limit, so that it
ties for the highest rank. Everything runs over all patients of one analyte at once, sorted by patient and day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive import deaths
from stats.derive.stacked import stack
from stats.derive.stand_ins import signed
from stats.derive.step import Frames, Step, numbers, of_rows, positions, with_frame
from stats.findings import Problem, counted
from stats.methods.types import Description
from stats.study.types import Analyte, Study

FEWEST_SAMPLES = 2       # in the window, for a peak
FEWEST_QUANTIFIED = 4    # in the window, for an area
END_TOLERANCE = 3.0      # days around the window's end within which a sample must lie for an area
MEASURES = ("peak", "tmax", "auc", "last", "last_day", "persistence")
FLAGS = ("peak_below", "peak_above")
BEYOND = ("peak_beyond", "last_beyond")  # the limit of a value that isn't quantified, negative where it lies below it
PORTION = 1 << 15        # samples of which everything is made together

SOURCE = "Stein AM, et al. CPT Pharmacometrics Syst Pharmacol. 2019;8:285-295"
DEFINITIONS = {
    "kinetics": Description(
        "The peak is the highest quantified value in the analyte's window and the time to peak the first day it was "
        "reached.", SOURCE),
    "kinetics-area": Description(
        "The area under the curve follows the linear-up and log-down trapezoidal rule to the last quantified sample and "
        "needs at least four quantified samples and one close to the end of the window.", SOURCE),
    "kinetics-below": Description(
        "Values below quantification count as zero before the first quantified sample and as half the limit between "
        "quantified samples; after the last one they count as zero in a course and are left out of an area."),
    "kinetics-above": Description("Values above the upper limit of quantification count as that limit."),
    "kinetics-persistence": Description(
        "Persistence ends at the first sample after the peak that is below quantification and not contradicted by the "
        "next one.", SOURCE),
    "kinetics-sampling": Description(
        "Where a schedule of samples was laid down for an analyte, the peak and the time to peak of a patient who was "
        "sampled more rarely, until death where that came first, count as not evaluable."),
}


@dataclass(frozen=True)
class Samples:
    """One analyte's samples, sorted by patient then day; every field has one entry per sample.

    position: the patient's row in subjects. value: capped at the upper limit. limit: the row's own lower limit. beyond: the
    limit of a value that isn't quantified, negative where it lies below it, nan of any other.
    """

    position: np.ndarray
    day: np.ndarray
    value: np.ndarray
    below: np.ndarray
    above: np.ndarray
    limit: np.ndarray
    beyond: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where each patient's samples begin."""
        return np.flatnonzero(np.diff(self.position, prepend=-1))

    def __getitem__(self, rows: Any) -> Samples:
        return Samples(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def portions(self) -> Iterator[slice]:
        """Slices of whole patients, each so few samples that all that is made of them stays in the processor's cache."""
        start, size = 0, len(self.position)
        while start < size:
            last = self.position[min(start + PORTION, size) - 1]
            stop = int(np.searchsorted(self.position, last, side="right"))
            yield slice(start, stop)
            start = stop


def derive(study: Study, frames: Frames) -> Step:
    """Adds `course` (patient × analyte × day) and `exposure` (patient × analyte); unsampled patients have nan there."""
    subjects, series = frames["subjects"], frames.get("series")
    names = list(study.analytes)
    courses, exposures, problems = [], [], []
    for analyte in study.analytes.values():
        sampled = samples(subjects, series, analyte)
        value = settled(sampled)
        courses.append({"day": sampled.day, "value": value, "below": sampled.below, "above": sampled.above,
                        "beyond": sampled.beyond, "position": sampled.position})
        measured = measure(sampled, len(subjects), analyte.window, analyte.lloq)
        if analyte.sampling is not None:
            rare = rarely(sampled, len(subjects), analyte.sampling, deaths.death_day(study, subjects))
            problems += _rare(study, frames, analyte, rare & ~np.isnan(measured["peak"]))
            measured |= {name: np.where(rare, np.nan, measured[name]) for name in ("peak", "tmax", "peak_beyond")}
            measured |= {name: measured[name] & ~rare for name in ("peak_below", "peak_above")}
        exposures.append(measured | {"position": np.arange(len(subjects))})
        problems += _log_zero(study, frames, analyte, sampled)
    course = stack(subjects, courses, names, ["day", "value", "below", "above", "beyond"])
    exposure = stack(subjects, exposures, names, [*MEASURES, *FLAGS, *BEYOND])
    out = with_frame(with_frame(frames, "course", course), "exposure", exposure)
    planned = any(analyte.sampling for analyte in study.analytes.values())
    used = [key for key in DEFINITIONS if planned or key != "kinetics-sampling"] if len(course) else []
    if len(course) and not course["above"].any():
        used.remove("kinetics-above")
    return Step(out, tuple(problems), tuple(used))


def samples(subjects: pd.DataFrame, series: pd.DataFrame | None, analyte: Analyte,
            chosen: np.ndarray | None = None) -> Samples:
    """The samples of one analyte with a day and a value; `chosen` narrows the rows of the series first.

    Two samples of one patient on one day count as one, the higher.
    """
    if series is None or not {"analyte", "value", "day"} <= set(series.columns):
        empty = np.array([])
        return Samples(empty.astype(int), empty, empty, empty.astype(bool), empty.astype(bool), empty, empty)
    keep = (series["analyte"] == analyte.name).to_numpy(dtype=bool, na_value=False)
    if chosen is not None:
        keep = keep & chosen
    position = positions(subjects, series)
    day, value = numbers(series["day"]), numbers(series["value"])
    keep &= (position >= 0) & ~np.isnan(day) & ~np.isnan(value)
    sign = [signed(series, way) for way in "<>"]
    if not keep.all():
        rows = np.flatnonzero(keep)
        position, day, value, sign = position[rows], day[rows], value[rows], [signed[rows] for signed in sign]
    lloq = np.nan if analyte.lloq is None else analyte.lloq
    uloq = np.nan if analyte.uloq is None else analyte.uloq
    below = sign[0] | (value < lloq)
    above = ~below & (sign[1] | (value > uloq))
    limit = np.where(sign[0], value, lloq) if sign[0].any() else np.broadcast_to(lloq, len(value))
    if above.any():
        value = np.where(above, np.fmin(value, uloq), value)
    # a value below its own limit and below the declared one is known to lie below the higher of them
    beyond = np.where(below, -np.fmax(limit, lloq), np.where(above, value, np.nan))
    found = Samples(position, day, value, below, above, limit, beyond)
    # of two samples on one day the last in this order is quantified rather than below, and the higher
    keys = [position, day]
    order = ordering.order(keys, lambda rows: [~below[rows], value[rows]])
    last = np.append(~ordering.agreeing(keys, order)[1:], True)[:len(position)]
    if order is None:
        return found if last.all() else found[last]
    return found[order[last]]


def settled(s: Samples) -> np.ndarray:
    """The value of every sample after the rule for values below quantification (0 after the last quantified one)."""
    out = np.empty(len(s.value))
    for part in s.portions():
        out[part] = _settled(s[part])
    return out


def _settled(s: Samples) -> np.ndarray:
    return np.where(~s.below, s.value, np.where(_place(s) == 0, s.limit / 2, 0.0))


def measure(s: Samples, n: int, window: tuple[float, float] | None, lloq: float | None = None) -> dict[str, np.ndarray]:
    """Peak, time to peak, area, last quantified value and its day, persistence; arrays of n patients.

    A peak needs two samples in the window. Where all are below quantification the peak is half the limit, flagged
    `peak_below`, with no time to peak. Without a window every day after day 0 counts. `peak_beyond` and `last_beyond` are
    the limits of values that aren't quantified, negative where these lie below: of a peak the highest of its samples'.
    """
    out = {name: np.full(n, np.nan) for name in (*MEASURES, *BEYOND)} | {name: np.zeros(n, dtype=bool) for name in FLAGS}
    for part in s.portions():
        owners, found = _measured(s[part], window, lloq)
        for name, values in found.items():
            out[name][owners] = values
    return out


def _measured(s: Samples, window: tuple[float, float] | None,
              lloq: float | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(the patients who were sampled, what `measure` says of each)."""
    after = s.day >= window[0] if window else s.day > 0
    inside = after & (s.day <= window[1]) if window else after
    counted = inside & ~s.below
    starts = s.starts
    lengths = np.diff(np.append(starts, len(s.day)))

    def spread(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, lengths)

    taken = np.add.reduceat(inside.astype(int), starts)
    peak = np.maximum.reduceat(np.where(counted, s.value, -np.inf), starts)
    at_peak = counted & (s.value == spread(peak))
    first = np.minimum.reduceat(np.where(at_peak, s.day, np.inf), starts)
    enough, quantified = taken >= FEWEST_SAMPLES, np.isfinite(peak)
    half = np.minimum.reduceat(np.where(inside & s.below, s.limit, np.inf), starts) / 2
    highest = np.minimum.reduceat(np.where(inside & s.below, s.beyond, np.inf), starts)
    at_limit = np.logical_or.reduceat(at_peak & s.above, starts)
    lowest = np.full(len(starts), lloq / 2) if lloq is not None else np.where(np.isfinite(half), half, np.nan)

    covered = np.ones(len(starts), dtype=bool)
    if window and np.isfinite(window[1]):
        covered = np.logical_or.reduceat(np.abs(s.day - window[1]) <= END_TOLERANCE, starts)
    used = inside & (_place(s) <= 0)
    mine = spread(np.arange(len(starts)))
    parts = _trapezoids(mine[used], s.day[used], _settled(s)[used])
    area = np.bincount(mine[used], weights=parts, minlength=len(starts))
    full = covered & (np.add.reduceat(counted.astype(int), starts) >= FEWEST_QUANTIFIED)

    tail = after & ~s.below
    last = np.maximum.reduceat(np.where(tail, np.arange(len(s.day)), -1), starts)

    follows = np.append(s.position[1:] == s.position[:-1], False)
    confirmed = s.below & (~follows | np.append(s.below[1:], False))
    gone = confirmed & (s.day > spread(first))
    lost = np.minimum.reduceat(np.where(gone, s.day, np.inf), starts)
    return s.position[starts], {
        "peak": np.where(enough, np.where(quantified, peak, lowest), np.nan),
        "tmax": np.where(enough & quantified, first, np.nan),
        "auc": np.where(full, area, np.nan),
        "last": np.where(last >= 0, s.value[last], np.nan),
        "last_day": np.where(last >= 0, s.day[last], np.nan),
        "persistence": np.where(np.isfinite(lost), lost, np.nan),
        "peak_below": enough & ~quantified,
        "peak_above": enough & at_limit,
        "peak_beyond": np.where(enough & ~quantified, highest, np.where(enough & at_limit, peak, np.nan)),
        "last_beyond": np.where(last >= 0, s.beyond[last], np.nan),
    }


def rarely(s: Samples, n: int, sampling: tuple[float, float, float], death: np.ndarray) -> np.ndarray:
    """Patients with some `every` days in a row, of those from first to last, on none of which a sample was taken.

    Nobody is sampled after death: the days end there.
    """
    every, first, last = sampling
    end = np.minimum(last, np.where(np.isnan(death), np.inf, np.floor(death)))
    inside = (s.day >= first) & (s.day <= end[s.position]) if len(s.day) else np.zeros(0, dtype=bool)
    before, after = np.full(n, first - 1), end + 1
    owner, day = s.position[inside], s.day[inside]
    long = np.zeros(n, dtype=bool)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    gaps = np.diff(day, prepend=0.0)
    gaps[starts] = day[starts] - before[owner[starts]]
    np.logical_or.at(long, owner, gaps > every)
    latest = before.astype(float)
    np.maximum.at(latest, owner, day)
    return (end >= first) & (long | (after - latest > every))


def _rare(study: Study, frames: Frames, analyte: Analyte, rare: np.ndarray) -> list[Problem]:
    if not rare.any() or analyte.sampling is None:
        return []
    every, first, last = analyte.sampling
    reason = (f"{analyte.label}: {counted(int(rare.sum()), 'patient')} {{rows}} {{was}} not sampled every {every:g} days from "
              f"day {first:g} to day {last:g}; their peak and time to peak are not evaluable")
    return [of_rows(study, frames, "N_RARE_SAMPLES", reason, "subjects", np.flatnonzero(rare),
                    remedy="Say so, or take sampling of the analyte out")]


def _place(s: Samples) -> np.ndarray:
    """-1 before the patient's first quantified sample, 0 from it to the last, 1 after; -1 where none is quantified."""
    if not len(s.day):
        return np.array([], dtype=int)
    order, starts = np.arange(len(s.day)), s.starts
    lengths = np.diff(np.append(starts, len(order)))
    first = np.repeat(np.minimum.reduceat(np.where(s.below, len(order), order), starts), lengths)
    last = np.repeat(np.maximum.reduceat(np.where(s.below, -1, order), starts), lengths)
    return np.where(order < first, -1, np.where(order > last, 1, 0))


def _trapezoids(owner: np.ndarray, day: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Area between each sample and the one before it of the same patient: linear going up, logarithmic going down."""
    area = np.zeros(len(day))
    if len(day) < 2:
        return area
    before, now, width = value[:-1], value[1:], np.diff(day)
    falls = (now < before) & (now > 0)
    drop, floor = np.where(falls, before - now, 1.0), np.where(falls, now, 1.0)
    # log1p keeps its precision where two values are almost equal
    area[1:] = np.where(owner[1:] == owner[:-1],
                        width * np.where(falls, drop / np.log1p(drop / floor), (before + now) / 2), 0.0)
    return area


def _log_zero(study: Study, frames: Frames, analyte: Analyte, s: Samples) -> list[Problem]:
    nil = ~s.below & (s.value <= 0)
    if analyte.scale != "log" or not nil.any():
        return []
    series = frames["series"]
    mine = (series["analyte"] == analyte.name).to_numpy(dtype=bool, na_value=False) & (numbers(series["value"]) <= 0)
    mine &= ~signed(series, "<")
    reason = f"{analyte.label}: {counted(int(mine.sum()), 'value')} {{rows}} of zero or less, shown on a logarithmic scale"
    return [of_rows(study, frames, "W_LOG_ZERO", reason, "series", np.flatnonzero(mine), "value",
                    "Declare lloq for the analyte, so that they count as below quantification")]
