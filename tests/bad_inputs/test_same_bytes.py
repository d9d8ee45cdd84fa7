"""Two builds of one study under every difference that machines and people have: every byte of every file is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bad_inputs import running

SLOW = bool(os.environ.get("RESULTWRIGHT_SLOW"))
# The clock is set back or forward in the process itself, before anything is imported.
CLOCK = """
import sys, time
real, at = time.localtime, float(sys.argv.pop(1))
time.time = lambda: at
time.time_ns = lambda: int(at * 1e9)
time.localtime = lambda seconds=None: real(at if seconds is None else seconds)
import build_report
sys.exit(build_report.main(sys.argv[1:]))
"""
VARIATIONS = {
    "elsewhere": {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "12345",
        "HOME": "/nonexistent",
        "OPENBLAS_NUM_THREADS": "2",
    },
    "otherwise": {
        "TZ": "America/Los_Angeles",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "COLUMNS": "40",
        "TERM": "dumb",
        "MPLBACKEND": "TkAgg",
        "SOURCE_DATE_EPOCH": "1",
    },
}


def build(study: Path, out: Path, clock: float, umask: int, **environment: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    words = ["build", str(study), "--out", str(out), "--formats", "html,pdf,docx", "--quiet", "--no-cache"]
    done = subprocess.run(
        [sys.executable, "-c", CLOCK, str(clock), *words],
        cwd=running.ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        umask=umask,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def files(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("here")
    build(running.copy(place / "study"), place / "out", 1_700_000_000, 0o022)
    return files(place / "out")


@pytest.mark.parametrize("name", list(VARIATIONS) if SLOW else ["elsewhere"])
def test_every_byte_is_the_same(name: str, tmp_path: Path, here: dict[str, bytes]) -> None:
    place = tmp_path / "a folder with é and a space"
    fonts = tmp_path / "empty.conf"
    fonts.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>\n')
    study = running.copy(place / "the study")
    (study / "notes.txt").write_text("somebody's notes, which are no input\n")
    clock = {"elsewhere": 4_070_908_800, "otherwise": 330_000_000}[name]
    build(study, place / "out", clock, 0o077, FONTCONFIG_FILE=str(fonts), **VARIATIONS[name])
    there = files(place / "out")
    assert set(there) == set(here)
    assert [file for file in here if there[file] != here[file]] == []
    assert {"report.html", "report.pdf", "report.docx", "results.csv", "manifest.json"} <= set(here)
