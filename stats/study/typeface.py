"""Which characters a font file can show and where its tables are, read off the file itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def known(font: Path) -> frozenset[int]:
    """Code points a font can draw."""
    return frozenset(_codes(font.read_bytes()))


def places(font: bytes) -> dict[bytes, int]:
    """Where each table of an OpenType font begins (OpenType specification 1.9, "Organization of an OpenType font")."""
    count, = struct.unpack_from(">H", font, 4)
    return {font[at:at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}


def _codes(font: bytes) -> Iterator[int]:
    """Character codes of an OpenType font: its `cmap` table, formats 4 and 12 (OpenType specification 1.9)."""
    start = places(font)[b"cmap"]
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
