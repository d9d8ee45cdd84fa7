"""Build again whenever a study's files or the templates change, show the page anew, and say what changed in the results."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from report import manifest, preview
from report.commands import _options as options
from report.commands import build
from report.output import MachineFailed
from report.side import Side
from stats.findings import Problem, Refused, shown

if TYPE_CHECKING:
    from report.difference import Difference

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = 12  # changed sentences that are printed after a build
SKIPPED = ("~$", ".")  # locks of office programs, hidden files
PROGRAM = ("build_report.py", "report", "stats", "requirements.lock")  # what can't change under a running program
WARM = (
    "report",
    "stats",
)  # packages whose modules, commands and heavy second opinions apart, are loaded before the first build
COLD = (
    "report.commands",
    "report.submission",
    "report.honesty",
    "report.pdf",
    "report.docx",
    "stats.propose",
    "stats.simulate",
    "stats.synthesize",
    "stats.recompute",
    "stats.methods.second_opinion",
)
State = Mapping[str, tuple[int, int]]


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build_report.py watch", description=__doc__, epilog="Ctrl-C ends it.")
    options.study(parser)
    parser.add_argument("--out", help="folder for the report (default: build/<study folder's name>)")
    parser.add_argument("--style", help="journal style instead of the study's own")
    parser.add_argument("--formats", default="html", help="formats to build each time (default: html, the quickest)")
    parser.add_argument("--seconds", type=options.number(0.01, 3600), default=0.05, help="how often to look (default: 0.05)")
    parser.add_argument(
        "--port",
        type=options.whole(0, 65535),
        default=preview.PORT,
        help=f"where the page is shown (default: {preview.PORT})",
    )
    parser.add_argument("--no-page", action="store_true", help="don't show the page in a browser that reloads it")
    parser.add_argument(
        "--times",
        type=options.whole(0),
        default=0,
        help="end after so many builds, with the exit code of the last (default: never)",
    )
    options.add(parser, "show-values", "allow-outside", "debug")
    return parser


def run(argv: Sequence[str]) -> int:
    """Ended after --times builds: what the last of them came to, 0, 2 or 3. 130 with Ctrl-C, 143 with SIGTERM."""
    asked = arguments().parse_args(argv)
    folder = Path(asked.study)
    # what no change of a file would mend ends it at once
    build.formats(asked.formats)
    if not folder.is_dir():
        raise Refused(
            [
                Problem(
                    "E_FILE_MISSING",
                    f"there is no folder at {folder.resolve()}",
                    folder.name,
                    remedy="Name the folder that study.toml lies in",
                )
            ]
        )
    out = options.place(folder, asked.out)
    words = [str(folder), "--out", str(out), "--formats", asked.formats, "--quiet"]
    words += ["--style", asked.style] if asked.style else []
    words += [
        name
        for name, given in (("--show-values", asked.show_values), ("--allow-outside", asked.allow_outside))
        if given
    ]
    program = manifest.code(PROGRAM)
    _warm()
    address, page = ("", 0) if asked.no_page or "html" not in asked.formats else preview.beside(out, asked.port)
    if address:
        print(f"Open {address}: it reloads itself.", flush=True)
    try:
        return _watch(asked, folder, out, words, program)
    finally:
        if page:
            with suppress(OSError):
                os.kill(page, signal.SIGTERM)
                os.waitpid(page, 0)


def _warm() -> None:
    """Load once what every build needs: each build then starts where this process stands."""
    for top in WARM:
        for found in walk_packages([str(ROOT / top)], f"{top}."):
            if not found.name.startswith(COLD):
                import_module(found.name)
    templates = import_module("report.templating").shipped()
    for name in templates.list_templates(["j2"]):
        templates.get_template(name)


def _watch(asked: argparse.Namespace, folder: Path, out: Path, words: Sequence[str], program: str) -> int:
    seen: State = {}
    built = 0
    while True:
        now = _inputs(folder, out) | {f"templates/{name}": about for name, about in state(ROOT / "templates").items()}
        if now != seen and _settled(folder, asked.seconds):
            if seen:
                print(f"\nChanged: {', '.join(changed(seen, now))}", flush=True)
            seen = now
            if manifest.code(PROGRAM) != program:
                print("The program itself is another now. Start the watch again.", file=sys.stderr)
                return 3
            code = _build(words, out, asked.show_values)
            built += 1
            if built == asked.times:
                return code
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


def _inputs(folder: Path, out: Path) -> dict[str, tuple[int, int]]:
    """The state of what a build may read: without its own report, which may lie inside of the study's folder."""
    report = os.path.relpath(os.path.realpath(out), os.path.realpath(folder)) + os.sep
    return {name: about for name, about in state(folder).items() if not name.startswith(report)}


def changed(before: State, after: State) -> list[str]:
    """Names of the files that are new, gone or another."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _settled(folder: Path, seconds: float) -> bool:
    """A program that is still writing is given time to end."""
    before = state(folder)
    time.sleep(min(seconds, 0.1))
    return state(folder) == before


def _build(words: Sequence[str], out: Path, show_values: bool) -> int:
    """The exit code of one build, in a process of its own, so that it reads every file anew; what is wrong with the study or
    the machine is said and watched on."""
    last = manifest.making(out)
    with Side(_once, apart=True) as side:
        side.ask(words, out, show_values)
        try:
            said, complained, code = side.answer()
        except MachineFailed as failed:  # it could say no more itself
            said, complained, code = f"{_not_built(last)}\n", f"{failed}\n", 3
    print(complained, end="", file=sys.stderr, flush=True)
    print(said, end="", flush=True)
    return int(code)


def _once(words: Sequence[str], out: Path, show_values: bool) -> tuple[str, str, int]:
    """What a build says, what it complains of, and its exit code."""
    from report import difference

    said, complained = io.StringIO(), io.StringIO()
    last = manifest.making(out)
    before = difference.texts(out) if manifest.complete(out) else None  # looked into when the page is there
    begun = time.monotonic()
    with redirect_stdout(said), redirect_stderr(complained):
        try:
            code = build.run(words)
        except Refused as refused:
            print("\n".join(shown(refused.problems, show_values)), file=sys.stderr)
            print(_not_built(last))
            return said.getvalue(), complained.getvalue(), 2
        except MachineFailed as failed:
            code = 3
            print(failed, file=sys.stderr)
            if manifest.making(out) == last:  # else it is the PDF alone that failed
                print(_not_built(last))
                return said.getvalue(), complained.getvalue(), code
        print(f"Built {out} in {time.monotonic() - begun:.1f} s. Watching.")
        if before is not None:
            old, new = (difference.side(str(out), files) for files in (before, difference.texts(out)))
            print("\n".join(told(difference.compare(old, new))))
    return said.getvalue(), complained.getvalue(), code


def _not_built(last: object) -> str:
    return f"Not built; {'the last report is as it was' if last else 'there is no report yet'}. Watching."


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
