"""Intervals for one proportion, a difference, a risk ratio and an odds ratio. Zero cells need no correction here."""

from __future__ import annotations

import math
from collections.abc import Callable

from stats.methods.hypergeometric import Hypergeometric
from stats.methods.special import betaincinv, ndtri
from stats.methods.types import Description, Estimate

DESCRIPTIONS = {
    "clopper-pearson": Description(
        "Confidence intervals of proportions are exact (Clopper–Pearson).",
        "Clopper CJ, Pearson ES. Biometrika 1934;26:404–413", name="Clopper–Pearson interval",
        reason="Their coverage is never below the nominal level."),
    "wilson": Description(
        "Confidence intervals of proportions are Wilson's score intervals.",
        "Wilson EB. J Am Stat Assoc 1927;22:209–212", name="Wilson's score interval"),
    "newcombe": Description(
        "Confidence intervals of differences between proportions are Newcombe's hybrid of the two Wilson score "
        "intervals.", "Newcombe RG. Stat Med 1998;17:873–890", name="Newcombe's hybrid score interval",
        reason="They hold when nobody, or everybody, in a group has the outcome."),
    "miettinen-nurminen": Description(
        "Confidence intervals of differences between proportions are the score intervals of Miettinen and Nurminen.",
        "Miettinen O, Nurminen M. Stat Med 1985;4:213–226", name="Miettinen–Nurminen score interval"),
    "koopman": Description(
        "Risk ratios are given with Koopman's score interval.",
        "Koopman PAR. Biometrics 1984;40:513–517", name="Koopman's score interval",
        reason="It can be computed when a cell of the table is empty."),
    "conditional-odds-ratio": Description(
        "Odds ratios are conditional maximum likelihood estimates with exact confidence limits.",
        "Cornfield J. Proc Third Berkeley Symp 1956;4:135–148", name="exact conditional odds ratio",
        reason="They can be computed when a cell of the table is empty."),
}

NOBODY = "no patients in a group"
FARTHEST = 300.0  # natural logarithm of the largest odds ratio looked for; a third of it for risk ratios
FINEST = 1e-18  # a root near zero is not sought among ever smaller numbers


def clopper_pearson(x: int, n: int, confidence: float = 0.95) -> Estimate:
    """x of n with the exact interval of Clopper and Pearson (1934), from quantiles of the beta distribution."""
    if not _counts(x, n):
        return Estimate(math.nan, method="clopper-pearson", note="no patients")
    tail = (1 - confidence) / 2
    lower = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    upper = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return Estimate(x / n, lower, upper, method="clopper-pearson")


def wilson(x: int, n: int, confidence: float = 0.95) -> Estimate:
    """x of n with Wilson's score interval (1927)."""
    if not _counts(x, n):
        return Estimate(math.nan, method="wilson", note="no patients")
    z, p = _z(confidence), x / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    lower = 0.0 if x == 0 else (middle - half) / scale
    upper = 1.0 if x == n else (middle + half) / scale
    return Estimate(p, lower, upper, method="wilson")


def newcombe(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95) -> Estimate:
    """x1/n1 - x2/n2 with Newcombe's hybrid score interval (1998, method ten)."""
    if not (_counts(x1, n1) and _counts(x2, n2)):
        return Estimate(math.nan, method="newcombe", note=NOBODY)
    a, b = wilson(x1, n1, confidence), wilson(x2, n2, confidence)
    gap = a.estimate - b.estimate
    return Estimate(gap, gap - math.hypot(a.estimate - a.lower, b.upper - b.estimate),
                    gap + math.hypot(a.upper - a.estimate, b.estimate - b.lower), method="newcombe")


def miettinen_nurminen(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95) -> Estimate:
    """x1/n1 - x2/n2 with the score interval of Miettinen and Nurminen (1985), their factor n/(n - 1) included.

    The limits are the differences whose score statistic, at the proportions that are most likely under that difference,
    is the normal quantile; found by bisection to the last digits.
    """
    if not (_counts(x1, n1) and _counts(x2, n2)):
        return Estimate(math.nan, method="miettinen-nurminen", note=NOBODY)
    z, gap, n = _z(confidence), x1 / n1 - x2 / n2, n1 + n2

    def reach(delta: float) -> float:
        p2 = _restricted(x1, n1, x2, n2, delta)
        p1 = min(max(p2 + delta, 0.0), 1.0)
        return z * math.sqrt((p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1))

    lower = _root(lambda d: gap - d - reach(d), -1.0, gap)
    upper = _root(lambda d: gap - d + reach(d), gap, 1.0)
    return Estimate(gap, lower, upper, method="miettinen-nurminen")


