"""The works that the methods rest on, as a BibTeX file and as a numbered list.

The sources stand in the code as authors, journal, year, volume and pages; titles are left for the reference manager.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORK = re.compile(
    r"(?P<authors>[^.]+?(?:, et al)?)\. (?P<journal>.+?)\.? (?P<year>\d{4});(?P<volume>[^:;]+):(?P<pages>[^;]+)")
JOINT = re.compile(r"(?<=[\d)]); (?=\w)")  # between two works that one method rests on
LACKING = "The titles are not part of these entries: let the reference manager fetch them by journal, volume and page."


@dataclass(frozen=True)
class Work:
    """One work; `fields` is empty for what isn't an article (a book), whose text then stands as it is."""

    key: str
    text: str
    fields: dict[str, str]


def works(cited: Sequence[str]) -> list[Work]:
    """Each work once, in the order of citation."""
    found: list[Work] = []
    for text in dict.fromkeys(part.strip() for one in cited for part in JOINT.split(one)):
        match = WORK.fullmatch(text.rstrip("."))
        stem = re.sub(r"\W", "", text.split(",")[0].split(" ")[0]) + (match["year"] if match else "")
        same = sum(re.sub(r"(?<=\d)[a-z]$", "", work.key) == stem for work in found)
        key = stem + (chr(ord("a") + same) if same else "")
        fields = {"author": _authors(match["authors"]), "journal": match["journal"], "year": match["year"],
                  "volume": match["volume"], "pages": re.sub("[–-]", "--", match["pages"])} if match else {}
        found.append(Work(key, text, fields))
    return found


def bibtex(cited: Sequence[str]) -> str:
    """references.bib."""
    return "\n".join(_entry(work) for work in works(cited))


def markdown(cited: Sequence[str]) -> str:
    """references.md: numbered as in the manuscript, where one number may stand for two works."""
    lines = [f"{number}. {text.rstrip('.')}." for number, text in enumerate(cited, 1)]
    return "\n".join(["# References", "", *lines, "", LACKING]) + "\n"


def _entry(work: Work) -> str:
    fields = work.fields or {"note": work.text}
    lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items()]
    return "\n".join([f"@{'article' if work.fields else 'misc'}{{{work.key},", *lines, "}"]) + "\n"


def _authors(text: str) -> str:
    """'Kaplan EL, Meier P' as 'Kaplan, E. L. and Meier, P.'"""
    def each() -> Iterator[str]:
        for name in text.split(", "):
            last, _, initials = name.rpartition(" ")
            if name == "et al":
                yield "others"
            elif last and initials.isupper():
                yield f"{last}, {' '.join(f'{letter}.' for letter in initials)}"
            else:
                yield name

    return " and ".join(each())


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", text)
