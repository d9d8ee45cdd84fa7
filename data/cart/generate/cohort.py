"""From a seed to seven tables of text, in a fixed order of rows and columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from . import fates, laboratory, toxicity
from .chance import Chance
from .patients import Patient, Value, enrol
from .targets import SHIPPED, Arm

Table = list[dict[str, Value]]

BASELINE = ("age", "sex", "ecog", "ph_pos", "tp53", "emd", "donor_type", "conditioning", "prior_agvhd", "prior_cgvhd",
            "prior_lines", "prior_blinatumomab", "bridging", "blasts_bl", "mrd_bl", "dose", "viability",
            "transduction")  # fmt: skip
COLUMNS: Mapping[str, Sequence[str]] = {
    "subjects": ("subject", "arm", *BASELINE, "hsct_date", "relapse_before_date", "apheresis_date", "infusion_date",
                 "relapse_date", "progression_date", "hsct2_date", "death_date", "death_cause",
                 "last_assessment_date", "last_contact_date"),
    "responses": ("subject", "date", "blasts", "anc", "platelets", "extramedullary", "mrd", "mrd_sensitivity",
                  "mrd_method", "response"),
    "events": ("subject", "term", "grade", "date", "end_date", "temperature", "hypotension", "hypoxia", "ice",
               "consciousness", "seizure", "motor", "oedema"),
    "series": ("subject", "analyte", "date", "value", "qualifier", "unit", "lln"),
    "gvhd": ("subject", "date", "skin", "liver", "upper_gi", "lower_gi"),
    "treatments": ("subject", "drug", "date", "end_date", "reason"),
    "screening": ("screen_id", "date", "apheresed", "manufactured", "infused", "exclude_reason"),
}  # fmt: skip
# who was screened and not infused, for 23 infused: (apheresed, manufactured, reason)
LOST = (
    (0, 0, "active GVHD"), (0, 0, "uncontrolled infection"), (0, 0, "withdrew consent"),
    (1, 0, "manufacturing failure"), (1, 0, "died before infusion"),
    (1, 1, "died before infusion"), (1, 1, "uncontrolled infection"),
)  # fmt: skip


def generate(seed: int, arms: tuple[Arm, ...] = SHIPPED) -> dict[str, Table]:
    """All tables of one cohort; equal seeds and arms give equal tables."""
    patients = enrol(seed, arms)
    fates.decide(seed, patients)
    laboratory.prepare(seed, patients)
    toxicity.grade_all(seed, patients)
    return {
        "subjects": [_subject(patient) for patient in patients],
        "responses": [row for patient in patients for row in _responses(patient)],
        "events": toxicity.events(patients),
        "series": [row for patient in patients for row in laboratory.series(patient)],
        "gvhd": toxicity.gvhd(patients),
        "treatments": toxicity.treatments(patients),
        "screening": _screening(seed, patients),
    }


def _subject(patient: Patient) -> dict[str, Value]:
    facts = patient.facts
    day = {name: int(facts[f"{name}_day"] or 0) for name in ("hsct", "relapse_before", "apheresis")}
    return {
        "subject": patient.subject, "arm": patient.arm.key, **{name: facts[name] for name in BASELINE},
        "hsct_date": patient.on(day["hsct"]), "relapse_before_date": patient.on(day["relapse_before"]),
        "apheresis_date": patient.on(day["apheresis"]), "infusion_date": patient.on(0),
        "relapse_date": patient.on(patient.relapse), "progression_date": patient.on(patient.progression),
        "hsct2_date": patient.on(patient.second_transplant), "death_date": patient.on(patient.death),
        "death_cause": patient.cause, "last_assessment_date": patient.on(patient.last_assessment),
        "last_contact_date": patient.on(patient.last_contact),
    }  # fmt: skip


def _responses(patient: Patient) -> Table:
    own = patient.subject
    return [{"subject": own, "date": patient.on(int(visit["day"] or 0)), **visit} for visit in patient.visits]


def _screening(seed: int, patients: list[Patient]) -> Table:
    """Everybody screened, numbered by date of screening, without a link to the patients' own numbers."""
    chance = Chance(seed, "screening")
    rows: list[dict[str, Value]] = []
    for patient in patients:
        before = int(patient.facts["relapse_before_day"] or 0) + chance.whole(1, 8)
        rows.append({"date": patient.on(before), "apheresed": 1, "manufactured": 1, "infused": 1,
                     "exclude_reason": None})  # fmt: skip
    for number in range(round(len(LOST) * len(patients) / 23)):
        apheresed, manufactured, reason = LOST[number % len(LOST)]
        day = chance.pick(patients).infusion + timedelta(days=chance.whole(-120, -30))
        rows.append({"date": day.isoformat(), "apheresed": apheresed, "manufactured": manufactured, "infused": 0,
                     "exclude_reason": reason})  # fmt: skip
    rows.sort(key=lambda row: (str(row["date"]), str(row["exclude_reason"])))
    width = max(2, len(str(len(rows))))
    return [{"screen_id": f"SC-{number:0{width}d}", **row} for number, row in enumerate(rows, start=1)]


def write(tables: Mapping[str, Table], folder: Path) -> None:
    """One UTF-8 file per table, `\\n` line ends, columns in their declared order, empty cells for what is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name], extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
