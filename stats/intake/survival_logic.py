"""Times to event against each other, against the dates beside them, and against the unit they are declared in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive import deaths, times
from stats.derive.step import Frames, header
from stats.findings import Problem
from stats.intake import chronology
from stats.intake.places import at_rows
from stats.study.types import DAYS, Endpoint, Study

TOLERANCE = 0.5 * DAYS["months"]  # days by which a typed time may differ from its dates
ROUNDING = 1.6                    # days: times typed in months with one digit
LONGEST = 60 * DAYS["years"]      # no follow-up of a cohort is longer
SYSTEMS = 1462                    # days between the first days of Excel's two date systems
FEWEST = 3                        # patients needed to say that a whole column is wrong


def check(study: Study, frames: Frames) -> list[Problem]:
    """Problems of endpoints; one whose unit or coding is wrong as a whole isn't taken to task row by row as well."""
    subjects = frames["subjects"]
    survival = deaths.overall(study)
    problems: list[Problem] = []
    suspect: set[str] = set()
    for endpoint in study.endpoints.values():
        if endpoint.timed and endpoint.time:
            found = _unit(study, frames, endpoint) or _coding(study, frames, endpoint)
            suspect |= {endpoint.name} if found else set()
            problems += found or [*_state_and_dates(study, frames, endpoint), *_time_and_dates(study, frames, endpoint)]
    if survival is None or survival.name in suspect or f"{survival.name}.time" not in subjects:
        return problems
    for endpoint in deaths.free(study):
        if endpoint.name not in suspect:
            problems += _against_survival(study, frames, endpoint, survival)
    return problems


def _days(subjects: pd.DataFrame, endpoint: Endpoint) -> tuple[np.ndarray, np.ndarray]:
    """(time in days, status) of an endpoint."""
    return (subjects[f"{endpoint.name}.time"].to_numpy(float) * DAYS[endpoint.unit],
            subjects[f"{endpoint.name}.status"].to_numpy(float))


def _columns(endpoint: Endpoint) -> str:
    return endpoint.time if endpoint.time else endpoint.censor[0] if endpoint.censor else endpoint.event[0]


def _against_survival(study: Study, frames: Frames, endpoint: Endpoint, survival: Endpoint) -> list[Problem]:
    subjects = frames["subjects"]
    (free, state), (whole, died) = _days(subjects, endpoint), _days(subjects, survival)
    longer = at_rows(study, frames, "E_PFS_GT_OS", f"{endpoint.label} is longer than {survival.label.lower()}",
                     free > whole + ROUNDING, "subjects", f"{_columns(endpoint)} and {_columns(survival)}",
                     "Nobody is free of progression longer than alive; correct one of the two")
    death = survival.event[0] if survival.event else ""
    if not endpoint.time and death in endpoint.event:
        return longer  # dates decide, and the death is among them
    missed = (died == times.EVENT) & (state == times.CENSORED)
    dead = int((died == times.EVENT).sum())
    if endpoint.time and dead >= FEWEST and missed.sum() == dead and (state == times.EVENT).any():
        return [*longer, *at_rows(
            study, frames, "E_EVENT_CODE", f"{endpoint.label}: every patient who died is censored and others have the "
            "event, as if the codes were reversed", _first(missed), "subjects", endpoint.status,
            "Declare the codes with status_values = { event = […], censored = […] }")]
    column = endpoint.status or " and ".join(endpoint.event)
    return [*longer, *at_rows(
        study, frames, "E_PFS_DEATH", f"the patient died, but {endpoint.label.lower()} counts no event", missed,
        "subjects", column, "Death is an event of this endpoint; count it, or call the endpoint time to progression")]


def _events(study: Study, subjects: pd.DataFrame, endpoint: Endpoint) -> list[str]:
    """The date columns whose earliest date is the event of an endpoint that is given as time and state."""
    death = [c for c in (deaths.death_column(study, subjects),) if c in chronology.dates(subjects)]
    death = death or chronology.after_zero(study, subjects, chronology.DEATH)[:1]
    if endpoint is deaths.overall(study):
        return death
    if endpoint in deaths.free(study):
        return [*chronology.after_zero(study, subjects, chronology.PROGRESSION), *death]
    return []


