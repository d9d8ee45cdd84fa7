"""Cells that should be dates: the declared format or YYYY-MM-DD, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache

from stats.intake.numbers import UNCLEAR, Fault

ISO = "%Y-%m-%d"
PARTS = {"%Y": r"(?P<Y>\d{4})", "%y": r"(?P<y>\d{2})", "%m": r"(?P<m>\d{1,2})", "%b": r"(?P<b>[A-Za-z]{3,9})",
         "%d": r"(?P<d>\d{1,2})"}
LIKELY = ("%Y%m%d", "%d%b%Y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%b-%y")  # one reading each
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO_CELL = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?", re.ASCII)
TIMED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}.*")
PARTIAL = re.compile(r"\d{4}(?:[-/.](?:\d{1,2}|[A-Za-z?-]{1,3}))?(?:[-/.][A-Za-z?-]{1,3})?|(?:un|uk|xx|\?\?)[-/. ].*",
                     re.IGNORECASE)
MONTH_ALONE = re.compile(r"(?:[A-Za-zäé]{3,9}\.?|\d{1,2})[-/. ]+\d{4}|\d{4}[-/. ]+[A-Za-zäé]{3,9}\.?", re.IGNORECASE)
SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
DIGITS_JOINED = re.compile("%[Yymd]%[Yymd]")
EARLIEST = 1900
BEYOND = "a day beyond the calendar"  # what a typed cell is spelled as whose day has no date


def order(cells: Iterable[str]) -> str:
    """What cells such as 03/04/2021 tell together: 'dm', 'md', 'mixed', 'either' (nothing tells), '' (no such cell)."""
    seen = {_order_of(found) for found in map(SLASHED.fullmatch, cells) if found}
    decided = seen - {"either"}
    return "mixed" if len(decided) > 1 else decided.pop() if decided else "either" if seen else ""


def _order_of(found: re.Match[str]) -> str:
    first, second = int(found[1]), int(found[3])
    return "either" if first <= 12 and second <= 12 else "dm" if first > 12 else "md"


def day(text: str, declared: str | Sequence[str] = (), seen: str = "") -> date | Fault:
    """The cell's date, or what is wrong with it; a time of midnight after an ISO date says nothing and is left out.

    `declared` are formats like %d/%m/%Y, none of which reads what another reads; `seen` what `order` says of all date
    cells of the file, for the advice only.
    """
    formats = tuple(filter(None, [declared] if isinstance(declared, str) else declared))
    for form in formats or (ISO,):
        found = _pattern(form).fullmatch(text)
        if found is None and form == ISO and (shortened := MIDNIGHT.fullmatch(text)):
            found = _pattern(ISO).fullmatch(shortened[1])
        if found:
            return _made(found)
    return _fault(text, formats, seen)


@cache
def _pattern(declared: str) -> re.Pattern[str]:
    pieces = re.split(r"(%[Yymbd])", declared)
    strict = declared == ISO or DIGITS_JOINED.search(declared)  # 2021-3-4 is no ISO date, and 2021111 two days
    body = "".join(PARTS.get(piece, re.escape(piece)) for piece in pieces)
    return re.compile(body.replace("{1,2}", "{2}") if strict else body, re.ASCII)


def _made(found: re.Match[str]) -> date | Fault:
    parts = found.groupdict()
    year = int(parts["Y"]) if parts.get("Y") else _century(int(parts["y"])) if parts.get("y") else 0
    month = _month(parts["b"]) if parts.get("b") else int(parts.get("m") or 0)
    try:
        made = date(year, month, int(parts.get("d") or 0))
    except ValueError:
        return Fault("E_DATE_INVALID", "there is no such day in the calendar", "Correct the date")
    if made.year < EARLIEST:
        return Fault("E_DATE_INVALID", f"the date lies before {EARLIEST}",
                     "Correct the date, or declare the code as missing")
    return made


def _century(year: int) -> int:
    return year + (1900 if year >= 69 else 2000)


def _month(word: str) -> int:
    return MONTHS.index(word[:3].lower()) + 1 if word[:3].lower() in MONTHS else 0


def _fault(text: str, declared: tuple[str, ...], seen: str) -> Fault:
    expected = " or ".join(declared) or "YYYY-MM-DD"
    if text.casefold() in UNCLEAR:
        return Fault("E_AMBIGUOUS_MISSING", f"{text!r} may mean that there is no date, or one that nobody knows",
                     f'Leave the cell empty where nothing happened, or declare missing = ["{text}"] for the file')
    if text == BEYOND:
        return Fault("E_DATE_INVALID", "the number kept for the date is beyond every calendar",
                     "Correct the date, or leave the cell empty where there is none")
    slashed = SLASHED.fullmatch(text)
    if slashed and not declared:
        return _slashed_fault(slashed[2], "%Y" if len(slashed[4]) == 4 else "%y", seen)
    if TIMED.fullmatch(text):
        return Fault("E_DATE_FORMAT", f"a date with a time of day, where {expected} is expected",
                     "Export dates without time; a time zone could move them by a day", True)
    if PARTIAL.fullmatch(text) or MONTH_ALONE.fullmatch(text):
        return Fault("E_DATE_PARTIAL", "day or month is missing", "Complete the date, or leave the cell empty")
    if SERIAL.fullmatch(text) and 10_000 <= float(text) <= 80_000:
        return Fault("E_DATE_SERIAL", "these are numbers by which a program counts days, not dates",
                     "Give the column a date format where it was made (in the spreadsheet, in SAS, Stata or SPSS) and "
                     "export it again", True)
    remedy = f"Write dates as {expected}"
    if ISO_CELL.fullmatch(text):
        both = ", ".join(f'"{form}"' for form in (*declared, ISO))
        remedy = f"The file has dates as YYYY-MM-DD too: declare date_format = [{both}], or correct them"
    elif likely := next((form for form in LIKELY if form not in declared and _reads(form, text)), ""):
        both = ", ".join(f'"{form}"' for form in (*declared, likely))
        remedy = f"Declare date_format = {f'[{both}]' if declared else both} if that is how they are written"
    elif slashed:
        remedy = f'Write dates as {expected}, or declare the date_format they have, such as "{_like(slashed[2])}"'
    return Fault("E_DATE_FORMAT", f"the dates are not written {expected}", remedy, True)


def _reads(form: str, text: str) -> bool:
    found = _pattern(form).fullmatch(text)
    return found is not None and isinstance(_made(found), date)


def _like(mark: str, year: str = "%Y", day_first: bool = True) -> str:
    return mark.join((*(("%d", "%m") if day_first else ("%m", "%d")), year))


def _slashed_fault(mark: str, year: str, seen: str) -> Fault:
    """Dates with slashes, points or hyphens, and no declared format."""
    if seen in ("dm", "md"):
        return Fault("E_DATE_FORMAT", "the dates are not written YYYY-MM-DD",
                     f'Declare date_format = "{_like(mark, year, seen == "dm")}" if that is how they are written', True)
    if seen == "mixed":
        return Fault("E_DATE_FORMAT", "some dates have the day first, others the month",
                     "Write all of them as YYYY-MM-DD", True)
    return Fault("E_DATE_AMBIGUOUS", "day and month can't be told apart and no format is declared",
                 f'Declare date_format = "{_like(mark, year)}" or "{_like(mark, year, False)}" for the file', True)
