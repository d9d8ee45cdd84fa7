"""Clinical plausibility before statistics: does what the data say fit together, whatever the study.

The checks know roles, types and endpoints, not columns of a particular study: a death before day zero, progression-free
survival beyond overall survival, a time in another unit than declared, grade 5 in a living patient, arms a hundredfold
apart. Beside them stand the study's own [checks].
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from stats import where
from stats.derive import deaths
from stats.derive.step import Frames, numbers, positions
from stats.findings import Problem
from stats.intake import agreement, chronology, contradictions, lifetimes, magnitudes, outliers, survival_logic, windows
from stats.intake.places import at_rows
from stats.study.roles import frame_columns, subject_columns
from stats.study.types import Study

FATAL = 5.0


def plausible(study: Study, frames: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Everything implausible in derived frames, each thing said once, the study's own checks last."""
    given: Frames = dict(frames)
    found = [
        *chronology.check(study, given),
        *lifetimes.check(study, given),
        *survival_logic.check(study, given),
        *_fatal_and_alive(study, given),
        *magnitudes.check(study, given),
        *outliers.check(study, given),
        *windows.check(study, given),
        *agreement.check(study, given),
        *contradictions.check(study, given),
        *_own_checks(study, given),
    ]
    refused = {(p.file, p.row, p.column) for p in found if p.code == "E_PLAUSIBLE"}
    return [p for p in dict.fromkeys(found) if p.code != "W_PLAUSIBLE" or (p.file, p.row, p.column) not in refused]


def _fatal_and_alive(study: Study, frames: Frames) -> list[Problem]:
    """An event of grade 5 is a death."""
    events = frames.get("events")
    if events is None or not {"grade", "subject"} <= set(events.columns):
        return []
    fatal = numbers(events["grade"]) >= FATAL
    alive = np.append(np.isposinf(deaths.death_day(study, frames["subjects"])), False)  # the last for a stranger
    fatal[fatal] = alive[positions(frames["subjects"], events[fatal])]
    return at_rows(study, frames, "E_GRADE5_ALIVE", "an event of grade 5 is fatal, but the patient is recorded as "
                                                    "living",
                   fatal, "events", "grade", "Correct the grade, or record the death")


def _own_checks(study: Study, frames: Frames) -> list[Problem]:
    """The study's [checks]: a row breaks a rule when the rule is surely false for it; unknown is not a breach."""
    problems: list[Problem] = []
    for check in study.checks.values():
        frame = frames.get(check.frame)
        if frame is None:
            continue
        columns = subject_columns(study) if check.frame == "subjects" else frame_columns(study.frames[check.frame])
        rule = where.compile(check.rule, columns)
        broken = rule.truth(frame)[1]
        problems += at_rows(study, frames, "E_CHECK", f"{check.reason} (check {check.name})", broken, check.frame,
                            " and ".join(dict.fromkeys(rule.names)), f"Every row should hold: {check.rule}")
    return problems
