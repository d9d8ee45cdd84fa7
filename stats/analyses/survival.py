"""Time to an event: Kaplan–Meier curves, rates at fixed times, medians, restricted means, log-rank test and hazard ratio."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stats.analyses import _emit as emit
from stats.groups import ARMS, FEWEST, Groups, contrast, groups
from stats.methods import regression
from stats.methods import survival as km
from stats.results import Row

PERMUTE_BELOW = 50  # subjects: under this the permutation P stands beside the asymptotic one


def analyse(
    subjects: pd.DataFrame,
    *,
    endpoint: str,
    at: Sequence[float] = (),
    ticks: Sequence[float] = (),
    by: str = "arm",
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    survival_interval: str = "log-log",
    seed: int = 0,
) -> Iterator[Row]:
    """Times in the endpoint's unit; patients without a time are left out and counted as missing."""
    who = groups(subjects, by, reference, fewest)
    known = subjects[subjects[f"{endpoint}.time"].notna() & subjects[f"{endpoint}.status"].notna()]
    # ties within rounding are merged once for everybody, so that arms share the same distinct times
    time = km.merge_ties(known[f"{endpoint}.time"].to_numpy(float))
    event = (known[f"{endpoint}.status"].to_numpy(float) == 1).astype(float)
    data = pd.DataFrame({"time": time, "event": event, by: known[by].array})
    parts = dict(who.parts(data))
    missing = {group: len(part) for group, part in who.parts(subjects)}
    curves = {
        group: km.kaplan_meier(part["time"].to_numpy(), part["event"].to_numpy(), confidence, survival_interval)
        for group, part in parts.items()
    }
    for group, curve in curves.items():
        yield from _curve(curve, group)
    for tick in ticks:
        for group, part in parts.items():
            yield from _at_risk(part, tick, group)
    for group, part in parts.items():
        yield Row("events", "n", part["event"].sum(), group)
        yield Row("events", "N", len(part), group)
        yield Row("events", "missing", missing[group] - len(part), group)
        yield from emit.estimate("median", group, km.quantile(curves[group], 0.5))
    points = {(group, t): km.at(curve, t) for group, curve in curves.items() for t in at}
    for (group, t), point in points.items():
        for stat in ("p", "lower", "upper"):
            value = getattr(point, stat)
            yield Row("survival", stat, value, group, "", t, point.method, point.note if math.isnan(value) else "")
        yield Row("survival", "at_risk", point.at_risk, group, "", t)
    for t in at:
        for group, part in parts.items():
            yield from emit.estimate("rmst", group, km.rmst(*_pair(part), t, confidence), at=t)
        for x, y in who.contrasts:
            yield from emit.estimate("difference", contrast(x, y), km.difference(points[x, t], points[y, t]), at=t)
            means = km.rmst_difference(*_pair(parts[x]), *_pair(parts[y]), t, confidence)
            if emit.too_small([len(parts[x]), len(parts[y])], who.fewest):
                means = replace(means, p_value=math.nan, note=means.note or emit.untested(who.fewest).note)
            yield from emit.estimate("rmst_difference", contrast(x, y), means, at=t, with_p=True)
    yield from _comparisons(data, parts, who, confidence, seed)


def _comparisons(
    data: pd.DataFrame, parts: dict[str, pd.DataFrame], who: Groups, confidence: float, seed: int
) -> Iterator[Row]:
    for x, y in who.contrasts:
        pair = contrast(x, y)
        both = pd.concat([parts[x], parts[y]])
        treated = np.repeat([1.0, 0.0], [len(parts[x]), len(parts[y])])
        time, event = _pair(both)
        small = emit.too_small([len(parts[x]), len(parts[y])], who.fewest)
        found = emit.untested(who.fewest) if small else km.logrank(time, event, treated)
        yield from emit.test("logrank", pair, found)
        if not small and len(both) < PERMUTE_BELOW:
            yield from emit.test("logrank.permutation", pair, km.logrank_permutation(time, event, treated, seed=seed))
        hazard = regression.hazard_ratio(time, event, treated, confidence)
        yield from emit.estimate("hazard", pair, hazard)
        yield Row(
            "hazard",
            "p_value",
            math.nan if small else hazard.p_value,
            pair,
            method=hazard.method,
            note=emit.untested(who.fewest).note if small else hazard.note,
        )
        proportional = (
            emit.untested(who.fewest) if small else regression.proportional_hazards(time, event, treated[:, None])
        )
        yield from emit.test("proportionality", pair, proportional)
    if len(who.keys) > 2:
        coded = pd.Categorical(data[who.column], categories=list(who.keys)).codes
        inside = coded >= 0
        sizes = [int((coded == i).sum()) for i in range(len(who.keys))]
        found = (
            emit.untested(who.fewest)
            if emit.too_small(sizes, who.fewest)
            else km.logrank(*_pair(data[inside]), coded[inside])
        )
        yield from emit.test("logrank", ARMS, found)


def _curve(curve: km.Curve, group: str) -> Iterator[Row]:
    columns = {
        "p": curve.survival,
        "lower": curve.lower,
        "upper": curve.upper,
        "at_risk": curve.at_risk,
        "events": curve.events,
        "censored": curve.censored,
    }
    for i, t in enumerate(curve.time):
        for stat, values in columns.items():
            yield Row("curve", stat, values[i], group, "", float(t))


def _at_risk(part: pd.DataFrame, tick: float, group: str) -> Iterator[Row]:
    """At risk just before the tick, and what happened before it: the three sum to everybody."""
    before = part["time"].to_numpy() < tick
    events = part["event"].to_numpy() == 1
    yield Row("at_risk", "at_risk", int((~before).sum()), group, "", tick)
    yield Row("at_risk", "events", int((before & events).sum()), group, "", tick)
    yield Row("at_risk", "censored", int((before & ~events).sum()), group, "", tick)


def _pair(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return part["time"].to_numpy(float), part["event"].to_numpy(float)
