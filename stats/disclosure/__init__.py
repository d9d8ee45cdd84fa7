"""What leaves the house: the results as `privacy` in the study file lets them be read.

Between the results and everything that prints or publishes them stands `released`. For a journal and on a hospital's own
pages they pass as they are, but for ages that identify; for the public small counts are withheld, with all from which
they could be worked out, times of curves are rounded, and patients one by one are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from stats.findings import Problem
from stats.results import Results, Row
from stats.study.types import Study

if TYPE_CHECKING:
    import pandas as pd

JOURNAL, PUBLIC, INTERNAL = "journal", "public", "internal"


def by_itself(study: Study) -> Callable[[Row], Row] | None:
    """How each row is printed whatever the others are; None for the public, for whom what one tells depends on all."""
    from stats.disclosure import ages

    if study.privacy == PUBLIC:
        return None
    return _as_it_is if study.privacy == INTERNAL else ages.capping(study)


def released(study: Study, frames: Mapping[str, pd.DataFrame], results: Results) -> Results:
    """The results that may be printed."""
    from stats.disclosure import ages, public

    shown = by_itself(study) or ages.capping(study)
    rows = tuple(map(shown, results.rows))
    if any(new is not old for new, old in zip(rows, results.rows, strict=True)):
        results = Results(rows, kept=True)
    return public.protected(study, frames, results) if study.privacy == PUBLIC else results


def _as_it_is(row: Row) -> Row:
    return row


def told(study: Study, problems: Sequence[Problem]) -> list[Problem]:
    """Findings about the data as they may be printed: for the public without rows and numbers, each code once."""
    if study.privacy != PUBLIC:
        return list(problems)
    codes = dict.fromkeys(problem.code for problem in problems)
    return [
        Problem(
            code,
            "a finding about the data, whose place and number are left out of what is published",
            remedy="The command check tells them",
        )
        for code in codes
    ]
