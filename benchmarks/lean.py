"""The lean script in R as jobs, where the machine has R, the script's packages and Chromium; what it lacks otherwise."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.measure import ROOT

SCRIPT = ROOT / "benchmarks" / "lean.R"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BOTH, HTML = "lean R script, HTML + PDF", "lean R script, HTML only"
ASK = 'for (name in commandArgs(TRUE)) if (nzchar(system.file(package = name))) cat(name, format(packageVersion(name)), "\\n")'


def packages() -> list[str]:
    """What the script loads."""
    return re.findall(r"^library\((\w+)\)$", SCRIPT.read_text("utf-8"), re.M)


def browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@functools.cache
def versions() -> dict[str, str]:
    """R, each package of the script and Chromium, those that are there."""
    found: dict[str, str] = {}
    if rscript := shutil.which("Rscript"):
        found["R"] = _told([rscript, "-e", "cat(format(getRversion()))"])
        told = _told([rscript, "-e", ASK, *packages()])
        found |= dict(re.findall(r"^(\S+) (\S+)", told, re.M))
    if chromium := browser():
        found["Chromium"] = next(iter(re.findall(r"\d[\d.]*", _told([chromium, "--version"]))), "")
    return found


def missing() -> list[str]:
    """What the jobs need and the machine hasn't."""
    there = versions()
    if "R" not in there:
        return ["Rscript", *([] if "Chromium" in there else ["Chromium"])]
    lacked = [f"the R package {name}" for name in packages() if name not in there]
    return [*lacked, *([] if "Chromium" in there else ["Chromium"])]


def told() -> list[str]:
    """What the jobs ran with, for the line on the machine; nothing where they were left out."""
    return [] if missing() else [" ".join(pair) for pair in versions().items()]


def commands(folder: Path) -> dict[str, list[str]]:
    """The jobs by name, none where anything is missing."""
    rscript, chromium = shutil.which("Rscript"), browser()
    if missing() or rscript is None or chromium is None:
        return {}
    study = str(ROOT / "data" / "cart")
    return {
        BOTH: [rscript, str(SCRIPT), study, str(folder / BOTH), chromium],
        HTML: [rscript, str(SCRIPT), study, str(folder / HTML)],
    }


def _told(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
