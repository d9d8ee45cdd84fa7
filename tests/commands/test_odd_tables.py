"""`init` with tables as they are really kept: what can be read in two ways is asked, never chosen."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from stats.propose.columns import guess
from stats.propose.endpoints import endpoints

DAYS = [(date(2019, 1 + i % 12, 1 + i % 12), i) for i in range(24)]


def written(path: Path, head: str, rows, sep: str = ",") -> Path:
    path.write_text("\n".join([head, *(sep.join(map(str, row)) for row in rows)]) + "\n", "utf-8")
    return path


def proposed(folder: Path) -> dict:
    return tomllib.loads((folder / "study.toml").read_text("utf-8"))


def slashed(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def counted(run, folder: Path, out: Path, **wanted: str) -> dict[tuple[str, str], str]:
    """{(group, statistic): value} of the results with these analysis, variable …"""
    said = run("build", folder, "--formats", "html", "--no-cache", "--quiet", "--out", out)
    assert said.code == 0, said.all
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in wanted.items())]
    return {(row["group"], row["stat"]): row["value"] for row in rows}


def test_one_column_tells_day_and_month_of_the_whole_file(run, tmp_path):
    rows = [
        (i, "AB"[i % 2], slashed(day), slashed(day + timedelta(90)) if i % 3 else "", slashed(day + timedelta(400 + i)))
        for day, i in DAYS
    ]
    file = written(tmp_path / "us.csv", "Subject,Arm,Infusion,Death,Last contact", rows)
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 0, said.all
    study = proposed(tmp_path / "new")
    assert study["frames"]["subjects"]["date_format"] == "%m/%d/%Y"  # the infusions alone tell nothing
    assert "told apart" not in (tmp_path / "new" / "study.toml").read_text("utf-8")
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="os", variable="events")
    assert (told["A", "n"], told["B", "n"]) == ("8", "8")  # of twelve in each arm every third lives


def test_where_nothing_tells_day_and_month_apart_a_person_has_to(run, tmp_path):
    rows = [(i, 40 + i, slashed(day)) for day, i in DAYS]
    said = run("init", written(tmp_path / "x.csv", "Subject,Age,Infusion", rows), "--to", tmp_path / "new")
    assert said.code == 2
    assert 'Declare date_format = "%d/%m/%Y" or "%m/%d/%Y"' in said.err
    file = tmp_path / "new" / "study.toml"
    text = file.read_text("utf-8")
    for line in ('date_format = "%d/%m/%Y"', 'date_format = "%m/%d/%Y"'):
        assert f"\n# {line}\n" in text
        file.write_text(text.replace(f"# {line}", line), "utf-8")
        assert run("check", tmp_path / "new").code == 0


def test_dates_with_points_have_the_day_first(run, tmp_path):
    rows = [(i, 40 + i, f"{day.day}.{day.month}.{day.year}") for day, i in DAYS]
    assert run("init", written(tmp_path / "x.csv", "Subject,Age,Infusion", rows), "--to", tmp_path / "new").code == 0
    assert proposed(tmp_path / "new")["frames"]["subjects"]["date_format"] == "%d.%m.%Y"


def test_a_comma_before_three_figures_is_no_decimal_comma(run, tmp_path):
    rows = [(i, 40 + i, f'"{11 + i},{200 + i}"') for i in range(20)]
    said = run("init", written(tmp_path / "x.csv", "Subject,Age,WBC", rows), "--to", tmp_path / "new")
    assert said.code == 2
    assert "E_NUMBER_FORMAT" in said.err
    assert "decimal" not in proposed(tmp_path / "new")["frames"]["subjects"]
    # beside a column that has decimal commas it is one
    rows = [(i, f'"{40 + i},5"', f'"{1 + i},{200 + i}"') for i in range(20)]
    assert run("init", written(tmp_path / "y.csv", "Subject,CRP,Ratio", rows), "--to", tmp_path / "second").code == 0
    assert proposed(tmp_path / "second")["frames"]["subjects"]["decimal"] == ","


@pytest.mark.parametrize("cells", [["1,682.1", "836.1", "2,462.4", "914.0", "977.4", "1,044.9"], ["1.495,2", "2.188,8"]])
def test_thousands_set_apart_are_numbers_to_correct_and_no_texts(cells):
    found = guess("ferritin", cells)
    assert (found.type, "thousands set apart" in " ".join(found.doubts)) == ("number", True)


@pytest.mark.parametrize(
    ("name", "event"), [("status", ["2"]), ("died", ["1 or 2"]), ("death_status", ["2"]), ("relapse", ["1 or 2"])]
)
def test_of_codes_one_and_two_only_a_status_tells_the_event(name, event):
    time = guess("relapse_months" if name == "relapse" else "time", [str(i) for i in range(5, 50)])
    status = guess(name, ["1", "2"] * 20)
    assert [one.keys["status_values"]["event"] for one in endpoints((time, status), "", ())] == [event]


def test_an_event_coded_one_or_two_is_asked_for(run, tmp_path):
    rows = [(i, 40 + i, 1 + i % 2, 100 + i) for i in range(20)]
    said = run("init", written(tmp_path / "x.csv", "Subject,Age,dead,time", rows), "--to", tmp_path / "new")
    assert said.code == 2
    assert "no level of dead called 1 or 2" in said.err


def test_a_stage_is_no_age():
    found = guess("stage", ["1", "2", "3", "4"] * 5)
    assert (found.type, guess("age_group", ["1", "2", "3"] * 5).type) == ("ordinal", "number")


def test_who_has_no_arm_is_left_out_as_the_message_says(run, tmp_path):
    rows = [(i, 40 + i, "AB"[i % 2] if i < 18 else "") for i in range(20)]
    said = run("init", written(tmp_path / "x.csv", "Subject,Age,Arm", rows), "--to", tmp_path / "new")
    assert said.code == 2
    line = 'where = "known(arm)"'
    assert f"leave these rows out with {line} in [frames.subjects]" in said.err
    file = tmp_path / "new" / "study.toml"
    text = file.read_text("utf-8")
    assert line in text
    file.write_text(
        text.replace('\nfile = "', f'\n{line}\nfile = "').replace("expected_n  = 20", "expected_n  = 18"),
        "utf-8",
    )
    again = run("check", tmp_path / "new")
    assert again.code == 0, again.all
    assert "18 patients" in again.out
