"""Cumulative incidence where another event can come first: Aalen–Johansen, Gray's test, Fine–Gray."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.analyses import _steps
from stats.groups import ARMS, FEWEST, contrast
from stats.methods import competing
from stats.methods.survival import merge_ties
from stats.methods.ticks import chosen
from stats.results import Row

CAUSES = (("incidence", 1), ("competing", 2))


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
    incidence_interval: str = "log-log",
) -> Iterator[Row]:
    """Times in the endpoint's unit; status 1 is the event, 2 the competing event."""
    everybody = alike.patients(subjects, by, f"{endpoint}.time", f"{endpoint}.status")
    who = alike.grouped(everybody, by, reference, fewest)
    known = everybody[everybody[f"{endpoint}.time"].notna() & everybody[f"{endpoint}.status"].notna()]
    data = alike.alongside(
        known,
        {
            "time": merge_ties(known[f"{endpoint}.time"].to_numpy(float)),
            "status": known[f"{endpoint}.status"].to_numpy(float),
            by: known[by].array,
        },
    )
    parts = dict(who.parts(data))
    for variable, cause in CAUSES:
        for group, part in parts.items():
            curve = competing.aalen_johansen(*_pair(part), cause, confidence, incidence_interval, alike.number(part))
            for i in _steps.rows(curve.time, curve.incidence).tolist():
                for stat, values in (("p", curve.incidence), ("lower", curve.lower), ("upper", curve.upper)):
                    yield Row(f"{variable}_curve", stat, values[i], group, "", float(curve.time[i]))
            for t in at:
                point = competing.at(curve, t)
                for stat in ("p", "lower", "upper"):
                    value = getattr(point, stat)
                    yield Row(
                        variable, stat, value, group, "", t, point.method, point.note if math.isnan(value) else ""
                    )
    for tick in chosen(ticks, data["time"], unit):
        for group, part in parts.items():
            before = part["time"].to_numpy() < tick
            yield Row("at_risk", "at_risk", alike.size(part, ~before), group, "", tick)
            for name, code in (("events", 1), ("competing", 2), ("censored", 0)):
                yield Row("at_risk", name, alike.size(part, before & (part["status"].to_numpy() == code)), group, "", tick)
    for group, part in parts.items():
        yield Row("events", "n", alike.size(part, part["status"] == 1), group)
        yield Row("events", "N", alike.size(part), group)
        yield Row("events", "competing", alike.size(part, part["status"] == 2), group)
    for x, y in who.contrasts:
        both = pd.concat([parts[x], parts[y]])
        treated, often = np.repeat([1.0, 0.0], [len(parts[x]), len(parts[y])]), alike.number(both)
        untested = emit.too_few(who, contrast(x, y), [alike.size(parts[x]), alike.size(parts[y])], emit.TIMED)
        gray = untested or competing.gray(*_pair(both), treated, count=often)
        yield from emit.test("gray", contrast(x, y), gray)
        ratio = competing.subhazard_ratio(*_pair(both), treated, confidence, count=often)
        yield from emit.estimate("subhazard", contrast(x, y), ratio)
        yield Row(
            "subhazard",
            "p_value",
            math.nan if untested else ratio.p_value,
            contrast(x, y),
            method=ratio.method,
            note=untested.note if untested else ratio.note,
        )
    if len(who.keys) > 2:
        coded = pd.Categorical(data[by], categories=list(who.keys)).codes
        inside = coded >= 0
        untested = emit.too_few(who, ARMS, [alike.size(data, coded == i) for i in range(len(who.keys))], emit.TIMED)
        among = data[inside]
        gray = untested or competing.gray(*_pair(among), coded[inside], count=alike.number(among))
        yield from emit.test("gray", ARMS, gray)


def _pair(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return part["time"].to_numpy(float), part["status"].to_numpy(float)
