"""Cells: codes, numbers and dates that are not what the study says they are."""

from __future__ import annotations

from datetime import date

from tests.bad_inputs.bends import EVENTS, SERIES, SUBJECTS, also, cell, column, dates, event, extra, study, where
from tests.bad_inputs.case import fine, refused, repaired, warned

DMY = "{2}/{1}/{0}"
SERIES_3 = (SERIES, 4, "value")  # the first patient's first interleukin-6


def respelled(pattern: str) -> object:
    return lambda day: pattern.format(*day.split("-"))


def unclear(day: str) -> str:
    year, month, last = day.split("-")
    return f"{int(month):02}/{int(last) % 12 + 1:02}/{year}"


def serial(day: str) -> str:
    return str((date.fromisoformat(day) - date(1899, 12, 30)).days)


CODES = (
    refused(
        "arm-case",
        "an arm in small letters",
        "E_LEVEL",
        cell(SUBJECTS, 5, "arm", "r"),
        row=5,
        column="arm",
        says="R, D.*did you mean 'R'",
    ),
    refused("arm-third", "an arm that isn't declared", "E_LEVEL", cell(SUBJECTS, 5, "arm", "X"), row=5, hides=("'X'",)),
    refused("arm-missing", "a patient without an arm", "E_VALUE_MISSING", cell(SUBJECTS, 5, "arm", ""), row=5),
    fine("term-none", "a term called None", event("None")),
    fine("term-na", "a term called NA", event("NA")),
    refused(
        "response-code",
        "a response that isn't declared",
        "E_LEVEL",
        cell(SUBJECTS, 7, "best_response", "CRi"),
        row=7,
        says="CR, PR, SD, PD, NE",
    ),
    refused(
        "sex-codes",
        "one sex spelled three ways",
        "E_LEVEL",
        cell(SUBJECTS, 3, "sex", "Male"),
        cell(SUBJECTS, 6, "sex", "1"),
        row=3,
    ),
    refused(
        "event-words",
        "events as Yes and No",
        "E_EVENT_CODE",
        column(SUBJECTS, "os_event", lambda v: "Yes" if v == "1" else "No"),
        says="values",
    ),
    fine(
        "event-truth",
        "events as TRUE and FALSE",
        column(SUBJECTS, "os_event", lambda v: "TRUE" if v == "1" else "FALSE"),
    ),
    refused(
        "event-one-two",
        "events as 1 and 2, and nobody said which",
        "E_EVENT_CODE",
        column(SUBJECTS, "os_event", lambda v: str(int(v) + 1)),
    ),
    refused(
        "event-reversed",
        "0 for events and 1 for the censored",
        "E_EVENT_CODE",
        column(SUBJECTS, "os_event", lambda v: str(1 - int(v))),
    ),
    refused("event-blank", "a time without a state", "E_VALUE_MISSING", cell(SUBJECTS, 8, "pfs_event", ""), row=8),
    warned(
        "response-missing",
        "NE, NA and blanks among the responses",
        "W_MISSING_RESPONSE",
        cell(SUBJECTS, 4, "best_response", "NA"),
        cell(SUBJECTS, 5, "best_response", ""),
        values={"response/response@all N": 21},
    ),
    warned(
        "response-unused",
        "a responder's code that never occurs",
        "W_UNUSED_CODE",
        study('levels = ["CR", "PR",', 'levels = ["CR", "VGPR", "PR",'),
        study('responses = ["CR", "PR"]', 'responses = ["CR", "VGPR", "PR"]'),
        says="VGPR",
        same=True,
    ),
)

NUMBERS = (
    refused(
        "word",
        "a word in a column of numbers",
        "E_NOT_NUMBER",
        cell(SUBJECTS, 6, "age", "forty"),
        row=6,
        column="age",
        hides=("forty",),
    ),
    refused(
        "name-in-number",
        "a name in a column of numbers",
        "E_NOT_NUMBER",
        cell(SUBJECTS, 6, "age", "Erika Mustermann"),
        row=6,
        hides=("Erika", "Mustermann"),
    ),
    refused("below-limit", "<10, and no rule for it", "E_CENSORED_VALUE", cell(*SERIES_3, "<10"), row=4, says="lloq"),
    fine(
        "below-limit-ruled",
        "<10, with a declared limit",
        cell(*SERIES_3, "<10"),
        study('scale = "log", window', 'scale = "log", lloq = 10, window'),
        same=False,
    ),
    refused("nd", "ND: not done, or not detected?", "E_AMBIGUOUS_MISSING", cell(*SERIES_3, "ND"), row=4),
    fine(
        "nd-ruled",
        "ND, declared as missing",
        cell(*SERIES_3, "ND"),
        study('file = "series.csv"', 'file = "series.csv"\nmissing = ["ND"]'),
        same=False,
    ),
    refused(
        "thousands", "1,200: twelve hundred, or one and a fifth?", "E_NUMBER_FORMAT", cell(*SERIES_3, "1,200"), row=4
    ),
    refused("comma", "a decimal comma in one cell", "E_NUMBER_FORMAT", cell(*SERIES_3, "10,5"), row=4),
    refused("age-in-months", "an age in months", "E_RANGE", cell(SUBJECTS, 6, "age", "408"), row=6, hides=("408",)),
    refused("age-negative", "an age below zero", "E_RANGE", cell(SUBJECTS, 6, "age", "-3"), row=6),
    refused(
        "other-unit",
        "some hemoglobins in g/L",
        "E_PLAUSIBLE",
        where(SERIES, "subject", "P03", "value", lambda v: f"{float(v) * 10:g}"),
        where(SERIES, "subject", "P04", "value", lambda v: f"{float(v) * 10:g}"),
        says="10",
    ),
    refused(
        "unit-undeclared",
        "an analyte in a unit that isn't declared",
        "E_UNIT",
        where(SERIES, "analyte", "ferritin", "unit", lambda v: "ng/dL"),
        says="ferritin",
    ),
    fine(
        "unit-mu",
        "the Greek letter for the micro sign",
        where(SERIES, "analyte", "ferritin", "unit", lambda v: "\u03bcg/L"),
    ),
    fine("exponent", "a number with an exponent", cell(SUBJECTS, 2, "peak", "1.2E+04")),
    refused("infinite", "infinity", "E_NOT_FINITE", cell(SUBJECTS, 2, "peak", "inf"), row=2),
    refused("beyond-measure", "a number of three hundred digits", "E_NOT_FINITE", cell(*SERIES_3, "1e308"), row=4),
    refused("not-a-number", "nan typed as a value", "E_NOT_FINITE", cell(SUBJECTS, 2, "peak", "NaN"), row=2),
    refused(
        "unit-in-cell",
        "a unit inside the cell",
        "E_NOT_NUMBER",
        cell(SUBJECTS, 2, "pfs_months", "22.9 mo"),
        row=2,
        hides=("22.9 mo",),
    ),
    refused(
        "wide-digits",
        "full-width digits",
        "E_NOT_ASCII_NUMBER",
        cell(SUBJECTS, 2, "age", "３４"),
        row=2,
        hides=("３４",),
    ),
    refused(
        "minus-sign", "a minus sign that is no hyphen", "E_NOT_ASCII_NUMBER", cell(SUBJECTS, 2, "peak", "−5"), row=2
    ),
    warned("log-zero", "zero on a logarithmic scale", "W_LOG_ZERO", cell(*SERIES_3, "0")),
    refused("truth-in-number", "TRUE in a column of numbers", "E_NOT_NUMBER", cell(SUBJECTS, 2, "age", "TRUE"), row=2),
    repaired("spaces", "white space around numbers", "R_TRIM", column(SUBJECTS, "peak", lambda v: f" {v} ")),
)

