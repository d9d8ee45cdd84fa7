"""study.toml to Study: parse, type, and compare every name, then show all problems at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stats.findings import Problem, Refused, refuse_if_fatal
from stats.study import paths, schema, toml
from stats.study.at_once import check_portions
from stats.study.check import check_data
from stats.study.kinds import Installed, Kind
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
        study = _listed(study, installed)
        check_data(study, book, installed, allow_outside)
        check_portions(study, book)
        check_outputs(study, book, installed)
        check_printed(study, book)
    order = sorted(range(len(book.problems)), key=lambda i: (book.problems[i].row or 0, i))
    return study, [book.problems[i] for i in order]


def _listed(study: Study, installed: Installed) -> Study:
    """The study with lists where a list of texts was written as its only text: variables = "age"."""
    analyses = {name: replace(one, options=_lists(one.options, installed.analyses.get(one.kind)))
                for name, one in study.analyses.items()}
    exhibits = {name: replace(one, options=_lists(one.options, installed.exhibits.get(one.kind)))
                for name, one in study.exhibits.items()}
    return replace(study, analyses=analyses, exhibits=exhibits)


def _lists(options: Mapping[str, Any], kind: Kind | None) -> Mapping[str, Any]:
    known = kind.options if kind is not None else {}
    return {name: (value,) if isinstance(value, str) and name in known and not known[name].accepts(value)
            and known[name].accepts([value]) else value for name, value in options.items()}
