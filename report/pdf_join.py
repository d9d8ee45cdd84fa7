"""Parts of a PDF, laid out apart from each other, made one file.

A part is taken from WeasyPrint as its numbered objects, already written; joining gives them new numbers and makes anew what
a file has once: the list of pages, the tree of the reading order, bookmarks, named places (ISO 32000-1, 7.7 and 14.7).
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache as once
from functools import cached_property, partial
from typing import Any, Literal

Part = dict[str, Any]  # plain values only: a part is sent between processes and kept as text
Role = Literal["whole", "part", "frame"]
SCALE = 0.75  # points in a pixel of CSS
# texts stay as they are; references and numbers in the tree of the reading order are counted on
_NUMBERED = re.compile(rb"\((?:[^()\\]|\\.)*\)|/StructParents?\b (\d+)|\b(\d+) 0 R\b", re.S)
_AROUND = b"Q\n/Artifact <</Type /Pagination>> BDC\nq\n/Frame%d Do\nQ\nEMC"


def bookmarks(document: Any) -> list[Any]:
    """Take the bookmarks off a document: [text, [page, x, y], bookmarks below it, open or closed], nested."""
    tree = _plain(document.make_bookmark_tree(SCALE, transform_pages=True))
    for page in document.pages:
        page.bookmarks = []
    return tree


def taken(pdf: Any, marks: list[Any], role: Role) -> Part:
    """All that `joined` needs of a document that WeasyPrint is about to write."""
    by_reference = {item.reference: item for item in pdf.objects[1:]}
    pages = [by_reference[reference] for reference in pdf.page_references]
    part: Part = {"info": {}, "language": "", "metadata": 0, "marks": marks, "frames": [], "places": list(_places(pdf)),
                  "kids": [], "owners": [], "document": 0}
    once = {pdf.pages.number, pdf.catalog.number}
    metadata = _number(pdf.catalog["Metadata"])
    if role == "part":  # what is said of the whole file stands in the frame
        once.add(metadata)
    else:
        part["info"] = {key: value.string for key, value in pdf.info.items()}
        part["language"], part["metadata"] = pdf.catalog["Lang"].string, metadata
    if role == "frame":
        part["pages"] = [_as_form(page, by_reference) for page in pages]
        once |= {page.number for page in pages}
    else:
        part["pages"] = [page.number for page in pages]
        if role == "part":
            part["frames"] = [_framed(pdf, page, number, by_reference) for number, page in enumerate(pages)]
        root = by_reference[pdf.catalog["StructTreeRoot"]]
        owners, tree = by_reference[root["ParentTree"]], by_reference[root["K"][0]]
        part["document"], part["kids"] = tree.number, [_number(kid) for kid in tree["K"]]
        part["owners"] = [_bytes(owner) for owner in owners["Nums"][1::2]]
        once |= {root.number, owners.number, tree.number}
    written = [(item.number, *_written(item)) for item in pdf.objects[1:] if item.number not in once]
    part["objects"] = json.dumps([(number, len(head), len(rest)) for number, head, rest in written])  # one value to send
    part["bytes"] = zlib.compress(b"".join(piece for _, *both in written for piece in both), 1)
    return part


def joined(parts: Sequence[Part], frame: Part | None, identifier: str) -> bytes:
    """One file of these parts in their order, with the frame's pages around theirs."""
    import pydyf
    from weasyprint.pdf.anchors import add_outlines

    pdf = pydyf.PDF()
    owners, root, tree = pydyf.Dictionary(), pydyf.Dictionary(), pydyf.Dictionary()
    for item in (owners, root, tree):
        pdf.add_object(item)
    owners["Nums"] = pydyf.Array()
    root.update(Type="/StructTreeRoot", ParentTree=owners.reference, K=pydyf.Array([tree.reference]))
    tree.update(Type="/StructElem", S="/Document", K=pydyf.Array(), P=root.reference)
    first = frame or parts[0]
    around = {} if frame is None else _added(pdf, frame, {}, 0)[0]
    metadata = around.get(first["metadata"], 0)
    places: dict[str, tuple[int, float, float]] = {}
    marks: list[Any] = []
    for part in parts:
        pages, owned = pdf.pages["Count"], len(owners["Nums"]) // 2
        standing = {1: pdf.pages.number, part["document"]: tree.number}
        if frame:
            standing |= dict(zip(part["frames"], (around[number] for number in frame["pages"][pages:])))
        numbers, renumbered = _added(pdf, part, standing, owned)
        for number in part["pages"]:
            pdf.pages["Count"] += 1
            pdf.pages["Kids"].extend([numbers[number], 0, "R"])
        tree["K"].extend(f"{numbers[number]} 0 R".encode() for number in part["kids"])
        for key, owner in enumerate(part["owners"], owned):
            owners["Nums"].extend([key, renumbered(owner)])
        places |= {name: (pages + page, x, y) for name, page, x, y in part["places"]}
        marks += _counted_on(part["marks"], pages)
        metadata = metadata or numbers[part["metadata"]]
    references = pdf.page_references
    pdf.info.update({key: pydyf.String(text) for key, text in first["info"].items()})
    pdf.catalog.update(Lang=pydyf.String(first["language"]), ViewerPreferences=pydyf.Dictionary({"DisplayDocTitle": "true"}),
                       MarkInfo=pydyf.Dictionary({"Marked": "true"}), StructTreeRoot=root.reference,
                       Metadata=f"{metadata} 0 R".encode())
    add_outlines(pdf, marks)
    if places:
        names = pydyf.Array()
        for name, (page, x, y) in sorted(places.items()):
            names.extend([pydyf.String(name), pydyf.Array([references[page], "/XYZ", x, y, 0])])
        pdf.catalog["Names"] = pydyf.Dictionary({"Dests": pydyf.Dictionary({"Names": names})})
    file = io.BytesIO()
    with _packed_once():
        pdf.write(file, b"1.7", identifier.encode(), compress=True)
    return file.getvalue()


