"""Step curves over a table of numbers at risk: the layout that Kaplan–Meier and cumulative incidence figures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from report.arms import Look, tint
from report.key import THINNER, Key, free
from report.plot import DIGIT, POINT, Box, Panel, Sheet, blank, fitted, spaced, wrapped, y_room
from report.steps import Step, band, stairs, thinned
from report.withheld import tally
from stats.results import Cell, number

TAIL = 0.55  # points: a curve carried by few patients
CENSOR = 0.8  # millimetres: half a censoring mark
MARGIN = 0.5  # millimetres around everything
FINEST = 0.02  # millimetres: half a pixel of print at 600 to the inch; steps closer than that are drawn as one
PLOT_HIGH = 48.0  # millimetres: a plotting area that looks right
BETWEEN = 6.0  # millimetres between panels
BAND_ARMS = 3  # with more arms, bands hide each other: intervals stand as bars at the named times
STRIP_GAP = 2.0  # millimetres between a key above the plot and the plot
SAMPLE = 5.0  # millimetres of line in the heads of the table
ROW_GAP = 3.0  # millimetres between the label of a row of the table and its first count
BEYOND = 0.03  # share of the time axis that is shown after a last tick at which a curve still steps
CLOSE = 0.005  # share of the time axis within which a step seems to lie at its end


@dataclass(frozen=True)
class Plot:
    """One panel: its curves, its table of counts and what is written on it. Ticks are in the endpoint's unit."""

    title: str
    x_title: str
    y_title: str
    steps: tuple[Step, ...]
    ticks: tuple[float, ...]
    tick_labels: tuple[str, ...]
    arms: tuple[tuple[str, str, Look], ...]  # group, label, look
    key: Key
    counts: Mapping[tuple[str, str, float], float]  # (statistic, group, tick)
    count_labels: Mapping[str, str]  # statistic to the label of its row; none: no table
    bars: tuple[Cell, ...] = ()  # intervals at named times
    bands: bool = True
    few: float = 0
    percent: bool = True

    @property
    def edge(self) -> float:
        """Where the time axis ends: at the last tick; a little after it, where a step there would lie on the axis' end."""
        last = self.ticks[-1]
        return last * (1 + BEYOND) if any(_steps(step, last * (1 - CLOSE), last) for step in self.steps) else last

    @property
    def y_ticks(self) -> dict[float, str]:
        return {t / 5: number(t * 20 if self.percent else t / 5) for t in range(6)}


def height(style: Any, plots: Sequence[Plot]) -> tuple[str, float]:
    """Name of the width, and the height in millimetres, at which these panels look right."""
    width = "double" if len(plots) > 1 else "single"
    sheet = blank(style, width)
    plots = [_drawable(sheet, plot) for plot in plots]
    outer = _outer(sheet, plots)
    boxes = _boxes(sheet, plots, outer, PLOT_HIGH)
    strip = max((_key_for(sheet, plot, box, outer.each)[2] for plot, box in zip(plots, boxes)), default=0.0)
    return width, round(PLOT_HIGH + strip + outer.above + outer.below, 1)


def paint(sheet: Sheet, plots: Sequence[Plot]) -> None:
    """Draw the panels side by side, letters above them when there are several; their plots stand level."""
    plots = [_drawable(sheet, plot) for plot in plots]
    outer = _outer(sheet, plots)
    boxes = _boxes(sheet, plots, outer, sheet.height - outer.above - outer.below)
    strip = max(_key_for(sheet, plot, box, outer.each)[2] for plot, box in zip(plots, boxes))
    if strip:
        boxes = _boxes(sheet, plots, outer, sheet.height - outer.above - outer.below - strip)
    for i, (plot, box) in enumerate(zip(plots, boxes)):
        left = MARGIN + i * (outer.each + BETWEEN)
        if len(plots) > 1:
            _letter(sheet, plot, i, left, outer.each)
        if strip:
            key, place = plot.key.within(sheet, outer.each), (left, box.top + strip)
        else:
            key, found, _ = _key_for(sheet, plot, box, outer.each)
            place = found or (left, box.top)
        _panel(sheet, plot, box, left, outer.each)
        key.draw(sheet, *place)


def _steps(step: Step, since: float, until: float) -> bool:
    """Whether the curve changes in that time."""
    changed = np.diff(step.p, prepend=step.start) != 0
    return bool((changed & (step.times >= since) & (step.times <= until)).any())


def _drawable(sheet: Sheet, plot: Plot) -> Plot:
    """The plot with as many steps as paper can show, however many patients there are."""
    wide, high = sheet.width / FINEST / plot.edge, sheet.height / FINEST
    return replace(plot, steps=tuple(thinned(step, wide, high, plot.few) for step in plot.steps))


@dataclass(frozen=True)
class _Outer:
    """Millimetres around the plots: width of a panel, room above and below its plotting area."""

    each: float
    above: float
    below: float


