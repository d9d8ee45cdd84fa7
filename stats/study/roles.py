"""The words every long frame shares (its roles), and the columns a condition or an analysis may name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stats.study.types import Column, Frame, Study

FRAMES = ("subjects", "responses", "events", "series", "gvhd", "treatments", "screening")

_NUMBERS = {"day": "Day", "end_day": "Last day", "value": "Value", "lln": "Lower limit of normal",
            "uln": "Upper limit of normal"}
_TEXTS = {"term": "Term", "analyte": "Analyte", "drug": "Drug", "response": "Response", "qualifier": "Qualifier",
          "unit": "Unit"}
ROLES: Mapping[str, Column] = MappingProxyType({
    "subject": Column("subject", "id", label="Patient"),
    **{name: Column(name, "number", label=label) for name, label in _NUMBERS.items()},
    "date": Column("date", "date", label="Date"),
    "end_date": Column("end_date", "date", label="Last date"),
    "grade": Column("grade", "number", label="Grade", digits=0, range=(0, 5)),
    **{name: Column(name, "text", label=label) for name, label in _TEXTS.items()},
})
STAGES = MappingProxyType({name: Column(name, "number", label=label, digits=0, range=(0, most)) for name, label,
                           most in (
    ("skin", "Skin stage", 4), ("liver", "Liver stage", 4), ("upper_gi", "Upper gut stage", 1),
    ("lower_gi", "Lower gut stage", 4))})
COUNTS = MappingProxyType({name: Column(name, "number", label=label, range=(0, float("inf"))) for name, label in (
    ("blasts", "Marrow blasts"), ("anc", "Neutrophils"), ("platelets", "Platelets"))})

# each inner tuple names roles of which a frame needs at least one
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType({
    "responses": (("subject",), ("day", "date")),
    "events": (("subject",), ("term",), ("grade",), ("day", "date")),
    "series": (("subject",), ("analyte",), ("value",), ("day", "date")),
    "gvhd": (("subject",), ("day", "date"), ("grade", *STAGES)),
    "treatments": (("subject",), ("drug",), ("day", "date")),
    "screening": (),
    "subjects": (),
})
OWN = (("subject",),)  # what a frame of the study's own needs


def default_columns(frame: str) -> Mapping[str, Column]:
    """Columns a frame may have without declaring them; subjects and screening have none, they declare every column.

    A frame of the study's own has only the patient: what else its words mean, nobody knows.
    """
    if frame in ("subjects", "screening"):
        return {}
    if frame not in FRAMES:
        return {"subject": ROLES["subject"]}
    extra = STAGES if frame == "gvhd" else COUNTS if frame == "responses" else {}
    return {**ROLES, **extra}


def frame_columns(frame: Frame) -> dict[str, Column]:
    """All columns a frame may hold: the declared ones first, then the roles left to their defaults."""
    return {**frame.columns, **{n: c for n, c in default_columns(frame.name).items() if n not in frame.columns}}


def is_age(column: Column) -> bool:
    """Whether a column holds ages, as far as its name and unit tell."""
    return column.type == "number" and column.unit == "years" and "age" in column.name.casefold()


def subject_columns(study: Study) -> dict[str, Column]:
    """What a condition about patients may name: declared columns, the arm, and `NAME.time`, `.status`, `.outcome`."""
    columns = dict(study.subjects.columns)
    if "arm" not in columns:
        columns["arm"] = Column("arm", "arm", label="Arm", levels=study.arms)
    for endpoint in study.endpoints.values():
        if endpoint.timed:
            time = Column(f"{endpoint.name}.time", "number", label=endpoint.label, unit=endpoint.unit, derived=True)
            columns |= {time.name: time,
                        f"{endpoint.name}.status": Column(f"{endpoint.name}.status", "number", derived=True)}
        else:
            columns[f"{endpoint.name}.outcome"] = Column(f"{endpoint.name}.outcome", "flag", endpoint.label,
                                                         derived=True)
    return columns
