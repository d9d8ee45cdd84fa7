"""Columns made for each analyte by itself, as one frame by patient and analyte."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive.step import framed, levelled


def stack(subjects: pd.DataFrame, parts: list[dict[str, np.ndarray]], names: list[str],
          columns: list[str]) -> pd.DataFrame:
    """One frame of the analytes' columns, ordered by patient, analyte and day; each part is by patient already."""
    if not parts:
        return pd.DataFrame({"subject": subjects["subject"].array[:0], "analyte": levelled([], names),
                             **{name: np.empty(0) for name in columns}})
    if len(parts) == 1:
        position, made = parts[0]["position"], {name: parts[0][name] for name in columns}
        analyte = np.zeros(len(position), dtype=np.int16)
    else:
        position, analyte, made = _merged(parts, len(subjects), columns)
    return framed({"subject": subjects["subject"].array.take(position), "analyte": levelled(analyte, names), **made})


def _merged(parts: list[dict[str, np.ndarray]], n: int,
            columns: list[str]) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """(patient, number of the part, columns) of all rows by patient, then by part: the places are counted, not sorted."""
    counts = np.stack([np.bincount(part["position"], minlength=n) for part in parts], axis=1)
    first = np.cumsum(counts).reshape(counts.shape) - counts  # where each patient's rows of each analyte begin
    position = np.repeat(np.arange(n, dtype=np.int32), counts.sum(axis=1))
    made = {name: np.empty(len(position), dtype=parts[0][name].dtype) for name in columns}
    for number, part in enumerate(parts):
        own = np.cumsum(counts[:, number]) - counts[:, number]
        place = np.arange(len(part["position"])) + (first[:, number] - own)[part["position"]]
        for name in columns:
            made[name][place] = part[name]
    return position, np.repeat(np.tile(np.arange(len(parts), dtype=np.int16), n), counts.ravel()), made
