"""The elements and attributes that a page consists of; a section template of a study may use no others.

Autoescape keeps texts from becoming elements. This is for what a template writes itself: a page that is mailed to a
co-author must not run, fetch or send anything.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAGS = """section h1 h2 h3 h4 p ul ol li b i em strong sup sub a cite q br data span div table caption colgroup col thead
tbody tfoot tr th td figure figcaption
svg title desc g path line rect circle ellipse polyline polygon text tspan defs use clippath"""
_ATTRIBUTES = """class id value lang title role scope colspan rowspan headers style xmlns xmlns:xlink viewbox width height x y
x1 x2 y1 y2 cx cy r rx ry dx dy d points transform fill stroke opacity font-family font-size font-weight font-style text-anchor
clip-path clip-rule stroke-linejoin stroke-linecap stroke-width stroke-dasharray fill-opacity"""
TAGS, ATTRIBUTES = frozenset(_TAGS.split()), frozenset(_ATTRIBUTES.split())
ADDRESSES = ("href", "xlink:href")
LINKS = ("#", "https://doi.org/")
FETCHES = re.compile(r"url\(\s*['\"]?(?!#)|expression\(|@import|\\", re.I)


def breaches(html: str) -> list[str]:
    """What in a piece of a page is none of its elements and attributes, each said once, without its content."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return list(dict.fromkeys(reader.found))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(f"the element <{tag}>")
            return
        for name, given in attrs:
            value = given or ""
            if name in ADDRESSES:
                if not value.startswith(LINKS):
                    self.found.append(f"a link of <{tag}> to somewhere else")
            elif name not in ATTRIBUTES and not name.startswith("aria-"):
                self.found.append(f"the attribute {name} of <{tag}>")
            elif FETCHES.search(value):
                self.found.append(f"an attribute of <{tag}> that fetches something")

    def handle_comment(self, data: str) -> None:
        self.found.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("a processing instruction")
