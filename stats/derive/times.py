"""Endpoints' times and states, from dates or days, or from a time and a state column.

Time is formed in days on one axis and divided once, so that 365.25 days are 12 months to the last bit. The earliest of
event, competing event and censoring decides; on a tie the event comes before the competing event and both before
censoring, because a patient seen on the day of the event was still at risk on it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive.step import Frames, Step, columns_of, header, numbers, of_rows, problem, with_frame, words
from stats.findings import Problem, counted
from stats.methods.types import Description
from stats.study.types import DAY_ZERO, DAYS, Endpoint, Study

CENSORED, EVENT, COMPETING = 0.0, 1.0, 2.0
EPOCH, ONE_DAY = np.datetime64("1970-01-01", "s"), np.timedelta64(86_400, "s")

DEFINITIONS = {
    "time-from-dates": Description(
        "Time-to-event endpoints run from their start to the earliest of the listed events and were otherwise censored "
        "at the earliest listed censoring date; when both fell on the same day the event counted.",
        "Kanate AS, Nagler A, Savani B. Clin Hematol Int 2020;2:2–4"),
    "time-from-columns": Description("Times to event and their states were used as recorded.", ""),
}


def derive(study: Study, frames: Frames) -> Step:
    """Adds NAME.time (in the endpoint's unit) and NAME.status (0 censored, 1 event, 2 competing) to subjects.

    An endpoint that names a column which a later derivation makes waits for the second run of this step.
    """
    subjects = frames["subjects"].copy(deep=False)  # an endpoint may stand on those above it
    frames = with_frame(frames, "subjects", subjects)
    problems: list[Problem] = []
    ran: list[str] = []
    for endpoint in study.endpoints.values():
        if not endpoint.timed or f"{endpoint.name}.time" in frames["subjects"] or _waits(study, frames, endpoint):
            continue
        form = _from_columns if endpoint.time else _from_dates
        time, status, found = form(study, frames, endpoint)
        subjects[f"{endpoint.name}.time"], subjects[f"{endpoint.name}.status"] = time, status
        problems += found
        ran.append("time-from-columns" if endpoint.time else "time-from-dates")
    return Step(frames, tuple(problems), tuple(dict.fromkeys(ran)))


def _waits(study: Study, frames: Frames, endpoint: Endpoint) -> bool:
    named = {*endpoint.event, *endpoint.competing, *endpoint.censor, endpoint.start, endpoint.time, endpoint.status}
    columns = columns_of(study, "subjects")
    return any(columns[n].derived and n not in frames["subjects"] for n in named if n in columns)


def days(study: Study, subjects: pd.DataFrame, column: str) -> np.ndarray:
    """A date or day column as days on one axis: from day zero where the study has one, else from a fixed date.

    A whole number of days whatever the clock time: dates carry none. A number in weeks, months or years is turned into days.
    """
    if column == DAY_ZERO:
        return np.zeros(len(subjects))
    values = subjects[column]
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        declared = study.subjects.columns.get(column)
        return numbers(values) * DAYS.get(declared.unit if declared else "", 1.0)
    begun = study.day_zero and study.day_zero in subjects
    return (values.to_numpy() - (subjects[study.day_zero].to_numpy() if begun else EPOCH)) / ONE_DAY


def earliest(study: Study, subjects: pd.DataFrame, columns: tuple[str, ...], ends: bool = False) -> np.ndarray:
    """Per subject the earliest known day of several columns or endpoints; inf when none is known.

    An endpoint stands for the day of its event; with `ends`, for its last day, whatever happened then.
    """
    known = [np.where(np.isnan(day), np.inf, day) for day in (_moment(study, subjects, c, ends) for c in columns)]
    return np.minimum.reduce(known) if known else np.full(len(subjects), np.inf)


def _moment(study: Study, subjects: pd.DataFrame, name: str, ends: bool = False) -> np.ndarray:
    """The day of a column, or of another endpoint's event (its last day with `ends`); nan where there is none."""
    if name in subjects or name not in study.endpoints:
        return days(study, subjects, name)
    endpoint = study.endpoints[name]
    day = subjects[f"{name}.time"].to_numpy(float) * DAYS[endpoint.unit] + days(study, subjects,
                                                                               endpoint.start or DAY_ZERO)
    return day if ends else np.where(subjects[f"{name}.status"].to_numpy(float) == EVENT, day, np.nan)


def decide(event: np.ndarray, competing: np.ndarray, censor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(day, status) from the days of event, competing event and censoring, inf where there is none.

    Ties go to the event, then to the competing event. nan in both where none of the three is known.
    """
    day = np.minimum(np.minimum(event, competing), censor)
    status = np.where(event <= day, EVENT, np.where(competing <= day, COMPETING, CENSORED))
    known = np.isfinite(day)
    return np.where(known, day, np.nan), np.where(known, status, np.nan)


def _from_dates(study: Study, frames: Frames, endpoint: Endpoint) -> tuple[np.ndarray, np.ndarray, list[Problem]]:
    subjects = frames["subjects"]
    named = [name for name in (endpoint.start, *endpoint.event, *endpoint.competing, *endpoint.censor)
             if name in subjects]
    dated = [pd.api.types.is_datetime64_any_dtype(subjects[name].dtype) for name in named]
    if any(dated) and not all(dated) and not study.day_zero:
        nan = np.full(len(subjects), np.nan)
        return nan, nan.copy(), [problem(
            study, frames, "E_CONFIG_VALUE", f"{endpoint.label}: dates and day columns are mixed without a day zero",
            column=" and ".join(n for n, d in zip(named, dated) if not d), remedy="Set day_zero in [study]")]
    start = days(study, subjects, endpoint.start)
    event, competing = (earliest(study, subjects, names) for names in (endpoint.event, endpoint.competing))
    censor = earliest(study, subjects, endpoint.censor, ends=True)
    day, status = decide(event, competing, censor)
    time = day - start
    problems: list[Problem] = []
    for i in np.flatnonzero(time < 0):
        names = {EVENT: endpoint.event, COMPETING: endpoint.competing}.get(status[i], endpoint.censor)
        offender = next((n for n in names if _moment(study, subjects, n, ends=True)[i] == day[i]), names[0])
        problems.append(problem(
            study, frames, "E_DATE_ORDER", f"{header(study, 'subjects', offender)} lies before "
            f"{header(study, 'subjects', endpoint.start)}", position=i, column=f"{offender} and {endpoint.start}",
            remedy="Correct the date that is wrong",
            value=subjects[offender].iloc[i] if offender in subjects else ""))
    begun = ~np.isnan(start)
    for i in np.flatnonzero(begun & np.isnan(day)):
        problems.append(problem(
            study, frames, "E_VALUE_MISSING", f"{endpoint.label}: neither an event nor a censoring date is known",
            position=i, column=" and ".join(endpoint.censor or endpoint.event),
            remedy="Give the date of last contact or of the event"))
    problems += _not_begun(study, frames, endpoint, endpoint.start, ~begun)
    late = np.flatnonzero(begun & (status == CENSORED) & np.isfinite(np.minimum(event, competing)))
    if len(late) and len(endpoint.censor) == 1:  # several censoring columns are a choice
        problems.append(of_rows(
            study, frames, "W_EVENT_AFTER_CENSORING", f"{endpoint.label}: {counted(len(late), 'patient')} {{rows}} with an event "
            "later than the date that censors, counted as censored", "subjects", late, " and ".join(endpoint.censor),
            remedy="Leave it if this is meant (censoring at transplant, say); otherwise correct the censoring date"))
    bad = np.isnan(start) | (time < 0)
    factor = DAYS[endpoint.unit]
    return np.where(bad, np.nan, time / factor), np.where(bad, np.nan, status), problems


def _from_columns(study: Study, frames: Frames, endpoint: Endpoint) -> tuple[np.ndarray, np.ndarray, list[Problem]]:
    subjects = frames["subjects"]
    time = numbers(subjects[endpoint.time])
    unit = columns_of(study, "subjects")[endpoint.time].unit if endpoint.time in columns_of(study, "subjects") else ""
    if unit in DAYS and unit != endpoint.unit:
        time = time * DAYS[unit] / DAYS[endpoint.unit]
    status, problems = _status(study, frames, endpoint)
    state = words(subjects[endpoint.status])
    for i in np.flatnonzero(time < 0):
        problems.append(problem(study, frames, "E_RANGE", f"{endpoint.label}: the time is negative", position=i,
                                column=endpoint.time, value=subjects[endpoint.time].iloc[i],
                                remedy="Times run from the start of follow-up and are never negative"))
    unknown = np.array([s is None for s in state], dtype=bool)
    for missing, there, column in ((unknown, ~np.isnan(time), endpoint.status),
                                   (np.isnan(time), ~unknown, endpoint.time)):
        for i in np.flatnonzero(missing & there):
            problems.append(problem(study, frames, "E_VALUE_MISSING",
                                    f"{endpoint.label}: {header(study, 'subjects', column)} is empty", position=i,
                                    column=column, remedy="Time and state are needed together"))
    problems += _not_begun(study, frames, endpoint, endpoint.time, unknown & np.isnan(time))
    bad = np.isnan(time) | np.isnan(status) | (time < 0)
    return np.where(bad, np.nan, time), np.where(bad, np.nan, status), problems


def _status(study: Study, frames: Frames, endpoint: Endpoint) -> tuple[np.ndarray, list[Problem]]:
    """Codes to 0, 1, 2. Without status_values: 0 censored, 1 event, 2, 3 … without a gap competing."""
    subjects = frames["subjects"]
    codes = words(subjects[endpoint.status])
    column = columns_of(study, "subjects").get(endpoint.status)
    meaning = {_code(c): state for key, state in (("censored", CENSORED), ("event", EVENT), ("competing", COMPETING))
               for c in (column.as_read if column else tuple)(endpoint.status_values.get(key, ()))}
    if not meaning:
        meaning = {"0": CENSORED, "1": EVENT, **dict.fromkeys(_further(set(codes) - {None}), COMPETING)}
    status = np.array([np.nan if c is None else meaning.get(c, np.nan) for c in codes], dtype=float)
    known = np.array([c is not None for c in codes], dtype=bool)
    remedy = "Declare the codes with status_values = { event = […], censored = […] }"
    reason = f"{endpoint.label}: the state has a code that means nothing here (known: {', '.join(sorted(meaning))})"
    problems = [problem(study, frames, "E_EVENT_CODE", reason, position=i, column=endpoint.status, remedy=remedy,
                        value=codes[i]) for i in np.flatnonzero(known & np.isnan(status))]
    if not endpoint.status_values and set(codes) - {None} == {"1", "2"}:
        reason = f"{endpoint.label}: the state is coded 1 and 2 and never 0: which is censored is uncertain"
        problems.append(problem(study, frames, "E_EVENT_CODE", reason, column=endpoint.status, remedy=remedy))
    return status, problems


def _further(codes: set[str]) -> list[str]:
    """Codes 2, 3 … that are there without a gap; 9 and 99 beside 0 and 1 mostly stand for unknown."""
    further = 2
    while str(further) in codes:
        further += 1
    return [str(code) for code in range(2, further)]


def _code(code: object) -> str:
    """A code of the study file as the data spell it: 2, 2.0 and '2' are one code."""
    if isinstance(code, bool):
        return str(int(code))
    return f"{code:.15g}" if isinstance(code, int | float) else str(code)


def _not_begun(study: Study, frames: Frames, endpoint: Endpoint, column: str, outside: np.ndarray) -> list[Problem]:
    if not outside.any():
        return []
    return [problem(study, frames, "N_NO_TIME", f"{endpoint.label}: no time for {int(outside.sum())} of {len(outside)} "
                    f"patients, whose {header(study, 'subjects', column)} is empty; they are left out", column=column)]
