"""Analyses to results: each kind is a file, its signature says which frames and options it takes.

Positional parameters name frames; the analysis is given them already narrowed to its population, so no analysis filters.
Keyword-only parameters are options: from the analysis' own block, else from `[methods]` and `[study]`, else the default.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

import stats.analyses
from stats import cache as cached
from stats import reasons, where
from stats.analyses import _alike as alike
from stats.analyses._alike import Counted
from stats.analyses._owners import owners
from stats.cache import Cache
from stats.derive.step import replaced
from stats.groups import ALL, FLAGGED, groups
from stats.results import NO_TESTS, SETTINGS, STUDY, TESTS, Results, Row
from stats.study.mentions import words
from stats.study.roles import subject_columns
from stats.study.types import Analysis, Study

ADJUSTED = {"holm": "holm", "hochberg": "hochberg", "bh": "benjamini-hochberg"}
NOWHERE = Cache(None)
SMALL = ".small"  # what is printed in place of the same address without it


@cache
def kinds() -> tuple[str, ...]:
    """Every analysis kind: the files in stats/analyses."""
    names = (m.name for m in pkgutil.iter_modules(stats.analyses.__path__) if not m.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in names))


@cache
def analyse(kind: str) -> Callable[..., Iterator[Row]]:
    return importlib.import_module(f"stats.analyses.{kind.replace('-', '_')}").analyse


@cache
def schema(kind: str) -> tuple[tuple[str, ...], Mapping[str, inspect.Parameter]]:
    """(frames, options) of a kind, read from its signature."""
    parameters = inspect.signature(analyse(kind)).parameters.values()
    frames = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    return frames, {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}


def run(study: Study, frames: Mapping[str, pd.DataFrame], cache: Cache | None = None, code: str = "") -> Results:
    """All analyses of the study, in the order of the file, after the facts about the study itself.

    Those are taken from the cache that were run before on the same frames and options, by the same `code`.
    """
    return Results(chain.from_iterable(pieces(study, frames, cache, code)))


def pieces(
    study: Study, frames: Mapping[str, pd.DataFrame], cache: Cache | None = None, code: str = ""
) -> Iterator[list[Row]]:
    """The rows of `run` as they are made: facts about the study, each analysis, what is counted over all of them."""
    rows = list(facts(study, frames["subjects"]))
    yield list(rows)
    frames = {**frames, "subjects": typed(study, frames["subjects"])}
    for analysis in study.analyses.values():
        made = one(study, analysis, frames, cache or NOWHERE, code)
        yield made
        rows += made
    yield over_all(study, rows)


def over_all(study: Study, rows: list[Row]) -> list[Row]:
    """What is counted over the rows of all analyses."""
    return [*_adjusted(study, rows), *_tests(rows)]


def one(
    study: Study, analysis: Analysis, frames: Mapping[str, pd.DataFrame], cache: Cache = NOWHERE, code: str = ""
) -> list[Row]:
    """The rows of one analysis."""
    by, chosen = choices(study, analysis)
    given = shown(study, analysis, frames)
    given[0] = peopled(given[0], by)
    own = [(row.variable, row.value) for row in _settings(analysis)]  # which the same choice of the whole study isn't
    key = cached.key("analysis", code, analysis.kind, by, chosen, own, [cached.digest(f) for f in given] if code else [])
    held = cache.get("analyses", analysis.name, key) if code else None
    if held is None:
        rows = counted_on(study, analysis, given)
        if code:
            cache.put(key, cached.written(rows))
    else:
        rows = cached.rows(held)
    return [row.of(analysis.name) for row in rows]


def choices(study: Study, analysis: Analysis) -> tuple[str, dict[str, Any]]:
    """(column of the groups, options) of an analysis: its own, else those of the study."""
    given = settings(study, analysis) | dict(analysis.options)
    return str(given.get("by", "arm")), {name: given[name] for name in schema(analysis.kind)[1] if name in given}


def shown(study: Study, analysis: Analysis, frames: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """The frames an analysis is given: its population's patients, `typed`, and of them what it can see."""
    wanted, (by, chosen) = schema(analysis.kind)[0], choices(study, analysis)
    narrowed = narrow(study, analysis.population, frames, wanted)
    given = [in_sight(study, name, frame, chosen, by) for name, frame in zip(wanted, narrowed, strict=True)]
    return [flagged(given[0], by), *given[1:]]


