"""A table of text to a typed frame: each declared column converted, each cell that doesn't fit named by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive.step import framed
from stats.findings import counted
from stats.intake import dates, numbers
from stats.intake.convert import HIDDEN, Rules, Typed, as_array, convert
from stats.intake.numbers import Fault
from stats.intake.raw import Cells, Raw
from stats.intake.source import Source
from stats.intake.words import Texts, Words
from stats.study.roles import STAGES
from stats.study.types import Column

NAMED = 1000  # rows of one kind that are named one by one; the rest are counted
LISTED = 12  # cells named in one message
SCORES: Mapping[str, tuple[str, ...]] = {"events": ("grade", "ice"), "gvhd": ("grade", *STAGES)}  # whole numbers
LEVELLED = ("arm", "category", "ordinal")
CONTRADICTION = Fault("E_QUALIFIER", "value and qualifier contradict each other", "Correct one of the two")
REPAIRS = {
    "R_TRIM": "outer white space was left out",
    "R_NFC": "letters were brought to composed Unicode (NFC)",
    "R_DATE_TIME": "a time of midnight after the date was left out",
}


@dataclass
class Table:
    """Typed columns in the study's order, with the spreadsheet row of each line: texts as Words, others as plain arrays."""

    arrays: dict[str, Any]
    columns: dict[str, Column]
    rows: np.ndarray
    unused: tuple[str, ...]
    faulty: dict[str, np.ndarray] = field(default_factory=dict)  # positions whose cell was refused, by column

    def kept(self, keep: np.ndarray) -> Table:
        """The rows at these positions, in this order."""
        return Table({name: array[keep] for name, array in self.arrays.items()}, self.columns, self.rows[keep],
                     self.unused)

    def words(self, name: str) -> Words:
        """A column of texts."""
        words: Words = self.arrays[name]
        return words

    def numbered(self, name: str) -> tuple[Sequence[str | None], np.ndarray]:
        """(texts, a number into them for every row) of a column of texts or levels, None where it is missing or absent."""
        if name not in self.arrays:
            return [None], np.zeros(len(self.rows), dtype=np.int8)
        array: Any = self.arrays[name]
        if self.columns[name].type in LEVELLED:
            levels = [*self.columns[name].levels, None]
            return levels, np.where(array < 0, len(levels) - 1, array)
        return array.values, array.codes


def typed(source: Source, raw: Raw) -> Table:
    """Every column of the raw table converted; problems and repairs are noted in the source."""
    order = [name for name in source.columns if name in raw.columns]
    columns = {name: source.columns[name] for name in order}
    _decide_decimal(source, raw, columns)
    date_order = dates.order(cell.strip() for name in order if columns[name].type == "date"
                             for cell in raw.columns[name].distinct)
    repairs: dict[str, dict[str, int]] = {}
    arrays: dict[str, Any] = {}
    censored: dict[str, tuple[Cells, Typed]] = {}
    faulty: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        cells = raw.columns[name]
        made = convert(column, cells.distinct, _rules(source, name, date_order))
        if source.frame.name == "series" and name == "value" and made.limits:
            censored[name] = cells, made
        arrays[name] = _spread(column, made, cells)
        for code, places in made.changed.items():
            if code in REPAIRS:
                repairs.setdefault(code, {})[source.header(name)] = int(cells.counts()[places].sum())
        if made.faults:
            faulty[name] = cells.rows_of(made.faults)
        if "W_BIDI" in made.changed:
            _hidden(source, name, cells, made.changed["W_BIDI"], raw.rows)
        for code in dict.fromkeys(fault.code for place, fault in made.faults.items() if place not in made.limits
                                  or name not in censored):
            _faults(source, name, cells, made, code, raw.rows)
        if column.required or column.type == "arm":
            _required(source, name, cells, made, raw.rows)
    for code, per_column in repairs.items():
        listed = ", ".join(f"{header} ({count})" for header, count in per_column.items())
        source.note(code, f"{REPAIRS[code]} in {counted(sum(per_column.values()), 'cell')}: {listed}")
    sole = source.sole()
    if sole is not None and sole[0] not in columns:
        columns[sole[0]] = source.columns[sole[0]]
        arrays[sole[0]] = Words.constant(sole[1], len(raw.rows))
    table = Table(arrays, columns, raw.rows, raw.unused, faulty)
    if source.frame.name == "series" and "value" in columns and columns["value"].type == "number":
        _split_limits(source, table, *censored.get("value", (None, None)))
    return table


