from __future__ import annotations

import itertools
import math
import time
from fractions import Fraction
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import network, tables

quick = settings(max_examples=40, deadline=None)
counts = st.integers(1, 3).flatmap(lambda c: st.lists(st.lists(st.integers(0, 3), min_size=c, max_size=c), min_size=2,
                                                      max_size=3))


def every_table(rows: tuple[int, ...], columns: tuple[int, ...]):
    """All tables with the margins, one after the other."""
    if not columns:
        yield ()
        return
    for fill in itertools.product(*(range(min(r, columns[0]) + 1) for r in rows)):
        if sum(fill) == columns[0]:
            for rest in every_table(tuple(r - f for r, f in zip(rows, fill, strict=True)), columns[1:]):
                yield (fill, *rest)


def weight(table) -> Fraction:
    return Fraction(1, prod(factorial(cell) for column in table for cell in column))


def fisher_by_hand(table: np.ndarray) -> Fraction:
    observed = weight(table.T.tolist())
    weights = [weight(t) for t in every_table(tuple(table.sum(1).tolist()), tuple(table.sum(0).tolist()))]
    return sum((w for w in weights if w <= observed), Fraction(0)) / sum(weights)


@pytest.mark.parametrize(("table", "p"), [
    ([[3, 1], [1, 3]], Fraction(17, 35)),  # Fisher's lady tasting tea
    ([[3, 0], [0, 3]], Fraction(1, 10)),
    ([[1, 9], [11, 3]], Fraction(41, 14858)),
    ([[2, 0, 0], [0, 2, 0], [0, 0, 2]], Fraction(1, 15)),  # 6 of 90 ways
])
def test_fisher_by_hand(table: list, p: Fraction) -> None:
    assert fisher_by_hand(np.array(table)) == p
    found = tables.fisher(table)
    assert (found.method, found.exact) == ("fisher-exact", True)
    assert found.p_value == pytest.approx(float(p), rel=1e-12)


@quick
@given(counts)
def test_fisher_is_the_sum_over_every_table(table: list) -> None:
    found, given_counts = tables.fisher(table), np.array(table)
    trimmed = given_counts[given_counts.sum(1) > 0][:, given_counts.sum(0) > 0]
    if min(trimmed.shape) < 2:
        assert math.isnan(found.p_value)
        assert found.note
    else:
        assert found.p_value == pytest.approx(float(fisher_by_hand(trimmed)), rel=1e-10)


@quick
@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_groups_and_levels_makes_no_difference(table: list, random) -> None:
    given_counts = np.array(table)
    mixed = given_counts[random.sample(range(len(given_counts)), len(given_counts))]
    mixed = mixed[:, random.sample(range(mixed.shape[1]), mixed.shape[1])]
    for test in (tables.fisher, tables.association, tables.chi_square):
        assert test(mixed).p_value == pytest.approx(test(table).p_value, rel=1e-10, nan_ok=True)
        if 1 not in given_counts.shape:
            assert test(mixed.T).p_value == pytest.approx(test(table).p_value, rel=1e-10, nan_ok=True)


@quick
@given(counts)
def test_all_tables_together_are_certain(table: list) -> None:
    rows, columns = np.array(table).sum(1), np.array(table).sum(0)
    rows, columns = rows[rows > 0], columns[columns > 0]
    if len(rows) and len(columns):
        full = np.zeros((len(rows), len(columns)), dtype=int)
        for i, j in itertools.product(range(len(rows)), range(len(columns))):  # some table with these margins
            full[i, j] = min(rows[i] - full[i].sum(), columns[j] - full[:, j].sum())
        sums, chances = network.linear_distribution(full, np.arange(len(rows)) * 1.0, np.arange(len(columns)) * 1.0)
        assert chances.sum() == pytest.approx(1, rel=1e-12)
        expectation = (rows @ np.arange(len(rows))) * (columns @ np.arange(len(columns))) / rows.sum()
        assert sums @ chances == pytest.approx(expectation, abs=1e-9)


def test_fisher_is_the_same_every_time_and_has_no_floor() -> None:
    """scipy draws at random for more than two rows or columns and never goes below one in ten thousand."""
    table = [[8, 58, 2, 3, 1, 2], [44, 25, 1, 0, 1, 0], [20, 27, 0, 1, 0, 2]]
    first, second = tables.fisher(table), tables.fisher(table)
    assert repr(first) == repr(second)
    assert 0 < first.p_value < 1e-6