def _outer(sheet: Sheet, plots: Sequence[Plot]) -> _Outer:
    each = (sheet.width - 2 * MARGIN - BETWEEN * (len(plots) - 1)) / len(plots)
    above = sheet.pitch() + 2.5 if len(plots) > 1 else MARGIN + sheet.size * POINT * DIGIT / 2
    axis = 1.0 + sheet.size * POINT * 0.95 + sheet.pitch() * 1.1 + sheet.size * POINT * 0.3
    return _Outer(each, above, axis + max(_rows_high(sheet, plot, each) for plot in plots) + MARGIN)


def _rows_high(sheet: Sheet, plot: Plot, wide: float) -> float:
    """Millimetres that the table of counts takes under the axis title."""
    if not plot.count_labels:
        return 0.0
    heads = sum(len(lines) for lines in _heads(sheet, plot, wide).values())
    rows = len(plot.arms) * len(plot.count_labels)
    return 1.6 + (heads + rows) * sheet.pitch(sheet.small) + (0.8 * (len(plot.arms) - 1))


def _heads(sheet: Sheet, plot: Plot, wide: float) -> dict[str, list[str]]:
    """Name of each arm, in lines, over its block of the table; nothing where there is but one."""
    if len(plot.arms) < 2:
        return {}
    return {group: wrapped(sheet, label, wide - SAMPLE - 1.2, sheet.small, "bold") for group, label, _ in plot.arms}


def _boxes(sheet: Sheet, plots: Sequence[Plot], outer: _Outer, high: float) -> list[Box]:
    """The plotting areas, wide as the labels at their left and the counts at their right allow."""
    found = []
    for i, plot in enumerate(plots):
        widest = _widest(sheet, plot)
        room = y_room(sheet, list(plot.y_ticks.values()), _y_title(sheet, plot, high))
        rows = max((sheet.wide(label, sheet.small) for label in plot.count_labels.values()), default=0.0)
        room = max(room, rows + ROW_GAP + widest[0] / 2 if rows else 0.0)
        left = MARGIN + i * (outer.each + BETWEEN)
        found.append(Box(left + room, outer.below, outer.each - room - max(widest[-1] / 2, 0.8), high,
                         (0.0, plot.edge), (0.0, 1.0)))
    return found


def _y_title(sheet: Sheet, plot: Plot, high: float) -> list[str]:
    return wrapped(sheet, plot.y_title, high + 3.0, most=2)


def _widest(sheet: Sheet, plot: Plot) -> list[float]:
    """Width of the widest text at each tick: its own label or a count under it."""
    found = []
    for tick, label in zip(plot.ticks, plot.tick_labels, strict=True):
        counts = [tally(value) for (stat, _, at), value in plot.counts.items()
                  if at == tick and stat in plot.count_labels]
        found.append(max([sheet.wide(label), *(sheet.wide(text, sheet.small) for text in counts)]))
    return found


def _key_for(sheet: Sheet, plot: Plot, box: Box, each: float) -> tuple[Key, tuple[float, float] | None, float]:
    """The key and where it stands free among the curves; else no place and the height of the strip it needs above."""
    if not plot.key.entries and not plot.key.lines:
        return plot.key, None, 0.0
    lines = [stairs(s.start, s.times, s.p, s.end(plot.edge)) for s in plot.steps]
    bands = [band(s, plot.edge) for s in plot.steps if plot.bands and not s.competing]
    for room in (box.width, box.width * 0.72):
        key = plot.key.within(sheet, room)
        # names in pieces are hard to read: there is room for whole ones above the plot
        place = None if key.broken else free(box, *key.size(sheet), lines, bands)
        if place:
            return key, place, 0.0
    return plot.key, None, plot.key.within(sheet, each).size(sheet)[1] + STRIP_GAP


def _letter(sheet: Sheet, plot: Plot, i: int, left: float, wide: float) -> None:
    figure = sheet.style.figure
    size = float(figure.get("panel_size", sheet.size + 1))
    weight = "bold" if figure.get("panels_bold", True) else "normal"
    letter = sheet.style.panel(i)
    base = sheet.height - MARGIN - size * POINT * 0.8
    sheet.text(left, base, letter, size=size, weight=weight, gid="letter")
    indent = sheet.wide(letter, size, weight) + 1.5
    sheet.text(left + indent, base, fitted(sheet, plot.title, wide - indent), gid="panel-title")


def _panel(sheet: Sheet, plot: Plot, box: Box, left: float, wide: float) -> None:
    area = sheet.panel(box)
    if plot.bands:
        for step in plot.steps:
            if not step.competing:
                _band(area, step, plot.edge)
    for step in plot.steps:
        _curve(area, step, plot)
    _bars(area, plot)
    area.y_axis(list(plot.y_ticks), list(plot.y_ticks.values()), _y_title(sheet, plot, box.height))
    shown = set(spaced([box.x(t) for t in plot.ticks], _widest(sheet, plot), 0.8))
    labels = [label if i in shown else "" for i, label in enumerate(plot.tick_labels)]
    baseline = area.x_axis(plot.ticks, labels, plot.x_title)
    if plot.count_labels:
        _table(area, plot, left, wide, baseline, [t for i, t in enumerate(plot.ticks) if i in shown])


