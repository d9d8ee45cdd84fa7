"""Patients alike in what an analysis asks of them, as one row with their number.

An analysis that asks for patients by `patients` and `with_facts`, and counts them by `size`, `sample` and `number`, can be
run on rows of patients and on counts alike. What it asked for is then all that is kept of the patients: where they are too
many for the memory, they come in portions, and each portion leaves its counts (stats/portions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from stats.analyses._owners import aligned
from stats.groups import Groups, groups
from stats.methods.samples import Sample

NUMBER = "\0number"  # the column of counts, under a name that no study can give
Question = tuple[tuple[str, ...], str, str, tuple[str, ...]]  # columns; key and its value in a longer frame, facts of it


class EachPatient(Exception):
    """An analysis asked for more than counts: it needs all its patients in memory at once."""


class Counted:
    """In place of a frame: for every question its answer, patients alike in it as one row. `answers` by question."""

    def __init__(self, answers: Mapping[Question, pd.DataFrame]):
        self._answers = answers

    def answer(self, question: Question, rows: Any) -> pd.DataFrame:
        return self._answers[question]

    def __contains__(self, column: object) -> bool:
        """Whether a column was asked for and there: a question for what isn't can have no answer."""
        return any(column in columns for columns, *_ in self._answers)

    def __getattr__(self, name: str) -> Any:
        raise EachPatient(name)

    def __getitem__(self, name: object) -> Any:
        raise EachPatient(name)

    def __len__(self) -> int:
        raise EachPatient("len")


class Asking(Counted):
    """Real patients, of whom it is written down what was asked."""

    def __init__(self, subjects: pd.DataFrame):
        super().__init__({})
        self._subjects = subjects
        self.asked: dict[Question, None] = {}

    def __contains__(self, column: object) -> bool:
        return column in self._subjects

    def answer(self, question: Question, rows: Any) -> pd.DataFrame:
        self.asked[question] = None
        return answered(self._subjects, rows._subjects if isinstance(rows, Asking) else rows, question)


def answered(subjects: pd.DataFrame, rows: pd.DataFrame | None, question: Question) -> pd.DataFrame:
    """One row per patient: columns of the subjects, and facts of their row about one thing in a longer frame."""
    columns, key, value, facts = question
    kept = subjects[list(dict.fromkeys(columns))]
    if not facts or rows is None:
        return kept
    about = rows[(rows[key] == value).to_numpy(dtype=bool, na_value=False)]
    return kept.assign(**aligned(subjects, about, facts))


def patients(subjects: pd.DataFrame | Counted, *columns: str) -> pd.DataFrame:
    """These columns of the patients; of counted ones each combination that occurs, with its number."""
    question: Question = (columns, "", "", ())
    return subjects.answer(question, None) if isinstance(subjects, Counted) else answered(subjects, None, question)


def with_facts(subjects: pd.DataFrame | Counted, rows: pd.DataFrame | Counted, about: tuple[str, str],
               columns: Sequence[str], facts: Sequence[str]) -> pd.DataFrame:
    """The same beside facts (numbers) of each patient's row of a longer frame where the key `about` has this value."""
    question: Question = (tuple(columns), *about, tuple(facts))
    if isinstance(subjects, Counted):
        return subjects.answer(question, rows)
    return answered(subjects, None if isinstance(rows, Counted) else rows, question)


def grouped(frame: pd.DataFrame, by: str, reference: str, fewest: int) -> Groups:
    """The groups that a column makes of these patients, with their sizes."""
    who = groups(frame, by, reference, fewest)
    return replace(who, sizes={key: size(frame, mask) for key, mask in who.masks(frame)})


def number(part: pd.DataFrame) -> np.ndarray | None:
    """How many patients each row stands for; None where each is one."""
    return part[NUMBER].to_numpy() if NUMBER in part else None


def size(part: pd.DataFrame, mask: np.ndarray | pd.Series | None = None) -> int:
    """How many patients these rows are, or those of them where the mask is true."""
    often = number(part)
    if mask is None:
        return len(part) if often is None else int(often.sum())
    chosen = np.asarray(mask, dtype=bool)
    return int(chosen.sum()) if often is None else int(often[chosen].sum())


def sample(part: pd.DataFrame, column: str, mask: np.ndarray | None = None) -> Sample:
    """A column of numbers as a sample, of those patients where the mask is true."""
    values, often = part[column].to_numpy(float, na_value=np.nan), number(part)
    if mask is None:
        return Sample.of(values, often)
    return Sample.of(values[mask], None if often is None else often[mask])


def alongside(part: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of new columns for the same patients."""
    often = number(part)
    return pd.DataFrame({**columns, **({} if often is None else {NUMBER: often})})


def together(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that agree in every column as one, with how many patients they are; counted rows add up."""
    columns = [name for name in frame if name != NUMBER]
    key = np.zeros(len(frame), dtype=np.int64)
    for name in columns:
        code = _code(frame[name])
        wide = int(code.max(initial=0)) + 1
        if (int(key.max(initial=0)) + 1) * wide >= 1 << 62:
            key = np.unique(key, return_inverse=True)[1]
        key = key * wide + code
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    often = number(frame)
    sums = np.bincount(row, often, minlength=len(first)).astype(np.int64)
    return frame[columns].iloc[first].assign(**{NUMBER: sums}).reset_index(drop=True)


def _code(column: pd.Series) -> np.ndarray:
    """Numbers from 0 that are equal where the values are, missing ones included."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64) + 1
    if column.dtype == object:
        return pd.factorize(column, sort=True)[0].astype(np.int64) + 1
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return np.unique(column.to_numpy().view(np.int64), return_inverse=True)[1]
    return np.unique(column.to_numpy(float, na_value=np.nan), return_inverse=True)[1]
