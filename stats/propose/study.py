"""Which table holds the patients, what the long ones are, which columns make endpoints: guesses for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from stats.propose import adam, cutoff, forms, further, measured, orders, rows, wide
from stats.propose import endpoints as ends
from stats.propose.columns import Guess
from stats.propose.endpoints import Endpoint
from stats.propose.naming import distinct, key
from stats.propose.patients import ARM, Guessed, place, told_apart
from stats.propose.roles import Part, identifier, long, unique
from stats.propose.tables import Table

if TYPE_CHECKING:
    from stats.study.redcap import Field

PLANNED = re.compile(r"trt\d+[pa]", re.I)  # CDISC's own arm, which screening failures don't have
SHORT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,2}")
RESERVED = ("all", "arms")  # what addresses call everybody and the comparison of all arms
CONTROL = re.compile(r"placebo|control|standard|soc\b|observation|best supportive", re.I)
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
    levels: Mapping[str, Mapping[str, Mapping[str, object]]] = field(
        default_factory=dict
    )  # terms and analytes: name → keys
    reference: str = ""
    title: str = ""  # what the data call the study

    @property
    def subjects(self) -> Part:
        return self.parts[0]

    @property
    def patients(self) -> int:
        """How many there are, those that stand twice counted once."""
        person = next((column for column in self.subjects.columns if column.name == "subject"), None)
        return len(person.distinct) if person is not None else self.subjects.table.rows


def propose(tables: Sequence[Table], dictionaries: Mapping[str, Mapping[str, Field]] | None = None) -> Proposal:
    """A proposal for these tables. Refused (E_NO_SUBJECTS) when none has one row per patient."""
    guessed, later, told, measured_later = told_apart([one for table in tables for one in forms.apart(table)], dictionaries or {})
    table, columns = guessed.pop(place(guessed))
    person = identifier(columns)
    others, added, found_ends, unused, unknown = _others(guessed, person.source if person else "")
    people = frozenset(person.distinct if person else ())
    alone = [one for one in unknown if further.fits(*one, people)]
    unused += [*told, *(f"{one[0].name} ({further.unlike(*one, people)})" for one in unknown if one not in alone)]
    if measured_later is not None:
        others["series"] = measured_later
    columns, beside = _beside(table, columns, "series" in others)
    if beside is not None:
        others["series"] = beside
    more = further.further(alone, table, unique(columns), others)
    split = len(columns)
    arms, columns, others_fit = _arms((*columns, *more.columns))
    armed = next((column.origin for column in columns if column.type == "arm"), "")
    columns, beyond = unique(_without_codes(columns[:split])), columns[split:]
    start = ends.zero(columns)
    columns = tuple(
        replace(column, doubts=(*column.doubts, "day zero")) if column.name == start else column for column in columns
    )
    columns = (*columns, *beyond)
    cells = {**table.columns, **more.cells}
    found = ends.endpoints([c for c in columns if c.source not in later], start, ends.later(columns, cells, start))
    found = tuple(
        replace(one, label=more.words[one.name].capitalize()) if one.name in more.words else one for one in found
    )
    found = (*found_ends, *(one for one in found if one.name not in {other.name for other in found_ends}))
    known = {column.name for column in columns}
    columns = (*columns, *(column for column in added if column.name not in known))
    named = [value for one in found for value in one.keys.values()]
    used = {*(v for v in named if isinstance(v, str)), *(name for v in named if isinstance(v, tuple) for name in v)}
    variables = [c.name for c in columns if _describes(c) and c.name not in used]
    spanned = {column.name for column in columns if rows.spans(later) and column.source in later}
    after = more.later | spanned | {column.name for column in columns if ends.outcome(column)}
    first = [name for name in variables if name not in after][:BASELINE]
    candidates = tuple(  # who is compared is settled before anything of this is known
        column.name if column.origin else column.source
        for column in others_fit
        if column.source not in later and not {column.name, _own_name(column, columns)} & (after | used)
    )
    parts = (Part("subjects", table, columns, _selected(table)), *others.values(), *further.worded(more.parts, armed))
    dated = [column.latest for _, heads in (*guessed, (table, columns)) for column in heads]
    return Proposal(
        parts,
        arms,
        candidates,
        cutoff.latest(parts, start, found, dated),
        start,
        found,
        tuple(first),
        tuple(name for name in variables if name not in first),
        tuple(unused),
        {
            "terms": measured.terms(others["events"]) if "events" in others else {},
            "analytes": measured.analytes(others["series"]) if "series" in others else {},
        },
        next((key for key, label in arms.items() if CONTROL.search(label)), list(arms)[-1]),
        next(iter(table.columns.get("STUDYID", ())), ""),
    )


def _own_name(column: Guess, columns: Sequence[Guess]) -> str:
    """What a column is called once all names are different."""
    return next((one.name for one in columns if one.source == column.source), column.name)


def _describes(column: Guess) -> bool:
    """Whether Table 1 may show a column: no arm once more, and no flag that is either yes or empty."""
    alone = column.type == "flag" and any(doubt.startswith("only ") for doubt in column.doubts)
    return column.type in ("number", "flag", "category", "ordinal") and not alone and not _armed(column)


def _armed(column: Guess) -> bool:
    """Whether a column is called an arm, in the file or in its dictionary."""
    return bool(ARM.fullmatch(column.source) or ARM.fullmatch(column.name))


def _selected(table: Table) -> dict[str, tuple[str, str]]:
    """Keys that choose the rows of a REDCap export."""
    return {
        key: (values[0], "" if key == "instrument" else "whose rows are the patients")
        for key, values in table.keys.items()
    }


def _others(
    guessed: Sequence[Guessed], person: str
) -> tuple[dict[str, Part], list[Guess], list[Endpoint], list[str], list[Guessed]]:
    """({frame: part}, columns of the patients read out of them, endpoints, what was left out and why, what nothing knew)."""
    parts: dict[str, Part] = {}
    columns: list[Guess] = []
    endpoints: list[Endpoint] = []
    unused: list[str] = []
    unknown: list[Guessed] = []
    for table, heads in guessed:
        known = _one_identifier(heads, person)
        found = adam.recognised(table, known)
        if found is not None:
            columns += found.columns
            endpoints += found.endpoints
            unused += found.unused
        part = adam.slim(long(table, known)) if found is None else None
        beside = _beside(table, known, False)[1] if found is None and part is None else None
        new = found.parts if found is not None else [one for one in (part, beside) if one is not None]
        if not new:
            unknown.append((table, known))
        for one in new:
            if one.frame in parts:
                unused.append(f"{table.name} (a second table of {one.frame})")
            else:
                parts[one.frame] = replace(one, keys={**_selected(table), **one.keys})
    return parts, columns, endpoints, unused, unknown


def _one_identifier(columns: tuple[Guess, ...], person: str) -> tuple[Guess, ...]:
    """The column that is called as the patients' identifier is theirs here; other numbers of rows are not."""
    if not any(column.source == person and column.type == "id" for column in columns):
        return columns
    return tuple(replace(c, type="text") if c.type == "id" and c.source != person else c for c in columns)