@pytest.mark.parametrize("shape", [(2, 6), (3, 5), (4, 5)])
def test_a_hundred_patients_are_quick(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(8)
    table = rng.multinomial(100, np.ones(prod(shape)) / prod(shape)).reshape(shape)
    best = math.inf
    for _ in range(2):
        begin = time.perf_counter()
        assert 0 < tables.fisher(table).p_value <= 1
        best = min(best, time.perf_counter() - begin)
    assert best < (1.0 if shape[0] < 4 else 10.0)  # a tenth of that on an idle machine


def test_a_probability_just_as_small_counts_despite_rounding() -> None:
    """The mirror image of a table is exactly as probable; both belong to P whatever the last bit says."""
    for n in range(3, 40):
        table = [[n, n + 4], [n + 4, n]]
        extreme = sum(math.comb(2 * n + 4, k) ** 2 for k in range(n + 1)) * 2
        assert tables.fisher(table).p_value == pytest.approx(extreme / math.comb(4 * n + 8, 2 * n + 4), rel=1e-10)


def test_the_network_meets_in_the_middle_at_any_place(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[3, 1, 0, 2, 1], [0, 2, 4, 1, 0], [2, 2, 1, 0, 3]])
    whole = tables.fisher(table).p_value
    monkeypatch.setattr(network, "PORTION", 7)
    assert tables.fisher(table).p_value == pytest.approx(whole, rel=1e-12)


def test_a_table_too_large_is_refused_and_the_default_rule_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[30, 3, 12], [25, 9, 4]])
    monkeypatch.setattr(network, "EDGES", 10)
    refused = tables.fisher(table)
    assert math.isnan(refused.p_value)
    assert refused.note == "the table is too large for exact enumeration"
    found = tables.association(table)
    assert (found.method, found.exact) == ("pearson-chi-square", False)
    assert found.p_value == tables.chi_square(table).p_value
    assert found.note.startswith("the table is too large for exact enumeration; Pearson's chi-square test instead")
    assert tables.association([[3, 1, 40], [25, 2, 4]]).note.endswith("though an expected count is below five")
    linear = tables.linear_by_linear(table)
    assert (linear.method, linear.exact) == ("linear-by-linear", False)
    assert linear.note


def test_too_many_values_are_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "VALUES", 3)
    assert tables.fisher([[3, 1, 4, 2], [2, 5, 4, 1], [2, 3, 3, 5]]).note == tables.TOO_LARGE
    assert not tables.linear_by_linear([[3, 1, 4, 2], [2, 5, 4, 1], [2, 3, 3, 5]]).exact


def test_the_default_rule() -> None:
    def scaled(table: list, by: int) -> np.ndarray:
        return np.array(table) * by

    assert tables.association(scaled([[10, 15], [14, 11]], 2)).method == "fisher-exact"  # a hundred patients
    assert tables.association([[21, 30], [28, 22]]).method == "pearson-chi-square"  # a hundred and one
    assert tables.association([[4, 60], [5, 60]]).method == "fisher-exact"  # an expected count below five
    assert tables.association([[0, 60], [20, 60]]).method == "pearson-chi-square"  # observed counts don't matter
    assert tables.association(scaled([[10, 15], [14, 11]], 2), exact_limit=50).method == "pearson-chi-square"


def test_chi_square_by_hand_without_correction_unless_asked() -> None:
    """scipy corrects two by two tables for continuity by default. 12, 8 | 5, 15: chi-square 40 (180 - 40)² / …"""
    table = [[12, 8], [5, 15]]
    plain, corrected = tables.chi_square(table), tables.chi_square(table, yates=True)
    assert plain.statistic == pytest.approx(float(Fraction(40 * (12 * 15 - 8 * 5) ** 2, 20 * 20 * 17 * 23)))
    assert corrected.statistic == pytest.approx(float(Fraction(40 * (140 - 20) ** 2, 20 * 20 * 17 * 23)))
    assert (plain.method, corrected.method) == ("pearson-chi-square", "yates-chi-square")
    assert plain.p_value == pytest.approx(math.erfc(math.sqrt(plain.statistic / 2)))
    # the correction never goes beyond what was observed: equal shares stay a chi-square of 0
    assert tables.chi_square([[5, 5], [6, 6]], yates=True).statistic == 0


def test_an_empty_level_is_left_out_where_scipy_stops() -> None:
    from scipy import stats

    table = [[3, 4, 0, 2], [2, 3, 0, 4]]
    with pytest.raises(ValueError):
        stats.chi2_contingency(table)
    assert tables.chi_square(table) == tables.chi_square([[3, 4, 2], [2, 3, 4]])
    assert tables.fisher(table) == tables.fisher([[3, 4, 2], [2, 3, 4]])
    assert tables.cochran_armitage([[3, 4, 0, 2], [2, 3, 0, 4]]).df == 1


