"""Results that come analysis by analysis: what isn't there yet is told from what will never be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from stats.results import STUDY, Cell, Results, Row


class NotYet(Exception):
    """What was asked for can't be said before more results are there."""


class Arriving(Results):
    """Results of which some are still being counted. What they say is what they will say when all are there; else NotYet.

    later: names of analyses to which something is added that is counted over several of them, at the end.
    """

    def __init__(self, later: Collection[str] = ()):
        super().__init__(())
        self._later, self._whole = later, False
        self._here: set[str] = set()
        self.times = 0  # that something came

    def add(self, rows: Iterable[Row], analysis: str) -> None:
        """All rows of an analysis, or the facts about the study, with values as they are kept (stats.results.as_kept)."""
        self._add(tuple(rows))
        self.times += 1
        if analysis != STUDY and analysis not in self._later:
            self._here.add(analysis)

    def end(self, rows: Iterable[Row]) -> None:
        """The last rows, of whatever analyses."""
        self._add(tuple(rows))
        self._whole = True

    def has(self, analyses: Iterable[str]) -> bool:
        """Whether all is there about these analyses."""
        return self._whole or self._here.issuperset(analyses)

    def _need(self, *analyses: str) -> None:
        if not self.has(analyses):
            raise NotYet

    def _need_all(self) -> None:
        if not self._whole:
            raise NotYet

    @property
    def rows(self) -> tuple[Row, ...]:
        self._need_all()
        return self._rows

    def __getitem__(self, address: str) -> Cell:
        if address not in self._cells:
            self._need(address.partition("/")[0])
        return super().__getitem__(address)

    def __contains__(self, address: object) -> bool:
        if address in self._cells:
            return True
        self._need(str(address).partition("/")[0])
        return False

    def __iter__(self) -> Iterator[Cell]:
        self._need_all()
        return super().__iter__()

    def select(
        self, analysis: str, variable: str | None = None, group: str | None = None, level: str | None = None
    ) -> list[Cell]:
        if variable is None or (analysis, variable) not in self._by_variable:
            self._need(analysis)
        return super().select(analysis, variable, group, level)

    def of(self, analyses: Collection[str]) -> Results:
        self._need(*analyses)
        return super().of(analyses)
