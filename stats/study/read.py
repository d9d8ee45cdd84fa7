"""study.toml to Study: parse, type, and compare every name, then show all problems at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stats.findings import Problem, Refused, refuse_if_fatal
from stats.study import paths, schema, toml
from stats.study.at_once import check_portions
from stats.study.check import check_data
from stats.study.kinds import Installed
from stats.study.letters import check_printed
from stats.study.outputs import check_outputs
from stats.study.part import Book
from stats.study.types import Study


def read(folder: Path, *, installed: Installed | None = None, allow_outside: bool = False) -> Study:
    """The study in this folder. Refused, carrying every problem found, when its file can't be used."""
    study, problems = examine(folder, installed=installed, allow_outside=allow_outside)
    refuse_if_fatal(problems)
    if study is None:
        raise Refused(problems)
    return replace(study, noted=tuple(problems))


def examine(folder: Path, *, installed: Installed | None = None,
            allow_outside: bool = False) -> tuple[Study | None, list[Problem]]:
    """The study (None when too little of it can be read) and every problem of its file, warnings included.

    `installed` says which kinds, styles and templates there are; by default those of this checkout. Data files outside
    the study folder are refused unless `allow_outside`.
    """
    folder = Path(folder)
    away = "" if allow_outside else paths.leads_away(folder)
    if away:
        reason, remedy = paths.outside(folder, away)
        return None, [Problem("E_PATH_OUTSIDE", reason, away, remedy=remedy)]
    try:
        tables, text = toml.load(folder)
    except Refused as refusal:
        return None, list(refusal.problems)
    book = Book(text)
    study = schema.study(folder, tables, book)
    if study is not None:
        installed = installed or Installed()
        check_data(study, book, installed, allow_outside)
        check_portions(study, book)
        check_outputs(study, book, installed)
        check_printed(study, book)
    order = sorted(range(len(book.problems)), key=lambda i: (book.problems[i].row or 0, i))
    return study, [book.problems[i] for i in order]
