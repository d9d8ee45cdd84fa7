"""Small changes to a study folder, each a function from the folder to nothing, to be put together into cases."""

from __future__ import annotations

import csv
import io
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

Bend = Callable[[Path], None]
Table = list[list[str]]
SUBJECTS, EVENTS, SERIES, STUDY = "subjects.csv", "events.csv", "series.csv", "study.toml"


def read(path: Path) -> Table:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"))))


def write(path: Path, table: Table) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    path.write_text(out.getvalue(), "utf-8")


def table(file: str, change: Callable[[Table], Table | None]) -> Bend:
    """Change the rows of a file (header first), in place or by returning others."""

    def bend(folder: Path) -> None:
        rows = read(folder / file)
        made = change(rows)
        write(folder / file, rows if made is None else made)

    return bend


def cell(file: str, row: int, column: str, value: str) -> Bend:
    """One cell; rows are counted as a spreadsheet shows them (the header is 1)."""

    def change(rows: Table) -> None:
        rows[row - 1][rows[0].index(column)] = value

    return table(file, change)


def column(file: str, name: str, change: Callable[[str], str]) -> Bend:
    """Every cell of a column."""

    def each(rows: Table) -> None:
        place = rows[0].index(name)
        for row in rows[1:]:
            row[place] = change(row[place])

    return table(file, each)


def dates(file: str, change: Callable[[str], str], names: tuple[str, ...] = ()) -> Bend:
    """Every filled cell of the named columns, or of all that end in `date`."""

    def each(rows: Table) -> None:
        for place, name in enumerate(rows[0]):
            if name in names or (not names and name.endswith("date")):
                for row in rows[1:]:
                    row[place] = change(row[place]) if row[place] else ""

    return table(file, each)


def row(file: str, *cells: str) -> Bend:
    """A further row at the end, filled up with empty cells."""
    return table(file, lambda rows: rows.append([*cells, *[""] * (len(rows[0]) - len(cells))]))


def raw(file: str, change: Callable[[bytes], bytes]) -> Bend:
    def bend(folder: Path) -> None:
        path = folder / file
        path.write_bytes(change(path.read_bytes()))

    return bend


def text(file: str, old: str, new: str) -> Bend:
    """The first occurrence of a text; that it occurs is part of the deal."""

    def bend(folder: Path) -> None:
        whole = (folder / file).read_text("utf-8")
        assert old in whole, f"{old!r} is not in {file}"
        (folder / file).write_text(whole.replace(old, new, 1), "utf-8")

    return bend


def study(old: str, new: str) -> Bend:
    return text(STUDY, old, new)


def also(block: str) -> Bend:
    """A further block at the end of the study file."""

    def bend(folder: Path) -> None:
        with (folder / STUDY).open("a", encoding="utf-8") as file:
            file.write(f"\n{block}\n")

    return bend


def new(file: str, content: str | bytes) -> Bend:
    def bend(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return bend


def gone(file: str) -> Bend:
    return lambda folder: (folder / file).unlink()


def folder_instead(file: str) -> Bend:
    def bend(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return bend


def link_outside(file: str) -> Bend:
    """The file moved out of the study's folder, with a symbolic link left in its place."""

    def bend(folder: Path) -> None:
        target = folder.parent / f"outside-{file}"
        shutil.move(folder / file, target)
        os.symlink(target, folder / file)

    return bend


def ids(change: Callable[[str], str], *files: str) -> Bend:
    """Every identifier of the named files, by default of all three."""

    def bend(folder: Path) -> None:
        for file in files or (SUBJECTS, EVENTS, SERIES):
            column(file, "subject", change)(folder)

    return bend


def where(file: str, column_name: str, value: str, target: str, change: Callable[[str], str]) -> Bend:
    """The target column of rows whose other column has a value."""

    def each(rows: Table) -> None:
        asked, place = rows[0].index(column_name), rows[0].index(target)
        for line in rows[1:]:
            if line[asked] == value:
                line[place] = change(line[place])

    return table(file, each)


def renamed(file: str, old: str, fresh: str) -> Bend:
    def change(rows: Table) -> None:
        rows[0][rows[0].index(old)] = fresh

    return table(file, change)


def extra(file: str, name: str, value: Callable[[int], str]) -> Bend:
    """A further column; `value` is given the row as a spreadsheet counts it."""
    return table(file, lambda rows: [[*line, value(i) if i > 1 else name] for i, line in enumerate(rows, start=1)])


def event(term: str, grade: str = "2") -> Bend:
    """A further event of the first patient, of a term that nobody analyses."""
    return row(EVENTS, "P01", term, grade, "2022-01-20", "2022-01-25")


def decomposed(word: str) -> str:
    return unicodedata.normalize("NFD", word)
