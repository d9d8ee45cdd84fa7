"""Building a bent study and telling what came of it, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import build_report
from tests.bad_inputs.case import Case
from tests.built import texts

ROOT = Path(__file__).resolve().parents[2]
BASE = Path(__file__).resolve().parent / "base" / "study"
WORDS = re.compile(r"\b(?:nan|NaN|None|NaT|-?inf)\b")


@dataclass(frozen=True)
class Outcome:
    exit: int
    out: str
    err: str

    @property
    def printed(self) -> str:
        return self.out + self.err


def command(*words: str) -> Outcome:
    """The command in this process, from its first word to its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = build_report.main(list(words))
        except SystemExit as stopped:  # argparse
            code = int(stopped.code or 0)
    return Outcome(code, out.getvalue(), err.getvalue())


def process(*words: str, **options: Any) -> Outcome:
    """The command as a user starts it."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "build_report.py"), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **options,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def bent(case: Case, folder: Path) -> Path:
    """A copy of the small study with the case's changes made to it."""
    copy(folder)
    for bend in case.bends:
        bend(folder)
    return folder


def copy(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for path in BASE.iterdir():
        shutil.copyfile(path, folder / path.name)
    return folder


def build(study: Path, out: Path, *options: str, runner: Any = command) -> Outcome:
    words = ["build", str(study), "--out", str(out), *options]
    return runner(*words, *([] if "--formats" in options else ["--formats", "html"]))


def digest(folder: Path) -> str:
    """One hash over names and bytes of everything in a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        total.update(f"{path.relative_to(folder)}\0".encode() + (path.read_bytes() if path.is_file() else b""))
    return total.hexdigest()


def results(out: Path) -> dict[str, float]:
    """'address statistic' → value of the published results."""
    found = {}
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            level = f"={line['level']}" if line["level"] else ""
            at = f"~{line['at']}" if line["at"] else ""
            found[f"{line['analysis']}/{line['variable']}{level}{at}@{line['group']} {line['stat']}"] = float(
                line["value"]
            )
    return found


def findings(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((out / "findings.json").read_text("utf-8"))
    return found


def bare_words(out: Path) -> list[str]:
    """What a report prints where a number should be and there is none; file names and hashes are left out."""
    html = (out / "report.html").read_text("utf-8")
    return [text.text for text in texts(html) if WORDS.search(text.text) and not text.inside("cite", "svg")]
