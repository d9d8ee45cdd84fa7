"""Make the files that a journal asks for: manuscript, tables, figures, supplement, checklist, limits, and a zip of all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from report import manifest
from report.commands import _options as options
from report.output import Output
from report.progress import Progress
from stats.findings import Problem, Refused, shown

if TYPE_CHECKING:
    from stats.disclosure.listings import Listing
    from stats.study.types import Study

STAGES = 8


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py package",
        description=__doc__,
        epilog="Nothing is sent anywhere. What only authors can write is marked as theirs in checklist.md and statements.md.",
    )
    options.study(parser)
    parser.add_argument("--style", help="journal style instead of the study's own")
    parser.add_argument("--out", help="folder for the package (default: build/<study folder's name>-<style>)")
    parser.add_argument(
        "--listings", action="store_true", help="add listings of single patients: new numbers, days instead of dates"
    )
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors (exit 2)")
    options.add(parser, "show-values", "allow-outside", "quiet", "debug")
    return parser


def _listings(study: Study, allow_outside: bool) -> list[Listing]:
    """The patients one by one; only what somebody asked for reaches them."""
    if study.patients_at_once:
        raise Refused([Problem("E_LISTINGS", "patients who are never all in memory can't be listed one by one", "study.toml",
                               column="study.patients_at_once", remedy="Leave --listings out")])
    from stats import derive, intake
    from stats.disclosure.listings import listings

    frames, _ = intake.load(study, allow_outside=allow_outside)
    return listings(study, derive.derive_all(study, frames)[0])


def run(argv: Sequence[str]) -> int:
    """0 made, 2 refused, 3 the machine failed."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    with Progress(STAGES, quiet=asked.quiet) as progress:
        progress("Reading the study file")
        from stats.study.read import read

        study = read(folder, allow_outside=asked.allow_outside)
        style = asked.style or study.style
        out = Path(asked.out) if asked.out else Path("build") / f"{folder.resolve().name or 'study'}-{style}"
        Output(out).look()
        from report.counting import Counting

        with Counting(study, allow_outside=asked.allow_outside, beside=not asked.listings) as counting:
            from report.build import prepare
            from report.submission import make

            made = prepare(
                study,
                style=style,
                code=manifest.code(),
                progress=progress,
                strict=asked.strict,
                drawn=make.DRAWN,
                counting=counting,
            )
        progress("Writing the files")
        files = make.files(study, made, _listings(study, asked.allow_outside) if asked.listings else ())
        progress("Writing the folder")
        manifest.refuse_if_changed(study.folder, dict(made.facts.inputs))
        about = {"study": study.short, "style": style, "inputs": dict(made.facts.inputs), "code": made.facts.code}
        with Output(out, about) as output:
            for name, content in files.items():
                output.write(name, content)
    for line in shown([p for p in made.problems if not p.code.startswith("V_")], asked.show_values):
        print(line, file=sys.stderr)
    if not asked.quiet:
        print(f"Packed {out}: {len(files)} files for {made.voice.style.title}")
    return 0
