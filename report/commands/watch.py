"""Build again whenever a study's files change, and say what changed in the results."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from report import manifest
from report.output import MachineFailed
from stats.findings import Refused, shown

if TYPE_CHECKING:
    from report.difference import Difference

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = 12  # changed sentences that are printed after a build
SKIPPED = ("~$", ".")  # locks of office programs, hidden files
State = Mapping[str, tuple[int, int]]


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build_report.py watch", description=__doc__, epilog="Ctrl-C ends it.")
    parser.add_argument(
        "study", nargs="?", default=str(ROOT / "data" / "cart"), help="folder with study.toml (default: data/cart)"
    )
    parser.add_argument("--out", help="folder for the report (default: build/<study folder's name>)")
    parser.add_argument("--style", help="journal style instead of the study's own")
    parser.add_argument("--formats", default="html", help="formats to build each time (default: html, the quickest)")
    parser.add_argument("--seconds", type=float, default=1.0, help="how often to look (default: 1)")
    parser.add_argument("--times", type=int, default=0, help="end after so many builds (default: never)")
    parser.add_argument("--show-values", action="store_true", help="print offending cells in messages")
    parser.add_argument("--allow-outside", action="store_true", help="read data files outside the study folder")
    parser.add_argument("--debug", action="store_true", help="show a traceback when the program itself fails")
    return parser


def run(argv: Sequence[str]) -> int:
    """0 when ended after --times builds; 130 with Ctrl-C."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    out = Path(asked.out) if asked.out else Path("build") / (folder.resolve().name or "study")
    words = [str(folder), "--out", str(out), "--formats", asked.formats, "--quiet"]
    words += ["--style", asked.style] if asked.style else []
    words += [
        name
        for name, given in (("--show-values", asked.show_values), ("--allow-outside", asked.allow_outside))
        if given
    ]
    seen: State = {}
    built = 0
    while True:
        now = state(folder)
        if now != seen and _settled(folder, now, asked.seconds):
            if seen:
                print(f"\nChanged: {', '.join(changed(seen, now))}", flush=True)
            seen = now
            _build(words, out, asked.show_values)
            built += 1
            if built == asked.times:
                return 0
        time.sleep(asked.seconds)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file in the study's folder, by relative name."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((*SKIPPED, "__"))]
        for name in names:
            if not name.startswith(SKIPPED):
                path = os.path.join(place, name)
                try:
                    about = os.stat(path)
                except OSError:  # gone since it was listed
                    continue
                found[os.path.relpath(path, folder)] = (about.st_size, about.st_mtime_ns)
    return found


def changed(before: State, after: State) -> list[str]:
    """Names of the files that are new, gone or another."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _settled(folder: Path, now: State, seconds: float) -> bool:
    """A program that is still writing is given time to end."""
    time.sleep(min(seconds, 0.2))
    return state(folder) == now


def _build(words: Sequence[str], out: Path, show_values: bool) -> None:
    """One build; what is wrong is said and watched on."""
    from report import difference
    from report.commands import build

    before = difference.read(out) if manifest.complete(out) else None
    begun = time.monotonic()
    try:
        build.run(words)
    except Refused as refused:
        print("\n".join(shown(refused.problems, show_values)), file=sys.stderr)
        print("Not built; the last report is as it was. Watching.", flush=True)
        return
    except MachineFailed as failed:
        print(failed, file=sys.stderr)
    print(f"Built {out} in {time.monotonic() - begun:.1f} s. Watching.", flush=True)
    if before is not None:
        for line in told(difference.compare(before, difference.read(out))):
            print(line, flush=True)


def told(found: Difference) -> Iterable[str]:
    """A difference in a few lines; `diff` has it all."""
    if found.equal:
        return ["  The same results."]
    many = [(len(found.changed), "changed"), (len(found.appeared), "appeared"), (len(found.disappeared), "disappeared")]
    lines = [
        f"  Numbers: {', '.join(f'{n} {what}' for n, what in many if n)}."
        if any(n for n, _ in many)
        else "  No number changed."
    ]
    lines += [
        f"  Claim: {quote}: {before or 'not declared'} → {after or 'not declared'}"
        for quote, before, after in found.verdicts or ()
    ]
    spoken = found.sentences or ()
    for _, before, after in spoken[:SENTENCES]:
        lines += [f"  − {before}"] * bool(before) + [f"  + {after}"] * bool(after)
    if len(spoken) > SENTENCES:
        lines.append(f"  … and {len(spoken) - SENTENCES} more sentences")
    return lines
