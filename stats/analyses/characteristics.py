"""Baseline characteristics: summaries, tests, balance and shift of each variable by arm or another column."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stats.analyses import _alike as alike
from stats.analyses import _emit as emit
from stats.groups import BALANCED, FEWEST, Groups, contrast
from stats.methods import balance, descriptive, quantification, ranks
from stats.methods.samples import Sample
from stats.results import Row

NUMBERS = ("n", "missing", "mean", "sd", "median", "q1", "q3", "min", "max")


def analyse(
    subjects: pd.DataFrame,
    *,
    variables: Sequence[str],
    by: str = "arm",
    test: bool = True,
    reference: str = "",
    fewest: int = FEWEST,
    shift_interval: str = "exact",
    confidence: float = 0.95,
    exact_limit: int = 60,
    fisher_limit: int = 100,
    quantile_type: int = 7,
    means: Sequence[str] = (),
    balanced: float = BALANCED,
    alpha: float = 0.05,
) -> Iterator[Row]:
    """`means` names the variables summarised by mean and SD: they are tested by means too.

    `balanced` is the standardized mean difference above which a variable counts as far apart.
    """
    who = alike.grouped(alike.patients(subjects, by), by, reference, fewest)
    rows: list[Row] = []
    for variable in variables:
        limits = f"{variable}.beyond"
        data = alike.patients(subjects, by, variable, *([limits] if limits in subjects else []))
        if isinstance(data[variable].dtype, pd.CategoricalDtype):
            rows += _levels(data, who, variable, test, fisher_limit, exact_limit)
        elif pd.api.types.is_bool_dtype(data[variable].dtype):
            rows += _flag(data, who, variable, test, fisher_limit)
        else:
            rows += _numbers(
                data, who, variable, test, confidence, exact_limit, shift_interval, quantile_type, variable in means
            )
    yield from rows
    for x, y in who.contrasts:
        yield from _balance(rows, contrast(x, y), balanced, alpha)


def _balance(rows: Sequence[Row], pair: str, balanced: float, alpha: float) -> Iterator[Row]:
    """How many variables lie far apart, and how many of their tests fall below alpha."""
    apart = [
        abs(row.value)
        for row in rows
        if row.group == pair and row.variable.endswith(".smd") and row.stat == "estimate" and not math.isnan(row.value)
    ]
    tests = [
        row.value
        for row in rows
        if row.group == pair and row.variable.endswith(".test") and row.stat == "p_value" and not math.isnan(row.value)
    ]
    for stat, value in (
        ("n", sum(value > balanced for value in apart)),
        ("N", len(apart)),
        ("threshold", balanced),
        ("below", sum(value < alpha for value in tests)),
        ("tests", len(tests)),
    ):
        yield Row("balance", stat, value, pair)


def _numbers(
    subjects: pd.DataFrame,
    who: Groups,
    variable: str,
    test: bool,
    confidence: float,
    exact_limit: int,
    shift_interval: str,
    quantile_type: int,
    means: bool,
) -> Iterator[Row]:
    values = {}
    for group, part in who.parts(subjects):
        values[group] = alike.sample(part, variable)
        beyond = {}
        if (limits := f"{variable}.beyond") in part:  # of values that aren't quantified, read out of a series
            beyond = quantification.beyond(part[variable], part[limits], quantile_type, alike.number(part))
        found = descriptive.summary(values[group], kind=quantile_type)
        yield from emit.summary(variable, group, found, NUMBERS, beyond=beyond)
    label, compared = emit.question(who)
    if test and compared:
        yield from emit.numbers_compared(
            variable, label, [values[key] for key in compared], exact_limit, means=means, who=who
        )
    for x, y in who.contrasts:
        a, b = values[x], values[y]
        yield from emit.distance(f"{variable}.smd", contrast(x, y), balance.smd_number(a, b))
        shift = (
            ranks.mean_difference(a, b, confidence)
            if means
            else emit.shift(a, b, confidence, exact_limit, shift_interval)
        )
        yield from emit.estimate(f"{variable}.shift", contrast(x, y), shift)


def _levels(
    subjects: pd.DataFrame, who: Groups, variable: str, test: bool, fisher_limit: int, exact_limit: int
) -> Iterator[Row]:
    levels = [str(level) for level in subjects[variable].cat.categories]
    counts: dict[str, np.ndarray] = {}
    codes: dict[str, Sample] = {}
    for group, part in who.parts(subjects):
        coded = part[variable].cat.codes.to_numpy().astype(float)
        codes[group] = Sample.of(np.where(coded >= 0, coded, np.nan), alike.number(part))
        counts[group] = np.array([codes[group].often(place) for place in range(len(levels))])
        known = codes[group].n
        yield Row(variable, "n", known, group)
        yield Row(variable, "missing", codes[group].missing, group)
        for level, n in zip(levels, counts[group], strict=True):
            yield from _count(variable, level, group, int(n), known)
    label, compared = emit.question(who)
    if test and compared:
        if subjects[variable].cat.ordered:
            yield from emit.numbers_compared(
                variable, label, [codes[key] for key in compared], exact_limit, levels=True, who=who
            )
        else:
            table = np.array([counts[key] for key in compared])
            yield from emit.counts_compared(variable, label, table, fisher_limit, who)
    for x, y in who.contrasts:
        yield from emit.distance(f"{variable}.smd", contrast(x, y), balance.smd_levels(counts[x], counts[y]))


def _flag(subjects: pd.DataFrame, who: Groups, variable: str, test: bool, fisher_limit: int) -> Iterator[Row]:
    counts = {}
    for group, part in who.parts(subjects):
        told = alike.sample(part, variable)
        counts[group] = np.array([told.often(1.0), told.often(0.0)])
        yield Row(variable, "n", told.n, group)
        yield Row(variable, "missing", told.missing, group)
        yield from _count(variable, "yes", group, told.often(1.0), told.n)
    label, compared = emit.question(who)
    if test and compared:
        yield from emit.counts_compared(
            variable, label, np.array([counts[key] for key in compared]), fisher_limit, who
        )
    for x, y in who.contrasts:
        yield from emit.distance(f"{variable}.smd", contrast(x, y), balance.smd_levels(counts[x], counts[y]))


def _count(variable: str, level: str, group: str, n: int, known: int) -> Iterator[Row]:
    yield Row(variable, "n", n, group, level)
    yield Row(variable, "N", known, group, level)
    yield Row(variable, "p", n / known if known else float("nan"), group, level, note="" if known else "no values")
