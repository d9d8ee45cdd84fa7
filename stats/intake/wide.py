"""A series whose days stand beside each other, one row per patient: each declared column becomes rows of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from stats.intake import schema
from stats.intake.raw import Cells, Raw
from stats.intake.schema import Table
from stats.intake.source import Source
from stats.intake.words import Words, concatenated


def typed(source: Source, raw: Raw) -> Table:
    """The long table. An empty cell is no measurement; a cell that can't be read is named by its own column and row."""
    kept = {name: cells for name, cells in raw.columns.items() if name not in source.wide}
    common = schema.typed(source, Raw(kept, raw.rows, raw.unused, raw.sheet))
    pieces: list[Table] = []
    chosen: list[np.ndarray] = []
    for header, (analyte, day) in source.wide.items():
        cells = raw.columns[header]
        missing = {"", *source.frame.missing}
        filled = np.array([cell.strip() not in missing for cell in cells.distinct], dtype=bool)[cells.codes]
        at = np.flatnonzero(filled)
        source.headers["value"] = header
        column = Cells([analyte], np.zeros(len(at), dtype=np.int32))
        piece = schema.typed(source, Raw({"value": cells.kept(filled), "analyte": column}, raw.rows[at]))
        piece.arrays["day"] = np.full(len(at), day)
        pieces.append(piece)
        chosen.append(at)
    del source.headers["value"]
    at = np.concatenate(chosen)
    arrays = {name: array[at] for name, array in common.arrays.items()}
    arrays |= {name: _together([piece.arrays[name] for piece in pieces]) for name in pieces[0].arrays}
    columns = {**common.columns, **pieces[0].columns, "day": source.columns["day"]}
    faulty = {name: np.flatnonzero(np.isin(at, places)) for name, places in common.faulty.items()}
    starts = np.cumsum([0, *map(len, chosen)])
    broken = [start + piece.faulty["value"] for start, piece in zip(starts, pieces) if "value" in piece.faulty]
    faulty |= {"value": np.concatenate(broken)} if broken else {}
    return Table(arrays, columns, raw.rows[at], raw.unused, faulty)


def _together(parts: list[Any]) -> Any:
    """Arrays, or columns of texts, one after the other."""
    return concatenated(parts) if isinstance(parts[0], Words) else np.concatenate(parts)
