"""Donor chimerism in classes: full donor, mixed, recipient; and split, where lineages are of different origin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stats.derive.step import Frames, Step, columns_of, numbers, with_columns
from stats.methods.types import Description
from stats.study.types import Column, Study

FULL, LOST = 95.0, 5.0
SUFFIX, SPLIT = "_class", "_split"
NAMES = (("recipient", "loss", "graft_loss", "none"), ("mixed",), ("full", "complete", "donor"))

DEFINITIONS = {
    "chimerism-class": Description(
        "Donor chimerism was full from ninety-five percent, mixed from five percent, and recipient below.",
        "CIBMTR Forms Instruction Manual, chimerism studies"),
    "chimerism-split": Description(
        "Chimerism was split where one lineage was of the donor, from ninety-five percent, and another of the recipient, "
        "below five percent.", "CIBMTR Forms Instruction Manual, chimerism studies"),
}


def classify(percent: object, full: float = FULL, lost: float = LOST) -> np.ndarray:
    """0 recipient (below `lost` percent donor), 1 mixed, 2 full (from `full` percent); nan where not measured."""
    donor = np.asarray(percent, dtype=float)
    return np.select([np.isnan(donor), donor >= full, donor >= lost], [np.nan, 2.0, 1.0], 0.0)


def split(percents: Sequence[object], full: float = FULL, lost: float = LOST) -> np.ndarray:
    """1 where one lineage is full donor and another recipient, 0 where all are known and that isn't so, nan otherwise."""
    classes = np.array([classify(percent, full, lost) for percent in percents])
    apart = (classes == 2.0).any(axis=0) & (classes == 0.0).any(axis=0)
    return np.where(apart, 1.0, np.where(np.isnan(classes).any(axis=0), np.nan, 0.0))


def derive(study: Study, frames: Frames) -> Step:
    """Fills derived columns NAME_class from the chimerism column NAME, in whatever words the study has as levels, and
    NAME_split from the columns NAME_LINEAGE, two or more."""
    subjects = frames["subjects"]
    added: dict[str, object] = {}
    ran: dict[str, None] = {}
    for column in columns_of(study, "subjects").values():
        source = column.name.removesuffix(SUFFIX)
        if column.derived and column.name.endswith(SUFFIX) and "chimerism" in source and source in subjects:
            added[column.name] = _typed(classify(numbers(subjects[source])), column)
            ran["chimerism-class"] = None
        stem = column.name.removesuffix(SPLIT)
        if column.derived and column.name.endswith(SPLIT) and "chimerism" in stem and column.type == "flag":
            lineages = [c.name for c in columns_of(study, "subjects").values() if c.name.startswith(f"{stem}_")
                        and c.type == "number" and c.name in subjects]
            if len(lineages) > 1:
                found = split([numbers(subjects[name]) for name in lineages])
                added[column.name] = pd.array([pd.NA if np.isnan(v) else bool(v) for v in found], dtype="boolean")
                ran["chimerism-split"] = None
    return Step(with_columns(frames, "subjects", added), (), tuple(ran))


def _typed(classes: np.ndarray, column: Column) -> object:
    words = [next((name for name in names if name in column.levels), names[0]) for names in NAMES]
    text = np.array([None if np.isnan(c) else words[int(c)] for c in classes], dtype=object)
    return pd.Categorical(text, categories=list(column.levels), ordered=True) if column.levels else text
