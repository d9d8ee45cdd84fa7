"""The order of rows by several keys, and which of them repeat others, in passes over whole numbers.

As many leading keys as fit are packed into one number a row, together with the row's own: such numbers sort many times
as fast as rows that are compared key by key. Rows that agree so far are told apart by the keys that remain. What can be
seen in one pass is looked at in portions that stay in the processor's cache, so that rows in order cost no copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

PORTION = 1 << 16  # rows looked at together
BITS = 63  # of a whole number
DAY = 86_400_000_000_000  # nanoseconds


def portions(size: int) -> Iterator[slice]:
    """Slices that cover `size` rows, each small enough to stay in the processor's cache."""
    for start in range(0, size, PORTION):
        yield slice(start, min(start + PORTION, size))


def order(keys: Sequence[np.ndarray], others: Callable[[np.ndarray], list[np.ndarray]]) -> np.ndarray | None:
    """Positions of the rows in ascending order of `keys`, most important first; None where they stand in it already.

    `others`, given the positions of rows that agree in all of `keys`, decide between these. Missing numbers and dates
    come last. Rows that agree in everything keep their order.
    """
    if not keys:
        return None
    found = _sorted(keys)
    for places, run in _runs(agreeing(keys, found)):
        rows = places if found is None else found[places]
        again = _sorted([run, *others(rows)])
        if again is not None:
            found = np.arange(len(keys[0])) if found is None else found
            found[places] = rows[again]
    return found


def _runs(tied: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places of rows that are tied, in portions of whole runs, with a number for each that tells the runs apart."""
    places = np.flatnonzero(tied | np.append(tied[1:], False))
    begins = ~tied[places]
    starts = np.append(np.flatnonzero(begins), len(places))
    start = 0
    while start < len(places):
        stop = int(starts[np.searchsorted(starts, min(start + PORTION, len(places)))])
        yield places[start:stop], np.cumsum(begins[start:stop])
        start = stop


def shared(keys: Sequence[np.ndarray]) -> np.ndarray:
    """Positions, in order, of the rows that agree with any other in every key."""
    found = _sorted(keys)
    tied = agreeing(keys, found)
    places = np.flatnonzero(tied | np.append(tied[1:], False))
    return places if found is None else np.sort(found[places])


def repeats(keys: Sequence[np.ndarray]) -> np.ndarray:
    """Positions, in order, of the rows that agree with an earlier row in every key."""
    found = _sorted(keys)
    again = np.flatnonzero(agreeing(keys, found))
    return again if found is None else np.sort(found[again])


def _sorted(keys: Sequence[np.ndarray]) -> np.ndarray | None:
    """Positions in ascending order of the keys, equal rows in the order they have; None where they are so."""
    if _ascends(keys):
        return None
    packed, used = _packed(keys)
    if used < min(len(keys), 2):  # a key of fractions, or one that leaves no room for another
        used = min(len(keys), 2)
        found = np.lexsort([_plain(key) for key in reversed(keys[:used])])
    else:
        packed.sort()
        found = packed & ((1 << _bits(len(packed) - 1)) - 1)
    for places, run in _runs(agreeing(keys[:used], found)) if used < len(keys) else ():
        rows = found[places]
        again = _sorted([run, *(key[rows] for key in keys[used:])])
        if again is not None:
            found[places] = rows[again]
    return found


def _ascends(keys: Sequence[np.ndarray]) -> bool:
    for part in portions(max(len(keys[0]) - 1, 0)):
        level = np.ones(part.stop - part.start, dtype=bool)
        for key in keys:
            here = _plain(key[part.start:part.stop + 1])
            if (level & (here[1:] < here[:-1])).any():
                return False
            level &= here[1:] == here[:-1]
            if not level.any():
                break
    return True


def agreeing(keys: Sequence[np.ndarray], found: np.ndarray | None) -> np.ndarray:
    """For every row in this order whether it agrees in all keys with the row before it."""
    size = len(keys[0])
    tied = np.zeros(size, dtype=bool)
    for part in portions(max(size - 1, 0)):
        whole = slice(part.start, part.stop + 1)
        rows = whole if found is None else found[whole]
        level = np.ones(part.stop - part.start, dtype=bool)
        for key in keys:
            here = _plain(key[rows])
            level &= here[1:] == here[:-1]
            if not level.any():
                break
        tied[part.start + 1:part.stop + 1] = level
    return tied


def _plain(key: np.ndarray) -> np.ndarray:
    """A key without missing values: they become the largest."""
    if key.dtype.kind == "M":
        whole = key.astype("datetime64[ns]").view(np.int64)
        return np.where(np.isnat(key), np.iinfo(np.int64).max, whole)
    return np.where(np.isnan(key), np.inf, key) if key.dtype.kind == "f" else key


def _packed(keys: Sequence[np.ndarray]) -> tuple[np.ndarray, int]:
    """(one number a row that sorts as the first keys do and then by the row itself, how many keys are in it)."""
    own = _bits(len(keys[0]) - 1)
    total, used, room = np.zeros(len(keys[0]), dtype=np.int64), 0, BITS - own
    for key in keys:
        whole = _counted(key)
        bits = _bits(int(whole.max())) if whole is not None else BITS
        if whole is None or bits > room:
            break
        total = (total << bits) | whole
        used, room = used + 1, room - bits
    return (total << own) | np.arange(len(total)), used


def _counted(key: np.ndarray) -> np.ndarray | None:
    """A key as whole numbers from 0, missing ones as the largest; None for a key of fractions."""
    if key.dtype.kind not in "Mf":
        return key.astype(np.int64) - int(key.min())
    if key.dtype.kind == "M":
        gone, whole = np.isnat(key), key.astype("datetime64[ns]").view(np.int64)
        step = DAY if not (whole[~gone] % DAY).any() else 1
        whole = whole // step
    else:
        gone = np.isnan(key)
        known = key[~gone]
        if (np.abs(known) >= 1 << 53).any() or (known != np.floor(known)).any():
            return None
        whole = np.where(gone, 0, key).astype(np.int64)
    if gone.all():
        return np.zeros(len(key), dtype=np.int64)
    low, high = int(whole[~gone].min()), int(whole[~gone].max())
    return np.where(gone, high + 1, whole) - low


def _bits(largest: int) -> int:
    return max(largest, 0).bit_length()
