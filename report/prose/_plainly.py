"""A sentence for results that no paper makes a sentence of: what they are called, and their numbers."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import words
from report.measure import split
from report.names import UnknownName
from report.voice import Voice
from stats.groups import ALL, ARMS
from stats.results import Cell

CALLED = {  # variables that are no name of the study
    "population": "patients analyzed",
    "subjects": "patients",
    "arms": "groups",
    "confidence": "confidence of intervals",
    "alpha": "level of significance",
    "enrolment": "first and last month of enrolment",
    "cutoff": "data cut-off",
    "tests": "tests made",
    "lloq": "lower limit of quantification",
    "uloq": "upper limit of quantification",
    "peak_below": "peaks below quantification",
    "peak_above": "peaks above quantification",
    "samples": "samples per patient",
    "screened": "patients screened",
    "analysed": "patients analyzed",
}
ENDINGS = {
    "at_risk": "numbers at risk",
    "curve": "survival",
    "incidence_curve": "cumulative incidence",
    "competing_curve": "cumulative incidence of the competing event",
    "proportionality": "test of proportional hazards",
    "superiority": "probability of a higher value",
    "emergent": "grade above that at baseline",
    "shift": "grades at baseline and worst grades",
    "alternative": "another test",
    "permutation": "permutation test",
    "expected": "tests expected below the level of significance by chance",
    "lost": "lost",
}
STATS = {
    "at_risk": "at risk {at_risk}",
    "events": "events {events}",
    "competing": "competing events {competing}",
    "censored": "censored {censored}",
    "missing": "missing {missing}",
    "n": "n {n}",
    "N": "N {N}",
    "p": "{p}%",
    "estimate": "{estimate}",
    "median": "median {median}",
    "mean": "mean {mean}",
    "value": "{value}",
    "first": "{first}",
    "last": "{last}",
    "date": "{date}",
    "expected": "{expected}",
    "statistic": "statistic {statistic}",
    "p_value": "{p_value:eq}",
}


def state(voice: Voice, cell: Cell) -> Markup:
    """'Overall survival, numbers at risk at 12 months in the R group: at risk 7; events 2; censored 1.'"""
    at = Markup(" at {}").format(voice.show(cell, "{at}")) if cell.at is not None else Markup()
    return words.upper_first(
        words.tidied(Markup("{}{} {}: {}.").format(_subject(voice, cell), at, _where(voice, cell), _numbers(voice, cell)))
    )


def _subject(voice: Voice, cell: Cell) -> Markup:
    ending = split(cell.variable)[1] or cell.variable.rpartition(".")[2]
    base = cell.variable.partition(".")[0]
    parts = []
    if base in CALLED:
        parts.append(Markup(CALLED[base]))
    else:
        try:
            parts.append(voice.label(voice.names.of(cell)))
        except UnknownName:
            parts.append(voice.label(voice.study.analyses[cell.analysis].label or cell.analysis))
    named = ENDINGS.get(ending, "")
    parts += [Markup(named)] if named else []
    parts += [Markup('<span class="label">{}</span>').format(cell.level)] if cell.level else []
    return Markup(", ").join(parts)


def _where(voice: Voice, cell: Cell) -> Markup:
    if cell.group == ARMS:
        return Markup("among all groups")
    name = voice.where if cell.analysis in voice.study.analyses else (lambda _, key: Markup("in {}").format(voice.arm(key)))
    if ":" in cell.group:
        x, y = cell.group.split(":")
        return Markup("for {} against {}").format(*(Markup(str(name(cell.analysis, k)).removeprefix("in ")) for k in (x, y)))
    return Markup() if cell.group == ALL and cell.analysis not in voice.study.analyses else name(cell.analysis, cell.group)


def _numbers(voice: Voice, cell: Cell) -> Markup:
    known = [STATS[stat] for stat in STATS if not math.isnan(cell.get(stat))]
    if not math.isnan(cell.get("lower")) and not math.isnan(cell.get("upper")):
        known.append("{level}% CI{ci_sep} {interval}")
    if not known:
        return Markup("{}").format(cell.note or voice.style.rules.words.not_estimable)
    return words.listed([voice.show(cell, pattern) for pattern in known])
