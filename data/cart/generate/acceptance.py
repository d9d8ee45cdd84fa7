"""Whether a cohort agrees with the abstract: the directions it names are there, the differences it denies are not.

Choosing a seed by these rules selects on the outcome and so exaggerates every difference that had to be significant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from .cohort import Table
from .targets import LLOQ_CART

ALPHA = 0.05
CLEAR = 0.10  # a difference that the abstract denies must be this far from significant
GAP = 0.25  # least difference between the arms in 12-month survival
NEAR = 0.12  # a 12-month estimate may be this far from what its arm is drawn from: selection shall not add more
DRAWN = {"PFS": {"R": 0.80, "D": 0.35}, "OS": {"R": 0.85, "D": 0.50}}
YEAR = 365.25
STEP = 2  # days between samples around the CAR peak: with so many ties an interval ends on such a step
CATEGORIES = ("sex", "ecog", "ph_pos", "tp53", "emd", "donor_type", "conditioning", "prior_agvhd", "prior_cgvhd",
              "prior_blinatumomab", "bridging")  # fmt: skip
NUMBERS = ("age", "prior_lines", "blasts_bl", "mrd_bl", "dose", "viability", "transduction")
INTERVALS = {
    "hsct_to_relapse": ("hsct_date", "relapse_before_date"),
    "apheresis_to_infusion": ("apheresis_date", "infusion_date"),
}


def failures(tables: Mapping[str, Table]) -> list[str]:
    """What keeps the cohort from acceptance, in words; empty when it is accepted."""
    in_remission = sum(bool(row["death_cause"]) and not _progressed(row) for row in tables["subjects"])
    few = [] if 1 <= in_remission <= 2 else [f"{in_remission} deaths in remission, where one or two are wanted"]
    return [*few, *_survival(tables["subjects"]), *_exposure(tables), *_denied(tables)]


def _progressed(row: Mapping[str, object]) -> bool:
    return bool(row["relapse_date"] or row["progression_date"])


def _days(row: Mapping[str, object], start: str, end: str) -> int:
    return (date.fromisoformat(str(row[end])) - date.fromisoformat(str(row[start]))).days


def _survival(subjects: Table) -> list[str]:
    from lifelines.statistics import logrank_test

    found = []
    for name, events, censor in (
        ("PFS", ("relapse_date", "progression_date", "death_date"), "last_assessment_date"),
        ("OS", ("death_date",), "last_contact_date"),
    ):
        arms = {}
        for arm in ("R", "D"):
            rows = [row for row in subjects if row["arm"] == arm]
            known = [[_days(row, "infusion_date", event) for event in events if row[event]] for row in rows]
            times = [min(days) if days else _days(row, "infusion_date", censor) for days, row in zip(known, rows)]
            arms[arm] = times, [bool(days) for days in known]
        p = logrank_test(arms["R"][0], arms["D"][0], arms["R"][1], arms["D"][1]).p_value
        at_year = {arm: _at_year(*arms[arm]) for arm in arms}
        (r, r_lower, _), (d, _, d_upper) = at_year["R"], at_year["D"]
        if p >= ALPHA:
            found.append(f"{name}: log-rank P = {p:.3f}")
        if r - d < GAP or (r - d) ** 2 <= (r - r_lower) ** 2 + (d_upper - d) ** 2:
            found.append(f"{name}: 12-month estimates {r:.2f} and {d:.2f} are not far enough apart")
        if any(abs(at_year[arm][0] - drawn) > NEAR for arm, drawn in DRAWN[name].items()):
            found.append(f"{name}: 12-month estimates {r:.2f} and {d:.2f} are far from their targets")
    return found


def _at_year(times: list[int], events: list[bool]) -> tuple[float, float, float]:
    """Kaplan–Meier estimate at 12 months with its log-log limits."""
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(times, events)
    limits = fitted.confidence_interval_survival_function_.loc[:YEAR].iloc[-1]
    return float(fitted.predict(YEAR)), float(limits.iloc[0]), float(limits.iloc[1])


def _peaks(tables: Mapping[str, Table], analyte: str, first: int) -> dict[str, tuple[list[float], list[int]]]:
    """Height and day of the highest sample in days `first` to 28, by arm."""
    arm = {row["subject"]: str(row["arm"]) for row in tables["subjects"]}
    best: dict[str, tuple[float, int]] = {}
    for row in tables["series"]:
        day, subject = int(row["day"] or 0), str(row["subject"])
        if row["analyte"] == analyte and first <= day <= 28:
            height = float(row["value"] or 0) * (1.001 if row["qualifier"] == ">" else 1)
            best[subject] = max(best.get(subject, (-1.0, -day)), (height, -day))
    out: dict[str, tuple[list[float], list[int]]] = {"R": ([], []), "D": ([], [])}
    for subject, (height, minus_day) in best.items():
        out[arm[subject]][0].append(height)
        out[arm[subject]][1].append(-minus_day)
    return out


def _exposure(tables: Mapping[str, Table]) -> list[str]:
    from scipy.stats import mannwhitneyu

    cart, il6 = _peaks(tables, "cart", 1), _peaks(tables, "il6", 0)
    found = []
    for name, higher, lower in (
        ("time to CAR peak later in R", cart["R"][1], cart["D"][1]),
        ("IL-6 peak higher in D", il6["D"][0], il6["R"][0]),
        ("time to IL-6 peak later in R", il6["R"][1], il6["D"][1]),
    ):
        p = mannwhitneyu(higher, lower, method="asymptotic").pvalue
        middle = sorted(higher)[len(higher) // 2] > sorted(lower)[len(lower) // 2]
        if p >= ALPHA or not middle:
            found.append(f"{name}: P = {p:.3f}")
    if mannwhitneyu([day - STEP for day in cart["R"][1]], cart["D"][1], method="asymptotic").pvalue >= ALPHA:
        found.append("time to CAR peak is not clearly more than a sampling step later in R")
    p = mannwhitneyu(cart["R"][0], cart["D"][0]).pvalue
    if p <= CLEAR:
        found.append(f"CAR peak: P = {p:.3f}")
    if sum(row["qualifier"] == ">" for row in tables["series"]) != 1:
        found.append("exactly one interleukin-6 value must lie above the assay's range")
    if not any(row["analyte"] == "cart" and float(row["value"] or 0) <= LLOQ_CART for row in tables["series"]):
        found.append("no CAR value lies below the limit of quantification")
    return found


def _denied(tables: Mapping[str, Table]) -> list[str]:
    """Baseline variables and outcomes in which the abstract found no difference."""
    from scipy.stats import chi2_contingency, fisher_exact, mannwhitneyu

    subjects = tables["subjects"]
    by_arm = {arm: [row for row in subjects if row["arm"] == arm] for arm in ("R", "D")}
    tests: dict[str, float] = {}
    for name in CATEGORIES:
        values = {arm: [row[name] for row in rows if row[name] is not None] for arm, rows in by_arm.items()}
        levels = sorted({str(value) for column in values.values() for value in column})
        table = [[sum(str(value) == level for value in values[arm]) for level in levels] for arm in ("R", "D")]
        if len(levels) == 2:
            tests[name] = float(fisher_exact(table).pvalue)
        elif len(levels) > 2:
            tests[name] = float(chi2_contingency(table).pvalue)
    for name in NUMBERS:
        pair = [[float(row[name] or 0) for row in by_arm[arm] if row[name] is not None] for arm in ("R", "D")]
        tests[name] = mannwhitneyu(*pair).pvalue
    for name, (start, end) in INTERVALS.items():
        tests[name] = mannwhitneyu(*([_days(row, start, end) for row in by_arm[arm]] for arm in ("R", "D"))).pvalue
    marrow = {row["subject"]: float(row["value"] or 0) for row in tables["series"]
              if row["analyte"] == "chimerism_marrow" and int(row["day"] or 0) < 0}  # fmt: skip
    pair = [[marrow[row["subject"]] for row in by_arm[arm]] for arm in ("R", "D")]
    tests["chimerism_relapse"] = mannwhitneyu(*pair).pvalue
    tests |= _grades(tables, by_arm)
    return [f"{name}: P = {p:.3f}" for name, p in tests.items() if p <= CLEAR]


def _grades(tables: Mapping[str, Table], by_arm: Mapping[str, Table]) -> dict[str, float]:
    from scipy.stats import mannwhitneyu

    worst: dict[str, dict[object, float]] = {name: {} for name in ("crs", "icans", "agvhd", "anc", "hb", "platelets")}
    for row in tables["events"]:
        worst[str(row["term"])][row["subject"]] = float(row["grade"] or 0)
    for row in tables["gvhd"]:
        second = row["skin"] == 3 or any(row[organ] for organ in ("liver", "upper_gi", "lower_gi"))
        worst["agvhd"][row["subject"]] = 2.0 if second else 1.0
    cuts = {"anc": (0.5, 1.0, 1.5), "hb": (80.0, 100.0), "platelets": (25.0, 50.0, 75.0)}
    for row in tables["series"]:
        name = str(row["analyte"])
        if name in cuts and 0 <= int(row["day"] or 0) <= 30:
            limits = (*cuts[name], float(row["lln"] or 0))
            grade = float(sum(float(row["value"] or 0) < limit for limit in limits))
            worst[name][row["subject"]] = max(worst[name].get(row["subject"], 0.0), grade)
    found = {}
    for name, grades in worst.items():
        pair = [[grades.get(row["subject"], 0.0) for row in by_arm[arm]] for arm in ("R", "D")]
        found[name] = mannwhitneyu(*pair, method="asymptotic").pvalue if len({*pair[0], *pair[1]}) > 1 else 1.0
    return found
