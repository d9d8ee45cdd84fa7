"""What stands apart is told, what is merely wide is left alone; and how a cut transport file is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stats.derive import times
from stats.intake import xport
from stats.intake.oddities import disguised, folded
from stats.intake.outliers import _codes, _factor, _fractions

AGES = [34.0, 51, 46, 38, 62, 45, 57, 41, 39]


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        ([*AGES, 4.1], [9]),
        ([*AGES, 410], [9]),
        ([*AGES, 5100], [9]),
        (AGES, None),
        ([*AGES, 20], None),  # young, and no tenth of anybody's age
        ([1, 2, 3, 2, 4, 1, 2, 6, 3, 12], None),  # counts are wide
        ([1e2, 3e3, 5e4, 2e5, 7e5, 1e3, 9e3, 4e4, 1e6], None),  # copies of a transgene are wider
        ([34, 51, 46, 410], None),  # too few to say
    ],
)
def test_a_slip_of_the_decimal_point_shows_among_close_neighbours_only(values, odd):
    found = _factor(np.array(values, dtype=float))
    assert (None if found is None else found[0].tolist()) == odd


@pytest.mark.parametrize(
    ("values", "floor", "odd"),
    [
        ([*AGES, 999], False, [9]),
        ([*AGES, -99], False, [9]),
        ([*AGES, 99], False, []),  # a patient of 99
        ([*AGES, -3], False, []),  # a difference, perhaps
        ([*AGES, -3], True, [9]),  # no concentration
        ([-1.0, -3, 2, 5, -4, 1, 2, -7, 3, 1], True, []),  # a scale of its own
        ([*AGES, 999, 700, 850, 920, 640, 730], False, []),
    ],
)
def test_a_code_for_missing_data_is_one_far_from_the_rest(values, floor, odd):
    values = np.array(values, dtype=float)
    assert np.flatnonzero(_codes(values, np.ones(len(values), dtype=bool), floor)).tolist() == odd


def test_percentages_that_are_all_fractions():
    assert _fractions(np.linspace(0.3, 0.95, 12))
    assert not _fractions(np.linspace(0.3, 95, 12))
    assert not _fractions(np.full(12, 0.01))  # residual disease in percent


def test_letters_of_two_scripts_in_one_word():
    assert disguised("s\u0435psis")
    assert not disguised("sepsis")
    assert not disguised("IFN-γ")
    assert not disguised("сепсис")
    assert folded("N\u0435utro\u200bpenia ") == folded("neutropenia")


def test_states_from_two_on_are_competing_only_without_a_gap():
    assert times._further({"0", "1", "2", "3"}) == ["2", "3"]
    assert times._further({"0", "1", "9"}) == []
    assert times._further({"0", "1", "2", "99"}) == ["2"]


@pytest.mark.parametrize("version", [5, 8])
@pytest.mark.parametrize("rows", [1, 7, 40])
def test_a_transport_file_is_whole_or_cut_inside_of_a_row(tmp_path: Path, version: int, rows: int):
    import pyreadstat

    path = tmp_path / "x.xpt"
    data = pd.DataFrame(
        {"subject": [f"P{i:02}" for i in range(rows)], "term": ["neutropenia"] * rows, "grade": [2.0] * rows}
    )
    pyreadstat.write_xport(data, str(path), file_format_version=version)
    assert not xport.cut_short(path)
    whole = path.read_bytes()
    length = 3 + 11 + 8
    start = whole.index(b"HEADER RECORD*******OBS") + 80
    for size in range(start + 80, len(whole) - 80 + 1, 80):
        path.write_bytes(whole[:size])
        inside = (size - start) % length
        assert xport.cut_short(path) == bool(whole[size - inside : size].strip()), size
    path.write_bytes(whole[:-30])
    assert xport.cut_short(path)
