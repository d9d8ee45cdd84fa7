"""How high a section will be on paper, told from its HTML before it is laid out.

An estimate, by which a report's pages are parted: lines are counted from characters, drawings from their proportions, tables
from the columns that were settled for them. Over some pages it is wrong by a few lines (tests/report/test_pdf_parts.py). Its
measures follow from templates/css/report.css, and are in millimetres.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Literal

from report.pdf_floats import ROOM
from report.printed_panels import panels
from report.printed_table import TAG, lines_of

Kind = Literal["text", "section", "heading", "table", "whole"]

PAGE = 251.0  # of a page: what holds text
ACROSS = 170.0
BLOCK = re.compile(
    r'<(?P<figure>figure)\b[^>]*class="(?P<width>[^"]*)".*?</figure>|<div class="table (?P<split>\w+).*?</div>'
    r'|<(?P<list>div|ol) class="(?P<small>facts|refs)".*?</(?P=list)>'
    r"|<(?P<tag>h2|h3|p|li)\b[^>]*>(?P<text>.*?)</(?P=tag)>", re.S)
ITEM = re.compile(r"<(p|li|h3)\b[^>]*>(.*?)</\1>", re.S)
VIEW = re.compile(r'<svg\b[^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"')
LEGEND = re.compile(r"<figcaption>(.*?)</figcaption>", re.S)
TABLE = re.compile(r"<table>.*?</table>", re.S)
CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)
NOTE = re.compile(r'<p class="note">(.*?)</p>', re.S)
BLANKS = re.compile(r"\s+")

LINE, LETTERS = 5.01, 98.0  # of text: the height of a line, and how many characters fill it
BETWEEN = 2.0  # what is left free below a paragraph
SMALL, SMALL_LETTERS = 4.11, 0.8  # of a legend or a caption; characters in a millimetre
ITEMS = {"facts": (4.23, 125.0, 1.6), "refs": (3.88, 122.0, 0.8)}  # in small type: a line, what fills it, free below
TOGETHER = 18  # works, in the style sheet
NOTE_LINE, NOTE_LETTERS = 3.56, 150.0
HEAD, SUBHEAD = (7.0, 7.2, 2.2), (5.3, 4.8, 1.1)  # of a heading: free above it, its own line, free below
EXHIBIT = (4.5, 5.5)  # free above and below
CAPTIONED, HEADED, PADDED, ROW = 1.6, 1.1, 1.4, 3.9  # below a caption, more in a row of heads, in any row; a line of a row
WIDTHS = {"single": 82.0, "middle": 125.0}  # of drawings
BANNER, NAMED, TITLE, TITLE_LETTERS = 7.4, 16.7, 7.6, 55.0  # names, design and rules of a title; a line of its own
REPEATED = 24.0  # of a table, on each page that it goes on on: its head, the label of a group, and what its last row left free
COMPANY = 3 * LINE  # what a heading has on its page


@dataclass(frozen=True)
class Block:
    """What is set below each other, in millimetres. Text and tables go on on the next page, what is whole doesn't."""

    kind: Kind
    height: float
    above: float = 0.0
    below: float = BETWEEN


@dataclass
class Pages:
    """Pages that are filled block by block, as report/pdf_floats.py has it: text goes before an exhibit that doesn't fit."""

    full: int = 0
    y: float = 0.0
    below: float = 0.0
    waiting: list[Block] = field(default_factory=list)

    def add(self, block: Block) -> None:
        top = self.y + max(self.below, block.above) if self.y else 0.0
        if block.kind == "text":
            self._run(block, top)
        elif block.kind in ("section", "heading"):
            late = block.kind == "heading" or PAGE - self.y < ROOM * PAGE
            if (self.waiting and late) or (self.y and top + block.height + COMPANY > PAGE):
                self._turn()
                self.add(block)
            else:
                self._stand(block, top)
        elif self.waiting or (self.y and top + min(block.height, COMPANY * 2 if block.kind == "table" else PAGE) > PAGE):
            self.waiting.append(block)
        else:
            self._run(block, top)

    @property
    def used(self) -> float:
        """Pages, of which the last may not be full."""
        while self.waiting:
            self._turn()
        return self.full + self.y / PAGE

    def _stand(self, block: Block, top: float) -> None:
        self.y, self.below = top + block.height, block.below

    def _run(self, block: Block, top: float) -> None:
        left, again = block.height, REPEATED if block.kind == "table" else 0.0
        while top + left > PAGE and block.kind != "whole":
            left += again - max(PAGE - top, 0.0)
            self._turn()
            top = self.y + self.below if self.y else 0.0
        self.y, self.below = min(top + left, PAGE), block.below

    def _turn(self) -> None:
        """The next page, which what waits begins."""
        self.full, self.y, self.below = self.full + 1, 0.0, 0.0
        waiting, self.waiting = self.waiting, []
        for block in waiting:
            self.add(block)


