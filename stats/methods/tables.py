"""Tests of association in tables of counts: groups are rows, levels columns. Empty rows and columns are left out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats.methods.network import fisher_p, linear_distribution
from stats.methods.special import chdtrc
from stats.methods.types import Description, Test

DESCRIPTIONS = {
    "fisher-exact": Description(
        "Categorical variables were compared with Fisher's exact test, in Freeman and Halton's extension where a table has more "
        "than two rows or columns.",
        "Freeman GH, Halton JH. Biometrika 1951;38:141–149", name="Fisher's exact test",
        reason="It needs no large expected counts."),
    "pearson-chi-square": Description(
        "Categorical variables were compared with Pearson's chi-square test without continuity correction.",
        "Pearson K. Philos Mag 1900;50:157–175", name="Pearson's chi-square test"),
    "yates-chi-square": Description(
        "Categorical variables were compared with Pearson's chi-square test with Yates's continuity correction.",
        "Yates F. J R Stat Soc Suppl 1934;1:217–235", name="chi-square test with Yates's correction"),
    "cochran-armitage": Description(
        "Trends in proportions over ordered levels were tested by the Cochran–Armitage test.",
        "Armitage P. Biometrics 1955;11:375–386", name="Cochran–Armitage test"),
    "linear-by-linear": Description(
        "Association between ordered categories was tested by the linear-by-linear association test.",
        "Mantel N. J Am Stat Assoc 1963;58:690–700", name="linear-by-linear association test"),
    "linear-by-linear-exact": Description(
        "Association between ordered categories was tested by the exact permutation form of the linear-by-linear "
        "association test.",
        "Agresti A, Mehta CR, Patel NR. J Am Stat Assoc 1990;85:453–458",
        name="exact linear-by-linear association test"),
}

TOO_LARGE = "the table is too large for exact enumeration"
LEAST_EXPECTED = 5.0  # the smallest expected count for which the chi-square distribution is relied on
SAME = 1e-9  # scores whose distance from expectation differs by less than this share are equally far

Counts = NDArray[np.int64]


def fisher(table: ArrayLike) -> Test:
    """Fisher's exact test of an r x c table: the share of tables with these margins that are no more probable.

    Deterministic and complete for any table of a hundred patients met in practice; where enumeration would take too
    much work P is nan and the note says so.
    """
    counts = trimmed(table)
    if reason := _degenerate(counts):
        return Test(math.nan, method="fisher-exact", exact=True, note=reason)
    p = fisher_p(counts)
    if p is None:
        return Test(math.nan, method="fisher-exact", exact=True, note=TOO_LARGE)
    return Test(p, method="fisher-exact", exact=True)


def chi_square(table: ArrayLike, yates: bool = False) -> Test:
    """Pearson's chi-square test of an r x c table; `yates` corrects a 2 x 2 table for continuity, at most to O = E."""
    counts = trimmed(table)
    method = "yates-chi-square" if yates and counts.shape == (2, 2) else "pearson-chi-square"
    if reason := _degenerate(counts):
        return Test(math.nan, method=method, note=reason)
    expected = _expected(counts)
    gap = np.abs(counts - expected)
    if method == "yates-chi-square":
        gap -= min(0.5, gap.min())
    statistic = float((gap ** 2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return Test(float(chdtrc(df, statistic)), statistic, df, method)


def association(table: ArrayLike, exact_limit: int = 100) -> Test:
    """The default rule: Fisher's exact test up to `exact_limit` patients; above it Pearson's chi-square test where
    every expected count is at least five, otherwise Fisher's again.

    Where a table is too large to enumerate, Pearson's test stands in and the note says so.
    """
    counts = trimmed(table)
    if _degenerate(counts):
        return fisher(counts)
    least = float(_expected(counts).min())
    if counts.sum() > exact_limit and least >= LEAST_EXPECTED:
        return chi_square(counts)
    exact = fisher(counts)
    if not math.isnan(exact.p_value):
        return exact
    stand_in = chi_square(counts)
    sparse = "" if least >= LEAST_EXPECTED else ", though an expected count is below five"
    return Test(stand_in.p_value, stand_in.statistic, stand_in.df, stand_in.method,
                note=f"{TOO_LARGE}; Pearson's chi-square test instead{sparse}")


def cochran_armitage(table: ArrayLike, scores: ArrayLike | None = None) -> Test:
    """Cochran-Armitage test for trend, two groups (rows) over ordered levels (columns); chi-square with one df.

    `scores` of the levels default to 0, 1, 2, … No continuity correction (R's prop.trend.test).
    """
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.shape[0] != 2:
        return Test(math.nan, method="cochran-armitage", note="a trend test needs two groups")
    r2, n, reason = _correlation(counts, np.arange(2.0), _scores(scores, counts.shape[1]))
    if reason:
        return Test(math.nan, method="cochran-armitage", note=reason)
    return Test(float(chdtrc(1, n * r2)), n * r2, 1, "cochran-armitage")


def linear_by_linear(table: ArrayLike, exact: bool = True, row_scores: ArrayLike | None = None,
                     column_scores: ArrayLike | None = None) -> Test:
    """Linear-by-linear association of two ordered factors; statistic (n - 1) r² with one df.

    With `exact` P comes from the distribution of sum(row score × column score × count) over all tables with these
    margins; where that is too large to enumerate the chi-square approximation stands in, and `method` and `exact` say
    which it was. Scores default to 0, 1, 2, …
    """
    counts = np.asarray(table)
    if counts.ndim != 2:
        return Test(math.nan, method="linear-by-linear", note="no table")
    u, v = _scores(row_scores, counts.shape[0]), _scores(column_scores, counts.shape[1])
    r2, n, reason = _correlation(counts, u, v)
    if reason:
        return Test(math.nan, method="linear-by-linear", note=reason)
    statistic = (n - 1) * r2
    found = _exact_linear(counts, u, v) if exact else None
    if found is None:
        note = f"{TOO_LARGE}; chi-square approximation instead" if exact else ""
        return Test(float(chdtrc(1, statistic)), statistic, 1, "linear-by-linear", note=note)
    return Test(found, statistic, 1, "linear-by-linear-exact", exact=True)


def nothing_to_test(table: ArrayLike) -> str:
    """Why a table of groups (rows) by levels (columns) has nothing to test, or ''. Raises ValueError for no counts."""
    return _degenerate(trimmed(table))


def _exact_linear(counts: Counts, u: NDArray[np.float64], v: NDArray[np.float64]) -> float | None:
    rows, columns = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    # scores measured from their mean, so that the expectation of the sum is zero
    counts, u, v = counts[rows][:, columns], u[rows], v[columns]
    n = counts.sum()
    u, v = u - counts.sum(axis=1) @ u / n, v - counts.sum(axis=0) @ v / n
    if len(u) > len(v):
        counts, u, v = counts.T, v, u
    found = linear_distribution(counts, u, v)
    if found is None:
        return None
    sums, chances = found
    distance = abs(float(u @ counts @ v))
    return min(float(chances[np.abs(sums) >= distance - SAME * max(1.0, distance)].sum()), 1.0)


def trimmed(table: ArrayLike) -> Counts:
    """Counts as whole numbers without empty rows and columns. Raises ValueError for anything but counts."""
    given = np.atleast_2d(np.asarray(table, dtype=float))
    if given.ndim != 2 or not np.isfinite(given).all() or (given < 0).any() or (given != np.rint(given)).any():
        raise ValueError("a table of counts holds whole numbers from 0")
    counts = given.astype(np.int64)
    return counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]


def _degenerate(counts: Counts) -> str:
    """Why a table without empty rows and columns has nothing to test, or ''."""
    if counts.size == 0:
        return "no patients"
    if counts.shape[0] < 2:
        return "no patients in a group"
    return "all patients are in the same category" if counts.shape[1] < 2 else ""


def _expected(counts: Counts) -> NDArray[np.float64]:
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()


def _scores(scores: ArrayLike | None, n: int) -> NDArray[np.float64]:
    found = np.arange(float(n)) if scores is None else np.asarray(scores, dtype=float)
    if found.shape != (n,):
        raise ValueError(f"{n} levels need {n} scores")
    return found


def _correlation(counts: NDArray, u: NDArray[np.float64], v: NDArray[np.float64]) -> tuple[float, int, str]:
    """Squared correlation of the two scores over all patients, their number, and why there is none, or ''."""
    if reason := _degenerate(trimmed(counts)):
        return math.nan, 0, reason
    n = int(counts.sum())
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    u, v = u - rows @ u / n, v - columns @ v / n
    spread = float(rows @ u ** 2) * float(columns @ v ** 2)
    if spread <= 0:
        return math.nan, n, "all patients have the same score"
    return float(u @ counts @ v) ** 2 / spread, n, ""
