"""A study's published numbers asked of other engines: lifelines for survival, tableone for Table 1.

The second engine gets the same patients and nothing else of ours; its answers are held against the results as they are
printed and written down, not against a second run of our own functions. Only what both define alike is compared.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stats import run
from stats.groups import ARMS, Groups, contrast, groups
from stats.methods import second_opinion
from stats.methods.survival import merge_ties
from stats.results import Results
from stats.study.types import Analysis, Study

PRINTED = 1e-4  # relative: tableone gives its standardized differences to five or six digits
LEAST = 5e-6


@dataclass(frozen=True, slots=True)
class Apart:
    """A published number and what the other engine gives instead."""

    address: str
    stat: str
    ours: float
    theirs: float


@dataclass(frozen=True)
class Opinion:
    """What was asked of one engine about one analysis: how many numbers were compared, and those that differ."""

    analysis: str
    engine: str
    what: str
    compared: int
    apart: tuple[Apart, ...]


def opinions(study: Study, frames: Mapping[str, pd.DataFrame], results: Results) -> list[Opinion]:
    """Every comparison that can be made, in the order of the study's analyses; `frames` as derived."""
    found: list[Opinion] = []
    for analysis in study.analyses.values():
        if analysis.kind in ("survival", "characteristics"):
            subjects, who = _patients(study, analysis, frames)
            asked = _survival if analysis.kind == "survival" else _characteristics
            found += [one for one in asked(analysis, subjects, who, results) if one.compared]
    return found


def _patients(study: Study, analysis: Analysis, frames: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, Groups]:
    typed = run.typed(study, frames["subjects"])
    subjects = run.narrow(study, analysis.population, {**frames, "subjects": typed}, ("subjects",))[0]
    by = str(analysis.options.get("by", "arm"))
    reference = analysis.options.get("reference", study.reference if by == "arm" else None)
    subjects = run.flagged(subjects, by)
    return subjects, groups(subjects, by, reference)


def _survival(analysis: Analysis, subjects: pd.DataFrame, who: Groups, results: Results) -> Iterator[Opinion]:
    if analysis.options.get("landmark") is not None or analysis.options.get("strata"):
        return  # questions that the second opinion isn't asked
    endpoint = str(analysis.options["endpoint"])
    known = subjects[subjects[f"{endpoint}.time"].notna() & subjects[f"{endpoint}.status"].notna()]
    data = pd.DataFrame(
        {
            "time": merge_ties(known[f"{endpoint}.time"].to_numpy(float)),
            "event": (known[f"{endpoint}.status"].to_numpy(float) == 1).astype(float),
            who.column: known[who.column].array,
        }
    )
    parts = dict(who.parts(data))
    yield _curves(analysis.name, parts, results)
    yield _tests(analysis.name, data, parts, who, results)
    yield _ratios(analysis.name, parts, who, results)


def _curves(name: str, parts: Mapping[str, pd.DataFrame], results: Results) -> Opinion:
    apart, compared = [], 0
    for group, part in parts.items():
        cells = results.select(name, "curve", group)
        if not len(part):
            continue
        distinct, theirs = second_opinion.survival(part["time"], part["event"])
        steps = [(cell.address, cell["p"]) for cell in cells if cell.at]  # the curve's start at time 0 is no step
        answers = [p for t, p in zip(distinct, theirs) if t > 0]
        compared += len(steps)
        if len(steps) != len(answers):
            apart.append(Apart(f"{name}/curve@{group}", "steps", len(steps), len(answers)))
        apart += [Apart(address, "p", ours, float(p)) for (address, ours), p in zip(steps, answers) if _differ(ours, p)]
    return Opinion(name, "lifelines", "steps of Kaplan–Meier curves", compared, tuple(apart))


def _tests(name: str, data: pd.DataFrame, parts: Mapping[str, pd.DataFrame], who: Groups, results: Results) -> Opinion:
    apart, compared = [], 0
    asked = {contrast(x, y): pd.concat([parts[x], parts[y]]) for x, y in who.contrasts}
    if len(who.keys) > 2:
        asked[ARMS] = data[data[who.column].notna()]
    for group, part in asked.items():
        address = f"{name}/logrank@{group}"
        ours = results[address].get("p_value") if address in results else math.nan
        if not math.isnan(ours):
            compared += 1
            theirs = second_opinion.logrank_p(part["time"], part["event"], pd.Categorical(part[who.column]).codes)
            apart += [Apart(address, "p_value", ours, theirs)] if _differ(ours, theirs) else []
    return Opinion(name, "lifelines", "log-rank P values", compared, tuple(apart))


