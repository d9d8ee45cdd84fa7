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


@pytest.mark.parametrize(("cell", "form"), [("{:%d.%m.%y}", "%d.%m.%y"), ("{0.month}/{0.day}/{0:%y}", "%m/%d/%y")])
def test_years_of_two_figures_are_dates(run, tmp_path, cell, form):
    rows = [(i, 40 + i, cell.format(day), cell.format(day + timedelta(400 + i))) for day, i in DAYS]
    file = written(tmp_path / "x.csv", "Subject,Age,Infusion,Last contact", rows)
    assert run("init", file, "--to", tmp_path / "new").code == 0
    study = proposed(tmp_path / "new")
    assert study["frames"]["subjects"]["date_format"] == form
    assert study["study"]["data_cutoff"] == max(day + timedelta(400 + i) for day, i in DAYS)


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


def cohort() -> list[tuple[int, str, date, bool, date, date | None]]:
    """(number, arm, start, died, last seen, relapse) of forty patients: eight die of A's twenty, four of B's."""
    rows = []
    for i in range(40):
        start = date(2018, 1, 8) + timedelta(days=23 * i)
        died = i % 5 < 2 if i % 2 else i % 5 == 1
        last = start + timedelta(days=(150 if died else 700) + 7 * i)
        rows.append((i + 1, "BA"[i % 2], start, died, last, start + timedelta(days=90 + i) if i % 3 == 0 else None))
    return rows


def written_as(form: str, day: date | None) -> str:
    return day.strftime(form) if day else ""


