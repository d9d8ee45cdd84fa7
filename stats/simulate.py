"""Studies whose truth is known: worlds to draw patients from, to see how often the words about them are wrong.

A world says how patients of each arm fare; `draw` makes one study's frames as they leave the derivations, `truths` the
values that its intervals should cover, by address. Sizes are those of the small trials this project is for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from stats.study.types import DAYS, Analysis, Analyte, Claim, Column, Endpoint, Frame, Study, Term

AT = 12.0  # months at which survival is read
FIRST_CENSORED, LAST_CENSORED = 8.0, 36.0  # months; follow-up ends uniformly between
SPREAD = 30.0  # standard deviation of the marker's peak
DEVIATION = 3.0  # days, of the time to peak
LOG_SPREAD = 0.8  # of the logarithm of copies
SEVERE = 3
ARMS = {"R": "First", "D": "Second"}
PAIR = "R:D"


@dataclass(frozen=True)
class Arm:
    """How patients of an arm fare: events per month, share of responses, mean peak, mean day of it, geometric mean of
    copies, and the chances of worst grades 0 to 4."""

    n: int
    hazard: float = 0.045
    response: float = 0.7
    peak: float = 120.0
    day: float = 10.0
    copies: float = 8000.0
    grades: tuple[float, ...] = (0.2, 0.3, 0.25, 0.15, 0.1)


@dataclass(frozen=True)
class World:
    """`same` says that the arms don't differ in anything, `usual` that coverage is counted here."""

    name: str
    about: str
    first: Arm
    second: Arm
    usual: bool = True

    @property
    def arms(self) -> Mapping[str, Arm]:
        return dict(zip(ARMS, (self.first, self.second), strict=True))

    @property
    def same(self) -> bool:
        return replace(self.first, n=0) == replace(self.second, n=0)


_USUAL = Arm(11)
_SELDOM = Arm(11, hazard=0.012, response=0.93, grades=(0.7, 0.2, 0.05, 0.03, 0.02))
WORLDS = (
    World("null", "12 and 11 patients, arms alike", replace(_USUAL, n=12), _USUAL),
    World("null, events seldom", "12 and 11 patients, arms alike, events and high grades seldom",
          replace(_SELDOM, n=12), _SELDOM),
    World("alternative", "12 and 11 patients, arms far apart", Arm(12, 0.016, 0.9, 155, 7, 24000, (0.5, 0.3, 0.1, 0.06, 0.04)),
          Arm(11, 0.06, 0.5, 120, 10, 8000, (0.1, 0.2, 0.3, 0.2, 0.2))),
    World("no event in R", "nobody in R has an event, response or high grade",
          Arm(12, 0.0, 0.0, grades=(1.0, 0, 0, 0, 0)), _USUAL, usual=False),
    World("no events", "nobody has an event or a grade, everybody responds",
          Arm(12, 0.0, 1.0, grades=(1.0, 0, 0, 0, 0)), Arm(11, 0.0, 1.0, grades=(1.0, 0, 0, 0, 0)), usual=False),
    World("tiny arms", "3 and 2 patients, arms alike", replace(_USUAL, n=3), replace(_USUAL, n=2), usual=False),
    World("one patient", "1 and 11 patients, arms alike", replace(_USUAL, n=1), _USUAL, usual=False),
    World("empty arm", "nobody and 11 patients", replace(_USUAL, n=0), _USUAL, usual=False),
)  # fmt: skip

# contrasts that get a sentence and claims
COMPARED = {
    "survival, log-rank": f"os/logrank@{PAIR}",
    "survival, hazard ratio": f"os/hazard@{PAIR}",
    "survival at 12 months": f"os/difference~12@{PAIR}",
    "restricted mean": f"os/rmst_difference~12@{PAIR}",
    "proportion": f"response/cr.difference@{PAIR}",
    "peak, shift": f"marker/peak.shift@{PAIR}",
    "peak, ratio": f"copies/peak.ratio@{PAIR}",
    "time to peak": f"marker/tmax.shift@{PAIR}",
    "ordered grades": f"toxicity/fever.test@{PAIR}",
    "severe grades": f"toxicity/fever.difference=severe@{PAIR}",
}


def study(confidence: float = 0.95, alpha: float = 0.05) -> Study:
    """The study file that every world is analysed by. Each contrast has a claim that there is a difference, some one that
    there is none, and the response one of equivalence within 10 points."""
    claims = {}
    for name, address in COMPARED.items():
        claims[f"{name}: differs"] = Claim(f"{name}: differs", "They differ.", "difference", address)
    for name in ("survival, log-rank", "proportion", "peak, shift"):
        claims[f"{name}: none"] = Claim(f"{name}: none", "They don't differ.", "no-difference", COMPARED[name])
    claims["equivalent"] = Claim("equivalent", "They are alike.", "equivalence", COMPARED["proportion"],
                                 margin=0.1, margin_source="declared before")
    columns = {name: Column(name, kind) for name, kind in (("subject", "id"), ("arm", "arm"))}
    analyses = (
        Analysis("os", "survival", options={"endpoint": "os", "at": [AT], "ticks": [0, AT]}),
        Analysis("response", "proportion", options={"outcomes": ["cr"]}),
        Analysis("marker", "kinetics", options={"analyte": "marker"}),
        Analysis("copies", "kinetics", options={"analyte": "copies"}),
        Analysis("toxicity", "adverse-events", options={"terms": ["fever"], "severe": SEVERE}),
    )
    return Study(
        Path("."), "Simulated", "SIM", "randomised trial", date(2025, 1, 1), ARMS, reference="D", primary="os",
        confidence=confidence, alpha=alpha, synthetic=True,
        frames={"subjects": Frame("subjects", "subjects.csv", columns)},
        endpoints={"os": Endpoint("os", "Survival", time="t", status="s"),
                   "cr": Endpoint("cr", "Complete response", column="c", responses=("CR",))},
        terms={"fever": Term("fever", "Fever", grading="CTCAE")},
        analytes={"marker": Analyte("marker", "Marker", "ng/mL"),
                  "copies": Analyte("copies", "Transgene", "copies/µg", "log")},
        analyses={a.name: a for a in analyses}, claims=claims,
    )  # fmt: skip


