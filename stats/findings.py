"""One thing that is wrong, or was mended, with the place a clinician can go to.

Every stage collects its problems and raises them once. Codes begin with what must follow:
``E_`` refuse, ``R_`` repaired without loss, ``W_`` built but worth a look, ``N_`` not estimable, ``V_`` a claim fails.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

SHOWN_PER_CODE = 20
VERBS = {"is": "are", "was": "were", "has": "have", "repeats": "repeat", "lies": "lie",
         "differs": "differ"}  # of one, of several
ROWS = re.compile(r" \(rows? \d+(?:, \d+)*(?: …)?\)")  # as `of_rows` of the derivations names them


@dataclass(frozen=True, slots=True)
class Problem:
    """file and column as the user calls them; row as a spreadsheet shows it (header = 1), None when it is no single row.

    reason says what was found and what was expected; remedy what to do next; value the offending cell, shown only on request;
    cell where a workbook calls the place so, such as C14.
    """

    code: str
    reason: str
    file: str = ""
    row: int | None = None
    column: str = ""
    remedy: str = ""
    value: str = ""
    sheet: str = ""
    cell: str = ""

    @property
    def fatal(self) -> bool:
        return self.code.startswith("E_")

    def strictly(self) -> Problem:
        """A warning as the error that it is under --strict; anything else as it is."""
        return replace(self, code=f"E_{self.code[2:]}") if self.code.startswith("W_") else self

    def line(self, show_values: bool = False) -> str:
        """One line for a terminal; the cell's value stays masked unless asked for."""
        text = f"{self.code} {self._found()}"
        if self.value and show_values:
            text += f" (found {self.value!r})"
        return _visible(f"{_closed(text)} {_closed(self.remedy)}" if self.remedy else text)

    def note(self) -> str:
        """One line for readers of a report, who look up no code and can mend nothing: the place, and what was found there,
        without the further rows."""
        found = ROWS.sub("", self._found())
        return _visible(_closed(found if self.file else found[:1].upper() + found[1:]))

    def _found(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.sheet, self.row or "", self.column) if part != "")
        place += f" (cell {self.cell})" if self.cell else ""
        return f"{place}: {self.reason}" if place else self.reason


def _visible(text: str) -> str:
    """A line that stays one line and reads in one direction, whatever the names in it hold."""
    if text.isprintable():
        return text
    plain = (c.isprintable() or unicodedata.category(c) == "Zs" for c in text)
    return "".join(c if kept else c.encode("unicode_escape").decode() for c, kept in zip(text, plain))


def _closed(text: str) -> str:
    text = text.rstrip(". ")
    return text if text.endswith(("?", "!")) else f"{text}."


class Refused(Exception):
    """The study or its data can't be used; carries every problem found by the stage that refused."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(counted(len(self.problems), "problem"))


def refuse_if_fatal(problems: Iterable[Problem]) -> None:
    """Raise Refused with all problems when one of them is an error."""
    problems = tuple(problems)
    if any(problem.fatal for problem in problems):
        raise Refused(problems)


def nearest(name: str, known: Iterable[str]) -> str:
    """' (did you mean 'x'?)' for the closest known name, or ''."""
    hit = meant(name, known)
    return f" (did you mean {hit!r}?)" if hit else ""


def meant(name: str, known: Iterable[str]) -> str:
    """The closest known name, or ''."""
    known = list(known)
    folded = {k.casefold(): k for k in known}
    hit = folded.get(name.casefold())
    if hit is None:
        hit = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "")
    return hit


def slip(one: str, other: str) -> bool:
    """Equal but for case, or for a single letter changed, added, left out or changed places with its neighbour."""
    a, b = sorted((one.casefold(), other.casefold()), key=len)
    if len(b) - len(a) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), len(a))
    rest, more = a[start:], b[start:]
    if len(a) == len(b):
        return rest[1:] == more[1:] or (rest[:2] == more[1::-1] and rest[2:] == more[2:])
    return rest == more[1:]


def counted(number: int, what: str, verb: str = "") -> str:
    """'1 hidden row is', '2 hidden rows are'."""
    return f"{number} {what} {verb}".rstrip() if number == 1 else f"{number} {what}s {VERBS.get(verb, '')}".rstrip()


def shown(problems: Iterable[Problem], show_values: bool = False) -> list[str]:
    """Lines for a terminal: at most twenty of a code, then a count."""
    lines: list[str] = []
    seen: dict[str, int] = {}
    for problem in problems:
        seen[problem.code] = seen.get(problem.code, 0) + 1
        if seen[problem.code] <= SHOWN_PER_CODE:
            lines.append(problem.line(show_values))
    lines += [f"{code} … and {n - SHOWN_PER_CODE} more of this kind" for code, n in seen.items() if n > SHOWN_PER_CODE]
    return lines
