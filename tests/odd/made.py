"""Studies that are odd in how they are declared, or in what became of their patients."""

from __future__ import annotations

import csv
import io

import pytest

from report import prose
from report.build import build
from report.counting import count
from report.names import names
from report.style import load
from report.voice import Voice
from stats.findings import Refused
from stats.study.read import read

HEAD = """[study]
title = "Odd"
short = "ODD"
design = "retrospective cohort"
data_cutoff = 2025-06-30
day_zero = "start"
reference = "R"
{study}
[arms]
R = "Arm R"
D = "Arm D"
[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = {{ type = "id" }}
arm = {{ type = "arm" }}
start = {{ type = "date" }}
age = {{ type = "number", label = "Age" }}
cr = {{ type = "flag", label = "Complete response" }}
grp = {{ type = "category", label = "Group", levels = {levels} }}
os_t = {{ type = "number", label = "Time", unit = "months" }}
os_s = {{ type = "number", label = "Status" }}
{columns}
[endpoints.os]
label = "Overall survival"
time = "os_t"
status = "os_s"
[endpoints.rate]
label = "CR"
where = "cr"
"""
SERIES = """[frames.series]
file = "series.csv"
[analytes]
car = { label = "CAR transgene", scale = "log", window = [1, 28] }
[analyses.car]
kind = "kinetics"
analyte = "car"
"""
TWICE = """[analyses.{}]
kind = "proportion"
outcomes = ["rate"]
{}
"""


def patients(n=12, **columns):
    """n patients, half of them in each arm; columns: a function of the patient's number."""
    given = {
        "arm": lambda i: "RD"[i % 2], "start": lambda i: "2018-01-01", "age": lambda i: 30 + i, "cr": lambda i: int(i % 3 == 0),
        "grp": lambda i: "xy"[i % 2], "os_t": lambda i: 1 + i, "os_s": lambda i: i % 2,
    } | columns
    return [{"subject": f"P{i:02d}", **{name: make(i) for name, make in given.items()}} for i in range(n)]


def laid(folder, rest, rows=None, *, study="", levels='["x", "y"]', columns="", series=()):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(HEAD.format(study=study, levels=levels, columns=columns) + rest, "utf-8")
    for name, table in (("subjects.csv", rows or patients()), ("series.csv", series)):
        if table:
            out = io.StringIO()
            writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
            (folder / name).write_text(out.getvalue(), "utf-8")
    return folder


def voiced(folder):
    study = read(folder)
    results = count(study).results
    return Voice(study, results, load("plain", names(study), results).in_sentence)


def said(voice, address):
    return prose.finding(voice, address).striptags().replace("\u00a0", " ")


def pages(folder):
    return build(read(folder), style="plain", formats=("html",), code="0" * 64).files["report.html"]


def refused(folder):
    with pytest.raises(Refused) as caught:
        read(folder)
    return [problem.line() for problem in caught.value.problems]


def samples(values, day=7):
    return [{"subject": f"P{i:02d}", "analyte": "car", "day": day, "value": value} for i, value in enumerate(values)]
