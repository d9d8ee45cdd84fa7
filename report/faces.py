"""Fonts of figures: which file a text is set from, and how wide it will be, read off the file itself.

No library is needed for it, so that a figure can be laid out without loading one.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache as once
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from report import fonts
from stats.study.typeface import places

Slant = Literal["normal", "italic"]

FALLBACK = "DejaVu Sans"  # comes with matplotlib
POINT = 25.4 / 72  # millimetres
FAMILY, STYLE = (16, 1), (17, 2)  # entries of a font's table of names: the typographic ones, else the older


@dataclass(frozen=True)
class Face:
    """A font at a size, in points."""

    family: str
    file: Path
    size: float
    weight: str = "normal"
    slant: Slant = "normal"

    @property
    def families(self) -> tuple[str, ...]:
        """Where characters are looked for, one after the other."""
        return tuple(dict.fromkeys((self.family, FALLBACK)))

    def width(self, text: str) -> float:
        """Millimetres of one line, unhinted. Letters are not moved together, so it is never wider when it prints."""
        return _ems(self.file, text) * self.size * POINT


def face(style: Any, size: float | None = None, weight: str = "normal", slant: Slant = "normal") -> Face:
    """The style's figure font at `size` points, from a file, so that no machine draws it otherwise than another.

    The journal's font where the project ships it, else the project's own for figures, else the one matplotlib brings.
    """
    return _face(str(style.figure["font"]), float(size or style.figure["size"]), weight, slant)


@lru_cache(maxsize=256)
def _face(wanted: str, size: float, weight: str, slant: Slant) -> Face:
    family = next(name for name in (wanted, fonts.SANS, FALLBACK) if name in _files())
    files = _files()[family]
    file = files.get((weight, slant)) or files.get((weight, "normal")) or files["normal", "normal"]
    return Face(family, file, size, weight, slant)


@once
def _files() -> dict[str, dict[tuple[str, str], Path]]:
    """Family → (weight, slant) → file: the project's fonts, and those that come with matplotlib."""
    found: dict[str, dict[tuple[str, str], Path]] = {}
    for path in (*fonts.files(), *_brought()):
        family, words = _named(path)
        weight = "bold" if "bold" in words.lower() else "normal"
        slant = "italic" if "italic" in words.lower() or "oblique" in words.lower() else "normal"
        found.setdefault(family, {})[weight, slant] = path
    return found


def _brought() -> list[Path]:
    """The fallback's files, found without loading the library that they come with."""
    spec = find_spec("matplotlib")
    folders = list(spec.submodule_search_locations or []) if spec else []
    names = [f"DejaVuSans{style}.ttf" for style in ("", "-Bold", "-Oblique", "-BoldOblique")]
    paths = [Path(folder, "mpl-data", "fonts", "ttf", name) for folder in folders for name in names]
    return [path for path in paths if path.is_file()]


def _named(path: Path) -> tuple[str, str]:
    """Family and style as the font calls itself in English."""
    font = path.read_bytes()
    start = places(font)[b"name"]
    _, count, texts = struct.unpack_from(">HHH", font, start)
    said: dict[int, str] = {}
    for i in range(count):
        platform, _, language, name, length, offset = struct.unpack_from(">6H", font, start + 6 + 12 * i)
        if (platform, language) == (3, 0x409):
            at = start + texts + offset
            said[name] = font[at:at + length].decode("utf-16-be")
    family, words = (next((said[name] for name in names if name in said), path.stem) for names in (FAMILY, STYLE))
    return family, words


@lru_cache(maxsize=8192)
def _ems(file: Path, text: str) -> float:
    return _advances(file).of(text)


@once
def _advances(file: Path) -> Advances:
    return Advances(file.read_bytes())


class Advances:
    """How far each character of a font leads: its tables `cmap` (format 12 or 4), `hmtx`, `hhea` and `head`."""

    def __init__(self, font: bytes):
        tables = places(font)
        self._em, = struct.unpack_from(">H", font, tables[b"head"] + 18)
        count, = struct.unpack_from(">H", font, tables[b"hhea"] + 34)
        self._widths = struct.unpack_from(">" + "Hh" * count, font, tables[b"hmtx"])[::2]
        self._firsts, self._groups = _characters(font, tables[b"cmap"])
        self._known: dict[str, int] = {}

    def of(self, text: str) -> float:
        """Width of a text, in parts of the type size; what the font lacks is as wide as its sign for that."""
        known = self._known
        for character in text:
            if character not in known:
                known[character] = self._widths[min(self._glyph(ord(character)), len(self._widths) - 1)]
        return sum([known[character] for character in text]) / self._em

    def _glyph(self, code: int) -> int:
        at = bisect_right(self._firsts, code) - 1
        if at < 0:
            return 0
        first, last, glyphs = self._groups[at]
        if code > last:
            return 0
        return glyphs + code - first if isinstance(glyphs, int) else glyphs[code - first]


def _characters(font: bytes, start: int) -> tuple[list[int], list[tuple[int, int, int | tuple[int, ...]]]]:
    """Ranges of character codes in order, each with its first glyph or all of them."""
    tables, = struct.unpack_from(">H", font, start + 2)
    starts = [start + struct.unpack_from(">I", font, start + 8 + 8 * i)[0] for i in range(tables)]
    formats = {struct.unpack_from(">H", font, at)[0]: at for at in starts}
    groups: list[tuple[int, int, int | tuple[int, ...]]] = []
    if 12 in formats:
        at = formats[12]
        count, = struct.unpack_from(">I", font, at + 12)
        groups += struct.iter_unpack(">III", font[at + 16:at + 16 + 12 * count])
    elif 4 in formats:
        at = formats[4]
        twice, = struct.unpack_from(">H", font, at + 6)
        parts = [struct.unpack_from(f">{twice // 2}H", font, at + 14 + twice * part + 2 * (part > 0)) for part in range(4)]
        for i, (last, first, delta, offset) in enumerate(zip(*parts, strict=True)):
            codes = range(first, min(last, 0xFFFE) + 1)
            far = at + 16 + 3 * twice + 2 * i + offset  # of the segment's own list of glyphs, where it has one
            read = struct.unpack_from(f">{len(codes)}H", font, far) if offset else tuple(codes)
            glyphs = tuple((glyph + delta) % 65536 if glyph or not offset else 0 for glyph in read)
            groups.append((first, codes[-1] if codes else first - 1, glyphs))
    groups.sort(key=lambda group: group[0])
    return [group[0] for group in groups], groups
