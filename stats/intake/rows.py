"""Which rows of a file belong to a frame: those its condition names, and REDCap's instruments and events.

Rows are chosen before their cells are checked, so that several frames can share a file without meeting each other's
cells. A row whose condition can't be decided, for want of a value, does not belong; a cell of the condition that
can't be read at all is refused, since nobody knows where its row belongs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stats import where
from stats.intake import schema
from stats.intake.raw import Raw
from stats.intake.source import Source
from stats.study.roles import frame_columns


def chosen(source: Source, raw: Raw) -> Raw:
    """The table without the rows of other instruments and events and those that fail the frame's condition."""
    keep = np.ones(len(raw.rows), dtype=bool)
    for name, wanted in source.selectors.items():
        cells = raw.columns[name]
        places = [place for place, cell in enumerate(cells.distinct) if cell.strip() in (wanted or ("",))]
        keep[np.setdiff1d(np.arange(len(keep)), cells.rows_of(places))] = False
    if not source.frame.where:
        return _without(source, raw, keep)
    condition = where.compile(source.frame.where, {name: column for name, column in frame_columns(source.frame).items()
                                                   if column.in_file})
    missing = [name for name in condition.names if name not in raw.columns]
    for name in missing:
        source.note("E_COLUMN_MISSING", f"the condition of [frames.{source.frame.name}] reads {name}, which is not in "
                    "the file", source.header_row, name)
    if missing:
        return _without(source, raw, keep)
    look = Source(source.study, replace(source.frame, name="rows", columns={}, where="", options={}))
    look.columns = {name: replace(source.columns[name], required=False, range=None) for name in condition.names}
    look.decimal, look.repaired_delimiter, look.headers = source.decimal, source.repaired_delimiter, source.headers
    table = schema.typed(look, Raw({name: raw.columns[name] for name in condition.names}, raw.rows))
    source.problems += [  # an empty cell decides nothing, even where those who stay need a value
        problem
        for problem in look.problems
        if problem.fatal and problem.code != "E_VALUE_MISSING" and keep[_at(raw, problem.row)]
    ]
    return _without(source, raw, keep & condition.mask(schema.frame(table)))


def _at(raw: Raw, row: int | None) -> int:
    """The position of a row of the file in the table."""
    return int(np.searchsorted(raw.rows, row)) if row is not None else 0


def _without(source: Source, raw: Raw, keep: np.ndarray) -> Raw:
    """The rows to keep; a selector that the frame doesn't declare as a column has done its work."""
    gone = {name for name in source.selectors if name not in source.frame.columns}
    for name in gone:
        del source.columns[name]
    table = Raw({name: cells for name, cells in raw.columns.items() if name not in gone}, raw.rows, raw.unused, raw.sheet)
    if keep.all():
        return table
    who = raw.columns.get("subject")
    if who is not None:
        names = np.array([cell.strip() for cell in who.distinct], dtype=object)
        source.aside = set(names[np.unique(who.codes[~keep])]) - set(names[np.unique(who.codes[keep])])
    return table.kept(keep)