def _ratios(name: str, parts: Mapping[str, pd.DataFrame], who: Groups, results: Results) -> Opinion:
    """Where ours needed Firth's penalty there is nothing to ask: plain Cox has no estimate."""
    apart, compared = [], 0
    for x, y in who.contrasts:
        address = f"{name}/hazard@{contrast(x, y)}"
        if address not in results:
            continue
        cell = results[address]
        if cell.methods.get("estimate") == "cox-efron" and not cell.notes.get("estimate"):
            compared += 1
            both = pd.concat([parts[x], parts[y]])
            group = np.repeat([1.0, 0.0], [len(parts[x]), len(parts[y])])
            theirs = second_opinion.cox_ratio(both["time"], both["event"], group)
            apart += [Apart(address, "estimate", cell["estimate"], theirs)] if _differ(cell["estimate"], theirs) else []
    return Opinion(name, "lifelines", "Cox hazard ratios", compared, tuple(apart))


def _characteristics(analysis: Analysis, subjects: pd.DataFrame, who: Groups, results: Results) -> Iterator[Opinion]:
    counts: list[Apart] = []
    balance: list[Apart] = []
    asked = [0, 0]
    for x, y in who.contrasts:
        for variable in map(str, analysis.options["variables"]):
            both = subjects[subjects[who.column].isin([x, y])]
            data = pd.DataFrame({"group": both[who.column].astype(str).to_numpy(), "measure": _plain(both[variable])})
            data = data[data["measure"].notna()]
            if set(data["group"]) != {x, y} or (data["measure"].dtype == object and data["measure"].nunique() < 2):
                continue  # tableone needs two groups, and levels to compare
            table = _table(data)
            for address, stat, theirs in _counted(table, data, f"{analysis.name}/{variable}", (x, y)):
                asked[0] += 1
                ours = results[address].get(stat) if address in results else math.nan
                counts += [Apart(address, stat, ours, theirs)] if _differ(ours, theirs) else []
            address = f"{analysis.name}/{variable}.smd@{contrast(x, y)}"
            ours, theirs = results[address].get("estimate"), abs(float(table.smd_table.iloc[0, 0]))
            if not math.isnan(ours) and not math.isnan(theirs):
                asked[1] += 1
                apart = not math.isclose(ours, theirs, rel_tol=PRINTED, abs_tol=LEAST)
                balance += [Apart(address, "estimate", ours, theirs)] if apart else []
    yield Opinion(analysis.name, "tableone", "counts and means", asked[0], tuple(counts))
    yield Opinion(analysis.name, "tableone", "standardized mean differences", asked[1], tuple(balance))


def _plain(column: pd.Series) -> pd.Series:
    """Levels as texts (flags as yes and no), numbers as they are; missing stays missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(object).reset_index(drop=True)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.map({True: "yes", False: "no"}).astype(object).reset_index(drop=True)
    return column.astype(float).reset_index(drop=True)


def _table(data: pd.DataFrame) -> Any:
    from tableone import TableOne

    levels = data["measure"].dtype == object
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # by default missing would be a level of its own
        return TableOne(
            data,
            columns=["measure"],
            categorical=["measure"] if levels else [],
            groupby="group",
            smd=True,
            include_null=False,
        )


def _counted(
    table: Any,
    data: pd.DataFrame,
    start: str,
    pair: tuple[str, str],
) -> Iterator[tuple[str, str, float]]:
    """(address, statistic, tableone's value): patients of each level, or n and mean of a number, in each group."""
    if data["measure"].dtype == object:
        freq = table.cat_describe["freq"]
        flag = set(data["measure"]) <= {"yes", "no"}
        for (_, level), row in freq.iterrows():
            if not (flag and level == "no"):
                yield from ((f"{start}={level}@{group}", "n", float(row[group])) for group in pair)
        return
    for group in pair:
        yield f"{start}@{group}", "n", float(table.cont_describe["count"][group].iloc[0])
        yield f"{start}@{group}", "mean", float(table.cont_describe["mean"][group].iloc[0])


def _differ(ours: float, theirs: float) -> bool:
    return not math.isclose(ours, theirs, rel_tol=second_opinion.TOLERANCE, abs_tol=1e-9)
