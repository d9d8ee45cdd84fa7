"""The patients behind the counts of each kind of analysis, found from the data once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from stats.disclosure.members import COUNTS, Counted, Key, Mask, Part, of_study, part, size
from stats.groups import ALL
from stats.methods import survival as km
from stats.methods.ticks import chosen
from stats.results import Results, Row
from stats.study.roles import subject_columns
from stats.study.types import Study

STEPS = {"days": 7.0, "weeks": 1.0, "months": 1.0, "years": 0.25}  # what times of curves are rounded up to


def found(study: Study, frames: Mapping[str, pd.DataFrame], results: Results) -> dict[Key, Counted]:
    """Every count whose patients are known and are as many as it says, by (address, statistic)."""
    every = [*of_study(study, frames["subjects"], size(frames))]
    for analysis in study.analyses.values():
        mine = part(study, analysis, frames, results)
        whole = np.ones(len(mine.subjects), dtype=bool)
        for group in mine.groups:
            every += mine.counted("population", "n", whole, (), 0, each=(group,))
        outside = ~np.logical_or.reduce([who for group, who in mine.groups.items() if group != ALL])
        every += mine.counted("population", "missing", outside, (), 1, each=(ALL,))
        if analysis.kind == "flow":
            every += _flow(mine, len(frames["subjects"]))
        elif analysis.kind in KINDS:
            every += KINDS[analysis.kind](mine)
    known = {one.key: one for one in every}
    stated = {(row.address, row.stat): row.value for row in results.rows if row.stat in COUNTS}
    return {key: one for key, one in known.items() if key not in stated or stated[key] == one.who.sum()}


def _flow(part: Part, patients: int) -> Iterator[Counted]:
    """Those screened are other rows than the patients; nobody says which of them became which."""
    screening = part.frames[1]
    inside = np.ones(len(screening), dtype=bool)

    def counted(variable: str, who: Mask, level: str = "", order: int = 2) -> Counted:
        mask = np.zeros(part.size, dtype=bool)
        mask[patients:] = who
        row = Row(variable, "n", 0, ALL, level, analysis=part.analysis.name)
        return Counted((row.address, "n"), mask, "screened", frozenset({"flow"}), order)

    yield counted("screened", inside, order=1)
    yield from part.counted("analysed", "n", np.ones(len(part.subjects), dtype=bool), (), 0, each=(ALL,))
    reason = str(part.options.get("reason", ""))
    for stage in part.options["stages"]:
        passed = inside & screening[stage].fillna(False).to_numpy(dtype=bool)
        lost = inside & ~passed
        yield counted(stage, passed)
        yield counted(f"{stage}.lost", lost, order=3)
        why = (
            screening[reason].astype(object).fillna("reason not recorded").astype(str).to_numpy()
            if reason
            else np.array([])
        )
        for text in sorted(set(why[lost])) if reason else ():
            yield counted(f"{stage}.lost", lost & (why == text), text, 4)
        inside = passed


def _characteristics(part: Part) -> Iterator[Counted]:
    for variable in part.options["variables"]:
        yield from _variable(part, variable, "N")


def _variable(part: Part, variable: str, total: str) -> Iterator[Counted]:
    """A column: of whom it is known, and who has each level."""
    column, about = part.subjects[variable], (f"column {variable}",)
    known = column.notna().to_numpy(dtype=bool)
    measured = column.to_numpy(float, na_value=np.nan) if pd.api.types.is_float_dtype(column.dtype) else None
    yield from part.counted(variable, "n", known, about, 1, of=measured)
    yield from part.counted(variable, "missing", ~known, about, 1)
    for level, who in _levels(column, total):
        yield from part.counted(variable, "n", who, about, 2, level)
        if total:
            yield from part.counted(variable, total, known, about, 1, level)


def _levels(column: pd.Series, total: str) -> Iterator[tuple[str, Mask]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        for level in column.cat.categories:
            yield str(level), (column == level).to_numpy(dtype=bool, na_value=False)
    elif pd.api.types.is_bool_dtype(column.dtype):
        yield "yes", (column == True).to_numpy(dtype=bool, na_value=False)  # noqa: E712  # nullable
        if not total:
            yield "no", (column == False).to_numpy(dtype=bool, na_value=False)  # noqa: E712


def _proportion(part: Part) -> Iterator[Counted]:
    for outcome in part.options["outcomes"]:
        column, about = part.subjects[f"{outcome}.outcome"], _columns(part.study, outcome)
        known = column.notna().to_numpy(dtype=bool)
        hit = column.fillna(False).to_numpy(dtype=bool)
        yield from part.counted(outcome, "N", known, about, 1)
        yield from part.counted(outcome, "missing", ~known, about, 1)
        yield from part.counted(outcome, "n", hit, about)


def _columns(study: Study, endpoint: str) -> tuple[str, ...]:
    """What an endpoint is about: the columns its definition names."""
    found = study.endpoints[endpoint]
    words = {found.column, found.time, found.status, *found.event, *found.competing, *found.censor}
    words |= set(re.findall(r"\w+", found.where))
    known = subject_columns(study)
    # endpoints may name endpoints, which stand on columns of their own
    deeper = [name for word in words if word in study.endpoints and word != endpoint for name in _columns(study, word)]
    return (*(f"column {word}" for word in sorted(words) if word in known), f"endpoint {endpoint}", *deeper)


def _timed(part: Part, endpoint: str) -> tuple[Mask, np.ndarray, np.ndarray]:
    """(known, time, status); ties within rounding merged as the analysis does."""
    time = part.subjects[f"{endpoint}.time"].to_numpy(float).copy()
    status = part.subjects[f"{endpoint}.status"].to_numpy(float)
    known = ~np.isnan(time) & ~np.isnan(status)
    time[known] = km.merge_ties(time[known])
    return known, time, status


def _survival(part: Part) -> Iterator[Counted]:
    yield from _of_time(part, str(part.options["endpoint"]), "")


def _sensitivity(part: Part) -> Iterator[Counted]:
    for endpoint in dict.fromkeys(part.options["endpoints"]):
        yield from _of_time(part, str(endpoint), f"{endpoint}.")


def _of_time(part: Part, endpoint: str, prefix: str) -> Iterator[Counted]:
    known, time, status = _timed(part, endpoint)
    about = _columns(part.study, endpoint)
    yield from part.counted(f"{prefix}events", "missing", ~known, about, 1)
    start = part.options.get("landmark")
    if start is not None and not prefix:
        yield from part.counted("landmark", "N", known, about, 1, at=start)
        entered, later = km.landmark(time, np.where(known, status == 1, np.nan), float(start))
        known, time[entered] = entered, later
        yield from part.counted("landmark", "n", known, about, 1, at=start)
    strata = str(part.options.get("strata") or "")
    if strata and not prefix:
        there = part.subjects[strata].notna().to_numpy(dtype=bool)
        yield from part.counted("strata", "n", known & there, (*about, f"column {strata}"))
        yield from part.counted("strata", "missing", known & ~there, (*about, f"column {strata}"))
    event = known & (status == 1)
    yield from part.counted(f"{prefix}events", "N", known, about, 1)
    yield from part.counted(f"{prefix}events", "n", event, about)
    if not prefix:
        yield from part.counted("events", "competing", known & (status == 2), about)
    for t in () if prefix else chosen(part.options.get("ticks"), time[known], part.study.endpoints[endpoint].unit):
        before = known & (time < t)
        yield from part.counted("at_risk", "at_risk", known & ~before, about, 4, at=t, chain="at risk")
        yield from part.counted("at_risk", "events", before & event, about, 4, at=t, chain="events")
        yield from part.counted("at_risk", "censored", before & ~event, about, 5, at=t, chain="censored")
    for t in part.options.get("at", ()):
        # a share reached by a time gives the events by then away, so it is one of the counts
        yield from part.counted(f"{prefix}survival", "p", event & (time <= t), about, 3, at=t, chain="events")
        yield from part.counted(f"{prefix}survival", "at_risk", known & (time >= t), about, 4, at=t, chain="at risk")
    if not prefix:
        yield from _curve(part, "curve", event, time, about, endpoint, "events")


def _curve(
    part: Part, variable: str, event: Mask, time: np.ndarray, about: tuple[str, ...], endpoint: str, chain: str
) -> Iterator[Counted]:
    """A point of the curve for each rounded time at which its group had an event."""
    step = STEPS[part.study.endpoints[endpoint].unit]
    for group, inside in part.groups.items():
        if (variable, group) in part.times:
            for t in sorted({rounded_up(float(t), step) for t in time[event & inside]}):
                yield from part.counted(variable, "p", event & (time <= t), about, 6, at=t, each=(group,), chain=chain)


def rounded_up(value: float, step: float) -> float:
    """The next multiple of a step; a value that is one but for rounding stays."""
    return float(np.ceil(value / step - 1e-9) * step) + 0.0


def _incidence(part: Part) -> Iterator[Counted]:
    endpoint = str(part.options["endpoint"])
    known, time, status = _timed(part, endpoint)
    about = _columns(part.study, endpoint)
    states = {"events": known & (status == 1), "competing": known & (status == 2), "censored": known & (status == 0)}
    yield from part.counted("events", "N", known, about, 1)
    yield from part.counted("events", "n", states["events"], about)
    yield from part.counted("events", "competing", states["competing"], about)
    for t in chosen(part.options.get("ticks"), time[known], part.study.endpoints[endpoint].unit):
        before = known & (time < t)
        yield from part.counted("at_risk", "at_risk", known & ~before, about, 4, at=t, chain="at risk")
        for stat, who in states.items():
            yield from part.counted("at_risk", stat, before & who, about, 5, at=t, chain=stat)
    for variable, state in (("incidence", "events"), ("competing", "competing")):
        for t in part.options.get("at", ()):
            yield from part.counted(variable, "p", states[state] & (time <= t), about, 3, at=t, chain=state)
        yield from _curve(part, f"{variable}_curve", states[state], time, about, endpoint, state)


def _followup(part: Part) -> Iterator[Counted]:
    endpoint = str(part.options["endpoint"])
    known, _, status = _timed(part, endpoint)
    about = _columns(part.study, endpoint)
    yield from part.counted("survivors", "n", known & (status == 0), about)
    yield from part.counted("median", "estimate", known & (status == 0), about)


def _hazards(part: Part) -> Iterator[Counted]:
    endpoint = str(part.options["endpoint"])
    known, _, status = _timed(part, endpoint)
    event, about = known & (status == 1), _columns(part.study, endpoint)
    chosen = part.options.get("multivariable", False)
    together = part.options["variables"] if chosen is True else chosen or ()
    for stat, who in (("n", event), ("N", known), ("missing", ~known)):
        yield from part.counted("events", stat, who, about, 1, each=(ALL,))
    complete = known.copy()
    for variable in dict.fromkeys([*part.options["variables"], *together]):
        column, mine = part.subjects[variable], (f"column {variable}", *about)
        there = known & column.notna().to_numpy(dtype=bool)
        complete = complete & there if variable in together else complete
        for stat, who in (("n", there), ("missing", known & ~there), ("events", event & there)):
            yield from part.counted(variable, stat, who, mine, 2, each=(ALL,))
        for level, who in _levels(column, ""):
            yield from part.counted(variable, "n", there & who, mine, 3, level, each=(ALL,))
            yield from part.counted(variable, "events", event & there & who, mine, 4, level, each=(ALL,))
    for stat, who in (("n", complete), ("missing", known & ~complete), ("events", complete & event)):
        yield from part.counted("model", stat, who, about, 2, each=(ALL,))


def _adverse_events(part: Part) -> Iterator[Counted]:
    severe = int(part.options.get("severe", 3))
    for term in part.options["terms"]:
        data, about = part.of(part.frames[1], "term", term), (f"term {term}",)
        grade, known = data["grade"].to_numpy(float), data["grade"].notna().to_numpy(dtype=bool)
        levels = {"any": grade >= 1, "severe": grade >= severe, **{str(g): grade == g for g in range(6)}}
        yield from part.counted(term, "missing", ~known, about, 1)
        for level, who in levels.items():
            yield from part.counted(term, "N", known, about, 1, level)
            yield from part.counted(term, "n", who, about, 2 if level == "any" else 3, level)
        for spell in ("onset", "duration"):
            there = (grade >= 1) & data[spell].notna().to_numpy(dtype=bool)
            yield from part.counted(f"{term}.{spell}", "n", there, about, 3, of=data[spell])
        yield from _shift(part, term, data, about)


def _shift(part: Part, term: str, data: pd.DataFrame, about: tuple[str, ...]) -> Iterator[Counted]:
    before, after = data["baseline"].to_numpy(float), data["grade"].to_numpy(float)
    known = ~np.isnan(before) & ~np.isnan(after)
    yield from part.counted(f"{term}.emergent", "N", known, about, 1)
    yield from part.counted(f"{term}.emergent", "n", known & (after > before), about, 3)
    for x, y in sorted({(x, y) for x, y in zip(before[known], after[known], strict=True)}):
        yield from part.counted(f"{term}.shift", "n", known & (before == x) & (after == y), about, 4, f"{x:g}to{y:g}")


def _kinetics(part: Part) -> Iterator[Counted]:
    analyte = str(part.options["analyte"])
    about = (f"analyte {analyte}",)
    measured = part.of(part.frames[2], "analyte", analyte)
    for measure in ("peak", "tmax", "auc", "last", "last_day", "persistence"):
        known = measured[measure].notna().to_numpy(dtype=bool)
        yield from part.counted(measure, "n", known, about, 1, of=measured[measure])
    for side in ("below", "above"):
        yield from part.counted(f"peak_{side}", "n", measured[f"peak_{side}"].eq(True).to_numpy(dtype=bool), about, 3)
    course = part.of(part.frames[1], "analyte", analyte)
    window = part.options.get("window", ())
    inside = course["day"].between(*window) if len(window) == 2 else course["day"].notna()
    people = part.subjects["subject"].astype(object)  # mapped as a category it would make one of what it is mapped to
    samples = people.map(course.loc[inside, "subject"].astype(object).value_counts()).fillna(0)
    yield from part.counted("samples", "n", np.ones(len(part.subjects), dtype=bool), about, 1, of=samples)
    for day in sorted({t for (variable, _), found in part.times.items() if variable == "course" for t in found}):
        here = course[(course["day"] == day) & course["value"].notna()].drop_duplicates("subject")
        value = people.map(dict(zip(here["subject"], here["value"], strict=True))).to_numpy(float)
        yield from part.counted("course", "n", ~np.isnan(value), about, 5, at=day, of=value)


KINDS: Mapping[str, Callable[[Part], Iterator[Counted]]] = {
    "characteristics": _characteristics,
    "proportion": _proportion,
    "survival": _survival,
    "incidence": _incidence,
    "followup": _followup,
    "hazards": _hazards,
    "sensitivity": _sensitivity,
    "adverse-events": _adverse_events,
    "kinetics": _kinetics,
}
