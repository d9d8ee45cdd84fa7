"""Daily counts, CAR copies, interleukin-6 and chimerism, as rows of series.csv."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .chance import Chance, clip, lognormal_at
from .patients import Patient, Value
from .targets import CART_DAYS, COUNT_DAYS, IL6_DAYS, LLOQ_CART, LLOQ_IL6, ULOQ_IL6, Arm

GIGA = "×10⁹/L"
COPIES = "copies/µg DNA"
LLN = {"anc": "1.8", "platelets": "125"}
LLN_HB = {"F": "115", "M": "130"}  # g/L
Knots = Sequence[tuple[float, float]]


def prepare(seed: int, patients: list[Patient]) -> None:
    """Draw, arm by arm, what spreads evenly over the arm: depth of the nadirs and height of the peaks."""
    for patient in Chance(seed, "missed").shuffled(patients)[:2]:
        patient.facts["missed_visit"] = 1
    for arm in dict.fromkeys(patient.arm for patient in patients):
        members = [patient for patient in patients if patient.arm is arm]

        def draw(topic: str, arm: Arm = arm) -> Chance:
            return Chance(seed, arm.key, topic)

        n = len(members)
        deep = draw("deep").quota(n, {1: arm.deep_neutropenia, 0: 1 - arm.deep_neutropenia})
        platelets = draw("platelets").strata(n)
        hemoglobin = draw("hemoglobin").strata(n)
        cart, cart_days, il6 = draw("cart").strata(n), draw("cart days").strata(n), draw("il6").strata(n)
        for i, patient in enumerate(members):
            own = patient.chance("peaks")
            depth = clip(own.lognormal(0.05, 1.0), 0.01, 0.45) if deep[i] else own.uniform(0.51, 0.6)
            patient.facts["nadir_anc"] = depth
            patient.facts["nadir_platelets"] = clip(lognormal_at(platelets[i], 18, 0.7), 4, 90)
            patient.facts["nadir_hb"] = clip(68 + 10 * math.log(lognormal_at(hemoglobin[i], 1, 1)), 46, 98)
            patient.facts["cart_peak"] = lognormal_at(cart[i], arm.cart_peak, 0.65)
            patient.facts["cart_peak_day"] = lognormal_at(cart_days[i], arm.cart_peak_day, 0.22)
            patient.il6_peak = max(lognormal_at(il6[i], arm.il6_peak, 0.55 * math.log(10)), 8.0)
            sampled = [day for day in IL6_DAYS if day >= 2]
            patient.il6_peak_day = _nearest(sampled, own.lognormal(arm.il6_peak_day, 0.28))


def series(patient: Patient) -> list[dict[str, Value]]:
    """Every row of one patient, in the order of analyte and day."""
    rows = [*_counts(patient), *_cart(patient), *_il6(patient)]
    for analyte, which in (("chimerism_product", "product"), ("chimerism_marrow", "marrow_before")):
        if which in patient.chimerism:
            day, value = patient.chimerism[which]
            rows.append(_row(patient, analyte, day, f"{value:.2f}" if which == "product" else f"{value:.1f}", "%"))
    rows.append(_row(patient, "chimerism_marrow", patient.landmark, f"{_later_chimerism(patient):.1f}", "%"))
    return rows


def _row(
    patient: Patient, analyte: str, day: int, value: str, unit: str, qualifier: str = "", lln: str = ""
) -> dict[str, Value]:
    return {"subject": patient.subject, "analyte": analyte, "day": day, "date": patient.on(day), "value": value,
            "qualifier": qualifier, "unit": unit, "lln": lln}  # fmt: skip


def _later_chimerism(patient: Patient) -> float:
    """Percent donor in the day-28 marrow: nearly complete in remission, mixed without."""
    chance = patient.chance("later chimerism")
    if patient.response == "NR":
        return chance.uniform(18, 70)
    return clip(100 - chance.lognormal(0.45, 0.7), 96.0, 100.0)


def _nearest(days: Sequence[int], wanted: float) -> int:
    """The scheduled day nearest to a moment, the earlier of two."""
    return min(days, key=lambda day: (abs(day - wanted), day))


def _between(knots: Knots, day: float) -> float:
    """Straight line on the logarithm through the knots (positive values, days ascending)."""
    for (a, x), (b, y) in pairwise(knots):
        if day <= b:
            part = clip((day - a) / (b - a), 0, 1)
            return math.exp(math.log(x) * (1 - part) + math.log(y) * part)
    return knots[-1][1]


def _count_knots(patient: Patient, chance: Chance, target: dict[str, float]) -> dict[str, list[tuple[float, float]]]:
    """Fall after lymphodepletion, trough, recovery to the counts seen at the day-28 marrow, then onwards."""
    facts, landmark, recovered = patient.facts, patient.landmark, patient.response != "NR"
    nadir = float(facts["nadir_anc"] or 0)
    anc = [(-5.0, clip(chance.lognormal(2.2, 0.4), 0.9, 6))]
    if nadir < 0.5:
        start = chance.whole(0, 5)
        length = clip(round(chance.lognormal(patient.arm.neutropenia_days, 0.5)), 3, landmark - 3 - start)
        end = start + length
        anc += [(start - 0.5, 0.5), (start + length / 2, nadir), (end - 0.5, 0.5)]
    else:
        anc += [(chance.whole(7, 12), nadir)]
    anc += [(landmark, target["anc"]), (95, 2.6 if recovered else 0.6)]
    low = float(facts["nadir_hb"] or 0)
    hemoglobin = [(-5.0, max(chance.uniform(92, 118), low + 6)), (chance.whole(5, 13), low),
                  (landmark, target["hb"]), (95, chance.uniform(112, 132) if recovered else 78.0)]  # fmt: skip
    low = float(facts["nadir_platelets"] or 0)
    platelets = [(-5.0, max(clip(chance.lognormal(100, 0.4), 30, 240), low + 5)), (chance.whole(7, 14), low),
                 (landmark, target["platelets"]), (95, chance.uniform(130, 210) if recovered else 20.0)]  # fmt: skip
    return {"anc": anc, "hb": hemoglobin, "platelets": platelets}


def _counts(patient: Patient) -> list[dict[str, Value]]:
    """ANC, hemoglobin and platelets: daily in hospital with gaps, then weekly; equal to the marrow visits' counts."""
    chance = patient.chance("counts")
    visits = {int(visit["day"] or 0): visit for visit in patient.visits}
    last = min(patient.last_contact, patient.relapse or patient.last_contact, 93)
    days = sorted({*COUNT_DAYS, *(day for day in visits if day <= last)})
    first = visits[patient.landmark]
    target = {"anc": float(first["anc"] or 0), "platelets": float(first["platelets"] or 0),
              "hb": chance.uniform(88, 112) if patient.response != "NR" else chance.uniform(70, 86)}  # fmt: skip
    knots = _count_knots(patient, chance, target)
    nadirs = {name: min(line, key=lambda knot: knot[1]) for name, line in knots.items()}
    lowest = {name: _nearest(days, at[0]) for name, at in nadirs.items()}
    keep = {*lowest.values(), patient.landmark}
    gaps = set(chance.shuffled([day for day in days if 0 < day < 30 and day not in keep])[: chance.whole(0, 4)])
    rows = []
    for name, unit, noise in (("anc", GIGA, 0.10), ("hb", "g/L", 0.015), ("platelets", GIGA, 0.07)):
        lln = LLN_HB[str(patient.facts["sex"])] if name == "hb" else LLN[name]
        nadir = nadirs[name][1]
        for day in days:
            drift = chance.lognormal(1, noise)
            if day > last or day in gaps:
                continue
            middle = _between(knots[name], day)
            value = max(middle * drift, nadir)
            if name == "anc":  # noise never carries a value across the threshold whose duration is reported
                value = min(value, 0.49) if middle < 0.5 else max(value, 0.51)
            if day == lowest[name]:
                value = nadir
            elif name in visits.get(day, {}):
                value = float(visits[day][name] or 0)
            elif day == patient.landmark:
                value = target[name]
            rows.append(_row(patient, name, day, f"{value:.2f}" if name == "anc" else f"{value:.0f}", unit, lln=lln))
    return rows


