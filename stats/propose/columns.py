"""What a column may be, from its name and its cells; each guess says what it was guessed from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from stats.intake.convert import FALSE, TRUE
from stats.intake.numbers import COMMA, PLAIN, UNCLEAR

IDS = re.compile(
    r"(?:u?subj(?:ect)?|pat(?:ient)?|participant|study|record|case|screen|person)?[_. -]?(?:id|no|nr|num(?:ber)?)"
    r"|u?subject|patient|upn|pid|u?subjid|participant",
    re.I,
)
PERSONAL = re.compile(
    r"(?:^|[_. -])(?:(?:first|last|sur|family|given)?[_. -]?name(?:[_. -](?:first|last))?|"
    r"initials|dob|(?:date|day|year)?[_. -]?of[_. -]?birth|"
    r"birth(?:[_. -]?date|day)?|mrn|ssn|phone|tel|mobile|e?-?mail|address|street|zip|post(?:al)?[_. -]?code)$",
    re.I,
)
ORDERED = re.compile(r"grade|stage|ecog|score|risk|r?iss|class|phase|severity|karnofsky|kps", re.I)
COUNTED = re.compile(r"age|number|count|lines|^n_|_n$|days?|weeks?|months?|years?|dose|time", re.I)
UNITS = {
    "years": "years",
    "yrs": "years",
    "yr": "years",
    "months": "months",
    "mo": "months",
    "mos": "months",
    "weeks": "weeks",
    "days": "days",
    "pct": "%",
    "percent": "%",
    "perc": "%",
    "kg": "kg",
    "cm": "cm",
    "mg": "mg",
}
FORMATS = (  # pattern, format, and how day and month are told apart
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?"), ""),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), "%d.%m.%Y"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "%d/%m/%Y"),
    (re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})"), "%d-%m-%Y"),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), "%Y/%m/%d"),
    (re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{4})"), "%d-%b-%Y"),
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
CODED_MISSING = ("-9", "-99", "-999", "-9999", "999", "9999", "-1")
LEVELS = 12  # texts with more different values than this are no category


@dataclass(frozen=True)
class Guess:
    """`name` in the study file, `source` in the data. `doubts` are said beside the guess; type '' is left out of the study."""

    name: str
    source: str
    type: str
    label: str = ""
    unit: str = ""
    digits: int | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    decimal: str = ""
    missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    known: int = 0
    distinct: tuple[str, ...] = ()
    latest: date | None = None


def slug(text: str) -> str:
    """A name that a study file can use: lower case, letters, digits and underscores."""
    plain = re.sub(
        r"[^a-z0-9]+", "_", text.casefold().replace("ß", "ss").translate(str.maketrans("äöüéèàçñ", "aoueeacn"))
    )
    plain = plain.strip("_") or "column"
    return f"c_{plain}" if plain[0].isdigit() else plain


def guess(head: str, cells: Sequence[str], label: str = "", codes: Mapping[str, str] | None = None) -> Guess:
    """One column. Cells that mean missing are set aside first, and named."""
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
    if codes and set(base.distinct) <= set(codes):
        ordered = bool(ORDERED.search(head))
        return replace(
            base, type="ordinal" if ordered else "category", levels=codes, doubts=("levels as labelled in the file",)
        )
    unclear = tuple(cell for cell in base.distinct if cell.casefold() in UNCLEAR)
    clear = [cell for cell in base.distinct if cell not in unclear]
    if not all(re.search(r"\d", cell) for cell in clear) and not _flag(base, clear):
        # among words, NR, NE and none are more likely levels
        unclear = tuple(cell for cell in unclear if cell.casefold() in NOTHING)
        clear = [cell for cell in base.distinct if cell not in unclear]
    base = replace(base, missing=unclear)
    if not clear:
        return replace(base, type="", doubts=("nothing but signs for missing values",))
    return _date(base, clear) or _flag(base, clear) or _number(base, clear, known) or _words(base, clear, len(known))


def _label(head: str) -> str:
    words = re.sub(r"[_.]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)).strip()
    return words[:1].upper() + words[1:] if words else head


def _date(base: Guess, cells: Sequence[str]) -> Guess | None:
    for pattern, usual in FORMATS:
        hits = [pattern.fullmatch(cell) for cell in cells]
        if not cells or not all(hits):
            continue
        form = usual
        doubts: tuple[str, ...] = ()
        if form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
            first, second = (max(int(hit[place]) for hit in hits if hit) for place in (1, 2))
            if second > 12:
                form = form.replace("%d", "#").replace("%m", "%d").replace("#", "%m")
            elif first <= 12:
                doubts = ("day and month can't be told apart: see date_format",)
        found = [made for made in (day(cell, form or "%Y-%m-%d") for cell in cells) if made]
        return replace(base, type="date", date_format=form, doubts=doubts, latest=max(found, default=None))
    return None


def day(cell: str, form: str) -> date | None:
    """The day a cell stands for in a format; None when it is none."""
    from datetime import datetime

    try:
        return datetime.strptime(
            re.split("[T ]", cell)[0] if form == "%Y-%m-%d" else cell.replace(" ", "-"), form
        ).date()
    except ValueError:
        return None


def _flag(base: Guess, cells: Sequence[str]) -> Guess | None:
    folded = {cell.casefold() for cell in cells}
    if folded and folded <= {*TRUE, *FALSE}:
        alone = (f"only “{cells[0]}” occurs",) if len(folded) == 1 else ()
        return replace(base, type="flag", doubts=alone)
    pairs = (
        {"y": "yes", "n": "no"},
        {"t": "yes", "f": "no"},
        {"positive": "yes", "negative": "no"},
        {"pos": "yes", "neg": "no"},
        {"+": "yes", "-": "no"},
        {"ja": "yes", "nein": "no"},
        {"oui": "yes", "non": "no"},
    )
    for pair in pairs:
        if len(folded) == 2 and folded == set(pair):
            return replace(base, type="flag", values={cell: pair[cell.casefold()] for cell in cells})
    return None


def _number(base: Guess, cells: Sequence[str], known: Sequence[str]) -> Guess | None:
    comma = any(COMMA.fullmatch(cell) for cell in cells)
    plain = [cell.replace(",", ".") if comma else cell for cell in cells]
    if not plain or not all(PLAIN.fullmatch(cell) for cell in plain):
        return None
    numbers = [float(cell) for cell in plain]
    coded = tuple(cell for cell, value in zip(plain, numbers) if cell in CODED_MISSING and _alone(value, numbers))
    kept = [value for cell, value in zip(plain, numbers) if cell not in coded] or numbers
    digits = min(
        4, max((len(cell.partition(".")[2].rstrip("0")) for cell in plain if "e" not in cell.lower()), default=0)
    )
    whole = all(value == int(value) and 0 <= value < 10 for value in kept)
    few = 2 <= len(kept) <= 6 and whole and len(known) >= 10 and not COUNTED.search(base.source)
    doubts: tuple[str, ...] = (f"{min(kept):g} to {max(kept):g} in the file",)
    if coded:
        doubts += (f"{', '.join(coded)} taken for missing",)
    base = replace(base, missing=(*base.missing, *coded), decimal="," if comma else "")
    if few:
        levels = {f"{value:g}": f"{value:g}" for value in sorted(kept)}
        kind = "ordinal" if ORDERED.search(base.source) else "category"
        return replace(
            base, type=kind, levels=levels, doubts=("numbers that may be codes: write what each means", *doubts[1:])
        )
    words = [word for word in re.split(r"[_. ]", base.source.lower()) if word]
    unit = next((UNITS[word] for word in reversed(words) if word in UNITS), "years" if "age" in words else "")
    return replace(base, type="number", digits=digits, unit=unit, doubts=doubts)


def _alone(value: float, numbers: Sequence[float]) -> bool:
    """A code for missing lies far outside of what else the column has."""
    rest = [other for other in numbers if other != value]
    if not rest:
        return False
    return (value < 0 <= min(rest)) or (value >= 999 and max(rest) < value / 5)


def _words(base: Guess, cells: Sequence[str], known: int) -> Guess:
    if len(cells) > LEVELS or (len(cells) > 2 and len(cells) > known / 2) or any(len(cell) > 60 for cell in cells):
        return replace(base, type="text", doubts=(f"{len(cells)} different texts",))
    folded: dict[str, list[str]] = {}
    for cell in cells:
        folded.setdefault(re.sub(r"[\W_]+", "", cell.casefold()), []).append(cell)
    twins = [" and ".join(f"“{cell}”" for cell in same) for same in folded.values() if len(same) > 1]
    doubts = (f"{twin} look like one level" for twin in twins)
    kind = "ordinal" if ORDERED.search(base.source) else "category"
    order = ("their order",) if kind == "ordinal" else ()
    return replace(base, type=kind, levels={cell: cell for cell in sorted(cells)}, doubts=(*order, *doubts))
