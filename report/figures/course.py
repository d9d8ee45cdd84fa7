"""The course of an analyte: every patient a thin line, each arm's median with quartiles, limits of quantification."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from report.arms import Look, grouped, looks, members, tint, titled
from report.key import Entry, Key
from report.open_symbols import lying
from report.plot import POINT, Box, Panel, Sheet, blank, fitted, limit_room, spaced, wrapped, y_room
from report.scales import log_labels, logarithmic, nice
from report.steps import names
from report.withheld import tally
from report.words import lower_first
from stats.groups import ALL
from stats.results import Results

HIGH = 44.0  # millimetres of a plotting area
MARGIN, BETWEEN = 0.5, 4.0  # millimetres around everything, and between panels
NARROW = 30.0  # millimetres: panels are not made narrower, arms beyond go into a further row
AXIS = 24.0  # millimetres: no axis with its labels and what stands at the right takes more
HEAD = 4  # lines of an arm's name
SYMBOL = 2.6  # points
Lines = dict[str, np.ndarray]  # patient to rows of day, value, 1 where below the limit


@dataclass(frozen=True)
class Course:
    """One analysis as rows give it. `lines` by arm; `medians` by arm: day, n, median, q1, q3."""

    name: str
    title: str
    log: bool
    days: tuple[float, ...]
    lines: dict[str, Lines]
    medians: dict[str, np.ndarray]
    limits: dict[str, float]  # "LLOQ", "ULOQ"
    tails: dict[str, np.ndarray]  # by arm: day, q05, q95, where there are too many patients for lines

    @property
    def floor(self) -> float:
        """On a logarithmic axis nothing is drawn below the limit of quantification: it isn't known where it is."""
        return self.limits.get("LLOQ", -math.inf) if self.log else -math.inf


def draw(results: Results, style: Any, figure: Any, *, of: str | Sequence[str], overlaid: bool = False,
         patients: bool = True, counts: bool = True, x_title: str = "") -> None:
    """Draw one or more kinetics analyses, each a row of panels.

    `overlaid`: all arms in one panel instead of a panel each; `patients`: their lines; `counts`: patients measured,
    under the days; `x_title`: instead of "Day".
    """
    sheet = Sheet(figure, style)
    courses = _courses(results, style, of)
    rows = _rows(sheet, courses, overlaid)
    key_high = _key(style, courses[0]).within(sheet, sheet.width - 2 * MARGIN).size(sheet)[1] + 2 if overlaid else 0.0
    below = _below(sheet, courses, overlaid, counts)
    above = _above(sheet, rows, overlaid)
    high = (sheet.height - key_high - 2 * MARGIN) / len(rows) - below - above
    if overlaid:
        key = _key(style, courses[0]).within(sheet, sheet.width - 2 * MARGIN)
        key.draw(sheet, MARGIN, sheet.height - MARGIN)
    for i, (course, arms, letter) in enumerate(rows):
        top = sheet.height - MARGIN - key_high - i * (high + below + above) - above
        _row(sheet, course, arms, letter, top, high, overlaid, patients, counts, x_title or "Day")


def size(results: Results, style: Any, *, of: str | Sequence[str], overlaid: bool = False, counts: bool = True,
         **_: Any) -> tuple[str, float]:
    """Name of the width, and height in millimetres, that suit the figure."""
    courses = _courses(results, style, of)
    panels = 1 if overlaid else max(len(course.lines) for course in courses)
    width = "single" if panels == 1 else "middle" if panels == 2 else "double"
    sheet = blank(style, width)
    rows = _rows(sheet, courses, overlaid)
    key = _key(style, courses[0]).within(sheet, sheet.width - 2 * MARGIN).size(sheet)[1] + 2 if overlaid else 0.0
    each = HIGH + _below(sheet, courses, overlaid, counts) + _above(sheet, rows, overlaid)
    return width, round(2 * MARGIN + key + len(rows) * each, 1)


def nothing(results: Results, style: Any, *, of: str | Sequence[str], **_: Any) -> str:
    """What stands in place of the figure when nobody was measured on any day that it shows."""
    return "" if _courses(results, style, of) else "No patient has a value that it could show."


def alt(results: Results, style: Any, *, of: str | Sequence[str], **_: Any) -> str:
    """What the figure shows, for a reader who can't see it: peaks and their days by arm."""
    said = []
    for name in names(of):
        by = " by patient," if results.select(name, "patient") else ","
        said.append(f"Course of {lower_first(titled(results, style, name))}{by} with the median of each arm.")
        for group in members(results, name, "course"):
            n = results[f"{name}/peak@{group}"]
            said.append(f"{grouped(style, name, group)}, {style.text(n, '{n}')} patients: peak"
                        f" {style.text(n, 'median-iqr-unit')}, on"
                        f" {style.text(results[f'{name}/tmax@{group}'], 'day-iqr')}.")
    return " ".join(said)


