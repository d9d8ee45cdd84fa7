"""What comparisons count for: two-sided tests at a level, the primary analysis, those that are exploratory or adjusted."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from report import population, words
from report.told import Told
from report.voice import Voice
from stats.groups import ALL, FEWEST
from stats.results import NO_TESTS, SETTINGS


def sentences(voice: Voice, told: Told) -> list[Markup]:
    """What Methods say of them."""
    confidence, p = voice.show(f"study/confidence@{ALL}", "{level}%"), voice.style.p_symbol
    tests = voice.cell(f"study/tests@{ALL}")
    limits = Markup("intervals have {} confidence").format(confidence) if told.any("lower", "upper") else Markup()
    out = [Markup("{}.").format(words.upper_first(limits))] if limits else []
    if tests["n"]:
        called = Markup("{} below {} is called significant").format(p, voice.show(f"study/alpha@{ALL}", "{p_value}"))
        also = Markup("; {}").format(limits) if limits else ""
        out = [Markup("Tests are two-sided{}, and {}.").format(also, called)]
        if voice.loose():
            less = Markup("Where a comparison has no test, its interval decides, which asks for less than {} does.")
            out.append(less.format(p))
        primary = voice.study.primary
        named = (
            Markup("The primary analysis is that of {}; all other comparisons").format(
                voice.label(_analysis_label(voice, primary))
            )
            if primary
            else Markup("No analysis was declared primary; all comparisons")
        )
        out.append(
            Markup("{} are exploratory and{} not adjusted for their number ({} in all).").format(
                named, beyond(voice), voice.count(tests, noun="test")
            )
        )
    if told.compares:
        fewest = words.in_words(int(voice.study.methods.get("fewest", FEWEST)))
        out.append(Markup("Groups with fewer than {} patients whose value is known are described and not tested.").format(fewest))
    return out


def exploratory(voice: Voice, analyses: Sequence[str]) -> Markup:
    """What a section says once of its comparisons that are neither the primary one nor adjusted for their number, where one of
    them found something."""
    lowest = {name: min(_p_values(voice, name), default=math.nan) for name in analyses}
    tested = [name for name, p in lowest.items() if not math.isnan(p)]
    plain = [name for name in tested if voice.exploratory(name)]
    if not any(lowest[name] < voice.names.declared(name, "alpha") or _excludes(voice, name) for name in plain):
        return Markup()
    # two analyses of one endpoint are told apart by their patients, or named once
    others = list(dict.fromkeys(_that_of(voice, name) for name in tested if name not in plain))
    but = Markup(", other than {},").format(words.listed(others, comma=True)) if others else ""
    return Markup("Comparisons in this section{} are exploratory and not adjusted for their number.").format(but)


def _excludes(voice: Voice, name: str) -> bool:
    """Whether the interval of a difference leaves out no difference: a rate at a time is told apart by it, without a test."""
    for cell in voice.results.select(name):
        null = voice.names.measure(cell).null if ":" in cell.group and "lower" in cell else None
        if null is not None and (cell["lower"] > null or cell["upper"] < null):
            return True
    return False


def _that_of(voice: Voice, name: str) -> Markup:
    who = population.said(voice, name)
    label = voice.label(_analysis_label(voice, name))
    return Markup("that of {} in {}").format(label, who) if who else Markup("that of {}").format(label)


def _p_values(voice: Voice, name: str) -> list[float]:
    compared = (cell for cell in voice.results.select(name) if cell.variable.rpartition(".")[2] not in NO_TESTS)
    found = [cell.get("p_value") for cell in compared if not cell.variable.startswith(SETTINGS)]
    return [p for p in found if not math.isnan(p)]


def beyond(voice: Voice) -> str:
    """That some comparisons are adjusted within the families that the study declares."""
    return ", outside the declared families," if any(map(voice.study.adjusts, voice.study.analyses)) else ""


def _analysis_label(voice: Voice, name: str) -> str:
    analysis, names = voice.study.analyses[name], voice.names
    options = analysis.options
    if "endpoint" in options:
        return names.title(str(options["endpoint"]))
    if analysis.label:
        return analysis.label
    if "analyte" in options:
        return str(names.analyte(str(options["analyte"])).label)
    if analysis.kind == "proportion" and len(options["outcomes"]) == 1:
        return names.title(str(options["outcomes"][0]))
    return {"proportion": "response", "characteristics": "characteristics"}.get(analysis.kind, analysis.kind.replace("-", " "))
