"""The report's HTML as a tree of a closed vocabulary, for writers that are no browser.

Strict on purpose: what isn't in the vocabulary, isn't closed, or isn't inside a paragraph is refused here, so that Word
never shows less than the page does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby
from typing import Any

from stats.findings import Problem, Refused, nearest

BLOCKS = frozenset((
    "body", "header", "main", "section", "div", "h1", "h2", "h3", "p", "ul", "ol", "li", "table", "caption", "thead",
    "tbody", "tr", "th", "td", "figure", "figcaption"))
INLINE = frozenset(["b", "i", "sup", "sub", "a", "cite", "q", "data", "span"])
DRAWN = "svg"
SKIPPED = frozenset(("head", "nav"))  # the page's own machinery, and its contents, which Word makes from headings
VOID = frozenset(("meta", "link"))
_SPACE = re.compile(r"[ \t\n\r\f]+")  # HTML's own; a no-break space stays
_WITHIN = re.compile(r" (?!\()")  # of a number that is kept together
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(eq=False)
class Node:
    """An element: its tag, attributes, and children in order (elements and texts)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.attributes.get("id", "")

    @property
    def kinds(self) -> frozenset[str]:
        """Its classes."""
        return frozenset(self.attributes.get("class", "").split())

    def pick(self, known: Mapping[str, str], otherwise: str) -> str:
        """What `known` has for one of its classes."""
        return next((value for name, value in known.items() if name in self.kinds), otherwise)

    @property
    def nodes(self) -> list[Node]:
        return [child for child in self.children if isinstance(child, Node)]

    def all(self) -> Iterator[Node]:
        """This element and every one inside, in order."""
        yield self
        for child in self.nodes:
            yield from child.all()

    def child(self, tag: str) -> Node | None:
        return next((child for child in self.nodes if child.tag == tag), None)

    @property
    def text(self) -> str:
        """Its text, as inline() has it."""
        return "".join(piece.text for piece in inline(self))


@dataclass(frozen=True)
class Piece:
    """A stretch of text of one look; trail is the `data` and `a` elements it stands in, outermost first."""

    text: str
    look: frozenset[str]
    trail: tuple[Node, ...] = ()


def parse(html: str) -> Node:
    """The body of the page. Refused (E_TEMPLATE) for whatever is outside the vocabulary."""
    bad = _FORBIDDEN.search(html)
    if bad:
        raise refused(f"the page holds a character that no document may have (U+{ord(bad[0]):04X})")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.path:
        raise refused(f"<{reader.path[-1].tag}> is never closed")
    if reader.body is None:
        raise refused("the page has no <body>")
    return reader.body


def inline(node: Node) -> list[Piece]:
    """The texts inside an element, with white space as a browser shows it. Refused when a block stands among them."""
    pieces: list[Piece] = []
    before = " "
    for piece in _flat(node, frozenset(), ()):
        text = _SPACE.sub(" ", piece.text)
        text = text[1:] if before.endswith(" ") and text.startswith(" ") else text
        if text:
            pieces.append(Piece(text, piece.look, piece.trail))
            before = text
    while pieces and pieces[-1].text.endswith(" "):
        last = pieces.pop()
        if last.text.rstrip(" "):
            pieces.append(Piece(last.text.rstrip(" "), last.look, last.trail))
    return pieces


def grouped(pieces: list[Piece], depth: int = 0) -> Iterator[tuple[Node | None, list[Piece]]]:
    """Neighbours that share the element of their trail at `depth`; None for those with no such element."""
    def owner(piece: Piece) -> Node | None:
        return piece.trail[depth] if len(piece.trail) > depth else None

    for node, group in groupby(pieces, owner):
        yield node, list(group)


def blocks(node: Node) -> list[Node]:
    """The blocks directly inside; refused when text stands between them."""
    for child in node.children:
        text = child if isinstance(child, str) else child.text if child.tag in INLINE else ""
        if text.strip():
            raise refused(f"text stands in <{node.tag}> outside of any paragraph", value=text.strip(),
                          remedy="Put it into <p>…</p>")
    return [child for child in node.nodes if child.tag not in INLINE]


def refused(reason: str, code: str = "E_TEMPLATE", remedy: str = "", value: str = "") -> Refused:
    return Refused([Problem(code, reason, remedy=remedy, value=value)])


def _flat(node: Node, look: frozenset[str], trail: tuple[Node, ...]) -> Iterator[Piece]:
    if node.tag == "q":
        yield Piece("“", look, trail)
    for child in node.children:
        if isinstance(child, str):
            # a number that a page doesn't break, but before a parenthesis, Word doesn't either
            kept = any("kept" in one.kinds for one in trail if one.tag == "data")
            yield Piece(_WITHIN.sub("\u00a0", child) if kept else child, look, trail)
        elif child.tag not in INLINE:
            raise refused(f"<{child.tag}> can't stand inside <{node.tag}>", remedy="Close the paragraph first")
        elif child.tag in ("data", "a"):
            yield from _flat(child, look, (*trail, child))
        else:
            yield from _flat(child, look if child.tag in ("span", "q") else look | {child.tag}, trail)
    if node.tag == "q":
        yield Piece("”", look, trail)


class _Reader(HTMLParser):
    """Builds the tree; drawings keep their attributes and their title, and nothing else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: Node | None = None
        self.path: list[Node] = []

    def _within(self, test: Callable[[str], Any]) -> bool:
        return any(test(node.tag) for node in self.path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        hidden = self._within(SKIPPED.__contains__)
        if tag in VOID and hidden:
            return
        drawn = self._within(DRAWN.__eq__)
        if not (hidden or drawn or tag in BLOCKS or tag in INLINE or tag in SKIPPED or tag in ("html", DRAWN)):
            raise refused(f"<{tag}> is no part of a report's vocabulary{nearest(tag, BLOCKS | INLINE)}",
                          remedy=f"A page is made of {', '.join(sorted((BLOCKS | INLINE) - {'body'}))}")
        if tag == "body":
            self.body = node
        elif self.path and not hidden and tag not in SKIPPED and (not drawn or tag == "title"):
            self.path[-1].children.append(node)
        self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.path and self.path[-1].tag == tag:
            self.path.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.path or self.path[-1].tag != tag:
            raise refused(f"</{tag}> closes nothing that is open")
        self.path.pop()

    def handle_data(self, data: str) -> None:
        if self.path and not self._within(SKIPPED.__contains__):
            self.path[-1].children.append(data)
