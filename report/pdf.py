"""HTML to PDF with WeasyPrint: tagged (PDF/UA-1), the same bytes every time, and nothing in it from outside.

The page can ask for nothing but the assets handed over with it, under ``report:///``. The finished document is searched
for attachments, scripts and links that weren't announced before its bytes leave this module.
"""

from __future__ import annotations

import datetime
import gc
import importlib
import logging
import mimetypes
import re
import sys
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from report import fonts, pango
from report.output import MachineFailed
from stats.findings import Problem, Refused

SCHEME = "report:///"
OLDEST = 70  # before it, style sheets and metadata could read local files (CVE-2026-55073)
ALWAYS_LINKED = "https://doi.org/"
ACTIVE = frozenset({"AA", "AF", "EF", "EmbeddedFiles", "JS", "JavaScript", "OpenAction", "RichMedia", "XFA"})
_SCOPES = {"/THead": "/Column", "/TBody": "/Row", "/TFoot": "/Row"}
# A drawing inside the page has its style read twice: as CSS, where its words are unknown, then as SVG, where they work.
NOISE = re.compile(r"Ignored `(?:clip-|dominant-|fill|marker|shape-|stop-|stroke|text-anchor|vector-|\*)")


def write(html: str, assets: Mapping[str, bytes], *, title: str, identifier: str, language: str = "en",
          authors: Collection[str] = (), dated: datetime.date | None = None, links: Collection[str] = (),
          warn: Callable[[str], None] | None = None) -> bytes:
    """The page as a PDF.

    assets: name → bytes of what the page shows under ``report:///name`` (pictures, style sheets). identifier: the
    inputs' hash, which becomes the file's id. dated: the data cut-off, as the only date in the file; None for none.
    links: addresses that may be linked to, beside ``https://doi.org/…`` and places in the document. warn is called with
    each complaint of WeasyPrint's that isn't known noise.

    MachineFailed without Pango. Refused (E_ASSET, E_LINK, E_ACTIVE) when the page asks for something that wasn't handed
    over, links elsewhere, or would carry a file or a script.
    """
    gap = pango.missing()
    if gap:
        raise MachineFailed(f"No PDF: the system library {gap} is missing", remedy=f"To get it, run: {pango.remedy()}",
                            code="E_PDF_ENGINE")
    fonts.use()
    weasyprint = load()
    from weasyprint.urls import FatalURLFetchingError

    fetcher = _fetcher(assets)
    pages = 0

    def finish(document: Any, pdf: Any) -> None:
        nonlocal pages
        pages = len(document.pages)
        _tidy(pdf)
        problems = list(_unwelcome(pdf, links))
        if problems:
            raise Refused(problems)

    with _complaints(warn), _no_collector():
        try:
            document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(pdf_variant="pdf/ua-1")
            about = document.metadata
            about.title, about.authors, about.lang = title, list(authors), about.lang or language
            about.created = about.modified = dated.isoformat() if dated else None
            data: bytes = document.write_pdf(
                finisher=finish, pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode())
        except FatalURLFetchingError:
            data = b""
    if fetcher.refused:
        raise Refused([Problem("E_ASSET", "the page asks for something that is not part of the report", value=url,
                               remedy="Use pictures and style sheets of the report only; nothing else is read")
                       for url in fetcher.refused])
    if not pages or not data.rstrip().endswith(b"%%EOF"):
        raise MachineFailed("WeasyPrint wrote a PDF without pages", code="E_PDF_ENGINE")
    return data


