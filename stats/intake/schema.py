"""A table of text to a typed frame: each declared column converted, each cell that doesn't fit named by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from stats.findings import counted
from stats.intake import dates, numbers, words
from stats.intake.convert import HIDDEN, Rules, Typed, as_array, convert
from stats.intake.numbers import Fault
from stats.intake.raw import Cells, Raw
from stats.intake.source import Source
from stats.intake.words import Words
from stats.study.roles import STAGES
from stats.study.types import Column

NAMED = 1000  # rows of one kind that are named one by one; the rest are counted
LISTED = 12  # cells named in one message
SCORES: Mapping[str, tuple[str, ...]] = {"events": ("grade", "ice"), "gvhd": ("grade", *STAGES)}  # whole numbers
REPAIRS = {
    "R_TRIM": "outer white space was left out",
    "R_NFC": "letters were brought to composed Unicode (NFC)",
    "R_DATE_TIME": "a time of midnight after the date was left out",
}


@dataclass
class Table:
    """Typed columns in the study's order, as plain arrays, with the spreadsheet row of each line."""

    arrays: dict[str, np.ndarray]
    columns: dict[str, Column]
    rows: np.ndarray
    unused: tuple[str, ...]
    faulty: dict[str, np.ndarray] = field(default_factory=dict)  # positions whose cell was refused, by column
    coded: dict[str, Words] = field(default_factory=dict)  # texts once more, by number

    def kept(self, keep: np.ndarray) -> Table:
        """The rows at these positions, in this order."""
        return Table({name: array[keep] for name, array in self.arrays.items()}, self.columns, self.rows[keep],
                     self.unused, coded={name: words.kept(keep) for name, words in self.coded.items()})

    def words(self, name: str) -> Words:
        """A column of texts by number, so that a million rows cost no more than their distinct texts."""
        if name not in self.coded:
            self.coded[name] = Words.of(self.arrays[name])
        return self.coded[name]


def typed(source: Source, raw: Raw) -> Table:
    """Every column of the raw table converted; problems and repairs are noted in the source."""
    order = [name for name in source.columns if name in raw.columns]
    columns = {name: source.columns[name] for name in order}
    _decide_decimal(source, raw, columns)
    date_order = dates.order(cell.strip() for name in order if columns[name].type == "date"
                             for cell in raw.columns[name].distinct)
    repairs: dict[str, dict[str, int]] = {}
    arrays: dict[str, np.ndarray] = {}
    coded: dict[str, Words] = {}
    censored: dict[str, tuple[Cells, Typed]] = {}
    faulty: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        cells = raw.columns[name]
        made = convert(column, cells.distinct, _rules(source, name, date_order))
        if source.frame.name == "series" and name == "value" and made.limits:
            censored[name] = cells, made
        values = as_array(column, made)
        arrays[name] = values[cells.codes] if len(values) else values
        if values.dtype == object and len(values):
            coded[name] = Words.of(values).through(cells.codes)
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
        arrays[sole[0]] = np.full(len(raw.rows), sole[1], dtype=object)
    table = Table(arrays, columns, raw.rows, raw.unused, faulty, coded)
    if source.frame.name == "series" and "value" in columns and columns["value"].type == "number":
        _split_limits(source, table, *censored.get("value", (None, None)))
    return table


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
                    source.header(name),
                    "Fill it in" if name == "arm" else "Fill it in, or take required = true out")
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
    count = len(table.rows)
    if "qualifier" not in table.arrays:
        table.arrays["qualifier"] = np.full(count, None, dtype=object)
        table.coded["qualifier"] = Words([None], np.zeros(count, dtype=np.int32))
    signs: dict[str | None, int] = {None: 0, "<": 1, ">": 2}
    for position in np.flatnonzero(table.words("qualifier").places(signs) < 0)[:NAMED]:
        source.note("E_LEVEL", "a qualifier is < or > or nothing", int(table.rows[position]),
                    source.header("qualifier"),
                    "Map other signs with values = { … }")
    given = table.arrays["qualifier"]
    qualifier = given.copy()
    if cells is not None and made is not None:
        analytes = texts(table, "analyte")
        for position in cells.rows_of(made.limits):
            sign, limit = made.limits[int(cells.codes[position])]
            analyte = source.study.analytes.get(analytes[position] or "")
            declared = (analyte.lloq if sign == "<" else analyte.uloq) if analyte else None
            fault: Fault | None = None
            if declared is None:
                fault = made.faults[int(cells.codes[position])]
            elif given[position] not in (None, sign):
                fault = Fault("E_QUALIFIER", "value and qualifier contradict each other", "Correct one of the two")
            if fault:
                source.note(fault.code, fault.reason, int(table.rows[position]), source.header("value"), fault.remedy,
                            cells.distinct[cells.codes[position]])
                continue
            table.arrays["value"][position] = declared if np.isnan(limit) else limit
            qualifier[position] = sign
        del table.coded["qualifier"]
    table.arrays["qualifier"] = qualifier
    table.columns.setdefault("qualifier", Column("qualifier", "text", label="Qualifier"))


def texts(table: Table, name: str) -> np.ndarray:
    """A text or level column as text objects, None where missing."""
    if name not in table.arrays:
        return np.full(len(table.rows), None, dtype=object)
    column, array = table.columns[name], table.arrays[name]
    if column.type in ("arm", "category", "ordinal"):
        return np.array([*column.levels, None], dtype=object)[array]
    return array


def frame(table: Table) -> pd.DataFrame:
    """The table as a data frame with the types every later step relies on."""
    made: dict[str, Any] = {}
    for name, column in table.columns.items():
        array: Any = table.arrays[name]
        if column.type in ("arm", "category", "ordinal"):
            made[name] = pd.Categorical.from_codes(array, pd.Index(list(column.levels), dtype=object), ordered=True)
        elif column.type == "flag":
            made[name] = pd.array(array == 1, dtype="boolean")
            made[name][np.isnan(array)] = pd.NA
        else:
            made[name] = array
    return pd.DataFrame(made, index=pd.RangeIndex(len(table.rows)))


def order(table: Table) -> np.ndarray:
    """Positions of the rows in a total order: subject, day, date, then every other column.

    A frame of subjects has one row each, so the subject decides alone.
    """
    names: list[str] = [name for name in ("subject", "day", "date") if name in table.arrays]
    long = "day" in names or "date" in names or "subject" not in names
    others = [name for name in table.arrays if name not in names] if long else []
    if not names:
        names, others = others[:1], others[1:]
    return words.order([_key(table, name) for name in names], lambda: [_key(table, name) for name in others])


def _key(table: Table, name: str) -> np.ndarray:
    return table.words(name).ranks() if table.arrays[name].dtype == object else table.arrays[name]
