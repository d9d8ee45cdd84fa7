"""Reading the project's Markdown: sections by heading, rows of tables, anchors as a forge makes them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading line, up to the next heading of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    assert f"\n{heading}\n" in f"\n{text}", f"there is no heading {heading!r}"
    body = f"\n{text}".split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{level}}} ", outside_code(body), maxsplit=1)[0]


def outside_code(text: str) -> str:
    """The text with the lines of code blocks emptied: a comment in TOML is no heading."""
    return re.sub(r"^```.*?^```", lambda hit: "\n" * hit[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """Cells of every table row but the heads; an escaped bar stays in its cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [i for i, row in enumerate(cells) if all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    return [row for i, row in enumerate(cells) if i not in rules and i + 1 not in rules]


def code(language: str, text: str) -> list[str]:
    """Code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Names that a link into the page may have: headings in lower case, marks left out, spaces as hyphens."""
    found: dict[str, int] = {}
    for line in outside_code(text).splitlines():
        if re.match(r"#{1,6} ", line):
            name = re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
            found[name] = found.get(name, -1) + 1
            if found[name]:
                found[f"{name}-{found[name]}"] = 0
    return set(found)
