"""Builds of data/cart beside the ordinary script, the lean one in R, and what the libraries alone take, in alternating rounds."""

from __future__ import annotations

import compileall
import hashlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import lean
from benchmarks.measure import ROOT, Measured, run

CART = ROOT / "data" / "cart"
LABEL = ('label = "Age"', 'label = "Age at infusion"')  # either way, one label changes
SHOWN = re.compile(r"^\[(?:\[sections\]|exhibits\..*)\]\n(?:(?![\[#]).*\n)*", re.M)  # a block of the study file
WITHOUT = {"claims", "ledger"}  # kinds of tables that neither script makes
VALUE = re.compile(r"(?<=^CA-01,D,)\d+(?=,)", re.M)  # a patient's age
BOTH = "cold, HTML + PDF"
PEER = "ordinary script, HTML + PDF"
READ, SET = "nothing but libraries and data read", "nothing but the finished page set by WeasyPrint"  # the floor


@dataclass
class Job:
    """A command with what is to be done before it, untimed; `runs` are its rounds, `peak` the memory of one more."""

    name: str
    command: list[str]
    environment: dict[str, str]
    before: Callable[[], None] = lambda: None
    runs: list[Measured] = field(default_factory=list)
    peak: float = 0.0

    def least(self, what: str) -> float:
        return min(getattr(one, what) for one in self.runs)

    def median(self, what: str) -> float:
        return statistics.median(getattr(one, what) for one in self.runs)


def jobs(folder: Path) -> list[Job]:
    """Every job in a folder of its own, each with its own copy of the study."""
    off = {"RESULTWRIGHT_CACHE": "off"}

    def cold(name: str, formats: str, change: Callable[[Path], None] = lambda study: None) -> Job:
        study, out = _copy(folder / name), folder / f"{name} out"
        change(study)
        return Job(name, _build(study, out, formats), off, lambda: shutil.rmtree(out, ignore_errors=True))

    def warm(name: str, change: Callable[[Path], None]) -> Job:
        study, out = _copy(folder / name), folder / f"{name} out"
        kept = {"RESULTWRIGHT_CACHE": str(folder / f"{name} cache")}
        command = _build(study, out, "html,pdf")
        run(command, kept)
        return Job(name, command, kept, lambda: change(study))

    made = [
        cold(BOTH, "html,pdf"),
        cold("cold, HTML only", "html"),
        cold("cold, all formats", "html,pdf,docx"),
        cold("cold, PDF alone", "pdf"),
        cold("cold, the scripts' sections alone, HTML + PDF", "html,pdf", alone),
        cold("cold, the scripts' sections alone, HTML only", "html", alone),
        warm("nothing changed", lambda study: None),
        warm("one label changed, HTML + PDF", lambda study: swap(study / "study.toml", *LABEL)),
        warm("one value changed, HTML + PDF", another),
    ]
    for name, options in ((PEER, []), ("ordinary script, HTML only", ["html"])):
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.ordinary", str(CART), str(folder / name), *options]
        made.append(Job(name, command, {}))
    page = folder / f"{BOTH} out" / "report.html"  # that round's
    for name, words in ((READ, ["html", str(CART)]), (SET, ["pdf", str(page), str(folder / "floor.pdf")])):
        made.append(Job(name, [sys.executable, "-m", "benchmarks.floor", *words], {}))
    return made + [Job(name, command, {}) for name, command in lean.commands(folder).items()]


def measured(folder: Path, rounds: int, say: Callable[[str], None]) -> list[Job]:
    """All jobs, one after the other in each round, so that what else the machine does falls on all of them alike."""
    for room in ("report", "stats"):  # as set-up leaves them
        compileall.compile_dir(ROOT / room, quiet=2)
    found = jobs(folder)
    for number in range(rounds + 1):
        for job in found:
            job.before()
            say(f"round {number + 1} of {rounds + 1}: {job.name}")
            one = run(job.command, job.environment, memory=number == rounds)
            if one.code:
                raise SystemExit(f"{job.name} ended with {one.code}:\n{one.output}")
            if number < rounds:
                job.runs.append(one)
            else:
                job.peak = one.peak  # looking at memory costs time, so this round isn't timed
    return found


def watch(folder: Path, saves: int) -> list[float]:
    """Seconds from saving a value to a page that shows it, under `watch`; the first save warms up and isn't counted."""
    study, out = _copy(folder / "watched"), folder / "watched out"
    port = str(20000 + os.getpid() % 20000)
    command = [sys.executable, str(ROOT / "build_report.py"), "watch", str(study), "--out", str(out), "--port", port]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        seen = _another(out / "report.html", "")
        times = []
        for _ in range(saves + 1):
            time.sleep(1.0)
            started = time.perf_counter()
            another(study)
            seen = _another(out / "report.html", seen)
            times.append(time.perf_counter() - started)
        return times[1:]
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _another(page: Path, before: str, patience: float = 120.0) -> str:
    """Wait until the page is there and is another than before; its hash."""
    until = time.perf_counter() + patience
    while time.perf_counter() < until:
        try:
            now = hashlib.sha256(page.read_bytes()).hexdigest()
        except OSError:  # the folder is just changing places
            now = before
        if now != before:
            return now
        time.sleep(0.005)
    raise SystemExit("watch: the page didn't change")


def swap(file: Path, one: str, other: str) -> None:
    """Write the other of two texts where one stands, so that each call changes the file."""
    text = file.read_text("utf-8")
    if one not in text and other not in text:
        raise SystemExit(f"{file.name} has neither {one!r} nor {other!r}")
    file.write_text(text.replace(other, one, 1) if other in text else text.replace(one, other, 1), "utf-8")


def alone(study: Path) -> None:
    """Leave the sections that the scripts have too, with their tables, figures and sentences; none of them has another."""
    file = study / "study.toml"
    text = file.read_text("utf-8")
    kinds = {name: exhibit["kind"] for name, exhibit in tomllib.loads(text)["exhibits"].items()}

    def kept(block: re.Match[str]) -> str:
        said = tomllib.loads(block[0])
        names = said["sections"][0].get("exhibits", ()) if "sections" in said else said["exhibits"]
        return block[0] if {kinds[name] for name in names} - WITHOUT else ""

    file.write_text(SHOWN.sub(kept, text), "utf-8")


def another(study: Path) -> None:
    """Make a patient a year older, so that each call brings data that no build has seen."""
    file = study / "subjects.csv"
    text = file.read_text("utf-8")
    found = VALUE.search(text)
    if not found:
        raise SystemExit(f"{file.name} has no patient CA-01")
    file.write_text(VALUE.sub(str(int(found[0]) % 60 + 1), text, count=1), "utf-8")


def _copy(place: Path) -> Path:
    shutil.copytree(CART, place, ignore=shutil.ignore_patterns("__pycache__", "generate", "*.py"))
    return place


def _build(study: Path, out: Path, formats: str) -> list[str]:
    return [
        sys.executable,
        str(ROOT / "build_report.py"),
        str(study),
        "--out",
        str(out),
        "--formats",
        formats,
        "--quiet",
    ]
