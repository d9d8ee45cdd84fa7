"""One tidy row per number; an address leads to each.

Address: ``analysis/variable[=level][~at]@group``. Groups are an arm, ``all``, a contrast ``X:Y`` (X against reference Y) or
``arms``. Values keep 12 significant digits, so that fresh and cached results are equal to the bit; ``inf`` means not
reached, ``nan`` not estimable, and then ``note`` says why.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stats.findings import nearest

# how a note begins that says why a number is not shown, is shown less exactly, or only as a bound
WITHHELD, ROUNDED, AGED = "withheld", "rounded", "ninety or more"
COARSE = f"{ROUNDED} to a multiple of"
STEP = re.compile(rf"{ROUNDED} (?:to the nearest|(?:up )?to a multiple of) (\S+?)(?=[,;]|$)")
UNDER, OVER = "below the limit of", "above the limit of"  # how a note begins, before the limit, where no more is known
STUDY = "study"  # the pseudo-analysis of facts about the study itself
TESTS = "tests"  # how the names of those begin that are counted over all analyses
SETTINGS = "settings"  # before the name of what is declared for one analysis: settings.confidence
NO_TESTS = ("proportionality", "permutation", "alternative", "alpha")  # checks, other answers to the same question, a level
PATIENT = "patient"  # the variable of rows about a single patient
COLUMNS = ("analysis", "variable", "level", "at", "group", "stat", "value", "method", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One number. Analyses leave `analysis` empty: the run names it."""

    variable: str
    stat: str
    value: float
    group: str
    level: str = ""
    at: float | None = None
    method: str = ""
    note: str = ""
    analysis: str = ""

    @property
    def address(self) -> str:
        level = f"={self.level}" if self.level else ""
        at = f"~{number(self.at)}" if self.at is not None else ""
        return f"{self.analysis}/{self.variable}{level}{at}@{self.group}"

    def of(self, analysis: str) -> Row:
        """The same number as one of an analysis."""
        # written out, since dataclasses.replace takes ten times as long, and this runs for each number
        return Row(self.variable, self.stat, self.value, self.group, self.level, self.at, self.method, self.note, analysis)

    def with_value(self, value: float) -> Row:
        return Row(self.variable, self.stat, value, self.group, self.level, self.at, self.method, self.note, self.analysis)


@dataclass(frozen=True)
class Cell:
    """All statistics at one address. `cell["p"]` is the number; `cell.get("p")` is nan when the statistic isn't there."""

    address: str
    analysis: str
    variable: str
    level: str
    at: float | None
    group: str
    stats: dict[str, float]
    methods: dict[str, str]
    notes: dict[str, str]

    def __getitem__(self, stat: str) -> float:
        if stat not in self.stats:
            raise KeyError(f"{self.address} has no statistic {stat!r}; it has {', '.join(self.stats)}")
        return self.stats[stat]

    def __contains__(self, stat: object) -> bool:
        return stat in self.stats

    def get(self, stat: str) -> float:
        return self.stats.get(stat, math.nan)

    @property
    def method(self) -> str:
        """The first method named among the cell's rows."""
        return next((m for m in self.methods.values() if m), "")

    @property
    def withheld(self) -> bool:
        """Whether something at this address is known and not shown, for the sake of the patients."""
        return any(note.startswith(WITHHELD) for note in self.notes.values())

    @property
    def coarse(self) -> bool:
        """Whether something here has fewer digits than it was counted with, for the patients' sake."""
        return any(note.startswith(ROUNDED) for note in self.notes.values())

    @property
    def note(self) -> str:
        """Why something at this address is not estimable, or ''."""
        return next((n for n in self.notes.values() if n and limit_of(n) is None), "")


def limit_note(limit: float) -> str:
    """The note of a number of which only a limit is known: below it where it is negative, above it where positive."""
    return f"{UNDER if limit < 0 else OVER} {number(abs(limit))}"


@lru_cache(1024)  # the same notes, and none, stand at thousands of numbers
def limit_of(note: str) -> tuple[str, float] | None:
    """('<', 50.0) for the note of a number below a limit of 50, ('>', …) above one; None for any other note."""
    for start, sign in ((UNDER, "<"), (OVER, ">")):
        _, found, limit = note.partition(f"{start} ")
        if found:
            return sign, float(limit)
    return None


@lru_cache(1024)
def step_of(note: str) -> float:
    """What a number is a multiple of, as its note says; nan for one that isn't rounded so."""
    found = STEP.match(note)
    return float(found[1]) if found else math.nan


class UnknownAddress(KeyError):
    def __str__(self) -> str:
        return str(self.args[0])


