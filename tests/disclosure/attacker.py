"""Somebody who reads a published results.csv and tries to work out what is withheld in it.

Knows nothing of how counts are chosen: only what their names say. Levels of a variable are all the patients known, arms
are all patients, grades add up, who is at risk had neither an event nor been censored, and a share times its denominator
is a count. What follows from all that is found by linear programming: the least and the most each count can be.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from stats.study.types import Analysis, Study

COUNTS = ("n", "N", "missing", "at_risk", "events", "censored", "competing")
Cell = tuple[str, str, str, str, str, str]  # analysis, variable, level, at, group, statistic
Equation = tuple[dict[Cell, float], float]


def read(text: str) -> dict[Cell, float]:
    """Every number of a results.csv; nan where it is withheld."""
    rows = csv.DictReader(io.StringIO(text))
    return {
        tuple(row[k] for k in ("analysis", "variable", "level", "at", "group", "stat")): float(row["value"])
        for row in rows
    }  # type: ignore[misc]


def counts(study: Study, rows: Iterable[Cell]) -> set[Cell]:
    """Addresses that count patients: what is not a count of patients says so by its name."""
    return {c for c in rows if c[5] in COUNTS and c[1] != "balance" and (c[0] != "study" or c[1] == "subjects")}


def implied(study: Study, rows: Iterable[Cell]) -> Iterator[tuple[Cell, Cell, Cell]]:
    """Counts that stand in no row: (that count, the row that holds it, the row it lies beside)."""
    there = set(rows)
    for cell in sorted(there):
        analysis, variable, level, at, group, stat = cell
        if stat == "n" and (*cell[:5], "N") in there and variable != "balance":
            yield (*cell[:5], "not"), (*cell[:5], "N"), cell
        if variable == "at_risk" and stat in ("at_risk", "events", "censored", "competing"):
            later = min(
                (
                    float(c[3])
                    for c in there
                    if (c[0], *c[1:3], *c[4:]) == (analysis, variable, level, group, stat) and float(c[3]) > float(at)
                ),
                default=None,
            )
            if later is not None:
                next_one = (analysis, variable, level, f"{later:g}", group, stat)
                more, less = (cell, next_one) if stat == "at_risk" else (next_one, cell)
                yield (analysis, variable, level, f"{at} to {later:g}", group, stat), more, less


def recovered(study: Study, published: dict[Cell, float], asked: set[Cell]) -> dict[Cell, float]:
    """Which of the withheld counts `asked` for are known all the same: the least and the most they can be are one number."""
    cells = counts(study, published)
    known = {c: published[c] for c in cells if not np.isnan(published[c])}
    equations = list(_equations(study, published, cells))
    equations += [({between: 1.0, more: -1.0, less: 1.0}, 0.0) for between, more, less in implied(study, cells)]
    found: dict[Cell, float] = {}
    for unknown, rows in _separate(equations, known):
        for cell, (low, high) in _bounds(unknown, rows, asked).items():
            if high - low < 0.5:
                found[cell] = (low + high) / 2
    return found


def _equations(study: Study, published: dict[Cell, float], cells: set[Cell]) -> Iterator[Equation]:
    """What the names of the counts say of each other."""
    for cell in sorted(cells):
        analysis, variable, level, at, group, stat = cell
        made = study.analyses.get(analysis)
        if made is None:
            continue
        by = str(made.options.get("by", "arm"))
        if group == "all":  # the groups are all patients
            parts = [c for c in cells if (*c[:4], c[5]) == (*cell[:4], stat) and c[4] not in ("all",)]
            if parts and by == "arm":
                yield {**dict.fromkeys(parts, 1.0), cell: -1.0}, 0.0
        of = (analysis, variable, level, at, group)
        share = published.get((*of, "p"), np.nan)
        if stat == "n" and (*of, "N") in cells and not np.isnan(share):
            yield {cell: 1.0, (*of, "N"): -share}, 0.0
        if variable == "population":
            yield from _same(
                cell,
                [
                    c
                    for c in cells
                    if c[1] == "population"
                    and c[4] == group
                    and c[0] in study.analyses
                    and study.analyses[c[0]].population == made.population
                    and str(study.analyses[c[0]].options.get("by", "arm")) == by
                ],
            )
            population = study.populations.get(made.population)
            if by == "arm" and not (population and population.where):
                yield from _same(cell, [("study", "subjects", "", "", group, "n")])
        yield from _of_kind(study, made, cell, cells)


def _of_kind(study: Study, made: Analysis, cell: Cell, cells: set[Cell]) -> Iterator[Equation]:
    analysis, variable, level, at, group, stat = cell
    here = (analysis, "population", "", "", group, "n")

    def own(level: str, stat: str, variable: str = variable, at: str = at) -> Cell:
        return (analysis, variable, level, at, group, stat)

    if made.kind == "characteristics" and stat == "missing":
        yield {own("", "n"): 1.0, cell: 1.0, here: -1.0}, 0.0
        levels = [c for c in cells if c[:2] == (analysis, variable) and c[2] and c[4] == group and c[5] == "n"]
        for c in levels:
            yield from _same(own("", "n"), [(*c[:5], "N")])
        if len(levels) > 1:
            yield {**dict.fromkeys(levels, 1.0), own("", "n"): -1.0}, 0.0
        yield from _elsewhere(study, made, cell, cells)
    if made.kind == "proportion" and stat == "missing":
        yield {own("", "N"): 1.0, cell: 1.0, here: -1.0}, 0.0
        yield from _split(study, made, cell)
    if made.kind == "adverse-events" and stat == "missing" and level == "":
        severe = int(made.options.get("severe", 3))
        yield {own("any", "N"): 1.0, cell: 1.0, here: -1.0}, 0.0
        yield {**{own(str(g), "n"): 1.0 for g in range(6)}, own("any", "N"): -1.0}, 0.0
        yield {**{own(str(g), "n"): 1.0 for g in range(1, 6)}, own("any", "n"): -1.0}, 0.0
        yield {**{own(str(g), "n"): 1.0 for g in range(severe, 6)}, own("severe", "n"): -1.0}, 0.0
        for name in (*map(str, range(6)), "severe"):
            yield from _same(own(name, "N"), [own("any", "N")])
    if made.kind in ("survival", "incidence") and variable == "at_risk" and stat == "at_risk":
        states = ("at_risk", "events", "censored", *(("competing",) if made.kind == "incidence" else ()))
        yield {**{own("", s): 1.0 for s in states}, own("", "N", "events", ""): -1.0}, 0.0
    if made.kind in ("survival", "incidence") and variable == "events" and stat == "n":
        others = [
            c
            for c in cells
            if c[1:] == cell[1:]
            and c[0] in study.analyses
            and study.analyses[c[0]].options.get("endpoint") == made.options.get("endpoint")
            and study.analyses[c[0]].population == made.population
            and study.analyses[c[0]].kind == made.kind
        ]
        yield from _same(cell, others)
        if own("", "missing") in cells:
            yield {own("", "missing"): 1.0, own("", "N"): 1.0, here: -1.0}, 0.0


def _elsewhere(study: Study, made: Analysis, cell: Cell, cells: set[Cell]) -> Iterator[Equation]:
    """The same column of the same patients in another table."""
    for c in cells:
        other = study.analyses.get(c[0])
        if (
            other
            and other.kind == "characteristics"
            and c[1] == cell[1]
            and c[4] == cell[4]
            and other is not made
            and (
                other.population == made.population and other.options.get("by", "arm") == made.options.get("by", "arm")
            )
        ):
            yield from _same(c, [(made.name, *c[1:])])


def _split(study: Study, made: Analysis, cell: Cell) -> Iterator[Equation]:
    """Outcomes that are levels of one column: those with more levels are the sum of those that part them."""
    outcomes = {o: set(study.endpoints[o].responses) for o in made.options["outcomes"] if study.endpoints[o].column}
    for whole, levels in outcomes.items():
        parts = [
            o
            for o, mine in outcomes.items()
            if mine < levels and study.endpoints[o].column == study.endpoints[whole].column
        ]
        if (
            parts
            and set.union(*(outcomes[o] for o in parts)) == levels
            and sum(len(outcomes[o]) for o in parts) == len(levels)
        ):
            yield (
                {**{(made.name, o, *cell[2:5], "n"): 1.0 for o in parts}, (made.name, whole, *cell[2:5], "n"): -1.0},
                0.0,
            )


def _same(cell: Cell, others: Iterable[Cell]) -> Iterator[Equation]:
    yield from (({cell: 1.0, other: -1.0}, 0.0) for other in others if other != cell)


def _separate(equations: list[Equation], known: dict[Cell, float]) -> Iterator[tuple[list[Cell], list[Equation]]]:
    """Equations in what is not known, in heaps that share no unknown."""
    parent: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        while parent.setdefault(cell, cell) != cell:
            cell = parent[cell]
        return cell

    open_ones: list[Equation] = []
    for terms, right in equations:
        total = right - sum(factor * known[c] for c, factor in terms.items() if c in known)
        left = {c: factor for c, factor in terms.items() if c not in known}
        if left:
            open_ones.append((left, total))
            first = next(iter(left))
            for cell in left:
                parent[root(cell)] = root(first)
    heaps: dict[Cell, list[Equation]] = defaultdict(list)
    for equation in open_ones:
        heaps[root(next(iter(equation[0])))].append(equation)
    for rows in heaps.values():
        yield sorted({c for terms, _ in rows for c in terms}), rows


def _bounds(unknown: list[Cell], equations: list[Equation], asked: set[Cell]) -> dict[Cell, tuple[float, float]]:
    """The least and the most each unknown count can be, none being negative."""
    from scipy.optimize import linprog

    place = {cell: i for i, cell in enumerate(unknown)}
    distinct = {(tuple(sorted(terms.items())), round(right, 6)) for terms, right in equations}
    left = np.zeros((len(distinct), len(unknown)))
    right = np.array([total for _, total in distinct])
    for i, (terms, _) in enumerate(distinct):
        for cell, factor in terms:
            left[i, place[cell]] = factor
    found = {}
    for cell in asked.intersection(unknown):
        aim = np.zeros(len(unknown))
        aim[place[cell]] = 1.0
        ends = [linprog(sign * aim, A_eq=left, b_eq=right, bounds=(0, 1e6), method="highs") for sign in (1, -1)]
        assert all(end.status in (0, 3) for end in ends), "what is published contradicts itself"
        found[cell] = (ends[0].fun if ends[0].status == 0 else 0.0, -ends[1].fun if ends[1].status == 0 else 1e6)
    return found
