"""The ledger of choices: every P value with its test, why this one, who was in it, and whether other tests agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from report import printing
from report.cited import fixed
from report.measure import SMALL, split
from report.style import Style
from report.table import Head, Line, Notes, Table, plain
from report.tables import _columns as columns
from report.tables._notes import table
from report.tables.hazards import named
from report.tables.kinetics import MEASURES
from report.voice import Voice
from stats.groups import ALL, ARMS
from stats.methods import descriptions
from stats.results import Cell, Results

# they stand beside the P value they are an alternative to, or the adjusted form of
OTHERS = ("alternative", "permutation", SMALL, "family", "alpha")
# tests of the same question that are results of their own, by the ending of the variable
BESIDE = {
    "logrank": ("logrank.alternative", "logrank.permutation", "hazard", "rmst_difference"),
    "rmst_difference": ("rmst_difference",),
    "trend": ("trend.alternative",),
    "gray": ("subhazard",),
}
MEASURED = {
    "logrank": "Survival curves",
    "trend": "Survival curves in the order of the groups",
    "hazard": "Hazard ratio",
    "rmst_difference": "Restricted mean",
    "gray": "Incidence curves",
    "subhazard": "Subdistribution hazard ratio",
    "proportionality": "Proportional hazards",
    **dict(MEASURES),
}
PAIR = 2  # groups that stay on one line
STRATIFIED = ("logrank", "trend", "hazard", "proportionality")  # what stands within strata, where there are any
STANDS_IN = ("pearson-chi-square",)  # for an exact test that was out of reach, which the note says then, and for no other reason
WHY = {
    "wilcoxon-exact": "Exact, ties as they are: two groups of together at most {exact_limit} values",
    "wilcoxon-normal": "Asymptotic: more than {exact_limit} values in two groups",
    "kruskal-wallis": "Asymptotic: three or more groups, by ranks",
    "welch-t": "Asymptotic: the variable is summarized by its mean, and the spreads may differ",
    "anova": "Asymptotic: the variable is summarized by its mean, in three or more groups",
    "fisher-exact": "Exact: at most {fisher_limit} patients, or fewer than five expected in a cell",
    "pearson-chi-square": "Asymptotic: more than {fisher_limit} patients and at least five expected in every cell",
    "log-rank": "Asymptotic: whole curves are compared, whatever their shape",
    "cox-efron": "Asymptotic: the size of a difference over all of follow-up, ties by Efron’s method",
    "cox-breslow": "Asymptotic: the size of a difference over all of follow-up, ties by Breslow’s method",
    "log-rank-permutation": "By permutation, as [methods] chooses: whole curves are compared, whatever their shape",
    "log-rank-permutation-exact": "Exact, as [methods] chooses: whole curves are compared, whatever their shape",
    "cox-firth": "Penalized: a group has no event, or the ratio has no finite estimate without the penalty",
    "cox-likelihood-ratio": "Asymptotic: all levels of the variable together",
    "proportional-hazards": "Asymptotic: checks an assumption of the hazard ratio",
    "rmst": "Asymptotic: needs no proportional hazards",
    "rmst-permutation": "By permutation, because the normal approximation is too bold in groups as small as these",
    "rmst-permutation-exact": "Exact: the normal approximation is too bold in groups as small as these",
    "log-rank-stratified": "Asymptotic: curves are compared within strata",
    "cochran-armitage": "Asymptotic: shares in the order of the groups",
    "log-rank-trend": "Asymptotic: the groups are compared in their order",
    "cox-stratified": "Asymptotic: the size of a difference within strata over all of follow-up",
    "gray": "Asymptotic: a competing event keeps the event from happening",
    "fine-gray": "Asymptotic: the size of a difference where there is a competing event",
}
# of the same tests where no event competes
ALONE = {
    "gray": "Asymptotic: whole curves of incidence are compared, whatever their shape",
    "fine-gray": "Asymptotic: the size of a difference over all of follow-up",
}


def build(results: Results, style: Style) -> Table:
    """One line per P value in the order of the results; it shows no analysis in particular, so it takes no `of`."""
    said = columns.voice(results, style)
    notes = Notes(style.rules.table["notes"])
    titles = ("Comparison", style.p_symbol, "Test", "Other tests")
    lines: list[Line] = []
    for analysis in said.study.analyses.values():
        mine = list(tested(results, analysis.name))
        if mine:
            lines += _group(said, analysis.name, mine, notes)
    if not lines:
        lines = [Line(Markup("No test was made"), (Markup(),) * (len(titles) - 1))]
    if lines[0].heading:
        notes.say("Patients in a test stand in parentheses, by group; beside a heading, for every line that says nothing else.")
        verdict = "The verdict is whether {} lies below {}; other tests decide nothing, and come to the same one if none is said."
        notes.say(Markup(verdict).format(style.p_symbol, said.show(f"study/alpha@{ALL}", "{p_value}")))
    if any(cell.variable == "proportionality" for name in said.study.analyses for cell in tested(results, name)):
        notes.say("Proportional hazards are an assumption that is checked: these tests are not counted among the comparisons.")
    if any("±" in cell for line in lines for cell in line.cells):
        text = Markup("± stands before the standard error of a {} value for which permutations were drawn at random.")
        notes.say(text.format(style.p_symbol))
    heads = tuple(Head(escape(title)) for title in titles)
    return table(said, heads, lines, notes)


def tested(results: Results, analysis: str) -> Iterator[Cell]:
    """Cells of an analysis with a P value of their own."""
    for cell in results.select(analysis):
        if not math.isnan(cell.get("p_value")) and cell.variable.rpartition(".")[2] not in OTHERS:
            yield _printed(results, cell)


def _printed(results: Results, cell: Cell) -> Cell:
    """The P value a reader sees of a restricted mean in small groups: the permutation test's."""
    small = results.select(cell.analysis, f"{cell.variable}.{SMALL}", cell.group, cell.level)
    return next((one for one in small if one.at == cell.at and not math.isnan(one.get("p_value"))), cell)


