"""Dates no life allows: before birth, years before the treatment, an end before its beginning, a contact after death."""

from __future__ import annotations

import re

import numpy as np

from stats.derive import deaths, times
from stats.derive.step import Frames, columns_of, header, numbers, positions
from stats.findings import Problem
from stats.intake import chronology
from stats.intake.places import at_rows
from stats.study.types import DAYS, Study

LONG_BEFORE = 5 * DAYS["years"]  # days before day zero at which nothing of a treatment was measured
BIRTH = re.compile(r"birth|\bdob\b|geb", re.IGNORECASE)
FRAMES = ("responses", "events", "series", "gvhd", "treatments")


def check(study: Study, frames: Frames) -> list[Problem]:
    """E_DATE_ORDER and W_DATE_ORDER beyond the order of the follow-up."""
    return [*_before_birth(study, frames), *_intervals(study, frames), *_contact_after_death(study, frames),
            *_long_before(study, frames), *_before_window(study, frames)]


def _before_birth(study: Study, frames: Frames) -> list[Problem]:
    """Ages tell the year of birth; they are those at day zero, give or take a year, or earlier."""
    subjects = frames["subjects"]
    zero = chronology.zero_column(study, subjects)
    age = next((c.name for c in columns_of(study, "subjects").values()
                if c.type == "number" and c.unit == "years" and c.name.casefold().startswith("age") and c.name in subjects), "")
    if not zero or not age:
        return []
    lived = (numbers(subjects[age]) + 2) * DAYS["years"]  # at day zero, in days; as a date it may lie beyond all dates
    problems = []
    for name in chronology.dates(subjects):
        if name != zero and not BIRTH.search(name):
            early = (subjects[zero] - subjects[name]).dt.days.to_numpy(float) > lived
            problems += at_rows(study, frames, "E_DATE_ORDER", f"{header(study, 'subjects', name)} lies before the "
                                "patient's birth, as the age tells it", early, "subjects", f"{name} and {age}",
                                "Correct the date or the age")
    return problems


def _intervals(study: Study, frames: Frames) -> list[Problem]:
    """A declared interval whose end lies before its beginning, unless most of them are so."""
    subjects = frames["subjects"]
    problems = []
    for column in columns_of(study, "subjects").values():
        if column.between and column.name in subjects:
            apart = numbers(subjects[column.name])
            known = ~np.isnan(apart)
            if known.any() and (apart[known] < 0).mean() < 0.5:
                begin, end = column.between
                problems += at_rows(study, frames, "E_DATE_ORDER", f"{header(study, 'subjects', end)} lies before "
                                    f"{header(study, 'subjects', begin)}", apart < 0, "subjects", f"{end} and {begin}",
                                    f"Correct the date that is wrong; {column.name} runs from the one to the other")
    return problems


def _contact_after_death(study: Study, frames: Frames) -> list[Problem]:
    subjects = frames["subjects"]
    death, contact = deaths.death_column(study, subjects), deaths.contact_column(study, subjects)
    contact = contact or next(iter(chronology.after_zero(study, subjects, chronology.CONTACT)), "")
    if not death or not contact or not chronology.comparable(study, subjects, death, contact):
        return []
    late = times.days(study, subjects, contact) > times.days(study, subjects, death)
    return at_rows(study, frames, "W_DATE_ORDER", f"{header(study, 'subjects', contact)} lies after "
                   f"{header(study, 'subjects', death)}", late, "subjects", f"{contact} and {death}",
                   "Nobody is seen after death; correct one of the two")


def _long_before(study: Study, frames: Frames) -> list[Problem]:
    """A row of a long frame years before the treatment is most often a slip in the year."""
    problems = []
    for name in FRAMES:
        frame = frames.get(name)
        if frame is not None and "day" in frame:
            day = numbers(frame["day"])
            early = day < -LONG_BEFORE
            if early.any() and early.mean() < 0.05:
                problems += at_rows(study, frames, "W_DATE_ORDER", "the row is dated more than five years before day zero",
                                    early, name, "date" if "date" in frame else "day", "Check the year")
    return problems


def _before_window(study: Study, frames: Frames) -> list[Problem]:
    """Events before day zero are left out by a window that begins with it; that is said, since a slip looks the same."""
    problems = []
    subjects = frames["subjects"]
    for name in ("events", "gvhd"):
        frame = frames.get(name)
        if frame is None or "day" not in frame:
            continue
        windows = {t.name: t.window for t in study.terms.values()
                   if t.window and not t.laboratory and (name == "events") != t.grading.startswith("MAGIC")}
        counted = {term for term, window in windows.items() if window and window[0] >= 0}
        mine = frame["term"].isin(counted).to_numpy() if "term" in frame else np.full(len(frame), bool(counted))
        early = mine & (positions(subjects, frame) >= 0) & (numbers(frame["day"]) < 0)
        if early.any() and early.sum() <= 0.2 * max(mine.sum(), 5):
            problems += at_rows(study, frames, "W_DATE_ORDER", "the row is dated before day zero, and its window begins "
                                "later: it is not counted", early, name, "date" if "date" in frame else "day",
                                "Correct the date, or leave it if the event belongs to the time before")
    return problems
