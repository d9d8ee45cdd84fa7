from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import exposure

DAYS, VALUES = [0, 1, 3, 7], [0, 10, 40, 5]
quick = settings(max_examples=40, deadline=None)


def test_linear_up_and_log_down_by_hand() -> None:
    """0 to 10 in a day, 10 to 40 in two, 40 to 5 in four: 5 + 50 + 4 × 35 / ln 8."""
    found = exposure.auc(DAYS, VALUES)
    assert found.estimate == pytest.approx(5 + 50 + 4 * 35 / math.log(8))
    assert found.method == "auc-linear-up-log-down"
    linear = exposure.auc(DAYS, VALUES, log_down=False)
    assert linear.estimate == pytest.approx(5 + 50 + 90)
    assert linear.method == "auc-linear"


def test_a_fall_to_zero_is_linear_and_a_plateau_is_flat() -> None:
    assert exposure.auc([0, 2, 4], [6, 6, 0]).estimate == pytest.approx(12 + 6)
    assert exposure.auc([0, 1], [1.0, 1.0 - 1e-14]).estimate == pytest.approx(1.0, rel=1e-12)


def test_a_window_cuts_between_samples_and_never_extrapolates() -> None:
    cut = exposure.auc(DAYS, VALUES, window=(1, 5), log_down=False)
    assert cut.estimate == pytest.approx(50 + (40 + 22.5))  # 22.5 on day 5, halfway from 40 to 5
    assert cut.note == ""
    short = exposure.auc(DAYS, VALUES, window=(0, 28))
    assert short.estimate == exposure.auc(DAYS, VALUES).estimate
    assert short.note == "sampling ended before the window"
    assert exposure.auc(DAYS, VALUES, window=(-3, 28)).note == (
        "sampling began inside the window and sampling ended before the window")
    assert exposure.auc(DAYS, VALUES, window=(4, 6)).note == "no sample inside the window"
    assert exposure.auc(DAYS, VALUES, window=(10, 20)).note == "no sample inside the window"
    assert exposure.auc(DAYS, VALUES, window=(7, 20)).note == "fewer than two samples"


def test_the_rule_for_values_below_quantification() -> None:
    below = [True, False, False, True]
    kept = {"given": VALUES, "zero": [0, 10, 40, 0], "half": [3, 10, 40, 3], "lloq": [6, 10, 40, 6]}
    for rule, values in kept.items():
        found = exposure.auc(DAYS, VALUES, below=below, blq=rule, lloq=6)
        assert found.estimate == pytest.approx(exposure.auc(DAYS, values).estimate)
    assert exposure.auc(DAYS, VALUES, below=below, blq="drop", lloq=6).estimate == pytest.approx(50)
    with pytest.raises(ValueError, match="no rule 'third'"):
        exposure.auc(DAYS, VALUES, below=below, blq="third")


@quick
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1000)), min_size=2, max_size=12,
                unique_by=lambda s: s[0]), st.randoms(use_true_random=False))
def test_order_and_unit(course: list[tuple[int, int]], random) -> None:
    days, values = map(np.array, zip(*course, strict=True))
    mixed = np.array(random.sample(range(len(days)), len(days)))
    area = exposure.auc(days, values).estimate
    assert exposure.auc(days[mixed], values[mixed]).estimate == area
    assert exposure.auc(days, values * 1000).estimate == pytest.approx(1000 * area)
    assert exposure.auc(days * 24, values).estimate == pytest.approx(24 * area)
    assert area <= exposure.auc(days, values, log_down=False).estimate * (1 + 1e-12)
    # the area up to any sample and the area from it are the whole
    middle = float(np.sort(days)[len(days) // 2])
    parts = [exposure.auc(days, values, window=w).estimate for w in ((-1, middle), (middle, 99))]
    assert sum(p for p in parts if not math.isnan(p)) == pytest.approx(area)


def test_peak_last_and_loss() -> None:
    days, values = [0, 3, 7, 10, 14, 21, 28], [1, 50, 80, 80, 20, 1, 9]
    below = [True, False, False, False, False, True, False]
    assert exposure.peak(days, values) == exposure.Moment(80, 7)  # the first of two equal peaks
    assert exposure.peak(days, values, (8, 28)) == exposure.Moment(80, 10)
    assert exposure.last_quantifiable(days, values, below) == exposure.Moment(9, 28)
    assert exposure.loss(days, values, below) == exposure.Moment(1, 21)
    assert exposure.loss(days[:5], values[:5], below[:5]).note == "still quantifiable at the last sample"


@pytest.mark.filterwarnings("error")
def test_nothing_to_measure_is_a_reason_in_words() -> None:
    assert exposure.auc([], []).note == "fewer than two samples"
    assert exposure.auc([1], [5]).note == "fewer than two samples"
    assert exposure.auc([1, 1], [5, 7]).note == "fewer than two samples"
    assert exposure.auc([1, math.nan], [math.nan, 5], window=(0, 9)).note == "fewer than two samples"
    assert exposure.auc([0, 4], [0, 0]).estimate == 0
    assert exposure.peak([], []).note == "no sample"
    assert exposure.peak([3], [1], (5, 9)).note == "no sample inside the window"
    for method in (exposure.last_quantifiable, exposure.loss):
        assert method([], [], []).note == "no sample"
        assert method([0, 1], [2, 2], [True, True]).note == "never quantifiable"
        assert math.isnan(method([0, 1], [2, 2], [True, True]).day)
