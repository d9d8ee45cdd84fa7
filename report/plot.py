"""Millimetre layout on a sheet: axes of few nodes, literal text.

Everything around the data is placed in millimetres from the lower left corner, everything that shows data in data
coordinates. The same marks go to a page's SVG (report/paper.py) or to matplotlib's figure (report/artists.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from report import italics
from report.faces import POINT, Slant, face
from report.paper import Paper
from report.symbols import outline

GREY = "#555555"
RULE = 0.6  # points: axis lines and ticks
SMALLEST = 5.0  # points: no text below
PITCH = 1.28  # line height over type size
DIGIT = 0.7  # height of a digit over type size
TICK, LABEL = 1.0, 1.7  # millimetres: length of a tick, distance of a tick's label from the axis

Values = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Box:
    """Where a plotting area lies, in millimetres, and the data limits of its edges."""

    left: float
    bottom: float
    width: float
    height: float
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    log: bool = False

    @property
    def top(self) -> float:
        return self.bottom + self.height

    @property
    def right(self) -> float:
        return self.left + self.width

    def x(self, value: float) -> float:
        """Millimetres from the left edge of the sheet of a value on the x axis."""
        low, high = self.xlim
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        """Millimetres from the foot of the sheet of a value on the y axis."""
        low, high = self.ylim
        if self.log:  # a value of zero stands at the foot
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        return self.bottom + (value - low) / (high - low) * self.height

    def ys(self, values: np.ndarray) -> np.ndarray:
        """As `y`, of many; what can't stand on a logarithmic axis stands nowhere."""
        low, high = self.ylim
        if self.log:
            values = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
            low, high = math.log10(low), math.log10(high)
        return self.bottom + (values - low) / (high - low) * self.height


