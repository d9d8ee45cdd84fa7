"""check: everything that is wrong with a study, said at once; nothing is written."""

import json

from tests.sixteen import change


def test_a_sound_study_passes_and_writes_nothing(run, study):
    before = sorted(study.iterdir())
    said = run("check", study)
    assert said.code == 0, said.all
    assert "16 patients, no errors, no warnings. It can be built." in said.out
    assert sorted(study.iterdir()) == before


def test_study_file_and_data_are_both_complained_of(run, study):
    change(study / "study.toml", 'endpoint = "os"', 'endpoint = "oss"')  # an analysis names what isn't there
    change(study / "subjects.csv", "R1,R,23,M", "R1,R,two,M")
    said = run("check", study)
    assert said.code == 2
    assert "analyses.os.endpoint" in said.err
    assert "subjects.csv:2:age" in said.err
    assert "'two'" not in said.err
    assert "'two'" in run("check", study, "--show-values").err


def test_broken_cells_hide_nobody_elses_implausible_dates(run, study):
    text = (study / "subjects.csv").read_text("utf-8").splitlines()
    text[1] = text[1].replace("R1,R,23,M,NR,2021-02-04", "R1,R,23,M,NR,2021-02-31")  # no such day
    cells = text[9].split(",")
    cells[6] = "2019-01-01"  # died before infusion
    text[9] = ",".join(cells)
    (study / "subjects.csv").write_text("\n".join(text) + "\n", "utf-8")
    said = run("check", study)
    assert said.code == 2
    assert "subjects.csv:2:infused" in said.err
    assert "subjects.csv:10" in said.err
    assert said.err.count("subjects.csv:2:") == 1  # what follows from the missing date is not said as well


def test_an_unknown_address_of_a_claim_names_the_nearest(run, study):
    change(study / "study.toml", "response/cr.difference@R:D", "response/cr.diference@R:D")
    said = run("check", study)
    assert said.code == 2
    assert "claims.response.result" in said.err
    assert "did you mean 'response/cr.difference@R:D'" in said.err


def test_a_template_that_types_a_number(run, study):
    (study / "sections").mkdir()
    (study / "sections" / "own.html.j2").write_text("<p>Seven of 12 patients.</p>", "utf-8")
    said = run("check", study)
    assert said.code == 2
    assert "E_TEMPLATE_NUMBER sections/own.html.j2" in said.err


def test_warnings_pass_unless_strict(run, study):
    change(study / "study.toml", 'levels = ["CR", "NR"]', 'levels = ["CR", "PR", "NR"]')
    change(study / "study.toml", 'responses = ["CR"]', 'responses = ["CR", "PR"]')
    rows = (study / "subjects.csv").read_text("utf-8").replace("2024-12-31", "2024-12-30")
    (study / "subjects.csv").write_text(rows.replace("R2,R,26,F,NR,2021-03-07,", "R2,R,26,F,,2021-03-07,"), "utf-8")
    said = run("check", study)
    assert said.code == 0, said.all
    assert "W_" in said.err
    assert "It can be built" in said.out
    assert run("check", study, "--strict").code == 2


def test_json_has_every_finding(run, study):
    change(study / "subjects.csv", "R1,R,23,M", "R1,R,two,M")
    said = run("check", study, "--json")
    found = json.loads(said.out)
    assert said.code == 2
    assert found["errors"] == 1
    assert found["findings"][0]["row"] == 2
    assert "two" not in said.out


def test_no_study_file(run, tmp_path):
    said = run("check", tmp_path)
    assert said.code == 2
    assert "E_FILE_MISSING" in said.err
    assert "not checked: the data" in said.out.lower()


def test_few_patients_at_risk_are_warned_about_as_a_build_does(run, study, tmp_path):
    change(study / "study.toml", "at = [12]", "at = [12, 28.5]")
    built = run("build", study, "--out", tmp_path / "out", "--formats", "html", "--strict")
    said = run("check", study, "--strict")
    assert "FEW_AT_RISK" in built.err
    assert "W_FEW_AT_RISK" in said.err
    assert (built.code, said.code) == (2, 2)
    assert "It can’t be built under --strict." in said.out


def test_a_level_that_identifies_is_told_before_anything_is_printed(run, study, tmp_path):
    change(study / "study.toml", 'levels = ["CR", "NR"]', 'levels = ["CR", "NR", "Dr. Sommer"]')
    change(study / "subjects.csv", "R2,R,26,F,NR", "R2,R,26,F,Dr. Sommer")
    said = run("check", study)
    assert "W_PHI_PATTERN subjects.csv:3:response: the text looks like a person's name" in said.err
    assert "Sommer" not in said.err
    assert run("build", study, "--out", tmp_path / "out", "--formats", "html", "--strict").code == 2
    assert not (tmp_path / "out").exists()


def test_a_label_that_identifies_is_told_by_its_line(run, study):
    change(study / "study.toml", 'R = "Recipient"', 'R = "Dr. Sommer"')
    said = run("check", study)
    assert "W_PHI_PATTERN study.toml:" in said.err
    assert "arms.R: the text looks like a person's name" in said.err


def test_an_adjustment_without_a_family_adjusts_nothing(run, study):
    with (study / "study.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[methods]\nmultiplicity = "holm"\n')
    said = run("check", study)
    assert (said.code, "W_NO_FAMILY study.toml" in said.err) == (0, True), said.all
    change(study / "study.toml", 'endpoint = "os"', 'endpoint = "os"\nfamily = "main"')
    assert "W_NO_FAMILY" not in run("check", study).err
