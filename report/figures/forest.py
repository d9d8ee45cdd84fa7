"""Estimates with their intervals in a column, against the line of no difference (Lewis & Clarke, BMJ 2001)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from report.arms import grouped
from report.plot import DIGIT, GREY, POINT, Box, Panel, Sheet, blank, fitted, spaced, wrapped
from report.population import labelled, several
from report.scales import nice
from report.steps import names
from report.tables.hazards import named, per
from report.words import lower_first
from stats.findings import Problem, Refused
from stats.groups import ALL
from stats.results import Cell, Results

# what is looked for where the study file names no statistic, and what the axis says
TITLES = {"hazard": "Hazard ratio", "adjusted": "Adjusted hazard ratio", "subhazard": "Subdistribution hazard ratio",
          "odds_ratio": "Odds ratio", "risk_ratio": "Risk ratio", "difference": "Difference (percentage points)"}
ROW = 4.4  # millimetres
MARGIN = 0.5
FARTHEST = 50.0  # a ratio's axis reaches no farther than this, nor than its inverse: what lies beyond ends in an arrow
STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MOST_LABEL = 0.38  # share of the width that labels may take
SYMBOL = 4.2  # points


@dataclass(frozen=True)
class Line:
    """A row of the figure: a heading (no cell), or an estimate with its printed form."""

    label: str
    cell: Cell | None = None
    text: str = ""


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str], statistic: str = "",
         at: float | None = None) -> None:
    """Draw the estimates of one or more analyses under each other.

    `statistic`: hazard, adjusted, subhazard, odds_ratio, risk_ratio or difference; by default the first of these that
    the analyses have. `at`: only estimates at this time, where they have one.
    """
    sheet = Sheet(figure, style)
    kind, lines = _lines(results, style, of, statistic, at)
    small = sheet.small
    label_room, text_room, titled = _rooms(sheet, kind, lines)
    top = sheet.height - MARGIN - ROW
    limits, ticks, labels, log = _scale(style, kind, lines)
    foot = MARGIN + _axis(sheet)
    box = Box(label_room, foot, sheet.width - label_room - text_room, top - foot, limits, (0.0, 1.0))
    area = sheet.panel(box)
    sheet.text(sheet.width - MARGIN, top + 1.0, titled, size=small, ha="right", gid="head")
    null = box.x(_place(1.0 if log else 0.0, log))
    sheet.line([null, null], [box.bottom, box.top], colour=GREY, width=0.6, dash=(0, (3, 2)), gid="null")
    y = top
    for line in lines:
        name = _name(sheet, line, label_room)
        high = _high(sheet, name)
        middle, y = y - high / 2, y - high
        base = middle - small * POINT * DIGIT / 2
        for k, part in enumerate(name):
            sheet.text(MARGIN, base + ((len(name) - 1) / 2 - k) * sheet.pitch(small), part, size=small,
                       weight="normal" if line.cell else "bold", gid="label")
        if line.cell:
            _estimate(area, line.cell, middle, log)
            sheet.text(sheet.width - MARGIN, base, line.text, size=small, ha="right", gid="estimate")
    # every k-th label, counted so that the value of no difference has its own
    every = spaced([box.x(_place(t, log)) for t in ticks], [sheet.wide(s) for s in labels]).step
    first = ticks.index(1.0 if log else 0.0) % every
    area.x_axis([_place(t, log) for t in ticks], [s if i % every == first else "" for i, s in enumerate(labels)],
                _title(results, style, kind, lines, sheet))


def size(results: Results, style: Any, *, of: str | Sequence[str], statistic: str = "",
         at: float | None = None) -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    kind, lines = _lines(results, style, of, statistic, at)
    sheet = blank(style, "middle")
    room = _rooms(sheet, kind, lines)[0]
    rows = sum(_high(sheet, _name(sheet, line, room)) for line in lines)
    return "middle", round(2 * MARGIN + ROW + rows + 1.0 + _axis(sheet), 1)


def alt(results: Results, style: Any, *, of: str | Sequence[str], statistic: str = "", at: float | None = None,
        **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: every estimate with its interval."""
    kind, lines = _lines(results, style, of, statistic, at)
    pattern = "difference-ci" if kind == "difference" else "estimate-ci"
    said = [f"{line.label}: {style.text(line.cell, pattern)}" if line.cell else line.label for line in lines]
    return f"{TITLES[kind].partition(' (')[0]}. {'. '.join(said)}."


