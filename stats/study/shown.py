"""What an exhibit may show: analyses of its kind and, side by side in one table, of the same groups."""

from __future__ import annotations

from collections.abc import Mapping

from stats.study.kinds import Kind
from stats.study.part import Book
from stats.study.toml import Place
from stats.study.types import Analysis, Exhibit, Study

SHOWS = {  # exhibit: the kinds of analyses it can show; one that is called as an analysis shows that kind
    "survival-curve": ("survival",), "incidence-curve": ("incidence",), "course": ("kinetics",), "dots": ("kinetics",),
    "grades": ("adverse-events",), "shift": ("adverse-events",),
    "forest": ("hazards", "survival", "incidence", "proportion", "adverse-events", "sensitivity"),
}
DOTTED = ("peak", "tmax")  # measures of which every patient's value is a result
COLUMNED = ("survival", "incidence", "proportion", "adverse-events", "kinetics", "sensitivity")  # tables of groups


def check_shown(study: Study, book: Book, place: Place, exhibit: Exhibit, kinds: Mapping[str, Kind]) -> None:
    """The analyses of an exhibit are of a kind it can show and, side by side in a table, have the same groups."""
    shown = [study.analyses[name] for name in exhibit.of if name in study.analyses]
    wanted = SHOWS.get(exhibit.kind, (exhibit.kind,) if exhibit.kind in kinds else ())
    for analysis in shown:
        if wanted and analysis.kind in kinds and analysis.kind not in wanted:
            book.add("E_CONFIG_VALUE", (*place, "of"), f"{analysis.name} is an analysis of kind {analysis.kind}; "
                     f"kind {exhibit.kind} shows {' or '.join(wanted)}")
    for measure in exhibit.options.get("measures", ()) if exhibit.kind == "dots" else ():
        if measure not in DOTTED:
            book.add("E_CONFIG_VALUE", (*place, "measures"), f"kind dots shows {' and '.join(DOTTED)}, of which every patient's "
                     f"value is known here; not {measure}", "Show it in a table of kind kinetics")
    if exhibit.kind in COLUMNED and len({_groups(study, analysis) for analysis in shown}) > 1:
        book.add("E_CONFIG_VALUE", (*place, "of"), f"{', '.join(a.name for a in shown)} compare different groups, and one "
                 "table has one column for each group", "Show them in a table each")


def _groups(study: Study, analysis: Analysis) -> tuple[object, ...]:
    by = analysis.options.get("by", "arm")
    return by, analysis.options.get("reference", study.reference if by == "arm" else "")
