"""Being stopped from outside: SIGTERM, which takes the way of Ctrl-C (see build_report.py), and the exit codes of both."""

from __future__ import annotations

INTERRUPTED = 130  # exit code after Ctrl-C


class Terminated(KeyboardInterrupt):
    """SIGTERM came: from a scheduler, a container that closes, `kill`. What listens for Ctrl-C listens for it."""

    code = 143


def code(stopped: KeyboardInterrupt) -> int:
    """The exit code of a program that was stopped so."""
    return stopped.code if isinstance(stopped, Terminated) else INTERRUPTED
