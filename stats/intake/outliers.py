"""Numbers that are no measurements, or stand in another unit than their neighbours: told, never changed.

Only what the rest of the column makes plain: a code such as 999 far from everything else, a single sign, a few values a
power of ten away from a narrow rest, percentages that are all fractions. Wide distributions say nothing and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stats import ordering
from stats.derive.step import Frames, columns_of, numbers, words
from stats.findings import Problem
from stats.intake.places import at_rows
from stats.study.types import DAYS, Study

ENOUGH = 8           # known values that a column needs before its neighbours say anything
FEW = 0.2            # largest share of the values that can be the odd ones
CODES = tuple(float(digit * width) for digit in "987" for width in (2, 3, 4, 5, 6))  # 99, 999 … 88 … 77 …
FAR = 3.0            # a code is out of place when it is this many times the largest other value
# (power of ten, widest rest, least gap): nearer factors need a narrower rest
FACTORS = ((10.0, 3.0, 5.0), (100.0, 10.0, 20.0), (1000.0, 10.0, 50.0), (1e6, 30.0, 1e4))
CENTRE = 0.1         # the median of a percentage that is a fraction; residual disease in percent lies below
SHARES = ("%", "percent", "per cent")


def check(study: Study, frames: Frames) -> list[Problem]:
    """W_SENTINEL and W_PLAUSIBLE, for numeric columns of subjects and responses and for each analyte."""
    problems: list[Problem] = []
    for frame, column, unit, rows, value, floor in _columns(study, frames):
        code = _codes(value, rows, floor)
        problems += at_rows(study, frames, "W_SENTINEL", "the value stands apart like a code for missing data, and is "
                            "counted as a number", code, frame, column, "Declare it in missing of the frame if it is "
                            "one; otherwise leave it")
        rest = rows & ~code & (value > 0)
        factor = _factor(value[rest]) if (value[rows] == 0).sum() <= FEW * rows.sum() else None  # else no narrow rest
        if factor is not None:
            odd, times = factor
            broken = np.zeros(len(value), dtype=bool)
            broken[np.flatnonzero(rest)[odd]] = True
            problems += at_rows(study, frames, "W_PLAUSIBLE", f"the value is a power of ten away from all others; "
                                f"{'divided by' if times > 1 else 'times'} {max(times, 1 / times):g} it would be among "
                                "them: another unit, or a slip of the decimal point?", broken, frame, column,
                                "Correct it, or leave it if it was measured so")
        if unit in SHARES and _fractions(value[rest]):
            first = np.zeros(len(value), dtype=bool)
            first[np.flatnonzero(rest)[:1]] = True
            problems += at_rows(study, frames, "W_PLAUSIBLE", f"the unit is {unit}, and none of {int(rest.sum())} values "
                                "above zero exceeds 1: are they fractions?", first, frame, column,
                                "Declare the unit they have, or convert them")
    return problems


def _columns(study: Study, frames: Frames) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray, bool]]:
    """(frame, column, unit, rows that count, values, whether they can't lie below zero)."""
    for frame in ("subjects", "responses"):
        for column in columns_of(study, frame).values() if frame in frames else ():
            timed = (column.unit in DAYS and column.unit != "years") or column.unit in ("day", "date")
            if column.type == "number" and column.in_file and column.name in frames[frame] and not timed:
                value = numbers(frames[frame][column.name])
                yield frame, column.name, column.unit, ~np.isnan(value), value, False
    series = frames.get("series")
    if series is None or not {"analyte", "value"} <= set(series.columns):
        return
    value, analyte = numbers(series["value"]), series["analyte"]
    plain = ~np.isnan(value)
    if "qualifier" in series:
        plain &= series["qualifier"].isna().to_numpy()
    for name in sorted(set(words(analyte.drop_duplicates())) - {None}):
        known = study.analytes.get(name)
        rows = plain & (analyte == name).to_numpy(dtype=bool, na_value=False)
        yield "series", "value", known.unit if known else "", rows, value, known is not None and known.scale != "log"


def _codes(value: np.ndarray, rows: np.ndarray, floor: bool) -> np.ndarray:
    """Values that are 99, 999 … far above all others, or such a code or (with a floor) anything below zero alone."""
    out = np.zeros(len(value), dtype=bool)
    given = value[rows]
    if len(given) < ENOUGH:
        return out
    odd = np.zeros(len(given), dtype=bool)
    high = np.isin(given, CODES)
    if 0 < high.sum() <= FEW * len(given):
        odd |= high & (given > FAR * max(float(given[~high].max()), 1.0))
    if not floor:  # a round code that several patients share, wherever it lies
        odd |= np.isin(given, [code for code in CODES if code >= 777 and (given[high] == code).sum() > 1])
    low = (given < 0) if floor else np.isin(-given, (9.0, 8.0, 7.0, *CODES))
    if 0 < low.sum() <= FEW * len(given) and (given[~low] >= 0).all():
        odd |= low
    out[rows] = odd
    return out


def _factor(value: np.ndarray) -> tuple[np.ndarray, float] | None:
    """(positions of the odd ones, their factor) when a few values are a power of ten away from a narrow rest."""
    if len(value) < ENOUGH:
        return None
    ranked = np.sort(value)
    step, at = 0.0, 0  # the widest, and the first value above it
    for part in ordering.portions(len(ranked) - 1):
        steps = ranked[part.start + 1:part.stop + 1] / ranked[part]
        if float(steps.max()) > step:
            step, at = float(steps.max()), part.start + int(np.argmax(steps)) + 1
    low, high = ranked[:at], ranked[at:]
    for odd, rest, up in ((low, high, False), (high, low, True)):
        if len(odd) > FEW * len(value):
            continue
        for power, widest, gap in FACTORS:
            times = power if up else 1 / power
            moved = odd / times
            if (rest[-1] / rest[0] <= widest and step >= gap
                    and (moved >= rest[0] / 1.2).all() and (moved <= rest[-1] * 1.2).all()):
                return np.flatnonzero(value >= high[0] if up else value <= low[-1]), times
    return None


def _fractions(value: np.ndarray) -> bool:
    return bool(len(value) >= ENOUGH and value.max() <= 1 and ((value > 0) & (value < 1)).sum() >= ENOUGH
                and np.median(value) > CENTRE)
