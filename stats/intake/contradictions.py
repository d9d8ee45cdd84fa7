"""Rows that can't both be right: two values on one day, two spellings of one patient, stages passed out of order."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd

from stats import ordering
from stats.derive import deaths, times
from stats.derive.step import Frames, words
from stats.findings import Problem
from stats.intake.oddities import folded
from stats.intake.places import at_rows
from stats.study.types import Study

INCIDENCE = "incidence"  # the kind of analysis that tells competing events from censoring
READ = 20_000  # identifiers that a person might have typed
RARE = 0.05  # share of days with several values above which they are how the study measures, not slips
CAUSE = re.compile(r"(?:death_?cause|cause_?of_?death|cod)", re.IGNORECASE)


def check(study: Study, frames: Frames) -> list[Problem]:
    """W_SAME_DAY, W_NEAR_DUPLICATE_ID, E_STAGE_ORDER, E_DUP_ID of screening, and causes of death of the living."""
    return [*_same_day(study, frames), *_spellings(study, frames), *_stages(study, frames), *_causes(study, frames),
            *_competing(study, frames)]


def _same_day(study: Study, frames: Frames) -> list[Problem]:
    problems: list[Problem] = []
    for name, keys, told in (("series", ("subject", "analyte"), "value"), ("responses", ("subject",), "response")):
        frame = frames.get(name)
        day = next((d for d in ("day", "date") if frame is not None and d in frame), "")
        if frame is None or not day or not {*keys, told} <= set(frame.columns):
            continue
        where = np.flatnonzero(frame[told].notna() & frame[day].notna())
        count = len(where)
        # most patients have one row a day: only the others are looked at closely
        plain = [_plain_key(frame[key])[where] for key in (keys[0], day, *keys[1:], told)]
        several = ordering.shared(plain[:-1])
        where, plain = where[several], [key[several] for key in plain]
        again = np.zeros(len(where), dtype=bool)
        again[ordering.repeats(plain[:-1])] = True
        again[ordering.repeats(plain)] = False
        if not again.any() or again.sum() > RARE * max(count, 1 / RARE):
            continue
        broken = np.zeros(len(frame), dtype=bool)
        broken[where[again]] = True
        problems += at_rows(study, frames, "W_SAME_DAY", f"the patient has another {told} of the same day, and hardly "
                            "anyone else has two", broken, name, told, "Check which of the two is right")
    return problems


def _plain_key(column: pd.Series) -> np.ndarray:
    """A column's cells as numbers or dates, of which equal ones stand for equal cells."""
    if isinstance(column.array, pd.Categorical):
        return column.array.codes
    kind: Any = column.dtype
    return column.to_numpy() if kind.kind in "fiM" else pd.factorize(column)[0]


def _spellings(study: Study, frames: Frames) -> list[Problem]:
    """Patients whose identifiers differ only in case, spaces, hyphens or leading zeros."""
    subjects = frames["subjects"]
    if len(subjects) > READ:
        return []
    plain = pd.Series([_plain(str(who)) for who in words(subjects["subject"])])
    again = plain.duplicated().to_numpy()
    return at_rows(study, frames, "W_NEAR_DUPLICATE_ID", "the identifier differs from another patient's only in case, "
                   "spaces, hyphens or leading zeros", again, "subjects", "subject",
                   "Make sure that these are two patients") if "subject" in study.subjects.columns else []


def _plain(who: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", folded(who)).replace(" ", "")


def _stages(study: Study, frames: Frames) -> list[Problem]:
    screening = frames.get("screening")
    if screening is None:
        return []
    problems: list[Problem] = []
    for column in study.frames["screening"].columns.values():
        if column.type == "id" and column.name in screening:
            again = screening[column.name].duplicated() & screening[column.name].notna()
            problems += at_rows(study, frames, "E_DUP_ID", "the screened patient stands twice, and would be counted twice",
                                again.to_numpy(), "screening", column.name, "Keep one row per screened patient")
    for analysis in study.analyses.values():
        stages = [s for s in analysis.options.get("stages", ()) if s in screening] if analysis.kind == "flow" else []
        for before, after in itertools.pairwise(stages):
            passed = screening[after].fillna(False).astype(bool).to_numpy()
            missed = ~screening[before].fillna(False).astype(bool).to_numpy()
            problems += at_rows(study, frames, "E_STAGE_ORDER", f"{after} without {before}, which comes before it",
                                passed & missed, "screening", f"{after} and {before}", "Correct one of the two, or the "
                                f"order of stages in [analyses.{analysis.name}]")
        reached = int(np.logical_and.reduce([screening[s].fillna(False).astype(bool) for s in stages]).sum()) if stages else 0
        if stages and reached < len(frames["subjects"]):
            problems += at_rows(study, frames, "E_STAGE_ORDER", f"{reached} patients reached {stages[-1]}, and "
                                f"{study.subjects.file} has {len(frames['subjects'])}", np.arange(len(screening)) < 1,
                                "screening", stages[-1], "Nobody can be analysed who didn't pass; add the missing rows")
        elif stages and reached > len(frames["subjects"]):
            problems += at_rows(study, frames, "W_SOURCE_GAP", f"{reached} patients reached {stages[-1]}, and "
                                f"{study.subjects.file} has {len(frames['subjects'])}: the flow doesn't say where the "
                                "others went", np.arange(len(screening)) < 1, "screening", stages[-1],
                                "Add a stage that they didn't pass, or the missing patients")
    return problems


def _causes(study: Study, frames: Frames) -> list[Problem]:
    """A cause of death needs a death."""
    subjects = frames["subjects"]
    alive = np.isposinf(deaths.death_day(study, subjects))
    return [problem for name in study.subjects.columns if CAUSE.fullmatch(name) and name in subjects
            for problem in at_rows(study, frames, "E_EVENT_DATE_CONFLICT", "a cause of death, but the patient is recorded "
                                   "as living", subjects[name].notna().to_numpy() & alive, "subjects", name,
                                   "Correct the cause, or record the death")]


def _competing(study: Study, frames: Frames) -> list[Problem]:
    """Codes from 2 on whose meaning nobody declared: nothing competes with death, and elsewhere they end as censored."""
    subjects = frames["subjects"]
    problems: list[Problem] = []
    for endpoint in study.endpoints.values():
        if not endpoint.status or endpoint.status_values or f"{endpoint.name}.status" not in subjects:
            continue
        hit = subjects[f"{endpoint.name}.status"].to_numpy(float) == times.COMPETING
        counted = {a.kind for a in study.analyses.values() if a.options.get("endpoint") == endpoint.name}
        if endpoint is deaths.overall(study):
            problems += at_rows(study, frames, "E_EVENT_CODE", f"{endpoint.label}: nothing competes with death, so the state "
                                "is 0 (censored) or 1 (event)", hit, "subjects", endpoint.status, "Correct it, or say what "
                                "the codes mean with status_values = { event = […], censored = […] }")
        elif INCIDENCE not in counted:
            problems += at_rows(study, frames, "W_COMPETING_CODE", f"{endpoint.label}: codes from 2 on are competing events, "
                                "which no analysis counts: the patient is censored", hit, "subjects", endpoint.status,
                                "Say so with status_values = { event = [1], censored = [0], competing = [2] }, or correct it")
    return problems
