"""A table as a value: heads, lines, notes. Real header cells, indents as levels, notes below; nothing is laid out here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from report.stripped import stripped
from report.words import upper_first

MARKS = {  # of notes, in order; after the last they begin again, doubled
    "letters": "abcdefghijklmnopqrstuvwxyz",
    "symbols": "*†‡§‖¶",
}


@dataclass(frozen=True)
class Head:
    """A column head, or a spanner over `span` columns in the row above; numbers are set to the right of `centre`."""

    label: Markup
    span: int = 1


@dataclass(frozen=True)
class Line:
    """One row: a label (indented 0–2 steps) and a cell per column. `heading` makes it a row group's title."""

    label: Markup
    cells: tuple[Markup, ...] = ()
    indent: int = 0
    heading: bool = False


@dataclass(frozen=True)
class Table:
    """`heads` names every column, the stub's first; `spanners` is the optional row above; `notes` stand under the table."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    notes: tuple[Markup, ...] = ()
    spanners: tuple[Head, ...] = ()

    def __post_init__(self) -> None:
        width = len(self.heads) - 1
        for line in self.lines:
            if line.cells and len(line.cells) != width:
                raise ValueError(f"line {line.label!r} has {len(line.cells)} cells under {width} columns")

    def records(self) -> list[list[str]]:
        """The table as plain text rows for tables/*.csv: heads, then a row per line."""
        rows = [[plain(head.label) for head in self.heads]]
        for line in self.lines:
            cells = line.cells or (Markup(),) * (len(self.heads) - 1)
            rows.append(["  " * line.indent + plain(line.label), *(plain(cell) for cell in cells)])
        return rows


@dataclass
class Notes:
    """Collects a table's notes: marks for the tests in order of first use, then plain notes and abbreviations.

    kind: what the journal marks notes with, letters or symbols.
    """

    kind: str = "letters"
    lettered: dict[str, str] = field(default_factory=dict)
    plain: list[Markup] = field(default_factory=list)
    short: dict[str, str] = field(default_factory=dict)

    def letter(self, text: str) -> Markup:
        """The superscript mark under which `text` stands below the table."""
        if not text:
            return Markup()
        marks = MARKS[self.kind]
        again, place = divmod(len(self.lettered), len(marks))
        letter = self.lettered.setdefault(text, marks[place] * (again + 1))
        return Markup("<sup>{}</sup>").format(letter)

    def say(self, text: Markup | str) -> None:
        if text and escape(text) not in self.plain:
            self.plain.append(escape(text))

    def abbreviate(self, short: str, long: str) -> None:
        """An abbreviation the table uses; nothing is noted when long and short are the same but for capitals."""
        if short and short.casefold() != long.casefold():
            self.short[short] = long

    def all(self) -> tuple[Markup, ...]:
        notes = list(self.plain)
        if self.short:
            pair = Markup('<span class="label">{}, {}</span>')
            pairs = [pair.format(short, self.short[short]) for short in sorted(self.short, key=str.casefold)]
            notes.append(Markup("Abbreviations: {}.").format(Markup("; ").join(pairs)))
        marked = [(letter, upper_first(escape(text))) for text, letter in self.lettered.items()]
        notes += [Markup("<sup>{}</sup> {}.").format(*pair) for pair in marked]
        return tuple(notes)


def cells(values: Sequence[Markup | str]) -> tuple[Markup, ...]:
    return tuple(escape(value) for value in values)


def plain(markup: Markup) -> str:
    """The text of a cell without its tags; superscripts of numbers keep a caret."""
    return stripped(str(markup).replace("<sup>", "^"))