def risk_ratio(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95, *, inflation: float = 1.0) -> Estimate:
    """(x1/n1) / (x2/n2) with Koopman's score interval (1984); 0 or infinite where one group has no events.

    The variance may be inflated; by n/(n - 1) the interval becomes that of Miettinen and Nurminen.
    """
    if not (_counts(x1, n1) and _counts(x2, n2)):
        return Estimate(math.nan, method="koopman", note=NOBODY)
    if x1 == 0 and x2 == 0:
        return Estimate(math.nan, method="koopman", note="no events in either group")
    z, p1, p2 = _z(confidence), x1 / n1, x2 / n2

    def score(log_ratio: float, sign: float) -> float:
        ratio = math.exp(log_ratio)
        # the most likely p2 where p1 = ratio * p2: the smaller root of a quadratic, written to lose no digits
        linear = ratio * (n1 + x2) + x1 + n2
        root = math.sqrt(max(linear * linear - 4 * (n1 + n2) * ratio * (x1 + x2), 0.0))
        q2 = min(2 * (x1 + x2) / (linear + root), 1.0)
        q1 = min(ratio * q2, 1.0)
        spread = math.sqrt((q1 * (1 - q1) / n1 + ratio * ratio * q2 * (1 - q2) / n2) * inflation)
        return p1 - ratio * p2 + sign * z * spread

    middle = math.log(p1 / p2) if x1 and x2 else 0.0
    least, most = -FARTHEST / 3, FARTHEST / 3
    lower = 0.0 if x1 == 0 else math.exp(_root(lambda r: score(r, -1), least, middle if x2 else most))
    upper = math.inf if x2 == 0 else math.exp(_root(lambda r: score(r, 1), middle if x1 else least, most))
    return Estimate(p1 / p2 if x2 else math.inf, lower, upper, method="koopman")


def odds_ratio(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95) -> Estimate:
    """Odds of x1 of n1 over those of x2 of n2: conditional maximum likelihood estimate with exact limits.

    Both follow from the noncentral hypergeometric distribution of x1 given the margins, as in R's fisher.test but
    solved to the last digits, where R stops at one in ten thousand.
    """
    method = "conditional-odds-ratio"
    if not (_counts(x1, n1) and _counts(x2, n2)):
        return Estimate(math.nan, method=method, note=NOBODY)
    events = x1 + x2
    if events in (0, n1 + n2):
        return Estimate(math.nan, method=method, note="no events" if events == 0 else "events in every patient")
    given = Hypergeometric(n1, n2, events)
    low, high = given.low, given.high
    tail = (1 - confidence) / 2

    def mean(log_odds: float) -> float:
        values, chance = given.chances(log_odds)
        return float(chance @ values)

    def share(log_odds: float, upward: bool) -> float:
        values, chance = given.chances(log_odds)
        return float(chance[values >= x1 if upward else values <= x1].sum())

    if x1 == low:
        estimate = 0.0
    elif x1 == high:
        estimate = math.inf
    else:
        estimate = _odds(lambda log_odds: x1 - mean(log_odds))
    lower = 0.0 if x1 == low else _odds(lambda log_odds: tail - share(log_odds, True))
    upper = math.inf if x1 == high else _odds(lambda log_odds: share(log_odds, False) - tail)
    return Estimate(estimate, lower, upper, method=method)


def _counts(x: int, n: int) -> bool:
    """Whether there is anybody to count; raises ValueError for counts that can't be."""
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is no proportion")
    return n > 0


def _z(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2))


def _restricted(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """The most likely second proportion when the first is `delta` higher: where the likelihood stops rising."""
    def slope(p: float) -> float:
        total = 0.0
        for hits, share, sign in ((x1, p + delta, 1), (n1 - x1, 1 - p - delta, -1), (x2, p, 1), (n2 - x2, 1 - p, -1)):
            if hits:
                total += sign * (hits / share if share > 0 else math.inf)
        return total

    return _root(slope, max(0.0, -delta), min(1.0, 1.0 - delta))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses zero, by bisection until the interval can't be halved."""
    while True:
        middle = (low + high) / 2
        if not low < middle < high or high - low < FINEST:
            return middle
        if falling(middle) > 0:
            low = middle
        else:
            high = middle


def _odds(falling: Callable[[float], float]) -> float:
    return math.exp(_root(falling, -FARTHEST, FARTHEST))
