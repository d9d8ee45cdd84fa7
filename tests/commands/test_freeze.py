"""freeze: a data cut that nobody changes by accident, and that every other command takes for a study."""

import json

import pytest

from tests.sixteen import change


@pytest.fixture
def cut(run, study, tmp_path):
    said = run("freeze", study, "--to", tmp_path / "cuts")
    assert said.code == 0, said.all
    return tmp_path / "cuts" / "sixteen-2024-12-31"


def test_a_cut_holds_the_inputs_and_is_read_only(cut, study):
    assert sorted(path.name for path in cut.iterdir()) == ["abstract.txt", "cut.json", "study.toml", "subjects.csv"]
    assert (cut / "subjects.csv").read_bytes() == (study / "subjects.csv").read_bytes()
    assert {path.stat().st_mode & 0o222 for path in [cut, *cut.iterdir()]} == {0}
    about = json.loads((cut / "cut.json").read_text("utf-8"))
    assert about["data_cutoff"] == "2024-12-31"
    assert sorted(about["inputs"]) == ["abstract.txt", "study.toml", "subjects.csv"]
    assert not list(cut.parent.glob(".*"))


def test_the_same_cut_twice_is_one(run, cut, study):
    said = run("freeze", study, "--to", cut.parent)
    assert said.code == 0
    assert "Kept already" in said.out


def test_other_data_under_the_same_date_are_refused(run, cut, study):
    change(study / "subjects.csv", "R1,R,23,M", "R1,R,24,M")
    said = run("freeze", study, "--to", cut.parent)
    assert said.code == 2
    assert "E_EXISTS" in said.err
    assert "subjects.csv differ" in said.err
    assert "R1,R,23,M" in (cut / "subjects.csv").read_text("utf-8")


def test_a_cut_can_be_checked_and_compared(run, cut, study):
    assert run("check", cut).code == 0
    assert run("diff", cut, study).code == 0
    change(study / "subjects.csv", "R1,R,23,M,NR", "R1,R,23,M,CR")
    said = run("diff", cut, study)
    assert said.code == 1
    assert "response/cr@R" in said.out


def test_a_cut_that_was_changed_is_told(run, cut, study):
    """It is read-only so that nobody changes it by accident; who does it on purpose is heard of."""
    for path in (cut, cut / "subjects.csv"):
        path.chmod(0o755)
    change(cut / "subjects.csv", "R1,R,23,M", "R1,R,24,M")
    said = "W_CUT_CHANGED cut.json: the cut was changed since it was kept: subjects.csv"
    checked = run("check", cut)
    assert checked.code == 0
    assert said in checked.err
    assert run("check", cut, "--strict").code == 2
    built = run("build", cut, "--formats", "html", "--out", cut.parent / "out", "--quiet")
    assert built.code == 0
    assert said in built.err
    assert run("build", cut, "--formats", "html", "--out", cut.parent / "strict", "--quiet", "--strict").code == 2
    assert said in run("diff", cut, study).err
    (cut / "cut.json").unlink()
    assert "W_CUT_CHANGED" not in run("check", cut).err


def test_what_cannot_be_kept(run, study, tmp_path):
    (tmp_path / "elsewhere.csv").write_bytes((study / "subjects.csv").read_bytes())
    (study / "subjects.csv").unlink()
    said = run("freeze", study, "--to", tmp_path / "cuts")
    assert (said.code, "E_FILE_MISSING" in said.err) == (2, True)
    (study / "subjects.csv").symlink_to(tmp_path / "elsewhere.csv")
    said = run("freeze", study, "--to", tmp_path / "cuts")
    assert (said.code, "E_PATH_OUTSIDE" in said.err) == (2, True)
    assert not (tmp_path / "cuts").exists()
