"""Parquet files: columns already have types; they are spelled out and checked like every other file's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from stats.intake.excel import spelled
from stats.intake.numbers import shortest
from stats.intake.raw import Cells, Raw, coded
from stats.intake.source import Source


def read(source: Source) -> Raw | None:
    """The declared columns of a Parquet file; None after noting why it can't be used."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(source.path) as file:
            header = file.schema_arrow.names
            positions = source.locate(header)
            if positions is None:
                return None
            table = file.read(columns=[header[place] for place in positions.values()])
    except (pa.ArrowException, OSError) as error:
        source.note("E_FILE_BROKEN", f"the Parquet file can't be read ({type(error).__name__})",
                    remedy="Export it again")
        return None
    columns: dict[str, Cells] = {}
    for name, place in positions.items():
        column = table.column(header[place])
        if pa.types.is_nested(column.type):
            source.note("E_CELL_NESTED", "the column holds lists or records, not single values", None,
                        source.header(name))
            continue
        columns[name] = cells(column, source.frame.date_format)
    rows = np.arange(table.num_rows, dtype=np.int64) + 2
    return None if source.fatal else Raw(columns, rows, tuple(source.unused(header, positions)))


def cells(column: Any, date_format: str) -> Cells:
    """Distinct values spelled once; missing ones become the empty cell."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    coded_column = column.combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(coded_column, pa.ChunkedArray):
        coded_column = coded_column.combine_chunks()
    spelled_once = _values(coded_column.dictionary)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        spelled_once = ["" if value is None else value for value in spelled_once]
    else:
        single = pa.types.is_float32(column.type)
        spelled_once = [_spelled(shortest(value) if single and value is not None else value, date_format)
                        for value in spelled_once]
    return coded(coded_column.indices.to_numpy(zero_copy_only=False), spelled_once)


def _values(distinct: Any) -> list[Any]:
    """Plain values of an Arrow array; a date that no calendar holds becomes a text that says so."""
    try:
        return distinct.to_pylist()
    except (OverflowError, ValueError):
        return [_value(one) for one in distinct]


def _value(one: Any) -> Any:
    try:
        return one.as_py()
    except (OverflowError, ValueError):
        return "a day beyond the calendar"


def _spelled(value: Any, date_format: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return spelled(value, date_format)
