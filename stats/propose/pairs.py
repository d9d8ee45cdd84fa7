"""A time and the status at its end, which make an endpoint together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stats.propose.cells import NO, YES
from stats.propose.columns import Guess

TIME = re.compile(
    r"(?:^|_)(?:time_to|f?u?time|aval|months?|mos?|days?|weeks?|years?|yrs?|dur(?:ation)?|tage|wochen|monate|jahre|jours|semaines|mois|dias|semanas|meses|t)(?=_|$)|^ftime$|^futime$"
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
SAME = {"vital": "os"}  # whether somebody lives is the status of overall survival
OF_EVENT = re.compile(
    r"(?:f|fu|tx|cr|rl|rel|rec|surv|prog|pc)time")
JOINED = re.compile(r"([a-z]+)time")  # dtime, rfstime
INITIALS = {  # what a time is named by one letter of
    "d": ("os", KNOWN_STEMS["os"], re.compile(r"death|died|dead|deceased")),
    "r": ("relapse", "Time to relapse", re.compile(r"recur(?:rence|red)?|relapsed?|rel")),
    "p": ("progression", "Time to progression", re.compile(r"progress(?:ion|ed)?|prog|pd")),
}
FOLLOWED = re.compile(r"time|follow|surv")  # without a stem in common, what one calls the time to an event
CALENDAR = range(1900, 2101)
# what words of a status count as; others are taken for competing events, so that somebody looks at them
CENSORED = re.compile(
    r"cens|alive|living|lost|withdr|left|free|ongoing|without|none|"
    r"\bleb(?:t|end)|vivant|vivo|viva\b|kein|sans ", re.I
)
EVENT = re.compile(r"dea[dt]|died|deceas|exitus|relaps|recur|progres|event|fail|"
    r"storben|\btot\b|d[eé]c[eéè]d|muert|fallec|ereignis|re[zc]idiv|rechute|reca[ií]da", re.I
)
STATE = re.compile(r"status|indicator|delta")
CENSORED_NAME = re.compile(r"cens|cnsr")
SAYS_CENSORED = re.compile(r"censored|cnsr")  # true of the patient, or CDISC's, whose 0 is the event


class Pair(NamedTuple):
    name: str
    label: str
    time: Guess
    status: Guess


def paired(columns: Sequence[Guess]) -> list[Pair]:
    """Those that share the rest of their names (os_months, os_event) or are named by one letter (dtime, death); where there
    are none the one time and the one status that stand there (rfstime, status).
    """
    numbers = [column for column in columns if column.type == "number" and not _years(column)]
    times = [(stem, column) for column in numbers if (stem := _of_time(column)) is not None]
    states = [column for column in columns if _states(column)]
    stems = dict(reversed(times))
    stems |= {other: stems[stem] for other, stem in SAME.items() if stem in stems and other not in stems}
    found = []
    for state in states:
        stem = _of_status(state)
        time = stems.get(stem)
        if time is not None and time.name != state.name:
            name = SAME.get(stem, stem) or "survival"
            found.append(Pair(name, KNOWN_STEMS.get(name, time.label), time, state))
    used = {column.name for pair in found for column in (pair.time, pair.status)}
    for letter, (name, label, words) in INITIALS.items():
        told = next((column for column in columns if words.fullmatch(column.name) and _few(column)), None)
        if letter in stems and told and not {stems[letter].name, told.name} & used:
            found.append(Pair(name, label, stems[letter], told))
            used |= {stems[letter].name, told.name}
    alone = [(stem, column) for stem, column in times if FOLLOWED.search(column.name)]
    if not found and len(alone) == len(states) == 1:
        (stem, time), (state,) = alone[0], states
        stem = stem or _of_status(state)
        name = stem if stem in KNOWN_STEMS else "survival"
        found.append(Pair(name, KNOWN_STEMS[name], time, state))
    return found


def coded(status: Guess) -> tuple[Mapping[str, list[str]] | None, str, bool]:
    """(status_values or None where codes are those of the study file, what was taken for what, whether an event competes)."""
    codes = {cell for cell in status.distinct if cell not in status.missing}
    if codes == {"1", "2"} and EVENT.search(status.name) and not STATE.search(status.name):
        # 1 may say yes and 2 no, or 2 that it happened, as in `status`: no level of this name, so that `check` asks
        return {"event": ["1 or 2"], "censored": ["1", "2"]}, "write which code says that it happened, 1 or 2", False
    if codes == {"1", "2"}:
        return {"event": ["2"], "censored": ["1"]}, "2 taken for the event", False
    if not all(re.fullmatch(r"\d+", code) for code in codes):
        return _worded(sorted(codes), opposite=bool(CENSORED_NAME.search(status.name)))
    if "2" in codes:
        return None, "0 taken for censored, 1 for the event, 2 for a competing one", True
    if CENSORED_NAME.search(status.name) and not SAYS_CENSORED.search(status.name):
        # `cens` is 1 for the event in as many files as for its absence (1 in GBSG2, 0 in others): `check` asks, as above
        return {"event": ["0 or 1"], "censored": ["0", "1"]}, "write which code says that it happened, 0 or 1", False
    if SAYS_CENSORED.search(status.name):
        return {"event": ["0"], "censored": ["1"]}, "1 taken for censored, because of the column's name", False
    return None, "1 taken for the event", False


def _worded(codes: Sequence[str], opposite: bool) -> tuple[Mapping[str, list[str]] | None, str, bool]:
    """opposite: yes says that somebody was censored."""
    of_event, of_none = (NO, YES) if opposite else (YES, NO)
    censored = [code for code in codes if CENSORED.search(code) or code.casefold() in of_none]
    events = [code for code in codes if (EVENT.search(code) or code.casefold() in of_event) and code not in censored]
    others = [code for code in codes if code not in (*censored, *events)]
    if not events:
        return None, "which of its words is the event?", False
    values = {"event": events, "censored": censored, **({"competing": others} if others else {})}
    said = [f"{', '.join(events)} taken for the event", f"{', '.join(censored) or 'nothing'} for censored"]
    return values, ", ".join([*said, *([f"{', '.join(others)} for a competing one"] if others else [])]), bool(others)


def _of_time(column: Guess) -> str | None:
    """What a time is of: 'os' of os_months, 'd' of dtime; None for a column that isn't called a time."""
    if TIME.search(column.name):
        return TIME.sub("", column.name).strip("_")
    joined = JOINED.fullmatch(column.name)
    return joined[1] if joined and (joined[1] in KNOWN_STEMS or joined[1] in INITIALS) else None


def timed(column: Guess) -> bool:
    """Whether a column is called the time to a known event: os_months, rfstime, dtime, futime."""
    stem = _of_time(column)
    return OF_EVENT.fullmatch(column.name) is not None or (stem is not None and (stem in KNOWN_STEMS or stem in INITIALS))


def _of_status(column: Guess) -> str:
    return STATUS.sub("", column.name).strip("_")


def _states(column: Guess) -> bool:
    return (bool(STATUS.search(column.name)) or column.name in KNOWN_STEMS) and _few(column)


def _few(column: Guess) -> bool:
    return column.type not in ("text", "") and 1 <= len(column.distinct) <= 4


def _years(column: Guess) -> bool:
    """Whether a column tells the year of something, not how long it took."""
    known = [cell for cell in column.distinct if cell not in column.missing]
    return all(re.fullmatch(r"\d{4}", cell) and int(cell) in CALENDAR for cell in known)
