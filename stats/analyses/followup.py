"""How long patients were followed: the reverse Kaplan–Meier median, and the range of observed times."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stats.analyses import _emit as emit
from stats.groups import groups
from stats.methods import descriptive
from stats.methods import survival as km
from stats.results import Row


def analyse(
    subjects: pd.DataFrame,
    *,
    endpoint: str,
    by: str = "arm",
    reference: str = "",
    confidence: float = 0.95,
    survival_interval: str = "log-log",
) -> Iterator[Row]:
    """`range` spans every observed time; `survivors` those still free of the event when last seen."""
    who = groups(subjects, by, reference)
    known = subjects[subjects[f"{endpoint}.time"].notna() & subjects[f"{endpoint}.status"].notna()]
    for group, part in who.parts(known):
        time = part[f"{endpoint}.time"].to_numpy(float)
        event = part[f"{endpoint}.status"].to_numpy(float)
        curve = km.reverse_kaplan_meier(time, event, confidence, survival_interval)
        yield from emit.estimate("median", group, km.quantile(curve, 0.5))
        yield from emit.summary("range", group, descriptive.summary(time), ("min", "max"), "no follow-up")
        yield from emit.summary(
            "survivors",
            group,
            descriptive.summary(time[event == 0]),
            ("n", "min", "max"),
            "nobody was free of the event when last seen",
        )
