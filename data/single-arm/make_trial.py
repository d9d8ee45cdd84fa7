"""Make the synthetic single-arm trial of this folder. SYNTHETIC: nobody in it exists, and nothing in it is evidence.

    python data/single-arm/make_trial.py              write the shipped files: the same bytes every time
    python data/single-arm/make_trial.py --out DIR    the same into another folder

Needs nothing but Python. Responses, times and events are drawn from one seeded generator by simple rules: about seven
in ten patients respond, responses last two years on average, severe cytokine release is rare.
"""

from __future__ import annotations

import argparse
import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SEED = 20240131
PATIENTS = 40
CUTOFF = date(2024, 1, 31)
FIRST, LAST = date(2019, 3, 4), date(2023, 3, 31)  # infusions
BEST = (("CR", 0.45), ("PR", 0.25), ("SD", 0.15), ("PD", 0.125), ("NE", 0.025))
CRS = (0.25, 0.45, 0.2, 0.075, 0.025)  # chances of grades 0 to 4
ICANS = (0.7, 0.15, 0.08, 0.05, 0.02)
NEUTROPENIA = (0.05, 0.05, 0.1, 0.3, 0.5)
INFECTION = (0.65, 0.1, 0.1, 0.15)
Row = dict[str, Any]


def generate(seed: int) -> dict[str, list[Row]]:
    """Tables `subjects` and `events`, a row as a dictionary; dates are dates, None is an empty cell."""
    chance = random.Random(seed)
    subjects, events = [], []
    for number in range(1, PATIENTS + 1):
        patient = _patient(chance, f"T{number:02d}")
        subjects.append(patient)
        events += _events(chance, patient)
    return {"subjects": subjects, "events": events}


def _patient(chance: random.Random, name: str) -> Row:
    infusion = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    best = _drawn(chance, [share for _, share in BEST], [word for word, _ in BEST])
    followed = (CUTOFF - infusion).days - chance.randrange(0, 60)
    response = chance.choice((28, 29, 30, 31, 56, 89, 90)) if best in ("CR", "PR") else None
    progression = _progression(chance, best, response)
    death = _death(chance, best, progression)
    last = min(followed, death) if death is not None else followed
    if progression is not None and progression > last:
        progression = None
    visit = max(28, last - chance.randrange(0, 45))
    seen = progression if progression is not None else last if death == last else visit
    return {
        "subject": name,
        "age": chance.randrange(24, 76),
        "sex": chance.choice("FM"),
        "ecog": _drawn(chance, (0.5, 0.4, 0.1), "012"),
        "stage": _drawn(chance, (0.05, 0.2, 0.3, 0.45), ("I", "II", "III", "IV")),
        "prior_lines": _drawn(chance, (0.3, 0.35, 0.2, 0.1, 0.05), (2, 3, 4, 5, 6)),
        "prior_asct": int(chance.random() < 0.4),
        "bulky": int(chance.random() < 0.3),
        "infusion_date": infusion,
        "best_response": best,
        "response_date": _on(infusion, response),
        "progression_date": _on(infusion, progression),
        "death_date": _on(infusion, death if death is not None and death <= followed else None),
        "last_assessment_date": _on(infusion, min(seen, last)),
        "last_contact_date": _on(infusion, last),
    }


def _progression(chance: random.Random, best: str, response: int | None) -> int | None:
    """The day of progression; None for a patient who never progresses however long one looks."""
    if best in ("CR", "PR"):
        assert response is not None
        if chance.random() < (0.45 if best == "CR" else 0.1):
            return None
        return response + 30 + int(chance.expovariate(1 / (420 if best == "CR" else 180)))
    return {"SD": 60 + int(chance.expovariate(1 / 60)), "PD": chance.choice((28, 29, 30)), "NE": None}[best]


def _death(chance: random.Random, best: str, progression: int | None) -> int | None:
    if best == "NE":
        return chance.randrange(12, 22)  # before the first assessment
    if progression is None:
        return None if chance.random() < 0.93 else 200 + int(chance.expovariate(1 / 600))
    return progression + 20 + int(chance.expovariate(1 / 500))


def _events(chance: random.Random, patient: Row) -> list[Row]:
    made = []
    for term, shares, first, spread, lasts in (("crs", CRS, 1, 6, 6), ("icans", ICANS, 4, 7, 8),
                                               ("neutropenia", NEUTROPENIA, 3, 6, 18), ("infection", INFECTION, 5, 40, 12)):
        grade = _drawn(chance, shares, range(len(shares)))
        day, length = first + chance.randrange(spread), 1 + chance.randrange(lasts)
        room = (patient["last_contact_date"] - patient["infusion_date"]).days
        if grade and day <= room:
            made.append({"subject": patient["subject"], "term": term, "grade": grade, "day": day,
                         "end_day": min(day + length, room)})
    return made


def _drawn(chance: random.Random, shares: Any, values: Any) -> Any:
    return chance.choices(list(values), weights=list(shares))[0]


def _on(infusion: date, day: int | None) -> date | None:
    return None if day is None else infusion + timedelta(days=day)


def write(tables: dict[str, list[Row]], out: Path) -> None:
    """One CSV file for each table."""
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: "" if cell is None else cell for key, cell in row.items()} for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the synthetic single-arm trial.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    write(generate(SEED), parser.parse_args().out)


if __name__ == "__main__":
    main()
