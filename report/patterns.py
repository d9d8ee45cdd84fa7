"""Filling a pattern with one cell's statistics.

Fields: any statistic of the cell; `{p_value}` (".03") or `{p_value:eq}` ("P = .03"); the pairs `{interval}` `{range}`
`{quartiles}`; the words `{level}` `{ci_sep}` `{unit}` `{points}` `{at}` ("12 months") or `{at:bare}` ("12"); and texts
passed by keyword.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

from markupsafe import Markup, escape

from report import italics, printing, withheld
from report.measure import Measure, of_statistic
from report.names import Names
from report.rounding import exact, half_up, trimmed
from report.rules import Rules
from stats.findings import nearest
from stats.results import AGED, Cell, limit_of

PAIRS = {"interval": ("lower", "upper"), "range": ("min", "max"), "quartiles": ("q1", "q3")}
WORDS = ("level", "ci_sep", "unit", "points", "at")
NO_STATISTICS = {*WORDS, *PAIRS}
TIME_UNITS = ("days", "weeks", "months", "years")
OR_MORE = "≥\N{NO-BREAK SPACE}"
SPACES = " \u00a0"
BRACKETS = str.maketrans("()", "[]")  # inside parentheses


class PatternError(ValueError):
    """A pattern that doesn't exist, or asks a cell for what it hasn't."""


class Filling:
    """One cell about to be printed: `place` is "sentence", "aside" or "table", `markup` whether it goes into HTML, `drawn`
    whether into a figure, where italics are marked.

    `denominator` counts the patients behind a percentage whose cell has no N of its own.
    """

    def __init__(self, rules: Rules, names: Names, cell: Cell, place: str, denominator: float, markup: bool,
                 drawn: bool = False):
        self.rules, self.names, self.cell = rules, names, cell
        self.table, self.aside = place == "table", place == "aside"
        self.denominator, self.markup, self.drawn = denominator, markup, drawn
        self.measure = names.measure(cell)
        self.printed: list[str] = []  # numbers so far: a single 1 has its unit in the singular
        self.worded = False  # the last number printed as a word: it takes neither percent sign nor unit
        self.owed = False  # a word has taken the place of a number and its unit: the limits need the unit themselves

    def fill(self, pattern: str, extra: Mapping[str, str]) -> str:
        """The text of a literal pattern. Raises PatternError naming what the cell has."""
        parts = parse(pattern)
        lead = next((name for _, name, _ in parts if name and name not in NO_STATISTICS and name not in extra), None)
        if lead in self.cell and math.isnan(self.cell[str(lead)]):
            # "NE (95% CI, NE)" says no more than "NE"
            form = next(form for _, name, form in parts if name == lead)
            return self._p(form) if lead == "p_value" else self.missing(math.nan)
        out: list[str] = []
        for literal, name, form in parts:
            out.append(_between(literal, self.worded, self.aside, self.markup, self.rules.numbers.percent_sign))
            if name == "unit" and self.measure.unit in ("%", ""):
                out[-1] = out[-1].rstrip(SPACES)  # the sign stands at its number, unlike every other unit
            if name in ("unit", "points") and self.worded:
                out[-1] = out[-1].rstrip(SPACES)
                self.owed = True
            elif name is not None:
                out.append(self._field(name, form, extra))
        return "".join(out)

    def escape(self, text: str) -> str:
        if self.markup:
            return str(escape(text))
        return text.striptags() if isinstance(text, Markup) else text

    def _field(self, name: str, form: str, extra: Mapping[str, str]) -> str:
        if name in extra:
            if not isinstance(extra[name], str):
                raise PatternError(f"{self.cell.address}: {name} is passed as {extra[name]!r}; "
                                   f"only text is passed, numbers are results")
            self.worded = False
            return self.escape(extra[name])
        if name in WORDS:
            self.worded = False
            return self.escape(self._word(name, form))
        if name in PAIRS:
            return self.escape(self._pair(name))
        if name not in self.cell:
            raise PatternError(_lacks(self.cell, name, extra))
        self.worded = not math.isfinite(self.cell[name])
        if name == "p_value":
            return self._p(form)
        if name == "error":
            return self.escape(printing.error(self.cell[name], self.rules.p, self.rules.numbers))
        text = self.number(name)
        self.printed.append(text.removeprefix(self.rules.numbers.minus))
        return self.escape(text)

    def number(self, stat: str) -> str:
        """A statistic by its measure; words where it isn't finite."""
        value = self.cell[stat]
        if not math.isfinite(value):
            return self.missing(value)
        beyond = limit_of(self.cell.notes[stat])
        if beyond is not None:  # as the limit is declared: rounded it would say too little or too much
            return beyond[0] + declared(beyond[1], self.rules)
        text = printing.statistic(self.cell, stat, self.measure, self.rules.numbers, self.denominator)
        return OR_MORE + text if self.cell.notes[stat].startswith(AGED) else text

    def missing(self, value: float) -> str:
        """Not estimable; not reached, of a time; without bound, of anything else."""
        words = self.rules.words
        if math.isnan(value) and self.cell.withheld:
            return withheld.SIGN if self.table else withheld.WORD
        if math.isnan(value):
            return words.not_estimable_short if self.table else words.not_estimable
        if self.measure.unit in TIME_UNITS and self.measure.kind in ("time", "number"):
            return words.not_reached_short if self.table else words.not_reached
        return (self.rules.numbers.minus if value < 0 else "") + self.rules.numbers.infinite

    def _pair(self, name: str) -> str:
        """Two limits together: a minus before either, or a word, joins them by "to" and not by a dash."""
        stats = PAIRS[name]
        if not all(stat in self.cell for stat in stats):
            raise PatternError(f"{_lacks(self.cell, name, {})}; {{{name}}} needs {' and '.join(stats)}")
        values = [self.cell[stat] for stat in stats]
        texts = [self.number(stat) for stat in stats]
        if any(map(math.isnan, values)) and not any(map(math.isfinite, values)):
            values, texts = [math.nan] * 2, [self.missing(math.nan)] * 2  # half unknown, half unbounded tells nothing
        self.worded = all(math.isnan(value) for value in values)
        if self.worded or (texts[0] == texts[1] and not any(math.isfinite(value) for value in values)):
            return texts[0]  # "not reached", once
        numbers, rule = self.rules.numbers, self.rules.interval
        # a dash beside a minus, or beside the dash of what is kept back, is not read as joining two limits
        apart = any(text.startswith((numbers.minus, OR_MORE, "<", ">", withheld.SIGN)) or text[-1].isalpha() for text in texts)
        if of_statistic(stats[0], self.measure) == "share" and not self.table:
            marked = {"each": (0, 1), "last": (1,), "none": ()}[rule.percent]
            texts = [text + numbers.percent_sign if i in marked and math.isfinite(values[i]) else text
                     for i, text in enumerate(texts)]
        if self.owed and apart:
            texts = [f"{text}\u00a0{_unit(self.measure, text == '1')}" if math.isfinite(value) else text
                     for text, value in zip(texts, values, strict=True)]
        return (rule.apart if apart else rule.dash).join(texts)

    def _p(self, form: str) -> str:
        value, rule, numbers = self.cell["p_value"], self.rules.p, self.rules.numbers
        if form not in ("", "eq"):
            raise PatternError(f"{self.cell.address}: {{p_value:{form}}} is unknown; "
                               f"there are {{p_value}} and {{p_value:eq}}")
        symbol = self.escape(rule.symbol)
        if self.markup and rule.italic:
            symbol = f"<i>{symbol}</i>"
        if self.drawn and rule.italic:
            symbol = italics.marked(symbol)
        if math.isnan(value):
            return (f"{symbol} " if form else "") + self.escape(self.missing(value))
        if self.measure.kind == "declared":
            return self.escape(printing.probability(value, rule, numbers))
        relation, text = printing.p_value(value, rule, numbers, self.names.study.alpha)
        if form:
            return symbol + self.escape({"=": rule.equals, "<": rule.less, ">": rule.more}[relation] + text)
        return self.escape({"=": "", "<": rule.bare_less, ">": rule.bare_more}[relation] + text)

    def _word(self, name: str, form: str) -> str:
        if name == "level":
            return declared(self.names.declared(self.cell.analysis, "confidence") * 100, self.rules)
        if name == "ci_sep":
            return self.rules.interval.after_label
        if name == "points":
            return "percentage point" if self.printed == ["1"] else "percentage points"
        if name == "unit":
            return _unit(self.measure, self.printed == ["1"])
        if self.cell.at is None:
            raise PatternError(f"{self.cell.address} has no time, and {{at}} asks for it")
        if form == "bare":
            return declared(self.cell.at, self.rules)
        unit = Measure("time", unit=self.names.time_unit(self.cell))
        return f"{declared(self.cell.at, self.rules)}\u00a0{_unit(unit, self.cell.at == 1)}"


