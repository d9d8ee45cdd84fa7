"""Build a report again and compare every byte; ask lifelines and tableone for its numbers."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report import manifest, plain
from report.commands import _options as options
from report.output import MachineFailed, Output
from report.progress import Progress
from stats.findings import Problem, Refused, counted

if TYPE_CHECKING:
    from stats.recompute import Opinion
    from stats.study.types import Study

SECONDED = ("survival", "characteristics")  # kinds of analyses that another engine is asked about


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py verify",
        description=__doc__,
        epilog="Exit 0: every byte and every compared number is the same; 2: something differs, or there is no report to verify.",
    )
    options.study(parser)
    parser.add_argument("--out", help="folder of the report (default: build/<study folder's name>)")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what differs")
    options.add(parser, "show-values", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 all the same, 2 something differs (or nothing to verify), 3 the machine failed."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    out = options.place(folder, asked.out)
    last = manifest.read(out)
    if last is None or "wish" not in last.get("about", {}):
        reason, remedy = f"there is no report with a manifest in {out}", "Build it first, or name its folder with --out"
        if (out / manifest.MANIFEST).is_file():
            reason, remedy = f"the manifest in {out} is none of ours, or was changed", "Build the report again"
        raise Refused([Problem("E_NO_REPORT", reason, manifest.MANIFEST, remedy=remedy)])
    about = last["about"]
    with Progress(4, quiet=asked.quiet) as progress:
        progress("Reading the report")
        said = list(_told(folder, out, last))
        progress("Building it again")
        from stats.study.read import read

        study = read(folder, allow_outside=about["wish"].get("allow_outside", False))
        differing, same = _again(study, out, last)
        progress("Asking lifelines and tableone")
        opinions = _opinions(study, about["wish"].get("allow_outside", False))
        progress("Comparing")
    failed = bool(said or differing or any(one.apart for one in opinions))
    for line in said:
        print(line, file=sys.stderr)
    if differing:
        many = f"{counted(len(differing), 'file')} differ{'s' if len(differing) == 1 else ''}"
        print(f"{many}: {', '.join(differing)}", file=sys.stderr)
    for line in _apart(opinions):
        print(line, file=sys.stderr)
    if not asked.quiet:
        print("\n".join(_summary(study, out, same, len(last["files"]), opinions, failed)))
    return 2 if failed else 0


def _told(folder: Path, out: Path, last: Mapping[str, Any]) -> Iterator[str]:
    """What can be said before anything is built: files touched since, inputs and program that are others now."""
    about = last["about"]
    touched = manifest.faults(out, dict(last))
    if touched:
        yield f"Changed or missing since the report was built: {', '.join(touched)}"
    changed = [name for name, value in about.get("inputs", {}).items() if manifest.current(folder, name) != value]
    if changed:
        yield f"Inputs that are not what the report was built from: {', '.join(changed)}"
    if about.get("code") != manifest.code():
        yield "The program is not the one that built the report."
    versions = manifest.versions(about.get("versions", {}))
    others = [
        f"{name} {was} → {versions.get(name, 'none')}"
        for name, was in about.get("versions", {}).items()
        if versions.get(name) != was
    ]
    if others:
        yield f"Packages of other versions: {', '.join(others)}"


def _digest(path: str) -> str:
    try:
        return manifest.digest(path)
    except OSError:
        return ""


def _again(study: Study, out: Path, last: Mapping[str, Any]) -> tuple[list[str], int]:
    """(names of files whose bytes differ or that only one of the two has, how many are the same)."""
    from report.build import build
    from report.counting import Counting

    wish = last["about"]["wish"]
    made = build(
        study,
        style=wish.get("style") or study.style,
        formats=tuple(wish["formats"]),
        code=last["about"]["code"],
        certify=wish.get("certify", False),
        counting=Counting(study, allow_outside=wish.get("allow_outside", False), beside=False),  # of an opinion, it loads all
    )
    if made.outcome["pdf"]:
        raise MachineFailed(*made.outcome["pdf"])
    with tempfile.TemporaryDirectory(prefix="resultwright-") as place:
        fresh = Path(place) / "report"
        with Output(fresh) as output:
            for name, content in made.files.items():
                output.write(name, content)
        names = sorted({*last["files"], *made.files})
        differing = [name for name in names if _digest(fresh / name) != _digest(out / name)]
    return differing, len(names) - len(differing)


def _opinions(study: Study, allow_outside: bool) -> list[Opinion]:
    """What other engines say; nothing of patients who are never all in memory, as they would have to be for them."""
    if study.patients_at_once:
        return []
    from stats import derive, intake, recompute
    from stats import run as counting

    frames, _ = intake.load(study, allow_outside=allow_outside)
    frames, _, _ = derive.derive_all(study, frames)
    return recompute.opinions(study, frames, counting.run(study, frames))


def _apart(opinions: Sequence[Opinion]) -> list[str]:
    rows = [
        (one.engine, apart.address, apart.stat, repr(apart.ours), repr(apart.theirs))
        for one in opinions
        for apart in one.apart
    ]
    return plain.table(("Engine", "Address", "Statistic", "Report", "Engine says"), rows)


def _summary(study: Study, out: Path, same: int, files: int, opinions: Sequence[Opinion], failed: bool) -> list[str]:
    """What was compared, and how it came out."""
    rows = [(one.analysis, one.engine, one.what, str(one.compared), str(len(one.apart))) for one in opinions]
    table = plain.table(("Analysis", "Asked", "About", "Compared", "Differ"), rows)
    rest = [name for name, one in study.analyses.items() if one.kind not in SECONDED or study.patients_at_once]
    lines = [f"{os.fspath(out)}: {same} of {files} files have the same bytes when built again.", "", *table]
    if rest:
        lines += ["", f"No second engine was asked about {', '.join(rest)}."]
    return [*lines, "", "Something differs." if failed else "Everything compared is the same."]
