"""The frame `toxicity`: each patient's worst grade of every declared term, with onset, duration and baseline.

Where a term's grades come from: `from` an analyte of the series (graded from laboratory values), `from` a column of the
subjects (the worst grade as recorded there, or a lowest count to be graded), the gvhd frame for a MAGIC term, else the
events. Where that frame exists a patient without a row had no such event: grade 0. A laboratory term without a value in
the window is not evaluable, never grade 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive import cytopenia, times
from stats.derive.step import (
    Frames,
    Step,
    columns_of,
    first_of,
    framed,
    levelled,
    numbers,
    of_rows,
    positions,
    problem,
    with_frame,
)
from stats.findings import Problem, counted
from stats.methods.types import Description
from stats.study.types import Study, Term

GRADES = range(6)
DEPLETION = ("lymphodepletion_day", "lymphodepletion_date", "ld_day", "ld_date")
FACTS = ("grade", "onset", "duration", "baseline")
SPAN, UNENDED = 1e5, 4e4  # days: a range no patient's days leave, and an end later than any

DEFINITIONS = {
    "worst-grade": Description(
        "Toxicity is each patient's worst grade within the window of the term; where events were collected, a patient "
        "without a recorded event counts as grade zero.", ""),
    "worst-grade-spells": Description(
        "Onset is the first day of grade one or higher; duration counts both first and last day of that episode, joined "
        "with episodes that follow without a gap.", ""),
    "worst-grade-recorded": Description(
        "Where only the worst grade of each patient was recorded, it was taken as it stands; a patient without one is "
        "not evaluable.", ""),
    "worst-laboratory-grade": Description(
        "Grades from laboratory values are the worst in the window; patients without a value in it are not evaluable.",
        ""),
    "laboratory-baseline": Description(
        "The baseline grade is that of the last value before lymphodepletion, or before infusion where its day is "
        "unknown.", ""),
}


@dataclass(frozen=True)
class Episodes:
    """Graded rows of one term: patient, first and last day, grade (nan: there, but of unknown grade)."""

    owner: np.ndarray
    day: np.ndarray
    end: np.ndarray
    grade: np.ndarray
    row: np.ndarray  # where it stands in its frame


def derive(study: Study, frames: Frames) -> Step:
    """Adds `toxicity`: one row per patient and term, in the order of subjects and of [terms]."""
    subjects = frames["subjects"]
    problems: list[Problem] = []
    ran: list[str] = []
    parts = []
    for term in study.terms.values():
        make = _recorded if not term.laboratory else _summarised if _in_subjects(frames, term) else _laboratory
        facts, found, used = make(study, frames, term)
        problems += found
        ran += used
        parts.append({name: np.asarray(facts[name], dtype=float) for name in FACTS})
    n, terms = len(subjects), list(study.terms)
    # one row per patient and term: the facts of all terms side by side, read patient by patient
    made = {name: np.column_stack([part[name] for part in parts]).ravel() if parts else np.empty(0) for name in FACTS}
    table = framed({
        "subject": subjects["subject"].array.take(np.repeat(np.arange(n), len(terms))),
        "term": levelled(np.tile(np.arange(len(terms), dtype=np.int16), n), terms), **made})
    return Step(with_frame(frames, "toxicity", table), tuple(problems), tuple(dict.fromkeys(ran)))


def source(study: Study, frames: Mapping[str, pd.DataFrame], term: Term) -> str:
    """The frame a recorded term's grades come from: gvhd for a GVHD grading, else events; '' when it is not there."""
    if term.grading.upper().startswith(("MAGIC", "GLUCKSBERG")) and "gvhd" in frames:
        return "gvhd"
    return "events" if "events" in frames else ""


def episodes(study: Study, frames: Mapping[str, pd.DataFrame], term: Term, name: str) -> Episodes:
    """The rows of a term in the events or gvhd frame; chronic GVHD is no episode of an acute grading."""
    frame = frames[name]
    keep = np.ones(len(frame), dtype=bool)
    if "term" in frame:
        keep = (frame["term"] == term.name).to_numpy(dtype=bool, na_value=False)
    elif "type" in frame:
        keep = ~(frame["type"] == "chronic").to_numpy(dtype=bool, na_value=False)
    rows = frame[keep]
    owner = positions(frames["subjects"], rows)
    day = numbers(rows["day"]) if "day" in rows else np.full(len(rows), np.nan)
    grade = numbers(rows["grade"]) if "grade" in rows else np.full(len(rows), np.nan)
    end = _ends(study, frames, rows, owner)
    here = owner >= 0
    return Episodes(owner[here], day[here], end[here], grade[here], np.flatnonzero(keep)[here])


