"""The report as a Word document, from the same HTML as the PDF: styles, native tables, fields, numbers under their address.

Every number stands in a content control whose tag is its address, so that an edited copy can be held against the
results; tables and figures are numbered by SEQ fields and referred to by REF fields, with the right text in them already.
"""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from report import docx_package, docx_pages, docx_styles, docx_table
from report.columns import Grid, needed
from report.docx_exhibits import MM, arranged, beside, column, length, one
from report.docx_tree import Node, Piece, blocks, grouped, inline, parse, refused
from report.docx_xml import Element, bookmark, bookmark_name, control, field, paragraph, qualified, run, w
from stats.findings import Refused

HEADINGS = {"h1": "Title", "h2": "Heading1", "h3": "Heading2"}
PARAGRAPHS = {"short": "ShortTitle", "design": "Subtitle", "abstract": "Abstract", "note": "TableNote"}
LISTS = {("ul", False): "ListBullet", ("ul", True): "FactsList", ("ol", False): "ListNumber", ("ol", True): "ListNumber"}
ALWAYS_LINKED = "https://doi.org/"  # may be named; Word gets the words without the link
NUMBERED = re.compile(r"(\S+) (S?)(\d+)")  # tables of a supplement have a count of their own


def write(html: str, pictures: Mapping[str, bytes], *, title: str, language: str = "en", author: str = "",
          subject: str = "", keywords: str = "", dated: datetime.date | None = None, template: Path | None = None,
          apart: Collection[str] = ()) -> bytes:
    """The page as a Word file, the same bytes every time.

    html: the page as the PDF is made from it. pictures: id of a <figure> → PNG that stands for its drawing, shown at the
    drawing's own width. dated: the data cut-off, as the only date in the file. template: a Word file that lends its styles.
    apart: ids of sections that begin on a new page, as does every table in them.

    Refused (E_TEMPLATE) for a tag that is no part of the vocabulary or text outside of paragraphs, (E_LINK) for a link
    that leads out of the document or nowhere, (E_ASSET) for a figure without its picture, (E_ACTIVE) when the file
    would hold a macro, an embedded object or a field that computes.
    """
    root = parse(html)
    document = docx_package.empty()
    if template is not None:
        docx_styles.dress(document, template)
    docx_pages.around(document, root)
    writer = _Writer(document, pictures, _targets(root), apart)
    writer.block(root)
    writer.pages.finish()
    docx_package.describe(document, title=title, language=language, author=author, subject=subject, keywords=keywords,
                          dated=dated)
    data = docx_package.pack(document)
    problems = list(docx_package.unwelcome(data))
    if problems:
        raise Refused(problems)
    return data


@dataclass(frozen=True)
class _Target:
    """A place that may be referred to: its bookmark, the text a REF field shows for it, and how the field asks for it."""

    name: str
    text: str
    switch: str = ""


def _targets(root: Node) -> dict[str, _Target]:
    """Every id of the page. A table or figure is called by its number, an item of a numbered list by its place."""
    places = {item.id: str(place) for ol in root.all() if ol.tag == "ol" for place, item in enumerate(ol.nodes, 1)}
    found: dict[str, _Target] = {}
    for node in root.all():
        if not node.id or node.tag in ("svg", "title"):
            continue
        if node.id in found:
            raise refused(f"two places are called {node.id!r}")
        name = bookmark_name(node.id)
        caption = _caption(node)
        label = NUMBERED.match(caption.text) if caption else None
        if node.id in places:
            found[node.id] = _Target(name, places[node.id], "\\n ")
        else:
            found[node.id] = _Target(name, label[0] if label else "")
    return found


def _caption(node: Node) -> Node | None:
    if node.tag == "figure":
        return node.child("figcaption")
    table = node.child("table") if node.tag == "div" else None
    return table.child("caption") if table else None


