"""The study file as frozen types. Every name used is a name defined; order in the file is display order everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from stats.findings import Problem

DAY_ZERO = "0"  # start of an endpoint whose data are days already: day zero itself
TRUE, FALSE = ("1", "yes", "true", "y", "是"), ("0", "no", "false", "n", "否")  # what a flag's cells say
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


@dataclass(frozen=True)
class From:
    """A subject column read out of a long frame."""

    frame: str
    analyte: str = ""
    column: str = ""
    day: tuple[float, float] | None = None
    where: str = ""
    pick: str = "last"
    to: float | None = None


@dataclass(frozen=True)
class Column:
    """`levels` maps level key to its label, in order; `values` raw code to level key; `source` the header in the file."""

    name: str
    type: str  # id | arm | number | flag | category | ordinal | date | text
    label: str = ""
    unit: str = ""
    digits: int | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    range: tuple[float, float] | None = None
    required: bool = False
    summary: str = "median-iqr"  # median-iqr | median-range | mean-sd
    source: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    read_from: From | None = None
    between: tuple[str, str] | None = None
    derived: bool = False
    day_one: bool = False  # days that count from 1 and know no day 0, as CDISC's; turned into days from 0 on reading

    @property
    def in_file(self) -> bool:
        """Whether the column is read from the frame's own file."""
        return not self.derived and self.read_from is None and self.between is None

    @property
    def calendar(self) -> bool:
        """Whether its numbers are years, as the year of a diagnosis is."""
        return self.type == "number" and not self.unit and "year" in re.split(r"\W+|_", f"{self.label} {self.name}".casefold())

    def as_read(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of the file as the column holds them once it is read: of a flag 1 and 0, whichever words stand for yes and no."""
        if self.type != "flag":
            return codes
        words = [self.values.get(code, code).casefold() for code in codes]
        return tuple("1" if word in TRUE else "0" if word in FALSE else code for word, code in zip(words, codes))


@dataclass(frozen=True)
class Frame:
    """A data file and its declared columns; `name` says what it holds: subjects, responses, events, series, treatments …"""

    name: str
    file: str  # or a source that DuckDB reads, with its prefix
    columns: Mapping[str, Column]
    sheet: str = ""  # of a workbook; of a database the table
    delimiter: str = ""
    decimal: str = ""
    encoding: str = ""
    date_format: str = ""
    missing: tuple[str, ...] = ()
    where: str = ""  # rows of the file that belong to the frame
    options: Mapping[str, Any] = field(default_factory=dict)  # what only one input format understands


@dataclass(frozen=True)
class Population:
    """Patients who are analysed together: those of whom the condition `where` is surely true, or all."""

    name: str
    label: str
    where: str = ""


@dataclass(frozen=True)
class Check:
    """A rule that every row of a frame must obey, and what a row that breaks it is called."""

    name: str
    frame: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Endpoint:
    """A time to event (from dates, or from two columns) or a proportion (levels of a column, or a condition)."""

    name: str
    label: str
    start: str = ""
    event: tuple[str, ...] = ()
    competing: tuple[str, ...] = ()
    censor: tuple[str, ...] = ()
    unit: str = "months"
    time: str = ""
    status: str = ""
    status_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    column: str = ""
    responses: tuple[str, ...] = ()
    where: str = ""
    better: str = ""  # higher | lower, of what `tells_incidence` says
    definition: str = ""  # a sentence for Methods, in the author's words
    short: str = ""  # abbreviation printed after the label at first use

    @property
    def timed(self) -> bool:
        return bool(self.start or self.time)

    @property
    def competes(self) -> bool:
        """Whether events are declared that compete with this one. Codes of a status may tell of some by themselves."""
        return bool(self.competing or self.status_values.get("competing"))

    @property
    def coded(self) -> bool:
        """Whether the codes of its status say by themselves what they mean, 2 and above being competing events."""
        return bool(self.status and not self.status_values)


@dataclass(frozen=True)
class Term:
    """An adverse event: its scale of grades, and the days (both included) in which it counts."""

    name: str
    label: str
    grading: str = ""
    window: tuple[float, float] | None = None
    laboratory: str = ""  # `from`: the analyte it is graded from
    short: str = ""


@dataclass(frozen=True)
class Analyte:
    """What is measured over time: limits of quantification in `unit`, and the days in which peak and area are looked for."""

    name: str
    label: str
    unit: str = ""
    scale: str = "linear"  # linear | log
    lloq: float | None = None
    uloq: float | None = None
    window: tuple[float, float] | None = None
    short: str = ""
    sampling: tuple[float, float, float] | None = None  # a sample every so many days, from this day to that; else no peak

    @property
    def area(self) -> str:
        """Unit of the area under its curve; '' where its own isn't known."""
        return f"{self.unit} × days" if self.unit else ""


@dataclass(frozen=True)
class Analysis:
    """What is computed, by a kind, in a population, with the options of the kind."""

    name: str
    kind: str
    population: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    family: str = ""


def tells_incidence(endpoint: Endpoint, analyses: Mapping[str, Analysis]) -> bool:
    """Whether `better` of a time to event speaks of its incidence, as it does where events compete, or of its survival.

    A status may tell of competing events by codes alone; the study's own sign that it does is an analysis of incidence.
    """
    counted = any(a.kind == "incidence" and a.options.get("endpoint") == endpoint.name for a in analyses.values())
    return endpoint.competes or (endpoint.coded and counted)


@dataclass(frozen=True)
class Exhibit:
    """A table or a figure: its kind, and the analyses it shows."""

    name: str
    kind: str
    of: tuple[str, ...] = ()  # the analyses it shows; `of` may be one name or a list
    title: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A part of the report: the exhibits it holds and the analyses its sentences speak of."""

    id: str
    title: str
    exhibits: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()
    template: str = ""
    level: int = 2


@dataclass(frozen=True)
class Claim:
    """A sentence of the abstract, and the address of the result that it is held against."""

    name: str
    quote: str
    type: str  # difference | no-difference | equivalence | value | judgement
    result: str = ""
    expect: str = ""
    margin: float | None = None
    margin_source: str = ""
    printed: Mapping[str, str] = field(default_factory=dict)
    signed_off_by: str = ""


@dataclass(frozen=True)
class Study:
    """A whole study file. `folder` is where it stands; names in its mappings are those that the author chose, in order."""

    folder: Path
    title: str
    short: str
    design: str
    data_cutoff: date
    arms: Mapping[str, str]
    day_zero: str = ""
    reference: str = ""
    primary: str = ""
    style: str = "plain"
    confidence: float = 0.95
    alpha: float = 0.05
    synthetic: bool = False
    expected_n: int | None = None
    patients_at_once: int | None = None  # most patients held in memory; None for all
    seed: int = 0
    ctcae: str = "5.0"
    privacy: str = "journal"
    smallest_count: int = 5
    language: str = "en"
    word_template: str = ""
    populations: Mapping[str, Population] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    analytes: Mapping[str, Analyte] = field(default_factory=dict)
    methods: Mapping[str, Any] = field(default_factory=dict)
    analyses: Mapping[str, Analysis] = field(default_factory=dict)
    exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)
    noted: tuple[Problem, ...] = field(default=(), compare=False)  # warnings met on reading

    @property
    def randomised(self) -> bool:
        return self.design == "randomised trial"

    def adjusts(self, analysis: str) -> bool:
        """Whether P values of an analysis are adjusted within the family that it names."""
        return bool(self.analyses[analysis].family) and self.methods.get("multiplicity", "none") != "none"

    @property
    def subjects(self) -> Frame:
        return self.frames["subjects"]
