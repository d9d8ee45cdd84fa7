"""The one place of conditions: ``response_d28 in ['CR', 'CRi'] and mrd_d28 == 'negative'``.

A condition names columns and compares them with ``== != < <= > >=``, ``in [...]``, ``not in [...]``, joins
comparisons with ``and``, ``or``, ``not`` and brackets, and asks ``known(x)`` and ``missing(x)``. A flag may stand
alone. Literals are numbers, texts in either quotes (dates as ``'YYYY-MM-DD'``), ``true`` and ``false``; either side of
a comparison may be a column.

Logic has three values: a comparison with a missing cell is neither true nor false, and ``not`` leaves it so. A row is
selected only when the condition is true, so an unknown answer never lets a patient in, not even by way of ``not``.

Everything that can be known from the study file is checked when the condition is compiled: names, types, levels, dates.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from stats.findings import nearest
from stats.study.types import Column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Truth = tuple["np.ndarray", "np.ndarray"]  # (surely true, surely false); a row in neither is unknown
LEVELLED = ("arm", "category", "ordinal")
ORDERED = ("number", "date", "ordinal")
FLAG_WORDS = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
TOKEN = re.compile(r"""\s*(?:
    (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
  | (?P<text>'[^']*'|"[^"]*")
  | (?P<name>[^\W\d][\w.-]*)
  | (?P<mark>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)
)""", re.VERBOSE)
WORDS = ("and", "or", "not", "in", "true", "false")


class ConditionError(ValueError):
    """A condition that can't be read or names something unknown; the message says what and where."""


@dataclass(frozen=True)
class Token:
    kind: str  # number | text | name | mark | end
    text: str
    place: int


@dataclass(frozen=True)
class Literal:
    kind: str  # number | text | flag
    text: str

LONGEST, DEEPEST = 20_000, 200  # characters of a condition; its brackets and negations


@dataclass(frozen=True)
class Condition:
    """A compiled condition; `names` are the columns it reads, in order of first use."""

    text: str
    names: tuple[str, ...]
    truth: Callable[[pd.DataFrame], Truth]

    def mask(self, frame: pd.DataFrame) -> np.ndarray:
        """Boolean array, one per row: True where the condition is true, False where it is false or unknown."""
        return self.truth(frame)[0]


def compile(text: str, columns: Mapping[str, Column]) -> Condition:
    """Compile a condition over these columns; ConditionError when it can't be read or doesn't fit them."""
    if len(text) > LONGEST or text.count("(") + text.count("not ") > DEEPEST:
        raise ConditionError(f"a condition of {len(text)} characters is too long or nested too deep to be read")
    reader = _Reader(text, columns)
    truth = reader.either()
    if reader.token.kind != "end":
        raise reader.error(f"unexpected {reader.token.text!r}")
    return Condition(text, tuple(reader.names), truth)


class _Reader:
    """Recursive descent over the tokens; every method returns a function from a frame to its truth."""

    def __init__(self, text: str, columns: Mapping[str, Column]):
        self.text, self.columns = text, columns
        self.names: dict[str, None] = {}
        self._tokens = self._scan()
        self.token = next(self._tokens)

    def _scan(self) -> Iterator[Token]:
        place, text = 0, self.text
        while text[place:].strip():
            found = TOKEN.match(text, place)
            if found is None:
                place += len(text[place:]) - len(text[place:].lstrip())
                hint = "; write == to compare" if text[place] == "=" else ""
                raise ConditionError(f"unexpected {text[place]!r} at position {place + 1}{hint}")
            kind = str(found.lastgroup)
            yield Token(kind, found[kind], found.start(kind))
            place = found.end()
        yield Token("end", "the end", len(text))

    def error(self, reason: str) -> ConditionError:
        return ConditionError(f"{reason} at position {self.token.place + 1}")

    def take(self) -> Token:
        token, self.token = self.token, (next(self._tokens) if self.token.kind != "end" else self.token)
        return token

    def at(self, *texts: str) -> bool:
        return self.token.kind in ("mark", "name") and self.token.text in texts

    def expect(self, text: str) -> None:
        if not self.at(text):
            raise self.error(f"expected {text!r}, found {self.token.text!r}")
        self.take()

    def either(self) -> Callable[[pd.DataFrame], Truth]:
        parts = [self.both()]
        while self.at("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _any(parts)

    def both(self) -> Callable[[pd.DataFrame], Truth]:
        parts = [self.negated()]
        while self.at("and"):
            self.take()
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else _all(parts)

    def negated(self) -> Callable[[pd.DataFrame], Truth]:
        if not self.at("not"):
            return self.single()
        self.take()
        return _not(self.negated())

    def single(self) -> Callable[[pd.DataFrame], Truth]:
        if self.at("("):
            self.take()
            inner = self.either()
            self.expect(")")
            return inner
        if self.at("known", "missing") and self.token.text not in self.columns:
            word = self.take().text
            self.expect("(")
            column = self.column()
            self.expect(")")
            return _is_known(column, word == "known")
        left = self.operand()
        if self.token.kind == "mark" and self.token.text in OPERATORS:
            sign = self.take().text
            return self.comparison(left, sign, self.operand())
        if self.at("in", "not"):
            negative = self.take().text == "not"
            if negative:
                self.expect("in")
            member = self.membership(left)
            return _not(member) if negative else member
        if isinstance(left, Column) and left.type == "flag":
            return _compare(left, "==", 1.0)
        if isinstance(left, Column):
            raise self.error(f"{left.name} is a {left.type}, so it needs a comparison; only a flag may stand alone,")
        raise self.error("expected a comparison")

    def operand(self) -> Column | Literal:
        if self.token.kind == "number":
            return Literal("number", self.take().text)
        if self.token.kind == "text":
            return Literal("text", self.take().text[1:-1])
        if self.at("true", "false"):
            return Literal("flag", self.take().text)
        return self.column()

    def column(self) -> Column:
        if self.token.kind != "name" or self.token.text in WORDS:
            raise self.error(f"expected a column, found {self.token.text!r}")
        name = self.token.text
        if name not in self.columns:
            raise self.error(f"unknown column {name!r}{nearest(name, self.columns)}")
        self.take()
        self.names[name] = None
        return self.columns[name]

    def comparison(self, left: Column | Literal, sign: str, right: Column | Literal) -> Callable[[pd.DataFrame], Truth]:
        if isinstance(left, Literal):
            left, sign, right = right, MIRRORED[sign], left
        if isinstance(left, Literal):
            raise self.error("a comparison needs a column")
        if sign not in ("==", "!=") and left.type not in ORDERED:
            raise self.error(f"{left.name} is a {left.type} and has no order, so {sign} can't compare it")
        if isinstance(right, Literal):
            return _compare(left, sign, self.value(left, right))
        alike = left.type == right.type or {left.type, right.type} <= {"id", "text"}
        if not alike or (left.type in LEVELLED and list(left.levels) != list(right.levels)):
            raise self.error(f"{left.name} ({left.type}) and {right.name} ({right.type}) can't be compared")
        return _compare_columns(left, sign, right)

    def membership(self, left: Column | Literal) -> Callable[[pd.DataFrame], Truth]:
        if isinstance(left, Literal):
            raise self.error("'in' needs a column on its left")
        self.expect("[")
        parts: list[Callable[[pd.DataFrame], Truth]] = []
        while not self.at("]"):
            item = self.operand()
            if isinstance(item, Column):
                raise self.error("a list holds numbers and texts, not columns,")
            parts.append(_compare(left, "==", self.value(left, item)))
            if not self.at("]"):
                self.expect(",")
        self.expect("]")
        if not parts:
            raise self.error("the list is empty")
        return _any(parts)

    def value(self, column: Column, literal: Literal) -> Any:
        """The literal as the column's values compare: a float, an ISO date, a level's place in order, or a text."""
        if column.type == "number":
            if literal.kind != "number":
                raise self.error(f"{column.name} is a number, {literal.text!r} is not")
            return float(literal.text)
        if column.type == "flag":
            if literal.text.lower() not in FLAG_WORDS:
                raise self.error(f"{column.name} is a flag: compare it with true or false, not {literal.text!r}")
            return FLAG_WORDS[literal.text.lower()]
        if column.type == "date":
            try:
                if literal.kind != "text" or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", literal.text):
                    raise ValueError
                return date.fromisoformat(literal.text).isoformat()
            except ValueError:
                raise self.error(f"{column.name} is a date: write 'YYYY-MM-DD', not {literal.text!r},") from None
        if column.type in LEVELLED:
            levels = list(column.levels)
            if literal.text not in levels:
                hint = nearest(literal.text, levels)
                raise self.error(f"{literal.text!r} is no level of {column.name} ({', '.join(levels)}){hint}")
            return levels.index(literal.text)
        return literal.text


def _any(parts: list[Callable[[pd.DataFrame], Truth]]) -> Callable[[pd.DataFrame], Truth]:
    def truth(frame: pd.DataFrame) -> Truth:
        true, false = parts[0](frame)
        for part in parts[1:]:
            more, less = part(frame)
            true, false = true | more, false & less
        return true, false
    return truth


def _all(parts: list[Callable[[pd.DataFrame], Truth]]) -> Callable[[pd.DataFrame], Truth]:
    return _not(_any([_not(part) for part in parts]))


def _not(part: Callable[[pd.DataFrame], Truth]) -> Callable[[pd.DataFrame], Truth]:
    def truth(frame: pd.DataFrame) -> Truth:
        true, false = part(frame)
        return false, true
    return truth


def _is_known(column: Column, wanted: bool) -> Callable[[pd.DataFrame], Truth]:
    def truth(frame: pd.DataFrame) -> Truth:
        known = frame[column.name].notna().to_numpy(dtype=bool)
        return (known, ~known) if wanted else (~known, known)
    return truth


def _compare(column: Column, sign: str, value: Any) -> Callable[[pd.DataFrame], Truth]:
    def truth(frame: pd.DataFrame) -> Truth:
        values, known = _values(frame, column)
        return _decided(OPERATORS[sign](values, _scalar(column, value)), known)
    return truth


def _compare_columns(left: Column, sign: str, right: Column) -> Callable[[pd.DataFrame], Truth]:
    def truth(frame: pd.DataFrame) -> Truth:
        (a, known), (b, known_too) = _values(frame, left), _values(frame, right)
        return _decided(OPERATORS[sign](a, b), known & known_too)
    return truth


def _decided(holds: Any, known: np.ndarray) -> Truth:
    import numpy as np

    holds = np.asarray(holds, dtype=bool)
    return holds & known, ~holds & known


def _scalar(column: Column, value: Any) -> Any:
    import numpy as np

    return np.datetime64(value, "ns") if column.type == "date" else value


def _values(frame: pd.DataFrame, column: Column) -> tuple[np.ndarray, np.ndarray]:
    """A column's cells as they compare, and which of them are known."""
    import pandas as pd

    series = frame[column.name]
    known = series.notna().to_numpy(dtype=bool)
    if column.type in LEVELLED:
        codes = pd.Categorical(series, categories=list(column.levels)).codes
        return codes, known
    if column.type in ("number", "flag"):
        return series.to_numpy(dtype=float, na_value=float("nan")), known
    if column.type == "date":
        return series.to_numpy(dtype="datetime64[ns]"), known
    return series.to_numpy(dtype=object), known
