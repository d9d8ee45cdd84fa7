"""Whole builds of synthetic studies, from a thousand patients to a million: cpu of every step, and how it grows."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import synthetic
from benchmarks.measure import run

NOTICED = 0.2  # seconds at the largest size from which the growth of a step is told: below, it is noise


@dataclass(frozen=True)
class Grown:
    """One size: patients, rows of the series, seconds of cpu by step, of the whole build and up to its results, peak in MB."""

    n: int
    rows: int
    steps: dict[str, float]
    cpu: float
    counted: float
    wall: float
    peak: float


def measured(
    folder: Path,
    sizes: Sequence[int],
    say: Callable[[str], None],
    *,
    form: str = "parquet",
    samples: int = 0,
    exact: bool = False,
) -> list[Grown]:
    found = []
    for n in sizes:
        what = f"{n} patients{f', {n * samples} rows of a series' if samples else ''} ({form})"
        say(what)
        study = synthetic.write(folder / f"study{n}", n, form, samples=samples, exact=exact)
        out = folder / "out"
        command = [sys.executable, "-m", "benchmarks.steps", str(study), str(out), "html"]
        one = run(command, {"RESULTWRIGHT_CACHE": "off"}, memory=True)
        if one.code:
            raise SystemExit(f"{what} ended with {one.code}:\n{one.output}")
        told = json.loads(one.output.splitlines()[-1])
        found.append(Grown(n, n * samples, told["steps"], one.cpu, told["counted"], one.wall, one.peak))
        shutil.rmtree(study)
        shutil.rmtree(out)
    return found


def exponents(found: Sequence[Grown], back: int = 1) -> dict[str, float]:
    """For every step that takes noticeable time at the largest size, b in time ~ n^b from so many sizes back to it."""
    if len(found) <= back:
        return {}
    small, large = found[-1 - back], found[-1]
    times = math.log(large.n / small.n)
    return {
        step: math.log(seconds / small.steps[step]) / times
        for step, seconds in large.steps.items()
        if seconds >= NOTICED and small.steps.get(step, 0) > 0
    }