def worst(found: Episodes, n: int, window: tuple[float, float] | None) -> dict[str, np.ndarray]:
    """grade, onset, duration of n patients from recorded episodes that begin in the window (ends included).

    A row without a day can't be placed outside the window and counts. A patient whose only rows have no grade is not
    evaluable. Duration is nan while the episode has no known end.
    """
    inside = np.isnan(found.day) | _within(found.day, window)
    grade = np.zeros(n)
    grade[found.owner[inside]] = np.nan
    known = inside & ~np.isnan(found.grade)
    top = np.full(n, -np.inf)
    np.maximum.at(top, found.owner[known], found.grade[known])
    grade = np.where(np.isfinite(top), top, grade)
    graded = known & (found.grade >= 1) & ~np.isnan(found.day)
    begins = np.full(n, np.inf)
    np.minimum.at(begins, found.owner[graded], found.day[graded])
    onset = np.where(np.isfinite(begins), begins, np.nan)
    return {"grade": grade, "onset": onset, "duration": _spells(found, onset), "baseline": np.full(n, np.nan)}


def _spells(found: Episodes, onset: np.ndarray) -> np.ndarray:
    """Length of the episode that starts at each patient's onset and of what follows it without a gap, in days.

    An unknown end swallows everything after it, so the length is unknown too.
    """
    duration = np.full(len(onset), np.nan)
    rows = np.flatnonzero((found.grade >= 1) & (found.day >= onset[found.owner]))
    if not len(rows):
        return duration
    order = ordering.order([found.owner[rows], found.day[rows]], lambda rows: [])
    rows = rows if order is None else rows[order]
    owner, day = found.owner[rows], found.day[rows]
    # one running maximum for everybody: each patient's days lie in a range of their own
    shift = owner * SPAN
    end = np.where(np.isnan(found.end[rows]), UNENDED, found.end[rows])
    reach = np.maximum.accumulate(end + shift) - shift
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    gap = np.append([False], (owner[1:] == owner[:-1]) & (day[1:] > reach[:-1] + 1))
    gaps = np.cumsum(gap)
    first = gaps == np.repeat(gaps[starts], np.diff(np.append(starts, len(rows))))
    end = np.maximum.reduceat(np.where(first, reach, -UNENDED), starts)
    who = owner[starts]
    duration[who] = np.where(end > UNENDED / 2, np.nan, end - onset[who] + 1)
    return duration


def _recorded(study: Study, frames: Frames, term: Term) -> tuple[dict[str, np.ndarray], list[Problem], list[str]]:
    n, name = len(frames["subjects"]), source(study, frames, term)
    if not name:
        nan = np.full(n, np.nan)
        return dict.fromkeys(FACTS, nan), [problem(
            study, frames, "N_NO_FRAME", f"{term.label}: not evaluable, because no adverse events were given",
            "events")], []
    found = episodes(study, frames, term, name)
    problems = []
    undated, ungraded = found.row[np.isnan(found.day)], found.row[np.isnan(found.grade)]
    if len(undated) and term.window:
        reason = f"{term.label}: {counted(len(undated), 'row')} {{rows}} without a day, counted as inside the window"
        problems.append(of_rows(study, frames, "W_DAY_MISSING", reason, name, undated, "day", "Give the day"))
    if len(ungraded):
        reason = (f"{term.label}: {counted(len(ungraded), 'row')} {{rows}} without a grade; a patient with no other row is not "
                  "evaluable")
        problems.append(of_rows(study, frames, "W_GRADE_MISSING", reason, name, ungraded, "grade", "Give the grade"))
    return worst(found, n, term.window), problems, ["worst-grade", "worst-grade-spells"]


