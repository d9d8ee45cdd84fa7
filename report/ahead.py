"""Pieces of a report made while other results are still being counted; nothing here is missed if it isn't done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from report.pieces import Pieces
from stats.arriving import Arriving, NotYet


@dataclass
class _Waiting:
    """A piece that isn't made yet, the analyses it is about, and how often results had come when it was tried in vain."""

    about: tuple[str, ...]
    make: Callable[[], Markup]
    tried: int = 0


def nothing(piece: Markup) -> None:
    """There is nothing else to be done with a piece."""


class Ahead:
    """Makes one piece at each call, from what is there: of those that are, the first in the order of the report.

    begin: makes the pieces of a report on results of which only the facts about the study are there. then: what else can be
    done with a piece that is made.
    """

    def __init__(self, begin: Callable[[Arriving], Pieces], then: Callable[[Markup], object] = nothing):
        self.begin, self.then = begin, then
        self.pieces: Pieces | None = None
        self._waiting: list[_Waiting] = []

    def __call__(self, results: Arriving) -> bool:
        """Whether there was anything to be made."""
        if not results.times:
            return False
        if self.pieces is None:
            self.pieces = self.begin(results)
            self._waiting = list(_all(self.pieces))
            return True
        for piece in self._waiting:
            if piece.tried < results.times and results.has(piece.about):
                try:
                    made = piece.make()
                    self._waiting.remove(piece)
                    self.then(made)
                except NotYet:  # it looks at others too, as a figure at the one it may stand beside
                    piece.tried = results.times
                return True
        return False


def _all(pieces: Pieces) -> Iterator[_Waiting]:
    """Every piece but those that are about no analysis in particular, which is about all."""
    for section in pieces.plan.sections:
        for name in section.analyses:
            yield _Waiting((name,), partial(pieces.paragraph, name))
        for name in section.exhibits:
            if pieces.plan.exhibits[name].of:
                yield _Waiting(pieces.plan.exhibits[name].of, partial(pieces.exhibit, name))
