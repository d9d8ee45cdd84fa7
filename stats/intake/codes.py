"""Codes against what the study says of them: arms, responses, states, terms, units, analytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from stats import ordering
from stats.findings import nearest, slip
from stats.intake.schema import LEVELLED, NAMED, Table
from stats.intake.source import Source
from stats.intake.words import Words
from stats.study.types import Endpoint

KEYS = {"events": ("term", "grade"), "series": ("analyte", "value")}  # frame: what a row is about, what it records
LONG = 6  # letters from which one more or less is a slip, and no other word

def check(source: Source, table: Table) -> None:
    """Checks of a whole column that no single cell can fail."""
    if source.frame.name == "subjects":
        _arms(source, table)
        for endpoint in source.study.endpoints.values():
            if endpoint.column in table.arrays:
                _responses(source, table, endpoint)
            if endpoint.time in table.arrays and endpoint.status in table.arrays:
                _states(source, table, endpoint)
    if source.frame.name == "events":
        if not len(table.rows):
            source.note("W_NO_AE", "no adverse events were recorded", remedy="Is the file complete?")
        _terms(source, table)
    elif not len(table.rows) and source.frame.name != "subjects":
        source.note("W_NO_ROWS", f"no row of the file belongs to {source.frame.name}", remedy="Is the file complete?")
    if source.frame.name in KEYS:
        _keys(source, table, *KEYS[source.frame.name])
    if source.frame.name == "series":
        _units(source, table)
        _analytes(source, table)
        _qualified(source, table)


def _keys(source: Source, table: Table, key: str, fact: str) -> None:
    """A row that records something, and doesn't say what."""
    if not {key, fact} <= set(table.arrays):
        return
    texts, codes = table.numbered(key)
    lost = np.array([text is None for text in texts], dtype=bool)[codes] & _known(table, fact)
    lost[table.faulty.get(key, [])] = False  # what was refused is not missing
    for position in np.flatnonzero(lost)[:NAMED]:
        source.note("E_VALUE_MISSING", f"the row has a {fact} and no {key}", int(table.rows[position]), source.header(key),
                    f"Enter the {key}, or delete the row")


def _known(table: Table, name: str) -> np.ndarray:
    """Rows whose cell of this column isn't empty."""
    array = table.arrays[name]
    if isinstance(array, Words):
        return ~array.missing()
    if table.columns[name].type in LEVELLED:
        return np.asarray(array >= 0)
    return np.asarray(~(np.isnan(array) if array.dtype.kind == "f" else np.isnat(array)))


def _arms(source: Source, table: Table) -> None:
    if "arm" not in table.arrays:
        return
    for place, arm in enumerate(table.columns["arm"].levels):
        if not (table.arrays["arm"] == place).any():
            source.note("W_EMPTY_ARM", f"no patient is in arm {arm}", None, source.header("arm"),
                        "Take the arm out of [arms] if that is right")


def _responses(source: Source, table: Table, endpoint: Endpoint) -> None:
    """Codes that count as a response and never occur; patients without any response code."""
    column, array = table.columns[endpoint.column], table.arrays[endpoint.column]
    present = {list(column.levels)[place] for place in np.unique(array) if place >= 0}
    for response in endpoint.responses:
        if response in column.levels and response not in present:
            source.note("W_UNUSED_CODE", f"{response} counts as a response of {endpoint.name} and never occurs", None,
                        source.header(endpoint.column))
    missing = int((array < 0).sum()) - len(table.faulty.get(endpoint.column, []))
    if missing:
        source.note("W_MISSING_RESPONSE",
                    f"{missing} of {len(array)} patients have no {endpoint.column}: they are listed as "
                    "missing; codes such as NE stay in the denominator as non-responders",
                    int(table.rows[np.flatnonzero(array < 0)[0]]), source.header(endpoint.column))


def _states(source: Source, table: Table, endpoint: Endpoint) -> None:
    """A time needs a state and a state a time; 1 and 2 without 0 may be another convention."""
    time, status = table.arrays[endpoint.time], table.arrays[endpoint.status]
    unknown = status < 0 if table.columns[endpoint.status].type in LEVELLED else np.isnan(status)
    told = np.ones(len(time), dtype=bool)
    for name in (endpoint.time, endpoint.status):
        told[table.faulty.get(name, [])] = False  # what was refused is not missing
    for position in np.flatnonzero(told & unknown & ~np.isnan(time))[:NAMED]:
        source.note("E_VALUE_MISSING", f"{endpoint.name} has a time and no status", int(table.rows[position]),
                    source.header(endpoint.status), "Fill it in")
    for position in np.flatnonzero(told & ~unknown & np.isnan(time))[:NAMED]:
        source.note("E_VALUE_MISSING", f"{endpoint.name} has a status and no time", int(table.rows[position]),
                    source.header(endpoint.time), "Fill it in")
    if not endpoint.status_values and table.columns[endpoint.status].type == "number":
        present = set(np.unique(status[~unknown]))
        if present == {1.0, 2.0}:
            source.note("E_EVENT_CODE",
                        f"the status of {endpoint.name} is 1 or 2 and never 0: is 2 the event, or a competing "
                        "event?", None, source.header(endpoint.status),
                        "Say so with status_values = { event = [2], censored = [1] }, or with competing = [2]")


