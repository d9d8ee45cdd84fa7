"""The fonts that come with the project, and what they can't show.

Text is set in Source Serif 4, tables and figures in Source Sans 3 (SIL Open Font License 1.1, templates/fonts/OFL.txt).
System fonts are shut out, so that a page breaks its lines alike on every machine.
"""

from __future__ import annotations

import os
import struct
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "fonts"
SERIF, SANS = "Source Serif 4", "Source Sans 3"


def files() -> list[Path]:
    """Every font file, in a fixed order."""
    return sorted(FOLDER.glob("*.ttf"))


def use() -> None:
    """Make these the only fonts that fontconfig, and so Pango and WeasyPrint, know in this process."""
    os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")


def missing(text: str) -> list[str]:
    """Characters of the text that no font here has, once each, in order of code: they would print as empty boxes."""
    return sorted(c for c in set(text) - covered() if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"))


@cache
def covered() -> frozenset[str]:
    """Every character that at least one regular font here can show."""
    regular = [path.read_bytes() for path in files() if path.stem.endswith("-Regular")]
    return frozenset(chr(code) for font in regular for code in _codes(font))


def _codes(font: bytes) -> Iterable[int]:
    """Character codes of an OpenType font: its `cmap` table, formats 4 and 12 (OpenType specification 1.9)."""
    count, = struct.unpack_from(">H", font, 4)
    start = next(struct.unpack_from(">I", font, 20 + 16 * i)[0] for i in range(count)
                 if font[12 + 16 * i:16 + 16 * i] == b"cmap")
    tables, = struct.unpack_from(">H", font, start + 2)
    for i in range(tables):
        at = start + struct.unpack_from(">I", font, start + 8 + 8 * i)[0]
        kind, = struct.unpack_from(">H", font, at)
        if kind == 12:
            groups, = struct.unpack_from(">I", font, at + 12)
            for j in range(groups):
                first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * j)
                yield from range(first, last + 1)
        elif kind == 4:
            half, = struct.unpack_from(">H", font, at + 6)  # twice the number of segments
            ends = struct.unpack_from(f">{half // 2}H", font, at + 14)
            starts = struct.unpack_from(f">{half // 2}H", font, at + 16 + half)
            for first, last in zip(starts, ends, strict=True):
                yield from range(first, min(last, 0xFFFE) + 1)
