"""Sentences about cumulative incidence with a competing event."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from report import plurals, words
from report.lasting import names_time
from report.prose import _plainly
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell, number
from stats.study.types import Analysis

CURVES = ("incidence", "incidence_curve", "competing", "competing_curve")


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    a, pair = cell.analysis, cell.group
    times = voice.study.analyses[a].options.get("at", ())
    at = f"~{number(_last(voice, a, pair, times))}" if times else ""
    cells = [voice.cell(f"{a}/{f'incidence{at}' if at else 'events'}@{key}") for key in pair.split(":")]
    sides = [voice.side(shown, voice.show(shown, "rate" if at else "events")) for shown in cells]
    ratio = voice.cell(f"{a}/subhazard@{pair}")
    # no ratio, as where one group has no event: the test decides, and the two curves say which is the higher
    lean = cells[0].get("p") - cells[1].get("p") if math.isnan(ratio.get("estimate")) else math.nan
    gray = cell.variable == "gray"
    if at:  # an example of two curves: test and ratio are of the whole of them
        when = voice.show(f"{a}/incidence{at}@{pair.split(':')[0]}", "{at}")
        sides[0] = words.Side(sides[0].where, Markup("at {} {}").format(when, sides[0].value))
    return voice.compared(
        Markup("the cumulative incidence of {}").format(_event(voice, a)),
        "share",
        (sides[0], sides[1]),
        effect=ratio,
        null=1,
        effect_name="subdistribution hazard ratio",
        test=voice.cell(f"{a}/gray@{pair}") if gray else ratio,
        test_name="Gray’s test" if gray else "",
        lean=lean,
    )


def _last(voice: Voice, analysis: str, pair: str, times: Sequence[float]) -> float:
    """The last time at which both groups have an estimate; without one the last."""
    def known(time: float) -> bool:
        cells = (voice.cell(f"{analysis}/incidence~{number(time)}@{key}") for key in pair.split(":"))
        return not any(math.isnan(cell.get("p")) for cell in cells)

    return next(filter(known, reversed(times)), times[-1])


def among(voice: Voice, cell: Cell) -> Markup:
    sides = [
        voice.side(c, voice.show(c, "events"))
        for c in (voice.cell(f"{cell.analysis}/events@{key}") for key in voice.keys(cell.analysis))
    ]
    return words.among(
        Markup("the cumulative incidence of {}").format(_event(voice, cell.analysis)),
        sides,
        cell.get("p_value"),
        Markup("Gray’s test {}").format(voice.p(cell)),
        voice.study.alpha,
        voice.why(cell),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    if cell.variable == "events" and cell["N"] == 0:
        return _nobody(voice, cell.analysis)
    if cell.variable == "events":
        return words.upper_first(
            Markup("{} {} seen in {} {}.").format(
                _event(voice, cell.analysis),
                plurals.was(_event(voice, cell.analysis)),
                voice.show(cell, "events"),
                voice.where(cell.analysis, cell.group),
            )
        )
    if cell.variable not in CURVES:
        return _plainly.state(voice, cell)
    label = _event(voice, cell.analysis)
    subject = Markup("the event that competes with {}").format(label) if cell.variable.startswith("competing") else label
    shown = voice.show(cell, "rate-ci")
    at = Markup(" at {}").format(voice.show(cell, "{at}")) if cell.at is not None else Markup()
    return words.upper_first(
        Markup("the cumulative incidence of {}{} was {} {}.").format(
            subject, at, shown, voice.where(cell.analysis, cell.group)
        )
    )


def _nobody(voice: Voice, name: str) -> Markup:
    """Of an analysis that nobody is in."""
    return Markup("{} is known in no patient.").format(words.upper_first(voice.label(_label(voice, name))))


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """events, rates (one per time, with that of the competing event where there is one), tests."""
    name = analysis.name
    if voice.cell(f"{name}/events@{ALL}")["N"] == 0:
        return {"events": _nobody(voice, name), "rates": [], "tests": []}
    label = voice.label(_label(voice, name))
    keys = voice.keys(name) if len(voice.keys(name)) > 1 else (ALL,)

    def each(stem: str, pattern: str) -> Markup:
        return words.listed(
            [
                Markup("{} {}").format(
                    voice.show(f"{name}/{stem}@{key}", pattern), Markup() if len(keys) == 1 else voice.where(name, key)
                )
                for key in keys
            ],
            True,
        )

    def rate(at: str) -> Markup:
        when, own = voice.show(f"{name}/incidence{at}@{keys[0]}", "{at}"), each(f"incidence{at}", "rate-ci")
        said = Markup("The cumulative incidence of {} at {} was {}").format(_event(voice, name), when, own)
        if voice.names.competes(name, voice.results):
            said += Markup("; that of the competing event was {}").format(each(f"competing{at}", "rate"))
        return said + Markup(".")

    rates = [rate(f"~{number(t)}") for t in analysis.options.get("at", ())]
    tests = [_compared(voice, name, ":".join(pair)) for pair in voice.pairs(name)]
    if len(voice.keys(name)) > 2:
        tests.insert(0, among(voice, voice.cell(f"{name}/gray@arms")))
    return {
        "events": words.upper_first(
            Markup("events for {} were recorded in {}.").format(label, each("events", "events-share"))
        ),
        "rates": rates,
        "tests": tests,
    }


def _compared(voice: Voice, name: str, pair: str) -> Markup:
    """One contrast; where the test could be made and the ratio not, why."""
    found = compare(voice, voice.cell(f"{name}/gray@{pair}"))
    if found is None:
        return Markup()
    ratio, said = voice.cell(f"{name}/subhazard@{pair}"), words.sentence(found)
    if words.verdict(found) == "unknown" or not math.isnan(ratio["estimate"]) or not ratio.note:
        return said
    return Markup("{} The subdistribution hazard ratio could not be estimated: {}.").format(said, ratio.note)


def _event(voice: Voice, analysis: str) -> Markup:
    """What can have an incidence: 'relapse'; nobody has a survival, but an event of it."""
    title = _label(voice, analysis)
    return Markup("an event ({})").format(voice.label(title)) if names_time(title) else voice.label(title)


def _label(voice: Voice, analysis: str) -> str:
    return voice.names.title(str(voice.study.analyses[analysis].options["endpoint"]))
