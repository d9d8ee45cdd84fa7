"""Where a table goes on on another page, the labels of the group that its first row belongs to are said once more.

WeasyPrint repeats a table's heads and nothing else. A row that was set on the page before lends its place: so what is counted
by rows, as where a page ends, stays as it is.
"""

from __future__ import annotations

from typing import Any

from report.columns import STEPS

CONTINUED = " (continued)"


def repeat_labels() -> None:
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import block, table

    plain = table.table_layout

    def set_(context: Any, box: Any, space: float, skip: Any, *words: Any) -> Any:
        number, row = _goes_on(skip)
        rows = box.children[number].children
        labels = _labels(rows, row)
        if vars(box).setdefault("went_on", {}).setdefault((number, row), context.current_page) != context.current_page:
            labels = []  # the row found no room below them: it stands without
        if not labels:
            return plain(context, box, space, skip, *words)
        lent = row - len(labels)
        try:
            box.children[number].children = [*rows[:lent], *(_continued(rows[label], boxes) for label in labels), *rows[row:]]
            return plain(context, box, space, {number: {lent: None}}, *words)
        finally:
            box.children[number].children = rows

    table.table_layout = block.table_layout = set_


def _goes_on(skip: Any) -> tuple[int, int]:
    """Group and row that begin a page, if a whole row does; else its first."""
    for number, rows in (skip or {}).items():
        for row, cells in (rows or {}).items():
            if cells is None:
                return number, row
    return 0, 0


def _labels(rows: list[Any], row: int) -> list[int]:
    """The rows that head the group of this row, the outermost first."""
    found: list[int] = []
    depth = _depth(rows[row]) if row else 0
    for number in range(row - 1, -1, -1):
        if depth >= 0 and _depth(rows[number]) < depth:
            depth = _depth(rows[number])
            found.insert(0, number)
    return found if len(found) <= row else []


def _depth(row: Any) -> int:
    """How far a row's label is set in; a heading is below none."""
    if row.element.get("class") == "heading":
        return -1
    return STEPS.get(row.children[0].element.get("class", "") if row.children else "", 0)


def _continued(row: Any, boxes: Any) -> Any:
    """The row with its label alone."""
    made = row.deepcopy()
    label, *others = made.children
    for cell in others:
        cell.children = []
    lines = [box for box in label.descendants() if isinstance(box, boxes.LineBox)]
    lines[-1].children = [*lines[-1].children, boxes.TextBox.anonymous_from(lines[-1], CONTINUED)]
    return made
