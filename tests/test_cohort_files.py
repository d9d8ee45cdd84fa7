"""The files of the synthetic cohort: the same bytes every time, possible in time, named by the study file."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from cohort_tables import CART, TABLES, Tables, landmark, load, make, overall, pfs, split
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

CUTOFF = pd.Timestamp("2025-04-30")


@pytest.fixture(scope="module")
def cohort() -> Tables:
    return load(CART)


def test_the_script_writes_the_shipped_files_again_byte_for_byte(tmp_path: Path) -> None:
    make(tmp_path)
    for name in TABLES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (CART / f"{name}.csv").read_bytes(), name
    assert (tmp_path / "study.toml").read_bytes() == (CART / "study.toml").read_bytes()


def test_another_seed_gives_another_cohort_and_never_overwrites_the_shipped_one(tmp_path: Path) -> None:
    make(tmp_path, "--seed", "2")
    assert (tmp_path / "subjects.csv").read_bytes() != (CART / "subjects.csv").read_bytes()
    with pytest.raises(subprocess.CalledProcessError):
        make(CART, "--seed", "2")


def test_order_of_dates(cohort: Tables) -> None:
    s = cohort["subjects"]
    assert (s["hsct_day"] < s["relapse_before_day"]).all()
    assert (s["relapse_before_day"] < s["apheresis_day"]).all()
    assert (s["apheresis_day"] < 0).all()
    assert s["infusion_date"].between("2019-01-15", "2024-03-15").all()
    dates = [c for c in s if c.endswith("_date")]
    assert s[dates].max().max() <= CUTOFF
    assert (s["last_assessment_day"] <= s["last_contact_day"]).all()
    dead = s["death_date"].notna()
    assert (s["death_day"] == s["last_contact_day"])[dead].all()
    assert (dead == s["death_cause"].notna()).all()
    assert (s["hsct2_day"].dropna().between(60, 150)).all()
    both = pfs(s)["day"], overall(s)["day"]
    assert (both[0] <= both[1]).all()
    assert pfs(s)["event"][dead].all()


def test_relapse_follows_remission_and_failure_is_dated_at_the_landmark(cohort: Tables) -> None:
    s = cohort["subjects"].set_index("subject")
    rows = landmark(cohort["responses"]).set_index("subject")
    failed = rows["response"] == "NR"
    assert not (s["relapse_date"].notna() & s["progression_date"].notna()).any()
    assert s["progression_date"].dropna().to_dict() == rows.loc[failed, "date"].to_dict()
    relapsed = s[s["relapse_date"].notna()]
    assert (relapsed["relapse_day"] > rows["day"].reindex(relapsed.index)).all()
    assert set(rows.loc[relapsed.index, "response"]) <= {"CR", "CRi"}
    last = cohort["responses"].groupby("subject")["response"].last()
    assert (last[relapsed.index] == "relapse").all()
    in_remission = s["death_date"].notna() & s["relapse_date"].isna() & s["progression_date"].isna()
    assert in_remission.sum() >= 1  # competing risks need somebody who dies without relapse


def test_rows_lie_inside_follow_up_and_refer_to_known_patients(cohort: Tables) -> None:
    s = cohort["subjects"].set_index("subject")
    keys = {"responses": ["date"], "events": ["term", "date"], "series": ["analyte", "date"], "gvhd": ["date"],
            "treatments": ["drug", "date"]}  # fmt: skip
    for name, key in keys.items():
        table = cohort[name]
        assert set(table["subject"]) <= set(s.index), name
        assert (table["day"] <= table["subject"].map(s["last_contact_day"])).all(), name
        assert not table.duplicated(["subject", *key]).any(), name
        if "end_day" in table:
            ended = table[table["end_day"].notna()]
            assert (ended["day"] <= ended["end_day"]).all(), name
            assert (ended["end_day"] <= ended["subject"].map(s["last_contact_day"])).all(), name
    assert (cohort["responses"]["day"] <= cohort["responses"]["subject"].map(s["last_assessment_day"])).all()
    transplants = cohort["treatments"].query("drug == 'hsct'").set_index("subject")["date"]
    assert transplants.to_dict() == s["hsct2_date"].dropna().to_dict()


def test_counts_of_a_visit_are_the_laboratory_s_counts(cohort: Tables) -> None:
    visits = cohort["responses"].query("day <= 42")
    for analyte in ("anc", "platelets"):
        series = cohort["series"].query("analyte == @analyte")
        both = visits.merge(series, on=["subject", "date"], how="left")
        assert both["value"].tolist() == both[analyte].tolist()


def test_assay_limits_and_units(cohort: Tables) -> None:
    series = cohort["series"]
    assert series.groupby("analyte")["unit"].nunique().eq(1).all()
    cart, il6 = series[series["analyte"] == "cart"], series[series["analyte"] == "il6"]
    assert (cart.loc[cart["qualifier"] == "<", "value"] == 50).all()
    assert (cart.loc[cart["qualifier"].isna(), "value"] >= 50).all()
    assert (cart["qualifier"] == "<").any()
    assert (il6.loc[il6["qualifier"] == "<", "value"] == 1.5).all()
    assert (il6.loc[il6["qualifier"] == ">", "value"] == 5000).all()
    assert (il6["qualifier"] == ">").sum() == 1
    assert il6["value"].between(1.5, 5000).all()
    assert set(series["qualifier"].dropna()) == {"<", ">"}
    ranges = {"anc": (0, 100), "hb": (30, 250), "platelets": (0, 2000), "chimerism_product": (95, 100)}
    for analyte, (low, high) in ranges.items():
        assert series.loc[series["analyte"] == analyte, "value"].between(low, high).all(), analyte


def test_sampling_is_scheduled_alike_in_both_arms(cohort: Tables) -> None:
    cart = cohort["series"].query("analyte == 'cart' and day <= 28")
    assert set(cart["day"]) == {1, 4, 7, 9, 11, 14, 17, 21, 28}
    per_patient = cart.groupby("subject").size()
    assert (per_patient < 9).sum() == 2  # two patients missed a visit
    il6 = cohort["series"].query("analyte == 'il6'")
    assert set(il6["day"]) == {*range(15), 17, 21, 28}


def test_screening_ends_in_the_infused(cohort: Tables) -> None:
    flow = cohort["screening"]
    assert flow["infused"].sum() == len(cohort["subjects"])
    assert (flow["infused"] <= flow["manufactured"]).all()
    assert (flow["manufactured"] <= flow["apheresed"]).all()
    assert (flow["exclude_reason"].isna() == (flow["infused"] == 1)).all()


def test_the_study_file_names_every_column_and_every_name_it_uses() -> None:
    study = tomllib.loads((CART / "study.toml").read_text(encoding="utf-8"))
    for name in TABLES:
        columns = study["frames"][name]["columns"]
        own = [column for column, how in columns.items() if not {"from", "between", "derived"} & set(how)]
        assert sorted(own) == sorted(pd.read_csv(CART / f"{name}.csv", nrows=0).columns), name
    for exhibit in study["exhibits"].values():
        of = exhibit.get("of", [])
        assert {of} if isinstance(of, str) else set(of) <= set(study["analyses"])
    placed = [exhibit for section in study["sections"] for exhibit in section.get("exhibits", [])]
    assert sorted(placed) == sorted(study["exhibits"])


def test_claims_quote_the_abstract_and_address_an_analysis() -> None:
    study = tomllib.loads((CART / "study.toml").read_text(encoding="utf-8"))
    abstract = (CART / "abstract.txt").read_text(encoding="utf-8")
    for name, claim in study["claims"].items():
        assert claim["quote"] in abstract, name
        assert claim["type"] == "judgement" or claim["result"].split("/")[0] in study["analyses"], name


def test_the_readme_says_what_this_is() -> None:
    text = (CART / "README.md").read_text(encoding="utf-8")
    assert "SYNTHETIC" in text
    assert "exaggerates" in text


@pytest.mark.parametrize("variant", ["null", "crossing", "no-events", "one-arm", "large", "no-kinetics"])
def test_variants_are_awkward_in_the_way_they_say(tmp_path: Path, variant: str) -> None:
    make(tmp_path, "--variant", variant)
    tables = load(tmp_path)
    subjects = tables["subjects"]
    study = tomllib.loads((tmp_path / "study.toml").read_text(encoding="utf-8"))
    assert study["study"]["expected_n"] == len(subjects)
    assert "claims" not in study
    assert set(study["arms"]) == set(subjects["arm"])
    assert study["study"]["reference"] in study["arms"]
    r, d = split(pfs(subjects))
    if variant == "crossing":
        curves = [KaplanMeierFitter().fit(arm["day"], arm["event"]) for arm in (r, d)]
        early, late = (curves[0].predict(day) - curves[1].predict(day) for day in (120, 720))
        assert early < 0 < late
    elif variant == "no-events":
        assert not r["event"].any()
        assert d["event"].any()
    elif variant == "one-arm":
        assert d.empty
    elif variant == "large":
        assert (len(r), len(d)) == (87, 113)
    elif variant == "no-kinetics":
        assert tables["series"].query("analyte in ['cart', 'il6']")["value"].isna().all()
    else:
        assert logrank_test(r["day"], d["day"], r["event"], d["event"]).p_value > 0.05
