"""Tables of a study before its data: made from what the study file declares, to run the real code on.

They hold no information: both arms are the same patients under other names, values go round through the declared levels
and ranges, and every event has somebody who had it. So no comparison can come out, and a report printed from them, its
numbers masked, shows what the real one will look like and nothing else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from stats import where
from stats.study.roles import NEEDED, frame_columns
from stats.study.types import Column, Frame, Study

PATIENTS = 12  # in each arm: enough for every test a study asks for
SPACING = 13  # days between two patients' day zero
FOLLOWED = 900  # days from the last day zero to the data cut-off
DAYS = (-30, -7, 0, 1, 3, 5, 7, 10, 14, 21, 28)  # when samples are taken
Cells = Mapping[str, str]


def study_and_files(study: Study, folder: Path) -> tuple[Study, dict[str, str]]:
    """(the study over plain CSV files in `folder`, their contents by name). Frames keep their declared columns."""
    frames = {name: _plain(study, frame) for name, frame in study.frames.items()}
    dummy = replace(study, folder=folder, frames=frames, expected_n=None, patients_at_once=None, checks={}, claims={})
    return dummy, {frame.file: _csv(frame, list(_rows(dummy, frame))) for frame in frames.values()}


def _plain(study: Study, frame: Frame) -> Frame:
    """A frame over a CSV file that is spelled as the study file spells it."""
    columns = {name: replace(column, source="", values={}, required=False, day_one=False)
               for name, column in frame.columns.items()}
    known = frame_columns(frame)
    for group in NEEDED.get(frame.name, ()):
        if not any(name in columns for name in group):
            name = "date" if "date" in group and study.day_zero else group[0]
            columns[name] = replace(known[name], source="")
    for source in (column.read_from for column in study.subjects.columns.values() if column.read_from):
        if source.frame == frame.name:  # roles that go without saying are asked for all the same
            asked = where.compile(source.where, known).names if source.where else ()
            columns |= {name: replace(known[name], source="") for name in (*asked, source.column)
                        if name in known and name not in columns}
    if frame.name == "subjects" and "subject" not in columns:
        columns = {"subject": Column("subject", "id"), **columns}
    return Frame(frame.name, f"{frame.name}.csv", columns)


def _csv(frame: Frame, rows: list[Cells]) -> str:
    out = io.StringIO()
    heads = [name for name, column in frame.columns.items() if column.in_file]
    writer = csv.DictWriter(out, heads, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _rows(study: Study, frame: Frame) -> Iterator[Cells]:
    if frame.name == "subjects":
        for arm in study.arms:
            for i in range(PATIENTS):
                yield _subject(study, frame, arm, i)
        return
    maker: Callable[[Study, Frame, int], Iterator[Cells]] = {
        "series": _series,
        "events": _events,
        "responses": _responses,
        "gvhd": _gvhd,
        "treatments": _treatments,
    }.get(frame.name, _other)
    for arm in study.arms:
        for i in range(PATIENTS):
            for row in maker(study, frame, i):
                yield {**row, "subject": f"{arm}-{i + 1:02d}"}


def _subject(study: Study, frame: Frame, arm: str, i: int) -> Cells:
    row = {name: _cell(column, i, place) for place, (name, column) in enumerate(frame.columns.items())}
    row |= _dates(study, frame, i) | _states(study, i)
    return {**row, "subject": f"{arm}-{i + 1:02d}", "arm": arm}


def _cell(column: Column, i: int, place: int) -> str:
    """A value of a column for patient i: round through its levels, or spread over its range."""
    if column.type == "flag":
        return "10"[(i + place) % 2]
    if column.levels:
        levels = list(column.levels)
        return levels[(i + place) % len(levels)]
    if column.type == "number":
        low, high = column.range or (1, 100)
        low, high = max(low, -1e6), min(high, 1e6)
        share = ((i * 5 + place) % PATIENTS + 1) / (PATIENTS + 1)
        return f"{low + (high - low) * share:.{4 if column.digits is None else column.digits}f}"
    return f"[{column.label or column.name}]" if column.type == "text" else ""


def _dates(study: Study, frame: Frame, i: int) -> dict[str, str]:
    """Dates in their order: other dates before day zero, events after it for some, censoring for all after those."""
    timed = [one for one in study.endpoints.values() if one.timed]
    events = list(dict.fromkeys(name for one in timed for name in (*one.event, *one.competing)))
    ends = list(dict.fromkeys(name for one in timed for name in one.censor))
    starts = {study.day_zero, *(one.start for one in timed)}
    found = {}
    for place, (name, column) in enumerate(frame.columns.items()):
        number = column.type == "number" and name in (*events, *ends)
        if column.type != "date" and not number:
            continue
        if name in starts:
            day: int | None = 0
        elif name in events:
            k = events.index(name)
            day = 40 + 31 * i + 17 * k if (i + k) % 3 == 0 else None
        elif name in ends:
            day = FOLLOWED - 5 * i
        else:
            day = -400 + 10 * place + (i * (place + 3)) % 9
        if day is not None:
            found[name] = str(day) if number else _day(study, i, day)
        else:
            found[name] = ""
    return found


def _day(study: Study, i: int, day: float) -> str:
    zero = study.data_cutoff - timedelta(days=FOLLOWED + 30 + SPACING * (PATIENTS - i))
    made: date = zero + timedelta(days=int(day))
    return made.isoformat()


def _states(study: Study, i: int) -> dict[str, str]:
    """Times and states of endpoints that come as two columns; endpoints may share a column."""
    found: dict[str, str] = {}
    for one in study.endpoints.values():
        if one.time:
            column = study.subjects.columns.get(one.status)
            codes = {"censored": ("0",), "event": ("1",), "competing": ("2",), **one.status_values}
            wanted = "event" if i % 3 == 0 else "competing" if one.competes and i % 3 == 1 else "censored"
            code = (codes[wanted] or codes["censored"])[0]
            found[one.time] = str(3 + 2 * i)
            found.setdefault(one.status, "01"[code == "1"] if column is not None and column.type == "flag" else code)
    return found


def _when(study: Study, frame: Frame, i: int, day: float) -> dict[str, str]:
    return {"date": _day(study, i, day), "day": f"{day:g}"} if "date" in frame.columns else {"day": f"{day:g}"}


def _rest(frame: Frame, i: int) -> dict[str, str]:
    """Cells of the columns that have no part in this row's event."""
    free = ("end_day", "end_date", "qualifier", "unit", "lln", "uln")
    return {
        name: "" if name in free or column.type == "date" else _cell(column, i, place)
        for place, (name, column) in enumerate(frame.columns.items())
    }


