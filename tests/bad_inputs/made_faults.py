"""Faults put into a made study: odd values, misspelt or missing keys, odd cells."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.bad_inputs.fuzz import ODD_CELLS
from tests.bad_inputs.made_files import Made

ODD_TEXTS = (
    "",
    " ",
    "x" * 400,
    "\u202eabc",
    "\u200b",
    "\0",
    "a\nb",
    "{% if %}",
    "<script>",
    "../../x",
    "é",
    "all",
    "arms",
    "=1+1",
    "🙂",
)
ODD_VALUES: tuple[Any, ...] = (
    *ODD_TEXTS,
    0,
    1,
    -1,
    2,
    10**30,
    -0.0,
    0.95,
    1e300,
    1e-300,
    float("nan"),
    float("inf"),
    float("-inf"),
    True,
    False,
    [],
    {},
    [[]],
    ["a", "a"],
    [1, 2],
    [5, 1],
    [-1],
    [float("nan")],
    ["arm"],
    "arm",
    "age",
    "os",
    "nobody",
    {"a": "b"},
    {"": ""},
    {"a": {"b": {"c": [{"d": [[[{}]]]}]}}},
    [{}],
    datetime.date(2022, 2, 2),
    datetime.date(9999, 12, 31),
    datetime.time(12, 0),
)


def _places(of: Any) -> list[tuple[Any, Any]]:
    """(table or list, key or index) of everything inside."""
    inner = list(of.items()) if isinstance(of, dict) else list(enumerate(of)) if isinstance(of, list) else []
    return [(of, key) for key, _ in inner] + [place for _, v in inner for place in _places(v)]


def spoilt_file(draw: st.DrawFn, made: Made) -> None:
    """One place of the study file is misspelt, taken away, emptied, put into a list or a table, or has another's value."""
    places = _places(made.file)
    holder, key = draw(st.sampled_from(places)) if places else (made.file, "study")
    old = holder[key] if places else {}
    other, name = draw(st.sampled_from(places)) if places else (made.file, "study")
    change: Callable[[], Any] = draw(
        st.sampled_from(
            [
                lambda: draw(st.sampled_from(ODD_VALUES)),
                lambda: [old],
                lambda: {"a": old},
                lambda: type(old)() if isinstance(old, str | list | dict) else "",
                lambda: (
                    old + "x"
                    if isinstance(old, str)
                    else -old
                    if isinstance(old, int | float)
                    else [*old, *old]
                    if isinstance(old, list)
                    else 7
                ),
                lambda: json.loads(json.dumps(other[name], default=str)) if places else 7,
                lambda: str(old),
            ]
        )
    )
    how = draw(st.sampled_from(["value", "value", "value", "gone", "key"]))
    if how == "value" or not isinstance(holder, dict):
        holder[key] = change()
        return
    holder.pop(key, None)
    if how == "key":
        holder[draw(st.sampled_from([f"{key}s", str(key)[:-1], str(key).upper(), *ODD_TEXTS]))] = old


def spoilt_cells(draw: st.DrawFn, made: Made) -> None:
    """One cell or one column name is odd, or one row stands twice."""
    rows = made.data[draw(st.sampled_from(list(made.data)))]
    at = draw(st.integers(0, len(rows) - 1))
    if draw(st.integers(0, 4)) == 0:
        rows.insert(at, dict(rows[at]))
    else:
        column = draw(st.sampled_from(list(rows[0])))
        rows[at] = rows[at] | {column: draw(st.sampled_from(ODD_CELLS))}
