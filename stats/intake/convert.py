"""Distinct cells of one column to values of its declared type; every cell that doesn't fit gets its fault."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from stats.findings import nearest
from stats.intake import dates, numbers
from stats.intake.numbers import Fault
from stats.intake.oddities import alike
from stats.intake.raw import portions
from stats.study.types import FALSE, TRUE, Column, Endpoint, Frame

HIDDEN = re.compile("[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb"
                    "\U000e0000-\U000e007f]")
WHOLE = re.compile(r"\d+(?:\.0+)?", re.ASCII)
BREAK = re.compile("[\x00-\x1f\x7f-\x9f]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
ERROR = re.compile(r"#(?:REF!|N/A|NV|VALUE!|WERT!|VALEUR !?|DIV/0!|NAME\?|NOM\s?\?|NUM!|ZAHL!|NULL!|BEZUG!|SPILL!|CALC!"
                   r"|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA)|#{4,}")


@dataclass(frozen=True)
class Rules:
    """What a column's cells must obey beyond its type: taken from the study, the file and the endpoints that use it."""

    frame: Frame
    cutoff: date
    decimal: str = "."
    date_order: str = ""
    statuses: tuple[Endpoint, ...] = ()
    time: bool = False
    unclear_is_missing: bool = False  # an undeclared NA in a response column
    whole: bool = False  # grades, stages and scores have no decimals


@dataclass
class Typed:
    """`values[i]` belongs to distinct cell i (None = missing or unusable); `changed` counts repairs by code.

    `as_given`: the values are the cells themselves, None for the empty one, so that no two are alike.
    """

    values: list[Any]
    missing: np.ndarray
    faults: dict[int, Fault] = field(default_factory=dict)
    changed: dict[str, list[int]] = field(default_factory=dict)
    limits: dict[int, tuple[str, float]] = field(default_factory=dict)  # '<50' as ('<', 50.0)
    as_given: bool = True


def convert(column: Column, cells: Sequence[str], rules: Rules) -> Typed:
    """Each distinct cell trimmed, composed, mapped by `values`, compared with `missing`, then read as the type.

    Cells of which nothing needs a closer look, as nearly all of many are, are read many at a time.
    """
    typed = Typed([None] * len(cells), np.zeros(len(cells), dtype=bool))
    reader, many = _reader(column, rules), _many_reader(column, rules)
    missing = set(rules.frame.missing)
    special = missing | set(column.values)
    start = 0
    for part in portions(cells):
        found = many(part) if not special or special.isdisjoint(part) else None
        if found is not None:
            typed.values[start:start + len(part)] = found
            typed.as_given &= found is part
        else:
            for place, raw in enumerate(part, start):
                _one(typed, place, raw, column, missing, reader, rules)
        start += len(part)
    return typed


def _one(typed: Typed, place: int, raw: str, column: Column, missing: set[str], reader: Callable[[str], Any],
         rules: Rules) -> None:
    text = raw.strip()
    if text != raw and text:
        typed.changed.setdefault("R_TRIM", []).append(place)
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text)
        if composed != text:
            typed.changed.setdefault("R_NFC", []).append(place)
        text = composed
        if HIDDEN.search(text):
            typed.changed.setdefault("W_BIDI", []).append(place)
    if text in column.values:
        text = column.values[text]
    elif text in missing:
        text = ""
    made = (_broken(text, column.type == "id") or reader(text)) if text else None
    if isinstance(made, Fault):
        typed.faults[place] = made
        if made.code == "E_CENSORED_VALUE":
            typed.limits[place] = numbers.limit(text, rules.decimal) or ("", float("nan"))
        made = None
    else:
        typed.missing[place] = made is None
        if column.type == "date" and dates.MIDNIGHT.fullmatch(text):
            typed.changed.setdefault("R_DATE_TIME", []).append(place)
    typed.values[place] = made
    typed.as_given &= made == raw or not raw


