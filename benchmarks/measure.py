"""One command, measured: wall time, cpu of it and all its children, and the memory that all of them hold at once."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.03  # seconds between two looks at memory


@dataclass(frozen=True)
class Measured:
    """Seconds of wall and cpu, megabytes at the peak (0 when nobody looked), the exit code and what was printed."""

    wall: float
    cpu: float
    peak: float
    code: int
    output: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, memory: bool = False) -> Measured:
    """Run to the end. Cpu counts every descendant that was waited for; memory is the sum of their proportional shares."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_look, args=(child.pid, peak, done), daemon=True)
    if memory:
        watcher.start()
    assert child.stdout is not None
    output = child.stdout.read().decode("utf-8", "replace")
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    done.set()
    return Measured(wall, used.ru_utime + used.ru_stime, peak[0], child.returncode, output)


def _look(pid: int, peak: list[float], done: threading.Event) -> None:
    while not done.wait(LOOK):
        peak[0] = max(peak[0], sum(map(_share, family(pid))))


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in path.read_text().split()]
            except OSError:  # it has ended
                continue
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
