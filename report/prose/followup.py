"""Sentences about how long patients were followed."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import words
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis


def compare(voice: Voice, cell: Cell) -> None:
    """Follow-up is described, never tested."""


def state(voice: Voice, cell: Cell) -> Markup:
    if cell.variable == "median":
        return Markup("Median follow-up was {} {}.").format(
            voice.show(cell, "time-ci"), voice.where(cell.analysis, cell.group)
        )
    if cell.variable == "survivors":
        return _survivors(voice, cell, voice.label(voice.names.of(cell)), voice.where(cell.analysis, cell.group))
    return Markup("Observed times ranged from {} {}.").format(
        voice.show(cell, "min-to-max"), voice.where(cell.analysis, cell.group)
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup]:
    """median (overall and by group), survivors: the shortest and longest follow-up of those still free of the event."""
    name = analysis.name
    label = voice.label(voice.names.endpoint(str(analysis.options["endpoint"])).label)
    survivors = voice.cell(f"{name}/survivors@{ALL}")
    observed = voice.cell(f"{name}/range@{ALL}")
    if math.isnan(observed.get("max")) and not observed.withheld:
        return {"median": Markup("Nobody's follow-up is known."), "survivors": Markup()}
    if survivors["n"] == 0:
        return {
            "median": Markup(
                "Every patient had an event for {}, so the length of follow-up can't be estimated."
            ).format(label),
            "survivors": Markup(),
        }
    groups = voice.keys(name) if len(voice.keys(name)) > 1 else []
    medians = [voice.cell(f"{name}/median@{key}") for key in (ALL, *groups)]
    reached = any(not math.isinf(cell.get("estimate")) for cell in medians)
    overall = Markup("Median follow-up (reverse Kaplan–Meier) was {}").format(
        voice.show(medians[0], "time" if math.isinf(medians[0].get("lower")) else "time-ci")
    )
    parts = [Markup("{} {}").format(voice.show(cell, "time"), voice.where(name, key)) for cell, key in zip(medians[1:], groups)]
    if parts and not reached:  # as often where most had the event: said once
        parts = [Markup("neither was it in any of the groups")]
    return {
        "median": overall + (Markup("; {}.").format(words.listed(parts, comma=True)) if parts else Markup(".")),
        "survivors": _survivors(voice, survivors, label, Markup()),
    }


def _survivors(voice: Voice, cell: Cell, label: Markup, where: Markup) -> Markup:
    """How long patients still free of the event were followed: the shortest and the longest, or the only time."""
    who = "The only patient" if cell["n"] == 1 else "Those"
    span = "{max} {unit}" if cell["min"] == cell["max"] else "min-to-max"
    return words.tidied(
        Markup("{} without an event for {} when last seen had been followed for {} {}.").format(
            who, label, voice.show(cell, span), where
        )
    )
