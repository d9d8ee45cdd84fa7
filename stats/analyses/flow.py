"""Patient flow: how many reached each stage, and why the others did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from stats.results import Row


def analyse(
    subjects: pd.DataFrame, screening: pd.DataFrame, *, stages: Sequence[str], reason: str = ""
) -> Iterator[Row]:
    """`stages` are flag columns of the screening frame, in order; a patient reaches a stage having passed all before."""
    yield Row("screened", "n", len(screening), "all")
    inside = pd.Series(True, index=screening.index)
    for stage in stages:
        passed = inside & screening[stage].fillna(False).astype(bool)
        yield Row(stage, "n", int(passed.sum()), "all")
        lost = screening[inside & ~passed]
        yield Row(f"{stage}.lost", "n", len(lost), "all")
        if reason:
            for why, n in lost[reason].astype(object).fillna("reason not recorded").value_counts().sort_index().items():
                yield Row(f"{stage}.lost", "n", int(n), "all", str(why))
        inside = passed
    yield Row("analysed", "n", len(subjects), "all")
