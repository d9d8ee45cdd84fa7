"""WeasyPrint made quicker, without a change to what it makes."""

from __future__ import annotations

import sys
from typing import Any

KNOWN = "70.0"  # another WeasyPrint is left as it is
ENOUGH = 10_000  # lines that are remembered


class Kept:
    """What is remembered for as long as a document's fonts, or those of several."""

    def __init__(self) -> None:
        self.layouts: dict[Any, Any] = {}  # of a style, without a text
        self.lines: dict[Any, Any] = {}  # first lines of texts, for each width
        self.whole: dict[Any, Any] = {}  # texts that are one line wherever they fit
        self.used: dict[Any, Any] = {}  # margins, paddings and sizes of boxes
        self.drawn: dict[Any, list[bytes]] = {}
        self.fonts: Any = None  # of the file that they were drawn for


def kept(style: Any) -> Kept:
    fonts = style.font_config
    found: Kept | None = vars(fonts).get("kept")
    if found is None or len(found.lines) > ENOUGH:
        found = fonts.kept = Kept()
    return found


def everywhere(plain: Any, quick: Any) -> None:
    """Put a function in the place of another, wherever it was imported to."""
    name: str = plain.__name__
    for module in [module for path, module in sys.modules.items() if path.startswith("weasyprint")]:
        if vars(module).get(name) is plain:
            setattr(module, name, quick)


def hasten(version: str) -> None:
    """See the modules; nothing is done to a WeasyPrint that isn't the one which they were written for."""
    if version == KNOWN:
        from report import pdf_haste_hyphens, pdf_haste_styles, pdf_haste_text

        pdf_haste_styles.hasten()
        pdf_haste_text.hasten()
        pdf_haste_hyphens.hasten()