def _band(area: Panel, step: Step, last: float) -> None:
    """The interval as a light area with a fine outline, so that overlapping ones can be told apart in grey too."""
    xs, low, high = band(step, last)
    known = np.isfinite(low) & np.isfinite(high)
    if known.sum() < 2:
        return
    xs, low, high = xs[known], low[known], high[known]
    area.sheet.area(np.r_[xs, xs[::-1]], np.r_[low, high[::-1]], colour=step.look.colour, alpha=0.13, place=area.data,
                    gid=f"band-{step.group}")
    area.sheet.line(np.r_[xs, np.nan, xs], np.r_[low, np.nan, high], colour=tint(step.look.colour, 0.5), width=0.35,
                    dash=step.look.line, gid=f"edge-{step.group}", place=area.data)


def _bars(area: Panel, plot: Plot) -> None:
    """Intervals at the named times as capped bars side by side, for plots with too many arms for bands."""
    order = {group: (i, look) for i, (group, _, look) in enumerate(plot.arms)}
    for cell in plot.bars:
        low, high = cell.get("lower"), cell.get("upper")
        if cell.at is None or cell.at > plot.ticks[-1] or cell.group not in order or not np.isfinite([low, high]).all():
            continue
        i, look = order[cell.group]
        x = area.box.x(cell.at) + (i - (len(order) - 1) / 2) * 1.1
        area.sheet.line([x, x, np.nan, x - 0.45, x + 0.45, np.nan, x - 0.45, x + 0.45],
                        [low, high, np.nan, low, low, np.nan, high, high], colour=look.colour, width=0.6,
                        place=area.beside, gid=f"bar-{cell.group}-{number(cell.at)}")


def _curve(area: Panel, step: Step, plot: Plot) -> None:
    """The curve, thin where few patients carry it, with a stroke for each time at which someone was censored."""
    last = plot.edge
    xs, ys = stairs(step.start, step.times, step.p, step.end(last))
    full = float(area.sheet.style.figure.get("line", 1.2))
    colour, width = step.look.colour, full * (THINNER if step.competing else 1.0)
    kind = "competing" if step.competing else "curve"
    draw, data = area.sheet.line, area.data
    # a row's number at risk holds up to its time, so the stretch that ends at the first row with few is thin already
    few = np.flatnonzero(step.at_risk < plot.few)
    cut = np.inf if not len(few) else float(step.times[few[0] - 1]) if few[0] else 0.0
    i = int(np.searchsorted(xs, cut, side="right"))
    draw(xs[:i], ys[:i], colour=colour, width=width, dash=step.look.line, gid=f"{kind}-{step.group}", place=data)
    if i < len(xs):
        draw(xs[i - 1:], ys[i - 1:], colour=colour, width=TAIL, dash=step.look.line, gid=f"{kind}-tail-{step.group}",
             place=data)
    marked = (step.censored > 0) & (step.times <= last)
    if marked.any() and not step.competing:
        half = CENSOR / area.box.height
        at, p, gap = step.times[marked], step.p[marked], np.full(int(marked.sum()), np.nan)
        draw(np.column_stack([at, at, gap]).ravel(), np.column_stack([p - half, p + half, gap]).ravel(), colour=colour,
             width=0.75, gid=f"censored-{step.group}", place=data)


def _table(area: Panel, plot: Plot, left: float, wide: float, baseline: float, shown: Sequence[float]) -> None:
    """Counts under their ticks, a block for each arm headed by its name and line."""
    sheet = area.sheet
    small, pitch = sheet.small, sheet.pitch(sheet.small)
    heads = _heads(sheet, plot, wide)
    y = baseline - 1.6 - sheet.size * POINT * 0.3 - small * POINT * 0.8
    for group, _, look in plot.arms:
        if group in heads:
            middle = y + small * POINT * DIGIT / 2
            sheet.line([left, left + SAMPLE], [middle, middle], colour=look.colour, width=1.3, dash=look.line)
        for line in heads.get(group, ()):
            sheet.text(left + SAMPLE + 1.2, y, line, size=small, weight="bold", colour=look.ink, gid=f"head-{group}")
            y -= pitch
        for stat, label in plot.count_labels.items():
            sheet.text(left, y, label, size=small, colour=look.ink, gid=f"row-{stat}-{group}")
            for tick in shown:
                value = plot.counts.get((stat, group, tick))
                if value is not None:
                    sheet.text(tick, y, tally(value), size=small, ha="center", place=area.below,
                               gid=f"{stat}-{group}")
            y -= pitch
        y -= 0.8
