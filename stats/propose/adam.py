"""CDISC's analysis data sets, known by their columns: ADTTE, ADRS and ADLB hold many parameters in one table.

Each parameter of a time to event becomes two columns of the patients and an endpoint, with CNSR turned round (0 is the event).
Study days count from 1 and know no day 0; `day_one` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stats.propose.columns import Guess
from stats.propose.endpoints import KNOWN_STEMS, RESPONDED, Endpoint
from stats.propose.naming import distinct, slug
from stats.propose.roles import CDISC_DAY, Part, long
from stats.propose.tables import Table

PARAMETER = {"USUBJID", "PARAMCD"}
SCALE = (
    "sCR",
    "CR",
    "CRc",
    "CRh",
    "CRp",
    "CRi",
    "CMR",
    "MLFS",
    "VGPR",
    "PR",
    "MR",
    "SD",
    "NON-CR/NON-PD",
    "NR",
    "PD",
    "RD",
    "NED",
    "NE",
    "NA",
    "ND",
    "MISSING",
)
PLACES = {level.upper(): place for place, level in enumerate(SCALE)}
KEPT = ("TRTEMFL", "AESER", "AVISIT", "ANL01FL", "PARAMCD")  # columns that a long data set keeps beside its roles
UNITS = re.compile(r"\(?\b(days?|weeks?|months?|years?)\b\)?", re.I)


@dataclass(frozen=True)
class Found:
    """What one data set adds: frames, columns of the patients read out of them, endpoints, what was left out."""

    parts: tuple[Part, ...]
    columns: tuple[Guess, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    unused: tuple[str, ...] = ()


def recognised(table: Table, columns: Sequence[Guess]) -> Found | None:
    """What a data set of parameters holds; None for any other table."""
    heads = set(table.columns)
    if not heads >= PARAMETER:
        return None
    if heads >= {"AVAL", "CNSR"}:
        return _times(table, columns)
    answers = {cell.upper() for cell in table.columns.get("AVALC", ()) if cell}
    if answers & set(PLACES) - {"NA", "ND"}:
        return _responses(table, columns)
    part = slim(long(table, tuple(columns)))
    return Found((part,)) if part is not None else None


def slim(part: Part | None) -> Part | None:
    """A long CDISC data set with the columns that have a role, and rows chosen by its own flags."""
    if part is None or "USUBJID" not in part.table.columns:
        return part
    roles = {column.name for column in part.columns if column.name != slug(column.source)} | {"subject"}
    kept = tuple(column for column in part.columns if column.name in roles or column.source in KEPT)
    flags = [column.name for column in kept if column.source in ("TRTEMFL", "ANL01FL") and column.type == "flag"]
    kept = tuple(column for column in kept if column.source not in ("TRTEMFL", "ANL01FL") or column.name in flags)
    keys = {"where": (" and ".join(flags), "the rows that count, by the data set's own flags")} if flags else {}
    return replace(part, columns=kept, keys=keys)


def _parameters(table: Table) -> dict[str, list[int]]:
    """Places of the rows of each parameter, in the order of the file; with an analysis flag, of those flagged."""
    flags = table.columns.get("ANL01FL", ())
    flagged = "Y" in flags
    found: dict[str, list[int]] = {}
    for place, code in enumerate(table.columns["PARAMCD"]):
        if code and (not flagged or flags[place] == "Y"):
            found.setdefault(code, []).append(place)
    return found


def _called(table: Table, code: str, places: Sequence[int]) -> str:
    return next(
        (cell for place in places for cell in [table.columns.get("PARAM", table.columns["PARAMCD"])[place]] if cell),
        code,
    )


def _own(table: Table, columns: Sequence[Guess], frame: str, wanted: Mapping[str, str]) -> Part:
    """A table of the study's own with these columns, by name and type."""
    by_source = {column.source: column for column in columns}
    kept = []
    for head, kind in wanted.items():
        name = "subject" if head == "USUBJID" else slug(head)
        flag = by_source[head] if kind == "flag" else Guess(name, head, kind, label=by_source[head].label)
        kept.append(replace(flag, name=name, doubts=()))
    return Part(frame, table, tuple(kept))


def _times(table: Table, columns: Sequence[Guess]) -> Found:
    frame = slug(table.file.rpartition(".")[0])
    flagged = _flagged(table, columns)
    part = _own(
        table, columns, frame, {"USUBJID": "id", "PARAMCD": "text", "AVAL": "number", "CNSR": "number", **flagged}
    )
    made: list[Guess] = []
    endpoints: list[Endpoint] = []
    parameters = _parameters(table)
    names = distinct({code: slug(code) for code in parameters}, "c")
    for code, places in parameters.items():
        name, label = names[code], _called(table, code, places)
        unit, doubts = _unit(table, label, places)
        codes = sorted({_plain(table.columns["CNSR"][place]) for place in places} - {""}, key=float)
        censored = sorted({*codes, "1"} - {"0"}, key=float)
        picked = _picked(frame, code, flagged)
        plain = re.sub(r"\s*\((?:days?|weeks?|months?|years?)\)\s*$", "", label, flags=re.I)
        made.append(Guess(f"{name}_time", "", "number", plain, unit, origin=picked.format("aval")))
        made.append(Guess(f"{name}_cnsr", "", "number", f"Censoring code, {plain}", origin=picked.format("cnsr")))
        doubts.append("CNSR 0 is the event" + f", {' and '.join(censored)} taken for censored")
        keys: dict[str, object] = {
            "time": f"{name}_time",
            "status": f"{name}_cnsr",
            "unit": unit,
            "status_values": {"event": ["0"], "censored": censored},
        }
        endpoints.append(Endpoint(name, KNOWN_STEMS.get(name, plain), keys, tuple(doubts)))
    return Found((part,), tuple(made), tuple(endpoints))


