"""Sentences about the course of an analyte: peak, time to peak, exposure, persistence."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import plurals, words
from report.prose import _plainly
from report.tables.kinetics import fewer, unquantified
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis, Analyte

# what a sentence is about that calls nothing later or earlier
MOMENTS = {"tmax": "the time to the peak of {}", "last_day": "the day of the last quantifiable value of {}"}
# a ratio leaves out peaks below quantification, which the rank test counts as the lowest
APART = "with the peaks below quantification the groups rank the other way round"
# measure: (what the sentence is about, scale)
SUBJECTS = {
    "peak": ("peak {}", "level"),
    "tmax": ("the peak of {}", "moment"),
    "auc": ("exposure to {} (area under the curve)", "level"),
    "last": ("the last quantifiable value of {}", "level"),
    "last_day": ("the last quantifiable value of {}", "moment"),
    "persistence": ("persistence of {}", "time"),
}


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    measure, _, asked = cell.variable.partition(".")
    if measure not in SUBJECTS:
        return None
    stem, pair = f"{cell.analysis}/{measure}", cell.group
    x, y = (voice.cell(f"{stem}@{key}") for key in pair.split(":"))
    log = _analyte(voice, cell.analysis).scale == "log"
    ratio = f"{stem}.ratio@{pair}" in voice.results and (asked == "ratio" or (log and asked != "shift"))
    effect = voice.cell(f"{stem}.{'ratio' if ratio else 'shift'}@{pair}")
    scale = SUBJECTS[measure][1]
    test = voice.cell(f"{stem}.test@{pair}") if f"{stem}.test@{pair}" in voice.results else None
    lean = _lean(test, x, y)
    partial = ratio and unquantified(voice, cell.analysis, measure, pair.split(":"))
    apart = partial and lean * (effect["estimate"] - 1) < 0
    return voice.compared(
        _subject(voice, cell, SUBJECTS[measure][0]),
        scale,
        (_side(voice, x), _side(voice, y)),
        effect=effect,
        effect_name=("ratio of geometric means" + (" of quantified peaks" if partial else "")) if ratio else "shift",
        null=1 if ratio else 0,
        test=test,
        lean=lean,
        caution=APART if apart else "",
        neutral=_subject(voice, cell, MOMENTS.get(measure, "")),
    )


def _lean(test: Cell | None, x: Cell, y: Cell) -> float:
    """Which way the rank test points: positive where the values of X rank higher."""
    return math.nan if test is None else test.get("statistic") - x["n"] * y["n"] / 2


def _subject(voice: Voice, cell: Cell, text: str) -> Markup:
    return Markup(text).format(voice.label(_analyte(voice, cell.analysis).label))


def _measured(voice: Voice, cell: Cell, measure: str) -> Markup:
    """A measure by its name: 'the time to the peak of CAR transgene', where a comparison speaks of the peak as later."""
    return _subject(voice, cell, MOMENTS.get(measure, SUBJECTS[measure][0]))


def among(voice: Voice, cell: Cell) -> Markup:
    measure = cell.variable.partition(".")[0]
    sides = [_side(voice, voice.cell(f"{cell.analysis}/{measure}@{key}")) for key in voice.keys(cell.analysis)]
    about = _measured(voice, cell, measure)
    return words.among(about, sides, cell.get("p_value"), voice.p(cell), voice.study.alpha, voice.why(cell))


def state(voice: Voice, cell: Cell) -> Markup:
    measure = cell.variable
    if measure not in (*SUBJECTS, "course"):
        return _plainly.state(voice, cell)
    if cell["n"] == 0 and measure in SUBJECTS and not cell.withheld:
        where = Markup() if cell.group == ALL else Markup(" {}").format(voice.where(cell.analysis, cell.group))
        return words.upper_first(Markup("{} is known in no patient{}.").format(_measured(voice, cell, measure), where))
    subject = _subject(voice, cell, SUBJECTS.get(measure, ("{}", "level"))[0])
    at = Markup(" on day {}").format(voice.show(cell, "{at:bare}")) if cell.at is not None else Markup()
    where = voice.where(cell.analysis, cell.group)
    if measure in ("tmax", "last_day"):
        text = "{} was {} {}." if math.isnan(cell["median"]) else "{} was at a median of {} {}."
        return words.upper_first(Markup(text).format(subject, voice.show(cell, "day-iqr"), where))
    subject = Markup(str(subject).removeprefix("the "))  # it was Markup
    return words.upper_first(
        Markup("median {}{} was {} {}.").format(subject, at, voice.show(cell, "median-iqr-unit"), where)
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """opening: in how many it was measured; peak, tmax, auc: what each group showed and how they compare;
    limits: what lay outside the assay."""
    label = voice.label(_analyte(voice, analysis.name).label)
    out: dict[str, Markup | list[Markup]] = {
        "opening": words.upper_first(_opening(voice, analysis.name, label))
    }
    for measure in ("peak", "tmax", "auc"):
        out[measure] = _measure(voice, analysis, measure)
    out["limits"] = _limits(voice, analysis.name)
    return out


def _opening(voice: Voice, name: str, label: Markup) -> Markup:
    peaks = voice.cell(f"{name}/peak@{ALL}")
    if peaks["n"] == 0 and voice.cell(f"{name}/samples@{ALL}").get("max") > 0:
        return Markup("no patient was measured often enough for a peak of {}.").format(label)
    if not fewer(voice, name, "peak", ALL):
        return Markup("{} {} measured in {}.").format(label, plurals.was(label), voice.count(peaks))
    return Markup("{} {} measured in {} of {}.").format(
        label, plurals.was(label), voice.show(peaks, "{n}"), voice.count(f"{name}/population@{ALL}")
    )


def _measure(voice: Voice, analysis: Analysis, measure: str) -> Markup:
    name = analysis.name
    whole, peaks = voice.cell(f"{name}/{measure}@{ALL}"), voice.cell(f"{name}/peak@{ALL}")
    subject = _measured(voice, whole, measure)
    if whole["n"] == 0:
        return Markup("{} is known in no patient.").format(words.upper_first(subject)) if peaks["n"] > 0 else Markup()
    if not voice.pairs(name):
        return _alone(voice, whole, measure)
    group = voice.global_test(name)
    test = voice.cell(f"{name}/{measure}.test@{group}")
    compared = None if group == "arms" else compare(voice, test)
    said = words.sentence(compared) if compared is not None else among(voice, test)
    if whole["n"] == peaks["n"]:  # in whom there is a peak is said before
        return said
    known = [
        Markup("{} {}").format(voice.show(f"{name}/{measure}@{key}", "{n}"), voice.where(name, key)) for key in voice.keys(name)
    ]
    return said + Markup(" {} is known in {}: {}.").format(
        words.upper_first(subject), voice.count(whole), words.listed(known, comma=True)
    )


def _alone(voice: Voice, cell: Cell, measure: str) -> Markup:
    subject = _subject(voice, cell, SUBJECTS[measure][0])
    if measure == "tmax":
        return words.upper_first(
            Markup("{} was reached after a median of {}.").format(subject, voice.show(cell, "median-iqr-unit"))
        )
    return words.upper_first(Markup("median {} was {}.").format(subject, voice.show(cell, "median-iqr-unit")))


def _limits(voice: Voice, name: str) -> list[Markup]:
    out = []
    for side, words_for in (
        ("below", "never reached the limit of quantification"),
        ("above", "exceeded the upper limit of quantification"),
    ):
        cell = voice.cell(f"{name}/peak_{side}@{ALL}")
        if cell["n"] > 0:
            out.append(words.upper_first(Markup("in {} the peak {}.").format(voice.count(cell), words_for)))
    return out


def _side(voice: Voice, cell: Cell) -> words.Side:
    median = "day-iqr" if cell.variable in ("tmax", "last_day") else "median-iqr-unit"
    return voice.side(cell, voice.aside(cell, median))


def _analyte(voice: Voice, analysis: str) -> Analyte:
    return voice.names.analyte(str(voice.study.analyses[analysis].options["analyte"]))
