"""Names for what the files call in words of their own: different words get different names, and what is brought together
is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

UNDECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "µ": "u", "μ": "u"})
SIGNS = (  # signs that tell names apart, as words
    (re.compile(r"<=|≤"), " at most "),
    (re.compile(r">=|≥"), " at least "),
    (re.compile(r"<"), " below "),
    (re.compile(r">"), " above "),
    (re.compile(r"\+"), " plus "),
    # a hyphen is a sign behind a word, at the end, or before a first digit: CD4- cells, MRD -, -1; but IL-6, 5-FU, A - B
    (re.compile(r"−|(?<=\w)[-–](?=[\s),;/]|$)|[-–]\s*$|^[-–](?=\d)"), " minus "),
)
BRACKETED = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]{1,20})[)\]]\s*$")
SCALED = re.compile(r"=|\d\s*(?:[-–]|to)\s*\d|\byes\b|\bno\b", re.I)  # (0-10), (1 = yes): how it is coded, and no unit


def unit_apart(label: str) -> tuple[str, str]:
    """(label, unit) of 'Creatinine (µmol/L)'; the label as it is and no unit where brackets hold something else."""
    found = BRACKETED.match(label)
    return (found[1], found[2].strip()) if found and not SCALED.search(found[2]) else (label, "")


def slug(text: str, lead: str = "c", empty: str = "column") -> str:
    """A name that a study file can use: lower case, letters, digits and underscores; `lead` stands before a digit."""
    plain = re.sub(r"[^a-z0-9]+", "_", _latin(text)).strip("_") or empty
    return f"{lead}_{plain}" if plain[0].isdigit() else plain


def _latin(text: str) -> str:
    """Letters without accents, Greek ones by their names: TGF-β is tgf-beta."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    return "".join(_letter(sign) for sign in parts if not unicodedata.combining(sign))


def _letter(sign: str) -> str:
    name = unicodedata.name(sign, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK SMALL LETTER ") else sign


def key(text: str, lead: str) -> str:
    """A name made of a text, its signs in words; `lead` stands for a text of other letters than ours."""
    plain = unicodedata.normalize("NFKC", text)
    for sign, word in SIGNS:
        plain = sign.sub(word, plain)
    return slug(plain, lead, lead)


def distinct(wishes: Mapping[str, str], lead: str, taken: Collection[str] = ()) -> dict[str, str]:
    """The wished names, made different in more than case: what is `taken` gets `lead` before it, what is alike a number."""
    found: dict[str, str] = {}
    used = set(taken)
    for what, wish in wishes.items():
        free = f"{lead}_{wish}" if wish.casefold() in taken else wish
        name, number = free, 1
        while name.casefold() in used:
            number += 1
            name = f"{free}_{number}"
        found[what] = name
        used.add(name.casefold())
    return found


def spellings(texts: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """({other spelling: the first}, what was taken for what, in words) of texts that differ in case or spaces alone.

    A space between two digits is no such difference.
    """
    folded: dict[str, list[str]] = {}
    for text in texts:
        plain = re.sub(r"[\s_]+", " ", unicodedata.normalize("NFC", text).casefold()).strip()
        folded.setdefault(re.sub(r"(?<!\d) | (?!\d)", "", plain), []).append(text)
    several = [same for same in folded.values() if same[1:]]
    return (
        {other: same[0] for same in several for other in same[1:]},
        [f"{' and '.join(f'“{other}”' for other in same[1:])} taken for “{same[0]}”" for same in several],
    )


def labelled(levels: Mapping[str, str]) -> dict[str, str]:
    """{code: label} as the file or its dictionary has them; codes of one label are told apart by the code."""
    names = [label or code for code, label in levels.items()]
    return {code: name if names.count(name) == 1 else f"{name} ({code})" for code, name in zip(levels, names)}
