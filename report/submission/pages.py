"""The manuscript, the supplement, the legends and each table as Word files.

A manuscript has its tables at the end and its figures as files of their own; what explains more than a reader of the
paper needs (the choice of tests, shift tables, sensitivity analyses) stands in the supplement under numbers with an S.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from report import docx, page, titles
from report.assemble import banner, page_of
from report.build import Prepared, template
from report.compose import Composer
from report.exhibits import Shown
from report.pieces import Pieces
from report.rendered import Rendered
from report.words import spelled
from stats.study.types import Study

SUPPLEMENTARY = frozenset(("ledger", "sensitivity", "shift"))  # kinds of exhibits
LEAVES = frozenset((  # sections that begin on a new page, as does every table in them
    "abstract", "paper-references", "paper-tables", "paper-legends", "paper-supplement", "paper-figures", "listings"))
APART = {"claims": "", "choices": "supplement", "reproducibility": "supplement"}  # sections that are no part of a paper


def divided(made: Prepared) -> dict[str, Shown]:
    """Every exhibit that leaves the house, the paper's first, each with its number in the paper or the supplement.

    The audit of the abstract is the authors' own business and is left out.
    """
    place = {name: section.id for section in made.plan.sections for name in section.exhibits}
    found: dict[str, Shown] = {}
    for supplement in (False, True):
        count = {True: 0, False: 0}
        for name, one in made.shown.items():
            apart = APART.get(place[name], "paper")
            if apart and (apart == "supplement" or one.exhibit.kind in SUPPLEMENTARY) == supplement:
                count[one.is_table] += 1
                found[name] = replace(one, number=count[one.is_table], supplement=supplement)
    return found


class _Apart(Pieces):
    """What is in another file is named without a link."""

    def ref(self, name: str) -> Markup:
        found = self._named(name)
        return Markup('<span class="label">{}</span>').format(found.name) if found.supplement else super().ref(name)


class Paper(Composer):
    """Sections in which tables and figures are named where the report shows them; they follow at the end."""

    in_place = False

    def __init__(self, made: Prepared):
        shown = divided(made)
        kept = {name: exhibit for name, exhibit in made.plan.exhibits.items() if name in shown}
        super().__init__(_Apart(made.voice, replace(made.plan, exhibits=kept), shown), made.facts)

    def exhibit(self, name: str) -> Markup:
        return Markup()

    def shown_here(self, names: Sequence[str]) -> Markup:
        """These exhibits, in full."""
        return Markup("\n").join(map(self.pieces.exhibit, names))

    def text(self) -> list[Rendered]:
        """The paper's own sections."""
        return [self.rendered(section) for section in self.plan.sections if section.id not in APART]

    def ends(self, text: Sequence[Rendered]) -> list[Rendered]:
        """References, tables and legends, as journals ask for them: after the text, in this order.

        Works that a section of the study's own lists are not listed again.
        """
        listed = any('id="reference-' in section.html for section in text)
        tables = [name for name, one in self.shown.items() if one.is_table and not one.supplement]
        parts = [
            ("paper-references", "References", Markup('<ol class="refs">{}</ol>').format(Markup("\n").join(self.works()))
             if self.references.works and not listed else Markup()),
            ("paper-tables", "Tables", self.shown_here(tables)),
            ("paper-legends", "Figure legends", self.legends()),
        ]
        return [_section(*part) for part in parts if part[2]]

    def legends(self) -> Markup:
        """A paragraph for each figure of the paper."""
        out = []
        for name, one in self.shown.items():
            if not one.is_table and not one.supplement:
                title = self.voice.title(titles.said(self.voice, one.exhibit))
                title += Markup("" if one.exhibit.title.endswith(".") else ".")
                out.append(Markup('<p id="{}"><b>{}.</b> {} {}</p>').format(
                    self.shown[name].anchor, one.name, title, Markup(" ").join(one.legend)))
        return Markup("\n").join(out)


def manuscript(paper: Paper, sections: Sequence[Rendered]) -> str:
    """The page that manuscript.docx is made from."""
    return page_of(paper, [*sections, *paper.ends(sections)], page.head())


def supplement(made: Prepared) -> str:
    """The page that supplement.docx is made from: contents, tables, figures, how the report was made. It cites by itself."""
    paper = Paper(made)
    extra = [name for name, one in paper.shown.items() if one.supplement]
    parts = [(anchor, title, [name for name in extra if paper.shown[name].is_table == tables])
             for anchor, title, tables in (("paper-supplement", "Supplementary tables", True),
                                           ("paper-figures", "Supplementary figures", False))]
    sections = [_section(anchor, title, paper.shown_here(names)) for anchor, title, names in parts if names]
    sections += [paper.rendered(s) for s in paper.plan.sections if APART.get(s.id) == "supplement" and not s.exhibits]
    listed = Markup("\n").join(Markup('<li><a class="ref" href="#{0}">{1}</a>. {2}</li>').format(
        paper.shown[name].anchor, paper.shown[name].name, paper.pieces.title(paper.shown[name].exhibit))
        for name in extra)
    contents = [_section("paper-contents", "Contents", Markup("<ul>\n{}\n</ul>").format(listed))] if extra else []
    return page_of(paper, [*contents, *sections], page.head(),
                   short=f"{made.voice.study.short}: supplementary material")


def alone(study: Study, body: Markup) -> str:
    """A page that holds nothing but `body`, and the banner, if there is one."""
    warned = banner(study)
    over = Markup('<div class="banner">{}</div>').format(warned) if warned else Markup()
    return Markup("<!DOCTYPE html>\n<html><body>{}<main>{}</main></body></html>").format(over, body)


def word(study: Study, html: str, title: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """A page as a Word file, in which parts of a paper begin on a new page and every table has one of its own."""
    return docx.write(html, pictures or {}, title=title, language=study.language, author=study.short,
                      subject=spelled(study.design), dated=study.data_cutoff, template=template(study), apart=LEAVES)


def _section(anchor: str, title: str, html: Markup) -> Rendered:
    inside = Markup('<section id="{}">\n<h2>{}</h2>\n{}\n</section>').format(anchor, title, html)
    return Rendered(anchor, title, inside)
