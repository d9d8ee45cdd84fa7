"""What leaves the house: the results as `privacy` in the study file lets them be read.

Between the results and everything that prints or publishes them stands `released`. For a journal and on a hospital's own
pages they pass as they are, but for ages that identify; for the public small counts are withheld, with all from which
they could be worked out, times of curves are rounded, and patients one by one are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from stats.findings import Problem
from stats.results import Results
from stats.study.types import Study

if TYPE_CHECKING:
    import pandas as pd

JOURNAL, PUBLIC, INTERNAL = "journal", "public", "internal"


def released(study: Study, frames: Mapping[str, pd.DataFrame], results: Results) -> Results:
    """The results that may be printed."""
    from stats.disclosure import ages, public

    shown = results if study.privacy == INTERNAL else ages.capped(study, results)
    return public.protected(study, frames, shown) if study.privacy == PUBLIC else shown


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
