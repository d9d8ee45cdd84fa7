"""Data that are well formed and can't be true, or too little to say anything from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import nan

from tests.bad_inputs.bends import EVENTS, SUBJECTS, Bend, Table, cell, column, row, study, table
from tests.bad_inputs.case import fine, refused, unknown, warned


def patients(change: Callable[[dict[str, str]], None]) -> Bend:
    """Every patient's row as a dictionary, to be changed in place."""

    def each(rows: Table) -> Table:
        made = [dict(zip(rows[0], line, strict=True)) for line in rows[1:]]
        for patient in made:
            change(patient)
        return [rows[0], *(list(patient.values()) for patient in made)]

    return table(SUBJECTS, each)


def after(patient: dict[str, str], days: int) -> str:
    return str(date.fromisoformat(patient["infusion_date"]) + timedelta(days=days))


def without_event(patient: dict[str, str]) -> None:
    patient.update(progression_date="", death_date="", pfs_event="0", os_event="0", pfs_months=patient["os_months"])


def recipients_without_event(patient: dict[str, str]) -> None:
    if patient["arm"] == "R":
        without_event(patient)


def separated(patient: dict[str, str]) -> None:
    """Everybody in one arm dies within three months, nobody in the other."""
    recipients_without_event(patient)
    if patient["arm"] == "D":
        days = 40 + int(patient["subject"][1:])
        gone, months = after(patient, days), f"{days / 30.4375:.2f}"
        patient.update(
            progression_date="",
            death_date=gone,
            last_contact_date=gone,
            pfs_months=months,
            pfs_event="1",
            os_months=months,
            os_event="1",
        )


def tied(patient: dict[str, str]) -> None:
    last = after(patient, 365)
    patient.update(
        progression_date="",
        death_date=last if patient["os_event"] == "1" else "",
        last_contact_date=last,
        pfs_months="11.99",
        os_months="11.99",
        pfs_event=patient["os_event"],
    )


def three(folder: object) -> None:
    for file in (SUBJECTS, EVENTS, "series.csv"):
        table(file, lambda rows: [line for line in rows if line[0] in ("subject", "P01", "P02", "P13")])(folder)  # type: ignore[arg-type]


TIME = (
    refused(
        "death-first",
        "a death before the infusion",
        "E_DATE_ORDER",
        cell(SUBJECTS, 9, "death_date", "2021-12-01"),
        row=9,
        says="death_date.*infusion_date",
    ),
    refused(
        "progression-first",
        "a progression before the infusion",
        "E_DATE_ORDER",
        cell(SUBJECTS, 4, "progression_date", "2021-12-01"),
        row=4,
    ),
    refused(
        "event-after-contact",
        "a progression after the last contact",
        "E_DATE_ORDER",
        cell(SUBJECTS, 4, "progression_date", "2023-12-20"),
        row=4,
    ),
    refused(
        "time-against-dates",
        "a time half a year off its dates",
        "E_TIME_DATE_CONFLICT",
        cell(SUBJECTS, 4, "pfs_months", "14.61"),
        row=4,
        says=r"14\.61 months, its dates give 8\.60",
    ),
    refused(
        "time-in-days",
        "times in days that are declared in months",
        "E_TIME_UNIT",
        column(SUBJECTS, "pfs_months", lambda v: f"{float(v) * 30.4375:.0f}"),
        says="30.*days",
    ),
    warned(
        "stale",
        "living patients last seen more than two years ago",
        "W_STALE_FOLLOWUP",
        study("data_cutoff = 2023-12-31", "data_cutoff = 2026-03-31"),
        says="15 living|16 living",
    ),
    refused("time-negative", "a time below zero", "E_RANGE", cell(SUBJECTS, 2, "pfs_months", "-1"), row=2),
    refused(
        "pfs-beyond-os",
        "free of progression for longer than alive",
        "E_PFS_GT_OS",
        cell(SUBJECTS, 9, "pfs_months", "14.20"),
        row=9,
    ),
    refused(
        "progression-without-event",
        "a progression date and no event",
        "E_EVENT_DATE_CONFLICT",
        cell(SUBJECTS, 4, "pfs_event", "0"),
        row=4,
    ),
    refused(
        "death-without-event",
        "a death that progression-free survival leaves out",
        "E_PFS_DEATH",
        cell(SUBJECTS, 11, "pfs_event", "0"),
        row=11,
        says="time to progression",
    ),
    refused(
        "event-without-date",
        "a death without its date",
        "E_EVENT_DATE_CONFLICT",
        cell(SUBJECTS, 11, "death_date", ""),
        row=11,
    ),
)

