"""What a study file promises: for each analysis the addresses and statistics it must emit, whatever the data.

Written from the reference of the study file and from the order of its blocks, never from the code of the analyses, so that
an analysis that forgets an arm, a contrast or a statistic is found in any study.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from stats.study.types import Analysis, Study

NUMBER = ("n", "missing", "mean", "sd", "median", "q1", "q3", "min", "max")
INTERVAL = ("estimate", "lower", "upper")
SHARE = ("n", "N", "p", "lower", "upper")
SPREAD = ("n", "median", "q1", "q3", "min", "max")
GRADES = ("0", "1", "2", "3", "4", "5", "any", "severe")
MEASURES = ("peak", "tmax", "auc", "last", "persistence")
GEOMETRIC = ("peak", "auc")
HEADS = ["analysis", "variable", "level", "at", "group", "stat", "value", "method", "note"]

Address = tuple[str, str, str, str]  # variable, level, at, group


class Groups:
    """Groups, contrasts and the global test of an analysis, as the study file declares them."""

    def __init__(self, study: Study, analysis: Analysis, present: set[str]):
        by = analysis.options.get("by", "arm")
        declared = tuple(study.arms) if by == "arm" else tuple(study.subjects.columns[by].levels)
        # an arm without patients is still an arm; a level that nobody has is no group
        self.keys = declared if by == "arm" else tuple(key for key in declared if key in present)
        usual = study.reference if by == "arm" else self.keys[0]
        self.reference = str(analysis.options.get("reference", usual))
        self.each = (*self.keys, "all")
        self.pairs = tuple(f"{key}:{self.reference}" for key in self.keys if key != self.reference)
        self.several = ("arms",) if len(self.keys) > 2 else ()
        self.test = self.several or self.pairs  # one test of all groups together


def demanded(study: Study, analysis: Analysis, present: set[str]) -> Iterator[tuple[Address, tuple[str, ...]]]:
    """(address, statistics) that an analysis owes."""
    who = Groups(study, analysis, present)
    yield from KINDS[analysis.kind](study, analysis, who)


def missing(study: Study, results: str) -> list[str]:
    """What the analyses of a study owe and the text of its results.csv doesn't hold."""
    lines = rows(results)
    given: dict[tuple[str, Address], dict[str, dict[str, str]]] = {}
    for line in lines:
        address = (line["variable"], line["level"], line["at"], line["group"])
        given.setdefault((line["analysis"], address), {})[line["stat"]] = line
    out = []
    for analysis in study.analyses.values():
        if analysis.kind not in KINDS:
            continue
        present = {line["group"] for line in lines if line["analysis"] == analysis.name}
        for address, stats in demanded(study, analysis, present):
            found = given.get((analysis.name, address), {})
            out += [f"{analysis.name}/{spelled(address)} lacks {stat}" for stat in stats if stat not in found]
    return [*out, *faults(lines)]


def faults(lines: list[dict[str, str]]) -> list[str]:
    """What no row may be: a share outside 0 to 1, an unexplained nan, a key made twice, a patient."""
    out, seen = [], set()
    for line in lines:
        key = tuple(line[head] for head in HEADS[:6])
        out += [f"{key} stands twice"] * (key in seen)
        seen.add(key)
        value = float(line["value"])
        unknown = math.isnan(value)
        if unknown and not line["note"]:
            out.append(f"{key} is nan without a note")
        if line["stat"] in ("p", "p_value") and not unknown and not 0 <= value <= 1:
            out.append(f"{key} is {value}")
        if line["variable"] == "patient":
            out.append(f"{key} is of a single patient")
        if (
            line["stat"] == "p_value"
            and not unknown
            and not line["method"]
            and ".alternative" not in line["variable"]
        ):
            out += [f"{key} is a P value without a method"] * (line["analysis"] != "study")
    return out


def rows(results: str) -> list[dict[str, str]]:
    """Rows of results.csv, whose head is checked on the way."""
    reader = csv.DictReader(io.StringIO(results))
    assert reader.fieldnames == HEADS
    return list(reader)


def spelled(address: Address) -> str:
    variable, level, at, group = address
    return f"{variable}{f'={level}' if level else ''}{f'~{at}' if at else ''}@{group}"


