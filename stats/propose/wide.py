"""Days beside each other: il6_d0, il6_d7, il6_d14 are one analyte on three days, and so are day 0 IL-6, day 7 IL-6."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from stats.propose.columns import Guess
from stats.propose.naming import distinct, key

DAY = re.compile(
    r"(?P<stem>.*\S?)[ _.\-(]*(?<![A-Za-z])(?P<unit>days?|tag|d|weeks?|wk|w|woche)[ _.]*(?P<number>[+-]?\d{1,4})\)?",
    re.I,
)
FRONT = re.compile(
    r"(?P<unit>days?|tag|d|weeks?|wk|w|woche)[ _.]*(?P<number>[+-]?\d{1,4})[ _.:\-]+(?P<stem>\S.*)", re.I
)
LEAST = 2  # days


def groups(columns: Sequence[Guess]) -> dict[str, dict[str, float]]:
    """Analyte as written → header → day, for number columns that differ in their day alone."""
    found: dict[str, dict[str, float]] = {}
    for column in columns:
        behind = DAY.fullmatch(column.source.strip())
        hit = behind or FRONT.fullmatch(column.source.strip())
        if hit is None or column.type not in ("number", "category", "ordinal", "flag", "text"):
            continue
        if column.type != "number" and not _numeric(column):
            continue
        # the hyphen of CD4- d0 belongs to the name, that of CD4-d0 and CRP - d0 does not
        stem = hit["stem"]
        if behind:
            stem = re.sub(r"(?:-|\s-\s*)$", "", stem)
        stem = stem.strip(" _.(")
        days = int(hit["number"]) * (7 if hit["unit"][0].lower() == "w" else 1)
        if stem:
            found.setdefault(stem, {})[column.source] = float(days)
    return {stem: days for stem, days in found.items() if len(days) >= LEAST and len(set(days.values())) == len(days)}


def names(stems: Iterable[str]) -> dict[str, str]:
    """{analyte as written: its name in the study file}."""
    return distinct({stem: key(stem, "analyte") for stem in stems}, "analyte")


def _numeric(column: Guess) -> bool:
    """Small whole numbers, taken for codes or for yes and no, may be measurements among measurements."""
    return bool(column.distinct) and all(re.fullmatch(r"[<>]?\s*\d+(?:[.,]\d+)?", cell) for cell in column.distinct)


def limits(cells: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """(largest limit that values lie below, smallest that they lie above) as written in the cells; '' for none."""
    below = _numbers(cells, "<")
    above = _numbers(cells, ">")
    return (f"{max(below):g}" if below else "", f"{min(above):g}" if above else "")


def _numbers(columns: Mapping[str, Sequence[str]], sign: str) -> list[float]:
    hits = (re.fullmatch(rf"{sign}=?\s*(\d+(?:[.,]\d+)?)", cell) for cells in columns.values() for cell in cells)
    return [float(hit[1].replace(",", ".")) for hit in hits if hit]
