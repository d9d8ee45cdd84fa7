"""Ages of ninety and more, which identify by the usual rules (45 CFR 164.514): they are told as ninety or more."""

from __future__ import annotations

from dataclasses import replace

from stats.results import AGED, Results, Row
from stats.study.roles import is_age
from stats.study.types import Study

OLDEST = 90.0
OF_ONE = ("median", "q1", "q3", "min", "max")  # statistics that are the age of somebody, or lie between two


def capped(study: Study, results: Results) -> Results:
    """The same results where nobody is that old."""
    ages = {column.name for frame in study.frames.values() for column in frame.columns.values() if is_age(column)}

    def old(row: Row) -> bool:
        return row.variable in ages and row.stat in OF_ONE and row.value >= OLDEST

    if not any(old(row) for row in results.rows):
        return results
    return Results(replace(row, value=OLDEST, note=AGED) if old(row) else row for row in results.rows)
