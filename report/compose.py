"""Sections, one by one: the templates that place words, and the few functions they are given to ask for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from markupsafe import Markup, escape

from report import claims, limitations, lint, methods_text, own_templates, prose, typeset, withheld, words, works
from report.cited import References
from report.inference import exploratory
from report.main_results import main_results
from report.patterns import PatternError
from report.pieces import Pieces
from report.rendered import Rendered
from report.templating import GIVEN, environment, lint_template
from report.told import Told
from report.voice import by_keys
from stats.findings import Problem, Refused
from stats.methods.types import Description
from stats.study.types import Section

LAST = {"methods(": 1, "references(": 2}  # what a template asks for that speaks of what others say
TOP = 2  # level of a section's heading, under the title of the page


@dataclass(frozen=True)
class Facts:
    """What the page says about its own making: names to hashes and versions; never a date of today, never a path."""

    inputs: Mapping[str, str]
    code: str
    versions: Mapping[str, str]
    definitions: Mapping[str, Description]
    notes: tuple[str, ...] = ()  # what was repaired or warned about in the data
    certificate: tuple[str, ...] = ()  # what R said of the results, line by line

    @property
    def fingerprint(self) -> str:
        """Short hash over inputs and code, printed in the PDF's footer."""
        from hashlib import sha256

        return sha256(json.dumps([dict(self.inputs), self.code], sort_keys=True).encode()).hexdigest()[:16]


