"""Days of a course: counted where they are whole, sorted where not; either way numpy's own list of the different ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.analyses import kinetics

WHOLE = st.integers(-30, 400).map(float)


@pytest.mark.parametrize("days", [WHOLE, st.floats(-3, 50), st.sampled_from([0.0, 0.5, 2e6, -1.0]), st.just(7.0)])
def test_days_are_numbered_in_their_order(days):
    @given(st.lists(days, max_size=60))
    def held(listed):
        day = np.array(listed)
        measured, place = kinetics._days(day)
        wanted, numbers = np.unique(day, return_inverse=True)
        assert measured.tolist() == wanted.tolist()
        assert place.tolist() == numbers.tolist()

    held()


def test_few_days_are_numbered_in_bytes():
    """Sixteen bits at most are sorted by their digits, in one pass."""
    assert kinetics._days(np.arange(28.0))[1].dtype == np.uint8
    assert kinetics._days(np.arange(3000.0))[1].dtype == np.uint16
