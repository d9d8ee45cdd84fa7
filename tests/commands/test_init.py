"""init: a study folder proposed from data files; every guess is marked and nothing is overwritten."""

import tomllib

import pytest

from stats.propose.columns import guess
from stats.study.read import read
from tests.sixteen import subjects


def proposed(folder):
    return tomllib.loads((folder / "study.toml").read_text("utf-8"))


def test_a_proposal_that_can_be_built(run, tmp_path):
    (tmp_path / "patients.csv").write_text(subjects(), "utf-8")
    said = run("init", tmp_path / "patients.csv", "--to", tmp_path / "new")
    assert said.code == 0, said.all
    assert "16 patients" in said.out
    assert "It can be built." in said.out
    study = read(tmp_path / "new")
    assert study.arms == {"D": "D", "R": "R"}
    assert study.day_zero == "infused"
    assert {name: column.type for name, column in study.subjects.columns.items()} == {
        "subject": "id",
        "arm": "arm",
        "age": "number",
        "sex": "category",
        "response": "category",
        "infused": "date",
        "died": "date",
        "seen": "date",
    }
    assert study.endpoints["response_rate"].responses == ("CR",)
    assert list(study.analyses)[:2] == ["baseline", "response"]
    assert run("build", tmp_path / "new", "--out", tmp_path / "out", "--formats", "html", "--quiet").code == 0


def test_every_line_that_was_guessed_says_so(run, tmp_path):
    (tmp_path / "patients.csv").write_text(subjects(), "utf-8")
    run("init", tmp_path / "patients.csv", "--to", tmp_path / "new")
    text = (tmp_path / "new" / "study.toml").read_text("utf-8")
    silent = [
        line for line in text.splitlines() if "type = " in line and not line.startswith("#") and "# ?" not in line
    ]
    assert silent == []
    assert "data_cutoff" in text
    assert all(
        "# ?" in line for line in text.splitlines() if line.startswith(("title", "design", "data_cutoff", "day_zero"))
    )


def test_endpoints_from_dates_pairs_and_long_tables(run, tmp_path):
    head = "patient_id,group,infusion_date,relapse_date,death_date,last_visit,earlier_relapse,os_months,os_event,bmi_kg"
    rows = [
        f"P{i},{'AB'[i % 2]},0{i % 9 + 1}.01.2021,,{'14.03.2022' if i % 3 else ''},15.03.2022,01.06.2019,{i}.5,{i % 2 + 1},2{i}"
        for i in range(1, 13)
    ]
    (tmp_path / "patients.csv").write_text(
        "\n".join([head.replace("relapse_date", "relapse_day"), *rows]).replace(",", ";"), "utf-8"
    )
    (tmp_path / "ae.csv").write_text(
        "patient_id,AETERM,grade,study_day\n"
        + "".join(f"P{i},{'CRS' if i % 2 else 'ICANS (any)'},{i % 4},{i}\n" for i in range(1, 13)),
        "utf-8",
    )
    (tmp_path / "labs.csv").write_text(
        "patient_id,test,result,day\n" + "".join(f"P{i},IL-6,{i * 10},{d}\n" for i in range(1, 13) for d in (1, 3)),
        "utf-8",
    )
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    said = run(
        "init",
        tmp_path / "patients.csv",
        tmp_path / "ae.csv",
        tmp_path / "labs.csv",
        tmp_path / "notes.csv",
        "--to",
        tmp_path / "new",
    )
    told = proposed(tmp_path / "new")
    assert told["frames"]["subjects"]["delimiter"] == ";"
    assert told["frames"]["subjects"]["date_format"] == "%d.%m.%Y"
    assert told["endpoints"]["os"]["event"] == ["death_date"]
    assert told["endpoints"]["os"]["censor"] == ["last_visit"]
    assert "earlier_relapse" not in str(told["endpoints"])  # it lies before day zero
    assert told["frames"]["events"]["columns"]["term"]["source"] == "AETERM"
    assert told["frames"]["events"]["columns"]["term"]["values"] == {"CRS": "crs", "ICANS (any)": "icans_any"}
    assert list(told["terms"]) == ["crs", "icans_any"]
    assert told["frames"]["series"]["columns"]["analyte"]["values"] == {"IL-6": "il_6"}
    assert list(told["analytes"]) == ["il_6"]
    assert "left out: notes.csv (not recognised" in said.out


def test_a_time_and_a_status(run, tmp_path):
    rows = "".join(f"{i},{'ab'[i % 2]},{i * 30},{i % 2 + 1},{i % 2}\n" for i in range(1, 21))
    (tmp_path / "one.csv").write_text("id,trt,pfs_days,pfs_status,cens\n" + rows, "utf-8")
    assert run("init", tmp_path / "one.csv", "--to", tmp_path / "new").code == 0
    told = proposed(tmp_path / "new")["endpoints"]["pfs"]
    assert told == {
        "label": "Progression-free survival",
        "time": "pfs_days",
        "status": "pfs_status",
        "unit": "days",
        "status_values": {"event": ["2"], "censored": ["1"]},
    }


