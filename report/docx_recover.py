"""Numbers whose addresses a program dropped on saving, found again by their place in the text.

Paragraphs that came back are laid beside those that were sent, word by word; where a number stood, what stands now is
the number's new text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from report.docx_read import Number, Paragraph
from report.manuscript import plain

WORD = re.compile(r"\s+|\d+|[^\W\d]+|[^\w\s]")  # a note's letter is no part of its number
ALIKE = 0.5  # least likeness of two paragraphs of which one may come from the other


def numbers(sent: Sequence[Paragraph], edited: Sequence[Paragraph]) -> tuple[Number, ...]:
    """The numbers that were sent, with the text that stands in their place; those of paragraphs that are gone are left out."""
    return tuple(number for before, after in _pairs(sent, edited) for number in _moved(before, after))


def _pairs(sent: Sequence[Paragraph], edited: Sequence[Paragraph]) -> Iterator[tuple[Paragraph, Paragraph]]:
    """Each paragraph with the one that it became; the order stays."""
    old, new = ([plain(one.text) for one in side] for side in (sent, edited))
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal" or b - a == d - c:
            yield from zip(sent[a:b], edited[c:d], strict=True)
            continue
        start = c
        for place in range(a, b):
            found = difflib.get_close_matches(old[place], new[start:d], n=1, cutoff=ALIKE)
            if found:
                start = new.index(found[0], start, d) + 1
                yield sent[place], edited[start - 1]


def _moved(before: Paragraph, after: Paragraph) -> Iterator[Number]:
    edges = sorted({0, len(before.text), *(edge for _, *span in before.numbers for edge in span)})
    old = [word for start, end in pairwise(edges) for word in WORD.findall(before.text[start:end])]
    new = WORD.findall(after.text)
    was, now = ([plain(word) or " " for word in side] for side in (old, new))
    steps = difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    at = [0]  # where each word of the old text begins
    for word in old:
        at.append(at[-1] + len(word))
    for tag, start, end in before.numbers:
        inside = [place for place in range(len(old)) if at[place] < end and at[place + 1] > start]
        if inside:
            first, last = _begins(steps, inside[0]), _ends(steps, inside[-1] + 1)
            yield Number(tag, plain("".join(new[first:last])), before.place)


def _begins(steps: Sequence[tuple[str, int, int, int, int]], place: int) -> int:
    """Where in the new text the word at `place` of the old one begins."""
    _, a, _, c, d = next(step for step in steps if step[1] <= place < step[2])
    return min(c + place - a, d)


def _ends(steps: Sequence[tuple[str, int, int, int, int]], place: int) -> int:
    """Where in the new text that stretch ends which ends before `place` in the old one."""
    kind, a, b, c, d = next(step for step in steps if step[1] < place <= step[2])
    return d if place == b and kind != "equal" else min(c + place - a, d)
