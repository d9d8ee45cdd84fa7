"""Which columns make endpoints: dates of events, a time and its status, a response."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stats.propose.cells import day
from stats.propose.columns import Guess

ZERO = (
    r"infus",
    r"day_?0|day_?zero",
    r"transplant|hsct|hct|bmt",
    r"random",
    r"treatment_?start|start_?(?:of_?)?treatment|trtsdt|"
    r"first_?dose",
    r"enrol|inclusion|baseline|index",
    r"diagnos|start",
)
DEATH = re.compile(r"death|died|dod\b|deceased|exitus|dthdt", re.I)
RELAPSE = re.compile(r"relapse|progress|recur|pd_?date|event_?date", re.I)
ASSESSED = re.compile(r"assess|evaluat|disease|staging|response", re.I)
LAST = re.compile(r"last|lfu|follow|censor|contact|alive", re.I)
TIME = re.compile(
    r"(?:^|_)(?:f?u?time|aval|time(?:_to)?|months?|mos?|days?|weeks?|years?|yrs?|dur(?:ation)?|t)(?=_|$)|^ftime$|^futime$"
)
STATUS = re.compile(
    r"(?:^|_)(?:status|event|evt|ev|cens(?:or(?:ed|ing)?)?|died|dead|death|delta|indicator|fustat|cnsr)(?=_|$)"
)
KNOWN_STEMS = {
    "os": "Overall survival",
    "pfs": "Progression-free survival",
    "efs": "Event-free survival",
    "rfs": "Relapse-free survival",
    "lfs": "Leukemia-free survival",
    "dfs": "Disease-free survival",
    "survival": "Survival",
    "relapse": "Relapse",
}
RESPONSE = re.compile(r"resp|remission|bor$", re.I)
RESPONDED = ("scr", "cr", "cri", "crh", "crp", "cmr", "vgpr", "pr")


@dataclass(frozen=True)
class Endpoint:
    name: str
    label: str
    keys: Mapping[str, object]
    doubts: tuple[str, ...] = ()

    @property
    def timed(self) -> bool:
        return "start" in self.keys or "time" in self.keys


def zero(columns: Sequence[Guess]) -> str:
    dates = [column for column in columns if column.type == "date"]
    return next((column.name for words in ZERO for column in dates if re.search(words, column.source, re.I)), "")


def endpoints(columns: Sequence[Guess], start: str, later: Collection[str]) -> tuple[Endpoint, ...]:
    """`start` is the date column of day zero ('' for none); `later` names the date columns that never lie before it."""
    by_dates = _from_dates(columns, start, later)
    names = {one.name for one in by_dates}
    return (*by_dates, *(one for one in _from_pairs(columns) if one.name not in names), *_responses(columns))


def later(columns: Sequence[Guess], cells: Mapping[str, Sequence[str]], start: str) -> frozenset[str]:
    """Date columns none of whose days lies before the same patient's day zero; `cells` by header."""
    dated = {column.name: column for column in columns if column.type == "date"}
    if start not in dated:
        return frozenset()
    zero = [_day(cell, dated[start]) for cell in cells[dated[start].source]]
    days = {
        name: [_day(cell, column) for cell in cells[column.source]] for name, column in dated.items() if name != start
    }
    return frozenset(
        name
        for name, found in days.items()
        if not any(day and first and day < first for day, first in zip(found, zero))
    )


def _day(cell: str, column: Guess) -> date | None:
    return day(cell, column.date_formats) if cell else None


def _from_dates(columns: Sequence[Guess], zero: str, after: Collection[str]) -> list[Endpoint]:
    dates = [column.name for column in columns if column.name in after]
    death = tuple(name for name in dates if DEATH.search(name))[:1]
    relapse = tuple(name for name in dates if RELAPSE.search(name) and name not in death)
    last = [name for name in dates if LAST.search(name) and name not in (*death, *relapse)]
    if not zero or not last or not death:
        return []
    contact = (next((name for name in reversed(last) if not ASSESSED.search(name)), last[-1]),)
    assessed = (next((name for name in last if ASSESSED.search(name)), contact[0]),)
    common = {"start": zero, "unit": "months"}
    survival = Endpoint("os", KNOWN_STEMS["os"], {**common, "event": death, "censor": contact})
    if not relapse:
        return [survival]
    doubts = ("are these all progressions, and is disease known to be absent at the day of censoring?",)
    free = Endpoint("pfs", KNOWN_STEMS["pfs"], {**common, "event": (*relapse, *death), "censor": assessed}, doubts)
    again = Endpoint(
        "relapse",
        "Relapse or progression",
        {**common, "event": relapse, "competing": death, "censor": assessed, "better": "lower"},
    )
    return [free, survival, again]


def _from_pairs(columns: Sequence[Guess]) -> list[Endpoint]:
    """A time and a status that share the rest of their names: os_months with os_event."""
    times = {
        TIME.sub("", column.name).strip("_"): column
        for column in reversed(columns)
        if column.type == "number" and TIME.search(column.name)
    }
    found = []
    for column in columns:
        hit = STATUS.search(column.name) or (column.name in KNOWN_STEMS)
        stem = STATUS.sub("", column.name).strip("_")
        time = times.get(stem)
        if (
            not hit
            or time is None
            or time.name == column.name
            or column.type == "text"
            or not 1 <= len(column.distinct) <= 4
        ):
            continue
        name = stem or "survival"
        keys: dict[str, object] = {"time": time.name, "status": column.name, "unit": _unit(time)}
        codes = {cell for cell in column.distinct if cell not in column.missing}
        doubts = ["which event?"] if not stem else []
        if codes == {"1", "2"}:
            keys["status_values"] = {"event": ["2"], "censored": ["1"]}
            doubts.append("2 taken for the event")
        elif "2" in codes:
            doubts.append("0 taken for censored, 1 for the event, 2 for a competing one")
        elif re.search("cens|cnsr", column.name):
            keys["status_values"] = {"event": ["0"], "censored": ["1"]}
            doubts.append("1 taken for censored, because of the column's name")
        else:
            doubts.append("1 taken for the event")
        if time.unit == "":
            doubts.append("the unit of the time")
        found.append(Endpoint(name, KNOWN_STEMS.get(name, time.label), keys, tuple(doubts)))
    return found


def _unit(time: Guess) -> str:
    if time.unit in ("days", "weeks", "months", "years"):
        return time.unit
    numbers = [float(cell.replace(",", ".")) for cell in time.distinct if re.fullmatch(r"[\d.,]+", cell)]
    return "days" if max(numbers, default=0) > 400 else "months"


def _responses(columns: Sequence[Guess]) -> list[Endpoint]:
    found = []
    for column in columns:
        hits = tuple(
            level
            for level, label in column.levels.items()
            if {re.sub(r"\W", "", word.casefold()) for word in (level, label)} & set(RESPONDED)
        )
        if column.type in ("category", "ordinal") and RESPONSE.search(column.source) and hits:
            found.append(
                Endpoint(
                    f"{column.name}_rate",
                    column.label,
                    {"column": column.name, "responses": hits},
                    (f"does {' or '.join(column.levels[hit] for hit in hits)} count as a response?",),
                )
            )
    return found
