"""Being ended from outside: SIGTERM takes the way of Ctrl-C, so that what was begun is put away and what runs beside ends."""

from __future__ import annotations

import signal
from typing import NoReturn

INTERRUPTED = 130  # exit code after Ctrl-C


class Terminated(KeyboardInterrupt):
    """SIGTERM came: from a scheduler, a container that closes, `kill`."""

    code = 143


def terminated(number: int, frame: object) -> NoReturn:
    """The handler of SIGTERM in the main thread."""
    raise Terminated


def listen() -> None:
    """From here on SIGTERM is raised like Ctrl-C."""
    signal.signal(signal.SIGTERM, terminated)


def code(stopped: KeyboardInterrupt) -> int:
    """The exit code of a program that was stopped so."""
    return stopped.code if isinstance(stopped, Terminated) else INTERRUPTED
