"""Word files that come from elsewhere: opened within limits, read as XML, nothing in them run, fetched or kept.

Of a report that comes back from a co-author: the numbers under their addresses, and the text around them, with all
changes accepted, as the next reader will see it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from report.docx_xml import qualified
from report.manuscript import Manuscript, plain
from stats.findings import Problem, Refused

LARGEST = 20 << 20  # bytes of one part; a report's text has less than one million
PARTS = 2000
GONE = frozenset(map(qualified, ("del", "moveFrom", "instrText", "delText", "sdtPr")))
WITHIN = frozenset(map(qualified, ("ins", "hyperlink", "moveTo", "smartTag")))  # may hold numbers
SPACES = frozenset(map(qualified, ("tab", "br", "cr")))
SECTIONS = frozenset(("Title", "Heading1"))
CAPTION = "TableCaption"
FIGURES = ("Figure", "Caption")


@dataclass(frozen=True)
class Number:
    """A number in its content control: the tag it stands under, its text, and the section or table it is in."""

    tag: str
    text: str
    place: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or a table's cell: the section or table it is in, its text, its numbers as (tag, start, end)."""

    place: str
    text: str
    numbers: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Text:
    """A Word file as compared: every tagged number in order; sentences, and words of table cells, by place; paragraphs."""

    file: str
    numbers: tuple[Number, ...]
    said: dict[str, list[str]]
    paragraphs: tuple[Paragraph, ...]


def part(path: Path, name: str) -> bytes | None:
    """One part of a Word file, None if the file lacks it.

    Refused: E_FILE_MISSING, E_WRONG_TYPE (no Word file), E_FILE_TOO_LARGE, E_FILE_BROKEN (a part that declares entities).
    """
    if not path.is_file():
        raise _refused("E_FILE_MISSING", f"there is no file at {path}", path)
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.namelist()) > PARTS:
                raise _refused("E_FILE_TOO_LARGE", f"the document has more than {PARTS} parts", path)
            if "word/document.xml" not in archive.namelist():
                raise KeyError(name)
            if name not in archive.namelist():
                return None
            with archive.open(name) as entry:
                data = entry.read(LARGEST + 1)  # what the archive says of the size may be untrue
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, EOFError):
        raise _refused("E_WRONG_TYPE", "this is no Word document that can be read", path,
                       "Save it again in Word, as .docx, without a password") from None
    if len(data) > LARGEST:
        raise _refused("E_FILE_TOO_LARGE", "a part of the document unpacks to more than 20 MB", path)
    return data


def xml(path: Path, name: str) -> Any:
    """A part as an element tree, None if the file lacks it."""
    data = part(path, name)
    if data is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise _refused("E_FILE_BROKEN", "a part of the document can't be read", path, "Save it again in Word") from None
    if root.getroottree().docinfo.doctype:  # no word processor writes one
        raise _refused("E_FILE_BROKEN", "the document declares entities, which Word never does", path)
    return root


def read(path: Path, apart: bool = True) -> Text:
    """The numbers and the text of a report's Word file; `apart`: words of table cells without the numbers in their
    controls. Refused as part() says.
    """
    root = xml(path, "word/document.xml")
    numbers: list[Number] = []
    said: dict[str, list[str]] = {}
    paragraphs: list[Paragraph] = []
    section, table, inside = "", "", None
    for paragraph in root.iter(qualified("p")):
        style = _style(paragraph)
        text = plain(_seen(paragraph))
        # figures may stand beside each other in a table without being part of one
        within = None if style in FIGURES else next(paragraph.iterancestors(qualified("tbl")), None)
        if style in SECTIONS and within is None:
            section, table = text, ""
        elif style == CAPTION:
            table = text.partition(". ")[0]
        elif within is None and inside is not None and style not in ("TableNote", "TableEnd"):
            table = ""
        inside = within if within is not None else inside if table else None
        place = table or section
        paragraphs.append(_paragraph(paragraph, place))
        numbers += [Number(tag, plain(_seen(control)), place) for tag, control in _controls(paragraph)]
        if within is None:
            said.setdefault(place, []).extend(sentence.text for sentence in Manuscript("", text).sentences)
        elif words := plain(_seen(paragraph, numbers=not apart)):
            said.setdefault(place, []).append(words)
    return Text(path.name, tuple(numbers), said, tuple(paragraphs))


def _style(paragraph: Any) -> str:
    found = paragraph.find(f"{qualified('pPr')}/{qualified('pStyle')}")
    return "" if found is None else str(found.get(qualified("val"), ""))


def _controls(paragraph: Any) -> Iterator[tuple[str, Any]]:
    """(tag, content control) of every tagged number in a paragraph that is still there."""
    for control in paragraph.iter(qualified("sdt")):
        tag = _tag(control)
        if tag is not None and not any(above.tag in GONE for above in control.iterancestors()):
            yield tag, control


def _paragraph(paragraph: Any, place: str) -> Paragraph:
    """Its text as it stands, with the places of its numbers."""
    said: list[str] = []
    found: list[tuple[str, int, int]] = []

    def walk(node: Any) -> None:
        for child in node:
            tag = _tag(child)
            start = sum(map(len, said))
            if child.tag == qualified("sdt"):
                for content in child.findall(qualified("sdtContent")):
                    walk(content)
            elif child.tag in WITHIN:
                walk(child)
            else:
                said.append(_seen([child]))
            if tag is not None:
                found.append((tag, start, sum(map(len, said))))

    walk(paragraph)
    return Paragraph(place, "".join(said), tuple(found))


def _tag(control: Any) -> str | None:
    """The address that an element stands for, if it is a number's content control."""
    found = control.find(f"{qualified('sdtPr')}/{qualified('tag')}") if control.tag == qualified("sdt") else None
    return None if found is None else str(found.get(qualified("val"), ""))


def _seen(node: Any, numbers: bool = True) -> str:
    """The text a reader sees with all changes accepted, with or without the numbers in their controls."""
    said = []
    for child in node:
        if child.tag in GONE or child.tag == qualified("p") or (child.tag == qualified("sdt") and not numbers):
            continue
        if child.tag == qualified("t"):
            said.append(child.text or "")
        elif child.tag in SPACES:
            said.append(" ")
        elif child.tag == qualified("noBreakHyphen"):
            said.append("-")
        elif isinstance(child.tag, str):
            said.append(_seen(child, numbers))
    return "".join(said)


def _refused(code: str, reason: str, path: Path, remedy: str = "") -> Refused:
    return Refused([Problem(code, reason, path.name, remedy=remedy)])
