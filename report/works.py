"""Works that methods rest on: read from the line that stands beside the code, with their titles where we know them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TITLES = Path(__file__).resolve().parent.parent / "templates" / "references.toml"
JOINT = re.compile(r"(?<=[\d)]); (?=\w)")  # between two works that one method rests on
AUTHORS = r"(?P<authors>[^.]+?(?:, et al)?)\. "
# what a work can be, as BibTeX calls it
KINDS = {
    "article": re.compile(AUTHORS + r"(?P<journal>.+?)\.? (?P<year>\d{4});(?P<volume>[^:;]+):(?P<pages>[^;]+)"),
    "inproceedings": re.compile(AUTHORS + r"(?P<booktitle>[^.]+) (?P<year>\d{4}):(?P<number>\d+)"),
    "book": re.compile(AUTHORS + r"(?P<title>[^.]+)\. (?P<publisher>[^.]+) (?P<year>\d{4})"),
    "techreport": re.compile(AUTHORS + r"(?P<title>.+)\. (?P<year>\d{4})"),
}


@dataclass(frozen=True)
class Work:
    """One work: its kind and fields as in BibTeX; a work that fits no kind has its text only."""

    text: str
    kind: str
    fields: Mapping[str, str]

    def formatted(self) -> str:
        """As a reference list has it, without the full stop at the end."""
        f = self.fields
        head = ". ".join(f[name] for name in ("author", "title") if name in f)
        if self.kind == "article":
            return f"{head}. {f['journal']}. {f['year']};{f['volume']}:{f['pages']}"
        if self.kind == "inproceedings":
            return f"{head}. {f['booktitle']}. {f['year']}:{f['number']}"
        if self.kind == "book":
            return f"{head}. {f['publisher']}; {f['year']}"
        return f"{head}. {f['year']}" if self.kind == "techreport" else self.text


def parted(cited: str) -> list[str]:
    """The works of one line, each by itself: a number of a reference list stands for one work."""
    return [part.strip().rstrip(".") for part in JOINT.split(cited) if part.strip()]


def read(text: str) -> Work:
    """One work from its line, with the title that we know of it."""
    for kind, form in KINDS.items():
        found = form.fullmatch(text.rstrip("."))
        if found:
            given = {"author" if name == "authors" else name: value for name, value in found.groupdict().items()}
            if "pages" in given:
                given["pages"] = re.sub("[–-]+", "–", given["pages"])
            title = given.pop("title", "") or _titles().get(_place(given), "")
            return Work(text, kind, {"author": given.pop("author"), **({"title": title} if title else {}), **given})
    return Work(text, "misc", {})


def formatted(cited: Sequence[str]) -> list[str]:
    """The lines of a reference list."""
    return [read(text).formatted() for text in cited]


def _place(given: Mapping[str, str]) -> str:
    """Where an article stands: 'Biometrika 1993;80:27'."""
    if "number" in given:
        return f"{given['booktitle']} {given['year']}:{given['number']}"
    return f"{given['journal']} {given['year']};{given['volume']}:{given['pages'].partition('–')[0]}"


@cache
def _titles() -> Mapping[str, str]:
    found: Mapping[str, str] = tomllib.loads(TITLES.read_text("utf-8"))["titles"]
    return found
