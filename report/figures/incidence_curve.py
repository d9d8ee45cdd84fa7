"""Cumulative incidence of an event, and in dots that of the event that competes with it, over numbers at risk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from report import italics
from report.arms import Look, contrasts, dotted, grouped, looks, members, tested, titled, whose
from report.curves import BAND_ARMS, Plot, height, paint
from report.key import THINNER, Entry, Key
from report.plot import Sheet
from report.steps import Step, names, read, ticks
from report.words import lower_first
from stats.groups import ALL
from stats.results import Cell, Results

COUNTS = {"at_risk": "At risk", "events": "Events", "competing": "Competing", "censored": "Censored"}


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str], percent: bool = True,
         counts: Sequence[str] = ("at_risk", "events", "competing", "censored"), bands: bool = True, key: bool = True,
         competing: bool = True, overall: bool = False, x_title: str = "") -> None:
    """Draw one or more incidence analyses, side by side.

    `percent`: y axis to 100 % rather than to 1; `counts`: rows of the table under the plot, any of at_risk, events,
    competing, censored; `bands`: pointwise intervals (as bars at the analysis' times where there are more than three
    arms); `key`: incidence at the last named time known in all, subdistribution hazard ratio and Gray's P beside the curves;
    `competing`: the competing event too, where there is one; `overall`: everybody instead of each arm; `x_title`: for
    "Time (months)".
    """
    plots = [_plot(results, style, name, percent, counts, bands, key, competing, overall, x_title)
             for name in names(of)]
    paint(Sheet(figure, style), plots)


def size(results: Results, style: Any, *, of: str | Sequence[str], percent: bool = True,
         counts: Sequence[str] = ("at_risk", "events", "competing", "censored"), bands: bool = True, key: bool = True,
         competing: bool = True, overall: bool = False, x_title: str = "") -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    return height(style, [_plot(results, style, name, percent, counts, bands, key, competing, overall, x_title)
                          for name in names(of)])


def alt(results: Results, style: Any, *, of: str | Sequence[str], competing: bool = True, overall: bool = False,
        **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: events, incidence at the named times and the comparison."""
    said = []
    for name in names(of):
        arms, other_too = _arms(results, name, overall), competing and style.names.competes(name, results)
        said.append(f"Cumulative incidence curves of {lower_first(titled(results, style, name))}.")
        for group in arms:
            events = style.text(results[f"{name}/events@{group}"], "events-share")
            said.append(f"{grouped(style, name, group)}: {events} had the event.")
            for cell in results.select(name, "incidence", group):
                other = results[f"{name}/competing~{cell.address.rpartition('~')[2]}"]
                against = f"; competing event {style.text(other, 'rate-ci')}" if other_too else ""
                said.append(f"At {style.text(cell, '{at}')} {style.text(cell, 'rate-ci')}{against}.")
        for cell in contrasts(results, name, "subhazard", arms):
            if not math.isnan(cell.get("estimate")):
                said.append(f"Subdistribution hazard ratio {grouped(style, name, cell.group)}"
                            f" {style.text(cell, 'estimate-ci')}.")
        said += [f"{italics.plain(line)}." for line in _test(results, style, name, arms)]
    return " ".join(said)


