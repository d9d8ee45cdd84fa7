"""One endpoint under several definitions: hazard ratio and log-rank test, rates and restricted means, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.results import Results, number

Variant = tuple[str, str]  # analysis and endpoint


def build(results: Results, style: Style, *, of: str | tuple[str, ...]) -> Table:
    """`of` is one or more sensitivity analyses; several are told apart by their populations."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    first = names[0]
    keys, pairs = columns.keys(said, first, total=False), columns.contrasts(said, first)
    tested = bool(said.pairs(first))
    heads = [Head(Markup("Definition")), *(columns.head(said, first, key, notes) for key in keys)]
    heads += [Head(columns.versus(said, first, pair, "Contrast")) for pair in pairs]
    heads += [Head(style.p_symbol)] if tested else []
    found = variants(said, names)
    lines: list[Line] = []

    def block(title: Markup, stem: str, shown: str, effect: str, form: str, test: str) -> None:
        lines.append(Line(title, heading=True))
        for name, endpoint in found:
            at = f"{name}/{endpoint}."
            cells = [columns.shown(said, said.printed(f"{at}{stem}@{key}"), shown, notes) for key in keys]
            cells += [columns.shown(said, said.printed(f"{at}{effect}@{pair}"), form, notes) for pair in pairs]
            if tested:
                p = said.printed(f"{at}{test}@{said.global_test(name)}")
                cells.append(columns.p_value(said, p, notes) if test else Markup())
            lines.append(Line(label(said, name, endpoint, len(names) > 1), tuple(cells), 1))

    title = "Events, n/N; hazard ratio; log-rank test" if tested else "Events, n/N"
    block(Markup("{}").format(title), "events", "{n}/{N}", "hazard", "estimate-ci", "logrank")
    for t in _times(said, names):
        at = f"~{number(t)}"
        name, endpoint = found[0]
        when = said.show(f"{name}/{endpoint}.survival{at}@{keys[0]}", "{at}")
        block(Markup("Rate at {}, %").format(when), f"survival{at}", columns.RATE, f"difference{at}", "difference-ci", "")
        # with three or more groups a restricted mean has contrasts only, and no test of all groups
        block(
            Markup("Restricted mean to {}").format(when),
            f"rmst{at}",
            "time-ci",
            f"rmst_difference{at}",
            "time-ci",
            f"rmst_difference{at}" if len(said.pairs(first)) == 1 else "",
        )
    notes.say(
        Markup("Estimates with {} CI in parentheses{}.").format(
            said.level(*names),
            "; differences of rates are in percentage points, first group minus reference" if pairs else "",
        )
    )
    notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)


def variants(said: Voice, names: tuple[str, ...]) -> list[Variant]:
    """Every definition of every analysis, in the order of the study file."""
    return [
        (name, endpoint) for name in names for endpoint in dict.fromkeys(said.study.analyses[name].options["endpoints"])
    ]


def label(said: Voice, name: str, endpoint: str, populations: bool) -> Markup:
    """The endpoint's label; with the population where several are shown."""
    text = said.title(said.names.endpoint(endpoint).label)
    population = said.study.analyses[name].population
    if not (populations and population):
        return text
    return Markup("{}, {}").format(text, said.title(said.names.population(population)))


def _times(said: Voice, names: tuple[str, ...]) -> Iterator[float]:
    yield from dict.fromkeys(t for name in names for t in said.study.analyses[name].options.get("at", ()))