def _earliest(subjects: pd.DataFrame, columns: list[str]) -> pd.Series:
    return subjects[columns].min(axis=1) if columns else pd.Series(pd.NaT, index=subjects.index)


def _state_and_dates(study: Study, frames: Frames, endpoint: Endpoint) -> list[Problem]:
    """An event date without the event; and, where every date an event can have is there, an event without a date."""
    subjects = frames["subjects"]
    columns = _events(study, subjects, endpoint)
    if not columns:
        return []
    whole = endpoint is deaths.overall(study) or len(columns) > 1
    dated = _earliest(subjects, columns).notna().to_numpy()
    state = subjects[f"{endpoint.name}.status"].to_numpy(float)
    listed = " or ".join(header(study, "subjects", c) for c in columns)
    censored, event = dated & (state == times.CENSORED), ~dated & (state == times.EVENT)
    known = int((~np.isnan(state)).sum())
    if whole and known >= FEWEST and (censored | event).sum() > 0.8 * known:
        return at_rows(study, frames, "E_EVENT_CODE", f"{endpoint.label}: patients with a date of {listed} are "
                       "censored and those without have the event, as if the codes were reversed",
                       _first(censored | event), "subjects", endpoint.status,
                       "Declare the codes with status_values = { event = […], censored = […] }")
    place = f"{endpoint.status} and {columns[0]}"
    found = at_rows(study, frames, "E_EVENT_DATE_CONFLICT", f"{endpoint.label}: {listed} has a date, but the state is "
                    "censored", censored, "subjects", place, "Correct the state or the date")
    if whole:
        found += at_rows(study, frames, "E_EVENT_DATE_CONFLICT", f"{endpoint.label}: the state is an event, but "
                         f"{listed} has no date", event, "subjects", place, "Correct the state or add the date")
    return found


def expected_days(study: Study, subjects: pd.DataFrame, endpoint: Endpoint) -> np.ndarray:
    """Days from day zero to the dated event or, for the censored, to last contact; nan where neither is known.

    Censoring in other endpoints than overall survival is often earlier than last contact; it is expected there only
    when it is so for nearly all of the censored.
    """
    zero = chronology.zero_column(study, subjects)
    columns = _events(study, subjects, endpoint)
    if not zero or not columns:
        return np.full(len(subjects), np.nan)
    gap = (_earliest(subjects, columns) - subjects[zero]).dt.days.to_numpy(float)
    state = subjects[f"{endpoint.name}.status"].to_numpy(float)
    gap = np.where(state == times.EVENT, gap, np.nan)
    contact = next(iter(chronology.after_zero(study, subjects, chronology.CONTACT)), "")
    if contact:
        seen = (subjects[contact] - subjects[zero]).dt.days.to_numpy(float)
        seen = np.where(state == times.CENSORED, seen, np.nan)
        known = ~np.isnan(seen)
        ratio = _days(subjects, endpoint)[0][known] / np.maximum(seen[known], 1.0)
        usual = np.median(ratio) if len(ratio) else np.nan
        if endpoint is deaths.overall(study) or (known.sum() > FEWEST and np.mean(np.abs(ratio - usual) < 0.03) >= 0.8):
            gap = np.where(known, seen, gap)
    return gap


def _time_and_dates(study: Study, frames: Frames, endpoint: Endpoint) -> list[Problem]:
    subjects = frames["subjects"]
    expected = expected_days(study, subjects, endpoint)
    time, _ = _days(subjects, endpoint)
    apart = np.abs(time - expected) > TOLERANCE
    factor = DAYS[endpoint.unit]
    problems = []
    if apart.sum() > 0.5 * np.sum(~np.isnan(time - expected)):
        problems = _another_start(study, frames, endpoint, expected - time, apart)
        apart &= False
    problems += at_rows(
        study, frames, "E_TIME_DATE_CONFLICT", lambda i: f"{endpoint.label}: the time is {time[i] / factor:.4g} "
        f"{endpoint.unit}, its dates give {expected[i] / factor:.4g}", apart, "subjects", endpoint.time,
        "Correct the time or the dates; half a month is tolerated")
    zero = chronology.zero_column(study, subjects)
    if zero:
        end = (pd.Timestamp(study.data_cutoff) - subjects[zero]).dt.days.to_numpy(float)
        problems += at_rows(study, frames, "E_TIME_DATE_CONFLICT", f"{endpoint.label}: the time runs beyond the data "
                            "cut-off", (time > end + TOLERANCE) & ~apart, "subjects", endpoint.time,
                            "Correct the time, or the data cut-off")
    return problems