def legend(results: Results, style: Any, *, of: str | Sequence[str], bands: bool = True, competing: bool = True,
           counts: Sequence[str] = ("at_risk", "events", "competing", "censored"), key: bool = True,
           overall: bool = False, **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    dots = {name: competing and style.names.competes(name, results) for name in names(of)}
    banded = [_banded(_arms(results, name, overall), dots[name]) for name in names(of)]
    said = ["Aalen–Johansen estimates of cumulative incidence."]
    if any(dots.values()):
        said.append("Thin, dark dotted lines show the competing event.")
    if bands and any(banded):
        said.append("Shaded areas are pointwise confidence intervals.")
    if bands and not all(banded) and any(results.select(name, "incidence") for name in names(of)):
        said.append("Capped bars are pointwise confidence intervals.")
    if "at_risk" in counts and len(counts) > 1 and any(results.select(name, "at_risk") for name in names(of)):
        said.append("Events and censored are cumulative and counted, like the patients at risk, just before each time.")
    if key and any(contrasts(results, name, "subhazard", _arms(results, name, overall)) for name in names(of)):
        said.append("CI, confidence interval; SHR, subdistribution hazard ratio.")
    return [*said, *whose(style, names(of))]


def _banded(arms: Sequence[str], competing: bool) -> bool:
    """Whether bands can be told apart: with the competing event in the plot only those of two arms can."""
    return len(arms) <= (2 if competing else BAND_ARMS)


def _arms(results: Results, name: str, overall: bool) -> list[str]:
    return [ALL] if overall else members(results, name, "events")


def _plot(results: Results, style: Any, name: str, percent: bool, counts: Sequence[str], bands: bool, key: bool,
          competing: bool, overall: bool, x_title: str) -> Plot:
    if not style.names.competes(name, results):
        competing, counts = False, [stat for stat in counts if stat != "competing"]
    arms = _arms(results, name, overall)
    look = dict(zip(arms, looks(style, len(arms))))
    title, times = titled(results, style, name), ticks(results, name)
    own = [read(results.select(name, "incidence_curve"), group, look[group], 0.0) for group in arms]
    others = [read(results.select(name, "competing_curve"), group, dotted(look[group], i), 0.0, True)
              for i, group in enumerate(arms)] if competing else []
    at_risk = results.select(name, "at_risk")
    return Plot(
        title=title, x_title=x_title or f"Time ({style.names.unit(name)})",
        y_title=f"Cumulative incidence{' (%)' if percent else ''}", steps=(*others, *own), ticks=times,
        tick_labels=tuple(style.tick(t) for t in times),
        arms=tuple((group, grouped(style, name, group), look[group]) for group in arms),
        key=_key(results, style, name, arms, look, _marked(results, name, others, times[-1])) if key else Key(),
        counts={(stat, c.group, c.at or 0.0): c.get(stat) for c in at_risk for stat in counts},
        count_labels={stat: COUNTS[stat] for stat in counts} if at_risk else {},
        bars=tuple(results.select(name, "incidence")) if bands and not _banded(arms, competing) else (),
        bands=bands and _banded(arms, competing), percent=percent)


def _key(results: Results, style: Any, name: str, arms: Sequence[str], look: dict[str, Look],
         others: Sequence[Entry]) -> Key:
    """Incidence at a named time, ratios in the line of the arm they belong to, under it that of the competing event;
    Gray's P below.
    """
    short = style.in_table
    heads: list[tuple[str, ...]] = []
    columns: list[list[str]] = []
    named = [results.select(name, "incidence", group) for group in arms]
    if all(named):
        last = _last(named)
        heads.append((f"At {style.text(last[0], '{at}')}", style.text(last[0], "({level}% CI)")))
        columns.append([short.text(cell, "rate-ci") for cell in last])
    ratios = {cell.group.split(":")[0]: cell for cell in contrasts(results, name, "subhazard", arms)}
    if ratios:
        heads.append(("SHR", style.text(next(iter(ratios.values())), "({level}% CI)")))
        columns.append([short.text(ratios[g], "estimate-ci") if g in ratios else "Reference" for g in arms])
    entries = [Entry(look[group], (grouped(style, name, group),), tuple(column[i] for column in columns))
               for i, group in enumerate(arms)]
    if others:
        under = [replace(other, texts=("",) * len(columns)) for other in others]
        entries = [entry for pair in zip(entries, under, strict=True) for entry in pair]
    return Key(tuple(heads), tuple(entries), tuple(_test(results, style, name, arms)))


def _marked(results: Results, name: str, others: Sequence[Step], last: float) -> list[Entry]:
    """The lines of competing events in the key; it says of one that doesn't leave the axis that it can't be seen there."""
    def label(step: Step) -> str:
        if step.p[step.times <= last].any():
            return "competing event"
        if results[f"{name}/events@{step.group}"].get("competing") == 0:
            return "no competing event"
        return f"competing event ({'on the axis' if len(step.p) else 'not shown'})"

    return [Entry(step.look, (label(step),), thick=THINNER) for step in others]


def _last(named: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Of each arm the estimate at the last named time at which all have one, as in the text; without one at the last."""
    rows = list(zip(*(sorted(cells, key=lambda c: c.at or 0.0) for cells in named)))
    return list(next((row for row in reversed(rows) if not any(math.isnan(c.get("p")) for c in row)), rows[-1]))


def _test(results: Results, style: Any, name: str, arms: Sequence[str]) -> list[str]:
    """Gray's P, over all arms where there are more than two; nothing where there is no test."""
    cell = tested(results, name, "gray", arms)
    return [f"Gray {style.drawn(cell, 'p')}"] if cell else []
