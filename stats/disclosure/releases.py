"""Two public reports of one study, held against each other: what only a few patients can have changed.

The report itself doesn't depend on what lay in its folder before; this is said on the terminal alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from stats.disclosure.members import COUNTS, Key
from stats.findings import Problem, counted


def problems(before: Mapping[Key, float], now: Mapping[Key, float], least: int) -> list[Problem]:
    """W_RELEASE when published counts differ by fewer patients than may be told; a withheld count is nan and differs from
    none."""
    few = [key for key in before.keys() & now.keys() if key[1] in COUNTS and 0 < abs(before[key] - now[key]) < least]
    if not few:
        return []
    return [
        Problem(
            "W_RELEASE",
            f"{counted(len(few), 'count', 'differs')} from the public report in this folder by fewer than {least} patients: "
            "who holds both can tell what became of these few",
            remedy="Publish the new one when more patients have come in, or withdraw the old one",
        )
    ]
