"""Conditions: grammar, three-valued logic, and everything that can be refused before data are seen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.study.types import Column
from stats.where import ConditionError, compile

LEVELS = {"CR": "CR", "CRi": "CRi", "NR": "No response"}
COLUMNS = {column.name: column for column in (
    Column("subject", "id"), Column("age", "number"), Column("weight", "number"), Column("tp53", "flag"),
    Column("response", "category", levels=LEVELS), Column("best", "category", levels=LEVELS),
    Column("ecog", "ordinal", levels={"0": "0", "1": "1", "2": "2"}), Column("infused", "date"), Column("died", "date"),
    Column("site-2", "text"), Column("os.time", "number"))}
FRAME = pd.DataFrame({
    "subject": ["a", "b", "c", "d"],
    "age": [10.0, 65.0, np.nan, 70.5],
    "weight": [40.0, 65.0, 70.0, np.nan],
    "tp53": pd.array([True, False, None, True], dtype="boolean"),
    "response": pd.Categorical(["CR", "CRi", None, "NR"], categories=list(LEVELS), ordered=True),
    "best": pd.Categorical(["CR", "NR", "CR", None], categories=list(LEVELS), ordered=True),
    "ecog": pd.Categorical(["0", "2", None, "1"], categories=["0", "1", "2"], ordered=True),
    "infused": pd.to_datetime(["2020-01-01", "2021-06-30", None, "2022-01-01"]),
    "died": pd.to_datetime(["2020-01-01", "2021-01-01", "2021-01-01", None]),
    "site-2": pd.Series(["x", "none", None, "y z"], dtype=object),
    "os.time": [1.0, 2.0, 3.0, 4.0],
})


def selected(text: str) -> str:
    return "".join(FRAME["subject"][compile(text, COLUMNS).mask(FRAME)])


@pytest.mark.parametrize(("text", "rows"), [
    ("age >= 65", "bd"), ("65 <= age", "bd"), ("age == 65.0", "b"), ("age != 65", "ad"), ("age < -1e3", ""),
    ("tp53", "ad"), ("not tp53", "b"), ("tp53 == true", "ad"), ("tp53 == false", "b"), ("tp53 != true", "b"),
    ("response in ['CR', 'CRi']", "ab"), ("response not in ['CR']", "bd"), ("not response in ['CR']", "bd"),
    ("response == \"NR\"", "d"), ("ecog >= 1", "bd"), ("ecog < '2'", "ad"), ("ecog in [0, 1]", "ad"),
    ("infused < '2021-01-01'", "a"), ("infused == '2022-01-01'", "d"), ("died < infused", "b"), ("died <= infused",
                                                                                                 "ab"),
    ("age == weight", "b"), ("response == best", "a"), ("site-2 == 'y z'", "d"), ("site-2 != 'x'", "bd"),
    ("known(age)", "abd"), ("missing(age)", "c"), ("not missing(age)", "abd"), ("missing(response) or age > 65", "cd"),
    ("age > 20 and tp53", "d"), ("age > 20 and not tp53 or response == 'CR'", "ab"),
    ("age > 20 and (not tp53 or response == 'NR')", "bd"), ("not (age > 20 and tp53)", "ab"), ("os.time > 2", "cd"),
    ("subject in ['a', 'd']", "ad"), ("subject == 'a'", "a"),
])
def test_selects(text: str, rows: str) -> None:
    assert selected(text) == rows


def test_unknown_or_true_is_true_and_unknown_and_false_is_false() -> None:
    # c has no age: the other side decides alone, where it can
    assert selected("age > 20 or os.time == 3") == "bcd"
    assert selected("not (age > 20 and os.time == 1)") == "abcd"
    assert selected("not (age > 20)") == "a"


@given(st.sampled_from(["age > 20", "tp53", "ecog == '1'"]),
       st.sampled_from(["age < 66", "response == 'CR'", "not tp53"]))
def test_de_morgan(a: str, b: str) -> None:
    assert selected(f"not ({a} and {b})") == selected(f"not ({a}) or not ({b})")
    assert selected(f"not ({a} or {b})") == selected(f"not ({a}) and not ({b})")


def test_names_in_order_of_first_use() -> None:
    assert compile("known(died) and age > 2 and (tp53 or age < 9)", COLUMNS).names == ("died", "age", "tp53")


def test_mask_of_nobody() -> None:
    mask = compile("age > 2 and response == 'CR' and died > '2020-01-01'", COLUMNS).mask(FRAME.iloc[:0])
    assert mask.dtype == bool
    assert len(mask) == 0


@pytest.mark.parametrize(("text", "says"), [
    ("", "expected a column"), ("age >", "expected a column"), ("age > 3 age", "unexpected 'age'"),
    ("agee > 3", "did you mean 'age'"), ("age = 3", "write =="), ("(age > 3", r"expected '\)'"),
    ("response == 'cr'", "did you mean 'CR'"), ("response in ['CR', 'XX']", "no level"), ("response < 'CR'",
                                                                                          "no order"),
    ("response in []", "empty"), ("age == 'old'", "is a number"), ("age", "needs a comparison"), ("tp53 == 'maybe'",
                                                                                                  "flag"),
    ("infused > '01/02/2020'", "YYYY-MM-DD"), ("infused > '2020-02-30'", "YYYY-MM-DD"), ("infused > 2020",
                                                                                         "YYYY-MM-DD"),
    ("infused == age", "can't be compared"), ("response == ecog", "can't be compared"), ("3 < 4", "needs a column"),
    ("known(3)", "expected a column"), ("age in [age]", "not columns"), ("age & tp53", "unexpected '&'"),
    ("__import__('os').system('x')", "unknown column"), ("age > 1 or", "expected a column"), ("in ['CR']",
                                                                                              "expected a column"),
    ("age > 3; tp53", "unexpected ';'"), ("age > 12abc", "unexpected"),
])
def test_refuses(text: str, says: str) -> None:
    with pytest.raises(ConditionError, match=says):
        compile(text, COLUMNS)
