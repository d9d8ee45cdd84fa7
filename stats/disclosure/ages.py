"""Ages of ninety and more, which identify by the usual rules (45 CFR 164.514): they are told as ninety or more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stats.results import AGED, Row
from stats.study.roles import is_age
from stats.study.types import Study

OLDEST = 90.0
OF_ONE = ("median", "q1", "q3", "min", "max")  # statistics that are the age of somebody, or lie between two


def capping(study: Study) -> Callable[[Row], Row]:
    """How a row is told: as it is, but for the age of somebody that old."""
    ages = {column.name for frame in study.frames.values() for column in frame.columns.values() if is_age(column)}

    def capped(row: Row) -> Row:
        old = row.variable in ages and row.stat in OF_ONE and row.value >= OLDEST
        return replace(row, value=OLDEST, note=AGED) if old else row

    return capped
