"""watch: one build at the start, one after each change, and what changed in words."""

import _thread
import threading
import time

import pytest

from report.commands import watch
from tests.sixteen import change


def test_a_change_is_built_and_told(run, study, tmp_path):
    ended = threading.Event()

    def edit():
        for _ in range(1200):
            if (tmp_path / "out" / "manifest.json").is_file():
                time.sleep(0.3)
                change(study / "subjects.csv", "R1,R,23,M,NR", "R1,R,23,M,CR")
                break
            time.sleep(0.05)
        if not ended.wait(60):
            _thread.interrupt_main()  # as Ctrl-C: builds that never come must not hold the tests up

    editing = threading.Thread(target=edit, daemon=True)
    editing.start()
    said = run("watch", study, "--out", tmp_path / "out", "--seconds", "0.05", "--times", "2")
    ended.set()
    editing.join(1)
    assert said.code == 0, said.all
    assert "Changed: subjects.csv" in said.out
    assert "Numbers:" in said.out
    assert "Complete response was seen in 75% of the R group: supported → value mismatch" in said.out
    assert "\n  + " in said.out


def test_a_broken_file_is_told_and_the_watch_goes_on(run, study, tmp_path):
    assert run("build", study, "--out", tmp_path / "out", "--formats", "html", "--quiet").code == 0
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    change(study / "subjects.csv", "R1,R,23,M", "R1,R,two,M")
    said = run("watch", study, "--out", tmp_path / "out", "--seconds", "0.05", "--times", "1")
    assert said.code == 0
    assert "E_NUMBER" in said.err or "subjects.csv:2:age" in said.err
    assert "Not built" in said.out
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("subjects.csv", True),
        ("~$subjects.xlsx", False),
        (".DS_Store", False),
        ("sections/own.html.j2", True),
        ("__pycache__/x.pyc", False),
    ],
)
def test_which_files_count(study, name, seen):
    before = watch.state(study)
    (study / name).parent.mkdir(exist_ok=True)
    (study / name).write_text("changed", "utf-8")
    assert watch.changed(before, watch.state(study)) == ([name] if seen else [])
