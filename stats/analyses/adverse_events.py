"""Toxicity by worst grade per patient: every grade, any, severe; onset, duration, shift from baseline."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stats.analyses import _emit as emit
from stats.analyses._owners import aligned
from stats.groups import FEWEST, Groups, contrast, groups
from stats.methods import descriptive, ranks
from stats.results import Row

GRADES = range(6)
SPELL = ("n", "median", "q1", "q3", "min", "max")


def analyse(
    subjects: pd.DataFrame,
    toxicity: pd.DataFrame,
    *,
    terms: Sequence[str],
    severe: int = 3,
    by: str = "arm",
    reference: str = "",
    fewest: int = FEWEST,
    confidence: float = 0.95,
    proportion_interval: str = "clopper-pearson",
    difference_interval: str = "newcombe",
    exact_limit: int = 60,
    quantile_type: int = 7,
) -> Iterator[Row]:
    """Patients without a qualifying assessment are not evaluable: out of the denominator, counted as missing."""
    who = groups(subjects, by, reference, fewest)
    keyed = subjects[["subject", by]]
    for term in terms:
        rows = toxicity[(toxicity["term"] == term).to_numpy(dtype=bool, na_value=False)]
        data = keyed.assign(**aligned(keyed, rows, ("grade", "onset", "duration", "baseline")))
        worst = {}
        hits: dict[tuple[str, str], tuple[int, int]] = {}
        for group, part in who.parts(data):
            grade = part["grade"].to_numpy(float)
            worst[group] = grade[~np.isnan(grade)]
            counts = {str(g): int((worst[group] == g).sum()) for g in GRADES}
            counts |= {"any": int((worst[group] >= 1).sum()), "severe": int((worst[group] >= severe).sum())}
            for level, n in counts.items():
                hits[group, level] = n, len(worst[group])
                yield from emit.share(term, group, n, len(worst[group]), confidence, proportion_interval, level)
            yield Row(term, "missing", len(grade) - len(worst[group]), group)
            for spell in ("onset", "duration"):
                found = descriptive.summary(part.loc[part["grade"] >= 1, spell].to_numpy(float), kind=quantile_type)
                yield from emit.summary(f"{term}.{spell}", group, found, SPELL, f"no {spell} recorded")
        for x, y in who.contrasts:
            for level in ("any", "severe"):
                yield from emit.estimate(
                    f"{term}.difference",
                    contrast(x, y),
                    level=level,
                    found=emit.difference(hits[x, level], hits[y, level], confidence, difference_interval),
                )
            yield from emit.estimate(
                f"{term}.superiority", contrast(x, y), ranks.superiority(worst[x], worst[y], confidence)
            )
        for label, compared in emit.questions(who):
            yield from emit.numbers_compared(
                term, label, [worst[key] for key in compared], exact_limit, levels=True, fewest=who.fewest
            )
        yield from _shift(data, who, term)


def _shift(data: pd.DataFrame, who: Groups, term: str) -> Iterator[Row]:
    """Patients by baseline grade and worst grade, where a baseline is known for anyone."""
    if data["baseline"].notna().sum() == 0:
        return
    for group, part in who.parts(data):
        known = part[part["baseline"].notna() & part["grade"].notna()]
        moved = Counter(zip(known["baseline"].tolist(), known["grade"].tolist(), strict=True))
        for (before, after), n in sorted(moved.items()):
            yield Row(f"{term}.shift", "n", n, group, f"{before:g}to{after:g}")
        emergent = int((known["grade"] > known["baseline"]).sum())
        yield Row(f"{term}.emergent", "n", emergent, group)
        yield Row(f"{term}.emergent", "N", len(known), group)
        yield Row(
            f"{term}.emergent",
            "p",
            emergent / len(known) if len(known) else math.nan,
            group,
            note="" if len(known) else "no patient with a baseline",
        )
