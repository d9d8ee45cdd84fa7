"""Further tables with one row per patient: each a frame of its own, its columns read into the patients."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from stats.findings import nearest
from stats.propose.columns import Guess
from stats.propose.naming import distinct, slug
from stats.propose.roles import Part, identifier, unique
from stats.propose.tables import Table
from stats.study.frames import MADE
from stats.study.roles import FRAMES

MOST = 0.5  # share of a table's identifiers that have to be those of patients
WHEN = ("day", "date", "end_day", "end_date")  # names that mean the time of a row wherever they stand
LATER = re.compile(r"(?:^|_)(?:days?|d|weeks?|w|months?|m|years?|y|visit|v|fu|follow_?up)_?\d|follow")


@dataclass(frozen=True)
class Further:
    """Frames, columns of the patients read out of them, these columns' cells in the patients' order by `source` of the
    column, and which of the columns tell of a later time than the patients' own."""

    parts: tuple[Part, ...]
    columns: tuple[Guess, ...]
    cells: Mapping[str, Sequence[str]]
    later: frozenset[str]
    words: Mapping[str, str]  # what each of the frames is called in words


def fits(table: Table, columns: Sequence[Guess], people: Collection[str]) -> bool:
    """Whether a table has one row per patient: an identifier that never repeats, and most of them are patients'."""
    person = identifier(columns)
    if person is None or not person.known or len(person.distinct) < table.rows:
        return False
    return sum(one in people for one in person.distinct) >= MOST * table.rows


def unlike(table: Table, columns: Sequence[Guess], people: Collection[str]) -> str:
    """Why a table that nothing knows isn't read into the patients, in words."""
    person = identifier(columns)
    if person is None or not person.known:
        return "not recognised: no column identifies the patients"
    folded = {_folded(one): one for one in people}
    meant = [(one, folded[_folded(one)]) for one in person.distinct if one not in people and _folded(one) in folded]
    if meant and len(meant) > MOST * len(person.distinct):
        here, there = meant[0]
        return f"its patients are written otherwise, “{here}” for “{there}”: write them alike in both, and run init again"
    if sum(one in people for one in person.distinct) < MOST * len(person.distinct):
        return f"not recognised: few of its identifiers ({person.source}) are those of patients"
    return f"not recognised: several rows per patient ({person.source}), and no columns that say what they record"


def _folded(one: str) -> str:
    """An identifier without what people leave out or add: case, spaces and signs, zeros before a number."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", one.casefold()))


def further(
    tables: Sequence[tuple[Table, tuple[Guess, ...]]],
    patients: Table,
    own: Sequence[Guess],
    taken: Collection[str],
) -> Further:
    """What `tables` add to the patients, whose own columns are `own`; `taken` are names of frames that are given away."""
    person = identifier(own)
    if person is None:
        return Further((), (), {}, frozenset(), {})
    frames = _names([table for table, _ in tables], taken)
    read = [(frame, table, *_read(table, columns, patients, person)) for frame, (table, columns) in zip(frames, tables)]
    words = {frame: frame.replace("_", " ") for frame in frames}
    often = Counter(column.name for _, _, columns, _ in read for column in columns)
    used = {"arm", "subject", *(column.name for column in own)}
    parts: list[Part] = []
    made: list[Guess] = []
    cells: dict[str, Sequence[str]] = {}
    later: set[str] = set()
    for frame, table, columns, joined in read:
        declared = []
        for column in columns:
            inside = f"{column.name}_{frame}" if column.name in WHEN else column.name
            declared.append(replace(column, name=inside))
            if not column.type or column.source not in joined:
                continue
            alike = column.name in used or often[column.name] > 1
            name = distinct({"": f"{column.name}_{frame}" if alike else inside}, "c", used)[""]
            used.add(name)
            known_head = column.source in patients.columns or column.source in cells
            source = f"{column.source} {frame}" if known_head else column.source
            cells[source] = joined[column.source]
            known = [cell for cell in joined[column.source] if cell]
            made.append(
                replace(
                    column,
                    name=name,
                    source=source,
                    label=f"{column.label}, {words[frame]}" if alike else column.label,
                    values={},
                    known=len(known),
                    distinct=tuple(dict.fromkeys(known)),
                    origin=_origin(frame, inside),
                )
            )
            if LATER.search(frame) or "where" in table.keys:
                later.add(name)
        parts.append(Part(frame, table, tuple(declared), {key: (said[0], "") for key, said in table.keys.items()}))
    return Further(tuple(parts), tuple(made), cells, frozenset(later), words)


def worded(parts: Sequence[Part], origin: str) -> tuple[Part, ...]:
    """The parts, with the column that the arm is read from (`origin`) as the words of the file: its levels are the arms."""
    return tuple(
        replace(
            part,
            columns=tuple(
                replace(c, type="text", levels={}, values={}, digits=None)
                if origin == _origin(part.frame, c.name)
                else c
                for c in part.columns
            ),
        )
        for part in parts
    )


def _origin(frame: str, column: str) -> str:
    return f'{{ frame = "{frame}", column = "{column}", pick = "last" }}'


def _read(
    table: Table, columns: tuple[Guess, ...], patients: Table, person: Guess
) -> tuple[tuple[Guess, ...], dict[str, list[str]]]:
    """(the table's columns but those that say what the patients' own say, {header: cells in the patients' order})."""
    named = unique(columns)
    subject = next(column for column in named if column.name == "subject")
    row = {who: place for place, who in enumerate(table.columns[subject.source])}
    places = [row.get(who, -1) for who in patients.columns[person.source]]
    chosen = " ".join(table.keys.get("where", ()))
    kept, joined = [], {}
    for column in named:
        cells = ["" if place < 0 else table.columns[column.source][place] for place in places]
        own = patients.columns.get(column.source)
        if column is subject or chosen.startswith(f"{column.name} =="):
            kept.append(column)
        elif own is None or any(cell not in ("", ours) for cell, ours in zip(cells, own)):
            kept.append(column)
            if any(cells):
                joined[column.source] = cells
    return tuple(kept), joined


def _names(tables: Sequence[Table], taken: Collection[str]) -> list[str]:
    wishes = {}
    for place, table in enumerate(tables):
        said = [value for key in ("where", "instrument", "event") for value in table.keys.get(key, ()) if value]
        if "where" in table.keys:  # a word says of itself what the rows are; a number doesn't
            value = table.keys["where"][0].partition(" == ")[2].strip("'")
            said = [value] if value[0].isalpha() else said
        wish = slug((said or [table.sheet or table.file.rpartition(".")[0]])[0], "table", "table")
        wishes[str(place)] = wish
    short = {place: re.sub(r"_arm_\d+$", "", wish) for place, wish in wishes.items()}
    if len(set(short.values())) == len(short):
        wishes = short
    return list(distinct({place: _unlike(wish) for place, wish in wishes.items()}, "table", taken).values())


def _unlike(wish: str) -> str:
    """The wished name, with words before it where it is, or is close to, one that means something to the program."""
    wished = (wish, f"table_{wish}", f"further_table_{wish}", f"further_table_of_patients_{wish}")
    return next((name for name in wished if name not in MADE and not nearest(name, FRAMES)), wished[-1])
