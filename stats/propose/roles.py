"""Tables with several rows per patient: what they record, told by their headers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stats.propose.columns import Guess, slug
from stats.propose.tables import Table

ROLES: Mapping[str, Mapping[str, str]] = {  # frame: role → headers it may have
    "series": {
        "analyte": r"analyte|param(?:cd|eter)?|(?:lb)?test(?:cd)?|marker|cytokine|assay|variable|lab",
        "value": r"value|aval|result|lbstresn|conc(?:entration)?|copies|(?:\w+_)?copies|level|measurement",
        "unit": r"units?|lbstresu",
        "qualifier": r"qualifier|sign|operator|lbstresc_?sign",
        "lln": r"lln|a?nrlo|lower_?limit(?:_of_normal)?",
        "uln": r"uln|a?nrhi|upper_?limit(?:_of_normal)?",
    },
    "events": {
        "term": r"term|aeterm|aedecod|ae(?:_?name|_?term)?|adverse_?event|toxicity|event",
        "grade": r"grade|aetoxgrn?|ctcae(?:_?grade)?|toxgr|ae_?grade|max_?grade",
    },
    "gvhd": {
        "skin": r"skin(?:_?stage)?",
        "liver": r"liver(?:_?stage)?",
        "upper_gi": r"(?:upper_?)gi(?:_?stage)?",
        "lower_gi": r"(?:lower_?)?g(?:i|ut)(?:_?stage)?",
        "grade": r"(?:gvhd_?)?grade",
    },
    "treatments": {"drug": r"drug|medication|cmtrt|cmdecod|treatment|agent|therapy"},
    "responses": {
        "response": r"response|overall_?response|rsorres|avalc|resp|status",
        "blasts": r"(?:marrow_?)?blasts",
        "anc": r"anc|neutrophils",
        "platelets": r"plt|platelets",
    },
}
NEEDED = {
    "series": ("value",),
    "events": ("term", "grade"),
    "gvhd": ("skin", "liver"),
    "treatments": ("drug",),
    "responses": ("response",),
}
WHEN = {
    "day": r"(?:study_?|visit_?)?day|a?dy|ady|astdy|(?:ae|lb|rs)?(?:st)?dy|days?_(?:post|after|from|since)_?\w*",
    "end_day": r"end_?day|a?e?n?dy|aendy|aeendy",
}


@dataclass(frozen=True)
class Part:
    """A table with its guessed columns; `roles` gives a column another name in the study file."""

    frame: str
    table: Table
    columns: tuple[Guess, ...]


def long(table: Table, columns: tuple[Guess, ...]) -> Part | None:
    """A table with several rows per patient: what it records, and its columns by their roles."""
    heads = {column.source.casefold(): column for column in columns}
    person = identifier(columns)
    when = {
        role: next((c for head, c in heads.items() if re.fullmatch(words, head)), None) for role, words in WHEN.items()
    }
    dates = [column for column in columns if column.type == "date"]
    if person is None or not (when["day"] or dates):
        return None
    for frame, roles in ROLES.items():
        found = {
            role: next((c for head, c in heads.items() if re.fullmatch(words, head)), None)
            for role, words in roles.items()
        }
        if all(found[role] is not None for role in NEEDED[frame]):
            taken = {"subject": person, **found}
            if when["day"]:
                taken |= {"day": when["day"], "end_day": when["end_day"]}
            else:
                taken |= {"date": dates[0], "end_date": dates[1] if len(dates) > 1 else None}
            named = {column.source: role for role, column in taken.items() if column is not None}
            return Part(frame, table, unique(tuple(_role(column, named.get(column.source, "")) for column in columns)))
    return None


def _role(column: Guess, role: str) -> Guess:
    """A column under the name of its role, typed as the role wants it."""
    if not role:
        return column
    if role in ("term", "analyte", "drug", "response"):
        levels = {slug(cell) if role != "response" else cell: cell for cell in column.distinct}
        values = {cell: key for key, cell in levels.items() if key != cell}
        return replace(column, name=role, type="category", levels=levels, values=values)
    kind = {"subject": "id", "date": "date", "end_date": "date", "unit": "text", "qualifier": "text"}.get(
        role, "number"
    )
    return replace(column, name=role, type=kind, levels={}, values={}, digits=None, unit="")


def identifier(columns: Sequence[Guess]) -> Guess | None:
    """The patients' identifier: of several (site, study, patient) the one with most different values."""
    return max(
        (column for column in columns if column.type == "id"), key=lambda column: len(column.distinct), default=None
    )


def unique(columns: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """Names that occur once; the identifier is called subject."""
    person = identifier(columns)
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        name = "subject" if column is person else column.name
        seen[name] = seen.get(name, 0) + 1
        kind = "text" if column.type == "id" and name != "subject" else column.type
        found.append(replace(column, name=name if seen[name] == 1 else f"{name}_{seen[name]}", type=kind))
    return tuple(found)
