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
from stats.study.toml import Place
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
    study, book = _as_meant(folder, tables, text)
    if study is not None:
        installed = installed or Installed()
        study = _listed(study, installed)
        check_data(study, book, installed, allow_outside)
        check_portions(study, book)
        check_outputs(study, book, installed)
        check_printed(study, book)
    order = sorted(range(len(book.problems)), key=lambda i: (book.problems[i].row or 0, i))
    return study, [book.problems[i] for i in order]


def _as_meant(folder: Path, tables: dict[str, Any], text: str) -> tuple[Study | None, Book]:
    """The study and a book of what is wrong with its form.

    A misspelt key is told once; the file is then read again with the key that was meant, so that what stands under it
    is looked at too and isn't missed everywhere else. Each round leaves fewer such keys, and blocks are not deep.
    """
    book = Book(text)
    study = schema.study(folder, tables, book)
    told: list[Problem] = []
    while book.misspelt:
        told += [problem for _, problem in book.misspelt.values()]
        for place, (key, _) in book.misspelt.items():
            tables = _with_key(tables, place, key)
        book = book.as_meant()
        study = schema.study(folder, tables, book)
    book.problems += told
    return study, book


def _with_key(tables: Any, place: Place, key: str) -> Any:
    """The tables with the key at this place called otherwise, in the same order."""
    first, *rest = place
    if isinstance(tables, list):
        return [_with_key(item, tuple(rest), key) if number == first else item for number, item in enumerate(tables)]
    if rest:
        return {name: _with_key(item, tuple(rest), key) if name == first else item for name, item in tables.items()}
    moved = tables[first]
    if key in tables:  # [fraes.subjects] beside [frames.events]
        return {name: _both(item, moved) if name == key else item for name, item in tables.items() if name != first}
    return {key if name == first else name: item for name, item in tables.items()}


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two tables in one, as if they stood under one name; where they disagree, the first counts."""
    shared = {name: _both(item, other[name]) for name, item in one.items()
              if isinstance(item, dict) and isinstance(other.get(name), dict)}
    return {**other, **one, **shared}


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
