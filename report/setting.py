"""A report's pages set as a PDF by processes beside the build, part by part; parts in which nothing changed are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache as once
from typing import Any

from report import manifest, pango, printed, wire
from report.hands import start
from report.output import MachineFailed
from report.pdf_join import Role
from report.side import Side, first_ready
from stats import cache as kept
from stats.cache import Cache
from stats.study.types import Study

CODE = ("report", "templates/fonts", "requirements.lock")  # and the part itself, which holds its style


class Setting:
    """`surround` and `begin` to have the frame and a part laid out, go on with something else, `ask` for a file of parts, and
    take the `answer`, the PDF.

    hands: the processes, if they have started. closed: no template of the study's own had a hand in the parts.
    """

    def __init__(self, study: Study, cache: Cache | None, hands: Side | None = None):
        self.study, self.cache = study, cache or Cache(None)
        self.closed = not (study.folder / "sections").is_dir()
        self.laid: dict[str, Any] = {}  # HTML of a part to the part; None while a process is at it
        self.wanted: list[str] = []
        self.frame = self.identifier = ""
        self._open = ExitStack()
        first = self._open.enter_context(hands or start())
        self._hands = [first, *first.twins]
        self._given: list[deque[str]] = [deque() for _ in self._hands]
        self._efforts = [0] * len(self._hands)  # of all parts that a process was given
        self._waiting: list[str] = []
        self._failed: MachineFailed | None = None
        self._joins: int | None = None  # which process adds the parts to the file
        self._added = self._unheard = 0  # parts that it was given, and of which it hasn't said yet that they are there

    def surround(self, frame: str, identifier: str) -> None:
        """Have a page of HTML laid out that stands around the text of each: first, as it needs nothing of the parts."""
        self.frame, self.identifier = frame, identifier
        self.begin(frame)

    def begin(self, part: str) -> None:
        """Have a part laid out, if it isn't kept, as soon as a process has nothing more urgent to do."""
        if self._failed:
            return
        if part not in self.laid:
            self.laid[part] = self._held(part)
            if self.laid[part] is None:
                self._waiting.append(part)
        try:
            for number, hand in enumerate(self._hands):
                while self._given[number] and hand.ready():
                    self._take(number)
        except MachineFailed as failed:  # whoever writes goes on: the rest of a report comes without the PDF
            self._failed = failed
        else:
            self._give()

    def ask(self, parts: Sequence[str]) -> None:
        """The parts of the file."""
        self.wanted = list(parts)
        for part in parts:
            self.begin(part)

    def answer(self) -> bytes:
        """The file. MachineFailed, also that of a part begun long ago; Refused: see report/pdf.py.

        The process that has no part to lay out any more adds parts to the file while the other is still at its last.
        """
        if self._failed:
            raise self._failed
        self._add()
        while any(self._given):
            busy = [number for number, given in enumerate(self._given) if given]
            self._take(busy[first_ready([self._hands[number] for number in busy])])
            self._give()
            self._add()
        self._heard()
        joins = self._hands[self._joins or 0]
        joins.ask("file", self.laid[self.frame], self.identifier)
        data: bytes = joins.answer()
        return data

    def _add(self) -> None:
        """Have the parts that are there, in their order, added to the file by a process that has nothing else to do."""
        if self._joins is None and not self._waiting:
            self._joins = next((number for number, given in enumerate(self._given) if not given), None)
        while self._joins is not None and self._added < len(self.wanted):
            part = self.laid[self.wanted[self._added]]
            if part is None:
                return
            self._hands[self._joins].ask("add", part)
            self._added += 1
            self._unheard += 1

    def _heard(self) -> None:
        while self._unheard:
            self._hands[self._joins or 0].answer()
            self._unheard -= 1

    def _give(self) -> None:
        """What takes longest first. Once all parts are known each process has one that it is at and one that waits, but for the
        last, which go to whoever is free first.
        """
        while self._waiting:
            room = 2 if self.wanted and len(self._waiting) > len(self._hands) else 1
            number = min(range(len(self._hands)), key=lambda one: (len(self._given[one]), self._efforts[one]))
            if len(self._given[number]) >= room:
                return
            part = max(self._waiting, key=printed.effort)
            self._waiting.remove(part)
            self._given[number].append(part)
            self._efforts[number] += printed.effort(part)
            self._hands[number].ask(self._role(part), part, self.closed, self._about())

    def _take(self, number: int) -> None:
        part = self._given[number].popleft()
        self.laid[part] = self._hands[number].answer()
        if self.cache.folder and part is not self.frame:
            self.cache.put(self._key(part), wire.packed(self.laid[part]).decode())

    def _role(self, page: str) -> Role:
        return "frame" if page is self.frame else "part"

    def _about(self) -> dict[str, Any]:
        return {"title": self.study.title, "authors": [self.study.short], "language": self.study.language,
                "dated": self.study.data_cutoff.isoformat()}

    def _key(self, part: str) -> str:
        return kept.key("pages", _code(), part)

    def _held(self, part: str) -> Any:
        if not self.cache.folder or part is self.frame:  # which is another with every change of the data
            return None
        text = self.cache.get("pages", f"part {len(self.laid) + 1}", self._key(part))
        return None if text is None else wire.unpacked(text.encode())

    def __enter__(self) -> Setting:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


@once
def _code() -> str:
    return kept.key(manifest.code(CODE), manifest.versions(), pango.version())