def _broken(text: str, line: bool = False) -> Fault | None:
    """What no cell of any type can mean: characters of control, and the errors a spreadsheet shows in place of a value.

    In what must be one `line`, such as an identifier, a line end or a tab is one too.
    """
    found = (BREAK if line else CONTROL).search(text)
    if found:
        return Fault("E_CONTROL_CHAR", f"the cell holds the control character U+{ord(found[0]):04X}",
                     "Remove it; it often comes from copying out of another program")
    if text.startswith("#") and ERROR.fullmatch(text):
        return Fault("E_CELL_ERROR", f"the cell holds {text}, which a spreadsheet shows in place of a value",
                     "Mend the formula or widen the column, and export it again; or leave the cell empty")
    return None


def _reader(column: Column, rules: Rules) -> Callable[[str], Any]:
    """The function from a cell's text to its value or Fault."""
    plain = _plain_reader(column, rules)
    for endpoint in rules.statuses:
        plain = _status_reader(endpoint, column, plain)
    return plain


def _many_reader(column: Column, rules: Rules) -> Callable[[Sequence[str]], Sequence[Any] | None]:
    """The function from many cells at once to their values, None where one of them needs a closer look."""
    if column.type in ("id", "text") and not rules.statuses:
        return lambda part: part if _unremarkable(part) else None
    if column.type != "number" or rules.statuses or column.day_one or rules.decimal != ".":
        return lambda part: None
    low, high = _limits(column, rules)

    def read(part: Sequence[str]) -> Sequence[float] | None:
        values = numbers.many(part)
        if values is None:
            return None
        found = np.array(values)
        fit = (found >= low) & (found <= high) & (not rules.whole or found == np.floor(found))
        return values if fit.all() else None
    return read


def _unremarkable(part: Sequence[str]) -> bool:
    """Whether these texts are filled, printable ASCII without white space and without what errors begin with."""
    whole = "".join(part)
    return whole.isascii() and whole.isprintable() and " " not in whole and "#" not in whole and all(part)


def _limits(column: Column, rules: Rules) -> tuple[float, float]:
    low, high = column.range or (-np.inf, np.inf)
    return (max(low, 0.0) if rules.time else low), high


def _plain_reader(column: Column, rules: Rules) -> Callable[[str], Any]:
    if column.type == "number":
        read = _number_reader(*_limits(column, rules), column.unit, rules.decimal)
        read = _whole(read) if rules.whole else read
        return _from_day_one(read) if column.day_one else read
    if column.type == "flag":
        return _flag
    if column.type == "date":
        return _date_reader(rules)
    if column.type in ("arm", "category", "ordinal"):
        return _level_reader(column, rules.unclear_is_missing)
    return _shown if column.type == "text" else lambda text: text


def _shown(text: str) -> str:
    """A text whose invisible and direction-changing characters can be seen; identifiers stay as they are, to be joined."""
    return text if text.isascii() else HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _number_reader(low: float, high: float, unit: str, decimal: str) -> Callable[[str], Any]:
    def read(text: str) -> float | Fault:
        value = numbers.number(text, decimal)
        if isinstance(value, Fault) or low <= value <= high:
            return value
        limits = f"{low:g} to {high:g}" if np.isfinite(high) else f"at least {low:g}"
        return Fault("E_RANGE", f"the number is out of range: expected {limits} {unit}".rstrip(),
                     "Correct it, or the range")
    return read