LITTLE = (
    unknown(
        "no-events-in-arm",
        "an arm without events",
        "N_HR_MONOTONE",
        patients(recipients_without_event),
        values={"pfs/survival~6@R p": 1.0, "pfs/survival~6@R upper": 1.0, "pfs/survival~6@R lower": 0.025 ** (1 / 12)},
    ),
    unknown("separated", "everybody in one arm early, nobody in the other", "N_HR_MONOTONE", patients(separated)),
    unknown(
        "nobody-has-the-event",
        "no event at all",
        "N_NO_EVENTS",
        patients(without_event),
        values={"pfs/logrank@R:D p_value": nan},
    ),
    unknown("all-tied", "one time for everybody", "N_TIES", patients(tied)),
    unknown(
        "no-variation",
        "one value for everybody",
        "N_NO_VARIATION",
        column(SUBJECTS, "peak", lambda v: "5000"),
        values={"baseline/peak.test@R:D p_value": nan},
    ),
    unknown(
        "all-respond",
        "everybody responds",
        "N_ALL_SAME",
        column(SUBJECTS, "best_response", lambda v: "CR"),
        values={
            "response/response@all p": 1.0,
            "response/response@all lower": 0.025 ** (1 / 23),
            "response/response@all upper": 1.0,
            "response/response.odds_ratio@R:D estimate": nan,
        },
    ),
    unknown(
        "three-patients",
        "three patients",
        "N_TOO_FEW",
        three,
        values={
            "response/response@all N": 3,
            "response/response.test@R:D p_value": nan,
            "pfs/logrank@R:D p_value": nan,
        },
    ),
    warned(
        "few-at-risk",
        "an estimate from two patients at risk",
        "W_FEW_AT_RISK",
        study("at       = [6, 12]", "at       = [6, 12, 22]"),
        values={"pfs/survival~22@R at_risk": 2},
    ),
)

EVENTS_ = (
    refused(
        "fatal-and-alive",
        "an event of grade 5 in a living patient",
        "E_GRADE5_ALIVE",
        cell(EVENTS, 2, "grade", "5"),
        cell(SUBJECTS, 2, "crs_grade", "5"),
        row=2,
    ),
    fine(
        "episodes",
        "three episodes of one term in one patient",
        row(EVENTS, "P01", "crs", "1", "2022-01-17", "2022-01-18"),
        row(EVENTS, "P01", "crs", "1", "2022-01-20", "2022-01-21"),
        same=False,
        values={"tox/crs=1@R n": 6, "tox/crs=any@all N": 23},
    ),
    refused("ends-first", "an end before its start", "E_DATE_ORDER", cell(EVENTS, 2, "end_date", "2022-01-10"), row=2),
    warned(
        "term-variants",
        "a term in two spellings",
        "W_NEAR_DUPLICATE_TERM",
        cell(EVENTS, 3, "term", "Neutropenia"),
        cell(EVENTS, 5, "term", "neutropenia "),
        says="Neutropenia",
    ),
    warned(
        "grade-without-row",
        "a grade that no event stands for",
        "W_SOURCE_GAP",
        table(EVENTS, lambda rows: [line for line in rows if line[:2] != ["P02", "crs"]]),
        row=3,
        says="grade 2 here, grade 0",
    ),
    warned(
        "no-events-at-all",
        "a file of events without rows",
        "W_NO_AE",
        table(EVENTS, lambda rows: rows[:1]),
        says="complete",
    ),
    refused(
        "two-sources",
        "a grade that the events contradict",
        "E_SOURCE_CONFLICT",
        cell(SUBJECTS, 2, "crs_grade", "4"),
        row=2,
        says=r"grade 4 here, grade 1 in events\.csv",
    ),
    refused(
        "after-death",
        "an event dated after the death",
        "E_DATE_ORDER",
        row(EVENTS, "P14", "infection", "3", "2023-01-05"),
        row=48,
    ),
    refused(
        "arms-apart",
        "one arm in another unit",
        "E_PLAUSIBLE",
        patients(lambda p: p.update(peak=str(int(p["peak"]) * 400)) if p["arm"] == "R" else None),
        column="peak",
        says="fold apart",
    ),
)

ALL = (*TIME, *LITTLE, *EVENTS_)