class Composer:
    """Renders sections; its public methods are the functions that templates are given."""

    in_place = True  # exhibits stand where templates put them

    def __init__(self, pieces: Pieces, facts: Facts):
        self.pieces, self.facts = pieces, facts
        self.voice, self.plan, self.shown = pieces.voice, pieces.plan, pieces.shown
        self.env, self.templates = pieces.env, pieces.templates
        self.references = References()
        own = self.voice.study.folder / "sections"
        self.own = environment(ImmutableSandboxedEnvironment, own) if own.is_dir() else None
        self._own_names = frozenset(self.own.list_templates() if self.own is not None else ())

    def sections(self, each: Callable[[Rendered], object] = lambda made: None) -> list[Rendered]:
        """All sections; each is handed over as soon as it is written, though it may have to be written once more. In place of
        those that speak of the others, which are written last, their outlines are.
        """
        made = []
        for section in self.plan.sections:
            late = self._last(section)
            made.append(Rendered(section.id, section.title, Markup(), True) if late else self.rendered(section))
            each(made[-1])
        for number in sorted((i for i, one in enumerate(made) if one.outlined), key=lambda i: self._last(self.plan.sections[i])):
            made[number] = replace(self.rendered(self.plan.sections[number]), outlined=True)
        # a study's own choice of sections may cite works and list none of them, or list them before the last is cited
        if self.references.works and not any(f'id="reference-{len(self.references.works)}"' in s.html for s in made):
            listed = Section("references", "References")
            if any(s.id == listed.id or 'id="reference-' in s.html for s in made):
                return [self.rendered(section) for section in self.plan.sections]  # all are cited by now
            made.append(self.rendered(listed))
        return made

    def rendered(self, section: Section) -> Rendered:
        """A section as it stands on a page, and as the contents name it."""
        return Rendered(section.id, typeset.curly(section.title), self.section(section))

    def _last(self, section: Section) -> int:
        """When a section is written: 0 with the others, 1 when these are, 2 when all works are cited."""
        try:
            source = self._source(section)
        except UnicodeDecodeError:  # refused in words when it is written
            return 0
        return max((place for word, place in LAST.items() if word in source), default=0)

    def _template(self, section: Section) -> tuple[jinja2.Environment, str]:
        """A section's template and where it lies: the study's own, else ours for such a section, else that for any."""
        name = f"{section.template or section.id}.html.j2"
        if self.own is not None and name in self._own_names:
            return self.own, name
        return self.env, f"sections/{name}" if f"sections/{name}" in self.templates else "section.html.j2"

    def _source(self, section: Section) -> str:
        env, name = self._template(section)
        assert env.loader is not None
        return str(env.loader.get_source(env, name)[0])

    def section(self, section: Section) -> Markup:
        env, name = self._template(section)
        if env is self.own:
            place = f"sections/{name}"
            html = own_templates.closed(self._render(env, name, section, place), place)
            lint.check_words(html, place)
            if self.in_place:
                own_templates.complete(html, section, self.shown, place)
            return self._released(html, section)
        return self._released(self._render(env, name, section, f"templates/{name}"), section)

    def _released(self, html: Markup, section: Section) -> Markup:
        """What may be published; the heading of a part of the section above is one step lower."""
        if section.level > TOP:
            html = Markup(re.sub(rf"<(/?)h{TOP}\b", rf"<\1h{section.level}", str(html)))
        html = Markup(typeset.curly(str(html)))  # it was Markup
        return withheld.cleaned(html) if withheld.is_public(self.voice.study) else html

    def _render(self, env: jinja2.Environment, name: str, section: Section, place: str) -> Markup:
        functions = {
            "paragraph": self.paragraph,
            "exploratory": self.exploratory,
            "exhibit": self.exhibit,
            "turns": partial(self.pieces.turns, section),
            "ref": self.ref,
            "value": self.value,
            "finding": self.finding,
            "abstract": self.abstract,
            "methods": self.methods,
            "audit": self.audit,
            "limitations": self.limitations,
            "facts": self.reproducibility,
            "references": self.works,
        }
        lint_template(env, name, place, given=GIVEN)
        data = {"id": section.id, "title": section.title, "analyses": section.analyses, "exhibits": section.exhibits}
        try:
            return Markup(env.get_template(name).render(section=data, **functions))  # autoescaped
        except SecurityError as error:
            raise Refused(
                [
                    Problem(
                        "E_TEMPLATE_FORBIDDEN",
                        f"the template asks for what it may not have: {str(error).rstrip('.')}",
                        place,
                        remedy="Templates place words; they get text and numbers only",
                    )
                ]
            ) from None
        except jinja2.UndefinedError as error:
            raise Refused(
                [Problem("E_TEMPLATE", str(error), place, remedy=f"Templates may use {', '.join(functions)}")]
            ) from None
        except (jinja2.TemplateError, LookupError, TypeError, ValueError, RecursionError, OverflowError) as error:
            if not env.sandboxed:  # ours: a fault of the program
                raise
            kind = "" if isinstance(error, PatternError) else f"{type(error).__name__}: "
            said = f"{kind}{error}" if str(error) else type(error).__name__
            raise Refused([Problem("E_TEMPLATE", f"the template can't be filled in: {said}", place)]) from None

    # ---- what templates may call

    def value(self, address: str, pattern: str) -> Markup:
        """A result by address and pattern."""
        return self.voice.show(self.voice.results.public(address), pattern)

    def finding(self, address: str) -> Markup:
        """The sentence that a result supports."""
        return prose.finding(self.voice, self.voice.results.public(address).address)

    def paragraph(self, analysis: str) -> Markup:
        """The default paragraphs of an analysis, with references to the exhibits that show it."""
        return self.pieces.paragraph(analysis)

    def exploratory(self, analyses: Sequence[str]) -> Markup:
        """The paragraph that says which comparisons of these analyses are exploratory; nothing where none is."""
        said = exploratory(self.voice, analyses)
        return Markup("<p>{}</p>").format(said) if said else said

    def ref(self, name: str) -> Markup:
        """A link to an exhibit: 'Table 1'."""
        return self.pieces.ref(name)

    def exhibit(self, name: str) -> Markup:
        """An exhibit in its place."""
        return self.pieces.exhibit(name)

    def abstract(self) -> list[Markup]:
        """One sentence per finding: of the claims in their order, or, without claims, of each analysis' main result."""
        claimed = list(dict.fromkeys(c.result for c in self.voice.study.claims.values() if c.result))
        addresses = claimed or self._main()
        addresses = list(dict.fromkeys(a for address in addresses for a in (address, *self._overall(address))))
        found = [prose.finding(self.voice, address, tail=False) for address in addresses]
        compared = [prose.compare(self.voice, self.voice.cell(address)) for address in addresses]
        if any(c is not None and c.wide and words.verdict(c) == "open" for c in compared):
            found.append(
                Markup("Where a difference was not significant, the interval shows what the data do not exclude.")
            )
        return [self._population(), *found]

    def _population(self) -> Markup:
        """Who was analyzed, and what the letters stand for that groups are called by from here on."""
        study = self.voice.study
        parts = (
            [
                Markup("{} {}{}").format(
                    self.voice.show(f"study/subjects@{key}", "{n}"),
                    methods_text.in_group(self.voice, key),
                    Markup(" ({})").format(self.voice.label(label)) if by_keys(study.arms) and label != key else "",
                )
                for key, label in study.arms.items()
            ]
            if len(study.arms) > 1
            else []
        )
        everybody = self.voice.cell("study/subjects@all")
        return Markup("The analysis included {}{}.").format(
            self.voice.count(everybody),
            Markup(": {}").format(words.listed(parts, comma=True)) if parts else Markup(),
        )

    def _overall(self, address: str) -> list[str]:
        """A rate at one time is never said alone: the comparison over all follow-up goes with it."""
        cell = self.voice.cell(address)
        overall = f"{cell.analysis}/logrank@{cell.group}"
        return [overall] if cell.variable == "difference" and overall in self.voice.results else []

    def _main(self) -> list[str]:
        """Addresses of the main result of each analysis, for a study without claims."""
        return [address for a in self.voice.study.analyses.values() for address in main_results(self.voice, a.name)]

    def methods(self) -> dict[str, list[Markup]]:
        """Sentences about what the report shows, which is made first where it isn't yet."""
        figures = [one.exhibit for name, one in self.shown.items() if not one.is_table]
        told = Told(self.voice, self._told(), figures)
        return methods_text.sentences(self.voice, told, self.facts.definitions, self.facts.versions, self.references)

    def _told(self) -> Iterator[str]:
        """All text but that of sections that are made of nothing else, or speak of the report itself."""
        for section in self.plan.sections:
            tables = [name for name in section.exhibits if name in self.shown and self.shown[name].is_table]
            yield from (self.pieces.exhibit(name) for name in tables)
            yield from (self.pieces.paragraph(name) for name in section.analyses)
            own = self._template(section)[0] is self.own
            if section.id == "abstract" and not own:
                yield from self.abstract()
            if own:
                source = self._source(section)
                yield from self.abstract() if "abstract(" in source else []
                for address in own_templates.quoted(source):
                    if address in self.voice.results:
                        yield self.value(address, "{" + next(iter(self.voice.cell(address).stats)) + "}")
                        yield self.finding(address)

    def audit(self) -> dict[str, Markup]:
        """How many claims the data support, by verdict, in words."""
        found = claims.audit(self.voice)
        counts: dict[str, int] = {}
        for one in found:
            counts[one.verdict] = counts.get(one.verdict, 0) + 1
        said = [Markup("{} {}").format(words.in_words(n), verdict) for verdict, n in counts.items()]
        many = "statement that was declared" if len(found) == 1 else "statements that were declared"
        return {
            "count": Markup("{} {}").format(words.in_words(len(found)), many),
            "verdicts": words.listed(said, comma=True),
        }

    def limitations(self) -> list[Markup]:
        return [sentence for sentence in limitations.sentences(self.voice) if sentence]

    def reproducibility(self) -> dict[str, Any]:
        facts = self.facts
        return {
            "fingerprint": _fixed(facts.fingerprint),
            "code": _fixed(facts.code[:16]),
            "inputs": [(_fixed(name), _fixed(value[:16])) for name, value in facts.inputs.items()],
            "versions": [
                _fixed(f"{name} {facts.versions[name]}") for name in methods_text.SOFTWARE if name in facts.versions
            ],
            "seed": _fixed(str(self.voice.study.seed)),
            "tests": limitations.tests_made(self.voice),
            "notes": [_fixed(note) for note in facts.notes],
            "certificate": [_fixed(line) for line in facts.certificate],
            "synthetic": self.voice.study.synthetic,
        }

    def works(self) -> list[Markup]:
        return [
            Markup('<li id="reference-{}"><cite>{}</cite></li>').format(i, work)
            for i, work in enumerate(works.formatted(self.references.works), 1)
        ]


def _fixed(text: str) -> Markup:
    """Text in which digits are names: hashes, versions, file names."""
    return Markup("<cite>{}</cite>").format(escape(text))