def _another_start(study: Study, frames: Frames, endpoint: Endpoint, off: np.ndarray, apart: np.ndarray) -> list[Problem]:
    """Most times don't fit their dates: the dates are of two kinds of workbook, or the times run from another day."""
    known = off[~np.isnan(off)]
    systems = np.abs(np.abs(known) - SYSTEMS) <= TOLERANCE
    place = f"{endpoint.time} and {chronology.zero_column(study, frames['subjects'])}"
    if systems.mean() >= 0.8:
        return at_rows(study, frames, "E_TIME_DATE_CONFLICT", f"{endpoint.label}: in nearly all rows the dates are {SYSTEMS} "
                       "days off the times, which is how far the two date systems of Excel (1900 and 1904) lie apart",
                       _first(apart), "subjects", place, "Export the dates again from the workbook they were entered in")
    return at_rows(study, frames, "W_TIME_DATE_CONFLICT", f"{endpoint.label}: {int(apart.sum())} of {len(known)} times differ "
                   "from their dates by more than half a month, as if they ran from another day", _first(apart), "subjects",
                   place, "Make sure from which day the times run; no time was compared with its dates")


def _unit(study: Study, frames: Frames, endpoint: Endpoint) -> list[Problem]:
    """A time in another unit than declared: off from its dates, or from overall survival, by one constant factor."""
    subjects = frames["subjects"]
    time, state = _days(subjects, endpoint)
    remedy = "Declare the unit the times are in, or convert them"
    for reference in (expected_days(study, subjects, endpoint), _same_censoring(study, subjects, endpoint, state)):
        usable = (reference > 0) & (time > 0)
        if usable.sum() < FEWEST:
            continue
        ratio = time[usable] / reference[usable]
        for unit, length in DAYS.items():
            # a time in `unit` read in the declared unit comes out too long by the quotient of the two
            factor = DAYS[endpoint.unit] / length
            if unit != endpoint.unit and abs(np.median(ratio) / factor - 1) < 0.1 and np.mean(
                    np.abs(ratio / factor - 1) < 0.25) >= 0.8:
                return at_rows(study, frames, "E_TIME_UNIT", f"{endpoint.label}: in nearly all rows the time is "
                               f"{factor:.3g} times what it should be; it is declared in {endpoint.unit} and looks "
                               f"like {unit}", _first(usable), "subjects", endpoint.time, remedy)
    return at_rows(study, frames, "E_TIME_UNIT", f"{endpoint.label}: times of more than sixty years; they are declared "
                   f"in {endpoint.unit}", _first(time > LONGEST), "subjects", endpoint.time, remedy)


def _same_censoring(study: Study, subjects: pd.DataFrame, endpoint: Endpoint, state: np.ndarray) -> np.ndarray:
    """Days of overall survival of patients censored in both endpoints, who should be so at about the same time."""
    survival = deaths.overall(study)
    if survival is None or survival is endpoint or endpoint not in deaths.free(study):
        return np.full(len(subjects), np.nan)
    theirs, their_state = _days(subjects, survival)
    return np.where((state == times.CENSORED) & (their_state == times.CENSORED), theirs, np.nan)


def _coding(study: Study, frames: Frames, endpoint: Endpoint) -> list[Problem]:
    """Reversed codes show in the dates: see `_state_and_dates`, whose verdict then stands alone."""
    return [p for p in _state_and_dates(study, frames, endpoint) if p.code == "E_EVENT_CODE"]


def _first(broken: np.ndarray) -> np.ndarray:
    """Only the first of the broken rows: one finding for the whole column, at a row to look at."""
    out = np.zeros(len(broken), dtype=bool)
    out[np.flatnonzero(broken)[:1]] = True
    return out
