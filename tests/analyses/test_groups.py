"""Rows by group: each arm in order, then everybody."""

from __future__ import annotations

import pandas as pd
import pytest

from stats.groups import ALL, Groups, groups

ARMS = ("A", "B", "C")


def frame(arms, levels=ARMS):
    return pd.DataFrame({"arm": pd.Categorical(arms, categories=list(levels)), "row": range(len(arms))})


def rows(who: Groups, data: pd.DataFrame) -> dict[str, list[int]]:
    return {key: part["row"].tolist() for key, part in who.parts(data)}


def test_each_has_its_rows_and_everybody_those_of_no_group_too():
    data = frame(["B", None, "A", "B"])
    assert rows(groups(data), data) == {"A": [2], "B": [0, 3], "C": [], ALL: [0, 1, 2, 3]}


@pytest.mark.parametrize("levels", [("C", "B", "A"), ("B", "A")])
def test_levels_in_another_order_or_fewer_of_them_are_told_by_name(levels):
    who = groups(frame(["A", "B"]))
    assert rows(who, frame(["A", "B", None], levels)) == {"A": [0], "B": [1], "C": [], ALL: [0, 1, 2]}


def test_masks_are_those_of_the_arms():
    data = frame(["B", None, "A", "B"])
    found = {key: mask.tolist() for key, mask in groups(data).masks(data)}
    assert found == {"A": [False, False, True, False], "B": [True, False, False, True], "C": [False] * 4}
