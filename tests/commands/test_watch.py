"""watch: one build at the start, one after each change, and what changed in words."""

import _thread
import threading
import time
import urllib.error
import urllib.request

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
    assert said.code == 2
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


def test_a_changed_template_is_seen_and_a_changed_program_ends_the_watch(run, study, tmp_path, monkeypatch):
    """The first by looking at the templates' folder too, the second because what runs is not what lies on the disk."""
    codes = iter(["as it was", "as it was", "another"])
    looks = iter([{}, {}, {"report.html.j2": (1, 1)}])
    real = watch.state
    monkeypatch.setattr(watch.manifest, "code", lambda names=(): next(codes) if names == watch.PROGRAM else "0" * 64)
    monkeypatch.setattr(watch, "state", lambda folder: next(looks) if folder.name == "templates" else real(folder))
    said = run("watch", study, "--out", tmp_path / "out", "--seconds", "0.05", "--no-page")
    assert said.code == 3
    assert "Changed: templates/report.html.j2" in said.out
    assert "Start the watch again" in said.err


def test_the_page_has_an_address_while_it_is_watched(run, study, tmp_path):
    said = run("watch", study, "--out", tmp_path / "out", "--seconds", "0.05", "--times", "1", "--port", "0")
    assert said.code == 0
    address = said.out.split("Open ")[1].split(": it")[0]
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=5)  # it went with the watch


def test_what_no_change_would_mend_ends_the_watch_at_once(run, study, tmp_path):
    for words in (("--formats", "html,rtf"), ("--seconds", "-1"), ("--seconds", "nan"), ("--port", "99999"), ("--times", "-1")):
        said = run("watch", study, "--out", tmp_path / "out", *words)
        assert said.code == 2, words
        assert words[0] in said.err
        assert "fault of the program" not in said.err
    said = run("watch", tmp_path / "gone")
    assert (said.code, "there is no folder at" in said.err) == (2, True)


def test_a_machine_that_fails_has_built_nothing(run, study, tmp_path):
    (tmp_path / "strangers").mkdir()
    (tmp_path / "strangers" / "mine.txt").write_text("mine", "utf-8")
    said = run("watch", study, "--out", tmp_path / "strangers", "--no-page", "--times", "1")
    assert said.code == 3
    assert "E_WRITE" in said.err
    assert "Not built; there is no report yet. Watching." in said.out
    assert "Built" not in said.out


def test_its_own_report_inside_the_study_is_no_change(run, study, monkeypatch):
    monkeypatch.chdir(study)
    before = watch._inputs(study, study / "build" / "sixteen")
    assert run("build", ".", "--formats", "html", "--quiet").code == 0
    assert (study / "build" / "sixteen" / "report.html").is_file()
    assert watch._inputs(study, study / "build" / "sixteen") == before
