"""Subject columns read out of long frames (`from`) and time spans between two of them (`between`).

A `from` column takes the rows of one frame that pass analyte, day window and condition, and picks one fact per patient.
Rows without a day never enter a window; rows without a value can be counted but not picked from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from stats import where
from stats.derive import deaths, kinetics, times
from stats.derive.stand_ins import BEYOND, counted
from stats.derive.step import (
    Frames,
    Step,
    columns_of,
    levelled,
    numbers,
    positions,
    problem,
    replaced,
    with_columns,
    words,
)
from stats.findings import Problem
from stats.methods.types import Description
from stats.study.roles import frame_columns
from stats.study.types import DAYS, Analyte, Column, From, Study

VALUES = ("value", "response", "grade")  # what a long frame is about, where `column` doesn't say
PRESENCE = ("any", "count", "first-day", "last-day")
PROFILE = ("peak", "tmax", "auc")

DEFINITIONS: dict[str, Description] = {}


def derive(study: Study, frames: Frames) -> Step:
    """Adds every `from` column in the order of the study file, then every `between` column, after those that it is between."""
    problems: list[Problem] = []
    for column in columns_of(study, "subjects").values():
        if column.read_from is not None:
            values, limits, found = _read(study, frames, column, column.read_from)
            beyond = {} if limits is None else {f"{column.name}.{BEYOND}": limits}
            frames = with_columns(frames, "subjects", {column.name: values, **beyond})
            problems += [*found, *_checked(study, frames, column)]
    waiting = [column for column in columns_of(study, "subjects").values() if column.between is not None]
    while waiting:
        names = {column.name for column in waiting}
        column = next(one for one in waiting if names.isdisjoint(one.between or ()))  # the study file was refused in circles
        waiting.remove(column)
        frames = with_columns(frames, "subjects", {column.name: span(study, frames["subjects"], column)})
        problems += _checked(study, frames, column)
    return Step(frames, tuple(problems))


def span(study: Study, subjects: pd.DataFrame, column: Column) -> np.ndarray:
    """Time from one date or day column to another, in days or in the column's unit when that is a unit of time."""
    assert column.between is not None
    start, end = (times.days(study, subjects, name) for name in column.between)
    return (end - start) / DAYS.get(column.unit, 1.0)


def _read(study: Study, frames: Frames, column: Column, source: From) -> tuple[object, np.ndarray | None, list[Problem]]:
    """(the column's values, the limits of those that aren't quantified where it may have such, what is wrong)."""
    subjects, n = frames["subjects"], len(frames["subjects"])
    frame, label = frames.get(source.frame), column.label or column.name
    nothing = _typed(np.full(n, np.nan), None, column)
    if frame is None:
        return nothing, None, [problem(study, frames, "N_NO_FRAME", f"{label} is read from {source.frame}, which is absent",
                                       column=column.name)]
    analyte = study.analytes.get(source.analyte, Analyte(source.analyte, source.analyte))
    given, limits = frame, np.full(len(frame), np.nan)
    measures = bool(source.analyte) and "value" in frame and pd.api.types.is_numeric_dtype(frame["value"].dtype)
    if measures:
        value, limits = counted(frame, analyte)
        given = replaced(frame, {"value": value}) if not np.isnan(limits).all() else frame
    keep = _chosen(study, given, source)
    if source.pick in PROFILE:
        analyte = replace(analyte, window=source.day or analyte.window)
        s = kinetics.samples(subjects, frame, analyte, keep)
        profile = kinetics.measure(s, n, analyte.window, analyte.lloq)
        measured = profile[source.pick]
        if analyte.sampling is not None and source.pick in ("peak", "tmax"):
            rare = kinetics.rarely(s, n, analyte.sampling, deaths.death_day(study, subjects))
            measured = np.where(rare, np.nan, measured)
        return _typed(measured, None, column), profile["peak_beyond"] if source.pick == "peak" else None, []
    rows, limits = given[keep], limits[keep]
    day = numbers(rows["day"]) if "day" in rows else np.full(len(rows), np.nan)
    owner = positions(subjects, rows)
    if source.pick in PRESENCE:
        return _presence(rows, owner, day, n, column, source), None, []
    taken = source.column or next((c for c in VALUES if c in rows), "")
    if taken not in rows:
        return nothing, None, [problem(study, frames, "E_COLUMN_MISSING", f"{label} picks a value from {source.frame}, which "
                                       f"has no column {taken or 'value, response or grade'}", column=column.name,
                                       remedy="Name one with column = …")]
    known = rows[taken].notna().to_numpy() & (owner >= 0)
    rows, day, owner, limits = rows[known], day[known], owner[known], limits[known]
    limited = measures and taken == "value" and column.type == "number"
    if source.pick == "mean":
        value = numbers(rows[taken])
        total = np.bincount(owner, weights=value, minlength=n)
        count = np.bincount(owner, minlength=n)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return _typed(mean, None, column), _highest(limits, owner, n, every=True) if limited else None, []
    chosen = _pick(owner, _keys(rows[taken], day, source, column), n)
    found = _unknown_levels(study, frames, column, source, rows[taken], chosen)
    if not limited:
        return _typed(chosen, rows[taken], column), None, found
    there = ~np.isnan(chosen)
    beyond = np.full(n, np.nan)
    beyond[there] = limits[chosen[there].astype(int)]
    if source.pick == "max":  # where all lie below, the highest of them lies below the highest limit
        beyond = np.where(beyond < 0, _highest(limits, owner, n), beyond)
    return _typed(chosen, rows[taken], column), beyond, found


