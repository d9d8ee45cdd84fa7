"""The machine fails or somebody interrupts: the last report stays whole, and a sentence says what happened."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import report.build
from report import pango
from report.commands import watch
from report.manifest import complete
from tests.bad_inputs import bends, faults, running

SLOW = bool(os.environ.get("RESULTWRIGHT_SLOW"))
KILLS = 50 if SLOW else 6


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A report of the unbent study."""
    out = tmp_path / "reports" / "out"
    assert running.build(running.BASE, out).exit == 0
    return out


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The study with one age changed, so that there is something to build."""
    study = running.copy(tmp_path / "other")
    bends.cell(bends.SUBJECTS, 2, "age", "35")(study)
    return study


def test_a_kill_at_any_moment_leaves_the_old_report_or_the_new(good: Path, other: Path) -> None:
    begun = time.monotonic()
    assert faults.ended(faults.child(lambda: running.build(other, good.with_name("measured"), "--no-cache").exit)) == 0
    whole = time.monotonic() - begun
    chance = random.Random(7)
    moments = [*sorted(chance.uniform(0.0, 1.1 * whole) for _ in range(KILLS - 2)), 0.9 * whole, 0.97 * whole]
    seen = faults.kills(other, good, moments)
    assert sum(seen.values()) == KILLS
    assert seen["old"] > 0


def started(*words: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(running.ROOT / "build_report.py"), "build", *words, "--formats", "html"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


def test_control_c_ends_with_130_and_changes_nothing(good: Path, other: Path) -> None:
    before = running.digest(good)
    process = started(str(other), "--out", str(good))
    assert process.stderr is not None
    while not process.stderr.readline().startswith("3/"):
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert "Stopped" in err
    assert "Traceback" not in err
    assert running.digest(good) == before
    assert [path.name for path in good.parent.iterdir()] == ["out"]


def test_a_full_disk_ends_with_3_and_says_where(good: Path, other: Path) -> None:
    before = running.digest(good)

    def task() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        outcome = running.build(other, good)
        said = all(word in outcome.err for word in ("E_WRITE", "out/", "ulimit -f")) and "Traceback" not in outcome.err
        return outcome.exit if said else 1

    assert faults.ended(faults.child(task)) == 3
    assert running.digest(good) == before
    assert [path.name for path in good.parent.iterdir()] == ["out"]


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, with a copy of the study in it."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    running.copy(place / "study")
    yield place
    shutil.rmtree(place)


def as_nobody(study: Path, out: Path) -> Callable[[], int]:
    watch._warm()  # root's own Python may be closed to others: what a build loads is loaded before

    def task() -> int:
        os.setgid(65534)
        os.setuid(65534)
        outcome = running.build(study, out)
        return (
            outcome.exit
            if outcome.exit != 3
            or ("E_WRITE" in outcome.err and "--out" in outcome.err and "Reading the data" not in outcome.err)
            else 1
        )

    return task


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_folder_that_may_not_be_written_ends_with_3(public: Path, good: Path) -> None:
    (public / "locked").mkdir(mode=0o755)
    assert faults.ended(faults.child(as_nobody(public / "study", public / "locked" / "out"))) == 3
    assert list((public / "locked").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_study_that_may_only_be_read_is_built_elsewhere(public: Path, good: Path) -> None:
    before = running.digest(public / "study")
    (public / "open").mkdir()
    (public / "open").chmod(0o777)
    assert faults.ended(faults.child(as_nobody(public / "study", public / "open" / "out"))) == 0
    assert complete(public / "open" / "out")
    assert running.digest(public / "study") == before


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_nobody_listens_and_the_report_is_built_all_the_same(tmp_path: Path, closed: str) -> None:
    process = started(str(running.BASE), "--out", str(tmp_path / "out"))
    getattr(process, closed).close()
    kept = process.stderr if closed == "stdout" else process.stdout
    assert kept is not None
    said = kept.read()
    assert process.wait(timeout=300) == 0, said
    assert "pipe" not in said.lower()
    assert complete(tmp_path / "out")


def test_two_builds_at_once_leave_one_whole_report(tmp_path: Path) -> None:
    studies = [running.copy(tmp_path / name) for name in ("one", "two")]
    bends.cell(bends.SUBJECTS, 2, "age", "35")(studies[1])
    numbers = [faults.child(lambda study=study: running.build(study, tmp_path / "out").exit) for study in studies]  # type: ignore[misc]
    assert [faults.ended(number) for number in numbers] == [0, 0]
    assert complete(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "out", "two"]


def test_an_input_that_changes_meanwhile_is_refused(good: Path, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = running.digest(good), report.build.build

    def late(*words: object, **options: object) -> object:
        made = real(*words, **options)  # type: ignore[arg-type]
        bends.cell(bends.SUBJECTS, 3, "age", "52")(other)
        return made

    monkeypatch.setattr(report.build, "build", late)
    outcome = running.build(other, good)
    assert (outcome.exit, "E_INPUT_CHANGED subjects.csv" in outcome.err) == (2, True)
    assert running.digest(good) == before


@pytest.mark.parametrize("study", [running.BASE, running.ROOT / "data" / "cart"], ids=["short", "of many parts"])
def test_without_pango_pages_and_word_still_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, study: Path) -> None:
    monkeypatch.setattr(pango, "missing", lambda: "libpango-1.0.so.0")
    monkeypatch.setattr(pango, "apt_install", lambda *packages: False)
    outcome = running.build(study, tmp_path / "out", "--formats", "html,pdf,docx")
    assert outcome.exit == 3
    assert "E_PDF_ENGINE" in outcome.err
    assert pango.remedy() in outcome.err
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"report.html", "report.docx", "results.csv"}
    assert not (tmp_path / "out" / "report.pdf").exists()


def test_a_gigabyte_and_a_half_of_memory_is_enough(tmp_path: Path) -> None:
    limit = 3 << 29
    process = started(
        str(running.BASE),
        "--out",
        str(tmp_path / "out"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err


@pytest.mark.parametrize("megabytes", [400, 600])  # too little to read them, to load what counts them
def test_a_million_rows_in_too_little_memory_end_in_a_sentence(tmp_path: Path, megabytes: int) -> None:
    study, limit = running.copy(tmp_path / "study"), megabytes << 20
    with (study / bends.SERIES).open("a", encoding="utf-8") as file:
        file.writelines(
            f"P{n % 23 + 1:02},il6,2022-0{n % 9 + 1}-1{n % 10},{n % 100 + 1},pg/mL\n" for n in range(1_000_000)
        )
    process = started(
        str(study),
        "--out",
        str(tmp_path / "out"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    _, err = process.communicate(timeout=300)
    assert (process.returncode, "ran out of memory. Nothing was written." in err, "Traceback" in err) == (
        3,
        True,
        False,
    ), err
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
