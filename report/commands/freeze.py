"""Keep a data cut: read-only copies of a study's inputs with their hashes, in a folder with the cut-off date."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from report import cuts, manifest
from report.commands import _options as options
from report.output import MachineFailed
from stats.findings import Problem, Refused, refuse_if_fatal
from stats.study import paths


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_report.py freeze",
        description=__doc__,
        epilog="The cut is a study folder like any other: build it, verify it, or give it to diff.",
    )
    options.study(parser)
    parser.add_argument("--to", default="cuts", help="where cuts are kept (default: cuts)")
    options.add(parser, "quiet", "show-values", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 kept (or kept already), 2 refused, 3 the machine failed."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    from report.counting import optional, sources
    from stats.study.read import read

    study = read(folder)
    names = sources(study)
    refuse_if_fatal(_uncopied(folder, names))
    inputs = manifest.inputs(folder, names)
    target = Path(asked.to) / f"{folder.resolve().name}-{study.data_cutoff.isoformat()}"
    if target.exists():
        return _again(target, inputs, asked.quiet)
    about = {
        "study": study.short,
        "data_cutoff": study.data_cutoff.isoformat(),
        "inputs": inputs,
        "code": manifest.code(),
        "versions": manifest.versions(optional(study)),
    }
    stage = target.with_name(f".{target.name}.part")
    try:
        _keep(folder, stage, _copied(folder, list(inputs)), json.dumps(about, ensure_ascii=False, indent=1) + "\n")
        if manifest.inputs(stage, names) != inputs:
            raise Refused(
                [
                    Problem(
                        "E_INPUT_CHANGED",
                        "a file was changed while it was being copied",
                        folder.name,
                        remedy="Close the program that writes it, and freeze again",
                    )
                ]
            )
        stage.rename(target)
        target.chmod(0o555)
    except OSError as error:
        raise MachineFailed.because(error, target, "E_WRITE", "--to") from error
    finally:
        _remove(stage)
    if not asked.quiet:
        print(f"Kept {len(_copied(folder, list(inputs)))} files of {study.short} in {target}, read-only.")
    return 0


def _uncopied(folder: Path, names: Sequence[str]) -> list[Problem]:
    """Files that aren't there, and files that lie outside the folder: a copy could not be read by the same study file."""
    root = folder.resolve()
    problems = []
    for name in _copied(folder, names):
        path = (folder / name).resolve()
        if not path.is_file():
            problems.append(Problem("E_FILE_MISSING", f"there is no file at {path}", name))
        elif not os.access(path, os.R_OK):
            problems.append(
                Problem("E_FILE_UNREADABLE", f"{path} can't be read", name, remedy="Check who may read it")
            )
        elif not path.is_relative_to(root):
            problems.append(
                Problem(
                    "E_PATH_OUTSIDE",
                    f"the file lies outside the study folder, at {path}",
                    name,
                    remedy="Copy it into the study folder and name it there",
                )
            )
    return problems


def _copied(folder: Path, names: Sequence[str]) -> list[str]:
    """The files behind the names of inputs, each once; a pattern that matches nothing stays, to be told as missing."""
    return list(dict.fromkeys(one for name in names for one in (paths.behind(folder, name) or [name])))


def _again(target: Path, inputs: dict[str, str], quiet: bool) -> int:
    """The same cut once more is no harm; another under the same date is."""
    kept = cuts.inputs(target)
    if kept != inputs or cuts.changed(target):
        differ = sorted(name for name in {*kept, *inputs} if kept.get(name) != inputs.get(name)) or ["its files"]
        raise Refused(
            [
                Problem(
                    "E_EXISTS",
                    f"{target} holds another cut with the same date: {', '.join(differ)} differ",
                    target.name,
                    remedy="Enter the new data_cutoff in study.toml, or keep it elsewhere with --to",
                )
            ]
        )
    if not quiet:
        print(f"Kept already, the same files: {target}.")
    return 0


def _keep(folder: Path, stage: Path, names: Sequence[str], about: str) -> None:
    _remove(stage)
    stage.mkdir(parents=True)
    for name in names:
        copy = stage / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, copy)
        copy.chmod(0o444)
    (stage / cuts.LIST).write_text(about, "utf-8")
    (stage / cuts.LIST).chmod(0o444)
    for place, _, _ in os.walk(stage, topdown=False):
        if Path(place) != stage:
            os.chmod(place, 0o555)


def _remove(stage: Path) -> None:
    """What an interrupted copy left: ours, whatever its permissions."""
    if stage.exists():
        for place, _, _ in os.walk(stage):
            os.chmod(place, 0o755)
        shutil.rmtree(stage)
