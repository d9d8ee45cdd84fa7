"""Cells that should be numbers: what counts as one, and what to say of each kind that doesn't."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LARGEST = 1e100  # nothing is measured beyond, and squares of what is beyond have no number
PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
DIGITS = frozenset("0123456789.+-eE")
COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?|[+-]?\d+[.,]\d+(?:[.,]\d+)*", re.ASCII)
LIMIT = re.compile(r"(?P<sign><=|>=|<|>|≤|≥)\s*(?P<number>\S+)")
WORDED = re.compile(r"[+-]?\d+(?:[.,]\d+)? *[A-Za-zµμ°%×].*", re.ASCII)
BELOW = re.compile(r"b\.?l\.?[oq]\.?q?\.?|<\s*lloq|< ?lod|below (?:lloq|limit.*|quantification)", re.IGNORECASE)
NO_NUMBER = {"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "∞", "-∞", "nan"}
UNCLEAR = {"nd", "na", "n/a", "n.a.", "n.d.", "ne", "nk", "unk", "unknown", "missing", "nr", "tbd", "pend", "pending",
           "null", "none", "not done", "nask", ".", "-", "--", "?", "x"}
SIGNS = {"<": "<", "<=": "<", "≤": "<", ">": ">", ">=": ">", "≥": ">"}
MINUS = str.maketrans({"\u2212": "-", "\u2012": "-", "\u2013": "-", "\uff0d": "-", "\u066b": "."})


@dataclass(frozen=True)
class Fault:
    """Why a cell can't be used; `column_wide` faults are told once for the column, with the number of cells."""

    code: str
    reason: str
    remedy: str = ""
    column_wide: bool = False


def number(text: str, decimal: str = ".") -> float | Fault:
    """The cell as a finite number, or what is wrong with it."""
    plain = text
    if decimal == "," and "," in text:
        plain = text.replace(",", ".") if "." not in text and text.count(",") == 1 else text
    elif decimal == "," and "." in text and PLAIN.fullmatch(text):
        return Fault("E_NUMBER_FORMAT",
                     "a point where the decimal sign is a comma: it may be a decimal point or part thousands",
                     "Write the number with the file's decimal sign and without thousands separators")
    if PLAIN.fullmatch(plain):
        value = float(plain)
        if value == 0 or 1 / LARGEST <= abs(value) <= LARGEST:
            return value
        return Fault("E_NOT_FINITE", "the number is too large, or too near to zero, to be one",
                     "Enter a number, or leave the cell empty")
    return _fault(text)


def many(texts: Sequence[str]) -> list[float] | None:
    """Cells that are all plain numbers with a decimal point, as `number` reads each of them; None where one is not."""
    if not DIGITS.issuperset("".join(texts)):
        return None
    try:
        values = list(map(float, texts))  # of these characters it reads what PLAIN fits, and nothing else
    except ValueError:
        return None
    sizes = [size for size in map(abs, values) if size]
    return values if not sizes or (min(sizes) >= 1 / LARGEST and max(sizes) <= LARGEST) else None


def _fault(text: str) -> Fault:
    if text.casefold() in NO_NUMBER:
        return Fault("E_NOT_FINITE", "infinity and 'not a number' are no measurements",
                     "Leave the cell empty when it is missing")
    if text.casefold() in UNCLEAR:
        return Fault("E_AMBIGUOUS_MISSING", f"{text!r} may mean not done, not detected or zero",
                     f'Declare it: missing = ["{text}"] for the file, or values = {{ "{text}" = "0" }} for the column')
    if limit(text) is not None:
        return Fault("E_CENSORED_VALUE", "a value beyond the limit of quantification, and no rule for it",
                     "Declare lloq (or uloq) for the analyte, so that it is counted as below (or above) it")
    ascii_text = "".join(str(unicodedata.decimal(char, char)) for char in unicodedata.normalize("NFKC", text))
    ascii_text = ascii_text.translate(MINUS)
    if ascii_text != text and PLAIN.fullmatch(ascii_text):
        return Fault("E_NOT_ASCII_NUMBER", "the number is written with other characters than 0-9, point and hyphen",
                     "Type it again with plain digits")
    if GROUPED.fullmatch(text):
        return Fault("E_NUMBER_FORMAT",
                     "the number has a comma or a thousands separator, which can be read in two ways",
                     'Write it plainly, or declare decimal = "," when the whole file has decimal commas')
    if WORDED.fullmatch(text):
        return Fault("E_NOT_NUMBER", "a number with a word beside it, such as its unit",
                     'Leave the number alone in the cell; the unit belongs into the study file, as unit = "…" of the column')
    return Fault("E_NOT_NUMBER", "this is not a number", "Enter a number, or leave the cell empty when it is missing")


def limit(text: str, decimal: str = ".") -> tuple[str, float] | None:
    """('<', 50.0) for '<50', ('<', nan) for 'BLQ', None for anything else."""
    if BELOW.fullmatch(text):
        return "<", math.nan
    found = LIMIT.fullmatch(text)
    if found is None:
        return None
    digits = found["number"].replace(",", ".") if decimal == "," else found["number"]
    return (SIGNS[found["sign"]], float(digits)) if PLAIN.fullmatch(digits) else None


def shortest(value: float) -> float:
    """A number of single precision as the shortest decimal that single precision would store so."""
    import numpy as np

    with np.errstate(over="ignore"):
        return float(str(np.float32(value)))


def comma_everywhere(cells: list[str]) -> bool:
    """Whether every cell fits decimal commas alone: at least one has a comma, none a point."""
    kept = [cell for cell in cells if any(char.isdigit() for char in cell)]
    return any("," in cell for cell in kept) and all(COMMA.fullmatch(c) or re.fullmatch(r"[+-]?\d+", c) for c in kept)