@dataclass(frozen=True)
class Place:
    """What the coordinates of a mark in a panel are: data (True) or millimetres, along x and along y."""

    box: Box
    panel: Any
    x: bool
    y: bool

    def millimetres(self, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low, high = self.box.xlim
        across = self.box.left + (xs - low) / (high - low) * self.box.width if self.x else xs
        return across, self.box.ys(ys) if self.y else ys


class Sheet:
    """Paper, or a matplotlib figure (or the part of one under a banner), with its style: sizes in mm, text set literally."""

    def __init__(self, figure: Any, style: Any):
        self.figure, self.style = figure, style
        self.pen = figure if isinstance(figure, Paper) else _artists(figure)
        self.width, self.height = self.pen.width, self.pen.height
        self.size = float(style.figure["size"])
        self.small = max(float(style.figure.get("small", self.size - 0.5)), SMALLEST)

    def pitch(self, size: float | None = None) -> float:
        """Millimetres from line to line."""
        return (size or self.size) * PITCH * POINT

    def wide(self, text: str, size: float | None = None, weight: str = "normal") -> float:
        """Width of a text in millimetres."""
        return sum(face(self.style, size or self.size, weight, slant).width(run) for run, slant in _runs(text))

    def text(self, x: float, y: float, text: str, *, size: float | None = None, weight: str = "normal",
             slant: Slant = "normal", colour: str = "black", ha: str = "left", place: Place | None = None, turn: float = 0,
             gid: str | None = None) -> None:
        """One line of text with its baseline at (x, y), in millimetres unless a place says otherwise.

        A text with italics in it is set run by run, each where the one before it ends.
        """
        runs = _runs(text)
        if len(runs) < 2:
            slant = runs[0][1] if runs and slant == "normal" else slant
            self.pen.text(place, x, y, "".join(run for run, _ in runs), face=face(self.style, size or self.size, weight, slant),
                          colour=colour, ha=ha, turn=turn, gid=gid)
            return
        along = -self.wide(text, size, weight) * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        if place is not None and place.x:
            x, place = place.box.x(x), replace(place, x=False)
        if place is not None and place.y and turn:
            y, place = place.box.y(y), None
        for run, own in runs:
            font, said = face(self.style, size or self.size, weight, own), run.strip()
            start = along + font.width(run[:len(run) - len(run.lstrip())])
            self.pen.text(place, x + start * math.cos(math.radians(turn)), y + start * math.sin(math.radians(turn)), said,
                          face=font, colour=colour, ha="left", turn=turn, gid=gid)
            along += font.width(run)

    def line(self, xs: Values, ys: Values, *, colour: str = "black", width: float = RULE, dash: Any = "solid",
             gid: str | None = None, place: Place | None = None) -> None:
        """A polyline; nan parts it."""
        self.pen.line(place, xs, ys, colour=colour, width=width, dash=dash, gid=gid)

    def area(self, xs: Values, ys: Values, *, colour: str, alpha: float = 1.0, gid: str | None = None,
             place: Place | None = None) -> None:
        """What lies inside a line that closes, without an outline."""
        self.pen.area(place, xs, ys, face=colour, alpha=alpha, gid=gid)

    def box(self, left: float, bottom: float, wide: float, high: float, *, face: str, edge: str = "none",
            width: float = 0.0, dash: Any = "solid", gid: str | None = None, place: Place | None = None) -> None:
        """A rectangle, of `face` inside and `edge` around."""
        self.pen.area(place, [left, left + wide, left + wide, left], [bottom, bottom, bottom + high, bottom + high],
                      face=face, edge=edge, width=width, dash=dash, gid=gid)

    def panel(self, box: Box) -> Panel:
        """A plotting area with nothing drawn yet."""
        return Panel(self, self.pen.panel(box), box)


def blank(style: Any, width: str) -> Sheet:
    """A sheet of one of the style's widths, on which nothing will be drawn, to see how much room things take."""
    wide = float(style.figure["widths"][width])
    return Sheet(Paper(wide, wide), style)


def _artists(figure: Any) -> Any:
    from report.artists import Artists

    return Artists(figure)


def _runs(text: str) -> list[tuple[str, Slant]]:
    return [(literal(run), slant) for run, slant in italics.runs(text)]


def literal(text: str) -> str:
    """Text to be drawn as it stands: control characters become spaces; `$` means nothing, mathematics being off."""
    return "".join([" " if ord(c) < 32 or ord(c) == 127 else c for c in text])


@dataclass(frozen=True)
class Panel:
    """A plotting area in its box; `axes` are matplotlib's, where it draws."""

    sheet: Sheet
    axes: Any
    box: Box

    @property
    def data(self) -> Place:
        """For x and y in data."""
        return Place(self.box, self.axes, True, True)

    @property
    def below(self) -> Place:
        """For x in data, y in millimetres from the foot of the sheet."""
        return Place(self.box, self.axes, True, False)

    @property
    def beside(self) -> Place:
        """For x in millimetres, y in data."""
        return Place(self.box, self.axes, False, True)

    def x_axis(self, ticks: Sequence[float], labels: Sequence[str], title: str = "") -> float:
        """Line, ticks, labels (an empty one is left out) and title under the panel; returns the lowest baseline."""
        sheet, box = self.sheet, self.box
        foot = box.bottom - TICK
        xs, ys = [box.left, box.right], [box.bottom, box.bottom]
        for tick in ticks:
            xs += [math.nan, box.x(tick), box.x(tick)]
            ys += [math.nan, box.bottom, foot]
        sheet.line(xs, ys, gid="x-axis")
        baseline = foot - sheet.size * POINT * 0.95
        for tick, label in zip(ticks, labels, strict=True):
            if label:
                sheet.text(tick, baseline, label, ha="center", place=self.below, gid="x-tick")
        if title:
            baseline -= sheet.pitch() * 1.1
            sheet.text(box.left + box.width / 2, baseline, title, ha="center", gid="x-title")
        return baseline

    def y_axis(self, ticks: Sequence[float], labels: Sequence[str], title: Sequence[str] = (),
               small: Sequence[float] = ()) -> None:
        """Line, ticks, labels (an empty one is left out), turned title lines at the left; small ticks are shorter."""
        sheet, box = self.sheet, self.box
        xs, ys = [box.left, box.left], [box.bottom, box.top]
        for tick, length in [*((t, TICK) for t in ticks), *((t, TICK / 2) for t in small)]:
            xs += [math.nan, box.left - length, box.left]
            ys += [math.nan, box.y(tick), box.y(tick)]
        sheet.line(xs, ys, gid="y-axis")
        drop = sheet.size * POINT * DIGIT / 2  # centres the label on its tick
        for tick, label in zip(ticks, labels, strict=True):
            if label:
                sheet.text(box.left - LABEL, box.y(tick) - drop, label, ha="right", gid="y-tick")
        across = box.left - LABEL - max((sheet.wide(s) for s in labels), default=0.0) - sheet.size * POINT * 0.55
        for line in reversed(title):
            sheet.text(across, box.bottom + box.height / 2, line, ha="center", turn=90, gid="y-title")
            across -= sheet.pitch()

    def marks(self, xs: Values, ys: Values, marker: str, *, size: float, face: str, edge: str, gid: str,
              width: float = 0.6) -> None:
        """Symbols of `size` points at data coordinates, as one path: nodes are what a page pays for."""
        one, curved = outline(marker)
        at = np.array([(self.box.x(x), self.box.y(y)) for x, y in zip(xs, ys, strict=True)], dtype=float).reshape(-1, 2)
        self.sheet.pen.symbols(at, one * size * POINT, curved, face=face, edge=edge, width=width, gid=gid)

    def limit(self, value: float, label: str) -> None:
        """A dashed line across at a value, named at its right end outside the panel (`limit_room`) unless '' ."""
        sheet, box = self.sheet, self.box
        if not box.ylim[0] <= value <= box.ylim[1]:
            return
        y = box.y(value)
        sheet.line([box.left, box.right], [y, y], colour=GREY, width=0.5, dash=(0, (4, 2)), gid="limit")
        if label:
            sheet.text(box.right + 0.8, y - sheet.small * POINT * DIGIT / 2, label, size=sheet.small, colour=GREY,
                       gid="limit-name")


def limit_room(sheet: Sheet, labels: Iterable[str]) -> float:
    """Millimetres that names of limits need at the right of a panel."""
    return max((sheet.wide(label, sheet.small) + 1.0 for label in labels), default=0.0)


def y_room(sheet: Sheet, labels: Sequence[str], title: Sequence[str] = ()) -> float:
    """Millimetres that a y axis with these labels and title lines needs at its left."""
    room = LABEL + max((sheet.wide(s) for s in labels), default=0.0)
    return room + (sheet.size * POINT * 0.55 + len(title) * sheet.pitch() if title else 0.3)


def spaced(centres: Sequence[float], widths: Sequence[float], gap: float = 1.0) -> range:
    """Indices of every k-th label, k the smallest for which neighbours stay `gap` millimetres apart."""
    count = len(centres)
    for step in range(1, count + 1):
        chosen = range(0, count, step)
        pairs = list(zip(chosen, list(chosen)[1:]))
        if all(abs(centres[b] - centres[a]) >= (widths[a] + widths[b]) / 2 + gap for a, b in pairs):
            return chosen
    return range(0)


def fitted(sheet: Sheet, text: str, room: float, size: float | None = None, weight: str = "normal") -> str:
    """The text, shortened with an ellipsis where it is wider than the room in millimetres."""
    if sheet.wide(text, size, weight) <= room:
        return text
    while text and sheet.wide(text.rstrip() + "…", size, weight) > room:
        text = text[:-1]
    return text.rstrip(" ,;:(–-") + "…"


def wrapped(sheet: Sheet, text: str, room: float, size: float | None = None, weight: str = "normal",
            most: int = 3) -> list[str]:
    """The text in at most `most` lines that fit the room; the last one is shortened when it must be."""
    lines: list[str] = [""]
    # a line may end at a space or after a hyphen
    for piece in re.findall(r"\s*[^\s-]*-*", text):
        if not lines[-1] or len(lines) == most or sheet.wide((lines[-1] + piece).strip(), size, weight) <= room:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [fitted(sheet, line.strip(), room, size, weight) for line in lines]