class _Writer:
    """Walks over the blocks of a page and appends what Word has for each."""

    def __init__(self, document: Any, pictures: Mapping[str, bytes], targets: Mapping[str, _Target], apart: Collection[str]):
        self.document, self.pictures, self.targets, self.apart = document, pictures, targets, apart
        self.pages = docx_pages.Pages(document)
        self.rule, self.size = docx_styles.table_looks(document)
        self.leaf = False  # inside a section whose tables begin a page each
        self.grids: dict[Node, tuple[Node, Grid, bool]] = {}  # read once: where a table stands is asked before it is written
        self.count = 0
        self.counted: dict[str, int] = {}  # last number of each kind of caption

    def number(self) -> int:
        """The next identifier of a bookmark or content control."""
        self.count += 1
        return self.count

    def add(self, *elements: Element) -> None:
        for element in elements:
            self.pages.end.addprevious(element)

    def block(self, node: Node, facts: bool = False) -> None:
        """One block of the page; facts: whether it stands among the facts at the end, in small type."""
        if node.tag in ("body", "main", "header", "section", "div"):
            self.container(node, facts or "facts" in node.kinds)
        elif node.tag in HEADINGS:
            self.text(node, HEADINGS[node.tag], node.id)
        elif node.tag == "p":
            self.text(node, node.pick(PARAGRAPHS, "Facts" if facts else "BodyText"), node.id)
        elif node.tag in ("ul", "ol"):
            self.items(node, facts)
        elif node.tag == "figure":
            self.figure(node)
        else:
            raise refused(f"<{node.tag}> stands outside of what it belongs into")

    def container(self, node: Node, facts: bool) -> None:
        if "banner" in node.kinds:
            return  # in the header of every page
        if "table" in node.kinds:
            self.table(node)
            return
        inside = blocks(node)
        heading = next((child for child in inside if child.tag in HEADINGS), None)
        outside, self.leaf = self.leaf, self.leaf or node.id in self.apart
        for exhibits, found in groupby(inside, one):
            if exhibits:
                self.exhibits(list(found))
                continue
            for child in found:
                if child is heading and node.id:
                    self.text(child, HEADINGS[child.tag], node.id, *([w("pageBreakBefore")] if node.id in self.apart else []))
                else:
                    self.block(child, facts)
        self.leaf = outside

    def exhibits(self, run: Sequence[Node]) -> None:
        """Figures and tables without text between them; where each has a page of its own, as they come."""
        groups = [[node] for node in run] if self.leaf else arranged(run, self.pages.upright, lambda node: self.grid(node)[2])
        for group in groups:
            if len(group) > 1:
                self.pair(group)
            else:
                self.block(group[0])

    def text(self, node: Node, style: str, anchor: str = "", *properties: Element) -> None:
        self.add(paragraph(style, self.anchored(anchor, self.content(inline(node))), *properties))

    def items(self, node: Node, facts: bool) -> None:
        style = "Bibliography" if "refs" in node.kinds else LISTS[node.tag, facts]
        restart = [w("numPr", w("ilvl", val=0), w("numId", val=self.numbering()))] if style == "ListNumber" else []
        for item in blocks(node):
            if item.tag != "li":
                raise refused(f"<{item.tag}> can't stand inside <{node.tag}>")
            self.text(item, style, item.id, *restart)

    def numbering(self) -> int:
        """A list of numbers that begins with 1 again."""
        lists = self.document.part.numbering_part.element
        number = len(lists.findall(qualified("num"))) + 1
        lists.append(w("num", w("abstractNumId", val=2), w("lvlOverride", w("startOverride", val=1), ilvl=0), numId=number))
        return number

    def table(self, node: Node) -> None:
        """Caption, table and notes."""
        table, grid, lying = self.grid(node)
        notes = [child for child in blocks(node) if child is not table]
        heading = self.heading_above()
        room = self.pages.upright
        begun = heading is not None or self.pages.end.getprevious() is None
        if lying:
            room = self.pages.lying
            begun |= self.pages.close(heading)
        caption = table.child("caption")
        begins = [w("pageBreakBefore")] if self.leaf and not begun else []
        title = self.caption(node, caption, "TableCaption", *begins) if caption else ""
        # a small table stays on its page with its notes, of a long one the last row with the first note, and none alone
        last = len(grid.rows) - 1
        small = "whole" in node.kinds and docx_table.whole(grid, room)
        kept = {*range(0 if small else last, last + bool(notes)), *grid.followed()}
        self.add(docx_table.build(grid, room, title, lambda cell: self.content(inline(cell)), self.rule, kept))
        for note in notes[:-1]:
            self.text(note, "TableNote", note.id, w("keepNext"))
        if notes:
            self.text(notes[-1], "TableEnd", notes[-1].id)
        else:
            self.add(paragraph("TableEnd"))
        if lying:
            self.pages.close(lying=True)

    def grid(self, node: Node) -> tuple[Node, Grid, bool]:
        """The table of a block, its cells, and whether it needs a page that lies: upright its columns would break words."""
        if node in self.grids:
            return self.grids[node]
        table = node.child("table")
        if table is None or any(child.tag != "p" for child in blocks(node) if child is not table):
            raise refused("a table's block holds a table and notes under it, and nothing else")
        grid = docx_table.read(table, self.size)
        least, whole = needed(grid)
        lying = least > self.pages.upright or (self.leaf and self.pages.upright < whole <= self.pages.lying)
        self.grids[node] = table, grid, lying
        return self.grids[node]

    def heading_above(self) -> Element | None:
        """The heading that was written last, if nothing stands under it yet."""
        last = self.pages.end.getprevious()
        style = last.find(f"{qualified('pPr')}/{qualified('pStyle')}") if last is not None else None
        return last if style is not None and style.get(qualified("val")) in HEADINGS.values() else None

    def pair(self, figures: Sequence[Node]) -> None:
        """Figures beside each other, each over its caption."""
        cells = []
        for node in figures:
            self.figure(node, column(self.pages.upright))
            caption = self.pages.end.getprevious()
            cells.append((caption.getprevious(), caption))
        self.add(beside(cells, self.pages.upright), docx_pages.nothing())

    def figure(self, node: Node, most: float = math.inf) -> None:
        """The picture at the width of the drawing, or of `most` millimetres, and the caption under it."""
        from docx.shared import Mm

        drawing, caption = node.child("svg"), node.child("figcaption")
        if drawing is None or caption is None:
            raise refused("a figure holds a drawing and a caption")
        if node.id not in self.pictures:
            raise refused(f"there is no picture of {node.id!r}", "E_ASSET")
        width, height = (length(drawing, side) for side in ("width", "height"))
        width, height = (side * min(1.0, most / width) for side in (width, height))
        shape = self.document.part.new_pic_inline(io.BytesIO(self.pictures[node.id]), Mm(width), Mm(height))
        label, alt = self.targets.get(node.id), drawing.child("title")
        shape.docPr.set("name", label.text if label else "Figure")
        shape.docPr.set("descr", " ".join(alt.text.split()) if alt else "")
        beyond = round((width * MM - self.pages.upright) / 2)
        over = [w("ind", left=-beyond, right=-beyond)] if beyond > 0 else []  # a figure keeps its printed width
        drawn = w("drawing")
        drawn.append(shape)
        self.add(paragraph("Figure", [w("r", drawn)], *over))
        self.caption(node, caption, "Caption")

    def caption(self, node: Node, caption: Node, style: str, *properties: Element) -> str:
        """'Table 1' as a bookmarked SEQ field, then the title; returns the title as text."""
        pieces = inline(caption)
        label = NUMBERED.match(pieces[0].text) if pieces else None
        if not node.id or label is None:
            self.add(paragraph(style, self.content(pieces), *properties))
            return caption.text
        look = pieces[0].look
        kind, number = f"{label[1]}{label[2]}", int(label[3])
        # a file that holds Table 3 alone must not count it as its first when fields are brought up to date
        again = "" if number == self.counted.get(kind, 0) + 1 else f" \\r {number}"
        self.counted[kind] = number
        counted = field(f"SEQ {kind} \\* ARABIC{again}", [run(label[3], look)], look)
        rest = pieces[0].text[label.end():]
        pieces = [*([Piece(rest, look, pieces[0].trail)] if rest else []), *pieces[1:]]
        self.add(paragraph(style, [*self.anchored(node.id, [run(f"{label[1]} {label[2]}", look), *counted]),
                                    *self.content(pieces)], *properties))
        return "".join(piece.text for piece in pieces).lstrip(". ")

    def anchored(self, anchor: str, content: Sequence[Element]) -> Sequence[Element]:
        return bookmark(self.targets[anchor].name, self.number(), content) if anchor else content

    def content(self, pieces: Sequence[Piece], depth: int = 0) -> list[Element]:
        """Runs, content controls and references."""
        out: list[Element] = []
        for node, group in grouped(list(pieces), depth):
            if node is None:
                out += [run(piece.text, piece.look) for piece in group]
            elif node.tag == "data":
                out.append(control(node.attributes.get("value", ""), self.number(), self.content(group, depth + 1)))
            else:
                out += self.link(node, group, depth)
        return out

    def link(self, node: Node, pieces: Sequence[Piece], depth: int) -> list[Element]:
        """A REF field where Word would write the same text, else a link to the place."""
        address = node.attributes.get("href", "")
        inside = self.content(pieces, depth + 1)
        if address.startswith(ALWAYS_LINKED):
            return inside
        target = self.targets.get(address[1:]) if address.startswith("#") else None
        if target is None:
            raise refused("a link leads out of the document" if not address.startswith("#") else "a link leads nowhere",
                          "E_LINK", "Link to a table, a figure or a section by its id", address)
        if node.text == target.text:
            return field(f"REF {target.name} {target.switch}\\h \\* MERGEFORMAT", inside, pieces[0].look)
        return [w("hyperlink", *inside, anchor=target.name, history=1)]
