"""Results for everybody: small counts withheld, curves in steps of rounded times, nobody told one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from stats.disclosure import choose, coarse, kinds
from stats.disclosure.members import COUNTS, Counted, Key
from stats.groups import ALL, ARMS
from stats.results import AGED, COARSE, ROUNDED, STUDY, WITHHELD, Results, Row, limit_of
from stats.study.types import Study

CURVES = ("curve", "incidence_curve", "competing_curve")
EXTREMES = ("min", "max", "first", "last")  # values, and months of entering
OPEN = ("lloq", "uloq")  # limits of an assay, which the study file states
TIMES = ("estimate", "lower", "upper")
PARTS = ("n", "N", "events", "competing")  # the counts that make up a statistic; what is missing is none of them


def protected(study: Study, frames: Mapping[str, pd.DataFrame], results: Results) -> Results:
    """Every address stays, but for points of curves and patients one by one; what is withheld is nan with a note."""
    least = study.smallest_count
    counts = kinds.found(study, frames, results)
    values = {key: one.values for key, one in counts.items() if one.values is not None}
    kept = _blurred(results, counts, choose.chosen(counts.values(), least))
    guard = Guard(results, counts, kept)
    scarce = set(_scarce(results, least))
    why = f"{WITHHELD}: counts below {least} and what would give one away"
    alone = f"{WITHHELD}: the smallest and the largest value are of single patients"
    rows: list[Row] = []
    drawn: set[tuple[str, str, str]] = set()
    for row in results.rows:
        if row.variable in CURVES:
            curve = row.analysis, row.variable, row.group
            if curve not in drawn:
                drawn.add(curve)
                rows += _curve(study, results, *curve, kept)
        elif row.variable == "patient":
            continue
        elif not guard.shows(row):
            rows.append(replace(row, value=math.nan, note=why))
        elif (row.address, row.stat) in scarce:
            rows.append(replace(row, value=math.nan, note=f"{WITHHELD}: fewer than {least} patients have a quantified value"))
        elif row.stat in EXTREMES:
            rows.append(replace(row, value=math.nan, note=alone))
        elif row.stat in coarse.QUANTILES:
            rows.append(_quantile(row, values.get((row.address, "n")), least))
        elif row.stat in (*coarse.PLACED, *coarse.RELATIVE) or _contrast(row):
            rows.append(_short(row, values))
        else:
            rows.append(_rounded(study, row))
    return Results(rows)


def _scarce(results: Results, least: int) -> Iterator[Key]:
    """Geometric means and their ratios that rest on fewer patients than the values beside them, and on too few: those below
    quantification have no part in them. What everybody's would give away by way of the other groups' is among them."""
    for below in results:
        if not below.variable.endswith("_below") or below.group == ALL:
            continue
        stem = below.variable.removesuffix("_below")
        if not 0 < results[f"{below.analysis}/{stem}@{below.group}"]["n"] - below["n"] < least:
            continue
        for group in (below.group, ALL):
            yield from ((f"{below.analysis}/{stem}@{group}", stat) for stat in coarse.RELATIVE)
        for ratio in results.select(below.analysis, f"{stem}.ratio"):
            if below.group in ratio.group.split(":"):
                yield from ((ratio.address, stat) for stat in TIMES)


def _quantile(row: Row, values: np.ndarray | None, least: int) -> Row:
    """A median or another quantile, so coarse that it stands for several patients."""
    if not math.isfinite(row.value) or row.note == AGED:
        return row
    told = coarse.shared(row.value, values, least) if values is not None else None
    if told is None:
        return replace(row, value=math.nan, note=f"{WITHHELD}: fewer than {least} patients lie near it")
    value, step = told
    beyond = f"; {row.note}" if limit_of(row.note) else ""  # a limit is the assay's, and no patient's
    return replace(row, value=value, note=f"{COARSE} {step:g}, as of at least {least} patients{beyond}") if step else row


def _contrast(row: Row) -> str:
    """The ending of a contrast of two groups' values; '' for anything else."""
    return next((ending for ending in coarse.CONTRASTS if row.variable.endswith(ending) and row.stat in TIMES), "")


def _short(row: Row, values: Mapping[Key, np.ndarray]) -> Row:
    """A mean, a spread or a contrast of values without the digits that would show one patient."""
    if not math.isfinite(row.value):
        return row
    ending = _contrast(row)
    null = coarse.CONTRASTS.get(ending, math.nan)
    if row.stat in coarse.RELATIVE or ending in (".smd", ".ratio"):
        return replace(row, value=coarse.short(row.value, null), note=f"{ROUNDED} to {coarse.DIGITS} digits")
    stem = row.variable.removesuffix(ending)
    samples = [
        values.get((Row(stem, "n", 0, group, row.level, row.at, analysis=row.analysis).address, "n"))
        for group in row.group.split(":")
    ]
    known = [sample for sample in samples if sample is not None]
    if len(known) < len(samples):
        return replace(row, value=math.nan, note=f"{WITHHELD}: nobody knows of whom it is")
    place = coarse.decimals(*known)
    if place == coarse.AS_IT_IS:
        return row
    return replace(row, value=coarse.told(row.value, place, null), note=f"{ROUNDED} to the nearest {10.0**-place:g}")


