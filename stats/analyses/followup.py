"""How long patients were followed: the reverse Kaplan–Meier median, and the range of observed times."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.groups import groups
from stats.methods import descriptive
from stats.methods import survival as km
from stats.methods.event_tables import NO_PATIENTS
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
    times, states = f"{endpoint}.time", f"{endpoint}.status"
    everybody = alike.patients(subjects, by, times, states)
    who = groups(everybody, by, reference)
    for group, part in who.parts(everybody[everybody[times].notna() & everybody[states].notna()]):
        time, event = part[times].to_numpy(float), part[states].to_numpy(float)
        curve = km.reverse_kaplan_meier(time, event, confidence, survival_interval, alike.number(part))
        yield from emit.estimate("median", group, km.quantile(curve, 0.5))
        seen = descriptive.summary(alike.sample(part, times))
        yield from emit.summary("range", group, seen, ("min", "max"), "no follow-up")
        yield from emit.summary(
            "survivors",
            group,
            descriptive.summary(alike.sample(part, times, event == 0)),
            ("n", "min", "max"),
            "nobody was free of the event when last seen" if seen["n"] else NO_PATIENTS,
        )
