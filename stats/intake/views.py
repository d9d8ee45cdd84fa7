"""Views of a database: those that always give the same rows, made from tables of their own file, may be read.

What a view may reach is shut off where the database is opened (`database`). Here is told, before it is read, that it would
ask the clock, draw at random, or read something else than tables: two builds of one file would then differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SPOKEN = re.compile(r'CREATE VIEW [\w.]+ (?:\([\w, ]+\) )?AS (?=SELECT|WITH|FROM|PIVOT|UNPIVOT|VALUES|\()', re.ASCII)
ROWS = ("range", "generate_series", "unnest")  # functions that make rows out of their arguments alone
CLOCK = ("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp")  # written without brackets
# functions without an overload that always answers alike, or with one that never does
UNSTEADY = """SELECT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'window')
GROUP BY 1 HAVING bool_or(stability = 'VOLATILE') OR NOT bool_or(stability = 'CONSISTENT')"""
MACROS = "SELECT function_name, macro_definition FROM duckdb_functions() WHERE function_type = 'macro'"
VIEWS = "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal AND database_name = current_database()"
TABLES = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"


def fault(database: DuckDBPyConnection, name: str) -> str:
    """Why the rows of this view, or of one it stands on, could differ from reading to reading; '' if they can't."""
    views: dict[str, str] = dict(database.sql(VIEWS).fetchall())
    if name not in views:
        return ""
    macros: dict[str, str] = dict(database.sql(MACROS).fetchall())
    tables = {row[0] for row in database.sql(TABLES).fetchall()}
    unsteady = {row[0] for row in database.sql(UNSTEADY).fetchall()} | {"age"}
    waiting, done = [name], set[str]()
    while waiting:
        view = waiting.pop()
        spoken = SPOKEN.match(views[view])
        if spoken is None:
            return f"the definition of {view} can't be looked through"
        found = list(_named(database, views[view][spoken.end():], macros))
        parts = {called for kind, called in found if kind == "part"}
        for kind, called in found:
            if kind == "function" and called in unsteady:
                return f"{view} calls {called}, which doesn't answer alike each time"
            if kind == "other" or (kind == "table" and called not in {*tables, *views, *parts}):
                return f"{view} reads from {called}, which is no table of the database"
            if kind == "table" and called in views and called not in done:
                waiting.append(called)
        done.add(view)
    return ""


def _named(database: DuckDBPyConnection, query: str, macros: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(function, table, other, or part of the query itself; its name) of all that is named; macros are looked into."""
    waiting, seen = [query], set[str]()
    while waiting:
        text = database.sql("SELECT json_serialize_sql($query)", params={"query": waiting.pop()}).fetchall()[0][0]
        try:
            tree = json.loads(text)
        except RecursionError:
            tree = {"error": True}
        if tree.get("error"):
            yield "other", "something that can't be looked through"
            return
        for kind, name in _walk(tree):
            yield kind, name
            if kind == "function" and name in macros and name not in seen:
                seen.add(name)
                waiting.append(f"SELECT {macros[name]}")


def _walk(tree: Any) -> Iterator[tuple[str, str]]:
    """The same of one query's tree; without recursion, since a hostile one may be deep."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        if not isinstance(node, dict):
            continue
        inner, what = list(node.values()), node.get("type")
        if node.get("class") in ("FUNCTION", "WINDOW"):
            yield "function", str(node["function_name"]).casefold()
        elif node.get("class") == "COLUMN_REF" and str(node["column_names"][-1]).casefold() in CLOCK:
            yield "function", "now"
        elif what == "TABLE_FUNCTION":
            called = str(node["function"]["function_name"]).casefold()
            if called not in ROWS:
                yield "other", called
            inner = [node["function"].get("arguments"), *(value for key, value in node.items() if key != "function")]
        elif what == "BASE_TABLE":
            yield "table", str(node["table_name"])
        elif "cte_map" in node:
            yield from (("part", str(one["key"])) for one in node["cte_map"]["map"])
        elif what == "SHOW_REF":
            yield "other", "a description of the database"
        if isinstance(node.get("sample"), dict):
            yield "function", "random"
        waiting += inner
