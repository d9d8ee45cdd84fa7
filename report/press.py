"""A report's sections on their way to paper: a part is laid out as soon as its last section is written."""

from __future__ import annotations

from collections.abc import Sequence

from report import page
from report.assemble import frame_of, part_of
from report.compose import Composer, Rendered
from report.printed import Parting, parted
from report.setting import Setting


class Press:
    """Takes sections as they are written, and all of them at the end, of which some may have been written later or once more."""

    def __init__(self, composer: Composer, setting: Setting):
        self.composer, self.setting = composer, setting
        self._parting = Parting()
        setting.surround(frame_of(composer, page.head(sheets=("sheets",))), composer.facts.fingerprint)
        self._made: dict[tuple[tuple[Rendered, ...], bool], str] = {}

    def add(self, section: Rendered) -> None:
        """Takes a section, or the outline of one, whose part waits for the end."""
        done = self._parting.add(section)
        if done and all(one.html for one in done):
            self.setting.begin(self._html(done, len(self._parting.parts) == 2))

    def end(self, sections: Sequence[Rendered]) -> None:
        """Ask for the file; what wasn't begun, or was written anew since, is laid out now."""
        parts = [self._html(part, number == 0) for number, part in enumerate(parted(sections))]
        self.setting.ask(parts)

    def _html(self, part: Sequence[Rendered], opens: bool) -> str:
        key = tuple(part), opens
        if key not in self._made:
            self._made[key] = part_of(self.composer, part, page.head(sheets=("report",)), opens)
        return self._made[key]
