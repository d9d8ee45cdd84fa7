"""Baseline against worst grade: how many patients moved where."""

from __future__ import annotations

from markupsafe import Markup

from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.results import Results

WORST = range(5)


def build(results: Results, style: Style, *, of: str) -> Table:
    """`of` is an adverse-events analysis whose terms have a baseline grade (from laboratory values)."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    heads = (Head(Markup("Grade at baseline")), *(Head(Markup("Worst grade {}").format(_grade(g))) for g in WORST))
    lines: list[Line] = []
    for term in said.study.analyses[of].options["terms"]:
        for key in columns.keys(said, of, total=False):
            rows = _rows(said, of, term, key)
            if rows:
                label = Markup("{}, {}").format(
                    said.title(said.names.term(term).label), columns.head(said, of, key, notes).label
                )
                lines += [Line(label, heading=True), *rows]
    notes.say(
        "Patients by their grade at baseline and the worst grade after it; a patient without a value at baseline is left out."
    )
    return table(said, heads, lines, notes)


def _rows(said: Voice, of: str, term: str, key: str) -> list[Line]:
    cells = {cell.level: cell for cell in said.results.select(of, f"{term}.shift", key)}
    before = sorted({level.split("to")[0] for level in cells})
    return [
        Line(
            Markup("Grade {}").format(_grade(int(b))),
            tuple(said.show(cells[f"{b}to{g}"], "{n}") if f"{b}to{g}" in cells else Markup("–") for g in WORST),
            1,
        )
        for b in before
    ]


def _grade(grade: int) -> Markup:
    return Markup('<span class="label">{}</span>').format(grade)
