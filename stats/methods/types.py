"""What every method returns: an estimate with its limits, or a test, each with the key of the method that ran."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point with confidence limits in the estimate's own unit; nan when not estimable, and then `note` says why."""

    estimate: float
    lower: float = math.nan
    upper: float = math.nan
    p_value: float = math.nan
    method: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """A two-sided test; `exact` is False for an asymptotic P value; nan P when it can't be computed, with the reason."""

    p_value: float
    statistic: float = math.nan
    df: float = math.nan
    method: str = ""
    exact: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """How a paper describes a method: one sentence without digits, and the work it rests on."""

    sentence: str
    reference: str = ""
