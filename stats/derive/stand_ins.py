"""What a value beyond its limit of quantification counts as where values are read out of a series one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive.step import numbers
from stats.study.types import Analyte

BEYOND = "beyond"  # after the name of a column of subjects and a point: the limits of its values that aren't quantified


def signed(series: pd.DataFrame, way: str) -> np.ndarray:
    """Whether the qualifier of each row of a series is this sign."""
    if "qualifier" not in series:
        return np.broadcast_to(False, len(series))
    return (series["qualifier"] == way).to_numpy(dtype=bool, na_value=False)


def counted(series: pd.DataFrame, analyte: Analyte) -> tuple[np.ndarray, np.ndarray]:
    """(what the values of a series count as, the limits of those that aren't quantified), taken as values of one analyte.

    Below quantification half the limit counts: the declared one, so that all of them tie, else the row's own. Above,
    the upper limit counts, or the row's own where that is lower. The limits are negative where a value lies below, and
    nan for quantified ones; of a value below its own limit and below the declared one the higher of them is told.
    """
    value = numbers(series["value"])
    lloq = np.nan if analyte.lloq is None else analyte.lloq
    uloq = np.nan if analyte.uloq is None else analyte.uloq
    under, over = signed(series, "<"), signed(series, ">")
    below = under | (value < lloq)
    above = ~below & (over | (value > uloq))
    own = np.where(under, value, lloq)
    limits = np.where(below, -np.fmax(own, lloq), np.where(above, np.fmin(value, uloq), np.nan))
    half = np.where(np.isnan(lloq), own, lloq) / 2
    return np.where(below, half, np.where(above, np.fmin(value, uloq), value)), limits
