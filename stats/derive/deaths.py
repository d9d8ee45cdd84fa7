"""Which endpoint is survival, which is progression-free, and on what day somebody died: asked by several
derivations."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from stats.derive import times
from stats.study.types import DAYS, Endpoint, Study

OVERALL = re.compile(r"overall survival", re.IGNORECASE)
FREE = re.compile(r"(progression|event|relapse|disease|leuka?emia|failure)[- ]free survival", re.IGNORECASE)
FREE_NAMES = ("pfs", "efs", "rfs", "dfs", "lfs", "ffs")
DEATH_COLUMNS = ("death_date", "death_day")


def overall(study: Study) -> Endpoint | None:
    """The endpoint of overall survival: named os, or labelled so."""
    return next((e for e in study.endpoints.values()
                 if e.timed and not e.competes and (e.name.casefold() == "os" or OVERALL.search(e.label))), None)


def free(study: Study) -> list[Endpoint]:
    """Endpoints in which death counts beside another event: progression-free, event-free, relapse-free survival."""
    return [e for e in study.endpoints.values()
            if e.timed and not e.competes and (e.name.casefold() in FREE_NAMES or FREE.search(e.label))]


def death_column(study: Study, subjects: pd.DataFrame) -> str:
    """The column that holds the date or day of death: the event of overall survival, or the usual name; '' if none."""
    survival = overall(study)
    if survival is not None and len(survival.event) == 1 and survival.event[0] in subjects:
        return survival.event[0]
    return next((name for name in DEATH_COLUMNS if name in subjects), "")


def contact_column(study: Study, subjects: pd.DataFrame) -> str:
    """The column of last contact: the only censoring column of overall survival; '' if that isn't one."""
    survival = overall(study)
    if survival is not None and len(survival.censor) == 1 and survival.censor[0] in subjects:
        return survival.censor[0]
    return ""


def death_day(study: Study, subjects: pd.DataFrame) -> np.ndarray:
    """Day of death from day zero, inf for the living; nan where it isn't known: neither a date nor overall survival is, or
    there is a date and no day zero to count it from.
    """
    column = death_column(study, subjects)
    if column:
        return np.where(subjects[column].isna(), np.inf, times.days(study, subjects, column))
    survival = overall(study)
    if survival is None or f"{survival.name}.time" not in subjects:
        return np.full(len(subjects), np.nan)
    time = subjects[f"{survival.name}.time"].to_numpy(float) * DAYS[survival.unit]
    status = subjects[f"{survival.name}.status"].to_numpy(float)
    return np.where(np.isnan(status), np.nan, np.where(status == times.EVENT, time, np.inf))
