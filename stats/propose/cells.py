"""What the cells of a column have in common: dates, yes and no, numbers, words; and which of them fall out of line."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from stats.intake.dates import ISO
from stats.intake.numbers import COMMA, LIMIT, PLAIN, WORDED
from stats.propose import orders
from stats.propose.naming import spellings, unit_apart
from stats.study.types import FALSE, TRUE

if TYPE_CHECKING:
    from stats.propose.columns import Guess

Where = Callable[[Sequence[str]], str]  # cells → their places in the file, in words

ORDERED = re.compile(r"grade|stage|ecog|score|risk|r?iss|class|phase|severity|karnofsky|kps", re.I)
COUNTED = re.compile(
    r"(?<![a-z])age(?![a-z])|number|count|lines|^n_|_n$|days?|weeks?|months?|years?|(?<![a-z])dose|time", re.I
)
FIGURES = 3
SEX = re.compile(r"sex|gender|geschl", re.I)
SEXES = {
    **dict.fromkeys(("f", "w", "female", "weiblich", "femme", "féminin", "mujer", "femenino"), "Female"),
    **dict.fromkeys(("m", "male", "männlich", "homme", "masculin", "hombre", "masculino"), "Male"),
    "d": "Diverse",
}
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")  # or a decimal comma with three decimals: nobody can tell
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:[ '’\u00a0\u202f.]\d{3})+,\d+|(?:[ ,'’\u00a0\u202f]\d{3})+(?:\.\d+)?)")
UNITS = {
    "years": "years",
    "yrs": "years",
    "yr": "years",
    "months": "months",
    "mo": "months",
    "mos": "months",
    "weeks": "weeks",
    "days": "days",
    "tage": "days",
    "wochen": "weeks",
    "monate": "months",
    "jahre": "years",
    "jours": "days",
    "semaines": "weeks",
    "mois": "months",
    "días": "days",
    "dias": "days",
    "semanas": "weeks",
    "meses": "months",
    "pct": "%",
    "percent": "%",
    "perc": "%",
    "kg": "kg",
    "cm": "cm",
    "mg": "mg",
}
FORMATS = (  # pattern, format, and how day and month are told apart
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?"), ISO),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), "%d.%m.%Y"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "%d/%m/%Y"),
    (re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})"), "%d-%m-%Y"),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2})"), "%d.%m.%y"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})"), "%d/%m/%y"),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), "%Y/%m/%d"),
    (re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})"), "%d-%b-%Y"),
    (re.compile(r"(\d{1,2}) ([A-Za-z]{3}) (\d{4})"), "%d %b %Y"),
)
SIDED = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")  # written with the month first elsewhere
UNCLEAR = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y")  # only a day beyond the twelfth tells; points have the day first
NOT_APART = "day and month can't be told apart: see date_format"
YES, NO = {"yes", "true", "y", "t", "ja", "j", "oui", "si", "sí"}, {"no", "false", "n", "f", "nein", "non"}
AFFIRMED = {*TRUE, *YES, "positive", "pos", "present"}
DENIED = {*FALSE, *NO, "negative", "neg", "absent"}
CODED_MISSING = ("-9", "-99", "-999", "-9999", "999", "9999", "-1")
CONSTANT = "the same in every row"
LEVELS = 12  # texts with more different values than this are no category
MOST = 0.6  # share of cells that have to be dates or numbers for the others to be called odd
FEWEST = 5  # different numbers from which on odd cells are taken for slips, not for levels


def dates(base: Guess, cells: Sequence[str], where: Where) -> Guess | None:
    """Cells of which most are dates, in one format or several."""
    by_format = {form: [cell for cell in cells if pattern.fullmatch(cell)] for pattern, form in FORMATS}
    dated = {cell for hits in by_format.values() for cell in hits}
    odd = [cell for cell in cells if cell not in dated]
    if not dated or len(dated) < MOST * len(cells) or (odd and len(dated) < 3):
        return None
    formats: list[str] = []
    doubts: list[str] = []
    unclear: list[str] = []
    for pattern, usual in FORMATS:
        hits = [hit for hit in map(pattern.fullmatch, by_format[usual]) if hit]
        if not hits:
            continue
        form = usual
        if form in SIDED:
            first, second = (max(int(hit[place]) for hit in hits) for place in (1, 2))
            if second > 12:
                form = month_first(form)
            elif first <= 12:
                unclear.append(form)
            if form in unclear and form in UNCLEAR:
                doubts.append(NOT_APART)
        formats.append(form)
    if any("%y" in form for form in formats):
        doubts.append("years of two figures, from 69 on taken for those before 2000")
    if odd:
        doubts.append(f"no whole dates, correct them in the file: {where(odd)}")
    found = [made for cell in dated for made in (day(cell, formats),) if made]
    return replace(
        base,
        type="date",
        date_formats=tuple(formats),
        unclear=tuple(unclear),
        doubts=tuple(doubts),
        latest=max(found, default=None),
    )


def agreed(columns: Sequence[Guess]) -> tuple[Guess, ...]:
    """The columns of a table, with day and month in the order of its other dates where a column's own don't tell.

    Two columns that tell different orders are left to `check`, as is what no column tells.
    """
    clear = {form for column in columns for form in column.date_formats if form not in column.unclear}
    return tuple(_agreed(column, clear) if column.unclear else column for column in columns)


def _agreed(column: Guess, clear: set[str]) -> Guess:
    told = {form for form in column.unclear if (form in clear) != (month_first(form) in clear)}
    forms = [month_first(form) if form in told and form not in clear else form for form in column.date_formats]
    unclear = tuple(form for form in column.unclear if form not in told)
    found = [made for cell in column.distinct for made in (day(cell, forms),) if made]
    doubts = tuple(doubt for doubt in column.doubts if unclear or doubt != NOT_APART)
    return replace(column, date_formats=tuple(forms), unclear=unclear, doubts=doubts, latest=max(found, default=None))


def month_first(form: str) -> str:
    return form.replace("%d", "#").replace("%m", "%d").replace("#", "%m")


def day(cell: str, formats: Sequence[str]) -> date | None:
    """The day a cell stands for in one of the formats; None when it is none."""
    for form in formats or (ISO,):
        try:
            return datetime.strptime(re.split("[T ]", cell)[0] if form == ISO else cell, form).date()
        except ValueError:
            continue
    return None


def flag(base: Guess, cells: Sequence[str]) -> Guess | None:
    """Yes and no, in whatever words and languages; a lone Y, as CDISC has it, too."""
    folded = {cell.casefold() for cell in cells}
    if folded == {"+", "-"}:
        return replace(base, type="flag", values={"+": "yes", "-": "no"})
    if not folded or not folded <= AFFIRMED | DENIED:
        return None
    if len(folded) == 1 and not folded <= {*TRUE, *FALSE, "y", "n", "ja", "nein"}:
        return None
    values = {
        cell: "yes" if cell.casefold() in AFFIRMED else "no" for cell in cells if cell.casefold() not in (*TRUE, *FALSE)
    }
    doubts = []
    if len(folded) == 1:
        doubts.append(f"only “{cells[0]}” occurs")
        if cells[0] == "Y":
            values["N"] = "no"
    elif len(folded) > 2:
        doubts.append("several words for yes and no")
    return replace(base, type="flag", values=values, doubts=tuple(doubts))


def number(base: Guess, cells: Sequence[str], known: Sequence[str], where: Where) -> Guess | None:
    """Cells of which most are numbers; codes for missing set aside, slips named."""
    numeric = [cell for cell in cells if PLAIN.fullmatch(cell) or COMMA.fullmatch(cell)]
    grouped = [cell for cell in cells if cell not in numeric and GROUPED.fullmatch(cell)]
    odd = [cell for cell in cells if cell not in numeric]
    found = len(numeric) + len(grouped)
    if not found or (len(odd) > len(grouped) and (found < FEWEST or found < MOST * len(cells))):
        return None
    if not numeric:
        return replace(base, type="number", doubts=tuple(_slips(odd, where)))
    commas = [cell for cell in numeric if COMMA.fullmatch(cell)]
    comma = not all(map(THOUSANDS.fullmatch, commas))
    if commas and not comma:  # no sign is taken for the decimal one, so that `check` refuses the cells
        unclear = 'a comma before three figures may part thousands: write the numbers plainly, or say decimal = "," of the file'
        return replace(base, type="number", doubts=(f"{unclear}: {where(commas)}", *_slips(odd, where)))
    plain = [cell.replace(",", ".") for cell in numeric]
    numbers = [float(cell) for cell in plain]
    coded = tuple(cell for cell, value in zip(plain, numbers) if cell in CODED_MISSING and _alone(value, numbers))
    kept = [value for cell, value in zip(plain, numbers) if cell not in coded] or numbers
    digits = _digits(plain, kept)
    whole = all(value == int(value) and 0 <= value < 10 for value in kept)
    few = 2 <= len(kept) <= 6 and whole and len(known) >= 10 and not COUNTED.search(base.source) and not odd
    doubts: tuple[str, ...] = (f"{min(kept):g} to {max(kept):g} in the file",)
    if coded:
        doubts += (f"{', '.join(coded)} taken for missing",)
    if odd:
        doubts += tuple(_slips(odd, where))
    base = replace(base, missing=(*base.missing, *coded), decimal="," if comma else "")
    if few:
        levels = {f"{value:g}": f"{value:g}" for value in sorted(kept)}
        kind = "ordinal" if ORDERED.search(base.source) else "category"
        return replace(
            base, type=kind, levels=levels, doubts=("numbers that may be codes: write what each means", *doubts[1:])
        )
    words = [word for word in re.split(r"[_. ]", base.source.lower()) if word]
    unit = next((UNITS[word] for word in reversed(words) if word in UNITS), "years" if "age" in words else "")
    label, told = unit_apart(base.label)  # a file of SPSS or Stata carries labels; those made of headers have no unit left
    unit = unit or told or unit_apart(base.source)[1]
    return replace(base, type="number", digits=digits, unit=unit, label=label, doubts=doubts)


def _digits(cells: Sequence[str], numbers: Sequence[float]) -> int:
    """Decimals to print: those of the file, but of numbers worked out by a program (an age of 56.8466) three figures."""
    found = min(4, max((len(cell.partition(".")[2].rstrip("0")) for cell in cells if "e" not in cell.lower()), default=0))
    sizes = sorted(abs(number) for number in numbers if number)
    if found < 2 or not sizes:
        return found
    return min(found, max(0, FIGURES - 1 - math.floor(math.log10(sizes[len(sizes) // 2]))))


def _slips(odd: Sequence[str], where: Where) -> list[str]:
    limits = [cell for cell in odd if LIMIT.fullmatch(cell)]
    worded = [cell for cell in odd if WORDED.fullmatch(cell)]
    grouped = [cell for cell in odd if GROUPED.fullmatch(cell)]
    rest = [cell for cell in odd if cell not in (*limits, *worded, *grouped)]
    said = []
    if grouped:
        said.append(f"thousands set apart, write the numbers without: {where(grouped)}")
    if limits:
        said.append(f'beyond a limit, say as what they count with values = {{ "{limits[0]}" = "…" }}: {where(limits)}')
    if worded:
        said.append(f"words beside the number, correct them in the file: {where(worded)}")
    if rest:
        said.append(f"no numbers, correct them in the file or take them into missing: {where(rest)}")
    return said


def _alone(value: float, numbers: Sequence[float]) -> bool:
    """A code for missing lies far outside of what else the column has."""
    rest = [other for other in numbers if other != value]
    if not rest:
        return False
    return (value < 0 <= min(rest)) or (value >= 999 and max(rest) < value / 5)


def words(base: Guess, cells: Sequence[str], known: Sequence[str]) -> Guess:
    """Levels; spellings that differ in case or spaces alone are brought together under the commonest."""
    count = Counter(known)
    values, doubts = spellings(sorted(cells, key=lambda cell: (-count[cell], cell)))
    different, graded = orders.ordered(set(cells) - set(values))
    if (
        len(different) > LEVELS
        or (len(different) > 2 and len(different) > len(known) / 2)
        or any(len(cell) > 60 for cell in cells)
    ):
        return replace(base, type="text", doubts=(f"{len(cells)} different texts",))
    if len(different) == 1 and len(known) > 1:
        return replace(base, type="", doubts=(CONSTANT,))
    kind = "ordinal" if ORDERED.search(base.source) or (graded and len(different) > 2) else "category"
    order = ["their order"] if kind == "ordinal" else []
    levels = {cell: cell for cell in different}
    if SEX.search(base.source) and {level.casefold() for level in levels} <= set(SEXES):
        levels = {level: SEXES[level.casefold()] for level in levels}
    return replace(base, type=kind, levels=levels, values=values, doubts=(*order, *doubts))
