"""Response of acute lymphoblastic leukemia at the day-28 landmark, by the rules of ELN 2024.

From marrow blasts, counts, extramedullary disease and residual disease where they are given; else the recorded
response. The assessment nearest to day 28 between days 21 and 42 decides. Who has none and died by the end of that
window is a non-responder; who has none and lived is not evaluable, and stays in the denominator.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from stats.derive import cytopenia, deaths
from stats.derive.cytopenia import significant
from stats.derive.step import (
    Frames,
    Step,
    columns_of,
    first_of,
    numbers,
    of_rows,
    positions,
    problem,
    with_columns,
    words,
)
from stats.findings import Problem, counted
from stats.methods.types import Description
from stats.study.types import Column, Study

LANDMARK, WINDOW = 28.0, (21.0, 42.0)
MRD_LIMIT = 1e-4
BLASTS = ("blasts", "bm_blasts", "bm_blast_pct", "marrow_blasts")
NEUTROPHILS = ("anc", "neutrophils")
PLATELETS = ("platelets", "plt")
CIRCULATING = ("pb_blasts", "pb_blast_pct", "circulating_blasts")
EXTRAMEDULLARY = ("extramedullary", "emd", "emd_present")
INDEPENDENT = ("transfusion_independent", "transfusion_indep")
MRD = ("mrd", "mrd_value")
SENSITIVITY = ("mrd_sensitivity", "mrd_sens", "mrd_lod")
REMISSIONS = ("CR", "CRh", "CRi")
FAILURES = ("NR", "relapse", "progression", "PD", "SD", "refractory", "failure")
# what a category is called where the study declares no level of its own for it
STANDS_FOR: Mapping[str, tuple[str, ...]] = {
    "CR": ("CR",), "CRh": ("CRh", "CRi"), "CRi": ("CRi",), "MLFS": ("MLFS", "NR"), "PR": ("PR", "NR"), "NR": ("NR",),
    "NE": ("NE",), "negative": ("negative", "neg"), "positive": ("positive", "pos"),
    "insufficient": ("insufficient", "NE")}

DEFINITIONS = {
    "response-eln": Description(
        "Response was that of the marrow assessment nearest to the landmark within its window. Complete remission "
        "needs less than five percent marrow blasts, no circulating blasts, no extramedullary disease, and recovered "
        "neutrophils and platelets; it is called incomplete when one of the two counts has not recovered. Patients who "
        "died before the assessment are non-responders; those alive without one are not evaluable and stay in the "
        "denominator.",
        "Gökbuget N, et al. Blood. 2024;143:1891-1902"),
    "response-recorded": Description(
        "Response was the recorded one of the assessment nearest to the landmark within its window. Patients who died "
        "before the assessment are non-responders; those alive without one are not evaluable and stay in the "
        "denominator.",
        ""),
    "mrd": Description(
        "Measurable residual disease was negative when it was below one in ten thousand cells by an assay of at least "
        "that sensitivity; negative results of less sensitive assays are a category of their own.",
        "Gökbuget N, et al. Blood. 2024;143:1891-1902"),
}


def classify(blasts: object, anc: object, platelets: object, *, circulating: object = np.nan,
             extramedullary: object = np.nan, mrd: object = np.nan, independent: object = np.nan,
             before: object = np.nan, partial_recovery: bool = False) -> np.ndarray:
    """CR, CRh, CRi, MLFS, PR or NR of each assessment; empty where it can't be told.

    blasts, circulating, before (marrow blasts before treatment) in percent; counts in 10⁹/L; mrd a fraction;
    independent of transfusions and extramedullary 1, 0 or nan, nan counting as fine. Recovered is above 1.0 neutrophils
    and above 100 platelets. CRi has one of them, MLFS neither; with `partial_recovery` CRh is above 0.5 and above 50.
    PR is 5 to 25 percent blasts after at least halving them.
    """
    marrow, n, p, blood, other, residual, free, start = np.broadcast_arrays(*(significant(x) for x in (
        blasts, anc, platelets, circulating, extramedullary, mrd, independent, before)))
    disease = (blood > 0) | (other > 0) | (residual >= 0.01)
    cleared = (marrow < 5) & ~disease
    neutrophils, count = n > 1.0, (p > 100) & ~(free == 0)
    told = ~np.isnan(n) & ~np.isnan(p)
    half = (n > 0.5) & (p > 50) if partial_recovery else np.zeros(marrow.shape, dtype=bool)
    return np.select(
        [cleared & neutrophils & count, cleared & told & half, cleared & told & (neutrophils | count), cleared & told,
         cleared, (marrow >= 5) & (marrow <= 25) & (marrow <= start / 2) & ~disease, disease | (marrow >= 5)],
        ["CR", "CRh", "CRi", "MLFS", "", "PR", "NR"], "").astype(object)


def residual_disease(mrd: object, sensitivity: object, below: object = False, must_know: bool = False) -> np.ndarray:
    """negative, positive or insufficient, '' where not measured. mrd and sensitivity are fractions.

    `below`: the value is a limit ("<1e-4"). A positive number below the limit shows that the assay could see it. With
    `must_know` a zero of unknown sensitivity is insufficient.
    """
    value, limit = np.asarray(mrd, dtype=float), np.asarray(sensitivity, dtype=float)
    low = np.asarray(below, dtype=bool)
    limit = np.where(np.isnan(limit) & (low | (value > 0)), value, limit)
    found = ~low & (significant(value) >= MRD_LIMIT)
    seen = significant(limit) <= MRD_LIMIT
    enough = seen if must_know else seen | np.isnan(limit)
    return np.select([np.isnan(value), found, enough], ["", "positive", "negative"], "insufficient").astype(object)


def nearest(owner: np.ndarray, day: np.ndarray, usable: np.ndarray, n: int) -> np.ndarray:
    """Per patient the row nearest to the landmark inside its window (ties: the earlier day), -1 where there is none."""
    inside = np.flatnonzero(usable & (owner >= 0) & (day >= WINDOW[0]) & (day <= WINDOW[1]))
    order = inside[np.lexsort((day[inside], np.abs(day[inside] - LANDMARK), owner[inside]))]
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    out = np.full(n, -1)
    out[owner[order][first]] = order[first]
    return out


def derive(study: Study, frames: Frames) -> Step:
    """Adds response_d28 and mrd_d28 where the study declares them as derived."""
    declared = columns_of(study, "subjects")
    wanted = [declared[name] for name in ("response_d28", "mrd_d28") if name in declared and declared[name].derived]
    added: dict[str, object] = {}
    problems: list[Problem] = []
    ran: list[str] = []
    for column in wanted:
        make = _response if column.name == "response_d28" else _mrd
        category, found, used = make(study, frames, column)
        added[column.name], missing = _levelled(category, column)
        problems += found
        problems += [problem(study, frames, "E_LEVEL", f"{column.label or column.name} needs a level for "
                                                       f"{name}", column=column.name,
                             remedy=f"Declare {' or '.join(STANDS_FOR.get(name, (name,)))} among its "
                                    "levels") for name in missing]
        ran += used
    return Step(with_columns(frames, "subjects", added), tuple(problems), tuple(ran))


def assessed(study: Study, frame: pd.DataFrame, with_counts: bool) -> np.ndarray:
    """The category of every row of responses from its measurements; '' where they don't decide."""
    def read(names: tuple[str, ...]) -> np.ndarray:
        name = first_of(names, frame)
        return numbers(frame[name]) if name else np.full(len(frame), np.nan)

    def unit(names: tuple[str, ...]) -> str:
        column = columns_of(study, "responses").get(first_of(names, frame))
        return column.unit if column else ""

    percent = 100.0 if unit(BLASTS).startswith("fraction") else 1.0
    other = read(EXTRAMEDULLARY)
    if "cns_status" in frame:
        cns = [np.nan if status is None else float(status != "CNS1") for status in words(frame["cns_status"])]
        other = np.fmax(other, np.array(cns, dtype=float))
    before = np.full(len(frame), np.nan)
    if "day" in frame:
        day, blasts, owner = numbers(frame["day"]), read(BLASTS), pd.factorize(frame["subject"])[0]
        start = np.flatnonzero((day <= 0) & ~np.isnan(blasts))
        last = np.full(owner.max(initial=-1) + 1, np.nan)
        start = start[np.argsort(day[start], kind="stable")]
        last[owner[start]] = blasts[start]
        before = last[owner] * percent
    return classify(read(BLASTS) * percent, read(NEUTROPHILS) * _factor(unit(NEUTROPHILS), "neutrophils"),
                    read(PLATELETS) * _factor(unit(PLATELETS), "platelets"), circulating=read(CIRCULATING),
                    extramedullary=other, mrd=_mrd_fraction(study, frame), independent=read(INDEPENDENT), before=before,
                    partial_recovery=with_counts)


