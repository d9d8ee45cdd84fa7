"""Studies whose patients are too many to be in memory together: read, checked, derived and counted portion by portion.

A portion holds some patients with all their rows, and goes the way that all patients go in a smaller study: the same
reading, checks and derivations. What an analysis asks of it is then counted, patients who are alike in it as one row
(`stats.analyses._alike`), and only these counts are kept and added to those of the next. Methods read counts, so the
results are the same to the last bit, and memory grows with a portion and with how many different answers there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from stats import run
from stats.analyses import _alike as alike
from stats.analyses._alike import Asking, Counted, EachPatient, Question
from stats.findings import SHOWN_PER_CODE, VERBS, Problem, counted
from stats.results import STUDY, Results, Row
from stats.study.types import Analysis, Study

if TYPE_CHECKING:
    Frames = Mapping[str, pd.DataFrame]

# what is said of all patients: true when every portion says so
OF_ALL = ("E_NO_ROWS", "W_EMPTY_ARM", "W_NO_AE", "W_NO_ROWS", "W_UNUSED_CODE", "W_WINDOW")
DIGITS = re.compile(r"\d+(?:(?:[.,]|, )\d+)*")  # a number, or several in a row
AGREEING = re.compile(rf"(?<=\w)s\b|\b(?:{'|'.join({*VERBS, *VERBS.values()})})\b| …")
MANY = 1 << 21  # counts of a question that wait to be added up


@dataclass(frozen=True)
class Examined:
    """Every finding; the results (None where findings forbid them), the definitions used, how many patients there are."""

    problems: list[Problem]
    results: Results | None
    ran: list[str]
    patients: int


def examined(study: Study, *, allow_outside: bool = False) -> Examined:
    """Everything from files to results, for a study that says how many patients may be in memory at once."""
    from stats import derive, intake
    from stats.intake import joins
    from stats.intake.plausibility import plausible
    from stats.intake.portions import portions
    from stats.intake.source import Source

    made, problems = portions(study, allow_outside)
    if not made:
        return Examined(problems, None, [], 0)
    part = replace(study, expected_n=None)  # of all patients, not of a portion
    read, later, ran, gathered, patients = Told(len(made)), Told(len(made)), dict[str, None](), Gathered(study), 0
    for portion in made:
        frames, found = intake.load(part, allow_outside=allow_outside, portion=portion)
        read.add(found, portion.number)
        if "subjects" not in frames:
            continue
        patients += len(frames["subjects"])
        if read.fatal:
            continue
        frames, met, used = derive.derive_all(part, frames)
        later.add([*met, *plausible(part, frames)], portion.number)
        ran |= dict.fromkeys(used)
        if not later.fatal:
            gathered.add(frames)
    whole = Source(study, study.subjects)
    joins.expected(whole, patients)
    problems = [*problems, *read.problems(), *whole.problems]
    if not any(problem.fatal for problem in problems):
        problems += [*later.problems(), *gathered.refused()]
    fatal = any(problem.fatal for problem in problems)
    return Examined(problems, None if fatal else gathered.results(), list(ran), patients)


class Gathered:
    """Counts of every question of every analysis, and of the facts about the study."""

    def __init__(self, study: Study):
        self.study = study
        self._asked: dict[str, list[Question]] = {}
        self._counts: dict[tuple[str, Question], list[pd.DataFrame]] = {}
        self._each: list[Analysis] = []

    def add(self, frames: Frames) -> None:
        """Count the patients of a portion; the first one shows what is asked."""
        first = not self._asked
        subjects = run.typed(self.study, frames["subjects"])
        frames = {**frames, "subjects": subjects}
        if first:
            asking = Asking(subjects)
            list(run.facts(self.study, asking))
            self._asked[STUDY] = list(asking.asked)
        self._count(STUDY, [subjects])
        for analysis in self.study.analyses.values():
            shown = run.shown(self.study, analysis, frames)
            if first:
                self._ask(analysis, shown)
            self._count(analysis.name, shown)

    def _ask(self, analysis: Analysis, shown: list[pd.DataFrame]) -> None:
        asking = [Asking(frame) for frame in shown]
        try:
            run.counted_on(self.study, analysis, asking)
        except EachPatient:
            self._each.append(analysis)
            asking[0].asked.clear()
        self._asked[analysis.name] = list(asking[0].asked)

    def _count(self, name: str, shown: list[pd.DataFrame]) -> None:
        for question in self._asked[name]:
            answer = alike.answered(shown[0], shown[1] if len(shown) > 1 else None, question)
            counts = self._counts.setdefault((name, question), [])
            counts.append(alike.together(answer))
            if sum(map(len, counts)) > MANY + len(counts[0]):
                counts[:] = [alike.together(pd.concat(counts))]

    def refused(self) -> list[Problem]:
        """Analyses that need all their patients at once."""
        return [
            Problem(
                "E_PORTIONS", f"an analysis of kind {analysis.kind} needs all its patients in memory at once", "study.toml",
                column=f"analyses.{analysis.name}", remedy="Take patients_at_once out of [study], or the analysis; kinds "
                "that can be counted in portions are listed in docs/large-data.md")
            for analysis in self._each
        ]

    def results(self) -> Results:
        """All analyses, on counts."""
        rows: list[Row] = list(run.facts(self.study, self._answers(STUDY)))
        for analysis in self.study.analyses.values():
            counted = self._answers(analysis.name, run.choices(self.study, analysis)[0])
            given = [counted] * len(run.schema(analysis.kind)[0])
            rows += [row.of(analysis.name) for row in run.counted_on(self.study, analysis, given)]
        return Results([*rows, *run.over_all(self.study, rows)])

    def _answers(self, name: str, by: str = "arm") -> Counted:
        answers = {question: alike.together(pd.concat(self._counts.pop((name, question)))) for question in self._asked[name]}
        return Counted({question: run.peopled(answer, by) for question, answer in answers.items()})


@dataclass
class Kind:
    """Findings that say the same: those shown, how many there are at rows, and in which portions."""

    shown: list[Problem] = field(default_factory=list)
    portions: dict[int, int] = field(default_factory=dict)  # how many in each

    @property
    def summed(self) -> bool:
        """Whether it tells a number of each portion, or nothing of a single row."""
        first = self.shown[0]
        return first.row is None or (max(self.portions.values()) == 1 and DIGITS.search(first.reason) is not None)


def alike_in(reason: str) -> str:
    """The reason without numbers and what agrees with them: '1 row repeats: 4' and '2 rows repeat: 4, 7' are alike."""
    return AGREEING.sub("", DIGITS.sub("#", reason))


class Told:
    """Findings of all portions as one list, in which none stands once for each portion."""

    def __init__(self, portions: int):
        self.portions = portions
        self._kinds: dict[tuple[str, ...], Kind] = {}

    @property
    def fatal(self) -> bool:
        return any(key[0].startswith("E_") and key[0] not in OF_ALL for key in self._kinds)

    def add(self, problems: list[Problem], portion: int) -> None:
        for problem in problems:
            key = (problem.code, problem.file, problem.sheet, problem.column, problem.remedy, alike_in(problem.reason))
            kind = self._kinds.setdefault(key, Kind())
            kind.portions[portion] = kind.portions.get(portion, 0) + 1
            if len(kind.shown) < SHOWN_PER_CODE or self.portions == 1:
                kind.shown.append(problem)

    def problems(self) -> list[Problem]:
        """Each kind with its first rows; what is counted is told of one portion, and in how many others there is the like."""
        found: list[Problem] = []
        for (code, *_), kind in self._kinds.items():
            first, others = kind.shown[0], len(kind.portions) - 1
            if code in OF_ALL:
                found += [first] if others == self.portions - 1 else []
            elif others and kind.summed:
                like = f" (in one portion of the patients; the like in {others} of the {self.portions - 1} others)"
                found.append(replace(first, reason=first.reason + like))
            else:
                found += kind.shown
                if more := sum(kind.portions.values()) - len(kind.shown):
                    found.append(replace(first, reason=f"the same in {counted(more, 'more row')}", row=None, value="", cell=""))
        return found