def legend(results: Results, style: Any, *, of: str | Sequence[str], statistic: str = "", at: float | None = None,
           **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    kind, lines = _lines(results, style, of, statistic, at)
    times = {style.text(line.cell, "{at}") for line in lines if line.cell and line.cell.at is not None}
    when = f" at {', '.join(times)}" if len(times) == 1 else ""  # several stand in the rows
    said = [f"Squares are estimates ({lower_first(TITLES[kind]).partition(' (')[0]}{when}), lines confidence intervals,"
            " the dashed line stands where groups don't differ."]
    if any(line.cell and _beyond(line.cell, kind) for line in lines):
        said.append("Arrows mark limits beyond the axis.")
    shown = {line.cell.analysis for line in lines if line.cell}
    if lacking := [_lacking(style, name) for name in names(of) if name not in shown]:
        # "there is no difference" would say of them what nobody tested
        what = "such estimate" if kind == "difference" else lower_first(TITLES[kind])
        said.append(f"Not shown, as there is no {what}: {'; '.join(lacking)}.")
    return said


def _lacking(style: Any, name: str) -> str:
    """An analysis that has no such estimate; a regression and the curves of one endpoint are told apart."""
    regression = " (Cox regression)" if style.names.analysis(name).kind == "hazards" else ""
    return lower_first(_subject(style, name)) + regression


def _nothing(reason: str, remedy: str) -> Refused:
    return Refused([Problem("E_CONFIG_VALUE", reason, "study.toml", remedy=remedy)])


def _lines(results: Results, style: Any, of: str | Sequence[str], statistic: str,
           at: float | None) -> tuple[str, list[Line]]:
    """The statistic shown, and the rows: headings where several analyses have several rows each."""
    analyses = names(of)
    estimates = [cell for name in analyses for cell in results.select(name) if "estimate" in cell]
    every = {cell.variable.rpartition(".")[2] for cell in estimates}
    kind = statistic or next((known for known in TITLES if known in every), "hazard")
    if kind not in TITLES:
        raise _nothing(f"a forest figure shows {', '.join(TITLES)}; not {kind!r}", "Name one of them as its statistic")
    found = {name: [c for c in estimates if c.analysis == name and c.variable.rpartition(".")[2] == kind
                    and (at is None or c.at in (None, at))] for name in analyses}
    if not any(found.values()):
        raise _nothing(f"{', '.join(analyses)}: a forest figure has nothing to show, there is no {kind} among the results",
                       "Take the exhibit out, or name analyses that estimate it")
    headed = len(analyses) > 1 and any(len(cells) > 1 for cells in found.values())
    contrasts = {cell.group for cells in found.values() for cell in cells}
    times = {cell.at for cells in found.values() for cell in cells}
    lines = []
    study = style.names.study
    for name, cells in found.items():
        people = f", {labelled(study, name)}" if several(study, analyses) else ""
        if headed and cells:
            lines.append(Line(f"{_subject(style, name, cells[0])}{people}"))
        own = "" if headed else people
        lines += [Line(f"{_label(results, style, cell, len(contrasts) > 1, len(times) > 1)}{own}", cell,
                       style.in_table.text(cell, "difference-ci" if kind == "difference" else "estimate-ci"))
                  for cell in cells]
    return kind, lines


def _subject(style: Any, name: str, cell: Cell | None = None) -> str:
    """What an analysis is about, by one of its estimates where it has any."""
    analysis = style.names.analysis(name)
    if "endpoint" in analysis.options:
        return str(style.names.timed(name))
    if cell or analysis.label:
        return str(style.names.of(cell) if cell else analysis.label)
    first, *others = [style.names.title(outcome) for outcome in analysis.options.get("outcomes", ())] or [name]
    return ", ".join([first, *map(lower_first, others)])


def _label(results: Results, style: Any, cell: Cell, contrasted: bool, timed: bool) -> str:
    """What a row is about: column and level, event and grade, or endpoint; who against whom where rows differ in it."""
    base = cell.variable.rpartition(".")[0]
    said = _variable(style, cell, base) if base else str(style.names.of(cell))
    if cell.level:
        said += _level(results, style, cell, base)
    if timed and cell.at is not None:
        said += f", {style.text(cell, '{at}')}"
    return f"{said}, {grouped(style, cell.analysis, cell.group)}" if contrasted and cell.group != ALL else said


def _variable(style: Any, cell: Cell, base: str) -> str:
    """A column; in a regression as its table calls it, with what one step of a number or an ordinal is."""
    if style.names.kind(cell.analysis) != "hazards":
        return str(style.names.of(cell))
    return named(style, base) if cell.level else f"{named(style, base)}, {per(style, base)}"


def _level(results: Results, style: Any, cell: Cell, base: str) -> str:
    """': Male vs Female'; nothing for a flag that is there; of an adverse event the words 'any' or 'severe'."""
    try:
        levels = style.names.levels(base)
    except KeyError:
        return f": {cell.level}"
    if set(levels) == {"yes", "no"}:
        return ""
    shown = {c.level for c in results.select(cell.analysis, cell.variable)}
    others = [label for level, label in levels.items() if level not in shown]
    return f": {levels[cell.level]}{f' vs {others[0]}' if len(others) == 1 else ''}"


def _place(value: float, log: bool) -> float:
    return math.log(value) if log else value


def _scale(style: Any, kind: str, lines: Sequence[Line]) -> tuple[tuple[float, float], list[float], list[str], bool]:
    """Limits (in logarithms of a ratio), ticks, labels, whether it is a ratio; no difference always lies inside."""
    log = kind != "difference"
    cells = [line.cell for line in lines if line.cell]
    values = [cell.get(stat) for cell in cells for stat in ("estimate", "lower", "upper")]
    known = [v for v in values if math.isfinite(v)]
    if not log:
        low, high = min([*known, 0.0]), max([*known, 0.0])
        ticks = nice(low - 0.05 * (high - low or 1), high + 0.05 * (high - low or 1), 6)
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.1
        low, high = min(low, ticks[0]), max(high, ticks[-1])
        return (low - 0.1 * step, high + 0.1 * step), ticks, [style.tick(t * 100) for t in ticks], False
    inside = [min(max(v, 1 / FARTHEST), FARTHEST) for v in known if v > 0]
    low, high = min([*inside, 0.8]), max([*inside, 1.25])
    low, high = max(t for t in STEPS if t <= low), min(t for t in STEPS if t >= high)
    ticks = [t for t in STEPS if low <= t <= high]
    return (math.log(low) - 0.05, math.log(high) + 0.05), ticks, [style.tick(t) for t in ticks], True


def _beyond(cell: Cell, kind: str) -> bool:
    """Whether a limit lies outside every axis."""
    low, high = cell.get("lower"), cell.get("upper")
    return kind != "difference" and (low < 1 / FARTHEST or high > FARTHEST)


def _estimate(area: Panel, cell: Cell, y: float, log: bool) -> None:
    """Square and line; an arrow head where the interval goes on beyond the axis; nothing where there is no estimate."""
    sheet, box = area.sheet, area.box
    value, low, high = (cell.get(stat) for stat in ("estimate", "lower", "upper"))
    if math.isnan(value):
        return
    edge = (math.exp(box.xlim[0]), math.exp(box.xlim[1])) if log else box.xlim
    if not math.isnan(low) and not math.isnan(high):
        ends = [box.x(_place(min(max(v, edge[0]), edge[1]), log)) for v in (low, high)]
        xs, ys = list(ends), [y, y]
        for outside, x, back in ((low < edge[0], ends[0], 1.0), (high > edge[1], ends[1], -1.0)):
            if outside:
                xs += [math.nan, x + back, x, x + back]
                ys += [math.nan, y + 0.7, y, y - 0.7]
        sheet.line(xs, ys, width=0.9, gid=f"interval-{cell.address}")
    if edge[0] <= value <= edge[1]:
        share = (y - box.bottom) / box.height
        area.marks([_place(value, log)], [share], "s", size=SYMBOL, face="black", edge="black",
                   gid=f"estimate-{cell.address}")


def _title(results: Results, style: Any, kind: str, lines: Sequence[Line], sheet: Sheet) -> str:
    groups = {(line.cell.analysis, line.cell.group) for line in lines if line.cell and ":" in line.cell.group}
    same = {group for _, group in groups}
    if len(same) != 1:
        return TITLES[kind]
    name, group = next(iter(groups))
    return fitted(sheet, f"{TITLES[kind]}, {grouped(style, name, group)}", sheet.width - 2 * MARGIN)


def _axis(sheet: Sheet) -> float:
    """Millimetres under the rows."""
    return 1.0 + sheet.size * POINT * 1.2 + sheet.pitch() * 1.1


def _rooms(sheet: Sheet, kind: str, lines: Sequence[Line]) -> tuple[float, float, str]:
    """Millimetres for labels and for the printed estimates, and the head over the latter."""
    cells = [line.cell for line in lines if line.cell]
    head = sheet.style.text(cells[0], "{level}% CI")
    short = "Ratio" if kind != "difference" else "Difference"
    titled = f"{short} ({head})"
    widest = max(sheet.wide(line.label, sheet.small, "normal" if line.cell else "bold") for line in lines)
    text = max(sheet.wide(titled, sheet.small), *(sheet.wide(line.text, sheet.small) for line in lines))
    return MARGIN + min(widest, MOST_LABEL * sheet.width) + 2.5, text + MARGIN + 2.5, titled


def _high(sheet: Sheet, name: list[str]) -> float:
    """Height of a row."""
    return max(ROW, len(name) * sheet.pitch(sheet.small) + 1.2)


def _name(sheet: Sheet, line: Line, room: float) -> list[str]:
    return wrapped(sheet, line.label, room - MARGIN - 2.0, sheet.small, "normal" if line.cell else "bold")
