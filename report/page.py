"""What stands around the page: style sheet, fonts and the small script that shows a number's source."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html import unescape
from pathlib import Path

from markupsafe import Markup

from report import fonts
from stats.results import Results

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
ADDRESS = re.compile(r'value="([^"]*)"')
FAMILIES = ("Resultwright Serif", "Resultwright Sans")  # the fonts of print, cut down to our characters (templates/fonts/web)
FACES = (("Regular", 400, "normal"), ("Italic", 400, "italic"), ("Bold", 600, "normal"))


@cache
def sheet(name: str) -> str:
    return (TEMPLATES / "css" / f"{name}.css").read_text("utf-8")


def head(embedded: bool = False, sheets: tuple[str, ...] = ("report", "frame")) -> Markup:
    """The style sheets; with `embedded` the fonts too, so that the file needs nothing beside it.

    In a PDF of several parts the text alone is styled ("report"); what stands around it on each page is set apart from it
    ("sheets").
    """
    parts = (_faces() if embedded else "", *map(sheet, sheets))
    return Markup("<style>{}</style>").format(Markup("".join(parts)))  # our own files


def foot(results: Results, html: str) -> Markup:
    """Method and n of every address on the page, and the script that shows them on hover and focus."""
    shown = {unescape(address) for address in ADDRESS.findall(html)}
    sources = {cell.address: _source(cell.methods, cell.stats) for cell in results if cell.address in shown}
    # a closing tag inside data would end the script element
    data = json.dumps(sources, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    script = (TEMPLATES / "report.js").read_text("utf-8")
    return Markup('<script type="application/json" id="sources">{}</script>\n<script>{}</script>').format(
        Markup(data), Markup(script)
    )  # escaped above, and our own file


def _source(methods: dict[str, str], stats: dict[str, float]) -> list[str]:
    """[method, n]: the first method among the cell's rows, and how many patients it counts."""
    method = next((m for m in methods.values() if m), "")
    known = next((stats[key] for key in ("N", "n", "at_risk") if key in stats), None)
    return [method.replace("-", " "), f"{known:g}" if known is not None else ""]


@cache
def _faces() -> str:
    rules = []
    for family in FAMILIES:
        for name, weight, slant in FACES:
            file = fonts.FOLDER / "web" / f"{family.replace(' ', '')}-{name}.woff2"
            data = base64.b64encode(file.read_bytes()).decode()
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {slant}; '
                f'src: url(data:font/woff2;base64,{data}) format("woff2"); }}'
            )
    # a drawing asks for the font under its own name; what the page brings must be what it was measured with
    rules += [f"svg[font-family^=\"'{own}'\"] {{ font-family: '{brought}', '{own}', sans-serif; }}"
              for own, brought in zip((fonts.SERIF, fonts.SANS), FAMILIES, strict=True)]
    return "\n".join(rules) + "\n"
