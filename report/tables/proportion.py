"""Response and other shares: count, percentage and interval by group, the difference, the P value."""

from __future__ import annotations

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from stats.results import Results


def build(results: Results, style: Style, *, of: str | tuple[str, ...], ratios: bool = False) -> Table:
    """`of` is one or more proportion analyses; `ratios` adds odds and risk ratios."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    first = names[0]
    keys = columns.keys(said, first)
    pairs = columns.contrasts(said, first)
    asked = [("difference", "Difference", "difference-ci")]
    asked += (
        [("odds_ratio", "Odds ratio", "estimate-ci"), ("risk_ratio", "Risk ratio", "estimate-ci")] if ratios else []
    )
    tested = bool(said.pairs(first)) and said.study.analyses[first].options.get("test", True)
    heads = [Head(Markup("Outcome")), *population.heads(said, names, [columns.head(said, first, key, notes) for key in keys])]
    heads += [Head(columns.versus(said, first, pair, title)) for pair in pairs for _, title, _ in asked]
    heads += [Head(style.p_symbol)] if tested else []
    lines: list[Line] = []
    for name in names:
        lines += population.block(said, names, name, Markup(), keys, len(heads) - 1)
        for outcome in said.study.analyses[name].options["outcomes"]:
            cells = [columns.shown(said, f"{name}/{outcome}@{key}", "share-ci", notes) for key in keys]
            cells += [
                columns.shown(said, f"{name}/{outcome}.{effect}@{pair}", pattern, notes)
                for pair in pairs
                for effect, _, pattern in asked
            ]
            cells += [columns.p_value(said, f"{name}/{outcome}.test@{said.global_test(name)}", notes)] if tested else []
            lines.append(Line(said.title(said.names.title(outcome)), tuple(cells)))
            if f"{name}/{outcome}.trend@arms" in said.results:
                trend = columns.p_value(said, f"{name}/{outcome}.trend@arms", notes)
                blank = (Markup(),) * (len(heads) - 2)
                lines.append(Line(Markup("In the order of the groups"), (*blank, trend), indent=1))
    level = said.level(*names)
    notes.say(
        Markup("Values are n/N (%; {} CI){}.").format(
            level, "; differences are in percentage points, first group minus reference" if pairs else ""
        )
    )
    notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)
