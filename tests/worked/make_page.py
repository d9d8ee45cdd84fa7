"""Write docs/worked-examples.md from examples.toml.

python -m tests.worked.make_page
"""

from __future__ import annotations

from typing import Any

from tests.worked.arithmetic import FILE, exact, load, worked

PAGE = FILE.parents[2] / "docs" / "worked-examples.md"
STATES = {0: "censored", 1: "relapse", 2: "death without relapse"}
HEAD = """# Worked by hand

<!-- Made from tests/worked/examples.toml by `python -m tests.worked.make_page`; a test keeps it current. -->
"""


def page(book: dict[str, Any]) -> str:
    parts = [HEAD, book["opening"].strip(), "", *_patients(book["patients"])]
    for chapter in book["chapters"]:
        parts += ["", f"## {chapter['title']}", "", chapter["text"].strip(), "", "| | | |", "|---|---|---|"]
        parts += [f"| {_upper(step['say'])} | {_work(step)} | {_result(step['value'])} |" for step in chapter["steps"]]
    return "\n".join(parts) + "\n"


def _patients(patients: list[dict[str, Any]]) -> list[str]:
    lines = ["| patient | arm | months | ended by | peak | responded |", "|---|---|---|---|---|---|"]
    for one in patients:
        lines.append(
            f"| {one['id']} | {one['arm']} | {one['months']} | {STATES[one['status']]} | {one['peak']} "
            f"| {'yes' if one['responded'] else 'no'} |"
        )
    return lines


def _work(step: dict[str, str]) -> str:
    """The arithmetic, unless it is the value itself."""
    return "" if step["work"] == step["value"] else step["work"].replace("|", "\\|")


def _result(value: str) -> str:
    shown = value.replace("-", "−")
    if not exact(value):
        return f"≈ {shown}"
    number = worked(value)
    return f"**{shown}**" if number == int(number) else f"**{shown}** ≈ {float(number):.4f}".replace("-", "−")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    PAGE.write_text(page(load()), "utf-8")
