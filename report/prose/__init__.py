"""Sentences by kind of analysis: the file name is the kind.

Each file says how its addresses compare (`compare`), what one group showed (`state`), and offers the sentences of its
paragraph by name (`sentences`), which templates/paragraphs/<kind>.html.j2 puts in order.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from markupsafe import Markup

from report import population, words
from report.names import UnknownName
from report.patterns import PatternError
from report.prose import _plainly
from report.voice import Voice
from stats.groups import ALL, ARMS
from stats.results import Cell


@cache
def kind(name: str) -> ModuleType | None:
    """The prose of an analysis kind, or None where there is none."""
    known = {module.name for module in pkgutil.iter_modules(__path__)}
    module = name.replace("-", "_")
    return importlib.import_module(f"{__name__}.{module}") if module in known else None


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    """The comparison a contrast's address belongs to; None where the address compares nothing."""
    if cell.analysis not in voice.study.analyses or ":" not in cell.group:
        return None
    if cell.address not in voice.comparisons:
        prose = kind(voice.names.kind(cell.analysis))
        made = prose.compare(voice, cell) if prose is not None and hasattr(prose, "compare") else None
        voice.comparisons[cell.address] = made
    return voice.comparisons[cell.address]


def _said(voice: Voice, cell: Cell, tail: bool) -> Markup:
    prose = kind(voice.names.kind(cell.analysis)) if cell.analysis in voice.study.analyses else None
    if prose is None:
        return _plainly.state(voice, cell)
    if cell.group == ARMS:
        return Markup(prose.among(voice, cell))
    compared = compare(voice, cell)
    return words.sentence(compared, tail=tail) if compared is not None else Markup(prose.state(voice, cell))


def finding(voice: Voice, address: str, tail: bool = True) -> Markup:
    """One sentence for any address: a comparison for contrasts, else what the group showed."""
    cell = voice.cell(address)
    try:
        said = _said(voice, cell, tail)
    except (PatternError, UnknownName):  # a result that papers don't speak of: it lacks what their sentences ask for
        said = _plainly.state(voice, cell)
    return of_whom(voice, cell, words.tidied(said))


def of_whom(voice: Voice, cell: Cell, said: Markup) -> Markup:
    """A sentence about a result, saying of whom it is where that isn't everybody."""
    who = population.said(voice, cell.analysis) if cell.group != ALL else Markup()  # a sentence about all names them
    return Markup("Among {}, {}").format(who, words.lower_start(said)) if who else said
