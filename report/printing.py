"""A statistic to text by a journal's rules: how many decimals, which signs. No pattern and no markup here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from report.measure import Measure, of_statistic
from report.rounding import exact, half_up, significant_digits, trimmed, written
from report.rules import Numbers, PValue
from stats.results import Cell, step_of

HALVES = ("median", "q1", "q3", "estimate", "lower", "upper")  # a middle of two whole numbers has one more decimal
MEANS = ("mean", "sd", "estimate", "lower", "upper")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
VAST = 10_000  # beyond it the upper limit of a ratio prints as a bound
SHARP = 6  # decimals at most, when a number must stay on its side of another


def statistic(cell: Cell, stat: str, measure: Measure, numbers: Numbers, denominator: float) -> str:
    """One finite statistic of a cell; `denominator` sets the decimals of a percentage where the cell has no N."""
    value = exact(cell[stat])
    kind = of_statistic(stat, measure)
    if kind == "count":
        return sign(half_up(value, 0), 0, numbers)
    if kind == "date":
        return date(int(cell[stat]), numbers.dates)
    if kind == "share":
        if stat == "p" and cell.get("N") > 0 and not math.isnan(cell.get("n")):
            value = exact(cell["n"]) / exact(cell["N"])
        return percentage(value, share_digits(cell, numbers, denominator), numbers)
    if kind == "points":
        digits = share_digits(cell, numbers, denominator)
        return percentage(value, _apart(cell, value * 100, 0, digits, stat, numbers), numbers)
    if kind == "percent":
        return percentage(value, 0, numbers)
    if kind == "declared":
        value = value * 100 if stat == "p" else value
        return sign(half_up(value, trimmed(value, SHARP)), trimmed(value, SHARP), numbers)
    if kind == "ratio" and stat == "upper" and value > VAST and not cell.get("lower") > VAST:
        return f">{sign(Decimal(VAST), 0, numbers)}"  # as a limit near zero prints: it excludes nothing
    if measure.closed:
        numbers = replace(numbers, thousands="")
    digits = _digits(cell, stat, kind, value, measure, numbers)
    if measure.null is not None:
        digits = _apart(cell, value, measure.null, digits, stat, numbers)
    if measure.edge is not None and numbers.keep_side:
        digits = _beside(value, exact(measure.edge), digits)
    if not math.isnan(step := step_of(cell.notes[stat])):
        digits = min(digits, trimmed(exact(step), SHARP))  # decimals of a rounded number would say that they are known
    if kind == "ratio" and value > 0 and half_up(value, digits) == 0:
        # a ratio is never nothing: 0.004 prints as such, below that as a bound
        digits = digits + 1
        if half_up(value, digits) == 0:
            return f"<{sign(Decimal(1).scaleb(-digits), digits, numbers)}"
    return sign(half_up(value, digits), digits, numbers)


def p_value(value: float, rule: PValue, numbers: Numbers, alpha: float) -> tuple[str, str]:
    """(relation, number) of a P value: ('=', '.03'), ('<', '.001') or ('>', '.99')."""
    p = exact(value)
    if p < exact(rule.floor):
        return "<", _probability(exact(rule.floor), rule, numbers)
    if p > exact(rule.ceiling):
        return ">", _probability(exact(rule.ceiling), rule, numbers)
    if rule.digits:
        digits = next(decimals for start, decimals in rule.digits if p >= exact(start))
    else:
        digits = min(max(significant_digits(p, rule.significant), rule.least), rule.most)
    if rule.keep_side and p < exact(alpha):
        digits = next((more for more in range(digits, SHARP + 1) if Fraction(half_up(p, more)) < exact(alpha)), digits)
    return "=", sign(half_up(p, digits), digits, numbers, rule.leading_zero)


def probability(value: float, rule: PValue, numbers: Numbers) -> str:
    """A level such as alpha, printed as the study file states it, with the journal's rule for the leading zero."""
    return _probability(exact(value), rule, numbers)