def _fetcher(assets: Mapping[str, bytes]) -> Any:
    """The only way for a page to get at bytes; remembers what it refused, since parts of WeasyPrint only log that."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Assets(URLFetcher):
        _fail_on_errors = True

        def __init__(self) -> None:  # not the parent's: it loads certificates for a network that we never use
            self.refused: list[str] = []

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            name = unquote(url[len(SCHEME):]) if url.startswith(SCHEME) else None
            if name is None or name not in assets:
                self.refused.append(url)
                raise FatalURLFetchingError("not part of the report")
            kind = mimetypes.types_map.get("." + name.rpartition(".")[2], "application/octet-stream")
            return URLFetcherResponse(url, assets[name], {"Content-Type": kind})

    return Assets()


def _tidy(pdf: Any) -> None:
    """Mend what WeasyPrint leaves undone for PDF/UA: scopes, page heads and feet, links, empty resources."""
    found: list[Any] = [item for item in pdf.objects if isinstance(item, dict)]
    elements = {item.reference: item for item in found if item.get("Type") == "/StructElem"}
    _scope_headers(elements)
    _set_heads_and_feet_apart(pdf, elements)
    for item in found:
        if item.get("Subtype") == "/Link":
            item["F"] = 4  # to be printed
        for name in ("Pattern", "Shading"):
            if name in item and not item[name]:
                del item[name]


def _scope_headers(elements: dict[bytes, Any]) -> None:
    """Header cells in <thead> head columns, those in <tbody> rows.

    WeasyPrint's own lists of headers per cell lose columns under a spanning header; with a scope on every header cell a
    reader works them out itself, so the lists go.
    """
    for cell in elements.values():
        if cell["S"] in ("/TH", "/TD"):
            cell.pop("ID", None)
            cell.get("A", {}).pop("Headers", None)
    for group in elements.values():
        scope = _SCOPES.get(group["S"])
        for row in (elements[kid] for kid in group["K"] if scope and kid in elements):
            for cell in (elements[kid] for kid in row["K"] if kid in elements):
                if cell["S"] == "/TH" and "A" in cell:
                    cell["A"]["Scope"] = scope


def _set_heads_and_feet_apart(pdf: Any, elements: dict[bytes, Any]) -> None:
    """Mark the text of page heads and feet as no part of the reading (an artifact, ISO 32000-1, 14.8.2.2).

    WeasyPrint gives it elements that hang nowhere in the document's tree; those are found and emptied.
    """
    by_reference = {item.reference: item for item in pdf.objects[1:]}
    root = by_reference[pdf.catalog["StructTreeRoot"]]
    reached, open_ends = set(), list(root["K"])
    while open_ends:
        reference = open_ends.pop()
        if reference in elements and reference not in reached:
            reached.add(reference)
            open_ends += elements[reference]["K"]
    pages = [by_reference[reference] for reference in pdf.page_references]
    owners = by_reference[root["ParentTree"]]["Nums"]
    for page, owner_of in zip(pages, owners[1:2 * len(pages):2], strict=True):
        adrift = {number for number, reference in enumerate(owner_of) if reference not in reached}
        words = by_reference[page["Contents"]].stream
        for i, word in enumerate(words):
            if isinstance(word, dict) and word.get("MCID") in adrift:
                words[i - 1] = b"/Artifact"
                word.clear()
                word["Type"] = "/Pagination"
        for number in adrift:
            owner_of[number] = b"null"
    for reference, element in elements.items():
        if reference not in reached:
            element.clear()


def _unwelcome(pdf: Any, links: Collection[str]) -> Iterator[Problem]:
    """What must not be in a report: files, scripts, actions, links that weren't announced."""
    for item in _dictionaries(pdf.objects):
        for name in sorted(ACTIVE & set(item)):
            yield Problem("E_ACTIVE", f"the PDF would carry an active or attached part (/{name})",
                          remedy="Remove the attachment or script from the template")
        action = _text(item.get("S", "")) if "URI" in item or _text(item.get("Type", "")) == "/Action" else ""
        target = getattr(item.get("URI"), "string", item.get("URI"))
        if action and action != "/URI":
            yield Problem("E_ACTIVE", f"the PDF would carry an action ({action})", remedy="Remove it from the template")
        elif target is not None and not (str(target).startswith(ALWAYS_LINKED) or str(target) in links):
            yield Problem("E_LINK", "the page links to an address that the study doesn't name", value=str(target),
                          remedy="Link to https://doi.org/…, or list the address among the references")
        if _text(item.get("Type", "")) == "/Annot" and _text(item.get("Subtype", "")) not in ("/Link",):
            yield Problem("E_ACTIVE", "the PDF would carry an annotation that is no link",
                          remedy="Remove forms and attachments from the template")


def _dictionaries(parts: Any) -> Iterator[Any]:
    """Every dictionary among PDF objects, however deep."""
    for part in parts:
        if isinstance(part, dict):
            yield part
            yield from _dictionaries(part.values())
        elif isinstance(part, list | tuple):
            yield from _dictionaries(part)
        elif isinstance(getattr(part, "extra", None), dict):
            yield from _dictionaries([part.extra])


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def load() -> Any:
    """WeasyPrint, imported without the two things that take most of its time.

    It looks for each library under several names, for every wrong one of which ctypes asks the compiler and the linker
    (57 processes); and it loads fontTools' subsetter and variable-font code, which HarfBuzz does here instead.
    """
    if "weasyprint" in sys.modules:
        return sys.modules["weasyprint"]
    import ctypes.util
    search = ctypes.util.find_library
    subset, parent = _loaded_when_used("fontTools.subset"), types.ModuleType("fontTools.varLib")
    instancer = _loaded_when_used("fontTools.varLib.instancer", "instantiateVariableFont")
    standins = {module.__name__: module for module in (subset, parent, instancer) if module.__name__ not in sys.modules}
    sys.modules |= standins
    if sys.platform.startswith("linux"):
        ctypes.util.find_library = lambda name: None  # the loader itself finds the right name without it
    try:
        import weasyprint
    finally:
        ctypes.util.find_library = search
        for name in standins:
            del sys.modules[name]
    if int(weasyprint.__version__.split(".")[0]) < OLDEST:
        raise MachineFailed(f"WeasyPrint {weasyprint.__version__} is too old to be safe; {OLDEST} or newer is needed",
                            remedy="Run: python build_report.py setup", code="E_PDF_ENGINE")
    return weasyprint


def _loaded_when_used(name: str, *functions: str) -> types.ModuleType:
    """A stand-in for a module, and for functions taken from it by name, that imports the module when one is used."""
    def get(wanted: str) -> Any:
        if sys.modules.get(name) is module:  # still standing in: it is the import machinery that asks
            raise AttributeError(wanted)
        return getattr(importlib.import_module(name), wanted)

    module = types.ModuleType(name)
    vars(module).update({function: lambda *words, _name=function, **options: get(_name)(*words, **options)
                         for function in functions}, __getattr__=get)
    return module


@contextmanager
def _complaints(warn: Callable[[str], None] | None) -> Iterator[None]:
    """Hand WeasyPrint's warnings to `warn`, each once, without the known noise."""
    seen: set[str] = set()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if warn and record.levelno >= logging.WARNING and text not in seen and not NOISE.match(text):
                seen.add(text)
                warn(text)

    logger, listener = logging.getLogger("weasyprint"), Listener()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Layout makes a hundred thousand boxes that all live to the end: looking for garbage among them is wasted time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