def _ends(study: Study, frames: Mapping[str, pd.DataFrame], rows: pd.DataFrame, owner: np.ndarray) -> np.ndarray:
    """Last days of episodes, from end_day, or from end_date counted from the patient's day zero."""
    if "end_day" in rows:
        return numbers(rows["end_day"])
    if "end_date" in rows and study.day_zero:
        zero = frames["subjects"][study.day_zero].to_numpy()[owner]
        gap = (rows["end_date"].to_numpy() - zero) / np.timedelta64(1, "D")
        return np.where(owner >= 0, gap, np.nan)
    return np.full(len(rows), np.nan)


def _in_subjects(frames: Frames, term: Term) -> bool:
    """Whether `from` names a column of the subjects; values of that name in the series come first."""
    series = frames.get("series")
    measured = series is not None and bool((series["analyte"] == term.laboratory).any())
    return term.laboratory in frames["subjects"] and not (measured and cytopenia.scale_of(term.laboratory))


def _summarised(study: Study, frames: Frames, term: Term) -> tuple[dict[str, np.ndarray], list[Problem], list[str]]:
    """One value per patient: the worst grade (a number, or levels whose keys are grades), or a count to be graded."""
    subjects, name, scale = frames["subjects"], term.laboratory, cytopenia.scale_of(term.laboratory)
    value, problems = numbers(subjects[name]), []
    grade, ran = value, ["worst-grade-recorded"]
    if scale:
        column, own = columns_of(study, "subjects").get(name), first_of((f"{name}_lln", f"{scale}_lln"), subjects)
        factor = cytopenia.factor(scale, column.unit if column else "")
        limit = numbers(subjects[own]) * factor if own else np.full(len(value), np.nan)
        grade = cytopenia.SCALES[scale](value * factor, limit, study.ctcae)
        ran = ["worst-laboratory-grade", f"ctcae-{study.ctcae}"]
    elif len(bad := np.flatnonzero(np.isnan(value) & subjects[name].notna().to_numpy())):
        problems = [of_rows(study, frames, "E_LEVEL", f"{term.label}: {counted(len(bad), 'value')} {{rows}} of {name} that "
                            "are no grades", "subjects", bad, name,
                            'Declare levels "0" to "5"; `values` turns other words into them')]
    else:
        problems = [problem(study, frames, "E_RANGE", f"{term.label}: a grade is a whole number from 0 to 5", position=int(i),
                            column=name, value=value[i], remedy="Correct the grade; counts are graded where the column has "
                            "the name of what was counted, such as anc")
                    for i in np.flatnonzero(~np.isnan(value) & ~np.isin(value, GRADES))]
    return dict.fromkeys(FACTS, np.full(len(value), np.nan)) | {"grade": grade}, problems, ran


def _laboratory(study: Study, frames: Frames, term: Term) -> tuple[dict[str, np.ndarray], list[Problem], list[str]]:
    subjects, series, scale = frames["subjects"], frames.get("series"), cytopenia.scale_of(term.laboratory)
    nothing = dict.fromkeys(FACTS, np.full(len(subjects), np.nan))
    if not scale:
        return nothing, [problem(study, frames, "E_CONFIG_VALUE", f"{term.label}: no grading is known for the analyte "
                                 f"{term.laboratory!r}", "series",
                                 remedy="Grades are known for anc, hb, plt, wbc and alc")], []
    if series is None:
        return nothing, [problem(study, frames, "N_NO_FRAME", f"{term.label}: not evaluable, because there is no "
                                 "series of laboratory values", "series")], []
    rows = series[(series["analyte"] == term.laboratory).to_numpy(dtype=bool, na_value=False)]
    owner, day, unit = positions(subjects, rows), numbers(rows["day"]), unit_of(study, term.laboratory)
    value = cytopenia.converted(rows, scale, unit)
    problems = []
    if np.isnan(cytopenia.factors(rows, scale, unit)).any():
        problems = [problem(study, frames, "E_UNIT", f"{term.label}: the unit of {term.laboratory} is none that this "
                            "scale knows", "series", column="unit" if "unit" in rows else "value",
                            remedy=f"Declare the unit, {cytopenia.CANONICAL[scale]} for example")]
    limit = _limits(study, frames, rows, owner, term.laboratory, scale, unit)
    grade = cytopenia.SCALES[scale](value, limit, study.ctcae)
    here = (owner >= 0) & ~np.isnan(day) & ~np.isnan(value)
    values = Episodes(owner[here], day[here], day[here], grade[here], np.flatnonzero(here))
    facts = _worst_value(values, len(subjects), term.window) | {"baseline": _baseline(study, subjects, values)}
    if "events" in frames:
        # grades that a number can't give (anemia 4, any 5) come from the recorded event
        top = worst(episodes(study, frames, term, "events"), len(subjects), term.window)["grade"]
        facts["grade"] = np.where(top > cytopenia.HIGHEST.get(scale, 4.0), top, facts["grade"])
    return facts, problems, ["worst-laboratory-grade", "laboratory-baseline", f"ctcae-{study.ctcae}"]


