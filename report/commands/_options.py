"""Options that commands share: one name, one meaning, one sentence of help."""

from __future__ import annotations

import argparse
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


def place(folder: Path, out: str | None) -> Path:
    """Where a study's report lies: in the folder named, else in build/ under the name of the study's folder."""
    return Path(out) if out else Path("build") / (folder.resolve().name or "study")
