"""A small invented trial with every kind of column and endpoint, for tests that need a whole study folder."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np

from report.counting import count
from report.names import names
from report.style import load
from report.voice import Voice
from stats.study.read import read

START = datetime.date(2020, 1, 6)

HEAD = """
[study]
title = "A small invented trial"
short = "SMALL"
design = "randomised trial"
data_cutoff = 2024-12-31
day_zero = "start"
reference = "C"
synthetic = true
seed = 7

[arms]
E = "Experimental"
C = "Control"

[populations]
all = { label = "all patients" }
known = { label = "with a known marker", where = "known(marker) and not (stage in ['III'] and sex == 'M')" }

[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = { type = "id", source = "Patient" }
arm     = { type = "arm", values = { "1" = "E", "2" = "C" } }
age     = { type = "number", label = "Age", unit = "years", digits = 0 }
dose    = { type = "number", label = "Dose", unit = "mg", digits = 1, summary = "mean-sd" }
sex     = { type = "category", label = "Sex", levels = { F = "Female", M = "Male" } }
site    = { type = "category", label = "Site", levels = ["north", "south", "west"] }
stage   = { type = "ordinal", label = "Stage", levels = ["I", "II", "III"] }
marker  = { type = "flag", label = "Marker" }
start      = { type = "date", label = "Start" }
relapse    = { type = "date", label = "Relapse" }
transplant = { type = "date", label = "Transplantation" }
death      = { type = "date", label = "Death" }
last       = { type = "date", label = "Last contact" }
wait     = { type = "number", label = "Start to transplantation", unit = "days", between = ["start", "transplant"] }
fever    = { type = "ordinal", label = "Fever grade", levels = ["0", "1", "2", "3", "4"] }
[frames.subjects.columns.virus_28]
type = "number"
label = "Virus at day 28"
unit = "copies"
from = { frame = "series", analyte = "virus", day = [20, 36], pick = "nearest", to = 28 }
[frames.subjects.columns.treated]
type = "flag"
label = "Antiviral treatment"
from = { frame = "treatments", where = "drug == 'antiviral'", pick = "any" }
[frames.subjects.columns.rescue_day]
type = "number"
label = "Day of rescue"
from = { frame = "treatments", where = "drug == 'rescue'", pick = "first-day" }

[frames.series]
file = "series.csv"
[frames.series.columns]
subject = { type = "id", source = "Patient" }
analyte = { type = "category", levels = ["virus"] }
date    = { type = "date" }
value   = { type = "number" }
qualifier = { type = "text" }

[frames.treatments]
file = "treatments.csv"
[frames.treatments.columns]
subject = { type = "id", source = "Patient" }
drug    = { type = "category", levels = ["antiviral", "rescue"] }
date    = { type = "date" }

[endpoints.os]
label = "Overall survival"
start = "start"
event = ["death"]
censor = ["last"]
unit = "months"

[endpoints.rfs]
label = "Relapse-free survival"
start = "start"
event = ["relapse", "death"]
censor = ["last"]
unit = "months"

[endpoints.rfs_transplant]
label = "Relapse-free survival, censored at transplantation"
start = "start"
event = ["relapse", "death"]
censor = ["transplant", "last"]
unit = "months"

[endpoints.relapse]
label = "Relapse"
start = "start"
event = ["relapse"]
competing = ["death"]
censor = ["last"]
unit = "months"

[endpoints.rescue]
label = "Rescue"
start = "start"
event = ["rescue_day"]
competing = ["death"]
censor = ["last"]
unit = "days"

[endpoints.early]
label = "Early stage without the marker"
where = "stage <= 'II' and not marker"

[endpoints.south]
label = "Treated in the south"
column = "site"
responses = ["south", "west"]

[terms]
fever = { label = "Fever", from = "fever" }

[analytes]
virus = { label = "Virus", unit = "copies", scale = "log", lloq = 20, window = [1, 60] }
"""


def write(
    folder: Path, analyses: str, n: int = 40, arms: tuple[str, ...] = ("1", "2"), seed: int = 3, head: str = HEAD
) -> Path:
    """A study folder with these analyses; the same seed gives the same patients."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    subjects, series, treatments = [], [], []
    for i in range(n):
        name, start = f"P{i:02d}", START + datetime.timedelta(days=int(draw.integers(0, 700)))
        arm = arms[i % len(arms)]
        days = {
            key: int(draw.exponential(scale)) + 5
            for key, scale in (
                ("relapse", 500 if arm == "1" else 250),
                ("transplant", 900),
                ("death", 900 if arm == "1" else 600),
            )
        }
        last = int(draw.integers(300, 1100))
        died = days["death"] < last
        end = days["death"] if died else last
        row = {
            "Patient": name,
            "arm": arm,
            "age": int(draw.normal(55, 9)),
            "dose": f"{draw.normal(20, 4):.1f}",
            "sex": draw.choice(["F", "M"]),
            "site": draw.choice(["north", "south", "west"]),
            "stage": draw.choice(["I", "II", "III"]),
            "marker": draw.choice(["yes", "no"]),
            "start": start,
            "relapse": _on(start, days["relapse"], end),
            "transplant": _on(start, days["transplant"], end),
            "death": _on(start, days["death"], end if died else -1),
            "last": start + datetime.timedelta(days=end),
            "fever": draw.choice(["0", "0", "1", "1", "2", "3"]),
        }
        for column in ("marker", "stage", "age"):
            if draw.random() < 0.07:
                row[column] = ""
        subjects.append(row)
        level = draw.lognormal(7, 1)
        for day in (0, 3, 7, 14, 21, 28, 42, 59):
            if draw.random() < 0.85 and day < end:
                value = level * draw.lognormal(0, 0.4) * min(day + 1, 8) / (1 + day / 4) ** 2
                series.append(
                    {
                        "Patient": name,
                        "analyte": "virus",
                        "date": start + datetime.timedelta(days=day),
                        "value": "20" if value < 20 else f"{value:.0f}",
                        "qualifier": "<" if value < 20 else "",
                    }
                )
        for drug, chance in (("antiviral", 0.4), ("rescue", 0.5)):
            if draw.random() < chance:
                when = start + datetime.timedelta(days=int(draw.integers(1, max(2, end))))
                treatments.append({"Patient": name, "drug": drug, "date": when})
    for name, rows in (("subjects", subjects), ("series", series), ("treatments", treatments)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "study.toml").write_text(head.lstrip() + analyses, encoding="utf-8")
    return folder


def _on(start: datetime.date, day: int, until: int) -> datetime.date | str:
    return start + datetime.timedelta(days=day) if day <= until else ""


def voice(folder: Path) -> Voice:
    """The study's results with a voice to say them in."""
    study = read(folder)
    results = count(study).results
    return Voice(study, results, load(study.style, names(study), results))
