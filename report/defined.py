"""What Methods says of definitions: the study's own endpoints, what was derived, and the scales of toxicity, as far as the
report shows what is defined."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from markupsafe import Markup

from report import words
from report.cited import References, fixed
from report.tables.kinetics import unquantified
from report.told import Told
from report.voice import Voice
from stats.groups import ALL
from stats.methods.types import Description
from stats.study.mentions import words as mentioned
from stats.study.types import Column, Endpoint, Study, Term

# of which names a definition is, by its key: a test of a column, an endpoint or a term that the report is about
COLUMNS: Mapping[str, Callable[[Column], bool]] = {
    "response-eln": lambda column: column.name == "response_d28",
    "response-recorded": lambda column: column.name == "response_d28",
    "mrd": lambda column: column.name == "mrd_d28",
    "chimerism-class": lambda column: column.name.endswith("_class"),
    "chimerism-split": lambda column: column.name.endswith("_split"),
    "icaht": lambda column: "icaht" in column.name,
    "count-recovery": lambda column: column.name.endswith("_recovery_day"),
    "magic": lambda column: column.read_from is not None and column.read_from.frame == "gvhd",
    "astct-crs": lambda column: column.read_from is not None and column.read_from.frame == "events",
    "astct-icans": lambda column: column.read_from is not None and column.read_from.frame == "events",
    "kinetics": lambda column: column.read_from is not None and column.read_from.pick in ("peak", "tmax"),
    "kinetics-area": lambda column: column.read_from is not None and column.read_from.pick == "auc",
}
ENDPOINTS: Mapping[str, Callable[[Endpoint], bool]] = {
    "time-from-dates": lambda endpoint: bool(endpoint.start),
    "time-from-columns": lambda endpoint: bool(endpoint.time),
}
TERMS: Mapping[str, Callable[[Term], bool]] = {
    "magic": lambda term: term.grading.upper().startswith(("MAGIC", "GLUCKSBERG")),
    "astct-crs": lambda term: term.grading.upper().startswith("ASTCT"),
    "astct-icans": lambda term: term.grading.upper().startswith("ASTCT"),
    "ctcae-5.0": lambda term: bool(term.laboratory),
    "ctcae-6.0": lambda term: bool(term.laboratory),
    "worst-grade": lambda term: not term.laboratory,
    "worst-grade-recorded": lambda term: bool(term.laboratory),
    "worst-laboratory-grade": lambda term: bool(term.laboratory),
}
# of which numbers: kind of analysis, and parts of the names of its variables
SHOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "worst-grade-spells": ("adverse-events", ("onset", "duration")),
    "laboratory-baseline": ("adverse-events", ("shift", "emergent")),
    "kinetics": ("kinetics", ("peak", "tmax")),
    "kinetics-sampling": ("kinetics", ("peak", "tmax")),
    "kinetics-area": ("kinetics", ("auc",)),
    "kinetics-persistence": ("kinetics", ("persistence",)),
    "kinetics-above": ("kinetics", ("peak", "tmax", "auc", "course", "last")),
}
BELOW = "kinetics-below"
WORDED = ("label", "short", "definition", "levels", "values")  # keys of the study file that name nothing


def endpoints(study: Study, names: set[str]) -> list[Markup]:
    """The study's own sentences about those of its endpoints that the report is about (see about)."""
    return [
        Markup('<span class="label">{}</span>').format(e.definition if e.definition.endswith(".") else f"{e.definition}.")
        for e in study.endpoints.values() if e.definition and e.name in names
    ]


def definitions(
    voice: Voice, told: Told, names: set[str], used: Mapping[str, Description], references: References
) -> list[Markup]:
    """What was derived, as far as the report is about it (see about), of all definitions that were used on the way."""
    said = [
        fixed(one.sentence, voice.style.p_symbol) + references.cite(one.reference)
        for key, one in used.items() if one.sentence and _relevant(voice, told, names, key)
    ]
    return [*said, *_unquantified(voice, told), *_gradings(voice, told)]


