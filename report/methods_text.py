"""The Methods section, written by what ran: the study's own definitions, the derivations and the methods used, each with
its source, and the software. References are numbered in order of first mention.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from report import population, words, works
from report.tables.kinetics import unquantified
from report.voice import Voice, by_keys
from stats.groups import ALL, FEWEST
from stats.methods import descriptions
from stats.methods.types import Description
from stats.results import NO_TESTS, SETTINGS
from stats.study.mentions import words as mentioned

DIGITS = re.compile(r"\S*\d\S*")
DESIGNS = {
    "": "This is an analysis",
    "retrospective cohort": "This is a retrospective cohort study",
    "prospective cohort": "This is a prospective cohort study",
    "single-arm trial": "This is a single-arm trial",
    "randomised trial": "This is a randomised trial",
    "registry": "This is an analysis of a registry",
}


CENSORING = ("survival", "hazards", "sensitivity")  # kinds of analyses for which a competing event ends follow-up
SOFTWARE = (
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
) -> dict[str, list[Markup]]:
    """design, endpoints, definitions, statistics, software: a list of sentences each."""
    return {
        "design": _design(voice),
        "endpoints": [
            _named(voice, e.definition) for e in voice.study.endpoints.values() if e.definition and _used(voice, e.name)
        ],
        "definitions": [
            *(fixed(d.sentence, voice.style.p_symbol) + references.cite(d.reference) for d in definitions.values() if d.sentence),
            *_unquantified(voice),
            *_gradings(voice),
        ],
        "statistics": [*_conventions(voice), *_methods(voice, references), *_censored(voice), *_inference(voice)],
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
        parts = [
            Markup('<span class="label">{}</span> ({})').format(
                f"{label} ({key} group)" if by_keys(voice.study.arms) else label,
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


def _methods(voice: Voice, references: References) -> list[Markup]:
    known, p = descriptions(), voice.style.p_symbol
    return [
        fixed(known[key].sentence, p)
        + references.cite(known[key].reference)
        + (Markup(" ") + fixed(known[key].reason, p) if known[key].reason else Markup())
        for key in voice.results.methods()
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


def _inference(voice: Voice) -> list[Markup]:
    confidence, p = voice.show(f"study/confidence@{ALL}", "{level}%"), voice.style.p_symbol
    tests = voice.cell(f"study/tests@{ALL}")
    out = [Markup("Intervals have {} confidence.").format(confidence)]
    if tests["n"]:
        out = [
            Markup(
                "Tests are two-sided; intervals have {} confidence, and {} below {} is called significant."
            ).format(confidence, p, voice.show(f"study/alpha@{ALL}", "{p_value}"))
        ]
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
    if any(voice.pairs(name) for name in voice.study.analyses):
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


def _software(versions: Mapping[str, str]) -> Markup:
    parts = [f"{name} {versions[name]}" for name in SOFTWARE if name in versions]
    return Markup("Computed with <cite>{}</cite>.").format(", ".join(parts))
