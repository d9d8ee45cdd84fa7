"""Peak, time to peak, exposure and persistence of one or more analytes by group, with shift or ratio and the P value."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from report import population
from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.groups import ALL
from stats.results import Results, limit_of

MEASURES = (
    ("peak", "Peak"),
    ("tmax", "Time to peak, day"),
    ("auc", "Area under the curve"),
    ("last", "Last quantifiable value"),
    ("last_day", "Day of the last quantifiable value"),
    ("persistence", "First day below quantification"),
)


def build(
    results: Results,
    style: Style,
    *,
    of: str | tuple[str, ...],
    measures: tuple[str, ...] = ("peak", "tmax", "auc", "last_day"),
) -> Table:
    """`of` is one or more kinetics analyses; each is a block of rows."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    names = (of,) if isinstance(of, str) else of
    keys = columns.keys(said, names[0])
    pairs = columns.contrasts(said, names[0])
    tested = bool(said.pairs(names[0]))
    heads = [Head(Markup("Measure")), *population.heads(said, names, [columns.head(said, names[0], key, notes) for key in keys])]
    heads += [Head(columns.versus(said, names[0], pair, "Contrast")) for pair in pairs]
    heads += [Head(style.p_symbol)] if tested else []
    lines: list[Line] = []
    for name in names:
        analyte = said.names.analyte(str(said.study.analyses[name].options["analyte"]))
        if len(names) > 1:
            lines += population.block(said, names, name, said.title(analyte.label), keys, len(heads) - 1)
        for measure, title in MEASURES:
            if measure not in measures:
                continue
            if said.cell(f"{name}/{measure}@{ALL}")["n"] == 0:
                what = title.removesuffix(", day")
                notes.say(Markup("{} of {} is known in no patient.").format(what, said.label(analyte.label)))
                continue
            lines.append(_line(said, name, measure, title, keys, pairs, tested, notes))
            if any(fewer(said, name, measure, key) for key in keys):
                known = tuple(said.show(f"{name}/{measure}@{key}", "{n}") for key in keys)
                lines.append(Line(Markup("Patients, n"), (*known, *[Markup()] * (len(heads) - 1 - len(keys))), 1))
    level = said.level(*names)
    ratio = any(said.names.analyte(str(said.study.analyses[name].options["analyte"])).scale == "log" for name in names)
    notes.say(
        Markup("Values are median (IQR){}.").format(
            Markup("; contrasts with {} CI are {}").format(
                level, "ratios of geometric means for peak and area, and shifts otherwise" if ratio else "shifts"
            )
            if pairs
            else ""
        )
    )
    if "peak" in measures and any(unquantified(said, name, "peak", (*said.keys(name), ALL)) for name in names):
        left_out = ", and are left out of ratios" if pairs and ratio else ""
        notes.say(Markup("Peaks below quantification count as half the limit{}.").format(left_out))
        peaks = [said.cell(f"{name}/peak@{key}") for name in names for key in keys]
        if any(limit_of(peak.notes[stat]) for peak in peaks for stat in ("median", "q1", "q3")):
            notes.say("A median or quartile below the limit of quantification is given as below it.")
    notes.abbreviate("IQR", "interquartile range")
    if pairs:
        notes.abbreviate("CI", "confidence interval")
    return table(said, heads, lines, notes)


def unquantified(said: Voice, name: str, measure: str, keys: Sequence[str]) -> bool:
    """Whether values of some patients of these groups lie below quantification, or of so few that their number isn't told."""
    tallies = (f"{name}/{measure}_below@{key}" for key in keys)
    return any(tally in said.results and said.cell(tally)["n"] != 0 for tally in tallies)


def fewer(said: Voice, name: str, measure: str, key: str) -> bool:
    """Whether a measure is known of fewer patients than are in a group, as a head or a sentence names them."""
    return said.cell(f"{name}/{measure}@{key}")["n"] < said.cell(f"{name}/population@{key}")["n"]


def _line(
    said: Voice,
    name: str,
    measure: str,
    title: str,
    keys: tuple[str, ...],
    pairs: tuple[str, ...],
    tested: bool,
    notes: Notes,
) -> Line:
    analyte = said.names.analyte(str(said.study.analyses[name].options["analyte"]))
    unit = {"peak": analyte.unit, "last": analyte.unit, "auc": analyte.area}.get(measure, "")
    label = Markup('{}, <span class="label">{}</span>').format(title, unit) if unit else Markup(title)
    cells = [columns.shown(said, f"{name}/{measure}@{key}", "median-iqr", notes) for key in keys]
    ratio = analyte.scale == "log" and measure in ("peak", "auc")
    cells += [
        columns.shown(said, f"{name}/{measure}.{'ratio' if ratio else 'shift'}@{pair}", "estimate-ci", notes)
        for pair in pairs
    ]
    cells += [columns.p_value(said, f"{name}/{measure}.test@{said.global_test(name)}", notes)] if tested else []
    return Line(label, tuple(cells))
