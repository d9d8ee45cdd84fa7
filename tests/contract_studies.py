"""Studies with every kind of analysis, for any arms and any number of patients: written from the reference alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

HEAD = """
[study]
title = "Every kind of analysis"
short = "EVERY"
design = "retrospective cohort"
data_cutoff = 2024-12-31
{head}
[arms]
{arms}
[populations]
everybody = {{ label = "all patients" }}
older = {{ label = "patients aged 50 years or more", where = "age >= 50" }}
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
arm = {{ type = "arm" }}
age = {{ type = "number", label = "Age", unit = "years", digits = 0, range = [0, 110] }}
weight = {{ type = "number", label = "Weight", unit = "kg", digits = 1, summary = "mean-sd" }}
site = {{ type = "category", label = "Site", levels = {{ n = "North", s = "South", w = "West" }} }}
stage = {{ type = "ordinal", label = "Stage", levels = ["1", "2", "3"] }}
marker = {{ type = "flag", label = "Marker" }}
months = {{ type = "number", unit = "months" }}
status = {{ type = "number" }}
response = {{ type = "category", label = "Response", levels = ["CR", "CRi", "NR", "NE"] }}
[frames.events]
file = "events.csv"
[frames.series]
file = "series.csv"
[endpoints.os]
label = "Overall survival"
time = "months"
status = "status"
status_values = {{ event = [1, 2, 3], censored = [0], competing = [] }}
[endpoints.relapse]
label = "Relapse"
time = "months"
status = "status"
[endpoints.cr]
label = "CR or CRi"
column = "response"
responses = ["CR", "CRi"]
[endpoints.early]
label = "Remission with the marker"
where = "response in ['CR', 'CRi'] and marker"
[terms]
crs = {{ label = "Cytokine release syndrome", grading = "ASTCT 2019", window = [0, 30] }}
neutropenia = {{ label = "Neutropenia", grading = "CTCAE", from = "anc", window = [0, 30] }}
[analytes]
il6 = {{ label = "Interleukin-6", unit = "pg/mL", scale = "log", lloq = 2, uloq = 300, window = [0, 28] }}
anc = {{ label = "Neutrophils", unit = "10^9/L", window = [0, 30] }}
"""
ANALYSES = """
[analyses.base]
kind = "characteristics"
population = "everybody"
variables = ["age", "weight", "site", "stage", "marker"]
[analyses.untested]
kind = "characteristics"
variables = ["age", "site"]
test = false
[analyses.by_site]
kind = "characteristics"
variables = ["age", "stage", "marker"]
by = "site"
[analyses.response]
kind = "proportion"
outcomes = ["cr", "early"]
[analyses.response_site]
kind = "proportion"
outcomes = ["cr"]
by = "site"
[analyses.os]
kind = "survival"
endpoint = "os"
at = [6, 12, 13.5]
ticks = [0, 6, 12, 18]
[analyses.os_older]
kind = "survival"
population = "older"
endpoint = "os"
at = [12]
[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
at = [6, 12]
ticks = [0, 6, 12, 18]
[analyses.followup]
kind = "followup"
endpoint = "os"
[analyses.tox]
kind = "adverse-events"
terms = ["crs", "neutropenia"]
severe = 2
[analyses.il6]
kind = "kinetics"
analyte = "il6"
at = [0, 7, 14]
[analyses.anc]
kind = "kinetics"
analyte = "anc"
"""


def write(
    folder: Path,
    arms: Sequence[str],
    n: int = 36,
    seed: int = 5,
    head: str = "",
    analyses: str = ANALYSES,
    given: Sequence[str] = (),
) -> Path:
    """A study folder; patients go round the arms, or round those `given` when some arm is to stay empty."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(seed)
    used = tuple(given) or tuple(arms)
    subjects: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    series: list[dict[str, Any]] = []
    for i in range(n):
        place = i % len(used)
        name = f"{i + 1:03d}"
        subjects.append(
            {
                "subject": name,
                "arm": used[place],
                "age": int(draw.normal(52, 9)) if i % 11 else "",
                "weight": f"{draw.normal(70, 9):.1f}",
                "site": draw.choice(["n", "s", "w"]),
                "stage": draw.choice(["1", "2", "3", ""]),
                "marker": draw.choice(["yes", "no"]),
                "months": f"{draw.exponential(9 + 6 * place) + 0.1:.2f}",
                "status": draw.choice(["0", "1", "1", "2", "3"]),
                "response": draw.choice(["CR", "CRi", "NR", "NE"]),
            }
        )
        if draw.random() < 0.7:
            day = int(draw.integers(1, 9))
            events.append(
                {
                    "subject": name,
                    "term": "crs",
                    "grade": int(draw.integers(1, 5)),
                    "day": day,
                    "end_day": day + int(draw.integers(0, 6)),
                }
            )
        peak = draw.lognormal(4 + place / 2, 0.8)
        for day in (-2, 0, 3, 7, 10, 14, 21, 28):
            value = peak * np.exp(-abs(day - 8) / 4)
            series.append(
                {
                    "subject": name,
                    "analyte": "il6",
                    "day": day,
                    "value": f"{min(max(value, 2), 300):.2f}",
                    "qualifier": "<" if value < 2 else ">" if value > 300 else "",
                    "lln": "",
                }
            )
            count = draw.lognormal(1, 0.4) * (0.1 if 2 < day < 15 else 1)
            series.append(
                {"subject": name, "analyte": "anc", "day": day, "value": f"{count:.2f}", "qualifier": "", "lln": 1.8}
            )
    for file, rows in (("subjects", subjects), ("events", events), ("series", series)):
        with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    labels = "\n".join(f'"{arm}" = "Treatment {arm}"' for arm in arms)
    (folder / "study.toml").write_text(HEAD.format(head=head, arms=labels) + analyses, "utf-8")
    return folder
