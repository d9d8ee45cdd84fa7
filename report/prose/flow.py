"""Sentences about how patients came into the study."""

from __future__ import annotations

from markupsafe import Markup

from report import words
from report.voice import Voice
from stats.results import Cell
from stats.study.types import Analysis


def compare(voice: Voice, cell: Cell) -> None:
    """Flow counts are not compared."""


def state(voice: Voice, cell: Cell) -> Markup:
    return Markup("{} reached {}.").format(voice.count(cell), _stage(voice, cell.variable))


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup]:
    """flow: screened, then each stage with those lost before it and why."""
    name = analysis.name
    parts = []
    for stage in analysis.options["stages"]:
        lost = voice.cell(f"{name}/{stage}.lost@all")
        reasons = [
            Markup("{} {}").format(voice.title(cell.level), voice.show(cell, "{n}"))
            for cell in voice.results.select(name, f"{stage}.lost")
            if cell.level
        ]
        why = (
            Markup(" ({} did not: {})").format(voice.show(lost, "{n}"), words.listed(reasons, comma=True))
            if reasons and lost["n"]
            else Markup()
        )
        parts.append(
            Markup("{} reached {}{}").format(voice.show(f"{name}/{stage}@all", "{n}"), _stage(voice, stage), why)
        )
    screened, analysed = f"{name}/screened@all", f"{name}/analysed@all"
    return {
        "flow": Markup("In all, {} {} screened; {}; {} {} analyzed.").format(
            voice.count(screened),
            _was(voice, screened),
            words.listed(parts, comma=True),
            voice.show(analysed, "{n}"),
            _was(voice, analysed),
        )
    }


def _was(voice: Voice, address: str) -> str:
    return "was" if voice.cell(address)["n"] == 1 else "were"


def _stage(voice: Voice, stage: str) -> Markup:
    return voice.label(voice.names.label(stage))
