"""A small study on disk that tests bend out of shape, one file at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from stats.findings import Problem
from stats.intake import load
from stats.study.read import examine

STUDY = """
[study]
title = "A small study"
short = "SMALL"
data_cutoff = 2022-12-31
day_zero = "infused"
style = "plain"

[arms]
R = "Recipient"
D = "Donor"

[frames.subjects]
file = "subjects.csv"
[frames.subjects.columns]
subject = { type = "id" }
arm = { type = "arm" }
age = { type = "number", range = [0, 120], unit = "years" }
sex = { type = "category", levels = { F = "Female", M = "Male" } }
ecog = { type = "ordinal", levels = [0, 1, 2] }
tp53 = { type = "flag" }
best = { type = "category", levels = ["CR", "PR", "NE"] }
infused = { type = "date", required = true }
died = { type = "date" }
os_months = { type = "number" }
os_event = { type = "number" }

[frames.events]
file = "events.csv"

[frames.series]
file = "series.csv"

[endpoints.os]
time = "os_months"
status = "os_event"
[endpoints.response]
column = "best"
responses = ["CR", "PR"]

[terms]
crs = { window = [0, 30] }
neutropenia = { window = [0, 30] }

[analytes]
il6 = { unit = "pg/mL", lloq = 10, uloq = 5000 }
hb = { unit = "g/dL" }
"""
SUBJECTS = """subject,arm,age,sex,ecog,tp53,best,infused,died,os_months,os_event
S1,R,34,F,0,0,CR,2020-01-10,,24.5,0
S2,R,51.5,M,1,1,PR,2020-02-11,2021-03-01,12.6,1
S3,D,18,F,2,no,NE,2020-03-12,,20,0
S4,D,60,M,1,,CR,2020-04-13,2020-09-13,5,1
"""
EVENTS = """subject,term,grade,day,end_day
S1,crs,2,3,6
S1,neutropenia,4,5,20
S2,crs,1,2,4
S4,neutropenia,3,8,15
"""
SERIES = """subject,analyte,day,value,unit
S1,il6,1,120,pg/mL
S1,il6,3,900.5,pg/mL
S2,il6,1,50,pg/mL
S2,hb,1,9.5,g/dL
S3,hb,1,10.5,g/dL
"""


class Case:
    """The study folder; `load` reads it and keeps frames and problems."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.frames: dict[str, pd.DataFrame] = {}
        self.problems: list[Problem] = []
        for name, text in (("study.toml", STUDY), ("subjects.csv", SUBJECTS), ("events.csv", EVENTS),
                           ("series.csv", SERIES)):
            self.write(name, text)

    def write(self, name: str, content: str | bytes) -> None:
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def change(self, name: str, old: str, new: str, count: int = 1) -> None:
        text = (self.folder / name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, count))

    def load(self, *, allow_outside: bool = False) -> list[str]:
        """Codes found, in order, without repeats; the study file itself must be in order."""
        study, problems = examine(self.folder, allow_outside=True)
        assert study is not None, problems
        assert not any(problem.fatal for problem in problems), problems
        self.frames, self.problems = load(study, allow_outside=allow_outside)
        return list(dict.fromkeys(problem.code for problem in self.problems))

    def only(self, code: str) -> Problem:
        """The one problem with this code."""
        found = [problem for problem in self.problems if problem.code == code]
        assert len(found) == 1, self.problems
        return found[0]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.fixture
def same_as_base(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None]:
    """Assert that the frames equal those of the unchanged study."""
    base = Case(tmp_path_factory.mktemp("base"))
    base.load()

    def check() -> None:
        assert list(case.frames) == list(base.frames)
        for name, frame in base.frames.items():
            pd.testing.assert_frame_equal(case.frames[name], frame)
    return check
