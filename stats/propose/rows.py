"""One file with several rows per patient and none of the patients: its rows taken apart by the column that tells them apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from stats.propose.columns import Guess
from stats.propose.endpoints import DEATH
from stats.propose.naming import slug
from stats.propose.roles import identifier
from stats.propose.tables import Table

COUNTING = re.compile(
    r"enum|(?:visit|seq(?:uence)?|instance|episode|cycle|obs|row)(?:[_. ]?(?:no|nr|num(?:ber)?))?|(?:study_?)?day|week|month",
    re.I,
)
START = re.compile(r".*start|.*begin|.*entry|time_?0", re.I)
STOP = re.compile(r".*stop|.*end|.*exit|time_?1", re.I)
SIDE = re.compile(
    r"(?:\w+[_. ])?(?:eye|side|laterality|ear|knee|hip|breast|kidney|limb|auge|seite|œil|oeil|ojo|lado)s?", re.I
)
MOST = 8  # kinds of rows that become tables
NEARLY = 0.9  # share of the patients that the rows taken for the patients' have to hold
ALLOWED = re.compile(r"[^'\"\\]+")  # a value that a condition can quote


def apart(table: Table, columns: Sequence[Guess], arms: re.Pattern[str]) -> tuple[list[Table], str, bool] | None:
    """(tables, the patients' first; the column that tells them apart; whether it counts rows); None where no column does.

    Of a column that counts rows the first of each patient are the patients, and the other rows make no table.
    """
    person = identifier(columns)
    if person is None or person.known < table.rows:
        return None
    who = table.columns[person.source]
    people = len(set(who))
    differ = differing(table.columns, person.source)
    if any(arms.fullmatch(head) for head in differ) or not _repeated(table, person.source, differ):
        return None  # rows were treated, not patients; or nothing is said of the patients themselves
    kinds: list[tuple[int, str, str]] = []
    for column in columns:
        cells = table.columns[column.source]
        counts = Counter(cells)
        if column is person or not column.type or not all(map(ALLOWED.fullmatch, counts)):
            continue
        if len(set(zip(who, cells))) < table.rows:
            continue
        if COUNTING.fullmatch(column.source) or _numbered(who, cells):
            if all(re.fullmatch(r"\d+", cell) for cell in counts):
                first = min(counts, key=int)
                if counts[first] == people:
                    return [_only(table, column.source, first)], column.source, True
            continue
        whole = [value for value, count in counts.items() if count >= NEARLY * people]
        if whole and not spans(differ) and 2 <= len(counts) <= MOST and not arms.fullmatch(column.source):
            kinds.append((len(counts), column.source, next((v for v in whole if DEATH.search(v)), whole[0])))
    if not kinds:
        return None
    head, patients = min(kinds, key=lambda kind: kind[0])[1:]
    others = sorted(set(table.columns[head]) - {patients})
    return [_only(table, head, value) for value in (patients, *others)], head, False


def _numbered(who: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether the cells number the rows of each patient, of whom some have more than others: no kinds of rows."""
    own: dict[str, set[str]] = {}
    for one, cell in zip(who, cells):
        own.setdefault(one, set()).add(cell)
    return len(set(map(len, own.values()))) > 1 and all(
        some == {str(number) for number in range(1, len(some) + 1)} for some in own.values()
    )


def spans(differ: Collection[str]) -> bool:
    """Whether the rows of a patient are spans of time, one going on where another ends, by the columns that differ."""
    return any(START.fullmatch(head) or STOP.fullmatch(head) for head in differ)


def differing(cells: Mapping[str, Sequence[str]], person: str) -> list[str]:
    """Columns that hold more than one value for the same patient, in the order of the file."""
    people = len(set(cells[person]))
    return [head for head, column in cells.items() if len(set(zip(cells[person], column))) > people]


def _repeated(table: Table, person: str, differ: Sequence[str]) -> bool:
    """Whether some column tells of the patients: the same in all rows of each, and not of everybody."""
    return any(head not in (person, *differ) and len(set(cells)) > 1 for head, cells in table.columns.items())


def _only(table: Table, head: str, value: str) -> Table:
    places = [i for i, cell in enumerate(table.columns[head]) if cell == value]
    return replace(table.at(places), keys={**table.keys, "where": (f"{slug(head)} == '{value}'",)})