def declared(value: float, rules: Rules) -> str:
    """A number that the study file states, or an axis shows: as few decimals as it has, in the journal's signs."""
    number = exact(value)
    digits = trimmed(number, printing.SHARP)
    return printing.sign(half_up(number, digits), digits, rules.numbers)


@lru_cache(maxsize=1024)
def parse(pattern: str) -> tuple[tuple[str, str | None, str], ...]:
    """(literal before, field, form) in order."""
    try:
        return tuple((literal, name, form or "") for literal, name, form, _ in Formatter().parse(pattern))
    except ValueError as error:
        raise PatternError(f"the pattern {pattern!r} can't be read: {error}") from None


@lru_cache(maxsize=4096)
def _between(literal: str, worded: bool, aside: bool, markup: bool, percent_sign: str) -> str:
    """What stands between two fields, as it is written behind a word or a number, and inside parentheses."""
    text = literal.removeprefix("%") if worded else literal
    text = (text.translate(BRACKETS) if aside else text).replace("%", percent_sign)
    return str(escape(text)) if markup else text


def _unit(measure: Measure, single: bool) -> str:
    return measure.unit.removesuffix("s") if single and measure.unit in TIME_UNITS else measure.unit


def _lacks(cell: Cell, name: str, extra: Mapping[str, str]) -> str:
    known = [*cell.stats, *extra]
    return f"{cell.address} has no {name!r}{nearest(name, known)}; it has {', '.join(known)}"