def legend(results: Results, style: Any, *, of: str | Sequence[str], patients: bool = True, **_: Any) -> list[str]:
    """What a reader needs to read the figure, as sentences of its caption."""
    courses = _courses(results, style, of)
    said = [f"{'Thin lines are patients, thick lines' if patients else 'Lines are'} medians, shaded areas interquartile ranges."]
    if any(len(rows) for course in courses for rows in course.tails.values()):
        said = ["Lines are medians, shaded areas interquartile ranges, lighter ones the range of the middle nine tenths."]
        patients = False
    if any("LLOQ" in course.limits for course in courses):
        below = f"; {lying(results, names(of))}" if patients and any(course.log for course in courses) else ""
        said.append(f"LLOQ, lower limit of quantification{below}.")
    if any("ULOQ" in course.limits for course in courses):
        said.append("ULOQ, upper limit of quantification.")
    return said


def _courses(results: Results, style: Any, of: str | Sequence[str]) -> list[Course]:
    """Those in which somebody was measured."""
    return [course for course in (_course(results, style, name) for name in names(of)) if course.lines]


def _course(results: Results, style: Any, name: str) -> Course:
    arms = members(results, name, "course")
    analyte = style.names.analyte(str(style.names.analysis(name).options["analyte"]))
    cells = results.select(name, "course")
    days = tuple(sorted({c.at for c in cells if c.at is not None}))
    lines: dict[str, Lines] = {arm: {} for arm in arms}
    for cell in results.select(name, "patient"):
        inside = cell.at is not None and days and days[0] <= cell.at <= days[-1]
        group = ALL if arms == [ALL] else cell.group
        if inside and group in lines and not math.isnan(cell.get("value")):
            point = np.array([[cell.at, cell["value"], 1.0 if cell.get("below") == 1 else 0.0]], dtype=float)
            mine = lines[group]
            mine[cell.level] = np.concatenate([mine[cell.level], point]) if cell.level in mine else point
    lines = {arm: {who: rows[np.argsort(rows[:, 0], kind="stable")] for who, rows in mine.items()}
             for arm, mine in lines.items()}
    medians = {arm: np.array(sorted([c.at, c.get("n"), c.get("median"), c.get("q1"), c.get("q3")]
                                    for c in cells if c.group == arm), dtype=float).reshape(-1, 5) for arm in arms}
    limits = {stat.upper(): results[f"{name}/{stat}@{ALL}"]["value"] for stat in ("lloq", "uloq")
              if f"{name}/{stat}@{ALL}" in results}
    tails = {arm: np.array(sorted([c.at, c.get("q05"), c.get("q95")] for c in cells if c.group == arm and "q05" in c),
                           dtype=float).reshape(-1, 3) for arm in arms}
    highest = max((rows[:, 1].max() for mine in lines.values() for rows in mine.values()), default=0.0)
    highest = max([highest, *(float(np.nanmax(rows[:, 2], initial=0.0)) for rows in tails.values())])
    if highest < limits.get("ULOQ", 0.0):
        del limits["ULOQ"]
    return Course(name, titled(results, style, name), analyte.scale == "log", days, lines, medians, limits, tails)


def _rows(sheet: Sheet, courses: Sequence[Course], overlaid: bool) -> list[tuple[Course, list[str], str]]:
    """Which arms stand side by side in which row, and the row's letter where there are several analyses."""
    most = max(int((sheet.width - 14.0) / (NARROW + BETWEEN)), 1)
    found = []
    for i, course in enumerate(courses):
        arms = list(course.lines)
        letter = sheet.style.panel(i) if len(courses) > 1 else ""
        parts = [arms] if overlaid else [arms[k:k + most] for k in range(0, len(arms), most)]
        found += [(course, part, letter if k == 0 else "") for k, part in enumerate(parts)]
    return found


def _below(sheet: Sheet, courses: Sequence[Course], overlaid: bool, counts: bool) -> float:
    """Millimetres under a plotting area: axis, title, patients measured."""
    rows = (max(len(course.lines) for course in courses) if overlaid else 1) if counts else 0
    table = 1.0 + rows * sheet.pitch(sheet.small) if rows else 0.0
    return 1.0 + sheet.size * POINT * 1.25 + sheet.pitch() * 1.1 + table + 2.0


