"""Builds that are disturbed: in a forked child of this process, so that a moment costs milliseconds and not seconds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from report.manifest import complete
from tests.bad_inputs import running


def child(task: Callable[[], int]) -> int:
    """Run a task in a forked child; the number of the child."""
    number = os.fork()
    if number == 0:
        code = 99
        try:
            os.close(2)
            os.open(os.devnull, os.O_WRONLY)
            code = task()
        finally:
            os._exit(code)
    return number


def ended(number: int) -> int:
    """The child's exit code; negative: the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def kills(study: Path, out: Path, moments: list[float]) -> dict[str, int]:
    """Build into a folder that holds a report and kill the build after each of these seconds.

    How often the old report stood afterwards, and how often the new one; anything else is an AssertionError. What a kill
    leaves behind must not keep the next build from succeeding.
    """
    old = complete(out)
    assert old is not None
    seen = {"old": 0, "new": 0}
    for moment in moments:
        number = child(lambda: running.build(study, out, "--no-cache").exit)  # all of its stages
        time.sleep(moment)
        os.kill(number, signal.SIGKILL)
        ended(number)
        now = complete(out)
        assert now is not None, f"no whole report after a kill at {moment:.2f} s"
        seen["old" if now == old else "new"] += 1
        if now != old:
            assert set(now["files"]) >= {"report.html", "results.csv", "findings.json"}
    assert running.build(study, out).exit == 0
    assert [path.name for path in out.parent.iterdir() if "resultwright" in path.name] == []
    return seen
