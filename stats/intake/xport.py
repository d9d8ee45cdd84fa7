"""Whether a SAS transport file is whole: it doesn't say how many rows it has, and readers take what is there.

The file consists of records of 80 bytes; rows follow each other without regard to them, and the last record is filled
up with spaces. What is left over after the last whole row must therefore be fewer than 80 spaces.
"""

from __future__ import annotations

import re
from pathlib import Path

RECORD = 80
NAMES = re.compile(rb"HEADER RECORD\*{7}NAM(?:ESTR|STV8) HEADER RECORD!{7}\d{6}(\d{4})")
ROWS = re.compile(rb"HEADER RECORD\*{7}OBS(?:  |V8) {3}HEADER RECORD!{7}")
MEMBER = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER|V8) +HEADER RECORD!{7}\d{26}(\d{4})")


def members(path: Path) -> int:
    """How many data sets the file holds; readers take the first."""
    data = path.read_bytes()
    return sum(found.start() % RECORD == 0 for found in MEMBER.finditer(data))


def cut_short(path: Path) -> bool:
    """Whether the file ends inside of a row; False as well where its headers are others than expected."""
    data = path.read_bytes()
    names, rows, size = NAMES.search(data), ROWS.search(data), MEMBER.search(data)
    if not names or not rows or not size:
        return False
    each, count = int(size[1]), int(names[1])
    start = names.start() + RECORD
    fields = [data[start + i * each:start + (i + 1) * each] for i in range(count)]
    # a description holds the length of its variable in bytes 4-5 and its place in the row in bytes 84-87
    length = max((int.from_bytes(f[84:88]) + int.from_bytes(f[4:6]) for f in fields if len(f) == each >= 88), default=0)
    body = data[rows.start() + RECORD:]
    rest = len(body) % length if length else 0
    return len(data) % RECORD != 0 or (length > 0 and (rest >= RECORD or body[len(body) - rest:].strip() != b""))
