"""A report's pages set as a PDF by processes beside the build, part by part; parts in which nothing changed are kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import cache as once
from typing import Any

from report import manifest, page, pango, wire
from report.side import Side
from stats import cache as kept
from stats.cache import Cache
from stats.study.types import Study

CODE = ("report", "templates/fonts", "requirements.lock")  # and the part itself, which holds its style
SAMPLE = """<html lang="en"><head>{}</head><body><main><section id="a"><h2>A</h2><p>Immunophenotyping <a href="#a">A</a>
<i>A</i> <b>A</b><sup>1</sup></p><div class="table"><table class="fitted"><caption>A</caption><thead><tr><th scope="col">A</th>
</tr></thead><tbody><tr><td class="number">1</td></tr></tbody></table></div><figure><svg xmlns="http://www.w3.org/2000/svg"
viewBox="0 0 9 9" width="9mm" height="9mm"><g clip-path="url(#b)"><path d="M0 0L9 9" style="stroke: #000; opacity: .5"/></g>
<text x="1" y="5">A</text></svg></figure></section></main></body></html>"""
HANDS = min(2, os.cpu_count() or 1)  # processes that set pages; more of them would wait for the longest part


class Setting:
    """`ask` for a report's parts to be set, go on with something else, and take the `answer`, the PDF.

    The processes start with it, and load what they need while results are still being counted.
    """

    def __init__(self, study: Study, cache: Cache | None):
        self.study, self.cache = study, cache or Cache(None)
        self.parts: list[Any] = []
        self.keys: list[str] = []
        self.shares: list[list[int]] = []
        self.frame: Callable[[int], str] = lambda pages: ""
        self.identifier = ""
        self._open = ExitStack()
        self._hands = [self._open.enter_context(Side(_set, _ready)) for _ in range(HANDS)]

    def ask(self, parts: Sequence[str], frame: Callable[[int], str], identifier: str, closed: bool = False) -> None:
        """Have the parts laid out. frame: number of pages → the page of HTML that stands around them. closed: no template of
        the study's own had a hand in the parts.
        """
        self.frame, self.identifier = frame, identifier
        self.keys = [self._key(part) for part in parts]
        self.parts = [self._held(number, key) for number, key in enumerate(self.keys, 1)]
        # the longest first, each to whoever has least to do
        todo = sorted((i for i, part in enumerate(self.parts) if part is None), key=lambda i: -len(parts[i]))
        self.shares = [[] for _ in self._hands]
        for i in todo:
            min(self.shares, key=lambda share: sum(len(parts[one]) for one in share)).append(i)
        for hand, share in zip(self._hands, self.shares, strict=True):
            if share:
                hand.ask("parts", [parts[i] for i in share], closed, self._about())

    def answer(self) -> bytes:
        """The file. MachineFailed, Refused: see report/pdf.py."""
        for hand, share in zip(self._hands, self.shares, strict=True):
            if share:
                for i, part in zip(share, hand.answer(), strict=True):
                    self.parts[i] = part
                    if self.keys[i]:
                        self.cache.put(self.keys[i], wire.packed(part).decode())
        pages = sum(len(part["pages"]) for part in self.parts)
        first = self._hands[0]
        first.ask("file", self.parts, self.frame(pages), self._about(), self.identifier)
        data: bytes = first.answer()
        return data

    def _about(self) -> dict[str, Any]:
        return {"title": self.study.title, "authors": [self.study.short], "language": self.study.language,
                "dated": self.study.data_cutoff.isoformat()}

    def _key(self, part: str) -> str:
        return kept.key("pages", _code(), part) if self.cache.folder else ""

    def _held(self, number: int, key: str) -> Any:
        text = self.cache.get("pages", f"part {number}", key) if key else None
        return None if text is None else wire.unpacked(text.encode())

    def __enter__(self) -> Setting:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


@once
def _code() -> str:
    return kept.key(manifest.code(CODE), manifest.versions(), pango.version())


def _ready() -> None:
    """Load what a PDF needs, and set a page of everything once: types of the system's libraries, a dictionary for hyphens and
    fonts are read at their first use. Whatever is wrong is said when the PDF is asked for.
    """
    from report import pdf

    if not pango.missing():
        with suppress(Exception):
            nothing = dict.fromkeys(("title", "authors", "language", "dated"), "")
            pdf.lay(SAMPLE.format(page.head()), {}, about=nothing, role="part", closed=True)


def _set(what: str, *given: Any) -> Any:
    """Parts of pages laid out, or the file made of them."""
    from report import pdf

    if what == "parts":
        parts, closed, about = given
        return [pdf.lay(part, {}, about=about, role="part", closed=closed) for part in parts]
    parts, frame, about, identifier = given
    around = pdf.lay(frame, {}, about=about, role="frame", closed=True)
    return pdf.join(parts, around, identifier=identifier)