def _highest(limits: np.ndarray, owner: np.ndarray, n: int, every: bool = False) -> np.ndarray:
    """Per patient the highest limit below which a value lies, negative; nan of none, with `every` also unless all do."""
    lowest = np.full(n, np.inf)
    np.minimum.at(lowest, owner, np.where(limits < 0, limits, np.inf))
    if every:
        np.maximum.at(lowest, owner, np.where(limits < 0, -np.inf, np.inf))
    return np.where(np.isfinite(lowest), lowest, np.nan)


def _chosen(study: Study, frame: pd.DataFrame, source: From) -> np.ndarray:
    """Rows of the frame that pass analyte, condition and day window (both ends included)."""
    keep = np.ones(len(frame), dtype=bool)
    if source.analyte:
        keep &= (frame["analyte"] == source.analyte).to_numpy(dtype=bool, na_value=False)
    if source.where:
        columns = frame_columns(study.frames[source.frame])
        keep &= where.compile(source.where, columns).mask(frame)
    if source.day is not None:
        day = numbers(frame["day"]) if "day" in frame else np.full(len(frame), np.nan)
        keep &= (day >= source.day[0]) & (day <= source.day[1])
    return keep


def _presence(rows: pd.DataFrame, owner: np.ndarray, day: np.ndarray, n: int, column: Column, source: From) -> object:
    """any, count, first-day, last-day: facts about rows, not about their values."""
    if source.column and source.column in rows:
        there = rows[source.column]
        told = (there.fillna(False).to_numpy(dtype=bool) if pd.api.types.is_bool_dtype(there.dtype)
                else there.notna().to_numpy())
        rows, owner, day = rows[told], owner[told], day[told]
    here = owner >= 0
    if source.pick in ("any", "count"):
        count = np.bincount(owner[here], minlength=n)
        return _typed((count > 0 if source.pick == "any" else count).astype(float), None, column)
    here &= ~np.isnan(day)
    if column.type == "date" and "date" in rows:
        first = _pick(owner[here], (day[here] if source.pick == "first-day" else -day[here],), n)
        return _typed(first, rows["date"][here], column)
    edge = np.full(n, np.inf if source.pick == "first-day" else -np.inf)
    reduce: Callable[..., None] = np.minimum.at if source.pick == "first-day" else np.maximum.at
    reduce(edge, owner[here], day[here])
    return _typed(np.where(np.isfinite(edge), edge / DAYS.get(column.unit, 1.0), np.nan), None, column)


def _keys(values: pd.Series, day: np.ndarray, source: From, column: Column) -> tuple[np.ndarray, ...]:
    """What the picked row has least of; ties go to the earlier day, then to the earlier row (`last`: the later one).

    Rows stand in the frame's own total order, so that the order in the file never decides.
    """
    if source.pick in ("min", "max"):
        size = _sizes(values, column)
        return (size if source.pick == "min" else -size, day)
    if source.pick == "nearest":
        return (np.abs(day - (source.to or 0.0)), day)
    return (-day, -np.arange(len(day))) if source.pick == "last" else (day,)


