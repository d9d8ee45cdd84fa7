"""The log-rank test: observed against expected events, its stratified and trend forms, and the permutation P.

Own sums over the event table (Mantel 1966; R's survdiff) rather than lifelines: without an event lifelines says P = 1,
with an empty group nan and no reason, and it takes no near ties; where both speak they agree (`second_opinion`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.event_tables import NO_PATIENTS, Counts, Floats, GroupedTable, given, grouped_table, known_rows
from stats.methods.types import Description, Test

DESCRIPTIONS = {
    "log-rank": Description("Curves were compared with the log-rank test.",
                            "Mantel N. Cancer Chemother Rep 1966;50:163–170", name="log-rank test"),
    "log-rank-stratified": Description("Curves were compared with the stratified log-rank test.",
                                       "Mantel N. Cancer Chemother Rep 1966;50:163–170",
        name="stratified log-rank test"),
    "log-rank-trend": Description(
        "Curves of ordered groups were compared with the log-rank test for trend.",
        "Tarone RE. Biometrika 1975;62:679–682", name="log-rank test for trend"),
    "log-rank-permutation-exact": Description(
        "The exact permutation P value of the log-rank statistic counts every way to assign the observed times to the "
        "groups.", "Peto R, Peto J. J R Stat Soc A 1972;135:185–207", name="exact permutation log-rank test"),
    "log-rank-permutation": Description(
        "The permutation P value of the log-rank statistic was estimated by seeded random reassignment of the observed "
        "times to the groups.", "Peto R, Peto J. J R Stat Soc A 1972;135:185–207", name="permutation log-rank test"),
}

EXACT_LIMIT = 40  # subjects: half of them have a million subsets, which still sorts in a blink
ONE_GROUP = "only one group has patients"
NO_EVENTS = "no events"
NOT_TOGETHER = "no event happened while patients of {} groups were at risk{}"
ALL_AT_ONCE = "at each event time everybody at risk had the event"
ALL_AT_ONCE_WITHIN = "in each stratum, whenever an event happened with more than one group at risk, everybody at risk had it"
SOME_APART = "some groups were not at risk together with the others{} when events happened"
WITHIN = " in the same stratum"
CHUNK = 2_000_000  # shuffled values held at once


@dataclass(frozen=True, slots=True)
class Sums:
    """Observed and expected events per group (length G) and the G × G covariance of their difference."""

    observed: Floats
    expected: Floats
    covariance: Floats
    shared: bool  # an event happened while at least two groups were at risk
    spread: bool  # and not everybody at risk had it

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.observed + other.observed, self.expected + other.expected,
                    self.covariance + other.covariance, self.shared or other.shared, self.spread or other.spread)


def sums(table: GroupedTable) -> Sums:
    """Hypergeometric mean and covariance of the events per group, summed over the event times."""
    when = table.events.sum(axis=0) > 0
    at_risk, events = table.at_risk[:, when].astype(float), table.events[:, when].astype(float)
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / n
    weight = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag(share @ weight) - (share * weight) @ share.T
    together = (at_risk > 0).sum(axis=0) > 1
    return Sums(events.sum(axis=1), share @ d, covariance, bool(together.any()), bool((weight[together] > 0).any()))


def logrank(time: ArrayLike | GroupedTable, status: ArrayLike | None = None, group: ArrayLike | None = None,
            strata: ArrayLike | None = None, count: ArrayLike | None = None) -> Test:
    """Two or more groups, with or without strata, as R's survdiff; the statistic is chi-square with df degrees.

    Groups in which nobody could have an event are left out of the degrees of freedom.
    """
    found, note = _collect(time, status, group, strata, count)
    method = "log-rank" if strata is None else "log-rank-stratified"
    if found is None:
        return Test(math.nan, method=method, note=note)
    from stats.methods.special import chdtrc

    taking_part = found.expected > 0
    deviation = (found.observed - found.expected)[taking_part][1:]
    covariance = found.covariance[np.ix_(taking_part, taking_part)][1:, 1:]
    df, rounding = len(deviation), 1e-12 * found.observed.sum()
    if df == 0 or np.linalg.matrix_rank(covariance, tol=rounding, hermitian=True) < df:
        return Test(math.nan, method=method, note=_degenerate(found, strata is not None))
    chi2 = float(deviation @ np.linalg.solve(covariance, deviation))
    return Test(float(chdtrc(df, chi2)), chi2, df, method)


def logrank_trend(time: ArrayLike | GroupedTable, status: ArrayLike | None = None, group: ArrayLike | None = None,
                  scores: Sequence[float] | None = None, strata: ArrayLike | None = None,
                  count: ArrayLike | None = None) -> Test:
    """One degree of freedom for groups in ascending order of their codes; scores are 1, 2, … unless given."""
    found, note = _collect(time, status, group, strata, count)
    if found is None:
        return Test(math.nan, method="log-rank-trend", note=note)
    from stats.methods.special import chdtrc

    weights = np.arange(1.0, len(found.observed) + 1) if scores is None else np.asarray(scores, float)
    variance = float(weights @ found.covariance @ weights)
    if variance <= 1e-12 * float(weights @ weights) * found.observed.sum():
        return Test(math.nan, method="log-rank-trend", note=_degenerate(found, strata is not None))
    chi2 = float(weights @ (found.observed - found.expected)) ** 2 / variance
    return Test(float(chdtrc(1, chi2)), chi2, 1, "log-rank-trend")


def _collect(time: ArrayLike | GroupedTable, status: ArrayLike | None, group: ArrayLike | None,
             strata: ArrayLike | None, count: ArrayLike | None) -> tuple[Sums | None, str]:
    if isinstance(time, GroupedTable) or strata is None:
        table = grouped_table(time, status, group, count)
        found, note, groups = None if table.note else sums(table), table.note, len(table.groups)
    else:
        found, note, groups = _stratified(time, status, group, strata, count)
    if found is None:
        return None, note
    if groups < 2:
        return None, ONE_GROUP
    return (found, "") if found.observed.sum() > 0 else (None, NO_EVENTS)


def _stratified(time: ArrayLike, status: ArrayLike | None, group: ArrayLike | None, strata: ArrayLike,
                count: ArrayLike | None) -> tuple[Sums | None, str, int]:
    if status is None or group is None:
        raise TypeError("a stratified test needs the status and the group of each subject")
    times, flags, labels, blocks, *often = known_rows(time, status, group, strata, *given(count))
    groups, code = np.unique(labels, return_inverse=True)
    total = None
    for block in np.unique(blocks):
        inside = blocks == block
        part = grouped_table(times[inside], flags[inside], code[inside], *(one[inside] for one in often))
        if part.note:
            return None, part.note, len(groups)
        wide = _every_group(part, len(groups))
        total = sums(wide) if total is None else total + sums(wide)
    return total, "" if total else NO_PATIENTS, len(groups)


def _every_group(table: GroupedTable, groups: int) -> GroupedTable:
    """The table with a row for each group 0 … groups − 1, also those absent from a stratum."""
    counts = np.zeros((3, groups, len(table.time)), np.int64)
    for row, part in zip(counts, (table.at_risk, table.events, table.censored), strict=True):
        row[table.groups] = part
    at_risk, events, censored = counts
    return GroupedTable(table.time, at_risk, events, censored, np.arange(groups))


def _degenerate(found: Sums, within: bool) -> str:
    """Why nothing can be compared, `within` strata or without."""
    where = WITHIN if within else ""
    if not found.shared:
        return NOT_TOGETHER.format("both" if len(found.observed) == 2 else "two", where)
    if not found.spread:
        return ALL_AT_ONCE_WITHIN if within else ALL_AT_ONCE
    return SOME_APART.format(where)


def logrank_permutation(time: ArrayLike, status: ArrayLike, group: ArrayLike, seed: int = 0, draws: int = 20_000,
                        count: ArrayLike | None = None) -> Test:
    """The P value of observed minus expected events when the group labels are shuffled over the observed times.

    Each subject's score is its event less the Nelson–Aalen hazard up to its time; a group's sum of scores is its
    observed minus expected events. Two groups of up to 40 subjects together: exact, by counting the subsets that lie
    as far from zero or farther. Otherwise `draws` seeded permutations, P = (hits + 1) / (draws + 1), and `error` is
    its Monte Carlo standard error. The statistic is the sum of squared group sums over group sizes, over the variance
    of the scores (chi-square in large samples).
    """
    table = grouped_table(time, status, group, count)
    if table.note or len(table.groups) < 2 or not table.events.any():
        return Test(math.nan, method="log-rank-permutation", note=table.note or (
            ONE_GROUP if len(table.groups) < 2 else NO_EVENTS))
    hazard = np.cumsum(table.events.sum(axis=0) / table.at_risk.sum(axis=0))
    sizes = table.n
    scores, sums_of = [], []
    for events, censored in zip(table.events, table.censored, strict=True):
        own = np.concatenate([np.repeat(1 - hazard, events), np.repeat(-hazard, censored)])
        scores.append(own)
        sums_of.append(own.sum())
    pool, observed = np.sort(np.concatenate(scores)), np.array(sums_of)
    variance = float(pool @ pool) / (len(pool) - 1)
    if variance < 1e-20:
        return Test(math.nan, method="log-rank-permutation", note=ALL_AT_ONCE)
    statistic = float((observed**2 / sizes).sum() / variance)
    if len(sizes) == 2 and len(pool) <= EXACT_LIMIT:
        small = int(np.argmin(sizes))
        p = _exact_share(pool, int(sizes[small]), abs(float(observed[small])))
        return Test(p, statistic, method="log-rank-permutation-exact", exact=True)
    hits = _shuffled_hits(pool, sizes, statistic * variance, seed, draws)
    p = (hits + 1) / (draws + 1)
    return Test(p, statistic, method="log-rank-permutation", error=math.sqrt(p * (1 - p) / draws))


def _exact_share(pool: Floats, size: int, distance: float) -> float:
    """Share of all subsets of this size whose sum is at least this far from zero: two halves, sorted and matched."""
    half = len(pool) // 2
    near, far = _subset_sums(pool[:half]), _subset_sums(pool[half:])
    edge = distance * (1 - 1e-9) - 1e-12  # rounding must not lose the subsets that tie with the one observed
    hits = 0
    for taken in range(max(0, size - len(far) + 1), min(size, half) + 1):
        left, right = np.sort(near[taken]), far[size - taken]
        hits += int((len(left) - np.searchsorted(left, edge - right, side="left")).sum())
        hits += int(np.searchsorted(left, -edge - right, side="right").sum())
    return min(1.0, hits / math.comb(len(pool), size))


def _subset_sums(values: Floats) -> list[Floats]:
    """For each number of elements, the sums of all subsets of that many."""
    found = [np.zeros(1)]
    for value in values:
        longer = [*(sums_ + value for sums_ in found)]
        found = [found[0], *(np.concatenate([found[i + 1], longer[i]]) for i in range(len(found) - 1)), longer[-1]]
    return found


def _shuffled_hits(pool: Floats, sizes: Counts, observed: float, seed: int, draws: int) -> int:
    rng = np.random.default_rng(seed)
    ends = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
    hits, left = 0, draws
    while left:
        rows = min(left, max(1, CHUNK // len(pool)))
        shuffled = rng.permuted(np.broadcast_to(pool, (rows, len(pool))), axis=1)
        drawn = np.add.reduceat(shuffled, ends, axis=1)
        hits += int(((drawn**2 / sizes).sum(axis=1) >= observed * (1 - 1e-9)).sum())
        left -= rows
    return hits
