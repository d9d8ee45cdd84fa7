"""Times and event flags, counted once: the table every survival method reads.

A subject leaves the table at one time, by an event or by censoring. Counting per distinct time is all the work that
grows with the number of subjects; what follows is arithmetic on the table, so counts delivered by a database are as
good as rows: a function that takes rows takes `count` beside them, how many subjects each row stands for. Times
closer than the square root of the machine precision, relative to their mean, are one time, as in R's survival
(`timefix`): days divided by 30.4375 are not the same float on every way, and no Python library merges them.

At risk at t are those whose time is t or later. Events come before censoring at the same time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

TIE = math.sqrt(np.finfo(float).eps)  # relative to the mean of the distinct times

FEW = 16  # values of a covariate up to which rows are looked at for being alike

NO_PATIENTS = "no patients"
BAD_TIME = "a time is negative or infinite"
BAD_STATUS = "a status is neither 0 (censored) nor 1 (event)"


@dataclass(frozen=True, slots=True)
class EventTable:
    """Per distinct time, ascending: subjects at risk, events, censored; `note` says why the table is empty."""

    time: Floats
    at_risk: Counts
    events: Counts
    censored: Counts
    note: str = ""

    @property
    def n(self) -> int:
        """Everybody who entered."""
        return int(self.at_risk[0]) if len(self.time) else 0


@dataclass(frozen=True, slots=True)
class GroupedTable:
    """The same for G groups on common times: counts of shape G × times, `groups` of length G."""

    time: Floats
    at_risk: Counts
    events: Counts
    censored: Counts
    groups: NDArray
    note: str = ""

    @property
    def n(self) -> Counts:
        """Everybody who entered, per group."""
        return self.at_risk[:, 0] if len(self.time) else np.zeros(len(self.groups), int)


def tie_width(distinct: Floats) -> float:
    """How close two of these times may lie and still be one."""
    return TIE * float(np.mean(np.abs(distinct))) if len(distinct) else 0.0


def blocks(time: Floats) -> tuple[NDArray[np.intp], Floats, NDArray[np.intp]]:
    """Order of the rows by time, the distinct times, and for each row in that order the index of its time."""
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    gap = np.diff(ordered)
    distinct = ordered[np.concatenate([[True], gap > 0])] if len(time) else ordered
    first = np.concatenate([[True], gap > tie_width(distinct)]) if len(time) else np.zeros(0, bool)
    return order, ordered[first], np.cumsum(first) - 1


def merge_ties(time: ArrayLike) -> Floats:
    """The times with near ties made equal to the smallest of them; missing stay missing."""
    merged = np.array(time, dtype=float)
    known = ~np.isnan(merged)
    order, distinct, block = blocks(merged[known])
    values = np.empty(len(order))
    values[order] = distinct[block]
    merged[known] = values
    return merged


def tally(time: Floats, code: NDArray[np.intp], codes: int, count: Counts | None = None) -> tuple[Floats, Counts]:
    """Distinct times, and how often each code 0 … codes − 1 occurs at each: shape codes × times."""
    order, distinct, block = blocks(time)
    weights = None if count is None else count[order]
    counts = np.bincount(block * codes + code[order], weights, minlength=len(distinct) * codes)
    return distinct, counts.reshape(len(distinct), codes).T.astype(np.int64)


def still_at_risk(leaving: NDArray) -> NDArray:
    """From those who leave at each time (last axis) to those present just before it."""
    return np.cumsum(leaving[..., ::-1], axis=-1)[..., ::-1]


def known_rows(time: ArrayLike, status: ArrayLike, *others: ArrayLike) -> tuple[NDArray, ...]:
    """Time and status as floats and the others as arrays, without the rows where one of them is missing."""
    arrays = [np.asarray(time, float), np.asarray(status, float), *map(np.asarray, others)]
    known = np.ones(len(arrays[0]), bool)
    for array in arrays:
        if array.dtype.kind in "fO":
            missing = np.isnan(array) if array.dtype.kind == "f" else array == np.array(None)
            known &= ~(missing.any(axis=1) if array.ndim == 2 else missing)
    return tuple(array[known] for array in arrays)


def unusable(time: Floats, status: Floats, most: float = 1) -> str:
    """Why these rows can't be counted, or nothing: `most` is the largest status code that has a meaning."""
    if len(time) == 0:
        return NO_PATIENTS
    if time.min() < 0 or np.isinf(time).any():
        return BAD_TIME
    if ((status != np.floor(status)) | (status < 0) | (status > most)).any():
        return BAD_STATUS
    return ""


def given(*optional: ArrayLike | None) -> tuple[ArrayLike, ...]:
    """Those of some optional arrays that were given."""
    return tuple(one for one in optional if one is not None)


