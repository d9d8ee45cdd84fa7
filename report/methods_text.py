"""The Methods section, written by what ran: the study's own definitions, the derivations and the methods used, each with
its source, and the software. References are numbered in order of first mention.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from report import inference, words, works
from report.tables.kinetics import unquantified
from report.voice import Voice, by_keys
from stats.groups import ALL
from stats.methods import descriptions
from stats.methods.types import Description
from stats.study.mentions import words as mentioned
from stats.study.types import Analysis

DIGITS = re.compile(r"\S*\d\S*")
DESIGNS = {
    "": "This is an analysis",
    "retrospective cohort": "This is a retrospective cohort study",
    "prospective cohort": "This is a prospective cohort study",
    "single-arm trial": "This is a single-arm trial",
    "randomised trial": "This is a randomized trial",
    "registry": "This is an analysis of a registry",
}


CENSORING = ("survival", "hazards", "sensitivity")  # kinds of analyses for which a competing event ends follow-up
COMPUTING = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "pandas": "pandas"}  # what the numbers come from
SOFTWARE = (  # what a report comes from, or is verified by
    "python",
    "numpy",
    "scipy",
    "pandas",
    "lifelines",
    "tableone",
    "matplotlib",
    "jinja2",
    "weasyprint",
    "pikepdf",
    "python-docx",
    "openpyxl",
    "pyarrow",
    "pyreadstat",
)


@dataclass
class References:
    """Works cited, numbered as they come."""

    works: list[str] = field(default_factory=list)

    def cite(self, work: str) -> Markup:
        numbers = []
        for one in works.parted(work):
            if one not in self.works:
                self.works.append(one)
            numbers.append(Markup('<a class="ref" href="#reference-{0}">{0}</a>').format(self.works.index(one) + 1))
        return Markup("<sup>{}</sup>").format(Markup(",").join(numbers)) if numbers else Markup()


def sentences(
    voice: Voice, definitions: Mapping[str, Description], versions: Mapping[str, str], references: References
) -> dict[str, Any]:
    """design, endpoints, definitions, statistics, software: a list of sentences each; paragraphs: the statistics as several."""
    defined = [fixed(d.sentence, voice.style.p_symbol) + references.cite(d.reference) for d in definitions.values() if d.sentence]
    paragraphs = _statistics(voice, references)  # after the definitions, as a reader meets their works
    return {
        "design": _design(voice),
        "endpoints": [
            _named(voice, e.definition) for e in voice.study.endpoints.values() if e.definition and _used(voice, e.name)
        ],
        "definitions": [
            *defined,
            *_unquantified(voice),
            *_gradings(voice),
        ],
        "statistics": [sentence for paragraph in paragraphs for sentence in paragraph],
        "paragraphs": paragraphs,
        "software": [_software(versions)],
    }


def _unquantified(voice: Voice) -> list[Markup]:
    """What became of peaks below quantification, where there are any: in what else these analyses show of peaks."""
    names = [
        a.name for a in voice.study.analyses.values()
        if a.kind == "kinetics" and unquantified(voice, a.name, "peak", (*voice.keys(a.name), ALL))
    ]
    if not names:
        return []
    log = any(voice.names.analyte(str(voice.study.analyses[name].options["analyte"])).scale == "log" for name in names)
    effect = "ratio" if log else "shift"

    def known(variable: str, stat: str) -> bool:
        return any(not math.isnan(cell.get(stat)) for name in names for cell in voice.results.select(name, variable))

    estimated = known(f"peak.{effect}", "estimate")
    counted = ["medians"]
    counted += ["shifts"] if estimated and not log else []
    counted += ["rank tests"] if known("peak.test", "p_value") else []
    left = "; ratios of geometric means leave it out" if estimated and log else ""
    text = "A peak below quantification counts as half the limit in {}{}."
    return [Markup(text).format(words.listed([Markup(one) for one in counted], comma=True), left)]


def _gradings(voice: Voice) -> list[Markup]:
    """Which scale, in which version, each kind of toxicity was graded by."""
    scales: dict[str, list[Markup]] = {}
    for term in voice.study.terms.values():
        if term.grading and any(term.name in a.options.get("terms", ()) for a in voice.study.analyses.values()):
            version = f" version {voice.study.ctcae}" if term.grading.upper() == "CTCAE" else ""
            scales.setdefault(term.grading + version, []).append(voice.label(term.label))
    return [
        words.upper_first(
            Markup('{} {} graded by <span class="label">{}</span>.').format(
                words.listed(terms, comma=True), "was" if len(terms) == 1 else "were", scale
            )
        )
        for scale, terms in scales.items()
    ]


def fixed(text: str, p: Markup = Markup("P")) -> Markup:
    """A sentence of ours in which a digit belongs to a definition or a name (CTCAE 5.0, day 28), never to a result.

    p: the journal's letter for a P value.
    """
    return Markup(" ").join(
        Markup("<cite>{}</cite>").format(word) if DIGITS.fullmatch(word) else p if word == "P" else escape(word)
        for word in text.split(" ")
    )


def _named(voice: Voice, text: str) -> Markup:
    return Markup('<span class="label">{}</span>').format(text if text.endswith(".") else f"{text}.")


def _used(voice: Voice, endpoint: str) -> bool:
    return any(
        a.options.get("endpoint") == endpoint
        or endpoint in a.options.get("outcomes", ())
        or endpoint in a.options.get("endpoints", ())
        for a in voice.study.analyses.values()
    )


def _design(voice: Voice) -> list[Markup]:
    out = [
        Markup("{} of {}{}.").format(
            DESIGNS[voice.study.design],
            voice.count(f"study/subjects@{ALL}"),
            Markup(" in {} groups").format(words.in_words(len(voice.study.arms)))
            if len(voice.study.arms) > 1
            else Markup(),
        )
    ]
    if len(voice.study.arms) > 1:
        short = by_keys(voice.study.arms)
        parts = [
            Markup("{} ({}{})").format(
                voice.label(label) if short else voice.title(label),
                voice.title(f"{key} group, ") if short else "",
                voice.show(f"study/subjects@{key}", "n = {n}"),
            )
            for key, label in voice.study.arms.items()
        ]
        out.append(
            Markup("The groups are {}; contrasts are against {}.").format(
                words.listed(parts, comma=True),
                voice.arm(voice.study.reference or next(iter(voice.study.arms))),
            )
        )
    if voice.says(f"study/enrolment@{ALL}"):
        cell = voice.cell(f"study/enrolment@{ALL}")
        single = cell["first"] == cell["last"]
        when = "Patients entered in {}." if single else "Patients entered from {}."
        out.append(Markup(when).format(voice.show(cell, "{first}" if single else "period")))
    out.append(Markup("Data were cut off on {}.").format(voice.show(f"study/cutoff@{ALL}", "date")))
    return out


def in_group(voice: Voice, key: str) -> Markup:
    """'in the R group', where no analysis is spoken of."""
    return Markup("in {}").format(voice.arm(key))


def _conventions(voice: Voice) -> list[Markup]:
    out = [
        "Percentages are of the patients with a known value; what is missing is counted and not imputed.",
        "Numbers are rounded half up from the exact value.",
    ]
    if any(c.startswith("smd") or c.endswith(".smd") for c in {cell.variable for cell in voice.results}):
        text = "Balance between groups is described by standardized mean differences, since {} values do not measure it."
        out.append(Markup(text).format(voice.style.p_symbol))
    return [escape(text) for text in out]


def _statistics(voice: Voice, references: References) -> list[list[Markup]]:
    """What is described and compared; times to events; what holds for all. Works are cited in this order."""
    first: dict[str, str] = {}  # method: the analysis that used it first
    for row in voice.results.rows:
        if row.method:
            first.setdefault(row.method, row.analysis)
    timed = {name for name, analysis in voice.study.analyses.items() if _timed(voice, analysis)}
    groups = ([key for key, name in first.items() if (name in timed) is late] for late in (False, True))
    described, times = (_methods(voice, keys, references) for keys in groups)
    paragraphs = [*_conventions(voice), *described], [*times, *_censored(voice)], inference.sentences(voice)
    return [paragraph for paragraph in paragraphs if paragraph]


def _timed(voice: Voice, analysis: Analysis) -> bool:
    """Whether an analysis is of a time to an event."""
    named = (analysis.options.get("endpoint"), *analysis.options.get("endpoints", ()))
    return any(name in voice.study.endpoints and voice.study.endpoints[name].timed for name in named)


def _methods(voice: Voice, keys: Sequence[str], references: References) -> list[Markup]:
    known, p = descriptions(), voice.style.p_symbol
    return [
        fixed(known[key].sentence, p)
        + references.cite(known[key].reference)
        + (Markup(" ") + fixed(known[key].reason, p) if known[key].reason else Markup())
        for key in keys
        if key in known and known[key].sentence
    ]


def _censored(voice: Voice) -> list[Markup]:
    """What survival analyses of an endpoint with competing events estimate."""
    analyses = voice.study.analyses.values()
    named = {word for a in analyses if a.kind in CENSORING for word in mentioned(a.options)}
    coded = {str(a.options["endpoint"]) for a in analyses
             if a.kind in ("survival", "incidence") and voice.names.competes(a.name, voice.results)}
    labels = [voice.label(e.label) for e in voice.study.endpoints.values() if e.name in named and (e.competes or e.name in coded)]
    if not labels:
        return []
    return [
        Markup(
            "In Kaplan–Meier and Cox analyses of {} patients were censored at a competing event: hazard ratios are "
            "cause-specific, and what is left of one is no probability of staying free from the event."
        ).format(words.listed(labels))
    ]


def _software(versions: Mapping[str, str]) -> Markup:
    parts = [Markup("<cite>{} {}</cite>").format(COMPUTING[name], versions[name]) for name in COMPUTING if name in versions]
    return Markup("The analyses were computed with {}.").format(words.listed(parts, comma=True))
