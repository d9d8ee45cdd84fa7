"""Sentences about time to an event: events, medians, rates at fixed times, hazard, restricted mean, proportionality."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import words
from report.voice import Voice
from stats.groups import ALL, ARMS
from stats.results import Cell, number
from stats.study.types import Analysis

# patients in each group from which the normal interval of a difference in restricted means may take a side: with a dozen it
# excludes a true null in eight studies of a hundred, with forty in five (docs/honesty.md)
MEANS_FROM = 40


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    a, pair = cell.analysis, cell.group
    x, y = pair.split(":")
    label = voice.label(_label(voice, a))
    if cell.variable == "difference":
        sides = _sides(voice, f"{a}/survival~{number(cell.at or 0)}", (x, y), "rate")
        subject = Markup("{} at {}").format(label, voice.show(cell, "{at}"))
        return voice.compared(subject, "share", sides, effect=cell, effect_name="difference")
    if cell.variable == "rmst_difference":
        sides = _sides(voice, f"{a}/rmst~{number(cell.at or 0)}", (x, y), "time")
        subject = Markup("mean {} up to {}").format(label, voice.show(cell, "{at}"))
        return voice.compared(
            subject, "time", sides, effect=cell, effect_name="difference", test=cell, safe_from=MEANS_FROM
        )
    sides = _sides(voice, f"{a}/events", (x, y), "{n} of {N} with an event")
    hazard = voice.cell(f"{a}/hazard@{pair}")
    if cell.variable == "hazard":
        subject = Markup("the hazard of an event ({})").format(label)
        return voice.compared(subject, "hazard", sides, effect=hazard, effect_name="hazard ratio", null=1, test=hazard)
    if cell.variable.startswith("logrank"):
        # a lower hazard is a longer survival
        return voice.compared(
            label,
            "time",
            sides,
            effect=hazard,
            effect_name="hazard ratio",
            null=1,
            sign=-1,
            test=cell,
            test_name="log-rank",
        )
    return None


def among(voice: Voice, cell: Cell) -> Markup:
    sides = [
        voice.side(c, voice.show(c, "{n} of {N} with an event"))
        for c in (voice.cell(f"{cell.analysis}/events@{key}") for key in voice.keys(cell.analysis))
    ]
    return words.among(
        voice.label(_label(voice, cell.analysis)),
        sides,
        cell.get("p_value"),
        Markup("log-rank {}").format(voice.p(cell)),
        voice.study.alpha,
        voice.why(cell),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    label = voice.label(_label(voice, cell.analysis))
    where = voice.where(cell.analysis, cell.group)
    if cell.variable == "median":
        return words.upper_first(Markup("median {} was {} {}.").format(label, voice.show(cell, "time-ci"), where))
    if cell.variable == "events":
        return words.upper_first(Markup("{} had an event ({}) {}.").format(voice.show(cell, "events"), label, where))
    pattern = "rate-ci" if cell.variable == "survival" else "time-ci"
    return words.upper_first(
        Markup("{} at {} was {} {}.").format(label, voice.show(cell, "{at}"), voice.show(cell, pattern), where)
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """events, median, rates (one per time), hazard, means (one per time), proportional."""
    name = analysis.name
    label = voice.label(_label(voice, name))
    keys = voice.keys(name) if len(voice.keys(name)) > 1 else (ALL,)
    single = len(keys) == 1

    def each(variable: str, pattern: str, at: str = "") -> Markup:
        cells = [voice.cell(f"{name}/{variable}{at}@{key}") for key in keys]
        return words.listed(
            [
                Markup("{} {}").format(voice.show(c, pattern), Markup() if single else voice.where(name, c.group))
                for c in cells
            ],
            comma=True,
        )

    out: dict[str, Markup | list[Markup]] = {
        "events": words.upper_first(
            Markup("events for {} were recorded in {}.").format(label, each("events", "events-share"))
        ),
        "median": words.upper_first(Markup("median {} was {}.").format(label, each("median", "time-ci"))),
    }
    rates, means = [], []
    for t in analysis.options.get("at", ()):
        at = f"~{number(t)}"
        rate = Markup("at {}, {} was {}.").format(
            voice.show(f"{name}/survival{at}@{keys[0]}", "{at}"), label, each("survival", "rate-ci", at)
        )
        text = words.upper_first(rate)
        for pair in (":".join(p) for p in voice.pairs(name)):
            compared = compare(voice, voice.cell(f"{name}/difference{at}@{pair}"))
            if compared is not None:
                text += Markup(" {}").format(words.sentence(compared, brief=True))
            mean = compare(voice, voice.cell(f"{name}/rmst_difference{at}@{pair}"))
            if mean is not None and words.verdict(mean) != "unknown":
                means.append(words.sentence(mean))
        rates.append(text)
    out |= {"rates": rates, "means": means, "hazard": _hazards(voice, name), "proportional": _proportional(voice, name)}
    return out


def _hazards(voice: Voice, name: str) -> list[Markup]:
    said = [
        finding
        for finding in (compare(voice, voice.cell(f"{name}/logrank@{':'.join(pair)}")) for pair in voice.pairs(name))
        if finding is not None
    ]
    text = [words.sentence(finding) for finding in said]
    if len(voice.keys(name)) > 2:
        text.insert(0, among(voice, voice.cell(f"{name}/logrank@{ARMS}")))
    return text


def _proportional(voice: Voice, name: str) -> list[Markup]:
    """The check of proportional hazards, said only where it fails: otherwise it stands in the table."""
    out = []
    for pair in voice.pairs(name):
        cell = voice.cell(f"{name}/proportionality@{':'.join(pair)}")
        p = cell.get("p_value")
        if not math.isnan(p) and p < voice.study.alpha:
            out.append(
                Markup("Hazards were not proportional ({}); the hazard ratio is an average over follow-up.").format(
                    voice.p(cell)
                )
            )
    return out


def _label(voice: Voice, analysis: str) -> str:
    return voice.names.endpoint(str(voice.study.analyses[analysis].options["endpoint"])).label


def _sides(voice: Voice, stem: str, keys: tuple[str, str], pattern: str) -> tuple[words.Side, words.Side]:
    x, y = (voice.cell(f"{stem}@{key}") for key in keys)
    return voice.side(x, voice.show(x, pattern)), voice.side(y, voice.show(y, pattern))
