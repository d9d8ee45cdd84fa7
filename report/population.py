"""In whom an analysis was made, in words: said wherever it is not everybody."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from report.table import Head, Line
from report.words import lower_first
from stats.groups import ALL
from stats.study.types import Study

if TYPE_CHECKING:  # a voice names its groups by this
    from report.voice import Voice

# a label that says by itself who they are: by a word for people, in whatever compound, or by the article it begins with
PEOPLE = re.compile(
    r"\b(?:men|women|boys|girls|people|persons?|babies|males|females|cases|controls|users|everyone|everybody|nobody|those)\b"
    r"|(?:patients?|subjects?|participants?|recipients?|donors?|children|adolescents|adults|infants|neonates|newborns|mothers"
    r"|fathers|veterans|volunteers|individuals|residents|survivors|responders|remitters|relapsers|carriers|smokers|drinkers"
    r"|starters|switchers|completers)\b|^(?:the|all)\b",
    re.I,
)
# one that can follow the word 'patients': 'evaluable at day 28', 'in remission', 'older than 60', 'aged 50 or more'
FOLLOWS = re.compile(
    r"^(?:aged?|alive|dead|not)\b|[<>≤≥]|\b(?:above|after|at|before|below|between|by|during|for|from|in|into|on|over|since|than|to"
    r"|under|until|who|whose|with|within|without)\b",
    re.I,
)
# a label that names the set and not the people in it, and one that protocols give such a set without the word
SET = re.compile(r"\b(?:population|set|subset|cohort|sample|group|subgroup)\b", re.I)
GROUPS = ("group", "arm", "cohort", "patients")  # a label that begins or ends with one needs no further word
PROTOCOLS = re.compile(r"(?:modified )?intention[- ]to[- ]treat|m?itt|(?:as[- ]|per[- ])(?:treated|protocol)", re.I)
OPENING = "These results are of"


def named(label: str) -> str:
    """A population in the middle of a sentence: 'patients evaluable at day 28', 'all infused patients', 'the safety set',
    'the low risk population'."""
    lower = lower_first(label)
    if PEOPLE.search(label):
        return lower
    if SET.search(label):
        return f"the {lower}"
    protocol = PROTOCOLS.fullmatch(label.strip())  # 'per protocol' too, for all its preposition
    return f"patients {lower}" if FOLLOWS.search(label) and not protocol else f"the {lower} population"


def part(study: Study, analysis: str) -> str:
    """The label of an analysis' population, '' where it is everybody."""
    population = study.populations.get(study.analyses[analysis].population)
    return population.label or population.name if population is not None and population.where else ""


def labelled(study: Study, analysis: str, heading: bool = False) -> str:
    """What stands over the block of an analysis among others of other patients."""
    population = study.populations.get(study.analyses[analysis].population)
    label = population.label or population.name if population is not None else "All patients"
    return label if heading else lower_first(label)


def said(voice: Voice, analysis: str) -> Markup:
    """'patients evaluable at day 28', or nothing where the analysis is of everybody."""
    label = part(voice.study, analysis) if analysis in voice.study.analyses else ""
    return Markup('<span class="label">{}</span>').format(named(label)) if label else Markup()


def opening(voice: Voice, analysis: str) -> Markup:
    """What opens the paragraph of an analysis that is not of everybody, or not of everybody in its groups."""
    who, without = said(voice, analysis), ungrouped(voice, analysis)
    sentences = [Markup("The groups leave out {}.").format(without)] if without else []
    if who:
        counts = voice.show(f"{analysis}/population@{ALL}", "{n}"), voice.show(f"study/subjects@{ALL}", "{n}")
        sentences.insert(0, Markup("{} {} ({} of {}).").format(OPENING, who, *counts))
    return Markup(" ").join(sentences)


def ungrouped(voice: Voice, analysis: str) -> Markup:
    """'2 patients whose sex is unknown': who is counted in all and in no group. Nothing where there is nobody."""
    everybody = f"{analysis}/population@{ALL}"
    if everybody not in voice.results or "missing" not in voice.results[everybody] or len(voice.keys(analysis)) < 2:
        return Markup()
    known = voice.results[everybody]
    by = voice.by(analysis)
    label = "group" if by == "arm" else lower_first(voice.names.column(by).label or by)
    who = "patients" if math.isnan(known["missing"]) else voice.count(known, "missing")
    return Markup('{} whose <span class="label">{}</span> is unknown').format(who, label)


def several(study: Study, analyses: Sequence[str]) -> bool:
    """Whether analyses shown together are of different patients."""
    return len({part(study, name) for name in analyses}) > 1


def block(voice: Voice, analyses: Sequence[str], name: str, title: Markup, keys: Sequence[str], width: int) -> list[Line]:
    """The lines that open the block of one of several analyses in a table; where these are of different patients, with
    how many. Without a title there is a heading only where the populations must be told apart."""
    if not several(voice.study, analyses):
        return [Line(title, heading=True)] if title else []
    label = Markup('<span class="label">{}</span>').format(labelled(voice.study, name, heading=not title))
    counts = [voice.show(f"{name}/population@{key}", "{n}") for key in keys]
    blank = [Markup()] * (width - len(keys))
    heading = Markup("{}, {}").format(title, label) if title else label
    return [Line(heading, heading=True), Line(Markup("Patients, n"), (*counts, *blank), 1)]


def heads(voice: Voice, analyses: Sequence[str], made: Sequence[Head]) -> list[Head]:
    """Heads of groups; without their size where the blocks below are of different patients."""
    if not several(voice.study, analyses):
        return list(made)
    return [Head(Markup(re.sub(r" \(n\s=.*\)$", "", str(head.label))), head.span) for head in made]


def as_group(name: str) -> Markup:
    """'the Control group', but 'arm A', 'the treated patients' and 'the subgroup without surgery'."""
    words = name.casefold().split() or [""]
    if len(words) > 1 and words[0] in GROUPS:
        return Markup('<span class="label">{}</span>').format(name[0].lower() + name[1:])
    if words[0] in ("with", "without"):
        return Markup('the subgroup <span class="label">{}</span>').format(name[0].lower() + name[1:])
    return Markup('the <span class="label">{}</span>{}').format(name, "" if words[-1] in GROUPS else " group")