@contextmanager
def _packed_once() -> Iterator[None]:
    """A file is written whose stream of packed objects is made once, and not again for the hash of the file's id."""
    import pydyf

    plain = pydyf.Stream

    class Stream(plain):  # type: ignore[misc, valid-type]
        data = cached_property(plain.data.fget)

    pydyf.Stream = Stream
    try:
        yield
    finally:
        pydyf.Stream = plain


def _framed(pdf: Any, page: Any, number: int, by_reference: dict[bytes, Any]) -> int:
    """Leave room around a page's own drawing for what the frame draws; the number under which it asks for that."""
    import pydyf

    before, after = pydyf.Stream([b"q"]), pydyf.Stream([_AROUND % number])
    resources = by_reference[page["Resources"]]
    if number == 0:  # all pages of a document share their resources
        resources.setdefault("XObject", pydyf.Dictionary())
    for stream in (before, after):
        pdf.add_object(stream)
    page["Contents"] = pydyf.Array([before.reference, page["Contents"], after.reference])
    asked = 1_000_000 + number  # no object of the part: where the frame's page will be isn't known yet
    resources["XObject"][f"Frame{number}"] = f"{asked} 0 R".encode()
    return asked


def _as_form(page: Any, by_reference: dict[bytes, Any]) -> int:
    """A page of the frame as a drawing that other pages can show."""
    drawing = by_reference[page["Contents"]]
    drawing.extra.update(Type="/XObject", Subtype="/Form", BBox=page["MediaBox"], Resources=page["Resources"])
    number: int = drawing.number
    return number


def _added(pdf: Any, part: Part, standing: dict[int, int], owned: int) -> tuple[dict[int, int], Callable[[bytes], bytes]]:
    """Add a part's objects; their old numbers, and those that stand for something else, to the new ones; and what renumbers."""
    objects, data, at, kind = json.loads(part["objects"]), zlib.decompress(part["bytes"]), 0, _written_kind()
    numbers = standing | {number: len(pdf.objects) + i for i, (number, *_) in enumerate(objects)}
    renumbered = _renumbering(numbers, owned)
    for _, head, rest in objects:
        middle, end = at + head, at + head + rest
        pdf.add_object(kind(renumbered(data[at:middle]), data[middle:end]))
        at = end
    return numbers, renumbered


@once
def _written_kind() -> Any:
    import pydyf

    class Written(pydyf.Object):
        """An object whose bytes are there already; only one without a stream may be packed with others."""

        def __init__(self, head: bytes, rest: bytes):
            super().__init__()
            self.bytes, self.packs = head + rest, not rest

        data = property(lambda self: self.bytes)
        compressible = property(lambda self: self.packs)

    return Written


def _written(item: Any) -> tuple[bytes, bytes]:
    """An object's bytes: what may hold numbers of other objects, and its stream."""
    import pydyf

    data: bytes = item.data
    if not isinstance(item, pydyf.Stream):
        return data, b""
    head, mark, rest = data.partition(b"\nstream\n")
    return head, mark + rest


def _renumbering(numbers: dict[int, int], owned: int) -> Callable[[bytes], bytes]:
    references = {b"%d" % old: b"%d 0 R" % new for old, new in numbers.items()}

    def counted(found: re.Match[bytes]) -> bytes:
        number = found[2]
        if number:
            return references[number]
        return found[0][: -len(found[1])] + b"%d" % (int(found[1]) + owned) if found[1] else found[0]

    return partial(_NUMBERED.sub, counted)


def _places(pdf: Any) -> Iterator[tuple[str, int, float, float]]:
    """Name, page, x and y of every named place."""
    order = {reference: page for page, reference in enumerate(pdf.page_references)}
    names = pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])
    for name, (reference, _, x, y, _) in zip(names[::2], names[1::2]):
        yield name.string, order[reference], x, y


def _counted_on(marks: Sequence[Any], pages: int) -> list[Any]:
    return [(text, (page + pages, x, y), _counted_on(below, pages), state) for text, (page, x, y), below, state in marks]


def _plain(marks: Sequence[Any]) -> list[Any]:
    return [[text, list(place), _plain(below), state] for text, place, below, state in marks]


def _bytes(owner: Any) -> bytes:
    data: bytes = owner if isinstance(owner, bytes) else owner.data
    return data


def _number(reference: bytes) -> int:
    return int(reference.split()[0])
