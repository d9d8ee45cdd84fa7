"""Reading a table of the study file key by key: each key asked for with its type, default and limits.

What is asked for is what is known: `finish` reports every other key with the nearest known one. Problems are noted in
the book and what was probably meant, or a usable default, is returned, so that one reading finds everything and tells
little that only follows. A key that was probably meant to be another is noted for a second reading (see read).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from stats.findings import Problem, meant, nearest
from stats.study import toml
from stats.study.toml import Place

LONG = 200  # characters of a value that are too many to be quoted
WORDS = {str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list", dict: "a table",
         date: "a date", datetime: "a date with time"}


@dataclass
class Book:
    """Every problem of the study file, each with its line."""

    text: str
    problems: list[Problem] = field(default_factory=list)
    misspelt: dict[Place, tuple[str, Problem]] = field(default_factory=dict)  # a key: what it was meant to be, what was noted
    _lines: dict[Place, int] | None = None

    def add(self, code: str, place: Place, reason: str, remedy: str = "") -> None:
        if self._lines is None:
            self._lines = toml.lines(self.text)
        line = toml.line_of(self._lines, place)
        self.problems.append(Problem(code, reason, toml.NAME, line, toml.spelled(place), remedy))

    def mean(self, place: Place, other: str, table: Mapping[str, Any]) -> None:
        """What was noted last is of a key that was probably meant to be another of its table: one that isn't there, or is a
        table as well, of which this is a part."""
        if other and (other not in table or all(isinstance(table[key], dict) for key in (other, str(place[-1])))):
            self.misspelt[place] = other, self.problems[-1]

    def as_meant(self) -> Book:
        """An empty book for the same file with misspelt keys as they were meant, each at the line where it stands."""
        lines = self._lines if self._lines is not None else toml.lines(self.text)
        for old, (key, _) in self.misspelt.items():
            lines = {(*old[:-1], key, *place[len(old):]) if place[:len(old)] == old else place: line
                     for place, line in lines.items()}
        return Book(self.text, _lines=lines)

    def unknown(self, place: Place, thing: str, name: str, known: Mapping[str, object] | tuple[str, ...],
                code: str = "E_UNKNOWN_NAME") -> None:
        """A name that is used and nowhere defined."""
        listed = ", ".join(known) or "none is declared"
        self.add(code, place, f"there is no {thing} called {name}{nearest(name, known)}", f"Known: {listed}")


def called(value: Any) -> str:
    """What kind of thing a TOML value is, in words."""
    return WORDS.get(type(value), type(value).__name__)


class Part:
    """One table of the study file. Getters return the value, or the default after noting why it can't be used."""

    def __init__(self, book: Book, table: Mapping[str, Any], place: Place):
        self.book, self.table, self.place = book, table, place
        self.asked: dict[str, None] = {}

    def raw(self, key: str, required: bool = False) -> Any:
        """The value as TOML has it, or None."""
        self.asked[key] = None
        if key not in self.table and required:
            self.book.add("E_KEY_MISSING", (*self.place, key), f"{key} is required in [{toml.spelled(self.place)}]",
                          f"Add {key} = …")
        return self.table.get(key)

    def wrong(self, key: str, expected: str, *more: int | str) -> None:
        value: Any = self.table[key]
        for step in more:
            value = value[step]
        plain = isinstance(value, str | int | float) or (isinstance(value, list) and all(map(is_number, value)))
        shown = f", found {value!r}" if plain and len(repr(value)) < LONG else f", found {called(value)}"
        self.book.add("E_CONFIG_VALUE", (*self.place, key, *more), f"{key} should be {expected}{shown}")

    def text(self, key: str, default: str = "", *, required: bool = False, allowed: Collection[str] = ()) -> str:
        value = self.raw(key, required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self.wrong(key, "text in quotes" if not isinstance(value, str) else "more than an empty text")
            return default
        if allowed and value not in allowed:
            listed = ", ".join(word if word.isalnum() or len(word) > 1 else f'"{word}"' for word in allowed)
            self.wrong(key, f"one of {listed}{nearest(value, allowed)}")
            return meant(value, allowed) or default
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(key, "true or false")
            return default
        return value

    def number(self, key: str, default: float | None = None, *, above: float | None = None,
               below: float | None = None) -> float | None:
        value = self.raw(key)
        if value is None:
            return default
        if not is_number(value):
            self.wrong(key, "a number")
            return default
        if (above is not None and value <= above) or (below is not None and value >= below):
            limits = [f"{word} {limit:g}" for word, limit in (("above", above), ("below", below)) if limit is not None]
            self.wrong(key, f"a number {' and '.join(limits)}")
            return default
        return float(value)

    def whole(self, key: str, default: int | None = None, *, least: int | None = None,
              most: int | None = None) -> int | None:
        value = self.raw(key)
        if value is None:
            return default
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or (least is not None and value < least) or (most is not None and value > most):
            limits = [f"at least {least}"] * (least is not None) + [f"at most {most}"] * (most is not None)
            self.wrong(key, " ".join(["a whole number", " and ".join(limits)]).strip())
            return default
        return int(value)

    def texts(self, key: str, *, required: bool = False, codes: bool = False) -> tuple[str, ...]:
        """A list of texts; one text alone counts as a list of one. With `codes`, whole numbers and true/false too."""
        value = self.raw(key, required)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        kept: list[str] = []
        for position, item in enumerate(items):
            if isinstance(item, str) or (codes and isinstance(item, int)):
                kept.append(code(item))
            elif isinstance(value, list):
                self.wrong(key, "a list of texts", position)
            else:
                self.wrong(key, "a text or a list of texts")
        if required and isinstance(value, list) and not value:
            self.wrong(key, "a list with at least one item")
        for position, item in enumerate(kept):
            if item in kept[:position]:
                self.book.add("E_CONFIG_VALUE", (*self.place, key), f"{item!r} stands twice in {key}")
        return tuple(dict.fromkeys(kept))

    def pair(self, key: str) -> tuple[float, float] | None:
        """[from, to], from not above to."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2 or not all(map(is_number, value)) or value[0] > value[1]:
            self.wrong(key, "two numbers, [from, to], the smaller first")
            return None
        return float(value[0]), float(value[1])

    def day(self, key: str) -> date | None:
        value = self.raw(key, required=True)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.wrong(key, "a date, written without quotes as 2025-04-30")
            return None
        return value

    def mapping(self, key: str, *, labels: bool = False) -> dict[str, str]:
        """A table of texts (codes as texts); with `labels`, a list too, whose items are their own labels."""
        value = self.raw(key)
        if value is None:
            return {}
        if labels and isinstance(value, list):
            return {item: item for item in self.texts(key, codes=True)}
        if not isinstance(value, dict):
            self.wrong(key, "a table { key = text }" + (" or a list" if labels else ""))
            return {}
        kept: dict[str, str] = {}
        for name, item in value.items():
            if isinstance(item, str | int | float):
                kept[name] = code(item)
            else:
                self.wrong(key, "text", name)
        return kept

    def table_at(self, key: str) -> Part | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, "a table")
            return None
        return Part(self.book, value, (*self.place, key))

    def tables(self, key: str) -> Iterator[tuple[str, Part]]:
        """Named tables inside a table: ``[endpoints.os]``, ``[endpoints.pfs]`` …"""
        outer = self.table_at(key)
        for name, value in (outer.table.items() if outer else ()):
            if isinstance(value, dict):
                yield name, Part(self.book, value, (*self.place, key, name))
            else:
                self.book.add("E_CONFIG_VALUE", (*self.place, key, name),
                              f"{name} should be a table, found {called(value)}")

    def finish(self) -> None:
        """Report every key that nothing asked for."""
        for key in self.table:
            if key not in self.asked:
                where = f"[{toml.spelled(self.place)}]" if self.place else "the study file"
                self.book.add("E_UNKNOWN_KEY", (*self.place, key),
                              f"{key} is not a key of {where}{nearest(key, self.asked)}",
                              f"Known: {', '.join(self.asked)}")
                self.book.mean((*self.place, key), meant(key, self.asked), self.table)


def a(thing: str) -> str:
    """'a number', 'an arm'."""
    return f"{'an' if thing[:1] in 'aeio' else 'a'} {thing}"


def is_number(value: Any) -> bool:
    """A finite TOML number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def code(value: Any) -> str:
    """A code as the data files spell it: 1 is '1', true is 'true'."""
    return str(value).lower() if isinstance(value, bool) else str(value)
