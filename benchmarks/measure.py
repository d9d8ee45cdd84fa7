"""One command, measured: wall time, cpu of it and all its children, and the memory that all of them hold at once."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.03  # seconds between two looks at memory
PATIENCE = 2 * 3600.0  # seconds that a command may take
GRACE = 5.0  # seconds that processes may outlive the command that started them
SUBREAPER = 36  # prctl(2): PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True)
class Measured:
    """Seconds of wall and cpu, megabytes at the peak (0 when nobody looked), the exit code and what was printed."""

    wall: float
    cpu: float
    peak: float
    code: int
    output: str


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    memory: bool = False,
    patience: float = PATIENCE,
) -> Measured:
    """Run to the end. Cpu counts every descendant; memory is the sum of their proportional shares.

    After `patience` seconds whatever still runs is killed, which the exit code tells.
    """
    with _adopting():
        others = set(children(os.getpid()))
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        late = threading.Timer(patience, _kill, (others,))
        late.daemon = True
        late.start()
        peak, done = [0.0], threading.Event()
        watcher = threading.Thread(target=_look, args=(others, peak, done), daemon=True)
        if memory:
            watcher.start()
        try:
            assert child.stdout is not None
            output = child.stdout.read().decode("utf-8", "replace")
            _, status, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - started
            child.returncode = os.waitstatus_to_exitcode(status)
            cpu = used.ru_utime + used.ru_stime + _left_behind(others)
        finally:
            done.set()
            late.cancel()
            _kill(others)
            if memory:
                watcher.join()
    return Measured(wall, cpu, peak[0], child.returncode, output)


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    """Descendants whose parent has ended become this process's, as those of a browser do: else nobody counts their cpu."""
    if not sys.platform.startswith("linux"):
        yield
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(SUBREAPER, 0, 0, 0, 0)


def _left_behind(others: set[int]) -> float:
    """Seconds of cpu of the processes that a command left behind; who hasn't ended after a while is killed."""
    cpu, until = 0.0, time.perf_counter() + GRACE
    while mine := [pid for pid in children(os.getpid()) if pid not in others]:
        if time.perf_counter() > until:
            _kill(others)
        for pid in mine:
            ended, _, used = os.wait4(pid, os.WNOHANG)
            cpu += used.ru_utime + used.ru_stime if ended else 0.0
        time.sleep(0.01)
    return cpu


def _kill(others: set[int]) -> None:
    """End what was started since, one by one."""
    for pid in _started(others):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _started(others: set[int]) -> list[int]:
    """This process's descendants, but for children that it had before."""
    return [pid for child in children(os.getpid()) if child not in others for pid in family(child)]


def _look(others: set[int], peak: list[float], done: threading.Event) -> None:
    while not done.wait(LOOK):
        peak[0] = max(peak[0], sum(map(_share, _started(others))))


def children(pid: int) -> list[int]:
    """None of a process that has ended, or is ending while one looks."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for one in found:
        found += children(one)
    return found


def _share(pid: int) -> float:
    """Megabytes: memory of its own, and its part of what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def machine() -> str:
    """What the times were taken on: processor, cores, memory, versions. No name and no path of the machine."""
    import platform
    from importlib.metadata import version

    about = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    models = [line.partition(":")[2].strip() for line in about.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("numpy", "pandas", "scipy", "matplotlib", "lifelines", "tableone", "weasyprint", "pyarrow")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB; {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def keep(page: Path, start: str, end: str, text: str) -> None:
    """Put a text between two marks of a page, in place of what stands there."""
    before, _, rest = page.read_text("utf-8").partition(start)
    page.write_text(f"{before}{start}{text}{end}{rest.partition(end)[2]}", "utf-8")