def _response(study: Study, frames: Frames, column: Column) -> tuple[np.ndarray, list[Problem], list[str]]:
    subjects, frame = frames["subjects"], frames.get("responses")
    n = len(subjects)
    if frame is None:
        return np.full(n, "", dtype=object), [
            problem(study, frames, "N_NO_FRAME", f"{column.label or column.name}: not evaluable, because no disease "
                    "assessments were given", "responses")], []
    owner, day = positions(subjects, frame), numbers(frame["day"])
    measured = bool(first_of(BLASTS, frame))
    derived = assessed(study, frame, "CRh" in column.levels) if measured else np.full(len(frame), "", dtype=object)
    recorded = words(frame["response"]) if "response" in frame else np.full(len(frame), None, dtype=object)
    told = np.array([r is not None for r in recorded], dtype=bool)
    category = np.where(derived != "", derived, np.where(told, recorded, ""))
    category = np.array(["NR" if c in FAILURES and c not in column.levels else c for c in category], dtype=object)
    marrow = ~np.isnan(numbers(frame[first_of(BLASTS, frame)])) if measured else np.zeros(len(frame), dtype=bool)
    at = nearest(owner, day, marrow | told | (category != ""), n)
    out = np.where(at >= 0, category[at] if len(frame) else "", "")
    died = deaths.death_day(study, subjects) <= WINDOW[1]
    out = np.where(at < 0, np.where(died, "NR", "NE"), out)
    open_ = (at >= 0) & (out == "")
    out = np.where(open_, "NE", out)
    problems = []
    if open_.any():
        reason = (f"{column.label or column.name}: {counted(int(open_.sum()), 'assessment')} {{rows}} can't be classified, "
                  "because blasts or counts are missing, and counted as not evaluable")
        problems.append(of_rows(study, frames, "W_MISSING_COUNTS", reason, "responses", at[open_]))
    for i in at[at >= 0]:
        problems += _conflict(study, frames, int(i), str(derived[i]), recorded[i])
    if len(unrecovered := np.flatnonzero(out == "MLFS")) and "MLFS" not in column.levels:
        reason = (f"{column.label or column.name}: {counted(len(unrecovered), 'patient')} {{rows}} cleared the marrow without "
                  "recovery of either count, counted as NR without a level MLFS")
        problems.append(of_rows(study, frames, "W_MLFS", reason, "responses", at[unrecovered], remedy="Declare the level MLFS"))
    return out, problems, ["response-eln" if measured else "response-recorded"]


