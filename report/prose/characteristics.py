"""Sentences about who the patients were, and how far apart the groups lay at baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from report import plurals, words
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell
from stats.study.types import Analysis

LEVELS = 6  # of a category that a sentence goes through; more are for the table
SHOWN = 3  # variables named among the farthest apart


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    variable, _, _ = cell.variable.partition(".")
    if variable == "balance" or voice.names.column(variable).type != "number":
        return None
    a, pair = cell.analysis, cell.group
    x, y = (voice.cell(f"{a}/{variable}@{key}") for key in pair.split(":"))
    test = f"{a}/{variable}.test@{pair}"
    return voice.compared(
        voice.label(voice.names.label(variable)),
        "level",
        (
            voice.side(x, voice.aside(x, _summary(voice, variable))),
            voice.side(y, voice.aside(y, _summary(voice, variable))),
        ),
        effect=voice.cell(f"{a}/{variable}.shift@{pair}"),
        effect_name="difference in means" if voice.names.column(variable).summary == "mean-sd" else "shift",
        test=voice.cell(test) if test in voice.results else None,
    )


def among(voice: Voice, cell: Cell) -> Markup:
    variable = cell.variable.partition(".")[0]
    sides = []
    if voice.names.column(variable).type == "number":
        for key in voice.keys(cell.analysis):
            shown = voice.cell(f"{cell.analysis}/{variable}@{key}")
            sides.append(voice.side(shown, voice.aside(shown, _summary(voice, variable))))
    return words.among(
        voice.label(voice.names.label(variable)),
        sides,
        cell.get("p_value"),
        voice.p(cell),
        voice.study.alpha,
        voice.why(cell),
        len(voice.keys(cell.analysis)),
    )


def state(voice: Voice, cell: Cell) -> Markup:
    """One group's value; for a contrast of a variable with levels, whether the distributions differed; the balance."""
    variable = cell.variable.partition(".")[0]
    if variable == "balance":
        return _balance(voice, cell)
    label = voice.label(voice.names.label(variable))
    if ":" in cell.group:
        x, y = (voice.group(cell.analysis, key) for key in cell.group.split(":"))
        smd = voice.cell(f"{cell.analysis}/{variable}.smd@{cell.group}")
        test = f"{cell.analysis}/{variable}.test@{cell.group}"
        found = voice.cell(test) if test in voice.results else smd
        inside = words.listed(
            [Markup("standardized mean difference {}").format(voice.effect(smd, False)), voice.p(found)]
        )
        return words.between(label, x, y, found.get("p_value"), inside, voice.study.alpha, voice.why(found))
    where = voice.where(cell.analysis, cell.group)
    if cell.level:
        level = (
            Markup()
            if cell.level == "yes"
            else Markup(" {}").format(voice.title(voice.names.level(variable, cell.level)))
        )
        return words.upper_first(
            Markup("{}{} {} recorded in {} {}.").format(label, level, _was(label, level), voice.show(cell, "share"), where)
        )
    return words.upper_first(
        Markup("{} {} {} ({}).").format(
            _middle(voice, variable), voice.show(cell, _summary(voice, variable)), where, voice.show(cell, "n = {n}")
        )
    )


def sentences(voice: Voice, analysis: Analysis) -> dict[str, Markup | list[Markup]]:
    """Of the first such analysis: included (who), numbers (the first medians), balance (how far apart the groups lay).
    Of a later one: each (one sentence per variable)."""
    name = analysis.name
    if name != next(a.name for a in voice.study.analyses.values() if a.kind == analysis.kind):
        told = [v for v in analysis.options["variables"] if len(voice.names.column(v).levels) <= LEVELS]
        return {"included": Markup(), "each": [_each(voice, name, v) for v in told]}
    numeric = [v for v in analysis.options["variables"] if voice.names.column(v).type == "number"]
    overall = [
        Markup("{} {}").format(
            _middle(voice, v),
            voice.show(f"{name}/{v}@{ALL}", _summary(voice, v)),
        )
        for v in numeric[:SHOWN]
        if voice.cell(f"{name}/{v}@{ALL}")["n"] > 0
    ]
    groups = (
        words.listed(
            [
                Markup("{} {}").format(voice.show(f"{name}/population@{key}", "{n}"), voice.where(name, key))
                for key in voice.keys(name)
            ],
            comma=True,
        )
        if voice.pairs(name)
        else Markup()
    )
    return {
        "included": Markup("The study included {}{}.").format(
            voice.count(f"{name}/population@{ALL}"),
            Markup(": {}").format(groups) if groups else Markup(),
        ),
        "numbers": words.upper_first(Markup("{}.").format(words.listed(overall, comma=True))) if overall else Markup(),
        "missing": _missing(voice, name, analysis.options["variables"]),
        "balance": [_balance(voice, voice.cell(f"{name}/balance@{':'.join(pair)}")) for pair in voice.pairs(name)],
    }


