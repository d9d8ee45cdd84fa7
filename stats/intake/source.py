"""One data file on its way in: what is wanted from it, where its columns are, and the problems met so far."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stats.findings import Problem, counted, nearest
from stats.intake.portion import Portion
from stats.study import layout, paths, redcap, toml
from stats.study.roles import NEEDED, OWN, frame_columns
from stats.study.types import Column, Frame, Study

SEARCHED = 10  # rows below and above the declared header that are looked at for a header standing there
SUMMARY = re.compile(r"(?:(?:sub|grand )?totals?|sum|sums|mean|means|average|avg\.?|median|medians|count|std ?dev|sd|iqr|range|"
                     r"summe|gesamt|gesamtsumme|mittelwert|durchschnitt|moyenne|somme|suma|promedio|"
                     r"合计|总计|平均)(?:\s*[(\[±+].*)?", re.IGNORECASE)
NOTE = re.compile(r"[*†‡#(].*|.*\S\s+\S+\s+\S.*|.{30,}", re.DOTALL)  # a sentence or a footnote, no identifier


def joined(lines: Sequence[Sequence[str]]) -> list[str]:
    """One header of several rows of names: the words of each column, from above, each once."""
    if len(lines) == 1:
        return list(lines[0])
    wide = max(map(len, lines), default=0)
    names = ([line[i].strip() if i < len(line) else "" for line in lines] for i in range(wide))
    return [" ".join(dict.fromkeys(word for word in words if word)) for words in names]


@dataclass
class Source:
    """`columns` are those read from the file; one not declared in the study file is optional."""

    study: Study
    frame: Frame
    problems: list[Problem] = field(default_factory=list)
    sheet: str = ""
    decimal: str = "."
    repaired_delimiter: bool = False
    headers: dict[str, str] = field(default_factory=dict)  # columns that the file calls by their label
    aside: set[str] = field(default_factory=set)  # patients of rows that the study leaves out on purpose
    letters: dict[str, str] = field(default_factory=dict)  # header → column of a workbook
    portion: Portion | None = None  # the patients whose rows are read; all of them unless told

    def __post_init__(self) -> None:
        known = frame_columns(self.frame)
        self.columns: dict[str, Column] = {name: column for name, column in known.items() if column.in_file}
        self.decimal = self.frame.decimal or "."
        self.wide: dict[str, tuple[str, float]] = self.frame.options.get("wide", {})  # header → analyte, day
        options = self.frame.options
        self.sheet = self.frame.sheet if self.through_duckdb else ""
        self.selectors: dict[str, tuple[str, ...]] = {  # REDCap's own columns → what a row of this frame has in them
            name: options[key] for key, name in (("instrument", redcap.INSTRUMENT), ("event", redcap.EVENT))
            if key in options}
        self.columns |= {name: Column(name, "text") for name in self.selectors if name not in self.columns}

    @property
    def path(self) -> Path:
        return paths.resolved(self.study.folder, self.frame.file)

    @property
    def through_duckdb(self) -> bool:
        return self.frame.file.startswith(paths.DUCKDB)

    @property
    def paths(self) -> list[Path]:
        """Every file behind the frame's file or source, in alphabetical order; a pattern may match none."""
        folder = self.study.folder
        return [paths.resolved(folder, name) for name in paths.behind(folder, self.frame.file)]

    @property
    def header_row(self) -> int:
        return int(self.frame.options.get("header_row") or 1)

    @property
    def header_rows(self) -> tuple[int, ...]:
        """All rows of the column names, the last of which is `header_row`."""
        return self.frame.options.get("header_rows") or (self.header_row,)

    def cell(self, row: int | None, column: str) -> str:
        """The cell as a workbook calls it; '' in other files and where it is no single one."""
        return f"{self.letters[column]}{row}" if row and column in self.letters else ""

    @property
    def fatal(self) -> bool:
        return any(problem.fatal for problem in self.problems)

    def header(self, name: str) -> str:
        """A column's name as the file has it."""
        return self.headers.get(name) or (self.columns[name].source or name) if name in self.columns else name

    def required(self) -> Iterator[str]:
        """Headers that the study file declares for this file."""
        for name, column in self.frame.columns.items():
            if column.in_file and not (self.wide and name == "value"):
                yield self.header(name)
        yield from self.wide
        yield from (self.header(name) for name in self.selectors if name not in self.frame.columns)

    def note(self, code: str, reason: str, row: int | None = None, column: str = "", remedy: str = "",
             value: str = "") -> None:
        self.problems.append(Problem(code, reason, self.frame.file, row, column, remedy, value, self.sheet,
                                     self.cell(row, column)))

    def study_line(self) -> str:
        """Where the study file names this file, in words."""
        _, text = toml.load(self.study.folder)
        key = "source" if self.through_duckdb else "file"
        line = toml.line_of(toml.lines(text), ("frames", self.frame.name, key))
        return f"{toml.NAME} line {line}" if line else toml.NAME

    def locate(self, header: Sequence[str], around: Mapping[int, Sequence[str]] | None = None) -> dict[str, int] | None:
        """Position of every column to be read, by its name in the study; None after noting what is missing or doubled.

        `around` are rows below and above by their numbers, looked at to say that the header stands elsewhere.
        """
        names = self._cleaned(header)
        self._labelled(names)
        missing = [name for name in self.required() if name not in names]
        if missing and self._stands_elsewhere(around or {}):
            return None
        for name in missing:
            self.note("E_COLUMN_MISSING", f"column {name} is not in the file{nearest(name, names)}", self.header_row,
                      name,
                      f"Found: {', '.join(name for name in names if name) or 'no name at all'}")
        positions: dict[str, int] = {}
        for name in (*self.columns, *self.wide):
            if self.wide and name in ("value", *layout.TOLD_BY_WIDE):
                continue
            places = [place for place, found in enumerate(names) if found == self.header(name)]
            if len(places) > 1:
                listed = " and ".join(str(place + 1) for place in places)
                self.note("E_DUP_COLUMN",
                          f"column {self.header(name)} stands in the file more than once, at positions {listed}",
                          self.header_row, self.header(name), "Keep one and rename or remove the other")
            if places:
                positions[name] = places[0]
        self._unselected(names)
        for group in NEEDED.get(self.frame.name, OWN):
            declared = any(name in self.frame.columns for name in group)
            if group[0] == (self.sole() or ("",))[0] or (self.wide and group[0] != "subject"):
                continue
            if not declared and not any(name in positions for name in group):
                self.note("E_COLUMN_MISSING", f"{self.frame.name} needs a column called {' or '.join(group)}"
                          f"{nearest(group[0], names)}", self.header_row, group[0],
                          'Name it with source = "…" when the file calls it otherwise')
        return None if self.fatal else positions

    def _labelled(self, names: Sequence[str]) -> None:
        """Columns that the file has under their label, as REDCap's dictionary gives it, and not under their name."""
        heads = {**redcap.HEADS, **self.frame.options.get("heads", {})}
        for name in self.columns:
            if self.header(name) not in names and heads.get(name) in names:
                self.headers[name] = heads[name]

    def _unselected(self, names: Sequence[str]) -> None:
        """A REDCap export holds rows of several instruments, and nothing tells by itself which a frame means."""
        told = self.selectors or self.frame.where
        if not told and {redcap.INSTRUMENT, redcap.HEADS[redcap.INSTRUMENT]} & set(names):
            self.note("E_KEY_MISSING", "this REDCap export has rows of repeating instruments, and the study doesn't say "
                      "which rows are meant", self.header_row, redcap.INSTRUMENT,
                      f'Set instrument = "" (rows outside of repeating instruments) or instrument = "NAME" in '
                      f"[frames.{self.frame.name}]")

    def sole(self) -> tuple[str, str] | None:
        """(column, value) that goes without saying in a long frame: the study's only analyte, or its only term."""
        only = {"series": ("analyte", self.study.analytes), "events": ("term", self.study.terms)}.get(self.frame.name)
        return (only[0], next(iter(only[1]))) if only is not None and len(only[1]) == 1 else None

    def unused(self, header: Sequence[str], positions: dict[str, int]) -> list[str]:
        """Headers of the file that the study doesn't read."""
        taken = set(positions.values())
        return [name.strip() or f"column {place + 1} (no name)" for place,
                name in enumerate(header) if place not in taken]

    def _cleaned(self, header: Sequence[str]) -> list[str]:
        """Headers without outer white space and in composed Unicode; both are repairs."""
        trimmed = [name.strip().strip("\ufeff") for name in header]
        changed = [after for before, after in zip(header, trimmed, strict=True) if before != after and after]
        if changed:
            self.note("R_HEADER_SPACE",
                      f"white space around {counted(len(changed), 'column name')} was left out: "
                      f"{', '.join(changed)}",
                      self.header_row)
        composed = [unicodedata.normalize("NFC", name) for name in trimmed]
        if composed != trimmed:
            self.note("R_NFC", "column names were brought to composed Unicode (NFC)", self.header_row)
        return composed

    def _stands_elsewhere(self, around: Mapping[int, Sequence[str]]) -> bool:
        """Whether one of the rows around has all or most of the declared columns: then say so, and what it lacks."""
        wanted = list(self.required())
        rows = {number: {cell.strip() for cell in cells} for number, cells in around.items()}
        hits = {number: sum(name in cells for name in wanted) for number, cells in rows.items()}
        found = max(hits, key=lambda number: (hits[number], -abs(number - self.header_row)), default=0)
        if not found or hits[found] < max(1, 0.5 * len(wanted)):
            return False
        lacks = [name for name in wanted if name not in rows[found]]
        but = f", but for {', '.join(name + nearest(name, rows[found]) for name in lacks)}" if lacks else ""
        self.note("E_COLUMN_MISSING", f"row {self.header_row} does not hold the column names; row {found} does{but}",
                  self.header_row, wanted[0], self._moved(found))
        return True

    def _moved(self, row: int) -> str:
        """What to declare when the column names stand in this row instead."""
        frame = f"[frames.{self.frame.name}]"
        cells = self.frame.options.get("cells")
        if not cells:
            return f"Set header_row = {row} in {frame}, or delete the rows above it"
        top, bottom, left, right = cells
        step = row - self.header_row
        return f'Set cells = "{layout.spelled((top + step, bottom + step, left, right))}" in {frame}: rows were added or deleted'
