"""A time and the status at its end, which make an endpoint together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stats.propose.columns import Guess

TIME = re.compile(
    r"(?:^|_)(?:f?u?time|aval|time(?:_to)?|months?|mos?|days?|weeks?|years?|yrs?|dur(?:ation)?|t)(?=_|$)|^ftime$|^futime$"
)
STATUS = re.compile(
    r"(?:^|_)(?:status|event|evt|ev|cens(?:or(?:ed|ing)?)?|died|dead|death|delta|indicator|fustat|cnsr)(?=_|$)|^[ed]$"
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
JOINED = re.compile(r"([a-z]+)time")  # dtime, rfstime
INITIALS = {  # what a time is named by one letter of
    "d": ("os", KNOWN_STEMS["os"], re.compile(r"death|died|dead|deceased")),
    "r": ("relapse", "Time to relapse", re.compile(r"recur(?:rence|red)?|relapsed?|rel")),
    "p": ("progression", "Time to progression", re.compile(r"progress(?:ion|ed)?|prog|pd")),
}
FOLLOWED = re.compile(r"time|follow|surv")  # without a stem in common, what one calls the time to an event
CALENDAR = range(1900, 2101)
# what words of a status count as; others are taken for competing events, so that somebody looks at them
CENSORED = re.compile(r"cens|alive|living|lost|withdr|left|free|ongoing|without|none", re.I)
EVENT = re.compile(r"dea[dt]|died|deceas|exitus|relaps|recur|progres|event|fail", re.I)
YES, NO = re.compile(r"yes|y|true|t|ja|j|oui|si|sí", re.I), re.compile(r"no|n|false|f|nein|non", re.I)
CENSORED_NAME = re.compile(r"cens|cnsr")


class Pair(NamedTuple):
    name: str
    label: str
    time: Guess
    status: Guess


def paired(columns: Sequence[Guess]) -> list[Pair]:
    """Those that share the rest of their names (os_months, os_event) or are named by one letter (dtime, death); where there
    are none the one time and the one status that stand there (rfstime, status).
    """
    times = [column for column in columns if column.type == "number" and _timed(column) and not _years(column)]
    states = [column for column in columns if _states(column)]
    stems = {_stem(TIME, column): column for column in reversed(times)}
    found = []
    for state in states:
        stem = _stem(STATUS, state)
        time = stems.get(stem)
        if time is not None and time.name != state.name:
            name = stem or "survival"
            found.append(Pair(name, KNOWN_STEMS.get(name, time.label), time, state))
    used = {column.name for pair in found for column in (pair.time, pair.status)}
    for letter, (name, label, words) in INITIALS.items():
        told = next((column for column in columns if words.fullmatch(column.name) and _few(column)), None)
        if letter in stems and told and not {stems[letter].name, told.name} & used:
            found.append(Pair(name, label, stems[letter], told))
            used |= {stems[letter].name, told.name}
    alone = [column for column in times if FOLLOWED.search(column.name)]
    if not found and len(alone) == len(states) == 1:
        stem = _stem(TIME, alone[0]) or _stem(STATUS, states[0])
        name = stem if stem in KNOWN_STEMS else "survival"
        found.append(Pair(name, KNOWN_STEMS[name], alone[0], states[0]))
    return found


def coded(status: Guess) -> tuple[Mapping[str, list[str]] | None, str]:
    """(status_values or None where codes are those of the study file, what was taken for what)."""
    codes = {cell for cell in status.distinct if cell not in status.missing}
    if codes == {"1", "2"}:
        return {"event": ["2"], "censored": ["1"]}, "2 taken for the event"
    if not all(re.fullmatch(r"\d+", code) for code in codes):
        return _worded(sorted(codes), opposite=bool(CENSORED_NAME.search(status.name)))
    if "2" in codes:
        return None, "0 taken for censored, 1 for the event, 2 for a competing one"
    if CENSORED_NAME.search(status.name):
        return {"event": ["0"], "censored": ["1"]}, "1 taken for censored, because of the column's name"
    return None, "1 taken for the event"


def _worded(codes: Sequence[str], opposite: bool) -> tuple[Mapping[str, list[str]] | None, str]:
    """opposite: yes says that somebody was censored."""
    censored = [code for code in codes if CENSORED.search(code) or (NO, YES)[opposite].fullmatch(code)]
    events = [code for code in codes if (EVENT.search(code) or (YES, NO)[opposite].fullmatch(code)) and code not in censored]
    others = [code for code in codes if code not in (*censored, *events)]
    if not events:
        return None, "which of its words is the event?"
    said = [f"{', '.join(events)} taken for the event", f"{', '.join(censored) or 'nothing'} for censored"]
    values = {"event": events, "censored": censored}
    if others:
        return {**values, "competing": others}, ", ".join([*said, f"{', '.join(others)} for a competing one"])
    return values, ", ".join(said)


def _timed(column: Guess) -> bool:
    joined = JOINED.fullmatch(column.name)
    return bool(TIME.search(column.name) or (joined and (joined[1] in KNOWN_STEMS or joined[1] in INITIALS)))


def _stem(words: re.Pattern[str], column: Guess) -> str:
    joined = JOINED.fullmatch(column.name) if words is TIME and not TIME.search(column.name) else None
    return joined[1] if joined else words.sub("", column.name).strip("_")


def _states(column: Guess) -> bool:
    return (bool(STATUS.search(column.name)) or column.name in KNOWN_STEMS) and _few(column)


def _few(column: Guess) -> bool:
    return column.type not in ("text", "") and 1 <= len(column.distinct) <= 4


def _years(column: Guess) -> bool:
    """Whether a column tells the year of something, not how long it took."""
    known = [cell for cell in column.distinct if cell not in column.missing]
    return all(re.fullmatch(r"\d{4}", cell) and int(cell) in CALENDAR for cell in known)
