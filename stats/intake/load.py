"""All frames of a study, read, checked, joined and sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stats.findings import Problem
from stats.intake import codes, files, joins, oddities, privacy, rows, schema, wide
from stats.intake.portion import Portion
from stats.intake.raw import Letters, Raw, Rows
from stats.intake.schema import Table
from stats.intake.source import Source
from stats.intake.words import Texts, Words
from stats.study.types import Column, Study


def load(study: Study, *, allow_outside: bool = False,
         portion: Portion | None = None) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Typed frames by name, in the study's order, and everything that was found wrong, repaired or odd.

    With a portion, of its patients alone.

    Frames that can't be read are left out, and then a problem with an ``E_`` code says why. Every frame is sorted by
    subject, day and the rest, has a RangeIndex, and carries in `attrs`: ``rows``, the row in the file of each line;
    ``unused``, the headers of the file that the study doesn't name; ``letters``, the columns of a workbook by header.
    """
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    aside: set[str] = set()
    letters: dict[str, dict[str, str]] = {}
    order = sorted(study.frames, key=lambda name: name != "subjects")
    for name in order:
        source = Source(study, study.frames[name], portion=portion)
        table = _read(source, allow_outside)
        if table is not None:
            if name == "subjects":
                aside = source.aside
            table = joins.ids(source, joins.without(table, aside), tables.get("subjects"))
            joins.days(source, table, tables.get("subjects"))
            codes.check(source, table)
            tables[name], letters[name] = table, source.letters
        problems += dict.fromkeys(source.problems)
    everybody = _everybody(tables.get("subjects"))
    frames = {name: _frame(tables.pop(name), letters[name], everybody) for name in study.frames if name in tables}
    return frames, problems


def _read(source: Source, allow_outside: bool) -> Table | None:
    if not files.found(source, allow_outside):
        return None
    raw = _raw(source)
    if raw is None:
        return None
    if not len(raw.rows) and source.frame.name == "subjects":
        source.note("E_NO_ROWS", "the file has a header and no rows: 0 patients", remedy="Export it again")
        return None
    privacy.scan(source, raw)
    oddities.scan(source, raw)
    raw = rows.chosen(source, joins.without_summary_rows(source, raw))
    if not len(raw.rows) and source.frame.name == "subjects" and not source.fatal:
        source.note("E_NO_ROWS", "no row of the file belongs to the subjects",
                    remedy="Check where, instrument and event of [frames.subjects]")
        return None
    table = wide.typed(source, raw) if source.wide else schema.typed(source, raw)
    if source.frame.name == "subjects" and "subject" not in source.frame.columns:
        # one file and no identifier: a row is a patient, called by its place in the file
        width = len(str(len(table.rows)))
        table.columns = {"subject": Column("subject", "id"), **table.columns}
        names = Texts(f"{i:0{width}d}" for i in range(1, len(table.rows) + 1))
        table.arrays = {"subject": Words(names, np.arange(len(names), dtype=np.int32)), **table.arrays}
    if source.frame.name == "subjects" and "arm" not in table.columns and len(source.study.arms) == 1:
        table.columns["arm"] = Column("arm", "arm", label="Arm", levels=source.study.arms)
        table.arrays["arm"] = np.zeros(len(table.rows), dtype=np.int64)
    return table


def _everybody(subjects: Table | None) -> Everybody | None:
    """The subjects in order of their identifiers; None where these don't tell patients apart."""
    if subjects is None or "subject" not in subjects.arrays:
        return None
    words = subjects.words("subject")
    if words.missing().any() or words.counts().max(initial=0) > 1:
        return None
    levels, place = words.levels()
    names = pd.Index(levels, dtype=object)
    assert names.is_monotonic_increasing  # pandas notes that no two are alike, and looks for none in a table of texts
    return Everybody(words.values, place, pd.CategoricalDtype(names))


def _raw(source: Source) -> Raw | None:
    """The raw table, by the reader of the file's kind; each is imported only when a study needs it."""
    kind = files.ending(source)
    if source.through_duckdb:
        from stats.intake.database import read
    elif kind in files.TEXTS:
        from stats.intake.text import read
    elif kind == "xlsx":
        from stats.intake.excel import read
    elif kind == "parquet":
        from stats.intake.parquet import read
    else:
        from stats.intake.transport import read
    return read(source)


def _frame(table: Table, letters: dict[str, str], everybody: Everybody | None) -> pd.DataFrame:
    order = schema.order(table)
    if order is not None:  # most files stand in order, and need no copy
        table = table.kept(order)
    if everybody is not None and "subject" in table.arrays:
        table.arrays["subject"] = everybody.numbered(table.words("subject"))
    made = schema.frame(table)
    made.attrs = {"rows": Rows(table.rows), "unused": table.unused, "letters": Letters(letters)}
    return made


@dataclass(frozen=True)
class Everybody:
    """The subjects' identifiers as a type of pandas: `place[i]` is that of `texts[i]` in its order, -1 where nobody has it."""

    texts: Texts
    place: np.ndarray
    dtype: pd.CategoricalDtype

    def numbered(self, words: Words) -> pd.Categorical | Words:
        """Identifiers as numbers into the list of the subjects': whose row it is needs no comparing of texts.

        A frame of people who are not all subjects, such as those screened, keeps them as texts.
        """
        place = np.append(self.place, -1)[words.values.places(self.texts)]
        codes: Any = words.codes if (place == np.arange(len(place))).all() else place[words.codes]
        if codes.min(initial=0) >= 0 or ((codes >= 0) | words.missing()).all():
            return pd.Categorical.from_codes(codes, dtype=self.dtype)
        return words
