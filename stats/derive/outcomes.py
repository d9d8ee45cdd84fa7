"""Endpoints that are proportions: did the patient reach it, yes or no, or is that not known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats import where
from stats.derive.step import Frames, Step, with_columns, words
from stats.methods.types import Description
from stats.study.roles import subject_columns
from stats.study.types import Endpoint, Study

DEFINITIONS: dict[str, Description] = {}


def derive(study: Study, frames: Frames) -> Step:
    """Adds NAME.outcome ("boolean", NA where the column is empty or the condition can't be decided) to subjects."""
    for endpoint in study.endpoints.values():
        if not endpoint.timed:  # one after the other: a condition may name outcomes of endpoints before it
            made = {f"{endpoint.name}.outcome": outcome(study, frames["subjects"], endpoint)}
            frames = with_columns(frames, "subjects", made)
    return Step(frames)


def outcome(study: Study, subjects: pd.DataFrame, endpoint: Endpoint) -> pd.arrays.BooleanArray:
    """Levels of a column, or a condition. "Not evaluable" is a level like any other: it counts as not reached."""
    if endpoint.where:
        true, false = where.compile(endpoint.where, subject_columns(study)).truth(subjects)
        return pd.arrays.BooleanArray(np.asarray(true, dtype=bool), ~(true | false))
    column = subjects[endpoint.column]
    if isinstance(column.dtype, pd.CategoricalDtype):
        counts = column.cat.categories.isin(list(endpoint.responses))
        codes = column.cat.codes.to_numpy()
        return pd.arrays.BooleanArray(np.append(counts, False)[codes], codes < 0)
    text = words(column)
    wanted = set(endpoint.responses)
    if pd.api.types.is_bool_dtype(subjects[endpoint.column].dtype):
        wanted = {"1"} if not wanted or wanted & {"yes", "true", "True", "1"} else {"0"}
    return pd.arrays.BooleanArray(np.array([t in wanted for t in text], dtype=bool),
                                  np.array([t is None for t in text], dtype=bool))
