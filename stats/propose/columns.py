"""What a column may be, from its name and its cells; each guess says what it was guessed from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from stats.intake.numbers import UNCLEAR
from stats.propose import cells as kinds
from stats.propose.blocks import NAMED as IDS
from stats.propose.cells import Where
from stats.propose.naming import labelled, slug
from stats.study.identifying import IN_TEXTS

PERSONAL = re.compile(
    r"(?:^|[_. -])(?:(?:first|last|sur|family|given)?[_. -]?name(?:[_. -](?:first|last))?|"
    r"initials|dob|(?:date|day|year)?[_. -]?of[_. -]?birth|"
    r"birth(?:[_. -]?date|day)?|mrn|ssn|phone|tel|telephone|mobile|e?-?mail|address|street|zip|post(?:al)?[_. -]?code)$",
    re.I,
)
CDISC = {  # labels of CDISC's usual columns, which a CSV doesn't carry
    "AGE": "Age",
    "SEX": "Sex",
    "RACE": "Race",
    "ETHNIC": "Ethnicity",
    "WEIGHTBL": "Weight",
    "HEIGHTBL": "Height",
    "BMIBL": "Body mass index",
    "ECOGBL": "ECOG performance status",
    "TRTSDT": "First dose",
    "AEDECOD": "Adverse event",
    "AETOXGR": "Grade",
}
SITE = re.compile(r"(?:study_?)?(?:site|cent(?:er|re)|hospital)[_. -]?(?:id|no|nr|number|gr\d|name)?", re.I)
REMARKS = re.compile(
    r"(?:.*[_. -])?(?:comments?|remarks?|notes?|free_?text|kommentare?|bemerkung(?:en)?|anmerkung(?:en)?|commentaires?|"
    r"specify)(?:[_. -].*|\d*)",
    re.I,
)
NOTHING = {
    "na",
    "n/a",
    "n.a.",
    "nd",
    "n.d.",
    "nk",
    "unk",
    "unknown",
    "missing",
    "null",
    ".",
    "-",
    "--",
    "?",
    "not done",
}


@dataclass(frozen=True)
class Guess:
    """`name` in the study file, `source` in the data. `doubts` are said beside the guess; type '' is left out of the study.

    `origin` is TOML for a column that isn't read from the file but out of another frame.
    """

    name: str
    source: str
    type: str
    label: str = ""
    unit: str = ""
    digits: int | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()  # those of them whose day and month these cells don't tell apart
    decimal: str = ""
    missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    known: int = 0
    distinct: tuple[str, ...] = ()
    latest: date | None = None
    day_one: bool = False
    origin: str = ""


def guess(
    head: str, cells: Sequence[str], label: str = "", codes: Mapping[str, str] | None = None, where: Where = ", ".join
) -> Guess:
    """One column. Cells that mean missing are set aside first, and named. `where` says in words where cells stand."""
    known = [cell for cell in cells if cell]
    base = Guess(
        slug(head), head, "text", label or _label(head), known=len(known), distinct=tuple(dict.fromkeys(known))
    )
    if not known:
        return replace(base, type="", doubts=("empty in the file",))
    if head.endswith("_complete") and set(known) <= {"0", "1", "2"}:
        return replace(base, type="", doubts=("says whether a REDCap form was filled in",))
    if PERSONAL.search(head):
        return replace(base, type="", doubts=("may identify a person: better not in the folder at all",))
    if IDS.fullmatch(head):
        return replace(base, type="id")
    if REMARKS.fullmatch(head):
        return replace(base, type="text", doubts=("free text, which isn't shown: may identify a person",))
    if SITE.fullmatch(head):
        return replace(base, type="text", doubts=("where patients were treated",))
    if codes and set(base.distinct) <= set(codes):
        ordered = bool(kinds.ORDERED.search(head))
        return replace(
            base,
            type="ordinal" if ordered else "category",
            levels=labelled(codes),
            doubts=("levels as labelled in the file",),
        )
    signs = kinds.flag(base, base.distinct) if set(base.distinct) == {"+", "-"} else None
    if signs is not None:
        return signs
    unclear = tuple(cell for cell in base.distinct if cell.casefold() in UNCLEAR)
    clear = [cell for cell in base.distinct if cell not in unclear]
    if not all(re.search(r"\d", cell) for cell in clear) and not kinds.flag(base, clear):
        # among words, NR, NE and none are more likely levels
        unclear = tuple(cell for cell in unclear if cell.casefold() in NOTHING)
        clear = [cell for cell in base.distinct if cell not in unclear]
    base = replace(base, missing=unclear)
    if not clear:
        return replace(base, type="", doubts=("nothing but signs for missing values",))
    found = kinds.dates(base, clear, where) or kinds.flag(base, clear) or kinds.number(base, clear, known, where)
    if found is not None:
        return found
    kind = next((kind for kind, pattern in IN_TEXTS.items() if any(map(pattern.search, clear))), "")
    if kind:  # levels are printed
        return replace(base, type="text", doubts=(f"not shown, because a text looks like {kind}",))
    return kinds.words(base, clear, [cell for cell in known if cell not in unclear])


def _label(head: str) -> str:
    if head in CDISC:
        return CDISC[head]
    head = re.sub(r"\s*[(\[][^()\[\]]{1,20}[)\]]\s*$", "", head) or head  # a unit
    # tumorBurden is two words; HbA1c, SpO2, mRNA, eGFR and pH are written as they are
    words = re.sub(r"[_.]+", " ", re.sub(r"(?<=[a-z]{3})(?=[A-Z][a-z])", " ", head)).strip()
    if not words or re.match(r"[a-z]{1,2}[A-Z]", words):
        return words or head
    return words[:1].upper() + words[1:]
