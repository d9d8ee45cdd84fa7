"""Studies over CSV files, given once more as tables of a DuckDB database, as views, and as several Parquet files."""

from __future__ import annotations

import csv
import datetime
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from tests import built

NAMED = re.compile(r'^file(\s*)=\s*"(\w+)\.csv"', re.MULTILINE)
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
DATABASE = "trial.duckdb"
Columns = dict[str, list[Any]]


def table(path: Path, typed: bool = True) -> Columns:
    """A CSV file by column; with `typed` numbers and dates as such, where every cell can be one. Empty is None."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    cells = {name: [row[i] or None for row in rows] for i, name in enumerate(head)}
    return {name: _typed(column) if typed else column for name, column in cells.items()}


def _typed(column: Sequence[str | None]) -> list[Any]:
    there = [cell for cell in column if cell is not None]
    kinds: tuple[Callable[[str], Any], ...] = (_date, _number)
    for kind in kinds:
        if there and all(kind(cell) is not None for cell in there):
            return [None if cell is None else kind(cell) for cell in column]
    return list(column)


def _date(cell: str) -> datetime.date | None:
    return datetime.date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else None


def _number(cell: str) -> float | None:
    plain = NUMBER.fullmatch(cell) and cell in (repr(float(cell)), str(int(float(cell))))
    return float(cell) if plain else None


def fill(database: Path, name: str, columns: Columns) -> None:
    """A table of the database, made of these columns."""
    made = arrow(columns)
    with duckdb.connect(str(database)) as connection:
        connection.register("given", made)
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
        connection.unregister("given")


def arrow(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values, None if any(v is not None for v in values) else pa.string())
                     for name, values in columns.items()})


def shuffled(columns: Columns, seed: int = 7) -> Columns:
    order = list(range(len(next(iter(columns.values())))))
    random.Random(seed).shuffle(order)
    return {name: [values[i] for i in order] for name, values in columns.items()}


def through(folder: Path, kind: str) -> Path:
    """The study in this folder with every CSV file of its frames given in another way; the files themselves go."""
    text = (folder / "study.toml").read_text("utf-8")
    for name in dict.fromkeys(found[2] for found in NAMED.finditer(text)):
        path = folder / f"{name}.csv"
        give(folder, name, table(path, typed=kind != "text"), kind)
        path.unlink()
    source = r'source\1= "duckdb:\2/*.parquet"' if kind == "parquet" else rf'source\1= "duckdb:{DATABASE}"' "\ntable = \"\\2\""
    (folder / "study.toml").write_text(NAMED.sub(source, text), "utf-8")
    return folder


def give(folder: Path, name: str, columns: Columns, kind: str) -> None:
    if kind == "parquet":
        (folder / name).mkdir()
        made = arrow(shuffled(columns))
        third = -(-made.num_rows // 3)
        for i in range(3):
            parquet.write_table(made.slice(i * third, third), folder / name / f"part {i}.parquet")
        return
    fill(folder / DATABASE, f"{name} as kept" if kind == "view" else name,
         shuffled(columns) if kind == "shuffled" else columns)
    if kind == "view":
        with duckdb.connect(str(folder / DATABASE)) as connection:
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM "{name} as kept"')


def study(source: Path, target: Path, kind: str) -> Path:
    """A copy of a study of this project, given in another way."""
    return through(built.copy_of(source, target), kind)