WARDS = {
    "german": (
        "Pat.-Nr.;Therapiearm;Geschlecht;Datum Infusion;Todesdatum;Letzter Kontakt;Rezidiv am;LDH (U/l)",
        lambda i, arm, start, died, last, again: (
            f"{i:03d}", arm, "wm"[i % 2], written_as("%d.%m.%Y", start), written_as("%d.%m.%Y", last if died else None),
            written_as("%d.%m.%Y", last), written_as("%d.%m.%Y", again), f"{200 + i},5"),
    ),
    "french": (
        "N° patient;Bras;Sexe;Date d'inclusion;Décès;Date de décès;Date des dernières nouvelles;Date de rechute;LDH (U/L)",
        lambda i, arm, start, died, last, again: (
            f"P{i:02d}", arm, "FH"[i % 2], written_as("%d/%m/%Y", start), ("non", "oui")[died],
            written_as("%d/%m/%Y", last if died else None), written_as("%d/%m/%Y", last),
            written_as("%d/%m/%Y", again), f"{200 + i},5"),
    ),
    "spanish": (
        "Nº historia;Brazo;Sexo;Fecha de inicio;Fecha de muerte;Fecha último contacto;Fecha de recaída;LDH (U/L)",
        lambda i, arm, start, died, last, again: (
            1000 + i, arm, ("Mujer", "Hombre")[i % 2], written_as("%d/%m/%Y", start),
            written_as("%d/%m/%Y", last if died else None), written_as("%d/%m/%Y", last),
            written_as("%d/%m/%Y", again), f"{200 + i},5"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("ward", WARDS)
def test_headings_of_other_languages_are_known(run, tmp_path, ward):
    head, row = WARDS[ward]
    people = cohort()
    path = tmp_path / "ward.csv"
    text = "\n".join([head, *(";".join(map(str, row(*one))) for one in people)]) + "\n"
    path.write_bytes(text.encode("cp1252"))
    said = run("init", path, "--to", tmp_path / "new")
    assert said.code == 0, said.all
    study = proposed(tmp_path / "new")
    assert set(study["arms"]) == {"A", "B"}
    assert {"os", "pfs", "relapse"} <= set(study["endpoints"])
    columns = study["frames"]["subjects"]["columns"]
    assert columns["subject"]["source"] == head.partition(";")[0]
    # counted from the list above: deaths of each arm, and the median of LDH of all: 200.5 to 240.5
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="os", variable="events")
    for arm in "AB":
        assert told[arm, "n"] == str(sum(died for _, own, _, died, *_ in people if own == arm))
    told = counted(run, tmp_path / "new", tmp_path / "second", analysis="baseline", variable="ldh_u_l")
    assert float(told["all", "median"]) == 221.0


@pytest.mark.parametrize(
    ("head", "states", "names"),
    [
        ("patient_id,arm,os_months,vital_status,time_to_relapse_days,relapse", ("alive", "dead", "No", "Yes"), ("os", "relapse")),
        (
            "Patient,Gruppe,OS_Monate,OS_Status,PFS_Monate,PFS_Status",
            ("lebt", "verstorben", "kein Ereignis", "Ereignis"),
            ("os", "pfs"),
        ),
    ],
)  # fmt: skip
def test_times_and_states_in_words_make_endpoints(run, tmp_path, head, states, names):
    alive, dead, no, yes = states
    rows = [
        (i, arm, 4 + i, dead if died else alive, 3 + i, yes if again or (died and "pfs" in names) else no)
        for i, arm, _, died, _, again in cohort()
    ]
    said = run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 0, said.all
    study = proposed(tmp_path / "new")
    assert set(study["endpoints"]) == set(names)
    assert study["endpoints"]["os"]["status_values"] == {"event": [dead], "censored": [alive]}
    assert "variables" not in study["analyses"].get("baseline", {})  # how it ended is no characteristic
    assert "could also be" not in said.out
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="os", variable="events")
    assert int(told["A", "n"]) + int(told["B", "n"]) == sum(died for *_, died, _, _ in cohort())


def test_numbers_that_are_all_different_are_no_arms(run, tmp_path):
    rows = [(i, "AB"[i % 2], 30 + i) for i in range(4)]
    said = run("init", written(tmp_path / "x.csv", "Patient,Group,Age", rows), "--to", tmp_path / "new")
    assert "arms: A (A), B (B)\n" in said.out


def test_what_comes_later_is_no_arm_and_no_characteristic(run, tmp_path):
    head = "id,sex,prior_relapse,futime,death,last_status,reject,crtime,diagtime"
    rows = [(i, "fm"[i % 2], i % 3 % 2, 100 + i, i % 2, "ab"[i % 2], i % 4 // 2, 10 + i, 3 + i) for i in range(24)]
    said = run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 0, said.all
    assert "could also be sex, prior_relapse\n" in said.out
    assert proposed(tmp_path / "new")["analyses"]["baseline"]["variables"] == ["sex", "prior_relapse", "diagtime"]
    assert "# ? not taken: last_status, reject, crtime" in (tmp_path / "new" / "study.toml").read_text("utf-8")


@pytest.mark.parametrize(("here", "there"), [("ca-{:03d}", "CA-{:03d}"), ("{:03d}", "{}"), ("P{:02d}", "P {}")])
def test_patients_written_otherwise_in_a_second_table_are_named(run, tmp_path, here, there):
    one = written(tmp_path / "a.csv", "Patient,Age,Arm", [(here.format(i), 40 + i, "AB"[i % 2]) for i in range(1, 21)])
    two = written(tmp_path / "b.csv", "Patient,LDH", [(there.format(i), 200 + i) for i in range(1, 21)])
    said = run("init", one, two, "--to", tmp_path / "new")
    first = f"“{there.format(1)}” for “{here.format(1)}”"
    assert f"left out: b.csv (its patients are written otherwise, {first}: write them alike in both" in said.out


def test_a_total_below_a_text_is_no_patient(run, tmp_path):
    rows = [*((f"{i:03d}", 40 + i, "AB"[i % 2]) for i in range(1, 21)), ("Summe", 1010, "")]
    file = written(tmp_path / "x.csv", "Patient,Age,Arm", rows)
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 2
    assert "row 22 is a summary, not a patient: its id is Summe. Delete the row" in said.err
    assert proposed(tmp_path / "new")["study"]["expected_n"] == 20
    copy = tmp_path / "new" / "x.csv"
    copy.write_text("\n".join(copy.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8")
    assert run("check", tmp_path / "new").code == 0


def test_two_eyes_of_a_patient_get_advice_that_holds(run, tmp_path):
    rows = [(i, 40 + i, eye, int(eye == "left"), 10 + i, i % 2) for i in range(20) for eye in ("left", "right")]
    head = "id,age,eye,trt,time,status"
    said = run("init", written(tmp_path / "eyes.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 2
    assert "the rows of a patient were treated differently (trt)" in said.err
    assert "Keep one row per patient, such as those whose trt is 1, in a file of its own and run init on it" in said.err
    assert "numbers the rows" not in said.err
    alone = written(tmp_path / "treated.csv", head, [row for row in rows if row[3] == 1])
    said = run("init", alone, "--to", tmp_path / "new")
    assert said.code == 0, said.all
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="survival", variable="events")
    assert told["patients", "n"] == "10"


@pytest.mark.parametrize(
    ("name", "event"),
    [("cens", ["0 or 1"]), ("Censor", ["0 or 1"]), ("censored", ["0"]), ("CNSR", ["0"]), ("status", None)],
)
def test_a_censoring_column_is_asked_for_its_event(name, event):
    """In GBSG2, which lifelines and R's TH.data ship, cens is 1 for the 299 events."""
    time, status = guess("time", [str(i) for i in range(5, 50)]), guess(name, ["0", "1"] * 20)
    (found,) = endpoints((time, status), "", ())
    assert found.keys.get("status_values", {}).get("event") == event


def test_the_survival_of_gbsg2_is_not_turned_round(run, tmp_path):
    import lifelines

    file = Path(lifelines.__file__).parent / "datasets" / "gbsg2.csv"
    said = run("init", file, "--to", tmp_path / "new")
    assert said.code == 2
    assert "no word for yes or no in cens called 0 or 1. Known: 1, yes, true" in said.err
    toml = tmp_path / "new" / "study.toml"
    text = toml.read_text("utf-8").replace('event = ["0 or 1"], censored = ["0", "1"]', 'event = ["1"], censored = ["0"]')
    toml.write_text(text, "utf-8")
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="survival", variable="events")
    assert told["patients", "n"] == "299"


def test_rows_numbered_by_a_column_of_any_name_are_no_kinds(run, tmp_path):
    rows = [(i, 40 + i, "ab"[i % 2], 10 * k, 10 * k + 9, k + 1) for i in range(20) for k in range(1 + i % 3)]
    head = "ID,AGE,TREAT,TIME0,TIME1,EVENT"
    said = run("init", written(tmp_path / "x.csv", head, rows), "--to", tmp_path / "new")
    assert said.code == 0, said.all
    study = proposed(tmp_path / "new")
    assert (list(study["frames"]), study["frames"]["subjects"]["where"]) == (["subjects"], "event == '1'")
    assert study["analyses"]["baseline"]["variables"] == ["age"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("flag", "no word for yes or no in dead called ja"), ("number", "no number in dead called ja")],
)
def test_a_code_that_a_status_cannot_hold_is_refused(run, tmp_path, kind, said):
    """Both codes named as those of the censored, and a word nobody has as the event: nobody would have died."""
    folder = tmp_path / "mine"
    folder.mkdir()
    written(folder / "x.csv", "id,time,dead", [(i, 5 + i, i % 2) for i in range(12)])
    (folder / "study.toml").write_text(
        '[study]\ntitle = "T"\nshort = "S"\ndata_cutoff = 2024-01-01\n[arms]\np = "Patients"\n[frames.subjects]\n'
        'file = "x.csv"\n[frames.subjects.columns]\nsubject = { type = "id", source = "id" }\n'
        f'time = {{ type = "number" }}\ndead = {{ type = "{kind}" }}\n[endpoints.os]\ntime = "time"\nstatus = "dead"\n'
        'status_values = { event = ["ja"], censored = ["0", "1"] }\n[analyses.os]\nkind = "survival"\nendpoint = "os"\n',
        "utf-8",
    )
    found = run("check", folder)
    assert (found.code, said in found.err) == (2, True), found.all


def test_further_sheets_with_german_headings_are_known(run, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Patienten"
    tables = {
        "Patienten": [("ID", "Arm", "Alter", "Infusion"), *((f"{i:02d}", arm, 30 + i, day) for i, arm, day, *_ in cohort())],
        "Toxizität": [("ID", "Ereignis", "Grad", "Tag"), *((f"{i:02d}", "CRS", 1 + i % 3, 4) for i in range(1, 41, 4))],
        "Labor": [("ID", "Parameter", "Wert", "Einheit", "Tag"),
                  *((f"{i:02d}", "IL-6", 10 * i + tag, "pg/ml", tag) for i in range(1, 41) for tag in (0, 3, 7))],
    }  # fmt: skip
    for title, rows in tables.items():
        where = sheet if title == "Patienten" else book.create_sheet(title)
        for row in rows:
            where.append(row)
    book.save(tmp_path / "klinik.xlsx")
    said = run("init", tmp_path / "klinik.xlsx", "--to", tmp_path / "new")
    assert said.code == 0, said.all
    frames = proposed(tmp_path / "new")["frames"]
    assert {name: frame["sheet"] for name, frame in frames.items()} == {
        "subjects": "Patienten", "events": "Toxizität", "series": "Labor",
    }  # fmt: skip
    told = counted(run, tmp_path / "new", tmp_path / "out", analysis="toxicity", variable="crs", level="any")
    assert int(told["A", "n"]) + int(told["B", "n"]) == 10