def error(value: float, rule: PValue, numbers: Numbers) -> str:
    """The Monte Carlo standard error of a P value, to two figures."""
    found = exact(value)
    digits = max(significant_digits(found, 2), 0)
    return sign(half_up(found, digits), digits, numbers, rule.leading_zero)


def share_digits(cell: Cell, numbers: Numbers, denominator: float) -> int:
    """Decimals of a percentage: no more than its denominator supports, and the fewest where that is withheld."""
    size = cell.get("N") if cell.get("N") > 0 else denominator
    return band(0.0 if math.isnan(size) else size, numbers.percent)


def band(value: float, bands: Sequence[tuple[float, int]]) -> int:
    """Decimals from bands [below, decimals]."""
    return next(digits for below, digits in bands if value < below)


def percentage(share: Fraction, digits: int, numbers: Numbers) -> str:
    return sign(half_up(share * 100, digits), digits, numbers)


def sign(value: Decimal, digits: int, numbers: Numbers, leading_zero: bool = True) -> str:
    """A rounded number in the journal's decimal mark, thousands separator and minus."""
    return written(value, digits, decimal=numbers.decimal, thousands=numbers.thousands, group_from=numbers.group_from,
                   minus=numbers.minus, leading_zero=leading_zero)


def date(value: int, order: str) -> str:
    """'April 30, 2025' of 20250430, 'April 2025' of 202504; or day first."""
    if value < 1_000_000:
        return f"{MONTHS[value % 100 - 1]} {value // 100}"
    year, month, day = value // 10000, MONTHS[value // 100 % 100 - 1], value % 100
    return f"{month} {day}, {year}" if order == "month day, year" else f"{day} {month} {year}"


def _digits(cell: Cell, stat: str, kind: str, value: Fraction, measure: Measure, numbers: Numbers) -> int:
    if kind == "ratio":
        digits = band(float(abs(value)), numbers.ratio)
        return min(digits, band(float(abs(half_up(value, digits))), numbers.ratio))
    if kind == "time" and measure.unit != "days":
        return max(numbers.time, measure.digits or 0)
    if kind == "log":
        return significant_digits(value, numbers.significant)
    if kind in ("smd", "statistic", "probability"):
        return {"smd": numbers.smd, "statistic": numbers.statistic, "probability": 2}[kind]
    if kind == "number" and measure.digits is None:
        return trimmed(value, max(significant_digits(value, numbers.significant), 0))
    digits = measure.digits or 0  # times in days are whole days
    if stat in MEANS and (measure.means or stat in ("mean", "sd")):
        return digits + 1
    half = measure.halved and (2 * value * 10 ** digits).denominator == 1 and (value * 10 ** digits).denominator == 2
    return digits + 1 if half and stat in HALVES else digits


def _apart(cell: Cell, value: Fraction, null: float, digits: int, stat: str, numbers: Numbers) -> int:
    """More decimals for a confidence limit that would round onto the value of no difference without being it, and for an
    estimate whose limits lie on one side of it: it would be printed outside of them."""
    bound = exact(null)
    sided = stat in ("lower", "upper") or (stat == "estimate" and (cell.get("lower") > null or cell.get("upper") < null))
    if not numbers.keep_side or not sided or value == bound:
        return digits
    return next((more for more in range(digits, SHARP + 1) if half_up(value, more) != half_up(bound, more)), digits)


def _beside(value: Fraction, edge: Fraction, digits: int) -> int:
    """More decimals for a number above an edge, whichever its sign, that would round onto it."""
    size = abs(value)
    return next((more for more in range(digits, SHARP + 1) if (Fraction(half_up(size, more)) > edge) == (size > edge)), digits)


def _probability(value: Fraction, rule: PValue, numbers: Numbers) -> str:
    digits = trimmed(value, SHARP)
    return sign(half_up(value, digits), digits, numbers, rule.leading_zero)
