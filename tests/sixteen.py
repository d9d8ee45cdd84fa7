"""A study of sixteen patients, small enough to build in a second, with an abstract and claims."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

STUDY = """
[study]
title = "Sixteen patients"
short = "SIXTEEN"
design = "retrospective cohort"
data_cutoff = 2024-12-31
day_zero = "infused"
reference = "D"
primary = "os"
style = "plain"
seed = 1

[arms]
R = "Recipient"
D = "Donor"

[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = { type = "id" }
arm = { type = "arm" }
age = { type = "number", label = "Age", unit = "years", digits = 0, range = [0, 100] }
sex = { type = "category", label = "Sex", levels = { F = "Female", M = "Male" } }
response = { type = "category", label = "Response", levels = ["CR", "NR"] }
infused = { type = "date", label = "Infusion", required = true }
died = { type = "date", label = "Death" }
seen = { type = "date", label = "Last contact", required = true }

[endpoints.os]
label = "Overall survival"
short = "OS"
start = "infused"
event = ["died"]
censor = ["seen"]
unit = "months"

[endpoints.cr]
label = "Complete response"
short = "CR"
column = "response"
responses = ["CR"]

[analyses.baseline]
kind = "characteristics"
variables = ["age", "sex"]

[analyses.response]
kind = "proportion"
outcomes = ["cr"]

[analyses.os]
kind = "survival"
endpoint = "os"
at = [12]

[claims.response]
quote = "complete response did not differ between the groups"
type = "no-difference"
result = "response/cr.difference@R:D"

[claims.share]
quote = "Complete response was seen in 75% of the R group"
type = "value"
result = "response/cr@R"
printed = { R = "75%" }
"""
ABSTRACT = """Abstract
Background: Better treatments are needed.
Methods: We studied 16 patients.
Results: Complete response was seen in 75% of the R group; complete response did not differ between the groups.
Conclusion: The R group should be studied further.
"""
HEAD = "subject,arm,age,sex,response,infused,died,seen"
DEATHS = {"R1": 400, "R5": 700, "D1": 60, "D2": 120, "D3": 180, "D5": 300, "D6": 390}
NO_RESPONSE = ("R1", "R2", "D1", "D2", "D3", "D4")


def subjects() -> str:
    lines = [HEAD]
    for arm in "RD":
        for i in range(1, 9):
            name = f"{arm}{i}"
            start = date(2021, 1, 4) + timedelta(days=31 * i + (7 if arm == "D" else 0))
            end = start + timedelta(days=DEATHS.get(name, 800 + 11 * i))
            died = end.isoformat() if name in DEATHS else ""
            response = "NR" if name in NO_RESPONSE else "CR"
            lines.append(f"{name},{arm},{20 + 3 * i + (arm == 'D')},{'FM'[i % 2]},{response},{start},{died},{end}")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "subjects.csv").write_text(subjects(), "utf-8")
    (folder / "abstract.txt").write_text(ABSTRACT, "utf-8")
    return folder


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path.name}"
    path.write_text(text.replace(before, after), "utf-8")
