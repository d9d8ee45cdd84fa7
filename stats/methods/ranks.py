"""Comparisons of numbers between groups: by ranks, and by means where a study asks for means. nan counts as missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stats.methods.pairwise import Differences, median
from stats.methods.permutation import LARGEST, midranks, subset_sums
from stats.methods.samples import Ranked, Sample
from stats.methods.special import chdtrc, fdtrc, gammaln, ndtr, ndtri, stdtr, stdtrit
from stats.methods.types import Description, Estimate, Test

WELCH = "Welch BL. Biometrika 1947;34:28–35"

DESCRIPTIONS = {
    "wilcoxon-exact": Description(
        "Continuous and ordinal variables were compared between two groups "
        "with the Wilcoxon rank-sum test; P is exact, from the distribution "
        "conditional on the observed mid-ranks.",
        "Streitberg B, Röhmel J. Stat Softw Newsl 1986;12:10–17", name="exact Wilcoxon rank-sum test",
        reason="It is exact because ties are the rule among few patients."),
    "wilcoxon-normal": Description(
        "Continuous and ordinal variables were compared between two larger groups "
        "with the Wilcoxon rank-sum test by the normal approximation, "
        "corrected for ties and continuity.", "Wilcoxon F. Biometrics Bull 1945;1:80–83",
        name="Wilcoxon rank-sum test"),
    "hodges-lehmann-exact": Description(
        "Shifts are the median of all pairwise differences (Hodges–Lehmann) with limits from the exact rank-sum "
        "distribution conditional on the observed ties.",
        "Bauer DF. J Am Stat Assoc 1972;67:687–690", name="Hodges–Lehmann shift, exact limits",
        reason="This shift is what the rank test asks about."),
    "hodges-lehmann-normal": Description(
        "In larger groups shifts are the median of all pairwise differences (Hodges–Lehmann) with limits from the "
        "normal approximation.",
        "Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598–611", name="Hodges–Lehmann shift"),
    "kruskal-wallis": Description(
        "Continuous and ordinal variables were compared among three or more groups "
        "with the Kruskal–Wallis test, corrected for ties.",
        "Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583–621", name="Kruskal–Wallis test"),
    "welch-t": Description("Means of two groups were compared with Welch's t test.", WELCH, name="Welch's t test"),
    "anova": Description(
        "Means of three or more groups were compared by one-way analysis of variance.",
        "Fisher RA. Statistical Methods for Research Workers. Oliver and Boyd 1925",
        name="one-way analysis of variance"),
    "welch-difference": Description(
        "Differences in means are given with Welch's confidence limits.", WELCH, name="Welch's interval"),
    "geometric-ratio": Description(
        "Ratios of geometric means are differences in mean logarithms with Welch's confidence limits, transformed "
        "back.", WELCH, name="ratio of geometric means"),
    "delong": Description(
        "The probability that a value of the one group exceeds one of the other (ties counted half) is the area under "
        "the receiver operating characteristic curve, with DeLong's confidence limits.",
        "DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837–845", name="DeLong's interval"),
    "spearman": Description(
        "Association of two numbers is Spearman's rank correlation, its P from the t distribution.",
        "Spearman C. Am J Psychol 1904;15:72–101", name="Spearman's rank correlation"),
}

EMPTY = "no values in a group"
CONSTANT = "all values are equal"
SINGLE = "fewer than two values in a group"
NO_LOGARITHM = "a value isn't positive and has no logarithm"
TOO_FEW = "too few values for limits of this confidence"

Numbers = ArrayLike | Sample  # one by one, or counted


def rank_sum(x: Numbers, y: Numbers, exact_limit: int = 60) -> Test:
    """Wilcoxon rank-sum test, two-sided; the statistic is U of x: how many pairs x wins, ties half.

    Up to `exact_limit` values in both groups together P is exact: the share of all ways to deal the observed mid-ranks
    whose rank sum is as far from its expectation, or farther. Beyond, the normal approximation with the tie-corrected
    variance and continuity correction, as R's wilcox.test.
    """
    a, b = Sample.of(x), Sample.of(y)
    exact = a.n + b.n <= min(exact_limit, LARGEST)
    method = "wilcoxon-exact" if exact else "wilcoxon-normal"
    if a.n == 0 or b.n == 0:
        return Test(math.nan, method=method, exact=exact, note=EMPTY)
    ranked = Ranked.together([a, b])
    u = float((ranked.own[0] * a.times).sum()) - a.n * (a.n + 1) / 2
    if ranked.tied:
        return Test(math.nan, u, method=method, exact=exact, note=CONSTANT)
    if not exact:
        z = (abs(u - a.n * b.n / 2) - 0.5) / _spread(a.n, b.n, ranked.squares)
        return Test(min(2 * float(ndtr(-z)), 1.0), u, method=method)
    doubled = np.rint(2 * ranked.spelled_out([a, b])).astype(np.int64)
    sums, chances = subset_sums(doubled, a.n)
    middle = a.n * (ranked.n + 1)
    far = np.abs(sums - middle) >= abs(int(doubled[:a.n].sum()) - middle)
    return Test(min(float(chances[far].sum()), 1.0), u, method=method, exact=True)


def hodges_lehmann(x: Numbers, y: Numbers, confidence: float = 0.95, exact_limit: int = 60) -> Estimate:
    """The median of all pairwise differences x - y, in their unit, with limits from inverting the rank-sum test.

    Up to `exact_limit` values the limits are Bauer's (1972) from the exact distribution conditional on the ties, as
    exactRankTests' wilcox.exact; beyond, from the normal approximation, as wilcox.test. With too few values for the
    confidence asked there are no limits: R prints the smallest and largest difference under a confidence they lack.
    """
    a, b = Sample.of(x), Sample.of(y)
    exact = a.n + b.n <= min(exact_limit, LARGEST)
    method = "hodges-lehmann-exact" if exact else "hodges-lehmann-normal"
    if a.n == 0 or b.n == 0:
        return Estimate(math.nan, method=method, note=EMPTY)
    if not (np.isfinite(a.values).all() and np.isfinite(b.values).all()):
        return Estimate(math.nan, method=method, note="a value is infinite")
    differences = Differences(a, b)
    shift = median(differences)
    if a.constant and b.constant:
        return Estimate(shift, method=method, note="the values don't vary within the groups")
    limits = _exact_limits(a, b, confidence) if exact else _normal_limits(a, b, differences, confidence)
    if limits[2]:
        return Estimate(shift, method=method, note=limits[2])
    return Estimate(shift, limits[0], limits[1], method=method, note=limits[2])


def kruskal(samples: Sequence[Numbers]) -> Test:
    """Kruskal-Wallis test of two or more samples, corrected for ties; chi-square with one df fewer than samples."""
    groups = [Sample.of(sample) for sample in samples]
    if len(groups) < 2 or not all(group.n for group in groups):
        return Test(math.nan, method="kruskal-wallis", note=EMPTY)
    ranked, df = Ranked.together(groups), len(groups) - 1
    if ranked.tied:
        return Test(math.nan, df=df, method="kruskal-wallis", note=CONSTANT)
    means = [float((own * group.times).sum()) / group.n for own, group in zip(ranked.own, groups, strict=True)]
    between = sum(group.n * (mean - (ranked.n + 1) / 2) ** 2 for group, mean in zip(groups, means, strict=True))
    h = (ranked.n - 1) * between / ranked.squares
    return Test(float(chdtrc(df, h)), h, df, "kruskal-wallis")


def welch_t(x: Numbers, y: Numbers) -> Test:
    """Welch's t test, two-sided, with Satterthwaite's df; statistic positive where x is higher."""
    gap, error, df, note = _welch(Sample.of(x), Sample.of(y))
    if note:
        return Test(math.nan, method="welch-t", note=note)
    return Test(2 * float(stdtr(df, -abs(gap / error))), gap / error, df, "welch-t")


def mean_difference(x: Numbers, y: Numbers, confidence: float = 0.95) -> Estimate:
    """Mean x - mean y in their unit, with Welch's limits and P."""
    return _difference(Sample.of(x), Sample.of(y), confidence, "welch-difference")


