"""Several studies in one call: each as if built alone, one table at the end, the worst exit code."""

import os
import shutil
import signal
import threading
import time

import pytest

from report import several
from report.commands import build
from stats.findings import Refused
from tests.sixteen import change


@pytest.fixture
def three(study, tmp_path):
    for name in ("b", "c"):
        shutil.copytree(study, tmp_path / "more" / name)
    return [study, tmp_path / "more" / "b", tmp_path / "more" / "c"]


def test_each_is_built_as_if_alone(run, three, tmp_path):
    said = run("build", *three, "--out", tmp_path / "all", "--formats", "html")
    assert said.code == 0, said.all
    assert run("build", three[1], "--out", tmp_path / "alone", "--formats", "html", "--quiet").code == 0
    for study in three:
        assert (tmp_path / "all" / study.name / "report.html").is_file()
    ours, alone = ((tmp_path / place / "report.html").read_bytes() for place in ("all/b", "alone"))
    assert ours == alone
    table = said.out.strip().splitlines()[-3:]
    assert [line.split("  ")[0].strip() for line in table] == [str(study) for study in three]
    assert all("built" in line and "patients" in line for line in table)


def test_the_worst_decides_and_the_others_are_built(run, three, tmp_path):
    change(three[1] / "subjects.csv", "R1,R,23,M", "R1,R,two,M")
    said = run("build", *three, "--out", tmp_path / "all", "--formats", "html")
    assert said.code == 2
    assert "E_NOT_NUMBER subjects.csv:2:age" in said.err
    assert "refused" in next(line for line in said.out.splitlines() if line.startswith(str(three[1])))
    assert not (tmp_path / "all" / "b").exists()
    assert (tmp_path / "all" / "c" / "report.html").is_file()


def test_two_of_one_name_are_refused(three, tmp_path):
    shutil.copytree(three[1], tmp_path / "other" / "b")
    with pytest.raises(Refused) as met:
        build.run([str(three[1]), str(tmp_path / "other" / "b"), "--out", str(tmp_path / "all")])
    assert "one folder" in met.value.problems[0].reason


def test_what_is_unchanged_is_said_and_quiet_says_nothing(run, three, tmp_path):
    words = ("build", *three[:2], "--out", tmp_path / "all", "--formats", "html")
    first = run(*words)
    assert [f"Building {study}" in first.err for study in three[:2]] == [True, True]
    change(three[1] / "subjects.csv", "R1,R,23,M", "R1,R,24,M")
    again = run(*words)
    outcomes = {line.split("  ")[0].strip(): line for line in again.out.splitlines() if "patients" in line}
    assert "  nothing changed since: " in outcomes[str(three[0])]
    assert "  built: " in outcomes[str(three[1])]
    quiet = run(*words, "--quiet")
    assert (quiet.code, quiet.out, "Building" in quiet.err) == (0, "", False)


STANDS_IN = """import pathlib, sys, time
study, out = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(study / "began").touch()
time.sleep(30 if study.name == "slow" else 0)
out.mkdir(parents=True)
(out / "manifest.json").write_text("{}")
"""


def test_ctrl_c_begins_nothing_more_and_says_what_was_finished(tmp_path, monkeypatch, capsys):
    (tmp_path / "program.py").write_text(STANDS_IN, "utf-8")
    monkeypatch.setattr(several, "PROGRAM", tmp_path / "program.py")
    monkeypatch.setattr(several, "PATIENCE", 0.1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    studies = [tmp_path / name for name in ("quick", "slow", "waiting")]
    for study in studies:
        study.mkdir()

    def interrupt() -> None:
        while not (tmp_path / "slow" / "began").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    begun = time.monotonic()
    code = several.build([str(study) for study in studies], [], str(tmp_path / "all"))
    assert time.monotonic() - begun < 20
    said = capsys.readouterr()
    assert code == 130
    assert f"Finished before: {studies[0]}. Reports of the others are as they were." in said.err
    table = [line.rpartition("  ")[2] for line in said.out.splitlines()]
    assert table == ["built", "stopped, as it was before", "stopped, as it was before"]
    assert not (tmp_path / "waiting" / "began").exists()


def test_a_build_that_died_failed(tmp_path, monkeypatch, capsys):
    (tmp_path / "program.py").write_text("import os\nos.kill(os.getpid(), 9)\n", "utf-8")
    monkeypatch.setattr(several, "PROGRAM", tmp_path / "program.py")
    assert several.build(["one", "other"], [], str(tmp_path / "all"), quiet=False) == 3
    assert capsys.readouterr().out.split() == ["one", "failed", "other", "failed"]
