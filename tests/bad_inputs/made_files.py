"""A made study as it is written to a folder."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Rows = list[dict[str, str]]


@dataclass
class Made:
    """A study before it is written: the study file as nested tables, and files of rows."""

    file: dict[str, Any]
    data: dict[str, Rows]

    def __repr__(self) -> str:
        return "\n".join((text(self.file), *(f"--- {name}\n{table(rows)}" for name, rows in self.data.items())))

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        (folder / "study.toml").write_text(text(self.file), "utf-8", newline="")
        for name, rows in self.data.items():
            (folder / name).write_text(table(rows), "utf-8", newline="")
        return folder


def value(of: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(of, dict):
        return (
            "{ " + ", ".join(f"{json.dumps(str(key), ensure_ascii=False)} = {value(v)}" for key, v in of.items()) + " }"
        )
    if isinstance(of, list | tuple):
        return "[" + ", ".join(value(v) for v in of) + "]"
    if isinstance(of, str):
        return json.dumps(of, ensure_ascii=False)
    if isinstance(of, bool):
        return str(of).lower()
    return str(of)


def text(file: dict[str, Any]) -> str:
    """The study file: bare keys first, then a table for each block, whose own tables stand on one line."""
    bare = [f"{json.dumps(key, ensure_ascii=False)} = {value(v)}" for key, v in file.items() if not isinstance(v, dict)]
    for block, content in file.items():
        if isinstance(content, dict):
            bare.append(f"\n[{json.dumps(block, ensure_ascii=False)}]")
            bare += [f"{json.dumps(key, ensure_ascii=False)} = {value(v)}" for key, v in content.items()]
    return "\n".join(bare) + "\n"


def table(rows: Rows) -> str:
    out = io.StringIO()
    columns = list(rows[0])
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writerows(rows)
    return out.getvalue()
