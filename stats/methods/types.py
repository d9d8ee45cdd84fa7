"""What every method returns: an estimate with its limits, or a test, each with the key of the method that ran."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point with confidence limits in the estimate's own unit; nan when not estimable, and then `note` says why.

    `error` is the Monte Carlo standard error of a P value that was estimated by drawing.
    """

    estimate: float
    lower: float = math.nan
    upper: float = math.nan
    p_value: float = math.nan
    method: str = ""
    note: str = ""
    error: float = math.nan


@dataclass(frozen=True, slots=True)
class Test:
    """A two-sided test; `exact` is False for an asymptotic P value; nan P when it can't be computed, with the reason.

    `error` is the Monte Carlo standard error of a P value that was estimated by drawing.
    """

    p_value: float
    statistic: float = math.nan
    df: float = math.nan
    method: str = ""
    exact: bool = False
    note: str = ""
    error: float = math.nan


@dataclass(frozen=True, slots=True)
class Description:
    """How a paper describes a method: one sentence without digits, the work it rests on, its short name in a note, and
    for a default why it is one, as a sentence of its own. `needs` is the key of what its sentence takes for granted."""

    sentence: str
    reference: str = ""
    name: str = ""
    reason: str = ""
    needs: str = ""
