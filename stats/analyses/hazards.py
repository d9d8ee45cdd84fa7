"""Cox regression of a time to an event on one variable at a time, and on several together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

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

    `sizes` are (level, patients, events) of every declared level; empty for a number.
    """

    variable: str
    x: np.ndarray
    levels: tuple[str, ...]
    known: np.ndarray
    sizes: tuple[tuple[str, int, int], ...] = ()

    @property
    def smallest(self) -> dict[str, int]:
        """For each column the patients in the smaller of the two groups it compares; the known ones for a number."""
        count = {level: n for level, n, _ in self.sizes}
        if not self.levels or "" in self.levels:
            return {"": int(self.known.sum())}
        reference = next((n for level, n in count.items() if level not in self.levels and n > 0), 0)
        return {level: min(count[level], reference) for level in self.levels}


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
    seen = subjects[subjects[f"{endpoint}.time"].notna() & subjects[f"{endpoint}.status"].notna()]
    time = merge_ties(seen[f"{endpoint}.time"].to_numpy(float))
    event = (seen[f"{endpoint}.status"].to_numpy(float) == 1).astype(float)
    yield Row("events", "n", event.sum(), ALL)
    yield Row("events", "N", len(seen), ALL)
    yield Row("events", "missing", len(subjects) - len(seen), ALL)
    coded = {name: code(seen[name], event, reference) for name in dict.fromkeys([*variables, *together])}
    for variable in coded.values():
        yield from _counts(variable, event)
        yield from _alone(variable, time, event, confidence, fewest, ties)
    if together:
        yield from _together([coded[name] for name in together], time, event, confidence, fewest, ties)


def code(column: pd.Series, event: np.ndarray, reference: str = "") -> Coded:
    """A subject column as covariates; `reference` is the arm that the others are held against."""
    name = str(column.name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        names = [str(level) for level in column.cat.categories]
        sizes = tuple((level, int((codes == i).sum()), int(event[codes == i].sum())) for i, level in enumerate(names))
        if column.cat.ordered and name != "arm":
            return Coded(name, np.where(codes >= 0, codes, np.nan)[:, None], ("",), codes >= 0, sizes)
        base = names.index(reference) if name == "arm" and reference in names else 0
        if sizes[base][1] == 0:
            base = next((i for i, (_, n, _) in enumerate(sizes) if n), base)
        others = [i for i in range(len(names)) if i != base]
        x = np.where(codes[:, None] >= 0, codes[:, None] == np.array(others, dtype=int), np.nan)
        return Coded(name, x, tuple(names[i] for i in others), codes >= 0, sizes)
    x = column.to_numpy(float, na_value=np.nan)
    known = ~np.isnan(x)
    if not pd.api.types.is_bool_dtype(column.dtype):
        return Coded(name, x[:, None], ("",), known)
    sizes = tuple(
        (level, int((x == value).sum()), int(event[x == value].sum())) for level, value in (("yes", 1), ("no", 0))
    )
    return Coded(name, x[:, None], ("yes",), known, sizes)


def fitted(time: np.ndarray, event: np.ndarray, x: np.ndarray, confidence: float, ties: str = "efron") -> Fit:
    """Cox's model; with Firth's penalty where it has no finite maximum."""
    if x.shape[1] == 0:
        none = np.zeros(0)
        return Fit(none, none, none, none, none, (math.nan, math.nan), False, 0, 0, f"cox-{ties}", NOBODY)
    plain = regression.cox(time, event, x, confidence=confidence, ties=ties)
    if plain.converged:
        return plain
    penalised = regression.firth(time, event, x, confidence=confidence)
    return penalised if penalised.converged else plain


def _counts(variable: Coded, event: np.ndarray) -> Iterator[Row]:
    known, name = variable.known, variable.variable
    events = int(event[known].sum())
    crowded = events < EVENTS_PER_PARAMETER * max(1, variable.x.shape[1])
    yield Row(name, "n", int(known.sum()), ALL)
    yield Row(name, "missing", int((~known).sum()), ALL)
    yield Row(name, "events", events, ALL, note=CROWDED if crowded else "")
    for level, n, hits in variable.sizes:
        yield Row(name, "n", n, ALL, level)
        yield Row(name, "events", hits, ALL, level)


def _alone(
    variable: Coded, time: np.ndarray, event: np.ndarray, confidence: float, fewest: int, ties: str
) -> Iterator[Row]:
    used = _used([variable])
    fit = fitted(time, event, variable.x[:, used], confidence, ties)
    yield from _ratios(f"{variable.variable}.hazard", variable, fit, used, fewest)
    sizes = [size for level, size in variable.smallest.items() if size or not level]
    small = emit.too_small(sizes, fewest)
    if used.sum() > 1:
        found = emit.untested(fewest) if small else likelihood_ratio(fit)
        yield from emit.test(f"{variable.variable}.overall", ALL, found)
    elif used.sum() == 1 and not small and fit.method == f"cox-{ties}":
        penalised = regression.firth(time, event, variable.x[:, used], confidence=confidence)
        yield from emit.alternatives(variable.variable, ALL, [likelihood_ratio(fit), penalised.ratio(0)])


def _together(
    variables: Sequence[Coded], time: np.ndarray, event: np.ndarray, confidence: float, fewest: int, ties: str
) -> Iterator[Row]:
    complete = np.logical_and.reduce([variable.known for variable in variables])
    used = _used(variables, complete)
    x = np.column_stack([variable.x for variable in variables])[:, used]
    fit = fitted(time[complete], event[complete], x[complete], confidence, ties)
    events, parameters = int(event[complete].sum()), int(used.sum())
    crowded = events < EVENTS_PER_PARAMETER * max(1, parameters)
    yield Row("model", "n", int(complete.sum()), ALL)
    yield Row("model", "missing", int((~complete).sum()), ALL)
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
        regression.proportional_hazards(time[complete], event[complete], x[complete], ties=ties)
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
            emit.untested(fewest).note if small and not math.isnan(found.estimate) else found.note,
        )
