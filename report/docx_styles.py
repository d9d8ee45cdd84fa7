"""An institution's own Word styles: `[study] word_template` lends its looks to the styles of a report, by their names.

Only looks are taken: fonts, sizes, spacing, borders, out of a fixed list of properties; no text, no numbering, no macro,
nothing that refers to another part of the file. What is lent is written out in full, so that styles which the template
lacks stay as they are here. What a style does in the structure (lists, outline, line numbers) stays, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from lxml import etree

from report.docx_read import xml
from report.docx_xml import W, qualified, w
from stats.findings import Problem

# properties in the schema's order; those of the first list come from the template, those of the second stay ours
PARAGRAPH = ("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "suppressLineNumbers", "pBdr", "shd",
             "tabs", "suppressAutoHyphens", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl")
OURS = frozenset(("keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "suppressLineNumbers",
                  "suppressAutoHyphens", "outlineLvl"))
CHARACTER = ("rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "color", "spacing", "w", "kern", "position", "sz",
             "szCs", "u", "shd", "vertAlign", "lang")
MERGED = frozenset(("rFonts", "spacing", "ind", "lang"))  # of these each attribute counts by itself
UNTOUCHED = frozenset(("Normal", "Default Paragraph Font", "line number"))
KINDS = frozenset(("paragraph", "character"))
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEMED = {"asciiTheme": "ascii", "hAnsiTheme": "hAnsi", "eastAsiaTheme": "eastAsia", "cstheme": "cs"}
DEEPEST = 20  # styles based on one another


def dress(document: Any, template: Path) -> None:
    """Give the document's styles the looks that the template has for them. Refused when it is no Word file."""
    theirs = _Template(template)
    for style in _lendable(document.styles.element):
        found = theirs.named(style)
        if found is not None:
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


class _Template:
    """The styles of a Word file, and what its theme calls its fonts."""

    def __init__(self, path: Path):
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
        found = [one.find(qualified(part)) for one in self._chain(style)]
        default = self.root.find(f"{qualified('docDefaults')}/{qualified(part + 'Default')}/{qualified(part)}")
        return [self._plain(child) for one in (default, *found) if one is not None for child in one]

    def _chain(self, style: Any) -> list[Any]:
        """From the most general style to this one."""
        chain = [style]
        while len(chain) < DEEPEST:
            base = chain[0].find(qualified("basedOn"))
            above = self.by_id.get(base.get(qualified("val"))) if base is not None else None
            if above is None or above in chain:
                break
            chain.insert(0, above)
        return chain

    def _plain(self, element: Any) -> Any:
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
