"""Time to an event: Kaplan–Meier curves, rates at fixed times, medians, restricted means, log-rank test and hazard ratio."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.analyses import _steps
from stats.groups import ARMS, FEWEST, Groups, contrast
from stats.methods import regression, restricted_means
from stats.methods import survival as km
from stats.methods.event_tables import NO_PATIENTS, EventTable, event_table
from stats.methods.ticks import chosen
from stats.methods.types import Estimate, Test
from stats.results import Row

PERMUTE_BELOW = 50  # subjects: under this the permutation P stands beside the asymptotic one
# patients in each group from which the normal limits of restricted means keep their level: with a dozen they exclude a true
# difference in eight studies of a hundred, with forty in five (docs/honesty.md)
NORMAL_FROM = 40


def analyse(
    subjects: pd.DataFrame,
    *,
    endpoint: str,
    at: Sequence[float] = (),
    ticks: Sequence[float] | None = None,
    unit: str = "months",
    by: str = "arm",
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    survival_interval: str = "log-log",
    rmst_interval: str = "auto",
    rate_difference: str = "mover",
    logrank_test: str = "log-rank",
    ties: str = "efron",
    landmark: float | None = None,
    strata: str = "",
    trend: bool = False,
    seed: int = 0,
) -> Iterator[Row]:
    """Times in the endpoint's unit; patients without a time are left out and counted as missing.

    `landmark` is a time in that unit: only patients still under observation without the event after it enter, and every
    time counts from it. `strata` names a column within whose levels curves are compared. `trend` adds a test of groups
    in their declared order.
    """
    everybody = alike.patients(
        subjects, by, f"{endpoint}.time", f"{endpoint}.status", *([strata] if strata else [])
    )
    who = alike.grouped(everybody, by, reference, fewest)
    known = everybody[everybody[f"{endpoint}.time"].notna() & everybody[f"{endpoint}.status"].notna()]
    # ties within rounding are merged once for everybody, so that arms share the same distinct times
    time = km.merge_ties(known[f"{endpoint}.time"].to_numpy(float))
    status = known[f"{endpoint}.status"].to_numpy(float)
    event = (status == 1).astype(float)
    data = alike.alongside(
        known, {"time": time, "event": event, "competing": status == 2, by: known[by].array, "stratum": _strata(known, strata)}
    )
    unknown = {group: alike.size(part) for group, part in who.parts(everybody)}
    for group, part in who.parts(data):
        unknown[group] -= alike.size(part)
    if landmark is not None:
        yield from _entered(data, who, landmark)
        entered, later = km.landmark(time, event, landmark)
        data = data[entered].assign(time=later)
    what = emit.TIMED if landmark is None else "are followed beyond the landmark"
    parts = dict(who.parts(data))
    tables = {group: event_table(*_pair(part), alike.number(part)) for group, part in parts.items()}
    curves = {group: km.kaplan_meier(table, None, confidence, survival_interval) for group, table in tables.items()}
    for group, curve in curves.items():
        yield from _curve(curve, group)
    for tick in chosen(ticks, data["time"], unit):
        for group, part in parts.items():
            yield from _at_risk(part, tick, group)
    for group, part in parts.items():
        yield Row("events", "n", alike.size(part, part["event"] == 1), group)
        yield Row("events", "N", alike.size(part), group)
        yield Row("events", "missing", unknown[group], group)
        if data["competing"].any():  # who is censored by one is no longer at risk: it is said
            yield Row("events", "competing", alike.size(part, part["competing"]), group)
        yield from emit.estimate("median", group, km.quantile(curves[group], 0.5))
    points = {(group, t): km.at(curve, t) for group, curve in curves.items() for t in at}
    for (group, t), point in points.items():
        for stat in ("p", "lower", "upper"):
            value = getattr(point, stat)
            yield Row("survival", stat, value, group, "", t, point.method, point.note if math.isnan(value) else "")
        yield Row("survival", "at_risk", point.at_risk, group, "", t)
    for t in at:
        for x, y in who.contrasts:
            sides = points[x, t], points[y, t]
            normal = rate_difference == "greenwood"
            found = km.difference_greenwood(*sides, confidence) if normal else km.difference(*sides)
            yield from emit.estimate("difference", contrast(x, y), found, at=t)
        yield from _means(parts, tables, who, t, confidence, rmst_interval, seed, what)
    if strata:
        for group, part in parts.items():
            yield Row("strata", "n", alike.size(part, part["stratum"].notna()), group)
            yield Row("strata", "missing", alike.size(part, part["stratum"].isna()), group)
    what = f"are in a known stratum{'' if landmark is None else ' beyond the landmark'}" if strata else what
    choice = Choice(bool(strata), logrank_test == "permutation", ties, confidence, seed, what)
    yield from _comparisons(parts, who, choice)
    if len(who.keys) > 2:
        yield from _together(data, who, choice, trend)


def _strata(known: pd.DataFrame, column: str) -> np.ndarray:
    """Codes of the levels of a column, nan where it is missing; all in one stratum without a column."""
    if not column:
        return np.zeros(len(known))
    codes = pd.Categorical(known[column]).codes.astype(float)
    return np.where(codes >= 0, codes, np.nan)


def _entered(data: pd.DataFrame, who: Groups, landmark: float) -> Iterator[Row]:
    """Of those with a known time, who is still under observation without the event after the landmark."""
    for group, part in who.parts(data):
        mask, _ = km.landmark(*_pair(part), landmark)
        yield Row("landmark", "n", alike.size(part, mask), group, "", landmark)
        yield Row("landmark", "N", alike.size(part), group, "", landmark)


def _means(
    parts: dict[str, pd.DataFrame],
    tables: dict[str, EventTable],
    who: Groups,
    t: float,
    confidence: float,
    interval: str,
    seed: int,
    what: str,
) -> Iterator[Row]:
    """Restricted means and their differences: normal limits, and in small groups those that keep their level (`small`)."""
    for group, table in tables.items():
        if interval != "small-sample":
            yield from emit.estimate("rmst", group, km.rmst(table, None, t, confidence), at=t)
        if interval == "small-sample" or (interval == "auto" and 0 < table.n < NORMAL_FROM):
            name = "rmst" if interval == "small-sample" else "rmst.small"
            yield from emit.estimate(name, group, restricted_means.rmst_pointwise(table, None, t, confidence), at=t)
    for x, y in who.contrasts:
        sizes = [alike.size(parts[x]), alike.size(parts[y])]

        untested = emit.too_few(who, contrast(x, y), sizes, what)

        def told(found: Estimate, untested: Test | None = untested) -> Estimate:
            return replace(found, p_value=math.nan, note=found.note or untested.note) if untested else found

        if interval != "small-sample":
            found = told(km.rmst_difference(tables[x], None, tables[y], None, t, confidence))
            yield from emit.estimate("rmst_difference", contrast(x, y), found, at=t, with_p=True)
        if interval == "small-sample" or (interval == "auto" and 0 < min(sizes) < NORMAL_FROM):
            name = "rmst_difference" if interval == "small-sample" else "rmst_difference.small"
            samples = *_each(parts[x]), *_each(parts[y])
            found = told(restricted_means.rmst_permutation(*samples, t, confidence, seed))
            yield from emit.estimate(name, contrast(x, y), found, at=t, with_p=True)


@dataclass(frozen=True)
class Choice:
    """How curves are compared. Strata are not shuffled: within strata the test is the asymptotic one.

    `what` is asked of a patient to be in it, as `emit.too_few` says it.
    """

    stratified: bool
    permuted: bool
    ties: str
    confidence: float
    seed: int
    what: str


def _comparisons(parts: dict[str, pd.DataFrame], who: Groups, choice: Choice) -> Iterator[Row]:
    for x, y in who.contrasts:
        pair = contrast(x, y)
        both = pd.concat([parts[x], parts[y]]).assign(treated=np.repeat([1.0, 0.0], [len(parts[x]), len(parts[y])]))
        both = both[both["stratum"].notna()]
        time, event, treated = (both[name].to_numpy(float) for name in ("time", "event", "treated"))
        strata, often = both["stratum"].to_numpy() if choice.stratified else None, alike.number(both)
        untested = emit.too_few(who, pair, [alike.size(both, treated == side) for side in (1, 0)], choice.what)
        yield from _logrank(pair, time, event, treated, strata, often, choice, untested)
        hazard = (
            regression.stratified_hazard_ratio(time, event, treated, strata, choice.confidence, choice.ties, often)
            if strata is not None
            else regression.hazard_ratio(time, event, treated, choice.confidence, choice.ties, often)
        )
        if strata is not None and hazard.note == NO_PATIENTS:
            hazard = replace(hazard, note="nobody is in a known stratum")
        yield from emit.estimate("hazard", pair, hazard)
        yield Row(
            "hazard",
            "p_value",
            math.nan if untested else hazard.p_value,
            pair,
            method=hazard.method,
            note=untested.note if untested else hazard.note,
        )
        proportional = untested or regression.proportional_hazards(
            time, event, treated[:, None], strata, ties=choice.ties, count=often
        )
        yield from emit.test("proportionality", pair, proportional)


def _logrank(
    label: str,
    time: np.ndarray,
    event: np.ndarray,
    group: np.ndarray,
    strata: np.ndarray | None,
    often: np.ndarray | None,
    choice: Choice,
    untested: Test | None,
) -> Iterator[Row]:
    """The test of curves, and beside it what its other forms say."""
    if untested is not None:
        yield from emit.test("logrank", label, untested)
        return
    plain = km.logrank(time, event, group, count=often)
    if strata is not None:
        yield from emit.test("logrank", label, km.logrank(time, event, group, strata, often))
        yield from emit.alternatives("logrank", label, [plain])
    elif choice.permuted:
        found = km.logrank_permutation(time, event, group, seed=choice.seed, count=often)
        yield from emit.test("logrank", label, found)
        yield from emit.alternatives("logrank", label, [plain])
    else:
        yield from emit.test("logrank", label, plain)
        if label != ARMS and (len(time) if often is None else int(often.sum())) < PERMUTE_BELOW:
            found = km.logrank_permutation(time, event, group, seed=choice.seed, count=often)
            yield from emit.test("logrank.permutation", label, found)


def _together(data: pd.DataFrame, who: Groups, choice: Choice, trend: bool) -> Iterator[Row]:
    """The test of three or more groups, and of their order where that is asked for."""
    data = data[data["stratum"].notna()]
    coded = pd.Categorical(data[who.column], categories=list(who.keys)).codes
    inside = coded >= 0
    among = data[inside]
    strata, often = among["stratum"].to_numpy() if choice.stratified else None, alike.number(among)
    untested = emit.too_few(who, ARMS, [alike.size(data, coded == i) for i in range(len(who.keys))], choice.what)
    time, event = _pair(among)
    yield from _logrank(ARMS, time, event, coded[inside], strata, often, choice, untested)
    if trend:
        found = untested or km.logrank_trend(time, event, coded[inside], strata=strata, count=often)
        yield from emit.test("trend", ARMS, found)


def _curve(curve: km.Curve, group: str) -> Iterator[Row]:
    columns = {
        "p": curve.survival,
        "lower": curve.lower,
        "upper": curve.upper,
        "at_risk": curve.at_risk,
        "events": curve.events,
        "censored": curve.censored,
    }
    for i in _steps.rows(curve.time, curve.survival, curve.censored).tolist():
        for stat, values in columns.items():
            yield Row("curve", stat, values[i], group, "", float(curve.time[i]))


def _at_risk(part: pd.DataFrame, tick: float, group: str) -> Iterator[Row]:
    """At risk just before the tick, and what happened before it: the three sum to everybody."""
    before = part["time"].to_numpy() < tick
    events = part["event"].to_numpy() == 1
    yield Row("at_risk", "at_risk", alike.size(part, ~before), group, "", tick)
    yield Row("at_risk", "events", alike.size(part, before & events), group, "", tick)
    yield Row("at_risk", "censored", alike.size(part, before & ~events), group, "", tick)


def _pair(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return part["time"].to_numpy(float), part["event"].to_numpy(float)


def _each(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Time and event of every patient of a small group."""
    often = alike.number(part)
    return _pair(part if often is None else part.loc[part.index.repeat(often)])