def _terms(source: Source, table: Table) -> None:
    """Terms that differ only in case or spaces: counted apart unless a declared map brings them together."""
    if "term" not in table.arrays or table.columns["term"].type in LEVELLED:
        return
    present = sorted(_present(table, "term"))
    elsewhere = "gvhd" in source.study.frames  # where grades of GVHD stand
    counted = [term.name for term in source.study.terms.values()
               if not term.laboratory and not (elsewhere and term.grading.startswith("MAGIC"))]
    for variants in _variants([*counted, *present]).values():
        used = [term for term in variants if term in present]
        declared = [term for term in variants if term in counted]
        if len(variants) < 2 or not used:
            continue
        listed = ", ".join(repr(term) for term in variants)
        mapping = f'Map them with values = {{ "{used[-1]}" = "{variants[0]}" }} in [frames.events.columns] term'
        if declared and not set(declared) & set(used):
            source.note("E_LEVEL",
                        f"term {declared[0]!r} never occurs, but {', '.join(map(repr, used))} does: they would be "
                        "counted apart", None, source.header("term"), mapping)
        else:
            source.note("W_NEAR_DUPLICATE_TERM",
                        f"these terms differ only in case or spaces and are counted apart: {listed}",
                        None, source.header("term"), mapping)
    _slips(source, counted, present)


def _slips(source: Source, counted: list[str], present: list[str]) -> None:
    """A term that is one letter off one that is counted is counted nowhere."""
    for term in present:
        if term in source.study.terms or len(term) < LONG or not _spelled(term).isalpha():
            continue
        like = next((other for other in counted if _spelled(other) != _spelled(term) and slip(_spelled(term), _spelled(other))),
                    "")
        if like:
            source.note("W_NEAR_DUPLICATE_TERM", f"{term!r} is one letter off {like!r}, and is counted apart from it", None,
                        source.header("term"), f'Correct it, or map it with values = {{ "{term}" = "{like}" }} in '
                        "[frames.events.columns] term")


