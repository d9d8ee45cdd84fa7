"""How a method's return becomes rows; shared by every kind of analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from stats.groups import ALL, ARMS, Groups, compared, contrast
from stats.methods import proportions, ranks, tables
from stats.methods.alternatives import fisher_mid
from stats.methods.samples import Sample
from stats.methods.types import Estimate, Test
from stats.results import Row, limit_note

GRADED = 2  # times as many patients are compared exactly by grades, or other levels, as by numbers
ENUMERATED = 1000  # patients up to whom tables are enumerated for a test that only stands beside the chosen one
TIMED = "have a known time"  # what is asked of a patient whose time to an event is compared
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def estimate(
    variable: str, group: str, found: Estimate, at: float | None = None, level: str = "", with_p: bool = False
) -> Iterator[Row]:
    """estimate, lower, upper (and p_value, with its Monte Carlo standard error where it was drawn) of one address."""
    values = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
    if with_p:
        values["p_value"] = found.p_value
    for stat, value in values.items():
        yield Row(variable, stat, value, group, level, at, found.method, found.note if math.isnan(value) else "")
    if with_p and not math.isnan(found.error) and not math.isnan(found.p_value):
        yield Row(variable, "error", found.error, group, level, at, found.method)


def test(variable: str, group: str, found: Test, level: str = "") -> Iterator[Row]:
    """p_value, the statistic where there is one, and the Monte Carlo standard error of a P value that was drawn."""
    if not math.isnan(found.statistic):
        yield Row(variable, "statistic", found.statistic, group, level, None, found.method)
    yield Row(variable, "p_value", found.p_value, group, level, None, found.method, found.note)
    if not math.isnan(found.error):
        yield Row(variable, "error", found.error, group, level, None, found.method)


def alternatives(variable: str, group: str, found: Iterable[Test | Estimate]) -> Iterator[Row]:
    """What other tests say of the same question, for the ledger: one row per method, whose key is the level.

    They are no results of their own: no text quotes them, they don't count as tests made, and Methods doesn't name them
    (so `method` stays empty). A test that can't be computed is no alternative.
    """
    for other in found:
        if not math.isnan(other.p_value):
            yield Row(f"{variable}.alternative", "p_value", other.p_value, group, other.method)


def summary(
    variable: str, group: str, stats: Mapping[str, float], keep: Sequence[str], note: str = "", at: float | None = None,
    beyond: Mapping[str, float] = MappingProxyType({}),
) -> Iterator[Row]:
    """The kept statistics of a summary, in the order of `keep`; `beyond` has the limits of those that aren't quantified."""
    for stat in keep:
        value = stats[stat]
        why = (note or "no values") if math.isnan(value) else limit_note(beyond[stat]) if stat in beyond else ""
        yield Row(variable, stat, value, group, "", at, "quartiles" if stat in ("q1", "q3") else "", why)


def share(
    variable: str, group: str, hits: int, known: int, confidence: float, interval: str, level: str = ""
) -> Iterator[Row]:
    """n, N, p and the limits of a single proportion."""
    found = getattr(proportions, interval.replace("-", "_"))(hits, known, confidence)
    yield Row(variable, "n", hits, group, level)
    yield Row(variable, "N", known, group, level)
    for stat, value in (("p", found.estimate), ("lower", found.lower), ("upper", found.upper)):
        yield Row(
            variable,
            stat,
            value,
            group,
            level,
            None,
            "" if stat == "p" else found.method,
            (found.note or "no patients") if math.isnan(value) else "",
        )


def difference(x: tuple[int, int], y: tuple[int, int], confidence: float, method: str) -> Estimate:
    """Risk difference x minus y of (hits, known) pairs by the chosen interval."""
    return getattr(proportions, method.replace("-", "_"))(*x, *y, confidence)


def shift(x: np.ndarray | Sample, y: np.ndarray | Sample, confidence: float, exact_limit: int, interval: str) -> Estimate:
    """Hodges–Lehmann shift, its limits exact up to `exact_limit` subjects unless the normal ones are asked for."""
    return ranks.hodges_lehmann(x, y, confidence, exact_limit=exact_limit if interval == "exact" else 0)


def too_few(who: Groups, label: str, sizes: Sequence[int], what: str = "have a known value") -> Test | None:
    """The test that is not made of groups too small for one (statistics of the arms are still printed), else None.

    `sizes` are the patients that would be in it: who else is in the group lacks `what`, and the reason says so.
    """
    if min(sizes, default=0) >= who.fewest:
        return None
    whole = min((who.sizes[key] for key in compared(who, label)), default=0) >= who.fewest
    return Test(math.nan, note=f"{fewer(who.fewest)} of a group {what}" if whole else f"{fewer(who.fewest)} in a group")


