"""Time to event in one table: events, median, rates at fixed times, their difference, hazard ratio, log-rank, restricted mean."""

from __future__ import annotations

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.results import Results, number


def build(results: Results, style: Style, *, of: str | tuple[str, ...]) -> Table:
    """`of` is one or more survival analyses; each is a block of rows."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    first = names[0]
    keys = columns.keys(said, first)
    pairs = columns.contrasts(said, first)
    heads = [Head(Markup("Endpoint")), *population.heads(said, names, [columns.head(said, first, key, notes) for key in keys])]
    heads += [Head(columns.versus(said, first, pair, "Contrast")) for pair in pairs]
    tested = bool(said.pairs(first))
    heads += [Head(style.p_symbol)] if tested else []
    lines: list[Line] = []
    for name in names:
        endpoint = said.names.endpoint(str(said.study.analyses[name].options["endpoint"]))
        lines += population.block(said, names, name, said.title(said.names.timed(name)), keys, len(heads) - 1)
        lines += _block(said, name, endpoint.unit, keys, pairs, tested, notes)
    level = said.level(*names)
    notes.say(
        Markup(
            "Estimates with {} CI in parentheses. Contrasts are {}; differences of rates are in percentage points."
        ).format(level, _versus(said, first))
        if pairs
        else Markup("Estimates with {} CI in parentheses.").format(level)
    )
    if tested and len(said.keys(first)) > 2:
        notes.say("Each hazard ratio is of its two groups alone.")
    notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)


def _block(
    said: Voice, name: str, unit: str, keys: tuple[str, ...], pairs: tuple[str, ...], tested: bool, notes: Notes
) -> list[Line]:
    def line(label: Markup, cells: list[Markup], effects: list[Markup], p: Markup = Markup()) -> Line:
        effects = effects or [Markup()] * len(pairs)
        return Line(label, (*cells, *effects, *((p,) if tested else ())), indent=1)

    def each(variable: str, pattern: str) -> list[Markup]:
        return [columns.shown(said, said.printed(f"{name}/{variable}@{key}"), pattern, notes) for key in keys]

    def effect(variable: str, pattern: str) -> list[Markup]:
        return [columns.shown(said, said.printed(f"{name}/{variable}@{pair}"), pattern, notes) for pair in pairs]

    test = said.global_test(name)
    lines = [
        line(Markup("Events, n/N"), each("events", "{n}/{N}"), []),
        line(Markup('Median, <span class="label">{}</span>').format(unit), each("median", "time-ci"), []),
    ]
    for t in said.study.analyses[name].options.get("at", ()):
        at = f"~{number(t)}"
        when = said.show(f"{name}/survival{at}@{keys[0]}", "{at}")
        lines.append(
            line(
                Markup("Rate at {}, %").format(when),
                each(f"survival{at}", columns.RATE),
                effect(f"difference{at}", "difference-ci"),
            )
        )
        mean = said.printed(f"{name}/rmst_difference{at}@{pairs[0]}") if len(pairs) == 1 else ""
        p = columns.p_value(said, mean, notes)
        lines.append(
            line(
                Markup("Restricted mean to {}").format(when),
                each(f"rmst{at}", "time-ci"),
                effect(f"rmst_difference{at}", "time-ci"),
                p,
            )
        )
    if tested:
        blank = [Markup()] * len(keys)
        hazard = columns.p_value(said, f"{name}/hazard@{pairs[0]}", notes) if len(pairs) == 1 else Markup()
        ratios = blank if pairs else columns.against(said, name, "hazard", keys, notes)
        lines.append(line(Markup("Hazard ratio"), ratios, effect("hazard", "estimate-ci"), hazard))
        lines.append(line(Markup("Log-rank test"), blank, [], columns.p_value(said, f"{name}/logrank@{test}", notes)))
        if f"{name}/trend@{test}" in said.results:
            trend = columns.p_value(said, f"{name}/trend@{test}", notes)
            lines.append(line(Markup("Log-rank test for trend"), blank, [], trend))
        if len(pairs) == 1:
            lines.append(
                line(
                    Markup("Proportional hazards"),
                    blank,
                    [],
                    columns.p_value(said, f"{name}/proportionality@{pairs[0]}", notes),
                )
            )
    return lines


def _versus(said: Voice, name: str) -> Markup:
    parts = [
        Markup("{} vs {}").format(*(said.title(said.names.group(key, said.by(name))) for key in pair))
        for pair in said.pairs(name)
    ]
    return Markup("; ").join(parts)
