"""What every derivation returns, and how it points at a cell of the user's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from stats.analyses._owners import owners
from stats.findings import Problem
from stats.study.types import Column, Frame, Study

Frames = dict[str, pd.DataFrame]
LONG = 100_000  # rows from which a copy costs more than columns that lie apart
PIECES = 50  # columns lying apart that pandas still takes without complaint
NAMED = 10  # rows that a finding about many of them names
ROWS = "rows"  # frame.attrs key, written by intake: the spreadsheet row of each line of the frame


class Step(NamedTuple):
    """`frames` with something added, the problems met, and the keys of the definitions that were used."""

    frames: Frames
    problems: tuple[Problem, ...] = ()
    ran: tuple[str, ...] = ()


def with_frame(frames: Mapping[str, pd.DataFrame], name: str, frame: pd.DataFrame) -> Frames:
    """The frames with one replaced or added; the rest is shared, nothing is copied."""
    return {**frames, name: frame}


def with_columns(frames: Mapping[str, pd.DataFrame], name: str, columns: Mapping[str, Any]) -> Frames:
    """The frames, one of them with columns added or replaced."""
    return with_frame(frames, name, replaced(frames[name], columns))


def replaced(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with columns added or replaced; the others are shared."""
    made = frame.copy(deep=False)
    for name, values in columns.items():
        made[name] = values
    return made


def bare(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without its places in the user's files: pandas copies what a frame carries with every column it hands out."""
    made = frame.copy(deep=False)
    made.attrs = {}
    return made


def framed(columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of these columns. A long one has the arrays themselves: pandas would stack copies of them by their type."""
    rows = max(map(len, columns.values()), default=0)
    return pd.DataFrame(columns, index=pd.RangeIndex(rows), copy=rows < LONG or len(columns) > PIECES)


def source_row(frame: pd.DataFrame, position: int | np.integer[Any]) -> int | None:
    """The row as the user's spreadsheet shows it (header = 1), when intake kept it."""
    rows = frame.attrs.get(ROWS)
    return int(rows[position]) if rows is not None and position < len(rows) else None


def header(study: Study, frame: str, column: str) -> str:
    """A column's name as it stands in the user's file."""
    declared = columns_of(study, frame).get(column)
    return declared.source or column if declared else column


def problem(study: Study, frames: Mapping[str, pd.DataFrame], code: str, reason: str, frame: str = "subjects",
            position: int | np.integer[Any] | None = None, column: str = "", remedy: str = "",
            value: Any = "") -> Problem:
    """A problem at a cell of a frame; `position` counts the frame's rows from 0."""
    declared = study.frames.get(frame)
    row = source_row(frames[frame], position) if position is not None and frame in frames else None
    headers = [header(study, frame, name) for name in column.split(" and ")] if column else []
    if declared and position is not None and "wide" in declared.options:  # a day stands in the file as a column
        headers = list(dict.fromkeys(_beside(declared, frames[frame], position, name) for name in headers))
    letters = frames[frame].attrs.get("letters", {}) if row and frame in frames else {}
    return Problem(code, reason, file=declared.file if declared else frame, row=row, column=" and ".join(headers),
                   remedy=remedy, value="" if pd.isna(value) else str(value), sheet=declared.sheet if declared else "",
                   cell=" and ".join(f"{letters[name]}{row}" for name in headers) if letters and headers and
                   set(headers) <= set(letters) else "")


def of_rows(study: Study, frames: Mapping[str, pd.DataFrame], code: str, reason: str, frame: str, rows: Iterable[int],
            column: str = "", remedy: str = "") -> Problem:
    """A problem of several rows of a frame at once, placed at the first of them in the file; `rows` are positions.

    {rows} in the reason becomes the first ten row numbers as the file shows them: "(row 4)", "(rows 4, 9, 12)"; {was}
    becomes "was" or "were".
    """
    rows = list(rows)
    known = sorted((source_row(frames[frame], row), row) for row in rows if source_row(frames[frame], row) is not None)
    listed = ", ".join(str(number) for number, _ in known[:NAMED]) + (" …" if len(known) > NAMED else "")
    said = f" (row{'s' if len(known) > 1 else ''} {listed})" if known else ""
    reason = reason.replace(" {rows}", said).replace("{was}", "was" if len(rows) == 1 else "were")
    return problem(study, frames, code, reason, frame, known[0][1] if known else None, column, remedy)


def _beside(declared: Frame, frame: pd.DataFrame, position: int | np.integer[Any], name: str) -> str:
    """The header that holds a row of days beside each other, for what that header tells of the row; else the name."""
    analyte, day = frame["analyte"].iloc[position], frame["day"].iloc[position]
    own = (head for head, told in declared.options["wide"].items() if told == (analyte, day))
    return next(own, name) if name in ("analyte", "day", "value") else name


def columns_of(study: Study, frame: str) -> Mapping[str, Column]:
    """The declared columns of a frame; none when it is not declared."""
    declared: Frame | None = study.frames.get(frame)
    return declared.columns if declared else {}


def positions(subjects: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray:
    """For every row of a long frame the position of its subject in `subjects` (-1: unknown).

    Long frames come sorted by subject, so only the first row of each run of equal subjects is looked up.
    """
    if isinstance(frame["subject"].dtype, pd.CategoricalDtype) and frame["subject"].dtype == subjects["subject"].dtype:
        return owners(subjects, frame)
    who, known = frame["subject"].to_numpy(dtype=object), subjects["subject"].to_numpy(dtype=object)
    heads = np.flatnonzero(np.append(np.ones(min(len(who), 1), dtype=bool), who[1:] != who[:-1]))
    names = who[heads]
    if len(names) == len(known) and bool((names == known).all()):
        at = np.arange(len(known))
    else:
        at = pd.Index(known).get_indexer(pd.Index(names, dtype=object))
    return np.repeat(at, np.diff(np.append(heads, len(who))))


def levelled(codes: Any, levels: Iterable[str]) -> pd.Categorical:
    """An ordered category from numbers into its levels."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(levels), dtype=object), ordered=True)


def numbers(values: pd.Series) -> np.ndarray:
    """A column as floats, missing as nan. Flags become 0 and 1; ordered levels that are numerals their number."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = pd.to_numeric(pd.Series(values.cat.categories, dtype=object), errors="coerce").to_numpy(float)
        codes = values.cat.codes.to_numpy()
        return np.where(codes >= 0, np.append(levels, np.nan)[codes], np.nan)
    if values.dtype == object:
        return pd.to_numeric(values, errors="coerce").to_numpy(float)
    return values.to_numpy(float, na_value=np.nan)


def words(values: pd.Series) -> np.ndarray:
    """A column as text objects, missing as None; whole numbers without a decimal point."""
    if pd.api.types.is_bool_dtype(values.dtype):
        values = values.astype("Int64")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return np.array([None if pd.isna(v) else f"{float(v):.15g}" for v in values], dtype=object)
    missing = values.isna().to_numpy()
    out = values.astype(object).to_numpy(dtype=object).copy()
    out[missing] = None
    return out


def first_of(names: tuple[str, ...], frame: pd.DataFrame) -> str:
    """The first of several spellings that the frame has, or ''."""
    return next((name for name in names if name in frame), "")
