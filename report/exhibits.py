"""Tables and figures of a report: which there are, in what order, how they are numbered, and their making.

The file name is the registration: a kind is a file in report/tables or report/figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache as once
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from report import drawings, italics, places, withheld
from report.drawings import Drawn
from report.kinds import is_table, known, module, options
from report.style import Style
from report.table import Table
from report.titles import TITLES, proportions, title
from stats.cache import Cache
from stats.results import Results
from stats.study.types import Analysis, Exhibit, Section, Study

if TYPE_CHECKING:
    from report.drawer import Drawer

# what an analysis is shown as when the study file declares no exhibit for it
DEFAULTS = {
    "characteristics": ("characteristics",),
    "proportion": ("proportion",),
    "survival": ("survival-curve", "survival"),
    "incidence": ("incidence-curve", "incidence"),
    "adverse-events": ("grades", "adverse-events"),
    "kinetics": ("course", "dots", "kinetics"),
    "hazards": ("hazards",),
    "sensitivity": ("sensitivity",),
}
# sections of a study that declares none: title and the kinds of analyses it holds
SECTIONS = (
    ("patients", "Patients", ("flow", "characteristics", "followup")),
    ("response", "Response", ("proportion",)),
    ("survival", "Survival", ("survival", "incidence", "hazards", "sensitivity")),
    ("kinetics", "Kinetics", ("kinetics",)),
    ("toxicity", "Adverse events", ("adverse-events",)),
)


LEDGER = Exhibit("ledger-table", "ledger", title=TITLES["ledger"])
CLAIMS = Exhibit("claims-table", "claims", title=TITLES["claims"])


@dataclass(frozen=True)
class Shown:
    """An exhibit in its place: 'Table 1', its anchor, and what it shows: a table or a figure, made when it is first looked at.

    A figure without files is left out for the patients' sake, and its legend says so.
    """

    exhibit: Exhibit
    number: int
    tabled: Callable[[], Table] | None = field(default=None, compare=False)
    figure: Callable[[], Drawn] = field(default=lambda: Drawn({}), compare=False)
    supplement: bool = False  # counted by itself: "Table S1"

    @property
    def table(self) -> Table | None:
        return self.tabled() if self.tabled else None

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.figure().files

    @property
    def legend(self) -> tuple[Markup, ...]:
        return tuple(map(italics.html, self.figure().legend))

    @property
    def width(self) -> str:
        return self.figure().width

    @property
    def is_table(self) -> bool:
        return is_table(self.exhibit.kind)

    @property
    def name(self) -> str:
        return f"{'Table' if self.is_table else 'Figure'} {'S' if self.supplement else ''}{self.number}"

    @property
    def anchor(self) -> str:
        return f"{'table' if self.is_table else 'figure'}-{self.exhibit.name}"

    @property
    def file(self) -> str:
        """Stem of the files: 'table-1-baseline'."""
        return f"{self.name.lower().replace(' ', '-')}-{self.exhibit.name}"


@dataclass(frozen=True)
class Plan:
    """Sections with their exhibits and analyses settled, and every exhibit by name in order of appearance."""

    sections: tuple[Section, ...]
    exhibits: Mapping[str, Exhibit]


def plan(study: Study) -> Plan:
    """The study's own sections and exhibits; what it doesn't declare is filled in from the kinds of its analyses."""
    exhibits = {
        e.name: e if e.title else replace(e, title=title(study, e.kind, e.of, e.options)) for e in study.exhibits.values()
    }
    if study.sections:
        sections = list(study.sections)
    else:
        shown = {name for exhibit in exhibits.values() for name in exhibit.of}
        for analysis in study.analyses.values():
            if analysis.name not in shown:
                exhibits |= {e.name: e for e in _defaults(study, analysis) if e.name not in exhibits}
        if study.claims and all(exhibit.kind != CLAIMS.kind for exhibit in exhibits.values()):
            exhibits.setdefault(CLAIMS.name, CLAIMS)
        if _tests(study):
            exhibits.setdefault(LEDGER.name, LEDGER)
        sections = _sections(study, exhibits)
    settled = tuple(_cited_in_order(_with_analyses(section, exhibits), exhibits, study) for section in sections)
    order = [name for section in settled for name in section.exhibits]
    return Plan(settled, {name: exhibits[name] for name in order})


def _tests(study: Study) -> bool:
    """Whether anything is compared: a study of one arm has no P values, unless it groups by a column or fits a model."""
    return len(study.arms) > 1 or any("by" in a.options or a.kind == "hazards" for a in study.analyses.values())


def _defaults(study: Study, analysis: Analysis) -> list[Exhibit]:
    name = analysis.name
    return [
        Exhibit(f"{name}-{'table' if is_table(kind) else kind}", kind, (name,), title(study, kind, (name,), {}))
        for kind in DEFAULTS.get(analysis.kind, ())
        if known(kind)
    ]


def _sections(study: Study, exhibits: Mapping[str, Exhibit]) -> list[Section]:
    """Sections of a study that declares none: only those with something to say."""
    sections = [Section("abstract", "Summary of results")] if study.claims or study.analyses else []
    sections.append(Section("methods", "Methods"))
    for key, usual, kinds in SECTIONS:
        mine = [a.name for kind in kinds for a in study.analyses.values() if a.kind == kind]
        called = proportions(study, [study.analyses[name] for name in mine]) if key == "response" else usual
        shown = [e.name for e in exhibits.values() if set(e.of) & set(mine)]
        if mine:
            sections.append(Section(key, called, tuple(shown), tuple(mine)))
    placed = {name for section in sections for name in section.exhibits}
    rest = tuple(name for name, e in exhibits.items() if name not in placed and e.kind != LEDGER.kind)
    if study.claims:
        claims = tuple(e.name for e in exhibits.values() if e.kind == CLAIMS.kind)
        rest = tuple(name for name in rest if name not in claims)
        sections.append(Section("claims", "Statements of the abstract", claims))
    if rest:
        sections.append(Section("further", "Further results", rest))
    choices = tuple(e.name for e in exhibits.values() if e.kind == LEDGER.kind)
    return [
        *sections,
        Section("limitations", "Limitations"),
        *([Section("choices", "Supplement: choice of tests", choices)] if choices else []),
        Section("reproducibility", "Reproducibility"),
    ]


def _with_analyses(section: Section, exhibits: Mapping[str, Exhibit]) -> Section:
    """A section speaks of the analyses it names, then of those its exhibits show."""
    named = dict.fromkeys([*section.analyses, *(a for name in section.exhibits for a in exhibits[name].of)])
    return Section(section.id, section.title, section.exhibits, tuple(named), section.template, section.level)


def _cited_in_order(section: Section, exhibits: Mapping[str, Exhibit], study: Study) -> Section:
    """Numbers follow the text; a template of the study's own has placed its exhibits itself."""
    if (study.folder / "sections" / f"{section.template or section.id}.html.j2").is_file():
        return section
    return replace(section, exhibits=places.in_order(section, exhibits))


