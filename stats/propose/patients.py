"""Which table has one row per patient, or can be given one; its columns guessed, by their cells and by dictionaries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stats.findings import Problem, Refused
from stats.propose import forms, rows, visits, wide
from stats.propose.cells import agreed
from stats.propose.columns import Guess, guess
from stats.propose.naming import labelled, slug, unit_apart
from stats.propose.roles import Part, identifier, long
from stats.propose.tables import Table

if TYPE_CHECKING:
    from stats.study.redcap import Field

Guessed = tuple[Table, tuple[Guess, ...]]

ARM = re.compile(
    r"trt\d+[pa]|(?:study|treatment|trial)?[_ ]?arm(?:cd)?|"
    r"actarm(?:cd)?|trt\d*[pa]?n?|treat(?:ment)?(?:_?(?:group|arm))?|group|cohort|product|rx|regimen|"
    r"car_?t?_?(?:source|type|product)|strategy|"
    r"(?:therapie|behandlungs?|studien)[ _-]?(?:arm|gruppe)|gruppe|behandlung|"
    r"bras(?: de traitement)?|groupe|traitement|brazo|grupo(?: de tratamiento)?|tratamiento",
    re.I,
)
NEARLY = 0.85  # share of different identifiers from which on repeated ones are taken for slips
FEW = 0.8  # share of the largest table's patients that every table has to have, for the largest to be the patients


def told_apart(
    tables: Sequence[Table], dictionaries: Mapping[str, Mapping[str, Field]]
) -> tuple[list[Guessed], frozenset[str], tuple[str, ...], Part | None]:
    """(tables with their guessed columns, headers whose later rows aren't used, what is said of these rows, visits as a
    series).

    A single table with several rows per patient is taken apart by the column that tells its rows apart.
    """
    guessed = _all(tables, dictionaries)
    if len(guessed) != 1 or _fitting(guessed):
        return guessed, frozenset(), (), None
    (table, columns) = guessed[0]
    person = identifier(columns)
    taken = rows.apart(table, columns, ARM)
    if person is None or taken is None:
        return guessed, frozenset(), (), None
    apart, head, counts = taken
    guessed = _all(apart, dictionaries, head)
    if not counts:
        return guessed, frozenset(), (), None
    differ = [one for one in rows.differing(table.columns, person.source) if one != head]
    measured = visits.series(table, columns, differ)
    said = f"{table.name}, {table.rows - apart[0].rows} later rows of the same patients ({head})"
    said += f": {', '.join(differ)} differ within patients, and only the first row is read"
    said += f", but of {measured.columns[-1].source}" if measured is not None else ""
    return guessed, frozenset(differ), (said,), measured


def _all(
    tables: Sequence[Table], dictionaries: Mapping[str, Mapping[str, Field]], chosen: str = ""
) -> list[Guessed]:
    """Each table with its guessed columns. A column of a file whose rows were taken apart is of one kind in all of them:
    it is guessed from all its cells, so that events of a visit and those of the next have the same levels."""
    shared: dict[tuple[str, str, str], list[Table]] = {}
    for table in tables:
        for head in table.columns if table.keys else ():
            shared.setdefault((table.file, table.sheet, head), []).append(table)
    found: dict[tuple[str, str, str], Guess] = {}
    for (file, sheet, head), several in shared.items():
        if several[1:]:
            whole = replace(
                several[0],
                columns={head: [cell for one in several for cell in one.columns[head]]},
                lines=[line for one in several for line in one.lines],
            )
            found[file, sheet, head] = _guessed(whole, head, whole.columns[head], dictionaries)
    return [_columns(table, dictionaries, found, chosen) for table in tables]


def _columns(
    table: Table,
    dictionaries: Mapping[str, Mapping[str, Field]],
    whole: Mapping[tuple[str, str, str], Guess],
    chosen: str,
) -> Guessed:
    """A table with its guessed columns; the one by which its rows were `chosen` is compared as text, and never shown."""
    columns = []
    for head, cells in table.columns.items():
        told = whole.get((table.file, table.sheet, head)) if table.keys else None
        if told is None:
            columns.append(_guessed(table, head, cells, dictionaries))
        else:
            known = [cell for cell in cells if cell]
            columns.append(replace(told, known=len(known), distinct=tuple(dict.fromkeys(known))))
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
    if person is not None:
        treated = next((head for head in differ if ARM.fullmatch(head)), "")
        side = next((head for head in differ if rows.SIDE.fullmatch(head)), "")
        if treated or side:
            raise Refused([_of_parts(table, person.source, treated, side, differ)])
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


def _of_parts(table: Table, person: str, treated: str, side: str, differ: Sequence[str]) -> Problem:
    """The rows are parts of patients, or periods: eyes, of which one was treated. There is no first of them."""
    head = treated or side
    value = next((cell for cell in sorted(set(table.columns[head]), reverse=True) if cell), "")
    own = [who for who, cell in zip(table.columns[person], table.columns[head]) if cell == value]
    once = len(set(own)) == len(own)
    what = f"were treated differently ({treated})" if treated else f"are parts of the body ({side})"
    alone = f"Keep one row per patient, such as those whose {head} is {value}, in a file of its own and run init on it: "
    alone += "they are a study of one arm" if treated else "they are a study of patients"
    pooled = "Decide which row of each patient counts, keep that one in a file of its own, and run init on it"
    return Problem(
        "E_NO_SUBJECTS",
        f"the rows of a patient {what}; within patients these columns differ: {', '.join(differ)}. Groups of patients are "
        "compared here, and rows of one patient are not independent of each other",
        table.file,
        remedy=f"{alone if once else pooled}. A comparison within patients needs a paired analysis, which isn't made here",
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