def test_what_identifies_people_is_left_out(run, tmp_path):
    (tmp_path / "one.csv").write_text(
        "id,last_name,dob,email,age\n" + "".join(f"{i},Name{i},1950-01-0{i},a{i}@b.c,{50 + i}\n" for i in range(1, 9)),
        "utf-8",
    )
    run("init", tmp_path / "one.csv", "--to", tmp_path / "new")
    text = (tmp_path / "new" / "study.toml").read_text("utf-8")
    assert set(proposed(tmp_path / "new")["frames"]["subjects"]["columns"]) == {"subject", "age"}
    assert "# last_name: left out, may identify a person" in text
    assert "Name1" not in text


def test_nothing_is_overwritten_and_bad_files_are_named(run, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "one.csv").write_text("id,age\n1,50\n2,60\n", "utf-8")
    said = run("init", tmp_path / "one.csv", "--to", tmp_path / "full")
    assert (said.code, "E_EXISTS" in said.err) == (2, True)
    (tmp_path / "broken.xlsx").write_bytes(b"PK no")
    said = run("init", tmp_path / "broken.xlsx", tmp_path / "gone.csv", "--to", tmp_path / "new")
    assert said.code == 2
    assert "E_FILE_BROKEN broken.xlsx" in said.err
    assert "E_FILE_MISSING gone.csv" in said.err
    assert not (tmp_path / "new").exists()
    (tmp_path / "long.csv").write_text("id,day,value\n1,1,5\n1,2,6\n", "utf-8")
    assert "E_NO_SUBJECTS" in run("init", tmp_path / "long.csv", "--to", tmp_path / "new").err


def test_labels_and_codes_of_spss_and_sheets_of_excel(run, tmp_path):
    import pandas as pd
    import pyreadstat

    data = pd.DataFrame(
        {"subject": [f"S{i}" for i in range(10)], "sex": [1.0, 2.0] * 5, "age": [50.0 + i for i in range(10)]}
    )
    pyreadstat.write_sav(
        data,
        str(tmp_path / "one.sav"),
        column_labels=["Patient", "Sex at birth", "Age"],
        variable_value_labels={"sex": {1: "Female", 2: "Male"}},
    )
    assert run("init", tmp_path / "one.sav", "--to", tmp_path / "sav").code == 0
    assert proposed(tmp_path / "sav")["frames"]["subjects"]["columns"]["sex"] == {
        "type": "category",
        "label": "Sex at birth",
        "levels": {"1": "Female", "2": "Male"},
    }
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        data.assign(sex=["F", "M"] * 5).to_excel(book, sheet_name="patients", index=False)
        pd.DataFrame({"subject": ["S1", "S1"], "marker": ["IL6", "IL6"], "value": [1.5, 2.5], "day": [1, 2]}).to_excel(
            book, sheet_name="labs", index=False
        )
    assert run("init", tmp_path / "book.xlsx", "--to", tmp_path / "xlsx").code == 0
    told = proposed(tmp_path / "xlsx")["frames"]
    assert (told["subjects"]["sheet"], told["series"]["sheet"]) == ("patients", "labs")


@pytest.mark.parametrize(
    ("head", "cells", "kind"),
    [
        ("age", "34 51 60 18", "number"),
        ("flag", "0 1 1", "flag"),
        ("tp53", "yes no NA", "flag"),
        ("x", "Y N N", "flag"),
        ("ecog", "0 1 2 1 0 2 1 0 1 2", "ordinal"),
        ("code", "1 2 3 1 2 3 1 2 3 1", "category"),
        ("d", "2020-01-01 2021-02-03", "date"),
        ("d", "31/01/2020 05/02/2020", "date"),
        ("note", "a b c d e f g", "text"),
        ("best", "CR NR CR NR CR NE", "category"),
        ("dose", "1,5 2,5 3", "number"),
        ("e", "", ""),
    ],
)
def test_kinds_of_columns(head, cells, kind):
    assert guess(head, cells.split()).type == kind


def test_doubts_are_said():
    assert "can't be told apart" in guess("d", ["01/02/2020", "03/04/2020"]).doubts[0]
    assert guess("d", ["01/31/2020", "03/04/2020"]).date_formats == ("%m/%d/%Y",)
    assert guess("x", ["5", "7", "-99", "6"]).missing == ("-99",)
    assert guess("age", ["NA", "50", "60"]).missing == ("NA",)
    assert "“male” taken for “Male”" in " ".join(
        guess("sex", ["Male", "male", "Female", "Male", "male", "Female"]).doubts
    )


@pytest.mark.parametrize(
    ("cells", "digits"),
    [
        ("34 51 60 18", 0),
        ("71.2 88.9 64.0", 1),
        ("3.51 4.14 2.60", 2),
        ("56.8466 43.1370 66.4658", 1),  # days of age over 365.25
        ("1987.1234 2001.5678 1875.25", 0),
        ("0.0034 0.0121 0.0049", 4),
        ("0.00 0.00 0.00", 0),
    ],
)
def test_no_more_decimals_are_proposed_than_say_something(cells, digits):
    assert guess("x", cells.split()).digits == digits
