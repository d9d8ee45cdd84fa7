"""Problems at many rows: the first of them by row, the rest as a count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from stats.derive.step import Frames, problem
from stats.findings import SHOWN_PER_CODE, Problem, counted
from stats.study.types import Study


def at_rows(study: Study, frames: Frames, code: str, reason: str | Callable[[int], str], broken: Sequence[bool] |
            np.ndarray, frame: str = "subjects", column: str = "", remedy: str = "") -> list[Problem]:
    """One problem for each row where `broken` is true, at most twenty, then one with the number of the others.

    `reason` may depend on the row's position.
    """
    rows = np.flatnonzero(np.asarray(broken, dtype=bool))
    values = frames[frame].get(column.partition(" and ")[0])
    out = [problem(study, frames, code, reason(int(i)) if callable(reason) else reason, frame, i, column, remedy,
                   "" if values is None else values.iloc[i]) for i in rows[:SHOWN_PER_CODE]]
    out.sort(key=lambda one: one.row or 0)  # patients stand by their identifiers, a file is mended from its top
    more = len(rows) - SHOWN_PER_CODE
    if more > 0:
        out.append(problem(study, frames, code, f"the same in {counted(more, 'more row')}", frame, column=column, remedy=remedy))
    return out
