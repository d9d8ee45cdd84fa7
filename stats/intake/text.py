"""CSV and its relatives: encoding, quotes and field counts are checked before a single cell is believed."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator

from stats.findings import counted
from stats.intake import plain
from stats.intake.files import ending
from stats.intake.raw import Builder, Marked, Raw, numbered
from stats.intake.source import SEARCHED, Source, joined
from stats.study import identifying

PORTION = 2000  # rows taken over at once: few enough to stay in the processor's cache
STRETCH = 1 << 18  # bytes of a file looked at together
LISTED = 50  # lines with a wrong number of fields that are named one by one
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# the same for the bytes of UTF-8: those that are harmless, and the two-byte characters of control
HARMLESS = bytes({*range(256)} - {*range(9), 11, 12, *range(14, 32), 127})
LATE = re.compile(b"\xc2[\x80-\x9f]")
DELIMITERS = {"csv": ",", "tsv": "\t", "txt": "\t"}
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
MARKS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
         (b"\xfe\xff", "utf-16"))


def read(source: Source) -> Raw | None:
    """The table in a text file; None after noting why it can't be used."""
    data = _utf8(source, source.path.read_bytes())
    if data is None:
        return None
    head = list(itertools.islice(io.TextIOWrapper(io.BytesIO(data), "utf-8"), source.header_row + SEARCHED))
    delimiter = _delimiter(source, head)
    try:
        return _table(source, data, delimiter)
    except csv.Error as error:
        if "field larger" in str(error):
            source.note("E_QUOTE", f"a cell has more than {csv.field_size_limit()} characters",
                        remedy="Is a quote left open, or is this another file?")
            return None
        line = _open_quote(data.decode(), delimiter)
        source.note("E_QUOTE", f"a quote opens on line {line} and is not closed properly", line,
                    remedy="Close the quote, or double it when it belongs to the text")
        return None


def _utf8(source: Source, data: bytes) -> bytes | None:
    """The file as UTF-8 without byte-order mark; declared encodings are honoured, nothing is guessed."""
    declared = source.frame.encoding
    marked = next((name for mark, name in MARKS if data.startswith(mark)), "")
    if not declared and marked == "utf-16":
        source.note("R_UTF16", "the file is UTF-16 and was read as such")
    elif not declared and data.startswith(b"\xef\xbb\xbf"):
        source.note("R_BOM", "the byte-order mark at the start was left out")
        data = data[3:]
    encoding = declared or marked or "utf-8"
    if encoding.lower() in ("utf-8", "utf8") and _sound(data):
        return data
    if not declared and marked != "utf-16" and data[:200].count(b"\0") > len(data[:200]) // 4:
        source.note("E_ENCODING", "every other byte is zero, so the file looks like UTF-16 or UTF-32 without its mark",
                    1,
                    remedy='Save it as UTF-8, or declare encoding = "utf-16-le", say')
        return None
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        start = getattr(error, "start", 0)  # some codecs don't say where
        line = data.count(b"\n", 0, start) + 1
        place = start - data.rfind(b"\n", 0, start)
        source.note("E_ENCODING",
                    f"the file is not {encoding.upper()}: the first bad byte is on line {line}, column {place}",
                    line, remedy='Save it as UTF-8, or declare what it is, such as encoding = "latin-1"')
        return None
    text = text.removeprefix("\ufeff")
    if not text or text.isspace():
        source.note("E_EMPTY_FILE", "the file holds nothing but white space", remedy="Export it again")
        return None
    _control_characters(source, text)
    return data if encoding.lower() in ("utf-8", "utf8") and not data.startswith(b"\xef\xbb\xbf") else text.encode()


def _sound(data: bytes) -> bool:
    """Whether this is UTF-8 without mark and characters of control, with something in it: seen without a copy of it all."""
    if data.startswith(codecs.BOM_UTF8) or not data[:STRETCH].strip():
        return False
    plainly = data.isascii()
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for place in range(0, len(data), STRETCH):
            part = data[place:place + STRETCH]
            if part.translate(None, HARMLESS):
                return False
            if not plainly:
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return plainly or not LATE.search(data)


def _control_characters(source: Source, text: str) -> None:
    """Characters that no cell can mean: they cut cells short and no document format can hold them."""
    lines = text.split("\n") if CONTROL.search(text) else []
    for number, line in enumerate(lines, start=1):
        for found in CONTROL.finditer(line):
            source.note("E_CONTROL_CHAR",
                        f"control character U+{ord(found[0]):04X} at column {found.start() + 1} of the line",
                        number, remedy="Remove it; it often comes from copying out of another program")


def _delimiter(source: Source, head: list[str]) -> str:
    """The declared delimiter, else that of the ending; another one only when the columns are found with it alone."""
    if source.frame.delimiter:
        return source.frame.delimiter
    usual = DELIMITERS[ending(source)]
    line = head[source.header_row - 1] if len(head) >= source.header_row else ""
    wanted = set(source.required()) or {"subject"}
    for delimiter in (usual, *(other for other in NAMES if other != usual)):
        if wanted <= {name.strip().strip('"').strip() for name in line.rstrip("\n").split(delimiter)}:
            if delimiter != usual and delimiter in line:
                source.note("R_DELIM",
                            f"the fields are separated by {NAMES[delimiter]}, not {NAMES[usual]}, and were read so",
                            remedy=f"Declare delimiter = {delimiter!r} in [frames.{source.frame.name}]")
                source.repaired_delimiter = True
            return delimiter
    return usual


