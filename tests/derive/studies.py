"""Small studies and frames for the tests of derivations."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stats.study.types import Column, Frame, Study


def study(columns: tuple[Column, ...] = (), frames: tuple[str, ...] = (),
          more: dict[str, tuple[Column, ...]] | None = None, **settings: Any) -> Study:
    """A study whose subjects have an id, an arm and `columns`, with the named long frames; `more`: their columns."""
    subjects = (Column("subject", "id"), Column("arm", "arm"), *columns)
    declared = {"subjects": Frame("subjects", "subjects.csv", {c.name: c for c in subjects})}
    for name in frames:
        declared[name] = Frame(name, f"{name}.csv", {c.name: c for c in (more or {}).get(name, ())})
    given: dict[str, Any] = {"title": "A study", "short": "A", "design": "registry", "data_cutoff": date(2025, 4, 30),
                             "arms": {"R": "Recipient", "D": "Donor"}, "folder": Path(".")}
    return Study(**{**given, "frames": declared, **settings})


def subjects(n: int = 2, **columns: Any) -> pd.DataFrame:
    """n patients P1, P2 … of arms R and D in turn; texts in `columns` that look like dates become dates."""
    frame = pd.DataFrame({"subject": np.array([f"P{i + 1}" for i in range(n)], dtype=object),
                          "arm": pd.Categorical([("R", "D")[i % 2] for i in range(n)], ["R", "D"], ordered=True)})
    for name, values in columns.items():
        frame[name] = pd.to_datetime(pd.Series(values)) if name.endswith("_date") else values
    return frame


def long(*rows: tuple[Any, ...], columns: str) -> pd.DataFrame:
    """A long frame from rows; `columns` names them, separated by spaces."""
    frame = pd.DataFrame(list(rows), columns=columns.split())
    for name in frame.columns:
        if name in ("day", "end_day", "grade", "value", "lln", "blasts", "anc", "platelets"):
            frame[name] = frame[name].astype(float)
        elif name in ("subject", "term", "analyte", "qualifier", "unit", "response"):
            frame[name] = frame[name].astype(object)
    return frame
