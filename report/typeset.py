"""What a page needs to look typeset, and texts read elsewhere don't: where a line may not end, and apostrophes.

Numbers leave the style as plain text, which tables of files, Word and comparisons read, and readers copy from a screen. On
paper signs that nobody sees are added, last of all, so that no line ends inside a number, between the limits of an interval
or before what they are limits of. A line may always end before a parenthesis.
"""

from __future__ import annotations

import re
from collections.abc import Callable

JOINER = "\N{WORD JOINER}"  # takes no room, and no line ends at it
SPACE = "\N{NO-BREAK SPACE}"
TEXT = r"(?![^<>]*>)"  # and not in a tag, whose address may hold anything
# each begins with a letter that is looked for quickly
DASH = re.compile(rf"–(?<=[\d%]–)(?=[\d.·]){TEXT}")
POINT = re.compile(rf"\.(?<!\w\.)(?=\d){TEXT}")  # of a number without a zero before it
SLASH = re.compile(rf"/(?<=\w/)(?=[^\W\d]){TEXT}")  # of a unit, also after a power: 10^9/L
LOCANT = re.compile(rf"-(?<=[\s(>]\d-)(?=[a-z]{{4}}){TEXT}")  # of a drug's name: 6-mercaptopurine
TO = re.compile(r" to (?<=[\d%] to )(?=[−≥.·\d]|&gt;|not (?:reached|estimable))")
LABELS = tuple(re.compile(rf"{label}(,?) (?=[−≥.·\d]|&[lg]t;)") for label in ("CI", "IQR", "SD", "range"))
LEVEL = re.compile(r"%(</data>)? CI\b")
REFERENCES = '</a>,<a class="ref"'
KEPT = re.compile(r'(<data class="kept" [^>]*>)(.*?)(?=</data>)', re.S)  # a short number: see report/voice.py
BLANK = re.compile(rf" (?!\(){TEXT}")
WHOLE_CELL = re.compile(r"<td>(?=<data [^>]*>(?:(?!</?data\b|</td>).)*</data></td>)", re.S)  # it is one number
APOSTROPHE = re.compile(
    r"<(q|cite)\b.*?</\1>|<span class=\"label\">.*?</span>|<[^>]*>|(?P<sign>(?<=\w)(?:'|&#39;))", re.S
)


def bound(html: str) -> str:
    """The text with lines that can't end where none should; a cell that is one number says so itself (td.number)."""
    return _outside_drawings(html, _bound)


def curly(html: str) -> str:
    """Our own words with typographic apostrophes; quotations, names and labels are the author's."""
    return _outside_drawings(html, _curly)


def _bound(html: str) -> str:
    html = KEPT.sub(lambda kept: kept[1] + BLANK.sub(SPACE, kept[2]), html)
    html = LEVEL.sub(rf"%\1{SPACE}CI", html)
    html = DASH.sub("–" + JOINER, html)
    html = POINT.sub("." + JOINER, html)
    html = SLASH.sub("/" + JOINER, html)
    html = LOCANT.sub("-" + JOINER, html)
    html = TO.sub(f"{SPACE}to{SPACE}", html)
    for label in LABELS:
        html = label.sub(lambda found: found[0][:-1] + SPACE, html)
    html = html.replace(REFERENCES, REFERENCES.replace(",", f",{JOINER}"))
    return WHOLE_CELL.sub('<td class="number">', html)


def _curly(html: str) -> str:
    """Line by line, since few hold an apostrophe; none of ours ends inside a quotation or a label."""
    if "'" not in html and "&#39;" not in html:
        return html
    return "\n".join(
        APOSTROPHE.sub(lambda found: "’" if found["sign"] else found[0], line) if "'" in line or "&#39;" in line else line
        for line in html.split("\n")
    )


def _outside_drawings(html: str, change: Callable[[str], str]) -> str:
    """Texts of drawings are placed and measured already."""
    before, *drawings = html.split("<svg")
    parts = [change(before)]
    for one in drawings:
        drawing, end, after = one.partition("</svg>")
        parts += ["<svg", drawing, end, change(after)]
    return "".join(parts)
