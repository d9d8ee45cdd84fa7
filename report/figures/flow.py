"""Patient flow: how many reached each stage, why the others left, and who was analysed in which arm (STROBE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from report.arms import grouped, members
from report.plot import POINT, Sheet, blank, wrapped
from report.words import lower_first
from stats.groups import ALL
from stats.results import Cell, Results

MARGIN = 0.5
PAD, INDENT = 1.6, 2.0  # millimetres inside a box, and before a reason
GAP = 5.0  # millimetres between stages, room for the arrow


@dataclass(frozen=True)
class Stage:
    """A box of the stem, and beside the arrow that leads to it those who left before, with reasons."""

    label: str
    n: str
    left: str = ""
    reasons: tuple[tuple[str, str], ...] = ()  # reason, count


def draw(results: Results, style: Any, figure: Any, *, of: str, arms: bool = True) -> None:
    """Draw one flow analysis. `arms`: a box at the foot for each arm, with the patients analysed in it."""
    sheet = Sheet(figure, style)
    stem, side = _stem(sheet), _side(sheet)
    stages, feet = _stages(results, style, of), _feet(results, style, of, arms)
    y = sheet.height - MARGIN
    for i, stage in enumerate(stages):
        if stage.left:
            head, why = _lost(sheet, stage, side[1])
            high = _high(sheet, [*head, *why])
            _arrow(sheet, stem, y, y - 2 * GAP - high)
            middle = y - GAP - high / 2
            sheet.line([_middle(stem), side[0]], [middle, middle], gid="arrow")
            _head(sheet, side[0], middle, across=True)
            _box(sheet, side[0], middle + high / 2, side[1], [*head, *why], centred=False, flush=len(head))
            y -= 2 * GAP + high
        elif i:
            _arrow(sheet, stem, y, y - GAP)
            y -= GAP
        said = _said(sheet, stage, stem[1])
        _box(sheet, stem[0], y, stem[1], said, centred=True)
        y -= _high(sheet, said)
    if feet:
        _split(sheet, stem, feet, y)


def size(results: Results, style: Any, *, of: str, arms: bool = True) -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    sheet = blank(style, "middle")
    stem, side = _stem(sheet), _side(sheet)
    high = 2 * MARGIN
    for i, stage in enumerate(_stages(results, style, of)):
        high += _high(sheet, _said(sheet, stage, stem[1]))
        head, why = _lost(sheet, stage, side[1])
        high += 2 * GAP + _high(sheet, [*head, *why]) if stage.left else GAP if i else 0.0
    feet = _feet(results, style, of, arms)
    if feet:
        wide = _foot_width(sheet, len(feet))
        high += 2 * GAP + max(_high(sheet, _said(sheet, foot, wide)) for foot in feet)
    return "middle", round(high, 1)


def alt(results: Results, style: Any, *, of: str, arms: bool = True, **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: every count, stage by stage."""
    said = []
    for stage in _stages(results, style, of):
        if stage.left:
            why = ", ".join(f"{reason} {n}" for reason, n in stage.reasons)
            said.append(f"Left before {lower_first(stage.label)}: {stage.left}{f' ({why})' if why else ''}.")
        said.append(f"{stage.label}: {stage.n}.")
    said += [f"{foot.label}: {foot.n}." for foot in _feet(results, style, of, arms)]
    return f"Flow of patients. {' '.join(said)}"


