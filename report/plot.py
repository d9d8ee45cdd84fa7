"""Millimetre layout on a matplotlib figure: axes of few nodes, literal text.

Everything around the data is placed in millimetres from the lower left corner, everything that shows data in data
coordinates, so that a test can compare an artist's numbers with the rows it shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from report.canvas import Slant, font, literal, measure

GREY = "#555555"
RULE = 0.6  # points: axis lines and ticks
SMALLEST = 5.0  # points: no text below
PITCH = 1.28  # line height over type size
POINT = 25.4 / 72  # millimetres
DIGIT = 0.7  # height of a digit over type size
TICK, LABEL = 1.0, 1.7  # millimetres: length of a tick, distance of a tick's label from the axis
SQUARE = 0.886  # side of a square with the area of a circle of diameter 1

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
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.bottom + (value - low) / (high - low) * self.height


class Sheet:
    """A figure (or the part under a banner) with its style: sizes in mm, text set literally."""

    def __init__(self, figure: Any, style: Any):
        from matplotlib.transforms import Affine2D

        self.figure, self.style = figure, style
        self.width = figure.bbox.width / figure.dpi * 25.4
        self.height = figure.bbox.height / figure.dpi * 25.4
        self.mm = Affine2D().scale(1 / 25.4) + figure.dpi_scale_trans
        self.size = float(style.figure["size"])
        self.small = max(float(style.figure.get("small", self.size - 0.5)), SMALLEST)

    def pitch(self, size: float | None = None) -> float:
        """Millimetres from line to line."""
        return (size or self.size) * PITCH * POINT

    def wide(self, text: str, size: float | None = None, weight: str = "normal") -> float:
        """Width of a text in millimetres."""
        return measure(literal(text), font(self.style, size or self.size, weight))[0]

    def text(self, x: float, y: float, text: str, *, size: float | None = None, weight: str = "normal",
             slant: Slant = "normal", colour: str = "black", ha: str = "left", transform: Any = None, turn: float = 0,
             gid: str | None = None, axes: Any = None) -> Any:
        """One line of text with its baseline at (x, y), in millimetres unless a transform says otherwise."""
        from matplotlib.text import Text

        made = Text(x, y, literal(text), color=colour, ha=ha, va="baseline", rotation=turn, rotation_mode="anchor",
                    parse_math=False, fontproperties=font(self.style, size or self.size, weight, slant),
                    transform=transform or self.mm, clip_on=False)
        made.set_gid(gid)
        (axes or self.figure).add_artist(made)
        return made

    def line(self, xs: Values, ys: Values, *, colour: str = "black", width: float = RULE,
             dash: Any = "solid", gid: str | None = None, transform: Any = None) -> Any:
        """A polyline in millimetres; nan parts it."""
        from matplotlib.lines import Line2D

        made = Line2D(xs, ys, color=colour, linewidth=width, linestyle=dash, transform=transform or self.mm,
                      solid_capstyle="butt", dash_capstyle="butt", clip_on=False)
        made.set_gid(gid)
        self.figure.add_artist(made)
        return made

    def panel(self, box: Box) -> Panel:
        """A plotting area with nothing drawn yet."""
        axes = self.figure.add_axes((box.left / self.width, box.bottom / self.height,
                                     box.width / self.width, box.height / self.height))
        axes.set_axis_off()
        if box.log:
            axes.set_yscale("log")
        axes.set_xlim(*box.xlim)
        axes.set_ylim(*box.ylim)
        axes.set_autoscale_on(False)
        return Panel(self, axes, box)


@dataclass(frozen=True)
class Panel:
    """Axes without matplotlib's own axis artists, in their box."""

    sheet: Sheet
    axes: Any
    box: Box

    @property
    def below(self) -> Any:
        """Transform for x in data, y in millimetres from the foot of the sheet."""
        from matplotlib.transforms import blended_transform_factory

        return blended_transform_factory(self.axes.transData, self.sheet.mm)

    @property
    def beside(self) -> Any:
        """Transform for x in millimetres, y in data."""
        from matplotlib.transforms import blended_transform_factory

        return blended_transform_factory(self.sheet.mm, self.axes.transData)

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
                sheet.text(tick, baseline, label, ha="center", transform=self.below, gid="x-tick", axes=self.axes)
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
              width: float = 0.6) -> Any:
        """Symbols of `size` points at data coordinates, as one path: nodes are what a page pays for."""
        from matplotlib.markers import MarkerStyle
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        style = MarkerStyle(marker)
        one = style.get_transform().transform_path(style.get_path())
        symbol = np.asarray(one.vertices, dtype=float) * size * POINT * (SQUARE if marker == "s" else 1.0)
        lines = [Path.MOVETO, *[Path.LINETO] * (len(symbol) - 1)]
        codes = np.asarray(lines if one.codes is None else one.codes)
        at = np.array([(self.box.x(x), self.box.y(y)) for x, y in zip(xs, ys, strict=True)])
        path = Path((at[:, None, :] + symbol).reshape(-1, 2), np.tile(codes, len(at)))
        # over lines, under text
        made = PathPatch(path, facecolor=face, edgecolor=edge, linewidth=width, clip_on=False, transform=self.sheet.mm,
                         zorder=2.5)
        made.set_gid(gid)
        self.sheet.figure.add_artist(made)
        return made


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
