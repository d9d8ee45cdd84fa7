"""Who the rows belong to: identifiers, the join to subjects, and days counted from each patient's day zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stats import ordering
from stats.findings import counted, nearest
from stats.intake.raw import Raw, places
from stats.intake.schema import NAMED, Table
from stats.intake.source import NOTE, SUMMARY, Source
from stats.intake.words import Words
from stats.study import layout, redcap
from stats.study.types import Column

SIGNS = (" ", "*", "#", "(")  # what a note in printable ASCII has, unless it is long
FIRST = ("subject", "day", "date")  # what most rows differ in, and what files often are in the order of
PAIRS = (("day", "date"), ("end_day", "end_date"))


def without_summary_rows(source: Source, raw: Raw) -> Raw:
    """Totals, notes and further tables under a table are refused by row, and left out of every further check."""
    cells = raw.columns.get("subject")
    if cells is None:
        return raw
    raw = _without_notes(source, _until_next(source, raw))
    cells = raw.columns["subject"]
    hit = cells.rows_of(places(cells.distinct, _wordy, _summary))
    for position in hit[:NAMED]:
        source.note("E_SUMMARY_ROW", f"row {raw.rows[position]} is a summary, not a patient: its id is "
                    f"{cells.distinct[cells.codes[position]].strip()}", int(raw.rows[position]),
                    source.header("subject"),
                    _leave_out(source, "Delete the row", hit, raw))
    if not len(hit):
        return raw
    keep = np.ones(len(raw.rows), dtype=bool)
    keep[hit] = False
    return raw.kept(keep)


def _wordy(cells: Sequence[str]) -> bool:
    """Whether one of them doesn't end in a digit, as nearly all identifiers do."""
    ends = "".join([cell[-1:] for cell in cells])
    return len(ends) < len(cells) or not ends.isdigit()


def _summary(cell: str) -> bool:
    return not cell[-1:].isdigit() and bool(SUMMARY.fullmatch(cell.strip().rstrip(":").strip()))


def _leave_out(source: Source, remedy: str, hit: np.ndarray, raw: Raw) -> str:
    """The remedy; in a workbook also the cells above, where nothing but such rows stands below them."""
    above = np.setdiff1d(np.arange(len(raw.rows)), hit)
    if not source.letters or not len(above) or above[-1] > hit[0]:
        return remedy
    columns = [layout.place(letter) for letter in source.letters.values()]
    cells = source.header_rows[0], int(raw.rows[above[-1]]), min(columns), max(columns)
    return f'{remedy}, or leave it out with cells = "{layout.spelled(cells)}" in [frames.{source.frame.name}]'


def _until_next(source: Source, raw: Raw) -> Raw:
    """The rows before the column names stand again: there begins another table."""
    cells, head = raw.columns["subject"], source.header("subject")
    places = [place for place, cell in enumerate(cells.distinct) if cell.strip("\ufeff ") == head]
    if not places:
        return raw
    first = int(cells.rows_of(places)[0])
    begins, alone = first, _alone(raw)
    while begins and alone[begins - 1]:  # its title
        begins -= 1
    source.note("E_SECOND_TABLE", f"row {raw.rows[first]} holds column names: another table begins there",
                int(raw.rows[first]), head, _leave_out(source, "Move it to a sheet or file of its own",
                                                       np.arange(begins, len(raw.rows)), raw))
    return raw.kept(np.arange(len(raw.rows)) < begins)


def _alone(raw: Raw) -> np.ndarray:
    """Rows of which nothing but the identifier's cell is filled, in a table of three columns or more."""
    others = [column for name, column in raw.columns.items() if name != "subject"]
    alone = np.full(len(raw.rows), len(others) > 1)
    for column in others:
        alone &= np.array([not cell.strip() for cell in column.distinct], dtype=bool)[column.codes]
    return alone


def _without_notes(source: Source, raw: Raw) -> Raw:
    """Sentences under or between the rows: nothing but the identifier's cell is filled, and no identifier looks so."""
    cells = raw.columns["subject"]
    hit = cells.rows_of(places(cells.distinct, _telling, lambda cell: NOTE.fullmatch(cell.strip())))
    hit = hit[_alone(raw)[hit]] if len(hit) else hit
    for position in hit[:NAMED]:
        source.note("E_SUMMARY_ROW", f"row {raw.rows[position]} looks like a note, not a patient: only its first cell is "
                    "filled", int(raw.rows[position]), source.header("subject"),
                    _leave_out(source, "Delete the row", hit, raw))
    return raw.kept(~np.isin(np.arange(len(raw.rows)), hit)) if len(hit) else raw


