"""How a method's return becomes rows; shared by every kind of analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from stats.groups import ALL, ARMS, FEWEST, Groups, contrast
from stats.methods import proportions, ranks, tables
from stats.methods.types import Estimate, Test
from stats.results import Row

TOO_FEW = "fewer than five patients in a group"


def estimate(variable: str, group: str, found: Estimate, at: float | None = None, level: str = "",
             with_p: bool = False) -> Iterator[Row]:
    """estimate, lower, upper (and p_value) of one address."""
    values = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
    if with_p:
        values["p_value"] = found.p_value
    for stat, value in values.items():
        yield Row(variable, stat, value, group, level, at, found.method, found.note if math.isnan(value) else "")


def test(variable: str, group: str, found: Test, level: str = "") -> Iterator[Row]:
    """p_value, and the statistic where there is one."""
    if not math.isnan(found.statistic):
        yield Row(variable, "statistic", found.statistic, group, level, None, found.method)
    yield Row(variable, "p_value", found.p_value, group, level, None, found.method, found.note)


def alternatives(variable: str, group: str, found: Iterable[Test | Estimate]) -> Iterator[Row]:
    """What other tests say of the same question, for the ledger: one row per method, whose key is the level.

    They are no results of their own: no text quotes them, they don't count as tests made, and Methods doesn't name them
    (so `method` stays empty). A test that can't be computed is no alternative.
    """
    for other in found:
        if not math.isnan(other.p_value):
            yield Row(f"{variable}.alternative", "p_value", other.p_value, group, other.method)


def summary(variable: str, group: str, stats: Mapping[str, float], keep: Sequence[str], note: str = "",
            at: float | None = None) -> Iterator[Row]:
    """The kept statistics of a summary, in the order of `keep`."""
    for stat in keep:
        value = stats[stat]
        why = (note or "no values") if math.isnan(value) else ""
        yield Row(variable, stat, value, group, "", at, "quartiles" if stat in ("q1", "q3") else "", why)


def share(variable: str, group: str, hits: int, known: int, confidence: float, interval: str,
          level: str = "") -> Iterator[Row]:
    """n, N, p and the limits of a single proportion."""
    found = getattr(proportions, interval.replace("-", "_"))(hits, known, confidence)
    yield Row(variable, "n", hits, group, level)
    yield Row(variable, "N", known, group, level)
    for stat, value in (("p", found.estimate), ("lower", found.lower), ("upper", found.upper)):
        yield Row(variable, stat, value, group, level, None, "" if stat == "p" else found.method,
                  (found.note or "no patients") if math.isnan(value) else "")


def difference(x: tuple[int, int], y: tuple[int, int], confidence: float, method: str) -> Estimate:
    """Risk difference x minus y of (hits, known) pairs by the chosen interval."""
    return getattr(proportions, method.replace("-", "_"))(*x, *y, confidence)


def too_small(sizes: Sequence[int]) -> bool:
    """Whether a group is too small to test (statistics of the arms are still printed)."""
    return min(sizes, default=0) < FEWEST


def compared(who: Groups) -> tuple[str, tuple[str, ...]]:
    """The group label a global test goes under, and the keys it compares; ('', ()) when there is nothing to compare."""
    if len(who.keys) < 2:
        return "", ()
    if len(who.keys) == 2:
        (x, y), = who.contrasts
        return contrast(x, y), (x, y)
    return ARMS, who.keys


def compare_numbers(samples: Sequence[np.ndarray], exact_limit: int, means: bool = False) -> Test:
    """Rank test of two samples, Kruskal–Wallis of more; Welch's t or one-way ANOVA where means are declared."""
    samples = [sample[~np.isnan(sample)] for sample in samples]
    if too_small([len(sample) for sample in samples]):
        return Test(math.nan, note=TOO_FEW)
    if len(samples) == 2:
        return ranks.welch_t(*samples) if means else ranks.rank_sum(*samples, exact_limit=exact_limit)
    return ranks.anova(samples) if means else ranks.kruskal(samples)


def compare_counts(table: np.ndarray, exact_limit: int) -> Test:
    """Association of a groups × levels table of counts; no test when a group is too small."""
    if too_small(list(table.sum(axis=1))):
        return Test(math.nan, note=TOO_FEW)
    return tables.association(table, exact_limit=exact_limit)


def labels(who: Groups) -> tuple[str, ...]:
    """The arms and everybody; with one arm both, since either address may be asked for."""
    return (*who.keys, ALL)
