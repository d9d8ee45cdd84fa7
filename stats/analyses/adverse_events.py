"""Toxicity by worst grade per patient: every grade, any, severe; onset, duration, shift from baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.groups import FEWEST, Groups, contrast
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
    who = alike.grouped(alike.patients(subjects, by), by, reference, fewest)
    for term in terms:
        data = alike.with_facts(subjects, toxicity, ("term", term), (by,), ("grade", "onset", "duration", "baseline"))
        worst = {}
        hits: dict[tuple[str, str], tuple[int, int]] = {}
        for group, part in who.parts(data):
            grade = worst[group] = alike.sample(part, "grade")
            counts = {str(g): grade.often(g) for g in GRADES}
            counts |= {"any": grade.from_on(1), "severe": grade.from_on(severe)}
            for level, n in counts.items():
                hits[group, level] = n, grade.n
                yield from emit.share(term, group, n, grade.n, confidence, proportion_interval, level)
            yield Row(term, "missing", grade.missing, group)
            for spell in ("onset", "duration"):
                spells = alike.sample(part, spell, (part["grade"] >= 1).to_numpy())
                found = descriptive.summary(spells, kind=quantile_type)
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
                term, label, [worst[key] for key in compared], exact_limit, levels=True, who=who
            )
        yield from _shift(data, who, term)


def _shift(data: pd.DataFrame, who: Groups, term: str) -> Iterator[Row]:
    """Patients by baseline grade and worst grade, where a baseline is known for anyone."""
    if data["baseline"].notna().sum() == 0:
        return
    for group, part in who.parts(data):
        known = part[part["baseline"].notna() & part["grade"].notna()]
        for (before, after), moved in known.groupby(["baseline", "grade"]):
            yield Row(f"{term}.shift", "n", alike.size(moved), group, f"{before:g}to{after:g}")
        emergent, all_known = alike.size(known, known["grade"] > known["baseline"]), alike.size(known)
        yield Row(f"{term}.emergent", "n", emergent, group)
        yield Row(f"{term}.emergent", "N", all_known, group)
        yield Row(
            f"{term}.emergent",
            "p",
            emergent / all_known if all_known else math.nan,
            group,
            note="" if all_known else "no patient with a baseline",
        )