def _sizes(values: pd.Series, column: Column) -> np.ndarray:
    """What values are compared by: their place among ordered levels, of the file or of the column they are read into; or
    themselves."""
    if isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered:
        return values.cat.codes.to_numpy(float)
    if column.levels and not pd.api.types.is_numeric_dtype(values.dtype):
        codes = _codes(_levels(words(values), column), column)
        return np.where(codes < 0, np.nan, codes)
    return numbers(values)


def _pick(owner: np.ndarray, keys: tuple[np.ndarray, ...], n: int) -> np.ndarray:
    """Per patient the position of the row that is least by keys, nan where there is none; a nan key comes last."""
    out = np.full(n, np.nan)
    if not len(owner):
        return out
    order = np.argsort(owner, kind="stable")
    who = owner[order]
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    lengths = np.diff(np.append(starts, len(who)))
    best = np.ones(len(who), dtype=bool)
    for key in keys:
        size = np.where(best & ~np.isnan(key[order]), key[order], np.inf)
        best &= size == np.repeat(np.minimum.reduceat(size, starts), lengths)
    first = np.minimum.reduceat(np.where(best, np.arange(len(who)), len(who)), starts)
    out[who[starts]] = order[first]
    return out


def _typed(found: np.ndarray, taken: pd.Series | None, column: Column) -> object:
    """Values as the column's declared type; with `taken`, `found` holds positions in it, nan for none."""
    if taken is None:
        values = pd.Series(found)
    else:
        at = np.where(np.isnan(found), -1, found).astype(int)
        values = taken.reset_index(drop=True).reindex(at).reset_index(drop=True)
    if column.type == "number":
        return numbers(values)
    if column.type == "date":
        return pd.to_datetime(values).to_numpy()
    if column.type == "flag":
        return pd.array([pd.NA if np.isnan(v) else bool(v) for v in _truth(values)], dtype="boolean")
    text = _levels(words(values), column)
    if column.levels:
        return levelled(_codes(text, column), column.levels)
    return text


def _codes(text: np.ndarray, column: Column) -> np.ndarray:
    """The place of each level among those of the column, -1 for what is none of them."""
    place = {level: code for code, level in enumerate(column.levels)}
    return np.array([place.get(level, -1) for level in text], dtype=int)


def _levels(text: np.ndarray, column: Column) -> np.ndarray:
    return np.array([column.values.get(t, t) if t is not None else None for t in text], dtype=object)


def _truth(values: pd.Series) -> np.ndarray:
    """Numbers, flags and the words yes and no as 1, 0 and nan."""
    if values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype):
        told = {"1": 1.0, "yes": 1.0, "true": 1.0, "0": 0.0, "no": 0.0, "false": 0.0}
        return np.array([np.nan if t is None else told.get(str(t).casefold(), np.nan) for t in words(values)])
    known = numbers(values)
    return np.where(np.isnan(known), np.nan, (known != 0).astype(float))


def _unknown_levels(study: Study, frames: Frames, column: Column, source: From, taken: pd.Series,
                    chosen: np.ndarray) -> list[Problem]:
    """Picked values that are no declared level of the column."""
    if not column.levels:
        return []
    at = chosen[~np.isnan(chosen)].astype(int)
    text = _levels(words(taken.iloc[at]), column)
    reason = f"{column.label or column.name}: a value read from {source.frame} is none of {', '.join(column.levels)}"
    return [problem(study, frames, "E_LEVEL", reason, source.frame, int(taken.index[i]), str(taken.name), value=t)
            for i, t in zip(at, text) if t not in column.levels]


def _checked(study: Study, frames: Frames, column: Column) -> list[Problem]:
    """The declared range and `required` hold for made columns as they do for read ones."""
    values = frames["subjects"][column.name]
    problems = []
    if column.range is not None and column.type == "number":
        low, high = column.range
        out = ~values.isna() & ~values.between(low, high)
        problems = [problem(study, frames, "E_RANGE", f"{column.label or column.name} lies outside {low:g} to {high:g}",
                            position=int(i), column=column.name, value=values.iloc[i]) for i in np.flatnonzero(out)]
    if column.required:
        problems += [problem(study, frames, "E_VALUE_MISSING", f"{column.label or column.name} could not be made",
                             position=int(i), column=column.name) for i in np.flatnonzero(values.isna())]
    return problems


