"""Results for tests of pages and figures: real data, counted here in numpy, independently of the project's methods.

Kaplan–Meier and Aalen–Johansen are written from their definitions (Kaplan & Meier 1958; Aalen & Johansen 1978); the
log-rank test comes from lifelines, which agrees with R there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from stats.results import Row
from stats.study.types import Analysis, Analyte, Endpoint, Study, Term

Z = 1.959963984540054
ARMS = {"R": "Recipient-derived", "D": "Donor-derived", "C": "Standard care", "E": "Expanded access",
        "F": "Fifth arm", "G": "Sixth arm"}
LONG = {"R": "Recipient-derived CD19 CAR T cells manufactured at the national centre",
        "D": "Donor-derived CD19 CAR T cells, same donor as the transplant"}


def study(arms: Mapping[str, str], analyses: Mapping[str, Analysis], **parts: Any) -> Study:
    """A study that names what the figures ask for."""
    endpoints = {
        "pfs": Endpoint("pfs", "Progression-free survival", time="t", status="s", unit="months"),
        "os": Endpoint("os", "Overall survival", time="t", status="s", unit="months"),
        "relapse": Endpoint("relapse", "Relapse", start="a", event=("b",), competing=("c",), unit="months"),
    }
    terms = {"crs": Term("crs", "Cytokine release syndrome", grading="ASTCT 2019"),
             "icans": Term("icans", "ICANS", grading="ASTCT 2019"),
             "neutropenia": Term("neutropenia", "Neutropenia", grading="CTCAE"),
             "agvhd": Term("agvhd", "Acute GVHD", grading="MAGIC")}
    analytes = {"cart": Analyte("cart", "CAR transgene", "copies/µg DNA", "log", lloq=50),
                "il6": Analyte("il6", "Interleukin-6", "pg/mL", "log", lloq=1.5, uloq=5000),
                "crp": Analyte("crp", "C-reactive protein", "mg/L", "linear")}
    whole = {"endpoints": endpoints, "terms": terms, "analytes": analytes, **parts}
    return Study(Path("."), "A study", "STUDY", "retrospective cohort", date(2025, 4, 30), dict(arms),
                 analyses=dict(analyses), **whole)


def survival(name: str, data: Mapping[str, tuple[Sequence[float], Sequence[float]]], ticks: Sequence[float],
             at: Sequence[float] = ()) -> Iterator[Row]:
    """Rows of a survival analysis of arm → (times, events)."""
    arms = {k: (np.asarray(t, float), np.asarray(e, float)) for k, (t, e) in data.items()}
    everybody = tuple(np.concatenate([pair[i] for pair in arms.values()]) for i in (0, 1))
    for group, (time, event) in {**arms, "all": everybody}.items():
        curve = kaplan_meier(time, event)
        for t, *values in zip(*curve.values()):
            for stat, value in zip(list(curve)[1:], values):
                yield Row("curve", stat, value, group, at=float(t), analysis=name)
        for tick in ticks:
            before = time < tick
            masks = {"at_risk": ~before, "events": before & (event == 1), "censored": before & (event == 0)}
            for stat, mask in masks.items():
                yield Row("at_risk", stat, int(mask.sum()), group, at=tick, analysis=name)
        yield Row("events", "n", int(event.sum()), group, analysis=name)
        yield Row("events", "N", len(time), group, analysis=name)
        for stat, key in (("estimate", "p"), ("lower", "lower"), ("upper", "upper")):
            below = curve["time"][np.nan_to_num(curve[key], nan=1.0) <= 0.5]
            yield Row("median", stat, float(below[0]) if len(below) else math.inf, group, at=None, analysis=name)
        for t in at:
            i = np.searchsorted(curve["time"], t, side="right") - 1
            for stat in ("p", "lower", "upper"):
                beyond = t > curve["time"][-1]
                value = math.nan if beyond else float(curve[stat][i]) if i >= 0 else 1.0
                note = "beyond follow-up" if beyond else ""
                yield Row("survival", stat, value, group, at=t, analysis=name, note=note)
    yield from _compared(name, arms)


def kaplan_meier(time: np.ndarray, event: np.ndarray) -> dict[str, np.ndarray]:
    """Product limit at every distinct time, with Greenwood's variance and log-log limits."""
    times = np.unique(time)
    risk = np.array([(time >= t).sum() for t in times], float)
    died = np.array([((time == t) & (event == 1)).sum() for t in times], float)
    left = np.array([((time == t) & (event == 0)).sum() for t in times], float)
    p = np.cumprod(1 - died / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(died / (risk * (risk - died)))
        width = Z * np.sqrt(greenwood) / np.abs(np.log(p))
        lower, upper = p ** np.exp(width), p ** np.exp(-width)
    whole = p == 1
    lower[whole], upper[whole] = 0.025 ** (1 / risk[whole]), 1.0
    lower[p == 0], upper[p == 0] = 0.0, np.nan
    return {"time": times, "p": p, "lower": lower, "upper": upper, "at_risk": risk, "events": died, "censored": left}


def _compared(name: str, arms: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Iterator[Row]:
    from lifelines.statistics import logrank_test, multivariate_logrank_test

    keys = list(arms)
    reference = keys[-1]
    for key in keys[:-1]:
        pair = f"{key}:{reference}"
        (t1, e1), (t0, e0) = arms[key], arms[reference]
        if e1.sum() + e0.sum() == 0:
            for stat in ("estimate", "lower", "upper", "p_value"):
                yield Row("hazard", stat, math.nan, pair, analysis=name, note="no events")
            yield Row("logrank", "p_value", math.nan, pair, analysis=name, note="no events")
            continue
        test = logrank_test(t1, t0, e1, e0)
        yield Row("logrank", "statistic", test.test_statistic, pair, analysis=name, method="log-rank")
        yield Row("logrank", "p_value", test.p_value, pair, analysis=name, method="log-rank")
        # Peto's estimate of the ratio: enough for a figure, and closed form
        ratio, error = peto(t1, e1, t0, e0)
        limits = ratio * math.exp(-Z * error), ratio * math.exp(Z * error)
        for stat, value in zip(("estimate", "lower", "upper", "p_value"), (ratio, *limits, test.p_value)):
            yield Row("hazard", stat, value, pair, analysis=name, method="cox-efron")
    if len(keys) > 2:
        time, event = (np.concatenate([arms[k][i] for k in keys]) for i in (0, 1))
        test = multivariate_logrank_test(time, np.repeat(keys, [len(arms[k][0]) for k in keys]), event)
        yield Row("logrank", "p_value", test.p_value, "arms", analysis=name, method="log-rank")


def peto(t1: np.ndarray, e1: np.ndarray, t0: np.ndarray, e0: np.ndarray) -> tuple[float, float]:
    """One-step hazard ratio exp((O - E) / V) and the standard error of its logarithm."""
    excess = variance = 0.0
    for t in np.unique(np.concatenate([t1[e1 == 1], t0[e0 == 1]])):
        n1, n = (t1 >= t).sum(), (t1 >= t).sum() + (t0 >= t).sum()
        d1 = ((t1 == t) & (e1 == 1)).sum()
        d = d1 + ((t0 == t) & (e0 == 1)).sum()
        excess += d1 - d * n1 / n
        variance += d * n1 * (n - n1) * (n - d) / (n * n * (n - 1)) if n > 1 else 0.0
    return math.exp(excess / variance), 1 / math.sqrt(variance)


def leukaemia() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Freireich's remission times in two arms of 21 (weeks), as lifelines carries them."""
    from lifelines.datasets import load_leukemia

    data = load_leukemia()
    return {arm: (part["t"].to_numpy(float), part["status"].to_numpy(float))
            for arm, part in (("R", data[data["Rx"] == 0]), ("D", data[data["Rx"] == 1]))}


def waltons(arms: int = 1) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Walton's fly lifetimes (163, days), dealt in turn to as many arms as asked for."""
    from lifelines.datasets import load_waltons

    data = load_waltons()
    time, event = data["T"].to_numpy(float), data["E"].to_numpy(float)
    return {key: (time[i::arms], event[i::arms]) for i, key in enumerate(list(ARMS)[:arms])}


def nobody_failed() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Two small arms, everybody censored."""
    return {"R": (np.array([3.0, 5, 9, 14, 20, 31]), np.zeros(6)),
            "D": (np.array([2.0, 4, 11, 13, 18, 22, 40]), np.zeros(7))}


def incidence(name: str, data: Mapping[str, tuple[Sequence[float], Sequence[float]]], ticks: Sequence[float],
              at: Sequence[float] = ()) -> Iterator[Row]:
    """Rows of a competing-risks analysis of arm → (times, status 0, 1, 2)."""
    arms = {k: (np.asarray(t, float), np.asarray(s, float)) for k, (t, s) in data.items()}
    everybody = tuple(np.concatenate([pair[i] for pair in arms.values()]) for i in (0, 1))
    for group, (time, status) in {**arms, "all": everybody}.items():
        for variable, cause in (("incidence", 1), ("competing", 2)):
            curve = aalen_johansen(time, status, cause)
            for t, *values in zip(*curve.values()):
                for stat, value in zip(("p", "lower", "upper"), values):
                    yield Row(f"{variable}_curve", stat, value, group, at=float(t), analysis=name)
            for t in at:
                i = np.searchsorted(curve["time"], t, side="right") - 1
                for stat in ("p", "lower", "upper"):
                    yield Row(variable, stat, float(curve[stat][i]), group, at=t, analysis=name)
        for tick in ticks:
            before = time < tick
            yield Row("at_risk", "at_risk", int((~before).sum()), group, at=tick, analysis=name)
            for stat, code in (("events", 1), ("competing", 2), ("censored", 0)):
                yield Row("at_risk", stat, int((before & (status == code)).sum()), group, at=tick, analysis=name)
        for stat, value in (("n", (status == 1).sum()), ("N", len(time)), ("competing", (status == 2).sum())):
            yield Row("events", stat, int(value), group, analysis=name)
    for key in list(arms)[:-1]:
        pair = f"{key}:{list(arms)[-1]}"
        yield Row("gray", "p_value", 0.18, pair, analysis=name, method="gray")
        for stat, value in (("estimate", 0.62), ("lower", 0.31), ("upper", 1.24), ("p_value", 0.18)):
            yield Row("subhazard", stat, value, pair, analysis=name, method="fine-gray")


def aalen_johansen(time: np.ndarray, status: np.ndarray, cause: int) -> dict[str, np.ndarray]:
    """Cumulative incidence of one cause, with limits from Aalen's variance on the log-log scale."""
    times = np.unique(time)
    risk = np.array([(time >= t).sum() for t in times], float)
    every = np.array([((time == t) & (status > 0)).sum() for t in times], float)
    mine = np.array([((time == t) & (status == cause)).sum() for t in times], float)
    before = np.concatenate([[1.0], np.cumprod(1 - every / risk)[:-1]])
    p = np.cumsum(before * mine / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        # only as wide as a figure needs it: a binomial variance of the patients who were ever at risk
        width = Z * np.sqrt(p * (1 - p) / risk[0]) / np.abs(p * np.log(p))
        lower, upper = p ** np.exp(width), p ** np.exp(-width)
    lower[p == 0], upper[p == 0] = 0.0, 0.0
    return {"time": times, "p": p, "lower": lower, "upper": upper}


def transplants(arms: int = 2) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Relapse (1) and death without it (2) over months in arms of 24, from a fixed seed."""
    random = np.random.default_rng(7)
    out = {}
    for i, key in enumerate(list(ARMS)[:arms]):
        relapse, death, last = random.exponential(18 + 9 * i, 24), random.exponential(50, 24), random.uniform(6, 48, 24)
        time = np.minimum(np.minimum(relapse, death), last)
        out[key] = (time, np.where(time == last, 0.0, np.where(time == relapse, 1.0, 2.0)))
    return out


def expansion(arms: int = 2, patients: int = 11) -> dict[str, dict[str, dict[float, float]]]:
    """Arm → patient → day → copies: a rise to a peak and a fall, some samples missing, some too low to quantify."""
    random = np.random.default_rng(11)
    out: dict[str, dict[str, dict[float, float]]] = {}
    for i, key in enumerate(list(ARMS)[:arms]):
        out[key] = {}
        for who in range(patients):
            top, day = 10 ** random.normal(4.2 - 0.3 * i, 0.5), random.normal(12 - 2 * i, 2)
            values = {t: top * math.exp(-((t - day) / 5) ** 2 / (1 if t < day else 3))
                      for t in (1.0, 4, 7, 10, 14, 21, 28)}
            out[key][f"{key}{who:02d}"] = {t: round(v, 1) for t, v in values.items() if random.random() > 0.08}
    return out


def kinetics(name: str, data: Mapping[str, Mapping[str, Mapping[float, float]]], lloq: float | None = None,
             uloq: float | None = None) -> Iterator[Row]:
    """Rows of a kinetics analysis; values under the limit count as half of it, as most analyses have it."""
    for stat, limit in (("lloq", lloq), ("uloq", uloq)):
        if limit is not None:
            yield Row(stat, "value", limit, "all", analysis=name)
    floor = lloq or -math.inf
    used = {arm: {who: {t: v if v >= floor else floor / 2 for t, v in course.items()} for who, course in people.items()}
            for arm, people in data.items()}
    groups = {**used, "all": {who: course for people in used.values() for who, course in people.items()}}
    days = sorted({t for people in used.values() for course in people.values() for t in course})
    for group, people in groups.items():
        peaks = [max(course.values()) for course in people.values()]
        tmax = [max(course, key=lambda t: course[t]) for course in people.values()]
        for measure, values in (("peak", peaks), ("tmax", tmax)):
            yield from _summary(name, measure, group, values, None)
        for day in days:
            yield from _summary(name, "course", group, [c[day] for c in people.values() if day in c], day)
    for arm, people in used.items():
        for who, course in people.items():
            for measure, value in (("peak", max(course.values())), ("tmax", max(course, key=lambda t: course[t]))):
                yield Row("patient", "value", value, arm, f"{who}.{measure}", analysis=name)
            for day, value in course.items():
                yield Row("patient", "value", value, arm, who, day, analysis=name)
                if data[arm][who][day] < floor:
                    yield Row("patient", "below", 1, arm, who, day, analysis=name)
    arms = list(data)
    for key in arms[:-1]:
        pair = f"{key}:{arms[-1]}"
        for variable, p, numbers in (("peak", 0.034, (1.8, 1.02, 3.1)), ("tmax", 0.21, (1.0, -1.0, 3.0))):
            yield Row(f"{variable}.test", "p_value", p, pair, analysis=name, method="wilcoxon-exact")
            contrast = "ratio" if variable == "peak" else "shift"
            for stat, value in zip(("estimate", "lower", "upper"), numbers):
                yield Row(f"{variable}.{contrast}", stat, value, pair, analysis=name, method="hodges-lehmann")


def _summary(name: str, variable: str, group: str, values: Sequence[float], at: float | None) -> Iterator[Row]:
    known = np.asarray(values, float)
    stats = (("n", len(known)), ("median", np.median(known)), ("q1", np.quantile(known, 0.25)),
             ("q3", np.quantile(known, 0.75)), ("min", known.min()), ("max", known.max()))
    for stat, value in stats:
        yield Row(variable, stat, float(value), group, at=at, analysis=name)


def toxicity(name: str, data: Mapping[str, Mapping[str, Sequence[int]]]) -> Iterator[Row]:
    """Rows of an adverse-events analysis of term → arm → worst grade of each evaluable patient."""
    for term, arms in data.items():
        for group, grades in {**arms, "all": [g for part in arms.values() for g in part]}.items():
            for grade in range(6):
                n = sum(g == grade for g in grades)
                for stat, value in (("n", n), ("N", len(grades)), ("p", n / len(grades) if grades else math.nan)):
                    yield Row(term, stat, value, group, str(grade), analysis=name)
            for level, least in (("any", 1), ("severe", 3)):
                yield Row(term, "n", sum(g >= least for g in grades), group, level, analysis=name)
                yield Row(term, "N", len(grades), group, level, analysis=name)
        keys = list(arms)
        if len(keys) > 1:
            pair = f"{keys[0]}:{keys[1]}" if len(keys) == 2 else "arms"
            yield Row(f"{term}.test", "p_value", 0.41, pair, analysis=name, method="wilcoxon-exact")