def geometric_ratio(x: Numbers, y: Numbers, confidence: float = 0.95) -> Estimate:
    """Geometric mean of x over that of y, with Welch's limits on the logarithms transformed back, and their P."""
    a, b = Sample.of(x), Sample.of(y)
    if min(a.values.min(initial=math.inf), b.values.min(initial=math.inf)) <= 0:
        return Estimate(math.nan, method="geometric-ratio", note=NO_LOGARITHM)
    found = _difference(a.logarithms(), b.logarithms(), confidence, "geometric-ratio")
    with np.errstate(over="ignore"):  # a limit beyond every number is infinity
        estimate, lower, upper = (float(np.exp(part)) for part in (found.estimate, found.lower, found.upper))
    return Estimate(estimate, lower, upper, found.p_value, found.method, found.note)


def anova(samples: Sequence[Numbers]) -> Test:
    """One-way analysis of variance with equal variances; statistic F, df those between groups."""
    groups = [Sample.of(sample) for sample in samples]
    if len(groups) < 2 or not all(group.n for group in groups):
        return Test(math.nan, method="anova", note=EMPTY)
    n = sum(group.n for group in groups)
    between_df, within_df = len(groups) - 1, n - len(groups)
    if within_df < 1:
        return Test(math.nan, df=between_df, method="anova", note=SINGLE)
    if all(group.constant for group in groups):
        return Test(math.nan, df=between_df, method="anova", note="the values don't vary within the groups")
    mean = sum(group.mean * group.n for group in groups) / n
    between = sum(group.n * (group.mean - mean) ** 2 for group in groups) / between_df
    within = sum(group.variance * (group.n - 1) for group in groups if group.n > 1) / within_df
    f = between / within
    return Test(float(fdtrc(between_df, within_df, f)), f, between_df, "anova")


