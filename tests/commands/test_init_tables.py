"""`init` with further tables of one row per patient, and with one file of several rows per patient."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

PATIENTS = [(f"P{i}", 40 + i, "ab"[i % 2], f"2023-01-{i:02d}", f"2024-06-{i:02d}", 10 + i) for i in range(1, 13)]


def written(path: Path, head: str, rows) -> Path:
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n", "utf-8")
    return path


def proposed(folder: Path) -> dict:
    return tomllib.loads((folder / "study.toml").read_text("utf-8"))


def results(run, folder: Path, out: Path) -> list[dict[str, str]]:
    assert run("build", folder, "--formats", "html", "--no-cache", "--quiet", "--out", out).code == 0
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_second_table_of_the_same_patients_is_read_into_them(run, tmp_path):
    one = written(tmp_path / "patients.csv", "patient_id,age,group,infusion_date,last_contact,crp", PATIENTS)
    second = written(
        tmp_path / "day28.csv",
        "patient_id,group,crp,response,death_date,ferritin",
        [
            (who, group, crp / 10, "CR" if i % 3 else "NR", "2024-06-05" if i == 4 else "", 100.5 + i)
            for i, (who, _, group, _, _, crp) in enumerate(PATIENTS[:11])
        ],
    )
    before = [path.read_bytes() for path in (one, second)]
    said = run("init", one, second, "--to", tmp_path / "new")
    assert (said.code, said.err) == (0, ""), said.out + said.err
    assert "day28: day28.csv" in said.out
    study = proposed(tmp_path / "new")
    columns = study["frames"]["subjects"]["columns"]
    assert "group" not in study["frames"]["day28"]["columns"]  # it says what the patients' own says
    assert columns["crp_day28"]["from"] == {"frame": "day28", "column": "crp", "pick": "last"}
    assert columns["crp_day28"]["label"] == "Crp, day28"
    assert columns["response"]["levels"] == ["CR", "NR"]
    assert study["endpoints"]["os"]["event"] == ["death_date"]
    assert study["endpoints"]["response_rate"]["responses"] == ["CR"]
    assert [path.read_bytes() for path in (one, second)] == before
    assert "crp_day28" not in study["analyses"]["baseline"]["variables"]  # later than the baseline
    # of eleven with a row the responses at places 0, 3, 6 and 9 are NR; the twelfth has none and isn't counted
    found = results(run, tmp_path / "new", tmp_path / "out")
    told = {(r["variable"], r["group"], r["stat"]): r["value"] for r in found if r["analysis"] == "response"}
    shares = [(told["response_rate", arm, "n"], told["response_rate", arm, "N"]) for arm in "ab"]
    assert shares == [("3", "5"), ("4", "6")]


def test_the_arm_may_stand_in_the_second_table(run, tmp_path):
    one = written(tmp_path / "patients.csv", "patient_id,age", [(who, age) for who, age, *_ in PATIENTS])
    second = written(tmp_path / "allocation.csv", "patient_id,arm", [(p[0], 1 + i % 2) for i, p in enumerate(PATIENTS)])
    said = run("init", one, second, "--to", tmp_path / "new")
    assert said.code == 0, said.out + said.err
    study = proposed(tmp_path / "new")
    assert list(study["arms"]) == ["arm_1", "arm_2"]
    assert study["frames"]["subjects"]["columns"]["arm"]["from"]["frame"] == "allocation"
    found = results(run, tmp_path / "new", tmp_path / "out")
    told = {row["group"]: row["value"] for row in found if (row["analysis"], row["stat"]) == ("study", "n")}
    assert (told["arm_1"], told["arm_2"]) == ("6", "6")


def test_the_patients_are_those_of_the_table_that_has_them_all(run, tmp_path):
    one = written(tmp_path / "patients.csv", "patient_id,age,group", [p[:3] for p in PATIENTS])
    second = written(
        tmp_path / "labs.csv", "patient_id,ldh,crp,alt,ast", [(p[0], 200, p[5], 30, 31) for p in PATIENTS[:11]]
    )
    said = run("init", one, second, "--to", tmp_path / "new")
    assert said.code == 0, said.out + said.err
    assert proposed(tmp_path / "new")["frames"]["subjects"]["file"] == "patients.csv"


def test_events_of_a_redcap_export_become_tables(run, tmp_path):
    rows = []
    for who, age, group, day, last, crp in PATIENTS:
        rows += [
            (who, "baseline_arm_1", age, group, day, last, crp, ""),
            (who, "day_28_arm_1", "", "", "", "", crp / 10, "CR"),
        ]
    head = "record_id,redcap_event_name,age,group,infusion_date,last_contact,crp,answer"
    assert run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new").code == 0
    study = proposed(tmp_path / "new")
    assert study["frames"]["day_28"]["event"] == "day_28_arm_1"
    assert study["frames"]["subjects"]["columns"]["crp_day_28"]["from"]["frame"] == "day_28"


@pytest.mark.parametrize("stem", ["events", "course", "subject"])
def test_a_frame_gets_a_name_that_means_nothing_else(run, tmp_path, stem):
    one = written(tmp_path / "patients.csv", "patient_id,age,group", [p[:3] for p in PATIENTS])
    second = written(tmp_path / f"{stem}.csv", "patient_id,ldh,day", [(p[0], p[5] * 9, 3) for p in PATIENTS])
    assert run("init", one, second, "--to", tmp_path / "new").code == 0
    assert any(name.endswith(f"table_{stem}") for name in proposed(tmp_path / "new")["frames"])


KINDS = [
    (who, age, group, kind, age + (20 if kind == 2 else i % 5), (i // 2 + kind) % 2)
    for i, (who, age, group, *_) in enumerate(PATIENTS)
    for kind in (2, 1)
]


def test_rows_of_two_kinds_make_two_endpoints(run, tmp_path):
    file = written(tmp_path / "two.csv", "id,age,rx,etype,time,status", KINDS)
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 0, said.out + said.err
    study = proposed(tmp_path / "new")
    assert study["frames"]["subjects"]["where"] == "etype == '2'"
    assert study["frames"]["etype_1"]["where"] == "etype == '1'"
    assert set(study["frames"]["etype_1"]["columns"]) == {"subject", "etype", "time", "status"}
    ends = study["endpoints"]
    assert (ends["survival"]["time"], ends["survival"]["status"]) == ("time", "status")
    assert (ends["etype_1"]["time"], ends["etype_1"]["status"]) == ("time_etype_1", "status_etype_1")
    assert ends["etype_1"]["label"] == "Etype 1"
    # events counted by hand out of the rows: of each kind, in each arm
    found = results(run, tmp_path / "new", tmp_path / "out")
    for name, kind in (("survival", 2), ("etype_1", 1)):
        for arm in "ab":
            events = sum(row[5] for row in KINDS if row[3] == kind and row[2] == arm)
            of = (name, "curve", arm, "events")
            told = [r["value"] for r in found if (r["analysis"], r["variable"], r["group"], r["stat"]) == of]
            assert sum(map(float, told)) == events


COURSE = [
    (f"P{i}", 40 + i, "ab"[i % 2], visit * 10, visit * 10 + 10, visit % 2, visit + 1)
    for i in range(1, 13)
    for visit in range(1 + i % 3)
]


def test_of_counted_rows_the_first_are_the_patients_and_the_rest_is_said(run, tmp_path):
    file = written(tmp_path / "visits.csv", "id,age,rx,start,stop,event,enum", COURSE)
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 0, said.out + said.err
    study = proposed(tmp_path / "new")
    assert (study["frames"]["subjects"]["where"], list(study["frames"])) == ("enum == '1'", ["subjects"])
    assert "12 later rows of the same patients (enum): start, stop, event differ within patients" in said.out
    # how the first span of time ended is no endpoint, and nothing that patients began with
    assert "endpoints" not in study
    assert study["analyses"]["baseline"]["variables"] == ["age"]


def test_rows_that_nothing_counts_are_refused_with_the_columns_that_differ(run, tmp_path):
    head = "id,age,rx,start,stop,event"
    said = run("init", written(tmp_path / "a.csv", head, [row[:6] for row in COURSE]), "--to", tmp_path / "new")
    assert said.code == 2
    assert "within patients these columns differ: start, stop, event" in said.err
    assert "numbers the rows of each patient" in said.err
    # eyes of a patient, treated differently: an arm of rows is none of patients
    eyes = [
        (who, age, eye, eye == "left", age + i)
        for i, (who, age, *_) in enumerate(PATIENTS)
        for eye in ("left", "right")
    ]
    head = "id,age,eye,trt,futime"
    assert "differ: eye, trt" in run("init", written(tmp_path / "b.csv", head, eyes), "--to", tmp_path / "new").err
