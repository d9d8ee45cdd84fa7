"""One fact in two places: grades and responses of subjects against the long frames they are summaries of."""

from __future__ import annotations

import numpy as np

from stats.derive import gvhd, response, toxicity
from stats.derive.step import Frames, columns_of, header, numbers, positions, words
from stats.findings import Problem
from stats.intake.places import at_rows
from stats.study.types import Study

SPELLINGS = ("{}_grade", "{}_max", "{}_max_grade", "max_{}", "max_{}_grade", "worst_{}", "{}_worst_grade")
LANDMARK = ("response_d28", "d28_response", "response_day28")


def check(study: Study, frames: Frames) -> list[Problem]:
    """E_SOURCE_CONFLICT, W_SOURCE_GAP and E_RESPONSE_NO_ASSESSMENT: the long frame is the source, the subject's column its
    summary."""
    return [*_grades(study, frames), *_responses(study, frames)]


def _grades(study: Study, frames: Frames) -> list[Problem]:
    """A subject column TERM_grade against the term's events; neither the worst in the window nor the worst at all."""
    subjects = frames["subjects"]
    problems = []
    for term in study.terms.values():
        source = "" if term.laboratory else toxicity.source(study, frames, term)
        for spelling in SPELLINGS if source else ():
            column = columns_of(study, "subjects").get(spelling.format(term.name))
            if column is None or not column.in_file:
                continue
            recorded = gvhd.grades(subjects[column.name])
            rows = toxicity.episodes(study, frames, term, source)
            inside, ever = (toxicity.worst(rows, len(subjects), w)["grade"] for w in (term.window, None))
            spoken = np.isin(np.arange(len(subjects)), rows.owner)
            differ = ~np.isnan(recorded) & ~np.isnan(inside) & (recorded != inside) & (recorded != ever)
            file = study.frames[source].file

            def reason(i: int, term=term, recorded=recorded, inside=inside, file=file) -> str:
                return f"{term.label}: grade {recorded[i]:g} here, grade {inside[i]:g} in {file}"

            problems += at_rows(study, frames, "E_SOURCE_CONFLICT", reason, differ & spoken, "subjects", column.name,
                                f"{file} is the source of truth; correct one of the two")
            if len(frames[source]) or source != "events":  # that no event at all is recorded was said once
                problems += at_rows(study, frames, "W_SOURCE_GAP", reason, differ & ~spoken, "subjects", column.name,
                                    f"{file} has no row of it, and is what is counted; is the row missing?")
    return problems


def _responses(study: Study, frames: Frames) -> list[Problem]:
    """A response at the landmark recorded with the patient, against the assessments."""
    subjects, frame = frames["subjects"], frames.get("responses")
    name = next((n for n in LANDMARK if n in columns_of(study, "subjects")), "")
    if frame is None or not name or not columns_of(study, "subjects")[name].in_file or "day" not in frame:
        return []
    recorded = words(subjects[name])
    owner, day = positions(subjects, frame), numbers(frame["day"])
    told = words(frame["response"]) if "response" in frame else np.full(len(frame), None, dtype=object)
    assessed = np.zeros(len(subjects), dtype=bool)
    assessed[owner[(owner >= 0) & (day > 0)]] = True
    remission = np.array([r in response.REMISSIONS for r in recorded], dtype=bool)
    at = response.nearest(owner, day, np.array([t is not None for t in told], dtype=bool), len(subjects))
    nearest = np.array([told[i] if i >= 0 else None for i in at], dtype=object)
    across = np.array([r is not None and t is not None and r != "NE" and (r in response.REMISSIONS) != (
        t in response.REMISSIONS) for r, t in zip(recorded, nearest)], dtype=bool)
    file, own = study.frames["responses"].file, header(study, "subjects", name)
    return [*at_rows(study, frames, "E_RESPONSE_NO_ASSESSMENT", f"{own} is a remission, but {file} has no assessment "
                     "of this patient after day zero", remission & ~assessed, "subjects", name,
                     "Add the assessment, or correct the response"),
            *at_rows(study, frames, "E_SOURCE_CONFLICT", lambda i: f"{own} is {recorded[i]}, the assessment nearest to "
                     f"day 28 in {file} is {nearest[i]}", across, "subjects", name,
                     f"{file} is the source of truth; correct one of the two")]