def test_trend_by_hand() -> None:
    """1, 2, 3 of 4 at scores -1, 0, 1: T = 2, its variance p(1 - p) sum n t² = 8/4, so the chi-square is 2."""
    found = tables.cochran_armitage([[3, 2, 1], [1, 2, 3]])
    assert found.statistic == pytest.approx(2)
    linear = tables.linear_by_linear([[3, 2, 1], [1, 2, 3]], exact=False)
    assert linear.statistic == pytest.approx(2 * 11 / 12)
    # any straight line through the scores is the same trend; other scores are another
    assert tables.cochran_armitage([[3, 2, 1], [1, 2, 3]], [5, 7, 9]).statistic == pytest.approx(2)
    assert tables.cochran_armitage([[3, 2, 1], [1, 2, 3]], [0, 1, 4]).statistic != pytest.approx(2)


@quick
@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.data())
def test_exact_linear_trend_is_the_sum_over_every_table(first: list[int], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.integers(0, 4), min_size=len(first), max_size=len(first)))
    scores = data.draw(st.lists(st.integers(-3, 9), min_size=len(first), max_size=len(first), unique=True))
    table = np.array([first, second])
    found = tables.linear_by_linear(table, column_scores=scores)
    if math.isnan(found.p_value):
        assert found.note
        return
    n, rows, columns = int(table.sum()), table.sum(1), table.sum(0)
    expected = Fraction(int(rows[1] * (columns @ scores)), n)
    weights = {t: weight(t) for t in every_table(tuple(rows.tolist()), tuple(columns.tolist()))}

    def distance(t) -> Fraction:
        return abs(sum((Fraction(column[1] * s) for column, s in zip(t, scores, strict=True)), Fraction(0)) - expected)

    observed = distance(tuple(map(tuple, table.T.tolist())))
    p = sum(w for t, w in weights.items() if distance(t) >= observed) / sum(weights.values())
    assert found.p_value == pytest.approx(float(p), rel=1e-10)


def test_exact_linear_association_of_two_ordered_factors() -> None:
    table = np.array([[4, 1, 0], [2, 2, 1], [0, 1, 3]])
    u, v = np.arange(3), np.arange(3)
    sums, weights = [], []
    for t in every_table(tuple(table.sum(1).tolist()), tuple(table.sum(0).tolist())):
        sums.append(int(u @ np.array(t).T @ v))
        weights.append(weight(t))
    expected = Fraction(int((table.sum(1) @ u) * (table.sum(0) @ v)), int(table.sum()))
    observed = abs(int(u @ table @ v) - expected)
    p = sum(w for s, w in zip(sums, weights, strict=True) if abs(s - expected) >= observed) / sum(weights)
    found = tables.linear_by_linear(table)
    assert (found.method, found.exact) == ("linear-by-linear-exact", True)
    assert found.p_value == pytest.approx(float(p), rel=1e-10)
    assert tables.linear_by_linear(table.T).p_value == pytest.approx(found.p_value, rel=1e-10)


@pytest.mark.parametrize(("table", "note"), [
    ([[0, 0], [0, 0]], "no patients"), ([[0, 0], [3, 4]], "no patients in a group"),
    ([[3, 0], [4, 0]], "all patients are in the same category"), ([[5, 5]], "no patients in a group"),
    (np.zeros((2, 0)), "no patients"), (np.zeros((0, 3)), "no patients"),
])
@pytest.mark.filterwarnings("error")
def test_nothing_to_test_is_a_reason_in_words(table: object, note: str) -> None:
    for test in (tables.fisher, tables.chi_square, tables.association, tables.linear_by_linear):
        found = test(table)
        assert math.isnan(found.p_value)
        assert found.note == note
    assert math.isnan((trend := tables.cochran_armitage(table)).p_value)
    assert trend.note


def test_what_is_not_counts_is_refused() -> None:
    for table in ([[1.5, 2], [3, 4]], [[-1, 2], [3, 4]], [[math.nan, 2], [3, 4]]):
        with pytest.raises(ValueError, match="whole numbers"):
            tables.fisher(table)
    with pytest.raises(ValueError, match="3 levels need 3 scores"):
        tables.cochran_armitage([[1, 2, 3], [3, 2, 1]], [1, 2])
    assert tables.cochran_armitage([[1, 2], [3, 2], [1, 1]]).note == "a trend test needs two groups"
    assert tables.cochran_armitage([[1, 2], [3, 2]], [4, 4]).note == "all patients have the same score"
