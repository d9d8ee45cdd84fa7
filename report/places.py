"""Where exhibits stand in their section: after the paragraphs that cite them first, and so that numbers follow the citations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from report.kinds import is_table
from stats.study.types import Exhibit, Section


def in_order(section: Section, exhibits: Mapping[str, Exhibit]) -> tuple[str, ...]:
    """The section's exhibits as it lists them; where its text would cite tables or figures out of turn, as it cites them."""
    cited = _cited(section, exhibits)
    for tables in (True, False):
        places = [place for name, place in cited.items() if is_table(exhibits[name].kind) == tables]
        if places != sorted(places):
            return tuple(sorted(cited, key=lambda name: cited[name]))
    return section.exhibits


def turns(section: Section, exhibits: Mapping[str, Exhibit],
          rows: Iterable[tuple[str, ...]]) -> list[tuple[str, list[str]]]:
    """Each analysis that the section speaks of, with the exhibits that follow its paragraphs; '' where it speaks of none.

    rows: figures that stand side by side, after the text about both.
    """
    cited = _cited(section, exhibits)
    for row in rows:
        cited |= dict.fromkeys(row, max(cited[name] for name in row))
    found: list[tuple[str, list[str]]] = [(name, []) for name in section.analyses or ("",)]
    reached = {True: 0, False: 0}
    for name, place in cited.items():
        kind = is_table(exhibits[name].kind)
        reached[kind] = max(reached[kind], place)  # its number is higher, so it stands behind
        found[reached[kind]][1].append(name)
    return found


def _cited(section: Section, exhibits: Mapping[str, Exhibit]) -> dict[str, int]:
    """Each exhibit, and which of the section's analyses is the first to be shown in it; what shows none stays behind the one
    before it, or at the end."""
    found: dict[str, int] = {}
    before = max(len(section.analyses) - 1, 0)
    for name in section.exhibits:
        if name in exhibits:
            before = next((place for place, one in enumerate(section.analyses) if one in exhibits[name].of), before)
            found[name] = before
    return found
