"""Sentences about an endpoint under several definitions: what each showed, and whether the verdict depends on them."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import words
from report.measure import split
from report.prose import survival
from report.voice import Voice
from report.withheld import is_public
from stats.groups import ARMS
from stats.results import Cell, number
from stats.study.types import Analysis


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    endpoint, asked = split(cell.variable)
    a, pair = f"{cell.analysis}/{endpoint}", cell.group
    label = voice.label(voice.names.endpoint(endpoint).label)
    at = f"~{number(cell.at)}" if cell.at is not None else ""
    if asked == "difference":
        subject = Markup("{} at {}").format(survival.share(voice, endpoint), voice.show(cell, "{at}"))
        return voice.compared(
            subject, "share", _sides(voice, f"{a}.survival{at}", pair, "rate"), effect=cell, effect_name="difference"
        )
    if asked == "rmst_difference":
        return survival.means(voice, cell, survival.lasting(voice, endpoint), _sides(voice, f"{a}.rmst{at}", pair, "time"))
    if asked not in ("hazard", "logrank"):
        return None
    hazard = voice.cell(f"{a}.hazard@{pair}")
    sides = _sides(voice, f"{a}.events", pair, "{n} of {N} with an event")
    if asked == "hazard":
        return voice.compared(
            Markup("the hazard of an event ({})").format(label),
            "hazard",
            sides,
            effect=hazard,
            effect_name="hazard ratio",
            null=1,
            test=hazard,
        )
    # a lower hazard is a longer survival
    return voice.compared(
        survival.lasting(voice, endpoint),
        "time",
        sides,
        effect=hazard,
        effect_name="hazard ratio",
        null=1,
        sign=-1,
        test=cell,
        test_name=voice.names.logrank(cell.analysis),
    )


def among(voice: Voice, cell: Cell) -> Markup:
    endpoint = cell.variable.rpartition(".")[0]
    sides = [
        voice.side(c, voice.show(c, "{n} of {N}"))
        for c in (voice.cell(f"{cell.analysis}/{endpoint}.events@{key}") for key in voice.keys(cell.analysis))
    ]
    return words.among(
        survival.lasting(voice, endpoint),
        sides,
        cell.get("p_value"),
        Markup("{} {}").format(voice.names.logrank(cell.analysis), voice.p(cell)),
        voice.study.alpha,
        voice.why(cell),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    endpoint, asked = split(cell.variable)
    cell = voice.cell(voice.printed(cell.address))
    where = voice.where(cell.analysis, cell.group)
    if asked == "events":
        label = voice.label(voice.names.title(endpoint))
        return words.upper_first(Markup("{} had an event ({}) {}.").format(voice.show(cell, "events"), label, where))
    at = voice.show(cell, "{at}")
    if asked == "survival":
        said = Markup("{} at {} was {} {}.").format(survival.share(voice, endpoint), at, voice.show(cell, "rate-ci"), where)
    else:  # a restricted mean
        length = survival.lasting(voice, endpoint)
        said = Markup("restricted mean {} up to {} was {} {}.").format(length, at, voice.show(cell, "time-ci"), where)
    return words.upper_first(said)


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """found: what each definition showed; agreement: whether the verdict of the log-rank test is the same under all."""
    name, pairs = analysis.name, [":".join(pair) for pair in voice.pairs(analysis.name)]
    found: list[Markup] = []
    verdicts: dict[str, list[object]] = {}
    for endpoint in dict.fromkeys(analysis.options["endpoints"]):
        stem = f"{name}/{endpoint}"
        if len(pairs) > 1:
            test = voice.cell(f"{stem}.logrank@{ARMS}")
            found.append(among(voice, test))
            p = test.get("p_value")
            verdicts[endpoint] = [None if math.isnan(p) else p < voice.study.alpha]
        elif pairs:
            compared = compare(voice, voice.cell(f"{stem}.logrank@{pairs[0]}"))
            assert compared is not None
            found.append(words.sentence(compared, tail=False))
            verdicts[endpoint] = [words.verdict(compared)]
        else:
            found.append(
                Markup("{} had an event ({}).").format(
                    voice.show(f"{stem}.events@all", "events"), voice.label(voice.names.endpoint(endpoint).label)
                )
            )
    return {"found": found, "agreement": _agreement(voice, verdicts)}


def _agreement(voice: Voice, verdicts: dict[str, list[object]]) -> Markup:
    """Which definitions lead elsewhere than the first; nothing where there is one definition, or no comparison."""
    if len(verdicts) < 2:
        return Markup()
    first, *others = verdicts
    if is_public(voice.study) and any(verdict in (["unknown"], [None]) for verdict in verdicts.values()):
        return Markup()  # it may be one that is known, and kept back
    if all(verdict in (["unknown"], [None]) for verdict in verdicts.values()):
        return Markup("Under none of them could the groups be compared.")
    apart = [voice.label(voice.names.endpoint(name).label) for name in others if verdicts[name] != verdicts[first]]
    if not apart:
        return Markup("The verdict was the same under {} definitions.").format(
            "both" if len(verdicts) == 2 else f"all {words.in_words(len(verdicts))}"
        )
    return Markup("Under {} the verdict is another than for {}.").format(
        words.listed(apart, comma=True), voice.label(voice.names.endpoint(first).label)
    )


def _sides(voice: Voice, stem: str, pair: str, pattern: str) -> tuple[words.Side, words.Side]:
    x, y = (voice.cell(f"{stem}@{key}") for key in pair.split(":"))
    return voice.side(x, voice.show(x, pattern)), voice.side(y, voice.show(y, pattern))
