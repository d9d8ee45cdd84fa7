"""Data as other systems hand them over: CDISC's analysis data sets, a REDCap export with its dictionary, statistics programs'
files. Made by code, the same each time, with the numbers that a report of them must come to."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

N = 24
START = date(2022, 3, 1)
RESPONSES = ("CR", "PR", "SD", "PD")


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def started(i: int) -> date:
    return START + timedelta(days=9 * i)


def study_day(day: int) -> int:
    """CDISC's study day of a day counted from 0: there is no day 0."""
    return day + 1 if day >= 0 else day


def adsl() -> list[dict[str, Any]]:
    return [
        {
            "STUDYID": "ABC-01",
            "USUBJID": f"ABC-01-{i:03d}",
            "SITEID": str(101 + i % 3),
            "TRT01P": ("Placebo", "Drug 10 mg")[i % 2],
            "TRT01PN": i % 2,
            "TRTSDT": started(i).isoformat(),
            "AGE": 40 + (i * 7) % 35,
            "SEX": "MF"[i % 3 == 0],
            "SAFFL": "Y",
        }
        for i in range(N)
    ]


def adtte() -> list[dict[str, Any]]:
    """OS: every third dies; PFS: every second progresses or dies. CNSR 0 is the event."""
    rows = []
    for i in range(N):
        for code, name, event, day in (
            ("OS", "Overall Survival", i % 3 == 0, 200 + 10 * i),
            ("PFS", "Progression-Free Survival", i % 2 == 0 or i % 3 == 0, 90 + 5 * i),
        ):
            rows.append(
                {
                    "STUDYID": "ABC-01",
                    "USUBJID": f"ABC-01-{i:03d}",
                    "PARAM": f"{name} (days)",
                    "PARAMCD": code,
                    "AVAL": day,
                    "CNSR": 0 if event else 1 + i % 2,
                    "ADT": (started(i) + timedelta(days=day - 1)).isoformat(),
                    "STARTDT": started(i).isoformat(),
                }
            )
    return rows


def adae() -> list[dict[str, Any]]:
    """The first event of each patient on the day of the first dose; one before it, not treatment-emergent."""
    rows = []
    for i in range(N):
        for k, (term, grade, day) in enumerate((("NAUSEA", 1 + i % 3, 0), ("FATIGUE", 2, 5 + i), ("HEADACHE", 3, -4))):
            if (k == 1 and i % 2) or (k == 2 and i % 6):
                continue
            rows.append(
                {
                    "STUDYID": "ABC-01",
                    "USUBJID": f"ABC-01-{i:03d}",
                    "AETERM": term.capitalize(),
                    "AEDECOD": term,
                    "AETOXGR": str(grade),
                    "ASTDT": (started(i) + timedelta(days=day)).isoformat(),
                    "ASTDY": study_day(day),
                    "AENDY": study_day(day + 3),
                    "TRTEMFL": "Y" if day >= 0 else "",
                }
            )
    return rows


def adrs() -> list[dict[str, Any]]:
    """Responses at two visits, the best one, and whether it was confirmed."""
    rows = []
    for i in range(N):
        best = RESPONSES[i % 4]
        for code, name, visits in (
            ("OVRLRESP", "Overall Response by Investigator", ((28, "SD" if i % 4 else "CR"), (56, best))),
            ("BOR", "Best Overall Response", ((56, best),)),
            ("CRSP", "Confirmed Response", ((56, "Y" if i % 4 == 0 else "N"),)),
        ):
            for day, answer in visits:
                rows.append(
                    {
                        "STUDYID": "ABC-01",
                        "USUBJID": f"ABC-01-{i:03d}",
                        "PARAM": name,
                        "PARAMCD": code,
                        "AVAL": RESPONSES.index(answer) + 1 if answer in RESPONSES else int(answer == "Y"),
                        "AVALC": answer,
                        "AVISIT": f"Day {day}",
                        "ADT": (started(i) + timedelta(days=day)).isoformat(),
                        "ADY": study_day(day),
                        "ANL01FL": "Y",
                    }
                )
    return rows


def adlb() -> list[dict[str, Any]]:
    """Neutrophils and hemoglobin; a repeated value that is not for analysis."""
    rows = []
    for i in range(N):
        for code, name, low, high, values in (
            ("NEUT", "Neutrophils (10^9/L)", 1.8, 7.5, ((-2, 4.0), (0, 3.0), (7, 0.3 + i / 20), (28, 2.5))),
            ("HGB", "Hemoglobin (g/L)", 120, 160, ((-2, 110 + i), (0, 108 + i), (7, 85 + i), (28, 100 + i))),
        ):
            for day, value in values:
                for flag in ("Y", "") if (i == 0 and day == 7) else ("Y",):
                    rows.append(
                        {
                            "STUDYID": "ABC-01",
                            "USUBJID": f"ABC-01-{i:03d}",
                            "PARAM": name,
                            "PARAMCD": code,
                            "AVAL": value if flag else 999.5,
                            "ADY": study_day(day),
                            "A1LO": low,
                            "A1HI": high,
                            "ANL01FL": flag,
                        }
                    )
    return rows