def _variants(names: list[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(_spelled(name), []).append(name)
    return groups


def _spelled(name: str) -> str:
    """A name without capitals and signs between its words, and these as one."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _units(source: Source, table: Table) -> None:
    """One unit per analyte: the declared one, both signs for micro counting as one."""
    if "unit" not in table.arrays or "analyte" not in table.arrays:
        return
    seen: dict[str, dict[str, int]] = {}
    for (analyte, unit), position in _pairs(table.numbered("analyte"), table.numbered("unit")).items():
        if analyte is not None and unit is not None:
            seen.setdefault(analyte, {}).setdefault(unit, position)
    for analyte, found in seen.items():
        declared = source.study.analytes.get(analyte)
        expected = declared.unit if declared and declared.unit else next(iter(found))
        for unit, position in found.items():
            if _plain(unit) != _plain(expected):
                source.note("E_UNIT", f"{analyte} is measured in {unit}, where {expected} is "
                            f"{'declared' if declared and declared.unit else 'used in other rows'}",
                            int(table.rows[position]),
                            source.header("unit"), "Convert the values, or declare the unit that all rows have")


def _pairs(one: tuple[Sequence[str | None], np.ndarray],
           other: tuple[Sequence[str | None], np.ndarray]) -> dict[tuple[str | None, str | None], int]:
    """Every pair of texts that a row has, with the first such row, in the order of these rows."""
    first: dict[tuple[str | None, str | None], int] = {}
    seen = np.zeros((len(one[0]), len(other[0])), dtype=bool)
    for part in ordering.portions(len(one[1])):
        a, b = one[1][part], other[1][part]
        fresh = np.flatnonzero(~seen[a, b])
        while len(fresh):
            now = a[fresh[0]], b[fresh[0]]
            first[one[0][now[0]], other[0][now[1]]] = part.start + int(fresh[0])
            seen[now] = True
            fresh = fresh[~seen[a[fresh], b[fresh]]]
    return first


def _present(table: Table, name: str, rows: np.ndarray | None = None) -> set[str]:
    """The texts of a column that some row has, or some of these rows."""
    texts, codes = table.numbered(name)
    codes = codes if rows is None else codes[rows]
    return {text for text, n in zip(texts, np.bincount(codes, minlength=len(texts))) if n and text is not None}


def _plain(unit: str) -> str:
    """Units as they are compared: micro sign and Greek mu alike, superscripts as digits, no spaces."""
    folded = unicodedata.normalize("NFKC", unit).replace("^", "").replace("·", "").replace("*", "×")
    return "".join(folded.split())


def _analytes(source: Source, table: Table) -> None:
    """Analytes that the study reads and the file never mentions."""
    if "analyte" not in table.arrays:
        return
    study = source.study
    wanted = {**dict.fromkeys(study.analytes),
              **{term.laboratory: None for term in study.terms.values()
                 if term.laboratory and term.laboratory not in study.subjects.columns},
              **{column.read_from.analyte: None for column in study.subjects.columns.values()
                 if column.read_from is not None and column.read_from.analyte}}
    present = _present(table, "analyte")
    valued = _present(table, "analyte", _known(table, "value")) if "value" in table.arrays else present
    for analyte in wanted:
        others = sorted(name for name in present if name not in wanted and _spelled(name) == _spelled(analyte))
        if analyte not in present:
            source.note("W_UNUSED_CODE", f"analyte {analyte} never occurs{nearest(analyte, sorted(present))}", None,
                        source.header("analyte"))
        elif analyte not in valued and "value" not in table.faulty:
            source.note("W_UNUSED_CODE", f"analyte {analyte} has rows, and not one value", None, source.header("value"))
        elif others:
            source.note("W_NEAR_DUPLICATE_TERM", f"rows of {', '.join(map(repr, others))} are not counted as {analyte!r}", None,
                        source.header("analyte"), f'Map them with values = {{ "{others[0]}" = "{analyte}" }} in '
                        "[frames.series.columns] analyte")


def _qualified(source: Source, table: Table) -> None:
    """A qualifier asks for a declared limit, and for one that it doesn't contradict: `<50` may be above a limit of 10."""
    if not {"analyte", "qualifier", "value"} <= set(table.arrays) or isinstance(table.arrays["value"], Words):
        return
    (names, which), values = table.numbered("analyte"), table.arrays["value"]
    signs = table.words("qualifier").places({"<": 0, ">": 1})
    for known in source.study.analytes.values():
        mine = which == names.index(known.name) if known.name in names else np.zeros(len(which), dtype=bool)
        for sign, limit, key in ((0, known.lloq, "lloq"), (1, known.uloq, "uloq")):
            rows = mine & (signs == sign)
            if limit is None:
                found = ("E_CENSORED_VALUE", f"a value beyond the limit of quantification, and no rule for {known.name}",
                         f"Declare {key} for the analyte")
            else:
                rows &= values > limit if sign == 0 else values < limit
                found = ("W_CENSORED_VALUE", f"a limit on the measured side of the declared {key} of {known.name} ({limit:g}): "
                         f"the value may lie on either side, and counts as {'above' if sign else 'below'} it",
                         f"Declare the {'lowest' if sign else 'highest'} {key} that was used, or enter what was measured")
            column = source.header("qualifier" if limit is None else "value")
            for position in np.flatnonzero(rows)[:NAMED]:
                source.note(found[0], found[1], int(table.rows[position]), column, found[2])
    _undeclared(source, table, which, signs)


def _undeclared(source: Source, table: Table, which: np.ndarray, signs: np.ndarray) -> None:
    """Values below limits of their own, of analytes that are only read out: half of a large limit is more than what is
    measured elsewhere, and more than half of a smaller one."""
    names, values = table.numbered("analyte")[0], table.arrays["value"]
    picked = {column.read_from.analyte: None for column in source.study.subjects.columns.values() if column.read_from is not None}
    for name in picked:
        if name in source.study.analytes or name not in names:
            continue
        mine = (which == names.index(name)) & ~np.isnan(values) & (signs != 1)
        lowest = values[mine].min(initial=np.inf)
        for position in np.flatnonzero(mine & (signs == 0) & (values > lowest))[:NAMED]:
            source.note("W_CENSORED_VALUE", f"below a limit of its own, and no lower limit is declared for {name}: it counts as "
                        "half of this limit, and may lie on either side of lower values and limits in other rows",
                        int(table.rows[position]), source.header("value"),
                        f"Declare {name} under [analytes] with the highest lloq that was used: what lies below it then ties")
