"""Data files as tables of text, as far as that needs to know nothing about a study."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.findings import Problem, Refused
from stats.intake.excel import trimmed
from stats.intake.transport import READERS
from stats.propose.blocks import Block, blocks, patients_of
from stats.study.layout import letters, spelled
from stats.study.sources import DATABASES

if TYPE_CHECKING:
    from stats.study.redcap import Field

ENDINGS = ("csv", "tsv", "txt", "xlsx", "parquet", *READERS)
DELIMITERS = (",", ";", "\t", "|")
LARGEST = 500 << 20
SAMPLE = 1 << 20  # letters in which the sign between the columns is looked for
DATABASE = "Export its tables to Parquet, propose a study from these, then name the database in it with source and table"
DICTIONARY = ("Variable / Field Name", "field_name")  # how a REDCap data dictionary begins


@dataclass(frozen=True)
class Table:
    """`columns` by header, cells as text ('' where empty); labels and codes where the file itself has them.

    `lines` are the rows of the file, `letters` the columns of a workbook, `header` the rows of the names where they aren't
    the first row, `cells` the range where the sheet holds more than this table, `formulas` cells never computed by header.
    """

    file: str
    columns: Mapping[str, Sequence[str]]
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lines: Sequence[int] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    header: tuple[int, ...] = ()
    cells: str = ""
    left_out: tuple[str, ...] = ()
    formulas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)  # instrument and event of a REDCap export

    @property
    def name(self) -> str:
        said = f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
        said += f", cells {self.cells}" if self.cells else ""
        return said + "".join(f", {key} {' and '.join(values)}" for key, values in self.keys.items() if any(values))

    @property
    def rows(self) -> int:
        return max((len(cells) for cells in self.columns.values()), default=0)

    def at(self, places: Sequence[int]) -> Table:
        """The table with these of its rows."""
        return replace(self, columns={head: [cells[i] for i in places] for head, cells in self.columns.items()},
                       lines=[self.lines[i] if self.lines else i + 2 for i in places])

    def where(self, head: str, places: Sequence[int], most: int = 8) -> str:
        """Cells of a workbook, or rows of another file, as a person finds them."""
        rows = [self.lines[place] if place < len(self.lines) else place + 2 for place in places]
        letter = self.letters.get(head, "")
        listed = ", ".join(f"{letter}{row}" for row in rows[:most]) + (" …" if len(rows) > most else "")
        return listed if letter else f"row{'s' if len(rows) > 1 else ''} {listed}"


def read(paths: Iterable[Path]) -> tuple[list[Table], dict[str, dict[str, Field]]]:
    """(tables, REDCap dictionaries by file name). Refused, with every file that can't be read."""
    tables: list[Table] = []
    dictionaries: dict[str, dict[str, Field]] = {}
    problems: list[Problem] = []
    for path in _files(paths, problems):
        try:
            found = _one(path)
        except Refused as refused:
            problems += refused.problems
            continue
        if found and any(name in found[0].columns for name in DICTIONARY):
            from stats.study import redcap

            try:
                dictionaries[path.name] = redcap.read(path)
            except ValueError as error:
                problems.append(Problem("E_FILE_BROKEN", str(error), path.name, remedy="Export it again, as UTF-8"))
        else:
            tables += [table for table in found if table.rows and table.columns]
    if problems or not tables:
        raise Refused(problems or [Problem("E_NO_ROWS", "none of the files holds a table with rows")])
    return tables, dictionaries


def _files(paths: Iterable[Path], problems: list[Problem]) -> list[Path]:
    found: dict[str, Path] = {}
    for path in paths:
        inside = sorted(p for p in path.iterdir() if p.suffix[1:].lower() in ENDINGS) if path.is_dir() else [path]
        for one in inside:
            if not one.is_file():
                problems.append(Problem("E_FILE_MISSING", f"there is no file at {one}", one.name))
            elif one.suffix[1:].lower() not in ENDINGS:
                problems.append(Problem("E_WRONG_TYPE", f"data are read from {', '.join(ENDINGS)}", one.name,
                                        remedy=DATABASE if one.suffix[1:].lower() in DATABASES else ""))
            elif one.name in found:
                problems.append(Problem("E_DUP_FILE", "two files have the same name", one.name, remedy="Rename one"))
            else:
                found[one.name] = one
    return list(found.values())


