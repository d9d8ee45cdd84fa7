"""The shipped synthetic cohort agrees with the abstract, and its grades follow from its signs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cohort_tables import CART, YEAR, Tables, at_year, exact_p, landmark, load, overall, peaks, pfs, rank_p, split
from lifelines.statistics import logrank_test

CATEGORIES = ("sex", "ecog", "ph_pos", "tp53", "emd", "donor_type", "conditioning", "prior_agvhd", "prior_cgvhd",
              "prior_blinatumomab", "bridging")  # fmt: skip
NUMBERS = ("age", "prior_lines", "blasts_bl", "mrd_bl", "dose", "viability", "transduction", "hsct_to_relapse",
           "apheresis_to_infusion")  # fmt: skip


@pytest.fixture(scope="module")
def cohort() -> Tables:
    return load(CART)


def test_arm_sizes_and_required_gaps_in_the_data(cohort: Tables) -> None:
    subjects = cohort["subjects"]
    assert subjects["arm"].value_counts().to_dict() == {"D": 13, "R": 10}
    assert subjects["subject"].is_unique
    missing = subjects[["ecog", "tp53", "mrd_bl"]].isna()
    assert missing.any().all()
    assert 0.03 <= missing.to_numpy().mean() <= 0.06
    assert not subjects[["age", "sex", "donor_type", "blasts_bl", "dose"]].isna().any().any()


@pytest.mark.parametrize("endpoint", [pfs, overall])
def test_survival_is_better_in_r(cohort: Tables, endpoint) -> None:
    r, d = split(endpoint(cohort["subjects"]))
    assert logrank_test(r["day"], d["day"], r["event"], d["event"]).p_value < 0.05
    assert at_year(r) - at_year(d) >= 0.25


def test_everyone_alive_was_followed_beyond_twelve_months(cohort: Tables) -> None:
    for data in (pfs(cohort["subjects"]), overall(cohort["subjects"])):
        assert data.loc[~data["event"], "day"].min() > YEAR


def test_peaks_go_the_way_the_abstract_says(cohort: Tables) -> None:
    cart, il6 = peaks(cohort["series"], "cart", 1), peaks(cohort["series"], "il6", 0)
    assert len(cart) == len(il6) == 23
    for table, column, higher in ((cart, "day", "R"), (il6, "height", "D"), (il6, "day", "R")):
        middle = table.groupby("arm")[column].median()
        assert rank_p(table, column) < 0.05
        assert middle.idxmax() == higher
    assert rank_p(cart, "height") > 0.10
    earlier = cart.assign(day=cart["day"] - np.where(cart["arm"] == "R", 2, 0))  # a sampling step
    assert rank_p(earlier, "day") < 0.05


@pytest.mark.parametrize("column", CATEGORIES)
def test_baseline_categories_do_not_differ(cohort: Tables, column: str) -> None:
    assert exact_p(cohort["subjects"], column) > 0.10


@pytest.mark.parametrize("column", NUMBERS)
def test_baseline_numbers_do_not_differ(cohort: Tables, column: str) -> None:
    assert rank_p(cohort["subjects"], column) > 0.10


def test_chimerism(cohort: Tables) -> None:
    series = cohort["series"]
    product = series[series["analyte"] == "chimerism_product"]
    assert sorted(product["arm"].unique()) == ["R"]
    assert (product["day"] == 0).all()
    assert (round(product["value"].mean(), 2), round(product["value"].std(ddof=1), 2)) == (99.31, 0.32)
    assert product["value"].between(98.5, 99.9).all()
    before = series[(series["analyte"] == "chimerism_marrow") & (series["day"] < 0)]
    assert len(before) == 23
    assert rank_p(before, "value") > 0.10
    after = series[(series["analyte"] == "chimerism_marrow") & (series["day"] > 0)]
    assert after["day"].between(21, 42).all()


def criteria(row: pd.Series) -> str:
    """Response from marrow, extramedullary disease and counts."""
    if row["extramedullary"] or row["blasts"] >= 5:
        return "NR"
    good = int(row["anc"] > 1.0) + int(row["platelets"] > 100)
    return ("MLFS", "CRi", "CR")[good]


def test_recorded_responses_follow_from_marrow_and_counts(cohort: Tables) -> None:
    responses = cohort["responses"]
    recorded = responses["response"].replace({"relapse": "NR"})
    assert (responses.apply(criteria, axis=1) == recorded).all()


def test_response_at_day_28(cohort: Tables) -> None:
    rows = landmark(cohort["responses"])
    assert len(rows) == 23
    assert (rows["day"] == 36).sum() == 1
    counts = rows.groupby("arm")["response"].value_counts().to_dict()
    assert counts == {("R", "CR"): 6, ("R", "CRi"): 3, ("R", "NR"): 1, ("D", "CR"): 7, ("D", "CRi"): 4, ("D", "NR"): 2}
    remission = rows["response"].isin(["CR", "CRi"])
    negative = remission & (rows["mrd"] < 1e-4)
    assert (rows["mrd_sensitivity"] <= 1e-4).all()
    assert negative.groupby(rows["arm"]).sum().to_dict() == {"D": 10, "R": 9}
    for outcome in (remission, negative):
        assert exact_p(rows.assign(outcome=outcome), "outcome") > 0.10


def crs_grade(row: pd.Series) -> int:
    """ASTCT 2019: fever, then the worse of blood pressure and oxygen."""
    pressure = {"none": 0, "no_pressor": 2, "one_pressor": 3, "multi_pressor": 4}[row["hypotension"]]
    oxygen = {"none": 0, "low_flow": 2, "high_flow": 3, "positive_pressure": 4}[row["hypoxia"]]
    return max(1, pressure, oxygen) if row["temperature"] >= 38.0 else 0


def icans_grade(row: pd.Series) -> int:
    """ASTCT 2019: the worst domain."""
    ice = next(grade for grade, least in ((0, 10), (1, 7), (2, 3), (3, 0)) if row["ice"] >= least)
    awake = {"awake": 1 if ice else 0, "voice": 2, "tactile": 3, "unarousable": 4}[row["consciousness"]]
    other = ({"none": 0, "resolving": 3, "prolonged": 4}[row["seizure"]], 4 * int(row["motor"]),
             {"none": 0, "focal": 3, "diffuse": 4}[row["oedema"]])  # fmt: skip
    return max(ice, awake, *other)


def magic_grade(row: pd.Series) -> int:
    if 4 in (row["skin"], row["liver"], row["lower_gi"]):
        return 4
    if max(row["liver"], row["lower_gi"]) >= 2:
        return 3
    if row["skin"] == 3 or row["liver"] or row["upper_gi"] or row["lower_gi"]:
        return 2
    return int(row["skin"] > 0)


def test_recorded_grades_follow_from_the_signs(cohort: Tables) -> None:
    events = cohort["events"]
    crs = events[(events["term"] == "crs") & events["temperature"].notna()]
    icans = events[events["term"] == "icans"]
    assert len(crs) >= 0.8 * (events["term"] == "crs").sum()
    assert crs.apply(crs_grade, axis=1).tolist() == crs["grade"].tolist()
    assert icans.apply(icans_grade, axis=1).tolist() == icans["grade"].tolist()


def worst(cohort: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """One worst grade per patient, 0 for patients without a row."""
    grade = rows.groupby("subject")["grade"].max()
    subjects = cohort["subjects"]
    return subjects[["subject", "arm"]].assign(grade=subjects["subject"].map(grade).fillna(0))


@pytest.mark.parametrize(("term", "expected"), [
    ("crs", {"R": [1, 5, 3, 1], "D": [1, 5, 5, 2]}),
    ("icans", {"R": [9, 1], "D": [11, 1, 1]}),
    ("agvhd", {"R": [9, 1], "D": [10, 1, 2]}),
])  # fmt: skip
def test_grades_of_crs_icans_and_gvhd(cohort: Tables, term: str, expected: dict[str, list[int]]) -> None:
    if term == "agvhd":
        rows = cohort["gvhd"].assign(grade=cohort["gvhd"].apply(magic_grade, axis=1))
        window = (0, 100)
    else:
        rows, window = cohort["events"].query("term == @term"), (0, 30)
    assert rows["day"].between(*window).all()
    grades = worst(cohort, rows)
    for arm, counts in expected.items():
        assert np.bincount(grades.loc[grades["arm"] == arm, "grade"].astype(int)).tolist() == counts
    assert rank_p(grades, "grade") > 0.10


@pytest.mark.parametrize(("analyte", "limits"), [
    ("anc", (0.5, 1.0, 1.5)), ("hb", (80, 100)), ("platelets", (25, 50, 75)),
])  # fmt: skip
def test_cytopenia_grades_do_not_differ(cohort: Tables, analyte: str, limits: tuple[float, ...]) -> None:
    rows = cohort["series"].query("analyte == @analyte and 0 <= day <= 30")
    assert rows["lln"].notna().all()
    below = [rows["value"] < limit for limit in (*limits, rows["lln"])]
    rows = rows.assign(grade=sum(condition.astype(int) for condition in below))
    grades = worst(cohort, rows)
    assert (grades["grade"] >= 1).all()
    assert grades["grade"].nunique() > 1
    assert rank_p(grades, "grade") > 0.10
