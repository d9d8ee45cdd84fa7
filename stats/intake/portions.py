"""Patients in portions, so that never all of them are in memory: bounds between identifiers, found by looking at some.

Frames often stand in the order of their patients; then a portion is read without looking at the rest. Which bounds are
taken decides nothing but how even the portions are: the same patients are counted, each once.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stats.findings import Problem
from stats.intake import database, files
from stats.intake.portion import Portion
from stats.intake.source import Source
from stats.study.types import Study

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
TEXTS = ("VARCHAR", "ENUM", "UUID")
LOOKED_AT = 500  # identifiers for each portion, from which the bounds are taken
SPACE = ("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
         "\u2028\u2029\u202f\u205f\u3000")  # what Python's strip takes away


def portions(study: Study, allow_outside: bool = False) -> tuple[list[Portion], list[Problem]]:
    """Portions of about as many patients as the study allows at once; none when a frame can't be read, and why."""
    kinds: dict[str, tuple[str, str]] = {}  # frame: type and column of its identifiers
    problems: list[Problem] = []
    for frame in study.frames.values():
        source = Source(study, frame)
        found = database.safely(source, partial(_identifier, source)) if files.found(source, allow_outside) else None
        problems += source.problems
        if found is not None:
            kinds[frame.name] = found
    if any(problem.fatal for problem in problems) or set(kinds) != set(study.frames):
        return [], problems
    whole = all(kind in WHOLE for kind, _ in kinds.values())
    keys: dict[str, str] = {}
    for frame in study.frames.values():
        source = Source(study, frame)
        kind, column = kinds[frame.name]
        text = column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"
        keys[frame.name] = column if whole else database.safely(source, partial(_plain, source, text)) or text
    source = Source(study, study.subjects)
    bounds = database.safely(source, partial(_bounds, source, keys["subjects"], study.patients_at_once or 1))
    edges = list(pairwise([None, *(bounds or ()), None]))
    seen: dict[str, int] = {}
    made = [Portion(low, high, keys, i, len(edges), seen) for i, (low, high) in enumerate(edges, start=1)]
    return made, [*problems, *source.problems]


def _identifier(source: Source, connection: DuckDBPyConnection) -> tuple[str, str] | None:
    """Type and quoted name of the column of identifiers."""
    relation = database.relation(source, connection)
    if relation is None or source.locate(relation.columns) is None:
        return None
    name = source.header("subject")
    kind = relation.kind(list(relation.columns).index(name))
    if kind not in (*WHOLE, *TEXTS):
        source.note("E_DUCKDB", f"identifiers of type {kind} can't be brought into portions", None, name,
                    "Store them as texts or as whole numbers")
    return kind, database.quoted(name)


def _plain(source: Source, text: str, connection: DuckDBPyConnection) -> str:
    """The identifiers as they are compared: without outer white space and composed, where any of them needs it."""
    relation = database.relation(source, connection)
    assert relation is not None
    trimmed = f"nfc_normalize(trim({text}, '{SPACE}'))"
    odd = relation.query(connection, f"coalesce(bool_or({text} <> {trimmed}), false)")
    return trimmed if odd[0][0] else text


def _bounds(source: Source, key: str, at_once: int, connection: DuckDBPyConnection) -> list[Any]:
    """Identifiers that part the patients into portions of about equal size."""
    relation = database.relation(source, connection)
    assert relation is not None
    many = relation.query(connection, "count(*)")[0][0]
    parts = math.ceil(many / at_once)
    if parts < 2:
        return []
    every = max(1, many // (parts * LOOKED_AT))
    found = sorted(row[0] for row in relation.query(connection, f"DISTINCT {key}", f"hash({key}) % {every} = 0")
                   if row[0] is not None)
    return list(dict.fromkeys(found[len(found) * i // parts] for i in range(1, parts))) if len(found) > parts else []
