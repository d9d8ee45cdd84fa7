"""Why a number is missing, where there are patients of whom what it is made of isn't known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from stats.groups import ALL, ARMS
from stats.methods.event_tables import NO_PATIENTS
from stats.results import Row
from stats.study.types import Analysis

# what methods say of samples without anybody: they see only those of whom everything is known
NOBODY, ONE_GROUP = "no patients in a group", "only one group has patients"
TIMED = ("survival", "incidence", "followup", "sensitivity")


def known(rows: Iterable[Row], people: Sequence[Row], analysis: Analysis) -> Iterator[Row]:
    """The rows of an analysis with reasons that tell groups without patients from patients without a known time or value.

    people: the rows that say how many patients are in each group, known or not.
    """
    sizes = {row.group: row.value for row in people if row.stat == "n"}
    what = _what(analysis)
    for row in rows:
        if row.note not in (NO_PATIENTS, NOBODY, ONE_GROUP):
            yield row
            continue
        parts = [key for key in sizes if key != ALL] if row.group == ARMS else row.group.split(":")
        there = [sizes.get(part, 0) > 0 for part in parts]
        if row.note == NO_PATIENTS and any(there):
            yield replace(row, note=f"no patient {what[0]}")
        elif row.note == NOBODY and all(there):
            yield replace(row, note=f"no patient of a group {what[0]}")
        elif row.note == ONE_GROUP and all(there):
            yield replace(row, note=f"patients of only one group {what[1]}")
        else:
            yield row


def _what(analysis: Analysis) -> tuple[str, str]:
    """What one patient lacks, and what several have."""
    if analysis.options.get("landmark") is not None:
        return "is followed beyond the landmark", "are followed beyond the landmark"
    known = "a known time" if analysis.kind in TIMED else "a known value"
    known = "a known time and a known value" if analysis.kind == "hazards" else known
    return f"has {known}", f"have {known}"
