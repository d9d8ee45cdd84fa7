"""The course of an analyte: peak, time to peak, exposure, persistence, and every patient's values for the figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.analyses._owners import aligned, owners
from stats.groups import FEWEST, Groups, contrast
from stats.methods import descriptive, quantification, ranks
from stats.methods.samples import Sample
from stats.results import Row, limit_note

SUMMARY = ("n", "median", "q1", "q3", "min", "max")
MEASURES = ("peak", "tmax", "auc", "last", "last_day", "persistence")
GEOMETRIC = ("peak", "auc")
TAILS = ("q05", "q95")
DRAWN = ("peak", "tmax")  # of which figures show every patient
FLAGS = ("peak_below", "peak_above")
BEYOND = {"peak": "peak_beyond", "last": "last_beyond"}  # the limits of those values that aren't quantified
WHOLE = 100_000  # days between the first and the last up to which whole days are counted one by one


def analyse(
    subjects: pd.DataFrame,
    course: pd.DataFrame,
    exposure: pd.DataFrame,
    *,
    analyte: str,
    at: Sequence[float] = (),
    individuals: int = 300,
    by: str = "arm",
    reference: str = "",
    fewest: int = FEWEST,
    shift_interval: str = "exact",
    confidence: float = 0.95,
    exact_limit: int = 60,
    quantile_type: int = 7,
    lloq: float | None = None,
    uloq: float | None = None,
    window: Sequence[float] = (),
) -> Iterator[Row]:
    """`at` names the days of the course; without it every day on which anyone was measured, within the window.

    Up to `individuals` patients everybody's values are rows too; of more, figures show quantiles instead of lines.
    """
    who = alike.grouped(subjects, by, reference, fewest)
    keyed = subjects[["subject", by]]
    few = len(keyed) <= individuals
    about = aligned(keyed, _of(exposure, analyte), (*MEASURES, *FLAGS, *BEYOND.values()))
    measured = keyed.assign(**about | {flag: about[flag] == 1 for flag in FLAGS})
    parts = list(who.parts(measured))
    for stat, value in (("lloq", lloq), ("uloq", uloq)):
        if value is not None:
            yield Row(stat, "value", value, "all")
    values: dict[tuple[str, str], np.ndarray] = {}
    quantified: dict[tuple[str, str], np.ndarray] = {}
    for measure in MEASURES:
        for group, part in parts:
            known = part[measure].to_numpy(float)
            values[measure, group] = known[~np.isnan(known)]
            sample, limits = Sample.of(known), part[BEYOND[measure]] if measure in BEYOND else None
            found = descriptive.summary(sample, kind=quantile_type)
            beyond = {} if limits is None else quantification.beyond(known, limits, quantile_type, sample=sample)
            yield from emit.summary(measure, group, found, SUMMARY, "no values", beyond=beyond)
            if not few and measure in DRAWN:
                outer = descriptive.tails(sample, quantile_type)
                yield from emit.summary(measure, group, outer, TAILS, "no values", beyond=beyond)
            if measure in GEOMETRIC:
                # a peak below quantification has a rank but no value on a log scale
                logged = np.where(part["peak_below"].to_numpy(bool), np.nan, known)
                quantified[measure, group] = logged[~np.isnan(logged)]
                yield from _geometric(measure, group, quantified[measure, group])
    for group, part in parts:
        for side in ("below", "above"):
            yield Row(f"peak_{side}", "n", int(part[f"peak_{side}"].sum()), group)
    taken = _taken(keyed, course, analyte)
    yield from _samples(keyed, taken, who, window, quantile_type)
    for measure in MEASURES:
        for label, compared in emit.questions(who):
            samples = [values[measure, key] for key in compared]
            own = [quantified[measure, key] for key in compared] if measure in GEOMETRIC else None
            yield from emit.numbers_compared(measure, label, samples, exact_limit, logged=own, who=who)
        for x, y in who.contrasts:
            a, b = values[measure, x], values[measure, y]
            yield from emit.estimate(
                f"{measure}.shift", contrast(x, y), emit.shift(a, b, confidence, exact_limit, shift_interval)
            )
            if measure in GEOMETRIC:
                # of the values that the groups' geometric means are of: a group without any has none
                ratio = ranks.geometric_ratio(quantified[measure, x], quantified[measure, y], confidence)
                if ratio.note == ranks.EMPTY and len(a) and len(b):
                    none = not len(quantified[measure, x]) and not len(quantified[measure, y])
                    ratio = replace(ratio, note=f"no quantified values in {'either' if none else 'a'} group")
                yield from emit.estimate(f"{measure}.ratio", contrast(x, y), ratio)
    yield from _course(keyed, taken, who, at, window, quantile_type, few)
    if few:
        yield from _patients(keyed, taken, measured, by)


def _geometric(measure: str, group: str, values: np.ndarray) -> Iterator[Row]:
    """The geometric mean of quantified values and its coefficient of variation, each with the reason where there is none."""
    found = descriptive.geometric(values)
    why = "no quantified values" if not len(values) else ranks.NO_LOGARITHM if values.min() <= 0 else "a single quantified value"
    yield from emit.summary(measure, group, found, ("geomean", "geocv"), why)


@dataclass(frozen=True)
class Taken:
    """The samples of one analyte: the patient's position, the day, the value, whether it is below quantification, and its limit
    where it isn't quantified, negative where it lies below."""

    owner: np.ndarray
    day: np.ndarray
    value: np.ndarray
    below: np.ndarray
    beyond: np.ndarray


