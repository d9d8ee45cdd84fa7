"""Acute GVHD: the MAGIC overall grade from organ stages.

The grade is not the highest stage. Stage 3 of the skin alone is grade II, stage 2 of the lower gut alone grade III, and
the upper gut can never give more than II.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from stats.derive.step import Frames, Step, numbers, problem, with_columns
from stats.methods.types import Description
from stats.study.types import Study

ORGANS = ("skin", "liver", "upper_gi", "lower_gi")
ROMAN = {"0": 0.0, "I": 1.0, "II": 2.0, "III": 3.0, "IV": 4.0}

DEFINITIONS = {
    "magic": Description(
        "The overall grade of acute graft-versus-host disease was derived from the stages of skin, liver, upper and "
        "lower gastrointestinal tract by the criteria of the Mount Sinai Acute GVHD International Consortium.",
        "Harris AC, et al. Biol Blood Marrow Transplant. 2016;22:4-10"),
}


def magic_grade(skin: object, liver: object, upper_gi: object, lower_gi: object) -> np.ndarray:
    """Overall grade 0 to 4 from organ stages (arrays or numbers; skin, liver, lower gut 0 to 4, upper gut 0 or 1).

    An organ without a stage counts as not involved as long as another has one; nan where none has.
    Source: Harris et al. 2016, table 2, evaluated from the worst grade down.
    """
    stages = np.broadcast_arrays(*(np.asarray(s, dtype=float) for s in (skin, liver, upper_gi, lower_gi)))
    unknown = np.logical_and.reduce([np.isnan(s) for s in stages])
    rash, bile, upper, lower = (np.nan_to_num(stage) for stage in stages)
    grade = np.select(
        [(rash >= 4) | (bile >= 4) | (lower >= 4),
         (bile >= 2) | (lower >= 2),
         (rash >= 3) | (bile >= 1) | (upper >= 1) | (lower >= 1),
         rash >= 1], [4.0, 3.0, 2.0, 1.0], 0.0)
    return np.where(unknown, np.nan, grade)


def derive(study: Study, frames: Frames) -> Step:
    """Gives rows of gvhd a `grade` where it isn't recorded; a recorded grade that its stages contradict is refused."""
    frame = frames.get("gvhd")
    if frame is None:
        return Step(frames)
    staged = [organ for organ in ORGANS if organ in frame]
    recorded = grades(frame["grade"]) if "grade" in frame else np.full(len(frame), np.nan)
    if not staged:
        return Step(with_columns(frames, "gvhd", {"grade": recorded}))
    derived = magic_grade(*(numbers(frame[o]) if o in staged else np.full(len(frame), np.nan) for o in ORGANS))
    if "type" in frame:
        derived = np.where((frame["type"] == "chronic").to_numpy(dtype=bool, na_value=False), np.nan, derived)
    if "scale" in frame:
        other = frame["scale"].astype(object).map(lambda s: isinstance(s, str) and not s.upper().startswith("MAGIC"))
        derived = np.where(other.to_numpy(dtype=bool), np.nan, derived)
    differ = ~np.isnan(recorded) & ~np.isnan(derived) & (recorded != derived)
    problems = tuple(problem(
        study, frames, "E_SOURCE_CONFLICT", f"the recorded GVHD grade is {recorded[i]:g}, its organ stages give "
        f"{derived[i]:g} by MAGIC", "gvhd", i, "grade", "The stages are the source; correct the stages or the grade")
        for i in np.flatnonzero(differ))
    grade = np.where(np.isnan(recorded), derived, recorded)
    ran = ("magic",) if (np.isnan(recorded) & ~np.isnan(derived)).any() else ()
    return Step(with_columns(frames, "gvhd", {"grade": grade}), problems, ran)


def grades(values: pd.Series) -> np.ndarray:
    """Recorded grades as numbers, from numbers or Roman numerals; nan where neither."""
    found = numbers(values)
    roman = values.astype(object).map(lambda v: ROMAN.get(v.strip().upper()) if isinstance(v, str) else None)
    return np.where(np.isnan(found), pd.to_numeric(roman, errors="coerce").to_numpy(float), found)
