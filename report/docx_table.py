"""Tables as Word's own: three rules, header rows that repeat, spanners, indents as styles, rows that don't break.

Widths are settled here, from the text in each column, so that Word and other programs show the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from report.docx_tree import Node, blocks, inline, refused
from report.docx_xml import Element, paragraph, w

EM = 170  # the table's type size, in twentieths of a point, as are all widths here
# widths of Arial's letters in parts of the type size; what isn't listed is as wide as a digit
LETTERS = {"il.,;:'|!()[]/- Ijtf": 0.32, "%MWm": 0.9, "ABCDEFGHJKLNOPQRSTUVXYZ": 0.71}
DIGIT = 0.57
BOLD = 1.08  # how much wider
PADDING = 130  # of a cell, left and right together
STUB, STUB_LEAST = 3400, 1700  # a column of labels wraps between these widths, so that numbers needn't
WHOLE = 2300  # columns up to this wide hold numbers
INDENTS = {"in1": "TableText1", "in2": "TableText2"}

Content = Callable[[Node], list[Element]]


@dataclass(frozen=True)
class Grid:
    """A table's rows of cells, the first `heads` of them header rows, over `columns` columns."""

    rows: tuple[tuple[Node, ...], ...]
    heads: int
    columns: int
    groups: frozenset[int]  # indices of rows that head a group of rows


def read(table: Node) -> Grid:
    """The grid of a <table>; refused when its rows aren't equally wide."""
    rows: list[tuple[Node, ...]] = []
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
            rows.append(tuple(blocks(row)))
            heads += part.tag == "thead"
    widths = {sum(map(span, row)) for row in rows}
    if len(widths) != 1:
        raise refused("the rows of a table are not equally wide", remedy="Give each row a cell for every column")
    return Grid(tuple(rows), heads, widths.pop(), frozenset(groups))


def span(cell: Node) -> int:
    """How many columns a cell covers."""
    return int(cell.attributes.get("colspan", "1"))


def needed(grid: Grid) -> int:
    """The width below which words would break, in twentieths of a point."""
    return sum(least for least, _ in _demands(grid))


def build(grid: Grid, width: int, title: str, content: Content, kept: Collection[int] = ()) -> Element:
    """The <w:tbl>, `width` wide; kept: indices of rows that stay on one page with what comes after them."""
    columns = widths(grid, width)
    look = w("tblLook", val="06A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=1, noVBand=1)
    table = w("tbl",
              w("tblPr", w("tblStyle", val="ThreeRules"), w("tblW", w=width, type="dxa"), w("tblLayout", type="fixed"),
                look, w("tblCaption", val=title)),
              w("tblGrid", *(w("gridCol", w=column) for column in columns)))
    for number, row in enumerate(grid.rows):
        table.append(_row(grid, number, row, columns, content, number in kept))
    return table


def widths(grid: Grid, width: int) -> list[int]:
    """The columns' widths, which sum to `width`: each gets what it can't do without, then a share of what it wants."""
    demands = _demands(grid)
    least = [low for low, _ in demands]
    wishes = [wish for _, wish in demands]
    left = width - sum(wishes[1:])
    if max(wishes[1:], default=0) <= WHOLE and left >= max(STUB_LEAST, least[0]):
        least = [min(left, STUB, wishes[0]), *wishes[1:]]  # a table of numbers: they keep to one line, labels wrap
    spare = width - sum(least)
    if spare < 0:
        found = [low * width // sum(least) for low in least]
    else:
        shares = [max(wish - low, 1) for low, wish in zip(least, wishes, strict=True)]
        found = [low + spare * share // sum(shares) for low, share in zip(least, shares, strict=True)]
    return [width - sum(found[1:]), *found[1:]]


def _demands(grid: Grid) -> list[tuple[int, int]]:
    """Per column: the width of its longest word, and of its longest cell on one line."""
    found = [(0, 0)] * grid.columns
    for number, row in enumerate(grid.rows):
        at = 0
        for cell in row:
            if span(cell) == 1:
                text = "".join(piece.text for piece in inline(cell))
                scale = EM * BOLD if number < grid.heads else EM
                word = max((_ems(part) for part in text.split()), default=0)
                low, wish = (round(ems * scale) + PADDING for ems in (word, _ems(text)))
                found[at] = (max(found[at][0], low), max(found[at][1], wish))
            at += span(cell)
    return found


def _ems(text: str) -> float:
    """The length of a line in Arial, in parts of the type size."""
    return sum(next((width for letters, width in LETTERS.items() if c in letters), DIGIT) for c in text)


def _row(grid: Grid, number: int, row: Sequence[Node], columns: Sequence[int], content: Content, kept: bool) -> Element:
    head = number < grid.heads
    element = w("tr", w("trPr", w("cantSplit"), *([w("tblHeader")] if head else [])))
    at = 0
    for cell in row:
        covered = span(cell)
        style = _style(grid, number, cell, at)
        borders = []
        if head and number == grid.heads - 1:
            borders = [w("tcBorders", w("bottom", val="single", sz=6, space=0, color="auto"))]
        elif head and covered > 1:
            borders = [w("tcBorders", w("bottom", val="single", sz=4, space=0, color="A0A6AD"))]
        properties = w("tcPr", w("tcW", w=sum(columns[at:at + covered]), type="dxa"),
                       *([w("gridSpan", val=covered)] if covered > 1 else []), *borders,
                       *([w("vAlign", val="bottom")] if head else []))
        element.append(w("tc", properties, paragraph(style, content(cell), *([w("keepNext")] if kept else []))))
        at += covered
    return element


def _style(grid: Grid, number: int, cell: Node, at: int) -> str:
    if number < grid.heads:
        return "TableSpanner" if span(cell) > 1 and at else "TableHead"
    if number in grid.groups:
        return "TableGroup"
    return cell.pick(INDENTS, "TableText")
