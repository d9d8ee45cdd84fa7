"""CRS and ICANS by the ASTCT consensus of 2019, from the signs of an episode.

A recorded grade is the truth; signs serve where none is recorded, and contradict it where they give another. Organ
toxicities never change a CRS grade, and scales are not interchangeable: an event graded by another scale than the
term's is refused. Grade 5 is a death and never comes from signs.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from stats.derive.step import Frames, Step, first_of, numbers, problem, with_columns, words
from stats.findings import Problem
from stats.methods.types import Description
from stats.study.types import Study, Term

FEVER = 38.0
HYPOTENSION = {"none": 0.0, "no_pressor": 2.0, "one_pressor": 3.0, "multi_pressor": 4.0}
HYPOXIA = {"none": 0.0, "low_flow": 2.0, "high_flow": 3.0, "positive_pressure": 4.0}
CONSCIOUSNESS = {"normal": 0.0, "alert": 0.0, "awake": 1.0, "voice": 2.0, "tactile": 3.0, "unarousable": 4.0}
SEIZURE = {"none": 0.0, "resolving": 3.0, "prolonged": 4.0}
EDEMA = {"none": 0.0, "focal": 3.0, "diffuse": 4.0}
MOTOR = {"0": 0.0, "no": 0.0, "none": 0.0, "1": 4.0, "yes": 4.0, "deep_focal": 4.0}
CHILD = 12.0  # years: below, delirium is scored by CAPD instead of ICE

DEFINITIONS = {
    "astct-crs": Description(
        "Cytokine release syndrome was graded by the ASTCT consensus from fever, hypotension and hypoxia; organ "
        "toxicities do not enter the grade.",
        "Lee DW, et al. Biol Blood Marrow Transplant. 2019;25:625-638"),
    "astct-icans": Description(
        "Immune effector cell-associated neurotoxicity syndrome was graded by the ASTCT consensus as the worst of ICE "
        "score (in children CAPD), consciousness, seizures, motor findings and cerebral edema.",
        "Lee DW, et al. Biol Blood Marrow Transplant. 2019;25:625-638"),
}


def crs_grade(fever: object, hypotension: object, hypoxia: object) -> np.ndarray:
    """CRS grade 0 to 4. fever: 1, 0 or nan (taken as present: without it nobody records CRS); hypotension: none,
    no_pressor, one_pressor, multi_pressor (vasopressin beside another pressor doesn't count); hypoxia: none, low_flow
    (up to 6 L/min), high_flow, positive_pressure. A missing axis counts as none; nan where nothing is known."""
    heat = np.asarray(fever, dtype=float)
    axes = np.fmax(_coded(hypotension, HYPOTENSION), _coded(hypoxia, HYPOXIA))
    grade = np.fmax(axes, 1.0)
    return np.where(heat == 0, 0.0, np.where(np.isnan(heat) & np.isnan(axes), np.nan, grade))


def icans_grade(ice: object = np.nan, consciousness: object = None, seizure: object = None, motor: object = None,
                edema: object = None, capd: object = np.nan) -> np.ndarray:
    """ICANS grade 0 to 4, the worst domain; nan where nothing is known.

    ice 0 to 10 (0 alone is grade 3: awake with global aphasia; unarousable makes it 4) or, for children, capd 0 to 32;
    consciousness: normal, awake, voice, tactile, unarousable; seizure: none, resolving, prolonged; motor: deep focal
    weakness yes or no; edema: none, focal, diffuse. Awakening spontaneously is grade 1 unless the ICE score is full.
    """
    score, child = np.asarray(ice, dtype=float), np.asarray(capd, dtype=float)
    by_score = np.select([np.isnan(score), score <= 2, score <= 6, score <= 9], [np.nan, 3.0, 2.0, 1.0], 0.0)
    by_child = np.select([np.isnan(child), child >= 9, child >= 1], [np.nan, 3.0, 1.0], 0.0)
    awake = _coded(consciousness, CONSCIOUSNESS)
    awake = np.where((awake == 1) & ((score == 10) | (child == 0)), 0.0, awake)
    domains = (by_score, by_child, awake, _coded(seizure, SEIZURE), _coded(motor, MOTOR), _coded(edema, EDEMA))
    worst = by_score
    for domain in domains[1:]:
        worst = np.fmax(worst, domain)
    return np.asarray(worst)


def derive(study: Study, frames: Frames) -> Step:
    """Grades events of ASTCT terms that have signs and no grade; refuses grades their signs contradict, mixed
    scales."""
    frame = frames.get("events")
    if frame is None or "term" not in frame:
        return Step(frames)
    recorded = numbers(frame["grade"]) if "grade" in frame else np.full(len(frame), np.nan)
    grade, problems, ran = recorded.copy(), [], []
    for term in study.terms.values():
        rows = (frame["term"] == term.name).to_numpy(dtype=bool, na_value=False)
        problems += _other_scales(study, frames, term, rows)
        kind = syndrome(term)
        if not kind or not rows.any():
            continue
        derived, whole = (_crs if kind == "crs" else _icans)(frame)
        known = rows & ~np.isnan(recorded) & ~np.isnan(derived) & (recorded < 5)
        differ = known & ((recorded < derived) | (whole & (recorded != derived)))
        problems += [problem(
            study, frames, "E_SOURCE_CONFLICT", f"{term.label}: the recorded grade is {recorded[i]:g}, its signs give "
            f"{derived[i]:g} by ASTCT", "events", i, "grade", "The recorded grade counts; correct it or the signs")
            for i in np.flatnonzero(differ)]
        filled = rows & np.isnan(recorded) & ~np.isnan(derived)
        grade = np.where(filled, derived, grade)
        ran += [f"astct-{kind}"] if filled.any() else []
    return Step(with_columns(frames, "events", {"grade": grade}), tuple(problems), tuple(ran))


def syndrome(term: Term) -> str:
    """'crs' or 'icans' for a term graded by ASTCT, else ''."""
    if not term.grading.upper().startswith("ASTCT"):
        return ""
    text = f"{term.name} {term.label}".casefold()
    if "icans" in text or "neuro" in text:
        return "icans"
    return "crs" if "crs" in text or "cytokine" in text else ""


def _crs(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(grade from signs, whether both axes are known) of every row."""
    n = len(frame)
    heat = first_of(("fever",), frame)
    heat_c = first_of(("temperature", "max_temp_c", "max_temp"), frame)
    fever = numbers(frame[heat]) if heat else np.full(n, np.nan)
    if heat_c:
        measured = numbers(frame[heat_c])
        fever = np.where(np.isnan(measured), fever, (measured >= FEVER).astype(float))
    low = words(frame["hypotension"]) if "hypotension" in frame else np.full(n, None)
    oxygen = words(frame["hypoxia"]) if "hypoxia" in frame else np.full(n, None)
    axes_known = ~np.isnan(_coded(low, HYPOTENSION)) & ~np.isnan(_coded(oxygen, HYPOXIA))
    grade = np.where(_unknown(low) & _unknown(oxygen) & (fever != 0), np.nan, crs_grade(fever, low, oxygen))
    return grade, axes_known | (fever == 0)


def _icans(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(grade from signs, whether the score and every sign the frame has are known) of every row."""
    n = len(frame)

    def number(*names: str) -> np.ndarray:
        name = first_of(names, frame)
        return numbers(frame[name]) if name else np.full(n, np.nan)

    def text(*names: str) -> np.ndarray | None:
        name = first_of(names, frame)
        return words(frame[name]) if name else None

    ice, capd = number("ice", "ice_score"), number("capd", "capd_score")
    awake, seizure, motor = text("consciousness"), text("seizure"), text("motor")
    edema = text("edema", "oedema", "cerebral_edema")
    grade = icans_grade(ice, awake, seizure, motor, edema, capd)
    whole = ~np.isnan(ice) | ~np.isnan(capd)
    for sign in (awake, seizure, motor, edema):
        whole = whole & ~_unknown(sign) if sign is not None else whole
    return np.broadcast_to(grade, n), whole


def _other_scales(study: Study, frames: Frames, term: Term, rows: np.ndarray) -> list[Problem]:
    """Events of a term that carry another scale than the term's: Penn, Lee 2014 and ASTCT grades don't mean the
    same."""
    frame = frames["events"]
    if "scale" not in frame or not term.grading:
        return []
    ours = _bare(term.grading)
    there = words(frame["scale"])
    reason = f"{term.label} is declared as graded by {term.grading}, this event by another scale; they can't be pooled"
    return [problem(study, frames, "E_SCALE", reason, "events", i, "scale", value=there[i],
                    remedy="Regrade the event, or declare a term of its own for it")
            for i in np.flatnonzero(rows) if there[i] is not None
            and not (_bare(there[i]).startswith(ours) or ours.startswith(_bare(there[i])))]


def _bare(scale: str) -> str:
    return re.sub(r"[^a-z0-9]", "", scale.casefold())


def _coded(values: object, table: dict[str, float]) -> np.ndarray:
    """Words to the grade they stand for; nan for a missing or unknown word."""
    found = np.asarray(values, dtype=object)
    return np.array([np.nan if v is None else table.get(str(v).casefold(), np.nan) for v in found.ravel()],
                    dtype=float).reshape(found.shape)


def _unknown(values: np.ndarray) -> np.ndarray:
    return np.array([v is None for v in values], dtype=bool)
