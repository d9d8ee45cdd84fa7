"""Data files as tables of text, as far as that needs to know nothing about a study."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.findings import Problem, Refused
from stats.intake.transport import READERS

if TYPE_CHECKING:
    from stats.study.redcap import Field

ENDINGS = ("csv", "tsv", "txt", "xlsx", "parquet", *READERS)
DELIMITERS = (",", ";", "\t", "|")
LARGEST = 500 << 20
DICTIONARY = ("Variable / Field Name", "field_name")  # how a REDCap data dictionary begins


@dataclass(frozen=True)
class Table:
    """`columns` by header, cells as text ('' where empty); labels and codes where the file itself has them."""

    file: str
    columns: Mapping[str, Sequence[str]]
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""
    dictionary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file

    @property
    def rows(self) -> int:
        return max((len(cells) for cells in self.columns.values()), default=0)


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

            dictionaries[path.name] = redcap.read(path)
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
                problems.append(Problem("E_WRONG_TYPE", f"data are read from {', '.join(ENDINGS)}", one.name))
            elif one.name in found:
                problems.append(Problem("E_DUP_FILE", "two files have the same name", one.name, remedy="Rename one"))
            else:
                found[one.name] = one
    return list(found.values())


def _one(path: Path) -> list[Table]:
    ending = path.suffix[1:].lower()
    if ending in ("csv", "tsv", "txt"):
        return [_text(path)]
    reader = {"xlsx": _workbook, "parquet": _parquet}.get(ending, _transport)
    try:
        return reader(path)
    except Refused:
        raise
    except Exception as error:
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
        encoding = "latin-1"
        text = data.decode(encoding)
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        raise Refused([Problem("E_EMPTY_FILE", "the file is empty", path.name)])
    delimiter = max(DELIMITERS, key=lambda mark: (min(line.count(mark) for line in lines), lines[0].count(mark)))
    try:
        records = [
            record for record in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, record))
        ]
    except csv.Error:
        raise Refused([Problem("E_QUOTE", "the quotes in the file don't match", path.name)]) from None
    usual = {"csv": ","}.get(path.suffix[1:].lower(), "\t")
    return Table(
        path.name,
        _columns(records[0], records[1:]),
        delimiter="" if delimiter == usual else delimiter,
        encoding=encoding,
    )


def _columns(header: Sequence[str], records: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Columns with a name; rows that are too short are filled up (the check that follows counts them)."""
    names = [name.strip() for name in header]
    return {
        name: [record[i].strip() if i < len(record) else "" for record in records]
        for i, name in enumerate(names)
        if name and names.index(name) == i
    }


def _workbook(path: Path) -> list[Table]:
    import os

    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise Refused([Problem("E_FILE_TOO_LARGE", "the workbook unpacks to more than 500 MB", path.name)])
    os.environ["OPENPYXL_LXML"] = "False"  # lxml would expand entities
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True, read_only=True, keep_links=False)
    tables = []
    for sheet in book.worksheets:
        rows = [[_spelled(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        rows = [row for row in rows if any(row)]
        if rows:
            several = len(book.worksheets) > 1
            tables.append(Table(path.name, _columns(rows[0], rows[1:]), sheet.title if several else ""))
    return tables


def _parquet(path: Path) -> list[Table]:
    from pyarrow import parquet

    found = parquet.read_table(path)
    return [
        Table(path.name, {name: [_spelled(value) for value in found[name].to_pylist()] for name in found.column_names})
    ]


def _transport(path: Path) -> list[Table]:
    """SAS, SPSS, Stata: these know labels and codes."""
    import pyreadstat

    reader = getattr(pyreadstat, READERS[path.suffix[1:].lower()])
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
