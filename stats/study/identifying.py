"""What identifies a person in a text, by kind: patterns only, so that pages are searched without reading data."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez"
ANYWHERE = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "a telephone number": re.compile(
        r"(?<![\w.+-])(?:\+\d{1,3}[ ()/.-]{0,2}\d[\d ()/.-]{6,}\d|\(\d{2,5}\) ?\d{3,}[\d -]*|0\d{2,4}[ /-]\d{4,}(?!\d*-\d)"
        r"|\d{3}[-. ]\d{3}[-. ]\d{4})(?![\w-])", re.ASCII),
    "a social security number": re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", re.ASCII),
}
IN_TEXTS = ANYWHERE | {
    "a date": re.compile(
        rf"(?<!\d)(?:(?:19|20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)?\d\d"
        rf"|\d{{1,2}}[. -]+(?:{_MONTH})[a-z]*[. -]+(?:19|20)?\d\d)(?!\d)", re.IGNORECASE),
    "a record number": re.compile(r"\b(?:mrn|medical record|record n(?:o|umber)|patient n(?:o|umber)|case n(?:o|umber))\b"
                                  r"\W{0,3}\w*\d{3,}", re.IGNORECASE),
    "a person's name": re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme)\b\.? [A-ZÄÖÜ]\w+"),
}
IN_SHIPPED = {kind: pattern for kind, pattern in IN_TEXTS.items() if kind != "a date"}  # a cut-off is nobody's


def places(cells: Sequence[str]) -> list[int]:
    """Places of the cells in which a pattern is found that counts anywhere; many are looked at as one text."""
    whole = "\n".join(cells)
    found: set[int] = set()
    for pattern in ANYWHERE.values():
        if pattern.search(whole):
            found |= {place for place, cell in enumerate(cells) if pattern.search(cell)}
    return sorted(found)