def _telling(cells: Sequence[str]) -> bool:
    """Whether one of them may be a sentence or a footnote: has white space, a footnote's sign, or many characters."""
    whole = "".join(cells)
    return not (whole.isascii() and whole.isprintable()) or any(sign in whole for sign in SIGNS) or max(map(len, cells)) >= 30


def without(table: Table, aside: set[str]) -> Table:
    """The table without patients whom the study leaves out of its subjects on purpose."""
    if not aside or "subject" not in table.arrays:
        return table
    keep = table.words("subject").places(dict.fromkeys(aside, 0)) < 0
    return table if keep.all() else table.kept(np.flatnonzero(keep))


def ids(source: Source, table: Table, subjects: Table | None) -> Table:
    """Identifiers checked: present, once each among subjects, and known there for every other frame.

    Where all of a frame's are known, they become numbers into the subjects' own list of identifiers.
    """
    if "subject" not in table.arrays:
        return table
    who = table.words("subject")
    missing = np.flatnonzero(who.missing())
    for row in table.rows[missing[:NAMED]]:
        source.note("E_ID_MISSING", "the row has no patient identifier", int(row), source.header("subject"),
                    "Fill it in, or delete the row")
    if source.frame.name == "subjects":
        _unique(source, table)
        expected(source, int((who.counts() > 0).sum()) + max(len(missing) - 1, 0))
    elif subjects is not None and source.frame.name != "screening":
        _known(source, table, subjects)
    if source.frame.name not in ("subjects", "screening") and not table.unused and not table.faulty:
        _repeated(source, table)
    return table


def _unique(source: Source, table: Table) -> None:
    who = table.words("subject")
    if who.counts().max(initial=0) <= 1:
        return
    remedy = "Keep one row per patient"
    if {redcap.EVENT, redcap.HEADS[redcap.EVENT]} & set(table.unused):
        remedy += ', or say with event = "…" which event\'s rows the patients are'
    seen: dict[str, int] = {}
    for position, name in enumerate(who.texts()):
        if name is None:
            continue
        if name in seen:
            first = seen[name]
            alike = all(_equal(array, first, position) for array in table.arrays.values())
            source.note("E_DUP_ID",
                        f"the patient of row {table.rows[first]} stands again in row {table.rows[position]}; "
                        f"the two rows are {'identical' if alike else 'different'}", int(table.rows[position]),
                        source.header("subject"), remedy, name)
        else:
            seen[name] = position


def _equal(array: Any, one: int, other: int) -> bool:
    """Whether two rows agree; missing cells do."""
    if isinstance(array, Words):
        return bool(array.codes[one] == array.codes[other])
    a, b = array[one], array[other]
    return bool(a == b or (a != a and b != b))  # noqa: PLR0124 - nan and NaT are not themselves


def expected(source: Source, count: int) -> None:
    """As many patients as the study says, if it says so."""
    expected = source.study.expected_n
    if expected is not None and count != expected:
        source.note("E_EXPECTED_N", f"the file has {count} patients, the study file expects {expected}",
                    remedy="Find out which is right, then correct expected_n or the data")


def _known(source: Source, table: Table, subjects: Table) -> None:
    who, them = table.words("subject"), subjects.words("subject")
    among = who.values.places(them.values)
    if (among >= 0).all():
        table.arrays["subject"] = Words(them.values, among[who.codes])
        return
    strange = (among[who.codes] < 0) & ~who.missing()
    known = {name for name, count in zip(them.values, them.counts()) if count}
    named = {int(position): who.text(position) or "" for position in np.flatnonzero(strange)[:NAMED]}
    hints = {name: _hint(name, known) for name in set(named.values())}
    for position, name in named.items():
        source.note("E_ORPHAN_ID", f"patient {name!r} is not among the subjects{hints[name]}",
                    int(table.rows[position]),
                    source.header("subject"), "Identifiers are compared as text, character by character", name)
    if strange.sum() > NAMED:
        source.note("E_ORPHAN_ID", f"{strange.sum() - NAMED} further rows name patients who are not among the subjects")


