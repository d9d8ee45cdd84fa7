"""Patterns of what identifies a person, told by line and kind and never by value.

Declared texts, categories and orders are searched for all of them, columns that nobody reads for those that no measurement
looks like. That nothing was found says that no pattern of these kinds is there, not that the data are anonymous.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from stats.intake import files
from stats.intake.raw import Marked, Raw, portions
from stats.intake.raw import places as raw_places
from stats.intake.source import Source
from stats.study.identifying import ANYWHERE, IN_TEXTS

MAIL = "an e-mail address"
LISTED = 10  # rows named in one finding
OLDEST = 90  # an age from here on identifies, by the usual rules (45 CFR 164.514)
REMEDY = "Take it out of the file if it may identify somebody; it is not shown here"
PRINTED = ("Levels are printed in the report: take the column out of the study file, or this out of the data, if it may "
           "identify somebody; it is not shown here")
WORDED = ("text", "id", "category", "ordinal")
COLUMNS = {
    "names": "name|(?:patient|full|first|last|family|given|sur|fore|middle)_?name|initials|vorname|nachname|nom|prenom",
    "dates of birth": "dob|birth_?da(?:te|y)|date_?of_?birth|geburts(?:datum|tag)|birth_?dt",
    "record numbers": "mrn|(?:medical_?)?record_?(?:no|num|number)|hospital_?(?:no|num|number|id)|patient_?(?:no|num|number)",
    "telephone numbers": "(?:tele|mobile_?|cell_?)?phone(?:_?(?:no|number))?|fax|telefon",
    "e-mail addresses": "e?_?mail(?:_?address)?",
    "addresses": "(?:home_?)?address|street|post_?(?:al_?)?code|zip(?:_?code)?|anschrift|adresse",
    "insurance or identity numbers": "ssn|social_?security(?:_?(?:no|number))?|nhs_?(?:no|number)|passport(?:_?(?:no|number))?"
                                     "|insurance_?(?:no|number|id)|national_?id",
    "lot numbers": "lot|lot_?(?:no|num|number|id)|batch_?(?:no|num|number|id)",
}
_HEADS = {kind: re.compile(pattern) for kind, pattern in COLUMNS.items()}


def scan(source: Source, raw: Raw) -> None:
    """Note W_PHI_PATTERN for columns called like identifiers, and for cells that look like one."""
    for header in (*(source.header(name) for name in raw.columns), *raw.unused):
        plain = re.sub(r"[^a-z0-9]+", "_", header.strip().casefold()).strip("_")
        for kind, pattern in _HEADS.items():
            if pattern.fullmatch(plain):
                _note(source, f"the column is called as one of {kind}", header, [source.header_row])
    for name, cells in raw.columns.items():
        column = source.columns.get(name)
        if column is not None and column.type in WORDED:
            remedy = PRINTED if column.type in ("category", "ordinal") else REMEDY
            places = _marked(cells.distinct)
            for kind, pattern in IN_TEXTS.items():
                hit = cells.rows_of(_hits(pattern, cells.distinct, places))
                _note(source, f"the text looks like {kind}", source.header(name), raw.rows[hit], remedy)
        elif column is not None and column.type == "number" and column.unit == "years" and "age" in name.casefold():
            old = [place for place, cell in enumerate(cells.distinct) if _old(cell)]
            _note(source, f"an age of {OLDEST} or more, which a range would print", source.header(name),
                  raw.rows[cells.rows_of(old)])
    if raw.unused and files.ending(source) in files.TEXTS:
        unread = _unread(source, set(raw.unused)) if raw.marked is None else _sorted(raw.marked)
        for kind, header, rows in unread:
            _note(source, f"the text looks like {kind}", header, rows)


def _sorted(marked: Sequence[Marked]) -> Iterator[tuple[str, str, list[int]]]:
    """(kind, header, rows) of cells that the reader has marked, headers in the order of their first row."""
    for kind, pattern in ANYWHERE.items():
        found: dict[str, list[int]] = {}
        for one in sorted(marked, key=lambda one: one.row):
            if pattern.search(one.cell):
                found.setdefault(one.header, []).append(one.row)
        yield from ((kind, header, rows) for header, rows in found.items())


def _marked(cells: Sequence[str]) -> list[int]:
    """Places of the cells that hold more than letters, digits and underscores; in others no pattern finds anything."""
    return raw_places(cells, lambda part: not _plain("".join(part)), lambda cell: not _plain(cell))


def _plain(text: str) -> bool:
    return text.replace("_", "").isalnum()


def _hits(pattern: re.Pattern[str], cells: Sequence[str], places: Sequence[int]) -> list[int]:
    """Those of the places whose cell has a hit. Many are looked at as one text: a hit in any of them is a hit in it."""
    found: list[int] = []
    for part in portions(places):
        if pattern.search("\n".join([cells[place] for place in part])):
            found += [place for place in part if pattern.search(cells[place])]
    return found


def _old(cell: str) -> bool:
    try:
        return OLDEST <= float(cell) < 130
    except ValueError:
        return False


def _note(source: Source, what: str, header: str, rows: Iterable[int] | np.ndarray, remedy: str = REMEDY) -> None:
    found = sorted({int(row) for row in rows})
    if found:
        more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
        listed = f" (rows {', '.join(map(str, found[:LISTED]))}{more})" if len(found) > 1 else ""
        source.note("W_PHI_PATTERN", f"{what}{listed}", found[0], header, remedy)


def _unread(source: Source, unused: set[str]) -> Iterator[tuple[str, str, list[int]]]:
    """(kind, header, lines) of hits in columns that the study doesn't read; only lines with a hit are taken apart."""
    found: dict[str, dict[str, list[int]]] = {kind: {} for kind in ANYWHERE}
    with source.path.open("rb") as data:
        marked = "utf-16" if data.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        data.seek(0)
        lines = io.TextIOWrapper(data, source.frame.encoding or marked, "replace")
        head = next(itertools.islice(lines, source.header_row - 1, None), "")
        delimiter = source.frame.delimiter or max(",;\t|", key=head.count)
        headers = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
        for number, line in enumerate(lines, start=source.header_row + 1):
            for kind, pattern in ANYWHERE.items():
                if ("@" in line or kind != MAIL) and pattern.search(line):
                    for header, cell in zip(headers, next(csv.reader([line], delimiter=delimiter), [])):
                        if header in unused and pattern.search(cell):
                            found[kind].setdefault(header, []).append(number)
    yield from ((kind, header, rows) for kind, hits in found.items() for header, rows in hits.items())
