"""Worst grades as stacked bars of all evaluable patients, by event and arm, each part with its count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from report import italics
from report.arms import grouped, luminance, members, tested
from report.plot import DIGIT, POINT, Box, Sheet, blank, wrapped
from report.steps import names
from report.words import lower_first
from stats.results import Cell, Results, number

# after ColorBrewer's YlOrBr: from nothing to dark in even steps of lightness, without a pair of red and green
RAMP = ("#ffffff", "#fde39a", "#f9b43c", "#dd7318", "#9a3f08", "#461703")
BAR = 3.6  # millimetres
GAP, BLOCK = 1.0, 2.6  # millimetres between bars of an event, and between events
MARGIN = 0.5
MOST_LABEL = 0.34  # share of the width that names of arms may take


@dataclass(frozen=True)
class Event:
    """One adverse event: per arm the cells of its grades, in order, the P of the test on the ordered grade, and the test."""

    label: str
    bars: dict[str, tuple[Cell, ...]]
    arms: dict[str, str]
    test: str
    method: str = ""

    @property
    def evaluable(self) -> dict[str, float]:
        return {arm: cells[0]["N"] for arm, cells in self.bars.items()}


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str], terms: Sequence[str] = (),
         tests: bool = True) -> None:
    """Draw the events of one or more adverse-events analyses.

    `terms`: only these, in this order; `tests`: P of the rank test on the ordered grade, beside the event's name.
    """
    sheet = Sheet(figure, style)
    events = _events(results, style, of, terms, tests)
    small, pitch = sheet.small, sheet.pitch(sheet.small)
    room, right = _room(sheet, events), _right(sheet, events)
    y = sheet.height - MARGIN - _key(sheet, events)
    foot = MARGIN + _axis(sheet)
    box = Box(room, foot, sheet.width - room - right, y - foot, (0.0, 1.0), (0.0, 1.0))
    area = sheet.panel(box)
    for event in events:
        lines = _title(sheet, event, box.right - MARGIN)
        for k, line in enumerate(lines):
            y -= pitch
            sheet.text(MARGIN, y + 0.9, line, size=small, weight="bold", gid="event")
            if event is events[0] and k == len(lines) - 1:
                sheet.text(sheet.width - MARGIN, y + 0.9, "n", size=small, ha="right", gid="n-head")
            if k == len(lines) - 1 and event.test:
                sheet.text(box.right, y + 0.9, event.test, size=small, ha="right", gid="test")
        for arm, cells in event.bars.items():
            name = _name(sheet, event.arms[arm], room)
            y -= _row(sheet, name)
            middle = y + _row(sheet, name) / 2
            base = middle - small * POINT * DIGIT / 2
            for k, line in enumerate(name):
                sheet.text(MARGIN, base + ((len(name) - 1) / 2 - k) * pitch, line, size=small, gid="arm")
            _bar(sheet, box, cells, middle - BAR / 2)
            sheet.text(sheet.width - MARGIN, base, number(event.evaluable[arm]), size=small, ha="right", gid="n")
            y -= GAP
        y -= BLOCK - GAP
    area.x_axis([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"], "Patients (%)")


def size(results: Results, style: Any, *, of: str | Sequence[str], terms: Sequence[str] = (),
         tests: bool = True) -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    events = _events(results, style, of, terms, tests)
    sheet = blank(style, "single")
    room, right = _room(sheet, events), _right(sheet, events)
    blocks = sum(len(_title(sheet, event, sheet.width - right - MARGIN)) * sheet.pitch(sheet.small)
                 + sum(_row(sheet, _name(sheet, label, room)) + GAP for label in event.arms.values()) - GAP + BLOCK
                 for event in events)
    return "single", round(2 * MARGIN + _key(sheet, events) + blocks + _axis(sheet) - BLOCK + 1.0, 1)


def alt(results: Results, style: Any, *, of: str | Sequence[str], terms: Sequence[str] = (), tests: bool = True,
        **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: every count by event, arm and grade."""
    said = []
    for event in _events(results, style, of, terms, tests):
        parts = []
        for arm, cells in event.bars.items():
            grades = ", ".join(f"grade {cell.level} in {style.text(cell, '{n}')}" for cell in cells if cell["n"])
            parts.append(f"{event.arms[arm]}, {style.text(cells[0], '{N}')} evaluable: {grades or 'none'}")
        said.append(f"Worst grade of {lower_first(event.label)}. {'. '.join(parts)}.")
        said += [f"{italics.plain(event.test)}."] if event.test else []
    return " ".join(said)


