"""Frames and columns of the study file."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

from stats.findings import meant, nearest, slip
from stats.study import layout, paths, redcap, sources
from stats.study.part import Part
from stats.study.roles import FRAMES, default_columns
from stats.study.types import DAYS, Column, Frame, From

TYPES = ("id", "arm", "number", "flag", "category", "ordinal", "date", "text")
PICKS = ("last", "first", "nearest", "min", "max", "mean", "peak", "tmax", "auc", "any", "count", "first-day",
         "last-day")
NUMBER_PICKS = ("mean", "peak", "tmax", "auc", "count", "first-day", "last-day")
SUMMARIES = ("median-iqr", "median-range", "mean-sd")
NO_CHARACTERS = ("undefined", "idna", "punycode", "unicode-escape", "raw-unicode-escape")  # codecs of no text file
MADE = ("toxicity", "course", "exposure")


def read_frames(whole: Part, arms: Mapping[str, str], folder: Path) -> dict[str, Frame]:
    """[frames.*] in order; `whole` is the study file, `folder` where it lies.

    A frame by a name of the study's own is a further table, read by columns with `from`; a misspelt name is none.
    """
    frames: dict[str, Frame] = {}
    for name, part in whole.tables("frames"):
        if name not in FRAMES and nearest(name, FRAMES):
            whole.book.add("E_UNKNOWN_NAME", part.place, f"there is no frame called {name}{nearest(name, FRAMES)}",
                           f"Known: {', '.join(FRAMES)}; a table of your own needs a name unlike these")
            whole.book.mean(part.place, meant(name, FRAMES), whole.table["frames"])
            continue
        if name in MADE:
            whole.book.add("E_CONFIG_VALUE", part.place, f"{name} is made by the program and can't be a file",
                           "Give the table another name")
            continue
        frames[name] = _frame(name, part, arms, folder)
    if "subjects" not in frames:
        whole.book.add("E_KEY_MISSING", ("frames", "subjects"), "the study needs a frame with one row per patient",
                       "Add [frames.subjects] with its file and columns")
    elif set(frames) > {"subjects"} and "subject" not in frames["subjects"].columns:
        whole.book.add("E_KEY_MISSING", ("frames", "subjects", "columns", "subject"), "patients need an identifier, because "
                       "other files have rows for them",
                       'Declare subject = { type = "id" }, with source = "…" when the file calls it otherwise')
    elif "subject" in frames["subjects"].columns and frames["subjects"].columns["subject"].type != "id":
        whole.book.add("E_KEY_MISSING", ("frames", "subjects", "columns", "subject"), "patients need an identifier",
                       'Declare subject = { type = "id" }, with source = "…" when the file calls it otherwise')
    return frames


def _frame(name: str, part: Part, arms: Mapping[str, str], folder: Path) -> Frame:
    file, table = sources.read(part)
    delimiter = part.text("delimiter")
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        part.wrong("delimiter", r'a single character, such as "," or ";" or "\t"')
    if file and "file" in part.table:
        kind = file.rpartition(".")[2].lower()
        if part.table.get("sheet") and kind != "xlsx":
            part.wrong("sheet", "left out: only a workbook (.xlsx) has sheets")
        if delimiter and kind not in sources.TEXTS:
            part.wrong("delimiter", "left out: only a text file has delimiters")
    encoding = part.text("encoding")
    if encoding and not _is_text_codec(encoding):
        part.wrong("encoding", 'the name of a text encoding, such as "utf-8" or "latin-1"')
        encoding = ""
    options = layout.options(part, name, file)
    formats = layout.date_formats(part)
    if len(formats) > 1:
        options["date_formats"] = formats
    for key in ("instrument", "event"):
        if key in part.table:
            options[key] = part.texts(key)
        part.raw(key)
    fields = _dictionary(part, folder)
    if fields:
        options["dictionary"] = part.table["dictionary"]
    columns = {key: _column(name, key, inner, arms, fields) for key, inner in part.tables("columns")}
    _misspelt(name, part, columns)
    if fields:
        options["heads"] = {key: fields[column.source or key].head for key, column in columns.items()
                            if (column.source or key) in fields}
    if (name == "screening" or name not in FRAMES) and not columns:
        part.raw("columns", required=True)
    frame = Frame(name, file, columns, sheet=part.text("sheet") or table, delimiter=delimiter, encoding=encoding,
                  decimal=part.text("decimal", allowed=(".", ",")), date_format=formats[0] if formats else "",
                  missing=part.texts("missing", codes=True), where=part.text("where"), options=options)
    part.finish()
    return frame


def _misspelt(frame: str, part: Part, columns: Mapping[str, Column]) -> None:
    """A column whose name is a slip away from a role would be read, and the role go without it, and nobody would know."""
    roles = default_columns(frame)
    for name in columns:
        like = next((role for role in roles if role not in columns and slip(name, role)), "")
        if like and name not in roles:
            part.book.add("E_UNKNOWN_NAME", (*part.place, "columns", name),
                          f"{name} is no column that the program knows in {frame} (did you mean {like!r}?)",
                          f"Known: {', '.join(roles)}; a column of your own needs a name unlike these, with `source` for that "
                          "in the file")


def _dictionary(part: Part, folder: Path) -> dict[str, redcap.Field]:
    """Fields of the declared REDCap data dictionary by their header; none when there is none, or it can't be used."""
    file = part.text("dictionary")
    if not file:
        return {}
    if not paths.inside(folder, file):
        part.wrong("dictionary", "a file inside the study folder")
        return {}
    try:
        return redcap.read(paths.resolved(folder, file))
    except ValueError as error:
        part.book.add("E_FILE_BROKEN", (*part.place, "dictionary"), f"{file}: {error}",
                      "Download it again from REDCap's Designer")
        return {}


