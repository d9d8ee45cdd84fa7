"""Say how far a build has come: a bar where a person watches, plain lines in a log."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import AbstractContextManager, suppress
from typing import Any, TextIO

WIDTH = 24


class Progress(AbstractContextManager["Progress"]):
    """``with Progress(6) as progress: progress("Reading the data")`` once per stage, in order; to stderr.

    On a terminal one line is redrawn and gone at the end; in pipes and in CI each stage is a line of its own.
    Ctrl-C is heard at the next stage at the latest: code in C may drop the exception that Python raises for it.
    """

    def __init__(self, stages: int, stream: TextIO | None = None, quiet: bool = False):
        self.stages, self.stream, self.quiet = stages, stream or sys.stderr, quiet
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
        self.begun = time.monotonic()
        self.count, self.line = 0, ""
        self.stopped = False
        self._before: Any = None

    def __call__(self, stage: str) -> None:
        """A new stage begins."""
        if self.stopped:
            raise KeyboardInterrupt
        self.count += 1
        self.stages = max(self.stages, self.count)
        if self.live:
            full = WIDTH * (self.count - 1) // self.stages
            self._draw(f"{'█' * full}{'░' * (WIDTH - full)} {self.count}/{self.stages} {stage}")
        elif not self.quiet:
            print(f"{self.count}/{self.stages} {stage}", file=self.stream, flush=True)

    def say(self, text: str) -> None:
        """Print lines that stay, above the bar; they come even when progress itself is quiet."""
        line = self.line
        self._draw("")
        print(text, file=self.stream, flush=True)
        self._draw(line)

    def seconds(self) -> float:
        """Seconds since the build began, by a clock that nobody sets."""
        return time.monotonic() - self.begun

    def _draw(self, line: str) -> None:
        if not self.live or self.quiet:
            return
        room = _columns(self.stream) - 1
        self.stream.write("\r\x1b[K" + line[:room])
        self.stream.flush()
        self.line = line

    def __enter__(self) -> Progress:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # whoever listens already keeps listening
            with suppress(ValueError):  # only the main thread may listen
                self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        self._draw("")

    def _stop(self, *_: object) -> None:
        self.stopped = True
        raise KeyboardInterrupt


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
