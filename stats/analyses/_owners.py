"""Whose row it is: from rows of a long frame to patients, without joining texts."""

from __future__ import annotations

import numpy as np
import pandas as pd


def owners(subjects: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray:
    """For every row of a frame the position of its patient in `subjects`; -1 for somebody else's row."""
    known, who = subjects["subject"], frame["subject"]
    if known.dtype != who.dtype or not isinstance(known.dtype, pd.CategoricalDtype):
        return pd.Index(known.to_numpy(dtype=object)).get_indexer(pd.Index(who.to_numpy(dtype=object)))
    place = np.full(len(known.cat.categories) + 1, -1, dtype=np.int64)  # the last for a missing identifier, code -1
    place[known.cat.codes.to_numpy()] = np.arange(len(known))
    place[-1] = -1
    return place[who.cat.codes.to_numpy()]


def aligned(subjects: pd.DataFrame, frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of numbers of a frame with at most one row per patient, one entry for each of `subjects`; nan for none."""
    at = owners(subjects, frame)
    here = at >= 0
    found = {}
    for name in names:
        found[name] = np.full(len(subjects), np.nan)
        found[name][at[here]] = frame[name].to_numpy(dtype=float, na_value=np.nan)[here]
    return found
