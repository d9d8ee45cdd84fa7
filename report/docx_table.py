"""Tables as Word's own: three rules, header rows that repeat, spanners, indents as styles, rows that don't break.

Widths are settled here, from the text in each column, so that Word and other programs show the same table: a number stays
on one line, and where there is no room for that, its interval goes to the next line as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import isqrt

from report.docx_tree import Node, blocks, inline, refused
from report.docx_xml import Element, paragraph, qualified, w

# widths of Arial's letters in parts of the type size; what isn't listed is as wide as a digit. Other widths here are in
# twentieths of a point
LETTERS = {"il.,;:'|!()[]/- Ijtf": 0.32, "%MWm": 0.9, "ABCDEFGHJKLNOPQRSTUVXYZ": 0.71}
DIGIT = 0.57
BOLD = 1.08  # how much wider
PADDING = 130  # of a cell, left and right together
STUB_LEAST = 1700  # a column of labels wraps from this width, so that numbers needn't
ROOMY = 1.15  # a table of numbers grows no wider than this many times what its text needs
INDENT = 200  # of a label, for each step
TALLEST = 40  # lines of a table that is kept on one page
LONGEST, LETTERED = 48, 12  # a cell up to this long, with up to so many letters, is a number with what belongs to it
PARTED = re.compile(r"(?<= )\((?=[\d−·.<>∞]|n = |N[A-Z]\b)")  # where a number's interval begins, or a group's size
INDENTS = {"in1": "TableText1", "in2": "TableText2"}
STEPS = {"in1": 1, "in2": 2}

Content = Callable[[Node], list[Element]]


@dataclass(frozen=True)
class Grid:
    """A table's rows of cells, the first `heads` of them header rows, over `columns` columns."""

    rows: tuple[tuple[Node, ...], ...]
    heads: int
    columns: int
    groups: frozenset[int]  # indices of rows that head a group of rows
    size: int  # of the type, in twentieths of a point

    def room(self, cell: Node, number: int) -> int:
        """The width of a cell's text on one line, as a cell of that row."""
        return self.length(_text(cell), number < self.heads) + INDENT * sum(STEPS.get(kind, 0) for kind in cell.kinds)

    def length(self, text: str, bold: bool = False) -> int:
        """The width that a cell with this text needs."""
        return round(_ems(text) * self.size * (BOLD if bold else 1)) + PADDING


def read(table: Node, size: int) -> Grid:
    """The grid of a <table>, set in type of this size; refused when its rows aren't equally wide."""
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
    return Grid(tuple(rows), heads, widths.pop(), frozenset(groups), size)


def span(cell: Node) -> int:
    """How many columns a cell covers."""
    return int(cell.attributes.get("colspan", "1"))


@dataclass(frozen=True)
class Demand:
    """What a column asks for: the width of its longest word or part of a number; of its longest cell on one line; of that
    with the head on two lines or three; and with the head on one line, too.
    """

    least: int
    body: int
    wish: int
    whole: int
    numeric: bool


