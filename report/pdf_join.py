"""Parts of a PDF, laid out apart from each other, made one file.

A part is taken from WeasyPrint as its numbered objects, already written; joining gives them new numbers and makes anew what
a file has once: the list of pages, the tree of the reading order, bookmarks, named places (ISO 32000-1, 7.7 and 14.7).
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache as once
from functools import cached_property, partial
from typing import Any, Literal

Part = dict[str, Any]  # plain values only: a part is sent between processes and kept as text
Role = Literal["whole", "part", "frame"]
SCALE = 0.75  # points in a pixel of CSS
# texts stay as they are; references and numbers in the tree of the reading order are counted on
_NUMBERED = re.compile(rb"\((?:[^()\\]|\\.)*\)|/StructParents?\b (\d+)|\b(\d+) 0 R\b", re.S)
_AROUND = b"Q\n/Artifact <</Type /Pagination>> BDC\nq\n/%s Do\n/Frame%d Do\nQ\nEMC"
# "3 / 26" is drawn sign by sign, so that what stands around the pages can be set before anybody knows how many there are
SIGNS = "/0123456789"
PITCH, GAP = 4, 1  # points from one sign to the next, and of a space
# numbers of no object of a part, under which its pages ask for what the frame draws: over the first page of a file, over the
# others, and over one page alone
_OPENING, _OTHER, _ALONE = 1_000_000, 1_000_001, 1_000_002


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
    part: Part = {"info": {}, "language": "", "metadata": 0, "marks": marks, "places": list(_places(pdf)), "kids": [],
                  "owners": [], "document": 0}
    once = {pdf.pages.number, pdf.catalog.number}
    metadata = _number(pdf.catalog["Metadata"])
    if role == "part":  # what is said of the whole file stands in the frame
        once.add(metadata)
    else:
        part["info"] = {key: value.string for key, value in pdf.info.items()}
        part["language"], part["metadata"] = pdf.catalog["Lang"].string, metadata
    if role == "frame":
        part["pages"] = [_as_form(page, by_reference) for page in pages]
        part["box"] = list(pages[0]["MediaBox"])
        once |= {page.number for page in pages}
    else:
        part["pages"] = [page.number for page in pages]
        if role == "part":
            for number, page in enumerate(pages):
                _framed(pdf, page, number, by_reference)
        root = by_reference[pdf.catalog["StructTreeRoot"]]
        owners, tree = by_reference[root["ParentTree"]], by_reference[root["K"][0]]
        part["document"], part["kids"] = tree.number, [_number(kid) for kid in tree["K"]]
        part["owners"] = [_bytes(owner) for owner in owners["Nums"][1::2]]
        once |= {root.number, owners.number, tree.number}
    written = [(item.number, *_written(item)) for item in pdf.objects[1:] if item.number not in once]
    part["objects"] = json.dumps([(number, len(head), len(rest)) for number, head, rest in written])  # one value to send
    part["bytes"] = zlib.compress(b"".join(piece for _, *both in written for piece in both), 1)
    return part


class Joining:
    """A file in the making: parts are added in their order, each as soon as it is there.

    framed: a frame comes last. Its first page stands around the file's first page, its second around each of the others; then
    it has a page for each of the SIGNS, of which numbers of pages are put together.
    """

    def __init__(self, framed: bool):
        import pydyf

        self.framed = framed
        self.pdf = pydyf.PDF()
        self.owners, self.root, self.tree = pydyf.Dictionary(), pydyf.Dictionary(), pydyf.Dictionary()
        for item in (self.owners, self.root, self.tree):
            self.pdf.add_object(item)
        self.owners["Nums"] = pydyf.Array()
        self.root.update(Type="/StructTreeRoot", ParentTree=self.owners.reference, K=pydyf.Array([self.tree.reference]))
        self.tree.update(Type="/StructElem", S="/Document", K=pydyf.Array(), P=self.root.reference)
        self.around = [self._kept_free(), self._kept_free()] if framed else []
        self.alone: list[Any] = []
        self.places: dict[str, tuple[int, float, float]] = {}
        self.marks: list[Any] = []
        self.metadata = 0

    @property
    def pages(self) -> int:
        count: int = self.pdf.pages["Count"]
        return count

    def add(self, part: Part) -> None:
        """The next part."""
        pdf, pages, owned = self.pdf, self.pages, len(self.owners["Nums"]) // 2
        standing = {1: pdf.pages.number, part["document"]: self.tree.number}
        if self.framed:
            alone = [self._kept_free() for _ in part["pages"]]
            self.alone += alone
            opening, other = (item.number for item in self.around)
            standing |= {_OPENING: other if pages else opening, _OTHER: other}
            standing |= {_ALONE + page: item.number for page, item in enumerate(alone)}
        numbers, renumbered = self._added(part, standing, owned)
        for number in part["pages"]:
            pdf.pages["Count"] += 1
            pdf.pages["Kids"].extend([numbers[number], 0, "R"])
        self.tree["K"].extend(f"{numbers[number]} 0 R".encode() for number in part["kids"])
        for key, owner in enumerate(part["owners"], owned):
            self.owners["Nums"].extend([key, renumbered(owner)])
        self.places |= {name: (pages + page, x, y) for name, page, x, y in part["places"]}
        self.marks += _counted_on(part["marks"], pages)
        self.metadata = self.metadata or numbers.get(part["metadata"], 0)

    def file(self, about: Part, identifier: str) -> bytes:
        """The file when all parts were added. about: the frame, or a part: it says what the file says of itself."""
        import pydyf
        from weasyprint.pdf.anchors import add_outlines

        pdf = self.pdf
        if self.framed:
            around, signs = about["pages"][: len(self.around)], about["pages"][len(self.around) :]
            free = dict(zip(around, self.around, strict=True))
            numbers, _ = self._added(about, {number: item.number for number, item in free.items()}, 0, free)
            self.metadata = numbers[about["metadata"]]
            drawn = {sign: numbers[number] for sign, number in zip(SIGNS, signs, strict=True)}
            for page, item in enumerate(self.alone, 1):
                item.fill(*_written(_numbered(f"{page} / {self.pages}", drawn, about["box"])))
        references = pdf.page_references
        pdf.info.update({key: pydyf.String(text) for key, text in about["info"].items()})
        pdf.catalog.update(Lang=pydyf.String(about["language"]), MarkInfo=pydyf.Dictionary({"Marked": "true"}),
                           ViewerPreferences=pydyf.Dictionary({"DisplayDocTitle": "true"}),
                           StructTreeRoot=self.root.reference, Metadata=f"{self.metadata} 0 R".encode())
        add_outlines(pdf, self.marks)
        if self.places:
            names = pydyf.Array()
            for name, (page, x, y) in sorted(self.places.items()):
                names.extend([pydyf.String(name), pydyf.Array([references[page], "/XYZ", x, y, 0])])
            pdf.catalog["Names"] = pydyf.Dictionary({"Dests": pydyf.Dictionary({"Names": names})})
        file = io.BytesIO()
        with _packed_once():
            pdf.write(file, b"1.7", identifier.encode(), compress=True)
        return file.getvalue()

    def _kept_free(self) -> Any:
        """An object whose number is known before its content is."""
        item = _written_kind()()
        self.pdf.add_object(item)
        return item

    def _added(self, part: Part, standing: dict[int, int], owned: int,
               free: Mapping[int, Any] | None = None) -> tuple[dict[int, int], Callable[[bytes], bytes]]:
        """Add a part's objects; their old numbers, and those that stand for something else, to the new ones; and what renumbers.
        Objects that were kept `free` are filled.
        """
        objects, data, at, kind = json.loads(part["objects"]), zlib.decompress(part["bytes"]), 0, _written_kind()
        free = free or {}
        new = (number for number, *_ in objects if number not in free)
        numbers = standing | {number: len(self.pdf.objects) + i for i, number in enumerate(new)}
        renumbered = _renumbering(numbers, owned)
        for number, head, rest in objects:
            middle, end = at + head, at + head + rest
            item = free.get(number) or kind()
            item.fill(renumbered(data[at:middle]), data[middle:end])
            if number not in free:
                self.pdf.add_object(item)
            at = end
        return numbers, renumbered


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


def _framed(pdf: Any, page: Any, number: int, by_reference: dict[bytes, Any]) -> None:
    """Leave room around a page's own drawing for what the frame draws."""
    import pydyf

    shared = "Other" if number else "Opening"
    before, after = pydyf.Stream([b"q"]), pydyf.Stream([_AROUND % (shared.encode(), number)])
    resources = by_reference[page["Resources"]]
    if number == 0:  # all pages of a document share their resources
        resources.setdefault("XObject", pydyf.Dictionary())
    for stream in (before, after):
        pdf.add_object(stream)
    page["Contents"] = pydyf.Array([before.reference, page["Contents"], after.reference])
    resources["XObject"][shared] = f"{_OTHER if number else _OPENING} 0 R".encode()
    resources["XObject"][f"Frame{number}"] = f"{_ALONE + number} 0 R".encode()