def _relevant(voice: Voice, told: Told, names: set[str], key: str) -> bool:
    """Whether the report shows what a definition is of; one that nothing is known of here is said."""
    study = voice.study
    if key == BELOW:
        return told.shows("kinetics", "auc", "course") and any(_limited(voice, name) for name in told.analyses)
    if key not in {*COLUMNS, *ENDPOINTS, *TERMS, *SHOWN}:
        return True
    kind, parts = SHOWN.get(key, ("", ()))
    return (
        told.shows(kind, *parts)
        or any(key in COLUMNS and COLUMNS[key](one) for one in study.subjects.columns.values() if one.name in names)
        or any(key in ENDPOINTS and ENDPOINTS[key](one) for one in study.endpoints.values() if one.name in names)
        or any(key in TERMS and TERMS[key](one) for one in study.terms.values() if one.name in names)
    )


def _limited(voice: Voice, name: str) -> bool:
    """Whether the assay of an analysis' analyte has a lower limit, or anybody's peak lies below one."""
    if name not in voice.study.analyses or voice.study.analyses[name].kind != "kinetics":
        return False
    return f"{name}/lloq@{ALL}" in voice.results or unquantified(voice, name, "peak", (ALL,))


def about(study: Study, analyses: set[str]) -> set[str]:
    """Columns, endpoints, terms and analytes that these analyses are about, or that those are made from."""
    shown = [one for one in study.analyses.values() if one.name in analyses]
    names = {word for one in shown for word in (*mentioned(one.options), one.population, str(one.options.get("by", "arm")))}
    new = names
    while new:
        new = {word for name in new for word in _made_from(study, name)} - names
        names |= new
    return names


def _made_from(study: Study, name: str) -> Iterator[str]:
    for part in (study.endpoints.get(name), study.populations.get(name), study.subjects.columns.get(name), study.terms.get(name)):
        if part is not None:
            yield from mentioned({key: value for key, value in asdict(part).items() if key not in WORDED})
    for ending in ("_class", "_split"):
        stem = name.removesuffix(ending)
        yield from (other for other in study.subjects.columns if stem != name and other.startswith(stem))


def _unquantified(voice: Voice, told: Told) -> list[Markup]:
    """What became of peaks below quantification, where there are any: in what else these analyses show of peaks."""
    names = [
        a.name for a in voice.study.analyses.values()
        if a.kind == "kinetics" and a.name in told.analyses and unquantified(voice, a.name, "peak", (*voice.keys(a.name), ALL))
    ]
    if not names or not told.shows("kinetics", "peak"):
        return []
    log = any(voice.names.analyte(str(voice.study.analyses[name].options["analyte"])).scale == "log" for name in names)
    effect = "ratio" if log else "shift"

    def known(variable: str, stat: str) -> bool:
        cells = (cell for name in names for cell in voice.results.select(name, variable))
        return any(told.tells(cell.address, stat) and not math.isnan(cell.get(stat)) for cell in cells)

    estimated = known(f"peak.{effect}", "estimate")
    counted = ["medians"]
    counted += ["shifts"] if estimated and not log else []
    counted += ["rank tests"] if known("peak.test", "p_value") else []
    left = "; ratios of geometric means leave it out" if estimated and log else ""
    text = "A peak below quantification counts as half the limit in {}{}."
    return [Markup(text).format(words.listed([Markup(one) for one in counted], comma=True), left)]


def _gradings(voice: Voice, told: Told) -> list[Markup]:
    """Which scale, in which version, each kind of toxicity was graded by."""
    scales: dict[str, list[Markup]] = {}
    shown = [a for a in voice.study.analyses.values() if a.name in told.analyses]
    for term in voice.study.terms.values():
        if term.grading and any(term.name in a.options.get("terms", ()) for a in shown):
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
