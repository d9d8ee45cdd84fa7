"""Rows that no window holds: where that is so for all of a term or an analyte, days are counted from another day or in
another unit than the study says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stats.derive.step import Frames, numbers, problem
from stats.findings import Problem, counted
from stats.study.types import Study

ENOUGH = 3  # rows of which not one lies inside


def check(study: Study, frames: Frames) -> list[Problem]:
    """W_WINDOW for each term and analyte of which every dated row lies outside of its window, and for assessments of which
    none lies after day zero."""
    found = _before_zero(study, frames)
    for frame, column, name, label, window in _windows(study):
        if not {column, "day"} <= set(frames[frame].columns) if frame in frames else True:
            continue
        mine = (frames[frame][column] == name).to_numpy(dtype=bool, na_value=False)
        day = numbers(frames[frame]["day"])[mine]
        day = day[~np.isnan(day)]
        if len(day) < ENOUGH or ((day >= window[0]) & (day <= window[1])).any():
            continue
        found.append(problem(
            study, frames, "W_WINDOW", f"{label}: {counted(len(day), 'row', 'lies')} on days {day.min():g} to {day.max():g}, and "
            f"not one inside of the window, days {window[0]:g} to {window[1]:g}: they count nowhere", frame,
            int(np.flatnonzero(mine)[0]), column, "Check day_zero, the dates, and the window"))
    return found


def _before_zero(study: Study, frames: Frames) -> list[Problem]:
    """Disease assessments that all lie before the treatment: no response can be told from them."""
    frame = frames.get("responses")
    day = numbers(frame["day"]) if frame is not None and "day" in frame else np.array([])
    day = day[~np.isnan(day)]
    if len(day) < ENOUGH or (day > 0).any():
        return []
    return [problem(study, frames, "W_WINDOW", f"{counted(len(day), 'assessment', 'lies')} on days {day.min():g} to "
                    f"{day.max():g}, and not one after day zero: no response can be told from them", "responses", 0,
                    "date" if "date" in frames["responses"] else "day", "Check day_zero and the dates")]


def _windows(study: Study) -> Iterator[tuple[str, str, str, str, tuple[float, float]]]:
    """(frame, its column of names, name, label, window)."""
    for term in study.terms.values():
        if term.window and not term.laboratory:
            yield "events", "term", term.name, term.label, term.window
    for analyte in study.analytes.values():
        if analyte.window:
            yield "series", "analyte", analyte.name, analyte.label, analyte.window
