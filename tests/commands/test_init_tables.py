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


def test_a_column_of_several_events_is_of_one_kind_in_all(run, tmp_path):
    """At the first visit nobody is better than PR and every count is small; both are seen later."""
    rows = []
    for i, (who, age, group, day, last, _) in enumerate(PATIENTS):
        rows += [
            (who, "baseline_arm_1", age, group, day, last, i % 2, "PR" if i % 2 else "SD"),
            (who, "day_28_arm_1", "", "", "", "", 20 + i, "CR" if i % 3 else "PD"),
            (who, "day_90_arm_1", "", "", "", "", 30 + i, "CR"),
        ]
    head = "record_id,redcap_event_name,age,group,infusion_date,last_contact,count,answer"
    said = run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 0, said.all
    columns = proposed(tmp_path / "new")["frames"]["subjects"]["columns"]
    counts, answers = (
        [columns[name] for name in (stem, f"{stem}_day_28", f"{stem}_day_90")] for stem in ("count", "answer")
    )
    assert [one["type"] for one in counts] == ["number"] * 3  # 0 and 1 alone would be no and yes
    assert [one["levels"] for one in answers] == [["CR", "PD", "PR", "SD"]] * 3  # CR alone would be left out as constant


def test_repeating_instruments_with_names_of_their_own(run, tmp_path):
    """What an instrument records is told by its columns, whatever it is called; one of one row each is read into patients."""
    blank = ("",) * 9
    rows = [
        (who, "", "", age, group, day, last, *blank[4:], *blank[:4]) for who, age, group, day, last, _ in PATIENTS
    ]
    rows += [
        (who, "tox_log_ward_5", k + 1, *blank[:4], "Fever" if k else "Rash", 1 + i % 3, day, "", "", "", "", "", "")
        for i, (who, _, _, day, *_) in enumerate(PATIENTS)
        for k in range(i % 3)
    ]
    rows += [
        (who, "blood", k + 1, *blank[:4], "", "", "", "CRP", 10 * k + i, 7 * k, "", "", "")
        for i, (who, *_) in enumerate(PATIENTS)
        for k in range(2)
    ]
    rows += [(who, "genetics", 1, *blank[:4], "", "", "", "", "", "", "yes", 3 + i, "") for i, (who, *_) in enumerate(PATIENTS)]
    head = (
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,age,group,infusion_date,last_contact,"
        "ae_term,ae_grade,ae_start,marker,result,day,mutated,clones,free"
    )
    said = run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 0, said.all
    frames = proposed(tmp_path / "new")["frames"]
    assert {name: frames[name]["instrument"] for name in frames} == {
        "subjects": "",
        "events": "tox_log_ward_5",
        "series": "blood",
        "genetics": "genetics",
    }
    assert frames["subjects"]["columns"]["clones"]["from"]["frame"] == "genetics"
    found = results(run, tmp_path / "new", tmp_path / "out")
    rash = [r for r in found if (r["analysis"], r["variable"], r["level"], r["stat"]) == ("toxicity", "rash", "any", "n")]
    # patients 2, 3, 5, 6, 8, 9, 11, 12 of the list have a rash
    assert sum(int(r["value"]) for r in rash if r["group"] in ("a", "b")) == 8


def test_sheets_with_names_of_their_own(run, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ward 5B (2024)"
    for row in [("patient_id", "age", "group", "infusion_date", "last_contact"), *(p[:5] for p in PATIENTS)]:
        sheet.append(row)
    for title, head, lines in (
        ("d+28", ("patient_id", "crp", "answer"), [(p[0], p[5], "CR" if i % 3 else "NR") for i, p in enumerate(PATIENTS)]),
        ("Events", ("patient_id", "ldh"), [(p[0], 200 + i) for i, p in enumerate(PATIENTS)]),
        ("side effects!", ("patient_id", "term", "grade", "day"), [(p[0], "CRS", 2, 3) for p in PATIENTS[:5]]),
        ("codes", ("code", "meaning"), [("CR", "complete remission"), ("NR", "no response")]),
    ):
        more = book.create_sheet(title)
        for row in [head, *lines]:
            more.append(row)
    book.save(tmp_path / "book.xlsx")
    said = run("init", tmp_path / "book.xlsx", "--to", tmp_path / "new")
    assert said.code == 0, said.all
    study = proposed(tmp_path / "new")
    frames = study["frames"]
    assert {name: frames[name]["sheet"] for name in frames} == {
        "subjects": "Ward 5B (2024)",
        "events": "side effects!",
        "d_28": "d+28",
        "further_table_events": "Events",
    }
    assert "left out: book.xlsx, sheet codes (not recognised: no column identifies the patients)" in said.out
    assert "ldh" in study["analyses"]["baseline"]["variables"]
    assert "crp" not in study["analyses"]["baseline"]["variables"]  # of day 28
    found = results(run, tmp_path / "new", tmp_path / "out")
    crs = {r["group"]: r["value"] for r in found if (r["variable"], r["level"], r["stat"]) == ("crs", "any", "n")}
    assert (crs["a"], crs["b"]) == ("2", "3")


def test_visits_with_a_day_are_a_series_of_one_measurement(run, tmp_path):
    rows = [
        (who, age, group, day, i % 2, 100 * i + (7 - abs(day - 7)), 30 + i + day)
        for i, (who, age, group, *_) in enumerate(PATIENTS)
        for day in (0, 7, 14, 28)
    ]
    file = written(tmp_path / "visits.csv", "id,age,group,day,fever,IL6 (pg/mL),crp", rows)
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 0, said.all
    assert "36 later rows of the same patients (day): IL6 (pg/mL), crp differ within patients" in said.out
    assert "only the first row is read, but of IL6 (pg/mL)" in said.out
    study = proposed(tmp_path / "new")
    assert study["frames"]["series"]["columns"]["value"]["source"] == "IL6 (pg/mL)"
    assert study["analytes"] == {"il6_pg_ml": {"label": "IL6", "unit": "pg/mL"}}
    assert "it could as well be crp" in (tmp_path / "new" / "study.toml").read_text("utf-8")
    # the peak is on day 7, 100 i + 7: of b (even places) the median of i is 5, of a 6
    found = {
        (r["variable"], r["group"]): float(r["value"])
        for r in results(run, tmp_path / "new", tmp_path / "out")
        if r["analysis"] == "kinetics_il6_pg_ml" and r["stat"] == "median"
    }
    assert (found["peak", "b"], found["peak", "a"], found["tmax", "a"]) == (507, 607, 7)


def test_rows_that_are_spans_of_time_are_no_visits(run, tmp_path):
    rows = [(*row, 20 + place) for place, row in enumerate(COURSE)]
    file = written(tmp_path / "spans.csv", "id,age,rx,start,stop,event,enum,day", rows)
    assert run("init", file, "--to", tmp_path / "new").code == 0
    assert list(proposed(tmp_path / "new")["frames"]) == ["subjects"]
