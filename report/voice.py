"""Who speaks: a study's results in a journal's style. The parts every sentence is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup, escape

from report.measure import SMALL
from report.names import Names
from report.population import as_group, named, part
from report.stripped import stripped
from report.style import Style
from report.words import Comparison, Side, in_words, listed, lower_first
from stats.groups import ALL, ARMS
from stats.results import SETTINGS, Cell, Results
from stats.study.types import Study

SHORT = 20  # characters up to which a number is never broken over two lines


def called_by_key(arm: str) -> bool:
    """Whether an arm's key is a name for sentences ("the R group"): one or two capital letters."""
    return len(arm) <= 2 and arm.isalpha() and arm.isupper()


def by_keys(arms: Mapping[str, str]) -> bool:
    """Whether sentences call the arms by their keys: all of them can be, and none is called so by its label."""
    return all(called_by_key(key) and key not in label.split() for key, label in arms.items())


def kept_together(number: Markup) -> Markup:
    """A number in its data element; a short one is marked, so that no line breaks inside it."""
    if len(stripped(number)) > SHORT:
        return number
    return Markup(str(number).replace("<data ", '<data class="kept" ', 1))  # it was Markup


@dataclass(frozen=True)
class Voice:
    """What sentences are made from: a study, its results and how a journal prints them."""

    study: Study
    results: Results
    style: Style

    @cached_property
    def names(self) -> Names:
        return self.style.names

    @cached_property
    def comparisons(self) -> dict[str, Comparison | None]:
        """Comparisons made so far, by address: abstract, audit and sections speak of the same ones."""
        return {}

    def cell(self, address: str) -> Cell:
        return self.results[address]

    def says(self, address: str) -> bool:
        """Whether there is such a result, and it may be told."""
        return address in self.results and not self.cell(address).withheld

    def printed(self, address: str) -> str:
        """The address that is printed for one of a restricted mean: that with limits for small groups, where there is one."""
        stem, at, rest = address.partition("~")
        small = f"{stem}.{SMALL}{at}{rest}"
        return small if small in self.results else address

    def show(self, cell: Cell | str, pattern: str) -> Markup:
        """A number in its data element; `cell` may be an address."""
        return kept_together(self.style.show(self.results[cell] if isinstance(cell, str) else cell, pattern))

    def aside(self, cell: Cell | str, pattern: str) -> Markup:
        """A number inside parentheses: its own become brackets."""
        return kept_together(self.style.aside.show(self.results[cell] if isinstance(cell, str) else cell, pattern))

    def label(self, text: str) -> Markup:
        """Words of the study file inside a sentence."""
        return Markup('<span class="label">{}</span>').format(lower_first(text))

    def title(self, text: str) -> Markup:
        """Words of the study file as they stand."""
        return Markup('<span class="label">{}</span>').format(text)

    # ---- groups

    def by(self, analysis: str) -> str:
        return str(self.study.analyses[analysis].options.get("by", "arm"))

    def keys(self, analysis: str) -> tuple[str, ...]:
        """The groups of an analysis in order, without `all`."""
        by = self.by(analysis)
        if by == "arm":
            return tuple(self.study.arms)
        return tuple(key for key in self.names.levels(by) if f"{analysis}/population@{key}" in self.results)

    def pairs(self, analysis: str) -> tuple[tuple[str, str], ...]:
        keys = self.keys(analysis)
        wanted = str(self.study.analyses[analysis].options.get("reference", self.study.reference))
        reference = wanted if wanted in keys else next(iter(keys), "")
        return tuple((key, reference) for key in keys if key != reference)

    def group(self, analysis: str, key: str) -> Markup:
        """'the R group': a short arm key, or the label where the key is no name a reader knows."""
        if key == ALL:
            people = part(self.study, analysis)
            return self.label(named(people)) if people else Markup("all patients")
        by = self.by(analysis)
        label = self.names.group(key, by)
        if by != "arm" and not self.names.name_themselves(by):
            return Markup('the subgroup with <span class="label">{}</span>').format(lower_first(label))
        name = key if by == "arm" and by_keys(self.study.arms) else label
        return as_group(name)

    def named(self, analysis: str, key: str) -> Markup:
        """'R', or the label: what a group is called in a table's heads, and in sentences by more words than that."""
        by = self.by(analysis)
        return self.title(key if by == "arm" and by_keys(self.study.arms) else self.names.group(key, by))

    def versus(self, analysis: str, pair: str) -> Markup:
        """'R vs D': a contrast, of which there are several."""
        return Markup("{} vs {}").format(*(self.named(analysis, key) for key in pair.split(":")))

    def arm(self, key: str) -> Markup:
        """'the R group', where no analysis is spoken of."""
        return as_group(key if by_keys(self.study.arms) else self.names.arm(key))

    def where(self, analysis: str, key: str) -> Markup:
        """'in the R group'; nothing about everybody where there is nobody else to be told from."""
        if key == ALL and len(self.keys(analysis)) == 1 and not part(self.study, analysis):
            return Markup()
        return Markup("in {}").format(self.group(analysis, key))

    def side(self, cell: Cell, value: Markup) -> Side:
        return Side(self.where(cell.analysis, cell.group), value)

    # ---- pieces

    def p(self, cell: Cell | str) -> Markup:
        """'P = .03', or nothing where no P value could be computed."""
        found = self.results[cell] if isinstance(cell, str) else cell
        if math.isnan(found.get("p_value")):
            return Markup()
        return kept_together(self.style.p(found))

    def why(self, *cells: Cell) -> Markup:
        """The first reason noted among the cells."""
        return escape(next((cell.note for cell in cells if cell.note), ""))

    def compared(
        self,
        subject: Markup,
        scale: str,
        sides: tuple[Side, Side],
        *,
        effect: Cell | None = None,
        effect_name: str | Markup = "",
        null: float = 0.0,
        sign: int = 1,
        test: Cell | None = None,
        test_name: str = "",
        decide: bool = True,
        lean: float = math.nan,
        plural: bool = False,
        safe_from: int = 0,
        caution: str = "",
        neutral: Markup = Markup(),
    ) -> Comparison:
        """A comparison out of its cells. With `decide` False the effect is shown but the test alone decides.

        `safe_from` patients in each group are needed for the interval to be taken at its word; in no case does a group
        that is too small to test take a side by its interval alone, nor where there is another `caution`.
        """
        shown, bounded = Markup(), False
        if effect is not None and not math.isnan(effect.get("estimate")):
            bounded = not math.isnan(effect.get("lower")) and not math.isnan(effect.get("upper"))
            shown = Markup("{} {}").format(effect_name, self.effect(effect, bounded))
        chance = self.p(test) if test is not None else Markup()
        if chance and test_name:
            chance = Markup("{} {}").format(test_name, chance)
        return Comparison(
            subject,
            scale,
            *sides,
            alpha=self.study.alpha,
            estimate=effect.get("estimate") if effect is not None and decide else math.nan,
            lower=effect.get("lower") if effect is not None and decide else math.nan,
            upper=effect.get("upper") if effect is not None and decide else math.nan,
            null=null,
            sign=sign,
            lean=lean,
            p=test.get("p_value") if test is not None else math.nan,
            effect=shown,
            chance=chance,
            span=self.show(effect, f"span-{self.form(effect)}") if bounded and effect is not None else Markup(),
            wide=bounded and effect is not None and self.wide(effect, null),
            why=self.why(*(cell for cell in (effect, test) if cell is not None)),
            plural=plural,
            caution=caution or self._caution(effect if effect is not None else test, test, safe_from),
            few=self._few(effect if effect is not None else test),
            neutral=neutral,
            apart=not decide and bounded and effect is not None and not effect["lower"] <= null <= effect["upper"],
            unit=self._unit(effect) if effect is not None else "",
            loose=effect is not None and self.loose(effect.analysis),
            strict=effect is not None and self._doubt(effect.analysis) < self.study.alpha,
        )

    def level(self, *analyses: str) -> Markup:
        """'95%', the confidence of these analyses' intervals; of several, where they differ, each once."""
        own = (f"{name}/{SETTINGS}.confidence@{ALL}" for name in analyses)
        addresses = [one if one in self.results else f"study/confidence@{ALL}" for one in own]
        told = {str(self.results[one]["p"]): self.show(one, "{level}%") for one in addresses}
        return listed(list(told.values()), True)

    def alpha(self, analysis: str) -> Markup:
        """'.05', below which a P value of an analysis counts as significant."""
        own = f"{analysis}/{SETTINGS}.alpha@{ALL}"
        return self.show(own if own in self.results else f"study/alpha@{ALL}", "{p_value}")

    def loose(self, analysis: str = "") -> bool:
        """Whether intervals have less confidence than alpha asks for: one that excludes the null value may not be significant."""
        return self._doubt(analysis) > self.study.alpha

    def _doubt(self, analysis: str) -> float:
        """What an analysis' intervals lack of certainty, as alpha is written: 0.05."""
        return round(1 - self.names.declared(analysis, "confidence"), 9)

    def _caution(self, cell: Cell | None, test: Cell | None, safe_from: int) -> str:
        """Why no side may be taken by a contrast's interval, or ''."""
        if cell is None:
            return ""
        if self._few(cell):
            fewest = self.fewest(cell.analysis)
            whole = min(self.results[f"{cell.analysis}/population@{key}"]["n"] for key in cell.group.split(":"))
            # where there are more, the others lack the value that is compared
            opening, part = ("the comparison rests on", "of") if whole >= fewest else ("there are", "in")
            return f"{opening} fewer than {in_words(fewest)} patients {part} a group"
        if self.loose(cell.analysis) and (test is None or math.isnan(test.get("p_value"))):
            return "the interval has less confidence than the level of significance asks for"
        smallest = min(self.patients(cell, key) for key in cell.group.split(":"))
        return "the interval is too narrow for groups as small as these" if smallest < safe_from else ""

    def fewest(self, analysis: str) -> int:
        """Patients that a group of an analysis needs to be tested."""
        return int(self.names.declared(analysis, "fewest"))

    def _few(self, cell: Cell | None) -> bool:
        """Whether a group of a contrast is too small to be tested."""
        return cell is not None and min(self.patients(cell, key) for key in cell.group.split(":")) < self.fewest(cell.analysis)

    def patients(self, cell: Cell, key: str) -> float:
        """How many of a group are behind a cell: those with a known value where that is counted, else all of the group."""
        base = cell.variable.partition(".")[0]
        level = f"={cell.level}" if cell.level else ""
        for name, stat in ((f"{base}{level}", "N"), (base, "n"), ("events", "N"), ("population", "n")):
            address = f"{cell.analysis}/{name}@{key}"
            if address in self.results and stat in self.results[address]:
                return self.results[address][stat]
        return math.inf

    def form(self, cell: Cell) -> str:
        """How an effect is written: in percentage points, as a ratio, or in its unit."""
        kind = self.names.measure(cell).kind
        return "points" if kind == "points" else "ratio" if kind in ("ratio", "smd") else "unit"

    def _unit(self, effect: Cell) -> str:
        form = self.form(effect)
        return {"points": "percentage points", "ratio": "ratio"}.get(form, self.names.measure(effect).unit)

    def effect(self, cell: Cell, bounded: bool = True) -> Markup:
        """'5 percentage points; 95% CI, −27 to 33', without the interval when not `bounded`."""
        return self.aside(cell, f"effect-{self.form(cell)}{'-ci' if bounded else ''}")

    def count(self, cell: Cell | str, stat: str = "n", noun: str = "patient") -> Markup:
        """'1 patient', '9 patients'."""
        found = self.results[cell] if isinstance(cell, str) else cell
        return Markup("{} {}{}").format(self.show(found, f"{{{stat}}}"), noun, "" if found[stat] == 1 else "s")

    def wide(self, effect: Cell, null: float) -> bool:
        """Whether an interval leaves open what clinicians would care about: ten points of a share, a halving or doubling
        of a ratio, a quarter of the larger group's value of anything else."""
        lower, upper = effect["lower"], effect["upper"]
        kind = self.names.measure(effect).kind
        if null == 1:
            return lower < 0.5 or upper > 2
        if kind == "points":
            return max(abs(lower), abs(upper)) > 0.1
        level = max((abs(value) for value in self._levels(effect)), default=math.inf)
        return max(abs(lower), abs(upper)) > level / 4

    def _levels(self, effect: Cell) -> list[float]:
        """What the groups of a contrast showed, for scale: their medians, means or estimates."""
        base = effect.variable.removesuffix(f".{SMALL}").removesuffix("_difference").rpartition(".")
        at = f"~{effect.address.partition('~')[2].partition('@')[0]}" if effect.at is not None else ""
        found = []
        for group in effect.group.split(":"):
            address = f"{effect.analysis}/{base[0] or base[2]}{at}@{group}"
            if address in self.results:
                cell = self.results[address]
                found += [cell.get(stat) for stat in ("median", "estimate") if not math.isnan(cell.get(stat))]
        return found

    def global_test(self, analysis: str) -> str:
        """The group label a test of the analysis stands under: the contrast of two groups, `arms` of more."""
        pairs = self.pairs(analysis)
        return ":".join(pairs[0]) if len(pairs) == 1 else ARMS

    def exploratory(self, analysis: str) -> bool:
        """Whether comparisons of an analysis are neither the primary ones nor adjusted for their number."""
        return not self.study.adjusts(analysis) and analysis != self.study.primary
