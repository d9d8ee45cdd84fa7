"""CRS, ICANS, acute GVHD and what was given for them. Signs and stages lead to the same grade as the recorded one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .chance import Chance, clip
from .patients import Patient, Value

NO_SIGNS: dict[str, Value] = dict.fromkeys(
    ("temperature", "hypotension", "hypoxia", "ice", "consciousness", "seizure", "motor", "oedema")
)


def grade_all(seed: int, patients: list[Patient]) -> None:
    """Hand out the arm's counts of worst grades: CRS leans on interleukin-6, ICANS on CRS, acute GVHD on nothing."""
    for arm in dict.fromkeys(patient.arm for patient in patients):
        members = [patient for patient in patients if patient.arm is arm]
        _hand_out(Chance(seed, arm.key, "crs"), members, arm.crs, "crs", [math.log(p.il6_peak) for p in members], 0.45)
        _hand_out(Chance(seed, arm.key, "icans"), members, arm.icans, "icans", [float(p.crs) for p in members], 0.8)
        _hand_out(Chance(seed, arm.key, "gvhd"), members, arm.gvhd, "gvhd", [0.0] * len(members), 0.0)


def _hand_out(
    chance: Chance, members: list[Patient], counts: Mapping[int, float], name: str, lean: list[float], weight: float
) -> None:
    """The higher the score, the higher the grade; the score is a mixture of `lean` (standardised) and noise."""
    grades = sorted(chance.quota(len(members), counts))
    middle = sum(lean) / len(lean)
    spread = math.sqrt(sum((x - middle) ** 2 for x in lean) / len(lean)) or 1.0
    noise = math.sqrt(1 - weight**2)
    scores = [weight * (x - middle) / spread + noise * chance.normal() for x in lean]
    for grade, index in zip(grades, sorted(range(len(members)), key=scores.__getitem__), strict=True):
        setattr(members[index], name, grade)


def events(patients: list[Patient]) -> list[dict[str, Value]]:
    """One row per episode; a patient without a row was watched and had none."""
    rows = []
    with_crs = [patient for patient in patients if patient.crs]
    silent = {patient.subject for patient in with_crs[2:: max(len(with_crs) // 2, 3)]}  # signs not transcribed
    for patient in patients:
        if patient.crs:
            rows.append(_crs(patient, signs=patient.subject not in silent))
        if patient.icans:
            rows.append(_icans(patient))
    return rows


def crs_days(patient: Patient) -> tuple[int, int]:
    """First and last day of CRS: it begins on the way up to the interleukin-6 peak."""
    chance, arm = patient.chance("crs days"), patient.arm
    onset = round(clip(patient.il6_peak_day * chance.uniform(0.45, 0.75), *arm.crs_onset))
    median, most = arm.crs_duration
    length = clip(median * chance.lognormal(1, 0.35) * (0.85 + 0.12 * patient.crs), 2, most)
    return onset, onset + round(length) - 1


def _crs(patient: Patient, signs: bool) -> dict[str, Value]:
    chance = patient.chance("crs signs")
    onset, end = crs_days(patient)
    pressure = ("none", "no_pressor", "one_pressor", "multi_pressor")
    oxygen = ("none", "low_flow", "high_flow", "positive_pressure")
    worst = patient.crs - 1
    other = chance.whole(0, worst) if worst else 0
    hypotension, hypoxia = (worst, other) if chance.share() < 0.6 else (other, worst)
    row: dict[str, Value] = {"subject": patient.subject, "term": "crs", "grade": patient.crs,
                             "date": patient.on(onset), "end_date": patient.on(end), **NO_SIGNS}  # fmt: skip
    if signs:
        row |= {"temperature": f"{clip(chance.normal(38.7 + 0.3 * patient.crs, 0.5), 38.1, 41.2):.1f}",
                "hypotension": pressure[hypotension], "hypoxia": oxygen[hypoxia]}  # fmt: skip
    return row


def _icans(patient: Patient) -> dict[str, Value]:
    chance = patient.chance("icans signs")
    onset = crs_days(patient)[0] + chance.whole(1, 4) if patient.crs else chance.whole(4, 9)
    ice = {1: (7, 9), 2: (3, 6), 3: (0, 2)}[patient.icans]
    return {"subject": patient.subject, "term": "icans", "grade": patient.icans,
            "date": patient.on(onset), "end_date": patient.on(onset + chance.whole(1, 5)), **NO_SIGNS,
            "ice": chance.whole(*ice), "consciousness": ("awake", "voice", "tactile")[patient.icans - 1],
            "seizure": "none", "motor": 0, "oedema": "none"}  # fmt: skip


def gvhd(patients: list[Patient]) -> list[dict[str, Value]]:
    """Organ stages (MAGIC) per episode, none for patients without."""
    rows: list[dict[str, Value]] = []
    for patient in patients:
        if not patient.gvhd:
            continue
        chance = patient.chance("gvhd")
        day = gvhd_day(patient)
        stages = {"skin": chance.whole(1, 2), "liver": 0, "upper_gi": 0, "lower_gi": 0}
        if patient.gvhd == 2:
            stages |= chance.pick(({"skin": 3}, {"upper_gi": 1}, {"lower_gi": 1}, {"liver": 1, "skin": 0}))
        rows.append({"subject": patient.subject, "date": patient.on(day), **stages})
    return rows


def gvhd_day(patient: Patient) -> int:
    """Day of onset; before a relapse, a second transplant or death, whichever comes first."""
    limit = min(90, patient.relapse or 90, patient.second_transplant or 90, patient.last_contact)
    return patient.chance("gvhd day").whole(14, limit - 10)


def treatments(patients: list[Patient]) -> list[dict[str, Value]]:
    """Drugs against toxicity, growth factor, second transplants and donor lymphocytes."""
    rows: list[dict[str, Value]] = []
    for patient in patients:
        chance = patient.chance("treatments")
        given: list[tuple[str, int, int | None, str]] = []
        if patient.crs:
            onset, end = crs_days(patient)
            tocilizumab, steroid, days = chance.share(), chance.share(), chance.whole(2, 4)
            if patient.crs >= 2 and (tocilizumab < 0.6 or patient.crs > 2):
                given.append(("tocilizumab", min(onset + 1, end), None, "CRS"))
            if patient.crs >= 2 and (steroid < 0.35 or patient.crs > 2):
                given.append(("dexamethasone", min(onset + 2, end), onset + 2 + days, "CRS"))
        if patient.icans >= 2:
            given.append(("dexamethasone", crs_days(patient)[0] + 6, crs_days(patient)[0] + 9, "ICANS"))
        growth, first, length = chance.share(), chance.whole(6, 14), chance.whole(4, 12)
        if growth < 0.45:
            given.append(("gcsf", first, first + length, "cytopenia"))
        if patient.gvhd:
            start = gvhd_day(patient) + 1
            drug = "ruxolitinib" if patient.gvhd == 1 else "methylprednisolone"
            given.append((drug, start, min(start + 20, patient.last_contact), "GVHD"))
        if patient.second_transplant is not None:
            given.append(("hsct", patient.second_transplant, None, "consolidation"))
        salvage, wait = chance.share(), chance.whole(7, 25)
        if patient.relapse is not None and salvage < 0.5 and patient.relapse + wait < patient.last_contact:
            given.append(("dli" if salvage < 0.2 else "blinatumomab", patient.relapse + wait, None, "relapse"))
        rows += [{"subject": patient.subject, "drug": drug, "date": patient.on(day), "end_date": patient.on(end_day),
                  "reason": reason} for drug, day, end_day, reason in given]  # fmt: skip
    return rows
