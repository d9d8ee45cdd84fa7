"""The arithmetic of the worked examples: what stands in `work`, as fractions wherever it stays one."""

from __future__ import annotations

import ast
import math
import operator
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "examples.toml"
Z = 1.959963984540054
SIGNS = {"×": "*", "÷": "/", "−": "-", "^": "**", "√": "sqrt"}
BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
FUNCTIONS = {"sqrt": math.sqrt, "ln": math.log, "exp": math.exp}


def load() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def steps(book: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every step by its id."""
    found = {step["id"]: step for chapter in book["chapters"] for step in chapter["steps"]}
    assert len(found) == sum(len(chapter["steps"]) for chapter in book["chapters"]), "an id stands twice"
    return found


def worked(text: str) -> Fraction | float:
    """The value of an expression; a fraction unless a root, a logarithm or z comes in."""
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    return _value(ast.parse(text.strip(), mode="eval").body)


def _value(node: ast.expr) -> Fraction | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.Name(id="z"):
            return Z
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(op=ast.Pow(), left=left, right=right):
            base, power = _value(left), _value(right)
            whole = isinstance(power, Fraction) and power.denominator == 1
            return base ** int(power) if whole else float(base) ** float(power)
        case ast.BinOp(op=op, left=left, right=right):
            return BINARY[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return FUNCTIONS[name](_value(argument))
    raise ValueError(f"no arithmetic: {ast.dump(node)}")


def exact(text: str) -> bool:
    """Whether a step's value is given as a fraction (or a whole number), not as a rounded decimal."""
    return "." not in text
