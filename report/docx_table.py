"""Tables as Word's own: three rules, header rows that repeat, spanners, indents as styles, rows that don't break.

Widths are settled here, from the text in each column, so that Word and other programs show the same table: a number stays
on one line, and where there is no room for that, its interval goes to the next line as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy

from report.columns import PARTED, STEPS, Cell, Grid, numeric, parts, starts, widths
from report.docx_tree import Node, blocks, inline, refused
from report.docx_xml import Element, paragraph, qualified, w

TALLEST = 40  # lines of a table that is kept on one page
INDENTS = {"in1": "TableText1", "in2": "TableText2"}

Content = Callable[[Node], list[Element]]


def read(table: Node, size: int) -> Grid:
    """The grid of a <table>, set in type of this size; refused when its rows aren't equally wide."""
    rows: list[tuple[Cell, ...]] = []
    groups = set()
    heads = 0
    for part in blocks(table):
        if part.tag == "caption":
            continue
        if part.tag not in ("thead", "tbody"):
            raise refused(f"<{part.tag}> can't stand inside <table>")
        for row in blocks(part):
            if "heading" in row.kinds:
                groups.add(len(rows))
            rows.append(tuple(map(_cell, blocks(row))))
            heads += part.tag == "thead"
    across = {sum(cell.span for cell in row) for row in rows}
    if len(across) != 1:
        raise refused("the rows of a table are not equally wide", remedy="Give each row a cell for every column")
    return Grid(tuple(rows), heads, across.pop(), frozenset(groups), size)


def _cell(node: Node) -> Cell:
    text = "".join(piece.text for piece in inline(node))
    return Cell(text, int(node.attributes.get("colspan", "1")), sum(STEPS.get(kind, 0) for kind in node.kinds), node)


def build(grid: Grid, width: int, title: str, content: Content, rule: Element, kept: Collection[int] = ()) -> Element:
    """The <w:tbl>, at most `width` wide; rule: the border under the heads; kept: indices of rows that stay on one page
    with what comes after them.
    """
    columns = widths(grid, width)
    look = w("tblLook", val="06A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=1, noVBand=1)
    table = w("tbl",
              w("tblPr", w("tblStyle", val="ThreeRules"), w("tblW", w=sum(columns), type="dxa"), w("tblLayout", type="fixed"),
                look, w("tblCaption", val=title)),
              w("tblGrid", *(w("gridCol", w=column) for column in columns)))
    for number, row in enumerate(grid.rows):
        table.append(_row(grid, number, row, columns, content, rule, number in kept))
    return table


def whole(grid: Grid, width: int) -> bool:
    """Whether the table fits on a page with room to spare, so that it may be kept on one."""
    columns = widths(grid, width)
    lines = 0
    for number, row in enumerate(grid.rows):
        rooms = [sum(columns[at:at + cell.span]) - grid.padding for at, cell in zip(starts(row), row, strict=True)]
        lines += max(1, *(-(-(grid.room(cell, number) - grid.padding) // room) for room, cell in zip(rooms, row, strict=True)))
    return lines <= TALLEST


def _part(paragraph: Element) -> None:
    """Send the interval of a number that doesn't fit on one line to the next; the text stays the same."""
    texts = list(paragraph.iter(qualified("t")))
    found = PARTED.search("".join(text.text for text in texts))
    if not found:
        return
    at = found.start()
    for text in texts:
        if at < len(text.text):
            rest = deepcopy(text)
            text.text, rest.text = text.text[:at], text.text[at:]
            text.addnext(rest)
            text.addnext(w("br"))
            if not text.text:
                text.getparent().remove(text)
            return
        at -= len(text.text)


def _row(grid: Grid, number: int, row: Sequence[Cell], columns: Sequence[int], content: Content, rule: Element,
         kept: bool) -> Element:
    head = number < grid.heads
    element = w("tr", w("trPr", w("cantSplit"), *([w("tblHeader")] if head else [])))
    tight = [grid.room(cell, number) > sum(columns[at:at + cell.span]) for at, cell in zip(starts(row), row, strict=True)]
    if head and any(narrow and len(parts(cell.text)) > 1 for narrow, cell in zip(tight, row, strict=True)):
        tight = [True] * len(row)  # sizes of groups stand on one line beside each other
    for at, cell, narrow in zip(starts(row), row, tight, strict=True):
        covered = cell.span
        style = _style(grid, number, cell, at)
        borders = []
        if head and number == grid.heads - 1:
            borders = [w("tcBorders", deepcopy(rule))]
        elif head:  # a spanner's own rule; the style would draw one under the whole first row
            line = {"val": "single", "sz": 4, "space": 0, "color": "A0A6AD"} if covered > 1 else {"val": "nil"}
            borders = [w("tcBorders", w("bottom", **line))]
        width = sum(columns[at:at + covered])
        properties = w("tcPr", w("tcW", w=width, type="dxa"),
                       *([w("gridSpan", val=covered)] if covered > 1 else []), *borders,
                       *([w("vAlign", val="bottom")] if head else []))
        text = paragraph(style, content(cell.node), *([w("keepNext")] if kept else []))
        if narrow and (head or (at and numeric(cell.text))):
            _part(text)
        element.append(w("tc", properties, text))
    return element


def _style(grid: Grid, number: int, cell: Cell, at: int) -> str:
    if number < grid.heads:
        return "TableSpanner" if cell.span > 1 and at else "TableHead"
    if number in grid.groups:
        return "TableGroup"
    return cell.node.pick(INDENTS, "TableText")
