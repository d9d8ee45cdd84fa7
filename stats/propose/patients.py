"""Which table has one row per patient, or can be given one; its columns guessed, by their cells and by dictionaries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stats.findings import Problem, Refused
from stats.propose import forms, rows, wide
from stats.propose.cells import agreed
from stats.propose.columns import Guess, guess
from stats.propose.naming import labelled, slug, unit_apart
from stats.propose.roles import identifier, long
from stats.propose.tables import Table

if TYPE_CHECKING:
    from stats.study.redcap import Field

Guessed = tuple[Table, tuple[Guess, ...]]

ARM = re.compile(
    r"trt\d+[pa]|(?:study|treatment|trial)?[_ ]?arm(?:cd)?|"
    r"actarm(?:cd)?|trt\d*[pa]?n?|treat(?:ment)?(?:_?(?:group|arm))?|group|cohort|product|rx|regimen|"
    r"car_?t?_?(?:source|type|product)|strategy",
    re.I,
)
NEARLY = 0.85  # share of different identifiers from which on repeated ones are taken for slips
FEW = 0.8  # share of the largest table's patients that every table has to have, for the largest to be the patients


def told_apart(
    tables: Sequence[Table], dictionaries: Mapping[str, Mapping[str, Field]]
) -> tuple[list[Guessed], frozenset[str], tuple[str, ...]]:
    """(tables with their guessed columns, headers whose later rows aren't used, what is said of these rows).

    A single table with several rows per patient is taken apart by the column that tells its rows apart.
    """
    guessed = [_columns(table, dictionaries) for table in tables]
    if len(guessed) != 1 or _fitting(guessed):
        return guessed, frozenset(), ()
    (table, columns) = guessed[0]
    person = identifier(columns)
    taken = rows.apart(table, columns, ARM)
    if person is None or taken is None:
        return guessed, frozenset(), ()
    apart, head, counts = taken
    guessed = [_columns(one, dictionaries, head) for one in apart]
    if not counts:
        return guessed, frozenset(), ()
    differ = [one for one in rows.differing(table.columns, person.source) if one != head]
    said = f"{table.name}, {table.rows - apart[0].rows} later rows of the same patients ({head})"
    return (
        guessed,
        frozenset(differ),
        (f"{said}: {', '.join(differ)} differ within patients, and only the first row is read",),
    )


def _columns(table: Table, dictionaries: Mapping[str, Mapping[str, Field]], chosen: str = "") -> Guessed:
    """A table with its guessed columns; the one by which its rows were `chosen` is compared as text, and never shown."""
    columns = [_guessed(table, head, cells, dictionaries) for head, cells in table.columns.items()]
    return table, agreed([_chosen(column) if column.source == chosen else column for column in columns])


def _chosen(column: Guess) -> Guess:
    base = Guess(slug(column.source), column.source, "text", column.label)
    return replace(base, known=column.known, distinct=column.distinct, doubts=("which rows these are",))


def _guessed(table: Table, head: str, cells: Sequence[str], dictionaries: Mapping[str, Mapping[str, Field]]) -> Guess:
    def where(some: Sequence[str]) -> str:
        wanted = set(some)
        return table.where(head, [place for place, cell in enumerate(cells) if cell in wanted])

    found = guess(head, cells, table.labels.get(head, ""), table.codes.get(head), where)
    if head in table.formulas and not found.known:
        cells_of = ", ".join(table.formulas[head][:3])
        return replace(
            found,
            doubts=(f"formulas never computed ({cells_of} …): open the workbook in Excel, save it, run init again",),
        )
    said = forms.told(head, dictionaries)
    if said is None or found.type in ("id", ""):
        return found
    file, name, told = said
    kind = found.type if told.type == "text" and found.type in ("number", "date") else told.type
    label, unit = unit_apart(told.label) if kind == "number" else (told.label, "")
    return replace(
        found,
        name=slug(name),
        type=kind,
        label=label or found.label,
        unit=unit or found.unit,
        levels=labelled(told.levels) if kind in ("category", "ordinal") else {},
        values=told.values if kind in ("category", "ordinal", "flag") else {},
        doubts=(f"as {file} says",),
    )


def place(guessed: Sequence[Guessed]) -> int:
    """The table with one row per patient: of those with an identifier that never repeats the one that says most of them.

    An identifier that few repeat counts too: a patient entered twice is for `check` to refuse.
    """
    fitting = _fitting(guessed)
    if fitting:
        people = {-one[2]: frozenset(_people(guessed[-one[2]])) for one in fitting}
        most = max(map(len, people.values()))
        whole = [one for one in fitting if people[-one[2]] >= frozenset().union(*people.values())]
        # all who stand in any of the tables; not a log of the screened, of whom few were treated
        near = [one for one in whole if all(len(some) >= FEW * most for some in people.values())]
        return -max(near or fitting)[2]
    table, columns = guessed[0]
    person = identifier(columns)
    if len(guessed) == 1 and person is None:
        return 0
    differ = rows.differing(table.columns, person.source) if len(guessed) == 1 and person is not None else []
    raise Refused(
        [
            Problem(
                "E_NO_SUBJECTS",
                "no file has one row per patient with an identifier that never repeats"
                + (f"; within patients these columns differ: {', '.join(differ)}" if differ else ""),
                table.file,
                remedy="Give a table of patients too; a table with several rows per patient can stand beside it"
                + (
                    ". Or add a column that numbers the rows of each patient (visit: 1, 2, 3): its first become the patients"
                    * bool(differ)
                ),
            )
        ]
    )


def _people(one: Guessed) -> tuple[str, ...]:
    person = identifier(one[1])
    return person.distinct if person is not None else ()


def _fitting(guessed: Sequence[Guessed]) -> list[tuple[int, bool, int]]:
    """(columns, whether no identifier repeats, place from behind) of the tables that can be the patients."""
    fitting = []
    for at, (table, columns) in enumerate(guessed):
        person = identifier(columns)
        if person is None or person.known < table.rows:
            continue
        once = len(person.distinct) == table.rows
        if once or (len(person.distinct) >= NEARLY * table.rows and long(table, columns) is None):
            days = sum(map(len, wide.groups(columns).values()))
            fitting.append((len(columns) - days, once, -at))
    return fitting
