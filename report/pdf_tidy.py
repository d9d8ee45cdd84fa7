"""What WeasyPrint's PDF lacks for screen readers, and what must not be in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from stats.findings import Problem

ELSEWHERE = "report:///#"  # before the name of a place in another part
ALWAYS_LINKED = "https://doi.org/"
ACTIVE = frozenset({"AA", "AF", "EF", "EmbeddedFiles", "JS", "JavaScript", "OpenAction", "RichMedia", "XFA"})
_SIMPLE = frozenset((bytes, str, int, float))
_SCOPES = {"/THead": "/Column", "/TBody": "/Row", "/TFoot": "/Row"}


def tidy(pdf: Any) -> None:
    """Mend what WeasyPrint leaves undone for PDF/UA: scopes, page heads and feet, links, empty resources."""
    found: list[Any] = [item for item in pdf.objects if isinstance(item, dict)]
    elements = {item.reference: item for item in found if item.get("Type") == "/StructElem"}
    _scope_headers(elements)
    if elements:
        _set_heads_and_feet_apart(pdf, elements)
    for item in found:
        if item.get("Subtype") == "/Link":
            item["F"] = 4  # to be printed
            _lead_elsewhere(item)
        for name in ("Pattern", "Shading"):
            if name in item and not item[name]:
                del item[name]


def _lead_elsewhere(link: Any) -> None:
    """A place in another part of the document, which stands there as an address of ours, is a place again."""
    address = getattr(link.get("A", {}).get("URI"), "string", "")
    if address.startswith(ELSEWHERE):
        del link["A"]
        link["Dest"] = link["Contents"] = type(link["Contents"])(address.removeprefix(ELSEWHERE))


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


def unwelcome(pdf: Any, links: Collection[str]) -> Iterator[Problem]:
    """What must not be in a report: files, scripts, actions, links that weren't announced."""
    for item in _dictionaries(pdf.objects):
        for name in () if ACTIVE.isdisjoint(item) else sorted(ACTIVE & set(item)):
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
        if type(part) in _SIMPLE:  # as nearly all are
            continue
        if isinstance(part, dict):
            yield part
            yield from _dictionaries(part.values())
        elif isinstance(part, list | tuple):
            yield from _dictionaries(part)
        elif isinstance(getattr(part, "extra", None), dict):
            yield from _dictionaries([part.extra])


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