class Results:
    """Rows in order of emission, looked up by address. A key made twice is refused."""

    def __init__(self, rows: Iterable[Row], kept: bool = False):
        """kept: the rows are some that were taken out of results, whose values are as they are to be."""
        self._rows: tuple[Row, ...] = ()
        self._cells: dict[str, Cell] = {}
        self._by_analysis: dict[str, list[Cell]] = {}
        self._by_variable: dict[tuple[str, str], list[Cell]] = {}
        self._add(tuple(rows if kept else map(as_kept, rows)))

    def _add(self, rows: tuple[Row, ...]) -> None:
        for row in rows:
            address = row.address
            cell = self._cells.get(address)
            if cell is None:
                cell = Cell(address, row.analysis, row.variable, row.level, row.at, row.group, {}, {}, {})
                self._found_by(cell)
            if row.stat in cell.stats:
                raise ValueError(f"{address} {row.stat} was made twice")
            cell.stats[row.stat] = row.value
            cell.methods[row.stat] = row.method
            cell.notes[row.stat] = row.note
        self._rows += rows

    def _found_by(self, cell: Cell) -> None:
        self._cells[cell.address] = cell
        self._by_analysis.setdefault(cell.analysis, []).append(cell)
        self._by_variable.setdefault((cell.analysis, cell.variable), []).append(cell)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def __getitem__(self, address: str) -> Cell:
        try:
            return self._cells[address]
        except KeyError:
            raise UnknownAddress(f"no result at {address}{nearest(address, self._cells)}") from None

    def __contains__(self, address: object) -> bool:
        return address in self._cells

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells.values())

    def __len__(self) -> int:
        return len(self.rows)

    def select(
        self, analysis: str, variable: str | None = None, group: str | None = None, level: str | None = None
    ) -> list[Cell]:
        """Cells of an analysis in order of emission, narrowed by variable, group or level."""
        found = self._by_analysis.get(analysis, ()) if variable is None else self._by_variable.get((analysis, variable), ())
        return [c for c in found if (group is None or c.group == group) and (level is None or c.level == level)]

    def of(self, analyses: Collection[str]) -> Results:
        """The results of some analyses, and the facts about the study, but not what is counted over all analyses."""
        kept = {(analysis, variable) for analysis, variable in self._by_variable
                if analysis in analyses or (analysis == STUDY and not variable.startswith(TESTS))}
        found = Results(())
        found._rows = tuple(row for row in self._rows if (row.analysis, row.variable) in kept)
        for cell in self._cells.values():
            if (cell.analysis, cell.variable) in kept:
                found._found_by(cell)
        return found

    def methods(self) -> list[str]:
        """Keys of the methods that ran, in order of first use."""
        return list(dict.fromkeys(row.method for row in self.rows if row.method))

    def published(self) -> list[Row]:
        """The rows that leave the house: per-patient rows (variable `patient`) stay inside."""
        return [row for row in self.rows if row.variable != PATIENT]

    def public(self, address: str) -> Cell:
        """The cell at an address that pages and claims may quote: any but a single patient's."""
        if address in self and self._cells[address].variable != PATIENT:
            return self._cells[address]
        known = (a for a, cell in self._cells.items() if cell.variable != PATIENT)
        raise UnknownAddress(f"no result at {address}{nearest(address, known)}")

    def csv(self) -> str:
        return _csv(self.published())

    def patients(self) -> str:
        """What figures show of patients one by one, by the study's own identifiers: for the house itself."""
        return _csv([row for row in self.rows if row.variable == PATIENT])

    def json(self) -> str:
        """The published rows as a JSON list, a row on each line."""
        encode = lru_cache(4096, typed=True)(json.JSONEncoder(ensure_ascii=False).encode)  # 1 is not 1.0 here
        line = "{" + ", ".join(f'"{name}": %s' for name in COLUMNS) + "}"
        lines = []
        for row in self.published():
            # JSON has no inf or nan: they stay the words that results.csv prints
            value = row.value if math.isfinite(row.value) else number(row.value)
            lines.append(line % tuple(map(encode, _record(row, row.at, value))))
        return "[\n" + ",\n".join(lines) + "\n]\n"


def as_kept(row: Row) -> Row:
    """The row with its value as it is kept: to 12 significant digits."""
    value = rounded(row.value)
    same = type(row.value) is float and value == row.value and value != 0  # zero may be negative
    return row if same else row.with_value(value)


def rounded(value: float) -> float:
    """To 12 significant digits; never -0."""
    value = float(value)
    return float(f"{value:.12g}") + 0.0 if math.isfinite(value) else value


@lru_cache(4096)  # most are counts of patients and points in time, which come again and again
def number(value: float) -> str:
    """Shortest decimal text of a value kept to 12 significant digits: '12', '0.8', 'inf', 'nan'."""
    value = rounded(value)
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _csv(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(_record(row, "" if row.at is None else number(row.at), number(row.value)))
    return out.getvalue()


def _record(row: Row, at: Any, value: Any) -> tuple[Any, ...]:
    """A row's fields in the order of COLUMNS, its numbers as they are to be written."""
    return (
        safe(row.analysis),
        safe(row.variable),
        safe(row.level),
        at,
        safe(row.group),
        row.stat,
        value,
        row.method,
        safe(row.note),
    )


@lru_cache(4096)  # the same names stand in thousands of rows
def safe(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
