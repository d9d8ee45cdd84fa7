"""Studies written for public data build, and their results are R's; skipped where the data are absent."""

from __future__ import annotations

import json
import re

import pytest

from tests import built
from tests.open_matches import Found, Match, compare
from tests.open_studies import NAMES, laid_out

D = {"ALL": "ALL", "AML": "AML"}
PHASE = {"CR1": "CR1", "CR2": "CR2", "CR3": "CR3", "Relapse": "Relapse"}
TRT = {"1": "standard", "2": "test"}
CELLS = {name: name for name in ("squamous", "smallcell", "adeno", "large")}
SEX = {"1": "men", "2": "women"}
SRC = {"0": "marrow", "1": "blood"}
STAGE = {"1": "I", "2": "II", "3": "III", "4": "IV"}
CMV = {"0": "no", "1": "yes"}
AXI = {"axi-cel": "axi", "tisa-cel": "tisa"}
PRODUCT = {**AXI, "other": "other"}
DOSE = {"Placebo": "placebo", "Xanomeline Low Dose": "low", "Xanomeline High Dose": "high"}


def variables(file: str, groups: dict[str, str], by: str, analysis: str = "baseline", **named: str) -> list[Match]:
    """One match for each variable of a Table 1: our name = R's."""
    return [Match(file, f"{theirs}_by_{by}", analysis, groups, ours) for ours, theirs in named.items()]


MATCHES: dict[str, list[Match]] = {
    "casebase_bmtcrr": [
        Match("bmtcrr", "relapse_by_D", "relapse", D), Match("bmtcrr", "efs_by_D", "efs", D, follow="followup"),
        Match("bmtcrr", "relapse_by_Phase", "relapse_by_phase", PHASE), Match("bmtcrr", "by_D", "baseline", D),
        *variables("bmtcrr", D, "D", age="Age", phase="Phase", source="Source")],
    "casebase_bmtcrr_phase": [
        Match("bmtcrr", "relapse_by_Phase", "relapse", PHASE),
        *variables("bmtcrr", PHASE, "Phase", age="Age")],
    "survival_veteran": [
        Match("veteran", "os_by_trt", "os", TRT, follow="followup"), Match("veteran", "by_trt", "baseline", TRT),
        Match("veteran", "prior_by_trt", "treated", TRT, "prior"),
        Match("veteran", "trt_karno_age_celltype", "adjusted", {
            "trt": "arm=test", "karno": "karno", "age": "age", "celltypesmallcell": "celltype=smallcell",
            "celltypeadeno": "celltype=adeno", "celltypelarge": "celltype=large"}),
        *variables("veteran", TRT, "trt", age="age", karno="karno", diagtime="diagtime", celltype="celltype",
                   prior="prior")],
    "survival_veteran_celltype": [
        Match("veteran", "os_by_celltype", "os", CELLS), Match("veteran", "by_celltype", "baseline", CELLS),
        *variables("veteran", CELLS, "celltype", age="age", karno="karno")],
    "survival_lung": [
        Match("lung", "os_by_sex", "os", SEX, follow="followup"), Match("lung", "by_sex", "baseline", SEX),
        Match("lung", "os_by_ecog012", "os_by_ecog", {"0": "0", "1": "1", "2": "2"}),
        *variables("lung", SEX, "sex", age="age", calories="meal.cal", loss="wt.loss", karno="pat.karno",
                   ecog="ph.ecog")],
    "uci_bone_marrow_children": [
        Match("uci_bone_marrow", "os_by_src", "os", SRC, follow="followup"),
        Match("uci_bone_marrow", "platelet_recovery_by_src", "platelets", SRC),
        Match("uci_bone_marrow", "relapse_src_age_cd34", "adjusted", {
            "Stemcellsource": "arm=blood", "Recipientage": "age", "CD34kgx10d6": "cd34", "Relapse": "relapse=yes"}),
        Match("uci_bone_marrow", "PLTrecovery_among_recovered", "recovered", SRC, "platelet_day"),
        *variables("uci_bone_marrow", SRC, "src", donor_age="Donorage", age="Recipientage", mass="Rbodymass",
                   disease="Disease", cmv="CMVstatus", high_risk="Riskgroup", cd34="CD34kgx10d6", cd3="CD3dkgx10d8",
                   relapse="Relapse", chronic_gvhd="extcGvHD")],
    "kmsurv_alloauto": [Match("alloauto", "lfs_by_type", "lfs", {"1": "allo", "2": "auto"}, follow="followup")],
    "kmsurv_larynx": [
        Match("larynx", "os_by_stage", "os", STAGE, follow="followup"),
        Match("larynx", "stage_age", "adjusted",
              {"stage2": "arm=II", "stage3": "arm=III", "stage4": "arm=IV", "age": "age"}),
        Match("larynx", "age_by_stage", "baseline", STAGE, "age"), Match("larynx", "by_stage", "baseline", STAGE)],
    "cart_nulisa": [
        Match("cart_nulisa", "time_to_crs", "no_crs", AXI), Match("cart_nulisa", "time_to_icans", "no_icans", AXI),
        Match("cart_nulisa", "crs_days_by_product2", "burden", PRODUCT, "crs_days"),
        Match("cart_nulisa", "crs_onset_among_events", "onset", PRODUCT, "crs_onset"),
        Match("cart_nulisa", "max_crs_by_product2", "toxicity", PRODUCT, "crs"),
        Match("cart_nulisa", "max_icans_by_product2", "toxicity", PRODUCT, "icans"),
        Match("cart_nulisa", "crs_ge2_axi_tisa", "rates", AXI, "crs2"),
        Match("cart_nulisa", "icans_any_axi_tisa", "rates", AXI, "any_icans"),
        Match("cart_nulisa", "steroids_axi_tisa", "rates", AXI, "steroids")],
    "cart_nulisa_days": [
        Match("cart_nulisa", "max_crs_by_product2", "burden", PRODUCT, "worst_crs"),
        Match("cart_nulisa", "max_icans_by_product2", "burden", PRODUCT, "icans"),
        Match("cart_nulisa", "crs_days_by_product2", "burden", PRODUCT, "crs_days"),
        Match("cart_nulisa", "steroids_axi_tisa", "rates", AXI, "steroids")],
    "medicaldata_cytomegalovirus": [
        Match("cytomegalovirus", "agvhd_by_cmv", "gvhd", CMV, "acute"),
        *variables("cytomegalovirus", CMV, "cmv", age="age", male="sex", white="race", interval="time.to.transplant",
                   again="prior.transplant", recipient="recipient.cmv", donor="donor.cmv", tnc="TNC.dose",
                   cd34="CD34.dose", cd3="CD3.dose")],
    "survival_aml": [
        Match("aml", "rfs_by_x", "rfs", {"Maintained": "M", "Nonmaintained": "N"}, follow="followup"),
        Match("aml", "time_by_x", "times", {"Maintained": "M", "Nonmaintained": "N"}, "weeks")],
    "cdisc_pilot": [
        Match("cdisc_pilot", "TTDE_by_TRTP", "skin", DOSE), Match("cdisc_pilot", "by_TRT01P", "baseline", DOSE),
        *variables("cdisc_pilot", DOSE, "TRT01P", age="AGE", height="HEIGHTBL", weight="WEIGHTBL", bmi="BMIBL",
                   mmse="MMSETOT", sex="SEX", race="RACE", age_group="AGEGR1")],
}

