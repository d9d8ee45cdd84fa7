"""Hematotoxicity after immune effector cells (ICAHT), early and late, for neutrophils and platelets; count recovery.

Counts are in 10⁹/L and days from infusion. Daily minima stand on a grid of days; gaps of up to a week are filled by
straight lines, longer ones and the time after the last sample are not known. A recovery shorter than three days counts
as none. Observation stops at death, progression or the next cell therapy.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from stats.derive import cytopenia, deaths, times, toxicity
from stats.derive.step import Frames, Step, columns_of, numbers, positions, problem, with_columns, words
from stats.findings import Problem
from stats.methods.types import Description
from stats.study.types import Column, Study

EARLY, LATE = (0.0, 30.0), (31.0, 100.0)
LONGEST_GAP = 7     # days between two samples that a straight line may bridge
SHORTEST_RECOVERY = 3  # days above the threshold, fewer don't end a spell
NEXT_THERAPY = ("hsct2_date", "hsct2_day", "dli_date", "dli_day", "cart2_date", "cart2_day")
TRANSFUSIONS = ("PLT_TX", "PLT_TRANSFUSION", "PLATELET_TRANSFUSION", "PLATELETS")

DEFINITIONS = {
    "icaht": Description(
        "Immune effector cell-associated hematotoxicity was graded by depth and duration of neutropenia, early and "
        "late after infusion. Gaps between samples of up to a week were bridged by linear interpolation, a recovery of "
        "fewer than three days counted as none, and observation ended with death, progression or the next cell "
        "therapy.",
        "Rejeski K, et al. Blood. 2023;142:865-877"),
    "count-recovery": Description(
        "Neutrophil recovery is the first of three consecutive measurements on different days at or above five "
        "hundred per microliter after the nadir; platelet recovery the first of three at or above twenty thousand per "
        "microliter without a "
        "transfusion in the week before.",
        "CIBMTR Forms Instruction Manual, initial ANC and platelet recovery"),
}


class Spell(NamedTuple):
    """grade 0 to 4 (nan: not evaluable), days at or below the two thresholds, observed days, and whether the
    observation ended before the window did."""

    grade: float
    low_days: float
    deep_days: float
    observed: int
    short: bool


def daily(day: np.ndarray, value: np.ndarray, window: tuple[float, float], stop: float = np.inf) -> np.ndarray:
    """Lowest value of every whole day of the window up to `stop`, gaps filled; nan where nothing is known."""
    first, last = int(window[0]), int(min(window[1], np.floor(stop)))
    grid = np.arange(first, max(last, first - 1) + 1)
    known = ~np.isnan(day) & ~np.isnan(value) & (day <= stop)
    on = np.floor(day[known]).astype(int)
    if not len(grid) or not len(on):
        return np.full(len(grid), np.nan)
    days = np.unique(on)
    lowest = np.full(len(days), np.inf)
    np.minimum.at(lowest, np.searchsorted(days, on), value[known])
    after = np.searchsorted(days, grid)
    before = np.searchsorted(days, grid, side="right") - 1
    inside = (before >= 0) & (after < len(days))
    gap = np.where(inside, days[np.minimum(after, len(days) - 1)] - days[np.maximum(before, 0)], np.inf)
    return np.where(inside & (gap <= LONGEST_GAP), np.interp(grid, days, lowest), np.nan)


def spells(grid: np.ndarray, low: Callable[[np.ndarray], np.ndarray]) -> list[int]:
    """Lengths of the runs of days that are low, in order; runs joined over recoveries of fewer than three known
    days."""
    below = low(grid) & ~np.isnan(grid)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], below.astype(int), [0]])))
    runs = list(zip(edges[::2], edges[1::2]))
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and start - joined[-1][1] < SHORTEST_RECOVERY and not np.isnan(grid[joined[-1][1]:start]).any():
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return [int(end - start) for start, end in joined]


def early(day: np.ndarray, anc: np.ndarray, stop: float = np.inf) -> Spell:
    """Early ICAHT of one patient, days 0 to 30: grade 1, 2, 3 for up to 6, 13 and from 14 days at or below 0.5; 3 and 4
    from 7 and 14 days at or below 0.1; 4 also when the count never rose above 0.5 while observed to the end (`short`
    tells when that end was death or next therapy)."""
    grid = cytopenia.significant(daily(np.asarray(day, float), np.asarray(anc, float), EARLY, stop))
    seen = ~np.isnan(grid)
    if not seen.any():
        return Spell(np.nan, np.nan, np.nan, 0, stop < EARLY[1])
    low = max(spells(grid, lambda g: g <= 0.5), default=0)
    deep = max(spells(grid, lambda g: g <= 0.1), default=0)
    at = np.flatnonzero(seen)
    whole = at[0] <= LONGEST_GAP and at[-1] >= len(grid) - 1 - LONGEST_GAP and seen[at[0]:at[-1] + 1].all()
    never_above = whole and bool((grid[seen] <= 0.5).all())
    grade = (4.0 if never_above or deep >= 14 else 3.0 if low >= 14 or deep >= 7 else 2.0 if low >= 7 else
             1.0 if low >= 1 else 0.0)
    return Spell(grade, low, deep, int(seen.sum()), stop < EARLY[1])


def late(day: np.ndarray, anc: np.ndarray, stop: float = np.inf) -> float:
    """Late ICAHT, days 31 to 100: grade 1 to 4 for two or more measurements at or below 1.5, 1.0, 0.5, 0.1; nan when
    nothing was measured then."""
    day, count = np.asarray(day, float), cytopenia.significant(anc)
    inside = (day >= LATE[0]) & (day <= min(LATE[1], stop)) & ~np.isnan(count)
    if not inside.any():
        return np.nan
    return next((grade for grade, limit in ((4.0, 0.1), (3.0, 0.5), (2.0, 1.0), (1.0, 1.5))
                 if (count[inside] <= limit).sum() >= 2), 0.0)


def platelets_early(day: np.ndarray, platelets: np.ndarray, stop: float = np.inf) -> Spell:
    """Early T-ICAHT: all days together below 50 grade 1 (up to 6) or 2, below 20 grade 3 (up to 13) or 4."""
    return _platelets(np.asarray(day, float), np.asarray(platelets, float), EARLY, stop)


def platelets_late(day: np.ndarray, platelets: np.ndarray, stop: float = np.inf) -> float:
    """Late T-ICAHT, days 31 to 100: below 100 grade 1, below 50 grade 2, below 20 grade 3 (up to 13 days) or 4; each
    needs two measurements; nan when nothing was measured then."""
    day, count = np.asarray(day, float), cytopenia.significant(platelets)
    inside = (day >= LATE[0]) & (day <= min(LATE[1], stop)) & ~np.isnan(count)
    if not inside.any():
        return np.nan
    found = {limit: (count[inside] < limit).sum() >= 2 for limit in (100.0, 50.0, 20.0)}
    if found[20.0]:
        return 4.0 if _platelets(day, count, LATE, stop).deep_days >= 14 else 3.0
    return 2.0 if found[50.0] else 1.0 if found[100.0] else 0.0


def recovery(day: np.ndarray, value: np.ndarray, limit: float, transfused: np.ndarray | None = None) -> float:
    """Day of the first of three consecutive measurements, on different days after the nadir, at or above `limit`; with
    `transfused` days none of the three may follow one within a week. nan when never below the limit or not
    recovered."""
    day, count = np.asarray(day, float), cytopenia.significant(value)
    known = ~np.isnan(day) & ~np.isnan(count) & (day >= 0)
    if not known.any():
        return np.nan
    days = np.unique(np.floor(day[known]))
    lowest = np.full(len(days), np.inf)
    np.minimum.at(lowest, np.searchsorted(days, np.floor(day[known])), count[known])
    if lowest.min() >= limit:
        return np.nan
    fine = lowest >= limit
    for given in () if transfused is None else transfused:
        fine &= ~((days - given >= 0) & (days - given < 7))
    fine &= days > days[np.flatnonzero(lowest == lowest.min())[-1]]
    three = np.flatnonzero(fine[:-2] & fine[1:-1] & fine[2:]) if len(fine) > 2 else np.array([], dtype=int)
    return float(days[three[0]]) if len(three) else np.nan


def derive(study: Study, frames: Frames) -> Step:
    """Adds the columns of this subject matter that the study declares as derived (see MAKES)."""
    wanted = [c for c in columns_of(study, "subjects").values() if c.derived and c.name in MAKES]
    if not wanted:
        return Step(frames)
    subjects = frames["subjects"]
    stop = _stops(study, subjects)
    transfused = _transfusions(frames)
    added: dict[str, object] = {}
    problems: list[Problem] = []
    courses: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for column in wanted:
        scale, make = MAKES[column.name]
        if scale not in courses:
            courses[scale], found = _courses(study, frames, scale)
            problems += found
        values = np.array([make(day, count, end, given) for (day, count), end, given in
                           zip(courses[scale], stop, transfused)], dtype=float)
        added[column.name] = _typed(values, column)
    ran = {"count-recovery" if "recovery" in c.name else "icaht": None for c in wanted}
    return Step(with_columns(frames, "subjects", added), tuple(problems), tuple(ran))


# derived column: the counts it is made from, and how from (days, counts, end of observation, transfusion days)
MAKES: dict[str, tuple[str, Callable[..., float]]] = {
    "icaht_early": ("neutrophils", lambda d, v, stop, _: early(d, v, stop).grade),
    "icaht_late": ("neutrophils", lambda d, v, stop, _: late(d, v, stop)),
    "icaht_days_below_500": ("neutrophils", lambda d, v, stop, _: early(d, v, stop).low_days),
    "icaht_days_below_100": ("neutrophils", lambda d, v, stop, _: early(d, v, stop).deep_days),
    "icaht_observed_days": ("neutrophils", lambda d, v, stop, _: early(d, v, stop).observed),
    "icaht_short_observation": ("neutrophils", lambda d, v, stop, _: early(d, v, stop).short),
    "t_icaht_early": ("platelets", lambda d, v, stop, _: platelets_early(d, v, stop).grade),
    "t_icaht_late": ("platelets", lambda d, v, stop, _: platelets_late(d, v, stop)),
    "neutrophil_recovery_day": ("neutrophils", lambda d, v, stop, _: recovery(d, v, 0.5)),
    "platelet_recovery_day": ("platelets", lambda d, v, stop, given: recovery(d, v, 20.0, given)),
}


def _platelets(day: np.ndarray, count: np.ndarray, window: tuple[float, float], stop: float) -> Spell:
    grid = cytopenia.significant(daily(day, count, window, stop))
    seen = int((~np.isnan(grid)).sum())
    if not seen:
        return Spell(np.nan, np.nan, np.nan, 0, stop < window[1])
    low, deep = sum(spells(grid, lambda g: g < 50)), sum(spells(grid, lambda g: g < 20))
    grade = 4.0 if deep >= 14 else 3.0 if deep >= 1 else 2.0 if low >= 7 else 1.0 if low >= 1 else 0.0
    return Spell(grade, low, deep, seen, stop < window[1])


def _courses(study: Study, frames: Frames, scale: str) -> tuple[list[tuple[np.ndarray, np.ndarray]], list[Problem]]:
    """(days, counts in 10⁹/L) of every patient, from the first analyte whose name stands for the scale."""
    subjects, series = frames["subjects"], frames.get("series")
    empty = (np.array([]), np.array([]))
    names = [] if series is None else sorted(n for n in set(words(series["analyte"])) - {None} if
                                             cytopenia.scale_of(n) == scale)
    if series is None or not names:
        return [empty] * len(subjects), [problem(study, frames, "N_NO_FRAME", f"there are no values of {scale} to "
                                                                              "grade",
                                                 "series")]
    rows = series[(series["analyte"] == names[0]).to_numpy(dtype=bool, na_value=False)]
    owner, day = positions(subjects, rows), numbers(rows["day"])
    value = cytopenia.converted(rows, scale, toxicity.unit_of(study, names[0]))
    order = np.argsort(owner, kind="stable")
    cuts = np.searchsorted(owner[order], np.arange(len(subjects) + 1))
    return [(day[order[a:b]], value[order[a:b]]) for a, b in pairwise(cuts)], []


def _stops(study: Study, subjects: pd.DataFrame) -> np.ndarray:
    """End of observation: the earliest of death, progression and next cell therapy; inf where none is known."""
    dead = deaths.death_day(study, subjects)
    columns = {c for e in deaths.free(study) for c in e.event} | (set(NEXT_THERAPY) & set(subjects.columns))
    known = [np.where(np.isnan(d), np.inf, d) for d in (times.days(study, subjects, c) for c in sorted(columns))]
    return np.minimum.reduce([np.where(np.isnan(dead), np.inf, dead), *known])


def _transfusions(frames: Frames) -> list[np.ndarray]:
    subjects, given = frames["subjects"], frames.get("treatments")
    if given is None or "drug" not in given:
        return [np.array([])] * len(subjects)
    drug = np.array([str(d).upper().replace(" ", "_") in TRANSFUSIONS for d in words(given["drug"])], dtype=bool)
    owner, day = positions(subjects, given), numbers(given["day"])
    return [day[drug & (owner == i)] for i in range(len(subjects))] if drug.any() else [np.array([])] * len(subjects)


def _typed(values: np.ndarray, column: Column) -> object:
    if column.type == "number":
        return values
    if column.type == "flag":
        return pd.array([pd.NA if np.isnan(v) else bool(v) for v in values], dtype="boolean")
    text = np.array([None if np.isnan(v) else f"{v:g}" for v in values], dtype=object)
    return pd.Categorical(text, categories=list(column.levels), ordered=True) if column.levels else text
