"""Times at which numbers at risk are told where a study names none: whole months, years … that cover all of follow-up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

GAPS = 7  # between ticks, at most: more of them don't find room under a figure
STEPS = {
    "days": (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 500, 1000),
    "weeks": (1, 2, 4, 8, 12, 26, 52, 104),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.25, 0.5, 1, 2, 5, 10),
}


def chosen(ticks: Sequence[float] | None, times: ArrayLike, unit: str) -> list[float]:
    """The ticks that were declared, in their order; where none were (None) from 0 in equal steps to the first beyond all times.

    times: of any shape, in `unit` (days, weeks, months or years), nan for unknown. No times, or none above 0: no ticks.
    """
    if ticks is not None:
        return [float(tick) for tick in ticks]
    known = np.asarray(times, dtype=float)
    longest = float(np.max(known, initial=0.0, where=~np.isnan(known)))
    if not 0 < longest < np.inf:
        return []
    step = next((step for step in STEPS[unit] if longest <= GAPS * step), float(STEPS[unit][-1]))
    while longest > GAPS * step:
        step *= 2
    return [step * k for k in range(int(np.ceil(longest / step - 1e-9)) + 1)]
