"""Kaplan–Meier curves with pointwise intervals over numbers at risk, events and censored (KMunicate; Morris 2019)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from report import italics
from report.arms import Look, contrasts, grouped, looks, members, tested, titled, whose
from report.curves import BAND_ARMS, Plot, height, paint
from report.key import Entry, Key
from report.plot import Sheet
from report.steps import names, read, ticks
from report.words import in_words, lower_first
from stats.groups import ALL
from stats.results import Results

COUNTS = {"at_risk": "At risk", "events": "Events", "censored": "Censored"}


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str], percent: bool = True,
         counts: Sequence[str] = ("at_risk", "events", "censored"), bands: bool = True, key: bool = True, few: int = 3,
         overall: bool = False, x_title: str = "") -> None:
    """Draw one or more survival analyses, side by side.

    `percent`: y axis to 100 % rather than to 1; `counts`: rows of the table under the plot, any of at_risk, events,
    censored; `bands`: pointwise intervals (as bars at the analysis' times where there are more than three arms); `key`:
    median, hazard ratio and log-rank P beside the curves; `few`: with fewer patients at risk the curve is thin;
    `overall`: one curve of everybody instead of one for each arm; `x_title`: instead of "Time (months)".
    """
    plots = [_plot(results, style, name, percent, counts, bands, key, few, overall, x_title) for name in names(of)]
    paint(Sheet(figure, style), plots)


def size(results: Results, style: Any, *, of: str | Sequence[str], percent: bool = True,
         counts: Sequence[str] = ("at_risk", "events", "censored"), bands: bool = True, key: bool = True, few: int = 3,
         overall: bool = False, x_title: str = "") -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    return height(style, [_plot(results, style, name, percent, counts, bands, key, few, overall, x_title)
                          for name in names(of)])


def alt(results: Results, style: Any, *, of: str | Sequence[str], overall: bool = False, **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: patients, events, medians and the comparison."""
    said = []
    for name in names(of):
        arms = _arms(results, name, overall)
        said.append(f"Kaplan–Meier curves of {lower_first(titled(results, style, name))}.")
        for group in arms:
            events, median = results[f"{name}/events@{group}"], results[f"{name}/median@{group}"]
            said.append(f"{grouped(style, name, group)}: {style.text(events, 'events-share')} had an event; median"
                        f" {style.text(median, 'time-ci')}.")
        for cell in contrasts(results, name, "hazard", arms):
            if not math.isnan(cell.get("estimate")):
                said.append(f"Hazard ratio {grouped(style, name, cell.group)} {style.text(cell, 'estimate-ci')}.")
        said += [f"{italics.plain(line)}." for line in _test(results, style, name, arms)]
    return " ".join(said)


def legend(results: Results, style: Any, *, of: str | Sequence[str], bands: bool = True, few: int = 3, key: bool = True,
           counts: Sequence[str] = ("at_risk", "events", "censored"), overall: bool = False, **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    arms = max(len(_arms(results, name, overall)) for name in names(of))
    said = ["Kaplan–Meier estimates; vertical strokes mark censored follow-up."]
    if bands and arms <= BAND_ARMS:
        said.append("Shaded areas are pointwise confidence intervals.")
    elif bands and any(results.select(name, "survival") for name in names(of)):
        said.append("Capped bars are pointwise confidence intervals.")
    if few > 1:
        said.append(f"Curves are thin where fewer than {in_words(few)} patients were at risk.")
    if "at_risk" in counts and len(counts) > 1 and any(results.select(name, "at_risk") for name in names(of)):
        said.append("Events and censored are cumulative and counted, like the patients at risk, just before each time.")
    if key and any(contrasts(results, name, "hazard", _arms(results, name, overall)) for name in names(of)):
        said.append("CI, confidence interval; HR, hazard ratio.")
    elif key:
        said.append("CI, confidence interval.")
    return [*said, *whose(style, names(of))]


def _arms(results: Results, name: str, overall: bool) -> list[str]:
    return [ALL] if overall else members(results, name, "events")


def _plot(results: Results, style: Any, name: str, percent: bool, counts: Sequence[str], bands: bool, key: bool,
          few: int, overall: bool, x_title: str) -> Plot:
    arms = _arms(results, name, overall)
    look = dict(zip(arms, looks(style, len(arms))))
    cells = results.select(name, "curve")
    title, times = titled(results, style, name), ticks(results, name)
    endpoint = str(style.names.analysis(name).options["endpoint"])
    share = title if style.names.names_share(endpoint) else "Share without an event"
    at_risk = results.select(name, "at_risk")
    return Plot(
        title=title, x_title=x_title or _clock(style, name), y_title=f"{share}{' (%)' if percent else ''}",
        steps=tuple(read(cells, group, look[group], 1.0) for group in arms), ticks=times,
        tick_labels=tuple(style.tick(t) for t in times),
        arms=tuple((group, grouped(style, name, group), look[group]) for group in arms),
        key=_key(results, style, name, arms, look) if key else Key(),
        counts={(stat, c.group, c.at or 0.0): c.get(stat) for c in at_risk for stat in counts},
        count_labels={stat: COUNTS[stat] for stat in counts} if at_risk else {},
        bars=tuple(results.select(name, "survival")) if bands and len(arms) > BAND_ARMS else (),
        bands=bands and len(arms) <= BAND_ARMS, few=few, percent=percent)


def _key(results: Results, style: Any, name: str, arms: Sequence[str], look: dict[str, Look]) -> Key:
    """Medians, and hazard ratios in the line of the arm they belong to; the log-rank P below."""
    short = style.in_table
    hazards = {cell.group.split(":")[0]: cell for cell in contrasts(results, name, "hazard", arms)}
    medians = {group: results[f"{name}/median@{group}"] for group in arms}
    ci = style.text(medians[arms[0]], "{level}% CI")
    heads, columns = [(f"Median, {style.names.unit(name)}", f"({ci})")], [[short.text(medians[g], "time-ci") for g in arms]]
    if hazards:
        heads.append(("HR", f"({ci})"))
        columns.append([short.text(hazards[g], "estimate-ci") if g in hazards else "Reference" for g in arms])
    entries = tuple(Entry(look[group], (grouped(style, name, group),), tuple(column[i] for column in columns))
                    for i, group in enumerate(arms))
    return Key(tuple(heads), entries, tuple(_test(results, style, name, arms)))


def _test(results: Results, style: Any, name: str, arms: Sequence[str]) -> list[str]:
    """The log-rank P, over all arms where there are more than two; nothing where there is no test."""
    cell = tested(results, name, "logrank", arms)
    if cell is None:
        return []
    return [f"{style.names.logrank(name).capitalize()} {style.drawn(cell, 'p')}"]


def _clock(style: Any, name: str) -> str:
    """What the x axis counts: time from the start of the endpoint, or from the landmark."""
    since = " from the landmark" if style.names.analysis(name).options.get("landmark") is not None else ""
    return f"Time{since} ({style.names.unit(name)})"
