"""What a frame carries beside its cells: its places in the user's files, as long as something may be said of them."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd

from stats.derive.step import bare
from stats.intake.raw import Letters, Rows


def carrying() -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1, 2]})
    frame.attrs = {"rows": Rows(np.array([2, 3])), "unused": ("b",), "letters": Letters(a="A")}
    return frame


def test_nothing_of_it_is_copied_with_a_column():
    frame = carrying()
    assert all(frame["a"].attrs[name] is frame.attrs[name] for name in ("rows", "unused", "letters"))


def test_letters_are_a_mapping_like_any_other():
    letters = Letters(a="A")
    assert letters == {"a": "A"}
    assert copy.deepcopy(letters) is letters


def test_a_bare_frame_has_the_same_cells_and_the_one_it_was_made_from_keeps_its_places():
    frame = carrying()
    made = bare(frame)
    assert made.attrs == {}
    assert made["a"].attrs == {}
    pd.testing.assert_frame_equal(made, pd.DataFrame({"a": [1, 2]}))
    assert np.shares_memory(made["a"].to_numpy(), frame["a"].to_numpy())
    assert "letters" in frame.attrs
