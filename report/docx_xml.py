"""The parts of WordprocessingML (ECMA-376) that a report is made of: runs, fields, bookmarks, content controls.

Children are given in the order that the schema asks for; Word calls a document damaged when they aren't.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2s
from typing import Any, TypeAlias

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TAG_LENGTH = 64  # Word keeps no longer tag on a content control
NAME_LENGTH = 40  # … and no longer name of a bookmark

Element: TypeAlias = Any  # lxml has no types of its own


def w(name: str, /, *children: Element, **attributes: Any) -> Element:
    """<w:name w:attribute="…">; an attribute that is None is left out."""
    element = etree.Element(qualified(name), nsmap={"w": W})
    for key, value in attributes.items():
        if value is not None:
            element.set(qualified(key), str(value))
    element.extend(children)
    return element


def qualified(name: str) -> str:
    """'{namespace}name', as lxml calls elements and attributes."""
    return f"{{{W}}}{name}"


def paragraph(style: str, content: Iterable[Element] = (), *properties: Element) -> Element:
    """A paragraph of a style; properties follow the style in the schema's order."""
    return w("p", w("pPr", w("pStyle", val=style), *properties), *content)


def run(text: str, look: frozenset[str] = frozenset()) -> Element:
    """Text in bold (b), italics (i), raised (sup), lowered (sub) or as a name that isn't spell-checked (cite)."""
    element = w("t")
    element.text = text
    element.set(_SPACE, "preserve")
    return w("r", *looks(look), element)


def looks(look: frozenset[str]) -> list[Element]:
    """The run properties of a look: none, or one <w:rPr>."""
    found = [w("rStyle", val="Source")] if "cite" in look else []
    found += [w(name) for letter in "bi" if letter in look for name in (letter, letter + "Cs")]
    raised = next((value for name, value in (("sup", "superscript"), ("sub", "subscript")) if name in look), None)
    found += [w("vertAlign", val=raised)] if raised else []
    return [w("rPr", *found)] if found else []


def field(code: str, result: Sequence[Element], look: frozenset[str] = frozenset()) -> list[Element]:
    """A field with its result written out, so that it reads right before anybody updates it."""
    instruction = w("instrText")
    instruction.text = f" {code} "
    instruction.set(_SPACE, "preserve")
    start, middle, end = (w("fldChar", fldCharType=kind) for kind in ("begin", "separate", "end"))
    return [w("r", *looks(look), start), w("r", *looks(look), instruction), w("r", *looks(look), middle), *result,
            w("r", *looks(look), end)]


def bookmark(name: str, number: int, content: Iterable[Element]) -> list[Element]:
    return [w("bookmarkStart", id=number, name=name), *content, w("bookmarkEnd", id=number)]


def control(address: str, number: int, content: Iterable[Element]) -> Element:
    """A number under its address: a content control that shows no frame, so that the text reads as text."""
    appearance = etree.Element(f"{{{W15}}}appearance", {f"{{{W15}}}val": "hidden"}, nsmap={"w15": W15})
    return w("sdt", w("sdtPr", w("tag", val=tag(address)), w("id", val=number), appearance), w("sdtContent", *content))


def tag(address: str) -> str:
    """The tag under which an address stands in Word: itself, or its beginning and a hash where Word has no room."""
    return _fitted(address, TAG_LENGTH, "~")


def bookmark_name(anchor: str) -> str:
    """A name that Word takes: letters, digits and _, beginning with a letter; a hash keeps changed ones apart."""
    plain = re.sub(r"[^A-Za-z0-9]", "_", anchor)
    plain = plain if plain[:1].isalpha() else f"n{plain}"
    changed = plain.replace("_", "-") != anchor.lower()  # a hyphen becomes _ without loss; Word ignores case
    return _fitted(plain, NAME_LENGTH, "_", anchor if changed else "")


def _fitted(text: str, length: int, mark: str, apart: str = "") -> str:
    if len(text) <= length and not apart:
        return text
    digest = blake2s((apart or text).encode(), digest_size=5).hexdigest()
    return f"{text[:length - len(digest) - len(mark)]}{mark}{digest}"
