"""Numbers and dates as people and programs spoil them, cell by cell."""

from __future__ import annotations

from datetime import date, timedelta

from tests.bad_inputs.bends import EVENTS, SERIES, SUBJECTS, cell, column, dates, extra, study
from tests.bad_inputs.case import fine, refused, repaired, warned

VALUE = (SERIES, 4, "value")
LIMIT = study('scale = "log", window', 'scale = "log", lloq = 10, window')
DAYS_APART = 1462  # the two date systems of Excel

NUMBERS = (
    *(
        refused(f"number-{code[2:].lower()}-{number}", f"the age {text!r}", code, cell(SUBJECTS, 6, "age", text), row=6)
        for code, texts in (
            ("E_NUMBER_FORMAT", ("1 200", "1'200", "1.200,5", "1\u202f200", "3.4.5")),
            (
                "E_NOT_NUMBER",
                [
                    "12%",
                    "~34",
                    "34?",
                    "34*",
                    "(34)",
                    "1/2",
                    "30-40",
                    "34±2",
                    "0x22",
                    "3_4",
                    "3.4D1",
                    "34y",
                    "$34",
                    "'34",
                    "3O",
                ],
            ),
            ("E_NOT_ASCII_NUMBER", ("٣٤", "10²")),
            ("E_AMBIGUOUS_MISSING", ("-", ".", "unknown", "N/A", "NULL")),
            ("E_NOT_FINITE", ("-inf", "1e400")),
        )
        for number, text in enumerate(texts)
    ),
    fine("number-plus", "a number with its sign", cell(SUBJECTS, 2, "age", "+34")),
    fine("number-point", "a number that ends with its point", cell(SUBJECTS, 2, "age", "34.")),
    fine("number-long", "a number of thirty digits", cell(SUBJECTS, 2, "age", "34.0000000000000000000000000001")),
    refused("clotted", "a word for why there is no value", "E_NOT_NUMBER", cell(*VALUE, "clotted"), hides=("clotted",)),
    refused("limit-in-words", "BLQ, and no rule for it", "E_CENSORED_VALUE", cell(*VALUE, "BLQ"), row=4),
    refused("limit-above", ">5000, and no rule for it", "E_CENSORED_VALUE", cell(*VALUE, ">5000"), row=4, says="uloq"),
    fine("limit-lower", "<5, where the limit is 10", cell(*VALUE, "<5"), LIMIT, same=False),
    warned("limit-higher", "<50, where the limit is 10", "W_CENSORED_VALUE", cell(*VALUE, "<50"), LIMIT, row=4),
    warned(
        "limit-higher-apart",
        "50 with < beside it, where the limit is 10",
        "W_CENSORED_VALUE",
        cell(*VALUE, "50"),
        extra(SERIES, "qualifier", lambda number: "<" if number == 4 else ""),
        LIMIT,
        row=4,
    ),
    refused(
        "qualifier-odd",
        "a qualifier that is none",
        "E_LEVEL",
        extra(SERIES, "qualifier", lambda n: "approx" if n == 4 else ""),
    ),
    refused(
        "commas-in-column",
        "decimal commas in every cell of a column",
        "E_NUMBER_FORMAT",
        column(SERIES, "value", lambda value: value.replace(".", ",")),
    ),
    refused(
        "grade-least", "grade >=3", "E_NOT_NUMBER", cell(EVENTS, 4, "grade", ">=3"), row=4, says="one whole number"
    ),
)


DATES = (
    *(
        refused(f"date-{number}", f"the date {text!r}", code, cell(SUBJECTS, 9, "death_date", text), row=9, says=says)
        for number, (text, code, says) in enumerate(
            (
                ("2023-9-4", "E_DATE_FORMAT", ""),
                ("20230924", "E_DATE_FORMAT", '"%Y%m%d"'),
                ("24-Sep-2023", "E_DATE_FORMAT", '"%d-%b-%Y"'),
                ("24SEP2023", "E_DATE_FORMAT", '"%d%b%Y"'),
                ("2023/09/24", "E_DATE_FORMAT", '"%Y/%m/%d"'),
                ("24.9.2023", "E_DATE_FORMAT", '"%d.%m.%Y"'),
                ("04.09.23", "E_DATE_AMBIGUOUS", '"%d.%m.%y" or "%m.%d.%y"'),
                ("2023-09-24 14:30", "E_DATE_FORMAT", "time of day"),
                ("2023-09-24Z", "E_DATE_FORMAT", ""),
                ("2023–09–24", "E_DATE_FORMAT", ""),
                ("0000-00-00", "E_DATE_INVALID", ""),
                ("1900-01-00", "E_DATE_INVALID", ""),
                ("2023-02-29", "E_DATE_INVALID", ""),
                ("1445-03-09", "E_DATE_INVALID", "before 1900"),
                ("9999-12-31", "E_DATE_AFTER_CUTOFF", ""),
                ("1970-01-01", "E_DATE_ORDER", ""),
                ("2023", "E_DATE_PARTIAL", ""),
                ("2023-09-UN", "E_DATE_PARTIAL", ""),
                ("45193.5", "E_DATE_SERIAL", ""),
                ("UNK", "E_AMBIGUOUS_MISSING", "nobody knows"),
                ("NA", "E_AMBIGUOUS_MISSING", 'missing = \\["NA"\\]'),
                ("alive", "E_DATE_FORMAT", ""),
                ("2023-10-30", "E_DATE_ORDER", "after last_contact_date"),
            )
        )
    ),
    repaired("midnight", "midnight behind every date", "R_DATE_TIME", dates(SUBJECTS, "{} 00:00:00".format)),
    fine(
        "compact-declared",
        "dates without signs, as declared",
        study('file = "events.csv"', 'file = "events.csv"\ndate_format = "%Y%m%d"'),
        dates(EVENTS, lambda day: day.replace("-", ""), ("date", "end_date")),
    ),
    refused(
        "compact-short",
        "a date without signs that can be read in two ways",
        "E_DATE_FORMAT",
        study('file = "events.csv"', 'file = "events.csv"\ndate_format = "%Y%m%d"'),
        dates(EVENTS, lambda day: day.replace("-", ""), ("date", "end_date")),
        cell(EVENTS, 2, "date", "2022112"),
        row=2,
    ),
    refused(
        "two-date-systems",
        "every infusion four years and a day early",
        "E_TIME_DATE_CONFLICT",
        dates(SUBJECTS, lambda day: str(date.fromisoformat(day) - timedelta(DAYS_APART)), ("infusion_date",)),
        says="1900 and 1904",
    ),
    warned(
        "another-start",
        "times that fit no date",
        "W_TIME_DATE_CONFLICT",
        column(SUBJECTS, "os_months", lambda value: "0"),
        column(SUBJECTS, "pfs_months", lambda value: "0"),
        says="23 of 23 times",
    ),
    fine(
        "cut-off-day", "a last contact on the day of the cut-off", cell(SUBJECTS, 7, "last_contact_date", "2023-12-31")
    ),
    refused(
        "year-slip",
        "an infusion ten years early",
        "E_TIME_DATE_CONFLICT",
        cell(SUBJECTS, 9, "infusion_date", "2012-08-30"),
        row=9,
    ),
)

ALL = (*NUMBERS, *DATES)
