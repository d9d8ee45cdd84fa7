"""What tables and figures are called where the study file gives them no title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from report import population
from report.measure import OF_EACH
from report.words import lower_first
from stats.groups import ALL
from stats.study.types import Analysis, Endpoint, Exhibit, Study

if TYPE_CHECKING:
    from report.voice import Voice

TITLES = {
    "characteristics": "Characteristics of the patients",
    "proportion": "Response",
    "adverse-events": "Adverse events",
    "grades": "Worst grade of adverse events",
    "survival": "{}: estimates",
    "incidence": "{}: cumulative incidence",
    "survival-curve": "{}",
    "incidence-curve": "{}",
    "course": "{}: course",
    "kinetics": "{}: peak and exposure",
    "hazards": "{}: Cox regression",
    "sensitivity": "Sensitivity analyses",
    "forest": "{}: estimates with their confidence intervals",
    "shift": "Grade at baseline and worst grade",
    "flow": "Flow of patients",
    "claims": "What the abstract says and what the data show",
    "ledger": "Every P value: the test, why this one, and what other tests say",
}
RESPONSE = re.compile(r"respon|remission|negativ|\b(?:[ns]?CR[hi]?|V?GPR|PR|ORR|MRD|MLFS)\b", re.I)  # in a response's label


def said(voice: Voice, exhibit: Exhibit) -> str:
    """The title of an exhibit; one of ours without measures that nobody has, and where nobody's group is known it says so."""
    study, measures = voice.study, exhibit.options.get("measures", OF_EACH)
    if exhibit.title != title(study, exhibit.kind, exhibit.of, exhibit.options):
        return exhibit.title
    if exhibit.kind == "dots":
        measures = [m for m in measures if any(voice.cell(f"{name}/{m}@{ALL}")["n"] != 0 for name in exhibit.of)] or measures
    return title(study, exhibit.kind, exhibit.of, exhibit.options, measures, any(map(voice.keys, exhibit.of)))


def title(study: Study, kind: str, of: Sequence[str], options: Mapping[str, Any], measures: Iterable[str] = (),
          grouped: bool = True) -> str:
    """What an exhibit shows, by what its patients are grouped where they aren't by arm, and in whom where it is one analysis of
    not everybody; an analysis' own label goes before. measures: those of its options, or of these the ones that somebody
    has; grouped: whether the group of anybody is known."""
    analyses = [study.analyses[name] for name in of]
    if len(analyses) == 1 and analyses[0].label:
        return analyses[0].label
    text = TITLES.get(kind, "{}").format(_listed([subject for analysis in analyses for subject in _subjects(study, analysis)]))
    if kind == "proportion":
        text = proportions(study, analyses)
    if kind == "dots":
        text += f": {' and '.join(lower_first(OF_EACH[one]) for one in measures or options.get('measures', OF_EACH))}"
    groups = {str(analysis.options.get("by", "arm")) for analysis in analyses}
    if len(groups) == 1 and groups != {"arm"}:
        by = groups.pop()
        label = lower_first(study.subjects.columns[by].label or by)
        text += f", by {label}" if grouped else f"; {label} is known in no patient"
    label = population.part(study, analyses[0].name) if len(analyses) == 1 else ""
    return f"{text}, {population.named(label)}" if label else text


def _subjects(study: Study, analysis: Analysis) -> list[str]:
    """What an analysis is about: its endpoint, outcomes or analyte."""
    outcomes: Any = analysis.options.get("outcomes") or [analysis.options.get("endpoint", "")]
    analyte = study.analytes.get(str(analysis.options.get("analyte", "")))
    if analyte is not None:
        return [analyte.label or analyte.name]
    endpoints = [study.endpoints[name] for name in outcomes if name in study.endpoints]
    return [endpoint.label or endpoint.name for endpoint in endpoints] or [analysis.name]


def _listed(subjects: Sequence[str]) -> str:
    """'Overall survival, relapse and CR', each once."""
    first, *others = dict.fromkeys(subjects) or [""]
    *middle, last = [first, *map(lower_first, others)]
    return f"{', '.join(middle)} and {last}" if middle else last


def proportions(study: Study, analyses: Sequence[Analysis]) -> str:
    """What shares of patients are called together: a death or an infection is an outcome and no response."""
    outcomes = [study.endpoints[name] for analysis in analyses for name in analysis.options.get("outcomes", ())]
    return "Response" if all(map(_response, outcomes)) else "Outcomes"


def _response(endpoint: Endpoint) -> bool:
    """Whether a proportion is of patients who responded: by its levels, unless fewer are better, or by its label."""
    return endpoint.better != "lower" and bool(endpoint.responses or RESPONSE.search(endpoint.label or endpoint.name))
