"""Every patient's value as a dot, by arm, with median and quartiles, instead of bars of means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from report import italics
from report.arms import Look, contrasts, grouped, looks, members, tested, tint, titled
from report.measure import OF_EACH
from report.open_symbols import lying
from report.plot import POINT, Box, Panel, Sheet, blank, fitted, limit_room, wrapped, y_room
from report.scales import log_labels, logarithmic, nice
from report.steps import names
from report.swarm import offsets
from report.words import lower_first
from stats.groups import ALL
from stats.results import Cell, Results

HIGH = 44.0  # millimetres of a plotting area
MARGIN, BETWEEN = 0.5, 6.0  # millimetres around everything, and between panels
NARROW = 30.0  # millimetres: panels are not made narrower
NAME = 5  # lines of an arm's name
DOT = 3.6  # points
PAST = 1.2  # millimetres that the bar of a median is seen beside the dots on it
MEANINGS = {"ratio": "of geometric means", "shift": "Hodges–Lehmann, in the unit of the axis"}


@dataclass(frozen=True)
class Swarm:
    """One panel: values by arm, with the summary cell of each, and what is said of the comparison."""

    name: str
    measure: str
    title: str
    unit: str
    log: bool
    values: dict[str, np.ndarray]
    cells: dict[str, Cell]
    lloq: float
    lines: tuple[str, ...] = ()

    @property
    def seen(self) -> np.ndarray:
        """Every number that the panel has to hold: dots, quartiles, outer quantiles."""
        quantiles = [c.get(q) for c in self.cells.values() for q in ("q1", "q05", "q95")]
        values = np.concatenate([*self.values.values(), quantiles])
        return values[np.isfinite(values)]


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str],
         measures: Sequence[str] = ("peak", "tmax"), compare: bool = True) -> None:
    """Draw a panel for each analysis and measure (of those whose patients' values are results: peak, tmax).

    `compare`: ratio of geometric means (logarithmic scale) or Hodges–Lehmann shift, and P, over each panel.
    """
    sheet = Sheet(figure, style)
    swarms = _swarms(results, style, of, measures, compare)
    across, down = _grid(sheet, swarms)
    wide = _wide(sheet, across)
    above, below = _above(sheet, swarms), _below(sheet, swarms, wide)
    high = (sheet.height - 2 * MARGIN) / down - above - below
    for i, swarm in enumerate(swarms):
        row, column = divmod(i, across)
        left = MARGIN + column * (wide + BETWEEN)
        top = sheet.height - MARGIN - row * (above + high + below) - above
        _panel(sheet, swarm, left, top, wide, high, sheet.style.panel(i) if len(swarms) > 1 else "", above)


def size(results: Results, style: Any, *, of: str | Sequence[str], measures: Sequence[str] = ("peak", "tmax"),
         compare: bool = True) -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    swarms = _swarms(results, style, of, measures, compare)
    columns = min(len(swarms), 2) * max(len(swarm.values) for swarm in swarms)
    width = "single" if columns <= 3 else "middle" if columns <= 4 else "double"
    sheet = blank(style, width)
    across, down = _grid(sheet, swarms)
    wide = _wide(sheet, across)
    return width, round(2 * MARGIN + down * (HIGH + _above(sheet, swarms) + _below(sheet, swarms, wide)), 1)


def nothing(results: Results, style: Any, *, of: str | Sequence[str], measures: Sequence[str] = ("peak", "tmax"),
            compare: bool = True) -> str:
    """What stands in place of the figure when nobody has a value of any measure."""
    return "" if _swarms(results, style, of, measures, compare) else "No patient has a value that it could show."


def alt(results: Results, style: Any, *, of: str | Sequence[str], measures: Sequence[str] = ("peak", "tmax"),
        compare: bool = True, **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: medians and quartiles by arm, and the comparison."""
    said = []
    for swarm in _swarms(results, style, of, measures, compare):
        about = lower_first(titled(results, style, swarm.name))
        said.append(f"{OF_EACH[swarm.measure]} of {about}{' by patient' if any(map(len, swarm.values.values())) else ''}.")
        for group, cell in swarm.cells.items():
            said.append(f"{grouped(style, swarm.name, group)}, {style.text(cell, '{n}')} patients: median"
                        f" {style.text(cell, 'median-iqr-unit')}.")
        said += [f"{italics.plain(line)}." for line in _compared(results, style.in_sentence, swarm)] if compare else []
    return " ".join(said)


def legend(results: Results, style: Any, *, of: str | Sequence[str], measures: Sequence[str] = ("peak", "tmax"),
           compare: bool = True, **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    swarms = _swarms(results, style, of, measures, compare)
    said = ["Dots are patients, bars medians, shaded areas interquartile ranges."]
    if any("q05" in cell for swarm in swarms for cell in swarm.cells.values()):
        said = ["Bars are medians, shaded areas interquartile ranges, lines the range of the middle nine tenths."]
    if any(_near(swarm, _scale(swarm, style)[0]) for swarm in swarms):
        said.append(f"LLOQ, lower limit of quantification; {lying(results, names(of))}.")
    shown = {kind: [c for s in swarms for c in _effects(results, s, kind)] if compare else [] for kind in MEANINGS}
    cells = [cell for kind in shown for cell in shown[kind]]
    if cells:
        kinds = " and ".join(f"{kind} ({MEANINGS[kind]}{_of_quantified(results, shown[kind])})" for kind in shown if shown[kind])
        said.append(f"{kinds[0].upper()}{kinds[1:]}, with confidence interval:"
                    f" {grouped(style, cells[0].analysis, cells[0].group)}.")
    return said


def _effects(results: Results, swarm: Swarm, kind: str) -> list[Cell]:
    """The estimate printed over a panel, where there are two arms: a ratio on a logarithmic scale, else a shift."""
    arms = list(swarm.values)
    if len(arms) != 2 or kind != ("ratio" if swarm.log else "shift"):
        return []
    cells = contrasts(results, swarm.name, f"{swarm.measure}.{kind}", arms)
    return [cell for cell in cells if not math.isnan(cell.get("estimate"))]


def _of_quantified(results: Results, ratios: Sequence[Cell]) -> str:
    """What a legend says of ratios that leave out peaks below quantification (shifts leave out none)."""
    tallies = [f"{cell.analysis}/{cell.variable.removesuffix('.ratio')}_below@{arm}" for cell in ratios
               for arm in cell.group.split(":")]
    return " of quantified peaks" if any(tally in results and results[tally]["n"] != 0 for tally in tallies) else ""


def _swarms(results: Results, style: Any, of: str | Sequence[str], measures: Sequence[str],
            compare: bool) -> list[Swarm]:
    found = []
    for name in names(of):
        arms = members(results, name, "peak")
        analyte = style.names.analyte(str(style.names.analysis(name).options["analyte"]))
        patients = results.select(name, "patient")
        lloq = results[f"{name}/lloq@{ALL}"]["value"] if f"{name}/lloq@{ALL}" in results else math.nan
        for measure in measures:
            log = analyte.scale == "log" and measure != "tmax"
            known = [c for c in patients if c.at is None and c.level.endswith(f".{measure}")
                     and not math.isnan(c["value"])]
            values = {arm: np.array([c["value"] for c in known if arm in (c.group, ALL)]) for arm in arms}
            cells = {arm: results[f"{name}/{measure}@{arm}"] for arm in arms}
            unit = str(style.names.measure(cells[arms[0]]).unit)
            swarm = Swarm(name, measure, OF_EACH[measure], unit, log, values, cells, lloq if log else math.nan)
            shown = any(len(v) for v in values.values()) or any("q05" in c for c in cells.values())
            if not shown or not len(swarm.seen):  # of many patients nobody may have a value either
                continue
            found.append(replace(swarm, lines=tuple(_compared(results, style.in_table, swarm))) if compare else swarm)
    return found


def _compared(results: Results, style: Any, swarm: Swarm) -> list[str]:
    """The effect with its interval first, where there are two arms, then P."""
    kind = "ratio" if swarm.log else "shift"
    pattern = "{estimate} ({interval})" if style.place == "table" else "{estimate} ({level}% CI{ci_sep} {interval})"
    said = [f"{kind.capitalize()} {style.text(cell, pattern)}" for cell in _effects(results, swarm, kind)]
    test = tested(results, swarm.name, f"{swarm.measure}.test", list(swarm.values))
    return [*said, style.in_sentence.drawn(test, "p")] if test else said


def _grid(sheet: Sheet, swarms: Sequence[Swarm]) -> tuple[int, int]:
    """Panels side by side, as many as leave room for the arms' names, and rows of them."""
    across = min(len(swarms), max(int((sheet.width + BETWEEN) / (NARROW + BETWEEN)), 1))
    while across > 1 and _cut(sheet, swarms, _wide(sheet, across)):
        across -= 1
    return across, -(-len(swarms) // across)


def _wide(sheet: Sheet, across: int) -> float:
    """Width in millimetres of a panel with its axis."""
    return (sheet.width - 2 * MARGIN - BETWEEN * (across - 1)) / across


def _cut(sheet: Sheet, swarms: Sequence[Swarm], wide: float) -> bool:
    """Whether the name of an arm would be shortened."""
    return any(line.endswith("…") for swarm in swarms for lines in _labels(sheet, swarm, wide).values() for line in lines)


def _above(sheet: Sheet, swarms: Sequence[Swarm]) -> float:
    lines = max(len(swarm.lines) for swarm in swarms) * sheet.pitch(sheet.small)
    letter = float(sheet.style.figure["panel_size"]) * POINT if len(swarms) > 1 else 0.0
    return max(lines, letter) + 2.0


def _below(sheet: Sheet, swarms: Sequence[Swarm], wide: float) -> float:
    most = max(len(_labels(sheet, swarm, wide)[arm]) for swarm in swarms for arm in swarm.values)
    return 1.6 + most * sheet.pitch(sheet.small) + sheet.pitch(sheet.small) + 2.0


def _labels(sheet: Sheet, swarm: Swarm, wide: float) -> dict[str, list[str]]:
    """Name of each arm under its column, in lines."""
    limits, _, ticks, _ = _scale(swarm, sheet.style)
    room = y_room(sheet, ticks, _y_title(sheet, swarm, HIGH))
    right = limit_room(sheet, ["LLOQ"]) if _near(swarm, limits) else 0.0
    column = (wide - room - right) / len(swarm.values) - 1.0
    return {arm: wrapped(sheet, grouped(sheet.style, swarm.name, arm), column, sheet.small, most=NAME) for arm in swarm.values}


def _y_title(sheet: Sheet, swarm: Swarm, high: float) -> list[str]:
    return wrapped(sheet, f"{swarm.title} ({swarm.unit})" if swarm.unit else swarm.title, high + 4.0, most=2)


def _near(swarm: Swarm, limits: tuple[float, float]) -> bool:
    """Whether the limit of quantification lies in the panel."""
    return swarm.log and limits[0] <= swarm.lloq <= limits[1]


def _scale(swarm: Swarm, style: Any) -> tuple[tuple[float, float], list[float], list[str], list[float]]:
    values = swarm.seen
    if swarm.log:
        floor = swarm.lloq if math.isfinite(swarm.lloq) else 0.0
        values = np.maximum(values, floor)
        positive = values[values > 0]
        lowest = float(positive.min()) if len(positive) else 1.0
        # the limit is shown where anyone comes near it, not where it would leave half the panel empty
        low = min(lowest, floor) if floor and lowest < 5 * floor else lowest
        limits, ticks, small = logarithmic(low, float(positive.max()) if len(positive) else 10.0)
        return limits, ticks, log_labels(ticks, style), small
    ticks = nice(min(0.0, float(values.min())), float(values.max()) or 1.0, 6)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    if ticks[-1] < values.max():
        ticks.append(ticks[-1] + step)
    return (ticks[0], ticks[-1]), ticks, [style.tick(t) for t in ticks], []


def _panel(sheet: Sheet, swarm: Swarm, left: float, top: float, wide: float, high: float, letter: str,
           above: float) -> None:
    limits, ticks, labels, small = _scale(swarm, sheet.style)
    title = _y_title(sheet, swarm, high)
    room = y_room(sheet, labels, title)
    right = limit_room(sheet, ["LLOQ"]) if _near(swarm, limits) else 0.0
    box = Box(left + room, top - high, wide - room - right, high, (-0.5, len(swarm.values) - 0.5), limits, swarm.log)
    area = sheet.panel(box)
    area.y_axis(ticks, labels, title, small)
    sheet.line([box.left, box.right], [box.bottom, box.bottom], gid="x-axis")
    if _near(swarm, limits):
        area.limit(swarm.lloq, "LLOQ")
    under = _labels(sheet, swarm, wide)
    most = max(len(lines) for lines in under.values())
    for i, (arm, look) in enumerate(zip(swarm.values, looks(sheet.style, len(swarm.values)))):
        _column(area, swarm, arm, look, i)
        base = box.bottom - 1.6 - sheet.small * POINT * 0.8
        for k, line in enumerate(under[arm]):
            sheet.text(i, base - k * sheet.pitch(sheet.small), line, size=sheet.small, colour=look.ink, ha="center",
                       place=area.below, gid=f"arm-{arm}")
        count = sheet.style.text(swarm.cells[arm], "n = {n}")
        sheet.text(i, base - most * sheet.pitch(sheet.small), count, size=sheet.small, ha="center",
                   place=area.below, gid=f"n-{arm}")
    y = top + above - float(sheet.style.figure["panel_size"]) * POINT * 0.75
    if letter:
        figure = sheet.style.figure
        sheet.text(left, y, letter, size=float(figure["panel_size"]), gid="letter",
                   weight="bold" if figure["panels_bold"] else "normal")
    for line in swarm.lines:
        sheet.text(box.left, y, fitted(sheet, line, wide - room, sheet.small), size=sheet.small, gid="compared")
        y -= sheet.pitch(sheet.small)


def _column(area: Panel, swarm: Swarm, arm: str, look: Look, i: int) -> None:
    """Quartiles as a light area, on it the median as a bar, on that the dots, beside each other where they would touch.

    The bar goes on beyond the dots that lie on it, so that a row of patients with the median value hides neither.
    """
    box, cell = area.box, swarm.cells[arm]
    floor = swarm.lloq if swarm.log and math.isfinite(swarm.lloq) else -math.inf
    half = min(0.36, 6.0 / box.width * (box.xlim[1] - box.xlim[0]))
    low, high, median = (max(cell.get(stat), floor) for stat in ("q1", "q3", "median"))
    if math.isfinite(low) and math.isfinite(high):
        area.sheet.box(i - half, low, 2 * half, high - low, face=tint(look.colour, 0.22), place=area.data,
                       gid=f"quartiles-{arm}")
    tails = [max(cell.get(stat), floor) for stat in ("q05", "q95")]
    if np.isfinite(tails).all():
        area.sheet.line([i, i], tails, colour=look.colour, width=1.0, gid=f"tails-{arm}", place=area.data)
    values = np.sort(swarm.values[arm])
    below = values < floor
    shown = np.maximum(values, floor)
    per_mm = (box.xlim[1] - box.xlim[0]) / box.width
    across = i + per_mm * offsets([box.y(v) for v in shown], DOT * POINT * 1.02, 0.47 / per_mm - DOT * POINT / 2)
    if math.isfinite(median):
        on = np.array([abs(box.y(v) - box.y(median)) < DOT * POINT / 2 for v in shown], dtype=bool)
        reach = float(np.abs(across[on] - i).max(initial=0.0)) + (DOT * POINT / 2 + PAST) * per_mm
        wide = max(half, min(reach, 0.5))
        area.sheet.line([i - wide, i + wide], [median, median], width=1.3, gid=f"median-{arm}", place=area.data)
    for chosen, face, edge, width, gid in ((~below, look.colour, "white", 0.35, f"dots-{arm}"),
                                           (below, "white", look.colour, 0.7, f"below-{arm}")):
        if chosen.any():
            area.marks(across[chosen], shown[chosen], look.marker, size=DOT, face=face, edge=edge, width=width, gid=gid)
