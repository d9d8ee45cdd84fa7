"""Donor chimerism in classes: full donor, mixed, recipient."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive.step import Frames, Step, columns_of, numbers, with_columns
from stats.methods.types import Description
from stats.study.types import Column, Study

FULL, LOST = 95.0, 5.0
SUFFIX = "_class"
NAMES = (("recipient", "loss", "graft_loss", "none"), ("mixed",), ("full", "complete", "donor"))

DEFINITIONS = {
    "chimerism-class": Description(
        "Donor chimerism was full from ninety-five percent, mixed from five percent, and recipient below.",
        "CIBMTR Forms Instruction Manual, chimerism studies"),
}


def classify(percent: object, full: float = FULL, lost: float = LOST) -> np.ndarray:
    """0 recipient (below `lost` percent donor), 1 mixed, 2 full (from `full` percent); nan where not measured."""
    donor = np.asarray(percent, dtype=float)
    return np.select([np.isnan(donor), donor >= full, donor >= lost], [np.nan, 2.0, 1.0], 0.0)


def derive(study: Study, frames: Frames) -> Step:
    """Fills derived columns NAME_class from the chimerism column NAME, in whatever words the study has as levels."""
    subjects = frames["subjects"]
    added: dict[str, object] = {}
    for column in columns_of(study, "subjects").values():
        source = column.name.removesuffix(SUFFIX)
        if column.derived and column.name.endswith(SUFFIX) and "chimerism" in source and source in subjects:
            added[column.name] = _typed(classify(numbers(subjects[source])), column)
    return Step(with_columns(frames, "subjects", added), (), ("chimerism-class",) if added else ())


def _typed(classes: np.ndarray, column: Column) -> object:
    words = [next((name for name in names if name in column.levels), names[0]) for names in NAMES]
    text = np.array([None if np.isnan(c) else words[int(c)] for c in classes], dtype=object)
    return pd.Categorical(text, categories=list(column.levels), ordered=True) if column.levels else text
