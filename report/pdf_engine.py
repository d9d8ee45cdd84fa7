"""WeasyPrint: loaded quickly, kept from everything outside, and listened to."""

from __future__ import annotations

import gc
import importlib
import logging
import mimetypes
import re
import sys
import types
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache as once
from functools import wraps
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from report import pdf_floats, pdf_haste, pdf_rows
from report.output import MachineFailed

SCHEME = "report:///"
NOTES = re.compile(r"^::(?:foot)?note-\w+ *\{.*\n", re.M)
ARRAY = re.compile(r"(\w+)\[\d+\]")
PLACED = ("x", "y", "dx", "dy", "rotate")  # of a text in a drawing; several numbers: one for each letter
SPACED = ("letter-spacing", "textLength")
OLDEST = 70  # before it, style sheets and metadata could read local files (CVE-2026-55073)
# A drawing inside the page has its style read twice: as CSS, where its words are unknown, then as SVG, where they work.
NOISE = re.compile(r"Ignored `(?:clip-|dominant-|fill|marker|shape-|stop-|stroke|text-anchor|vector-|\*)")


def load() -> Any:
    """WeasyPrint, imported without the three things that take most of its time.

    It looks for each library under several names, for every wrong one of which ctypes asks the compiler and the linker
    (57 processes); it loads fontTools' subsetter and variable-font code, which HarfBuzz does here instead; and it reads three
    style sheets, of which pages take one, in words of our own (see `_kind_of_page`).
    """
    if "weasyprint" in sys.modules:
        return sys.modules["weasyprint"]
    import ctypes.util

    import tinycss2

    search, read = ctypes.util.find_library, tinycss2.parse_stylesheet
    subset, parent = _loaded_when_used("fontTools.subset"), types.ModuleType("fontTools.varLib")
    instancer = _loaded_when_used("fontTools.varLib.instancer", "instantiateVariableFont")
    standins = {module.__name__: module for module in (subset, parent, instancer) if module.__name__ not in sys.modules}
    sys.modules |= standins
    if sys.platform.startswith("linux"):
        ctypes.util.find_library = lambda name: None  # the loader itself finds the right name without it
    tinycss2.parse_stylesheet = lambda *words, **options: []
    try:
        import weasyprint
    finally:
        ctypes.util.find_library, tinycss2.parse_stylesheet = search, read
        for name in standins:
            del sys.modules[name]
    if int(weasyprint.__version__.split(".")[0]) < OLDEST:
        raise MachineFailed(f"WeasyPrint {weasyprint.__version__} is too old to be safe; {OLDEST} or newer is needed",
                            remedy="Run: python build_report.py setup", code="E_PDF_ENGINE")
    _hasten()
    _pack_quickly()
    _texts_in_one()
    _fit_without_last_space()
    pdf_haste.hasten(weasyprint.__version__)
    if weasyprint.__version__ == pdf_haste.KNOWN:
        pdf_floats.let_text_go_first()
        pdf_rows.repeat_labels()
    return weasyprint


def _hasten() -> None:
    """Arrays of another length are no other type where fonts are written."""
    from weasyprint.pdf import fonts

    fonts.ffi = _Arrays(fonts.ffi)


def _pack_quickly() -> None:
    import pydyf

    pydyf.zlib = _Packing


class _Packing:
    """zlib, but for the level: the highest, which is asked for, takes four times as long for three hundredths less."""

    compress = staticmethod(zlib.compress)

    @staticmethod
    def compressobj(level: int = 5) -> Any:
        return zlib.compressobj(min(level, 5))


def _texts_in_one() -> None:
    """A text of a drawing is set as words. WeasyPrint sets each letter by itself, which takes long and kerns nothing."""
    from weasyprint import svg

    plain = svg.text

    def text(drawing: Any, node: Any, font_size: float) -> None:
        if not any(node.get(name) for name in SPACED) and not any(" " in node.get(name, "").strip() for name in PLACED):
            node._etree_node.text = _Whole(node.text or "")
        plain(drawing, node, font_size)

    svg.text = text
    svg.TAGS.update({tag: text for tag, draw in svg.TAGS.items() if draw is plain})


def _fit_without_last_space() -> None:
    """A space at the end of a line takes no room. WeasyPrint counts it, and where a text doesn't fit only because of it, the
    line ends after the text's first word.
    """
    from weasyprint.text import line_break

    plain = line_break.split_first_line

    @wraps(plain)
    def split(text: str, style: Any, context: Any, max_width: Any, *words: Any, **options: Any) -> Any:
        line = plain(text, style, context, max_width, *words, **options)
        if line[2] is not None and text[-1] == " " and " " not in line[0].text and style["white_space"] == "normal":
            bare = text.rstrip(" ")
            whole = plain(bare, style, context, max_width, *words, **options) if " " in bare else line
            return line if whole[2] is not None else whole
        return line

    pdf_haste.everywhere(plain, split)


class _Whole(str):
    """A text whose only letter is itself."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter((str(self),) if self else ())


class _Arrays:
    """cffi for the writing of fonts. It reads each new type with a parser of C, and an array's length is part of its type."""

    def __init__(self, ffi: Any):
        self._ffi = ffi

    def new(self, kind: str, value: Any = None) -> Any:
        found = ARRAY.fullmatch(kind) if isinstance(value, list | tuple) else None
        return self._ffi.new(f"{found[1]}[]" if found else kind, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ffi, name)


def page(html: str, fetch: Any, closed: bool = False) -> Any:
    """A page for WeasyPrint. closed: every element in it is closed and stands where it belongs, as in our own templates; then
    the quick parser of XML makes the same tree of it as the one that mends pages as browsers do.
    """
    import cssselect2

    kind = _kind_of_page()
    _, mark, text = html.partition("<html")
    try:
        root = ElementTree.fromstring(mark + text) if closed else None
    except ElementTree.ParseError:
        root = None
    if root is None:
        return kind(string=html, url_fetcher=fetch)
    fetch.ours = True
    made = kind.__new__(kind)
    made.base_url, made.url_fetcher, made.media_type = None, fetch, "print"
    made.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
    made.etree_element = made.wrapper_element.etree_element
    return made


@once
def own_fonts() -> Any:
    """The project's fonts, for all pages that bring none of their own: they needn't be looked for and read for each."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@once
def _kind_of_page() -> Any:
    """WeasyPrint's page without the rules for footnotes in its own style sheet, which ask for five styles of every element."""
    import weasyprint
    from weasyprint.html import UA, UA_COUNTER_STYLE

    sheet = weasyprint.CSS(string=NOTES.sub("", UA), counter_style=UA_COUNTER_STYLE)  # which are filled in by that

    class Page(weasyprint.HTML):
        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            return [sheet]

    return Page


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
def complaints(warn: Callable[[str], None] | None) -> Iterator[None]:
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
def no_collector() -> Iterator[None]:
    """Layout makes a hundred thousand boxes that all live to the end: looking for garbage among them is wasted time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def no_margins(bare: bool) -> Iterator[None]:
    """On `bare` pages nothing stands in the margins: sixteen boxes needn't be looked for on each."""
    from weasyprint import layout

    plain = layout.make_margin_boxes
    if bare:
        layout.make_margin_boxes = lambda context, page, state: ()
    try:
        yield
    finally:
        layout.make_margin_boxes = plain


def fetcher(assets: Mapping[str, bytes]) -> Any:
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
