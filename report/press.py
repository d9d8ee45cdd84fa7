"""A report's sections on their way to paper: a part is laid out as soon as its last section is written."""

from __future__ import annotations

from collections.abc import Sequence

from report import page
from report.assemble import banner, frame_of, part_of
from report.compose import Composer
from report.heights import opening
from report.parting import Parting, parted
from report.rendered import Rendered
from report.setting import Setting


class Press:
    """Takes sections as they are written, and all of them at the end, of which some may have been written later or once more."""

    def __init__(self, composer: Composer, setting: Setting):
        self.composer, self.setting = composer, setting
        study = composer.voice.study
        self._opening = opening(study.title, bool(banner(study)))
        self._parting = Parting(self._opening)
        self._first = ""
        setting.surround(frame_of(composer, page.head(sheets=("sheets",))), composer.facts.fingerprint)
        self._made: dict[tuple[tuple[Rendered, ...], bool], str] = {}

    def add(self, section: Rendered) -> None:
        """Takes a section, or the outline of one, whose part waits for the end."""
        self._first = self._first or section.id
        done = self._parting.add(section)
        if done:
            self.setting.begin(self._html(done, done[0].id == self._first))

    def end(self, sections: Sequence[Rendered]) -> None:
        """Ask for the file; what wasn't begun, or was written anew since, is laid out now."""
        parts = [self._html(part, number == 0) for number, part in enumerate(parted(sections, self._opening))]
        self.setting.ask(parts)

    def _html(self, part: Sequence[Rendered], opens: bool) -> str:
        key = tuple(part), opens
        if key not in self._made:
            self._made[key] = part_of(self.composer, part, page.head(sheets=("report",)), opens)
        return self._made[key]
