"""Numbers of one sentence held against each other: counts and their percentages, estimates and their limits, limits and P.

A printed number stands for everything that rounds to it, half up or half even, so only contradictions that no rounding
explains are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_N = r"[-−–+]?(?:\d{1,3}(?:,\d{3})+(?:[.·]\d+)?|\d+(?:[.·]\d+)?|[.·]\d+)"
_TO = r"\s*(?:to|[-–—−]|,|;)\s*"
COUNTS = re.compile(
    rf"(?<![\w./])(?P<n>\d+)\s*(?:/|of|out\s+of)\s*(?P<N>\d+)(?:\s+[a-z]\w+){{0,2}}\s*[,;]?\s*[(\[]?\s*"
    rf"(?P<percent>{_N})\s*%",
    re.I,
)
SHARES = re.compile(
    rf"(?P<percent>{_N})\s*%\s*[(\[]\s*(?:n\s*=\s*)?(?P<n>\d+)\s*(?:/|of|out\s+of)\s*(?P<N>\d+)\s*[)\]]", re.I
)
_LEVEL = r"(?:\d+(?:\.\d+)?\s*%\s*)?(?:CI|confidence\s+interval|CrI)"
INTERVAL = re.compile(
    rf"(?<![\w.,·])(?P<estimate>{_N})(?![\d.·,]*\d|\s*%\s*(?:CI|conf|CrI))\s*"
    r"(?:%|(?!vs)[a-zA-Zµ/]+(?:\s[a-zA-Zµ/]+)?)?\s*[,;]?\s*[(\[]?\s*"  # its unit
    rf"{_LEVEL}\s*[,:;=]?\s*[(\[]?\s*(?P<lower>{_N})\s*%?{_TO}(?P<upper>{_N})\s*%?",
    re.I,
)
P_VALUE = re.compile(r"(?<![\w])P\s*(?:value)?\s*(?P<sign>[=<>≤≥])\s*(?P<p>\d*[.·]?\d+)", re.I)
RATIO = re.compile(r"\b(?:a?HR|a?OR|RR|sHR|IRR|(?:hazard|odds|risk|rate)s?\s+ratios?)\b[^.;()]{0,25}$", re.I)
DIFFERENCE = re.compile(r"\b(?:difference|reduction|shift)\b[^.;()]{0,25}$", re.I)


def faults(sentence: str, alpha: float = 0.05) -> Iterator[str]:
    """What can't be so in a sentence, in words, without its own text."""
    yield from _percentages(sentence)
    yield from _intervals(sentence, alpha)
    yield from _chances(sentence)


@dataclass(frozen=True)
class Printed:
    """A number as printed: its value, and how far the value behind it may lie from it."""

    text: str
    value: Fraction
    half: Fraction

    @property
    def least(self) -> Fraction:
        return self.value - self.half

    @property
    def most(self) -> Fraction:
        return self.value + self.half


def printed(text: str) -> Printed:
    """'0·45' to 45/100, give or take half a hundredth."""
    plain = text.replace("−", "-").replace("–", "-").replace("·", ".").replace(",", "").lstrip("+")
    number = Decimal(plain)
    return Printed(text, Fraction(number), Fraction(10) ** int(number.as_tuple().exponent) / 2)


def _percentages(sentence: str) -> Iterator[str]:
    for hit in [*COUNTS.finditer(sentence), *SHARES.finditer(sentence)]:
        n, whole, said = int(hit["n"]), int(hit["N"]), printed(hit["percent"])
        if n > whole:
            yield f"{n} of {whole} is more than all"
        elif whole and not said.least <= Fraction(100 * n, whole) <= said.most:
            yield f"{n}/{whole} is not {said.text}%"


def _intervals(sentence: str, alpha: float) -> Iterator[str]:
    for hit in INTERVAL.finditer(sentence):
        # a dash before the second limit is the word "to"; a minus there has its own sign before it
        estimate, lower = printed(_unsigned(hit["estimate"])), printed(_unsigned(hit["lower"]))
        upper = printed(_unsigned(hit["upper"]))
        if lower.least > upper.most:
            yield f"the limits {lower.text} and {upper.text} stand in the wrong order"
        elif estimate.most < lower.least or estimate.least > upper.most:
            yield f"the estimate {estimate.text} lies outside its own interval, {lower.text} to {upper.text}"
        else:
            yield from _against_p(sentence, hit, lower, upper, alpha)


def _unsigned(text: str) -> str:
    """En dashes join limits; only a real minus or hyphen is a sign."""
    return text.removeprefix("–")


def _against_p(sentence: str, hit: re.Match[str], lower: Printed, upper: Printed, alpha: float) -> Iterator[str]:
    """A 95% interval excludes no effect just when P is below .05, as long as both come from one test."""
    before = sentence[: hit.start()]
    null = Fraction(1) if RATIO.search(before) else Fraction(0) if DIFFERENCE.search(before) else None
    chance = P_VALUE.search(sentence, hit.end(), hit.end() + 30)
    if null is None or chance is None or INTERVAL.search(sentence[hit.end() : chance.end()]):
        return
    p, sign, level = printed(chance["p"]), chance["sign"], Fraction(str(alpha))
    below = p.most < level if sign == "=" else sign in "<≤" and p.value <= level
    above = p.least > level if sign == "=" else sign in ">≥" and p.value >= level
    if below and lower.most < null < upper.least:
        yield f"P {sign} {p.text} says that the interval {lower.text} to {upper.text} leaves out {null}, which it holds"
    if above and (lower.least > null or upper.most < null):
        yield f"P {sign} {p.text} says that the interval {lower.text} to {upper.text} holds {null}, which it leaves out"


def _chances(sentence: str) -> Iterator[str]:
    for hit in P_VALUE.finditer(sentence):
        p = printed(hit["p"])
        if p.value > 1:
            yield f"P {hit['sign']} {p.text} is no probability"
        elif p.value == 0 and hit["sign"] in "=≤":
            yield f"P {hit['sign']} {p.text}: a P value is never 0"
