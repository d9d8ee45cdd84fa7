"""Cumulative incidence at fixed times with the competing event, Gray's test and the subdistribution hazard ratio."""

from __future__ import annotations

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from stats.results import Results, number


def build(results: Results, style: Style, *, of: str | tuple[str, ...]) -> Table:
    """`of` is one or more incidence analyses; each is a block of rows."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    first = names[0]
    keys, pairs, tested = columns.keys(said, first), columns.contrasts(said, first), bool(said.pairs(first))
    heads = [Head(Markup("Endpoint")), *population.heads(said, names, [columns.head(said, first, key, notes) for key in keys])]
    heads += [Head(columns.versus(said, first, pair, "Subdistribution hazard ratio")) for pair in pairs]
    heads += [Head(style.p_symbol)] if tested else []
    blank, none = (Markup(),) * len(pairs), (Markup(),) if tested else ()
    lines: list[Line] = []
    for name in names:
        endpoint = said.names.endpoint(str(said.study.analyses[name].options["endpoint"]))
        lines += population.block(said, names, name, said.title(endpoint.label), keys, len(heads) - 1)
        effects = tuple(columns.shown(said, f"{name}/subhazard@{pair}", "estimate-ci", notes) for pair in pairs)
        p = (columns.p_value(said, f"{name}/gray@{said.global_test(name)}", notes),) if tested else ()
        events = tuple(said.show(f"{name}/events@{key}", "{n}/{N}") for key in keys)
        lines.append(Line(Markup("Events, n/N"), (*events, *effects, *p), 1))
        if tested and not pairs:
            ratios = columns.against(said, name, "subhazard", keys, notes)
            lines.append(Line(Markup("Subdistribution hazard ratio"), (*ratios, *none), 1))
        shown = [("incidence", "Incidence")]
        if said.names.competes(name, results):
            shown.append(("competing", "Competing event"))
            competing = tuple(said.show(f"{name}/events@{key}", "{competing}") for key in keys)
            lines.append(Line(Markup("Competing events, n"), (*competing, *blank, *none), 1))
        for t in said.study.analyses[name].options.get("at", ()):
            for variable, what in shown:
                at = f"{name}/{variable}~{number(t)}"
                cells = tuple(columns.shown(said, f"{at}@{key}", columns.RATE, notes) for key in keys)
                lines.append(
                    Line(
                        Markup("{} at {}, %").format(what, said.show(f"{at}@{keys[0]}", "{at}")),
                        (*cells, *blank, *none),
                        1,
                    )
                )
    notes.say(Markup("Estimates with {} CI in parentheses.").format(said.level(*names)))
    notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)
