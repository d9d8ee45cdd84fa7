"""Kinds of exhibits: a kind is a file in report/tables or report/figures, and its name the registration."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from stats.study.types import Exhibit

HERE = Path(__file__).resolve().parent


def is_table(kind: str) -> bool:
    return (HERE / "tables" / f"{kind.replace('-', '_')}.py").is_file()


def known(kind: str) -> bool:
    return is_table(kind) or (HERE / "figures" / f"{kind.replace('-', '_')}.py").is_file()


def module(kind: str) -> ModuleType:
    return importlib.import_module(f"report.{'tables' if is_table(kind) else 'figures'}.{kind.replace('-', '_')}")


def options(exhibit: Exhibit) -> dict[str, Any]:
    """The options of an exhibit as its file takes them: what it shows is among them."""
    of = {"of": exhibit.of[0] if len(exhibit.of) == 1 else exhibit.of} if exhibit.of else {}
    return dict(exhibit.options) | of