def _beside(table: Table, columns: tuple[Guess, ...], taken: bool) -> tuple[tuple[Guess, ...], Part | None]:
    """(the other columns, days beside each other as a series of the same file)."""
    days = wide.groups(columns)
    person = identifier(columns)
    if not days or taken or person is None:
        return columns, None
    heads = {head for group in days.values() for head in group}
    subject = replace(person, name="subject")
    rest = tuple(column for column in columns if column.source not in heads)
    return rest, Part("series", table, (subject,), wide=days)


def _without_codes(columns: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """Numeric codes that CDISC puts beside a text (AGEGR1N beside AGEGR1) are left out."""
    texts = {column.source for column in columns}
    return tuple(
        replace(column, type="", doubts=(f"numbers for {column.source[:-1]}",))
        if column.source.isupper()
        and column.source.endswith("N")
        and column.source[:-1] in texts
        and column.type != "arm"
        else column
        for column in columns
    )


def _arms(columns: tuple[Guess, ...]) -> tuple[Mapping[str, str], tuple[Guess, ...], tuple[Guess, ...]]:
    """({arm: label}, columns with the arm's, other columns that would do)."""
    fit = [
        column
        for column in columns
        if column.type in ("category", "ordinal", "flag", "number") and 2 <= len(_different(column)) <= 4
    ]
    named = sorted((c for c in fit if _armed(c)), key=lambda c: not PLANNED.fullmatch(c.source))
    best = named[0] if named else None
    others = tuple(  # of groups most have several patients: four ages of four patients are none
        column for column in fit if column is not best and 2 * len(_different(column)) <= column.known
    )
    if best is None:
        return {"patients": "Patients"}, columns, others
    cells = orders.ordered(_different(best))[0]
    labels = {cell: best.levels.get(cell, cell) for cell in cells}
    # a code that is short and begins with a letter is the arm's key; else it is made from the label
    wished = {cell: cell if SHORT.fullmatch(cell) else key(labels[cell], "arm") for cell in cells}
    keys = distinct(wished, "arm", RESERVED)
    values = {cell: keys[level] for cell, level in _levels(best).items() if cell != keys[level]}
    without = max((column.known for column in columns if column.type == "id"), default=best.known) - best.known
    mend = 'everybody needs an arm, so fill it in or write where = "known(arm)" into [frames.subjects]'
    doubts = (f"empty for {without} patients: {mend}",) * (without > 0)
    arm = replace(best, name="arm", type="arm", levels={}, values=values, digits=None, doubts=(*best.doubts, *doubts))
    return (
        {keys[cell]: labels[cell] for cell in cells},
        tuple(arm if column is best else column for column in columns),
        others,
    )


def _different(column: Guess) -> set[str]:
    return set(_levels(column).values())


def _levels(column: Guess) -> dict[str, str]:
    """{cell: what it counts as}: spellings of one level are one; words for yes and no are arms of their own."""
    same = column.values if column.type in ("category", "ordinal") else {}
    return {cell: same.get(cell, cell) for cell in column.distinct if cell not in column.missing}