def needed(grid: Grid) -> tuple[int, int]:
    """The width below which words would break, and below which numbers would take two lines."""
    demands = _demands(grid)
    stub, *rest = demands
    labels = max(stub.least, min(stub.wish, STUB_LEAST))
    return sum(one.least for one in demands), labels + sum(one.body if one.numeric else one.least for one in rest)


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
        at, most = 0, 1
        for cell in row:
            room = sum(columns[at:at + span(cell)]) - PADDING
            most = max(most, -(-(grid.room(cell, number) - PADDING) // room))
            at += span(cell)
        lines += most
    return lines <= TALLEST


def widths(grid: Grid, width: int) -> list[int]:
    """The columns' widths, which sum to `width`, or to less where a table of numbers needs less.

    Each column gets what it can't do without; then numbers get a line each, as far as there is room, then labels and
    heads; beside columns of text, labels share with them what the numbers leave.
    """
    demands = _demands(grid)
    stub, *rest = demands
    wishes = [one.wish for one in demands]
    numeric = all(one.numeric for one in rest)
    if numeric:
        width = min(width, max(round(sum(one.whole for one in demands) * ROOMY), width // 2))
    found = [one.least for one in demands]
    spare = width - sum(found)
    if spare < 0:
        found = [low * width // sum(found) for low in found]
        return [width - sum(found[1:]), *found[1:]]

    def grant(column: int, wanted: int, spare: int) -> int:
        more = min(max(wanted - found[column], 0), spare)
        found[column] += more
        return spare - more

    spare = grant(0, min(stub.wish, STUB_LEAST), spare)
    for column in sorted((i for i in range(1, grid.columns) if demands[i].numeric), key=lambda i: wishes[i]):
        if wishes[column] - found[column] <= spare:
            spare = grant(column, wishes[column], spare)
    if numeric:
        for column, one in sorted(enumerate(demands), key=lambda pair: (pair[0] > 0, pair[1].whole)):
            spare = grant(column, one.whole, spare)
        shares = [1] * grid.columns
    else:
        # by roots: of two columns of text the longer one gets more, but not so much that the other is a tower
        shares = [0 if at and one.numeric else isqrt(max(one.wish - found[at], 1)) for at, one in enumerate(demands)]
    found = [low + spare * share // sum(shares) for low, share in zip(found, shares, strict=True)]
    return [width - sum(found[1:]), *found[1:]]


def _demands(grid: Grid) -> list[Demand]:
    """Per column, from the cells that stand in it alone."""
    columns: list[list[tuple[Node, int]]] = [[] for _ in range(grid.columns)]
    for number, row in enumerate(grid.rows):
        at = 0
        for cell in row:
            if span(cell) == 1:
                columns[at].append((cell, number))
            at += span(cell)
    return [_demand(grid, cells, at == 0) for at, cells in enumerate(columns)]


def _demand(grid: Grid, cells: Sequence[tuple[Node, int]], stub: bool) -> Demand:
    """What a column of (cell, number of its row) asks for."""
    numeric = not stub and all(number < grid.heads or _number(_text(cell)) for cell, number in cells)
    least = 0
    for cell, number in cells:
        head = number < grid.heads
        parts = _parts(_text(cell)) if numeric else [_text(cell)]
        words = parts if numeric and not head else [*" ".join(parts).split(" "), *parts[1:]]
        least = max(least, *(grid.length(word, head) for word in words))
    rooms = [(grid.room(cell, number), number < grid.heads) for cell, number in cells]
    body = max([least, *(room for room, head in rooms if not head)])
    wish = max([body, *(room // 2 + PADDING for room, head in rooms if head)])
    return Demand(least, body, wish, max([wish, *(room for room, _ in rooms)]), numeric)


def _text(cell: Node) -> str:
    return "".join(piece.text for piece in inline(cell))


def _number(text: str) -> bool:
    """Whether a cell holds a number with what belongs to it, rather than words."""
    return len(text) <= LONGEST and sum(map(str.isalpha, text)) <= LETTERED


def _parts(text: str) -> list[str]:
    """A number and its interval, a head and its size; anything else is one part."""
    found = PARTED.search(text)
    return [text[:found.start()].rstrip(), text[found.start():]] if found else [text]


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


def _ems(text: str) -> float:
    """The length of a line in Arial, in parts of the type size."""
    return sum(next((width for letters, width in LETTERS.items() if c in letters), DIGIT) for c in text)


def _row(grid: Grid, number: int, row: Sequence[Node], columns: Sequence[int], content: Content, rule: Element,
         kept: bool) -> Element:
    head = number < grid.heads
    element = w("tr", w("trPr", w("cantSplit"), *([w("tblHeader")] if head else [])))
    starts = [sum(map(span, row[:place])) for place in range(len(row))]
    tight = [grid.room(cell, number) > sum(columns[at:at + span(cell)]) for at, cell in zip(starts, row, strict=True)]
    if head and any(narrow and len(_parts(_text(cell))) > 1 for narrow, cell in zip(tight, row, strict=True)):
        tight = [True] * len(row)  # sizes of groups stand on one line beside each other
    for at, cell, narrow in zip(starts, row, tight, strict=True):
        covered = span(cell)
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
        text = paragraph(style, content(cell), *([w("keepNext")] if kept else []))
        if narrow and (head or (at and _number(_text(cell)))):
            _part(text)
        element.append(w("tc", properties, text))
    return element


def _style(grid: Grid, number: int, cell: Node, at: int) -> str:
    if number < grid.heads:
        return "TableSpanner" if span(cell) > 1 and at else "TableHead"
    if number in grid.groups:
        return "TableGroup"
    return cell.pick(INDENTS, "TableText")