@pytest.fixture(scope="module", params=NAMES)
def study(request, oracle, tmp_path_factory):
    """(name, built report) of each study; every study is built once."""
    folder = laid_out(oracle, request.param, tmp_path_factory.mktemp("open") / request.param)
    return request.param, built.make(folder)


@pytest.fixture(scope="module")
def pilot(oracle, tmp_path_factory):
    return built.make(laid_out(oracle, "cdisc_pilot", tmp_path_factory.mktemp("pilot") / "cdisc"))


def test_results_are_those_of_r(study, oracle):
    name, made = study
    ours = Found(built.rows(made), built.methods(made))
    counts = {f"{match.key}→{match.analysis}/{match.variable}": compare(oracle, ours, match)
              for match in MATCHES.get(name, ())}
    assert [key for key, count in counts.items() if count == 0] == []


@pytest.mark.parametrize(("analysis", "entry", "part"), [
    ("safety/any@{}", "ae_overview", "any_teae"), ("safety/serious@{}", "ae_overview", "serious"),
    ("severity/worst_ae=1@{}", "ae_max_severity", "MILD"), ("severity/worst_ae=2@{}", "ae_max_severity", "MODERATE"),
    ("severity/worst_ae=3@{}", "ae_max_severity", "SEVERE"),
    ("events/pruritus=any@{}", "ae_by_soc_pt", "SKIN AND SUBCUTANEOUS TISSUE DISORDERS | PRURITUS"),
    ("events/dizziness=any@{}", "ae_by_soc_pt", "NERVOUS SYSTEM DISORDERS | DIZZINESS"),
])
def test_adverse_events_of_the_cdisc_pilot(oracle, pilot, analysis, entry, part):
    entries = json.loads((oracle / "values" / "cdisc_pilot.json").read_text("utf-8"))["entries"]
    theirs = next(e["values"] for e in entries if e["id"] == f"cdisc_pilot.{entry}")[part]
    assert {arm: built.rows(pilot)[analysis.format(key), "n"] for arm, key in DOSE.items()} == theirs


def test_nothing_of_the_machine_shows(study):
    """No nan, inf or None in any sentence or cell; no empty number."""
    text = [t.text for t in built.texts(study[1].files["report.html"])]
    assert [t for t in text if re.search(r"\b(nan|NaN|None(?! was)|inf|null|NaT|<NA>)\b", t)] == []
