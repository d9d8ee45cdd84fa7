"""A sheet that writes down what is drawn on it as SVG, to stand inside a page: titled, few nodes, no ids that clash.

Millimetres from the lower left corner come in, points from the upper left one go out. No library draws, since loading one
takes longer than all figures of a report; matplotlib draws the same marks for other formats (report/artists.py), and a test
holds its SVG against this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2s
from math import isnan
from typing import Any, NoReturn

import numpy as np
from markupsafe import escape

from report.faces import POINT, Face

SVG = "http://www.w3.org/2000/svg"
NAMED = {"black": "#000000", "white": "#ffffff"}  # others are written in this way already
ANCHORS = {"left": "", "center": "middle", "right": "end"}
# what lies over what: areas, lines, symbols, then text; and what a panel holds lies under what the sheet does
AREA, LINE, SYMBOL, TEXT = 1.0, 2.0, 2.5, 3.0


class NeedsMatplotlib(AttributeError):
    """Something was asked of the sheet, or of a panel's axes, that only matplotlib has."""


class _Axes:
    """What stands for a panel's axes."""

    def __init__(self, number: int):
        self.number = number

    def __getattr__(self, name: str) -> NoReturn:
        raise NeedsMatplotlib(name)


class Paper:
    """A sheet of `width` by `height` millimetres, under a strip of `strip` more."""

    def __init__(self, width: float, height: float, strip: float = 0.0):
        self.width, self.height, self.strip = width, height, strip
        self._marks: list[tuple[tuple[float, ...], str]] = []
        self._panels = 0

    def __getattr__(self, name: str) -> NoReturn:
        raise NeedsMatplotlib(name)

    def panel(self, box: Any) -> _Axes:
        """A place for a panel's marks, under all that isn't in a panel."""
        self._panels += 1
        return _Axes(self._panels)

    def text(self, place: Any, x: float, y: float, text: str, *, face: Face, colour: str, ha: str, turn: float,
             gid: str | None = None) -> None:
        if not text.strip():
            return
        ((across, down),) = self._points(place, [x], [y])
        left, top = _short(across), _short(down)
        about = {
            "x": left, "y": top, "font-size": f"{face.size:g}", "font-weight": "700" if face.weight == "bold" else "",
            "font-style": "italic" if face.slant == "italic" else "", "text-anchor": ANCHORS[ha],
            "fill": "" if colour == "black" else _hex(colour),
            "transform": f"rotate({-turn:g} {left} {top})" if turn else "",
        }
        self._put(place, TEXT, f"<text{_said(about)}>{escape(text)}</text>")

    def line(self, place: Any, xs: Any, ys: Any, *, colour: str, width: float, dash: Any, gid: str | None = None) -> None:
        path = _way(self._points(place, xs, ys))
        if path:
            about = {"d": path, "fill": "none", **_stroke(colour, width, dash)}
            self._put(None, LINE, f"<path{_said(about)}/>")

    def area(self, place: Any, xs: Any, ys: Any, *, face: str, edge: str = "none", width: float = 0.0, dash: Any = "solid",
             alpha: float = 1.0, gid: str | None = None) -> None:
        about = {"d": _way(self._points(place, xs, ys)) + "z", "fill": _hex(face),
                 "fill-opacity": "" if alpha == 1 else f"{alpha:g}", **_edge(edge, width, dash)}
        self._put(place, AREA, f"<path{_said(about)}/>")

    def symbols(self, places: np.ndarray, outline: np.ndarray, curved: bool, *, face: str, edge: str, width: float,
                gid: str | None = None) -> None:
        at = self._points(None, *places.T)
        one = outline * (1 / POINT, -1 / POINT)
        about = {"d": "".join([_closed(spot + one, curved) for spot in at]), "fill": _hex(face),
                 **_edge(edge, width, "solid")}
        self._put(None, SYMBOL, f"<path{_said(about)}/>")

    def svg(self, *, title: str, salt: str, families: Sequence[str]) -> bytes:
        """The picture with `title` as its accessible name; `salt` keeps its id apart from those of others in the page."""
        name = f"f{blake2s(salt.encode(), digest_size=4).hexdigest()}-title"
        wide, high = self.width / POINT, (self.height + self.strip) / POINT
        fonts = ", ".join([*(f"'{family}'" for family in families), "sans-serif"])
        about = {"xmlns": SVG, "viewBox": f"0 0 {wide:.6f} {high:.6f}", "width": f"{self.width:g}mm",
                 "height": f"{self.height + self.strip:g}mm", "role": "img", "aria-labelledby": name,
                 "stroke-linejoin": "round", "stroke-linecap": "butt", "font-family": fonts}
        marks = [mark for _, mark in sorted(self._marks, key=lambda one: one[0])]
        white = f'<rect width="{_short(wide)}" height="{_short(high)}" fill="#ffffff"/>'
        lines = [f'<svg{_said(about)}><title id="{name}">{escape(title)}</title>', white, *marks, "</svg>"]
        return "\n".join(lines).encode()

    def _put(self, place: Any, order: float, mark: str) -> None:
        layer = (1.0, 0.0) if place is None else (0.0, float(place.panel.number))
        self._marks.append(((*layer, order, float(len(self._marks))), mark))

    def _points(self, place: Any, xs: Any, ys: Any) -> np.ndarray:
        """n × 2 points from the upper left corner."""
        across, up = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
        if place is not None:
            across, up = place.millimetres(across, up)
        return np.column_stack([across, self.height + self.strip - up]) / POINT


