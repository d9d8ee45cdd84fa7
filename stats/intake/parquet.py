"""Parquet files: columns already have types; they are spelled out and checked like every other file's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from stats.intake.dates import BEYOND
from stats.intake.excel import spelled
from stats.intake.numbers import shortest
from stats.intake.raw import Cells, Raw, coded, numbered, sighted
from stats.intake.source import Source


def read(source: Source) -> Raw | None:
    """The declared columns of a Parquet file; None after noting why it can't be used."""
    import pyarrow as pa
    from pyarrow import parquet

    columns: dict[str, Cells] = {}
    try:
        schema = parquet.read_schema(source.path)
        header = schema.names
        positions = source.locate(header)
        if positions is None:
            return None
        texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
        with parquet.ParquetFile(source.path, read_dictionary=texts) as file:
            for name, place in positions.items():  # one by one, so that no other is in memory as it stands in the file
                column = file.read(columns=[header[place]]).column(header[place])
                if pa.types.is_nested(column.type):
                    source.note("E_CELL_NESTED", "the column holds lists or records, not single values", None,
                                source.header(name))
                    continue
                columns[name] = cells(column, source.frame.date_format, header[place] in texts)
                del column
                pa.default_memory_pool().release_unused()
            rows = numbered(2, file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        source.note("E_FILE_BROKEN", f"the Parquet file can't be read ({type(error).__name__})",
                    remedy="Export it again")
        return None
    return None if source.fatal else Raw(columns, rows, tuple(source.unused(header, positions)))


def cells(column: Any, date_format: str, distinct: bool = False) -> Cells:
    """Distinct values spelled once; missing ones become the empty cell. `distinct` texts are known to be different."""
    import pyarrow as pa

    whole = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values = _values(whole.chunk(whole.num_chunks - 1).dictionary) if whole.num_chunks else []
    gap = values.index("") if distinct and "" in values else len(values)
    codes = np.concatenate([np.empty(0, dtype=np.int32),
                            *(part.indices.fill_null(gap).to_numpy() for part in whole.chunks)])
    if distinct:
        return sighted(Cells(values if gap < len(values) else [*values, ""], codes))
    single = pa.types.is_float32(whole.type.value_type)
    texts = [_spelled(shortest(value) if single and value is not None else value, date_format) for value in values]
    return sighted(coded(codes, [*texts, ""]))


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
        return BEYOND


def _spelled(value: Any, date_format: str) -> str:
    if isinstance(value, float):  # first, since these are the many
        return "" if math.isnan(value) else str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return spelled(value, date_format)