def _one(path: Path) -> list[Table]:
    ending = path.suffix[1:].lower()
    if ending in ("csv", "tsv", "txt"):
        return [_text(path)]
    with path.open("rb"):  # a file that nobody may read is no broken one
        pass
    return {"xlsx": _workbook, "parquet": _parquet}.get(ending, _transport)(path)


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """What a library raises while it opens a file tells of the file; what we make of it afterwards is ours."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Refused | MemoryError) or (isinstance(error, OSError) and error.errno):
            raise
        raise Refused(
            [
                Problem(
                    "E_FILE_BROKEN",
                    f"the file can't be read ({type(error).__name__})",
                    path.name,
                    remedy="Save or export it again",
                )
            ]
        ) from None


def _text(path: Path) -> Table:
    data = path.read_bytes()
    encoding = ""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        # between 0x80 and 0x9f Windows has its dashes, quotes and the euro, Latin-1 control characters
        encoding = "cp1252" if re.search(rb"[\x80-\x9f]", data) else "latin-1"
        text = data.decode(encoding, "replace")
    lines = [line for line in re.split(r"[\r\n]+", text[:SAMPLE])[:50] if line.strip()]
    if not lines:
        raise Refused([Problem("E_EMPTY_FILE", "the file is empty", path.name)])
    delimiter = max(DELIMITERS, key=lambda mark: (_separated(lines, mark), lines[0].count(mark)))
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused([Problem("E_QUOTE", "the quotes in the file don't match", path.name)]) from None
    usual = {"csv": ","}.get(path.suffix[1:].lower(), "\t")
    width = max(map(len, records))
    grid = [[cell.strip() for cell in record] + [""] * (width - len(record)) for record in records]
    found = blocks(grid)
    if not found:
        return Table(path.name, {})
    whole = Block(
        found[0].header,
        tuple(i for i in range(found[0].header[-1] + 1, len(grid)) if any(grid[i])),
        0,
        width - 1,
        found[0].names,
    )
    whole = replace(whole, rows=patients_of(grid, whole))  # a text has no range that could leave a total out
    columns, lines_of = _columns(grid, whole), [i + 1 for i in whole.rows]
    header = tuple(i + 1 for i in whole.header)
    return Table(
        path.name,
        columns,
        delimiter="" if delimiter == usual else delimiter,
        encoding=encoding,
        lines=lines_of,
        header=() if header == (1,) else header,
    )


def _separated(lines: Sequence[str], mark: str) -> int:
    """In how many fields the mark parts most lines; titles above a table have none of it."""
    counts = sorted(line.count(mark) for line in lines)
    return counts[len(counts) // 4]


def _columns(grid: Sequence[Sequence[str]], block: Block) -> dict[str, list[str]]:
    """Columns with a name; of two of one name the first (the check that follows says so)."""
    return {
        name: [grid[i][block.left + place] for i in block.rows]
        for place, name in enumerate(block.names)
        if name and block.names.index(name) == place
    }


def _workbook(path: Path) -> list[Table]:
    import os

    with _opening(path), zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise Refused([Problem("E_FILE_TOO_LARGE", "the workbook unpacks to more than 500 MB", path.name)])
    os.environ["OPENPYXL_LXML"] = "False"  # lxml would expand entities
    import openpyxl

    with _opening(path):
        book = openpyxl.load_workbook(path, data_only=True, keep_links=False)
        plain = openpyxl.load_workbook(path, data_only=False, keep_links=False)
    tables = []
    for sheet in map(trimmed, book.worksheets):
        grid = [[_spelled(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        merged = [(m.min_row - 1, m.max_row - 1, m.min_col - 1, m.max_col - 1) for m in sheet.merged_cells.ranges]
        found = blocks(grid, merged)
        for block in found:
            uncomputed = _uncomputed(plain[sheet.title], grid, block)
            tables.append(
                _of_block(path, sheet.title if len(book.worksheets) > 1 else "", grid, block, found, uncomputed)
            )
    return tables


def _of_block(
    path: Path,
    sheet: str,
    grid: Sequence[Sequence[str]],
    block: Block,
    found: Sequence[Block],
    formulas: Mapping[str, Sequence[str]],
) -> Table:
    header = tuple(i + 1 for i in block.header)
    beside = any(cell for row in grid[block.header[0] :] for cell in (*row[: block.left], *row[block.right + 1 :]))
    alone = len(found) == 1 and not block.left_out and not beside
    cells = "" if alone else spelled((header[0], block.bottom + 1, block.left + 1, block.right + 1))
    told = () if header == (1,) or (cells and len(header) == 1) else header
    return Table(
        path.name,
        _columns(grid, block),
        sheet,
        lines=[i + 1 for i in block.rows],
        letters={
            name: letters(block.left + place + 1) for place, name in reversed(list(enumerate(block.names))) if name
        },
        header=told,
        cells=cells,
        left_out=block.left_out,
        formulas=formulas,
    )


def _uncomputed(sheet: Any, grid: Sequence[Sequence[str]], block: Block) -> dict[str, list[str]]:
    """Cells with a formula and no stored value, by column."""
    found: dict[str, list[str]] = {}
    for i in block.rows:
        for place, name in enumerate(block.names):
            cell = sheet.cell(i + 1, block.left + place + 1)
            if name and cell.data_type == "f" and not grid[i][block.left + place]:
                found.setdefault(name, []).append(cell.coordinate)
    return found


def _parquet(path: Path) -> list[Table]:
    from pyarrow import parquet

    with _opening(path):
        found = parquet.read_table(path)
    return [
        Table(path.name, {name: [_spelled(value) for value in found[name].to_pylist()] for name in found.column_names})
    ]


def _transport(path: Path) -> list[Table]:
    """SAS, SPSS, Stata: these know labels and codes."""
    import pyreadstat

    reader = getattr(pyreadstat, READERS[path.suffix[1:].lower()])
    with _opening(path):
        data, meta = reader(str(path), output_format="dict")
    codes = {
        name: {_spelled(code): str(label) for code, label in labels.items()}
        for name, labels in getattr(meta, "variable_value_labels", {}).items()
    }
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
    return [
        Table(
            path.name,
            {name: [_spelled(value) for value in values] for name, values in data.items()},
            labels=labels,
            codes=codes,
        )
    ]


def _spelled(value: Any) -> str:
    """A cell as text, spelled as the reader of a study spells it."""
    import numpy as np

    from stats.intake.excel import spelled

    if value is None or str(value) in ("nan", "NaT", "None"):
        return ""
    return spelled(value.item() if isinstance(value, np.generic) else value, "").strip()
