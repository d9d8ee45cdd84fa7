"""Who stands behind each count of the results: the patients it counts, as a row of zeros and ones.

Only with them can be known what one published count says about another one. A count whose patients are not found, or are
not as many as it says, is not published: a kind of analysis that nothing here knows gives nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stats import run
from stats.groups import ALL, groups
from stats.results import STUDY, Results, Row
from stats.study.types import Analysis, Study

COUNTS = ("n", "N", "missing", "at_risk", "events", "censored", "competing")
Mask = np.ndarray
Key = tuple[str, str]  # address, statistic


@dataclass(frozen=True)
class Counted:
    """The patients behind a number. `topics` are what it is about; without any it is the size of a group.

    `order` is 0 for sizes of groups, and the higher the sooner the number is given up for another one.
    """

    key: Key
    who: Mask
    group: str
    topics: frozenset[str]
    order: int
    chain: str = ""  # counts of one chain hold each other, as those of a curve do
    values: np.ndarray | None = None  # what was measured in them, where the count is of those measured


@dataclass(frozen=True)
class Part:
    """One analysis with the patients it was given: `place` says where they stand among all."""

    study: Study
    analysis: Analysis
    options: Mapping[str, Any]
    frames: list[pd.DataFrame]
    place: np.ndarray
    size: int
    groups: dict[str, Mask]
    times: Mapping[tuple[str, str], tuple[float, ...]]

    @property
    def subjects(self) -> pd.DataFrame:
        return self.frames[0]

    def counted(
        self,
        variable: str,
        stat: str,
        who: Mask,
        topics: Iterable[str],
        order: int = 2,
        level: str = "",
        at: float | None = None,
        each: Iterable[str] | None = None,
        chain: str = "",
        of: Any = None,
    ) -> Iterator[Counted]:
        """The count in every group; `of` holds a value for each patient, where the count is of those who have one."""
        by = str(self.options.get("by", "arm"))
        about = frozenset(topics) | ({f"column {by}"} if by != "arm" else frozenset())
        for group in self.groups if each is None else each:
            row = Row(variable, stat, 0, group, level, at, analysis=self.analysis.name)
            mask = np.zeros(self.size, dtype=bool)
            mine = who & self.groups[group]
            mask[self.place[mine]] = True
            values = None if of is None else np.asarray(of, dtype=float)[mine]
            yield Counted(
                (row.address, stat), mask, f"{by} {group}", about, order, f"{chain}@{group}" if chain else "", values
            )

    def of(self, frame: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
        """Rows of a long frame about one term or analyte, beside every patient."""
        rows = frame[(frame[column] == name).to_numpy(dtype=bool, na_value=False)]
        return self.subjects[["subject"]].merge(rows, on="subject", how="left")


def size(frames: Mapping[str, pd.DataFrame]) -> int:
    """Patients, and behind them the rows of those screened."""
    return len(frames["subjects"]) + len(frames.get("screening", ()))


def part(study: Study, analysis: Analysis, frames: Mapping[str, pd.DataFrame], results: Results) -> Part:
    wanted, _ = run.schema(analysis.kind)
    options = run.settings(study, analysis) | dict(analysis.options)
    by = str(options.get("by", "arm"))
    typed = run.typed(study, frames["subjects"])
    narrowed = run.narrow(study, analysis.population, {**frames, "subjects": typed}, wanted)
    narrowed[0] = subjects = run.peopled(narrowed[0], by)
    place = {subject: i for i, subject in enumerate(frames["subjects"]["subject"])}
    masks = {key: (subjects[by] == key).to_numpy(dtype=bool, na_value=False) for key in groups(subjects, by).keys}
    times: dict[tuple[str, str], tuple[float, ...]] = {}
    for cell in results.select(analysis.name):
        if cell.at is not None:
            at = times.get((cell.variable, cell.group), ())
            times[cell.variable, cell.group] = (*at, cell.at)
    return Part(
        study,
        analysis,
        options,
        narrowed,
        np.array([place[s] for s in subjects["subject"]], dtype=int),
        size(frames),
        {**masks, ALL: np.ones(len(subjects), dtype=bool)},
        times,
    )


def of_study(study: Study, subjects: pd.DataFrame, many: int) -> Iterator[Counted]:
    for arm in (ALL, *study.arms):
        mask = np.zeros(many, dtype=bool)
        mask[: len(subjects)] = True if arm == ALL else (subjects["arm"] == arm).to_numpy(dtype=bool, na_value=False)
        yield Counted((f"{STUDY}/subjects@{arm}", "n"), mask, f"arm {arm}", frozenset(), 0)