def _way(points: np.ndarray) -> str:
    """A path through the points, broken where one is missing; what doesn't turn, or lies on the point before, is left out."""
    said: list[str] = []
    bent = ""  # the last command, by which way it went
    last: tuple[str, str] | None = None
    before = (0.0, 0.0)
    for x, y in points.tolist():
        if isnan(x + y):
            last = None
            continue
        here = _short(x), _short(y)
        if last is None:
            said.append(f"M{here[0]} {here[1]}")
            bent = ""
        elif here == last:
            continue
        else:
            way = "H" if here[1] == last[1] else "V" if here[0] == last[0] else "L"
            along = (x - before[0] > 0) if way == "H" else (y - before[1] > 0)
            if way != "L" and bent == f"{way}{along}":
                said.pop()
            said.append(f"H{here[0]}" if way == "H" else f"V{here[1]}" if way == "V" else f"L{here[0]} {here[1]}")
            bent = f"{way}{along}"
        last, before = here, (x, y)
    return "".join(said)


def _closed(points: np.ndarray, curved: bool) -> str:
    """A symbol's outline: straight from corner to corner, or cubic curves with two control points each."""
    said = [f"{_short(x)} {_short(y)}" for x, y in points.tolist()]
    if not curved:
        return f"M{' '.join(said)}z"  # what follows the first pair is drawn to
    return f"M{said[0]}C{' '.join(said[1:])}z"


def _edge(colour: str, width: float, dash: Any) -> dict[str, str]:
    return {**_stroke(colour, width, dash), "stroke-linejoin": "miter"} if colour != "none" and width else {}


def _stroke(colour: str, width: float, dash: Any) -> dict[str, str]:
    """A dash is given in parts of the line's width, as matplotlib takes it."""
    parts: Iterable[float] = () if dash == "solid" else dash[1]
    return {"stroke": _hex(colour), "stroke-width": f"{width:g}",
            "stroke-dasharray": " ".join(_short(part * width) for part in parts)}


def _hex(colour: str) -> str:
    return NAMED.get(colour, colour)


def _said(about: dict[str, str]) -> str:
    return "".join([f' {name}="{escape(value)}"' for name, value in about.items() if value])


def _short(value: float) -> str:
    """A hundredth of a point at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
