"""What the results don't say, and why: findings about estimates and tests that could not be made, or rest on very few.

Every such row of the results carries a note in words already; here the notes become one finding per reason, so that
nobody has to read four thousand rows to learn that an arm had no events.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from stats.findings import Problem
from stats.groups import ALL
from stats.results import WITHHELD, Cell, Results

FEW_AT_RISK = 3  # an estimate of survival or incidence from fewer patients still at risk is warned about
LISTED = 4       # addresses named in one finding
INFERENCE = ("estimate", "p_value")
SURVIVING = ("survival", "incidence")
# the first pattern that fits a note decides; the notes are those of stats/methods
REASONS = (
    ("N_HR_MONOTONE", re.compile(r"separate|no events of this kind in one"),
     "no finite estimate: all events lie on one side"),
    ("N_TIES", re.compile(r"everybody (?:at risk )?had (?:the event|it)|at the same time|too few times"),
     "too few distinct times"),
    ("N_NOT_TOGETHER", re.compile(r"(?:were|not) at risk"), "those compared were not at risk together when events happened"),
    ("N_ALL_SAME", re.compile(r"every patient|same category"), "all patients are alike"),
    ("N_NO_EVENTS", re.compile(r"no event happened while"), "no event while patients of the groups were at risk together"),
    ("N_NO_EVENTS", re.compile(r"no events?\b"), "no events"),
    ("N_NO_VARIATION", re.compile(r"are equal|vary"), "the values don't vary"),
    ("N_TOO_FEW", re.compile(r"fewer than \w+ patients in a group|beyond the landmark|too few patients"), "too few patients"),
    ("N_TOO_FEW", re.compile(r"fewer than|single value|single quantified|too few"), "too few known values"),
    ("N_NO_VALUES", re.compile(r"no (?:quantified )?values"), "no known values"),
    ("N_NO_VALUES", re.compile(r"no patient (?:of a group )?has a known|only one group have a known"), "no known values"),
    ("N_NO_VALUES", re.compile(r"no patients|nobody|no one|only one group"), "nobody to count"),
)
PENALISED = "cox-firth"
ONE_SIDED = "all events lie on one side, so the hazard ratio has no finite maximum; the one given is Firth's"


def findings(results: Results) -> list[Problem]:
    """One finding per reason why an estimate or a P value is missing, then estimates that rest on very few patients."""
    return [*_missing(results), *_few(results), *_withheld(results)]


def reason(cell: Cell, stat: str) -> tuple[str, str]:
    """(code, why) of a statistic that is not estimable."""
    note = cell.notes.get(stat, "")
    return next(((code, why) for code, pattern, why in REASONS if pattern.search(note)), ("N_NOT_ESTIMABLE", note))


def _missing(results: Results) -> Iterator[Problem]:
    found: dict[tuple[str, str], list[str]] = {}
    for cell in results:
        if cell.variable.endswith("hazard") and PENALISED in cell.methods.values():
            found.setdefault(("N_HR_MONOTONE", ONE_SIDED), []).append(cell.address)
        for stat in INFERENCE:
            if stat in cell and math.isnan(cell[stat]) and cell.notes.get(stat) and not cell.withheld:
                found.setdefault(reason(cell, stat), []).append(cell.address)
                break
    for (code, why), addresses in sorted(found.items()):
        yield Problem(code, f"not estimated, {why}: {_listed(addresses)}", remedy="The note in results.csv says why")


def _few(results: Results) -> Iterator[Problem]:
    few: dict[str, list[str]] = {}
    for cell in results:
        if cell.variable == "landmark" and cell.group == ALL and cell.get("n") < FEW_AT_RISK:
            yield Problem("W_FEW_AT_RISK", f"fewer than three patients are followed beyond the landmark: {cell.address} "
                          f"({cell['n']:g})", remedy="Take an earlier landmark")
        at_risk = cell.get("at_risk")
        if cell.variable in SURVIVING and 0 < at_risk < FEW_AT_RISK and not math.isnan(cell.get("p")):
            few.setdefault(cell.analysis, []).append(f"{cell.address} ({at_risk:g})")
    for addresses in few.values():
        yield Problem("W_FEW_AT_RISK", f"estimates from fewer than three patients at risk: {_listed(addresses)}",
                      remedy="Take an earlier time, or say how few they are")


def _withheld(results: Results) -> Iterator[Problem]:
    many = sum(row.note.startswith(WITHHELD) for row in results.rows)
    if many:
        yield Problem("N_WITHHELD", f"{many} of {len(results)} numbers are not shown, for the sake of the patients",
                      remedy="The note in results.csv says why; privacy in study.toml decides")


def _listed(addresses: list[str]) -> str:
    more = len(addresses) - LISTED
    return ", ".join(addresses[:LISTED]) + (f" and {more} more" if more > 0 else "")
