"""Sentences about toxicity by worst grade."""

from __future__ import annotations

from markupsafe import Markup

from report import words
from report.prose import _plainly
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    a, pair = cell.analysis, cell.group
    term, _, asked = cell.variable.partition(".")
    label = voice.label(voice.names.term(term).label)
    if asked == "difference":
        subject = Markup("the rate of {} of {}").format(label, _extent(voice, a, cell.level))
        x, y = (voice.cell(f"{a}/{term}={cell.level}@{key}") for key in pair.split(":"))
        return voice.compared(
            subject,
            "share",
            (voice.side(x, voice.aside(x, "share")), voice.side(y, voice.aside(y, "share"))),
            effect=cell,
            effect_name="difference",
        )
    if asked != "test":
        return None
    superiority = voice.cell(f"{a}/{term}.superiority@{pair}")
    lean = superiority.get("estimate") - 0.5
    # severe events, unless they point the other way than the grades as a whole
    level = "any" if lean * voice.cell(f"{a}/{term}.difference=severe@{pair}").get("estimate") < 0 else "severe"
    x, y = (voice.cell(f"{a}/{term}={level}@{key}") for key in pair.split(":"))
    opening = Markup("{} in {}").format(_extent(voice, a, level), voice.aside(x, "share"))
    sides = voice.side(x, opening), voice.side(y, voice.aside(y, "share"))
    shown = voice.cell(f"{a}/{term}.difference={level}@{pair}")
    # the rank test on the ordered grade decides; the difference in events shows what the data leave open
    return voice.compared(
        Markup("grades of {}").format(label),
        "grade",
        sides,
        effect=shown,
        effect_name="difference",
        test=cell,
        decide=False,
        lean=lean,
        plural=True,
    )


def among(voice: Voice, cell: Cell) -> Markup:
    term = cell.variable.partition(".")[0]
    sides = [_grades(voice, cell.analysis, term, key) for key in voice.keys(cell.analysis)]
    return words.among(
        Markup("grades of {}").format(voice.label(voice.names.term(term).label)),
        sides,
        cell.get("p_value"),
        voice.p(cell),
        voice.study.alpha,
        voice.why(cell),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    term, _, asked = cell.variable.partition(".")
    label = voice.label(voice.names.term(term).label)
    if asked not in ("", "onset", "duration") or not (asked or cell.level):
        return _plainly.state(voice, cell)
    if asked:
        return words.upper_first(
            Markup("{} of {} was {} a median of {} {}.").format(
                asked,
                label,
                "at" if asked == "onset" else "",
                voice.show(cell, "median-range-unit"),
                voice.where(cell.analysis, cell.group),
            )
        )
    return words.upper_first(
        Markup("{} of {} occurred in {} {}.").format(
            label,
            _extent(voice, cell.analysis, cell.level),
            voice.show(cell, "share-ci"),
            voice.where(cell.analysis, cell.group),
        )
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """opening: over whom grades were taken; found: one or two sentences per term (frequency, comparison, onset
    and duration); missing: who was not evaluable."""
    found, missing = [], []
    name = analysis.name
    for term in analysis.options["terms"]:
        label = voice.label(voice.names.term(term).label)
        if voice.pairs(name):
            group = voice.global_test(name)
            test = voice.cell(f"{name}/{term}.test@{group}")
            compared = None if group == "arms" else compare(voice, test)
            text = Markup("{} {}").format(
                _any(voice, name, term), words.sentence(compared) if compared is not None else among(voice, test)
            )
        else:
            text = words.upper_first(
                Markup("{} of any grade occurred in {} and of {} in {}.").format(
                    label,
                    voice.show(f"{name}/{term}=any@{ALL}", "share-ci"),
                    _extent(voice, name, "severe"),
                    voice.show(f"{name}/{term}=severe@{ALL}", "share-ci"),
                )
            )
        graded = bool(voice.results.select(name, f"{term}.emergent"))
        found.append(
            Markup("{} {}").format(text, _emergent(voice, name, term) if graded else _spell(voice, name, term))
        )
        known = voice.cell(f"{name}/{term}@{ALL}")
        if known.get("missing") > 0:
            missing.append(
                Markup("{} not evaluable for {}.").format(
                    words.upper_first(
                        Markup("{} {}").format(
                            voice.count(known, "missing"), "was" if known["missing"] == 1 else "were"
                        )
                    ),
                    label,
                )
            )
    opening = Markup("The worst grades of {} were analyzed.").format(
        voice.count(f"{name}/population@{ALL}")
    )
    return {"opening": opening, "found": found, "missing": missing}


def _spell(voice: Voice, name: str, term: str) -> Markup:
    """Onset and duration, by group where there are groups."""
    keys = voice.keys(name) if len(voice.keys(name)) > 1 else (ALL,)
    parts = []
    for spell, words_for in (("onset", "Median onset was on"), ("duration", "Median duration was")):
        cells = [voice.cell(f"{name}/{term}.{spell}@{key}") for key in keys]
        cells = [cell for cell in cells if cell["n"] != 0]
        if cells:
            each = words.listed(
                [
                    Markup("{} {}").format(
                        voice.show(cell, _pattern(spell, cell)),
                        Markup() if len(keys) == 1 else voice.where(name, cell.group),
                    )
                    for cell in cells
                ],
                comma=True,
            )
            parts.append(Markup("{} {}.").format(words_for, each))
    return Markup(" ").join(parts)


def _pattern(spell: str, cell: Cell) -> str:
    """A range is printed where there is one."""
    if cell["min"] == cell["max"]:
        return "day {median}" if spell == "onset" else "{median} {unit}"
    return "day-range" if spell == "onset" else "median-range-unit"


def _any(voice: Voice, name: str, term: str) -> Markup:
    each = words.listed(
        [
            Markup("{} {}").format(voice.show(f"{name}/{term}=any@{key}", "share"), voice.where(name, key))
            for key in voice.keys(name)
        ],
        comma=True,
    )
    return words.upper_first(
        Markup("{} of any grade occurred in {}.").format(voice.label(voice.names.term(term).label), each)
    )


def _emergent(voice: Voice, name: str, term: str) -> Markup:
    """Laboratory grades are mostly abnormal before treatment: how many became worse than they were."""
    keys = voice.keys(name) if len(voice.keys(name)) > 1 else (ALL,)
    cells = [
        voice.cell(f"{name}/{term}.emergent@{key}") for key in keys if f"{name}/{term}.emergent@{key}" in voice.results
    ]
    known = [cell for cell in cells if cell["N"] > 0]
    if not known:
        return Markup()
    each = words.listed(
        [
            Markup("{} {}").format(
                voice.show(cell, "share"), Markup() if len(keys) == 1 else voice.where(name, cell.group)
            )
            for cell in known
        ],
        comma=True,
    )
    return Markup("The worst grade was higher than the grade at baseline in {}.").format(each)


def _grades(voice: Voice, name: str, term: str, key: str) -> words.Side:
    severe = voice.cell(f"{name}/{term}=severe@{key}")
    return voice.side(severe, Markup("{} of {}").format(voice.aside(severe, "share"), _extent(voice, name, "severe")))


def _extent(voice: Voice, name: str, level: str) -> Markup:
    """A grade is a name from a scale, not a result: it is written as a label."""
    if level == "any":
        return Markup("any grade")
    grade = voice.study.analyses[name].options.get("severe", 3) if level == "severe" else level
    return Markup('<span class="label">grade {}</span>{}').format(grade, " or higher" if level == "severe" else "")
