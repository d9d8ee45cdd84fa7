"""What journals want before the text: the title page with its counts, and the abstract under the journal's headings.

What only authors can write is a prompt in square brackets, which is never counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from report import manifest, words
from report import manuscript as text_of
from report.rendered import Rendered
from report.submission.pages import Paper
from stats.study.types import Study

ABSTRACT = "abstract"
RESULTS = ("Results", "Findings")  # the heading under which the sentences of results stand
PROMPT = re.compile(r"\[[^\]<]*\]")
HEADING = re.compile(r"<h[1-3][^>]*>.*?</h[1-3]>")
SENTENCES = re.compile(r'<p class="abstract">(.*?)</p>', re.S)


@dataclass(frozen=True)
class Counts:
    """What the manuscript holds, as a journal counts it; `source` says whose abstract it is."""

    source: str
    abstract: int
    text: int
    tables: int
    figures: int
    references: int


def counts(study: Study, paper: Paper, sections: Sequence[Rendered]) -> Counts:
    """Counts of the manuscript's own sections; the abstract is the authors' where there is one, else the results'."""
    name = manifest.abstract(study.folder)
    if name:
        source, abstract = name, len(text_of.read(study.folder / name).plain.split())
    else:
        source, abstract = "results only", sum(_words(s.html) for s in sections if s.id == ABSTRACT)
    main = [one for one in paper.shown.values() if not one.supplement]
    return Counts(
        source,
        abstract,
        sum(_words(s.html) for s in sections if s.id != ABSTRACT),
        sum(one.is_table for one in main),
        sum(not one.is_table for one in main),
        len(paper.references.works),
    )


def page(study: Study, paper: Paper, counted: Counts) -> Rendered:
    """The title page under the title: prompts, and the counts that editors ask for."""
    limits = paper.voice.style.limits
    lines = [
        ("Authors", "[names, degrees, affiliations]"),
        ("Corresponding author", "[name, address, e-mail]"),
        ("Running title", study.short),
        ("Words of the abstract", f"{counted.abstract} ({counted.source})"),
        ("Words of the text", f"{counted.text} (methods, results and limitations) [add introduction and discussion]"),
        ("Tables, figures, references", f"{counted.tables}, {counted.figures}, {counted.references}"),
    ]
    if limits["key_points"]:
        lines.append(("Key points", f"[{limits['key_points']}, a sentence each]"))
    lines.append(("", "Words in square brackets are for the authors."))
    html = [
        Markup("<p>{}{}</p>").format(Markup("<b>{}:</b> ").format(head) if head else "", _named(said))
        for head, said in lines
    ]
    return Rendered(
        "front", "Title page", Markup('<section id="front">\n{}\n</section>').format(Markup("\n").join(html))
    )


def headed(section: Rendered, headings: Sequence[str]) -> Rendered:
    """The abstract under the journal's headings: the sentences stand under the results, the rest is for the authors."""
    if section.id != ABSTRACT or not headings:
        return section

    def parts(found: re.Match[str]) -> str:
        said = [
            Markup('<p class="abstract"><b>{}</b> {}</p>').format(head, Markup(found[1]) if head in RESULTS else "[…]")
            for head in headings
        ]  # the page's own sentences
        return "\n".join(said)

    return replace(section, html=Markup(SENTENCES.sub(parts, str(section.html))))  # made of escaped parts


def spoken(headings: Sequence[str]) -> str:
    """'Background, Methods, Results and Conclusions', or that there are none."""
    return str(words.listed([escape(head) for head in headings], comma=True)) if headings else "none: one paragraph"


def _named(said: str) -> Markup:
    """Text in which a number is no result."""
    return Markup(" ").join(
        Markup("<cite>{}</cite>").format(word) if any(map(str.isdigit, word)) else escape(word)
        for word in said.split(" ")
    )


def _words(html: Markup) -> int:
    text = Markup(HEADING.sub(" ", str(html))).striptags()  # only counted
    return len(PROMPT.sub(" ", text).split())
