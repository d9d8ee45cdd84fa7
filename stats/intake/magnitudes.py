"""Sizes: blood counts no patient can have, and arms so far apart that one must be in another unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive import cytopenia, toxicity
from stats.derive.step import Frames, columns_of, header, numbers, positions, problem, words
from stats.findings import Problem
from stats.intake.places import at_rows
from stats.study.roles import is_age
from stats.study.types import DAYS, Study

# lowest and highest believable value: hemoglobin in g/L, counts in 10⁹/L
POSSIBLE = {"hemoglobin": (20.0, 250.0), "neutrophils": (0.0, 100.0), "platelets": (0.0, 2500.0),
            "leukocytes": (0.0, 1000.0), "lymphocytes": (0.0, 900.0)}
FAR, APART = 100.0, 30.0  # ratio of the arms' medians: on its own, or when the arms don't overlap either
OLDEST = 120.0            # years; nobody known has lived much longer
COLDEST, HOTTEST = 25.0, 45.0  # °C
FEWEST = 3                # patients in each arm


def check(study: Study, frames: Frames) -> list[Problem]:
    """E_PLAUSIBLE: impossible blood counts, ages and temperatures by row; an analyte or column whose arms are a hundredfold
    apart."""
    return [*_impossible(study, frames), *_too_old(study, frames), *_feverish(study, frames), *_arms(study, frames)]


def _impossible(study: Study, frames: Frames) -> Iterator[Problem]:
    series = frames.get("series")
    if series is not None and {"analyte", "value"} <= set(series.columns):
        for name in sorted(set(words(series["analyte"].drop_duplicates())) - {None}):
            scale = cytopenia.scale_of(name)
            if scale:
                rows = (series["analyte"] == name).to_numpy(dtype=bool, na_value=False)
                factor = cytopenia.factors(series, scale, toxicity.unit_of(study, name))
                yield from _outside(study, frames, "series", "value", scale, rows, numbers(series["value"]) * factor)
    for column in columns_of(study, "subjects").values():
        scale = cytopenia.scale_of(column.name) if column.type == "number" and column.in_file else ""
        if scale and column.unit:
            value = numbers(frames["subjects"][column.name]) * cytopenia.factor(scale, column.unit)
            yield from _outside(study, frames, "subjects", column.name, scale, np.ones(len(value), dtype=bool), value)


def _feverish(study: Study, frames: Frames) -> Iterator[Problem]:
    """Temperatures of the body in another scale than declared."""
    for name, frame in frames.items():
        for column in columns_of(study, name).values():
            if column.unit == "°C" and column.type == "number" and "temp" in column.name.casefold() and column.name in frame:
                value = numbers(frame[column.name])
                broken = (value < COLDEST) | (value > HOTTEST)
                yield from at_rows(study, frames, "E_PLAUSIBLE", f"no patient has a temperature like this in °C, {COLDEST:g} to "
                                   f"{HOTTEST:g}: is it in °F?", broken, name, column.name, "Convert it, or correct it")


def _too_old(study: Study, frames: Frames) -> Iterator[Problem]:
    for column in columns_of(study, "subjects").values():
        if is_age(column) and column.in_file and column.name in frames["subjects"]:
            age = numbers(frames["subjects"][column.name])
            broken = (age < 0) | (age > OLDEST)
            yield from at_rows(study, frames, "E_PLAUSIBLE", f"no patient has an age like this in years, 0 to {OLDEST:g}", broken,
                               "subjects", column.name, "Convert it to years (from months, say), or correct it")


def _outside(study: Study, frames: Frames, frame: str, column: str, scale: str, rows: np.ndarray,
             value: np.ndarray) -> list[Problem]:
    low, high = POSSIBLE[scale]
    broken = rows & ((value < low) | (value > high))

    def reason(i: int) -> str:
        for factor in (10.0, 1000.0):
            if low <= value[i] / factor <= high and value[i] > high:
                return f"no patient has {scale} this high; divided by {factor:g} it would be: another unit?"
            if low <= value[i] * factor <= high and value[i] < low:
                return f"no patient has {scale} this low; times {factor:g} it would be: another unit?"
        return f"no patient has {scale} like this"

    return at_rows(study, frames, "E_PLAUSIBLE", reason, broken, frame, column,
                   f"Convert these rows to the declared unit; the scale is in {cytopenia.CANONICAL[scale]}")


def _arms(study: Study, frames: Frames) -> list[Problem]:
    """Per analyte the patients' highest values, per numeric column the values, compared between arms."""
    subjects, series = frames["subjects"], frames.get("series")
    if "arm" not in subjects or not isinstance(subjects["arm"].dtype, pd.CategoricalDtype) or len(study.arms) < 2:
        return []
    arm = subjects["arm"].cat.codes.to_numpy()
    problems = []
    if series is not None and {"analyte", "value", "subject"} <= set(series.columns):
        owner, value = positions(subjects, series), numbers(series["value"])
        for name in sorted(set(words(series["analyte"].drop_duplicates())) - {None}):
            rows = (series["analyte"] == name).to_numpy(dtype=bool, na_value=False) & ~np.isnan(value)
            top = np.full(len(subjects) + 1, -np.inf)  # the last for strangers
            for part in ordering.portions(len(rows)):
                mine = rows[part]
                np.maximum.at(top, owner[part][mine], value[part][mine])
            highest = np.where(np.isfinite(top), top, np.nan)[:-1]
            label = study.analytes[name].label if name in study.analytes else name
            problems += _apart(study, frames, label, highest, arm, "series", "value")
    for column in columns_of(study, "subjects").values():
        if column.type == "number" and column.in_file and column.unit not in DAYS:
            label = column.label or header(study, "subjects", column.name)
            problems += _apart(study, frames, label, numbers(subjects[column.name]), arm, "subjects", column.name)
    return problems


def _apart(study: Study, frames: Frames, label: str, value: np.ndarray, arm: np.ndarray, frame: str,
           column: str) -> list[Problem]:
    parts = [value[(arm == k) & (value > 0)] for k in range(len(study.arms))]
    parts = [part for part in parts if len(part) >= FEWEST]
    if len(parts) < 2:
        return []
    low, high = min(parts, key=np.median), max(parts, key=np.median)
    ratio = float(np.median(high) / np.median(low))
    if ratio < FAR and not (ratio >= APART and high.min() > low.max()):
        return []
    return [problem(study, frames, "E_PLAUSIBLE", f"{label}: the arms' medians are {ratio:.0f}-fold apart, as if one "
                    "arm were in another unit", frame, column=column, remedy="Compare the units of the arms; convert "
                                                                             "one of them")]
