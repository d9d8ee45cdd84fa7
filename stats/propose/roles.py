"""Tables with several rows per patient: what they record, told by their headers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stats.propose.cells import CONSTANT
from stats.propose.columns import Guess
from stats.propose.endpoints import DEATH
from stats.propose.naming import distinct, key, spellings
from stats.propose.tables import Table

ROLES: Mapping[str, Mapping[str, str]] = {  # frame: role → headers it may have
    "series": {
        "analyte": r"analyte|paramcd|param(?:eter)?|(?:lb)?test(?:cd)?|marker|cytokine|assay|variable|lab|analyt|"
        r"laborwert|par[aá]m[eè]tre|par[aá]metro",
        "value": r"value|aval|result|lbstresn|conc(?:entration)?|copies|(?:\w+_)?copies|level|measurement|"
        r"(?:mess)?wert|ergebnis|valeur|r[eé]sultat|valor|resultado",
        "unit": r"units?|lbstresu|avalu|einheit|unit[eé]|unidad",
        "qualifier": r"qualifier|sign|operator|lbstresc_?sign",
        "lln": r"lln|a1lo|a?nrlo|lower_?limit(?:_of_normal)?",
        "uln": r"uln|a1hi|a?nrhi|upper_?limit(?:_of_normal)?",
    },
    "events": {
        "term": r"aedecod|term|aeterm|ae(?:_?name|_?term)?|adverse_?event|toxicity|event|ereignis|nebenwirkung|"
        r"toxizit[aä]t|[eé]v[eé]nement|toxicit[eé]|evento|toxicidad",
        "grade": r"aetoxgrn?|grade|ctcae(?:_?grade)?|toxgr|ae_?grade|max_?grade|aesev|grad|grado",
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
    "day": r"(?:study_?|visit_?)?day|ady|astdy|(?:ae|lb|rs|cm|pr)(?:st)?dy|days?_(?:post|after|from|since)_?\w*|"
    r"(?:ae_?)?(?:start|onset)_?day|tag|jour|d[ií]a",
    "end_day": r"end_?day|aendy|(?:ae|cm|pr)endy",
}
START, END = (
    re.compile(r"astdt|adt|.*(?:st|start|onset|begin).*", re.I),
    re.compile(r"aendt|.*(?:end|stop|resol|en)(?:_?da?te?)?.*", re.I),
)
CDISC_DAY = re.compile(r"[A-Z]{1,4}DY")
SEVERITY = {
    "MILD": "1",
    "MODERATE": "2",
    "SEVERE": "3",
    "LIFE THREATENING": "4",
    "LIFE-THREATENING": "4",
    "FATAL": "5",
    "DEATH": "5",
}
TERMS = 10  # terms of adverse events that a first study is given at most


@dataclass(frozen=True)
class Part:
    """A table with its guessed columns as a frame; `keys` are further keys of the frame with the doubt said beside each;
    `wide` are days beside each other: analyte, header, day."""

    frame: str
    table: Table
    columns: tuple[Guess, ...]
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    wide: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def long(table: Table, columns: tuple[Guess, ...]) -> Part | None:
    """A table with several rows per patient: what it records, and its columns by their roles."""
    heads = {re.sub(r"[ .-]+", "_", column.source.casefold()): column for column in columns if _usable(column)}
    person = identifier(columns)
    when = {role: _first(heads, words) for role, words in WHEN.items()}
    dates = [column for column in columns if column.type == "date" and not DEATH.search(column.source)]
    if person is None or not (when["day"] or dates):
        return None
    for frame, roles in ROLES.items():
        found = {role: _first(heads, words) for role, words in roles.items()}
        if all(found[role] is not None for role in NEEDED[frame]):
            taken = {"subject": person, **found}
            if when["day"]:
                taken |= {"day": when["day"], "end_day": when["end_day"]}
            else:
                ends = [
                    column for column in dates if END.fullmatch(column.source) and not START.fullmatch(column.source)
                ]
                starts = [column for column in dates if column not in ends] or dates
                taken |= {"date": starts[0], "end_date": next((c for c in ends if c is not starts[0]), None)}
            named = {column.source: role for role, column in taken.items() if column is not None}
            made = tuple(_role(table, column, named.get(column.source, "")) for column in columns)
            return Part(frame, table, unique(made))
    return None


def _usable(column: Guess) -> bool:
    """A column that may have a role: one analyte, term or drug in every row will do."""
    return bool(column.type) or column.doubts == (CONSTANT,)


def _first(heads: Mapping[str, Guess], words: str) -> Guess | None:
    """The column that fits the first of the alternatives, in their order."""
    for word in _alternatives(words):
        for head, column in heads.items():
            if re.fullmatch(word, head):
                return column
    return None


def _alternatives(words: str) -> list[str]:
    """The alternatives of a pattern that stand outside of brackets."""
    found, depth = [""], 0
    for sign in words:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def _role(table: Table, column: Guess, role: str) -> Guess:
    """A column under the name of its role, typed as the role wants it."""
    if not role:
        return column
    if role == "term":
        return term(table, column)
    if role in ("analyte", "drug"):
        levels, values, doubts = named(table, column, role)
        return replace(column, name=role, type="category", levels=levels, values=values, doubts=doubts)
    if role == "response":
        called = _called(column)
        values = {cell: name for cell, name in called.items() if cell != name}
        levels = {name: name for name in called.values()}
        return replace(column, name=role, type="category", levels=levels, values=values)
    kind = {"subject": "id", "date": "date", "end_date": "date", "unit": "text", "qualifier": "text"}.get(
        role, "number"
    )
    if kind == "date":
        return replace(column, name=role)
    worded = role == "grade" and bool(column.distinct) and {cell.upper() for cell in column.distinct} <= set(SEVERITY)
    values = {cell: SEVERITY[cell.upper()] for cell in column.distinct} if worded else {}
    from_one = role in ("day", "end_day") and bool(CDISC_DAY.fullmatch(column.source)) and "0" not in column.distinct
    doubts = tuple(
        doubt for doubt in column.doubts if doubt != "their order" and not doubt.startswith("numbers that may")
    )
    if from_one:
        doubts = ("CDISC counts days from 1",)
    days = role in ("day", "end_day")
    return replace(
        column,
        name=role,
        type=kind,
        levels={},
        values=values,
        digits=None,
        unit="",
        day_one=from_one,
        doubts=doubts,
        missing=tuple(code for code in column.missing if not days or code not in ("-1", "-9")),  # day -1 is a day
    )


def term(table: Table, column: Guess) -> Guess:
    """Terms by names that a study file can use: those that most patients had."""
    cells = table.columns[column.source]
    people = next(
        (table.columns[head] for head in table.columns if head.upper() in ("USUBJID", "SUBJID")), range(len(cells))
    )
    every, written, doubts = named(table, column, "term")
    had = Counter(name for name, _ in {(written.get(cell, cell), who) for cell, who in zip(cells, people)})
    kept = sorted(every, key=lambda name: (-had[name], every[name]))[:TERMS]
    levels = {name: label for name, label in every.items() if name in kept}
    values = {cell: name for cell, name in written.items() if name in kept}
    if len(every) > TERMS:
        doubts = (f"the {TERMS} that most patients had; {len(every) - TERMS} more in the file", *doubts)
    return replace(column, name="term", type="text", levels=levels, values=values, doubts=doubts)


def named(table: Table, column: Guess, lead: str) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """({name: label}, {cell: name} where they differ, what was taken for what) of a column that names things.

    Labels are what the file or its dictionary says, else the cell itself.
    """
    count, labels = Counter(table.columns[column.source]), _called(column)
    same, doubts = spellings(sorted(dict.fromkeys(labels.values()), key=lambda label: -count[label]))
    labels = {cell: same.get(label, label) for cell, label in labels.items()}
    names = distinct({label: key(label, lead) for label in labels.values()}, lead)
    told = tuple(doubt for doubt in column.doubts if doubt.startswith("as "))
    return (
        {names[label]: label for label in labels.values()},
        {cell: names[label] for cell, label in labels.items() if cell != names[label]},
        (*told, *doubts),
    )


def _called(column: Guess) -> dict[str, str]:
    """{cell: what the file or its dictionary calls it, else the cell}."""
    coded = column.levels if column.type in ("category", "ordinal") else {}
    known = [cell for cell in column.distinct if cell not in column.missing]
    return {cell: coded.get(column.values.get(cell, cell), cell) for cell in known}


def identifier(columns: Sequence[Guess]) -> Guess | None:
    """The patients' identifier: of several (site, study, patient) the one with most different values."""
    return max(
        (column for column in columns if column.type == "id"),
        key=lambda column: (column.source.upper() == "USUBJID", len(column.distinct)),
        default=None,
    )


def unique(columns: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """Names that occur once; the identifier is called subject."""
    person = identifier(columns)
    seen: dict[str, int] = {"arm": 1} if any(column.type == "arm" for column in columns) else {}
    found = []
    for column in columns:
        name = "subject" if column is person else column.name
        seen[name] = 1 if column.type == "arm" else seen.get(name, 0) + 1
        kind = "text" if column.type == "id" and name != "subject" else column.type
        found.append(replace(column, name=name if seen[name] == 1 else f"{name}_{seen[name]}", type=kind))
    return tuple(found)
