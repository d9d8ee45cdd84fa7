"""Who the patients are: what is known of them before the infusion, and the dates up to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import mean, stdev

from .chance import Chance, clip, lognormal_at, normal_at
from .targets import FIRST_INFUSION, LAST_INFUSION, Arm

Value = str | int | float | None
PRODUCT_MEAN, PRODUCT_SD = 99.31, 0.32  # the abstract's only measured numbers
INFUSION_SPAN = (LAST_INFUSION - FIRST_INFUSION).days


@dataclass
class Patient:
    """A patient under construction. `facts` are the baseline columns; days count from infusion."""

    arm: Arm
    infusion: date
    facts: dict[str, Value]
    stream: tuple[object, ...]  # names the patient's own chance
    subject: str = ""
    chimerism: dict[str, tuple[int, float]] = field(default_factory=dict)  # which: (day, % donor)
    visits: list[dict[str, Value]] = field(default_factory=list)
    response: str = ""
    landmark: int = 28  # day of the day-28 marrow
    relapse: int | None = None
    progression: int | None = None
    death: int | None = None
    cause: str = ""
    second_transplant: int | None = None
    last_assessment: int = 0
    last_contact: int = 0
    crs: int = 0
    icans: int = 0
    gvhd: int = 0
    il6_peak: float = 0.0
    il6_peak_day: int = 0

    def chance(self, topic: str) -> Chance:
        return Chance(*self.stream, topic)

    def on(self, day: int | None) -> str:
        """The ISO date of a day, or an empty cell."""
        return "" if day is None else (self.infusion + timedelta(days=day)).isoformat()


def _product_chimerism(chance: Chance, n: int) -> list[float]:
    """Percent donor in n recipient-derived products, with the abstract's mean and SD exact to two decimals."""
    while True:
        raw = [chance.normal() for _ in range(n)]
        middle, spread = mean(raw), stdev(raw)
        values = [round(PRODUCT_MEAN + PRODUCT_SD * (x - middle) / spread, 2) for x in raw]
        exact = round(mean(values), 2) == PRODUCT_MEAN and round(stdev(values), 2) == PRODUCT_SD
        inside = n > 40 or 98.5 <= min(values) <= max(values) <= 99.9
        if exact and inside:
            return [min(value, 100.0) for value in values]


def _blasts(arm: Arm, share: float) -> float:
    """Percent blasts: about a third at the level of residual disease, the rest up to the arm's most."""
    power, most = arm.blasts
    if share < 0.35:
        return round(0.1 + 4.7 * (share / 0.35) ** 2, 1)
    return round(5 + (most - 5) * ((share - 0.35) / 0.65) ** power, 1)


def enrol(seed: int, arms: tuple[Arm, ...]) -> list[Patient]:
    """All patients in order of infusion, numbered in that order so that the number says nothing about the arm."""
    patients = [patient for arm in arms for patient in _enrol_arm(seed, arm)]
    patients.sort(key=lambda patient: (patient.infusion, patient.stream[1:]))
    width = max(2, len(str(len(patients))))
    for number, patient in enumerate(patients, start=1):
        patient.subject = f"CA-{number:0{width}d}"
    _lose_some(seed, patients)
    return patients


def _enrol_arm(seed: int, arm: Arm) -> list[Patient]:
    n = arm.n

    def draw(topic: str) -> Chance:
        return Chance(seed, arm.key, topic)

    ages = [round(clip(normal_at(u, *arm.age[:2]), *arm.age[2:])) for u in draw("age").strata(n)]
    sexes = draw("sex").quota(n, {"F": arm.female, "M": 1 - arm.female})
    ecog = draw("ecog").quota(n, {"0": 0.3, "1": 0.5, "2": 0.2})
    philadelphia = draw("ph").quota(n, {1: 0.25, 0: 0.75})
    tp53 = draw("tp53").quota(n, {1: 0.11, 0: 0.89})
    extramedullary = draw("emd").quota(n, {1: 0.21, 0: 0.79})
    donors = draw("donor").quota(n, arm.donors)
    conditioning = draw("conditioning").quota(n, {"MAC": 0.8, "RIC": 0.2})
    acute = draw("acute").quota(n, {1: arm.prior_agvhd, 0: 1 - arm.prior_agvhd})
    chronic = draw("chronic").quota(n, {1: arm.prior_cgvhd, 0: 1 - arm.prior_cgvhd})
    lines = draw("lines").quota(n, {2: 0.3, 3: 0.35, 4: 0.2, 5: 0.1, 6: 0.05})
    blinatumomab = draw("blinatumomab").quota(n, {1: 0.3, 0: 0.7})
    bridging = draw("bridging").quota(n, {1: 0.6, 0: 0.4})
    blasts = [_blasts(arm, u) for u in draw("blasts").strata(n)]
    intervals = [lognormal_at(u, arm.hsct_to_relapse[0], 0.7) for u in draw("interval").strata(n)]
    doses = [clip(lognormal_at(u, 2.0, 0.35), 0.8, 5.0) for u in draw("dose").strata(n)]
    viability = [clip(normal_at(u, 93, 3), 82, 99) for u in draw("viability").strata(n)]
    transduced = [clip(normal_at(u, 42, 11), 15, 75) for u in draw("transduction").strata(n)]
    waits = [normal_at(u, *arm.apheresis_to_infusion[:2]) for u in draw("wait").strata(n)]
    marrow = [clip(normal_at(u, *arm.marrow_chimerism), 5, 98) for u in draw("marrow").strata(n)]
    product = _product_chimerism(draw("product"), n) if arm.product_measured else []

    patients = []
    for i in range(n):
        own = Chance(seed, arm.key, i, "dates")
        infusion = FIRST_INFUSION + timedelta(days=own.whole(0, INFUSION_SPAN))
        apheresis = -round(clip(waits[i], *arm.apheresis_to_infusion[2:]))
        relapse = apheresis - round(clip(own.lognormal(40, 0.5), 12, 150))
        transplant = relapse - round(clip(intervals[i], 60, arm.hsct_to_relapse[1]))
        residual = clip(blasts[i] / 100 * own.lognormal(0.88, 0.12), 0.0004, 0.95)
        facts: dict[str, Value] = {
            "age": ages[i], "sex": sexes[i], "ecog": ecog[i], "ph_pos": philadelphia[i], "tp53": tp53[i],
            "emd": extramedullary[i], "donor_type": donors[i], "conditioning": conditioning[i],
            "prior_agvhd": acute[i], "prior_cgvhd": chronic[i], "prior_lines": lines[i],
            "prior_blinatumomab": blinatumomab[i], "bridging": bridging[i], "blasts_bl": f"{blasts[i]:.1f}",
            "mrd_bl": f"{residual:.4f}", "dose": f"{doses[i]:.2f}", "viability": f"{viability[i]:.1f}",
            "transduction": f"{transduced[i]:.1f}", "hsct_day": transplant, "relapse_before_day": relapse,
            "apheresis_day": apheresis,
        }  # fmt: skip
        patient = Patient(arm, infusion, facts, (seed, arm.key, i))
        patient.chimerism["marrow_before"] = (relapse, round(marrow[i], 1))
        if product:
            patient.chimerism["product"] = (0, product[i])
        patients.append(patient)
    return patients


def _lose_some(seed: int, patients: list[Patient]) -> None:
    """Empty a few optional baseline cells completely at random: about five percent of three columns."""
    chance = Chance(seed, "missing")
    for column, share in (("ecog", 0.04), ("tp53", 0.05), ("mrd_bl", 0.08)):
        for patient in chance.shuffled(patients)[: round(share * len(patients))]:
            patient.facts[column] = None
