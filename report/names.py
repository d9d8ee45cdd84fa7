"""The study's own words: labels, levels, units and digits by name, and what each address measures.

Nothing is made up: a name the study file doesn't define is an error that names the nearest one it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from report.lasting import names_share
from report.measure import POINTS_LIKE, RATIOS, SHARES, SUFFIXES, TALLIES, TESTS, TIMES, Measure, split
from stats.findings import nearest
from stats.groups import ALL, ARMS, BALANCED, FEWEST
from stats.results import SETTINGS, STUDY, Cell, Results, number
from stats.study.types import Analysis, Analyte, Column, Endpoint, Study, Term

DAYS = "days"
WORDY = 3  # letters that a level needs to be a name by itself
WHOLE_DAYS = 100  # days of follow-up from which a mean in days needs no decimals


class UnknownName(KeyError):
    """A name that the study file doesn't define."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Names:
    """Labels are as the study file writes them; a column without a label is called by its name."""

    study: Study

    # ---- what the study defines, by name

    def column(self, name: str) -> Column:
        for frame in self.study.frames.values():
            if name in frame.columns:
                return frame.columns[name]
        every = {column for frame in self.study.frames.values() for column in frame.columns}
        raise UnknownName(f"the study has no column {name!r}{nearest(name, sorted(every))}")

    def endpoint(self, name: str) -> Endpoint:
        return _known(self.study.endpoints, name, "endpoint")

    def term(self, name: str) -> Term:
        return _known(self.study.terms, name, "term")

    def analyte(self, name: str) -> Analyte:
        return _known(self.study.analytes, name, "analyte")

    def analysis(self, name: str) -> Analysis:
        return _known(self.study.analyses, name, "analysis")

    def declared(self, analysis: str, option: str) -> float:
        """The `confidence`, `alpha`, `fewest` or `balanced` of an analysis: its own, else the study's."""
        study = self.study
        own = study.analyses[analysis].options if analysis in study.analyses else {}
        usual = {"confidence": study.confidence, "alpha": study.alpha, "fewest": FEWEST, "balanced": BALANCED}
        known = {**usual, **study.methods, **own}
        return float(known[option])

    def kind(self, analysis: str) -> str:
        """The kind of an analysis; `study` for facts about the study."""
        return STUDY if analysis == STUDY and analysis not in self.study.analyses else self.analysis(analysis).kind

    # ---- labels

    def label(self, name: str) -> str:
        """Label of a column, endpoint, term, analyte, arm or population, looked for in that order."""
        for frame in self.study.frames.values():
            if name in frame.columns:
                return frame.columns[name].label or name
        for table in (self.study.endpoints, self.study.terms, self.study.analytes):
            if name in table:
                return table[name].label or name
        if name in self.study.arms:
            return self.study.arms[name]
        if name in self.study.populations:
            return self.study.populations[name].label or name
        raise UnknownName(f"nothing in the study is called {name!r}{nearest(name, self._every())}")

    def title(self, endpoint: str) -> str:
        """Label of an endpoint, which may have the name of the column it rests on."""
        return self.endpoint(endpoint).label or endpoint

    def names_share(self, endpoint: str) -> bool:
        """Whether the label of an endpoint is what a Kaplan–Meier estimate is called: 'Overall survival'."""
        return names_share(self.title(endpoint))

    def competes(self, analysis: str, results: Results) -> bool:
        """Whether events compete with the endpoint of an analysis: as declared, or as codes of its status tell."""
        if self.endpoint(str(self.analysis(analysis).options["endpoint"])).competes:
            return True
        events = f"{analysis}/events@{ALL}"
        return events in results and "competing" in results[events] and results[events]["competing"] != 0

    def level(self, column: str, level: str) -> str:
        """Label of a level: 'F' of sex is 'Female'; a flag's level is 'yes'."""
        levels = self.levels(column)
        if level not in levels:
            raise UnknownName(f"column {column} has no level {level!r}{nearest(level, levels)}; it has {', '.join(levels)}")
        return levels[level]

    def levels(self, column: str) -> Mapping[str, str]:
        """Level key to label, in declared order; of the arm column the arms, of a flag no and yes."""
        found = self.column(column)
        if found.type == "arm":
            return self.study.arms
        return {"no": "No", "yes": "Yes"} if found.type == "flag" else found.levels

    def arm(self, key: str) -> str:
        return _known(self.study.arms, key, "arm")

    def population(self, name: str) -> str:
        return _known(self.study.populations, name, "population").label or name

    def group(self, key: str, by: str = "arm") -> str:
        """Label of a group of results: an arm or level, 'All patients', a contrast 'X vs Y'."""
        if key == ALL:
            return "All patients"
        if key == ARMS:
            return "All groups"
        x, contrasted, y = key.partition(":")
        parts = (x, y) if contrasted else (x,)
        if by == "arm":
            return " vs ".join(self.arm(part) for part in parts)
        return " vs ".join(self._grouped_by(by, part) for part in parts)

    def _grouped_by(self, column: str, level: str) -> str:
        """A level as the name of a group: 'ECOG performance status 2', of a flag 'TP53 mutation: yes'."""
        label = str(_known(self.levels(column), level, f"level of {column}"))
        of, own = self.column(column), self.name_themselves(column)
        return label if own else f"{of.label or column}{f': {level}' if of.type == 'flag' else f' {label}'}"

    def name_themselves(self, column: str) -> bool:
        """Whether the levels of a column say what they are levels of: all of them do, or none is called so."""
        return all(sum(letter.isalpha() for letter in str(label)) >= WORDY for label in self.levels(column).values())

    def timed(self, analysis: str) -> str:
        """Label of an analysis' endpoint, with the landmark that its times count from where it has one."""
        title, since = self.title(str(self.analysis(analysis).options["endpoint"])), self.landmark(analysis)
        return f"{title} from {since}" if since else title

    def landmark(self, analysis: str) -> str:
        """'the landmark at 3 months', from which an analysis counts its times; '' where they count from the start."""
        options = self.analysis(analysis).options
        since = options.get("landmark")
        if since is None:
            return ""
        unit = self.endpoint(str(options["endpoint"])).unit
        return f"the landmark at {number(float(since))}\N{NO-BREAK SPACE}{unit.removesuffix('s') if since == 1 else unit}"

    def logrank(self, analysis: str) -> str:
        """What the test of an analysis' curves is called: by the form that [methods] and its strata choose."""
        if self.analysis(analysis).options.get("strata"):
            return "stratified log-rank"
        return "permutation log-rank" if self.study.methods.get("logrank_test") == "permutation" else "log-rank"

    def of(self, cell: Cell) -> str:
        """Label of what a cell is about: its column, endpoint, term or analyte."""
        kind, base = self.kind(cell.analysis), split(cell.variable)[0]
        subject = _SUBJECTS.get(kind, Names._named)(self, cell, base)
        if kind == "survival":
            return self.timed(cell.analysis)
        return str(getattr(subject, "label", "") or getattr(subject, "name", subject))

    def unit(self, analysis: str) -> str:
        """Unit of an analysis' endpoint or analyte, which may have the name of a column in another; '' where it has none."""
        options = self.analysis(analysis).options
        found = self.endpoint if "endpoint" in options else self.analyte
        return str(found(str(options.get("endpoint") or options["analyte"])).unit)

    def digits(self, column: str) -> int | None:
        """Decimals of a column's raw data, None where the study file doesn't say."""
        return self.column(column).digits

    # ---- measures

    def measure(self, cell: Cell) -> Measure:
        """What the cell's statistics are, from the kind of its analysis and its variable (see report.measure)."""
        if cell.variable.startswith(f"{SETTINGS}."):
            return Measure("declared")
        kind = self.kind(cell.analysis)
        special = _MEASURES.get(kind)
        if special:
            found = special(self, cell)
            if found:
                return found
        return self._by_ending(cell, kind)

    def _by_ending(self, cell: Cell, kind: str) -> Measure:
        base, last = split(cell.variable)
        word = last or base
        for words, measure in _ENDINGS:
            if word in words:
                return measure
        if word in TIMES:
            return self._time(cell, word)
        if set(cell.stats) <= {"n", "N", "missing"}:
            return Measure("count")
        raise UnknownName(f"{cell.address}: nothing says how {cell.variable!r} of a {kind} analysis prints"
                          f"{nearest(word, SUFFIXES)}")

    def _time(self, cell: Cell, word: str) -> Measure:
        """Times in days are whole; a mean over few of them has a decimal, one in years, which are long, two."""
        unit = self.time_unit(cell)
        mean = word.startswith("rmst")
        digits = 2 if mean and unit == "years" else 1 if mean and unit == DAYS and (cell.at or 0) < WHOLE_DAYS else None
        return Measure("time", digits, unit, null=0 if word.endswith("_difference") else None, halved=not mean)

    def time_unit(self, cell: Cell) -> str:
        """Unit of an analysis' times: its endpoint's; days where it has none."""
        options = self.analysis(cell.analysis).options
        name = str(options.get("endpoint", split(cell.variable)[0] if "endpoints" in options else ""))
        return self.endpoint(name).unit if name else DAYS

    def _study(self, cell: Cell) -> Measure | None:
        if cell.variable in ("cutoff", "enrolment"):
            return Measure("date")
        if cell.variable in ("confidence", "alpha"):
            return Measure("declared")
        if cell.variable == "tests.expected":
            return Measure("number", digits=1)
        return Measure("count")

    def _characteristics(self, cell: Cell) -> Measure | None:
        base, last = split(cell.variable)
        if last == "smd":
            return Measure("smd", edge=self.declared(cell.analysis, "balanced"))
        if last in ("test", "family", "alternative") or (base in TALLIES and base not in self._columns()):
            return None
        column = self.column(base)
        if column.type == "number":
            return Measure("number", column.digits, column.unit, column.summary == "mean-sd", closed=column.calendar,
                           null=0 if last == "shift" else None)
        return Measure("share")

    def _proportion(self, cell: Cell) -> Measure | None:
        return None if split(cell.variable)[1] else Measure("share")

    def _adverse_events(self, cell: Cell) -> Measure | None:
        last = split(cell.variable)[1]
        if last in ("onset", "duration"):
            return Measure("number", digits=0, unit=DAYS)
        if last == "shift":
            return Measure("count")
        return None if last else Measure("share")

    def _kinetics(self, cell: Cell) -> Measure | None:
        base, last = split(cell.variable)
        if last in ("test", "family", "ratio", "alternative") or base in TALLIES:
            return None
        analyte = self.analyte(str(self.analysis(cell.analysis).options["analyte"]))
        null = 0 if last == "shift" else None
        if base == "patient":
            base = cell.level.rpartition(".")[2] if cell.at is None else "peak"
        if base == "samples":
            return Measure("number", digits=0)
        if base in ("lloq", "uloq"):
            return Measure("declared", unit=analyte.unit)
        if base in ("tmax", "last_day", "persistence"):
            return Measure("number", digits=0, unit=DAYS, null=null)
        unit = analyte.area if base == "auc" else analyte.unit
        return Measure("log" if analyte.scale == "log" else "number", unit=unit, null=null)

    def _hazards(self, cell: Cell) -> Measure | None:
        if split(cell.variable)[1]:
            return None
        return Measure("test" if cell.variable in TESTS else "count")

    # ---- who a cell is about

    def _named(self, cell: Cell, base: str) -> Any:
        options = self.analysis(cell.analysis).options if self.kind(cell.analysis) != STUDY else {}
        if "endpoint" in options:
            return self.endpoint(str(options["endpoint"]))
        if "analyte" in options:
            return self.analyte(str(options["analyte"]))
        return self.label(base)

    def _columns(self) -> dict[str, Column]:
        frames = reversed(list(self.study.frames.values()))  # of two columns of one name the first frame's counts
        return {name: column for frame in frames for name, column in frame.columns.items()}

    def _every(self) -> list[str]:
        tables: tuple[Mapping[str, object], ...] = (self._columns(), self.study.endpoints, self.study.terms,
                                                    self.study.analytes, self.study.arms, self.study.populations)
        return list(dict.fromkeys(name for table in tables for name in table))


_ENDINGS = (
    (RATIOS, Measure("ratio", null=1)), (POINTS_LIKE, Measure("points", null=0)),
    (("superiority",), Measure("probability", null=0.5)), (TESTS, Measure("test")), (SHARES, Measure("share")),
    (TALLIES, Measure("count")),
)
_MEASURES: dict[str, Callable[[Names, Cell], Measure | None]] = {
    STUDY: Names._study, "characteristics": Names._characteristics, "proportion": Names._proportion,
    "adverse-events": Names._adverse_events, "kinetics": Names._kinetics, "hazards": Names._hazards,
}
_SUBJECTS: dict[str, Callable[[Names, Cell, str], Any]] = {
    "characteristics": lambda names, cell, base: names.column(base),
    "proportion": lambda names, cell, base: names.endpoint(base),
    "sensitivity": lambda names, cell, base: names.endpoint(base),
    "adverse-events": lambda names, cell, base: names.term(base),
}


def names(study: Study) -> Names:
    """The words of a study."""
    return Names(study)


def _known(table: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in table:
        raise UnknownName(f"the study has no {what} {name!r}{nearest(name, table)}")
    return table[name]