def _group(said: Voice, name: str, cells: Sequence[Cell], notes: Notes) -> Iterator[Line]:
    """The lines of an analysis under its heading, which names the patients that most of its tests have."""
    patients = [_patients(said, cell) for cell in cells]
    most, times = Counter(map(plain, patients)).most_common(1)[0]
    common = next(text for text in patients if plain(text) == most) if times == len(cells) or times > 1 else Markup()
    yield Line(_in_parentheses(_heading(said, name), common), heading=True)
    for cell, own in zip(cells, patients, strict=True):
        yield _line(said, cell, Markup() if common and plain(own) == most else own, notes)


def _in_parentheses(text: Markup, patients: Markup) -> Markup:
    return Markup("{} ({})").format(text, patients) if patients else text


def _line(said: Voice, cell: Cell, patients: Markup, notes: Notes) -> Line:
    others: dict[bool, list[Markup]] = {True: [], False: []}  # by whether they come to the same verdict
    for other in alternatives(said.results, cell):
        told = Markup("{} {}").format(_timed(said, other), _p(said, other))
        others[(other["p_value"] < said.study.alpha) == (cell["p_value"] < said.study.alpha)].append(told)
    same, apart = (Markup("; ").join(others[verdict]) for verdict in (True, False))
    shown = same
    if apart:
        shown = Markup("Another verdict: {}.").format(apart) + (Markup(" The same: {}").format(same) if same else "")
    test = _test(cell) + notes.letter(_why(said, cell))
    family = [
        other
        for other in said.results.select(cell.analysis, f"{cell.variable}.family", cell.group, cell.level)
        if other.at == cell.at
    ]
    p = Markup("{}, adjusted {}").format(_p(said, cell), said.style.p_bare(family[0])) if family else _p(said, cell)
    for key in cell.group.split(":") if _of_several(said, cell) else ():
        columns.explain(said, cell.analysis, key, notes)
    return Line(_in_parentheses(_what(said, cell), patients), (p, test, shown), indent=1)


def _p(said: Voice, cell: Cell) -> Markup:
    """A bare P value, with its Monte Carlo standard error where it was estimated by drawing: unless only a bound of it is
    printed, which lies farther off than the error reaches."""
    rules = said.style.rules
    bound = printing.p_value(cell["p_value"], rules.p, rules.numbers, said.study.alpha)[0] != "="
    return said.show(cell, "{p_value} (±{error})") if "error" in cell and not bound else said.style.p_bare(cell)


def alternatives(results: Results, cell: Cell) -> Iterator[Cell]:
    """The other tests of a cell's question that could be made."""
    stem, asked = _asked(cell)
    names = BESIDE.get(asked, ())
    if asked in ("test", "hazard") and not names:
        names = ("alternative",)
    for name in names:
        for other in results.select(cell.analysis, f"{stem}.{name}" if stem else name, cell.group):
            if math.isnan(other.get("p_value")):
                continue
            if asked == "rmst_difference":  # of which the normal P stands beside the printed one
                if other.at == cell.at and other.address != cell.address:
                    yield other
            else:
                yield _printed(results, other)


def _asked(cell: Cell) -> tuple[str, str]:
    """('age', 'test') of age.test; ('', 'logrank') of logrank."""
    base, last = split(cell.variable)
    return (base, last) if last else ("", base)


def _test(cell: Cell) -> Markup:
    """The name of the test behind a P value; an alternative has its method for a level."""
    key = cell.level if cell.variable.endswith(".alternative") else cell.methods["p_value"]
    described = descriptions().get(key)
    return fixed(described.name or key if described is not None else key)


def _timed(said: Voice, cell: Cell) -> Markup:
    """The name of another test, with its time where it has one."""
    return _test(cell) if cell.at is None else Markup("{} to {}").format(_test(cell), said.show(cell, "{at}"))


