"""Plant every bug of bugs.toml in a copy of the tree, run the tests named beside it, and write docs/planted-bugs.md.

python -m tests.planted.run            all of them (some minutes)
python -m tests.planted.run words.py   those whose file or effect has this text; the page stays as it is

The copy has no reference data beside it: what kills a bug here kills it on every machine. Exit 1 when one survives.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).resolve().parent / "bugs.toml"
PAGE = ROOT / "docs" / "planted-bugs.md"
COPIED = ("stats", "report", "templates", "tests", "docs", "data")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.png")
HEAD = """# Planted bugs

<!-- Written by `python -m tests.planted.run` from tests/planted/bugs.toml. -->

Do the tests notice? Each of these bugs changes a number or a word and crashes nothing. Each was planted in a copy of the
project and the tests named beside it were run, without any reference data but what the project carries itself.
"""


def bugs() -> list[dict[str, Any]]:
    return tomllib.loads(FILE.read_text("utf-8"))["bugs"]


def page(tried: Sequence[dict[str, Any]], verdicts: Sequence[str]) -> str:
    """The page for these verdicts, `killed` or `survived`."""
    rows = [
        f"| {i} | `{bug['file']}` | {bug['does']} | {verdict} by {', '.join(f'`{t}`' for t in bug['tests'])} |"
        if verdict == "killed"
        else f"| {i} | `{bug['file']}` | {bug['does']} | **survived** |"
        for i, (bug, verdict) in enumerate(zip(tried, verdicts, strict=True), start=1)
    ]
    killed = list(verdicts).count("killed")
    return "\n".join([HEAD, f"{killed} of {len(rows)} were killed.", "", "| | file | what it would do | |",
                      "|---|---|---|---|", *rows]) + "\n"  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    tried = [bug for bug in bugs() if all(word in bug["file"] + bug["does"] for word in arguments)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        _copy(copy)
        names = sorted({name for bug in tried for name in bug["tests"]})
        if not _passes(copy, names):
            print("Tests fail without any bug planted; mend them first.")
            return 1
        verdicts = []
        for i, bug in enumerate(tried, start=1):
            verdicts.append("survived" if _planted(copy, bug) else "killed")
            print(f"{i}/{len(tried)} {verdicts[-1]:<8} {bug['file']}: {bug['does']}", flush=True)
    if not arguments:
        PAGE.write_text(page(tried, verdicts), "utf-8")
    return int("survived" in verdicts)


def _copy(target: Path) -> None:
    target.mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=LEFT_OUT)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, target)
    (target / ".venv").symlink_to(ROOT / ".venv")


def _planted(copy: Path, bug: dict[str, Any]) -> bool:
    """Whether the tests pass with the bug in place; the file is as it was afterwards."""
    path = copy / bug["file"]
    sound = path.read_text("utf-8")
    assert sound.count(bug["old"]) == 1, f"{bug['file']} has not just one {bug['old']!r}"
    path.write_text(sound.replace(bug["old"], bug["new"]), "utf-8")
    try:
        return _passes(copy, bug["tests"])
    finally:
        path.write_text(sound, "utf-8")


def _passes(copy: Path, names: Sequence[str]) -> bool:
    # no bytecode: two edits of one file within a second would look the same
    given = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
    call = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *names]
    return subprocess.run(call, cwd=copy, env=given, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
