"""The text of study.toml: its tables, what is wrong with them, and the line where each key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stats.findings import Problem, Refused

NAME = "study.toml"
LARGEST = 5_000_000  # bytes; a hundred analyses take some ten thousand
Place = tuple[str | int, ...]
KEY = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s.=\[\]{}"'#,]+))\s*""")
UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SKIPPED = re.compile(r"(?:\s+|#[^\n]*)*")
STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL)
SCALAR = re.compile(r"[^,\]}\n#]+")


def load(folder: Path) -> tuple[dict[str, Any], str]:
    """The parsed tables and the text of the folder's study file; Refused when there is none or it isn't TOML."""
    path = Path(folder) / NAME
    if Path(folder).is_file():
        parent = Path(folder).parent
        raise Refused([Problem("E_NOT_A_FOLDER", f"{folder} is a file, and a study is the folder it lies in", NAME,
                               remedy=f"Write {parent if parent.parts else parent.absolute()}")])
    if path.is_file() and path.stat().st_size > LARGEST:
        raise Refused([Problem("E_FILE_TOO_LARGE", f"a study file of more than {LARGEST // 1_000_000} MB is none", NAME,
                               remedy="Is it the right file?")])
    if not path.is_file():
        raise Refused([Problem("E_FILE_MISSING", f"there is no study file at {path.resolve()}", NAME,
                               remedy="Run `init` on your data files to get one proposed")])
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refused([Problem("E_ENCODING", "the study file is not UTF-8 text", NAME, line,
                               remedy="Save it as UTF-8")]) from None
    try:
        tables = tomllib.loads(text)
        _plain(tables, text)
        return tables, text
    except tomllib.TOMLDecodeError as error:
        raise Refused([_syntax(str(error), text)]) from None
    except (RecursionError, ValueError) as error:
        what = "brackets nested too deep" if isinstance(error, RecursionError) else "a number with too many digits"
        raise Refused([Problem("E_TOML", f"the study file has {what} to be read", NAME, remedy="Take it out")]) from None


def _plain(tables: dict[str, Any], text: str) -> None:
    """Refuse characters in texts that no page can show, or that turn the direction of what follows."""
    problems = []
    places = None
    for place, string in _strings(tables, ()):
        found = UNSHOWN.search(string)
        if found:
            places = lines(text) if places is None else places
            problems.append(Problem(
                "E_CONTROL_CHAR", f"the text holds the character U+{ord(found[0]):04X}, which no page can show",
                NAME, line_of(places, place), spelled(place), remedy="Remove it"))
    if problems:
        raise Refused(problems)


def _strings(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text of a study file with its place, keys included."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*place, key), key
            yield from _strings(item, (*place, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _strings(item, (*place, position))


def _syntax(message: str, text: str) -> Problem:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
    reason = re.sub(r"\s*\(at [^)]*\)", "", message)
    reason = reason[:1].lower() + reason[1:]
    return Problem("E_TOML", f"this is not valid TOML at line {line}, column {column}: {reason}", NAME, line,
                   f"column {column}", remedy="Mend the line; texts need quotes, lists need brackets")


def spelled(place: Place) -> str:
    """A place as people write it: ``analyses.pfs.at[0]``."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def lines(text: str) -> dict[Place, int]:
    """The line of every table, key and list item in a text that tomllib has already accepted."""
    return _Scanner(text).found


def line_of(found: dict[Place, int], place: Place) -> int | None:
    """The line of a place, or of the nearest thing around it that stands in the file."""
    while place and place not in found:
        place = place[:-1]
    return found.get(place)


class _Scanner:
    """Walks valid TOML once and notes where each key begins; values are stepped over, not read."""

    def __init__(self, text: str):
        self.text, self.i = text, 0
        self.found: dict[Place, int] = {}
        self.repeats: dict[Place, int] = {}
        base: Place = ()
        self.skip()
        while self.i < len(text):
            if text[self.i] == "[":
                base = self.header()
            else:
                self.pair(base)
            self.skip()

    def skip(self) -> None:
        match = SKIPPED.match(self.text, self.i)
        self.i = match.end() if match else self.i

    def note(self, place: Place) -> None:
        self.found.setdefault(place, self.text.count("\n", 0, self.i) + 1)

    def keys(self) -> Place:
        parts: list[str | int] = []
        while True:
            match = KEY.match(self.text, self.i)
            if match is None:
                return tuple(parts)
            parts.append(next(group for group in match.groups() if group is not None))
            self.i = match.end()
            if self.text[self.i] != ".":
                return tuple(parts)
            self.i += 1

    def header(self) -> Place:
        double = self.text.startswith("[[", self.i)
        start = self.i
        self.i += 2 if double else 1
        named = self.keys()
        place: Place = ()
        for position, part in enumerate(named):
            place = (*place, part)
            last = position == len(named) - 1
            if double and last:
                self.repeats[place] = self.repeats.get(place, -1) + 1
            if place in self.repeats:
                place = (*place, self.repeats[place])
        end, self.i = self.i + (2 if double else 1), start
        for length in range(1, len(place) + 1):
            self.note(place[:length])
        self.i = end
        return place

    def pair(self, base: Place) -> None:
        self.skip()
        start = self.i
        place = (*base, *self.keys())
        end, self.i = self.i + 1, start
        for length in range(len(base) + 1, len(place) + 1):
            self.note(place[:length])
        self.i = end
        self.value(place)

    def value(self, place: Place) -> None:
        self.skip()
        opening = self.text[self.i]
        if opening not in "[{":
            match = STRING.match(self.text, self.i) or SCALAR.match(self.text, self.i)
            self.i = match.end() if match else self.i + 1
            return
        self.i += 1
        self.skip()
        count = 0
        while self.text[self.i] not in "]}":
            if opening == "{":
                self.pair(place)
            else:
                self.note((*place, count))
                self.value((*place, count))
                count += 1
            self.skip()
            if self.text[self.i] == ",":
                self.i += 1
                self.skip()
        self.i += 1
