"""The latest day the files know of: a date, or a day or a length of time counted from the patient's own day zero."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from stats.propose.cells import day
from stats.propose.columns import Guess
from stats.propose.endpoints import Endpoint
from stats.propose.roles import Part
from stats.study.types import DAYS


def latest(
    parts: Sequence[Part], start: str, endpoints: Iterable[Endpoint], seen: Iterable[date | None]
) -> date | None:
    """`start` is the column that is day zero ('' for none), `seen` the latest date of each column that holds dates."""
    found = [one for one in seen if one is not None]
    zero = _zeros(parts[0], start)
    columns = {column.name: column for column in parts[0].columns}
    for endpoint in endpoints:
        time = columns.get(str(endpoint.keys.get("time", "")))
        if time is not None and not time.origin:
            factor = DAYS[str(endpoint.keys["unit"])]
            found += [zero[who] + timedelta(days=n * factor) for who, n in _numbers(parts[0], time) if who in zero]
    for part in parts[1:]:
        for column in part.columns:
            if column.name in ("day", "end_day"):
                found += [zero[who] + timedelta(days=n) for who, n in _numbers(part, column) if who in zero]
    return max(found, default=None)


def _zeros(patients: Part, start: str) -> dict[str, date]:
    column = next((column for column in patients.columns if start and column.name == start), None)
    if column is None:
        return {}
    cells = zip(_people(patients), patients.table.columns[column.source])
    return {who: made for who, cell in cells for made in (day(cell, column.date_formats),) if made is not None}


def _people(part: Part) -> Sequence[str]:
    person = next((column for column in part.columns if column.name == "subject"), None)
    return part.table.columns[person.source] if person is not None else [str(i) for i in range(part.table.rows)]


def _numbers(part: Part, column: Guess) -> Iterator[tuple[str, float]]:
    for who, cell in zip(_people(part), part.table.columns[column.source]):
        plain = cell.replace(",", ".")
        if re.fullmatch(r"-?\d+(?:\.\d+)?", plain) and cell not in column.missing:
            yield who, float(plain)
