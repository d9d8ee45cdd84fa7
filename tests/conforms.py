"""What holds of every report, whatever the study: each number is a result, and prints as that result rounded."""

from __future__ import annotations

import re
from decimal import Decimal

from report.build import Built
from tests import built

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+")
POWER = re.compile("×10|10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])")  # a power of ten, or the unit of one
EXHIBIT = re.compile(r"(?:Table|Figure)\s\d+\.")  # in a caption, or where a figure is left out of what is published
# where a digit may stand outside <data>: references, definitions and names (cite), labels of the study, exhibit numbers
FREE = ("cite", "svg", "q")
FREE_CLASSES = ("label", "ref", "fingerprint", "short")


def astray(html: str) -> list[str]:
    """Texts with a digit that is no result, no reference and no label; h1, h2 and links are the study's titles."""
    return [
        t.text
        for t in built.texts(html)
        if re.search(r"\d", t.text)
        and not t.address
        and not t.inside(*FREE)
        and not t.of_class(*FREE_CLASSES)
        and not (t.inside("b") and EXHIBIT.fullmatch(t.text))
        and not t.inside("h1", "h2", "a")
    ]


def addresses(made: Built) -> set[str]:
    """Every address on the page."""
    return {t.address for t in built.texts(str(made.files["report.html"])) if t.address}


def unknown(made: Built) -> set[str]:
    """Addresses on the page that are no row of the results."""
    return addresses(made) - {address for address, _ in built.rows(made)}


def misprinted(made: Built) -> list[tuple[str, str]]:
    """Numerals inside <data> that are no statistic of their cell (in percent where that fits), to the decimals shown."""
    values: dict[str, list[float]] = {}
    for (address, _), value in built.rows(made).items():
        values.setdefault(address, []).append(value)
    wrong = []
    for text in built.texts(str(made.files["report.html"])):
        if not text.address or text.address.startswith(("study/cutoff", "study/enrolment")):
            continue
        at = re.search(r"~([\d.]+)", text.address)
        stats = values.get(text.address, []) + ([float(at.group(1))] if at else []) + values["study/confidence@all"]
        if not ("<" in text.text or ">" in text.text):
            wrong += [(text.address, text.text) for hit in NUMBER.findall(POWER.sub("", text.text))
                      if not _rounded(hit.replace(",", ""), stats)]
    return wrong


def _rounded(plain: str, stats: list[float]) -> bool:
    tolerance = float(Decimal(10) ** -len(plain.partition(".")[2])) / 2 * 1.0000001
    candidates = [c for v in stats for c in (abs(v), abs(v) * 100)]
    return any(abs(c - float(plain)) <= tolerance or (c > 1000 and abs(c - float(plain)) <= c * 0.005)
               for c in candidates)
