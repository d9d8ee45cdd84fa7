"""Rows that are visits, one column for each measurement: one of these read as a series over the days of the visits."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from stats.propose.cells import FEWEST
from stats.propose.columns import Guess
from stats.propose.endpoints import outcome
from stats.propose.roles import WHEN, Part, identifier
from stats.propose.rows import COUNTING, spans
from stats.propose.tables import Table


def series(table: Table, columns: Sequence[Guess], differ: Collection[str]) -> Part | None:
    """The first measurement that differs from visit to visit (`differ`) by the day of the visit, the others named in a
    doubt: a series of a file without a column of analytes holds one. None where rows have no days, or are spans of time."""
    person = identifier(columns)
    day = next((c for c in columns if re.fullmatch(WHEN["day"], re.sub(r"[ .-]+", "_", c.source.casefold()))), None)
    if person is None or day is None or spans(differ) or not all(map(re.compile(r"-?\d+").fullmatch, day.distinct)):
        return None
    measured = [
        column
        for column in columns
        if column.source in differ and column.type == "number" and column is not day and len(column.distinct) > FEWEST
        if not outcome(column) and not COUNTING.fullmatch(column.source)
    ]
    if not measured:
        return None
    first, *more = measured
    others = ", ".join(column.source for column in more)
    value = replace(
        first,
        name="value",
        unit="",
        doubts=(*first.doubts, *([f"one measurement at a time; it could as well be {others}"] if more else [])),
    )
    when = Guess("day", day.source, "number", "Day", known=day.known, distinct=day.distinct)
    return Part("series", table, (replace(person, name="subject"), when, value))
