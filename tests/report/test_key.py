"""Where the key of a figure stands: free of curves, and so far off the axes that no line of it looks like one."""

import numpy as np
import pytest

from report.key import OFF, free
from report.plot import Box

CURVE = (np.array([0.0, 40.0, 40.0, 100.0]), np.array([1.0, 1.0, 0.6, 0.6]))


@pytest.fixture
def box():
    return Box(left=20, bottom=30, width=60, height=40, xlim=(0, 100), ylim=(0, 1))


def test_a_key_keeps_off_the_axes(box):
    left, top = free(box, 50, 15, [CURVE], [])
    assert left >= box.left + OFF
    assert top - 15 >= box.bottom + OFF
    assert left + 50 <= box.right


def test_a_key_that_would_touch_an_axis_has_no_place(box):
    assert free(box, 59, 15, [CURVE], []) is None
    assert free(box, 50, 22, [CURVE], []) is None  # from the foot to the curve there are 24 mm