def _series(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    laboratory = {term.laboratory for term in study.terms.values()}
    for place, (name, analyte) in enumerate(study.analytes.items()):
        peak = (i + place) % 5 + 3
        for step, day in enumerate(DAYS):
            if name in laboratory:
                value = 0.1 * 2.0 ** ((i + place) % PATIENTS)  # from far below every limit of a grade to above it
            else:
                value = max(analyte.lloq or 0, 1) * (3 + i % 4) * (1 + 9 * (day >= 0) / (1 + abs(step - peak)))
            value = min(value, (analyte.uloq or value * 2) * 0.9, 95 if analyte.unit == "%" else value)
            yield {
                **_rest(frame, i),
                **_when(study, frame, i, day),
                "analyte": name,
                "value": f"{value:.4g}",
                "unit": analyte.unit,
                "lln": "100",
                "uln": "200",
            }


def _events(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    column = frame.columns.get("term")
    known = column.levels if column is not None and column.levels else study.terms
    for place, (name, term) in enumerate(study.terms.items()):
        if name in known and not term.laboratory and (i + place) % 5:
            first = term.window[0] if term.window else 0
            grade = frame.columns.get("grade")
            cell = _cell(grade, i, 0) if grade is not None and grade.levels else str(1 + (i + place) % 4)
            # no signs and no end: they would have to fit the grade
            yield {**_when(study, frame, i, max(first, 0) + 2 + place), "term": name, "grade": cell}


def _responses(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    """Assessments of all kinds, from complete remission to none, without other signs of disease."""
    counts = {"blasts": (2, 2, 12, 40), "anc": (2, 2, 1, 0.3), "platelets": (150, 60, 60, 10)}
    clear = {
        name: "0" if column.type == "flag" else "0.00001" if column.type == "number" else None
        for name, column in frame.columns.items()
    }
    for day in (28, 90):
        yield {
            **_rest(frame, i),
            **{name: cell for name, cell in clear.items() if cell is not None},
            **_when(study, frame, i, day),
            **{name: str(values[i % 4]) for name, values in counts.items()},
        }


def _gvhd(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    if i % 2 == 0:
        most = {"skin": 4, "liver": 4, "upper_gi": 1, "lower_gi": 4}
        stages = {
            name: str((i // 2 + place) % (top + 1))
            for place, (name, top) in enumerate(most.items())
            if name in frame.columns
        }
        yield {**_rest(frame, i), **_when(study, frame, i, 30 + i), **stages}


def _treatments(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    yield {**_rest(frame, i), **_when(study, frame, i, 4)}


def _other(study: Study, frame: Frame, i: int) -> Iterator[Cells]:
    """A table of the study's own: one row per patient, named by whatever column identifies them."""
    when = _when(study, frame, i, 1) if {"date", "day"} & set(frame.columns) else {}
    ids = {name: f"{i + 1:02d}" for name, column in frame.columns.items() if column.type == "id"}
    yield {**_rest(frame, i), **when, **ids}