def fewer(fewest: int) -> str:
    """'fewer than five patients'"""
    return f"fewer than {WORDS[fewest] if fewest < len(WORDS) else fewest} patients"


def question(who: Groups) -> tuple[str, tuple[str, ...]]:
    """The group label a global test goes under, and the keys it compares; ('', ()) when there is nothing to compare."""
    if len(who.keys) < 2:
        return "", ()
    if len(who.keys) == 2:
        ((x, y),) = who.contrasts
        return contrast(x, y), (x, y)
    return ARMS, who.keys


def questions(who: Groups) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(group label, keys compared) of each contrast and, with three or more groups, of all of them together."""
    pairs = tuple((contrast(x, y), (x, y)) for x, y in who.contrasts)
    return (*pairs, (ARMS, who.keys)) if len(who.keys) > 2 else pairs


def distance(variable: str, group: str, found: Estimate) -> Iterator[Row]:
    """A standardized mean difference: it describes these patients, so it has no interval."""
    yield Row(variable, "estimate", found.estimate, group, method=found.method, note=found.note)


def numbers_compared(
    variable: str,
    group: str,
    samples: Sequence[np.ndarray | Sample],
    exact_limit: int,
    *,
    means: bool = False,
    levels: bool = False,
    logged: Sequence[np.ndarray | Sample] | None = None,
    who: Groups,
) -> Iterator[Row]:
    """The test of samples of numbers and its alternatives.

    Rank test of two samples, Kruskal–Wallis of more; Welch's t or one-way ANOVA where `means` are declared. `levels`
    says that the numbers are ordered levels, of which there are few, so that twice `exact_limit` are compared exactly;
    `logged` are those of the numbers that are compared on a log scale besides, where that is done.
    """
    if levels:
        exact_limit *= GRADED
    counted = [Sample.of(sample) for sample in samples]
    untested = too_few(who, group, [sample.n for sample in counted])
    found: Test
    if untested is not None:
        found = untested
    elif len(counted) == 2:
        found = ranks.welch_t(*counted) if means else ranks.rank_sum(counted[0], counted[1], exact_limit=exact_limit)
    else:
        found = ranks.anova(counted) if means else ranks.kruskal(counted)
    yield from test(f"{variable}.test", group, found)
    if not math.isnan(found.p_value):
        yield from alternatives(variable, group, _of_numbers(counted, found, exact_limit, levels, logged))


def _of_numbers(
    samples: Sequence[Sample],
    found: Test,
    exact_limit: int,
    levels: bool,
    logged: Sequence[np.ndarray | Sample] | None,
) -> Iterator[Test | Estimate]:
    if len(samples) > 2:
        yield ranks.kruskal(samples) if found.method == "anova" else ranks.anova(samples)
        return
    x, y = samples
    if found.method == "welch-t":
        yield ranks.rank_sum(x, y, exact_limit=exact_limit)
        return
    if found.method == "wilcoxon-exact":
        yield ranks.rank_sum(x, y, exact_limit=0)
    if levels:
        scores = np.unique(np.concatenate([x.values, y.values]))
        counts = np.array([[sample.often(score) for score in scores] for sample in (x, y)])
        yield tables.linear_by_linear(counts, exact=counts.sum() <= ENUMERATED, column_scores=scores)
    else:
        yield ranks.geometric_ratio(logged[0], logged[1]) if logged is not None else ranks.welch_t(x, y)


def counts_compared(
    variable: str, group: str, table: np.ndarray, exact_limit: int, who: Groups
) -> Iterator[Row]:
    """The test of association in a groups × levels table of counts and its alternatives; none when a group is small."""
    untested = too_few(who, group, list(table.sum(axis=1)))
    if untested is not None:
        yield from test(f"{variable}.test", group, untested)
        return
    found = tables.association(table, exact_limit=exact_limit)
    yield from test(f"{variable}.test", group, found)
    if math.isnan(found.p_value):
        return
    others: list[Test | Estimate]
    if found.method == "fisher-exact":
        others = [fisher_mid(table), tables.chi_square(table)]
    else:
        others = [tables.fisher(table)] if table.sum() <= ENUMERATED or table.shape == (2, 2) else []
    yield from alternatives(variable, group, others)


def labels(who: Groups) -> tuple[str, ...]:
    """The arms and everybody; with one arm both, since either address may be asked for."""
    return (*who.keys, ALL)
