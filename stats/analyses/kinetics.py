"""The course of an analyte: peak, time to peak, exposure, persistence, and every patient's values for the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from stats.analyses import _emit as emit
from stats.groups import FEWEST, contrast, groups
from stats.methods import descriptive, ranks
from stats.results import Row

SUMMARY = ("n", "median", "q1", "q3", "min", "max")
MEASURES = ("peak", "tmax", "auc", "last", "last_day", "persistence")
GEOMETRIC = ("peak", "auc")


def analyse(
    subjects: pd.DataFrame,
    course: pd.DataFrame,
    exposure: pd.DataFrame,
    *,
    analyte: str,
    at: Sequence[float] = (),
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
    """`at` names the days of the course; without it every day on which anyone was measured, within the window."""
    who = groups(subjects, by, reference, fewest)
    keyed = subjects[["subject", by]]
    measured = _of(keyed, exposure, analyte)
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
            if measure in GEOMETRIC:
                # a peak below quantification has a rank but no value on a log scale
                logged = np.where(part["peak_below"].to_numpy(bool), np.nan, known)
                geometric = descriptive.geometric(logged[~np.isnan(logged)])
                yield from emit.summary(measure, group, geometric, ("geomean", "geocv"), "no quantified values")
    for group, part in who.parts(measured):
        for side in ("below", "above"):
            yield Row(f"peak_{side}", "n", int(part[f"peak_{side}"].sum()), group)
    yield from _samples(keyed, course, analyte, who.column, window, reference, quantile_type)
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
    yield from _course(keyed, course, analyte, who.column, at, window, reference, quantile_type)
    for record in measured.itertuples(index=False):
        for measure in ("peak", "tmax"):
            yield Row(
                "patient", "value", getattr(record, measure), str(getattr(record, by)), f"{record.subject}.{measure}"
            )


def _samples(
    keyed: pd.DataFrame,
    course: pd.DataFrame,
    analyte: str,
    by: str,
    window: Sequence[float],
    reference: str,
    quantile_type: int,
) -> Iterator[Row]:
    """How often patients were sampled within the window: unequal schedules can make a difference in time to peak."""
    data = _of(keyed, course, analyte, how="inner")
    if len(window) == 2:
        data = data[data["day"].between(window[0], window[1])]
    counted = keyed.assign(samples=keyed["subject"].map(data.groupby("subject").size()).fillna(0).astype(float))
    for group, part in groups(counted, by, reference).parts(counted):
        found = descriptive.summary(part["samples"].to_numpy(float), kind=quantile_type)
        yield from emit.summary("samples", group, found, SUMMARY, "no patients")


def _course(
    keyed: pd.DataFrame,
    course: pd.DataFrame,
    analyte: str,
    by: str,
    at: Sequence[float],
    window: Sequence[float],
    reference: str,
    quantile_type: int,
) -> Iterator[Row]:
    who = groups(keyed, by, reference)
    data = _of(keyed, course, analyte, how="inner")
    if len(window) == 2:
        inside = data["day"].between(window[0], window[1])
    else:
        inside = data["day"].notna()
    days = [float(day) for day in at] or sorted(float(day) for day in data.loc[inside, "day"].unique())
    for group, part in who.parts(data):
        by_day = dict(tuple(part.groupby("day")["value"]))
        for day in days:
            found = descriptive.summary(
                by_day[day].to_numpy(float) if day in by_day else np.array([]), kind=quantile_type
            )
            yield from emit.summary("course", group, found, ("n", "median", "q1", "q3"), "nobody measured", at=day)
    columns = (data[name].tolist() for name in ("subject", by, "day", "value", "below"))
    for subject, arm, day, value, below in zip(*columns, strict=True):
        yield Row("patient", "value", value, str(arm), subject, day)
        if below:
            yield Row("patient", "below", 1, str(arm), subject, day)


def _of(keyed: pd.DataFrame, frame: pd.DataFrame, analyte: str, how: Literal["left", "inner"] = "left") -> pd.DataFrame:
    rows = frame[(frame["analyte"] == analyte).to_numpy(dtype=bool, na_value=False)]
    data = keyed.merge(rows, on="subject", how=how)
    for flag in ("peak_below", "peak_above", "below"):
        if flag in data:
            data[flag] = data[flag].eq(True)
    return data
