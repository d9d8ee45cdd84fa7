"""What limits a study, as far as the data themselves say it: few events, many comparisons, groups nobody drew by lot,
wide intervals, unequal sampling. Each is a sentence with its numbers, or is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from report import population, words
from report.inference import beyond
from report.methods_text import in_group
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell

FEW_EVENTS = 10  # events per arm compared; below it estimates from a proportional-hazards model are unstable
SMALL = 100  # patients below which a study is called small
UNEVEN = 1.25  # ratio of samples per patient between groups from which the schedules are called unequal


def sentences(voice: Voice) -> list[Markup]:
    said = [
        *_size(voice),
        *_events(voice),
        *_comparisons(voice),
        *_allocation(voice),
        *_width(voice),
        *_sampling(voice),
    ]
    once: dict[str, Markup] = {}  # one endpoint by arm and by sex rests on the same events
    for sentence in said:
        once.setdefault(sentence.striptags(), sentence)
    return list(once.values())


def _size(voice: Voice) -> Iterator[Markup]:
    if len(voice.study.arms) == 1 and voice.cell(f"study/subjects@{ALL}")["n"] < SMALL:
        yield Markup("The study is small: {}.").format(voice.count(f"study/subjects@{ALL}"))
    if len(voice.study.arms) > 1:
        parts = [
            Markup("{} {}").format(voice.show(f"study/subjects@{arm}", "{n}"), in_group(voice, arm))
            for arm in voice.study.arms
        ]
        yield (
            Markup(
                "The groups are small: {} ({}). A difference that reaches significance among so few patients is likely "
                "to be larger than the true one."
            ).format(voice.count(f"study/subjects@{ALL}"), words.listed(parts, comma=True))
            if voice.cell(f"study/subjects@{ALL}")["n"] < SMALL
            else Markup()
        )


def _events(voice: Voice) -> Iterator[Markup]:
    for analysis in voice.study.analyses.values():
        if analysis.kind != "survival":
            continue
        total = voice.cell(f"{analysis.name}/events@{ALL}")
        groups = max(1, len(voice.keys(analysis.name)))
        if total["N"] and total["n"] < FEW_EVENTS * groups:
            label = voice.label(voice.names.timed(analysis.name))
            people = population.said(voice, analysis.name)
            label += Markup(" in {}").format(people) if people else Markup()
            yield Markup(
                "{} rests on {} in {}; with so few, adjustment for differences at baseline is not reliable."
            ).format(words.upper_first(label), voice.count(total, noun="event"), voice.count(total, "N"))


def _comparisons(voice: Voice) -> Iterator[Markup]:
    tests = voice.cell("study/tests@all")
    if tests["n"] > 1:
        declared = (
            Markup("One analysis was declared primary; all others are exploratory and{} not adjusted for their number")
            if voice.study.primary
            else Markup("None was declared primary; all are exploratory and{} not adjusted for their number")
        ).format(beyond(voice))
        yield Markup("{} {}: about {} would have {} below {} by chance alone if the groups were truly alike.").format(
            tests_made(voice),
            declared,
            voice.show("study/tests.expected@all", "{expected}"),
            voice.style.p_symbol,
            voice.show("study/alpha@all", "{p_value}"),
        )


def tests_made(voice: Voice) -> Markup:
    """'In all, 42 statistical tests were made.'; nothing where there was none."""
    tests = voice.cell("study/tests@all")
    if not tests["n"]:
        return Markup()
    return Markup("In all, {} {} made.").format(
        voice.count(tests, noun="statistical test"), "was" if tests["n"] == 1 else "were"
    )


def _allocation(voice: Voice) -> Iterator[Markup]:
    if len(voice.study.arms) == 1:
        yield Markup(
            "There is no control group, so these data cannot show what would have become of the patients without the "
            "treatment, or with another."
        )
    if not voice.study.randomised and len(voice.study.arms) > 1:
        yield Markup(
            "Patients were not randomized: differences between the groups may reflect who was in them, and every "
            "comparison describes an association."
        )


def _width(voice: Voice) -> Iterator[Markup]:
    """The widest difference of shares that no test found."""
    widest = None
    for cell in voice.results:
        if (
            cell.analysis in voice.study.analyses
            and voice.names.kind(cell.analysis) == "proportion"
            and cell.variable.endswith(".difference")
            and cell.get("lower") < 0 < cell.get("upper")
        ):
            width = cell["upper"] - cell["lower"]
            if widest is None or width > widest["upper"] - widest["lower"]:
                widest = cell
    if widest is not None and voice.wide(widest, 0):
        label = voice.label(voice.names.endpoint(widest.variable.partition(".")[0]).label)
        yield Markup("Intervals are wide: for {}{} the data are compatible with differences from {}.").format(
            label, _whose(voice, widest), voice.show(widest, "span-points")
        )


def _whose(voice: Voice, cell: Cell) -> Markup:
    """Of whom a difference is, where it isn't of everybody, or of the only two groups."""
    said = [population.said(voice, cell.analysis)]
    if len(voice.pairs(cell.analysis)) > 1 or voice.by(cell.analysis) != "arm":
        said.append(Markup("{} against {}").format(*(voice.group(cell.analysis, key) for key in cell.group.split(":"))))
    return Markup(" ({})").format(Markup(", ").join(filter(None, said))) if any(said) else Markup()


def _sampling(voice: Voice) -> Iterator[Markup]:
    for analysis in voice.study.analyses.values():
        if analysis.kind != "kinetics" or len(voice.keys(analysis.name)) < 2:
            continue
        cells = [voice.cell(f"{analysis.name}/samples@{key}") for key in voice.keys(analysis.name)]
        known = [cell["median"] for cell in cells if not math.isnan(cell["median"])]
        label = voice.label(voice.names.analyte(str(analysis.options["analyte"])).label)
        parts = words.listed(
            [
                Markup("{} {}").format(voice.show(cell, "{median}"), voice.where(analysis.name, cell.group))
                for cell in cells
                if not math.isnan(cell["median"])
            ],
            comma=True,
        )
        if not parts:
            continue
        uneven = len(known) > 1 and max(known) > UNEVEN * min(known)
        tail = (
            "; with unequal schedules a difference in time to peak can come from the sampling"
            if uneven
            else "; a peak between two samples is missed, so times to peak are known only to the nearest sampling day"
        )
        yield Markup("Samples of {} per patient were a median of {}{}.").format(label, parts, tail)
