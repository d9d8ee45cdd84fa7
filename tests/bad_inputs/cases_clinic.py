"""States, adverse events and measurements that can't be so, or that count nowhere."""

from __future__ import annotations

from datetime import date, timedelta

from tests.bad_inputs.bends import (
    EVENTS,
    SERIES,
    SUBJECTS,
    Bend,
    Table,
    also,
    cell,
    column,
    dates,
    event,
    extra,
    new,
    renamed,
    row,
    study,
    table,
    where,
)
from tests.bad_inputs.case import fine, refused, warned
from tests.bad_inputs.cases_more import screened

FLAG = study("comment           =", 'tp53 = { type = "flag" }\ncomment           =')


def later(days: int, file: str) -> Bend:
    """Every row of a file so many days later."""
    names = ("date", "end_date") if file == EVENTS else ("date",)
    return dates(file, lambda day: str(date.fromisoformat(day) + timedelta(days)), names)


def times(factor: float, digits: int, *names: str) -> tuple[Bend, ...]:
    return tuple(column(SUBJECTS, name, lambda value: f"{float(value) * factor:.{digits}f}") for name in names)


def measured(analyte: str, factor: float, arm: str = "") -> Bend:
    """The values of an analyte in another unit; of one arm: D has the patients from P13 on."""

    def change(rows: Table) -> None:
        for line in rows[1:]:
            if line[1] == analyte and (not arm or line[0] > "P12"):
                line[3] = f"{float(line[3]) * factor:g}"

    return table(SERIES, change)


STATES = (
    *(
        refused(f"state-{name}", f"{value} for a state", "E_EVENT_CODE", cell(SUBJECTS, 2, "pfs_event", value), row=2)
        for name, value in (("half", "0.5"), ("negative", "-1"), ("word", "relapsed"))
    ),
    refused(
        "state-dead-alive",
        "dead and alive",
        "E_EVENT_CODE",
        column(SUBJECTS, "os_event", lambda value: "dead" if value == "1" else "alive"),
        row=2,
    ),
    refused(
        "nobody-dead",
        "nobody has died, and deaths are dated",
        "E_EVENT_DATE_CONFLICT",
        column(SUBJECTS, "os_event", lambda value: "0"),
        row=9,
    ),
    refused(
        "states-empty", "states that are all empty", "E_VALUE_MISSING", column(SUBJECTS, "os_event", lambda value: "")
    ),
    refused("time-empty", "a state without a time", "E_VALUE_MISSING", cell(SUBJECTS, 4, "pfs_months", ""), row=4),
    refused(
        "times-in-weeks", "times in weeks", "E_TIME_UNIT", *times(4.348, 2, "pfs_months", "os_months"), says="weeks"
    ),
    refused("times-in-years", "times in years", "E_TIME_UNIT", *times(1 / 12, 3, "os_months"), says="years"),
    refused(
        "one-time-in-days", "one time in days", "E_TIME_DATE_CONFLICT", cell(SUBJECTS, 4, "pfs_months", "262"), row=4
    ),
    *(
        refused(
            f"flag-{name}", f"a flag of {', '.join(codes)}", "E_LEVEL", extra(SUBJECTS, "tp53", codes.__getitem__), FLAG
        )
        for name, codes in (("german", ["ja", "nein"] * 13), ("signs", ["+", "-"] * 13), ("two", ["0", "1", "2"] * 9))
    ),
    refused(
        "age-in-months-unlimited",
        "an age in months, and no range declared",
        "E_PLAUSIBLE",
        cell(SUBJECTS, 6, "age", "3672"),
        study("digits = 0, range = [0, 110]", "digits = 0"),
        row=6,
        column="age",
    ),
    refused(
        "time-endless",
        "a time of a thousand years, and no column of last contact to hold it against",
        "E_TIME_UNIT",
        cell(SUBJECTS, 2, "os_months", "12000"),
        renamed(SUBJECTS, "last_contact_date", "seen"),
        study('last_contact_date = { type = "date", label = "Last contact", required = true }', ""),
    ),
    warned("one-arm-empty", "everybody in one arm", "W_EMPTY_ARM", column(SUBJECTS, "arm", lambda arm: "R")),
)

