"""The Methods section, written by what ran: the study's own definitions, the derivations and the methods used, each with
its source, and the software. References are numbered in order of first mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from report import defined, inference, words
from report.cited import References, fixed
from report.told import Told
from report.voice import Voice, by_keys
from stats.groups import ALL
from stats.methods import descriptions
from stats.methods.types import Description
from stats.study.mentions import words as mentioned
from stats.study.types import Analysis

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


def sentences(
    voice: Voice, told: Told, definitions: Mapping[str, Description], versions: Mapping[str, str], references: References
) -> dict[str, Any]:
    """design, endpoints, definitions, statistics, software: a list of sentences each, about what is told; paragraphs: the
    statistics as several.
    """
    names = defined.about(voice.study, told.analyses)
    meant = defined.definitions(voice, told, names, definitions, references)
    paragraphs = _statistics(voice, told, references)  # after the definitions, as a reader meets their works
    return {
        "design": _design(voice),
        "endpoints": defined.endpoints(voice.study, names),
        "definitions": meant,
        "statistics": [sentence for paragraph in paragraphs for sentence in paragraph],
        "paragraphs": paragraphs,
        "software": [_software(versions)],
    }


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


def _conventions(voice: Voice, told: Told) -> list[Markup]:
    known = any(told.tells(cell.address, "p") and "N" in cell for cell in voice.results)
    percentages = "Percentages are of the patients with a known value; what is missing is counted and not imputed."
    return [
        escape(percentages if known else "What is missing is counted and not imputed."),
        escape("Numbers are rounded half up from the exact value."),
    ]


def _statistics(voice: Voice, told: Told, references: References) -> list[list[Markup]]:
    """What is described and compared; times to events; what holds for all. Works are cited in this order."""
    timed = {name for name, analysis in voice.study.analyses.items() if _timed(voice, analysis)}
    known, keys = descriptions(), {False: dict[str, None](), True: dict[str, None]()}
    for key, name in told.methods.items():
        for one in (known[key].needs, key) if key in known else ():  # what its own sentence takes for granted comes before it
            if one and not any(one in group for group in keys.values()):
                keys[name in timed][one] = None
    described, times = (_methods(voice, keys[late], references) for late in (False, True))
    paragraphs = [*_conventions(voice, told), *described], [*times, *_censored(voice, told)], inference.sentences(voice, told)
    return [paragraph for paragraph in paragraphs if paragraph]


def _timed(voice: Voice, analysis: Analysis) -> bool:
    """Whether an analysis is of a time to an event."""
    named = (analysis.options.get("endpoint"), *analysis.options.get("endpoints", ()))
    return any(name in voice.study.endpoints and voice.study.endpoints[name].timed for name in named)


def _methods(voice: Voice, keys: Iterable[str], references: References) -> list[Markup]:
    known, p = descriptions(), voice.style.p_symbol
    return [
        fixed(known[key].sentence, p)
        + references.cite(known[key].reference)
        + (Markup(" ") + fixed(known[key].reason, p) if known[key].reason else Markup())
        for key in keys
        if known[key].sentence
    ]


def _censored(voice: Voice, told: Told) -> list[Markup]:
    """What survival analyses of an endpoint with competing events estimate."""
    analyses = [a for a in voice.study.analyses.values() if a.name in told.analyses]
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
