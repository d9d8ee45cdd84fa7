"""Which columns `init` takes for a time and the status at its end."""

from __future__ import annotations

import csv
import tomllib

import pytest


@pytest.fixture
def proposed(run, tmp_path):
    """proposed(columns) → (the endpoints of study.toml, its text); each row of a column is a patient."""

    def propose(**columns: str) -> tuple[dict, str]:
        cells = {name: given.split() for name, given in columns.items()}
        patients = len(next(iter(cells.values())))
        rows = [f"{n},{','.join(cells[name][n - 1] for name in cells)}" for n in range(1, patients + 1)]
        (tmp_path / "data.csv").write_text("\n".join([f"id,{','.join(cells)}", *rows]) + "\n", "utf-8")
        run("init", tmp_path / "data.csv", "--to", tmp_path / "study")
        text = (tmp_path / "study" / "study.toml").read_text("utf-8")
        return tomllib.loads(text).get("endpoints", {}), text

    return propose


def test_the_year_of_something_is_no_time(proposed):
    found, _ = proposed(year="1990 1991 1995 1995", futime="10 20 400 500", status="0 1 0 1")
    assert [(one["time"], one["status"]) for one in found.values()] == [("futime", "status")]


def test_times_named_by_a_letter(proposed):
    found, _ = proposed(rtime="10 20 30 40", recur="0 1 0 1", dtime="15 25 30 45", death="0 1 0 1")
    assert {name: (one["label"], one["time"], one["status"]) for name, one in found.items()} == {
        "os": ("Overall survival", "dtime", "death"),
        "relapse": ("Time to relapse", "rtime", "recur"),
    }


def test_one_time_and_one_status_without_a_name_in_common(proposed):
    found, _ = proposed(age="40 50 60 70", rfstime="10 20 30 40", status="0 1 0 1")
    assert [(name, one["time"], one["status"]) for name, one in found.items()] == [("rfs", "rfstime", "status")]


def test_an_age_is_no_time(proposed):
    found, _ = proposed(age_years="40 50 60 70", status="0 1 0 1")
    assert not found


def test_words_of_a_status(proposed):
    found, text = proposed(time="10 20 30 40 50 60 " * 3, event="alive death ltx death lost alive " * 3)
    assert found["event"]["label"] == "Death"  # the incidence of survival would be nonsense
    assert found["event"]["status_values"] == {"event": ["death"], "censored": ["alive", "lost"], "competing": ["ltx"]}
    assert "death taken for the event, alive, lost for censored, ltx for a competing one" in text


@pytest.mark.parametrize(("head", "event"), [("event", "True"), ("event", "Yes"), ("censored", "False"), ("e", "Y")])
def test_yes_and_no_of_a_status_are_counted(run, tmp_path, head, event):
    """Three events among twelve; of a column called censored, no says event."""
    other = {"True": "False", "False": "True", "Yes": "No", "Y": "N"}[event]
    rows = [f"{n},{'AB'[n % 2]},{10 + n},{event if n in (3, 6, 9) else other}" for n in range(1, 13)]
    (tmp_path / "data.csv").write_text("\n".join([f"id,arm,t,{head}" if head == "e" else f"id,arm,time,{head}", *rows]), "utf-8")
    said = run("init", tmp_path / "data.csv", "--to", tmp_path / "study")
    assert said.code == 0, said.all
    built = run("build", tmp_path / "study", "--out", tmp_path / "out", "--formats", "html", "--quiet")
    assert built.code == 0, built.all
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as stream:
        counted = {row["group"]: row["value"] for row in csv.DictReader(stream)
                   if (row["analysis"], row["variable"], row["stat"]) == ("survival", "events", "n")}
    assert counted == {"A": "1", "B": "2", "all": "3"}


def test_words_that_a_status_doesnt_name_are_told(run, tmp_path):
    rows = [f"{n},{'AB'[n % 2]},{10 + n},{'yes' if n in (3, 6, 9) else 'no'}" for n in range(1, 13)]
    (tmp_path / "data.csv").write_text("\n".join(["id,arm,time,event", *rows]), "utf-8")
    run("init", tmp_path / "data.csv", "--to", tmp_path / "study")
    toml = tmp_path / "study" / "study.toml"
    toml.write_text(toml.read_text("utf-8").replace(', censored = ["no"]', ""), "utf-8")
    said = run("check", tmp_path / "study")
    assert said.code == 2
    assert "E_EVENT_CODE data.csv:2:event: status_values of survival don’t say what this code means" in said.all.replace("'", "’")


def test_a_date_that_few_have_is_no_day_zero(run, tmp_path):
    """A transplant would come before the entry into the study, had everybody had one."""
    rows = [f"{n},{'AB'[n % 2]},{f'2021-0{n}-01' if n < 3 else ''},2020-0{n}-01,{'2022-01-01' if n > 6 else ''},2023-01-01"
            for n in range(1, 10)]
    (tmp_path / "data.csv").write_text("\n".join(["id,arm,tx_date,entry_date,death_date,last_contact", *rows]), "utf-8")
    run("init", tmp_path / "data.csv", "--to", tmp_path / "study")
    told = tomllib.loads((tmp_path / "study" / "study.toml").read_text("utf-8"))
    assert told["study"]["day_zero"] == "entry_date"
    assert told["endpoints"]["os"]["start"] == "entry_date"


def test_numbers_of_a_status_with_a_competing_event(proposed):
    found, _ = proposed(time="10 20 30 40 50 60", status="0 1 2 0 1 2")
    assert {name: one["label"] for name, one in found.items()} == {"event": "Event"}


def test_a_patient_without_an_arm_is_told_of(run, tmp_path):
    (tmp_path / "data.csv").write_text("id,trt,age\n1,A,50\n2,B,51\n3,,52\n4,A,53\n5,,54\n6,B,55\n", "utf-8")
    said = run("init", tmp_path / "data.csv", "--to", tmp_path / "study")
    line = next(x for x in (tmp_path / "study" / "study.toml").read_text("utf-8").splitlines() if x.startswith("arm = "))
    assert "empty for 2 patients: everybody needs an arm, so fill it in or write where = " in line
    assert "Everybody belongs to an arm: fill it in, or leave these rows out" in said.all
