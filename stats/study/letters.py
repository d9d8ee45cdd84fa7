"""The texts of a study file that a report prints: letters that its fonts don't have, which would be empty boxes in PDF and in
figures, and what looks as if it identified somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stats.study.identifying import IN_SHIPPED
from stats.study.kinds import ROOT
from stats.study.part import Book
from stats.study.toml import Place
from stats.study.typeface import known
from stats.study.types import Study

FONT = "templates/fonts/SourceSans3-Regular.ttf"  # of tables and figures; the font of sentences falls back on it
# Latin, Greek, Cyrillic and the usual signs: there for certain, so that the font is seldom read
USUAL = re.compile(
    "[\t\n\r -~\u00a0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030"
    "\u2070\u2074-\u207e\u2080-\u2089\u20ac\u2190-\u2193\u2212\u221e\u2264\u2265]"
)


def check_printed(study: Study, book: Book) -> None:
    """Note texts of the study file that would print with gaps, or identify somebody."""
    for place, text in _printed(study):
        rest = dict.fromkeys(USUAL.sub("", text))
        lost = "".join(letter for letter in rest if ord(letter) not in known(ROOT / FONT)) if rest else ""
        if lost:
            book.add("W_LETTER", place, f"the report's fonts don't have {lost}: an empty box each in PDF and in figures",
                     "Use Latin, Greek or Cyrillic letters; HTML and Word take the reader's fonts")
        for kind, pattern in IN_SHIPPED.items():
            if text != place[-1] and pattern.search(text):  # a level that is its own label is told by its rows in the data
                book.add("W_PHI_PATTERN", place, f"the text looks like {kind}, and is printed in the report",
                         "Take it out if it may identify somebody; it is not shown here")


def _printed(study: Study) -> Iterator[tuple[Place, str]]:
    """Every text of the study file that pages or figures may print, with its place."""
    yield ("study", "title"), study.title
    yield ("study", "short"), study.short
    for arm, label in study.arms.items():
        yield ("arms", arm), label
    for name, population in study.populations.items():
        yield ("populations", name, "label"), population.label
    for name, column in study.subjects.columns.items():
        place: Place = ("frames", "subjects", "columns", name)
        yield (*place, "label"), f"{column.label}{column.unit}"
        for level, label in column.levels.items():
            yield (*place, "levels", level), label if column.type != "arm" else ""
    for name, endpoint in study.endpoints.items():
        yield ("endpoints", name, "label"), f"{endpoint.label}{endpoint.definition}"
    for name, term in study.terms.items():
        yield ("terms", name, "label"), term.label
    for name, analyte in study.analytes.items():
        yield ("analytes", name, "label"), f"{analyte.label}{analyte.unit}"
    for name, exhibit in study.exhibits.items():
        yield ("exhibits", name, "title"), exhibit.title
    for position, section in enumerate(study.sections):
        yield ("sections", position, "title"), section.title
    for name, claim in study.claims.items():
        yield ("claims", name, "quote"), claim.quote
