"""The processes that set pages: what they load, and what each of them does.

They load what they need as soon as they start: in a build before the study is read.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from report.side import Side

SAMPLE = """<html lang="en"><head>{}</head><body><main><section id="a"><h2>A</h2><p style="width: 15mm">Immunophenotyping
<a href="#a">A</a> <i>A</i> <b>A</b><sup>1</sup></p><div class="table"><table class="fitted"><caption>A</caption><thead><tr>
<th scope="col">A</th></tr></thead><tbody><tr><td class="number">1</td></tr></tbody></table></div><figure>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9mm" height="9mm"><g clip-path="url(#b)">
<path d="M0 0L9 9" style="stroke: #000; opacity: .5"/></g><text x="1" y="5">A</text></svg></figure></section></main></body>
</html>"""
HANDS = 2  # processes that set pages; more of them would wait for the longest part


def start() -> Side:
    """One process, with its twins."""
    return Side(_Hand(), _ready, twins=HANDS - 1)


def _ready() -> None:
    """Load what a PDF needs, and set a page of everything once: types of the system's libraries, a dictionary for hyphens and
    fonts are read at their first use. Whatever is wrong is said when the PDF is asked for.
    """
    from report import page, pango, pdf

    gc.disable()  # what is loaded stays to the end; boxes are collected part by part
    os.nice(4)  # until the text is written, whoever writes it comes first
    if not pango.missing():
        nothing = dict.fromkeys(("title", "authors", "language", "dated"), "")
        pdf.lay(SAMPLE.format(page.head(sheets=("report",))), {}, about=nothing, role="part", closed=True)
    gc.freeze()


class _Hand:
    """What a process does, question by question: lay out a part or the frame, add a part to the file, write the file."""

    def __init__(self) -> None:
        self.joining: Any = None

    def __call__(self, what: Any, *given: Any) -> Any:
        from report import pdf

        if what in ("part", "frame"):
            html, closed, about = given
            gc.collect()  # boxes of the part before point at each other
            return pdf.lay(html, {}, about=about, role=what, closed=closed)
        self.joining = self.joining or pdf.begun(framed=True)
        if what == "add":
            self.joining.add(*given)
            return None
        return pdf.ended(self.joining, *given)
