"""What long tables are about: adverse events by their terms, analytes with unit and limits as far as the file tells them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stats.propose import wide
from stats.propose.naming import key, unit_apart
from stats.propose.roles import Part

ANALYTES = 12  # analytes that a first study is given at most


def terms(part: Part) -> dict[str, Mapping[str, object]]:
    column = next((column for column in part.columns if column.name == "term"), None)
    if column is None:
        return {}
    shouted = column.source.startswith("AE") and all(label.isupper() for label in column.levels.values())
    return {name: {"label": label.capitalize() if shouted else label} for name, label in column.levels.items()}


def analytes(part: Part) -> dict[str, Mapping[str, object]]:
    """Analytes with label, unit and limits, as far as the file tells them."""
    cells = part.table.columns
    if part.wide:
        names = wide.names(part.wide)
        return {
            names[stem]: _analyte(stem, "", {head: cells[head] for head in days}) for stem, days in part.wide.items()
        }
    analyte = next((column for column in part.columns if column.name == "analyte"), None)
    if analyte is None:  # a single one, which the column of values is called by
        value = next(column for column in part.columns if column.name == "value")
        unit = unit_apart(value.source)[1]
        return {key(value.source, "analyte"): _analyte(value.label, unit, {"value": cells[value.source]})}
    source = {column.name: column.source for column in part.columns}
    found: dict[str, Mapping[str, object]] = {}
    for name, written in list(analyte.levels.items())[:ANALYTES]:
        at = [i for i, cell in enumerate(cells[analyte.source]) if analyte.values.get(cell, cell) == name]
        called = (
            next((cells["PARAM"][i] for i in at), written)
            if "PARAM" in cells and analyte.source == "PARAMCD"
            else written
        )
        hit = re.fullmatch(r"(.*\S)\s*\(([^()]+)\)", called)
        units = {cells[source["unit"]][i] for i in at} - {""} if "unit" in source else set()
        unit = next(iter(units)) if len(units) == 1 else hit[2] if hit and not units else ""
        found[name] = _analyte(hit[1] if hit else called, unit, {"value": [_signed(cells, source, i) for i in at]})
    return found


def _signed(cells: Mapping[str, Sequence[str]], source: Mapping[str, str], place: int) -> str:
    """A value with its qualifier, where that stands in a column of its own."""
    sign = cells[source["qualifier"]][place] if "qualifier" in source else ""
    value = cells[source["value"]][place]
    return value if value.startswith(("<", ">")) else f"{sign}{value}"


def _analyte(label: str, unit: str, cells: Mapping[str, Sequence[str]]) -> dict[str, object]:
    below, above = wide.limits(cells)
    keys: dict[str, object] = {"label": label}
    if unit:
        keys["unit"] = unit
    return keys | ({"lloq": float(below)} if below else {}) | ({"uloq": float(above)} if above else {})
