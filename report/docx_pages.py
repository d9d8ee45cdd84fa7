"""The pages of a Word file: their size, what stands around them, which of them lie, and where a new one begins."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from report.docx_tree import Node
from report.docx_xml import Element, field, paragraph, qualified, run, w

LEAST = {"before": 0, "after": 0, "line": 20, "lineRule": "exact"}  # a line so low that it never begins a page


class Pages:
    """Closes and begins sections at the end of a body. A section's properties stand in its last paragraph."""

    def __init__(self, document: Any):
        self.end = document.element.body[-1]  # the last section's properties close the body
        size, margins = self.end.find(qualified("pgSz")), self.end.find(qualified("pgMar"))
        beside = sum(int(margins.get(qualified(side))) for side in ("left", "right"))
        # twentieths of a point between the margins of a page, upright and lying
        self.upright, self.lying = (int(size.get(qualified(side))) - beside for side in ("w", "h"))

    def close(self, before: Element | None = None, lying: bool = False) -> bool:
        """End the section with what stands before the element (default: with everything so far), standing or lying.

        False when the page goes on: the document begins here, or lies already.
        """
        place = self.end if before is None else before
        last = place.getprevious()
        if last is None:
            return False
        written = last.tag == qualified("p")
        inner = last[0].find(qualified("sectPr")) if written else None
        if inner is not None and not lying:
            if before is None:
                inner.getparent().remove(inner)
            return before is not None
        if not written:
            last = paragraph("TableEnd")
            place.addprevious(last)
        elif next(last.iter(qualified("bookmarkStart")), None) is not None:
            # what refers to a paragraph that ends a section finds no text in it in LibreOffice
            last = nothing()
            place.addprevious(last)
        section = deepcopy(self.end)
        for first in self.end.findall(qualified("titlePg")):
            self.end.remove(first)  # only the document's first page is one
        if lying:
            size = section.find(qualified("pgSz"))
            wide, high = size.get(qualified("w")), size.get(qualified("h"))
            section.replace(size, w("pgSz", w=high, h=wide, orient="landscape"))
        last[0].append(section)
        return True

    def finish(self) -> None:
        """A document that ends with a lying page ends with it: no empty page follows."""
        last = self.end.getprevious()
        inner = last[0].find(qualified("sectPr")) if last is not None and last.tag == qualified("p") else None
        if inner is not None:
            inner.getparent().remove(inner)
            self.end.getparent().replace(self.end, inner)


def nothing() -> Element:
    """A paragraph for what must end with one, too low to be seen."""
    return paragraph("TableEnd", (), w("spacing", **LEAST))


def around(document: Any, root: Node) -> None:
    """What stands around every page: the banner; from the second page on the short title; page numbers."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    found = {kind: node.text for node in root.all() for kind in ("banner", "short") if kind in node.kinds}
    banner = [paragraph("Banner", [run(found["banner"])])] if "banner" in found else []
    short = paragraph("Header", [run(found.get("short", ""))])
    for head, lines in (
        (section.first_page_header, banner or [paragraph("Header")]),
        (section.header, [*deepcopy(banner), short]),
    ):
        head.is_linked_to_previous = False
        head._element[:] = lines
    for foot in (section.first_page_footer, section.footer):
        foot.is_linked_to_previous = False
        foot._element[:] = [
            paragraph("Footer", [*field("PAGE", [run("1")]), run(" / "), *field("NUMPAGES", [run("1")])])
        ]