def _hint(name: str, known: set[str | None]) -> str:
    """The id that was probably meant: the same number spelled otherwise, or the nearest text."""
    listed = sorted(other for other in known if other)
    same = [other for other in listed if _number(other) == _number(name)]
    if same:
        return f" (did you mean {same[0]!r}?)"
    return nearest(name, listed) if len(listed) <= 2000 else ""


def _number(name: str) -> str:
    return name.removesuffix(".0").lstrip("0").casefold()


def _repeated(source: Source, table: Table) -> None:
    """Rows that say the same twice are kept; they may be real, but often are not."""
    first = [table.arrays[name] for name in FIRST if name in table.arrays]
    rest = [array for name, array in table.arrays.items() if name not in FIRST]
    again = ordering.repeats([array.codes if isinstance(array, Words) else array for array in (*first, *rest)])
    if len(again):
        rows = ", ".join(map(str, table.rows[again[:10]])) + (" …" if len(again) > 10 else "")
        source.note("W_DUP_ROW", f"{counted(len(again), 'row', 'repeats')} an earlier row in every column: {rows}",
                    int(table.rows[again[0]]), remedy="Check that nothing was entered twice")


def days(source: Source, table: Table, subjects: Table | None) -> None:
    """Adds day (and end_day) from dates, as days since each patient's day zero; both given must agree."""
    if subjects is None or source.frame.name == "subjects" or "subject" not in table.arrays:
        return
    zero = subjects.arrays.get(source.study.day_zero)
    dated = [(day, date) for day, date in PAIRS if date in table.arrays and table.columns[date].type == "date"]
    if zero is None or not np.issubdtype(zero.dtype, np.datetime64):
        if dated and dated[0][0] not in table.arrays and not source.study.day_zero and source.frame.name != "screening":
            source.note("E_KEY_MISSING", f"{source.frame.name} has dates, so the study needs day_zero", None,
                        "study.day_zero",
                        "Name the date column of subjects that is day 0")
        return
    owner, zeros = _zeros(table.words("subject"), subjects.words("subject"), zero)
    for day, date in PAIRS:
        has_date = (day, date) in dated
        counted = _days(table.arrays[date], zeros, owner) if has_date else None
        if day in table.arrays and table.columns[day].type == "number":
            cutoff = np.broadcast_to(np.datetime64(source.study.data_cutoff), len(table.rows))
            _agree(source, table, day, date, counted, _days(cutoff, zeros, owner))
        elif counted is not None:
            table.arrays[day] = counted
            table.columns[day] = Column(day, "number", label="Day", derived=True)


def _zeros(who: Words, them: Words, zero: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(for every row a number, for every number a patient's day zero): NaT for who is not among the subjects."""
    known = np.full(len(them.values) + 1, np.datetime64("NaT"), dtype="datetime64[D]")  # the last for a stranger
    known[them.codes] = zero.astype("datetime64[D]")
    among = who.values.places(them.values)
    return who.codes, known[among]


def _days(dates: np.ndarray, zeros: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Whole days from each patient's day zero, nan where one of the two is missing."""
    found = np.empty(len(dates))
    for part in ordering.portions(len(dates)):
        apart = dates[part].astype("datetime64[D]") - zeros[owner[part]]
        found[part] = np.where(np.isnat(apart), np.nan, apart.astype(float))
    return found


def _agree(source: Source, table: Table, day: str, date: str, counted: np.ndarray | None, cutoff: np.ndarray) -> None:
    given = table.arrays[day]
    late = given > cutoff
    for position in np.flatnonzero(late)[:NAMED]:
        source.note("E_DATE_AFTER_CUTOFF",
                    f"the day lies after the data cut-off ({source.study.data_cutoff.isoformat()})",
                    int(table.rows[position]), source.header(day), "Correct the day")
    if counted is None:
        return
    apart = np.abs(given - counted) > 0.5
    for position in np.flatnonzero(apart)[:NAMED]:
        source.note("E_TIME_DATE_CONFLICT", f"{day} and {date} don't agree: the date is day {counted[position]:g}, "
                    f"counted from {source.study.day_zero}", int(table.rows[position]),
                    f"{source.header(day)} and {source.header(date)}", "Correct the one that is wrong")