def _taken(keyed: pd.DataFrame, course: pd.DataFrame, analyte: str) -> Taken:
    """Those of these patients; the columns themselves, not copies, where that is all of them."""
    owner = owners(keyed, course)
    columns = owner, *(course[name].to_numpy() for name in ("day", "value", "below", "beyond"))
    mine = (course["analyte"] == analyte).to_numpy(dtype=bool, na_value=False) & (owner >= 0)
    return Taken(*columns) if mine.all() else Taken(*(column[mine] for column in columns))


def _samples(
    keyed: pd.DataFrame,
    taken: Taken,
    who: Groups,
    window: Sequence[float],
    quantile_type: int,
) -> Iterator[Row]:
    """How often patients were sampled within the window: unequal schedules can make a difference in time to peak."""
    inside = taken.owner[_within(taken.day, window)]
    counted = keyed.assign(samples=np.bincount(inside, minlength=len(keyed)).astype(float))
    for group, part in who.parts(counted):
        found = descriptive.summary(part["samples"].to_numpy(float), kind=quantile_type)
        yield from emit.summary("samples", group, found, SUMMARY, "no patients")


def _course(
    keyed: pd.DataFrame,
    taken: Taken,
    who: Groups,
    at: Sequence[float],
    window: Sequence[float],
    quantile_type: int,
    few: bool,
) -> Iterator[Row]:
    """Values by day, each group's in turn; `few` leaves out the outer quantiles."""
    measured, place = _days(taken.day)
    # all samples by day, once; those of a group are picked out of each day
    order = np.argsort(place, kind="stable")
    owner, value, limits = taken.owner[order], taken.value[order], taken.beyond[order]
    ends = np.searchsorted(place[order], np.arange(len(measured) + 1, dtype=place.dtype))
    by_day = {float(day): slice(ends[i], ends[i + 1]) for i, day in enumerate(measured)}
    days = [float(day) for day in at] or measured[_within(measured, window)].tolist()
    for group, part in who.parts(keyed.assign(position=np.arange(len(keyed)))):
        member = np.zeros(len(keyed), dtype=bool)
        member[part["position"].to_numpy()] = True
        for day in days:
            here = by_day.get(day, slice(0))
            mine = member[owner[here]]
            values = value[here][mine]
            sample = Sample.of(values)
            found = descriptive.summary(sample, kind=quantile_type)
            beyond = quantification.beyond(values, limits[here][mine], quantile_type, sample=sample)
            middle = ("n", "median", "q1", "q3")
            yield from emit.summary("course", group, found, middle, "nobody measured", at=day, beyond=beyond)
            if not few:
                outer = descriptive.tails(sample, quantile_type)
                yield from emit.summary("course", group, outer, TAILS, "nobody measured", at=day, beyond=beyond)


def _days(day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the different days, in order; for every sample the place of its own among them).

    Days are few and mostly whole: these are counted, which sorting them would not do in one pass, and small numbers sort
    many times as fast as large ones.
    """
    low, high = (float(day.min()), float(day.max())) if len(day) else (0.0, 0.0)
    if high - low < WHOLE and (day == np.floor(day)).all():
        shifted = (day - low).astype(np.int64)
        there = np.bincount(shifted) > 0
        measured, place = np.flatnonzero(there) + low, (np.cumsum(there) - 1)[shifted]
    else:
        measured, place = np.unique(day, return_inverse=True)
    return measured, place.astype(np.min_scalar_type(len(measured)))


def _patients(keyed: pd.DataFrame, taken: Taken, measured: pd.DataFrame, by: str) -> Iterator[Row]:
    """Everybody's values, peak and time to peak, for the figures."""
    names, groups_ = (keyed[name].to_numpy(dtype=object)[taken.owner] for name in ("subject", by))
    columns = (names, groups_, *(values.tolist() for values in (taken.day, taken.value, taken.below, taken.beyond)))
    for subject, arm, day, value, below, beyond in zip(*columns, strict=True):
        yield Row("patient", "value", value, str(arm), subject, day, note=_limited(beyond))
        if below:
            yield Row("patient", "below", 1, str(arm), subject, day)
    for record in measured.itertuples(index=False):
        for measure in DRAWN:
            beyond = _limited(getattr(record, BEYOND[measure])) if measure in BEYOND else ""
            own = f"{record.subject}.{measure}"
            yield Row("patient", "value", getattr(record, measure), str(getattr(record, by)), own, note=beyond)


def _limited(beyond: float) -> str:
    """The note of a value that isn't quantified; '' for any other."""
    return "" if math.isnan(beyond) else limit_note(beyond)


def _within(day: np.ndarray, window: Sequence[float]) -> np.ndarray:
    """Days within the window, ends included; without a window all that are known."""
    return (day >= window[0]) & (day <= window[1]) if len(window) == 2 else ~np.isnan(day)


def _of(frame: pd.DataFrame, analyte: str) -> pd.DataFrame:
    return frame[(frame["analyte"] == analyte).to_numpy(dtype=bool, na_value=False)]
