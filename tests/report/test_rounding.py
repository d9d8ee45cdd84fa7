"""Rounding against decimal arithmetic and against hand-worked values."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.rounding import exact, half_up, significant_digits, trimmed, written


@pytest.mark.parametrize(("value", "digits", "expected"), [
    (0.285, 2, "0.29"),     # the float is 0.28499999999999998
    (2.675, 2, "2.68"),     # the float is 2.67499999999999982
    (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"),   # half even would say 0, 2, 2
    (-0.5, 0, "-1"), (-0.4, 0, "0"), (-0.04, 1, "0.0"),
    (12345.6, -2, "12300"), (0.1 + 0.2, 1, "0.3"), (1e-7, 3, "0.000"),
])
def test_half_up_on_the_number_that_was_meant(value, digits, expected):
    found = half_up(exact(value), digits)
    assert f"{found:f}" == expected
    assert not (found == 0 and found.is_signed())


def test_a_share_is_rounded_as_the_fraction_it_is():
    assert half_up(Fraction(1, 8) * 100, 0) == 13       # 12.5
    assert half_up(Fraction(1, 3) * 100, 1) == Decimal("33.3")
    assert half_up(Fraction(115, 1000) * 100, 0) == 12  # 11.5


@given(st.decimals(min_value=-10**6, max_value=10**6, places=6), st.integers(0, 5))
def test_half_up_is_what_decimal_says(value, digits):
    expected = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert half_up(Fraction(value), digits) == expected


@pytest.mark.parametrize(("value", "figures", "digits"), [
    (123456.7, 3, -3), (0.0012345, 3, 5), (9.996, 3, 1), (99.94, 3, 1), (99.96, 3, 0), (1, 3, 2), (10, 3, 1),
    (999.5, 3, -1), (0, 3, 0), (0.1, 2, 2), (0.0996, 2, 2), (0.0994, 2, 3),
])
def test_significant_digits(value, figures, digits):
    assert significant_digits(exact(value), figures) == digits


@given(st.floats(1e-9, 1e9), st.integers(1, 5))
def test_significant_digits_keep_that_many_figures(value, figures):
    number = exact(value)
    shown = half_up(number, significant_digits(number, figures))
    digits = f"{shown:f}".replace(".", "").strip("0")
    assert len(digits) <= figures
    assert abs(Fraction(shown) - number) <= number * Fraction(1, 2 * 10 ** (figures - 1))


@pytest.mark.parametrize(("value", "most", "digits"), [
    (0.95, 6, 2), (12, 6, 0), (0.05, 3, 2), (45.10, 2, 1), (0.3, 0, 0),
])
def test_trimmed(value, most, digits):
    assert trimmed(exact(value), most) == digits


@pytest.mark.parametrize(("value", "digits", "signs", "expected"), [
    ("-1234.5", 1, {"thousands": ","}, "−1,234.5"),
    ("1234567", 0, {"thousands": "\u2009", "group_from": 10000}, "1\u2009234\u2009567"),
    ("1234", 0, {"thousands": "\u2009", "group_from": 10000}, "1234"),
    ("0.05", 2, {"leading_zero": False}, ".05"), ("0", 0, {"leading_zero": False}, "0"),
    ("10.5", 1, {"leading_zero": False}, "10.5"), ("-0.25", 2, {"decimal": "·"}, "−0·25"),
    ("999", 0, {"thousands": ","}, "999"),
])
def test_written(value, digits, signs, expected):
    assert written(Decimal(value), digits, **signs) == expected
