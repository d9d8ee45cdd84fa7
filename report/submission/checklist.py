"""A reporting guideline's items, each with the place that answers it in the report, or with what authors must add.

The items are data (templates/checklists). `look` names what answers one: `section:methods`, `analysis:survival` (the
section that speaks of such an analysis and the exhibits that show it), `exhibit:flow`, `title:randomised` or
`title:design` (words of the study's title), or one of the facts in _FACTS.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from report.submission.pages import Paper
from report.voice import Voice
from stats.findings import nearest
from stats.groups import ALL
from stats.study.types import Study

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "checklists"
AUTHORS = "Authors"
HEADS = ("Item", "What is asked", "Where", "What authors must add")
# what the Methods or the statements say, when the study has it
_FACTS: Mapping[str, tuple[Callable[[Voice], bool], str]] = {
    "endpoints": (lambda voice: any(e.definition for e in voice.study.endpoints.values()), "methods"),
    "gradings": (lambda voice: any(term.grading for term in voice.study.terms.values()), "methods"),
    "enrolment": (lambda voice: voice.says(f"study/enrolment@{ALL}"), "methods"),
    "subjects": (lambda voice: f"study/subjects@{ALL}" in voice.results, "methods"),
    "primary": (lambda voice: bool(voice.study.primary), "methods"),
    "materials": (lambda voice: True, "statements.md"),
}


@dataclass(frozen=True)
class Answer:
    """One item: `where` lists places as (name, anchor or file), empty when nothing in the report answers it."""

    item: str
    part: str
    text: str
    where: tuple[tuple[str, str], ...]
    ask: str


def name(study: Study) -> str:
    """The guideline for the study's design: consort for randomised trials, strobe for everything else."""
    return "consort" if study.randomised else "strobe"


def answers(paper: Paper, guideline: str) -> list[Answer]:
    """Every item of the guideline, in its order. KeyError for a `look` that is not understood."""
    found = []
    for item in _read(guideline)["items"]:
        where = tuple(dict.fromkeys(place for look in item["look"] for place in _places(paper, look)))
        ask = item["ask"] or ("" if where else "The report has nothing on this: write it, or say why it does not apply.")
        found.append(Answer(item["item"], item["part"], item["text"], where, ask))
    return found


def title(guideline: str) -> tuple[str, str]:
    """(what the guideline is called, its source)."""
    read = _read(guideline)
    return str(read["title"]), str(read["source"])


def markdown(found: list[Answer], guideline: str) -> str:
    """checklist.md."""
    called, source = title(guideline)
    lines = [f"# {called}", "", f"Source: {source}. The items are in words of our own: hold them against the original.", "",
             f"| {' | '.join(HEADS)} |", "|---|---|---|---|"]
    for one in found:
        where = "; ".join(f"{place} ({anchor})" for place, anchor in one.where) or AUTHORS
        lines.append(f"| {one.item} | {one.text} | {where} | {one.ask} |")
    return "\n".join(lines) + "\n"


def html(found: list[Answer], guideline: str) -> Markup:
    """The same as a table for Word, under the parts of the guideline."""
    called, source = title(guideline)
    rows, part = [], ""
    for one in found:
        if one.part != part:
            part = one.part
            rows.append(Markup('<tr class="heading"><th scope="rowgroup" colspan="4">{}</th></tr>').format(part))
        where = "; ".join(place for place, _ in one.where) or AUTHORS
        cells = Markup("").join(Markup("<td>{}</td>").format(cell) for cell in (one.text, where, one.ask))
        rows.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(one.item, cells))
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in HEADS)
    return Markup('<div class="table long"><table><caption><b>{}</b></caption><thead><tr>{}</tr></thead>'
                  '<tbody>{}</tbody></table><p class="note">{}</p></div>').format(
        called, heads, Markup("").join(rows), escape(f"Source: {source}. The items are in words of our own."))


def _read(guideline: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{guideline}.toml").read_text("utf-8"))


def _places(paper: Paper, look: str) -> Iterator[tuple[str, str]]:
    kind, _, wanted = look.partition(":")
    study = paper.voice.study
    if kind == "section":
        yield from _section(paper, wanted)
    elif kind == "title":
        said = study.title.casefold()
        words = study.design.casefold().split() if wanted == "design" else ["randomi"]
        if all(word in said for word in words):
            yield "Title", "title"
    elif kind == "exhibit":
        yield from ((one.name, f"#{one.anchor}") for one in paper.shown.values() if one.exhibit.kind == wanted)
    elif kind == "analysis":
        names = {a.name for a in study.analyses.values() if a.kind == wanted}
        for section in paper.plan.sections:
            if names & set(section.analyses):
                yield from _section(paper, section.id)
        for one in paper.shown.values():
            if names & set(one.exhibit.of):
                yield one.name, f"#{one.anchor}"
    elif look in _FACTS:
        holds, place = _FACTS[look]
        if holds(paper.voice):
            yield from ((place, "file"),) if "." in place else _section(paper, place)
    else:
        raise KeyError(f"a checklist looks for {look!r}, which nothing understands{nearest(look, _FACTS)}")


def _section(paper: Paper, wanted: str) -> Iterator[tuple[str, str]]:
    yield from ((section.title, f"#{section.id}") for section in paper.plan.sections if section.id == wanted)
