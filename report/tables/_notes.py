"""What stands under a table: the abbreviations that it uses and no others, marks in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from report.table import Head, Line, Notes, Table, plain
from report.voice import Voice
from report.words import lower_first

# of the field, as their authors spell them out; a study's own word for one that isn't here is its label
KNOWN = {
    "ASTCT": "American Society for Transplantation and Cellular Therapy",
    "CAR": "chimeric antigen receptor",
    "CRS": "cytokine release syndrome",
    "CTCAE": "Common Terminology Criteria for Adverse Events",
    "ECOG": "Eastern Cooperative Oncology Group",
    "GVHD": "graft-versus-host disease",
    "ICANS": "immune effector cell-associated neurotoxicity syndrome",
    "MAGIC": "Mount Sinai Acute GVHD International Consortium",
}
MARK = re.compile(r"<sup>([^<]*)</sup>")
NUMBERS = re.compile(r"<data [^>]*>(.*?)</data>", re.S)


def table(said: Voice, heads: Sequence[Head], lines: Sequence[Line], notes: Notes) -> Table:
    """The table with its notes, of whose abbreviations those stay that it or another note uses."""
    markup = [head.label for head in heads] + [part for line in lines for part in (line.label, *line.cells)]
    text = " ".join([*map(plain, markup), *map(plain, notes.plain), *notes.lettered])
    numbers = " ".join(plain(found) for part in markup for found in NUMBERS.findall(str(part)))  # where no level has the word
    words = said.style.rules.words
    for short, long in ((words.not_estimable_short, words.not_estimable), (words.not_reached_short, words.not_reached)):
        if _stands(short, numbers):
            notes.abbreviate(short, long)
    for short, long in (*_declared(said), *KNOWN.items()):
        if _stands(short, text) and short not in notes.short and not _stands(short, long):
            notes.abbreviate(short, long)
    heads, lines = _in_reading_order(heads, lines, notes)
    notes.short = {short: long for short, long in notes.short.items() if _stands(short, f"{text} {numbers}")}
    return Table(tuple(heads), tuple(lines), notes.all())


def _in_reading_order(heads: Sequence[Head], lines: Sequence[Line], notes: Notes) -> tuple[list[Head], list[Line]]:
    """The table with the marks of its notes in the order in which a reader meets them; notes get them anew, too."""
    marks = {str(mark): text for text, mark in notes.lettered.items()}
    notes.lettered = {}

    def marked(part: Markup) -> Markup:
        def met(found: re.Match[str]) -> str:
            return str(notes.letter(marks[found[1]])) if found[1] in marks else found[0]

        return Markup(MARK.sub(met, str(part)))  # it was Markup

    kept = [replace(head, label=marked(head.label)) for head in heads]
    return kept, [replace(line, label=marked(line.label), cells=tuple(map(marked, line.cells))) for line in lines]


def _declared(said: Voice) -> Iterator[tuple[str, str]]:
    """The short forms that the study gives its endpoints, terms and analytes, unless the field has a longer word for one."""
    for each in (said.study.endpoints, said.study.terms, said.study.analytes):
        for one in each.values():
            if one.short and one.short not in KNOWN:
                yield one.short, lower_first(one.label)


def _stands(short: str, text: str) -> bool:
    """Whether it stands there as a word of its own."""
    return bool(short) and re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", text) is not None
