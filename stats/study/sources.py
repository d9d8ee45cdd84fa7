"""Where a frame's rows come from: a file read by the program itself, or what DuckDB reads (``duckdb:…``).

A source stands in the place of the file everywhere (messages, hashes, keys of what is kept), with its prefix, so that no
later step needs to ask which of the two it is.
"""

from __future__ import annotations

from stats.study.part import Part
from stats.study.paths import DUCKDB

TEXTS = ("csv", "tsv", "txt")
ENDINGS = (*TEXTS, "xlsx", "sas7bdat", "xpt", "sav", "dta", "parquet")
DATABASES = ("duckdb", "ddb", "db")
TEXTUAL = ("sheet", "delimiter", "encoding", "header_row", "cells")  # keys that say how a text or a workbook is written


def read(part: Part) -> tuple[str, str]:
    """(file or source, table of a database or '') of a frame's block; problems are noted in its book."""
    file = part.text("file", required="source" not in part.table)
    source = part.text("source", required="source" in part.table)
    table = part.text("table", required="table" in part.table)
    if "source" not in part.table:
        if file and file.rpartition(".")[2].lower() not in ENDINGS:
            part.wrong("file", "a file that ends in " + ", ".join("." + ending for ending in ENDINGS))
        if "table" in part.table:
            part.wrong("table", "left out: only a database, named in source, has tables")
        return file, ""
    if "file" in part.table:
        part.wrong("file", "left out where there is a source: a frame has one origin")
    for key in TEXTUAL:
        if key in part.table:
            part.wrong(key, "left out: what DuckDB reads has typed columns, and no sheets or delimiters")
    kind = source.rpartition(".")[2].lower()
    if source and (not source.startswith(DUCKDB) or kind not in (*DATABASES, "parquet")):
        part.wrong("source", f'"{DUCKDB}" and a database (.{", .".join(DATABASES)}) or Parquet files, such as '
                   f'"{DUCKDB}trial.duckdb" or "{DUCKDB}subjects/*.parquet"')
    elif kind in DATABASES and any(char in source for char in "*?["):
        part.wrong("source", "one database: only Parquet files can be many")
    elif kind in DATABASES and not table:
        part.raw("table", required=True)
    elif kind == "parquet" and table:
        part.wrong("table", "left out: Parquet files hold one table")
    return (source if source.startswith(DUCKDB) else ""), table
