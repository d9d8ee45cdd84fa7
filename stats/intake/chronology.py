"""The order of things in time: nothing of the follow-up before day zero, nothing after death, no end before its
start."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive import deaths, times
from stats.derive.step import Frames, header, numbers, of_rows, positions
from stats.findings import Problem, counted
from stats.intake.places import at_rows
from stats.study.types import DAYS, Study

STALE_YEARS = 2.0
PROGRESSION = re.compile(r"progress|relapse|recurren|failure", re.IGNORECASE)
CONTACT = re.compile(r"last_?(contact|seen|follow|fu\b|alive|visit|known)|follow_?up_date|lfu", re.IGNORECASE)
DEATH = re.compile(r"death|died|deceased|\bdod\b", re.IGNORECASE)
ZERO = re.compile(r"infusion|day_?zero|day_?0|treatment_?start|start_?date|random|registration|enrol", re.IGNORECASE)
RECORDED_WHILE_ALIVE = ("responses", "events", "gvhd", "treatments")


def check(study: Study, frames: Frames) -> list[Problem]:
    """Problems of order within subjects, between subjects and long frames, and within rows of long frames."""
    followed = follow_up(study, frames["subjects"])
    return [*_before_zero(study, frames, followed), *_after_contact(study, frames, followed), *_after_death(study, frames),
            *_ends_before_start(study, frames), *_stale(study, frames)]


def zero_column(study: Study, subjects: pd.DataFrame) -> str:
    """The date column that is day zero: declared, else the first one named like a start of treatment; '' if none."""
    if study.day_zero in subjects:
        return study.day_zero
    return next((name for name in dates(subjects) if ZERO.search(name)), "")


def dates(subjects: pd.DataFrame) -> list[str]:
    return [str(name) for name, kind in subjects.dtypes.items() if pd.api.types.is_datetime64_any_dtype(kind)]


def after_zero(study: Study, subjects: pd.DataFrame, pattern: re.Pattern[str]) -> list[str]:
    """Date columns whose name fits and that belong to the follow-up: at least half of their dates lie after day zero.

    A relapse that brought the patients into the study has its dates before day zero and is left alone.
    """
    zero = zero_column(study, subjects)
    if not zero:
        return []
    out, begun = [], subjects[zero].to_numpy()
    for name in dates(subjects):
        if name != zero and pattern.search(name):
            day = subjects[name].to_numpy()
            known = ~(np.isnat(day) | np.isnat(begun))
            if known.any() and (day >= begun)[known].mean() >= 0.5:
                out.append(name)
    return out


def follow_up(study: Study, subjects: pd.DataFrame) -> list[str]:
    """Columns of the follow-up: those that endpoints from day zero name, and dates named like death, progression,
    contact."""
    zero = zero_column(study, subjects)
    named = [c for e in study.endpoints.values() if e.start == zero for c in (*e.event, *e.competing, *e.censor)]
    found = [c for pattern in (DEATH, PROGRESSION, CONTACT) for c in after_zero(study, subjects, pattern)]
    return [str(c) for c in subjects if c in named or c in found]


def comparable(study: Study, subjects: pd.DataFrame, one: str, other: str) -> bool:
    """Whether two columns lie on one axis: both dates, both days, or either where day zero is declared."""
    return bool(study.day_zero) or (one in dates(subjects)) == (other in dates(subjects))


def _before_zero(study: Study, frames: Frames, followed: Sequence[str]) -> list[Problem]:
    subjects = frames["subjects"]
    zero, dated = zero_column(study, subjects), dates(subjects)
    problems = []
    for name in followed:
        if zero and name in dated:
            early = (subjects[name] < subjects[zero]).to_numpy(dtype=bool, na_value=False)
            early &= ~_told(study, subjects, name, zero)
            problems += at_rows(study, frames, "E_DATE_ORDER", f"{header(study, 'subjects', name)} lies before "
                                f"{header(study, 'subjects', zero)}", early, "subjects", f"{name} and {zero}",
                                "Correct the date that is wrong")
    return problems


def _told(study: Study, subjects: pd.DataFrame, column: str, zero: str) -> np.ndarray:
    """Where a date decides an endpoint: that it lies before the start was said when the time was formed."""
    told = np.zeros(len(subjects), dtype=bool)
    for e in study.endpoints.values():
        named = (*e.event, *e.competing, *e.censor)
        if e.start == zero and column in named:
            told |= times.days(study, subjects, column) == times.earliest(study, subjects, named)
    return told


def _after_contact(study: Study, frames: Frames, followed: Sequence[str]) -> list[Problem]:
    """Relapse after death, and anything after the last contact."""
    subjects = frames["subjects"]
    death = deaths.death_column(study, subjects)
    contact = deaths.contact_column(study, subjects) or next(iter(after_zero(study, subjects, CONTACT)), "")
    problems = []
    for name in followed:
        for last in (death, contact):
            if not last or name == last or (last == death and name == contact) or not comparable(
                    study, subjects, name, last):
                continue
            late = times.days(study, subjects, name) > times.days(study, subjects, last)
            problems += at_rows(study, frames, "E_DATE_ORDER", f"{header(study, 'subjects', name)} lies after "
                                f"{header(study, 'subjects', last)}", late, "subjects", f"{name} and {last}",
                                "Correct the date that is wrong; the last contact is never before an event")
    return problems


def _after_death(study: Study, frames: Frames) -> list[Problem]:
    """Rows of long frames dated after the patient's death; for laboratory values a warning, results may come late."""
    subjects = frames["subjects"]
    # a day of death that comes from a time in months is no more exact than the time was typed
    dead = deaths.death_day(study, subjects) + (0.5 if deaths.death_column(study, subjects) else 2.0)
    problems = []
    for name in (*RECORDED_WHILE_ALIVE, "series"):
        frame = frames.get(name)
        if frame is None or "day" not in frame or not np.isfinite(dead).any():
            continue
        owner, day, known = positions(subjects, frame), numbers(frame["day"]), np.append(dead, np.nan)
        late = np.zeros(len(day), dtype=bool)
        for part in ordering.portions(len(day)):
            late[part] = day[part] > known[owner[part]]
        column = "date" if "date" in frame else "day"
        code = "W_DATE_ORDER" if name == "series" else "E_DATE_ORDER"
        problems += at_rows(study, frames, code, "the row is dated after the patient's death", late, name, column,
                            "Correct the row's date, or the date of death")
        if "end_day" in frame:
            ends = (owner >= 0) & (numbers(frame["end_day"]) > np.append(dead, np.nan)[owner]) & ~late
            problems += at_rows(study, frames, "E_DATE_ORDER", "the row ends after the patient's death", ends, name,
                                "end_date" if "end_date" in frame else "end_day", "End it with the death, or leave the end empty")
    return problems