def _above(sheet: Sheet, rows: Sequence[tuple[Course, list[str], str]], overlaid: bool) -> float:
    """Millimetres over a plotting area: the arm's name, in lines, where it has a panel of its own."""
    lines = [_head(sheet, course, arm, (sheet.width - AXIS) / len(arms) - BETWEEN) for course, arms, _ in rows for arm in arms]
    return 1.0 if overlaid else max(map(len, lines)) * sheet.pitch() + 1.2


def _head(sheet: Sheet, course: Course, arm: str, wide: float) -> list[str]:
    return wrapped(sheet, grouped(sheet.style, course.name, arm), wide, weight="bold", most=HEAD)


def _key(style: Any, course: Course) -> Key:
    arms = list(course.lines)
    return Key(entries=tuple(Entry(look, (grouped(style, course.name, arm),))
                             for arm, look in zip(arms, looks(style, len(arms)))))


def _scale(course: Course, style: Any) -> tuple[tuple[float, float], list[float], list[str], list[float]]:
    """Limits of the y axis, its ticks, their labels and the small ticks; every panel of a row shares them."""
    points = [rows[:, 1] for mine in course.lines.values() for rows in mine.values()]
    values = np.concatenate([*points, *(m[:, 2:].ravel() for m in course.medians.values()),
                             *(t[:, 1:].ravel() for t in course.tails.values())])
    values = values[np.isfinite(values)] if np.isfinite(values).any() else np.array([1.0])
    if course.log:
        values = np.maximum(values, max(course.floor, 0.0))
        positive = values[values > 0]
        low = min(positive.min() if len(positive) else 1.0, course.limits.get("LLOQ", math.inf))
        limits, ticks, small = logarithmic(low, positive.max() if len(positive) else 10.0)
        return limits, ticks, log_labels(ticks, style), small
    ticks = nice(min(0.0, float(values.min())), float(values.max()) or 1.0, 6)
    top = ticks[-1] if ticks[-1] >= values.max() else 2 * ticks[-1] - ticks[-2]
    ticks = ticks if ticks[-1] == top else [*ticks, top]
    return (ticks[0], top), ticks, [style.tick(t) for t in ticks], []


def _row(sheet: Sheet, course: Course, arms: list[str], letter: str, top: float, high: float, overlaid: bool,
         patients: bool, counts: bool, x_title: str) -> None:
    style = sheet.style
    limits, ticks, labels, small = _scale(course, style)
    unit_text = style.names.unit(course.name)
    title = wrapped(sheet, f"{course.title} ({unit_text})" if unit_text else course.title, high + 4.0, most=2)
    rows = {arm: grouped(style, course.name, arm) if overlaid else "Patients" for arm in arms} if counts else {}
    rows = {arm: fitted(sheet, label, 24.0, sheet.small) for arm, label in rows.items()}
    room = max(y_room(sheet, labels, title), *(sheet.wide(s, sheet.small) + 2.5 for s in rows.values()), 0.0)
    panels = [arms] if overlaid else [[arm] for arm in arms]
    widest = max([0.0, *(sheet.wide(tally(n), sheet.small) for arm in arms for n in course.medians[arm][:, 1] if counts)])
    right, between = max(limit_room(sheet, course.limits), 1.5, widest / 2), max(BETWEEN, widest + 1.0)
    wide = (sheet.width - 2 * MARGIN - room - right - between * (len(panels) - 1)) / len(panels)
    look = dict(zip(course.lines, looks(style, len(course.lines))))
    pad = 0.03 * (course.days[-1] - course.days[0] or 1.0)
    for i, shown in enumerate(panels):
        box = Box(MARGIN + room + i * (wide + between), top - high, wide, high,
                  (course.days[0] - pad, course.days[-1] + pad), limits, course.log)
        area = sheet.panel(box)
        for arm in shown:
            if patients:
                _patients(area, course, arm, look[arm])
        for arm in shown:
            _between(area, course, arm, look[arm], course.tails[arm], 0.1, "tails")
        for arm in shown:
            _median(area, course, arm, look[arm])
        for label, value in course.limits.items():
            area.limit(value, label if i == len(panels) - 1 else "")
        area.y_axis(ticks, labels if i == 0 else [""] * len(ticks), title if i == 0 else (), small)
        if not overlaid:
            for k, line in enumerate(reversed(_head(sheet, course, shown[0], wide))):
                sheet.text(box.left, top + 1.2 + k * sheet.pitch(), line, weight="bold", colour=look[shown[0]].ink, gid="head")
        _days(area, course, shown, look, rows, x_title, labelled=i == 0)
    if letter:
        sheet.text(MARGIN, top + 1.2, letter, size=float(style.figure["panel_size"]), gid="letter",
                   weight="bold" if style.figure["panels_bold"] else "normal")


