"""Tables that DuckDB reads, from a database file or from Parquet files, with every door to the outside shut.

A database may hold views, and a view may be written to read any file of the machine. So the connection can open nothing
but the files that the study names, can write nothing, spill nothing to the disk, load no extension, see no variable of this
program, and none of that can be changed back (`lock_configuration`). It works with one thread, so that rows come in one
order. What comes out is spelled and checked as the cells of every other file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from stats.findings import nearest
from stats.intake.parquet import cells
from stats.intake.raw import Cells, Raw
from stats.intake.source import Source
from stats.study import paths
from stats.study.sources import DATABASES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Found = TypeVar("Found")
SHUT: Mapping[str, str] = {
    "allow_community_extensions": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false", "python_enable_replacements": "false", "temp_directory": "", "threads": "1",
    "preserve_insertion_order": "true",
}
AFTER = ("SET TimeZone = 'UTC'", "SET enable_external_access = false", "SET lock_configuration = true")
TABLES = """SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database()"""
PLAIN = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT",
         "DOUBLE", "DECIMAL", "VARCHAR", "ENUM", "UUID", "BLOB", "DATE", "TIME", "TIMESTAMP", "JSON")
SPELLED = ("HUGEINT", "UHUGEINT")  # wider than any number Arrow has: taken as the digits they are
OWN = ("file_index", "file_row_number")
MISSING = ("the study reads this with DuckDB, which isn't installed",
           "Install it beside the program, with: .venv/bin/python -m pip install duckdb")


@dataclass(frozen=True)
class Relation:
    """What rows are read from: SQL after FROM with its parameters, columns as they are called, their types in capitals.

    `row` is an expression for the number of a row, counted from 0, or '' where rows have none of their own.
    """

    text: str
    parameters: Mapping[str, Any]
    columns: Sequence[str]
    types: Sequence[str]
    row: str = ""

    def kind(self, place: int) -> str:
        """A column's type without what stands in brackets or after it; lists have none."""
        kind = self.types[place]
        return "" if kind.endswith("]") else kind.partition("(")[0].partition(" ")[0].partition("_")[0]

    def query(self, database: DuckDBPyConnection, shown: str, condition: str = "") -> list[tuple[Any, ...]]:
        """What a few expressions come to, over all rows or those of a condition."""
        where = f" WHERE {condition}" if condition else ""
        return database.sql(f"SELECT {shown} FROM {self.text}{where}", params=dict(self.parameters)).fetchall()


def read(source: Source) -> Raw | None:
    """The declared columns of the source, of its portion of the patients; None after noting why it can't be used."""
    return safely(source, lambda database: _read(source, database))


def _read(source: Source, database: DuckDBPyConnection) -> Raw | None:
    found = relation(source, database)
    return None if found is None else _rows(source, database, found)


def relation(source: Source, database: DuckDBPyConnection) -> Relation | None:
    return _table(source, database) if is_database(source) else _files(source, database)


def safely(source: Source, work: Callable[[DuckDBPyConnection], Found | None]) -> Found | None:
    """What is found on a connection to the source's files; None after noting why there is nothing."""
    try:
        import duckdb
    except ImportError:
        source.note("E_DUCKDB", MISSING[0], remedy=MISSING[1])
        return None
    import pyarrow

    if not _closed(source):
        return None
    try:
        with opened(source) as database:
            return work(database)
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise MemoryError from error
    except (duckdb.Error, pyarrow.ArrowException, OSError) as error:  # whose messages may quote cells
        _told(source, type(error).__name__, str(error))
        return None


@contextmanager
def opened(source: Source) -> Iterator[DuckDBPyConnection]:
    """A connection that reaches the files of this source and nothing else, shut again at the end."""
    import duckdb

    files = [str(path) for path in source.paths]
    if is_database(source):
        database = duckdb.connect(files[0], read_only=True, config=dict(SHUT))
    else:
        database = duckdb.connect(config=dict(SHUT))
    try:
        if not is_database(source):
            listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
            database.execute(f"SET allowed_paths = [{listed}]")
        for line in AFTER:
            database.execute(line)
        yield database
    finally:
        database.close()


def is_database(source: Source) -> bool:
    return source.frame.file.rpartition(".")[2].lower() in DATABASES