def _ends_before_start(study: Study, frames: Frames) -> list[Problem]:
    problems = []
    for name, frame in frames.items():
        if name not in study.frames or not {"day", "end_day"} <= set(frame.columns):
            continue
        early = numbers(frame["end_day"]) < numbers(frame["day"])
        columns = "end_date and date" if {"end_date", "date"} <= set(frame.columns) else "end_day and day"
        problems += at_rows(study, frames, "E_DATE_ORDER", "the end lies before the start", early, name, columns,
                            "Correct the date that is wrong")
    return problems


def _stale(study: Study, frames: Frames) -> list[Problem]:
    """Living patients last seen long before the data cut-off: their censoring may not be by chance."""
    subjects = frames["subjects"]
    dead = deaths.death_day(study, subjects)
    gap = _unseen(study, subjects)
    if gap is None:
        return []
    stale = np.isposinf(dead) & (gap > STALE_YEARS * DAYS["years"])
    if not stale.any():
        return []
    reason = (f"{counted(int(stale.sum()), 'living patient')} {{rows}} {{was}} last seen more than two years before the data "
              "cut-off")
    return [of_rows(study, frames, "W_STALE_FOLLOWUP", reason, "subjects", np.flatnonzero(stale),
                    deaths.contact_column(study, subjects), "Ask for news of them, or say that they are lost to follow-up")]


def _unseen(study: Study, subjects: pd.DataFrame) -> np.ndarray | None:
    """Days from the last contact of every patient, by its column or by overall survival, to the data cut-off; None when
    neither is there."""
    cutoff = pd.Timestamp(study.data_cutoff)
    contact = deaths.contact_column(study, subjects) or next(iter(after_zero(study, subjects, CONTACT)), "")
    if contact in dates(subjects):
        return (cutoff - subjects[contact]).dt.days.to_numpy(float)
    zero, survival = zero_column(study, subjects), deaths.overall(study)
    if not zero or survival is None or f"{survival.name}.time" not in subjects:
        return None
    passed = subjects[f"{survival.name}.time"].to_numpy(float) * DAYS[survival.unit]
    return (cutoff - subjects[zero]).dt.days.to_numpy(float) - passed


