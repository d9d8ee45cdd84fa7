"""Which columns make endpoints: dates of events, a time and its status, a response."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stats.propose.cells import day
from stats.propose.columns import Guess
from stats.propose.pairs import KNOWN_STEMS, coded, paired, timed

ZERO = (
    r"infus",
    r"day_?0|day_?zero",
    r"transplant|hsct|hct|bmt|(?:^|_)tx(?:_|$)",
    r"random",
    r"surgery|operation|implant|procedure|vaccin",
    r"treatment_?start|therapiebeginn|start_?(?:of_?)?treatment|trtsdt|"
    r"first_?dose",
    r"enrol|inclusi[oó]n|einschluss|baseline|index|(?<!data_)entry|regist",
    r"admission|admitted",
    r"diagnos|start|beginn|d[eé]but|inicio",
)
NEARLY = 0.9
DEATH = re.compile(  # in English, German, French, Spanish; of names without accents and of headers with them
    r"death|died|dod\b|deceased|exitus|dthdt|(?<![a-z])tod(?:es\w*)?(?![a-z])|(?:ver|ge)storben|"
    r"d[eé]c[eè]s|d[eé]c[eé]d|muert|fallec|[oó]bito",
    re.I,
)
RELAPSE = re.compile(r"relapse|progres|recur|pd_?date|event_?date|re[zc]idiv|r[eé]cidive|rechute|reca[ií]da", re.I)
ASSESSED = re.compile(r"assess|evaluat|disease|staging|response", re.I)
LAST = re.compile(r"last|lfu|follow|censor|contact|alive|letzt|derni[eè]re?s|[uú]ltim[oa]", re.I)
RESPONSE = re.compile(r"(?<![a-z])resp(?![a-z])|respon[sd]|remission|bor$|anspr|r[eé]pon|respuesta", re.I)
FOLLOWED = re.compile(r"(?:^|_)(?:time_to|last|lost|follow(?:ed|_?up)?|fu|censor\w*|alive|outcome|surv\w*|reject\w*)(?=_|$)")
RESPONDED = ("scr", "cr", "cri", "crh", "crp", "cmr", "vgpr", "pr", "rc", "rp")


STATE = re.compile(
    r"(?:(?:os|pfs|efs|rfs|dfs|lfs|vital|survival|fu|follow_?up)_?)?(?:status|event|stat|cens\w*)|fustat|[dpr]stat"
)
EARLIER = re.compile(
    r"(?:^|_)(?:prior|prev\w*|earlier|baseline|history|before|first_line|screening|induction|number_of|no_of|"
    r"at_(?:infusion|transplant\w*|diagnosis|enrol\w*|entry|start))(?:_|$)"
)


@dataclass(frozen=True)
class Endpoint:
    name: str
    label: str
    keys: Mapping[str, object]
    doubts: tuple[str, ...] = ()

    @property
    def timed(self) -> bool:
        return "start" in self.keys or "time" in self.keys


def outcome(column: Guess) -> bool:
    """Whether a column tells, by its name, of what became of the patients: nothing that they began with, and no arm."""
    name = column.name
    if EARLIER.search(name):
        return False
    said = any(words.search(name) for words in (DEATH, RELAPSE, RESPONSE, FOLLOWED))
    return said or bool(STATE.fullmatch(name)) or timed(column)


def zero(columns: Sequence[Guess]) -> str:
    """The date that is called a beginning, and is known of nearly everybody: a transplant that few had is none."""
    everybody = max((column.known for column in columns), default=0)
    dates = [column for column in columns if column.type == "date" and column.known >= NEARLY * everybody]
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
    found = []
    for pair in paired(columns):
        values, taken, competes = coded(pair.status)
        keys: dict[str, object] = {"time": pair.time.name, "status": pair.status.name, "unit": _unit(pair.time)}
        if values is not None:
            keys["status_values"] = values
        doubts = ["which event?"] if pair.name == "survival" else []
        doubts += [taken, *(["the unit of the time"] if pair.time.unit == "" else [])]
        name, label = pair.name, pair.label
        if name == "survival" and competes:  # an incidence of something that happens, not of surviving
            name, label = "event", ", ".join(values["event"]).capitalize() if values else "Event"
        found.append(Endpoint(name, label, keys, tuple(doubts)))
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
