"""Reads the public reference values and the data each was computed from.

An entry says in words which rows and derived columns it used. The words that occur are interpreted here; for others
`data` returns None and the numbers the entry itself carries (its table, its counts) have to do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Entry = dict[str, Any]

COMPARE = {"==": "eq", "<=": "le", ">=": "ge", "<": "lt", ">": "gt"}


def entries(oracle: Path, *families: str) -> Iterator[Entry]:
    """Entries of the families (second part of the id), in order of file and position."""
    for file in sorted(oracle.glob("values/**/*.json")):
        for entry in json.loads(file.read_text(encoding="utf-8"))["entries"]:
            if entry["id"].split(".")[1] in families:
                yield entry


def number(value: Any) -> float:
    """A number of an entry; JSON has none for NA, Inf and NaN, so they are words there."""
    return {"Inf": math.inf, "-Inf": -math.inf}.get(value, math.nan) if isinstance(value, str) else float(value)


def data(oracle: Path, entry: Entry) -> pd.DataFrame | None:
    """The rows of an entry's data set after its filter, derived columns added; None when a filter isn't understood."""
    frame = _read(oracle / "data" / entry["dataset"].removeprefix("oracle_shared/")).copy()
    for clause in (part.strip() for part in (entry["input"].get("filter") or "none").split(";")):
        kept = _applied(frame, clause)
        if kept is None:
            return None
        frame = kept
    return frame


def samples(oracle: Path, entry: Entry) -> list[np.ndarray] | None:
    """The entry's value column, one sample per group, missing left out; None when the data can't be had."""
    frame = data(oracle, entry)
    columns = entry["input"]["columns"]
    if frame is None:
        return None
    group = frame[columns["group"]].map(text)
    found = [frame.loc[group == text(level), columns["value"]].dropna().to_numpy(float)
             for level in entry["input"]["groups"]]
    stated = entry["input"].get("n")
    assert stated is None or [len(sample) for sample in found] == stated, entry["id"]
    return found


def crosstab(frame: pd.DataFrame, row: str, column: str, rows: list[Any], columns: list[Any]) -> np.ndarray:
    """Counts of two columns at the levels asked for, in their order."""
    first, second = frame[row].map(text), frame[column].map(text)
    return np.array([[int(((first == text(r)) & (second == text(c))).sum()) for c in columns] for r in rows])


def text(value: Any) -> str | None:
    """A cell as R's as.character writes it; None when missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


@cache
def _read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, keep_default_na=False, na_values=["", "NA"], encoding="utf-8-sig", low_memory=False)
    if (frame.astype(object) == "?").to_numpy().any():
        frame = frame.replace("?", np.nan)
        for name in frame.columns:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            if numbers.notna().equals(frame[name].notna()):
                frame[name] = numbers
    return frame


def _applied(frame: pd.DataFrame, clause: str) -> pd.DataFrame | None:
    """The frame after one clause of a filter, or None when the clause isn't understood."""
    if clause in ("none", "cells '?' are missing") or clause.startswith("note "):
        return frame  # missing cells were seen to on reading
    if clause.startswith("derive product2:"):
        product = frame["product"]
        three = np.where(product.str.contains("axi"), "axi-cel", np.where(product == "tisa-cel", "tisa-cel", "other"))
        return frame.assign(product2=three)
    if match := re.fullmatch(r"(\S+) not missing( \(.*\))?", clause):
        return frame[frame[match[1]].notna()]
    if match := re.fullmatch(r"(\w+) = (\S+) is TRUE", clause):
        return frame.assign(**{match[1]: frame[match[2]].map(text).map({"TRUE": 1, "FALSE": 0})})
    if match := re.fullmatch(r"(\w+) = (\S+) (==|<=|>=|<|>) (\S+)", clause):
        return frame.assign(**{match[1]: _compared(frame[match[2]], match[3], match[4]).astype(int)})
    if match := re.fullmatch(r"(\S+) in ([^ ]+)", clause):
        return frame[frame[match[1]].map(text).isin(match[2].split(","))]
    if match := re.fullmatch(r"(\S+?) ?(==|<=|>=|<|>) ?(\S+)", clause):
        return frame[_compared(frame[match[1]], match[2], match[3])]
    return None


def _compared(column: pd.Series, operator: str, value: str) -> pd.Series:
    if value.startswith("'"):
        return column.map(text) == value.strip("'")
    return getattr(column, COMPARE[operator])(float(value))

CLOSED = 1e-8  # relative agreement asked of everything: all of it is closed or solved to the last digits


def same(found: float, expected: Any, tolerance: float = CLOSED) -> None:
    """Asserts that a result is the entry's number; nan only where the entry has none."""
    wanted = number(expected)
    agree = math.isnan(found) if math.isnan(wanted) else (
        found == wanted or math.isclose(found, wanted, rel_tol=tolerance, abs_tol=1e-13))
    assert agree, (found, expected)


def walk(oracle: Path, family: str, check: Callable[[Path, Entry], bool]) -> int:
    """Checks every entry of a family and counts those that could be compared; a failure names its entry."""
    compared = 0
    for entry in entries(oracle, family):
        try:
            compared += check(oracle, entry)
        except AssertionError as error:
            raise AssertionError(f"{entry['id']}: {error}") from error
    return compared
