"""Time to an event: the names that analyses use, in one place.

The code lives by topic: `event_tables` counts, `kaplan_meier` estimates, `survival_contrasts` compares at a time or
up to one, `logrank` compares whole curves; `regression` has the hazard ratio, `competing` what happens when another
event can come first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.event_tables import (
    EventTable,
    GroupedTable,
    common_times,
    event_table,
    grouped_table,
    merge_ties,
    tabulated,
    tie_width,
)
from stats.methods.kaplan_meier import Curve, Point, at, kaplan_meier, quantile, reverse_kaplan_meier
from stats.methods.logrank import logrank, logrank_permutation, logrank_trend
from stats.methods.survival_contrasts import difference, difference_greenwood, rmst, rmst_difference

__all__ = [
    "Curve", "EventTable", "GroupedTable", "Point", "at", "common_times", "difference", "difference_greenwood",
    "event_table", "grouped_table",
    "kaplan_meier", "landmark", "logrank", "logrank_permutation", "logrank_trend", "merge_ties", "quantile",
    "reverse_kaplan_meier", "rmst", "rmst_difference", "tabulated",
]


def landmark(time: ArrayLike, status: ArrayLike, day: float, *,
             at_landmark: bool = False) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Who enters a landmark analysis, as a mask over the rows, and the times of those, counted from the landmark.

    Entered are those still under observation without the event after `day` (Anderson JR, et al. J Clin Oncol
    1983;1:710–719). With `at_landmark` so are those whose time is the landmark itself; rows with a missing time or
    status never.
    """
    times, flags = np.asarray(time, float), np.asarray(status, float)
    known = ~np.isnan(times) & ~np.isnan(flags)
    near = tie_width(np.unique(times[known]))
    here = known & (np.abs(times - day) <= near)
    mask = (known & (times > day) & ~here) | (here if at_landmark else np.zeros(len(times), bool))
    return mask, np.maximum(times[mask] - day, 0)
