"""Python values as R code in plain ASCII, so that a script reads alike under every locale."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stats.results import number

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
WORDS = ("if", "else", "repeat", "while", "function", "for", "in", "next", "break")
VALUES = ("TRUE", "FALSE", "NULL", "Inf", "NaN", "NA")


def literal(value: Any, indent: int = 0) -> str:
    """A Python value as R code in ASCII: texts, numbers, flags, None, vectors of texts or numbers, named lists."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return {"inf": "Inf", "-inf": "-Inf", "nan": "NaN"}.get(number(value), number(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if not value:
            return "list()"
        inner = indent + 2
        pairs = [f"{' ' * inner}{_name(str(key))} = {literal(item, inner)}" for key, item in value.items()]
        return "list(\n" + ",\n".join(pairs) + ")"
    if isinstance(value, Sequence):
        if all(isinstance(item, str) for item in value):
            return "c(" + ", ".join(map(_text, value)) + ")" if value else "character(0)"
        return "c(" + ", ".join(literal(item) for item in value) + ")"
    raise TypeError(f"{type(value).__name__} has no form in R here")


def encoding(name: str) -> str:
    """What R calls the text encoding that a study file calls by any of Python's names: 'latin-1' is ISO-8859-1."""
    if not name:
        return ""
    known = codecs.lookup(name).name.removesuffix("-sig").replace("_", "-")
    return re.sub(r"^ISO(\d)", r"ISO-\1", known.upper())


def _text(value: str) -> str:
    """A text in quotes; whatever is not plain ASCII as \\u, so that the script reads alike under every locale."""
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(plain.get(c) or (c if " " <= c <= "~" else f"\\U{{{ord(c):x}}}") for c in value) + '"'


def _name(value: str) -> str:
    """The name of a list's element, in quotes unless it is a plain word."""
    return value if PLAIN.fullmatch(value) and value not in (*WORDS, *VALUES) else _text(value)
