"""The page as paper needs it: the same text in fewer elements, since layout costs time for each.

On a screen and in Word every number carries its address, and every label a mark that it is the author's. Paper shows
neither, so a number's element goes where it decides nothing about how the number looks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from report.printed_table import fitted

if TYPE_CHECKING:
    from report.compose import Rendered

NUMBER = re.compile(r'<data value="[^"]*">(.*?)</data>', re.S)
WHOLE_CELL = re.compile(r'<td><data [^>]*>((?:(?!</?data\b|</td>).)*)</data></td>', re.S)
PROSE = re.compile(r"<(p|li)\b[^>]*>.*?</\1>", re.S)
TABLE = re.compile(r"<table>.*?</table>", re.S)
NOTE = re.compile(r"(?<=[^\s>])<sup>")
JOINER = "\N{WORD JOINER}"  # a line may not begin with the number of a reference
LABEL = re.compile(r'<span class="label">((?:(?!</?span\b).)*)</span>', re.S)

DRAWING = re.compile(r"<svg\b.*?</svg>", re.S)
LONG = 25_000  # characters of HTML that fill about four pages
SHORT = 5_000
DRAWN = 4_000  # characters in whose place a drawing stands
PLACE = re.compile(r'(?<=\bid=")[^"]*')
LINK = re.compile(r'(?<=<a href=")#([^"]*)')
ELSEWHERE = "report:///#"  # a place in another part (report/pdf_tidy.py makes it one again)


def parted(sections: Sequence[Rendered]) -> list[list[Rendered]]:
    """Sections that are set together; after some four pages the next section that isn't short begins a page.

    So the parts can be laid out beside each other, and one in which nothing changed needn't be laid out again.
    """
    parts: list[list[Rendered]] = []
    length = 0
    for section in sections:
        bare, drawings = DRAWING.subn("", section.html)
        own = len(bare) + DRAWN * drawings
        if not parts or (length >= LONG and own >= SHORT):
            parts.append([])
            length = 0
        parts[-1].append(section)
        length += own
    return parts


def linked(parts: Sequence[str]) -> list[str]:
    """The parts, with links that lead from one into another marked as such."""
    places = [set(PLACE.findall(part)) for part in parts]
    everywhere = set().union(*places)

    def led(link: re.Match[str], here: set[str]) -> str:
        return ELSEWHERE + link[1] if link[1] in everywhere - here else link[0]

    return [LINK.sub(partial(led, here=here), part) for part, here in zip(parts, places, strict=True)]


def lightened(html: str) -> str:
    """The page without the elements that paper doesn't show.

    A cell that is one number says so itself (td.number); a number in a sentence is text, unless it must not break.
    """
    html = LABEL.sub(r"\1", html)
    html = WHOLE_CELL.sub(r'<td class="number">\1</td>', html)
    html = TABLE.sub(lambda table: fitted(table[0]), html)
    html = PROSE.sub(lambda prose: NUMBER.sub(r"\1", prose[0]), html)
    return NOTE.sub(JOINER + "<sup>", html)
