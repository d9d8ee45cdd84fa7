"""Ticks: round numbers on a linear axis, powers of ten on a logarithmic one."""

from __future__ import annotations

import math
from typing import Any

from stats.results import number

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
PLAIN = (-2, 4)  # powers of ten that are written out


def nice(low: float, high: float, most: int = 7) -> list[float]:
    """Round ticks that cover an interval, at most `most` of them."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    raw = span / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw - 1e-12 * power)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def logarithmic(low: float, high: float) -> tuple[tuple[float, float], list[float], list[float]]:
    """Limits with some air around an interval of positive numbers, powers of ten in it (at least two), small ticks."""
    low, high = low / 1.6, high * 1.6
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    if last <= first:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        low, high = min(low, 10.0 ** first), max(high, 10.0 ** last)
    ticks = [10.0 ** k for k in range(first, last + 1)]
    small = [10.0 ** k * m for k in range(first - 1, last + 1) for m in range(2, 10)]
    return (low, high), ticks, [t for t in small if low <= t <= high]


def log_labels(ticks: list[float], style: Any, most: int = 7) -> list[str]:
    """Powers of ten in the journal's signs, raised where they grow long; with many only every second is labelled."""
    powers = [round(math.log10(tick)) for tick in ticks]
    raised = powers[0] < PLAIN[0] or powers[-1] > PLAIN[1]
    texts = [f"10{number(k).translate(_RAISED)}" if raised else style.tick(tick) for k, tick in zip(powers, ticks)]
    every = -(-len(ticks) // most)
    return [text if i % every == 0 else "" for i, text in enumerate(texts)]
