"""In which order levels are to stand: ranges by their limits, words of a scale by their rank, others as people count."""

from __future__ import annotations

import re
from collections.abc import Iterable

RANGE = re.compile(r"\D{0,12}\d.*")
BOUND = re.compile(r"[<>≤≥]|\d\s*(?:[-–]|to)\s*\d|\d\s*\+|\d.*\b(?:more|less|older|younger|over|under)\b", re.I)
BELOW = re.compile(r"[<≤]|\b(?:less|under|younger|below)\b", re.I)
ABOVE = re.compile(r"[>≥+]|\b(?:more|over|older|above)\b", re.I)
ROMAN = re.compile(r"(X{0,2}(?:IX|IV|V?I{0,3}))([a-z]?\d?)", re.I)
SIGNS = {"i": 1, "v": 5, "x": 10}
SMOKING = ("never", "former/ex/past/previous", "current")  # an order to show them in, no more and less
SCALES = (  # words of one scale, in its order; a slash between words of one rank
    ("none/no/absent", "minimal/trace", "mild", "moderate", "severe", "very severe/life-threatening", "fatal"),
    ("very low", "low", "intermediate low", "intermediate/medium/standard", "intermediate high", "high", "very high"),
    SMOKING,
    ("well", "moderate/moderately", "poor/poorly", "undifferentiated"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("small", "medium", "large"),
    ("early", "intermediate", "late/advanced"),
)


def ordered(levels: Iterable[str]) -> tuple[list[str], bool]:
    """(the levels in their order, whether that order means more and less)."""
    found = sorted(levels, key=_natural)
    if len(found) > 1 and all(map(RANGE.fullmatch, found)) and any(map(BOUND.search, found)):
        return sorted(found, key=_limits), True
    numerals = {level: ROMAN.fullmatch(level) for level in found}
    if len(found) > 1 and all(hit and hit[1] for hit in numerals.values()):
        return sorted(found, key=lambda level: (_roman(level), level)), True
    for scale in SCALES:
        ranks = {word: rank for rank, words in enumerate(scale) for word in words.split("/")}
        places = {level: ranks.get(re.sub(r"[\s_-]+", " ", level.casefold()).strip(), -1) for level in found}
        if len(found) > 1 and -1 not in places.values() and len(set(places.values())) == len(found):
            return sorted(found, key=places.__getitem__), scale is not SMOKING
    return found, False


def _natural(level: str) -> list[tuple[int, int, str]]:
    """Numbers inside a text by their size: arm 2 before arm 10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", level)]


def _limits(level: str) -> tuple[float, int]:
    first = re.match(r"[^\d-]*(-?\d+(?:[.,]\d+)?)", level)
    assert first is not None  # RANGE asks for a number
    return float(first[1].replace(",", ".")), 1 if ABOVE.search(level) else -1 if BELOW.search(level) else 0


def _roman(level: str) -> int:
    hit = ROMAN.fullmatch(level)
    assert hit is not None
    signs = [SIGNS[sign] for sign in hit[1].casefold()]
    return sum(-one if any(one < later for later in signs[at + 1 :]) else one for at, one in enumerate(signs))
