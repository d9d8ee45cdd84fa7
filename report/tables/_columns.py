"""What every table of groups shares: who has a column, and how it is headed."""

from __future__ import annotations

import math

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Notes, plain
from report.voice import Voice
from report.words import upper_first
from stats.groups import ALL
from stats.results import Cell, Results

RATE = "{p} ({interval})"  # where the label of the line says that it is in percent
MOST_CONTRASTS = 2  # contrasts that get columns of their own; with more, the global test stands alone


def voice(results: Results, style: Style) -> Voice:
    return Voice(style.names.study, results, style.in_table)


def keys(said: Voice, analysis: str, total: bool = True) -> tuple[str, ...]:
    """Groups with a column: the arms and, where the journal wants it, everybody; one arm is everybody, and so is none."""
    groups = said.keys(analysis)
    if len(groups) < 2:
        return (ALL,)
    return (*groups, ALL) if total else groups


def head(said: Voice, analysis: str, key: str, notes: Notes) -> Head:
    """'R group (n = 10)'; a key used as a name is explained among the abbreviations."""
    size = said.show(f"{analysis}/population@{key}", "{n}")
    if key == ALL:
        without = population.ungrouped(said, analysis)
        mark = notes.letter(Markup("Includes {}").format(without)) if without else ""
        name = "All patients" if len(said.keys(analysis)) < 2 else "Total"
        return Head(Markup("{} (n\u00a0=\u00a0{}){}").format(name, size, mark))
    name = str(upper_first(Markup(said.group(analysis, key).removeprefix("the "))))
    explain(said, analysis, key, notes)
    return Head(Markup("{} (n\u00a0=\u00a0{})").format(Markup(name), size))


def explain(said: Voice, analysis: str, key: str, notes: Notes) -> None:
    """Say among the abbreviations what a group is that is called by its key; a label needs no word."""
    notes.abbreviate(plain(said.named(analysis, key)), said.names.group(key, said.by(analysis)))


def contrasts(said: Voice, analysis: str) -> tuple[str, ...]:
    """Contrasts that get columns."""
    pairs = tuple(":".join(pair) for pair in said.pairs(analysis))
    return pairs if len(pairs) <= MOST_CONTRASTS else ()


def against(said: Voice, analysis: str, variable: str, keys: tuple[str, ...], notes: Notes) -> list[Markup]:
    """Ratios against the reference, each in the column of its group: where contrasts have no columns of their own."""
    reference = next(y for _, y in said.pairs(analysis))
    cells = []
    for key in keys:
        if key == ALL:
            cells.append(Markup())
        elif key == reference:
            cells.append(Markup("Reference"))
        else:
            cells.append(shown(said, f"{analysis}/{variable}@{key}:{reference}", "estimate-ci", notes))
    return cells


def versus(said: Voice, analysis: str, pair: str, what: str) -> Markup:
    """A column head for a contrast; its groups are named only when there is more than one contrast, as in their own heads."""
    if len(said.pairs(analysis)) == 1:
        return Markup(what)
    return Markup("{}, {}").format(what, said.versus(analysis, pair))


def p_value(said: Voice, address: str, notes: Notes) -> Markup:
    """A bare P value with the letter of the test that made it; why there is none, as a note. Nothing without an address."""
    if not address or address not in said.results:
        return Markup()
    cell = said.results[address]
    if math.isnan(cell.get("p_value")):
        return unknown(said, cell, notes)
    return said.style.p_bare(cell) + notes.letter(_test_name(cell.methods["p_value"]))


def shown(said: Voice, address: str, pattern: str, notes: Notes) -> Markup:
    """A cell by pattern; when it can't be estimated, the reason stands among the notes."""
    if address not in said.results:
        return Markup()
    cell = said.results[address]
    main = next((cell.get(stat) for stat in ("estimate", "p", "median", "mean") if stat in cell), math.nan)
    if math.isnan(main) and cell.note:
        return unknown(said, cell, notes)
    text = said.show(cell, pattern)
    if math.isnan(cell.get("lower")) and math.isnan(cell.get("upper")) and "{interval}" in said.style.pattern(pattern):
        text += notes.letter(cell.notes.get("lower", ""))  # an estimate without limits
    return text


def unknown(said: Voice, cell: Cell, notes: Notes) -> Markup:
    """The journal's short word for 'not estimable', in the cell's address, with the reason under a letter."""
    if cell.withheld:
        return said.show(cell, f"{{{next(stat for stat, value in cell.stats.items() if math.isnan(value))}}}")
    stat = next(stat for stat, value in cell.stats.items() if math.isnan(value))
    reason = next((cell.notes[s] for s, v in cell.stats.items() if math.isnan(v) and cell.notes[s]), "")
    return said.show(cell, f"{{{stat}}}") + notes.letter(reason)


def _test_name(method: str) -> str:
    from stats.methods import descriptions

    described = descriptions().get(method)
    return described.name if described is not None else ""
