"""Adds columns and frames: times, response, toxicity, kinetics. One file per subject matter, one verb: derive.

The order is fixed, because later steps read what earlier ones made: GVHD grades and CRS or ICANS grades of single
episodes; subject columns read out of long frames; times to event; response at the landmark (which asks who died before
it); cell counts over time and chimerism classes; times to the events that these made; outcomes (conditions over all of
these); toxicity; kinetics.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType

import pandas as pd

from stats.derive import icaht
from stats.findings import Problem, nearest
from stats.methods.types import Description
from stats.study.types import Study

ORDER = ("gvhd", "cart", "columns", "times", "response", "icaht", "chimerism", "times", "outcomes", "toxicity", "kinetics")


def derive_all(study: Study,
               frames: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Problem], list[str]]:
    """(frames with everything added, problems met, keys of the definitions used in order of first use).

    The frames given are not changed. Problems are returned, not raised: the caller refuses once, with all of them.
    """
    made: dict[str, pd.DataFrame] = dict(frames)
    problems: list[Problem] = []
    ran: dict[str, None] = {}
    for module in _modules():
        step = module.derive(study, made)
        made = step.frames
        problems += step.problems
        ran |= dict.fromkeys(step.ran)
    return made, list(dict.fromkeys([*problems, *_not_made(study, made)])), list(ran)


@cache
def definitions() -> dict[str, Description]:
    """Every definition by key, of the derivations and of the scales they use; a key defined twice is refused."""
    found: dict[str, Description] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        defined = getattr(importlib.import_module(f"{__name__}.{name}"), "DEFINITIONS", {})
        for key, description in defined.items():
            if key in found:
                raise ValueError(f"definition {key!r} is given twice")
            found[key] = description
    return found


def _not_made(study: Study, frames: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Derived columns the study declares that no derivation knows."""
    known = ("response_d28", "mrd_d28", *icaht.MAKES)
    return [Problem("E_UNKNOWN_DERIVED", f"no derivation makes {column.name}{nearest(column.name, known)}", "study.toml",
                    column=f"frames.subjects.columns.{column.name}.derived",
                    remedy=f"Known: {', '.join(known)}, NAME_class of a chimerism column NAME, and the flag NAME_split of two "
                           "or more columns NAME_LINEAGE. Of what stands in a frame a column is read with from = { … }")
            for column in study.subjects.columns.values() if column.derived and column.name not in frames["subjects"]]


@cache
def _modules() -> tuple[ModuleType, ...]:
    return tuple(importlib.import_module(f"stats.derive.{name}") for name in ORDER)