def counted_on(study: Study, analysis: Analysis, given: Sequence[pd.DataFrame | Counted]) -> list[Row]:
    """The rows of an analysis on the frames it is given, or on counts in their place."""
    by, chosen = choices(study, analysis)
    people = list(_population(given[0], by))
    made = analyse(analysis.kind)(*given, **chosen)
    return [*people, *_settings(analysis), *reasons.known(made, people, analysis)]


def in_sight(study: Study, name: str, frame: pd.DataFrame, options: Mapping[str, Any], by: str) -> pd.DataFrame:
    """What an analysis sees of a frame: the columns, terms and analytes that its options name; so nothing else decides.

    Of the subjects these are the columns named, those derived from them ("pfs.time" of "pfs"), who they are and their
    groups; of a longer frame all columns of the rows of the terms and analytes named, or of all rows if none is.
    """
    mentioned = set(words(options)) | {by}
    if name == "subjects":
        kept = {"subject", "arm"} | mentioned
        return frame[[column for column in frame if column in kept or str(column).partition(".")[0] in mentioned]]
    for column, known in (("term", study.terms), ("analyte", study.analytes)):
        named = [key for key in known if key in mentioned]
        if column in frame and named:
            return _only(frame, frame[column].isin(named).to_numpy(dtype=bool))
    return frame


