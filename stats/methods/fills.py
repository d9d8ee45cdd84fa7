"""The ways to fill one column of a table: who gets how many of a level, from each of the nodes before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

EDGES = 6_000_000  # node-to-node steps of the whole walk


def steps(here: Ints, total: int, most: int) -> tuple[Ints, Ints] | None:
    """Every step from the nodes `here`: its node, and what each row gets of `total`. None when more than `most`."""
    return (_pairs if here.shape[1] == 2 else _lines)(here, total, most)


def _pairs(here: Ints, total: int, most: int) -> tuple[Ints, Ints] | None:
    """Every step from the nodes of a table of two rows: what the first row gets decides. None when more than `most`."""
    low = np.maximum(0, total - here[:, 1])
    width = np.maximum(np.minimum(here[:, 0], total) - low + 1, 0)
    if width.sum() > most:
        return None
    source = np.repeat(np.arange(len(here)), width)
    first = low[source] + within(width)
    return source, np.column_stack([first, total - first])


def _lines(here: Ints, total: int, most: int) -> tuple[Ints, Ints] | None:
    """The same for any number of rows."""
    caps = here.max(axis=0)
    fills = _fill_count(total, caps)
    if fills > EDGES or fills * len(here) > 40 * EDGES:
        return None
    choices = _fills(total, caps)
    pairs = [np.flatnonzero((choices <= node).all(axis=1)) for node in here]
    if sum(map(len, pairs)) > most:
        return None
    return np.repeat(np.arange(len(here)), [len(p) for p in pairs]), choices[np.concatenate(pairs)]


def _fills(total: int, caps: Ints) -> Ints:
    """All ways to share `total` among rows with at most `caps` each, one way per line."""
    lines = np.zeros((1, 0), dtype=np.int64)
    left = np.array([total])
    for i, cap in enumerate(caps):
        low = np.maximum(0, left - caps[i + 1:].sum())
        width = np.maximum(np.minimum(cap, left) - low + 1, 0)
        parent = np.repeat(np.arange(len(left)), width)
        given = low[parent] + within(width)
        lines = np.column_stack([lines[parent], given])
        left = left[parent] - given
    return lines


def _fill_count(total: int, caps: Ints) -> float:
    """How many lines `_fills` would have, up to rounding where there are more than could be walked anyway."""
    rest = int(caps.sum()) - total
    if rest < 0:
        return 0.0
    total = min(total, rest)  # what is left out can be shared in as many ways as what is given
    ways = np.zeros(total + 1)
    ways[0] = 1.0
    for cap in caps:
        sums = np.cumsum(ways)
        ways = sums.copy()
        ways[int(cap) + 1:] -= sums[:max(total - int(cap), 0)]
    return float(ways[total])


def within(width: Ints) -> Ints:
    """0..w-1 for each w, end to end."""
    return np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
