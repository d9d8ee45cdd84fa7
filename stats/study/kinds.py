"""What can be asked for: kinds of analyses and exhibits, their options, journal styles, section templates.

The file name is the registration and the signature is the schema. Signatures are read from the source text, so that a
study file is checked in milliseconds, before anything heavy is imported, and without `stats` importing `report`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stats.study.part import is_number

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"str": str, "bool": bool}
PIECE = re.compile(r"""[()\[\]{}]|#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")  # and what may hide them
IN_WORDS = {"str": ("a text", "texts"), "bool": ("true or false", "flags"), "int": ("a whole number", "whole numbers"),
            "float": ("a number", "numbers")}
SEQUENCES = ("Sequence", "tuple", "list", "Iterable", "Collection")
MAPPINGS = ("Mapping", "dict")


@dataclass(frozen=True)
class Option:
    """A keyword-only parameter of a plug-in: its annotation as a syntax tree (None: anything goes)."""

    name: str
    annotation: ast.expr | None
    required: bool

    @property
    def expected(self) -> str:
        return worded(self.annotation) if self.annotation is not None else "anything"

    def accepts(self, value: Any) -> bool:
        return self.annotation is None or fits(self.annotation, value)


@dataclass(frozen=True)
class Kind:
    """A plug-in: `frames` are the names of its positional parameters, `options` what the study file may set."""

    name: str
    frames: tuple[str, ...]
    options: Mapping[str, Option]


class Kinds(Mapping[str, Kind]):
    """Plug-ins of some folders by kind (file name with hyphens); each file is read when it is first asked for."""

    def __init__(self, *folders: tuple[Path, str]):
        self._read: dict[str, Kind] = {}
        self._files: dict[str, tuple[Path, str]] = {}
        for folder, function in folders:
            for file in sorted(folder.glob("[!_]*.py")):
                self._files[file.stem.replace("_", "-")] = (file, function)

    def __getitem__(self, kind: str) -> Kind:
        if kind not in self._read:
            file, function = self._files[kind]
            self._read[kind] = signature(kind, file.read_text(encoding="utf-8"), function)
        return self._read[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Installed:
    """What this checkout offers; every part is looked up when it is first needed."""

    def __init__(self, root: Path = ROOT):
        self.root = root

    @cached_property
    def analyses(self) -> Mapping[str, Kind]:
        return Kinds((self.root / "stats/analyses", "analyse"))

    @cached_property
    def exhibits(self) -> Mapping[str, Kind]:
        return Kinds((self.root / "report/tables", "build"), (self.root / "report/figures", "draw"))

    @cached_property
    def styles(self) -> tuple[str, ...]:
        return tuple(sorted(file.stem for file in (self.root / "templates/styles").glob("*.toml")))

    @cached_property
    def templates(self) -> tuple[str, ...]:
        return templates(self.root / "templates/sections")


def templates(folder: Path) -> tuple[str, ...]:
    """Names of the section templates in a folder, without the ending."""
    return tuple(sorted(file.name.removesuffix(".html.j2") for file in folder.glob("*.html.j2")))


def signature(kind: str, source: str, function: str) -> Kind:
    """The kind whose source defines this function at top level; ValueError when it doesn't."""
    found = re.search(rf"^def {function}\(", source, re.MULTILINE)
    if found is None:
        raise ValueError(f"{kind} does not define {function}()")
    depth, end = 0, len(source)
    for piece in PIECE.finditer(source, found.end() - 1):
        depth += (piece[0] in "([{") - (piece[0] in ")]}")
        if depth == 0:
            end = piece.end()
            break
    node = ast.parse(source[found.start():end] + ": ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    given = node.args
    options = {argument.arg: Option(argument.arg, argument.annotation, default is None)
               for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)}
    return Kind(kind, tuple(argument.arg for argument in [*given.posonlyargs, *given.args]), options)


def worded(annotation: ast.expr, several: bool = False) -> str:
    """What an annotation asks for, as an author of a study file would say it: 'a list of numbers'."""
    if isinstance(annotation, ast.BinOp):
        sides = (side for side in (annotation.left, annotation.right) if ast.unparse(side) != "None")
        return " or ".join(dict.fromkeys(worded(side, several) for side in sides))
    if isinstance(annotation, ast.Subscript):
        name, inner = ast.unparse(annotation.value).split(".")[-1], annotation.slice
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if name == "Literal":
            return "one of " + ", ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        if name in SEQUENCES:
            return f"{'lists' if several else 'a list'} of {worded(parts[0], several=True)}"
        return "a table" if name in MAPPINGS else worded(parts[0], several)
    one, more = IN_WORDS.get(ast.unparse(annotation).split(".")[-1], ("a value", "values"))
    return more if several else one


def fits(annotation: ast.expr, value: Any) -> bool:
    """Whether a TOML value is what the annotation says; annotations that TOML can't write accept anything."""
    if isinstance(annotation, ast.BinOp):
        return fits(annotation.left, value) or fits(annotation.right, value)
    if isinstance(annotation, ast.Constant):
        if isinstance(annotation.value, str):
            return fits(ast.parse(annotation.value, mode="eval").body, value)
        return value is annotation.value
    if isinstance(annotation, ast.Subscript):
        return _fits_many(ast.unparse(annotation.value).split(".")[-1], annotation.slice, value)
    name = ast.unparse(annotation).split(".")[-1]
    if name in NAMES:
        return isinstance(value, NAMES[name])
    if name == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "float":
        return is_number(value)
    if name in SEQUENCES:
        return isinstance(value, list)
    if name in MAPPINGS:
        return isinstance(value, dict)
    return True


def _fits_many(name: str, inner: ast.expr, value: Any) -> bool:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return value in [part.value for part in parts if isinstance(part, ast.Constant)]
    if name == "Optional":
        return fits(parts[0], value)
    if name in MAPPINGS:
        return isinstance(value, dict) and all(fits(parts[-1], item) for item in value.values())
    if name not in SEQUENCES:
        return True
    if not isinstance(value, list):
        return False
    open_ended = name != "tuple" or (isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis)
    if open_ended:
        return all(fits(parts[0], item) for item in value)
    return len(value) == len(parts) and all(fits(part, item) for part, item in zip(parts, value, strict=True))
