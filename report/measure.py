"""How a statistic prints, decided by what it measures: a share, a ratio, a time … and never by how it happens to look.

The kind of analysis and the name of the variable fix the measure of a cell; the statistic's own name overrules it where
it can mean one thing only (`n` is a count wherever it stands).
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTS = frozenset({"n", "N", "missing", "at_risk", "events", "censored", "competing", "below", "tests",
                    "parameters"})
DATES = frozenset({"date", "first", "last"})
ALWAYS = {"p": "share", "p_value": "p", "error": "p", "statistic": "statistic", "geocv": "percent", "threshold": "declared"}

# what the last part of a variable's name says, whichever analysis it stands in
RATIOS = frozenset({"hazard", "adjusted", "subhazard", "odds_ratio", "risk_ratio", "rate_ratio", "ratio"})
SHARES = frozenset({"survival", "incidence", "competing", "curve", "incidence_curve", "competing_curve", "emergent"})
TIMES = frozenset({"median", "rmst", "rmst_difference", "range", "survivors"})
POINTS_LIKE = frozenset({"difference"})
TESTS = frozenset({"test", "family", "logrank", "gray", "proportionality", "permutation", "interaction", "trend", "overall",
                   "alternative"})
TALLIES = frozenset({"at_risk", "events", "peak_below", "peak_above", "lost", "balance", "population"})
OF_EACH = {"peak": "Peak", "tmax": "Time to peak"}  # measures of which every patient's value is a result
SMALL = "small"  # the same estimate with limits that keep their level in small groups
SUFFIXES = RATIOS | SHARES | TIMES | TESTS | TALLIES | POINTS_LIKE | {
    "smd", "superiority", "shift", "onset", "duration"}


@dataclass(frozen=True, slots=True)
class Measure:
    """`kind` is one of

    count, share (a fraction shown in percent), points (a difference of shares, shown in percentage points), ratio,
    number (in a column's own unit and digits), time (in an endpoint's unit), log (copies and concentrations, which span
    powers of ten), smd, probability, test, date, declared (a number the study file states: printed as it stands there).

    `digits` are the decimals of the raw data, None where the study file doesn't say; `means` a number summarised by its
    mean; `null` the value of no difference, for contrasts only; `halved` a number that can be the middle of two whole ones,
    which then gets a decimal; `edge` a limit on whose side the printed number stays, since it is counted by it; `closed`
    a year, whose thousands aren't set apart.
    """

    kind: str
    digits: int | None = None
    unit: str = ""
    means: bool = False
    null: float | None = None
    halved: bool = True
    edge: float | None = None
    closed: bool = False


def split(variable: str) -> tuple[str, str]:
    """('il6', 'shift') of 'il6.shift'; a name without a known ending has none: ('lot.number', '')."""
    base, dot, last = variable.rpartition(".")
    if last == "family" and dot:
        return split(base)[0], last  # 'age.test.family' is about age
    if last == SMALL and dot:
        return split(base)  # 'rmst.small' is what 'rmst' is, with other limits
    return (base, last) if dot and last in SUFFIXES else (variable, "")


def of_statistic(stat: str, measure: Measure) -> str:
    """The kind that one statistic of a cell prints as."""
    if stat in COUNTS and measure.kind != "declared":
        return "count"
    if stat in DATES and measure.kind == "date":
        return "date"
    if measure.kind == "declared":
        return "declared"
    return ALWAYS.get(stat, measure.kind)