def blocks(html: str) -> Iterator[Block]:
    """What a section, as paper needs it but for its columns, holds from top to bottom."""
    beside: float | None = None  # the height of a figure that may have another beside it
    for found in BLOCK.finditer(html):
        if beside is not None:
            second = "second" in (found["width"] or "")
            yield Block("whole", max(beside, _figure(found[0], found["width"]) if second else 0.0), *EXHIBIT)
            beside = None
            if second:
                continue
        if found["figure"]:
            beside = _figure(found[0], found["width"])
        elif found["split"]:
            high = _table(found[0])
            yield Block("whole" if found["split"] == "whole" and high < PAGE else "table", high, *EXHIBIT)
        elif found["small"]:
            yield from _items(found[0], found["small"])
        elif found["tag"] in ("h2", "h3"):
            above, own, below = HEAD if found["tag"] == "h2" else SUBHEAD
            yield Block("section" if found["tag"] == "h2" else "heading", own, above, below)
        else:
            yield Block("text", LINE * _lines(found["text"], LETTERS), below=1.1 if found["tag"] == "li" else BETWEEN)
    if beside is not None:
        yield Block("whole", beside, *EXHIBIT)


def _items(html: str, kind: str) -> Iterator[Block]:
    """What is set in small type, line by line, but for a short list of works, which stays whole."""
    line, letters, below = ITEMS[kind]
    high = [line * _lines(text, letters) for _, text in ITEM.findall(html)]
    if kind == "refs" and len(high) <= TOGETHER:
        yield Block("whole", sum(high) + below * len(high))
    else:
        yield from (Block("text", one, 0.0, below) for one in high)


def opening(title: str, warned: bool) -> tuple[Block, ...]:
    """What stands above the first section: the study's name and title, below a banner if there is one to warn."""
    banner = (Block("whole", BANNER, 0.0, 6.0),) if warned else ()
    return *banner, Block("whole", NAMED + TITLE * _lines(title, TITLE_LETTERS), 0.0, 6.0)


def _lines(html: str, letters: float) -> int:
    text = BLANKS.sub(" ", unescape(TAG.sub("", html))).strip()
    return -int(-len(text) // letters)


def _figure(html: str, width: str) -> float:
    """A figure with its legend, which stands beside it or below."""
    kinds = width.split()
    across = next((WIDTHS[kind] for kind in kinds if kind in WIDTHS), ACROSS)
    beside = "beside" in kinds
    legend = LEGEND.search(html)
    view = VIEW.search(html)
    drawn = across * float(view[2]) / float(view[1]) if view else 0.0
    room = across if "single" in kinds else ACROSS
    text = SMALL * _lines(legend[1], room * SMALL_LETTERS) + 2.1 if legend else 0.0
    return max(drawn, text) if beside else drawn + text


@lru_cache(64)
def _table(html: str) -> float:
    """A table with its caption and its notes."""
    found = TABLE.search(html)
    high = sum(NOTE_LINE * _lines(note, NOTE_LETTERS) + 1.0 for note in NOTE.findall(html))
    for panel in panels(found[0]) if found else ():
        caption = CAPTION.search(panel)
        high += SMALL * _lines(caption[1], ACROSS * SMALL_LETTERS) + CAPTIONED if caption else 0.0
        high += HEADED + sum(PADDED + ROW * lines for lines in lines_of(panel))
    return high
