"""What becomes of the patients: response, relapse, death, a second transplant, and every disease assessment."""

from __future__ import annotations

from .chance import Chance, clip
from .patients import Patient, Value
from .targets import CUTOFF, MARROW_DAYS, MONTH

METHODS = {"MFC": "0.0001", "qPCR": "0.00001", "NGS": "0.000001"}  # usual sensitivity of each, as a fraction
EARLIEST_DEATH = 40


def decide(seed: int, patients: list[Patient]) -> None:
    """Give every patient a response, a relapse or none, and an end of follow-up; then write the assessments."""
    for arm in dict.fromkeys(patient.arm for patient in patients):
        members = [patient for patient in patients if patient.arm is arm]
        chance = Chance(seed, arm.key, "response")
        for patient, response in zip(members, chance.quota(len(members), arm.responses), strict=True):
            patient.response = response
            patient.landmark = patient.chance("landmark").whole(26, 31)
        remissions = [patient for patient in members if patient.response != "NR"]
        positive = set(map(id, chance.shuffled(remissions)[: round(arm.mrd_positive * len(remissions))]))
        for patient in members:
            _survive(patient)
        _transplant_again(chance, members, round(arm.second_transplant * arm.n))
        for patient in members:
            patient.facts["mrd_positive"] = int(id(patient) in positive)
    late = Chance(seed, "late").pick([patient for patient in patients if patient.response == "CR"])
    late.landmark = 36  # one marrow outside the usual days but inside the window
    for patient in patients:
        _follow(patient)


def _survive(patient: Patient) -> None:
    """Relapse and death from the arm's mixture: some remissions last, the others relapse after a log-normal time."""
    chance, arm = patient.chance("fate"), patient.arm
    end = (CUTOFF - patient.infusion).days - chance.whole(0, 60)
    relapses, dies, dies_after = (chance.share() for _ in range(3))
    to_relapse = round(MONTH * chance.lognormal(*arm.relapse_months))
    to_death = round(MONTH * chance.lognormal(4.0, 0.5))
    after_relapse = round(MONTH * clip(chance.lognormal(4.0, 0.7), 0.4, 60))
    refractory = round(MONTH * chance.lognormal(3.0, 0.5))
    if patient.response == "NR":
        patient.death, patient.cause = max(refractory, EARLIEST_DEATH), "leukemia"
    else:
        if relapses < arm.relapse:
            patient.relapse = 40 + max(to_relapse, 5)
        if dies < arm.remission_death and (patient.relapse is None or to_death + 40 < patient.relapse):
            patient.death, patient.cause, patient.relapse = to_death + 40, "infection", None
        elif patient.relapse is not None and dies_after < arm.death_after_relapse:
            patient.death, patient.cause = patient.relapse + after_relapse, "leukemia"
    if patient.relapse is not None and patient.relapse > end:
        patient.relapse = patient.death = None
    if patient.death is not None and patient.death > end:
        patient.death = None
    if patient.death is None:
        patient.cause = ""
    patient.last_contact = end if patient.death is None else patient.death


def _transplant_again(chance: Chance, members: list[Patient], wanted: int) -> None:
    """A second transplant two to five months after infusion, for patients then alive and in remission."""
    able = [patient for patient in members if patient.response != "NR"]
    for patient in chance.shuffled(able):
        day = patient.chance("transplant").whole(62, 150)
        event = min(patient.relapse or 10**6, patient.last_contact)
        if wanted and day + 20 < event:
            patient.second_transplant = day
            wanted -= 1


def _follow(patient: Patient) -> None:
    """Marrow visits until relapse, progression, death or the end of contact."""
    chance = patient.chance("visits")
    _visit(patient, chance, patient.landmark, patient.response, landmark=True)
    if patient.response == "NR":
        patient.progression = patient.last_assessment = patient.landmark
        return
    last = patient.relapse or patient.last_contact
    for planned in MARROW_DAYS:
        day = planned + chance.whole(0, 10)
        if day >= last:
            break
        if day > patient.landmark:
            still_low = patient.response == "CRi" and planned == MARROW_DAYS[0]
            _visit(patient, chance, day, "CRi" if still_low else "CR")
    if patient.relapse is not None:
        _visit(patient, chance, patient.relapse, "relapse")
        patient.last_assessment = patient.relapse
    elif patient.death is not None:
        patient.last_assessment = patient.death  # in hospital and in remission to the last day
    else:
        patient.last_assessment = int(patient.visits[-1]["day"] or 0)


def _visit(patient: Patient, chance: Chance, day: int, response: str, landmark: bool = False) -> None:
    """One assessment whose marrow, counts and residual disease give the recorded response when read by the criteria."""
    method = chance.pick(("MFC", "MFC", "MFC", "qPCR", "NGS"))
    anc, platelets = chance.lognormal(2.4, 0.3), chance.lognormal(165, 0.25)
    anc, platelets = clip(anc, 1.2, 6.0), clip(platelets, 108, 320)
    blasts, mrd, extramedullary = chance.uniform(0, 2.5), 0.0, 0
    if response == "CRi" and chance.share() < 0.7:
        platelets = chance.uniform(32, 92)
    elif response == "CRi":
        anc = chance.uniform(0.58, 0.94)
    elif response == "NR":
        blasts = chance.uniform(28, 92)
        anc, platelets = chance.uniform(0.55, 0.9), chance.uniform(14, 60)
    elif response == "relapse" and chance.share() < 0.2:
        extramedullary = 1
    elif response == "relapse":
        blasts = chance.uniform(7, 88)
        anc, platelets = chance.uniform(0.6, 2.5), chance.uniform(25, 140)
    if blasts >= 5:
        mrd = clip(blasts / 100 * chance.lognormal(0.9, 0.2), 0.01, 0.95)
    elif landmark and patient.facts.get("mrd_positive"):
        mrd, blasts = chance.uniform(0.0003, 0.003), chance.uniform(1, 3)
    if blasts >= 5 or mrd > 0:
        method = "MFC"
    sensitivity = METHODS[method]
    unknown = not landmark and response == "CR" and chance.share() < 0.04
    if not landmark and response == "CR" and chance.share() < 0.04:
        sensitivity = "0.001"  # too few cells: negative at a sensitivity that proves nothing
    row: dict[str, Value] = {
        "day": day, "blasts": f"{blasts:.1f}", "anc": f"{anc:.2f}", "platelets": f"{platelets:.0f}",
        "extramedullary": extramedullary, "mrd": None if unknown else f"{mrd:.5f}".rstrip("0").rstrip("."),
        "mrd_sensitivity": None if unknown else sensitivity, "mrd_method": None if unknown else method,
        "response": response,
    }  # fmt: skip
    patient.visits.append(row)
