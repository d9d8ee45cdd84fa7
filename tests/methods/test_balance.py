from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import balance

quick = settings(max_examples=40, deadline=None)


def test_numbers_by_hand() -> None:
    """Means 2 and 4, variances 1 and 4: 2 / sqrt(2.5)."""
    assert balance.smd_number([1, 2, 3, math.nan], [2, 4, 6]).estimate == pytest.approx(2 / math.sqrt(2.5))


def test_two_levels_by_hand() -> None:
    """1/2 against 1/4: (1/4) / sqrt((1/4 + 3/16) / 2)."""
    expected = 0.25 / math.sqrt((1 / 4 + 3 / 16) / 2)
    assert balance.smd_levels([5, 5], [2, 6]).estimate == pytest.approx(expected)
    assert balance.smd_levels([5, 0, 5], [2, 0, 6]).estimate == pytest.approx(expected)  # a level nobody has


@quick
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=2, max_size=5), st.integers(0, 4))
def test_the_level_left_out_makes_no_difference(pairs: list[tuple[int, int]], turn: int) -> None:
    a, b = map(list, zip(*pairs, strict=True))
    found = balance.smd_levels(a, b).estimate
    turn %= len(a)
    assert balance.smd_levels(a[turn:] + a[:turn], b[turn:] + b[:turn]).estimate == pytest.approx(found, abs=1e-7)
    assert balance.smd_levels(b, a).estimate == pytest.approx(found, abs=1e-9)
    assert balance.smd_levels([10 * n for n in a], b).estimate == pytest.approx(found, abs=1e-9)  # size is no matter


def test_tableone_agrees_once_missing_is_no_level() -> None:
    """tableone counts missing as a level of its own by default; its printed digits are five or six."""
    from tableone import TableOne

    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"arm": rng.choice(["a", "b"], 80), "x": rng.normal(3, 2, 80),
                          "c": rng.choice(list("pqr"), 80), "s": rng.choice(["m", "f"], 80)})
    frame.loc[:6, "x"] = np.nan
    frame.loc[10:25, "c"] = None
    columns = {"columns": ["x", "c", "s"], "categorical": ["c", "s"], "groupby": "arm", "smd": True}
    second = TableOne(frame, include_null=False, **columns).smd_table["SMD (a,b)"].astype(float).abs()
    naive = TableOne(frame, include_null=True, **columns).smd_table["SMD (a,b)"].astype(float).abs()
    a, b = (frame[frame["arm"] == arm] for arm in "ab")
    counts = {c: [part[c].value_counts().reindex(sorted(frame[c].dropna().unique()), fill_value=0) for part in (a, b)]
              for c in "cs"}
    assert balance.smd_number(a["x"], b["x"]).estimate == pytest.approx(second["x"], rel=1e-4)
    for c in "cs":
        assert balance.smd_levels(*counts[c]).estimate == pytest.approx(second[c], rel=1e-4)
    assert abs(balance.smd_levels(*counts["c"]).estimate - naive["c"]) > 1e-3


@pytest.mark.filterwarnings("error")
def test_edges() -> None:
    assert balance.smd_number([7, 7, 7], [7, 7]).estimate == 0
    assert balance.smd_number([7, 7, 7], [8, 8]).note == "the values don't vary within the groups"
    assert balance.smd_number([], [8, 8]).note == "no values in a group"
    assert balance.smd_number([1], [8, 9]).note == "a single value in a group has no spread"
    assert balance.smd_levels([4, 0], [9, 0]).estimate == 0
    assert balance.smd_levels([4, 0], [0, 9]).note == "the groups share no level"  # a generalised inverse would say 0
    assert balance.smd_levels([4, 2, 0, 0], [0, 0, 9, 3]).note == "the groups share no level"
    assert balance.smd_levels([0, 0], [9, 1]).note == "nobody with a known value in a group"
    for found in (balance.smd_number([7, 7], [8, 8]), balance.smd_levels([0, 0], [0, 0])):
        assert math.isnan(found.estimate)
