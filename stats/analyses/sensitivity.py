"""The same question under several definitions of the endpoint, side by side: rates, restricted means, hazard, log-rank.

A definition is an endpoint of the study file (censored at a later transplantation, say). Other patients are another
population, so another analysis of this kind: no analysis filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from stats.analyses import survival
from stats.groups import FEWEST
from stats.results import Row

KEPT = (
    "events",
    "survival",
    "rmst",
    "rmst.small",
    "difference",
    "rmst_difference",
    "rmst_difference.small",
    "logrank",
    "hazard",
)


def analyse(
    subjects: pd.DataFrame,
    *,
    endpoints: Sequence[str],
    at: Sequence[float] = (),
    by: str = "arm",
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    survival_interval: str = "log-log",
    rmst_interval: str = "auto",
    rate_difference: str = "mover",
    logrank_test: str = "log-rank",
    ties: str = "efron",
    seed: int = 0,
) -> Iterator[Row]:
    """Each endpoint's rows are those of a survival analysis as `ENDPOINT.variable`; `at` is in the endpoints' unit."""
    for endpoint in dict.fromkeys(endpoints):
        rows = survival.analyse(
            subjects,
            endpoint=endpoint,
            at=at,
            by=by,
            reference=reference,
            fewest=fewest,
            confidence=confidence,
            survival_interval=survival_interval,
            rmst_interval=rmst_interval,
            rate_difference=rate_difference,
            logrank_test=logrank_test,
            ties=ties,
            seed=seed,
        )
        yield from (replace(row, variable=f"{endpoint}.{row.variable}") for row in rows if row.variable in KEPT)
