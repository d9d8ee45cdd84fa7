"""The page as paper needs it: the same text in fewer elements, since layout costs time for each.

On a screen and in Word every number carries its address, and every label a mark that it is the author's. Paper shows
neither, so their elements go.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from functools import lru_cache

from report.heights import TABLE, blocks
from report.pdf_tidy import ELSEWHERE
from report.printed_panels import panels
from report.printed_table import fitted, kept, tall
from report.typeset import JOINER, bound

NUMBER = re.compile(r"<data [^>]*>(.*?)</data>", re.S)
WHOLE = re.compile(r'(?<=<div class="table )whole(?="[^>]*>\s*(<table>.*?</table>))', re.S)
NOTE = re.compile(r"(?<=[^\s>])<sup>")
LABEL = re.compile(r'<span class="label">((?:(?!</?span\b).)*)</span>', re.S)

TAG = re.compile(r"<[^>]*>")
DRAWING = re.compile(r"<svg\b.*?</svg>", re.S)
PER_CELL, PER_LETTERING = 10, 8  # words that take as long to lay out as a cell, and as a text of a drawing
PLACE = re.compile(r'(?<=\bid=")[^"]*')
LINK = re.compile(r'(?<= href=")#([^"]*)')
WORK = "reference-"  # the works cited are always listed


@lru_cache(64)  # asked of each part that waits, whenever a process is free
def effort(part: str) -> int:
    """Words that would take as long to lay out as the part does."""
    cells = part.count("<td") + part.count("<th ")
    return len(TAG.sub(" ", DRAWING.sub("", part)).split()) + PER_CELL * cells + PER_LETTERING * part.count("<text")


def linked(part: str, elsewhere: Collection[str]) -> str:
    """The part, with links to places that it doesn't hold itself marked as such. elsewhere: places there are in the document,
    beside works.
    """
    here = set(PLACE.findall(part))

    def led(link: re.Match[str]) -> str:
        name = link[1]
        return ELSEWHERE + name if name not in here and (name in elsewhere or name.startswith(WORK)) else link[0]

    return LINK.sub(led, part)


def settle(piece: str) -> None:
    """Settle the columns of a piece's tables, and their heights, for the page that will hold it."""
    if "<table>" in piece:
        plain = bare(bound(piece))
        deque(blocks(plain), maxlen=0)  # which remembers, as what follows does
        lightened(plain)


def bare(html: str) -> str:
    """The page without the marks of numbers and labels."""
    return NUMBER.sub(r"\1", LABEL.sub(r"\1", html))


def lightened(html: str) -> str:
    """The page without the elements that paper doesn't show, on which no line begins with the number of a reference."""
    html = bare(html)
    html = WHOLE.sub(lambda whole: "long" if tall(whole[1]) else whole[0], html)
    html = TABLE.sub(lambda table: "".join(kept(fitted(one)) for one in panels(table[0])), html)
    return NOTE.sub(JOINER + "<sup>", html)
