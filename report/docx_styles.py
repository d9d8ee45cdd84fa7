"""An institution's own Word styles: `[study] word_template` lends its looks to the styles of a report, by their names.

Only looks are taken: fonts, sizes, spacing, borders, out of a fixed list of properties, and the size and margins of the
page; no text, no numbering, no macro, nothing that refers to another part of the file. What is lent is written out in full,
so that styles which the template lacks stay as they are here. What a style does in the structure (lists, outline, line
numbers) stays, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from lxml import etree

from report import docx_package
from report.docx_read import xml
from report.docx_xml import W, qualified, w
from stats.findings import Problem
from stats.study.types import Study

# properties in the schema's order; those of the first list come from the template, those of the second stay ours
PARAGRAPH = ("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "suppressLineNumbers", "pBdr", "shd",
             "tabs", "suppressAutoHyphens", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl")
OURS = frozenset(("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "suppressLineNumbers",
                  "suppressAutoHyphens", "outlineLvl"))
CHARACTER = ("rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "color", "spacing", "w", "kern", "position", "sz",
             "szCs", "u", "shd", "vertAlign", "lang")
MERGED = frozenset(("rFonts", "spacing", "ind", "lang"))  # of these each attribute counts by itself
UNTOUCHED = frozenset(("Normal", "Default Paragraph Font", "Normal Table", "line number"))
KINDS = frozenset(("paragraph", "character", "table"))
TABLE = ("tblBorders", "tblCellMar")  # what a table style lends, and the rule under its first row
HEAD, RULED = "firstRow", ("tcPr", "tcBorders", "bottom")
PAGE = ("pgSz", "pgMar")
NARROWEST = 5000  # twentieths of a point between the margins of a page; a narrower one holds no table
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEMED = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia", "cstheme": "cs"}
DEEPEST = 20  # styles based on one another


def dress(document: Any, template: Path) -> None:
    """Give the document's styles the looks that the template has for them. Refused when it is no Word file."""
    theirs = _Template(template)
    _page(document, theirs)
    for style in _lendable(document.styles.element):
        found = theirs.named(style)
        if found is not None and style.get(qualified("type")) == "table":
            _ruled(style, found, theirs)
        elif found is not None:
            _replace(style, "pPr", theirs.looks(found, "pPr"), PARAGRAPH, OURS)
            _replace(style, "rPr", theirs.looks(found, "rPr"), CHARACTER, frozenset())
            for base in style.findall(qualified("basedOn")):
                style.remove(base)


def problems(document: Any, template: Path) -> list[Problem]:
    """W_WORD_STYLE with the names of the styles for which the template has none."""
    theirs = _Template(template)
    lacking = [_name(style) for style in _lendable(document.styles.element) if theirs.named(style) is None]
    return [Problem("W_WORD_STYLE", f"the Word template lacks {', '.join(lacking)}; our own styles stand in for them",
                    template.name, remedy="Add styles of these names to it, or leave it so")] if lacking else []


def lacking(study: Study) -> list[Problem]:
    """What the Word template that the study names lacks."""
    return problems(docx_package.empty(), study.folder / study.word_template)


def table_looks(document: Any) -> tuple[Any, int]:
    """The rule under a table's heads, and the size of its type in twentieths of a point."""
    styles = {style.get(qualified("styleId")): style for style in document.styles.element.findall(qualified("style"))}
    size = styles["TableText"].find(f"{qualified('rPr')}/{qualified('sz')}")
    return _head_rule(styles["ThreeRules"]), round(float(size.get(qualified("val"))) * 10)


