"""Options that commands share: one name, one meaning, one sentence of help."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = str(ROOT / "data" / "cart")
FLAGS = {
    "show-values": "print offending cells in messages",
    "allow-outside": "read data files outside the study folder",
    "quiet": "say nothing but problems",
    "debug": "show a traceback when the program itself fails",
}


def study(parser: argparse.ArgumentParser) -> None:
    """The study to work on; the shipped example if none is named."""
    parser.add_argument("study", nargs="?", default=EXAMPLE, help="folder with study.toml (default: data/cart)")


def add(parser: argparse.ArgumentParser, *flags: str) -> None:
    """Flags of these names, in this order."""
    for flag in flags:
        parser.add_argument(f"--{flag}", action="store_true", help=FLAGS[flag])


def number(least: float, most: float = math.inf) -> Callable[[str], float]:
    """What argparse reads a number with that has to lie within limits."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            limits = f"of at least {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
            raise argparse.ArgumentTypeError(f"expected a number {limits}, not {text!r}")
        return value

    return read


def whole(least: int, most: float = math.inf) -> Callable[[str], int]:
    """The same for a whole number."""

    def read(text: str) -> int:
        value = number(least, most)(text)
        if value != int(value):
            raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}")
        return int(value)

    return read


def place(folder: Path, out: str | None) -> Path:
    """Where a study's report lies: in the folder named, else in build/ under the name of the study's folder."""
    return Path(out) if out else Path("build") / (folder.resolve().name or "study")
