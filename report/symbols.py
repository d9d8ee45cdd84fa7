"""Outlines of the symbols that tell arms apart, in a square of side 1 around the middle, as matplotlib draws them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SQUARE = 0.886  # side of a square with the area of a circle of diameter 1
BEND = 0.5 * 0.5523  # how far a quarter of a circle of diameter 1 leads its control points
DIAMOND = 0.5 * 2**0.5
_ARM, _CUT = 1 / 6, 1 / 4

_CORNERS = {
    "s": [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)],
    "^": [(0, 0.5), (-0.5, -0.5), (0.5, -0.5)],
    "v": [(0, -0.5), (0.5, 0.5), (-0.5, 0.5)],
    "<": [(-0.5, 0), (0.5, -0.5), (0.5, 0.5)],
    ">": [(0.5, 0), (-0.5, 0.5), (-0.5, -0.5)],
    "D": [(0, -DIAMOND), (DIAMOND, 0), (0, DIAMOND), (-DIAMOND, 0)],
    "P": [(-_ARM, -0.5), (_ARM, -0.5), (_ARM, -_ARM), (0.5, -_ARM), (0.5, _ARM), (_ARM, _ARM), (_ARM, 0.5), (-_ARM, 0.5),
          (-_ARM, _ARM), (-0.5, _ARM), (-0.5, -_ARM), (-_ARM, -_ARM)],
    "X": [(-_CUT, -0.5), (0, -_CUT), (_CUT, -0.5), (0.5, -_CUT), (_CUT, 0), (0.5, _CUT), (_CUT, 0.5), (0, _CUT),
          (-_CUT, 0.5), (-0.5, _CUT), (-_CUT, 0), (-0.5, -_CUT)],
}
_CIRCLE = [(0, -0.5), (BEND, -0.5), (0.5, -BEND), (0.5, 0), (0.5, BEND), (BEND, 0.5), (0, 0.5),
           (-BEND, 0.5), (-0.5, BEND), (-0.5, 0), (-0.5, -BEND), (-BEND, -0.5), (0, -0.5)]


@lru_cache(maxsize=64)
def outline(marker: str) -> tuple[np.ndarray, bool]:
    """Points around a symbol, and whether they are a start and cubic curves with two control points each, or corners.

    Other symbols than these are asked of matplotlib, which raises ValueError for what it doesn't know.
    """
    if marker == "o":
        return np.array(_CIRCLE, dtype=float), True
    corners = np.array(_CORNERS[marker] if marker in _CORNERS else _asked(marker), dtype=float)
    return corners * (SQUARE if marker == "s" else 1.0), False


def _asked(marker: str) -> np.ndarray:
    from matplotlib.markers import MarkerStyle

    style = MarkerStyle(marker)
    return np.asarray(style.get_transform().transform_path(style.get_path()).to_polygons()[0])[:-1]
