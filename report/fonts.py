"""The fonts that come with the project, and what they can't show.

Text is set in Source Serif 4, tables and figures in Source Sans 3 (SIL Open Font License 1.1, templates/fonts/OFL.txt).
System fonts are shut out, so that a page breaks its lines alike on every machine.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from pathlib import Path

from stats.study.typeface import known

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "fonts"
SERIF, SANS = "Source Serif 4", "Source Sans 3"


def files() -> list[Path]:
    """Every font file, in a fixed order."""
    return sorted(FOLDER.glob("*.ttf"))


def use() -> None:
    """Make these the only fonts that fontconfig, and so Pango and WeasyPrint, know in this process."""
    os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")


def missing(text: str) -> list[str]:
    """Characters of the text that no font here has, once each, in order of code: they would print as empty boxes."""
    return sorted(c for c in set(text) - covered() if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp"))


@cache
def covered() -> frozenset[str]:
    """Every character that at least one regular font here can show."""
    return frozenset(chr(code) for path in files() if path.stem.endswith("-Regular") for code in known(path))
