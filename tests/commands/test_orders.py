"""In which order `init` proposes the levels of a column."""

import pytest

from stats.propose.columns import guess
from stats.propose.orders import ordered


@pytest.mark.parametrize(
    ("levels", "graded"),
    [
        ("<=20 | 20-50 | >50", True),
        ("under 60 | 60 and older", True),
        ("18-64 | 65+", True),
        ("-5 to 0 | 0 to 5", True),
        ("I | II | IV | V | IX", True),
        ("II | IIIa | IIIb | IV", True),
        ("none | mild | moderate | severe", True),
        ("Low | Intermediate | High", True),
        ("well | moderate | poor", True),
        ("never | former | current", False),  # an order, but no more and less
        ("arm 2 | arm 10", False),
        ("5 mg | 10 mg | 20 mg", False),
        ("T1 | T2 | T10", False),
        ("A | AB | B | O", False),
        ("cm | cm² | ²", False),  # a sign that counts as a digit and is no number
        ("No | Yes", False),
    ],
)
def test_levels_stand_as_people_count(levels, graded):
    expected = levels.split(" | ")
    assert ordered(reversed(expected)) == (expected, graded)
    assert ordered(sorted(expected)) == (expected, graded)


def test_three_graded_levels_make_an_ordinal_column_and_two_a_category():
    """Two levels are compared as a proportion, whatever stands first."""
    many, few = ("size", ["<=20", ">50", "20-50"] * 4), ("age group", [">=60", "<60"] * 4)
    assert [(found.type, list(found.levels)) for found in (guess(*many), guess(*few))] == [
        ("ordinal", ["<=20", "20-50", ">50"]), ("category", ["<60", ">=60"])]
