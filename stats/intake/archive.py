"""A workbook is a zip archive of XML: what it claims to hold is checked before any of it is unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib

from stats.intake.source import Source

MOST_BYTES = 500_000_000
MOST_RATIO = 100
MOST_PARTS = 1000
SMALL = 1_000_000  # below this an archive may compress as well as it likes
DOCTYPE = re.compile(rb"<!(?:DOCTYPE|doctype|ENTITY)")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")  # some programs write their names with a prefix
MEDIA = "xl/media/"
NO_SHEET = re.compile(r"xl/(?:media|charts|drawings|theme)/|xl/(?:styles|sharedStrings|workbook)\.xml", re.IGNORECASE)


def sound(source: Source) -> bool:
    """Whether the archive may be unpacked: sizes within limits, a workbook inside, no document type in its XML."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            parts = archive.infolist()
            if not _modest(source, parts):
                return False
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                source.note("E_WRONG_TYPE", "the file is a zip archive, but not an Excel workbook")
                return False
            if any(not part.filename.startswith(MEDIA) and _holds(archive, part, DOCTYPE) for part in parts):
                source.note("E_ARCHIVE_DTD", "the workbook's XML declares a document type, which Excel never writes",
                            remedy="Save the sheet as a new workbook")
                return False
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        source.note("E_FILE_BROKEN", "the workbook is damaged or protected with a password",
                    remedy="Save it again in Excel")
        return False
    return True


def _modest(source: Source, parts: list[zipfile.ZipInfo]) -> bool:
    """Sizes as the archive declares them; unpacking never goes beyond what is declared."""
    unpacked = sum(part.file_size for part in parts)
    ratio = unpacked / max(1, sum(part.compress_size for part in parts))
    if unpacked <= MOST_BYTES and len(parts) <= MOST_PARTS and (unpacked <= SMALL or ratio <= MOST_RATIO):
        return True
    source.note("E_ARCHIVE_LIMIT", f"the workbook declares {unpacked / 1e6:.0f} MB unpacked in {len(parts)} parts, "
                f"{ratio:.0f} times its packed size; at most {MOST_BYTES / 1e6:.0f} MB, {MOST_PARTS} parts and "
                f"{MOST_RATIO} times are read", remedy="Save the sheet as a new workbook, or as CSV")
    return False


def _holds(archive: zipfile.ZipFile, part: zipfile.ZipInfo, sought: re.Pattern[bytes]) -> bool:
    """Whether a part holds this, read in portions that overlap; zero bytes of UTF-16 are left out."""
    with archive.open(part) as stream:
        rest = b""
        while portion := stream.read(1 << 20):
            window = rest + portion.replace(b"\0", b"")
            if sought.search(window):
                return True
            rest = window[-16:]
    return False


def has_formulas(source: Source) -> bool:
    """Whether any sheet holds a formula, told from the XML without reading the cells."""
    with zipfile.ZipFile(source.path) as archive:
        return any(_holds(archive, part, FORMULA) for part in archive.infolist() if not NO_SHEET.match(part.filename))