def _spread(column: Column, made: Typed, cells: Cells) -> np.ndarray | Words:
    """Every row's value."""
    if column.type in ("id", "text"):
        if made.as_given:
            return Words(Texts(made.values, next(iter(np.flatnonzero(made.missing).tolist()), -1)), cells.codes)
        return Words.of(made.values).through(cells.codes)
    values = as_array(column, made)
    return values[cells.codes] if len(values) else values


def _rules(source: Source, name: str, date_order: str) -> Rules:
    endpoints = source.study.endpoints.values() if source.frame.name == "subjects" else ()
    statuses = tuple(endpoint for endpoint in endpoints if endpoint.status == name)
    return Rules(source.frame, source.study.data_cutoff, source.decimal, date_order, statuses,
                 time=any(endpoint.time == name for endpoint in endpoints),
                 unclear_is_missing=any(endpoint.column == name for endpoint in endpoints),
                 whole=name in SCORES.get(source.frame.name, ()))


def _decide_decimal(source: Source, raw: Raw, columns: Mapping[str, Column]) -> None:
    """After a repaired delimiter, decimal commas too, but only when every number of the file fits them."""
    if source.frame.decimal or not source.repaired_delimiter:
        return
    cells = [cell.strip() for name,
             column in columns.items() if column.type == "number" for cell in raw.columns[name].distinct]
    if numbers.comma_everywhere(cells):
        source.decimal = ","
        source.note("R_DELIM", "every number of the file fits a decimal comma, and they were read so",
                    remedy=f'Declare decimal = "," in [frames.{source.frame.name}]')


def _faults(source: Source, name: str, cells: Cells, made: Typed, code: str, rows: np.ndarray) -> None:
    """One finding per row, or one for the column where the whole column is likely to share it."""
    places = [place for place, fault in made.faults.items() if fault.code == code]
    hit = cells.rows_of(places)
    if not len(hit):
        return
    first = made.faults[int(cells.codes[hit[0]])]
    if first.column_wide and len(hit) > 1:
        filled = int(cells.counts()[~made.missing].sum())
        some = f": {_places(source, name, rows[hit])}" if len(hit) < filled else ""
        source.note(code, f"{first.reason}, in {len(hit)} of {filled} cells{some}", int(rows[hit[0]]),
                    source.header(name), first.remedy, cells.distinct[cells.codes[hit[0]]])
        return
    for position in hit[:NAMED]:
        fault = made.faults[int(cells.codes[position])]
        remedy = fault.remedy
        if code == "E_CENSORED_VALUE" and source.frame.name != "series":
            remedy = 'Say as what it counts with values = { "<0.1" = "0.05" } for the column, say, or take it into missing'
        source.note(code, fault.reason, int(rows[position]), source.header(name), remedy,
                    cells.distinct[cells.codes[position]])
    if len(hit) > NAMED:
        source.note(code, f"{len(hit) - NAMED} further rows", int(rows[hit[NAMED]]), source.header(name))


def _places(source: Source, name: str, rows: np.ndarray) -> str:
    """Cells of a workbook, or rows of another file."""
    header = source.header(name)
    listed = ", ".join(source.cell(int(row), header) or str(row) for row in rows[:LISTED])
    more = f" and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
    return f"{'' if source.letters else 'row ' if len(rows) == 1 else 'rows '}{listed}{more}"


def _required(source: Source, name: str, cells: Cells, made: Typed, rows: np.ndarray) -> None:
    hit = cells.rows_of(np.flatnonzero(made.missing))
    for position in hit[:NAMED]:
        source.note("E_VALUE_MISSING", "the cell is empty and a value is required", int(rows[position]),
                    source.header(name), 'Everybody belongs to an arm: fill it in, or leave these rows out with '
                    'where = "known(arm)" in [frames.subjects]' if name == "arm"
                    else "Fill it in, or take required = true out")
    if len(hit) > NAMED:
        source.note("E_VALUE_MISSING", f"{len(hit) - NAMED} further rows", int(rows[hit[NAMED]]), source.header(name))


