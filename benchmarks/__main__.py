"""Time builds beside an ordinary script and a lean one in R, and their growth with the number of patients.

Prints the tables; with --write they also stand in docs/performance.md, with the machine they were taken on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import builds, growth, lean
from benchmarks.builds import PEER, Job
from benchmarks.growth import Grown
from benchmarks.measure import ROOT, keep, machine

PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- measured: made by python -m benchmarks --write -->", "<!-- end of measured -->"
PEERS = {"ordinary": PEER, "lean R": lean.BOTH}  # what a ratio is to, where it was run
SLOWEST = 12  # steps listed by their growth


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="timed rounds of the builds (default: 5; one more looks at memory)"
    )
    parser.add_argument("--saves", type=int, default=10, help="files saved under watch (default: 10)")
    parser.add_argument("--sizes", default="1e3,1e4,1e5,1e6", help="patients of synthetic studies ('' for none)")
    parser.add_argument(
        "--series", default="1e4,1e5,1e6", help="patients of studies with ten samples each ('' for none)"
    )
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/performance.md")
    return parser


def main(argv: Sequence[str]) -> int:
    asked = arguments().parse_args(argv)

    def say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    parts: list[str] = [f"Machine: {', '.join([machine(), *lean.told()])}.", ""]
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as place:
        folder = Path(place)
        found: Sequence[Job] = ()
        if asked.rounds:
            found = builds.measured(folder, asked.rounds, say)
            parts += [*build_table(found, asked.rounds), *left_out(lean.missing())]
        if asked.saves:
            say(f"watch: {asked.saves} saves")
            parts += watch_line(builds.watch(folder, asked.saves), [job for job in found if job.name == PEERS["ordinary"]])
        if sizes := _sizes(asked.sizes):
            parts += ["### Growth", ""]
            parts += growth_table(growth.measured(folder, sizes, say))
        if sizes := _sizes(asked.series):
            for form in ("parquet", "csv"):
                parts += [f"### Growth with a series of ten samples for each patient, {form}", ""]
                parts += growth_table(growth.measured(folder, sizes, say, form=form, samples=10))
    text = "\n".join(parts).rstrip() + "\n"
    print(text)
    if asked.write:
        keep(PAGE, START, END, f"\n\n{text}\n")
    return 0


def build_table(found: Sequence[Job], rounds: int) -> list[str]:
    """Median and least of every job, and its ratios to the scripts that make HTML and PDF."""
    peers = {word: job for word, name in PEERS.items() for job in found if job.name == name}
    heads = ["job", "cpu, median s", "least", "wall, median s", "least", "memory MB"]
    heads += [f"{what} × {word}" for word in peers for what in ("cpu", "wall")]
    lines = [
        f"### Builds of `data/cart`, {rounds} alternating rounds",
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
    ]
    for job in found:
        cells = [
            job.name,
            *(f"{value:.2f}" for what in ("cpu", "wall") for value in (job.median(what), job.least(what))),
        ]
        ratios = [f"{job.median(what) / peer.median(what):.3f}" for peer in peers.values() for what in ("cpu", "wall")]
        lines.append(f"| {' | '.join([*cells, f'{job.peak:.0f}', *ratios])} |")
    return [*lines, ""]


def left_out(missing: Sequence[str]) -> list[str]:
    """One line of what the lean script needs and this machine hasn't."""
    return [f"Left out, as this machine lacks {', '.join(missing)}: the lean R script.", ""] if missing else []


def watch_line(times: Sequence[float], scripts: Sequence[Job]) -> list[str]:
    """scripts: the ordinary one, if it was timed too."""
    middle = sorted(times)[len(times) // 2]
    ratios = [f" ({middle / script.median('wall'):.3f} of the ordinary script's time)" for script in scripts]
    said = f"Under `watch`, from saving a value to the page that shows it: median {middle:.2f} s{''.join(ratios)}, "
    return [f"{said}least {min(times):.2f} s.", ""]


def growth_table(found: Sequence[Grown]) -> list[str]:
    """Whole builds by size, then the steps that take longest at the largest, with their exponents."""
    lines = [
        "| patients | rows of the series | cpu to the results, s | cpu of the build, s | wall, s | memory MB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.n:,} | {one.rows:,} | {one.counted:.1f} | {one.cpu:.1f} | {one.wall:.1f} | {one.peak:.0f} |"
        for one in found
    ]
    backs = [back for back in (2, 1) if len(found) > back]
    if backs:
        large = found[-1]
        powers = [growth.exponents(found, back) for back in backs]
        spans = [f"b from {found[-1 - back].n:,}" for back in backs]
        lines += ["", f"Steps at {large.n:,} patients, with b of time ~ n^b from a smaller study to this one:", ""]
        lines += [f"| step | cpu, s | {' | '.join(spans)} |", f"|---|---|{'---|' * len(backs)}"]
        for step in sorted(powers[-1], key=lambda name: -large.steps[name])[:SLOWEST]:
            cells = [f"{power[step]:.2f}" if step in power else "" for power in powers]
            lines.append(f"| {step} | {large.steps[step]:.1f} | {' | '.join(cells)} |")
    return [*lines, ""]


def _sizes(text: str) -> list[int]:
    return [int(float(word)) for word in text.split(",") if word.strip()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
