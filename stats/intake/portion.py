"""A portion of the patients: those whose identifiers lie between two, with all their rows in every frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Portion:
    """Identifiers from `low` on and below `high`, None being without limit; rows without identifier are in the last one.

    `keys` are the identifiers of each frame as SQL; `seen` the rows of each frame in the portions before, kept from one to
    the next. The first is number 1 `of` all.
    """

    low: str | int | None
    high: str | int | None
    keys: Mapping[str, str]
    number: int = 1
    of: int = 1
    seen: dict[str, int] = field(default_factory=dict)

    def condition(self, frame: str) -> tuple[str, dict[str, str | int]]:
        """SQL that chooses the portion's rows of a frame, '' for all of them, and its parameters."""
        key, parameters, bounds = self.keys[frame], dict[str, str | int](), list[str]()
        if self.low is not None:
            bounds.append(f"{key} >= $low")
            parameters["low"] = self.low
        if self.high is not None:
            bounds.append(f"{key} < $high")
            parameters["high"] = self.high
        text = " AND ".join(bounds)
        return (f"({text} OR {key} IS NULL)" if text and self.high is None else text), parameters
