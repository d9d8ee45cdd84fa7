"""Shares of patients with an outcome, by arm, with exact intervals, differences, ratios and the test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.groups import ARMS, FEWEST, Groups, contrast
from stats.methods import proportions, tables
from stats.results import Row


def analyse(
    subjects: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    by: str = "arm",
    test: bool = True,
    trend: bool = False,
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    proportion_interval: str = "clopper-pearson",
    difference_interval: str = "newcombe",
    fisher_limit: int = 100,
) -> Iterator[Row]:
    """Patients whose outcome is missing leave the denominator and are counted as missing.

    `trend` adds a test of three or more groups in their declared order.
    """
    for outcome in outcomes:
        everybody = alike.patients(subjects, by, f"{outcome}.outcome")
        who = alike.grouped(everybody, by, reference, fewest)
        counts: dict[str, tuple[int, int]] = {}
        for group, part in who.parts(everybody):
            reached = alike.sample(part, f"{outcome}.outcome")
            counts[group] = reached.often(1.0), reached.n
            yield from emit.share(outcome, group, *counts[group], confidence, proportion_interval)
            yield Row(outcome, "missing", reached.missing, group)
        for x, y in who.contrasts:
            pair = contrast(x, y)
            yield from emit.estimate(
                f"{outcome}.difference", pair, emit.difference(counts[x], counts[y], confidence, difference_interval)
            )
            for ratio in (proportions.odds_ratio, proportions.risk_ratio):
                yield from emit.estimate(f"{outcome}.{ratio.__name__}", pair, ratio(*counts[x], *counts[y], confidence))
        label, compared = emit.question(who)
        if test and compared:
            table = np.array([[counts[key][0], counts[key][1] - counts[key][0]] for key in compared])
            yield from emit.counts_compared(outcome, label, table, fisher_limit, who)
            if trend and label == ARMS:
                yield from _trend(outcome, table, who)


def _trend(outcome: str, table: np.ndarray, who: Groups) -> Iterator[Row]:
    """Cochran–Armitage over the groups in their order, and its exact form for the ledger."""
    untested = emit.too_few(who, ARMS, list(table.sum(axis=1)))
    found = untested or tables.cochran_armitage(table.T)
    if untested is None and math.isnan(found.p_value):
        # the groups are the test's ordered levels: its reason is of the other way round
        found = replace(found, note=tables.nothing_to_test(table) or found.note)
    yield from emit.test(f"{outcome}.trend", ARMS, found)
    if untested is None:
        yield from emit.alternatives(f"{outcome}.trend", ARMS, [tables.linear_by_linear(table)])
