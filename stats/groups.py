"""Who is compared with whom: arms in display order, everybody, and contrasts against the reference.

Nothing here knows what an arm means. An analysis asks for its groups and contrasts and loops over them, so that one,
two and more arms take the same path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ALL = "all"
ARMS = "arms"
FLAGGED = ("no", "yes")  # the groups of a flag, those without it being the reference
NOWHERE = -2  # no code of a category, nor of a missing one
FEWEST = 5  # below this many in an arm: estimates only, no test
BALANCED = 0.2  # standardized mean difference above which a variable counts as far apart


@dataclass(frozen=True)
class Groups:
    """`keys` in display order; `contrasts` pairs (X, Y) with X against reference Y, in display order of X.

    `fewest` patients a group needs before anything is tested; `sizes` are the patients of each, whatever is known of them.
    """

    column: str
    keys: tuple[str, ...]
    reference: str
    fewest: int = FEWEST
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def contrasts(self) -> tuple[tuple[str, str], ...]:
        return tuple((key, self.reference) for key in self.keys if key != self.reference)

    @property
    def labels(self) -> tuple[str, ...]:
        """Groups that estimates are printed for: each arm, then everybody (once only, when there is one arm)."""
        return (*self.keys, ALL)

    def parts(self, frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
        """(label, rows) for each arm in order, then (all, frame); rows whose group is missing count in `all` only."""
        for key, mask in self.masks(frame):
            yield key, frame[mask]
        yield ALL, frame

    def masks(self, frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
        """(label, which rows) for each arm in order."""
        column = frame[self.column].array
        codes, levels = column.codes, [str(level) for level in column.categories]
        for key in self.keys:
            yield key, codes == (levels.index(key) if key in levels else NOWHERE)


def groups(frame: pd.DataFrame, by: str = "arm", reference: str | None = None, fewest: int = FEWEST) -> Groups:
    """Groups of a frame by a categorical column, levels in declared order, empty ones kept.

    For the arm column every declared arm is a group. The reference defaults to the first level.
    """
    keys = tuple(str(level) for level in frame[by].cat.categories)
    if reference is None or reference not in keys:
        reference = keys[0] if keys else ""
    return Groups(by, keys, reference, fewest)


def compared(who: Groups, label: str) -> tuple[str, ...]:
    """The keys of the groups that a label compares."""
    return who.keys if label == ARMS else tuple(label.split(":"))


def contrast(x: str, y: str) -> str:
    """The group label of X against reference Y."""
    return f"{x}:{y}"