def make(
    plan: Plan,
    results: Results,
    style: Style,
    *,
    banner: str = "",
    formats: tuple[str, ...] = ("svg", "png"),
    cache: Cache | None = None,
    drawer: Drawer | None = None,
) -> dict[str, Shown]:
    """Every exhibit of the plan, numbered in order of appearance; each is made when it is looked at, figures only if they
    aren't in the cache, their pictures by the drawer, if there is one.
    """
    made: dict[str, Shown] = {}
    count = {True: 0, False: 0}
    for exhibit in plan.exhibits.values():
        count[is_table(exhibit.kind)] += 1
        number = count[is_table(exhibit.kind)]
        if is_table(exhibit.kind):
            made[exhibit.name] = Shown(exhibit, number, once(partial(_table, exhibit, results, style)))
        else:
            figure = partial(_figure, exhibit, results, style, banner, formats, cache or Cache(None), drawer)
            made[exhibit.name] = Shown(exhibit, number, figure=once(figure))
    return made


def _table(exhibit: Exhibit, results: Results, style: Style) -> Table:
    table = module(exhibit.kind).build(results, style.in_table, **options(exhibit))
    return withheld.noted(style.names.study, results, table)


def _figure(
    exhibit: Exhibit,
    results: Results,
    style: Style,
    banner: str,
    formats: tuple[str, ...],
    cache: Cache,
    drawer: Drawer | None,
) -> Drawn:
    study = style.names.study
    missing = withheld.left_out(study, results, exhibit)
    if not missing and hasattr(module(exhibit.kind), "nothing"):
        missing = module(exhibit.kind).nothing(results, style, **options(exhibit))
    if missing:
        return Drawn({}, legend=(missing,))
    own, reduced = results.of(exhibit.of), drawings.reduced(style, exhibit)
    key = drawings.key(exhibit, own, reduced, banner, cache)
    held = drawings.held(cache, exhibit, key, formats)
    if held is not None:
        return held
    from report.drawer import Pictured, draw

    picture = drawer.draws(exhibit.name, own) if drawer is not None and "png" in formats else None
    one = draw(exhibit, own, reduced, banner, formats)
    return replace(one, key=key, files=Pictured(one.files, picture) if picture else one.files)


def have_drawn(shown: Mapping[str, Shown]) -> None:
    """Draw every figure that isn't drawn yet, so that the drawer makes pictures of them while the text is written."""
    for one in shown.values():
        if not one.is_table:
            one.figure()


def keep(cache: Cache, shown: Mapping[str, Shown]) -> None:
    """Keep the figures that were drawn for the next build."""
    for one in shown.values():
        if not one.is_table:
            drawings.keep(cache, one.figure())