def _cart(patient: Patient) -> list[dict[str, Value]]:
    """CAR copies: exponential growth to the peak and a two-phase decline (the model of Stein and others, 2019)."""
    chance = patient.chance("cart")
    top = _nearest([day for day in CART_DAYS if 4 <= day <= 21], float(patient.facts["cart_peak_day"] or 0))
    peak = float(patient.facts["cart_peak"] or 0)
    fold = max(chance.lognormal(600, 1.4), 5.0)
    alpha, slow = chance.lognormal(0.16, 0.45), clip(chance.lognormal(0.0079, 0.80), 0.0005, 0.2)
    beta = chance.lognormal(0.0032, 0.86)
    late_days = [day for day in CART_DAYS if 14 <= day <= 28 and day != top]
    missed = chance.pick(late_days) if patient.facts.get("missed_visit") else None
    rows = []
    for day in CART_DAYS:
        noise = chance.lognormal(1, 0.35)
        late = 0 if day <= 28 else chance.whole(0, 6)
        if day + late > patient.last_contact or day == missed:
            continue
        if day == top:
            value = peak
        elif day < top:
            value = min(peak * fold ** ((day - top) / top) * noise, 0.9 * peak)
        else:
            since = day - top
            value = peak * ((1 - slow) * math.exp(-alpha * since) + slow * math.exp(-beta * since)) * noise
            value = min(value, 0.9 * peak)
        below = value < LLOQ_CART
        text = f"{LLOQ_CART if below else value:.0f}"
        rows.append(_row(patient, "cart", day + late, text, COPIES, "<" if below else ""))
    return rows


def _il6(patient: Patient) -> list[dict[str, Value]]:
    """Interleukin-6: a rise and fall around the peak day on the logarithm, cut at the assay's limits."""
    chance = patient.chance("il6")
    floor = clip(chance.lognormal(3.5, 0.6), 0.8, 7.0)
    rise, fall = chance.uniform(1.3, 2.4), chance.uniform(1.8, 3.6)
    rows = []
    for day in IL6_DAYS:
        noise = chance.lognormal(1, 0.25)
        away = abs(day - patient.il6_peak_day) / (rise if day < patient.il6_peak_day else fall)
        value = floor * (patient.il6_peak / floor) ** math.exp(-(away**1.4) / 2)
        value = patient.il6_peak if away == 0 else min(value * noise, 0.9 * min(patient.il6_peak, ULOQ_IL6))
        qualifier = "<" if value < LLOQ_IL6 else ">" if value > ULOQ_IL6 else ""
        rows.append(_row(patient, "il6", day, f"{clip(value, LLOQ_IL6, ULOQ_IL6):.1f}", "pg/mL", qualifier))
    return rows
