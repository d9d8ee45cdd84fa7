"""Several studies in one call: each built in a process of its own, as many at a time as there are processors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from report import manifest
from stats.findings import Problem, Refused

PROGRAM = Path(__file__).resolve().parent.parent / "build_report.py"
# what a build came to, worst first; its exit code is that of the worst study
OUTCOMES = {3: "failed", 2: "refused", 5: "built, but R differs", 4: "built, with a statement that isn't supported", 0: "built"}


def build(studies: Sequence[str], options: Sequence[str], out: str | None) -> int:
    """Build every study with the same options; `out` is the folder in which each gets one of its own.

    What is to be said about a study is printed as soon as it is done, under its name; a table of all ends it.
    """
    folders = _folders(studies, out)
    codes: dict[str, int] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        running = {pool.submit(_one, study, [*options, "--out", str(folders[study])]): study for study in studies}
        for done in as_completed(running):
            study, ended = running[done], done.result()
            codes[study] = ended.returncode
            for text, stream in ((ended.stdout, sys.stdout), (ended.stderr, sys.stderr)):
                if text.strip():
                    print(f"{study}\n{_indented(text)}", end="", file=stream, flush=True)
    width = max(map(len, studies))
    for study in studies:
        about = (manifest.read(folders[study]) or {}).get("about", {}) if codes[study] not in (2, 3) else {}
        summary = about.get("outcome", {}).get("summary", "")
        print(f"{study:<{width}}  {OUTCOMES.get(codes[study], OUTCOMES[3])}{f': {summary}' if summary else ''}")
    return next((code for code in OUTCOMES if code in codes.values()), 3)


def _one(study: str, options: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), "build", study, *options, "--no-setup"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)


def _folders(studies: Sequence[str], out: str | None) -> dict[str, Path]:
    """Where each study's report goes. Refused when two would go to one place."""
    place = Path(out or "build")
    found = {study: place / (Path(study).resolve().name or "study") for study in studies}
    twice = [str(folder) for folder in dict.fromkeys(found.values()) if list(found.values()).count(folder) > 1]
    if twice or len(found) < len(studies):
        raise Refused([Problem("E_OPTION", f"two studies would be built into one folder: {', '.join(twice) or studies[0]}",
                               remedy="Name each study once; rename the folder of one, or build them one by one with --out")])
    return found


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines() if line.strip())
