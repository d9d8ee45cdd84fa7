"""Italics in a text that is drawn: marks around the letters, which a sheet turns into runs of one font each.

A figure's texts are plain strings on their way through layout, where they are measured, broken and shortened; a page's are
HTML from the start.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from report.faces import Slant

ON, OFF = "\x0e", "\x0f"  # shift out, shift in: no text of a study holds control characters
RUN = re.compile(f"{ON}([^{OFF}]*){OFF}?")


def marked(text: str) -> str:
    return f"{ON}{text}{OFF}"


def plain(text: str) -> str:
    """The text without marks."""
    return text.replace(ON, "").replace(OFF, "")


def runs(text: str) -> list[tuple[str, Slant]]:
    """(letters, slant), one after the other; a mark that was cut off with the end of the text ends there."""
    parts = RUN.split(text)
    slants: tuple[Slant, Slant] = ("normal", "italic")
    return [(plain(part), slants[i % 2]) for i, part in enumerate(parts) if part]


def html(text: str) -> Markup:
    """The same for a page."""
    return Markup("").join(Markup("<i>{}</i>").format(part) if slant == "italic" else escape(part) for part, slant in runs(text))