EVENTS_ = (
    refused("grade-letter", "grade G3", "E_NOT_NUMBER", cell(EVENTS, 4, "grade", "G3"), row=4),
    warned("grade-empty", "a row without a grade", "W_GRADE_MISSING", cell(EVENTS, 4, "grade", ""), row=4),
    refused("term-empty", "a grade of nothing", "E_VALUE_MISSING", cell(EVENTS, 3, "term", ""), row=3, column="term"),
    warned(
        "event-undated",
        "a row without a date",
        "W_DAY_MISSING",
        cell(EVENTS, 3, "date", ""),
        cell(EVENTS, 3, "end_date", ""),
        row=3,
    ),
    refused(
        "event-late", "an event after the cut-off", "E_DATE_AFTER_CUTOFF", cell(EVENTS, 3, "date", "2024-02-01"), row=3
    ),
    warned(
        "event-twice", "a row twice", "W_DUP_ROW", table(EVENTS, lambda rows: rows.append(list(rows[1]))), same=True
    ),
    refused("terms-capital", "terms in capitals", "E_LEVEL", column(EVENTS, "term", str.upper), says='"CRS" = "crs"'),
    *(
        warned(
            f"term-{name}",
            f"{word} once",
            "W_NEAR_DUPLICATE_TERM",
            cell(EVENTS, 3, "term", word),
            says=f"'{word}' is one",
        )
        for name, word in (("british", "neutropaenia"), ("swapped", "nuetropenia"), ("short", "neutropena"))
    ),
    fine("terms-apart", "two terms that look alike and aren't", event("hypotension"), event("hypertension")),
    refused(
        "end-after-death",
        "an event that ends after the death",
        "E_DATE_ORDER",
        row(EVENTS, "P14", "infection", "3", "2022-08-01", "2022-12-05"),
        row=48,
        column="end_date",
    ),
    warned("events-outside", "every event forty days late", "W_WINDOW", later(40, EVENTS), says="days 42 to"),
)

MEASURED = (
    warned("analyte-variant", "IL-6 in one row of il6", "W_NEAR_DUPLICATE_TERM", cell(SERIES, 4, "analyte", "IL-6")),
    warned(
        "analyte-variants",
        "IL6 in every row of il6",
        "W_UNUSED_CODE",
        where(SERIES, "analyte", "il6", "analyte", str.upper),
        says="did you mean 'IL6'",
    ),
    refused("analyte-empty", "a value of nothing", "E_VALUE_MISSING", cell(SERIES, 4, "analyte", ""), row=4),
    refused(
        "arm-in-mg", "ferritin of one arm in mg/L", "E_PLAUSIBLE", measured("ferritin", 0.001, "D"), says="\\d{3}-fold"
    ),
    refused("all-in-g-per-litre", "every hemoglobin in g/L", "E_PLAUSIBLE", measured("hb", 10)),
    refused("below-zero", "a hemoglobin below zero", "E_PLAUSIBLE", cell(SERIES, 2, "value", "-8.0"), row=2),
    refused("unit-case", "g/dl for g/dL", "E_UNIT", where(SERIES, "analyte", "hb", "unit", str.lower)),
    warned("samples-outside", "samples two hundred days late", "W_WINDOW", later(200, SERIES)),
)

BEFORE = "".join(f"P0{i},2021-0{i}-01,PR\n" for i in range(1, 6))
OTHERS = (
    refused(
        "flag-empty-and-told",
        "an empty flag in a row that is told",
        "E_STAGE_ORDER",
        *screened("S0,1,"),
        row=24,
        options=("--show-values",),
    ),
    warned("series-bare", "a series without rows", "W_NO_ROWS", table(SERIES, lambda rows: rows[:1])),
    warned(
        "analyte-bare",
        "an analyte without a value",
        "W_UNUSED_CODE",
        where(SERIES, "analyte", "il6", "value", lambda value: ""),
        says="not one value",
    ),
    warned(
        "assessed-before",
        "assessments that all lie before the infusion",
        "W_WINDOW",
        new("responses.csv", f"subject,date,response\n{BEFORE}"),
        also('[frames.responses]\nfile = "responses.csv"'),
        says="not one after day zero",
        same=True,
    ),
    refused(
        "fahrenheit",
        "a temperature in Fahrenheit",
        "E_PLAUSIBLE",
        extra(EVENTS, "temperature", lambda number: "101.3" if number == 2 else "38.5"),
        also('[frames.events.columns]\ntemperature = { type = "number", unit = "°C" }'),
        row=2,
        says="°F",
    ),
    refused(
        "level-in-small",
        "a level in small letters whose label is the level",
        "E_LEVEL",
        cell(SUBJECTS, 7, "best_response", "cr"),
        says="did you mean 'CR'",
    ),
)

ALL = (*OTHERS, *STATES, *EVENTS_, *MEASURED)
