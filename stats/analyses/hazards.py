"""Cox regression of a time to an event on one variable at a time, and on several together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.groups import ALL, FEWEST
from stats.methods import regression
from stats.methods.alternatives import likelihood_ratio
from stats.methods.regression import Fit
from stats.methods.survival import merge_ties
from stats.methods.types import Estimate, Test
from stats.results import Row

EVENTS_PER_PARAMETER = 10
CROWDED = "fewer than ten events per parameter"
NOBODY = "nobody has this level"


@dataclass(frozen=True)
class Coded:
    """A variable as covariates, n × p, nan where missing; `levels` names each column ('' for a number or an order).

    `sizes` are (level, patients, events) of every declared level; empty for a number. `patients` are those with a value, all
    of whom have a time; `untimed` says that others haven't.
    """

    variable: str
    x: np.ndarray
    levels: tuple[str, ...]
    known: np.ndarray
    patients: int
    sizes: tuple[tuple[str, int, int], ...] = ()
    untimed: bool = False

    @property
    def smallest(self) -> dict[str, int]:
        """For each column the patients in the smaller of the two groups it compares; the known ones for a number."""
        count = {level: n for level, n, _ in self.sizes}
        if not self.levels or "" in self.levels:
            return {"": self.patients}
        reference = next((n for level, n in count.items() if level not in self.levels and n > 0), 0)
        return {level: min(count[level], reference) for level in self.levels}

    def too_few(self, fewest: int) -> str:
        """Why a column with fewer patients is not tested. A level is a group; a number has none."""
        if not self.levels or "" in self.levels:
            return f"{emit.fewer(fewest)} have a known value"
        return f"{emit.fewer(fewest)} of a group {emit.TIMED}" if self.untimed else f"{emit.fewer(fewest)} in a group"


def analyse(
    subjects: pd.DataFrame,
    *,
    endpoint: str,
    variables: Sequence[str],
    multivariable: bool | Sequence[str] = False,
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    ties: str = "efron",
) -> Iterator[Row]:
    """`multivariable` puts all variables, or those named, into one further model of the patients who have all of them.

    A number counts per unit, an ordinal per step, a flag as yes against no, a category each level against the first
    that anybody has; the arm against the study's reference. Competing events censor.
    """
    together = tuple(variables) if multivariable is True else tuple(multivariable or ())
    named = list(dict.fromkeys([*variables, *together]))
    everybody = alike.patients(subjects, f"{endpoint}.time", f"{endpoint}.status", *named)
    seen = everybody[everybody[f"{endpoint}.time"].notna() & everybody[f"{endpoint}.status"].notna()]
    event = seen[f"{endpoint}.status"].to_numpy(float) == 1
    yield Row("events", "n", alike.size(seen, event), ALL)
    yield Row("events", "N", alike.size(seen), ALL)
    yield Row("events", "missing", alike.size(everybody) - alike.size(seen), ALL)
    untimed = len(seen) < len(everybody)
    coded = {name: replace(code(seen, name, event, reference), untimed=untimed) for name in named}
    followed = Followed(merge_ties(seen[f"{endpoint}.time"].to_numpy(float)), event.astype(float), alike.number(seen))
    for variable in coded.values():
        yield from _counts(variable, alike.size(seen), alike.size(seen, event & variable.known))
        yield from _alone(variable, followed, confidence, fewest, ties)
    if together:
        yield from _together(seen, [coded[name] for name in together], followed, confidence, fewest, ties)


@dataclass(frozen=True)
class Followed:
    """Times and events of the rows, and how many patients each stands for (None: one)."""

    time: np.ndarray
    event: np.ndarray
    often: np.ndarray | None

    def of(self, rows: np.ndarray) -> Followed:
        return Followed(self.time[rows], self.event[rows], None if self.often is None else self.often[rows])


def code(seen: pd.DataFrame, name: str, event: np.ndarray, reference: str = "") -> Coded:
    """A subject column as covariates; `reference` is the arm that the others are held against."""
    column = seen[name]

    def counted(level: str, who: np.ndarray) -> tuple[str, int, int]:
        return level, alike.size(seen, who), alike.size(seen, who & event)

    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        names = [str(level) for level in column.cat.categories]
        sizes = tuple(counted(level, codes == i) for i, level in enumerate(names))
        there = alike.size(seen, codes >= 0)
        if column.cat.ordered and name != "arm":
            return Coded(name, np.where(codes >= 0, codes, np.nan)[:, None], ("",), codes >= 0, there, sizes)
        base = names.index(reference) if name == "arm" and reference in names else 0
        if sizes[base][1] == 0:
            base = next((i for i, (_, n, _) in enumerate(sizes) if n), base)
        others = [i for i in range(len(names)) if i != base]
        x = np.where(codes[:, None] >= 0, codes[:, None] == np.array(others, dtype=int), np.nan)
        return Coded(name, x, tuple(names[i] for i in others), codes >= 0, there, sizes)
    x = column.to_numpy(float, na_value=np.nan)
    known = ~np.isnan(x)
    if not pd.api.types.is_bool_dtype(column.dtype):
        return Coded(name, x[:, None], ("",), known, alike.size(seen, known))
    sizes = tuple(counted(level, x == value) for level, value in (("yes", 1), ("no", 0)))
    return Coded(name, x[:, None], ("yes",), known, alike.size(seen, known), sizes)


def fitted(followed: Followed, x: np.ndarray, confidence: float, ties: str = "efron") -> Fit:
    """Cox's model; with Firth's penalty where it has no finite maximum."""
    if x.shape[1] == 0:
        none = np.zeros(0)
        return Fit(none, none, none, none, none, (math.nan, math.nan), False, 0, 0, f"cox-{ties}", NOBODY)
    seen = followed.time, followed.event, x
    plain = regression.cox(*seen, confidence=confidence, ties=ties, count=followed.often)
    if plain.converged:
        return plain
    penalised = regression.firth(*seen, confidence=confidence, count=followed.often)
    return penalised if penalised.converged else plain


def _counts(variable: Coded, seen: int, events: int) -> Iterator[Row]:
    name = variable.variable
    crowded = events < EVENTS_PER_PARAMETER * max(1, variable.x.shape[1])
    yield Row(name, "n", variable.patients, ALL)
    yield Row(name, "missing", seen - variable.patients, ALL)
    yield Row(name, "events", events, ALL, note=CROWDED if crowded else "")
    for level, n, hits in variable.sizes:
        yield Row(name, "n", n, ALL, level)
        yield Row(name, "events", hits, ALL, level)


def _alone(variable: Coded, followed: Followed, confidence: float, fewest: int, ties: str) -> Iterator[Row]:
    used = _used([variable])
    fit = fitted(followed, variable.x[:, used], confidence, ties)
    yield from _ratios(f"{variable.variable}.hazard", variable, fit, used, fewest)
    sizes = [size for level, size in variable.smallest.items() if size or not level]
    small = min(sizes, default=0) < fewest
    if used.sum() > 1:
        found = Test(math.nan, note=variable.too_few(fewest)) if small else likelihood_ratio(fit)
        yield from emit.test(f"{variable.variable}.overall", ALL, found)
    elif used.sum() == 1 and not small and fit.method == f"cox-{ties}":
        penalised = regression.firth(
            followed.time, followed.event, variable.x[:, used], confidence=confidence, count=followed.often
        )
        yield from emit.alternatives(variable.variable, ALL, [likelihood_ratio(fit), penalised.ratio(0)])


def _together(
    seen: pd.DataFrame, variables: Sequence[Coded], followed: Followed, confidence: float, fewest: int, ties: str
) -> Iterator[Row]:
    complete = np.logical_and.reduce([variable.known for variable in variables])
    used = _used(variables, complete)
    x = np.column_stack([variable.x for variable in variables])[:, used]
    among = followed.of(complete)
    fit = fitted(among, x[complete], confidence, ties)
    events, parameters = alike.size(seen, complete & (followed.event == 1)), int(used.sum())
    crowded = events < EVENTS_PER_PARAMETER * max(1, parameters)
    yield Row("model", "n", alike.size(seen, complete), ALL)
    yield Row("model", "missing", alike.size(seen, ~complete), ALL)
    yield Row("model", "events", events, ALL)
    yield Row("model", "parameters", parameters, ALL, note=CROWDED if crowded else "")
    done = 0
    for variable in variables:
        mine = used[done : done + variable.x.shape[1]]
        before = int(used[:done].sum())
        part = slice(before, before + int(mine.sum()))
        own = replace(fit, **{name: getattr(fit, name)[part] for name in ("coef", "se", "lower", "upper", "p_value")})
        yield from _ratios(f"{variable.variable}.adjusted", variable, own, mine, fewest)
        done += variable.x.shape[1]
    found = (
        regression.proportional_hazards(among.time, among.event, x[complete], ties=ties, count=among.often)
        if parameters
        else Test(math.nan, method="proportional-hazards", note="no patients")
    )
    yield from emit.test("proportionality", ALL, found)


def _used(variables: Sequence[Coded], rows: np.ndarray | None = None) -> np.ndarray:
    """Which columns can enter a model: those of levels that somebody has."""
    flags = []
    for variable in variables:
        inside = variable.known if rows is None else rows
        empty = [bool(level) and not (variable.x[inside, i] == 1).any() for i, level in enumerate(variable.levels)]
        flags += [not nobody for nobody in empty]
    return np.array(flags, dtype=bool)


def _ratios(name: str, variable: Coded, fit: Fit, used: np.ndarray, fewest: int) -> Iterator[Row]:
    """The ratio of each column; without a P value where a group it compares is too small."""
    place = 0
    for level, kept in zip(variable.levels, used, strict=True):
        found = fit.ratio(place) if kept else Estimate(math.nan, method=fit.method, note=NOBODY)
        place += int(kept)
        small = variable.smallest[level] < fewest
        yield from emit.estimate(name, ALL, found, level=level)
        yield Row(
            name,
            "p_value",
            math.nan if small else found.p_value,
            ALL,
            level,
            None,
            found.method,
            variable.too_few(fewest) if small and not math.isnan(found.estimate) else found.note,
        )
