"""What of the results a report shows: Methods describes the methods behind it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import unescape

from report.patterns import PAIRS, parse
from report.voice import Voice
from stats.groups import ARMS
from stats.study.types import Exhibit

DATA = re.compile(r'<data\b[^>]*\bvalue="([^"]*)"')
ANY = "*"  # whatever there is at an address
SPREAD = ("n", "median", "q1", "q3", "q05", "q95")
# by kind of figure and the option that can leave them out ("" for none can): the variables whose numbers it draws or prints,
# where "effect" is a ratio on a logarithmic scale and else a shift; and the statistics of them
FIGURES: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "survival-curve": {"": ("curve|at_risk", (ANY,)), "key": ("median|hazard|logrank", (ANY,))},
    "incidence-curve": {
        "": ("incidence_curve|at_risk", (ANY,)),
        "competing": ("competing_curve", (ANY,)),
        "key": ("incidence|subhazard|gray", (ANY,)),
    },
    "course": {"": ("course", SPREAD)},
    "dots": {"": ("peak|tmax", SPREAD), "compare": (r"peak\.effect|tmax\.shift|(?:peak|tmax)\.test", (ANY,))},
    "grades": {"": ("[^.]+", ("n", "p")), "tests": (r"[^.]+\.test", (ANY,))},
    "flow": {},
}
ESTIMATES = ("hazard", "adjusted", "subhazard", "odds_ratio", "risk_ratio", "difference")  # of a forest: the first there are


class Told:
    """Statistics by address, as the texts of a report quote them and its figures show them.

    texts: HTML in which every number stands in a data element. figures: the exhibits that are drawn.
    """

    def __init__(self, voice: Voice, texts: Iterable[str], figures: Iterable[Exhibit] = ()):
        self.voice = voice
        self.stats: dict[str, set[str]] = {}
        quoted = {unescape(address) for text in texts for address in DATA.findall(str(text))}
        for address in quoted:
            for pattern in voice.style.filled.get(address, ()):
                named = {name for _, name, _ in parse(pattern) if name}
                self.stats.setdefault(address, set()).update(named, *(PAIRS[name] for name in named & set(PAIRS)))
        for exhibit in figures:
            self._drawn(exhibit)

    @classmethod
    def everything(cls, voice: Voice) -> Told:
        """All there is, for who speaks of a study without a report at hand."""
        told = cls(voice, ())
        told.stats = {cell.address: {ANY} for cell in voice.results}
        return told

    def _drawn(self, exhibit: Exhibit) -> None:
        for analysis in exhibit.of:
            parts = self._parts(exhibit, analysis)
            for cell in self.voice.results.select(analysis):
                for variables, stats in parts:
                    if re.fullmatch(variables, cell.variable) and _asked(exhibit, cell.variable):
                        self.stats.setdefault(cell.address, set()).update(stats)

    def _parts(self, exhibit: Exhibit, analysis: str) -> list[tuple[str, tuple[str, ...]]]:
        """(variables, statistics of them) that a figure shows of an analysis; of a kind not known here all."""
        if exhibit.kind == "forest":
            there = {cell.variable.rpartition(".")[2] for name in exhibit.of for cell in self.voice.results.select(name)}
            first = next((name for name in ESTIMATES if name in there), "")
            return [(rf"(?:.+\.)?{exhibit.options.get('statistic') or first}", (ANY,))]
        if exhibit.kind not in FIGURES:
            return [(".*", (ANY,))]
        analyte = self.voice.study.analyses[analysis].options.get("analyte")
        log = analyte is not None and self.voice.names.analyte(str(analyte)).scale == "log"
        return [
            (variables.replace("effect", "ratio" if log else "shift"), stats)
            for option, (variables, stats) in FIGURES[exhibit.kind].items() if exhibit.options.get(option, True)
        ]

    @cached_property
    def methods(self) -> dict[str, str]:
        """Keys of the methods behind what is told, in the order of the results, with the analysis that has each first."""
        found: dict[str, str] = {}
        for row in self.voice.results.rows:
            if row.method and self.tells(row.address, row.stat):
                found.setdefault(row.method, row.analysis)
        return found

    @cached_property
    def analyses(self) -> set[str]:
        return {address.partition("/")[0] for address in self.stats}

    @cached_property
    def _variables(self) -> set[tuple[str, str]]:
        """(kind of analysis, part of a variable's name): ('kinetics', 'auc'), ('adverse-events', 'onset')."""
        cells = (self.voice.results[address] for address in self.stats if address in self.voice.results)
        return {(self.voice.names.kind(cell.analysis), part) for cell in cells if cell.analysis in self.voice.study.analyses
                for part in cell.variable.split(".")}

    def shows(self, kind: str, *parts: str) -> bool:
        """Whether anything is told of a kind of analysis whose variable has one of these parts in its name."""
        return any((kind, part) in self._variables for part in parts)

    @cached_property
    def compares(self) -> bool:
        """Whether groups are tested in what is told, or were too small for it."""
        return any("p_value" in cell and (":" in cell.group or cell.group == ARMS)
                   for name in self.analyses for cell in self.voice.results.select(name))

    def tells(self, address: str, *stats: str) -> bool:
        """Whether any of these statistics is told at an address."""
        return not self.stats.get(address, set()).isdisjoint({*stats, ANY})

    def any(self, *stats: str) -> bool:
        """Whether any of these statistics is told anywhere, of an analysis."""
        return any(stat in cell and self.tells(cell.address, stat) for cell in self.voice.results
                   if cell.analysis in self.voice.study.analyses for stat in stats)


def _asked(exhibit: Exhibit, variable: str) -> bool:
    """Whether a figure of some measures or terms shows this variable."""
    wanted = exhibit.options.get("measures") or exhibit.options.get("terms")
    return not wanted or variable.partition(".")[0] in wanted
