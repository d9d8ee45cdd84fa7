"""How WeasyPrint reads styles and measures boxes, without working out again what it knows: every byte stays the same."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from operator import itemgetter
from typing import Any

from report.pdf_haste import everywhere, kept

APART = re.compile(r"page|position|float|display|text_decoration_.*")  # properties with rules of their own
AT = re.compile(r"@[\w\\-]*")
RULES = frozenset(("@media", "@page"))  # of a sheet in which only the page itself takes part
SIDES = ("top", "right", "bottom", "left")
LENGTHS = (*(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES),
           *(f"{least}{size}" for size in ("width", "height") for least in ("", "min_", "max_")))
BORDERS = tuple(f"border_{side}_width" for side in SIDES)
CORNERS = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))
SQUARE = dict.fromkeys(CORNERS, (0, 0))


def hasten() -> None:
    import pydyf
    from weasyprint import css, svg
    from weasyprint.draw import color
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import background, percent, table
    from weasyprint.svg import utils
    from weasyprint.text import line_break

    css.ComputedStyle.__missing__ = _found_soon(css)
    css.CSS = _read_once(css.CSS)
    everywhere(percent.resolve_percentages, _resolved_once(percent.resolve_percentages, boxes, css.ZERO_PIXELS))
    everywhere(percent.resolve_radii_percentages, _square(percent.resolve_radii_percentages, css.ZERO_PIXELS))
    everywhere(color.get_color, _color)
    boxes.Box.is_in_normal_flow = _flowing(boxes.Box.is_in_normal_flow)
    svg.parse_declarations = lru_cache(1000)(svg.parse_declarations)  # there are few styles in a drawing
    everywhere(utils.size, _number_first(utils.size))
    pydyf._to_bytes = _written(pydyf._to_bytes)
    for module in (line_break, background, table):
        _import_soon(module)


def _import_soon(module: Any) -> None:
    """Functions of it that import something whenever they're called ask each time which package they are in."""
    spec = module.__spec__
    spec.__class__ = type("Spec", (type(spec),), {"parent": spec.parent})


def _found_soon(css: Any) -> Any:
    """Most properties of most elements are inherited or initial, and then nothing has to be looked at."""
    plain = css.ComputedStyle.__missing__
    inherited = {name for name in css.INHERITED if not APART.fullmatch(name) and name not in css.PHYSICAL_FUNCTIONS}
    initial = {name: value for name, value in css.INITIAL_VALUES.items()
               if not (APART.fullmatch(name) or name in css.INHERITED | css.INITIAL_NOT_COMPUTED or css.check_math(value))}
    logical = {name: {function(block="ttb", inline=way) for way in ("ltr", "rtl")}
               for name, function in css.PHYSICAL_FUNCTIONS.items()}

    def found(self: Any, name: str) -> Any:
        if name not in self.cascaded:
            if name in initial:
                if name not in logical or logical[name].isdisjoint(self.cascaded):
                    value = self[name] = initial[name]
                    return value
            elif name in inherited and self.parent_style is not None:
                value = self.parent_style[name]
                if not css.check_math(value):
                    self[name] = value
                    return value
        return plain(self, name)

    return found


def _resolved_once(plain: Any, boxes: Any, pixels: Any) -> Any:
    """Boxes of one style in one container are alike."""
    lengths, borders = itemgetter(*LENGTHS, "box_sizing"), itemgetter(*BORDERS)
    plainly = (str, type(pixels))  # others are calculated, of what else the style says

    def resolved(box: Any, containing_block: Any) -> None:
        style = box.style
        known, asked = kept(style).used, lengths(style)
        around = containing_block
        if isinstance(containing_block, boxes.Box):
            around = containing_block.width, containing_block.height
        edges = borders(style)
        if style["border_collapse"] == "collapse":  # by which they may be set already
            edges = tuple(vars(box).get(name, edge) for name, edge in zip(BORDERS, edges))
        key = asked, edges, *around, isinstance(box, boxes.PageBox)
        if key in known:
            vars(box).update(known[key])
        else:
            plain(box, containing_block)
            if all(type(value) in plainly for value in asked):
                known[key] = {name: vars(box)[name] for name in LENGTHS + BORDERS}

    return resolved


def _square(plain: Any, zero: Any) -> Any:
    """A box without round corners."""
    corners, square = itemgetter(*CORNERS), ((zero, zero),) * len(CORNERS)

    def resolved(box: Any) -> None:
        if corners(box.style) == square:
            vars(box).update(SQUARE)
        else:
            plain(box)

    return resolved


def _color(style: Any, key: str) -> Any:
    """A color need not be compared with a word."""
    value = style[key]
    return style["color"] if type(value) is str and value == "currentcolor" else value


def _flowing(plain: Any) -> Any:
    """Most boxes are what five questions make sure of."""
    def flowing(box: Any) -> bool:
        style = box.style
        return (style["float"] == "none" and style["position"] in ("static", "relative")) or plain(box)

    return flowing


def _number_first(plain: Any) -> Any:
    """Most sizes in a drawing are numbers."""
    def size(string: Any, font_size: Any = None, percentage_reference: Any = None) -> Any:
        try:
            return float(string) if string else 0
        except ValueError:
            return plain(string, font_size, percentage_reference)

    return size


def _written(plain: Any) -> Any:
    """The most frequent kinds first."""
    def to_bytes(item: Any) -> Any:
        kind = type(item)
        if kind is bytes:
            return item
        if kind is str:
            return item.encode("ascii")
        return b"%d" % item if kind is int else plain(item)

    return to_bytes


def _read_once(plain: Any) -> Any:
    """Our own style sheet is read for the first part, and stays read for the others."""
    known: dict[Any, Any] = {}
    logger = logging.getLogger("weasyprint")

    def read(*words: Any, **options: Any) -> Any:
        text, ours = options.get("string"), getattr(options.get("url_fetcher"), "ours", False)
        if not (ours and text and RULES.issuperset(AT.findall(text))):
            return plain(*words, **options)
        rules, layers = options["page_rules"], options["layers"]
        asked = text, options["base_url"], options["media_type"]
        if asked not in known:
            if len(known) > 3:
                known.clear()
            before, listener = len(rules), _Listener()
            logger.addHandler(listener)
            try:
                sheet = plain(*words, **options)
            finally:
                logger.removeHandler(listener)
            known[asked] = sheet, rules[before:], listener.said
            return sheet
        sheet, added, said = known[asked]
        rules += added
        for record in said:
            logger.handle(record)
        again = object.__new__(type(sheet))
        vars(again).update(vars(sheet), page_rules=rules, layers=layers)
        return again

    return read


class _Listener(logging.Handler):
    """What was said of a sheet is said again of a page that it's used for."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record)
