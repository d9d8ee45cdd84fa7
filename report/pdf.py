"""HTML to PDF with WeasyPrint: tagged (PDF/UA-1), the same bytes every time, and nothing in it from outside.

A document is laid out in parts, each of which begins a page, and the parts are joined: so they can be laid out beside each
other, and kept. The page can ask for nothing but the assets handed over with it, under ``report:///``. Each part is searched
for attachments, scripts and links that weren't announced before its bytes leave this module.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from report import fonts, pango, pdf_join
from report.output import MachineFailed
from report.pdf_engine import complaints, fetcher, load, no_collector, no_margins, own_fonts, page
from report.pdf_join import Joining, Part, Role
from report.pdf_tidy import tidy, unwelcome
from stats.findings import Problem, Refused

VARIANT = "pdf/ua-1"


def write(html: str, assets: Mapping[str, bytes], *, title: str, identifier: str, language: str = "en",
          authors: Collection[str] = (), dated: datetime.date | None = None, links: Collection[str] = (),
          warn: Callable[[str], None] | None = None) -> bytes:
    """One page of HTML as a PDF: `lay` and `join`, whose errors it raises."""
    about = {"title": title, "authors": list(authors), "language": language, "dated": dated.isoformat() if dated else ""}
    return join([lay(html, assets, about=about, links=links, warn=warn)], identifier=identifier)


def lay(html: str, assets: Mapping[str, bytes], *, about: Mapping[str, Any], links: Collection[str] = (),
        warn: Callable[[str], None] | None = None, role: Role = "whole",
        closed: bool = False) -> Part:
    """A page of HTML laid out, as plain values that `join` makes a file of.

    assets: name → bytes of what the page shows under ``report:///name`` (pictures, style sheets). about: title, authors,
    language, and the data cut-off as dated, the only date in the file ('' for none). links: addresses that may be linked to,
    beside ``https://doi.org/…`` and places in the document; ``report:///#name`` is a place in another part. warn is called
    with each complaint of WeasyPrint's that isn't known noise. role: a document of its own; a part, to be joined with a frame;
    or the frame, whose pages show what stands around the text of each. closed: all of the page's HTML is ours.

    MachineFailed without Pango. Refused (E_ASSET, E_LINK, E_ACTIVE) when the page asks for something that wasn't handed
    over, links elsewhere, or would carry a file or a script.
    """
    ensure()
    load()
    from weasyprint.urls import FatalURLFetchingError

    fetch = fetcher(assets)
    part: Part = {}

    def finish(document: Any, pdf: Any) -> None:
        tidy(pdf)
        problems = list(unwelcome(pdf, links))
        if problems:
            raise Refused(problems)
        if role == "frame":
            # the frame isn't tagged, since what repeats would be read out, but it is what says that the file is
            document.metadata.include_in_pdf(pdf, "ua", 1, conformance=None, compress=True)
        part.update(pdf_join.taken(pdf, bookmarks, role))
        raise _Taken

    variant = None if role == "frame" else VARIANT
    with complaints(warn), no_collector(), no_margins(role != "whole"):
        try:
            document = page(html, fetch, closed).render(pdf_variant=variant, font_config=own_fonts() if closed else None)
            bookmarks = pdf_join.bookmarks(document)
            described = document.metadata
            described.title, described.authors = about["title"], list(about["authors"])
            described.lang = described.lang or about["language"]
            described.created = described.modified = about["dated"] or None
            document.write_pdf(finisher=finish, pdf_variant=variant)
        except (_Taken, FatalURLFetchingError):
            pass
    if fetch.refused:
        raise Refused([Problem("E_ASSET", "the page asks for something that is not part of the report", value=url,
                               remedy="Use pictures and style sheets of the report only; nothing else is read")
                       for url in fetch.refused])
    return part


def join(parts: Sequence[Part], frame: Part | None = None, *, identifier: str) -> bytes:
    """The file of these parts, one after the other, with what the frame shows around each of their pages.

    identifier: the inputs' hash, which becomes the file's id. What the file says of itself is the frame's, or, without one,
    the first part's. MachineFailed when there is no page.
    """
    joining = begun(framed=frame is not None)
    for part in parts:
        joining.add(part)
    return ended(joining, frame or parts[0], identifier)


def begun(framed: bool) -> Joining:
    """A file to which parts are added. framed: a frame is handed over at its end."""
    ensure()
    load()
    return Joining(framed)


def ended(joining: Joining, about: Part, identifier: str) -> bytes:
    """The file when all its parts were added; about and identifier: see `join`, whose errors it raises."""
    data = joining.file(about, identifier) if joining.pages else b""
    if not data.rstrip().endswith(b"%%EOF"):
        raise MachineFailed("WeasyPrint wrote a PDF without pages", code="E_PDF_ENGINE")
    return data


def ensure() -> None:
    """MachineFailed where Pango is missing; from here on only the project's own fonts are seen."""
    gap = pango.missing()
    if gap:
        raise MachineFailed(f"No PDF: the system library {gap} is missing", remedy=f"To get it, run: {pango.remedy()}",
                            code="E_PDF_ENGINE")
    fonts.use()


class _Taken(Exception):
    """Everything of a document was taken: its own file needn't be written."""
