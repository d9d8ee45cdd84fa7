"""Toxicity: any grade, severe, every grade, onset and duration by group, with the rank test on the ordered grade."""

from __future__ import annotations

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.results import Results


def build(
    results: Results, style: Style, *, of: str | tuple[str, ...], grades: bool = True, spells: bool = True
) -> Table:
    """`of` is one or more adverse-events analyses; grades nobody had are left out."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    first = names[0]
    keys = columns.keys(said, first)
    pairs = columns.contrasts(said, first)
    tested = bool(said.pairs(first))
    heads = [Head(Markup("Event")), *population.heads(said, names, [columns.head(said, first, key, notes) for key in keys])]
    heads += [Head(columns.versus(said, first, pair, "Difference")) for pair in pairs]
    heads += [Head(style.p_symbol)] if tested else []
    lines: list[Line] = []
    for name in names:
        lines += population.block(said, names, name, Markup(), keys, len(heads) - 1)
        for term in said.study.analyses[name].options["terms"]:
            lines += _term(said, name, term, keys, pairs, tested, grades, spells, notes)
    level = said.level(*names)
    notes.say(
        Markup("Worst grade per patient, n (%){}.").format(
            Markup("; differences with {} CI are in percentage points, first group minus reference").format(level)
            if pairs
            else ""
        )
    )
    if pairs:
        notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)


def _term(
    said: Voice,
    name: str,
    term: str,
    keys: tuple[str, ...],
    pairs: tuple[str, ...],
    tested: bool,
    grades: bool,
    spells: bool,
    notes: Notes,
) -> list[Line]:
    severe = int(said.study.analyses[name].options.get("severe", 3))
    blank = (Markup(),) * len(pairs)
    p = (columns.p_value(said, f"{name}/{term}.test@{said.global_test(name)}", notes),) if tested else ()
    none = (Markup(),) if tested else ()

    def row(label: str | Markup, level: str, compare: bool, tail: tuple[Markup, ...], indent: int) -> Line:
        missing = said.cell(f"{name}/{term}@{keys[-1]}").get("missing") > 0
        cells = tuple(
            columns.shown(said, f"{name}/{term}={level}@{key}", "share" if missing else "n-percent", notes)
            for key in keys
        )
        effects = (
            tuple(
                columns.shown(said, f"{name}/{term}.difference={level}@{pair}", "difference-ci", notes)
                for pair in pairs
            )
            if compare
            else blank
        )
        return Line(Markup(label), (*cells, *effects, *tail), indent)

    label = said.title(said.names.term(term).label)
    lines = [
        row(Markup("{}, any grade").format(label), "any", True, p, 0),
        row(Markup('<span class="label">Grade {}</span> or higher').format(severe), "severe", True, none, 1),
    ]
    if grades:
        lines += [
            row(Markup('<span class="label">Grade {}</span>').format(grade), str(grade), False, none, 1)
            for grade in range(1, 6)
            if any(said.cell(f"{name}/{term}={grade}@{key}")["n"] != 0 for key in keys)
        ]
    for spell, what in (("onset", "Onset, day, median (range)"), ("duration", "Duration, days, median (range)")):
        if spells and any(said.cell(f"{name}/{term}.{spell}@{key}")["n"] != 0 for key in keys):
            cells = tuple(
                said.show(f"{name}/{term}.{spell}@{key}", "median-range")
                if said.cell(f"{name}/{term}.{spell}@{key}")["n"] > 0
                else Markup("–")
                for key in keys
            )
            lines.append(Line(Markup(what), (*cells, *blank, *none), 1))
    return lines
