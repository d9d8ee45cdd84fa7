"""Dots beside each other where they would touch: places that depend on the values alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def offsets(heights: Sequence[float] | np.ndarray, apart: float, room: float) -> np.ndarray:
    """Horizontal offsets in millimetres for dots at these heights (ascending).

    Each goes to the place nearest the middle, right before left, where a dot of diameter `apart` touches none placed
    before; a cluster that takes more than `room` to a side is drawn together until it fits.
    """
    heights = np.asarray(heights, dtype=float)
    if not len(heights):
        return heights
    clusters = np.split(np.arange(len(heights)), np.flatnonzero(np.diff(heights) >= apart) + 1)
    return np.concatenate([_cluster(heights[cluster], apart, room) for cluster in clusters])


def _cluster(heights: np.ndarray, apart: float, room: float) -> np.ndarray:
    placed: list[tuple[float, float]] = []
    for y in heights.tolist():
        near = [(x, h) for x, h in placed if abs(h - y) < apart]
        steps = [0.0]
        for x, h in near:
            shift = math.sqrt(max(apart ** 2 - (h - y) ** 2, 0.0))
            steps += [x + shift, x - shift]
        free = [s for s in steps if all((s - x) ** 2 + (h - y) ** 2 >= apart ** 2 * 0.999 for x, h in near)]
        placed.append((min(free, key=lambda s: (round(abs(s), 6), -s)), y))
    across = np.array([x for x, _ in placed])
    if len(heights) and np.ptp(heights) == 0:
        across -= across.mean()
    widest = float(np.abs(across).max(initial=0.0))
    return across * (room / widest) if widest > room else across
