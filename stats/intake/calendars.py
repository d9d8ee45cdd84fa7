"""Days and times as SAS, SPSS and Stata keep them: numbers counted from a day of their own, which a format shows as dates.

The format alone tells a date from any other number. SAS counts days, or seconds where the format shows a time as well,
and Stata days or milliseconds, from 1960-01-01; SPSS counts seconds from 1582-10-14, the day before the Gregorian calendar.
Formats: SAS 9.4 Formats and Informats, "Formats by Category"; IBM SPSS Statistics Command Syntax Reference, "Date and Time
Formats"; Stata Data Management Reference Manual, "Datetime display formats".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from stats.intake.dates import BEYOND

SAS_DAYS = re.compile(r"DATE|(?:DDMMYY|MMDDYY|YYMMDD)[BCDNPS]?|WEEKDAT[EX]|WORDDAT[EX]|JULIAN|NLDATE[LMSW]?|"
                      r"(?:E8601|B8601|IS8601)DA|EURDF(?:DD|DE|WDX|WKX)")
SAS_SECONDS = re.compile(r"DATETIME|DATEAMPM|MDYAMPM|DTDATE|DTWKDATX|NLDATM[LMSW]?|(?:E8601|B8601|IS8601)D[NTZX]|EURDFDT")
SAS_CLOCK = re.compile(r"TIME|HHMM|TOD|TIMEAMPM|NLTIME|NLTIMAP|(?:E8601|B8601|IS8601)T[MZX]")
SPSS_SECONDS = re.compile("[AEJS]?DATE|DATETIME|YMDHMS")
DAY_ALONE = re.compile("[AEJS]?DATE|DTDATE|DTWKDATX|(?:E8601|B8601|IS8601)DN")  # of seconds, where only their day is shown
SPSS_CLOCK = re.compile("D?TIME|MTIME")
STATA_DAYS, STATA_MILLISECONDS = re.compile("%-?t?d.*"), re.compile("%-?t[cC].*")
STATA_CLOCK = re.compile("%-?tc[Hh]{2}:MM(?::SS.*)?")
STEM = re.compile(r"([A-Z][A-Z0-9]*[A-Z])\d*(?:\.\d*)?", re.IGNORECASE)
SAS, SPSS = date(1960, 1, 1), date(1582, 10, 14)


def reader(ending: str, shown_as: str) -> Callable[[float], date | str] | None:
    """How a number of a column with this format is read; None where the format shows no date and no time.

    What is read is a date, a datetime where the number says a time of day other than midnight, or a text.
    """
    if ending == "dta":
        return (_from(SAS) if STATA_DAYS.fullmatch(shown_as) else _clock(1000) if STATA_CLOCK.fullmatch(shown_as)
                else _from(SAS, 1000) if STATA_MILLISECONDS.fullmatch(shown_as) else None)
    stem = STEM.fullmatch(shown_as)
    name = stem[1].upper() if stem else ""
    whole = DAY_ALONE.fullmatch(name) is not None
    if ending == "sav":
        return _from(SPSS, 1, whole) if SPSS_SECONDS.fullmatch(name) else _clock() if SPSS_CLOCK.fullmatch(name) else None
    return (_from(SAS) if SAS_DAYS.fullmatch(name) else _from(SAS, 1, whole) if SAS_SECONDS.fullmatch(name)
            else _clock() if SAS_CLOCK.fullmatch(name) else None)


def _from(origin: date, per_second: int = 0, whole: bool = False) -> Callable[[float], date | str]:
    """Numbers counted from this day: of days, or so many per second, of which the day alone counts where `whole`."""

    def read(number: float) -> date | str:
        try:
            if not per_second:
                return origin + timedelta(days=math.floor(number))
            moment = datetime(origin.year, origin.month, origin.day) + timedelta(seconds=number / per_second)
            return moment.date() if whole else moment
        except (OverflowError, ValueError):
            return BEYOND
    return read


def _clock(per_second: int = 1) -> Callable[[float], str]:
    """Times without a day."""

    def read(number: float) -> str:
        minutes, seconds = divmod(number / per_second, 60)
        return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{seconds:02.0f}"
    return read