def _is_text_codec(encoding: str) -> bool:
    try:
        found = codecs.lookup(encoding)
    except LookupError:
        return False
    return found._is_text_encoding and found.name not in NO_CHARACTERS


def _column(frame: str, name: str, part: Part, arms: Mapping[str, str], fields: Mapping[str, redcap.Field]) -> Column:
    role = default_columns(frame).get(name)
    told = fields.get(str(part.table.get("source", name)))
    usual = role.type if role else told.type if told else "text"
    kind = part.text("type", usual, required=role is None and told is None, allowed=TYPES)
    levels = part.mapping("levels", labels=True)
    if told is not None and kind in ("category", "ordinal") and not levels:
        levels = dict(told.levels)
    if kind == "arm":
        if levels and list(levels) != list(arms):
            part.wrong("levels", "left out: the levels of the arm are those of [arms]")
        if frame == "subjects" and name != "arm":
            part.book.add("E_CONFIG_VALUE", part.place, f"the column of type arm must be called arm, not {name}",
                          f'Declare arm = {{ type = "arm", source = "{name}" }}')
        levels = dict(arms)
    elif kind in ("category", "ordinal"):
        _levels(name, part, levels)
    elif kind not in ("category", "ordinal") and levels:
        part.wrong("levels", f"left out: only a category or an ordinal column has levels, {name} is a {kind}")
    column = Column(
        name, kind, levels=levels,
        label=part.text("label", role.label if role else told.label if told and told.label else name),
        unit=part.text("unit"),
        digits=part.whole("digits", role.digits if role else None, least=0, most=9),
        range=part.pair("range") or (role.range if role and kind == "number" else None),
        required=part.flag("required"),
        summary=part.text("summary", "median-iqr", allowed=SUMMARIES),
        source=part.text("source"),
        values=part.mapping("values") or _coded(told, kind, levels),
        read_from=_from(part, kind),
        between=_between(part, kind),
        derived=part.flag("derived"),
        day_one=part.flag("day_one"),
    )
    if column.day_one and (kind != "number" or not column.in_file):
        part.wrong("day_one", "used in a column of numbers that stands in the file")
    if "range" in part.table and kind != "number":
        part.wrong("range", f"left out: only a number has a range, {name} is a {kind}")
    if column.type in ("category", "ordinal", "arm"):
        for raw, level in column.values.items():
            if level not in levels:
                part.book.add("E_UNKNOWN_NAME", (*part.place, "values", raw),
                              f"{level!r} is no level of {name}{nearest(level, levels)}")
    made = [key for key in ("from", "between", "derived") if part.table.get(key)]
    if len(made) > 1 or (made and "source" in part.table):
        also = made[1] if len(made) > 1 else "source"
        part.book.add("E_CONFIG_VALUE", (*part.place, also),
                      f"{name} has both {made[0]} and {also}; a column has one origin")
    if made and made[0] != "derived" and frame != "subjects":
        part.book.add("E_CONFIG_VALUE", (*part.place, made[0]), f"only a column of subjects can have {made[0]}")
    part.finish()
    return column


