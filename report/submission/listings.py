"""Listings of single patients as a Word file and a spreadsheet: data, not results, and so without addresses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from report import rounding
from report.rules import Numbers
from report.submission import workbook
from stats.study.types import Column, Study

Value = float | str
Listing = tuple[str, tuple[Column, ...], list[tuple[Value, ...]]]
ABREAST = 8  # columns beside those that name the patient; more go into a further part
FRONT = ("patient", "arm")
MOST = 6  # decimals of a column that declares none
LONGEST = 400  # rows that Word shows; longer listings are in the spreadsheet only
NOTE = ("Values of single patients, under numbers of their own, in days from day zero; text fields and identifiers are left "
        "out. They are data, and no rows of results.csv.")


def page(found: Sequence[Listing], numbers: Numbers) -> Markup:
    """The page that listings.docx is made from."""
    parts = [Markup("<h1>Listings of patients</h1>\n<p>{}</p>").format(NOTE)]
    number = 0
    for name, columns, rows in found:
        if len(rows) > LONGEST:
            parts.append(Markup("<p>{} are in the spreadsheet only: {} rows.</p>").format(
                title(name), Markup("<cite>{}</cite>").format(len(rows))))
            continue
        shares = _parts(columns)
        for part, shown in enumerate(shares, 1):
            number += 1
            called = f"{title(name)}, part {part} of {len(shares)}" if len(shares) > 1 else title(name)
            parts.append(_table(number, called, [columns[at] for at in shown],
                                [[_text(columns[at], row[at], numbers) for at in shown] for row in rows]))
    return Markup("\n").join([Markup('<section id="listings">'), *parts, Markup("</section>")])


def sheets(found: Sequence[Listing], study: Study) -> bytes:
    """listings.xlsx: a sheet for each listing, numbers as numbers."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.title = study.short, "Listings of patients"
    for name, columns, rows in found:
        sheet = book.create_sheet(title(name)[:workbook.NAME])
        workbook.heads(sheet, [_head(column) for column in columns])
        for at, row in enumerate(rows, 2):
            for place, value in enumerate(row, 1):
                if value != "":
                    workbook.put(sheet, at, place, value)
        sheet.freeze_panes = sheet.cell(2, 1 + sum(column.name in FRONT for column in columns))
    return workbook.saved(book, study.data_cutoff)


def title(name: str) -> str:
    """What a listing of a frame is called."""
    return "Patients" if name == "subjects" else name.replace("_", " ").capitalize()


def _parts(columns: Sequence[Column]) -> list[list[int]]:
    """Places of the columns of each part: who it is, then the others in shares that are as equal as can be."""
    front = [at for at, column in enumerate(columns) if column.name in FRONT]
    rest = [at for at, column in enumerate(columns) if column.name not in FRONT]
    many = -(-len(rest) // ABREAST)
    edges = [len(rest) * part // many for part in range(many + 1)]
    return [[*front, *rest[start:end]] for start, end in pairwise(edges)]


def _table(number: int, name: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(_head(column)) for column in columns)
    lines = [Markup('<tr><th scope="row">{}</th>{}</tr>').format(
        row[0], Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row[1:])) for row in rows]
    return Markup('<div class="table long" id="listing-{0}"><table><caption><b>Listing {0}.</b> {1}.</caption>'
                  '<thead><tr>{2}</tr></thead><tbody>{3}</tbody></table></div>').format(
        number, _digits(name), heads, Markup("\n").join(lines))


def _digits(text: str) -> Markup:
    """Text in which a number is a name."""
    return Markup(" ").join(Markup("<cite>{}</cite>").format(word) if word.isdigit() else escape(word)
                            for word in text.split(" "))


def _head(column: Column) -> str:
    return f"{column.label or column.name}, {column.unit}" if column.unit else column.label or column.name


def _text(column: Column, value: Value, numbers: Numbers) -> str:
    """A value in the journal's signs, with the digits that its column declares or all that it has."""
    if isinstance(value, str):
        return value
    exact = rounding.exact(value)
    digits = rounding.trimmed(exact, MOST) if column.digits is None else column.digits
    return rounding.written(rounding.half_up(exact, digits), digits, decimal=numbers.decimal, minus=numbers.minus)