ADAM = {"adsl": adsl, "adtte": adtte, "adae": adae, "adrs": adrs, "adlb": adlb}


def adam(folder: Path) -> list[Path]:
    return [written(folder / f"{name}.csv", rows()) for name, rows in ADAM.items()]


def transport(folder: Path) -> list[Path]:
    """The same as SAS transport files, with labels and dates as SAS keeps them."""
    import pandas as pd
    import pyreadstat

    paths = []
    for name, rows in ADAM.items():
        data = pd.DataFrame(rows())
        for column in data:
            if str(column).endswith("DT"):
                data[column] = pd.to_datetime(data[column]).dt.date
        paths.append(folder / f"{name}.xpt")
        pyreadstat.write_xport(data, str(paths[-1]), table_name=name.upper(), file_format_version=5)
    return paths


DICTIONARY = [
    ("record_id", "baseline", "text", "Record ID", "", ""),
    ("arm", "baseline", "radio", "Study arm", "1, Standard | 2, Experimental", ""),
    ("age", "baseline", "text", "Age at enrolment", "", "integer"),
    ("sex", "baseline", "radio", "Sex", "1, Female | 2, Male", ""),
    ("prior", "baseline", "checkbox", "Earlier treatment", "1, Chemotherapy | 2, Radiation", ""),
    ("infusion_date", "baseline", "text", "Date of infusion", "", "date_ymd"),
    ("death_date", "baseline", "text", "Date of death", "", "date_ymd"),
    ("last_contact", "baseline", "text", "Last contact", "", "date_ymd"),
    ("response", "baseline", "radio", "Best response", "0, NR | 1, PR | 2, CR", ""),
    ("ae_term", "adverse_events", "text", "Adverse event", "", ""),
    ("ae_grade", "adverse_events", "radio", "Grade", "1, Mild | 2, Moderate | 3, Severe", ""),
    ("ae_start", "adverse_events", "text", "Start of the event", "", "date_ymd"),
]
CHOICES = {"arm": ("Standard", "Experimental"), "sex": ("Female", "Male"), "response": ("NR", "PR", "CR")}


def redcap(folder: Path, labels: bool = False) -> list[Path]:
    """An export with a repeating instrument, with codes or with labels in heads and cells, and its dictionary."""
    heads = (
        "Variable / Field Name",
        "Form Name",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
        "Text Validation Type OR Show Slider Number",
    )
    dictionary = [dict(zip(heads, field)) for field in DICTIONARY]
    rows: list[dict[str, Any]] = []
    for i in range(N):
        died = started(i) + timedelta(days=100 + i) if i % 4 == 0 else ""
        row = {
            "record_id": i + 1,
            "redcap_repeat_instrument": "",
            "redcap_repeat_instance": "",
            "arm": 1 + i % 2,
            "age": 30 + i,
            "sex": 1 + i % 3 % 2,
            "prior___1": int(i % 2 == 0),
            "prior___2": int(i % 5 == 0),
            "infusion_date": started(i),
            "death_date": died,
            "last_contact": died or started(i) + timedelta(days=400),
            "response": i % 3,
            "baseline_complete": 2,
            "ae_term": "",
            "ae_grade": "",
            "ae_start": "",
            "adverse_events_complete": "",
        }
        rows.append(row)
        empty = dict.fromkeys(row, "")
        for k in range(i % 3):
            rows.append(
                {
                    **empty,
                    "record_id": i + 1,
                    "redcap_repeat_instrument": "adverse_events",
                    "redcap_repeat_instance": k + 1,
                    "ae_term": ("Fever", "Rash")[k],
                    "ae_grade": 1 + (i + k) % 3,
                    "ae_start": started(i) + timedelta(days=2 + k),
                    "adverse_events_complete": 2,
                }
            )
    rows = [_labelled(row) for row in rows] if labels else rows
    return [written(folder / "export.csv", rows), written(folder / "dictionary.csv", dictionary)]


def _labelled(row: dict[str, Any]) -> dict[str, Any]:
    fields = {name: label for name, _, _, label, _, _ in DICTIONARY}
    heads = {
        **fields,
        "redcap_repeat_instrument": "Repeat Instrument",
        "redcap_repeat_instance": "Repeat Instance",
        "prior___1": "Earlier treatment (choice=Chemotherapy)",
        "prior___2": "Earlier treatment (choice=Radiation)",
        "baseline_complete": "Complete?",
        "adverse_events_complete": "Complete?.1",
    }
    made = {heads[name]: value for name, value in row.items()}
    for name, choices in CHOICES.items():
        if row[name] != "":
            made[fields[name]] = choices[row[name] - (name != "response")]
    for name in ("prior___1", "prior___2"):
        made[heads[name]] = {1: "Checked", 0: "Unchecked", "": ""}[row[name]]
    made["Grade"] = ("", "Mild", "Moderate", "Severe")[row["ae_grade"] or 0]
    made["Repeat Instrument"] = "Adverse Events" if row["redcap_repeat_instrument"] else ""
    for head in ("Complete?", "Complete?.1"):
        made[head] = "Complete" if made[head] == 2 else ""
    return made