def quoted(name: str) -> str:
    """A name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _closed(source: Source) -> bool:
    """Whether the files can be given to DuckDB: nobody is writing the database, no name would be taken for a pattern."""
    for path in source.paths:
        if is_database(source) and path.with_name(path.name + ".wal").exists():
            source.note("E_FILE_UNREADABLE", f"changes that are not in the database yet lie beside it, in {path.name}.wal",
                        remedy="Close the program that has it open; if none has, open it once and run CHECKPOINT")
            return False
        if paths.PATTERN & set(str(path)):
            source.note("E_FILE_UNREADABLE", f"{path} holds a character that DuckDB takes for a pattern",
                        remedy="Rename it without * ? and [")
            return False
    return True


def _told(source: Source, kind: str, message: str) -> None:
    if "Could not set lock" in message or "Conflicting lock" in message:
        source.note("E_FILE_UNREADABLE", "another program has the database open and may be writing to it",
                    remedy="Close it there, and try again")
    elif kind == "PermissionException":
        source.note("E_DUCKDB", "the table or view reaches for something outside of its database, which is never allowed",
                    remedy="Make a table of what it gives, in a program that you trust with it")
    elif "version number" in message or "newer version" in message:
        source.note("E_DUCKDB", "the database was written by another version of DuckDB, which this one can't read",
                    remedy="Install the version that wrote it, or export the table to Parquet there")
    else:
        source.note("E_FILE_BROKEN", f"DuckDB can't read it ({kind})", remedy="Look at it in DuckDB itself; or export it again")


def _table(source: Source, database: DuckDBPyConnection) -> Relation | None:
    """The declared table or view; its name may have its schema before it, as in ``trial.subjects``."""
    from stats.intake import views

    wanted = source.frame.sheet
    present: list[tuple[str, str]] = database.sql(TABLES).fetchall()
    schema, _, bare = wanted.partition(".") if ("main", wanted) not in present else ("main", "", wanted)
    if (schema, bare) not in present:
        names = sorted(table if place == "main" else f"{place}.{table}" for place, table in present)
        source.note("E_TABLE_MISSING", f"the database has no table called {wanted}{nearest(wanted, names)}",
                    remedy=f"Found: {', '.join(names) or 'no table at all'}")
        return None
    why = views.fault(database, bare)
    if why:
        source.note("E_DUCKDB", f"the view can't be read, because {why}", remedy="Make a table of what it gives")
        return None
    text = f"{quoted(schema)}.{quoted(bare)}"
    found = database.sql(f"SELECT * FROM {text} LIMIT 0")
    base = database.sql("SELECT 1 FROM duckdb_tables() WHERE schema_name = $schema AND table_name = $bare",
                        params={"schema": schema, "bare": bare}).fetchall()
    return Relation(text, {}, found.columns, [str(kind) for kind in found.types], "rowid" if base else "")


def _files(source: Source, database: DuckDBPyConnection) -> Relation | None:
    """The Parquet files, which must have the same columns of the same types: nothing is filled in."""
    from pyarrow import parquet

    schemas = [parquet.read_schema(path).remove_metadata() for path in source.paths]
    for path, schema in zip(source.paths, schemas, strict=True):
        if not schema.equals(schemas[0]):
            apart = [name for name in dict.fromkeys([*schemas[0].names, *schema.names])
                     if name not in schema.names or name not in schemas[0].names
                     or not schema.field(name).equals(schemas[0].field(name))]
            source.note("E_FILES_DIFFER", f"{path.name} has other columns than {source.paths[0].name}"
                        + (f": {', '.join(apart)}" if apart else ", in another order"), None, apart[0] if apart else "",
                        "Write all files of the frame with the same columns, of the same types, in the same order")
    names = schemas[0].names
    folded = [name.casefold() for name in names]
    for name in names:
        if folded.count(name.casefold()) > 1 and names.count(name) == 1:
            source.note("E_DUP_COLUMN", f"to DuckDB column {name} and another that differs only in upper and lower case "
                        "have one name", source.header_row, name, "Rename one, or read the file with file = …")
        elif name.casefold() in OWN:
            source.note("E_DUP_COLUMN", f"DuckDB numbers the rows of Parquet files in a column of its own called {name}",
                        source.header_row, name, "Rename it, or read the file with file = …")
    if source.fatal:
        return None
    # no column is made out of the names of folders, and none is looked for by name in another place
    text = "read_parquet($files, hive_partitioning = false, union_by_name = false)"
    starts = np.cumsum([0, *(parquet.read_metadata(path).num_rows for path in source.paths)])
    row = f"file_row_number + list_extract([{', '.join(map(str, starts[:-1]))}], CAST(file_index AS BIGINT) + 1)"
    parameters = {"files": [str(path) for path in source.paths]}
    found = database.sql(f"SELECT * FROM {text} LIMIT 0", params=parameters)
    return Relation(text, parameters, names, [str(kind) for kind in found.types], row)


def _rows(source: Source, database: DuckDBPyConnection, relation: Relation) -> Raw | None:
    positions = source.locate(relation.columns)
    if positions is None:
        return None
    wanted = []
    for name, place in positions.items():
        kind = relation.kind(place)
        if kind not in (*PLAIN, *SPELLED):
            source.note("E_CELL_NESTED", f"the column holds values of type {relation.types[place].partition('(')[0]}, not "
                        "single texts, numbers or dates", None, source.header(name), "Make single values of it in a view")
        column = quoted(relation.columns[place])
        wanted.append(f"CAST({column} AS VARCHAR)" if kind in SPELLED else column)
    if source.fatal:
        return None
    shown = ", ".join(f"{text} AS c{i}" for i, text in enumerate(wanted))
    number = f", {relation.row} AS r" if relation.row else ""
    condition, bounds = source.portion.condition(source.frame.name) if source.portion else ("", {})
    where = f" WHERE {condition}" if condition else ""
    # rows of a view have no place of their own: they are numbered by patient, then in the order of the other columns
    by = sorted(range(len(wanted)), key=lambda i: list(positions)[i] != "subject")
    order = "" if relation.row else f" ORDER BY {', '.join(f'c{i} NULLS LAST' for i in by)}"
    table = database.sql(f"SELECT {shown}{number} FROM {relation.text}{where}{order}",
                         params={**relation.parameters, **bounds}).to_arrow_table()
    columns: dict[str, Cells] = {name: cells(table.column(i), source.frame.date_format)
                                 for i, name in enumerate(positions)}
    before = source.portion.seen.get(source.frame.name, 0) if source.portion else 0
    rows = table.column("r").to_numpy() if relation.row else np.arange(before, before + table.num_rows)
    if source.portion:
        source.portion.seen[source.frame.name] = before + table.num_rows
    return Raw(columns, rows.astype(np.int64) + 2, tuple(source.unused(relation.columns, positions)))
