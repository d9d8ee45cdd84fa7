"""Every step of the worked examples: as its own arithmetic, counted anew with fractions, and as stats.methods has it."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from stats.methods import competing, proportions, ranks, survival, tables
from stats.methods.event_tables import grouped_table
from stats.methods.logrank import sums
from tests.worked.arithmetic import Z, exact, load, steps, worked
from tests.worked.make_page import PAGE, page

BOOK = load()
STEPS = steps(BOOK)
PATIENTS = BOOK["patients"]
ARMS = {arm: [p for p in PATIENTS if p["arm"] == arm] for arm in ("R", "D")}
TIMES = sorted({p["months"] for p in PATIENTS})


def value(name):
    text = STEPS[name]["value"]
    return Fraction(text) if exact(text) else float(text)


def same(found, name):
    """A number of the library is the step's: to fifteen digits of a fraction, to the digits printed of a decimal."""
    text = STEPS[name]["value"]
    tolerance = 1e-14 if exact(text) else 0.51 * 10.0 ** -len(text.partition(".")[2])
    assert float(found) == pytest.approx(float(value(name)), abs=tolerance, rel=0), name


def columns(patients):
    return np.array([p["months"] for p in patients], float), np.array([p["status"] for p in patients], float)


def product_limit(patients):
    """time → (survival, variance of its logarithm) with fractions, from the definition."""
    s, spread, out = Fraction(1), Fraction(0), {}
    for t in sorted({p["months"] for p in patients}):
        n = sum(p["months"] >= t for p in patients)
        d = sum(p["months"] == t and p["status"] > 0 for p in patients)
        s *= Fraction(n - d, n)
        spread = spread + Fraction(d, n * (n - d)) if n > d else None
        out[t] = s, spread
    return out


@pytest.mark.parametrize("name", STEPS)
def test_the_arithmetic_beside_each_step_gives_its_value(name):
    step = STEPS[name]
    found = worked(step["work"])
    if exact(step["value"]):
        assert found == pytest.approx(float(Fraction(step["value"])), abs=1e-15)
        assert isinstance(found, float) or found == Fraction(step["value"])
    else:
        assert f"{found:.{len(step['value'].partition('.')[2])}f}" == step["value"]


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == page(BOOK), "run python -m tests.worked.make_page"


def test_at_risk():
    time, status = columns(PATIENTS)
    table = survival.event_table(time, (status > 0).astype(float))
    for t, n in zip(table.time, table.at_risk, strict=True):
        assert n == value(f"risk.{t:g}") == sum(p["months"] >= t for p in PATIENTS)
    assert len(table.time) == len(TIMES)


def test_kaplan_meier_greenwood_and_limits():
    time, status = columns(PATIENTS)
    curve = survival.kaplan_meier(time, (status > 0).astype(float))
    counted = product_limit(PATIENTS)
    for i, t in enumerate(TIMES):
        assert counted[t][0] == value(f"km.{t}")
        same(curve.survival[i], f"km.{t}")
    for t in (2, 4):
        s, spread = counted[t]
        assert spread == value(f"greenwood.{t}")
        assert s * s * spread == value(f"variance.{t}")
        i = TIMES.index(t)
        same(curve.se[i] ** 2, f"variance.{t}")
        same(curve.lower[i], f"lower.{t}")
        same(curve.upper[i], f"upper.{t}")
        # the limits are as far from S on the scale of ln(−ln S) as z standard errors
        for limit in (curve.lower[i], curve.upper[i]):
            gap = abs(math.log(-math.log(limit)) - math.log(-math.log(s)))
            assert gap == pytest.approx(Z * math.sqrt(spread) / -math.log(s), rel=1e-12)
    same(survival.at(curve, 1).lower, "lower.1")
    assert survival.at(curve, 1).lower ** 7 == pytest.approx(1 / 40, rel=1e-12)
    same(survival.at(curve, 8).upper, "upper.8")
    assert survival.at(curve, 8).lower == 0


@pytest.mark.parametrize("arm", ["R", "D"])
def test_medians(arm):
    time, status = columns(ARMS[arm])
    curve = survival.kaplan_meier(time, (status > 0).astype(float))
    for t, (s, _) in product_limit(ARMS[arm]).items():
        if f"{arm.lower()}.{t}" in STEPS:
            assert s == value(f"{arm.lower()}.{t}")
            same(survival.at(curve, t).p, f"{arm.lower()}.{t}")
    same(survival.quantile(curve, 0.5).estimate, f"{arm.lower()}.median")


def test_log_rank():
    time, status = columns(PATIENTS)
    event, inside = (status > 0).astype(float), np.array([p["arm"] == "R" for p in PATIENTS], float)
    expected, variance = Fraction(0), Fraction(0)
    for t in (2, 4, 8):
        there = [p for p in PATIENTS if p["months"] >= t]
        n, r = len(there), sum(p["arm"] == "R" for p in there)
        d = sum(p["months"] == t and p["status"] > 0 for p in there)
        e = Fraction(d * r, n)
        v = Fraction(d * (n - d), n - 1) * Fraction(r, n) * (1 - Fraction(r, n)) if n > 1 else Fraction(0)
        assert (e, v) == (value(f"logrank.e.{t}"), value(f"logrank.v.{t}"))
        expected, variance = expected + e, variance + v
    assert (expected, variance) == (value("logrank.e"), value("logrank.v"))
    found = sums(grouped_table(time, event, inside))
    same(found.observed[1], "logrank.o")
    same(found.expected[1], "logrank.e")
    same(found.covariance[1, 1], "logrank.v")
    test = survival.logrank(time, event, inside)
    same(test.statistic, "logrank.chi2")
    assert test.p_value == pytest.approx(math.erfc(math.sqrt(float(value("logrank.chi2")) / 2)), rel=1e-12)


