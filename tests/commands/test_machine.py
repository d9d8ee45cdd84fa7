"""What the machine refuses is said of the right file, with the option the command has, before the work is done."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "build_report.py"
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]  # also root may then only do what permissions allow
PATIENTS = "id,arm,age\n" + "".join(f"P{i},{'AB'[i % 2]},{40 + i}\n" for i in range(12))


@pytest.fixture
def humbly(tmp_path):
    """humbly(words) → (exit code, what was said) of a command run without privileges."""
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")

    def run(*words: object, limit: str = "") -> tuple[int, str]:
        command = [*UNPRIVILEGED, sys.executable, str(PROGRAM), *map(str, words), "--no-setup"]
        if limit:
            command = ["bash", "-c", f'{limit}; exec "$@"', "bash", *command]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return run


@pytest.fixture
def sealed(tmp_path):
    """A folder that nobody may write into."""
    place = tmp_path / "sealed"
    place.mkdir()
    place.chmod(0o555)
    return place


def test_a_half_made_study_is_taken_away_again(humbly, tmp_path):
    (tmp_path / "one.csv").write_text(PATIENTS + "\n" * 6000, "utf-8")
    code, said = humbly("init", "one.csv", "--to", "new", limit="ulimit -f 4")
    assert (code, "E_WRITE" in said, "one.csv)" in said) == (3, True, False), said
    assert not (tmp_path / "new").exists()
    assert humbly("init", "one.csv", "--to", "new")[0] == 0


def test_the_option_is_the_commands_own(humbly, study, sealed, tmp_path):
    (tmp_path / "one.csv").write_text(PATIENTS, "utf-8")
    for words in (("init", "one.csv", "--to", sealed / "new"), ("freeze", study, "--to", sealed)):
        code, said = humbly(*words)
        assert (code, "E_WRITE" in said, "with --to" in said) == (3, True, True), said


def test_a_file_that_may_not_be_read_is_no_matter_of_writing(humbly, study):
    (study / "subjects.csv").chmod(0)
    code, said = humbly("freeze", study)
    assert (code, "E_FILE_UNREADABLE subjects.csv" in said) == (2, True), said
    (study / "study.toml").chmod(0)
    code, said = humbly("check", study)
    assert (code, "study.toml" in said, "right to read it" in said, "write" in said) == (3, True, True, False), said


def test_a_package_is_refused_before_it_is_made(humbly, study, sealed):
    code, said = humbly("package", study, "--out", sealed / "out")
    assert (code, "E_WRITE" in said, "Reading the data" in said) == (3, True, False), said


def test_a_report_that_is_kept_from_writing_stays(humbly, study, tmp_path):
    words = ("build", study, "--out", tmp_path / "out", "--formats", "html", "--quiet")
    assert humbly(*words)[0] == 0
    (tmp_path / "out").chmod(0o555)
    code, said = humbly(*words, "--no-cache")
    assert (code, "E_WRITE" in said) == (3, True), said
    (tmp_path / "out").chmod(0o755)
    # what an earlier build could not remove: read-only, and in the way of the next
    left = tmp_path / ".out.resultwright-new"
    (left / "figures").mkdir(parents=True)
    (left / "figures" / "a.svg").write_text("", "utf-8")
    (left / "figures").chmod(0o555)
    left.chmod(0o555)
    assert humbly(*words, "--no-cache")[0] == 0
    assert not left.exists()


def test_an_option_that_a_command_lacks_is_not_advised(run, study, tmp_path):
    text = (study / "study.toml").read_text("utf-8")
    (tmp_path / "elsewhere.csv").write_text(PATIENTS, "utf-8")
    (study / "study.toml").write_text(text.replace('"subjects.csv"', '"../elsewhere.csv"'), "utf-8")
    for command in ("freeze", "shell"):
        assert "build and check read it with --allow-outside" in run(command, study).err
