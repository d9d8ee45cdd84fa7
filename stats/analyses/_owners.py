"""Whose row it is: from rows of a long frame to patients, without joining texts."""

from __future__ import annotations

import numpy as np
import pandas as pd


def owners(subjects: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray:
    """For every row of a frame the position of its patient in `subjects`; -1 for somebody else's row."""
    known, who = subjects["subject"].array, frame["subject"].array
    if known.dtype != who.dtype or not isinstance(known, pd.Categorical):
        return pd.Index(np.asarray(known, dtype=object)).get_indexer(pd.Index(np.asarray(who, dtype=object)))
    place = np.full(len(known.categories) + 1, -1, dtype=np.int32)  # the last for a missing identifier, code -1
    place[known.codes] = np.arange(len(known), dtype=np.int32)
    place[-1] = -1
    return place[who.codes]


def aligned(subjects: pd.DataFrame, frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of numbers of a frame with at most one row per patient, one entry for each of `subjects`; nan for none."""
    at = owners(subjects, frame)
    found = {}
    for name in names:
        values = np.full(len(subjects) + 1, np.nan)
        values[at] = frame[name].to_numpy(dtype=float, na_value=np.nan)  # somebody else's goes to the last place
        found[name] = values[:-1]
    return found
