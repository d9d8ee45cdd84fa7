"""diff: numbers, sentences and verdicts that changed between two reports."""

import json
import shutil

import pytest

from tests.sixteen import change


def later_death(study):
    """D5 lives a year longer: at 12 months three have died, not four."""
    text = (study / "subjects.csv").read_text("utf-8").splitlines()
    place = next(i for i, line in enumerate(text) if line.startswith("D5,"))
    cells = text[place].split(",")
    cells[6] = cells[7] = cells[6].replace("2022", "2023")
    text[place] = ",".join(cells)
    (study / "subjects.csv").write_text("\n".join(text) + "\n", "utf-8")


@pytest.fixture
def newer(run, study, tmp_path):
    later_death(study)
    assert run("build", study, "--out", tmp_path / "new", "--formats", "html", "--quiet").code == 0
    return tmp_path / "new"


def test_the_same_report_is_the_same(run, built):
    said = run("diff", built[1], built[1])
    assert said.code == 0
    assert said.out.endswith("The same results.\n")


def test_a_death_a_year_later(run, built, newer):
    said = run("diff", built[1], newer, "--json")
    found = json.loads(said.out)
    assert said.code == 1
    changed = {(one["address"], one["stat"]): (one["before"], one["after"]) for one in found["changed"]}
    assert changed["os/survival~12@D", "p"] == (0.5, 0.625)
    assert not any(address.startswith(("baseline/", "response/")) for address, _ in changed)
    assert any(one["address"].startswith("os/curve~") for one in found["appeared"])
    assert any(one["address"].startswith("os/curve~") for one in found["disappeared"])
    assert found["inputs"] == ["subjects.csv"]
    spoken = [one for one in found["sentences"] if one["section"] == "survival"]
    assert spoken
    assert any("was higher" in one["before"] and "did not differ" in one["after"] for one in spoken)
    assert found["claims"] == []


def test_the_same_in_words_with_long_lists_cut_short(run, built, newer):
    said = run("diff", built[1], newer)
    assert "os/survival~12@D" in said.out
    assert "more (--all)" in said.out
    assert "\n− " in said.out
    assert "\n+ " in said.out
    assert "more (--all)" not in run("diff", built[1], newer, "--all").out


def test_a_results_file_alone_has_numbers_only(run, built, newer):
    said = run("diff", built[1] / "results.csv", newer)
    assert said.code == 1
    assert "Sentences: not compared" in said.out


def test_a_verdict_that_changed(run, built, study, tmp_path):
    change(study / "study.toml", 'printed = { R = "75%" }', 'printed = { R = "74%" }')
    run("build", study, "--out", tmp_path / "new", "--formats", "html", "--quiet")
    said = run("diff", built[1], tmp_path / "new", "--json")
    assert json.loads(said.out)["claims"] == [
        {"quote": "Complete response was seen in 75% of the R group", "before": "supported", "after": "value mismatch"}
    ]


def test_study_folders_are_built_in_memory(run, built, study):
    later_death(study)
    before = sorted(study.iterdir())
    said = run("diff", built[0], study)
    assert said.code == 1
    assert "os/survival~12@D" in said.out
    assert sorted(study.iterdir()) == before


def test_what_cannot_be_compared(run, built, tmp_path):
    assert run("diff", built[1], tmp_path / "nowhere").code == 2
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    said = run("diff", built[1], tmp_path / "other.csv")
    assert said.code == 2
    assert "E_COLUMN_MISSING" in said.err
    shutil.copy(built[1] / "results.csv", tmp_path / "bent.csv")
    text = (tmp_path / "bent.csv").read_text("utf-8")
    (tmp_path / "bent.csv").write_text(text.replace("study,arms,,,all,n,2,,", "study,arms,,,all,n,two,,"), "utf-8")
    said = run("diff", built[1], tmp_path / "bent.csv")
    assert said.code == 2
    assert "E_NUMBER results.csv:5:value" in said.err
    row = text.splitlines()[4]
    (tmp_path / "bent.csv").write_text(text.replace(row, f"{row}\n{row}", 1), "utf-8")
    said = run("diff", built[1], tmp_path / "bent.csv")
    assert said.code == 2
    assert "E_DUP_KEY results.csv:6: study/arms@all has its n a second time" in said.err
