"""Exhibits that don't fit on the rest of a page let text that follows go before them, so that no page stays half empty.

WeasyPrint knows no floats of pages. While it sets the children of a section, one by one, paragraphs change places with the
exhibits that wait for the next page; after the last paragraph the next section begins, and takes over those that still wait.
Exhibits never change places with each other, and no text goes before an exhibit that fits. Where no text fits either, a
figure that misses the page by a hair is drawn a little smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ROOM = 0.2  # of a page: as much must be left for another section to begin before the last exhibit of this one
HEADINGS = ("h2", "h3")
DRAWING = "{http://www.w3.org/2000/svg}svg"
SMALLER = (0.95, 0.9)  # of the width of a drawing that misses the page by a hair, as far as its letters stay legible
LEGIBLE = 5.0  # points
POINT = 0.75  # of a pixel
Outcome = tuple[Any, ...]  # what WeasyPrint says of a child that was set, or not


def let_text_go_first() -> None:
    from weasyprint.layout import block

    plain = block._in_flow_layout

    def set_(context: Any, box: Any, index: int, child: Any, *words: Any) -> Outcome:
        if box.element_tag not in ("main", "section"):
            found: Outcome = plain(context, box, index, child, *words)
            return found
        return _Place(plain, context, box, index, child, *words).filled()

    block._in_flow_layout = set_


@dataclass
class _Place:
    """Where the next child of a section, or the next section, would stand: what WeasyPrint hands over, in its order."""

    plain: Any
    context: Any
    box: Any
    index: int
    child: Any
    before: list[Any]  # children that stand on the page
    page_is_empty: bool
    absolute: list[Any]
    fixed: list[Any]
    margins: list[float]
    bottom_space: float
    y: float
    resume: Any
    letter: Any
    line: Any
    discard: bool
    next_page: Any
    max_lines: Any

    def filled(self) -> Outcome:
        if self.box.element_tag == "main":
            return self._with_section()
        if self.index >= len(self.box.children):  # the rest has gone to the next section
            return self._nothing()
        child = self.box.children[self.index]  # which may be another than when WeasyPrint began to go through them
        if self.resume is not None or not self.before or not _is_exhibit(child):
            return self._with(child)
        return self._with_exhibit(child)

    def _with_exhibit(self, child: Any) -> Outcome:
        found: Outcome = (False, True, {self.index: None}, self.y, self.margins, self.next_page, self.before, self.max_lines)
        if vars(child).get("waits_on") != self.context.current_page:
            found = self._with(child)
            if not self._left(found):
                return found
            child.waits_on = self.context.current_page
        children, place = self.box.children, _next_paragraph(self.box.children, self.index)
        if place:
            children = [*children[:self.index], children[place], *children[self.index:place], *children[place + 1:]]
            instead = self._with(children[self.index])
            if not self._left(instead):
                self.box.children = children
                return instead
        elif place is None and self._lend():
            return self._nothing()
        return self._smaller(child) or found

    def _smaller(self, child: Any) -> Outcome | None:
        """The figure, or the row of figures, as it fits when it is drawn a little smaller; None where it doesn't."""
        drawings = [one for one in child.descendants() if one.element_tag == DRAWING]
        plain = [one.style for one in drawings]
        least = max([SMALLER[-1], *map(_legible, drawings)]) if drawings else 1.0
        if self.y + least * max(map(_height, drawings), default=0.0) > self.context.page_bottom - self.bottom_space:
            return None
        for share in (share for share in SMALLER if share >= least):
            for drawing, style in zip(drawings, plain, strict=True):
                drawing.style = _scaled(style, share)
            found = self._with(child)
            if not self._left(found):
                return found
        for drawing, style in zip(drawings, plain, strict=True):
            drawing.style = style
        return None

    def _with_section(self) -> Outcome:
        after = self.box.children[self.index + 1:self.index + 2]
        self.child.next_section = after[0] if after and after[0].element_tag == "section" else None
        found = self._with(self.child)
        borrowed = vars(self.child).pop("borrowed", None)
        if borrowed and self._left(found):  # its heading begins a page: what waits goes first
            self.child.children = [*borrowed, *(one for one in self.child.children if one not in borrowed)]
        return found

    def _lend(self) -> bool:
        """Whether the next section takes over what waits, behind its own first paragraph."""
        box, other = self.box, vars(self.box).get("next_section")
        left = self.context.page_bottom - self.bottom_space - self.y
        if other is None or left < ROOM * self.context.page_bottom or not _begins_with_text(other):
            return False
        waiting = list(box.children[self.index:])
        box.children = box.children[:self.index]
        other.children = [*other.children[:2], *waiting, *other.children[2:]]
        other.borrowed = waiting
        return True

    def _with(self, child: Any) -> Outcome:
        """What becomes of a child in this place."""
        child.position_x, child.position_y = self.child.position_x, self.child.position_y
        found: Outcome = self.plain(
            self.context, self.box, self.index, child, self.before, self.page_is_empty, self.absolute, self.fixed,
            list(self.margins), self.bottom_space, self.y, self.resume, self.letter, self.line, self.discard,
            self.next_page, self.max_lines)
        return found

    def _left(self, found: Outcome) -> bool:
        """Whether the child is left for the next page, and all before it stays on this one."""
        abort, stop, resume, *_, children, _ = found
        return bool(stop) and not abort and children is self.before and resume == {self.index: None}

    def _nothing(self) -> Outcome:
        return False, False, None, self.y, self.margins, self.next_page, self.before, self.max_lines


def _height(drawing: Any) -> float:
    """How high a drawing is at all the width that it may have."""
    across, high = map(float, drawing.element.get("viewBox").split()[2:])
    return drawing.style["max_width"].value * high / across


def _legible(drawing: Any) -> float:
    """The share of its width at which a drawing's smallest letters can just be read."""
    sizes = [float(one.get("font-size")) for one in drawing.element.iter() if one.get("font-size")]
    across = float(drawing.element.get("viewBox").split()[2])
    return LEGIBLE / min(sizes, default=LEGIBLE * 2) * across / (drawing.style["max_width"].value * POINT)


def _scaled(style: Any, share: float) -> Any:
    """The style of a drawing that takes so much of the width that it may have: its height follows."""
    made = style.copy()
    made["max_width"] = style["max_width"]._replace(value=style["max_width"].value * share)
    return made


def _is_exhibit(box: Any) -> bool:
    """A table, a figure, a row of figures, or what says that a figure is left out."""
    about = box.element.attrib
    if box.element_tag == "section":  # no element of its own: a line of its parent's
        return any(one.element_tag == "figure" for line in box.children for one in line.children)
    return (box.element_tag == "figure" or (box.element_tag == "div" and about.get("class", "").startswith("table"))
            or (box.element_tag == "p" and "id" in about))


def _next_paragraph(children: list[Any], index: int) -> int | None:
    """The place of the paragraph behind the exhibits that begin here; 0 where something else follows them."""
    for place in range(index, len(children)):
        if not _is_exhibit(children[place]):
            return place if children[place].element_tag == "p" else 0
    return None


def _begins_with_text(section: Any) -> bool:
    tags = [one.element_tag for one in section.children[:2]]
    return len(tags) > 1 and tags[0] in HEADINGS and tags[1] == "p" and not _is_exhibit(section.children[1])
