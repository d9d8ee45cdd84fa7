"""Where a report's pages are parted: parts are laid out beside each other, and one in which nothing changed isn't laid out again.

Each part begins a page, so its last page stays as empty as it ends. Therefore sections are parted where a page is about full,
by an estimate of their heights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

from report.heights import Block, Pages

if TYPE_CHECKING:
    from report.rendered import Rendered

LEAST, MOST = 2.5, 6.0  # pages of a part: few enough that two processes end at about the same time
FULL = 0.2  # of the last page: a part that leaves no more of it free is ended without looking for a better place
CLOSE = 0.92  # of a page that is so full the estimate doesn't know whether a line goes on on another
BEGUN = 0.1  # pages: as much must be won by one more part
LONG = 0.5  # pages that a page too many in a part counts for


class Parting:
    """Sections gathered into parts as they are written.

    A section that is written last has no height yet. What stands before and behind it, as far as the next place where a page
    is about full, is parted once all is written; the parts between needn't wait for that, and don't hang on it.
    """

    def __init__(self, opening: Sequence[Block] = ()) -> None:
        self._opening = opening
        self._settled: list[tuple[bool, list[Rendered]]] = []  # whether it may still be parted otherwise, and the sections
        self._run: list[Rendered] = []
        self._late = False  # the run comes behind a section that is written last

    def add(self, section: Rendered) -> list[Rendered]:
        """Takes the next section; returns the part that is complete by its beginning another, if it does."""
        self._run.append(section)
        if section.outlined:
            self._settle(len(self._run), True)
            self._late = True
            return []
        cut = self._cut()
        if not cut:
            return []
        late, self._late = self._late, False
        part = self._settle(cut, late)
        return [] if late else part

    def ended(self) -> list[list[Rendered]]:
        """All the parts, when all is written."""
        found: list[list[Rendered]] = []
        loose: list[Rendered] = []
        for again, part in [*self._settled, (True, self._run)]:
            loose += part if again else []
            if not again:
                found += [*divided(loose, () if found else self._opening), part]
                loose = []
        return found + divided(loose, () if found else self._opening)

    def _cut(self) -> int:
        """How many sections of the run are a part, now that another came; 0 for none."""
        ends = _ends(self._run[:-1], () if self._settled else self._opening)
        if ends and ends[-1] >= LEAST and lost(ends[-1]) <= FULL:
            return len(ends)
        if not ends or ends[-1] <= MOST:
            return 0
        return min((number for number, used in enumerate(ends, 1) if used >= LEAST), key=lambda number: lost(ends[number - 1]))

    def _settle(self, count: int, again: bool) -> list[Rendered]:
        part, self._run = self._run[:count], self._run[count:]
        self._settled.append((again, part))
        return part


def parted(sections: Iterable[Rendered], opening: Sequence[Block] = ()) -> list[list[Rendered]]:
    """All the parts of these sections. opening: what stands above the first."""
    parting = Parting(opening)
    for section in sections:
        parting.add(section)
    return parting.ended()


def divided(sections: Sequence[Rendered], opening: Sequence[Block] = ()) -> list[list[Rendered]]:
    """Sections in parts that leave as little of their last pages free as can be."""
    best: list[tuple[float, list[list[Rendered]]]] = [(0.0, [])]
    ends = [_ends(sections[start:], () if start else opening) for start in range(len(sections))]
    for end in range(1, len(sections) + 1):
        ways = [(best[start][0] + _cost(ends[start][end - start - 1]), start) for start in range(end)]
        cost, start = min(ways)
        best.append((cost, [*best[start][1], list(sections[start:end])]))
    return best[-1][1]


def lost(used: float) -> float:
    """The share of its last page that a part of so many pages leaves free; where it may run on to another, some of that."""
    full = used % 1 or 1.0
    return 1 - full if full <= CLOSE else 1 - CLOSE + (full - CLOSE) * 5


def _cost(used: float) -> float:
    return lost(used) + BEGUN + LONG * max(used - MOST, 0.0)


def _ends(sections: Sequence[Rendered], opening: Sequence[Block]) -> list[float]:
    """Pages filled by the first of the sections, by the first two, and so on."""
    pages, found = Pages(), []
    for block in opening:
        pages.add(block)
    for section in sections:
        for block in section.blocks:
            pages.add(block)
        found.append(deepcopy(pages).used)
    return found
