"""Who is shown, what they are called, and how each is told from the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from report.population import labelled, several
from stats.groups import ALL, ARMS
from stats.results import Cell, Results

DARK = 7.5  # contrast on white of the line of a competing event
APART = 3.0  # widths of that line between its groups of dots


@dataclass(frozen=True)
class Look:
    """How an arm is told from the others: by colour, and again by line and symbol for readers who see no colour."""

    colour: str
    dash: tuple[float, ...]
    marker: str

    @property
    def ink(self) -> str:
        """The colour, darkened until small type in it can be read on white (contrast at least 4.5 to 1)."""
        return darkened(self.colour, 4.5)

    @property
    def line(self) -> Any:
        """The dash as matplotlib takes it."""
        return (0, self.dash) if self.dash else "solid"


def members(results: Results, analysis: str, variable: str | None = None) -> list[str]:
    """Groups of an analysis that are arms, in order of emission; everybody, where there are none."""
    groups = list(dict.fromkeys(cell.group for cell in results.select(analysis, variable)))
    arms = [g for g in groups if g not in (ALL, ARMS) and ":" not in g]
    return arms or [g for g in groups if g == ALL]


def titled(results: Results, style: Any, analysis: str) -> str:
    """What an analysis is about, in the study's words: the label of its endpoint or analyte."""
    return str(style.names.of(results.select(analysis)[0]))


def whose(style: Any, analyses: Sequence[str]) -> list[str]:
    """'A, all patients; B, patients with CRS.': of whom each panel is, where they aren't of the same."""
    study = style.names.study
    if not several(study, analyses):
        return []
    return ["; ".join(f"{style.panel(i)}, {labelled(study, name)}" for i, name in enumerate(analyses)) + "."]


def grouped(style: Any, analysis: str, group: str) -> str:
    """Label of an arm, a level, everybody or a contrast, as the analysis groups its patients."""
    return str(style.names.group(group, str(style.names.analysis(analysis).options.get("by", "arm"))))


def tested(results: Results, analysis: str, variable: str, arms: Sequence[str]) -> Cell | None:
    """The test that compares just these arms: of the pair, or of all where there are more; None without a P value."""
    if len(arms) < 2:
        return None
    for cell in results.select(analysis, variable):
        fits = set(cell.group.split(":")) == set(arms) if len(arms) == 2 else cell.group == ARMS
        if fits and not math.isnan(cell.get("p_value")):
            return cell
    return None


def contrasts(results: Results, analysis: str, variable: str, arms: Sequence[str]) -> list[Cell]:
    """Estimates of a variable between the arms shown, each against the one reference."""
    return [c for c in results.select(analysis, variable) if ":" in c.group and set(c.group.split(":")) <= set(arms)]


def looks(style: Any, count: int) -> list[Look]:
    """A look for each arm in display order; the lists of the style repeat when there are more arms."""
    colours, dashes, markers = (list(style.figure[key]) for key in ("colours", "dashes", "markers"))
    return [Look(str(colours[i % len(colours)]), tuple(float(x) for x in dashes[i % len(dashes)]),
                 str(markers[i % len(markers)])) for i in range(count)]


def dotted(look: Look, place: int) -> Look:
    """How the event that competes is drawn beside an arm: darker, in dots that come singly for the first arm, in pairs for
    the second and so on, so that it is neither taken for an arm or a limit nor for another arm's in grey print.
    """
    return replace(look, colour=darkened(look.colour, DARK), dash=(*((1.0, 1.0) * place), 1.0, APART))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a #rrggbb colour: 0 black, 1 white."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightness(colour: str) -> float:
    """CIE L* of a colour, 0 to 100: what is left of it in grey print."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def darkened(colour: str, contrast: float) -> str:
    """The colour mixed with black until its contrast on white reaches `contrast`."""
    import numpy as np

    for keep in np.linspace(1, 0, 51):
        mixed = "#" + "".join(f"{round(int(colour[i:i + 2], 16) * keep):02x}" for i in (1, 3, 5))
        if 1.05 / (luminance(mixed) + 0.05) >= contrast:
            return mixed
    return "#000000"


def tint(colour: str, strength: float) -> str:
    """The colour mixed with white: 1 is the colour, 0 white."""
    return "#" + "".join(f"{round(255 - (255 - int(colour[i:i + 2], 16)) * strength):02x}" for i in (1, 3, 5))