def legend(results: Results, style: Any, **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    return ["Boxes at the right are patients who left before the next stage, with reasons."]


def _stages(results: Results, style: Any, name: str) -> list[Stage]:
    """The stages in order; the last is that of the patients analysed."""
    found = []
    for cell in results.select(name, group=ALL, level=""):
        if cell.variable == "population" or cell.variable.endswith(".lost"):
            continue
        label = {"screened": "Screened", "analysed": "Analyzed"}.get(cell.variable)
        lost = results.select(name, f"{cell.variable}.lost", ALL)
        whole = [c for c in lost if not c.level and c["n"] > 0]
        found.append(Stage(label or str(style.names.label(cell.variable)), _n(style, cell),
                           _n(style, whole[0]) if whole else "",
                           tuple((_reason(style, name, c.level), style.text(c, "{n}")) for c in lost if c.level)))
    return found


def _reason(style: Any, name: str, level: str) -> str:
    """A reason as the study file labels it; one that is free text as it stands."""
    column = str(style.names.analysis(name).options.get("reason", ""))
    levels = style.names.levels(column) if column else {}
    said = str(levels.get(level, level))
    return said[:1].upper() + said[1:]


def _feet(results: Results, style: Any, name: str, arms: bool) -> list[Stage]:
    groups = [g for g in members(results, name, "population") if g != ALL] if arms else []
    return [Stage(grouped(style, name, g), _n(style, results[f"{name}/population@{g}"])) for g in groups] \
        if len(groups) > 1 else []


def _n(style: Any, cell: Cell) -> str:
    return str(style.text(cell, "n = {n}"))


def _stem(sheet: Sheet) -> tuple[float, float]:
    """Left edge and width of the boxes of the stem."""
    return MARGIN, _foot_width(sheet, 2)


def _side(sheet: Sheet) -> tuple[float, float]:
    """Left edge and width of the boxes of those who left."""
    wide = _foot_width(sheet, 2)
    return sheet.width - MARGIN - wide, wide


def _middle(place: tuple[float, float]) -> float:
    return place[0] + place[1] / 2


def _said(sheet: Sheet, stage: Stage, wide: float) -> list[str]:
    return [*wrapped(sheet, stage.label, wide - 2 * PAD), stage.n]


def _lost(sheet: Sheet, stage: Stage, wide: float) -> tuple[list[str], list[str]]:
    """Lines of a box at the side: how many left, and the reasons."""
    why = [wrapped(sheet, f"{reason}: {n}", wide - 2 * PAD - INDENT) for reason, n in stage.reasons]
    head = wrapped(sheet, f"Left before {lower_first(stage.label)} ({stage.left})", wide - 2 * PAD)
    return head, [line for lines in why for line in lines]


def _high(sheet: Sheet, lines: Sequence[str]) -> float:
    return 2 * PAD + len(lines) * sheet.pitch() - 0.2 * sheet.size * POINT


def _box(sheet: Sheet, left: float, top: float, wide: float, lines: Sequence[str], centred: bool,
         flush: int = 0) -> None:
    """A framed box with its lines, centred or, after the first `flush` ones, indented."""
    high = _high(sheet, lines)
    sheet.box(left, top - high, wide, high, face="white", edge="black", width=0.6, gid="box")
    y = top - PAD - sheet.size * POINT * 0.85
    for k, line in enumerate(lines):
        x = left + wide / 2 if centred else left + PAD + (INDENT if k >= flush else 0.0)
        sheet.text(x, y, line, ha="center" if centred else "left", gid="stage" if centred else "lost")
        y -= sheet.pitch()


def _arrow(sheet: Sheet, stem: tuple[float, float], top: float, foot: float) -> None:
    sheet.line([_middle(stem)] * 2, [top, foot], gid="arrow")
    _head(sheet, _middle(stem), foot, across=False)


def _head(sheet: Sheet, x: float, y: float, across: bool) -> None:
    """The point of an arrow that ends at (x, y), to the right or downwards."""
    along, aside = [-1.2, 0.0, -1.2], [0.7, 0.0, -0.7]
    dx, dy = (along, aside) if across else (aside, [-d for d in along])
    sheet.line([x + d for d in dx], [y + d for d in dy], gid="arrow")


def _foot_width(sheet: Sheet, count: int) -> float:
    return (sheet.width - 2 * MARGIN - GAP * (count - 1)) / count


def _split(sheet: Sheet, stem: tuple[float, float], feet: Sequence[Stage], top: float) -> None:
    """The arms side by side under a bracket."""
    wide = _foot_width(sheet, len(feet))
    middles = [MARGIN + i * (wide + GAP) + wide / 2 for i in range(len(feet))]
    sheet.line([_middle(stem)] * 2, [top, top - GAP], gid="arrow")
    sheet.line([min(middles[0], _middle(stem)), max(middles[-1], _middle(stem))], [top - GAP] * 2, gid="arrow")
    for middle, foot in zip(middles, feet, strict=True):
        sheet.line([middle, middle], [top - GAP, top - 2 * GAP], gid="arrow")
        _head(sheet, middle, top - 2 * GAP, across=False)
        _box(sheet, middle - wide / 2, top - 2 * GAP, wide, _said(sheet, foot, wide), centred=True)
