"""How numbers look in a journal: the only way from a result to a page.

`style.show(cell, pattern)` fills a pattern with the cell's statistics and wraps the text in its address, so that a
sentence and a table cell alike become `<data value="os/survival~12@R">80%</data>`. A pattern is a name in the style
file or a literal with fields:

    {p} {n} {median} …   any statistic of the cell, printed as what it measures
    {p_value} {p_value:eq}   ".03" under a heading, "P = .03" in a sentence
    {interval} {range} {quartiles}   lower–upper, min–max, q1–q3, joined by the journal's dash, or "to" next to a minus
    {level} {ci_sep}   the study's confidence in percent, and what stands between "CI" and its limits
    {unit} {points}   the unit ("months"), "percentage points"
    {at} {at:bare}   the cell's own time: "12 months", "12"
    anything passed by keyword   text, as it is

A statistic that isn't there is an error; one that can't be estimated prints as words ("not reached"; "NR" in tables).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup, escape

from report import italics
from report.names import Names
from report.patterns import Filling, PatternError, declared
from report.rules import Rules, StyleError, read
from report.rules import names as styles
from stats.findings import nearest
from stats.groups import ALL, ARMS
from stats.results import STUDY, Cell, Results

__all__ = ["PatternError", "Style", "StyleError", "load", "styles"]


@dataclass(frozen=True)
class Style:
    """A journal's rules applied to a study's names. `place` is "sentence", "aside" or "table": see the properties."""

    rules: Rules
    names: Names
    sizes: Mapping[str, float] = field(default_factory=dict)  # patients by group
    place: str = "sentence"
    filled: dict[str, set[str]] = field(default_factory=dict, compare=False, repr=False)  # patterns by address, so far
    audited: dict[Results, Any] = field(default_factory=dict, compare=False, repr=False)  # kept by report.claims

    def show(self, cell: Cell, pattern: str, **extra: str) -> Markup:
        """The pattern filled and wrapped in the cell's address. Texts passed by keyword are escaped unless Markup."""
        pattern = self.pattern(pattern)
        body = self._filling(cell, markup=True).fill(pattern, extra)
        self.filled.setdefault(cell.address, set()).add(pattern)
        # the body is escaped piece by piece where it is made
        return Markup(f'<data value="{escape(cell.address)}">{body}</data>')

    def text(self, cell: Cell, pattern: str, **extra: str) -> str:
        """The same, plain: for figures, alternative texts and files."""
        return self._filling(cell, markup=False).fill(self.pattern(pattern), extra)

    def drawn(self, cell: Cell, pattern: str) -> str:
        """The same for the texts of a figure, in which letters that are italic are marked (report/italics.py)."""
        return self._filling(cell, markup=False, drawn=True).fill(self.pattern(pattern), {})

    @property
    def p_drawn(self) -> str:
        """The letter for a P value in a figure and its legend."""
        return italics.marked(self.rules.p.symbol) if self.rules.p.italic else self.rules.p.symbol

    def p(self, cell: Cell) -> Markup:
        """'P = .03', for a sentence."""
        return self.show(cell, "{p_value:eq}")

    def p_bare(self, cell: Cell) -> Markup:
        """'.03', for a column headed P."""
        return self.show(cell, "{p_value}")

    def reason(self, cell: Cell) -> str:
        """Why something in the cell is not estimable, in words for a footnote; '' when everything is."""
        missing = (stat for stat, value in cell.stats.items() if math.isnan(value))
        return next((cell.notes[stat] for stat in missing if cell.notes[stat]), "")

    def tick(self, value: float) -> str:
        """A number on an axis: as few decimals as it needs, in the journal's signs."""
        return declared(value, self.rules)

    @property
    def level(self) -> str:
        """The study's confidence in percent: '95'."""
        return declared(self.names.study.confidence * 100, self.rules)

    def panel(self, index: int) -> str:
        """The letter of a panel: 'A', '(A)', 'a' or '(a)' for 0."""
        form = str(self.figure["panels"])
        letter = chr(ord("A") + index)
        return form.replace("A", letter) if "A" in form else form.replace("a", letter.lower())

    def pattern(self, name: str) -> str:
        """A pattern by name, or a literal (it has a field) as it is. Raises PatternError naming the nearest."""
        if "{" in name:
            return name
        if self.place == "table" and name in self.rules.cells:
            return self.rules.cells[name]
        if name not in self.rules.patterns:
            raise PatternError(f"style {self.name} has no pattern {name!r}{nearest(name, self.rules.patterns)}; "
                               f"a literal pattern has a field in braces")
        return self.rules.patterns[name]

    @property
    def in_table(self) -> Style:
        """The same style for table cells: short words and the patterns of [cells]."""
        return self if self.place == "table" else replace(self, place="table")

    @property
    def in_sentence(self) -> Style:
        return self if self.place == "sentence" else replace(self, place="sentence")

    @property
    def aside(self) -> Style:
        """The same style for what stands in parentheses already: its own become brackets, "(9/10 [90%] vs …)"."""
        return self if self.place == "aside" else replace(self, place="aside")

    @property
    def name(self) -> str:
        return self.rules.name

    @property
    def title(self) -> str:
        """The journal's name."""
        return self.rules.title

    @property
    def p_symbol(self) -> Markup:
        """The letter over a column of P values."""
        symbol = Markup.escape(self.rules.p.symbol)
        return Markup("<i>{}</i>").format(symbol) if self.rules.p.italic else symbol

    @property
    def figure(self) -> Mapping[str, Any]:
        """Widths, type sizes, fonts, colours, dashes, markers … of figures."""
        return self.rules.figure

    @property
    def table(self) -> Mapping[str, Any]:
        """What tables hold: balance (smd, p or both), a total column, footnote marks."""
        return self.rules.table

    @property
    def limits(self) -> Mapping[str, Any]:
        """Words of the abstract, characters of the title, exhibits and the like; 0 where the journal sets none."""
        return self.rules.limits

    def _filling(self, cell: Cell, markup: bool, drawn: bool = False) -> Filling:
        return Filling(self.rules, self.names, cell, self.place, self._denominator(cell), markup, drawn)

    def _denominator(self, cell: Cell) -> float:
        """Patients behind a percentage whose cell has no N: the smallest group in it, else those still at risk."""
        if cell.get("N") > 0:
            return 0  # nobody asks
        parts = [group for group in self.sizes if group != ALL] if cell.group == ARMS else cell.group.split(":")
        known = [self.sizes[part] for part in parts if part in self.sizes]
        if known and len(known) == len(parts):
            return min(known)
        at_risk = cell.get("at_risk")
        return 0 if math.isnan(at_risk) else at_risk


def load(name: str, names: Names, results: Results | None = None) -> Style:
    """The style `templates/styles/<name>.toml` for a study; with its results, percentages know how large each arm is.

    Raises StyleError for an unknown style, naming the nearest, and for a style file that says something unknown.
    """
    sizes = {c.group: c["n"] for c in results.select(STUDY, "subjects")} if results is not None else {}
    return Style(read(name), names, sizes)