def unit_of(study: Study, analyte: str) -> str:
    """The declared unit of an analyte: its own, else that of the series' value column."""
    if analyte in study.analytes and study.analytes[analyte].unit:
        return study.analytes[analyte].unit
    column = columns_of(study, "series").get("value")
    return column.unit if column else ""


def _limits(study: Study, frames: Mapping[str, pd.DataFrame], rows: pd.DataFrame, owner: np.ndarray, analyte: str,
            scale: str, unit: str) -> np.ndarray:
    """Lower limits of normal in the scale's unit: the row's own, else the patient's column ANALYTE_lln; nan unknown."""
    limit = numbers(rows["lln"]) if "lln" in rows else np.full(len(rows), np.nan)
    factor = cytopenia.factors(rows, scale, unit)
    own = first_of((f"{analyte}_lln", f"{scale}_lln"), frames["subjects"])
    if not own:
        return limit * factor
    column = columns_of(study, "subjects").get(own)
    each = cytopenia.factor(scale, column.unit) if column and column.unit else factor
    return np.where(np.isnan(limit), numbers(frames["subjects"][own])[owner] * each, limit * factor)


def _worst_value(found: Episodes, n: int, window: tuple[float, float] | None) -> dict[str, np.ndarray]:
    """Worst grade in the window, its onset, and the days from onset to the last value before recovery to grade 0.

    A value whose grade is "0 or 1" (no limit of normal known) leaves the worst grade nan unless another is 2 or more.
    """
    inside = _within(found.day, window)
    top, open_ = np.full(n, -np.inf), np.zeros(n, dtype=bool)
    known = inside & ~np.isnan(found.grade)
    np.maximum.at(top, found.owner[known], found.grade[known])
    open_[found.owner[inside & np.isnan(found.grade)]] = True
    grade = np.where(np.isfinite(top) & ~(open_ & (top < 2)), top, np.nan)
    begins = np.full(n, np.inf)
    low = known & (found.grade >= 1)
    np.minimum.at(begins, found.owner[low], found.day[low])
    onset = np.where(np.isfinite(begins), begins, np.nan)
    since = found.day >= onset[found.owner]
    recovery = np.full(n, np.inf)
    fine = since & (found.grade == 0)
    np.minimum.at(recovery, found.owner[fine], found.day[fine])
    last = np.full(n, -np.inf)
    before = since & (found.day < recovery[found.owner])
    np.maximum.at(last, found.owner[before], found.day[before])
    duration = np.where(np.isfinite(recovery) & np.isfinite(last), last - onset + 1, np.nan)
    return {"grade": grade, "onset": onset, "duration": duration}


def _within(day: np.ndarray, window: tuple[float, float] | None) -> np.ndarray:
    """Days in a term's window; without one all follow-up, which begins on day 0: what was there before is a baseline."""
    return day >= 0 if window is None else (day >= window[0]) & (day <= window[1])


def _baseline(study: Study, subjects: pd.DataFrame, found: Episodes) -> np.ndarray:
    """Grade of the last value before lymphodepletion where the study has its day, else before day 0."""
    n = len(subjects)
    start = np.zeros(n)
    column = first_of(DEPLETION, subjects)
    if column:
        known = times.days(study, subjects, column)
        start = np.where(np.isnan(known), 0.0, np.minimum(known, 0.0))
    before = np.flatnonzero(found.day < start[found.owner])
    before = before[np.lexsort((np.nan_to_num(found.grade[before], nan=-1), found.day[before], found.owner[before]))]
    out = np.full(n, np.nan)
    out[found.owner[before]] = found.grade[before]  # the last assignment wins: the latest day, its worst grade
    return out