def _blurred(results: Results, counts: Mapping[Key, Counted], kept: set[Key]) -> set[Key]:
    """A nought beside a withheld count is withheld too: else every withheld one would be known to be one at least."""
    lines: dict[tuple[str, ...], bool] = {}

    def about(row: Row) -> tuple[tuple[str, ...], ...]:
        of = (row.analysis, row.variable, row.stat)
        return (*of, "levels", row.group), (*of, "groups", row.level)

    own = [row for row in results.rows if (row.address, row.stat) in counts and row.at is None and row.stat in COUNTS]
    for row in own:
        for line in about(row):
            lines[line] = lines.get(line, False) or (row.address, row.stat) not in kept
    hidden = {(row.address, row.stat) for row in own if row.value == 0 and any(lines[line] for line in about(row))}
    return kept - hidden


def _rounded(study: Study, row: Row) -> Row:
    """A median time is the time of one patient's event: it is told to the whole unit."""
    kind = study.analyses[row.analysis].kind if row.analysis in study.analyses else ""
    if kind not in ("survival", "followup") or row.variable != "median" or row.stat not in TIMES:
        return row
    if not math.isfinite(row.value):
        return row
    step = _step(study, row.analysis)
    return replace(row, value=kinds.rounded_up(row.value, step), note=_to(step))


def _step(study: Study, analysis: str) -> float:
    return kinds.STEPS[study.endpoints[str(study.analyses[analysis].options["endpoint"])].unit]


def _curve(study: Study, results: Results, analysis: str, curve: str, group: str, kept: set[Key]) -> Iterator[Row]:
    """A curve at the rounded times that were kept, with the value it had by then."""
    step = _step(study, analysis)
    cells = results.select(analysis, curve, group)
    for at in sorted({kinds.rounded_up(cell.at or 0, step) for cell in cells}):
        if (Row(curve, "p", 0, group, at=at, analysis=analysis).address, "p") in kept:
            last = [cell for cell in cells if (cell.at or 0) <= at * (1 + 1e-9)][-1]
            for stat in ("p", "lower", "upper"):
                yield Row(curve, stat, last[stat], group, "", at, last.methods[stat], _to(step), analysis)


def _to(step: float) -> str:
    return f"{ROUNDED} up to a multiple of {step:g}"


class Guard:
    """Whether a number may be shown: a count by itself, any other statistic when all counts behind it may."""

    def __init__(self, results: Results, counts: Mapping[Key, Counted], kept: set[Key]):
        self.counts, self.kept = counts, kept
        self.by_analysis: dict[str, list[Row]] = {}
        self.groups: dict[str, list[str]] = {}
        self.unknown: set[str] = set()  # addresses with a count of nobody knows whom
        for row in results.rows:
            if (row.address, row.stat) in counts and row.variable not in (*CURVES, "population"):
                self.by_analysis.setdefault(row.analysis, []).append(row)
            if row.stat in COUNTS and (row.address, row.stat) not in counts and row.variable != "balance":
                self.unknown.add(row.address)
            if row.variable == "population" and row.group != ALL:
                self.groups.setdefault(row.analysis, []).append(row.group)
        self.own: dict[str, list[str]] = {}
        for address, stat in counts:
            self.own.setdefault(address, []).append(stat)

    def shows(self, row: Row) -> bool:
        key = (row.address, row.stat)
        if key in self.counts:
            return key in self.kept
        if row.analysis == STUDY or row.variable in OPEN:
            return True
        if row.address in self.unknown:
            return False
        behind = self._behind(row)
        return bool(behind) and all(key in self.kept for key in behind)

    def _behind(self, row: Row) -> list[Key]:
        own = self.own.get(row.address, [])
        steering = [stat for stat in own if stat not in COUNTS] or [stat for stat in own if stat in PARTS]
        if steering:
            return [(row.address, stat) for stat in steering]
        groups = self._groups(row)
        mine = [one for one in self.by_analysis.get(row.analysis, []) if one.group in groups]
        if row.variable.endswith(".difference") and row.level:
            mine = [one for one in mine if one.level == row.level]
        found = [(one.address, one.stat) for one in _about(mine, row.variable) if one.stat in PARTS]
        return found + [
            (one.address, one.stat)
            for one in mine
            if row.at is not None and one.at == row.at and one.stat not in COUNTS
        ]

    def _groups(self, row: Row) -> Iterable[str]:
        return self.groups.get(row.analysis, []) if row.group == ARMS else row.group.split(":")


def _stem(variable: str) -> str:
    return variable.rpartition(".")[0]


def _about(rows: list[Row], variable: str) -> list[Row]:
    """The counts a statistic is made of: those of its variable; of its endpoint's events; else all of the analysis."""
    stem = variable
    while stem:
        stem = _stem(stem)
        found = [row for row in rows if row.at is None and row.variable == stem and stem]
        if found:
            return found
        found = [row for row in rows if row.variable == (f"{stem}.events" if stem else "events")]
        if found:
            return found
    return [row for row in rows if row.at is None]
