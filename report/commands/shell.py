"""Write the whole report without results, before any data exist: tables, captions, sentences with xx."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from report import manifest
from report.commands import _options as options
from report.output import MachineFailed, Output
from stats.findings import Problem, Refused, refuse_if_fatal

if TYPE_CHECKING:
    from stats.study.types import Study

FORMATS = ("html", "pdf")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py shell",
        description=__doc__,
        epilog="Needs the study file only, no data. It writes report-shell.html and report-shell.pdf. Words between [ | ] are "
        "chosen by the results; figures are empty frames of their size.",
    )
    options.study(parser)
    parser.add_argument("--out", help="folder for the shell (default: build/<study folder's name>-shell)")
    parser.add_argument("--style", help="journal style instead of the study's own")
    parser.add_argument("--formats", default=",".join(FORMATS), help=f"any of {','.join(FORMATS)} (default: all)")
    options.add(parser, "quiet", "show-values", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 written, 2 the study file refused, 3 the machine failed."""
    asked = arguments().parse_args(argv)
    formats = [word.strip() for word in asked.formats.split(",") if word.strip()]
    if not formats or not set(formats) <= set(FORMATS):
        raise Refused([Problem("E_OPTION", f"--formats knows {', '.join(FORMATS)}, not {asked.formats or 'nothing'}")])
    folder = Path(asked.study)
    out = Path(asked.out) if asked.out else Path("build") / f"{folder.resolve().name or 'study'}-shell"
    from stats.study.read import read

    study = read(folder)
    screen, printed = pages(study, asked.style or study.style)
    lacking = None
    with Output(out, {"about": {"study": study.short, "shell": True}}) as output:
        if "html" in formats:
            output.write("report-shell.html", screen)
        if "pdf" in formats:
            from report import pdf

            try:
                made = pdf.write(
                    printed,
                    {},
                    title=study.title,
                    identifier=manifest.digest_bytes(printed.encode()),
                    language=study.language,
                    authors=[study.short],
                    dated=study.data_cutoff,
                )
                output.write("report-shell.pdf", made)
            except MachineFailed as failed:
                lacking = failed  # HTML is written all the same
    if lacking:
        raise lacking
    if not asked.quiet:
        print(f"Wrote {', '.join(f'report-shell.{kind}' for kind in FORMATS if kind in formats)} in {out}.")
    return 0


def pages(study: Study, style: str) -> tuple[str, str]:
    """(the shell for the screen with its fonts, the same for print)."""
    from report import exhibits, page, shell
    from report.assemble import BANNER, page_of
    from report.compose import Composer, Facts
    from report.names import names
    from report.pieces import Pieces
    from report.style import load
    from report.voice import Voice
    from stats import derive, intake, synthesize
    from stats import run as counting
    from stats.results import Results

    with tempfile.TemporaryDirectory(prefix="resultwright-") as place:
        dummy, files = synthesize.study_and_files(study, Path(place))
        for name, text in files.items():
            (Path(place) / name).write_text(text, "utf-8")
        frames, problems = intake.load(dummy)
        refuse_if_fatal(problems)
        frames, _, ran = derive.derive_all(dummy, frames)  # what seems implausible is: nobody here exists
    counted = counting.run(dummy, frames)
    shown_as = replace(dummy, folder=study.folder, synthetic=True)
    results = Results(shell.undecided(names(shown_as), counted))
    voice = Voice(shown_as, results, load(style, names(shown_as), results))
    plan = shell.plan_without_results(exhibits.plan(shown_as))
    known = derive.definitions()
    facts = Facts({}, "", manifest.versions(), {key: known[key] for key in ran})

    def made(embedded: bool) -> str:
        composer = Composer(Pieces(voice, plan, shell.shown(plan, results, voice.style)), facts)
        return shell.masked(page_of(composer, composer.sections(), page.head(embedded=embedded)), BANNER)

    return made(embedded=True), made(embedded=False)