def _times(analysis: Analysis, option: str) -> list[str]:
    return [f"{t:g}" for t in analysis.options.get(option, ())]


def _characteristics(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for name in analysis.options["variables"]:
        column = study.subjects.columns[name]
        number = column.type == "number"
        levels = ("yes",) if column.type == "flag" else tuple(column.levels)
        for group in who.each:
            yield (name, "", "", group), NUMBER if number else ("missing",)
            for level in () if number else levels:
                yield (name, level, "", group), ("n", "N", "p")
        if analysis.options.get("test", True):
            for group in who.test:
                yield (f"{name}.test", "", "", group), ("p_value",)
        for pair in who.pairs:
            yield (f"{name}.smd", "", "", pair), ("estimate",)
            if number:
                yield (f"{name}.shift", "", "", pair), INTERVAL


def _proportion(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for name in analysis.options["outcomes"]:
        for group in who.each:
            yield (name, "", "", group), SHARE
        for pair in who.pairs:
            for what in ("difference", "odds_ratio", "risk_ratio"):
                yield (f"{name}.{what}", "", "", pair), INTERVAL
        if analysis.options.get("test", True):
            for group in who.test:
                yield (f"{name}.test", "", "", group), ("p_value",)


def _survival(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for group in who.each:
        yield ("events", "", "", group), ("n", "N")
        yield ("median", "", "", group), INTERVAL
        for at in _times(analysis, "at"):
            yield ("survival", "", at, group), ("p", "lower", "upper", "at_risk")
            yield ("rmst", "", at, group), INTERVAL
        for tick in _times(analysis, "ticks"):
            yield ("at_risk", "", tick, group), ("at_risk", "events", "censored")
    for pair in who.pairs:
        for at in _times(analysis, "at"):
            yield ("difference", "", at, pair), INTERVAL
            yield ("rmst_difference", "", at, pair), (*INTERVAL, "p_value")
        yield ("logrank", "", "", pair), ("p_value",)
        yield ("hazard", "", "", pair), (*INTERVAL, "p_value")
        yield ("proportionality", "", "", pair), ("p_value",)
    for group in who.several:
        yield ("logrank", "", "", group), ("p_value",)


def _incidence(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for group in who.each:
        for at in _times(analysis, "at"):
            for what in ("incidence", "competing"):
                yield (what, "", at, group), ("p", "lower", "upper")
    for pair in who.pairs:
        yield ("gray", "", "", pair), ("p_value",)
        yield ("subhazard", "", "", pair), (*INTERVAL, "p_value")
    for group in who.several:
        yield ("gray", "", "", group), ("p_value",)


def _followup(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for group in who.each:
        yield ("median", "", "", group), INTERVAL
        yield ("range", "", "", group), ("min", "max")


def _adverse_events(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for name in analysis.options["terms"]:
        for group in who.each:
            for grade in GRADES:
                yield (name, grade, "", group), SHARE
            for spell in ("onset", "duration"):
                yield (f"{name}.{spell}", "", "", group), SPREAD
        for group in (*who.pairs, *who.several):
            yield (f"{name}.test", "", "", group), ("p_value",)


def _kinetics(study: Study, analysis: Analysis, who: Groups) -> Iterator[tuple[Address, tuple[str, ...]]]:
    for measure in MEASURES:
        for group in who.each:
            yield (measure, "", "", group), (*SPREAD, *(("geomean",) if measure in GEOMETRIC else ()))
        for group in (*who.pairs, *who.several):
            yield (f"{measure}.test", "", "", group), ("p_value",)
        for pair in who.pairs:
            yield (f"{measure}.shift", "", "", pair), INTERVAL
            if measure in GEOMETRIC:
                yield (f"{measure}.ratio", "", "", pair), INTERVAL
    for day in _times(analysis, "at"):
        for group in who.each:
            yield ("course", "", day, group), ("n", "median", "q1", "q3")


KINDS = {
    "characteristics": _characteristics,
    "proportion": _proportion,
    "survival": _survival,
    "incidence": _incidence,
    "followup": _followup,
    "adverse-events": _adverse_events,
    "kinetics": _kinetics,
}