def _flagged(table: Table, columns: Sequence[Guess]) -> dict[str, str]:
    flag = next((column for column in columns if column.source == "ANL01FL" and column.type == "flag"), None)
    return {"ANL01FL": "flag"} if flag is not None and "Y" in table.columns["ANL01FL"] else {}


def _picked(frame: str, code: str, flagged: Mapping[str, str]) -> str:
    also = " and anl01fl" if flagged else ""
    return f'{{{{ frame = "{frame}", column = "{{}}", where = "paramcd == \'{code}\'{also}", pick = "first" }}}}'


def _plain(cell: str) -> str:
    return f"{float(cell):g}" if re.fullmatch(r"\d+(?:\.\d*)?", cell) else ""


def _unit(table: Table, label: str, places: Sequence[int]) -> tuple[str, list[str]]:
    """The unit of a time: said by AVALU or in the parameter's name, else told from its size."""
    said = next((table.columns["AVALU"][place] for place in places), "") if "AVALU" in table.columns else ""
    hit = UNITS.fullmatch(said.strip()) or re.search(r"\((days?|weeks?|months?|years?)\)", label, re.I)
    if hit:
        return hit[1].lower().rstrip("s") + "s", []
    sizes = [
        float(cell) for place in places for cell in [table.columns["AVAL"][place]] if re.fullmatch(r"[\d.]+", cell)
    ]
    months = any(size != int(size) for size in sizes) and max(sizes, default=0) < 400
    return ("months" if months else "days"), ["the unit of the time"]


def _responses(table: Table, columns: Sequence[Guess]) -> Found:
    """Responses by visit as the frame responses; a best response, and answers of yes or no, as columns of the patients."""
    stem = slug(table.file.rpartition(".")[0])
    flagged = _flagged(table, columns)
    visits: Part | None = None
    made: list[Guess] = []
    endpoints: list[Endpoint] = []
    unused: list[str] = []
    parameters = _parameters(table)
    names = distinct({code: slug(code) for code in parameters}, "c")
    for code, places in parameters.items():
        who = [table.columns["USUBJID"][place] for place in places]
        answers = list(
            dict.fromkeys(table.columns["AVALC"][place] for place in places if table.columns["AVALC"][place])
        )
        once, name, label = len(set(who)) == len(who), names[code], _called(table, code, places)
        picked = _picked(stem, code, flagged).format("avalc")
        scaled = sum(answer.upper() in PLACES for answer in answers) > 0.5 * len(answers)
        if scaled and once:
            made.append(Guess(name, "", "category", label, levels=_levels(answers), origin=picked))
            hits = tuple(level for level in _levels(answers) if re.sub(r"\W", "", level.casefold()) in RESPONDED)
            if hits:
                doubts = (f"does {' or '.join(hits)} count as a response?",)
                endpoints.append(Endpoint(f"{name}_rate", label, {"column": name, "responses": hits}, doubts))
        elif scaled and visits is None:
            visits = _visits(table, columns, code, answers, flagged)
        elif once and set(answers) <= {"Y", "N"} and answers:
            made.append(Guess(name, "", "category", label, levels={"Y": "Yes", "N": "No"}, origin=picked))
            endpoints.append(Endpoint(f"{name}_rate", label, {"column": name, "responses": ("Y",)}, ("Y counts",)))
        else:
            unused.append(f"{table.file}, parameter {code} (no response once or by visit)")
    parts = [part for part in [visits] if part is not None]
    if made:
        parts.append(_own(table, columns, stem, {"USUBJID": "id", "PARAMCD": "text", "AVALC": "text", **flagged}))
    return Found(tuple(parts), tuple(made), tuple(endpoints), tuple(unused))


def _levels(answers: Sequence[str]) -> dict[str, str]:
    return {
        answer: answer
        for answer in sorted(answers, key=lambda answer: (PLACES.get(answer.upper(), len(PLACES)), answer))
    }


def _visits(
    table: Table, columns: Sequence[Guess], code: str, answers: Sequence[str], flagged: Mapping[str, str]
) -> Part | None:
    by_source = {column.source: column for column in columns}
    when = next((by_source[head] for head in ("ADY", "RSDY") if head in by_source and by_source[head].type), None)
    dated = next((column for column in columns if column.type == "date" and column.source in ("ADT", "RSDT")), None)
    if when is None and dated is None:
        return None
    kept = [
        Guess("subject", "USUBJID", "id"),
        Guess("paramcd", "PARAMCD", "text", by_source["PARAMCD"].label),
        replace(by_source["AVALC"], name="response", type="category", levels=_levels(answers), values={}, doubts=()),
    ]
    if when is not None:
        from_one = bool(CDISC_DAY.fullmatch(when.source)) and "0" not in when.distinct
        kept.append(
            Guess("day", when.source, "number", when.label, day_one=from_one, doubts=("CDISC counts days from 1",))
        )
    elif dated is not None:
        kept.append(replace(dated, name="date"))
    kept += [
        replace(by_source[head], type="text", name=slug(head), levels={}, doubts=())
        for head in ("AVISIT",)
        if head in by_source
    ]
    kept += [replace(by_source[head], name=slug(head), doubts=()) for head in flagged]
    where = " and ".join([f"paramcd == '{code}'", *map(slug, flagged)])
    return Part(
        "responses", table, tuple(kept), {"where": (where, "the parameter that holds the response at each visit")}
    )
