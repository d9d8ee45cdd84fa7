"""Numbers in, numbers out: pure functions that import nothing of ours outside this folder.

Each module keeps `DESCRIPTIONS`: method key to how a paper describes it, beside the code that computes it. The Methods
paragraph is made of the keys that ran.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from stats.methods.types import Description

TABLE = re.compile(r"^DESCRIPTIONS[^=\n]*= (\{.*?^\}|\{\})", re.M | re.S)
CONSTANT = re.compile(r'^([A-Z_]+) = "([^"\\\n]*)"', re.M)


@cache
def descriptions() -> dict[str, Description]:
    """Every method's description by key; a key described twice is refused."""
    found: dict[str, Description] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        for key, description in described(module).items():
            if key in found:
                raise ValueError(f"method {key!r} is described twice")
            found[key] = description
    return found


def described(module: str) -> dict[str, Description]:
    """The methods of one module, read off its source where that is plain text: to name a method costs no import of it."""
    source = (Path(__path__[0]) / f"{module}.py").read_text("utf-8")
    block = TABLE.search(source)
    if block is None:
        return {}
    names = dict(CONSTANT.findall(source))
    table = ast.parse(block[1], mode="eval").body
    try:
        assert isinstance(table, ast.Dict)
        pairs = zip(table.keys, table.values, strict=True)
        return {_text(key, names): _description(value, names) for key, value in pairs if key}
    except (AssertionError, ValueError):
        found: dict[str, Description] = importlib.import_module(f"{__name__}.{module}").DESCRIPTIONS
        return found


def _description(call: ast.expr, names: Mapping[str, str]) -> Description:
    """A call of Description with texts only; ValueError for anything else."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != Description.__name__:
        raise ValueError(ast.dump(call))
    words = [_text(word, names) for word in call.args]
    return Description(*words, **{word.arg: _text(word.value, names) for word in call.keywords if word.arg})


def _text(node: ast.expr, names: Mapping[str, str]) -> Any:
    """A literal, or a constant of the same module."""
    return names[node.id] if isinstance(node, ast.Name) and node.id in names else ast.literal_eval(node)
