"""A report's sections on their way to paper: a part is laid out as soon as its last section is written."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from report import page
from report.assemble import frame_of, part_of
from report.compose import Composer, Rendered
from report.printed import Parting, parted
from report.setting import Setting


class Press:
    """Takes sections as they are written, and all of them at the end, of which some may have been written once more."""

    def __init__(self, composer: Composer, setting: Setting):
        self.composer, self.setting = composer, setting
        self._parting = Parting()
        self._begun: list[tuple[list[Rendered], str]] = []  # parts as they were, and as HTML

    def add(self, section: Rendered) -> None:
        done = self._parting.add(section)
        if done:
            html = self._html(done, not self._begun)
            self._begun.append((done, html))
            self.setting.begin(html)

    def end(self, sections: Sequence[Rendered]) -> None:
        """Ask for the file; what wasn't begun, or was written anew since, is laid out now."""
        parts = []
        for number, part in enumerate(parted(sections)):
            before = self._begun[number] if number < len(self._begun) else ((), "")
            parts.append(before[1] if part == before[0] else self._html(part, number == 0))
        self.setting.ask(parts, partial(frame_of, self.composer, page.head(sheets=("sheets",))), self.composer.facts.fingerprint)

    def _html(self, part: Sequence[Rendered], opens: bool) -> str:
        return part_of(self.composer, part, page.head(sheets=("report",)), opens)