def _table(source: Source, data: bytes, delimiter: str) -> Raw | None:
    stream = io.TextIOWrapper(io.BytesIO(data), "utf-8")
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    above = list(itertools.islice(reader, source.header_rows[0] - 1))
    lines = list(itertools.islice(reader, len(source.header_rows)))
    header = joined(lines) if len(lines) == len(source.header_rows) else None
    if header is None:
        source.note("E_EMPTY_FILE", f"the file has {len(above) + len(lines)} rows; the header should be row {source.header_row}")
        return None
    begins = plain.below(data, source.header_row) if reader.line_num == source.header_row else 0
    below = list(itertools.islice(reader, SEARCHED))
    positions = source.locate(header, dict(enumerate(below, source.header_row + 1)))
    if positions is None:
        return None
    unused = source.unused(header, positions)
    if begins and len(data) - begins > plain.SMALL and not source.fatal:
        found = plain.read(data, begins, len(header), positions, delimiter, identifying.places)
        if found is not None:
            names = [*(name.strip() for name in lines[-1]), *([""] * len(header))]
            marked = [Marked(names[place], source.header_row + 1 + row, cell)
                      for place, cells in found.marked.items() for row, cell in cells if names[place]]
            return Raw(found.cells, numbered(source.header_row + 1, found.count), tuple(unused), marked=marked)
    builder = Builder(positions)
    key = next(iter(positions.values()), 0)
    counter = _Counter(source, len(header))
    row = source.header_row + 1
    for records in _portions(reader, below):
        rows = range(row, row + len(records))
        row += len(records)
        whole = {len(record) for record in records} == {len(header)}
        bare = any(not record[key] or record[key].isspace() for record in records) if whole else True
        if not bare:
            builder.add(records, rows)
            counter.filled(rows[-1])
            continue
        good = [(record, place) for record, place in zip(records, rows) if counter.keeps(record, place)]
        builder.add([record for record, _ in good], [place for _, place in good])
    counter.finish(not data.endswith((b"\n", b"\r")), reader.line_num, row - 1)
    return builder.build(unused) if not source.fatal else None


def _portions(reader: Iterator[list[str]], below: list[list[str]]) -> Iterator[list[list[str]]]:
    records = below
    while records:
        yield records
        records = list(itertools.islice(reader, PORTION))


class _Counter:
    """Blank rows and rows with a wrong number of fields."""

    def __init__(self, source: Source, fields: int):
        self.source, self.fields = source, fields
        self.blank: list[int] = []
        self.wrong: list[tuple[int, int]] = []
        self.last = 0

    def filled(self, row: int) -> None:
        self.last = row

    def keeps(self, record: list[str], row: int) -> bool:
        if not any(cell and not cell.isspace() for cell in record):
            self.blank.append(row)
            return False
        self.last = row
        if len(record) != self.fields:
            self.wrong.append((row, len(record)))
            return False
        return True

    def finish(self, open_ended: bool, lines: int, records: int) -> None:
        inside = [row for row in self.blank if row < self.last]
        if inside:
            listed = ", ".join(map(str, inside[:10])) + (" …" if len(inside) > 10 else "")
            self.source.note("R_BLANK_LINE", f"{counted(len(inside), 'blank row')} left out: {listed}", inside[0])
        spread = " (some cells run over several lines: is a quote left open?)" if lines > records else ""
        for row, fields in self.wrong[:LISTED]:
            cut = open_ended and row == self.last and fields < self.fields
            code, what = ("E_SHORT_ROW", "the last row is cut short: ") if cut else ("E_FIELD_COUNT", "")
            self.source.note(code, f"{what}row {row} has {fields} fields, the header has {self.fields}{spread}", row,
                             remedy="Export it again" if cut else "Correct it, or quote cells that hold the delimiter")
        if len(self.wrong) > LISTED:
            self.source.note("E_FIELD_COUNT", f"{len(self.wrong) - LISTED} further rows have a wrong number of fields")


def _open_quote(text: str, delimiter: str) -> int:
    """The line on which the quote opens that is never closed, or is closed in the middle of a cell."""
    quoted, opened, start, line, i = False, 1, True, 1, 0
    while i < len(text):
        char = text[i]
        if quoted:
            if char == '"' and text[i + 1:i + 2] == '"':
                i += 1
            elif char == '"':
                quoted = False
                if text[i + 1:i + 2] not in ("", delimiter, "\n", "\r"):
                    return opened
        elif char == '"' and start:
            quoted, opened = True, line
        start = char in (delimiter, "\n", "\r") and not quoted
        line += char == "\n"
        i += 1
    return opened
