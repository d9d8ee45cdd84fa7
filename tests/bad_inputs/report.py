"""Runs everything in this folder at full length and writes what came of it into docs/reliability.md.

python -m tests.bad_inputs.report [--kills 50] [--count 2000] [--pairs 150] [--write]
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.measure import keep
from tests.bad_inputs import bends, faults, fuzz, running
from tests.bad_inputs.cases import CASES
from tests.bad_inputs.test_attacks import ATTACKS
from tests.bad_inputs.test_cases import check
from tests.bad_inputs.test_same_bytes import VARIATIONS

PAGE = running.ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- made by python -m tests.bad_inputs.report --write -->", "<!-- end -->"
KINDS = {
    "error": "studies that must be refused",
    "repair": "studies that must be repaired and named",
    "ok": "studies with nothing to say of",
    "warn": "studies that must be built and warned about",
    "not_estimable": "studies that must say what can't be estimated",
    "claim": "claims that must fail",
}
Row = tuple[str, str, str]


def cases(place: Path) -> Iterator[Row]:
    """Every case once; the last row counts the comparisons of numbers."""
    good = place / "good"
    running.build(running.BASE, good)
    came: Counter[str] = Counter()
    for case in CASES.values():
        folder = place / case.id
        folder.mkdir()
        try:
            check(case, folder, good, running.command)
            came[case.status] += 1
            came["equal"] += case.equal
        except (AssertionError, OSError, KeyError) as failure:
            print(f"{case.id}: {failure}", file=sys.stderr)
    for status, what in KINDS.items():
        tried = sum(case.status == status for case in CASES.values())
        yield what, str(tried), f"{came[status]} as they must"
    compared = sum(case.equal for case in CASES.values())
    yield (
        "of these, results compared with the unbent study",
        str(compared),
        f"{compared - came['equal']} with a number changed",
    )


def random_files(place: Path, count: int, pairs: int) -> Iterator[Row]:
    for what, tasks in (
        ("files bent at random", list(fuzz.bites(count, 1))),
        ("pairs of cases at once", list(fuzz.pairs(pairs, 1, list(CASES.values())))),
    ):
        halves = beside(
            [lambda tasks=tasks[half::2], half=half: fuzz.run(tasks, place / str(half)) for half in (0, 1)]  # type: ignore[misc]
        )
        failures = [failure for _, failed in halves for failure in failed]
        counts = sum((came for came, _ in halves), Counter[str]())
        print("\n".join(failures), file=sys.stderr, end="\n" if failures else "")
        tried = sum(counts.values()) - counts["impossible"]
        yield what, str(tried), f"{counts['refused']} refused, {counts['built']} built, {len(failures)} faults"


def beside(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What comes of several works, each done by a process of its own."""
    _works[:] = works
    with ProcessPoolExecutor(len(works), mp_context=get_context("fork")) as processes:
        return list(processes.map(_done, range(len(works))))


_works: list[Callable[[], Any]] = []  # where a process that was split off finds its own


def _done(number: int) -> Any:
    return _works[number]()


def kills(place: Path, count: int) -> Iterator[Row]:
    other = running.copy(place / "other")
    bends.cell(bends.SUBJECTS, 2, "age", "35")(other)
    out = place / "reports" / "out"
    running.build(running.BASE, out)
    begun = time.monotonic()
    faults.ended(faults.child(lambda: running.build(other, place / "measured", "--no-cache").exit))
    whole = time.monotonic() - begun
    chance, seen = random.Random(7), Counter[str]()
    for _ in range(count):  # each against the old report, so that every moment can still lose it
        moment = chance.uniform(0.5, 1.02) * whole
        seen.update(faults.kills(other, out, [moment]))
        running.build(running.BASE, out)
    yield (
        "builds killed at a random moment",
        str(count),
        f"{seen['old']} left the old report whole, {seen['new']} the new",
    )


def tested(words: Sequence[str]) -> bool:
    environment = {**os.environ, "RESULTWRIGHT_SLOW": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words],
        cwd=running.ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    print(done.stdout if done.returncode else "", file=sys.stderr, end="")
    return done.returncode == 0


def attacks() -> Iterator[Row]:
    held = tested(["tests/bad_inputs/test_attacks.py"])
    yield (
        "attacks in titles, labels, file names and free texts, searched for in every file",
        str(len(ATTACKS)),
        ("none ran, fetched or read anything" if held else "FAILED"),
    )
    held = tested(["tests/bad_inputs/test_privacy.py"])
    yield (
        "shipped files searched for patients' names, dates and the machine's",
        "all",
        "none found" if held else "FAILED",
    )


def variations() -> Iterator[Row]:
    held = tested(["tests/bad_inputs/test_same_bytes.py"])
    yield (
        "builds elsewhere: folder, time zone, locale, clock, hash seed, user's home, fonts, umask",
        str(len(VARIATIONS)),
        ("every byte the same" if held else "FAILED"),
    )


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Run everything in tests/bad_inputs and make the table of docs/reliability.md."
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--count", type=int, default=2000, help="files bent at random: 500 of each of the four")
    parser.add_argument("--pairs", type=int, default=150, help="pairs of cases")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        rooms = [Path(name) / room for room in ("cases", "fuzz", "kills")]
        for room in rooms:
            room.mkdir()
        rows = [
            *cases(rooms[0]),
            *random_files(rooms[1], asked.count, asked.pairs),
            *kills(rooms[2], asked.kills),
            *attacks(),
            *variations(),
        ]
    table = "\n".join(
        ["| what | tried | what came of it |", "|---|---:|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    )
    print(table)
    if asked.write:
        keep(PAGE, BEGIN, END, f"\n{table}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