def _hidden(source: Source, name: str, cells: Cells, places: list[int], rows: np.ndarray) -> None:
    """Characters that turn or hide what follows them: kept, but shown by number."""
    for position in cells.rows_of(places)[:NAMED]:
        found = ", ".join(f"U+{ord(char):04X}" for char in HIDDEN.findall(cells.distinct[cells.codes[position]]))
        source.note("W_BIDI", f"the cell holds an invisible or direction-changing character ({found}), shown escaped",
                    int(rows[position]), source.header(name), "Remove it if it isn't meant")


def _split_limits(source: Source, table: Table, cells: Cells | None, made: Typed | None) -> None:
    """'<50' becomes value 50 and qualifier '<' for analytes with a declared limit; otherwise it is refused."""
    given: Words = table.arrays.setdefault("qualifier", Words.constant(None, len(table.rows)))
    table.columns.setdefault("qualifier", Column("qualifier", "text", label="Qualifier"))
    for position in np.flatnonzero(given.places({None: 0, "<": 1, ">": 2}) < 0)[:NAMED]:
        source.note("E_LEVEL", "a qualifier is < or > or nothing", int(table.rows[position]),
                    source.header("qualifier"),
                    "Map other signs with values = { … }")
    if cells is None or made is None:
        return
    analytes, number = table.numbered("analyte")
    signs = Texts(dict.fromkeys([*given.values, *(sign for sign, _ in made.limits.values())]))
    codes = given.codes.copy()
    refused: dict[int, Fault] = {}
    rows = cells.rows_of(made.limits)
    for mine in _alike(rows, cells.codes[rows], number[rows]):
        place = int(cells.codes[mine[0]])
        sign, limit = made.limits[place]
        analyte = source.study.analytes.get(analytes[number[mine[0]]] or "")
        declared = (analyte.lloq if sign == "<" else analyte.uloq) if analyte else None
        if declared is None:
            refused |= dict.fromkeys(mine.tolist(), made.faults[place])
            continue
        agree = given[mine].places({None: 0, sign: 0}) == 0
        refused |= dict.fromkeys(mine[~agree].tolist(), CONTRADICTION)
        table.arrays["value"][mine[agree]] = declared if np.isnan(limit) else limit
        codes[mine[agree]] = signs.index(sign)
    for position, fault in sorted(refused.items(), key=lambda item: item[0]):
        source.note(fault.code, fault.reason, int(table.rows[position]), source.header("value"), fault.remedy,
                    cells.distinct[cells.codes[position]])
    table.arrays["qualifier"] = Words(signs, codes)


def _alike(rows: np.ndarray, one: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """The rows in groups that agree in two numbers."""
    if not len(rows):
        return []
    order = np.lexsort((other, one))
    changes = (np.diff(one[order]) != 0) | (np.diff(other[order]) != 0)
    return np.split(rows[order], np.flatnonzero(changes) + 1)


def frame(table: Table) -> pd.DataFrame:
    """The table as a data frame with the types every later step relies on."""
    made: dict[str, Any] = {}
    for name, column in table.columns.items():
        array: Any = table.arrays[name]
        if column.type in LEVELLED:
            made[name] = pd.Categorical.from_codes(array, pd.Index(list(column.levels), dtype=object), ordered=True)
        elif column.type == "flag":
            made[name] = pd.arrays.BooleanArray(array == 1, np.isnan(array))
        elif isinstance(array, Words):
            made[name] = _texts(array) if column.type == "text" else array.texts()
        else:
            made[name] = array
    return framed(made) if made else pd.DataFrame(index=pd.RangeIndex(len(table.rows)))


def _texts(words: Words) -> pd.Categorical:
    """Texts as a category without order, whose levels are those there are: a long frame has no object for each row."""
    levels, place = words.levels()
    return pd.Categorical.from_codes(place[words.codes], pd.Index(levels, dtype=object))


def order(table: Table) -> np.ndarray | None:
    """Positions of the rows in a total order, None where they stand in it: subject, day, date, then every other column.

    A frame of subjects has one row each, so the subject decides alone.
    """
    times = [name for name in ("day", "date") if name in table.arrays]
    names = [name for name in ("subject", *times[:1]) if name in table.arrays]
    others = [*times[1:], *(name for name in table.arrays if name not in (*names, *times))]
    if not names:
        names, others = others[:1], others[1:]
    elif names == ["subject"]:
        others = []
    return ordering.order([_key(table.arrays[name]) for name in names],
                          lambda rows: [_key(table.arrays[name][rows]) for name in others])


def _key(array: Any) -> np.ndarray:
    return array.ranks() if isinstance(array, Words) else array
