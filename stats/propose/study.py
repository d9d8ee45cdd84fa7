"""Which table holds the patients, what the long ones are, which columns make endpoints: guesses for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from stats.findings import Problem, Refused
from stats.propose import endpoints as ends
from stats.propose.columns import Guess, guess, slug
from stats.propose.endpoints import Endpoint
from stats.propose.roles import Part, long, unique
from stats.propose.tables import Table

if TYPE_CHECKING:
    from stats.study.redcap import Field

ARM = re.compile(
    r"arm(?:cd)?|actarm(?:cd)?|trt\d*[pa]?n?|treat(?:ment)?(?:_?(?:group|arm))?|group|cohort|product|rx|regimen|"
    r"car_?t?_?(?:source|type|product)|strategy",
    re.I,
)
BASELINE = 25  # variables a first Table 1 is given at most


@dataclass(frozen=True)
class Proposal:
    """Everything that goes into a proposed study file, in its order."""

    parts: tuple[Part, ...]
    arms: Mapping[str, str]
    candidates: tuple[str, ...]  # columns that could be the arms instead
    cutoff: date | None
    day_zero: str
    endpoints: tuple[Endpoint, ...]
    baseline: tuple[str, ...]
    more: tuple[str, ...] = ()  # variables left out of Table 1
    unused: tuple[str, ...] = ()
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # terms and analytes: name → label

    @property
    def subjects(self) -> Part:
        return self.parts[0]


def propose(tables: Sequence[Table], dictionaries: Mapping[str, Mapping[str, Field]] | None = None) -> Proposal:
    """A proposal for these tables. Refused (E_NO_SUBJECTS) when none has one row per patient."""
    guessed = [
        (table, tuple(_guessed(table, head, cells, dictionaries or {}) for head, cells in table.columns.items()))
        for table in tables
    ]
    place = _patients(guessed)
    table, columns = guessed.pop(place)
    others: dict[str, Part] = {}
    unused = []
    for other, heads in guessed:
        part = long(other, heads)
        if part is None or part.frame in others:
            why = "not recognised" if part is None else f"a second table of {part.frame}"
            unused.append(f"{other.name} ({why})")
        else:
            others[part.frame] = part
    arms, columns, candidates = _arms(columns)
    columns = unique(columns)
    start = ends.zero(columns)
    columns = tuple(
        replace(column, doubts=(*column.doubts, "day zero")) if column.name == start else column for column in columns
    )
    found = ends.endpoints(columns, start, ends.later(columns, table.columns, start))
    named = [value for one in found for value in one.keys.values()]
    used = {*(v for v in named if isinstance(v, str)), *(name for v in named if isinstance(v, tuple) for name in v)}
    variables = [c.name for c in columns if c.type in ("number", "flag", "category", "ordinal") and c.name not in used]
    days = [c.latest for part in (Part("subjects", table, columns), *others.values()) for c in part.columns if c.latest]
    return Proposal(
        (Part("subjects", table, columns), *others.values()),
        arms,
        candidates,
        max(days, default=None),
        start,
        found,
        tuple(variables[:BASELINE]),
        tuple(variables[BASELINE:]),
        tuple(unused),
        {
            name: _levels(others[frame], role)
            for name, frame, role in (("terms", "events", "term"), ("analytes", "series", "analyte"))
            if frame in others
        },
    )


def _guessed(table: Table, head: str, cells: Sequence[str], dictionaries: Mapping[str, Mapping[str, Field]]) -> Guess:
    found = guess(head, cells, table.labels.get(head, ""), table.codes.get(head))
    for file, fields in dictionaries.items():
        if head in fields and found.type not in ("id", ""):
            told = fields[head]
            return replace(
                found,
                type=told.type,
                label=told.label or found.label,
                levels=told.levels,
                values=told.values,
                doubts=(f"as {file} says",),
            )
    return found


def _patients(guessed: Sequence[tuple[Table, tuple[Guess, ...]]]) -> int:
    """The table with one row per patient: an identifier that never repeats, or the only table if it has none."""
    fitting = [
        (len(columns), -place)
        for place, (table, columns) in enumerate(guessed)
        for column in columns
        if column.type == "id" and column.known == table.rows == len(column.distinct)
    ]
    if fitting:
        return -max(fitting)[1]
    if len(guessed) == 1 and not any(column.type == "id" for column in guessed[0][1]):
        return 0
    raise Refused(
        [
            Problem(
                "E_NO_SUBJECTS",
                "no file has one row per patient with an identifier that never repeats",
                guessed[0][0].file,
                remedy="Give a table of patients too; a table with several rows per patient can stand beside it",
            )
        ]
    )


def _levels(part: Part, role: str) -> Mapping[str, str]:
    return next((column.levels for column in part.columns if column.name == role), {})


def _arms(columns: tuple[Guess, ...]) -> tuple[Mapping[str, str], tuple[Guess, ...], tuple[str, ...]]:
    """({arm: label}, columns with the arm's, other columns that would do)."""
    fit = [
        column
        for column in columns
        if column.type in ("category", "ordinal", "flag", "number") and 2 <= len(column.distinct) <= 4
    ]
    best = next((column for column in fit if ARM.fullmatch(column.source)), None)
    others = tuple(column.source for column in fit if column is not best)
    if best is None:
        return {"patients": "Patients"}, columns, others
    cells = sorted(cell for cell in best.distinct if cell not in best.missing)
    labels = {cell: re.sub(r"^\d+[_. -]+", "", best.levels.get(cell, cell)) or cell for cell in cells}
    keys = {cell: _key(cell, labels[cell]) for cell in cells}
    values = {cell: key for cell, key in keys.items() if cell != key}
    arm = replace(best, name="arm", type="arm", levels={}, values=values, digits=None)
    return (
        {keys[cell]: labels[cell] for cell in cells},
        tuple(arm if column is best else column for column in columns),
        others,
    )


def _key(cell: str, label: str) -> str:
    """An arm's key: its code where that is short and begins with a letter, else made from its label."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,2}", cell):
        return cell
    return slug(f"arm {label}" if label.isdigit() else label)