def alike(time: Floats, status: Floats, x: Floats, count: ArrayLike | None = None, strata: NDArray | None = None,
          ) -> tuple[Floats, Floats, Floats, Counts, NDArray | None]:
    """Rows that agree in everything as one, with the subjects they stand for; near ties of time agree.

    x is n × p. Where a column has many values hardly two rows agree: they are left as they are.
    """
    often = np.ones(len(time), np.int64) if count is None else np.asarray(count, np.int64)
    columns = [np.unique(column, return_inverse=True) for column in (status, *x.T, *given(strata))] if len(time) else []
    if not columns or max((len(levels) for levels, _ in columns[1:1 + x.shape[1]]), default=0) > FEW:
        return time, status, x, often, strata
    order, distinct, block = blocks(time)
    place = np.empty(len(order), np.int64)
    place[order] = block
    key, most = place, len(distinct)
    for levels, level in reversed(columns):  # within a time by stratum and covariates, by state last
        if most * len(levels) > 1 << 62:
            key, most = np.unique(key, return_inverse=True)[1], len(key)
        key, most = key * len(levels) + level, most * len(levels)
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    sums = np.bincount(row, often).astype(np.int64)
    return distinct[place[first]], status[first], x[first], sums, None if strata is None else strata[first]


def event_table(time: ArrayLike | EventTable, status: ArrayLike | None = None,
                count: ArrayLike | None = None) -> EventTable:
    """Count events (1, True) and censorings (0, False) per distinct time; rows with a missing value are left out.

    A table is handed back as it is, so that every method takes either. Negative times and other codes empty the table
    and are named in its note: a status of 1 and 2, or the times passed as flags, would otherwise count as events.
    """
    if isinstance(time, EventTable):
        return time
    if status is None:
        raise TypeError("event_table needs the status of each subject, or a table")
    times, flags, *often = known_rows(time, status, *given(count))
    none = np.zeros(0, np.int64)
    if note := unusable(times, flags):
        return EventTable(np.zeros(0), none, none, none, note)
    distinct, counts = tally(times, flags.astype(np.intp), 2, *often)
    return EventTable(distinct, still_at_risk(counts.sum(axis=0)), counts[1], counts[0])


def tabulated(time: ArrayLike, events: ArrayLike, censored: ArrayLike) -> EventTable:
    """An event table out of counts already made elsewhere, one row per time in any order; near ties are merged."""
    times = np.asarray(time, float)
    order, distinct, block = blocks(times)
    none = np.zeros(0, np.int64)
    if note := unusable(times, np.zeros(len(times))):
        return EventTable(np.zeros(0), none, none, none, note)
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    sums = [np.add.reduceat(np.asarray(count, np.int64)[order], starts) for count in (events, censored)]
    return EventTable(distinct, still_at_risk(sums[0] + sums[1]), sums[0], sums[1])


def grouped_table(time: ArrayLike | GroupedTable, status: ArrayLike | None = None, group: ArrayLike | None = None,
                  count: ArrayLike | None = None) -> GroupedTable:
    """Count per distinct time and group, groups in ascending order of their codes; only groups that have patients."""
    if isinstance(time, GroupedTable):
        return time
    if status is None or group is None:
        raise TypeError("grouped_table needs the status and the group of each subject, or a table")
    times, flags, labels, *often = known_rows(time, status, group, *given(count))
    groups, code = np.unique(labels, return_inverse=True)
    none = np.zeros((len(groups), 0), np.int64)
    if note := unusable(times, flags):
        return GroupedTable(np.zeros(0), none, none, none, groups, note)
    distinct, counts = tally(times, 2 * code + flags.astype(np.intp), 2 * len(groups), *often)
    censored, events = counts[0::2], counts[1::2]
    return GroupedTable(distinct, still_at_risk(censored + events), events, censored, groups)


def common_times(tables: dict[float, EventTable]) -> GroupedTable:
    """One event table per group, brought to common times: what the log-rank test reads when only counts are at hand."""
    groups = np.array(sorted(tables))
    parts = [tables[group] for group in groups]
    time = np.concatenate([part.time for part in parts]) if parts else np.zeros(0)
    order, distinct, block = blocks(time)
    place = np.empty(len(order), np.intp)
    place[order] = block
    ends = np.cumsum([0, *(len(part.time) for part in parts)])
    counts = np.zeros((2, len(groups), len(distinct)), np.int64)
    for i, part in enumerate(parts):
        where = place[ends[i]:ends[i + 1]]
        np.add.at(counts[0, i], where, part.events)
        np.add.at(counts[1, i], where, part.censored)
    note = "" if len(distinct) else NO_PATIENTS
    return GroupedTable(distinct, still_at_risk(counts.sum(axis=0)), counts[0], counts[1], groups, note)
