"""Table 1: characteristics by group, with the standardized difference, the P value and what is missing."""

from __future__ import annotations

from markupsafe import Markup

from report.style import Style
from report.table import Head, Line, Notes, Table
from report.tables import _columns as columns
from report.tables._notes import table
from report.voice import Voice
from stats.results import Results, limit_of

BEYOND = {
    "<": "Values below quantification count as half the limit; a number below the limit is given as below it.",
    ">": "Values above quantification count as the upper limit; a number at this limit is given as above it.",
}
STATISTICS = {"median-iqr": "median (IQR)", "median-range": "median (range)", "mean-sd": "mean (SD)"}


def build(results: Results, style: Style, *, of: str, total: bool | None = None) -> Table:
    """`of` is a characteristics analysis; `total` overrules the journal's wish for a column of everybody."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    analysis = said.study.analyses[of]
    keys = columns.keys(said, of, bool(style.table["total"]) if total is None else total)
    balance = str(style.table["balance"])
    pairs = columns.contrasts(said, of) if balance in ("smd", "both") or len(said.pairs(of)) == 1 else ()
    smds = tuple(pair for pair in pairs if not _few(said, of, pair)) if balance in ("smd", "both") else ()
    tests = balance in ("p", "both") and bool(said.pairs(of)) and analysis.options.get("test", True)
    heads = [Head(Markup("Characteristic")), *(columns.head(said, of, key, notes) for key in keys)]
    heads += [Head(columns.versus(said, of, pair, "SMD")) for pair in smds]
    heads += [Head(style.p_symbol)] if tests else []
    if smds:
        notes.abbreviate("SMD", "standardized mean difference")
    lines: list[Line] = []
    for variable in analysis.options["variables"]:
        tail = [columns.shown(said, f"{of}/{variable}.smd@{pair}", "estimate", notes) for pair in smds]
        tail += [columns.p_value(said, f"{of}/{variable}.test@{said.global_test(of)}", notes)] if tests else []
        lines += _variable(said, of, variable, keys, tuple(tail), notes)
    shown = [said.cell(f"{of}/{variable}@{key}") for variable in analysis.options["variables"] for key in keys]
    for sign, text in BEYOND.items():
        if any((limit_of(note) or ("",))[0] == sign for cell in shown for note in cell.notes.values()):
            notes.say(text)
    return table(said, heads, lines, notes)


def _few(said: Voice, of: str, pair: str) -> bool:
    """Whether a group is so small that a difference in balance would measure nothing but its patients."""
    return min(said.cell(f"{of}/population@{key}")["n"] for key in pair.split(":")) < said.fewest(of)


def _variable(
    said: Voice, of: str, variable: str, keys: tuple[str, ...], tail: tuple[Markup, ...], notes: Notes
) -> list[Line]:
    column = said.names.column(variable)
    label = said.title(column.label or variable)
    missing = any(said.cell(f"{of}/{variable}@{key}").get("missing") > 0 for key in keys)
    share = "share" if missing else "n-percent"
    if column.type == "number":
        statistic = STATISTICS[column.summary]
        unit = Markup(', <span class="label">{}</span>').format(column.unit) if column.unit else Markup()
        if "IQR" in statistic:
            notes.abbreviate("IQR", "interquartile range")
        if "SD" in statistic:
            notes.abbreviate("SD", "standard deviation")
        cells = tuple(_number(said, f"{of}/{variable}@{key}", column.summary, notes) for key in keys)
        lines = [Line(Markup("{}{}, {}").format(label, unit, statistic), (*cells, *tail))]
    elif column.type == "flag":
        cells = tuple(columns.shown(said, f"{of}/{variable}=yes@{key}", share, notes) for key in keys)
        lines = [Line(Markup("{}, {}").format(label, "n/N (%)" if missing else "n (%)"), (*cells, *tail))]
    else:
        blank = (Markup(),) * len(keys)
        lines = [Line(Markup("{}, {}").format(label, "n/N (%)" if missing else "n (%)"), (*blank, *tail))]
        for level, name in said.names.levels(variable).items():
            cells = tuple(columns.shown(said, f"{of}/{variable}={level}@{key}", share, notes) for key in keys)
            if any(said.cell(f"{of}/{variable}={level}@{key}")["n"] != 0 for key in keys):
                lines.append(Line(said.title(name), (*cells, *(Markup(),) * len(tail)), indent=1))
    if missing:
        cells = tuple(said.show(f"{of}/{variable}@{key}", "{missing}") for key in keys)
        lines.append(Line(Markup("Missing, n"), (*cells, *(Markup(),) * len(tail)), indent=1))
    return lines


def _number(said: Voice, address: str, summary: str, notes: Notes) -> Markup:
    cell = said.cell(address)
    return said.show(cell, summary) if cell["n"] > 0 else columns.unknown(said, cell, notes)
