"""Sentences of ours as they stand in a report: digits that are names told from results, and the works they rest on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from report import works

DIGITS = re.compile(r"\S*\d\S*")


@dataclass
class References:
    """Works cited, numbered as they come."""

    works: list[str] = field(default_factory=list)

    def cite(self, work: str) -> Markup:
        numbers = []
        for one in works.parted(work):
            if one not in self.works:
                self.works.append(one)
            numbers.append(Markup('<a class="ref" href="#reference-{0}">{0}</a>').format(self.works.index(one) + 1))
        return Markup("<sup>{}</sup>").format(Markup(",").join(numbers)) if numbers else Markup()


def fixed(text: str, p: Markup = Markup("P")) -> Markup:
    """A sentence of ours in which a digit belongs to a definition or a name (CTCAE 5.0, day 28), never to a result.

    p: the journal's letter for a P value.
    """
    return Markup(" ").join(
        Markup("<cite>{}</cite>").format(word) if DIGITS.fullmatch(word) else p if word == "P" else escape(word)
        for word in text.split(" ")
    )
