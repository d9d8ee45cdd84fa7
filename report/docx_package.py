"""The file around a Word document: the empty report it starts from, its properties, and bytes that are always the same.

A finished file is read once more before it leaves: it may hold no macro, no embedded object, nothing that is fetched
from elsewhere, and no field but those that number and refer.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from report.docx_xml import qualified
from stats.findings import Problem

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "word"
LANGUAGES = {"en": "en-US"}  # Word checks spelling by country
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
EMBEDDED = ("object", "altChunk", "attachedTemplate", "subDoc")
FIELDS = re.compile(r" (SEQ|REF|PAGE|NUMPAGES)\b")
PARTS = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|docProps/core\.xml|word/_rels/[a-z]+\d*\.xml\.rels|"
                   r"word/(document|styles|numbering|settings|fontTable|(header|footer)\d+)\.xml|word/theme/theme1\.xml|"
                   r"word/media/image\d+\.png")
# parts beside the document: kind of the relation → name
BESIDE = {"styles": "styles", "numbering": "numbering", "settings": "settings", "fontTable": "fontTable",
          "theme": "theme/theme1"}
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_VENDOR = "application/vnd.openxmlformats-officedocument"
_CORE = ('<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>')


def empty() -> Any:
    """A python-docx Document with the project's own styles, lists and settings, and nothing in it."""
    import docx

    return docx.Document(io.BytesIO(_base()))


def describe(document: Any, *, title: str, language: str, author: str, subject: str, keywords: str,
             dated: datetime.date | None) -> None:
    """The properties of the file, with the data cut-off as its only date, and the language of its text."""
    properties = document.core_properties
    properties.title, properties.author, properties.subject, properties.keywords = title, author, subject, keywords
    properties.last_modified_by, properties.revision = author, 1
    properties.language = LANGUAGES.get(language, language)
    if dated:
        properties.created = properties.modified = datetime.datetime(dated.year, dated.month, dated.day)
    for element in document.styles.element.iter(qualified("lang")):
        element.set(qualified("val"), LANGUAGES.get(language, language))


def pack(document: Any) -> bytes:
    """The document as a file: parts in a fixed order, without times."""
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as saved:
        return zipped({name: saved.read(name) for name in saved.namelist()})


def unwelcome(data: bytes) -> Iterator[Problem]:
    """What must not be in a Word file that goes to co-authors."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            if not PARTS.fullmatch(name):
                yield Problem("E_ACTIVE", "the Word file would hold a part that no report needs", value=name,
                              remedy="Remove the attachment or script from the template")
            if not name.endswith((".xml", ".rels")):
                continue
            root = etree.fromstring(file.read(name))
            for element in root.iter():
                if element.get("TargetMode") == "External":
                    yield Problem("E_LINK", "the Word file would fetch something from elsewhere",
                                  value=str(element.get("Target")), remedy="Link to places in the report only")
                if element.tag in (qualified("instrText"), qualified("fldSimple")):
                    code = element.text or element.get(qualified("instr")) or ""
                    if not FIELDS.match(code):
                        yield Problem("E_ACTIVE", "the Word file would hold a field that computes or fetches", value=code,
                                      remedy="Fields number tables and figures and refer to them, nothing else")
                if element.tag in map(qualified, EMBEDDED):
                    yield Problem("E_ACTIVE", f"the Word file would hold an embedded part ({etree.QName(element).localname})",
                                  remedy="Remove the attachment from the template")


@cache
def _base() -> bytes:
    """The empty report as a package, from templates/word."""
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    parts = {f"word/{name}.xml": etree.tostring(etree.parse(FOLDER / f"{Path(name).name.rstrip('1')}.xml", parser),
                                                encoding="UTF-8", xml_declaration=True, standalone=True)
             for name in ("document", *BESIDE.values())}
    kinds = "".join(f'<Override PartName="/{name}" ContentType="{_kind(name)}+xml"/>' for name in parts)
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{kinds}'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        '</Types>').encode()
    parts["_rels/.rels"] = _relations((f"{_OFFICE}/officeDocument", "word/document.xml"),
                                      (f"{_RELATIONS}/metadata/core-properties", "docProps/core.xml"))
    parts["word/_rels/document.xml.rels"] = _relations(
        *((f"{_OFFICE}/{kind}", f"{name}.xml") for kind, name in BESIDE.items()))
    parts["docProps/core.xml"] = _CORE.encode()
    return zipped(parts)


def _kind(name: str) -> str:
    stem = name.removeprefix("word/").removesuffix(".xml")
    if stem == "theme/theme1":
        return f"{_VENDOR}.theme"
    return f"{_VENDOR}.wordprocessingml.{'document.main' if stem == 'document' else stem}"


def _relations(*pairs: tuple[str, str]) -> bytes:
    items = "".join(f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>'
                    for i, (kind, target) in enumerate(pairs, 1))
    return f'<Relationships xmlns="{_RELATIONS}">{items}</Relationships>'.encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of files by name: those first that a reader looks for first, no times, no owner."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n != "_rels/.rels", n)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            file.writestr(entry, parts[name])
    return out.getvalue()