def test_aalen_johansen():
    time, status = columns(PATIENTS)
    free, reached = Fraction(1), {1: Fraction(0), 2: Fraction(0)}
    for t in TIMES:
        n = sum(p["months"] >= t for p in PATIENTS)
        hits = {c: sum(p["months"] == t and p["status"] == c for p in PATIENTS) for c in (1, 2)}
        for cause, name in ((1, "relapse"), (2, "death")):
            reached[cause] += free * Fraction(hits[cause], n)
            if f"{name}.{t}" in STEPS:
                assert reached[cause] == value(f"{name}.{t}")
        free *= 1 - Fraction(sum(hits.values()), n)
        assert free + reached[1] + reached[2] == 1
    for cause, name in ((1, "relapse"), (2, "death")):
        curve = competing.aalen_johansen(time, status, cause)
        for t in (2, 4, 8):
            same(competing.at(curve, t).p, f"{name}.{t}")
    naive = survival.kaplan_meier(time, (status == 1).astype(float))
    same(1 - survival.at(naive, 4).p, "relapse.naive")
    curve = competing.aalen_johansen(time, status, 1)
    same(curve.se[TIMES.index(4)] ** 2, "relapse.variance")


def midranks(values):
    ordered = sorted(values)
    return [Fraction(2 * ordered.index(v) + 1 + ordered.count(v), 2) for v in values]


def test_rank_sum():
    x, y = ([p["peak"] for p in ARMS[arm]] for arm in ("R", "D"))
    given = midranks(x + y)
    observed, mean = sum(given[:4]), Fraction(4 * 8, 2)
    ways = [sum(part) for part in combinations(given, 4)]
    p = Fraction(sum(abs(way - mean) >= abs(observed - mean) for way in ways), len(ways))
    assert (observed, mean, len(ways), p) == tuple(value(f"ranks.{k}") for k in ("r", "mean", "ways", "p"))
    found = ranks.rank_sum(x, y)
    same(found.p_value, "ranks.p")
    same(found.statistic, "ranks.u")
    assert found.exact


def test_hodges_lehmann():
    x, y = ([p["peak"] for p in ARMS[arm]] for arm in ("R", "D"))
    differences = sorted(Fraction(a - b) for a in x for b in y)
    us = [sum(part) - 10 for part in combinations(midranks(x + y), 4)]
    tail = Fraction(1, 20)
    least = min(u for u in us if Fraction(sum(w <= u for w in us), len(us)) >= tail)
    most = max(u for u in us if Fraction(sum(w >= u for w in us), len(us)) >= tail)

    def wins(d):
        return sum(e > d for e in differences) + Fraction(sum(e == d for e in differences), 2)

    lower = max(d for d in differences if wins(d) >= most)
    upper = min(d for d in differences if wins(d) <= least)
    assert Fraction(us.count(min(us)), 35) == value("shift.tail.low")
    assert Fraction(us.count(max(us)), 35) == value("shift.tail.high")
    assert wins(lower) == value("shift.u.lower")
    assert wins(upper) == value("shift.u.upper")
    assert wins(5) == value("shift.u.inside")
    assert (least, most) == (2, value("ranks.u"))
    found = ranks.hodges_lehmann(x, y, confidence=0.9)
    same(found.estimate, "shift")
    assert (found.lower, found.upper) == (lower, upper) == (0, 6)
    assert ranks.hodges_lehmann(x, y).note  # of 95 % there is no interval, and it says so


def test_fisher():
    hits = [sum(p["responded"] for p in ARMS[arm]) for arm in ("R", "D")]
    sizes = [len(ARMS[arm]) for arm in ("R", "D")]
    chances = {
        a: Fraction(math.comb(sizes[0], a) * math.comb(sizes[1], sum(hits) - a), math.comb(sum(sizes), sum(hits)))
        for a in range(1, 5)
    }
    for a, chance in chances.items():
        assert chance == value(f"fisher.{a}")
    assert sum(c for c in chances.values() if c <= chances[hits[0]]) == value("fisher.p")
    same(tables.fisher([[hits[0], sizes[0] - hits[0]], [hits[1], sizes[1] - hits[1]]]).p_value, "fisher.p")


def test_clopper_pearson_at_the_edges():
    for name, x, n, stat in (("cp.0of1", 0, 1, "upper"), ("cp.0of4", 0, 4, "upper"), ("cp.3of3", 3, 3, "lower")):
        limit = getattr(proportions.clopper_pearson(x, n), stat)
        same(limit, name)
        assert (1 - limit if x == 0 else limit) ** n == pytest.approx(1 / 40, rel=1e-12)


def test_newcombe():
    for x, n, name in ((1, 4, "wilson.r"), (3, 3, "wilson.d")):
        found = proportions.wilson(x, n)
        for stat in ("lower", "upper"):
            limit = getattr(found, stat)
            if f"{name}.{stat}" in STEPS:
                same(limit, f"{name}.{stat}")
            assert (x / n - limit) ** 2 == pytest.approx(Z * Z * limit * (1 - limit) / n, abs=1e-14)
    found = proportions.newcombe(1, 4, 3, 3)
    same(found.estimate, "newcombe.d")
    same(found.lower, "newcombe.lower")
    same(found.upper, "newcombe.upper")