def spearman(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Spearman's rank correlation of pairs (mid-ranks), P from the t approximation; pairs with a missing part left out.

    Where the order agrees (or is reversed) without exception t is infinite, and P is that of such an agreement among
    all orders instead.
    """
    a, b = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
    both = ~(np.isnan(a) | np.isnan(b))
    n = int(both.sum())
    if n < 3:
        return Estimate(math.nan, method="spearman", note="fewer than three pairs")
    first, second = (midranks(part[both]) - (n + 1) / 2 for part in (a, b))
    scale = math.sqrt(float(first @ first) * float(second @ second))
    if scale == 0:
        return Estimate(math.nan, method="spearman", note=CONSTANT)
    rho = min(max(float(first @ second) / scale, -1.0), 1.0)
    if 1 - abs(rho) < 1e-12:
        ties = np.unique(second, return_counts=True)[1]
        p = 2 * math.exp(float(gammaln(ties + 1).sum() - gammaln(n + 1)))
    else:
        p = 2 * float(stdtr(n - 2, -abs(rho) * math.sqrt((n - 2) / (1 - rho * rho))))
    return Estimate(rho, p_value=min(p, 1.0), method="spearman")


def superiority(x: Numbers, y: Numbers, confidence: float = 0.95) -> Estimate:
    """Probability that a value of x exceeds one of y, ties counted half (the ROC area), with DeLong's limits.

    Groups that don't overlap have no spread to build limits on; the interval is then nan and not a single point.
    """
    a, b = Sample.of(x), Sample.of(y)
    if a.n == 0 or b.n == 0:
        return Estimate(math.nan, method="delong", note=EMPTY)
    ranked = Ranked.together([a, b])
    # the share of y that each x exceeds, and the share of x that doesn't exceed each y
    won = Sample.of((ranked.own[0] - Ranked.together([a]).ranks) / b.n, a.times)
    lost = Sample.of(1 - (ranked.own[1] - Ranked.together([b]).ranks) / a.n, b.times)
    area = won.mean
    if a.n < 2 or b.n < 2:
        return Estimate(area, method="delong", note=SINGLE)
    variance = won.variance / a.n + lost.variance / b.n
    if variance < 1e-30:
        return Estimate(area, method="delong", note=CONSTANT if ranked.tied else "the groups don't overlap")
    half = float(ndtri((1 + confidence) / 2)) * math.sqrt(variance)
    return Estimate(area, max(area - half, 0.0), min(area + half, 1.0), method="delong")


def _spread(n: int, m: int, squares: float) -> float:
    """Standard deviation of U of n and m values under no difference, given the `squares` of their ranks."""
    return math.sqrt(n * m / ((n + m) * (n + m - 1)) * squares)


def _exact_limits(x: Sample, y: Sample, confidence: float) -> tuple[float, float, str]:
    a, b = x.spelled_out(), y.spelled_out()
    pairs, tail = len(a) * len(b), (1 - confidence) / 2
    ranks = midranks(np.concatenate([a, b]))
    sums, chances = subset_sums(np.rint(2 * ranks).astype(np.int64), len(a))
    u, rare = sums / 2 - len(a) * (len(a) + 1) / 2, tail * (1 - 1e-12)
    # the smallest and the largest U that no one-sided test at `tail` rejects
    least = float(u[np.cumsum(chances) >= rare][0])
    most = float(u[np.cumsum(chances[::-1])[::-1] >= rare][-1])
    steps = np.sort(np.subtract.outer(a, b).ravel())
    if len(np.unique(ranks)) == len(ranks):
        above = steps[np.arange(pairs, 0, -1.0) > most]  # U when x is shifted to just below each difference
        within = steps[np.arange(pairs, 0, -1.0) <= least]
    else:
        # with ties U is taken at the difference itself, where the pair it belongs to is tied; differences that are
        # equal but for the last digits of floating point are one. A U that is not rejected ends the interval on either
        # side alike (wilcox.exact does so for the upper limit only, and gives another interval for swapped groups)
        scale = max(float(np.abs(a).max()), float(np.abs(b).max()))
        block = np.concatenate([[0], np.cumsum(np.diff(steps) > 1e-12 * scale)])
        size = np.bincount(block)
        wins = (pairs - np.cumsum(size) + size / 2)[block]
        above, within = steps[wins >= most], steps[wins <= least]
    lower = float(above[-1]) if len(above) else float(steps[0])
    upper = float(within[0]) if len(within) else float(steps[-1])
    return lower, upper, _shortfall(float(chances[0] + chances[-1]), confidence)


def _normal_limits(a: Sample, b: Sample, differences: Differences, confidence: float) -> tuple[float, float, str]:
    pairs, z = a.n * b.n, float(ndtri((1 + confidence) / 2))
    # just beside a step x and y are never tied with each other: only ties within the groups remain
    places = np.arange(len(b.values) + len(a.values), dtype=np.float64)
    apart = Ranked.together([Sample(places[:len(b.values)], b.times), Sample(places[len(b.values):], a.times)])
    spread = _spread(a.n, b.n, apart.squares)
    step = math.ceil(pairs / 2 - 0.5 - z * spread)
    note = "" if step >= 1 else _shortfall(2 * float(ndtr(-(pairs / 2 - 0.5) / spread)), confidence)
    step = max(step, 1)
    return differences.at(step - 1), differences.at(pairs - step), note


def _shortfall(outside: float, confidence: float) -> str:
    """Why there are no limits: even the smallest and largest difference don't reach the confidence asked."""
    return "" if 1 - outside >= confidence - 1e-12 else TOO_FEW


def _welch(a: Sample, b: Sample) -> tuple[float, float, float, str]:
    """Difference in means, its standard error, df, and why there is none, or ''."""
    if a.n == 0 or b.n == 0:
        return math.nan, math.nan, math.nan, EMPTY
    gap = a.mean - b.mean
    if a.n < 2 or b.n < 2:
        return gap, math.nan, math.nan, SINGLE
    u, v = a.variance / a.n, b.variance / b.n
    error = math.sqrt(u + v)
    if error <= 10 * np.finfo(float).eps * max(abs(a.mean), abs(b.mean)):
        return gap, error, math.nan, "the values don't vary within the groups"
    return gap, error, (u + v) ** 2 / (u * u / (a.n - 1) + v * v / (b.n - 1)), ""


def _difference(a: Sample, b: Sample, confidence: float, method: str) -> Estimate:
    gap, error, df, note = _welch(a, b)
    if note:
        return Estimate(gap, method=method, note=note)
    half = float(stdtrit(df, (1 + confidence) / 2)) * error
    return Estimate(gap, gap - half, gap + half, 2 * float(stdtr(df, -abs(gap / error))), method)
