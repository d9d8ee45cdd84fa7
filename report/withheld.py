"""What a page says where `privacy` in the study file keeps a number back: a sign in tables, and no sentence about it.

A statistic that is withheld prints as a word in sentences, and a sentence in which the word stands is taken out whole, so
that nothing is claimed of what is not shown. One sentence in its place says so.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from report.arms import members
from report.population import OPENING
from report.table import Table
from report.words import in_words, listed
from stats.groups import ALL
from stats.results import COARSE, ROUNDED, WITHHELD, Cell, Results, number
from stats.study.types import Exhibit, Study

WORD, SIGN = WITHHELD, "–"
SAID = "What rests on counts that are too small to be published, or would give one away, is not shown here"
PATIENTS = "This figure shows patients one by one, and is left out of what is published."
SMALL = "This figure rests on counts that are too small to be published, and is left out."
IN_STEPS = (
    "Times are rounded up, and steps are put together until none stands for too few patients; where follow-up was "
    "censored is not marked."
)
MEDIANS = "The lines of single patients are left out of what is published."
CENSORED = "; vertical strokes mark censored follow-up"
CURVES = {"survival-curve": "curve", "incidence-curve": "incidence_curve"}
SUMMARIES = ("grades", "flow", "forest")  # figures of counts and estimates, whole or not at all
# of measurements, not of counts: where one of them is kept back a figure of counts still stands
OF_VALUES = ("min", "max", "first", "last", "median", "q1", "q3", "q05", "q95")
BLOCK = re.compile(r"<(p|li)\b([^>]*)>(.*?)</\1>", re.S)
WORDS_OF_THE_STUDY = re.compile(r'<span class="label">.*?</span>|<(q|cite)\b.*?</\1>', re.S)
HIDDEN = re.compile(rf"\b{WORD}\b")
REFERENCE = re.compile(r'<a class="ref" href="#(?:table|figure)-[^>]*>.*?</a>')
ADDRESS = re.compile(r'<data\b[^>]*\bvalue="([^"]*)"')
UNSAID = re.compile(rf"<data\b[^>]*>{SIGN}</data>")
TAG = re.compile(r"(<[^>]*>)")
STOP = re.compile(r"(?<=[.])\s+(?=[^\W\d_a-z]|$)")
NO_LIST = re.compile(r"<ul>\s*</ul>\n?|<p>\s*</p>\n?")


def is_public(study: Study) -> bool:
    return study.privacy == "public"


def cleaned(section: Markup) -> Markup:
    """A section without the sentences that would speak of withheld numbers; the first of them leaves one that says so."""
    said = False

    def block(found: re.Match[str]) -> str:
        nonlocal said
        tag, attributes, inside = found.groups()
        if 'class="note"' in attributes or not _hidden(inside):
            return found[0]
        kept: list[str] = []
        left_out: list[str] = []
        for sentence in sentences(inside):
            (left_out if _hidden(sentence) else kept).append(sentence)
        references = listed([Markup(ref) for text in left_out for ref in REFERENCE.findall(text)], comma=True)
        if said and all(sentence.lstrip().startswith(OPENING) for sentence in kept):
            return ""  # in whom nothing is shown needs no saying either
        if not said:
            kept.append(f"{SAID} ({references})." if references else f"{SAID}.")
        said = True
        return f"<{tag}{attributes}>{' '.join(part.strip() for part in kept)}</{tag}>"

    changed = BLOCK.sub(block, str(section))
    return Markup(NO_LIST.sub("", changed)) if said else section  # taken apart and put together again


def shown(text: Markup) -> Markup:
    """Sentences without those that would speak of withheld numbers."""
    return Markup(" ".join(part.strip() for part in sentences(str(text)) if not _hidden(part)))  # parts of Markup


def plain(text: str) -> str:
    """A text of plain sentences without those that would speak of withheld numbers."""
    return " ".join(sentence for sentence in STOP.split(text) if not HIDDEN.search(sentence))


def sentences(text: str) -> list[str]:
    """Marked-up text by sentences; a full stop inside an element ends none."""
    out, depth = [""], 0
    for piece in TAG.split(text):
        if piece.startswith("<"):
            depth += -1 if piece.startswith("</") else 1
            out[-1] += piece
        elif depth:
            out[-1] += piece
        else:
            first, *others = STOP.split(piece)
            out[-1] += first
            out += others
    return [sentence for sentence in out if sentence.strip()]


def _hidden(text: str) -> bool:
    return bool(HIDDEN.search(WORDS_OF_THE_STUDY.sub(" ", text)))


def left_out(study: Study, results: Results, exhibit: Exhibit) -> str:
    """Why a figure is not drawn, as a sentence; '' when it may be. A kind that isn't known here shows patients, maybe."""
    if not is_public(study):
        return ""
    if exhibit.kind == "course":
        return ""
    if exhibit.kind in SUMMARIES:
        return SMALL if any(_lacks(cell) for name in exhibit.of for cell in results.select(name)) else ""
    if exhibit.kind not in CURVES:
        return PATIENTS
    for name in exhibit.of:
        groups = [ALL] if exhibit.options.get("overall") else members(results, name, "events")
        if not all(results.select(name, CURVES[exhibit.kind], group) for group in groups):
            return SMALL
    return ""


def _lacks(cell: Cell) -> bool:
    return any(note.startswith(WITHHELD) for stat, note in cell.notes.items() if stat not in OF_VALUES)


def tally(value: float) -> str:
    """A count in a figure."""
    return SIGN if math.isnan(value) else number(value)


def options(study: Study, exhibit: Exhibit) -> dict[str, object]:
    """Options of a figure that privacy sets, whatever the study file says."""
    set_here: dict[str, dict[str, object]] = {"course": {"patients": False}, "survival-curve": {"few": 1}}
    return set_here.get(exhibit.kind, {}) if is_public(study) else {}


def legend(study: Study, exhibit: Exhibit, said: Sequence[str]) -> tuple[str, ...]:
    """The sentences of a caption, for a figure that shows less than it might."""
    if not is_public(study):
        return tuple(said)
    if exhibit.kind == "course":
        return (*said, MEDIANS)
    return (*(sentence.replace(CENSORED, "") for sentence in said), *((IN_STEPS,) if exhibit.kind in CURVES else ()))


def noted(study: Study, results: Results, table: Table) -> Table:
    """The table with a note under it when something in it is withheld or rounded; notes that would speak of it go."""
    shown = [html.unescape(address) for line in table.lines for cell in line.cells for address in ADDRESS.findall(cell)]
    cells = [results[address] for address in shown if address in results]
    found = []
    if any(cell.withheld for cell in cells):
        text = Markup("{}, not shown: counts below {} and what would give one away, and values of single patients.")
        found.append(text.format(SIGN, in_words(study.smallest_count)))
    notes = [note for cell in cells for note in cell.notes.values()]
    if any(note.startswith(f"{ROUNDED} up") for note in notes):
        found.append(Markup("Median times are rounded up, so that none is the time of one patient."))
    if any(note.startswith(COARSE) for note in notes):
        text = Markup("Medians and quartiles are rounded until at least {} patients share each of them.")
        found.append(text.format(in_words(study.smallest_count)))
    kept = [note for note in table.notes if not UNSAID.search(note)] if is_public(study) else table.notes
    return replace(table, notes=(*kept, *found)) if found else table