def _as_form(page: Any, by_reference: dict[bytes, Any]) -> int:
    """A page of the frame as a drawing that other pages can show."""
    drawing = by_reference[page["Contents"]]
    drawing.extra.update(Type="/XObject", Subtype="/Form", BBox=page["MediaBox"], Resources=page["Resources"])
    number: int = drawing.number
    return number


def _numbered(text: str, drawn: Mapping[str, int], box: Sequence[float]) -> Any:
    """A drawing of signs in a row, the last where each stands alone. drawn: sign → number of its own drawing."""
    import pydyf

    left = sum(GAP if sign == " " else PITCH for sign in text[1:])
    steps, shown = [b"1 0 0 1 %d 0 cm" % -left], pydyf.Dictionary()
    for sign, after in zip(text, text[1:] + " ", strict=True):
        if sign in drawn:
            name = f"Sign{SIGNS.index(sign)}"
            steps.append(f"/{name} Do".encode())
            shown[name] = b"%d 0 R" % drawn[sign]
        steps.append(b"1 0 0 1 %d 0 cm" % (GAP if after == " " else PITCH))
    resources = pydyf.Dictionary({"XObject": shown})
    return pydyf.Stream(steps, {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array(box), "Resources": resources})


@once
def _written_kind() -> Any:
    import pydyf

    class Written(pydyf.Object):
        """An object whose bytes are handed over; only one without a stream may be packed with others."""

        def fill(self, head: bytes, rest: bytes) -> None:
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
