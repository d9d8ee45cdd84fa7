"""Step functions out of rows: Kaplan–Meier and cumulative incidence curves, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from report.arms import Look
from report.plot import Values
from report.scales import nice
from stats.results import Cell, Results


@dataclass(frozen=True)
class Step:
    """One step function as rows give it; `start` is its value at time 0."""

    group: str
    look: Look
    times: np.ndarray
    p: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray
    censored: np.ndarray
    start: float
    competing: bool = False  # whether it is of the event that competes

    def end(self, most: float) -> float:
        """Where the curve stops: at the last follow-up, or at the edge of the plot."""
        return min(float(self.times[-1]), most) if len(self.times) else 0.0


def read(cells: Sequence[Cell], group: str, look: Look, start: float, competing: bool = False) -> Step:
    """A step function from its cells, in order of time."""
    mine = sorted((c for c in cells if c.group == group and c.at is not None), key=lambda c: c.at or 0.0)
    p, lower, upper, at_risk, censored = (np.array([c.get(stat) for c in mine], dtype=float)
                                          for stat in ("p", "lower", "upper", "at_risk", "censored"))
    times = np.array([c.at for c in mine], dtype=float)
    return Step(group, look, times, p, lower, upper, at_risk, censored, start, competing)


def names(of: str | Sequence[str]) -> tuple[str, ...]:
    """The analyses an exhibit shows; a single one may be given as it is."""
    return (of,) if isinstance(of, str) else tuple(of)


def ticks(results: Results, name: str) -> tuple[float, ...]:
    """The analysis' own ticks; without any, round times that cover the curves."""
    given = sorted({c.at for c in results.select(name, "at_risk") if c.at is not None})
    if len(given) > 1:
        return tuple(given)
    last = max((c.at for c in results.select(name) if c.at is not None and c.variable.endswith("curve")), default=1.0)
    found = nice(0.0, last or 1.0)
    return tuple(found if found[-1] >= last else [*found, 2 * found[-1] - found[-2]])


def thinned(step: Step, wide: float, high: float, keep: float = 0.0) -> Step:
    """The step function with no more steps than can be told apart, when times go over `wide` and shares over `high`
    places: a step is left out that stands in the same place as the step before, with its interval.

    Nothing moves by a whole place. Kept are the first and last step, the one before fewer than `keep` are at risk and
    that one, and of censored times one for each place.
    """
    if len(step.times) < 3:
        return step
    places = [np.floor(step.times * wide), *(np.floor(part * high) for part in (step.p, step.lower, step.upper))]
    moved = np.zeros(len(step.times), dtype=bool)
    moved[0] = moved[-1] = True
    for place in places:
        moved[1:] |= (place[1:] != place[:-1]) & ~(np.isnan(place[1:]) & np.isnan(place[:-1]))
    run = np.cumsum(moved)
    marked = np.flatnonzero(step.censored > 0)
    moved[marked[np.unique(run[marked], return_index=True)[1]]] = True
    few = np.flatnonzero(step.at_risk < keep)
    if len(few):
        moved[max(few[0] - 1, 0):few[0] + 1] = True
    parts = {name: getattr(step, name)[moved] for name in ("times", "p", "lower", "upper", "at_risk", "censored")}
    return replace(step, **parts)


def stairs(start: float, times: Values, values: Values, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of a right-continuous step function from (0, start), cut or prolonged to `end`."""
    at, value = np.asarray(times, dtype=float), np.asarray(values, dtype=float)
    shown = at <= end
    at, value = at[shown], np.concatenate([[start], value[shown]])
    last = max(end, float(at[-1])) if len(at) else max(end, 0.0)
    return np.concatenate([[0.0], np.repeat(at, 2), [last]]), np.repeat(value, 2)


def band(step: Step, last: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (x, lower, upper) of the pointwise interval.

    Until the first change it is that of the first row where the curve hasn't left its start by then (everybody is at
    risk all that while), and has no width where it has. What changes where the curve ends has no interval after it.
    """
    end = step.end(last)
    inner = step.times < end
    still = len(step.p) > 0 and step.p[0] == step.start
    first = (float(step.lower[0]), float(step.upper[0])) if still else (step.start, step.start)
    xs, low = stairs(first[0], step.times[inner], step.lower[inner], end)
    _, high = stairs(first[1], step.times[inner], step.upper[inner], end)
    return xs, low, high