class _Template:
    """The styles of a Word file, what its theme calls its fonts, and its pages."""

    def __init__(self, path: Path):
        body = xml(path, "word/document.xml")
        sections = list(body.iter(qualified("sectPr")))
        self.section = sections[0] if sections else w("sectPr")
        root = xml(path, "word/styles.xml")
        self.root = root if root is not None else w("styles")
        self.by_id = {style.get(qualified("styleId")): style for style in self.root.findall(qualified("style"))}
        theme = xml(path, "word/theme/theme1.xml")
        self.fonts: dict[str, str] = {}
        for kind in ("major", "minor") if theme is not None else ():
            latin = theme.find(f".//{_DRAWING}{kind}Font/{_DRAWING}latin")
            if latin is not None and latin.get("typeface"):
                self.fonts[kind] = latin.get("typeface")

    def named(self, style: Any) -> Any | None:
        """The template's style of the same kind and name; capitals don't matter, as in Word."""
        return next((one for one in self.by_id.values() if one.get(qualified("type")) == style.get(qualified("type"))
                     and _name(one).casefold() == _name(style).casefold()), None)

    def looks(self, style: Any, part: str) -> list[Any]:
        """Its properties with those of the styles it is based on and the document's defaults, the nearest last."""
        found = [one.find(qualified(part)) for one in self.chain(style)]
        default = self.root.find(f"{qualified('docDefaults')}/{qualified(part + 'Default')}/{qualified(part)}")
        return [self.plain(child) for one in (default, *found) if one is not None for child in one]

    def chain(self, style: Any) -> list[Any]:
        """From the most general style to this one."""
        chain = [style]
        while len(chain) < DEEPEST:
            base = chain[0].find(qualified("basedOn"))
            above = self.by_id.get(base.get(qualified("val"))) if base is not None else None
            if above is None or above in chain:
                break
            chain.insert(0, above)
        return chain

    def plain(self, element: Any) -> Any:
        """A copy with theme fonts by their names, and without attributes that point elsewhere."""
        copy = deepcopy(element)
        for one in copy.iter():
            for key, value in list(one.attrib.items()):
                name = etree.QName(key)
                font = self.fonts.get(value[:5]) if name.localname in _THEMED else None
                if font:
                    one.set(qualified(_THEMED[name.localname]), font)
                if name.namespace != W or "theme" in name.localname.casefold():
                    del one.attrib[key]
        return copy


def _lendable(styles: Any) -> Iterator[Any]:
    """The styles of a report that a template may dress."""
    for style in styles.findall(qualified("style")):
        if style.get(qualified("type")) in KINDS and _name(style) not in UNTOUCHED:
            yield style


def _page(document: Any, theirs: _Template) -> None:
    """The template's paper and margins, when they leave room for a report."""
    own = document.element.body[-1]
    lent = [theirs.section.find(qualified(name)) for name in PAGE]
    try:
        size, margins = ({key: int(part.get(qualified(key))) for key in keys} for part, keys in zip(
            lent, (("w", "h"), ("left", "right", "top", "bottom")), strict=True))
    except (AttributeError, TypeError, ValueError):
        return  # it states no page of its own
    if size["w"] - margins["left"] - margins["right"] < NARROWEST or size["w"] > size["h"]:
        return
    for name, values in zip(PAGE, (size, margins), strict=True):
        for key, value in values.items():
            own.find(qualified(name)).set(qualified(key), str(value))


def _ruled(style: Any, found: Any, theirs: _Template) -> None:
    """Borders and margins of cells, and the rule under the heads, from a table style or the nearest that it is based on."""
    own = style.find(qualified("tblPr"))
    rule = None
    for one in theirs.chain(found):
        for name in TABLE:
            lent = one.find(f"{qualified('tblPr')}/{qualified(name)}")
            if lent is not None:
                own.replace(own.find(qualified(name)), theirs.plain(lent))
        rule = _head_rule(one) if _head_rule(one) is not None else rule
    ours = _head_rule(style)
    if rule is not None and ours is not None:
        ours.getparent().replace(ours, theirs.plain(rule))


def _head_rule(style: Any) -> Any | None:
    first = f"{qualified('tblStylePr')}[@{qualified('type')}='{HEAD}']"
    return style.find("/".join((first, *map(qualified, RULED))))


def _name(style: Any) -> str:
    found = style.find(qualified("name"))
    return "" if found is None else str(found.get(qualified("val"), ""))


def _replace(style: Any, part: str, lent: Iterable[Any], known: tuple[str, ...], ours: frozenset[str]) -> None:
    """Put the lent properties in place of the style's own, but for `ours`, in the schema's order."""
    own = style.find(qualified(part))
    found: dict[str, Any] = {}
    for element in lent:
        name = _local(element)
        if name in MERGED and name in found:
            found[name].attrib.update(element.attrib)
        elif name in known and name not in ours:
            found[name] = element
    for element in own if own is not None else ():
        if _local(element) in ours:
            found[_local(element)] = element
    made = w(part, *(found[name] for name in known if name in found))
    if own is not None:
        style.replace(own, made)
    elif part == "pPr" and style.find(qualified("rPr")) is not None:
        style.find(qualified("rPr")).addprevious(made)
    else:
        style.append(made)


def _local(element: Any) -> str:
    """The name of a property; what isn't of Word's own namespace has none."""
    return etree.QName(element).localname if element.tag == qualified(etree.QName(element).localname) else ""