def _levels(name: str, part: Part, levels: Mapping[str, str]) -> None:
    """A category has levels, which can be met in a file and told apart on a page."""
    if not levels and "levels" not in part.table:
        part.raw("levels", required=True)
    elif not levels:
        part.wrong("levels", "a list or a table with at least one level")
    for level, label in levels.items():
        place = (*part.place, "levels")
        if level != level.strip() or not level:
            part.book.add("E_CONFIG_VALUE", place, f"no cell can be {level!r}: outer white space is left out of cells, and an "
                          "empty one is missing")
        if not label.strip():
            part.book.add("E_CONFIG_VALUE", place, f"the level {level!r} of {name} has an empty label")
        elif list(levels.values()).index(label) != list(levels).index(level):
            part.book.add("E_CONFIG_VALUE", place, f"another level of {name} is called {label!r} too",
                          "Nobody could tell them apart in a table; `values` puts several codes under one level")


def _coded(told: redcap.Field | None, kind: str, levels: Mapping[str, str]) -> dict[str, str]:
    """Codes for the labels that an export with labels has in its cells, where the dictionary knows both."""
    if told is None or kind not in ("flag", "category", "ordinal"):
        return {}
    return {label: code for label, code in told.values.items() if kind == "flag" or code in levels}


def _from(part: Part, kind: str) -> From | None:
    inner = part.table_at("from")
    if inner is None:
        return None
    read = From(
        frame=inner.text("frame", required=True),
        analyte=inner.text("analyte"),
        column=inner.text("column"),
        day=inner.pair("day"),
        where=inner.text("where"),
        pick=inner.text("pick", "last", allowed=PICKS),
        to=inner.number("to"),
    )
    if read.pick == "nearest" and "to" not in inner.table:
        inner.book.add("E_KEY_MISSING", (*inner.place, "to"), 'pick = "nearest" needs the day it should be nearest to',
                       "Add to = 28, say")
    if read.pick != "nearest" and "to" in inner.table:
        inner.wrong("to", 'left out: only pick = "nearest" has it')
    expected = "flag" if read.pick == "any" else "number" if read.pick in NUMBER_PICKS else kind
    if kind != expected:
        inner.wrong("pick" if "pick" in inner.table else "frame", f"used in a column of type {expected}, not {kind}")
    inner.finish()
    return read


def _between(part: Part, kind: str) -> tuple[str, str] | None:
    ends = part.texts("between")
    if not ends:
        return None
    if len(ends) != 2:
        part.wrong("between", "the names of two columns, [from, to]")
        return None
    if kind != "number":
        part.wrong("between", f"used in a column of type number, not {kind}")
    if part.text("unit", "days") not in DAYS:
        part.wrong("unit", f"one of {', '.join(DAYS)} for a time between two columns")
    return ends[0], ends[1]
