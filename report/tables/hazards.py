"""Cox regression: patients and events by level, hazard ratios one variable at a time and, where asked, adjusted."""

from __future__ import annotations

from markupsafe import Markup

from report import population
from report.patterns import TIME_UNITS
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.groups import ALL
from stats.results import Cell, Results

SINGLE, ADJUSTED = "hazard", "adjusted"


def build(results: Results, style: Style, *, of: str | tuple[str, ...]) -> Table:
    """`of` is one or more hazards analyses; each is a block of rows."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    models = [SINGLE, *([ADJUSTED] if any(f"{name}/model@{ALL}" in results for name in names) else [])]
    level = said.level(*names)
    heads = [Head(Markup("Variable")), Head(Markup("Patients")), Head(Markup("Events"))]
    for model in models:
        title = "Hazard ratio" if model == SINGLE else "Adjusted hazard ratio"
        heads += [Head(Markup("{} ({} CI)").format(title, level)), Head(style.p_symbol)]
    notes.abbreviate("CI", "confidence interval")
    lines: list[Line] = []
    for name in names:
        if len(names) > 1:
            endpoint = said.names.endpoint(str(said.study.analyses[name].options["endpoint"]))
            label = said.title(endpoint.label)
            if population.several(said.study, names):
                label = Markup("{}, {}").format(label, said.title(population.labelled(said.study, name)))
            lines.append(Line(label, heading=True))
        for variable in variables(said, name):
            lines += _variable(said, name, variable, models, len(names) > 1, notes)
        if ADJUSTED in models and f"{name}/model@{ALL}" in results:
            notes.say(_model(said, name))
    if any(cell.note for name in names for cell in _crowded(said, name, models)):
        notes.say("Where a variable has more parameters than a tenth of the events, its ratio is unstable.")
    return table(said, heads, lines, notes)


def variables(said: Voice, name: str) -> tuple[str, ...]:
    """The variables of an analysis, those of the adjusted model alone last."""
    options = said.study.analyses[name].options
    further = options.get("multivariable", ())
    return tuple(dict.fromkeys([*options["variables"], *(further if isinstance(further, tuple) else ())]))


def named(said: Voice, variable: str) -> str:
    """The variable's label; an arm column without one is the group."""
    column = said.names.column(variable)
    return "Group" if column.type == "arm" and column.label in ("", variable) else column.label or variable


def per(said: Voice, variable: str) -> str:
    """What one step of a number or an ordinal is: 'per year', 'per level'."""
    column = said.names.column(variable)
    if column.type == "ordinal":
        return "per level"
    return f"per {column.unit.removesuffix('s') if column.unit in TIME_UNITS else column.unit or 'unit'}"


def ratio(said: Voice, name: str, variable: str, model: str, level: str = "") -> Cell | None:
    """The hazard ratio of a variable, or of one of its levels; None for the reference and outside the model."""
    return next(iter(said.results.select(name, f"{variable}.{model}", ALL, level)), None)


def _variable(said: Voice, name: str, variable: str, models: list[str], indented: bool, notes: Notes) -> list[Line]:
    column = said.names.column(variable)
    whole = said.cell(f"{name}/{variable}@{ALL}")
    indent = 1 if indented else 0
    label = said.title(named(said, variable))
    counts = said.show(whole, "{n}"), said.show(whole, "{events}")
    if column.type in ("number", "ordinal"):
        text = Markup('{}, <span class="label">{}</span>').format(label, per(said, variable))
        return [Line(text, (*counts, *_effects(said, name, variable, models, "", notes)), indent)]
    if column.type == "flag":
        have = said.cell(f"{name}/{variable}=yes@{ALL}")
        of = Markup("{}/{}").format(said.show(have, "{n}"), said.show(whole, "{n}"))
        hit = Markup("{}/{}").format(said.show(have, "{events}"), said.show(whole, "{events}"))
        notes.say("For a variable that is present or absent: with it, of all whose status is known.")
        return [Line(label, (of, hit, *_effects(said, name, variable, models, "yes", notes)), indent)]
    overall = columns.p_value(said, f"{name}/{variable}.overall@{ALL}", notes)
    blank = [(Markup(), overall if model == SINGLE else Markup()) for model in models]
    lines = [Line(label, (*counts, *(part for pair in blank for part in pair)), indent)]
    for level, title in said.names.levels(variable).items():
        cell = said.cell(f"{name}/{variable}={level}@{ALL}")
        if cell["n"] != 0:
            lines.append(Line(said.title(title), (said.show(cell, "{n}"), said.show(cell, "{events}"),
                                                  *_effects(said, name, variable, models, level, notes)), indent + 1))
    return lines


def _effects(said: Voice, name: str, variable: str, models: list[str], level: str, notes: Notes) -> list[Markup]:
    """Ratio and P for each model: 'Reference' for the level the others are held against, nothing outside the model."""
    out: list[Markup] = []
    for model in models:
        cell = ratio(said, name, variable, model, level)
        if cell is not None:
            out += [columns.shown(said, cell.address, "estimate-ci", notes), columns.p_value(said, cell.address, notes)]
        else:
            modelled = any(c.variable == f"{variable}.{model}" for c in said.results.select(name))
            out += [Markup("Reference") if modelled else Markup(), Markup()]
    return out


def _model(said: Voice, name: str) -> Markup:
    """Whom the adjusted model rests on."""
    model = f"{name}/model@{ALL}"
    text = Markup("The adjusted model has {} for {} with {}").format(
        said.count(model, "parameters", "parameter"), said.count(model, "events", "event"), said.count(model))
    if said.cell(model)["missing"] > 0:
        text += Markup("; {} without all values {} left out").format(
            said.count(model, "missing"), "is" if said.cell(model)["missing"] == 1 else "are")
    return text + Markup(".")


def _crowded(said: Voice, name: str, models: list[str]) -> list[Cell]:
    cells = [said.cell(f"{name}/{variable}@{ALL}") for variable in variables(said, name)]
    if ADJUSTED in models and f"{name}/model@{ALL}" in said.results:
        cells.append(said.cell(f"{name}/model@{ALL}"))
    return cells
