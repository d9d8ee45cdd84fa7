"""A small study whose names the tests of style and names print, and cells made by hand."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

from report.names import Names, names
from report.style import Style, load
from stats.results import Cell, Results, Row
from stats.study.types import Analysis, Analyte, Column, Endpoint, Frame, Population, Study, Term

COLUMNS = (
    Column("subject", "id"), Column("arm", "arm"),
    Column("age", "number", "Age", "years", 0), Column("dose", "number", "CAR T-cell dose", "×10⁶/kg", 1),
    Column("weight", "number", "Weight", "kg", 1, summary="mean-sd"), Column("ldh", "number", "LDH", "U/L"),
    Column("hct_year", "number", "Year of transplantation", digits=0),
    Column("sex", "category", "Sex", levels={"F": "Female", "M": "Male"}), Column("tp53", "flag", "TP53 mutation"),
    Column("donor", "category", "Donor <type>", levels={"msd": "Matched & related", "haplo": "Haploidentical"}),
)


def study(**parts: Any) -> Study:
    given: dict[str, Any] = {
        "arms": {"R": "Recipient-derived", "D": "Donor-derived"}, "reference": "D",
        "populations": {"infused": Population("infused", "all infused patients")},
        "frames": {"subjects": Frame("subjects", "subjects.csv", {column.name: column for column in COLUMNS})},
        "endpoints": {"os": Endpoint("os", "Overall survival", start="a", event=("b",), censor=("c",)),
                      "relapse": Endpoint("relapse", "Relapse", start="a", event=("b",), competing=("d",), unit="days"),
                      "cr": Endpoint("cr", "CR or CRi", column="response", responses=("CR", "CRi"))},
        "terms": {"crs": Term("crs", "Cytokine release syndrome", "ASTCT 2019")},
        "analytes": {"cart": Analyte("cart", "CAR transgene", "copies/µg DNA", "log", 50),
                     "crp": Analyte("crp", "C-reactive protein", "mg/L")},
        "analyses": {"baseline": Analysis("baseline", "characteristics"),
                     "response": Analysis("response", "proportion"),
                     "os": Analysis("os", "survival", options={"endpoint": "os"}),
                     "relapse": Analysis("relapse", "incidence", options={"endpoint": "relapse"}),
                     "followup": Analysis("followup", "followup", options={"endpoint": "os"}),
                     "toxicity": Analysis("toxicity", "adverse-events", options={"terms": ["crs"]}),
                     "car": Analysis("car", "kinetics", options={"analyte": "cart"}),
                     "crp": Analysis("crp", "kinetics", options={"analyte": "crp"}),
                     "cox": Analysis("cox", "hazards", options={"endpoint": "os"}),
                     "checks": Analysis("checks", "sensitivity", options={"endpoint": "os"})},
    }
    return Study(Path("."), "A study", "STUDY", "retrospective cohort", date(2025, 4, 30), **(given | parts))


def named(**parts: Any) -> Names:
    return names(study(**parts))


def cell(address: str, notes: str = "", **stats: float) -> Cell:
    """The cell at an address, as Results would give it; `notes` says why what is nan is nan."""
    analysis, _, rest = address.partition("/")
    rest, _, group = rest.partition("@")
    rest, _, at = rest.partition("~")
    variable, _, level = rest.partition("=")
    time = float(at) if at else None
    rows = [Row(variable, stat, value, group, level, time, note=notes if math.isnan(value) else "", analysis=analysis)
            for stat, value in stats.items()]
    return Results(rows)[address]


def style(name: str = "plain", sizes: dict[str, int] | None = None, **parts: Any) -> Style:
    """A style; `sizes` are the patients of each group, as the run counts them."""
    rows = [Row("subjects", "n", n, group, analysis="study") for group, n in (sizes or {}).items()]
    return load(name, named(**parts), Results(rows))
