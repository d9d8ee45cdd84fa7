"""lifelines' Kaplan–Meier, log-rank and Cox on the same data: an independent second opinion at the user's side.

The numbers of a report come from our own code because lifelines' defaults are unsafe for small studies (each is named
where our code replaces it) and because importing it alone takes longer than a whole build. Where it is right it is an
independent engine, so `disagreements` asks it the three questions it answers well, with the settings that make it
answer them: near ties merged first, Cox iterated to the last digits, log-rank only where there is something to test.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import Floats, known_rows, merge_ties
from stats.methods.kaplan_meier import kaplan_meier
from stats.methods.logrank import logrank
from stats.methods.regression import hazard_ratio

TOLERANCE = 1e-6  # relative: what two converged iterations owe each other


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A quantity on which the two engines differ, with both values."""

    quantity: str
    ours: float
    theirs: float


def survival(time: ArrayLike, status: ArrayLike) -> tuple[Floats, Floats]:
    """Distinct times and lifelines' Kaplan–Meier estimate at each."""
    from lifelines import KaplanMeierFitter

    times, flags = known_rows(time, status)
    times = merge_ties(times)
    table = KaplanMeierFitter().fit(times, flags).survival_function_.iloc[:, 0]
    distinct = np.unique(times)
    return distinct, table.loc[distinct].to_numpy(float)


def logrank_p(time: ArrayLike, status: ArrayLike, group: ArrayLike) -> float:
    """lifelines' log-rank P for two or more groups."""
    from lifelines.statistics import multivariate_logrank_test

    times, flags, labels = known_rows(time, status, group)
    return float(multivariate_logrank_test(merge_ties(times), labels, flags).p_value)


def cox_ratio(time: ArrayLike, status: ArrayLike, group: ArrayLike) -> float:
    """lifelines' Cox hazard ratio (Efron) of group 1 over group 0, at a precision that its default does not have."""
    import pandas as pd
    from lifelines import CoxPHFitter

    times, flags, labels = known_rows(time, status, np.asarray(group, float))
    frame = pd.DataFrame({"time": merge_ties(times), "event": flags, "group": labels})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-13, "r_precision": 1e-15})
    return float(np.exp(fit.params_["group"]))


def disagreements(time: ArrayLike, status: ArrayLike, group: ArrayLike) -> list[Disagreement]:
    """Where lifelines gives other numbers than ours for two groups (0, 1): the curve of each, log-rank, hazard ratio.

    Asked only what both can answer: no test without a P value of ours, no ratio where ours needed Firth's penalty.
    """
    times, flags, labels = known_rows(time, status, np.asarray(group, float))
    found = []
    for label in np.unique(labels):
        inside = labels == label
        curve = kaplan_meier(times[inside], flags[inside])
        if curve.n:
            distinct, theirs = survival(times[inside], flags[inside])
            found += [Disagreement(f"survival at {t:g} in group {label:g}", float(a), float(b))
                      for t, a, b in zip(distinct, curve.survival, theirs, strict=True) if _apart(a, b)]
    test, ratio = logrank(times, flags, labels), hazard_ratio(times, flags, labels)
    if not math.isnan(test.p_value) and _apart(test.p_value, p := logrank_p(times, flags, labels)):
        found.append(Disagreement("log-rank P", test.p_value, p))
    if ratio.method == "cox-efron" and not ratio.note and _apart(ratio.estimate, r := cox_ratio(times, flags, labels)):
        found.append(Disagreement("hazard ratio", ratio.estimate, r))
    return found


def _apart(ours: float, theirs: float) -> bool:
    return not math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=1e-9)