def _why(said: Voice, cell: Cell) -> Markup:
    method, note = cell.methods["p_value"], cell.notes["p_value"]
    text = "" if note and method in STANDS_IN else WHY.get(method, "")
    if method in ALONE and not said.names.competes(cell.analysis, said.results):
        text = ALONE[method]
    return fixed("; ".join(part for part in (text.format(**said.study.methods), note) if part), said.style.p_symbol)


def _heading(said: Voice, name: str) -> Markup:
    """What the analysis is of, and in whom where the study has more than one population."""
    analysis = said.study.analyses[name]
    titled = next((exhibit.title for exhibit in said.study.exhibits.values() if name in exhibit.of), "")
    label = analysis.label or titled or analysis.kind.replace("-", " ").capitalize()
    if "endpoint" in analysis.options or "analyte" in analysis.options:
        label = analysis.label or said.names.of(said.results.select(name)[0])
    text = said.title(label)
    if analysis.kind == "hazards":
        text = Markup("{}: Cox regression").format(text)
    population = said.study.populations.get(analysis.population)
    if population is not None and len(said.study.populations) > 1:
        text = Markup("{}, {}").format(text, said.title(population.label or population.name))
    return text


def _what(said: Voice, cell: Cell) -> Markup:
    """What a P value is about: a variable, with its level; a measure, with its time; a contrast, where there are several."""
    kind = said.names.kind(cell.analysis)
    stem, asked = _asked(cell)
    text = Markup(MEASURED[asked]) if asked in MEASURED else Markup()
    if kind == "kinetics":
        text = Markup(MEASURED[stem])
    elif stem:
        label = said.title(named(said, stem) if kind == "hazards" else said.names.of(cell))
        text = Markup("{}: {}").format(label, _lower(text)) if kind == "sensitivity" else label
        text = Markup("{} in the order of the groups").format(label) if asked == "trend" else text
    if cell.level and said.names.column(stem).type != "flag":
        text = Markup("{}, {}").format(text, said.title(said.names.level(stem, cell.level)))
    if asked == "adjusted":
        text = Markup("{}, adjusted").format(text)
    if cell.at is not None:
        text = Markup("{} to {}").format(text, said.show(cell, "{at}"))
    if _of_several(said, cell):
        text = Markup("{}, {}").format(text, said.versus(cell.analysis, cell.group))
    return text


def _of_several(said: Voice, cell: Cell) -> bool:
    """Whether it is of one contrast among several, which its line names."""
    return ":" in cell.group and len(said.pairs(cell.analysis)) > 1


def _lower(text: Markup) -> Markup:
    return Markup(str(text)[:1].lower() + str(text)[1:])


def _patients(said: Voice, cell: Cell) -> Markup:
    """Those in the test by group, with those left out for a missing value where anybody is."""
    keys = said.keys(cell.analysis) if cell.group == ARMS else cell.group.split(":")
    used = [(said.results[address], stat) for address, stat in (_counted(said, cell, key) for key in keys) if address]
    left = [found for found in (_left_out(said, cell, key) for key in keys) if found is not None]
    versus = Markup("\u00a0vs\u00a0" if len(keys) == PAIR else " vs ")
    text = versus.join(said.show(found, f"{{{stat}}}") for found, stat in used)
    if any(found["missing"] > 0 for found in left):
        text += Markup("; {} left out").format(versus.join(said.show(found, "{missing}") for found in left))
    return text


def _counted(said: Voice, cell: Cell, key: str) -> tuple[str, str]:
    """Where the patients of a group that entered the test are counted: (address, statistic)."""
    a, (stem, asked) = cell.analysis, _asked(cell)
    if asked == "adjusted" or (asked == "proportionality" and f"{a}/model@{key}" in said.results):
        return f"{a}/model@{key}", "n"
    places = (
        *(((f"{a}/strata@{key}", "n"),) if asked in STRATIFIED else ()),
        (f"{a}/{stem}=any@{key}", "N"),
        (f"{a}/{stem}.events@{key}", "N"),
        (f"{a}/{stem}@{key}", "N"),
        (f"{a}/{stem}@{key}", "n"),
        (f"{a}/events@{key}", "N"),
    )
    return next(((at, stat) for at, stat in places if at in said.results and stat in said.results[at]), ("", ""))


def _left_out(said: Voice, cell: Cell, key: str) -> Cell | None:
    """Where those left out of the test are counted."""
    a, (stem, asked) = cell.analysis, _asked(cell)
    names = ("model",) if asked == "adjusted" else (stem, f"{stem}.events", "events")
    names = ("strata", *names) if asked in STRATIFIED else names
    found = (said.results[f"{a}/{name}@{key}"] for name in names if f"{a}/{name}@{key}" in said.results)
    return next((one for one in found if "missing" in one), None)