def _missing(voice: Voice, name: str, variables: Sequence[str]) -> Markup:
    """Which characteristics are not known of everybody: those with most gaps by name."""
    cells = [voice.cell(f"{name}/{v}@{ALL}") for v in variables]
    gaps = [cell for cell in cells if cell.get("missing") > 0]
    if not gaps or any(math.isnan(cell["missing"]) for cell in cells):  # how many have gaps is not to be known
        return Markup()
    most = sorted(gaps, key=lambda cell: -cell["missing"])[:SHOWN]
    named = [
        Markup("{} ({})").format(voice.label(voice.names.label(cell.variable)), voice.count(cell, "missing"))
        for cell in most
    ]
    count = words.in_words(len(gaps))
    if len(gaps) == 1:
        return Markup("Data were missing for {}.").format(named[0])
    return Markup("Data were missing for {} characteristics{} {}.").format(
        count, ":" if len(gaps) <= SHOWN else ", most often for", words.listed(named, comma=True)
    )


def _each(voice: Voice, name: str, variable: str) -> Markup:
    """What each group showed: a median, a share, or the shares of the levels."""
    column = voice.names.column(variable)
    keys = [
        key
        for key in (voice.keys(name) if voice.pairs(name) else (ALL,))
        if voice.cell(f"{name}/{variable}@{key}")["n"] != 0
    ]
    label = voice.label(column.label or variable)
    if not keys:
        return words.upper_first(Markup("{} {} not recorded.").format(label, _was(label)))

    def shown(key: str) -> Markup:
        if column.type == "number":
            return voice.show(f"{name}/{variable}@{key}", _summary(voice, variable))
        if column.type == "flag":
            return voice.show(f"{name}/{variable}=yes@{key}", "share")
        present = [cell for cell in voice.results.select(name, variable, key) if cell.level and cell["n"] != 0]
        return words.listed(
            [
                Markup("{} in {}").format(
                    voice.label(voice.names.level(variable, cell.level)), voice.show(cell, "share")
                )
                for cell in present
            ],
            comma=True,
        )

    one = len(voice.keys(name)) == 1
    parts = words.listed(
        [Markup("{} {}").format(shown(key), Markup() if one else voice.where(name, key)) for key in keys],
        comma=column.type in ("number", "flag"),
    )
    if column.type == "number":
        return words.upper_first(Markup("{} {}.").format(_middle(voice, variable), parts))
    verb = f"{_was(label)} recorded in" if column.type == "flag" else "was"
    return words.upper_first(Markup("{} {} {}.").format(label, verb, parts))


def _middle(voice: Voice, variable: str) -> Markup:
    """'median age was', 'mean neutrophils were'; of what is counted 'median number of lymph nodes was'."""
    column, label = voice.names.column(variable), voice.names.label(variable)
    counted = plurals.plural(label) and not column.unit
    summary = "mean" if column.summary == "mean-sd" else "median"
    verb = "was" if counted else plurals.was(voice.label(label))
    return Markup("{} {}{} {}").format(summary, "number of " if counted else "", voice.label(label), verb)


def _balance(voice: Voice, cell: Cell) -> Markup:
    """How many variables lay far apart, and which most; that P values can't show balance is said in Methods."""
    smds = [
        c
        for c in voice.results.select(cell.analysis, group=cell.group)
        if c.variable.endswith(".smd") and not math.isnan(c["estimate"])
    ]
    sizes = [voice.cell(f"{cell.analysis}/population@{key}")["n"] for key in cell.group.split(":")]
    fewest = voice.fewest(cell.analysis)
    if min(sizes) < fewest:
        # of two or three patients it measures nothing but them
        return Markup(
            "Balance between {} and {} is not judged, because there are fewer than {} patients in a group."
        ).format(*(voice.group(cell.analysis, key) for key in cell.group.split(":")), words.in_words(fewest))
    farthest = [c for c in sorted(smds, key=lambda c: -abs(c["estimate"])) if c["estimate"]][:SHOWN]
    named = words.listed(
        [
            Markup("{} ({})").format(
                voice.label(voice.names.label(c.variable.removesuffix(".smd"))), voice.effect(c, False)
            )
            for c in farthest
        ],
        comma=True,
    )
    x, y = (voice.group(cell.analysis, key) for key in cell.group.split(":"))
    if cell["N"] <= SHOWN:
        return (
            Markup("Between {} and {} the standardized mean difference was {}.").format(
                x,
                y,
                words.listed(
                    [
                        Markup("{} for {}").format(
                            voice.effect(c, False), voice.label(voice.names.label(c.variable.removesuffix(".smd")))
                        )
                        for c in smds
                    ],
                    comma=True,
                ),
            )
            if smds
            else Markup()
        )
    tested = cell.get("tests")
    text = Markup(
        "Between {} and {} the standardized mean difference was above {} for {} of {} characteristics"
    ).format(x, y, voice.show(cell, "{threshold}"), voice.show(cell, "{n}"), voice.show(cell, "{N}"))
    if named:
        text += Markup(", and largest for {}").format(named)
    if tested > 0:
        text += Markup("; {} of {} tests had a {} value below {}").format(
            voice.show(cell, "{below}"), voice.show(cell, "{tests}"), voice.style.p_symbol, voice.alpha(cell.analysis)
        )
    return text + Markup(".")


def _summary(voice: Voice, variable: str) -> str:
    return f"{voice.names.column(variable).summary}-unit"


def _was(label: Markup, level: Markup = Markup()) -> str:
    return "was" if level else plurals.was(label)
