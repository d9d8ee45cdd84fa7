"""Figures and tables that follow one another: in which order they fill pages best, and figures beside each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from report.docx_tree import Node, refused
from report.docx_xml import Element, w

MM = 1440 / 25.4  # twentieths of a point
BETWEEN = 4.5  # millimetres between figures beside each other
NEARLY = 0.95  # a figure is not drawn smaller than in this share of its width to stand beside another
LENGTH = re.compile(r"([\d.]+)mm")


def one(node: Node) -> bool:
    """Whether a block is a figure or a table."""
    return node.tag == "figure" or (node.tag == "div" and "table" in node.kinds)


def length(drawing: Node, side: str) -> float:
    """Millimetres of a drawing's width or height."""
    found = LENGTH.fullmatch(drawing.attributes.get(side, ""))
    if not found:
        raise refused(f"a drawing doesn't state its {side} in millimetres")
    return float(found[1])


def arranged(run: Sequence[Node], room: int, lies: Callable[[Node], bool]) -> Iterator[list[Node]]:
    """A run without text between, as tables, figures, and pairs of figures for which there is room beside each other.

    A table on a page that lies lets the figures after it go first, which would else begin a page after each such table.
    Tables keep their order among each other, and so do figures.
    """
    figures: list[Node] = []
    lying: list[Node] = []
    for node in run:
        if node.tag == "figure":
            figures.append(node)
        elif lies(node):
            lying.append(node)
        else:
            yield from [*_rows(figures, room), *([table] for table in lying), [node]]
            figures, lying = [], []
    yield from [*_rows(figures, room), *([table] for table in lying)]


def _rows(figures: Sequence[Node], room: int) -> Iterator[list[Node]]:
    """Figures two by two, as on paper, where they are narrow enough."""
    at = 0
    while at < len(figures):
        pair = [node.child("svg") for node in figures[at:at + 2]]
        narrow = all(length(drawing, "width") * NEARLY <= column(room) for drawing in pair if drawing)
        count = 2 if len(pair) == 2 and narrow else 1
        yield list(figures[at:at + count])
        at += count


def column(room: int) -> float:
    """Millimetres for each of two figures beside each other."""
    return (room / MM - BETWEEN) / 2


def beside(cells: Sequence[Sequence[Element]], width: int) -> Element:
    """Paragraphs in columns: a table without rules, which every program shows alike."""
    each, inner = width // len(cells), round(BETWEEN * MM / 2)
    last = len(cells) - 1
    columns = []
    for at, cell in enumerate(cells):
        sides = (("left", inner if at else 0), ("right", inner if at < last else 0))
        margins = w("tcMar", *(w(side, w=room, type="dxa") for side, room in sides))
        columns.append(w("tc", w("tcPr", w("tcW", w=each, type="dxa"), margins), *cell))
    return w("tbl",
             w("tblPr", w("tblW", w=each * len(cells), type="dxa"), w("tblLayout", type="fixed"),
               w("tblCellMar", *(w(side, w=0, type="dxa") for side in ("left", "right"))), w("tblLook", val="0000")),
             w("tblGrid", *(w("gridCol", w=each) for _ in cells)), w("tr", w("trPr", w("cantSplit")), *columns))
