"""What `init` proposes can be built, and counts what the files say: CDISC, REDCap, days beside each other, statistics files."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from tests import exports

Numbers = dict[tuple[str, str, str, str, str, str], float]


@pytest.fixture
def made(run, tmp_path):
    """made(paths) → (study.toml as proposed, results by address): init, check and build without any edit."""

    def make(paths: list[Path]) -> tuple[dict, Numbers]:
        study = tmp_path / "study"
        said = run("init", *paths, "--to", study)
        assert said.code == 0, said.all
        built = run("build", study, "--out", tmp_path / "out", "--formats", "html", "--quiet")
        assert built.code == 0, built.all
        with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        keys = ("analysis", "variable", "level", "at", "group", "stat")
        numbers = {tuple(row[key] for key in keys): float(row["value"]) for row in rows if row["value"]}
        return tomllib.loads((study / "study.toml").read_text("utf-8")), numbers

    return make


def adam_numbers(numbers: Numbers) -> None:
    """By hand from tests/exports.py: placebo are the even patients, twelve each."""
    for arm in ("placebo", "drug_10_mg"):
        assert numbers["os", "events", "", "", arm, "n"] == 4  # 0, 6, 12, 18 and 3, 9, 15, 21
        assert numbers["response", "bor_rate", "", "", arm, "n"] == 6
        assert numbers["toxicity", "nausea", "any", "", arm, "n"] == 12
        assert numbers["toxicity", "nausea", "3", "", arm, "n"] == 4
        assert numbers["toxicity", "headache", "any", "", arm, "n"] == 0  # only before treatment
        assert numbers["toxicity", "nausea.onset", "", "", arm, "median"] == 0  # study day 1 is day 0
        assert numbers["kinetics_neut", "peak", "", "", arm, "max"] == 2.5  # 999.5 is not for analysis
        assert numbers["kinetics_hgb", "tmax", "", "", arm, "median"] == 28  # study day 29
    assert numbers["pfs", "events", "", "", "placebo", "n"] == 12
    assert numbers["pfs", "events", "", "", "drug_10_mg", "n"] == 4
    assert numbers["response", "crsp_rate", "", "", "placebo", "n"] == 6
    assert numbers["response", "crsp_rate", "", "", "drug_10_mg", "n"] == 0
    assert numbers["toxicity", "fatigue", "any", "", "placebo", "n"] == 12
    assert numbers["toxicity", "fatigue", "any", "", "drug_10_mg", "n"] == 0
    assert numbers["kinetics_hgb", "peak", "", "", "placebo", "median"] == 111  # 100, 102 … 122


@pytest.mark.parametrize("kind", ["adam", "transport"])
def test_cdisc_data_sets(made, tmp_path, kind):
    (tmp_path / "data").mkdir()
    told, numbers = made(getattr(exports, kind)(tmp_path / "data"))
    adam_numbers(numbers)
    frames = told["frames"]
    assert set(frames) == {"subjects", "events", "series", "responses", "adrs", "adtte"}
    assert frames["series"]["where"] == "anl01fl"
    assert frames["series"]["columns"]["lln"]["source"] == "A1LO"
    assert frames["series"]["columns"]["uln"]["source"] == "A1HI"
    assert frames["series"]["columns"]["day"]["day_one"] is True
    assert frames["responses"]["where"] == "paramcd == 'OVRLRESP' and anl01fl"
    assert frames["responses"]["columns"]["response"]["source"] == "AVALC"
    assert list(frames["responses"]["columns"]["response"]["levels"]) == ["CR", "PR", "SD", "PD"]
    assert frames["responses"]["columns"]["day"] == {
        "type": "number",
        "source": "ADY",
        "day_one": True,
        "label": frames["responses"]["columns"]["day"]["label"],
    }
    assert frames["events"]["where"] == "trtemfl"
    assert told["endpoints"]["os"]["status_values"] == {"event": ["0"], "censored": ["1", "2"]}
    assert told["study"]["reference"] == "placebo"
    assert told["analytes"]["neut"] == {"label": "Neutrophils", "unit": "10^9/L"}


def test_responses_by_visit_without_study_days_have_their_dates(run, tmp_path):
    rows = [{name: cell for name, cell in row.items() if name not in ("ADY", "ANL01FL")} for row in exports.adrs()]
    paths = [exports.written(tmp_path / "adsl.csv", exports.adsl()), exports.written(tmp_path / "adrs.csv", rows)]
    assert run("init", *paths, "--to", tmp_path / "study").code == 0
    told = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))["frames"]["responses"]
    assert told["where"] == "paramcd == 'OVRLRESP'"
    assert told["columns"]["date"]["source"] == "ADT"


def test_study_days_that_know_a_day_0_are_left_as_they_are(run, tmp_path):
    rows = exports.adlb()
    rows[0]["ADY"] = 0
    paths = [exports.written(tmp_path / "adsl.csv", exports.adsl()), exports.written(tmp_path / "adlb.csv", rows)]
    run("init", *paths, "--to", tmp_path / "study")
    told = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))["frames"]["series"]
    assert "day_one" not in told["columns"]["day"]


def test_the_cdisc_pilot_submission(oracle, made):
    folder = oracle / "data" / "cdisc_pilot" if (oracle / "data").is_dir() else oracle / "cdisc_pilot"
    told, numbers = made([folder / f"{name}.xpt" for name in ("adsl", "adtte", "adae")])
    assert told["study"]["expected_n"] == 254
    assert told["study"]["reference"] == "placebo"
    with (folder / "adtte.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for arm, label in (("placebo", "Placebo"), ("xanomeline_high_dose", "Xanomeline High Dose")):
        events = sum(row["TRTP"] == label and row["CNSR"] == "0" for row in rows)
        assert numbers["ttde", "events", "", "", arm, "n"] == events


@pytest.mark.parametrize("labels", [False, True])
def test_a_redcap_export_with_a_repeating_instrument(made, tmp_path, labels):
    (tmp_path / "data").mkdir()
    told, numbers = made(exports.redcap(tmp_path / "data", labels))
    assert told["frames"]["subjects"]["instrument"] == ""
    assert told["frames"]["events"]["instrument"] == ("Adverse Events" if labels else "adverse_events")
    assert told["arms"] == {"standard": "Standard", "experimental": "Experimental"}
    assert numbers["os", "events", "", "", "standard", "n"] == 6
    assert numbers["os", "events", "", "", "experimental", "n"] == 0
    for arm in ("standard", "experimental"):
        assert numbers["toxicity", "fever", "any", "", arm, "n"] == 8
        assert numbers["toxicity", "rash", "any", "", arm, "n"] == 4
        assert numbers["response", "response_rate", "", "", arm, "n"] == 8
    assert numbers["baseline", "prior_1", "yes", "", "standard", "n"] == 12


def test_a_longitudinal_redcap_export_takes_the_first_event_for_the_patients(run, tmp_path):
    rows = [
        {"record_id": i, "redcap_event_name": event, "age": 50 + i if event == "start_arm_1" else "", "weight": 60 + i}
        for i in range(1, 9)
        for event in ("start_arm_1", "later_arm_1")
    ]
    path = exports.written(tmp_path / "export.csv", rows)
    said = run("init", path, "--to", tmp_path / "study")
    assert said.code == 0, said.all
    told = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))
    assert told["frames"]["subjects"]["event"] == "start_arm_1"
    assert "later: export.csv, event later_arm_1" in said.out


def test_days_beside_each_other_among_the_patients(made, tmp_path):
    rows = [
        {
            "patient_id": f"P{i}",
            "group": "AB"[i % 2],
            "age": 40 + i,
            "il6_d0": "<2" if i == 0 else 2 + i,
            "il6_d7": 20 + i,
            "il6_d14": "" if i == 1 else 5 + i,
            "crp_w1": 30 + i,
            "crp_w2": 10 + i,
        }
        for i in range(12)
    ]
    told, numbers = made([exports.written(tmp_path / "patients.csv", rows)])
    assert told["frames"]["series"]["wide"] == {
        "il6": {"il6_d0": 0, "il6_d7": 7, "il6_d14": 14},
        "crp": {"crp_w1": 7, "crp_w2": 14},
    }
    assert set(told["frames"]["subjects"]["columns"]) == {"subject", "arm", "age"}
    assert told["analytes"]["il6"]["lloq"] == 2
    assert numbers["kinetics_il6", "peak", "", "", "A", "median"] == 25  # 20, 22 … 30
    assert numbers["kinetics_crp", "tmax", "", "", "B", "median"] == 7


def test_a_pair_of_plain_files(made, tmp_path):
    patients = [
        {"id": i, "arm": "pq"[i % 2], "age": 50 + i, "os_months": 3 + i, "os_event": int(i % 3 == 0)} for i in range(12)
    ]
    labs = [{"id": i, "marker": "ldh", "value": 200 + 10 * i + day, "day": day} for i in range(12) for day in (1, 4)]
    _, numbers = made(
        [exports.written(tmp_path / "patients.csv", patients), exports.written(tmp_path / "labs.csv", labs)]
    )
    assert numbers["os", "events", "", "", "p", "n"] == 2
    assert numbers["kinetics_ldh", "peak", "", "", "p", "max"] == 304


@pytest.mark.parametrize("ending", ["sav", "dta", "parquet"])
def test_files_of_statistics_programs(made, tmp_path, ending):
    import pandas as pd
    import pyreadstat

    data = pd.DataFrame(
        {
            "id": [f"S{i:02d}" for i in range(12)],
            "grp": [1.0 + i % 2 for i in range(12)],
            "age": [50.5 + i for i in range(12)],
            "started": pd.to_datetime(["2023-01-05"] * 12).date,
        }
    )
    path = tmp_path / f"one.{ending}"
    if ending == "parquet":
        data.to_parquet(path)
    else:
        codes = {"grp": {1: "Old", 2: "New"}}
        write = pyreadstat.write_sav if ending == "sav" else pyreadstat.write_dta
        write(
            data,
            str(path),
            column_labels=["Patient", "Treatment", "Age at start", "Start"],
            variable_value_labels=codes,
        )
    told, numbers = made([path])
    columns = told["frames"]["subjects"]["columns"]
    assert numbers["baseline", "age", "", "", "all" if ending == "parquet" else next(iter(told["arms"])), "n"] > 0
    assert columns["age"]["label"] == ("Age" if ending == "parquet" else "Age at start")
    assert columns["started"]["type"] == "date"