def _patients(area: Panel, course: Course, arm: str, look: Look) -> None:
    """Every patient of an arm in one path; values under the limit lie on it, as open symbols."""
    xs: list[float] = []
    ys: list[float] = []
    open_at: list[tuple[float, float]] = []
    for rows in course.lines[arm].values():
        low, high = area.box.ylim
        drawn = np.clip(np.where((rows[:, 2] == 1) & course.log, course.floor, rows[:, 1]), low, high)
        xs += [*rows[:, 0], math.nan]
        ys += [*drawn, math.nan]
        if course.log:
            open_at += [(day, course.floor) for day, value, below in rows if below == 1 or value < course.floor]
        if len(rows) == 1:
            xs[-1:-1], ys[-1:-1] = [rows[0, 0]], [drawn[0]]
    area.sheet.line(xs, ys, colour=tint(look.colour, 0.5), width=0.45, gid=f"patients-{arm}",
                    place=area.data)
    if open_at and math.isfinite(course.floor):
        at = sorted(set(open_at))
        area.marks([x for x, _ in at], [y for _, y in at], "o", size=SYMBOL, face="white", edge=look.colour,
                   gid=f"below-{arm}")


def _median(area: Panel, course: Course, arm: str, look: Look) -> None:
    """The arm's median and quartiles on the nominal days; days without anyone part the line."""
    rows = course.medians[arm]
    low, high = area.box.ylim
    median = np.clip(rows[:, 2], max(low, course.floor), high)
    _between(area, course, arm, look, rows[:, [0, 3, 4]], 0.2, "quartiles")
    area.sheet.line(rows[:, 0], median, colour=look.colour, width=1.6, dash=look.line, gid=f"median-{arm}",
                    place=area.data)


def _between(area: Panel, course: Course, arm: str, look: Look, rows: np.ndarray, alpha: float, kind: str) -> None:
    """The area between two quantiles, rows of day, lower, upper; days without anyone part it."""
    low, high = area.box.ylim
    under, over = (np.clip(rows[:, k], max(low, course.floor), high) for k in (1, 2))
    for piece in np.split(np.arange(len(rows)), np.flatnonzero(~np.isfinite(rows[:, 1]))):
        known = piece[np.isfinite(rows[piece, 1])]
        if len(known) > 1:
            days = rows[known, 0]
            area.sheet.area(np.r_[days, days[::-1]], np.r_[under[known], over[known][::-1]], colour=look.colour, alpha=alpha,
                            place=area.data, gid=f"{kind}-{arm}")


def _days(area: Panel, course: Course, shown: list[str], look: dict[str, Look], rows: dict[str, str], x_title: str,
          labelled: bool) -> None:
    """Days under the panel (those with data, thinned evenly), and how many patients were measured on them."""
    sheet, box = area.sheet, area.box
    ticks = list(course.days)
    labels = [sheet.style.tick(t) for t in ticks]
    counted = [{row[0]: tally(row[1]) for row in course.medians[arm]} for arm in (shown if rows else ())]
    widths = [max(sheet.wide(label), 3.0, *(sheet.wide(counts[tick], sheet.small) for counts in counted))
              for tick, label in zip(ticks, labels, strict=True)]
    kept = set(_unevenly(box, ticks, widths))
    baseline = area.x_axis(ticks, [s if i in kept else "" for i, s in enumerate(labels)], x_title)
    y = baseline - 1.0 - sheet.size * POINT * 0.3 - sheet.small * POINT * 0.8
    for arm, by_day in zip(shown, counted):
        if labelled:
            colour = look[arm].ink if len(shown) > 1 else "black"
            sheet.text(MARGIN, y, rows[arm], size=sheet.small, colour=colour, gid=f"row-{arm}")
        for i in sorted(kept):
            sheet.text(ticks[i], y, by_day[ticks[i]], size=sheet.small, ha="center", place=area.below,
                       gid=f"n-{arm}")
        y -= sheet.pitch(sheet.small)


def _unevenly(box: Box, ticks: Sequence[float], widths: Sequence[float]) -> list[int]:
    """Days that can be labelled without touching: every k-th where they are evenly spaced, else from the left."""
    centres = [box.x(t) for t in ticks]
    steps = np.diff(ticks)
    if len(steps) and np.allclose(steps, steps[0]):
        return list(spaced(centres, widths, 0.8))
    kept = [0]
    for i in range(1, len(ticks)):
        if centres[i] - centres[kept[-1]] >= (widths[i] + widths[kept[-1]]) / 2 + 0.8:
            kept.append(i)
    return kept
