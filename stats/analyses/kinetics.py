"""The course of an analyte: peak, time to peak, exposure, persistence, and every patient's values for the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stats.analyses import _emit as emit
from stats.analyses._owners import aligned, owners
from stats.groups import FEWEST, Groups, contrast, groups
from stats.methods import descriptive, ranks
from stats.results import Row

SUMMARY = ("n", "median", "q1", "q3", "min", "max")
MEASURES = ("peak", "tmax", "auc", "last", "last_day", "persistence")
GEOMETRIC = ("peak", "auc")
TAILS = ("q05", "q95")
DRAWN = ("peak", "tmax")  # of which figures show every patient
FLAGS = ("peak_below", "peak_above")


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
    who = groups(subjects, by, reference, fewest)
    keyed = subjects[["subject", by]]
    few = len(keyed) <= individuals
    measured = keyed.assign(**aligned(keyed, _of(exposure, analyte), (*MEASURES, *FLAGS)))
    measured = measured.assign(**{flag: measured[flag] == 1 for flag in FLAGS})
    for stat, value in (("lloq", lloq), ("uloq", uloq)):
        if value is not None:
            yield Row(stat, "value", value, "all")
    values: dict[tuple[str, str], np.ndarray] = {}
    for measure in MEASURES:
        for group, part in who.parts(measured):
            known = part[measure].to_numpy(float)
            values[measure, group] = known[~np.isnan(known)]
            found = descriptive.summary(known, kind=quantile_type)
            yield from emit.summary(measure, group, found, SUMMARY, "no values")
            if not few and measure in DRAWN:
                yield from emit.summary(measure, group, descriptive.tails(known, quantile_type), TAILS, "no values")
            if measure in GEOMETRIC:
                # a peak below quantification has a rank but no value on a log scale
                logged = np.where(part["peak_below"].to_numpy(bool), np.nan, known)
                geometric = descriptive.geometric(logged[~np.isnan(logged)])
                yield from emit.summary(measure, group, geometric, ("geomean", "geocv"), "no quantified values")
    for group, part in who.parts(measured):
        for side in ("below", "above"):
            yield Row(f"peak_{side}", "n", int(part[f"peak_{side}"].sum()), group)
    taken = _of(course, analyte)
    owner = owners(keyed, taken)
    taken, owner = taken[owner >= 0], owner[owner >= 0]
    yield from _samples(keyed, taken, owner, who, window, quantile_type)
    for measure in MEASURES:
        for label, compared in emit.questions(who):
            samples = [values[measure, key] for key in compared]
            yield from emit.numbers_compared(
                measure, label, samples, exact_limit, logs=measure in GEOMETRIC, fewest=who.fewest
            )
        for x, y in who.contrasts:
            a, b = values[measure, x], values[measure, y]
            yield from emit.estimate(
                f"{measure}.shift", contrast(x, y), emit.shift(a, b, confidence, exact_limit, shift_interval)
            )
            if measure in GEOMETRIC:
                yield from emit.estimate(f"{measure}.ratio", contrast(x, y), ranks.geometric_ratio(a, b, confidence))
    yield from _course(keyed, taken, owner, who, at, window, quantile_type, few)
    if few:
        yield from _patients(keyed, taken, owner, measured, by)


def _samples(
    keyed: pd.DataFrame,
    taken: pd.DataFrame,
    owner: np.ndarray,
    who: Groups,
    window: Sequence[float],
    quantile_type: int,
) -> Iterator[Row]:
    """How often patients were sampled within the window: unequal schedules can make a difference in time to peak."""
    inside = owner[_within(taken["day"], window)]
    counted = keyed.assign(samples=np.bincount(inside, minlength=len(keyed)).astype(float))
    for group, part in who.parts(counted):
        found = descriptive.summary(part["samples"].to_numpy(float), kind=quantile_type)
        yield from emit.summary("samples", group, found, SUMMARY, "no patients")


def _course(
    keyed: pd.DataFrame,
    taken: pd.DataFrame,
    owner: np.ndarray,
    who: Groups,
    at: Sequence[float],
    window: Sequence[float],
    quantile_type: int,
    few: bool,
) -> Iterator[Row]:
    """Values by day, each group's in turn; `few` leaves out the outer quantiles."""
    measured, place = np.unique(taken["day"].to_numpy(float), return_inverse=True)
    value = taken["value"].to_numpy(float)
    days = [float(day) for day in at] or [float(day) for day in measured if _within(pd.Series([day]), window)[0]]
    for group, part in who.parts(keyed.assign(position=np.arange(len(keyed)))):
        member = np.zeros(len(keyed), dtype=bool)
        member[part["position"].to_numpy()] = True
        mine = np.flatnonzero(member[owner])
        order = mine[np.argsort(place[mine], kind="stable")]
        ends = np.searchsorted(place[order], np.arange(len(measured) + 1))
        by_day = {float(day): value[order[ends[i] : ends[i + 1]]] for i, day in enumerate(measured)}
        for day in days:
            found = descriptive.summary(by_day.get(day, np.array([])), kind=quantile_type)
            yield from emit.summary("course", group, found, ("n", "median", "q1", "q3"), "nobody measured", at=day)
            if not few:
                outer = descriptive.tails(by_day.get(day, np.array([])), quantile_type)
                yield from emit.summary("course", group, outer, TAILS, "nobody measured", at=day)


def _patients(
    keyed: pd.DataFrame, taken: pd.DataFrame, owner: np.ndarray, measured: pd.DataFrame, by: str
) -> Iterator[Row]:
    """Everybody's values, peak and time to peak, for the figures."""
    names, groups_ = keyed["subject"].to_numpy(dtype=object)[owner], keyed[by].to_numpy(dtype=object)[owner]
    columns = (names, groups_, *(taken[name].tolist() for name in ("day", "value", "below")))
    for subject, arm, day, value, below in zip(*columns, strict=True):
        yield Row("patient", "value", value, str(arm), subject, day)
        if below:
            yield Row("patient", "below", 1, str(arm), subject, day)
    for record in measured.itertuples(index=False):
        for measure in DRAWN:
            yield Row(
                "patient", "value", getattr(record, measure), str(getattr(record, by)), f"{record.subject}.{measure}"
            )


def _within(days: pd.Series, window: Sequence[float]) -> np.ndarray:
    """Rows of a day within the window, ends included; without a window all that have a day."""
    inside = days.between(window[0], window[1]) if len(window) == 2 else days.notna()
    return inside.to_numpy(dtype=bool)


def _of(frame: pd.DataFrame, analyte: str) -> pd.DataFrame:
    return frame[(frame["analyte"] == analyte).to_numpy(dtype=bool, na_value=False)]
