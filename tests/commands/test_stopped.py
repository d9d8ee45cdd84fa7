"""Stopped by Ctrl-C or by SIGTERM, alone or with builds beside: nothing is half written and nobody goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from report.manifest import complete
from tests.built import CART

PROGRAM = Path(__file__).resolve().parents[2] / "build_report.py"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def offspring(number: int) -> set[int]:
    """A process's children, and theirs."""
    try:
        text = Path(f"/proc/{number}/task/{number}/children").read_text("ascii")
    except OSError:
        return set()
    children = {int(word) for word in text.split()}
    # a pool starts its children from threads
    for task in Path(f"/proc/{number}/task").iterdir():
        children |= {int(word) for word in (task / "children").read_text("ascii").split()}
    return children.union(*map(offspring, children))


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def started(*words: object) -> subprocess.Popen[str]:
    # as the leader of a group of its own: a signal sent to it alone is heard by it alone
    return subprocess.Popen([sys.executable, str(PROGRAM), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)


@pytest.fixture
def two(tmp_path):
    """Two studies that take some seconds to build."""
    for name in ("one", "two"):
        shutil.copytree(CART, tmp_path / name)
    return [tmp_path / "one", tmp_path / "two"]


@pytest.mark.parametrize("sent", CODES)
@pytest.mark.parametrize("after", [0.3, 2.5])
def test_several_builds_end_with_the_one_that_began_them(two, tmp_path, sent, after):
    out = tmp_path / "all"
    process = started("build", *two, "--out", out, "--no-cache")
    assert process.stderr is not None
    while "Building" not in process.stderr.readline():
        pass
    time.sleep(after)
    running = offspring(process.pid)
    assert running
    process.send_signal(sent)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == CODES[sent], complained
    assert "Stopped. Finished before: " in complained
    assert "Traceback" not in complained + said
    assert "fault of the program" not in complained
    assert [number for number in running if alive(number)] == []
    for folder in out.iterdir() if out.exists() else []:
        assert folder.name in ("one", "two")
        assert complete(folder) is not None


@pytest.mark.parametrize("sent", CODES)
def test_a_second_signal_does_not_leave_builds_behind(two, tmp_path, sent):
    process = started("build", *two, "--out", tmp_path / "all", "--no-cache")
    time.sleep(1.5)
    running = offspring(process.pid)
    for _ in range(3):
        process.send_signal(sent)
        time.sleep(0.1)
    process.communicate(timeout=60)
    assert process.returncode == CODES[sent]
    assert [number for number in running if alive(number)] == []


@pytest.mark.parametrize("sent", CODES)
def test_one_build_puts_away_what_it_began(two, tmp_path, sent):
    process = started("build", two[0], "--out", tmp_path / "out", "--no-cache")
    assert process.stderr is not None
    while not process.stderr.readline().startswith("5/"):
        pass
    running = offspring(process.pid)
    process.send_signal(sent)
    _, complained = process.communicate(timeout=60)
    assert process.returncode == CODES[sent], complained
    assert "Stopped. Nothing finished before was changed." in complained
    assert [number for number in running if alive(number)] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_watch_ends_with_its_page_and_its_build(study, tmp_path):
    process = started("watch", study, "--out", tmp_path / "out", "--port", "0")
    assert process.stdout is not None
    while "Watching" not in process.stdout.readline():
        pass
    running = offspring(process.pid)
    assert running  # who serves the page
    process.terminate()
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 143, complained
    assert "Traceback" not in complained
    assert [number for number in running if alive(number)] == []


def test_a_watch_says_by_its_code_what_its_last_build_came_to(study, tmp_path):
    """A disk with no room for a report: the build fails, and so does what waited for it."""
    words = [sys.executable, str(PROGRAM), "watch", str(study), "--out", str(tmp_path / "out"), "--no-page", "--times", "1"]
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *words]
    done = subprocess.run(limited, capture_output=True, text=True, check=False, env=os.environ | {"RESULTWRIGHT_CACHE": "off"})
    assert done.returncode == 3, done.stderr
    assert "E_WRITE" in done.stderr
    assert "Not built" in done.stdout
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