def legend(results: Results, style: Any, *, of: str | Sequence[str], terms: Sequence[str] = (), tests: bool = True,
           **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    said = ["Worst grade per patient; counts of patients stand in the bars where there is room.",
            "n, patients who could be evaluated."]
    from stats.methods import descriptions

    used = dict.fromkeys(e.method for e in _events(results, style, of, terms, tests) if e.test)
    if used:
        said.append(f"{style.p_drawn}, {' or '.join(descriptions()[method].name for method in used)} on the ordered grade.")
    return said


def _events(results: Results, style: Any, of: str | Sequence[str], terms: Sequence[str], tests: bool) -> list[Event]:
    found = []
    for name in names(of):
        graded = list(dict.fromkeys(cell.variable for cell in results.select(name, level="0")))
        for term in [t for t in terms if t in graded] or graded:
            arms = members(results, name, term)
            bars = {arm: tuple(c for c in results.select(name, term, arm) if c.level.isdigit()) for arm in arms}
            test = tested(results, name, f"{term}.test", arms) if tests else None
            found.append(Event(style.names.term(term).label, bars, {arm: grouped(style, name, arm) for arm in arms},
                               style.drawn(test, "p") if test else "", test.methods["p_value"] if test else ""))
    return found


def _bar(sheet: Sheet, box: Box, cells: Sequence[Cell], y: float) -> None:
    """Parts of a bar side by side; an empty frame where nobody could be evaluated."""
    left = 0.0
    for cell in cells:
        share = cell["n"] / cell["N"] if cell["N"] else 0.0
        if not share or math.isnan(share):
            continue
        colour = RAMP[int(cell.level)]
        x, wide = box.x(left), share * box.width
        sheet.box(x, y, wide, BAR, face=colour, edge="#404040", width=0.35, gid=f"part-{cell.address}")
        text = number(cell["n"])
        if sheet.wide(text, sheet.small) + 0.5 <= wide:
            ink = "black" if luminance(colour) > 0.18 else "white"
            sheet.text(x + wide / 2, y + BAR / 2 - sheet.small * POINT * DIGIT / 2, text, size=sheet.small, colour=ink,
                       ha="center", gid=f"count-{cell.address}")
        left += share
    if not left:
        sheet.box(box.left, y, box.width, BAR, face="none", edge="#a0a0a0", width=0.35, dash=(0, (2, 2)))


def _key(sheet: Sheet, events: Sequence[Event]) -> float:
    """Samples of the grades up to the highest that occurs, at the top; returns the millimetres they take."""
    small = sheet.small
    top = max((int(c.level) for event in events for cells in event.bars.values() for c in cells if c["n"]), default=0)
    x, y = MARGIN, sheet.height - MARGIN - BAR
    base = y + BAR / 2 - small * POINT * DIGIT / 2
    sheet.text(x, base, "Grade", size=small, gid="key")
    x += sheet.wide("Grade", small) + 2.0
    for grade in range(top + 1):
        sheet.box(x, y, BAR, BAR, face=RAMP[grade], edge="#404040", width=0.35, gid=f"key-{grade}")
        sheet.text(x + BAR + 0.8, base, number(grade), size=small, gid="key")
        x += BAR + 0.8 + sheet.wide(number(grade), small) + 2.4
    return BAR + 2.0


def _axis(sheet: Sheet) -> float:
    """Millimetres under the bars."""
    return 1.0 + sheet.size * POINT * 1.2 + sheet.pitch() * 1.1


def _room(sheet: Sheet, events: Sequence[Event]) -> float:
    """Millimetres for the names of the arms."""
    widest = max((sheet.wide(label, sheet.small) for event in events for label in event.arms.values()), default=0.0)
    return MARGIN + min(widest, MOST_LABEL * sheet.width) + 2.0


def _right(sheet: Sheet, events: Sequence[Event]) -> float:
    """Millimetres for the number of patients."""
    counts = [number(n) for event in events for n in event.evaluable.values()]
    widest = max((sheet.wide(text, sheet.small) for text in counts), default=0.0)
    return MARGIN + max(widest, sheet.wide("100") / 2) + 1.8


def _name(sheet: Sheet, label: str, room: float) -> list[str]:
    """Name of an arm in the lines it takes beside its bar."""
    return wrapped(sheet, label, room - MARGIN - 1.5, sheet.small)


def _row(sheet: Sheet, name: list[str]) -> float:
    """Height of a bar with its name."""
    return max(BAR, len(name) * sheet.pitch(sheet.small))


def _title(sheet: Sheet, event: Event, room: float) -> list[str]:
    test = sheet.wide(event.test, sheet.small) + 3.0 if event.test else 0.0
    return wrapped(sheet, event.label, room - test, sheet.small, "bold", most=2)
