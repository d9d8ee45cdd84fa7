from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.methods import multiplicity

P = [0.01, 0.04, 0.03]
METHODS = (multiplicity.holm, multiplicity.hochberg, multiplicity.benjamini_hochberg)


def test_by_hand() -> None:
    """Sorted 0.01, 0.03, 0.04. Holm: times 3, 2, 1, never falling. Hochberg: from the largest down. BH: 3/rank."""
    assert list(multiplicity.holm(P)) == pytest.approx([0.03, 0.06, 0.06])
    assert list(multiplicity.hochberg(P)) == pytest.approx([0.03, 0.04, 0.04])
    assert list(multiplicity.benjamini_hochberg(P)) == pytest.approx([0.03, 0.04, 0.04])


def test_a_missing_p_value_is_no_comparison() -> None:
    """statsmodels counts it, and adjusts too much."""
    from statsmodels.stats.multitest import multipletests

    gaps = [0.01, math.nan, 0.04, 0.03, math.nan]
    for method, name in zip(METHODS, ("holm", "simes-hochberg", "fdr_bh"), strict=True):
        found = method(gaps)
        assert math.isnan(found[1])
        assert math.isnan(found[4])
        assert list(found[[0, 2, 3]]) == list(method(P))
        assert list(method(P)) == pytest.approx(multipletests(P, method=name)[1])
    counted = multipletests([1.0 if math.isnan(p) else p for p in gaps], method="holm")[1]
    assert counted[0] > multiplicity.holm(gaps)[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12), st.randoms(use_true_random=False))
def test_adjusted_values_are_larger_ordered_alike_and_at_most_one(p: list[float], random) -> None:
    mixed = random.sample(range(len(p)), len(p))
    for method in METHODS:
        found = method(p)
        assert ((found >= np.array(p) - 1e-15) & (found <= 1)).all()
        assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
        assert list(method([p[i] for i in mixed])) == pytest.approx([found[i] for i in mixed])
    assert (multiplicity.hochberg(p) <= multiplicity.holm(p) + 1e-15).all()
    assert (multiplicity.benjamini_hochberg(p) <= multiplicity.hochberg(p) + 1e-15).all()


def test_nothing_to_adjust() -> None:
    for method in METHODS:
        assert method([]).shape == (0,)
        assert list(method([0.2])) == [0.2]
        assert math.isnan(method([math.nan])[0])