def _whole(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(text: str) -> float | Fault:
        value: float | Fault = read(text)
        if isinstance(value, Fault) and value.code == "E_CENSORED_VALUE":
            return Fault("E_NOT_NUMBER", "a grade, stage or score is one whole number", "Enter the one that was reached")
        if isinstance(value, Fault) or value == int(value):
            return value
        return Fault("E_RANGE", "a grade, stage or score is a whole number", "Correct it")
    return checked


def _from_day_one(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Days that count from 1 with no day 0, as CDISC's do, to days from 0; the days before keep their number."""
    def shifted(text: str) -> float | Fault:
        day = read(text)
        if isinstance(day, Fault) or day < 0:
            return day
        if day == 0:
            return Fault("E_RANGE", "there is no day 0 where days count from 1",
                         "Take day_one = true out if these days count from 0")
        return day - 1.0
    return shifted


def _flag(text: str) -> bool | Fault:
    word = text.casefold()
    if word in TRUE or word in FALSE:
        return word in TRUE
    if WHOLE.fullmatch(word) and float(word) in (0.0, 1.0):
        return float(word) == 1.0
    return Fault("E_LEVEL", "a flag is 0 or 1, yes or no, Y or N, true or false",
                 'Map other codes with values = { "+" = "yes", "-" = "no" }, say')


def _date_reader(rules: Rules) -> Callable[[str], Any]:
    formats = rules.frame.options.get("date_formats") or tuple(filter(None, [rules.frame.date_format]))

    def read(text: str) -> date | Fault:
        made = dates.day(text, formats, rules.date_order)
        if isinstance(made, Fault) or made <= rules.cutoff:
            return made
        return Fault("E_DATE_AFTER_CUTOFF", f"the date lies after the data cut-off ({rules.cutoff.isoformat()})",
                     "Correct the date, or cut the data at the cut-off")
    return read


def _level_reader(column: Column, unclear_is_missing: bool) -> Callable[[str], Any]:
    levels = list(column.levels)
    places = {level: place for place, level in enumerate(levels)}
    labels = {label.casefold(): (label, level) for level, label in column.levels.items() if label.casefold() != level.casefold()}

    def read(text: str) -> int | Fault | None:
        if text in places:
            return places[text]
        if WHOLE.fullmatch(text) and str(int(float(text))) in places:  # 1.0 from a file that stores all numbers so
            return places[str(int(float(text)))]
        if unclear_is_missing and text == "NA":
            return None
        hint = " (it holds an invisible character)" if HIDDEN.search(text) else nearest(alike(text), levels)
        remedy = "Correct the cell, or map the code with values = { … }"
        if text.casefold() in labels:
            label, level = labels[text.casefold()]
            hint, remedy = f"; it is the label of {level}", f'Map the labels with values = {{ "{label}" = "{level}", … }}'
        return Fault("E_LEVEL", f"this is none of the levels of {column.name}: {', '.join(levels)}{hint}", remedy)
    return read


def _status_reader(endpoint: Endpoint, column: Column, plain: Callable[[str], Any]) -> Callable[[str], Any]:
    """0, 1, 2 … or true and false; with status_values exactly the codes they name, those of a flag in any of its words."""
    named = {code for codes in endpoint.status_values.values() for code in column.as_read(codes)}
    unsaid = Fault("E_EVENT_CODE", f"status_values of {endpoint.name} don't say what this code means",
                   f"They name: {', '.join(sorted(code for codes in endpoint.status_values.values() for code in codes))}")

    def flag(text: str) -> Any:
        value = plain(text)
        return unsaid if isinstance(value, bool) and str(int(value)) not in named else value

    if column.type == "flag" and named:
        return flag

    def read(text: str) -> Any:
        word = text.casefold()
        spelled = str(int(float(word))) if WHOLE.fullmatch(word) else word
        told = spelled if spelled in ("true", "false") or spelled.isdigit() else ""
        if named and not ({text,
                           spelled} & named or ("1" if told == "true" else "0" if told == "false" else "") in named):
            return unsaid
        if not named and not told:
            mapping = 'values = { "Yes" = "1", "No" = "0" }' if word in ("yes", "no", "y", "n") else "status_values"
            return Fault("E_EVENT_CODE", f"the status of {endpoint.name} is 0 (censored), 1 (event) or 2 (competing)",
                         f"Say what the codes mean with {mapping}")
        if told in ("true", "false") and column.type in ("number", "category", "ordinal"):
            return plain("1" if told == "true" else "0")
        return plain(text)
    return read


def as_array(column: Column, typed: Typed) -> np.ndarray:
    """Values of the distinct cells as an array: float, days (datetime64) or level places (-1 missing)."""
    values: Any = typed.values
    if column.type in ("number", "flag"):
        return np.array(values, dtype=float)  # None becomes nan
    if column.type == "date":
        return np.array([np.datetime64("NaT") if value is None else np.datetime64(value) for value in values],
                        dtype="datetime64[ns]")
    return np.array([-1 if value is None else value for value in values], dtype=np.min_scalar_type(-len(column.levels) - 1))