def draw(world: World, random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """subjects, toxicity, course and exposure of one study; times in whole days shown as months, peaks with one decimal."""
    arms = list(world.arms.values())
    n = sum(arm.n for arm in arms)
    of = np.repeat(np.arange(len(arms)), [arm.n for arm in arms])

    def each(name: str) -> np.ndarray:
        return np.array([getattr(arm, name) for arm in arms], float)[of]

    hazard = each("hazard")
    with np.errstate(divide="ignore"):
        event = np.where(hazard > 0, random.exponential(1.0, n) / hazard, math.inf)
    censored = random.uniform(FIRST_CENSORED, LAST_CENSORED, n)
    days = np.ceil(np.minimum(event, censored) * DAYS["months"])
    subject = np.array([f"S{i:03d}" for i in range(n)], dtype=object)
    subjects = pd.DataFrame({
        "subject": subject,
        "arm": pd.Categorical(np.array(list(ARMS), dtype=object)[of], categories=list(ARMS), ordered=True),
        "os.time": days / DAYS["months"],
        "os.status": (event <= censored).astype(float),
        "cr.outcome": pd.array(random.random(n) < each("response"), dtype="boolean"),
    })  # fmt: skip
    grade = np.array([random.choice(5, p=arms[i].grades) for i in of], float)
    toxicity = pd.DataFrame({
        "subject": subject, "term": pd.Categorical(["fever"] * n, categories=["fever"], ordered=True), "grade": grade,
        "onset": np.where(grade > 0, random.integers(1, 10, n), np.nan),
        "duration": np.where(grade > 0, random.integers(1, 6, n), np.nan), "baseline": np.nan,
    })  # fmt: skip
    day = np.maximum(np.rint(random.normal(each("day"), DEVIATION)), 0)
    peaks = {"marker": np.round(random.normal(each("peak"), SPREAD), 1),
             "copies": np.round(each("copies") * np.exp(random.normal(0, LOG_SPREAD, n)))}  # fmt: skip
    course, exposure = [], []
    for analyte, peak in peaks.items():
        shared = {"subject": subject, "analyte": pd.Categorical([analyte] * n, categories=list(peaks), ordered=True)}
        course.append(pd.DataFrame({**shared, "day": day, "value": peak, "below": False, "above": False,
                                    "beyond": np.nan}))
        exposure.append(pd.DataFrame({
            **shared, "peak": peak, "tmax": day, "auc": peak * 6, "last": peak / 4, "last_day": day + 14,
            "persistence": np.nan, "peak_below": False, "peak_above": False, "peak_beyond": np.nan, "last_beyond": np.nan,
        }))  # fmt: skip
    return {"subjects": subjects, "toxicity": toxicity, "course": pd.concat(course, ignore_index=True),
            "exposure": pd.concat(exposure, ignore_index=True)}  # fmt: skip


def truths(world: World) -> dict[str, dict[str, float]]:
    """Quantity → address → the true value that an interval there should cover, in the unit of the results."""
    arms = world.arms
    (x, y) = arms.values()

    def alive(arm: Arm) -> float:
        return math.exp(-arm.hazard * AT)

    def mean(arm: Arm) -> float:
        return (1 - alive(arm)) / arm.hazard

    def severe(arm: Arm) -> float:
        return sum(arm.grades[SEVERE:])

    def by_arm(stem: str, value: Mapping[str, float]) -> dict[str, float]:
        return {f"{stem}@{key}": value[key] for key in arms}

    def odds(arm: Arm) -> float:
        return arm.response / (1 - arm.response)

    return {
        "proportion": by_arm("response/cr", {k: a.response for k, a in arms.items()}),
        "proportion of severe grades": by_arm("toxicity/fever=severe", {k: severe(a) for k, a in arms.items()}),
        "risk difference": {f"response/cr.difference@{PAIR}": x.response - y.response},
        "difference of severe grades": {f"toxicity/fever.difference=severe@{PAIR}": severe(x) - severe(y)},
        "Kaplan–Meier rate at 12 months": by_arm("os/survival~12", {k: alive(a) for k, a in arms.items()}),
        "difference at 12 months": {f"os/difference~12@{PAIR}": alive(x) - alive(y)},
        "median": by_arm("os/median", {k: math.log(2) / a.hazard for k, a in arms.items()}),
        "shift of the peak": {f"marker/peak.shift@{PAIR}": x.peak - y.peak},
        "shift of the time to peak": {f"marker/tmax.shift@{PAIR}": x.day - y.day},
        "ratio of geometric means": {f"copies/peak.ratio@{PAIR}": x.copies / y.copies},
        "odds ratio": {f"response/cr.odds_ratio@{PAIR}": odds(x) / odds(y)},
        "risk ratio": {f"response/cr.risk_ratio@{PAIR}": x.response / y.response},
        "hazard ratio": {f"os/hazard@{PAIR}": x.hazard / y.hazard},
        "restricted mean to 12 months": by_arm("os/rmst~12", {k: mean(a) for k, a in arms.items()}),
        "difference of restricted means": {f"os/rmst_difference~12@{PAIR}": mean(x) - mean(y)},
    }
