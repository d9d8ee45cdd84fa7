"""Sentences by kind of analysis: the file name is the kind.

Each file says how its addresses compare (`compare`), what one group showed (`state`), and offers the sentences of its
paragraph by name (`sentences`), which templates/paragraphs/<kind>.html.j2 puts in order.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from markupsafe import Markup

from report import population, words
from report.voice import Voice
from stats.findings import nearest
from stats.groups import ALL, ARMS
from stats.results import Cell


def kind(name: str) -> ModuleType | None:
    """The prose of an analysis kind, or None where there is none."""
    known = {module.name for module in pkgutil.iter_modules(__path__)}
    module = name.replace("-", "_")
    return importlib.import_module(f"{__name__}.{module}") if module in known else None


def compare(voice: Voice, cell: Cell) -> words.Comparison | None:
    """The comparison a contrast's address belongs to; None where the address compares nothing."""
    prose = kind(voice.names.kind(cell.analysis))
    return prose.compare(voice, cell) if prose is not None and ":" in cell.group and hasattr(prose, "compare") else None


def finding(voice: Voice, address: str, tail: bool = True) -> Markup:
    """One sentence for any address: a comparison for contrasts, else what the group showed."""
    cell = voice.cell(address)
    prose = kind(voice.names.kind(cell.analysis))
    if prose is None:
        raise KeyError(f"nothing says {address} in words{nearest(address, ())}")
    compared = compare(voice, cell)
    if cell.group == ARMS:
        said = prose.among(voice, cell)
    else:
        said = words.sentence(compared, tail=tail) if compared is not None else prose.state(voice, cell)
    who = population.said(voice, cell.analysis) if cell.group != ALL else Markup()  # a sentence about all names them
    return Markup("Among {}, {}").format(who, words.lower_start(said)) if who else Markup(said)
