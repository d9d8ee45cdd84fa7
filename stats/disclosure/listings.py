"""Patients one by one, for reviewers who ask for them: under new numbers, with days instead of dates, without free text.

The new numbers follow an order drawn from the data themselves, which tells nothing about identifiers or dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from stats.disclosure.ages import OLDEST
from stats.findings import Problem, Refused
from stats.study.roles import is_age
from stats.study.types import Column, Study

if TYPE_CHECKING:
    import pandas as pd

Value = float | str
Listing = tuple[str, tuple[Column, ...], list[tuple[Value, ...]]]  # frame, columns, rows; "" where nothing is known
NUMBER, GROUP = Column("patient", "text", "Patient"), Column("arm", "text", "Group")
AGED = f"≥{OLDEST:.0f}"
ANSWERS = {True: "Yes", False: "No"}
STATES = {0.0: "Censored", 1.0: "Event", 2.0: "Competing event"}
DAYS = {"date": "day", "end_date": "end_day"}  # what the derivations make of the dates of long frames
UNSAID = ("id", "arm", "text")  # types of columns that may name somebody, or stand in front already
PUBLIC = "public"


def listings(study: Study, frames: Mapping[str, pd.DataFrame]) -> list[Listing]:
    """The patients, then every frame with rows of them. Refused (E_LISTINGS) when the results are for the public."""
    if study.privacy == PUBLIC:
        raise Refused(
            [
                Problem(
                    "E_LISTINGS",
                    'a study with privacy = "public" has no listings of single patients',
                    "study.toml",
                    remedy='Leave --listings out, or set privacy = "journal"',
                )
            ]
        )
    subjects = frames["subjects"]
    key = _id(study, "subjects")
    numbers = renumbered(subjects, key)
    arm = next((column.name for column in study.subjects.columns.values() if column.type == "arm"), "")
    arms = dict(zip(subjects[key], subjects[arm].astype(str), strict=True)) if arm else {}
    found = []
    for name in study.frames:
        frame, by = frames[name], _id(study, name)
        if by not in frame or not frame[by].isin(numbers).any():
            continue
        columns = _columns(study, name, frame)
        rows = [
            (numbers[one], *([study.arms.get(arms[one], arms[one])] if arms else []), *line)
            for one in numbers
            for line in _lines(columns, frame[frame[by] == one])
        ]
        found.append((name, (NUMBER, *([GROUP] if arms else []), *(column for column, _ in columns)), rows))
    return found


def renumbered(subjects: pd.DataFrame, key: str) -> dict[Any, str]:
    """Patient → new number, in the order of the new numbers."""
    salt = subjects.to_csv(index=False).encode()
    ids = sorted(subjects[key], key=lambda one: blake2s(salt + str(one).encode()).digest())
    width = max(2, len(str(len(ids))))
    return {one: f"P{place:0{width}}" for place, one in enumerate(ids, 1)}


def _id(study: Study, frame: str) -> str:
    columns = study.frames[frame].columns.values()
    return next((column.name for column in columns if column.type == "id"), "")


def _columns(study: Study, name: str, frame: pd.DataFrame) -> list[tuple[Column, pd.Series]]:
    """What is listed of a frame: (column as it is labelled, its values), dates as days from day zero."""
    found: list[tuple[Column, pd.Series]] = []
    names = {one.name: one.label for one in study.terms.values()} | {
        one.name: one.label for one in study.analytes.values()
    }
    for column in study.frames[name].columns.values():
        if column.type == "date":
            label = column.label or column.name
            if name == "subjects" and study.day_zero and column.name != study.day_zero:
                days = (frame[column.name] - frame[study.day_zero]).dt.days
                found.append((Column(column.name, "number", label, "day", 0), days))
            elif DAYS.get(column.name) in frame:
                found.append((Column(column.name, "number", label, "day", 0), frame[DAYS[column.name]]))
        elif column.type not in UNSAID and column.name in frame:
            levels = {key: names.get(key, key) if label == key else label for key, label in column.levels.items()}
            found.append((replace(column, levels=levels), frame[column.name]))
    for endpoint in study.endpoints.values() if name == "subjects" else ():
        if f"{endpoint.name}.time" in frame:
            digits = 0 if endpoint.unit == "days" else 1
            found.append(
                (
                    Column(f"{endpoint.name}.time", "number", endpoint.label, endpoint.unit, digits),
                    frame[f"{endpoint.name}.time"],
                )
            )
            found.append(
                (
                    Column(f"{endpoint.name}.status", "text", f"{endpoint.label}: state"),
                    frame[f"{endpoint.name}.status"].map(STATES),
                )
            )
    return found


def _lines(columns: list[tuple[Column, pd.Series]], rows: pd.DataFrame) -> Iterator[tuple[Value, ...]]:
    """The rows of one patient, in the order of their days where they have some."""
    ordered = rows.sort_values("day", kind="stable") if "day" in rows else rows
    for index in ordered.index:
        yield tuple(_value(column, values.loc[index]) for column, values in columns)


def _value(column: Column, value: Any) -> Value:
    """A value as it may be told: labels of levels, numbers as they are, '' for what is missing."""
    import pandas as pd

    if pd.isna(value):
        return ""
    if column.type == "flag":
        return ANSWERS[bool(value)]
    if column.type == "number":
        return AGED if is_age(column) and value >= OLDEST else float(value)
    return column.levels.get(str(value), str(value))
