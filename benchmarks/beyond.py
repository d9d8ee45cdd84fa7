"""Time studies whose patients come in portions, beside the same studies held whole, under a limit of memory.

Each is counted in a process of its own that may take no more address space than `--limit` gigabytes (ulimit -v). Prints a
table; with --write it also stands in docs/large-data.md. Needs the optional package duckdb.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from benchmarks import synthetic
from benchmarks.measure import ROOT, keep, machine, run

PAGE = ROOT / "docs" / "large-data.md"
START, END = "<!-- measured: made by python -m benchmarks.beyond --write -->", "<!-- end of measured -->"
FILE = 500_000  # patients in each Parquet file
SHORT = re.compile(r"MemoryError|bad_alloc|out of memory|Cannot allocate", re.IGNORECASE)
HASHED = 12  # letters of a hash that are told


@dataclass(frozen=True)
class Tried:
    """One study counted one way; `digest` of its results, '' where the memory did not suffice."""

    n: int
    portions: bool
    cpu: float
    wall: float
    peak: float
    digest: str


def tried(study: Path, n: int, portions: bool, limit: float) -> Tried:
    command = [sys.executable, "-m", "benchmarks.beyond", "--count", str(study), "--limit", str(limit)]
    one = run(command, {"RESULTWRIGHT_CACHE": "off", "OPENBLAS_NUM_THREADS": "1"}, memory=True)
    told = one.output.strip().splitlines()[-1:] or [""]
    if one.code and not SHORT.search(one.output):
        raise SystemExit(f"{study} ended with {one.code}:\n{one.output}")
    return Tried(n, portions, one.cpu, one.wall, one.peak, "" if one.code else json.loads(told[0]))


def measured(folder: Path, sizes: Sequence[int], at_once: int, limit: float, say: Callable[[str], None]) -> list[Tried]:
    """Every size in portions and whole."""
    found = []
    for n in sizes:
        say(f"{n} patients: writing them")
        study = synthetic.write(folder / f"study{n}", n, parts=-(-n // FILE), at_once=at_once)
        text = (study / "study.toml").read_text("utf-8")
        for portions in (True, False):
            say(f"{n} patients, {'in portions' if portions else 'whole'}")
            plain = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("patients_at_once"))
            (study / "study.toml").write_text(text if portions else plain, "utf-8")
            found.append(tried(study, n, portions, limit))
        shutil.rmtree(study)
    return found


def table(found: Sequence[Tried]) -> list[str]:
    lines = ["| patients | | cpu, s | wall, s | memory MB | results |", "|---|---|---|---|---|---|"]
    for one in found:
        came = f"`{one.digest[:HASHED]}…`" if one.digest else "out of memory"
        way = "in portions" if one.portions else "whole"
        lines.append(f"| {one.n:,} | {way} | {one.cpu:.0f} | {one.wall:.0f} | {one.peak:.0f} | {came} |")
    return lines


def count(study: Path, limit: float) -> str:
    """SHA-256 of the study's results, found within so many gigabytes of address space."""
    most = int(limit * (1 << 30))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    from report import counting
    from stats.study.read import read

    return sha256(counting.count(read(study)).results.csv().encode()).hexdigest()


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beyond", description=__doc__)
    parser.add_argument("--sizes", default="1e6,1e7", help="patients (default: 1e6,1e7)")
    parser.add_argument("--at-once", type=float, default=250_000, help="patients_at_once (default: 250000)")
    parser.add_argument("--limit", type=float, default=4.0, help="gigabytes of address space (default: 4)")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/large-data.md")
    parser.add_argument("--count", type=Path, help=argparse.SUPPRESS)
    return parser


def main(argv: Sequence[str]) -> int:
    asked = arguments().parse_args(argv)
    if asked.count:
        print(json.dumps(count(asked.count, asked.limit)))
        return 0

    def say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    sizes = [int(float(word)) for word in asked.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="beyond-") as place:
        found = measured(Path(place), sizes, int(asked.at_once), asked.limit, say)
    told = f"At most {asked.limit:g} GB of address space, {int(asked.at_once):,} patients at once."
    head = f"Machine: {machine()}, duckdb {version('duckdb')}. {told}"
    text = "\n".join([head, "", *table(found)]) + "\n"
    print(text)
    if asked.write:
        keep(PAGE, START, END, f"\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