def _conflict(study: Study, frames: Frames, i: int, derived: str, recorded: str | None) -> list[Problem]:
    """A recorded response at the landmark that the measurements of the same day don't bear out."""
    if not derived or recorded is None or derived == recorded or (derived == "NR" and recorded in FAILURES):
        return []
    across = (derived in REMISSIONS) != (recorded in REMISSIONS)
    return [problem(study, frames, "E_SOURCE_CONFLICT" if across else "W_RESPONSE_DIFFERS",
                    f"the recorded response is {recorded}, blasts and counts of the same day give {derived}",
                    "responses", i, "response", "The measurements count; correct them or the response")]


def _mrd(study: Study, frames: Frames, column: Column) -> tuple[np.ndarray, list[Problem], list[str]]:
    subjects, frame = frames["subjects"], frames.get("responses")
    n, name = len(subjects), first_of(MRD, frame) if frame is not None else ""
    if frame is None or not name:
        return np.full(n, "NE" if "NE" in column.levels else "", dtype=object), [
            problem(study, frames, "N_NO_FRAME", f"{column.label or column.name}: residual disease was not given",
                    "responses")], []
    owner, day = positions(subjects, frame), numbers(frame["day"])
    if isinstance(frame[name].dtype, pd.CategoricalDtype) or frame[name].dtype == object:
        result = np.array([w or "" for w in words(frame[name])], dtype=object)
    else:
        sens = first_of(SENSITIVITY, frame)
        limit = numbers(frame[sens]) if sens else np.full(len(frame), np.nan)
        sign = first_of(("mrd_qualifier", "qualifier"), frame)
        below = (frame[sign] == "<").to_numpy(dtype=bool, na_value=False) if sign else np.zeros(len(frame), dtype=bool)
        result = residual_disease(_mrd_fraction(study, frame), limit, below, must_know=bool(sens))
    at = nearest(owner, day, result != "", n)
    nothing = "NE" if "NE" in column.levels else ""
    return np.where(at >= 0, result[at] if len(frame) else "", nothing).astype(object), [], ["mrd"]


def _mrd_fraction(study: Study, frame: pd.DataFrame) -> np.ndarray:
    name = first_of(MRD, frame)
    if not name or isinstance(frame[name].dtype, pd.CategoricalDtype) or frame[name].dtype == object:
        return np.full(len(frame), np.nan)
    column = columns_of(study, "responses").get(name)
    return numbers(frame[name]) / (100.0 if column and column.unit.startswith("%") else 1.0)


def _factor(unit: str, scale: str) -> float:
    return cytopenia.factor(scale, unit)


def _levelled(category: np.ndarray, column: Column) -> tuple[object, list[str]]:
    """Categories as the column's levels, and those that no level stands for."""
    names = {c: next((s for s in STANDS_FOR.get(c, (c,)) if s in column.levels), None) for c in set(category) - {""}}
    text = np.array([names.get(c) for c in category], dtype=object)
    return (pd.Categorical(text, categories=list(column.levels), ordered=True),
            sorted(c for c, name in names.items() if name is None))