DATES = (
    refused(
        "dates-dmy",
        "all dates as day/month/year",
        "E_DATE_FORMAT",
        dates(SUBJECTS, respelled(DMY)),
        says=r"in \d+ of \d+ cells.*%d/%m/%Y",
    ),
    fine(
        "dates-dmy-declared",
        "the same with the format declared",
        dates(SUBJECTS, respelled(DMY)),
        study('file = "subjects.csv"', 'file = "subjects.csv"\ndate_format = "%d/%m/%Y"'),
    ),
    refused(
        "dates-unclear",
        "dates that can be read in two ways",
        "E_DATE_AMBIGUOUS",
        dates(SUBJECTS, unclear),
        says="date_format",
    ),
    refused("dates-serial", "serial numbers of a spreadsheet", "E_DATE_SERIAL", dates(SUBJECTS, serial), says="export"),
    refused(
        "date-partial", "a month without a day", "E_DATE_PARTIAL", cell(SUBJECTS, 9, "death_date", "2023-09"), row=9
    ),
    refused(
        "date-future",
        "a date after the cut-off",
        "E_DATE_AFTER_CUTOFF",
        cell(SUBJECTS, 9, "death_date", "2201-09-24"),
        row=9,
    ),
    refused(
        "date-zone",
        "a time with its zone",
        "E_DATE_FORMAT",
        cell(SUBJECTS, 2, "infusion_date", "2022-01-10T00:00:00+02:00"),
        row=2,
    ),
    refused(
        "date-impossible", "30 February", "E_DATE_INVALID", cell(SUBJECTS, 2, "infusion_date", "2022-02-30"), row=2
    ),
    refused("grade-six", "an event of grade 6", "E_RANGE", cell(EVENTS, 4, "grade", "6"), row=4),
    refused(
        "grade-roman",
        "a grade in Roman numerals",
        "E_NOT_NUMBER",
        cell(EVENTS, 4, "grade", "III"),
        row=4,
        hides=("III",),
    ),
    refused("grade-range", "grade 3-4", "E_NOT_NUMBER", cell(EVENTS, 4, "grade", "3-4"), row=4),
)

PRIVATE = (
    warned(
        "phone-mail-number",
        "telephone, mail and record numbers in a comment",
        "W_PHI_PATTERN",
        cell(SUBJECTS, 3, "comment", "call +49 351 458 0000, erika@example.org, 078-05-1120"),
        row=3,
        column="comment",
        says="e-mail",
        hides=("458 0000", "erika@", "078-05"),
        same=True,
    ),
    warned(
        "date-in-term",
        "a date in the term of an event",
        "W_PHI_PATTERN",
        event("sepsis, St. Josef 12.03.2022"),
        row=48,
        column="term",
        says="date",
        hides=("Josef", "12.03.2022"),
        same=True,
    ),
    warned(
        "name-column",
        "a column of names that nobody reads",
        "W_PHI_PATTERN",
        extra(SUBJECTS, "patient_name", lambda number: "Mustermann"),
        row=1,
        column="patient_name",
        hides=("Mustermann",),
        same=True,
    ),
    warned(
        "mail-unread",
        "an address in a column that nobody reads",
        "W_PHI_PATTERN",
        extra(EVENTS, "reporter", lambda number: "who@example.org" if number == 6 else ""),
        row=6,
        column="reporter",
        hides=("who@",),
        same=True,
    ),
)

CHECKS = (
    refused(
        "own-check",
        "a row that breaks a rule of the study's own",
        "E_CHECK",
        also('[checks]\nadults = { frame = "subjects", rule = "age >= 30", reason = "a child" }'),
        cell(SUBJECTS, 9, "age", "12"),
        row=9,
    ),
)

ALL = (*CODES, *NUMBERS, *DATES, *PRIVATE, *CHECKS)
