"""Reading a Word file without the code that wrote it, and the order in which Word wants children to stand."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"

# sequences of ECMA-376 part 1, annex A.1, as far as reports use them
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
           "suppressAutoHyphens spacing ind contextualSpacing mirrorIndents jc textAlignment outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike noProof vanish color spacing w kern position sz szCs "
           "highlight u shd vertAlign rtl cs lang",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar "
             "tblLook tblCaption tblDescription",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tcBorders": "top start left bottom end right insideH insideV",
    "tblCellMar": "top start left bottom end right",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType "
              "pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi docGrid",
    "sdtPr": "rPr alias tag id lock placeholder temporary showingPlcHdr dataBinding label tabIndex appearance text",
    "sdt": "sdtPr sdtEndPr sdtContent",
    "tbl": "tblPr tblGrid tr",
    "tr": "trPr tc",
    "style": "name aliases basedOn next link uiPriority"
             " semiHidden unhideWhenUsed qFormat locked rsid pPr rPr tblPr trPr tcPr tblStylePr",
    "tblStylePr": "pPr rPr tblPr trPr tcPr",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "numbering": "abstractNum num",
    "num": "abstractNumId lvlOverride",
}
FIRST = {"p": "pPr", "r": "rPr", "tc": "tcPr"}  # what must come first where it is there at all


class File:
    """The parts of a Word file."""

    def __init__(self, data: bytes):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.document = self.part("word/document.xml")
        self.body = self.document[0]

    def part(self, name: str) -> etree._Element:
        return etree.fromstring(self.zip.read(name))

    def parts(self) -> Iterator[tuple[str, etree._Element]]:
        for name in self.zip.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, self.part(name)

    def paragraphs(self) -> list[etree._Element]:
        return list(self.body.iter(f"{W}p"))

    def margins(self, kind: str) -> list[str]:
        """The texts of all headers or footers."""
        return [text(root) for name, root in self.parts() if name.startswith(f"word/{kind}")]


def png(width=4, height=3):
    """The bytes of a picture that is all black."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * (width + 1) * height))
            + chunk(b"IEND", b""))


def text(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{W}t"))


def tables(body: etree._Element) -> list[etree._Element]:
    """Tables of a report; what has no caption holds figures beside each other."""
    return [table for table in body.iter(f"{W}tbl") if table.find(f"{W}tblPr/{W}tblCaption") is not None]


def style(paragraph: etree._Element) -> str:
    return paragraph.find(f"{W}pPr/{W}pStyle").get(f"{W}val")


def spans(cell: etree._Element) -> int:
    """How many columns a cell covers."""
    found = cell.find(f"{W}tcPr/{W}gridSpan")
    return 1 if found is None else int(found.get(f"{W}val"))


def numbers(root: etree._Element) -> list[tuple[str, str]]:
    """(tag, text) of every content control."""
    return [(sdt.find(f"{W}sdtPr/{W}tag").get(f"{W}val"), text(sdt)) for sdt in root.iter(f"{W}sdt")]


def fields(root: etree._Element) -> list[tuple[str, str]]:
    """(code, cached result) of every field."""
    found, state, code, result = [], "", "", ""
    for element in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}t"):
        if element.tag == f"{W}fldChar":
            state = element.get(f"{W}fldCharType")
            if state == "begin":
                code = result = ""
            elif state == "end":
                found.append((code.strip(), result))
        elif element.tag == f"{W}instrText":
            code += element.text
        elif state == "separate":
            result += element.text
    return found


def bookmarks(body: etree._Element) -> dict[str, str]:
    """Name → text between start and end."""
    found, ends = {}, {}
    for element in body.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}t"):
        if element.tag == f"{W}bookmarkStart":
            ends[element.get(f"{W}id")] = element.get(f"{W}name")
            assert element.get(f"{W}name") not in found
            found[element.get(f"{W}name")] = ""
        elif element.tag == f"{W}bookmarkEnd":
            del ends[element.get(f"{W}id")]
        else:
            for name in ends.values():
                found[name] += element.text
    assert not ends
    return found


def misplaced(root: etree._Element) -> list[str]:
    """Children that stand where Word doesn't want them, as 'parent: child'."""
    found = []
    for element in root.iter(etree.Element):
        name, children = _local(element), [_local(child) for child in element if isinstance(child.tag, str)]
        if element.tag == W + name and name in ORDER:
            known = ORDER[name].split()
            found += [f"{name}: {child} is unknown" for child in children if child not in known]
            places = [known.index(child) for child in children if child in known]
            found += [f"{name}: {children}"] if places != sorted(places) else []
        first = FIRST.get(name)
        if element.tag == W + name and first in children and children.index(first):
            found.append(f"{name}: {first} is not first")
        if element.tag == f"{W}tc" and children[-1:] != ["p"]:
            found.append("tc: must end with a paragraph")
    return found


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
