"""Several studies in one call: each built in a process of its own, as many at a time as there are processors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from pathlib import Path
from threading import Lock

from report import manifest
from report.stopped import INTERRUPTED, code
from stats.findings import Problem, Refused

PROGRAM = Path(__file__).resolve().parent.parent / "build_report.py"
# what a build came to, worst first; its exit code is that of the worst study
OUTCOMES = {3: "failed", 2: "refused", 5: "built, but R differs", 4: "built, with a statement that isn't supported", 0: "built"}
PATIENCE = 2.0  # seconds in which a build that heard Ctrl-C itself may end by itself
GRACE = 10.0  # seconds in which one that was told to end may put away what it began


class Build:
    """One study's build: `run` in a thread of the pool, the rest in the main one."""

    def __init__(self, study: str, folder: Path, options: Sequence[str]):
        self.study, self.folder = study, folder
        self.command = [sys.executable, str(PROGRAM), "build", study, *options, "--out", str(folder), "--quiet", "--no-setup"]
        self.process: subprocess.Popen[str] | None = None
        self.out = self.err = ""
        self.stopped = self.said = False
        self._begins = Lock()
        self._before = manifest.making(folder)

    def run(self, quiet: bool) -> None:
        with self._begins:  # either it is stopped before it begins, or there is a process to be ended
            if self.stopped:
                return
            if not quiet:
                print(f"Building {self.study}", file=sys.stderr, flush=True)
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        self.out, self.err = self.process.communicate()

    def stop(self) -> None:
        """Begin no more; what has begun goes on."""
        with self._begins:
            self.stopped = True

    def end(self, by: Callable[[subprocess.Popen[str]], None]) -> None:
        """End what still runs."""
        if self.process is not None and self.process.poll() is None:
            by(self.process)

    @property
    def code(self) -> int:
        """The exit code; that of Ctrl-C for a build that never began."""
        return self.process.returncode if self.process is not None else INTERRUPTED

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
    problems alone are printed. Ctrl-C, or SIGTERM, ends what runs and begins nothing more.
    """
    builds = [Build(study, folder, options) for study, folder in _folders(studies, out).items()]
    pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    running: dict[Future[None], Build] = {}
    try:
        running = {pool.submit(one.run, quiet): one for one in builds}
        for done in as_completed(running):
            done.result()
            running[done].say()
    except KeyboardInterrupt as stopped:
        _stop(builds, pool, running)
        ready = [one.study for one in builds if one.finished]
        print(f"\nStopped. Finished before: {', '.join(ready) or 'nothing'}. Reports of the others are as they were.",
              file=sys.stderr)
        if not quiet:
            _table(builds)
        return code(stopped)
    if not quiet:
        _table(builds)
    codes = {one.code for one in builds}
    return next((worst for worst in OUTCOMES if worst in codes), 3)


def _stop(builds: Sequence[Build], pool: ThreadPoolExecutor, running: Iterable[Future[None]]) -> None:
    """Begin nothing more, wait a moment for the builds that heard Ctrl-C too, and end those that didn't.

    Whoever asks a second time meanwhile is not heard: what runs would outlive this process.
    """
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        for one in builds:
            one.stop()
        pool.shutdown(wait=False, cancel_futures=True)
        wait(running, PATIENCE)
        for one in builds:
            one.end(subprocess.Popen.terminate)
        wait(running, GRACE)
        for one in builds:
            one.end(subprocess.Popen.kill)
        pool.shutdown()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
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
