"""The one place where numbers lose digits: half up on the exact value, never half even, never "-0.0".

A reader who recomputes 1/8 by hand gets 12.5 and rounds it to 13; Python's own rounding says 12. So values become exact
fractions first: a share from its n and N, anything else from the twelve significant digits that results.csv holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from stats.results import rounded


@lru_cache(4096)  # a report prints the same numbers in many places, and asks for the same limits at each P value
def exact(value: float) -> Fraction:
    """The decimal number that a finite float stands for, to 12 significant digits: 0.285 is 285/1000, not 0.28499…"""
    return Fraction(repr(rounded(value)))


@lru_cache(4096)
def half_up(value: Fraction, digits: int) -> Decimal:
    """Rounded to `digits` decimals (negative: to tens, hundreds …), halves away from zero; a zero has no sign."""
    # whole numbers throughout: fractions look for a common divisor at each step
    above, below = abs(value.numerator) * 10 ** max(digits, 0), value.denominator * 10 ** max(-digits, 0)
    whole, rest = divmod(above, below)
    if 2 * rest >= below:
        whole += 1
    result = Decimal(whole).scaleb(-digits)
    return -result if value < 0 and whole else result


def significant_digits(value: Fraction, figures: int) -> int:
    """How many decimals show `figures` significant figures once rounded (9.96 to two figures is 10: none)."""
    if value == 0:
        return 0
    digits = figures - 1 - _exponent(value)
    return digits - 1 if _exponent(Fraction(half_up(value, digits))) > _exponent(value) else digits


def trimmed(value: Fraction, most: int) -> int:
    """The fewest decimals, up to `most`, that print the value as `most` decimals would, trailing zeros aside."""
    shown = half_up(value, most)
    return next((digits for digits in range(max(most, 0)) if half_up(value, digits) == shown), max(most, 0))


def written(value: Decimal, digits: int, *, decimal: str = ".", thousands: str = "", group_from: int = 1000,
            minus: str = "−", leading_zero: bool = True) -> str:
    """A rounded number in a journal's signs: '−1 234·50'; whole numbers below `group_from` stay closed up."""
    text = f"{abs(value):.{max(digits, 0)}f}"
    whole, _, part = text.partition(".")
    if thousands and int(whole) >= group_from:
        whole = thousands.join(_threes(whole))
    if not leading_zero and whole == "0" and part:
        whole = ""
    return f"{minus if value < 0 else ''}{whole}{decimal + part if part else ''}"


def _exponent(value: Fraction) -> int:
    """The power of ten of the first significant figure, by whole numbers: a logarithm errs next to one."""
    above, below = abs(value.numerator), value.denominator
    guess = len(str(above)) - len(str(below))
    return guess if above * 10 ** max(-guess, 0) >= below * 10 ** max(guess, 0) else guess - 1


def _threes(whole: str) -> Iterable[str]:
    first = len(whole) % 3
    return ([whole[:first]] if first else []) + [whole[i:i + 3] for i in range(first, len(whole), 3)]
