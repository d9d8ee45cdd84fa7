"""The process that counts: it starts before anybody knows what there is to be counted, and loads its libraries meanwhile.

Nothing of ours is loaded before it is split off, for that would be time in which it waits.
"""

from __future__ import annotations

import sys
from typing import Any

from report.side import Side, possible


def start() -> Side | None:
    """The process, which takes the questions of report.counting. None where the counting is done in this one."""
    if loaded() or not possible():
        return None
    import numpy  # noqa: F401  # both processes need it: loaded once, they share its memory

    return Side(_Counter(), load)


def loaded() -> bool:
    return "pandas" in sys.modules


def load() -> None:
    """Load what counts."""
    from stats import lean

    lean.pandas()
    from report import counting  # noqa: F401
    from stats import derive, disclosure, estimable, intake, run  # noqa: F401


class _Counter:
    def __init__(self) -> None:
        self.beside: Any = None

    def __call__(self, question: str, *given: Any) -> Any:
        if self.beside is None:
            from report.counting import Beside

            self.beside = Beside()
        return getattr(self.beside, question)(*given)
