"""Several studies in one call: each built in a process of its own, as many at a time as there are processors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path

from report import manifest
from stats.findings import Problem, Refused

PROGRAM = Path(__file__).resolve().parent.parent / "build_report.py"
# what a build came to, worst first; its exit code is that of the worst study
OUTCOMES = {3: "failed", 2: "refused", 5: "built, but R differs", 4: "built, with a statement that isn't supported", 0: "built"}
STOPPED = 130  # exit code after Ctrl-C
PATIENCE = 2.0  # seconds in which a build that heard Ctrl-C itself may end by itself


class Build:
    """One study's build: `run` in a thread of the pool, the rest in the main one."""

    def __init__(self, study: str, folder: Path, options: Sequence[str]):
        self.study, self.folder = study, folder
        self.command = [sys.executable, str(PROGRAM), "build", study, *options, "--out", str(folder), "--quiet", "--no-setup"]
        self.process: subprocess.Popen[str] | None = None
        self.out = self.err = ""
        self.stopped = self.said = False
        self._before = manifest.making(folder)

    def run(self, quiet: bool) -> None:
        if self.stopped:
            return
        if not quiet:
            print(f"Building {self.study}", file=sys.stderr, flush=True)
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        self.out, self.err = self.process.communicate()

    @property
    def code(self) -> int:
        """The exit code; that of Ctrl-C for a build that never began."""
        return self.process.returncode if self.process is not None else STOPPED

    @property
    def renewed(self) -> bool:
        return manifest.making(self.folder) != self._before

    @property
    def finished(self) -> bool:
        """Whether it came to its end, or at least put its report in place."""
        return self.code in OUTCOMES or self.renewed

    def say(self) -> None:
        """What the build said, under the study's name."""
        self.said = True
        for text, stream in ((self.out, sys.stdout), (self.err, sys.stderr)):
            if text.strip():
                print(f"{self.study}\n{_indented(text)}", end="", file=stream, flush=True)

    def outcome(self) -> str:
        if not self.finished:
            return "stopped, as it was before" if self.stopped else OUTCOMES[3]
        if self.code in (2, 3):
            return OUTCOMES[self.code]
        told = OUTCOMES.get(self.code, OUTCOMES[0])
        if self.code == 0 and not self.renewed:
            told = "nothing changed since"
        summary = (manifest.read(self.folder) or {}).get("about", {}).get("outcome", {}).get("summary", "")
        return f"{told}: {summary}" if summary else told


def build(studies: Sequence[str], options: Sequence[str], out: str | None, quiet: bool = False) -> int:
    """Build every study with the same options; `out` is the folder in which each gets one of its own.

    What is to be said about a study is printed as soon as it is done, under its name; a table of all ends it. With `quiet`
    problems alone are printed. Ctrl-C ends what runs and begins nothing more.
    """
    builds = [Build(study, folder, options) for study, folder in _folders(studies, out).items()]
    pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    running: dict[Future[None], Build] = {}
    try:
        running = {pool.submit(one.run, quiet): one for one in builds}
        for done in as_completed(running):
            done.result()
            running[done].say()
    except KeyboardInterrupt:
        _stop(builds, pool, running)
        ready = [one.study for one in builds if one.finished]
        print(f"\nStopped. Finished before: {', '.join(ready) or 'nothing'}. Reports of the others are as they were.",
              file=sys.stderr)
        if not quiet:
            _table(builds)
        return STOPPED
    if not quiet:
        _table(builds)
    codes = {one.code for one in builds}
    return next((code for code in OUTCOMES if code in codes), 3)


def _stop(builds: Sequence[Build], pool: ThreadPoolExecutor, running: Iterable[Future[None]]) -> None:
    """Begin nothing more, wait a moment for the builds that heard Ctrl-C too, and end those that didn't."""
    for one in builds:
        one.stopped = True
    pool.shutdown(wait=False, cancel_futures=True)
    wait(running, PATIENCE)
    for one in builds:
        if one.process is not None and one.process.poll() is None:
            one.process.terminate()
    pool.shutdown()
    for one in builds:
        if one.finished and not one.said:
            one.say()


def _table(builds: Sequence[Build]) -> None:
    width = max(len(one.study) for one in builds)
    for one in builds:
        print(f"{one.study:<{width}}  {one.outcome()}")


def _folders(studies: Sequence[str], out: str | None) -> dict[str, Path]:
    """Where each study's report goes. Refused when two would go to one place."""
    place = Path(out or "build")
    found = {study: place / (Path(study).resolve().name or "study") for study in studies}
    twice = [str(folder) for folder in dict.fromkeys(found.values()) if list(found.values()).count(folder) > 1]
    if twice or len(found) < len(studies):
        raise Refused([Problem("E_OPTION", f"two studies would be built into one folder: {', '.join(twice) or studies[0]}",
                               remedy="Name each study once; rename the folder of one, or build them one by one with --out")])
    return found


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines() if line.strip())
