"""What each arm is drawn from. All of it is invented but the directions that the abstract names (see README.md).

Counts are for the shipped arm sizes; other sizes keep their proportions. Medians go with the standard deviation of the
natural logarithm (`sd`) unless a comment says otherwise. Times are days from infusion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

FIRST_INFUSION = date(2019, 1, 15)
LAST_INFUSION = date(2024, 3, 15)
CUTOFF = date(2025, 4, 30)
MONTH = 30.4375

LLOQ_CART = 50.0
LLOQ_IL6 = 1.5
ULOQ_IL6 = 5000.0
CART_DAYS = (1, 4, 7, 9, 11, 14, 17, 21, 28, 60, 90, 180, 270, 365)
IL6_DAYS = (*range(15), 17, 21, 28)
COUNT_DAYS = (*range(-5, 31), *range(37, 94, 7))
MARROW_DAYS = (60, 91, 183, 274, 366, 548, 731, 1096, 1461, 1826)


@dataclass(frozen=True, eq=False)
class Arm:
    """One arm; compared by identity, so that two arms with equal targets stay two."""

    key: str
    n: int
    # before infusion
    age: tuple[float, float, float, float]  # mean, SD, least, most (years)
    female: float
    donors: Mapping[str, float]
    hsct_to_relapse: tuple[float, float]  # median, most (days)
    blasts: tuple[float, float]  # power and most (%) of the haematological part
    prior_agvhd: float
    prior_cgvhd: float
    apheresis_to_infusion: tuple[float, float, int, int]  # mean, SD, least, most (days)
    marrow_chimerism: tuple[float, float]  # mean, SD at relapse (% donor)
    product_measured: bool  # chimerism of the product is a question only when the cells came from the recipient
    # response and survival
    responses: Mapping[str, float]
    mrd_positive: float  # share of the remissions
    relapse: float  # share of the remissions that relapse in the end
    relapse_months: tuple[float, float]  # median, sd: from the day-28 marrow
    remission_death: float
    second_transplant: float  # share of the arm
    death_after_relapse: float = 0.85
    # exposure
    cart_peak: float = 30_000.0  # copies/µg
    cart_peak_day: float = 8.0  # before it falls on a sampling day
    il6_peak: float = 150.0  # pg/mL
    il6_peak_day: float = 8.5
    # toxicity: how many patients have each worst grade
    crs: Mapping[int, float] = field(default_factory=dict)
    icans: Mapping[int, float] = field(default_factory=dict)
    gvhd: Mapping[int, float] = field(default_factory=dict)
    crs_onset: tuple[int, int] = (1, 9)
    crs_duration: tuple[float, int] = (5.0, 10)  # median, most (days)
    deep_neutropenia: float = 0.88  # share with a nadir below 0.5
    neutropenia_days: float = 12.0


RECIPIENT = Arm(
    "R", 10, age=(30, 10, 16, 55), female=0.40, donors={"MSD": 3, "HID": 5, "MUD": 2}, hsct_to_relapse=(260, 1400),
    blasts=(1.415, 85), prior_agvhd=0.20, prior_cgvhd=0.20, apheresis_to_infusion=(14, 3.2, 10, 24),
    marrow_chimerism=(60, 22), product_measured=True, responses={"CR": 6, "CRi": 3, "NR": 1}, mrd_positive=0.0,
    relapse=0.20, relapse_months=(7.0, 0.6), remission_death=0.03, second_transplant=0.20,
    cart_peak_day=12.0, il6_peak=150.0, il6_peak_day=8.5, crs={0: 1, 1: 5, 2: 3, 3: 1}, icans={0: 9, 1: 1},
    gvhd={0: 9, 1: 1}, crs_onset=(2, 9), crs_duration=(5.0, 10), deep_neutropenia=0.90, neutropenia_days=12.0,
)  # fmt: skip
DONOR = Arm(
    "D", 13, age=(29, 10, 15, 54), female=0.46, donors={"MSD": 35, "HID": 62, "MUD": 3}, hsct_to_relapse=(240, 1300),
    blasts=(1.166, 88), prior_agvhd=0.23, prior_cgvhd=0.15, apheresis_to_infusion=(13, 3.2, 9, 22),
    marrow_chimerism=(57, 22), product_measured=False, responses={"CR": 7, "CRi": 4, "NR": 2}, mrd_positive=1 / 11,
    relapse=0.58, relapse_months=(4.0, 0.6), remission_death=0.08, second_transplant=0.23,
    cart_peak_day=7.5, il6_peak=1000.0, il6_peak_day=5.0, crs={0: 1, 1: 5, 2: 5, 3: 2}, icans={0: 11, 1: 1, 2: 1},
    gvhd={0: 10, 1: 1, 2: 2}, crs_onset=(1, 7), crs_duration=(6.0, 12), deep_neutropenia=0.85, neutropenia_days=13.0,
)  # fmt: skip

SHIPPED = (RECIPIENT, DONOR)


def _null() -> tuple[Arm, ...]:
    """Both arms drawn from the donor arm's targets: whatever differs is chance."""
    return replace(DONOR, key="R", n=RECIPIENT.n, product_measured=True), DONOR


def _crossing() -> tuple[Arm, ...]:
    """R loses patients early and then none; D loses hardly any early and then most."""
    early = replace(RECIPIENT, relapse=0.5, relapse_months=(1.2, 0.25), death_after_relapse=1.0)
    late = replace(DONOR, responses={"CR": 9, "CRi": 4}, relapse=0.95, relapse_months=(13.0, 0.25), remission_death=0.0)
    return early, late


def _no_events() -> tuple[Arm, ...]:
    """Nobody in R relapses, progresses or dies."""
    return replace(RECIPIENT, responses={"CR": 7, "CRi": 3}, relapse=0.0, remission_death=0.0), DONOR


VARIANTS: Mapping[str, tuple[Arm, ...]] = {
    "null": _null(),
    "crossing": _crossing(),
    "no-events": _no_events(),
    "one-arm": (RECIPIENT,),
    "large": (replace(RECIPIENT, n=87), replace(DONOR, n=113)),
    "no-kinetics": SHIPPED,
}
