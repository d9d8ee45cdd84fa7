"""Matplotlib's SVG made fit to stand inside a page: titled, few nodes, no global style, no ids that clash."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from hashlib import blake2s

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_HREF = f"{{{XLINK}}}href"
_URL = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FAMILY = re.compile(r"font-family: ([^;]+); ?")
_COORDINATES = ("d", "x", "y", "width", "height", "transform", "points")
# what matplotlib says with a style sheet for `*`, which would reach every element of the page around the figure
_INHERITED = {"stroke-linejoin": "round", "stroke-linecap": "butt"}


def tidy(source: bytes, *, title: str, salt: str, width_mm: float, height_mm: float) -> bytes:
    """An SVG of the same picture with `title` as its accessible name, sized in millimetres.

    Groups that only carry an id dissolve, unreferenced ids go, the others get a prefix made from `salt`, so that
    several figures can stand in one page; coordinates keep a hundredth of a point.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(source)
    _drop(root)
    wanted = _references(root)
    prefix = "f" + blake2s(salt.encode(), digest_size=4).hexdigest() + "-"
    for element in root.iter():
        _rename(element, wanted, prefix)
        for key in _COORDINATES:
            if key in element.attrib:
                element.set(key, _NUMBER.sub(_short, element.get(key, "")))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
    _dissolve(root)
    view, name, family = root.get("viewBox", ""), prefix + "title", _hoisted(root)
    root.attrib.clear()
    root.attrib.update({"viewBox": view, "width": f"{width_mm:g}mm", "height": f"{height_mm:g}mm", "role": "img",
                        "aria-labelledby": name, **_INHERITED, **({"font-family": family} if family else {})})
    label = ET.Element(f"{{{SVG}}}title", {"id": name})
    label.text = title
    root.insert(0, label)
    for element in root.iter():
        if not (element.text or "").strip():
            element.text = None
        element.tail = "\n" if element is not root else None
    return ET.tostring(root, encoding="utf-8")


def _short(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _drop(root: ET.Element) -> None:
    """Remove metadata and the style sheet, wherever they stand."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}defs" and len(child) == 0:
                parent.remove(child)


def _references(root: ET.Element) -> set[str]:
    found: set[str] = set()
    for element in root.iter():
        if _HREF in element.attrib:
            found.add(element.attrib[_HREF].lstrip("#"))
        for value in element.attrib.values():
            found.update(_URL.findall(value))
    return found


def _rename(element: ET.Element, wanted: set[str], prefix: str) -> None:
    name = element.attrib.pop("id", None)
    if name in wanted:
        element.set("id", prefix + name)
    if _HREF in element.attrib:
        element.set(_HREF, "#" + prefix + element.attrib[_HREF].lstrip("#"))
    for key, value in element.attrib.items():
        if "url(#" in value:
            element.set(key, _URL.sub(rf"url(#{prefix}\1)", value))


def _dissolve(parent: ET.Element) -> None:
    """Replace every group without attributes by its children, bottom up; empty groups vanish."""
    for child in list(parent):
        _dissolve(child)
    kept: list[ET.Element] = []
    for child in list(parent):
        kept.extend(list(child) if child.tag == f"{{{SVG}}}g" and not child.attrib else [child])
    parent[:] = kept


def _hoisted(root: ET.Element) -> str:
    """The font family that all texts share, taken off them to be said once; '' where they differ."""
    texts = [e for e in root.iter(f"{{{SVG}}}text") if "font-family" in e.get("style", "")]
    families = {found[1] for e in texts if (found := _FAMILY.search(e.get("style", "")))}
    if len(families) != 1:
        return ""
    for element in texts:
        element.set("style", _FAMILY.sub("", element.get("style", "")).strip())
    return f"{families.pop()}, sans-serif"