def _only(frame: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """These rows, numbered anew; the frame itself, not a copy, where it is all of them."""
    if kept.all():
        return frame
    made = frame[kept]
    made.index = pd.RangeIndex(len(made))
    return made


def _population(subjects: pd.DataFrame | Counted, by: str) -> Iterator[Row]:
    """Whom an analysis was given: the n of every column head, and who is in no group because theirs isn't known."""
    everybody = alike.patients(subjects, by)
    for group, mask in groups(everybody, by).masks(everybody):
        yield Row("population", "n", alike.size(everybody, mask), group)
    yield Row("population", "n", alike.size(everybody), ALL)
    if outside := alike.size(everybody, everybody[by].isna()):
        yield Row("population", "missing", outside, ALL)


def _settings(analysis: Analysis) -> Iterator[Row]:
    """What an analysis has of its own and its sentences quote; else it is the study's."""
    for option, stat in (("confidence", "p"), ("alpha", "p_value")):
        if option in analysis.options:
            yield Row(f"{SETTINGS}.{option}", stat, float(analysis.options[option]), ALL)


def typed(study: Study, subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects whose dtypes say what an analysis must know: arms and levels of a category have no order, those of an ordinal
    do."""
    nominal = {name for name, column in study.subjects.columns.items() if column.type in ("arm", "category")}
    ordered = [name for name, kind in subjects.dtypes.items() if name in nominal and getattr(kind, "ordered", False)]
    return replaced(subjects, {name: subjects[name].cat.as_unordered() for name in ordered})


def narrow(
    study: Study, population: str, frames: Mapping[str, pd.DataFrame], wanted: tuple[str, ...]
) -> list[pd.DataFrame]:
    """The wanted frames with the population's subjects only; frames that don't know subjects stay whole."""
    condition = study.populations[population].where if population else ""
    subjects = frames["subjects"]
    if condition:
        kept = where.compile(condition, subject_columns(study)).mask(subjects)
        subjects = _only(subjects, kept)
    out = []
    for name in wanted:
        frame = subjects if name == "subjects" else frames.get(name, pd.DataFrame())
        if name != "subjects" and condition and "subject" in frame:
            frame = _only(frame, owners(subjects, frame) >= 0)
        out.append(frame)
    return out


def peopled(subjects: pd.DataFrame, by: str) -> pd.DataFrame:
    """Subjects whose grouping column has only levels that somebody has: an arm may be empty, a level is then no group."""
    subjects = flagged(subjects, by)
    if by == "arm" or by not in subjects or not isinstance(subjects[by].dtype, pd.CategoricalDtype):
        return subjects
    return replaced(subjects, {by: subjects[by].cat.remove_unused_categories()})


def flagged(subjects: pd.DataFrame, by: str) -> pd.DataFrame:
    """Subjects whose grouping column has levels, also where it is a flag: those without it first, as the reference."""
    if by not in subjects or not pd.api.types.is_bool_dtype(subjects[by].dtype):
        return subjects
    codes: Any = subjects[by].astype("Int8").fillna(-1).to_numpy(dtype="int8")
    return replaced(subjects, {by: pd.Categorical.from_codes(codes, categories=pd.Index(FLAGGED, dtype=object))})


def wanted(study: Study) -> set[str]:
    """The frames that the study's analyses look at."""
    return {"subjects"}.union(*(schema(analysis.kind)[0] for analysis in study.analyses.values()))


def settings(study: Study, analysis: Analysis) -> dict[str, Any]:
    """What an analysis may ask for by naming it: study-wide choices, the limits of its analyte, the unit of its endpoint."""
    found: dict[str, Any] = {
        "reference": study.reference,
        "confidence": study.confidence,
        "alpha": study.alpha,
        "seed": study.seed,
        "means": tuple(c.name for c in study.subjects.columns.values() if c.summary == "mean-sd"),
        **study.methods,
    }
    analyte = study.analytes.get(str(analysis.options.get("analyte", "")))
    if analyte:
        found |= {"lloq": analyte.lloq, "uloq": analyte.uloq, "window": analyte.window or ()}
    endpoint = study.endpoints.get(str(analysis.options.get("endpoint", "")))
    if endpoint:
        found["unit"] = endpoint.unit
    if analysis.options.get("by", "arm") != "arm":
        del found["reference"]
    return found


def facts(study: Study, subjects: pd.DataFrame | Counted) -> Iterator[Row]:
    """Facts that sentences quote about the study as a whole."""
    zero = study.day_zero if study.day_zero in study.subjects.columns else ""
    everybody = alike.patients(subjects, "arm", *([zero] if zero else []))

    def fact(variable: str, stat: str, value: float, group: str = "all") -> Row:
        return Row(variable, stat, value, group, analysis=STUDY)

    for arm in study.arms:
        yield fact("subjects", "n", alike.size(everybody, everybody["arm"] == arm), arm)
    yield fact("subjects", "n", alike.size(everybody))
    yield fact("arms", "n", len(study.arms))
    yield fact("confidence", "p", study.confidence)
    yield fact("alpha", "p_value", study.alpha)
    if zero:
        dates = everybody[zero].dropna()
        for stat, value in (("first", dates.min()), ("last", dates.max())) if len(dates) else ():
            yield fact("enrolment", stat, value.year * 100 + value.month)
    cut = study.data_cutoff
    yield fact("cutoff", "date", cut.year * 10000 + cut.month * 100 + cut.day)


def counted(row: Row) -> bool:
    """Whether a row is the P value of a comparison that was made: not a check, nor another test of the same question."""
    if row.stat != "p_value" or row.analysis == STUDY or math.isnan(row.value):
        return False
    return row.variable.rpartition(".")[2] not in NO_TESTS


def made(rows: list[Row]) -> list[Row]:
    """The P values of comparisons that were made, each question once: by what is printed in small groups, where there is."""
    found = [row for row in rows if counted(row)]
    small = {(row.analysis, row.variable, row.at, row.group) for row in found if row.variable.endswith(SMALL)}
    return [row for row in found if (row.analysis, row.variable + SMALL, row.at, row.group) not in small]


def _adjusted(study: Study, rows: list[Row]) -> Iterator[Row]:
    """P values adjusted within each family of analyses that the study declares, beside the raw ones."""
    method = str(study.methods.get("multiplicity", "none"))
    if method == "none":
        return
    from stats.methods import multiplicity

    adjust = {"holm": multiplicity.holm, "hochberg": multiplicity.hochberg, "bh": multiplicity.benjamini_hochberg}[
        method
    ]
    for family in dict.fromkeys(a.family for a in study.analyses.values() if a.family):
        members = {a.name for a in study.analyses.values() if a.family == family}
        mine = [row for row in made(rows) if row.analysis in members]
        for row, p in zip(mine, adjust(np.array([row.value for row in mine])), strict=True):
            yield replace(row, variable=f"{row.variable}.family", value=float(p), method=ADJUSTED[method])


def _tests(rows: list[Row]) -> Iterator[Row]:
    """How many tests were made, and how many would be below alpha by chance alone."""
    tests = made(rows)
    alpha = next(row.value for row in rows if row.analysis == STUDY and row.variable == "alpha")
    yield Row(TESTS, "n", len(tests), "all", analysis=STUDY)
    yield Row(f"{TESTS}.expected", "expected", len(tests) * alpha, "all", analysis=STUDY)
