"""Propose a study folder from data files, every guess marked for a person."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from report.commands import _options as options
from report.output import MachineFailed
from stats.findings import Problem, Refused, counted

if TYPE_CHECKING:
    from stats.propose import Proposal


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py init",
        description=__doc__,
        epilog="Data: .csv .tsv .txt .xlsx .sav .sas7bdat .xpt .dta .parquet, a folder of these, and REDCap's data dictionary. "
        "The files are copied into the new folder. Exit 0: a study that can be built was proposed; 2: it needs a person first.",
    )
    parser.add_argument("data", nargs="+", help="data files, or folders of them")
    parser.add_argument("--to", help="the new folder (default: study-<name of the first file or folder>)")
    options.add(parser, "show-values", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 the proposal can be built as it is, 2 it can't yet, or nothing could be proposed."""
    asked = arguments().parse_args(argv)
    paths = [Path(name) for name in asked.data]
    target = Path(asked.to) if asked.to else Path(f"study-{paths[0].resolve().stem}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(
            [
                Problem(
                    "E_EXISTS",
                    f"{target} is there already and isn't empty",
                    target.name,
                    remedy="Choose another folder with --to; nothing is overwritten",
                )
            ]
        )
    from stats import propose

    tables, dictionaries = propose.read(paths)
    proposal = propose.propose(tables, dictionaries)
    used = {part.table.file for part in proposal.parts} | set(dictionaries)
    files = [one for path in paths for one in ([path] if path.is_file() else sorted(path.iterdir()))]
    text = propose.write(proposal, proposal.title or paths[0].resolve().stem.replace("_", " "), date.today())
    _fill(target, [one for one in files if one.name in used], text)
    print("\n".join(said(target, proposal, text)))
    from report.commands import check

    found = check.check(target)
    check.say(target, found, asked.show_values)
    return 2 if found.errors else 0


def _fill(target: Path, files: Sequence[Path], text: str) -> None:
    """The new folder with all that belongs in it, or none: half of one would stand in the way of the next try."""
    new = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for one in files:
            shutil.copyfile(one, target / one.name)
        (target / "study.toml").write_text(text, "utf-8")
    except BaseException as error:
        with suppress(OSError):
            for one in target.iterdir():
                one.unlink()
            if new:
                target.rmdir()
        if isinstance(error, OSError):
            raise MachineFailed.because(error, target, "E_WRITE", "--to") from error
        raise


def said(target: Path, proposal: Proposal, text: str) -> list[str]:
    """What was proposed, and what a person has to decide first."""
    subjects = proposal.subjects
    lines = [
        f"Proposed {target / 'study.toml'}: {counted(proposal.patients, 'patient')} from {subjects.table.name}, "
        f"{counted(sum(bool(column.type) for column in subjects.columns), 'column')}, "
        f"{counted(len(proposal.endpoints), 'endpoint')}."
    ]
    lines += [f"  {part.frame}: {part.table.name}" for part in proposal.parts[1:]]
    lines += [
        f"  arms: {', '.join(f'{key} ({label})' for key, label in proposal.arms.items())}"
        + (f"; could also be {', '.join(proposal.candidates[:5])}" if proposal.candidates else "")
    ]
    lines += [f"  endpoint {one.name}: {'; '.join(one.doubts) or 'from dates'}" for one in proposal.endpoints]
    lines += [f"  left out: {name}" for name in proposal.unused]
    lines += [
        f"  column left out: {column.source} ({'; '.join(column.doubts)})"
        for part in proposal.parts
        for column in part.columns
        if not column.type
    ]
    return [*lines, f"{text.count('# ?')} guesses are marked “# ?”. None of them is certain: read them all.", ""]
