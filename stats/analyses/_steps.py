"""Which steps of a curve become rows: every one, unless they are more than any page or reader could tell apart."""

from __future__ import annotations

import numpy as np

MOST = 10_000  # steps up to which every one is a row
PLACES = 4_000  # of more, one for each of so many places along the time axis, and along the axis of shares
CENSORED = 1_000  # and the first censored time in each of so many places


def rows(time: np.ndarray, share: np.ndarray, censored: np.ndarray | None = None) -> np.ndarray:
    """Positions of the steps that become rows, the first and the last among them.

    Of more than MOST steps one is left out when it lies in the same place, in time and in share, as the step before it.
    What is kept is as it was: no row speaks for another.
    """
    if len(time) <= MOST:
        return np.arange(len(time))
    kept = np.zeros(len(time), dtype=bool)
    kept[0] = kept[-1] = True
    width = float(time[-1]) or 1.0
    for place in (np.floor(time / width * PLACES), np.floor(share * PLACES)):
        kept[1:] |= place[1:] != place[:-1]
    if censored is not None:
        marked = np.flatnonzero(censored > 0)
        kept[marked[np.unique(np.floor(time[marked] / width * CENSORED), return_index=True)[1]]] = True
    return np.flatnonzero(kept)
