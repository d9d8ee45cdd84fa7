"""The pieces that sections are put together from: exhibits in their places, paragraphs about an analysis; each is made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markupsafe import Markup

from report import places, population, prose, titles, typeset, words
from report.exhibits import Plan, Shown
from report.names import UnknownName
from report.templating import lint_template, shipped
from report.voice import Voice
from stats.findings import nearest
from stats.study.types import Exhibit, Section

INDENTS = ("in0", "in1", "in2")
P_VALUE = re.compile(r"\bP(?= values?\b)")
WHOLE = 24  # lines up to which a table is kept on one page


class Pieces:
    """Makes a piece when it is first asked for, from the results of the analyses it is about."""

    def __init__(self, voice: Voice, plan: Plan, shown: Mapping[str, Shown]):
        self.voice, self.plan, self.shown = voice, plan, shown
        self.env = shipped()
        self.templates = frozenset(self.env.list_templates())
        self._made: dict[tuple[str, str], Markup] = {}

    def paragraph(self, analysis: str) -> Markup:
        """The default paragraphs of an analysis, with references to the exhibits that show it."""
        return self._once("paragraph", analysis, self._paragraph)

    def exhibit(self, name: str) -> Markup:
        """An exhibit in its place."""
        return self._once("exhibit", name, self._exhibit)

    def _once(self, what: str, name: str, make: Callable[[str], Markup]) -> Markup:
        if (what, name) not in self._made:
            self._made[what, name] = Markup(typeset.curly(str(make(name))))  # it was Markup
        return self._made[what, name]

    def _paragraph(self, analysis: str) -> Markup:
        kind = self.voice.names.kind(analysis)
        says = prose.kind(kind)
        template = f"paragraphs/{kind}.html.j2"
        if says is None or template not in self.templates:
            return Markup()
        lint_template(self.env, template, f"templates/{template}")
        refs = words.listed([self.ref(name) for name, e in self.plan.exhibits.items() if analysis in e.of], comma=True)
        text = self.env.get_template(template).render(  # autoescaped
            says=says.sentences(self.voice, self.voice.study.analyses[analysis]), refs=refs, noted=words.noted
        )
        who = population.opening(self.voice, analysis)
        return Markup(text.replace("<p>", f"<p>{who} ", 1) if who else text)

    def turns(self, section: Section) -> list[tuple[str, list[str]]]:
        """The analyses that a section speaks of, each with the exhibits that follow its paragraphs."""
        return places.turns(section, self.plan.exhibits, [row for row in self._rows(section) if len(row) > 1])

    def ref(self, name: str) -> Markup:
        """A link to an exhibit: 'Table 1'."""
        found = self._named(name)
        return Markup('<a class="ref" href="#{}">{}</a>').format(found.anchor, found.name)

    def title(self, exhibit: Exhibit) -> Markup:
        """What an exhibit shows, with the journal's letter for a P value."""
        title = self.voice.title(titles.said(self.voice, exhibit))
        return Markup(P_VALUE.sub(str(self.voice.style.p_symbol), str(title)))  # both were Markup

    def _named(self, name: str) -> Shown:
        if name not in self.shown:
            raise UnknownName(f"there is no exhibit {name!r}{nearest(name, self.shown)}")
        return self.shown[name]

    def _exhibit(self, name: str) -> Markup:
        found = self._named(name)
        title = self.title(found.exhibit)
        title += Markup("" if found.exhibit.title.endswith(".") else ".")
        if not found.is_table and not found.files:
            said = Markup('<p id="{}"><b>{}.</b> {} {}</p>')
            return said.format(found.anchor, found.name, title, Markup(" ").join(found.legend))
        data: dict[str, Any] = {"anchor": found.anchor, "name": found.name, "title": title}
        if found.table is not None:
            data |= {
                "table": found.table,
                "indents": INDENTS,
                "kind": "whole" if len(found.table.lines) <= WHOLE else "long",
            }
        else:
            svg = found.files["svg"].decode()
            data |= {
                "svg": Markup(svg[svg.index("<svg") :]),
                "legend": found.legend,
                "width": self._width(name),
            }  # ours
        return Markup(self.env.get_template("table.html.j2" if found.is_table else "figure.html.j2").render(**data))

    def _width(self, name: str) -> str:
        """How a figure stands: narrow ones in pairs, a narrow one alone with its legend beside it."""
        if self.shown[name].width != "single":
            return self.shown[name].width
        section = next(s for s in self.plan.sections if name in s.exhibits)
        row = next(row for row in self._rows(section) if name in row)
        if len(row) == 1:
            return "single beside"
        return "single second" if name == row[1] else "single"

    def _rows(self, section: Section) -> Iterator[tuple[str, ...]]:
        """Narrow figures that follow each other in a section, two by two; no more of them are looked at than are asked for."""
        left: tuple[str, ...] = ()
        for name in section.exhibits:
            one = self.shown.get(name)
            narrow = one is not None and not one.is_table and bool(one.files) and one.width == "single"
            if left:
                yield (*left, name) if narrow else left
            left = (name,) if narrow and not left else ()
        if left:
            yield left
