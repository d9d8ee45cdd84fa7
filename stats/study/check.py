"""Every name used is a name defined: frames, columns, conditions and endpoints of a study."""

from __future__ import annotations

from collections.abc import Mapping

from stats import where
from stats.findings import nearest, slip
from stats.study import paths
from stats.study.kinds import Installed
from stats.study.part import Book, a
from stats.study.roles import frame_columns, subject_columns
from stats.study.toml import Place
from stats.study.types import DAY_ZERO, FALSE, TRUE, Column, Endpoint, Frame, From, Study

DEFAULT_PICKED = {"series": "value", "responses": "response", "events": "grade", "gvhd": "grade"}
MADE = ("time", "status", "outcome")  # what is derived for an endpoint
NO_COLUMN_PICKS = ("any", "count", "first-day", "last-day")


def check_data(study: Study, book: Book, installed: Installed, allow_outside: bool) -> None:
    """Note in the book whatever the data blocks of the study name that isn't there."""
    columns = study.subjects.columns
    if study.day_zero:
        zero = _column(book, ("study", "day_zero"), study.day_zero, columns, ("date",))
        if zero is not None and not zero.in_file:
            book.add("E_CONFIG_VALUE", ("study", "day_zero"),
                     f"{zero.name} is not in the file of subjects; day zero must be")
    if study.style not in installed.styles:
        book.add("E_UNKNOWN_NAME", ("study", "style"), f"there is no style called {study.style}"
                 f"{nearest(study.style, installed.styles)}", f"Known: {', '.join(installed.styles)}")
    if study.word_template:
        _path(study, book, ("study", "word_template"), study.word_template, allow_outside)
        if not (study.folder / study.word_template).is_file():
            book.add("E_FILE_MISSING", ("study", "word_template"), f"there is no file {study.word_template}")
    if len(study.arms) > 1 and not any(column.type == "arm" for column in columns.values()):
        book.add("E_KEY_MISSING", ("frames", "subjects", "columns", "arm"),
                 "with more than one arm, subjects need an arm column",
                 'Declare arm = { type = "arm" }, with source and values when the file has it otherwise')
    dated = [] if study.day_zero else [frame.name for frame in study.frames.values() if frame.name != "subjects"
                                       and "date" in frame.columns and "day" not in frame.columns]
    if dated:
        have = "has" if len(dated) == 1 else "have"
        book.add("E_KEY_MISSING", ("study", "day_zero"),
                 f"{' and '.join(dated)} {have} dates, so the study needs day_zero",
                 "Name the date column of subjects that is day 0")
    for frame in study.frames.values():
        key = "source" if frame.file.startswith(paths.DUCKDB) else "file"
        _path(study, book, ("frames", frame.name, key), frame.file, allow_outside)
        _frame(study, book, frame)
    for name, population in study.populations.items():
        if population.where:
            _condition(book, ("populations", name, "where"), population.where, subject_columns(study))
    for name, rule in study.checks.items():
        if rule.frame not in study.frames:
            book.unknown(("checks", name, "frame"), "frame", rule.frame, study.frames)
        elif rule.rule:
            known = subject_columns(study) if rule.frame == "subjects" else frame_columns(study.frames[rule.frame])
            _condition(book, ("checks", name, "rule"), rule.rule, known)
    for endpoint in study.endpoints.values():
        _endpoint(study, book, endpoint)
    _terms_and_analytes(study, book)
    _names(study, book)
    _circles(study, book)


def _names(study: Study, book: Book) -> None:
    """What stands before the first point of an address is a name, what stands behind it a measure: `pfs.difference`."""
    blocks: tuple[tuple[str, Mapping[str, object]], ...] = (("endpoints", study.endpoints), ("terms", study.terms))
    for block, names in blocks:
        for name in names:
            if "." in name or not name.strip():
                book.add("E_CONFIG_VALUE", (block, name), f"{name!r} can't be a name in [{block}]: addresses have points "
                         "of their own", "Leave out the point; `source` and `values` tell what the file has")
    made = {f"{endpoint}.{measure}" for endpoint in study.endpoints for measure in MADE}
    for name in study.subjects.columns:
        if name in made or not name.strip():
            book.add("E_CONFIG_VALUE", ("frames", "subjects", "columns", name), f"{name!r} can't be the name of a column: "
                     + ("the program makes one of that name" if name.strip() else "it is empty"),
                     'Give it another name, with source = "…" for that in the file')


def _circles(study: Study, book: Book) -> None:
    """A time between two columns that rests, in the end, on itself."""
    columns = study.subjects.columns
    for name, column in columns.items():
        reached: list[str] = []
        ends = list(column.between or ())
        while ends:
            end = ends.pop()
            if end not in reached and end in columns:
                reached.append(end)
                ends += columns[end].between or ()
        if name in reached:
            book.add("E_CONFIG_VALUE", ("frames", "subjects", "columns", name, "between"),
                     f"{name} is reckoned from {' and '.join(column.between or ())}, and these from {name}",
                     "Name columns that the file has")


def _path(study: Study, book: Book, place: Place, file: str, allow_outside: bool) -> None:
    allowed = allow_outside and not file.startswith(paths.PACKAGE)
    if file and not allowed and not paths.inside(study.folder, file):
        book.add("E_PATH_OUTSIDE", place, *paths.outside(study.folder, file))


def _column(book: Book, place: Place, name: str, columns: Mapping[str, Column],
            types: tuple[str, ...] = ()) -> Column | None:
    """The named column when it exists and has one of these types; otherwise the problem is noted."""
    if name not in columns:
        book.unknown(place, "column", name, columns, "E_COLUMN_MISSING")
        return None
    if types and columns[name].type not in types:
        book.add("E_CONFIG_VALUE", place,
                 f"{name} is {a(columns[name].type)}; what is needed here is {' or '.join(map(a, types))}")
        return None
    return columns[name]


def _condition(book: Book, place: Place, text: str, columns: Mapping[str, Column]) -> None:
    try:
        where.compile(text, columns)
    except where.ConditionError as error:
        book.add("E_CONDITION", place, str(error).removesuffix(","))


def _frame(study: Study, book: Book, frame: Frame) -> None:
    known = frame_columns(frame)
    if frame.where:
        _condition(book, ("frames", frame.name, "where"), frame.where,
                   {name: column for name, column in known.items() if column.in_file})
    for name, column in frame.columns.items():
        place: Place = ("frames", frame.name, "columns", name)
        if column.read_from is not None:
            _read_from(study, book, (*place, "from"), column.read_from, column.type)
        for end in column.between or ():
            _column(book, (*place, "between"), end, known, ("date", "number"))


def _read_from(study: Study, book: Book, place: Place, read: From, made: str) -> None:
    """made: the type of the column that is read out."""
    if not read.frame:
        return
    if read.frame not in study.frames or read.frame == "subjects":
        book.unknown((*place, "frame"), "frame", read.frame,
                 {name: frame for name, frame in study.frames.items() if name != "subjects"})
        return
    frame = study.frames[read.frame]
    known = frame_columns(frame)
    column = read.column or DEFAULT_PICKED.get(read.frame, "")
    if column:
        found = _column(book, (*place, "column" if read.column else "frame"), column, known)
        words = found is not None and found.type in ("text", "category", "date")
        if found and words and made in ("number", "flag") and read.pick not in NO_COLUMN_PICKS:
            book.add("E_CONFIG_VALUE", (*place, "column" if read.column else "frame"),
                     f"{column} is {a(found.type)}, and what is read out of it should be {a(made)}",
                     "Name a column of numbers, or give this one the same type")
    elif read.pick not in NO_COLUMN_PICKS:
        book.add("E_KEY_MISSING", (*place, "column"),
                 f"{read.frame} has no usual column to read, so column is required")
    if read.analyte:
        analyte = _column(book, (*place, "analyte"), "analyte", known)
        if read.frame != "series":
            book.add("E_CONFIG_VALUE", (*place, "analyte"),
                     f"only series has analytes, {read.frame} has none; use where")
        elif analyte is not None and analyte.levels and read.analyte not in analyte.levels:
            book.unknown((*place, "analyte"), "analyte", read.analyte, analyte.levels)
    elif read.frame == "series":
        book.add("E_KEY_MISSING", (*place, "analyte"), "a column read from series needs the analyte")
    if read.where:
        _condition(book, (*place, "where"), read.where, known)


def _endpoint(study: Study, book: Book, endpoint: Endpoint) -> None:
    place: Place = ("endpoints", endpoint.name)
    columns = study.subjects.columns
    if endpoint.where:
        known = subject_columns(study)
        later = list(study.endpoints)[list(study.endpoints).index(endpoint.name):]
        _condition(book, (*place, "where"), endpoint.where,
                   {name: column for name, column in known.items() if name.rpartition(".")[0] not in later})
    if endpoint.time:
        _column(book, (*place, "time"), endpoint.time, columns, ("number",))
    if endpoint.status:
        status = _column(book, (*place, "status"), endpoint.status, columns, ("number", "flag", "category", "ordinal"))
        _status_values(book, place, endpoint, status)
    if endpoint.column:
        column = _column(book, (*place, "column"), endpoint.column, columns, ("category", "ordinal"))
        if column is not None and endpoint.responses:
            _responses(book, (*place, "responses"), endpoint.responses, column)
    named = [*(("event", name) for name in endpoint.event),
             *(("competing", name) for name in endpoint.competing), *(("censor", name) for name in endpoint.censor)]
    usable = {**_earlier(study, endpoint), **columns}
    found = [_column(book, (*place, key), name, usable, ("date", "number")) for key, name in named if name]
    if endpoint.start not in ("", DAY_ZERO):
        found.append(_column(book, (*place, "start"), endpoint.start, columns, ("date", "number")))
        if endpoint.start in (*endpoint.event, *endpoint.competing):
            book.add("E_CONFIG_VALUE", (*place, "start"), f"{endpoint.start} is the start of {endpoint.name} and its event "
                     "too, so that every time would be zero")
    types = {column.type for column in found if column is not None}
    types |= {"number"} if endpoint.start == DAY_ZERO else set()
    if types == {"date", "number"} and not study.day_zero:
        book.add("E_KEY_MISSING", ("study", "day_zero"),
                 f"endpoint {endpoint.name} mixes dates and days, so the study needs day_zero",
                 "Name the date column of subjects that is day 0")


def _earlier(study: Study, endpoint: Endpoint) -> dict[str, Column]:
    """Timed endpoints above this one, which may stand for their event or their last day, as the columns they rest on."""
    found: dict[str, Column] = {}
    for other in study.endpoints.values():
        if other.name == endpoint.name:
            break
        begun = study.subjects.columns.get(other.start)
        if other.timed:
            found[other.name] = Column(other.name, begun.type if begun is not None else "number")
    return found


def _is_code(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _status_values(book: Book, place: Place, endpoint: Endpoint, status: Column | None) -> None:
    used: dict[str, str] = {}
    for key, codes in endpoint.status_values.items():
        for code in codes:
            if code in used:
                book.add("E_CONFIG_VALUE", (*place, "status_values", key), f"{code} means both {used[code]} and {key}")
            used[code] = key
            if status is not None and status.levels and code not in status.levels:
                book.unknown((*place, "status_values", key), f"level of {status.name}", code, status.levels)
            elif status is not None and status.type == "flag" and set(status.as_read((code,))) - {"0", "1"}:
                # it would stand for nobody without a word, where other codes are those of the censored
                book.unknown((*place, "status_values", key), f"word for yes or no in {status.name}", code, TRUE + FALSE)
            elif status is not None and status.type == "number" and not _is_code(code):
                book.unknown((*place, "status_values", key), f"number in {status.name}", code, ("0", "1", "2"))
    if endpoint.status_values and not endpoint.status_values.get("event"):
        book.add("E_KEY_MISSING", (*place, "status_values", "event"), "status_values must say which codes are events")
    if status is not None and status.levels and not endpoint.status_values and not set(status.levels) <= set("012345"):
        book.add("E_KEY_MISSING", (*place, "status_values"),
                 f"{status.name} holds words, so status_values must say what they mean",
                 'Add status_values = { event = ["…"], censored = ["…"] }')


def _responses(book: Book, place: Place, responses: tuple[str, ...], column: Column) -> None:
    """A misspelt level would lower the rate without a word; a code that looks like none of the levels counts nobody."""
    for position, response in enumerate(responses):
        if response in column.levels:
            continue
        alike = [level for level in column.levels if slip(response, level)]
        like = next((level for level in alike if level.casefold() == response.casefold()), next(iter(alike), ""))
        levels = ", ".join(column.levels)
        if like:
            book.add("E_UNKNOWN_NAME", (*place, position),
                     f"{response!r} is no level of {column.name} (did you mean {like!r}?)",
                     f"Known: {levels}")
        else:
            book.add("W_UNUSED_CODE", (*place, position),
                     f"{response!r} never occurs: it is no level of {column.name} ({levels})")


def _terms_and_analytes(study: Study, book: Book) -> None:
    for term in study.terms.values():
        if term.laboratory in study.subjects.columns:
            continue
        sources = ("series",) if term.laboratory else ("events", "gvhd")
        if not any(source in study.frames for source in sources):
            book.add("E_KEY_MISSING", ("frames", sources[0]),
                     f"term {term.name} is read from {sources[0]}, which is not declared",
                     f"Add [frames.{sources[0]}]")
    if study.analytes and "series" not in study.frames:
        book.add("E_KEY_MISSING", ("frames", "series"), "analytes are read from series, which is not declared",
                 "Add [frames.series]")
    declared = study.frames["series"].columns.get("analyte") if "series" in study.frames else None
    if declared is not None and declared.levels:
        for name in study.analytes:
            if name not in declared.levels:
                book.unknown(("analytes", name), "level of the analyte column", name, declared.levels)
        for term in study.terms.values():
            if term.laboratory and term.laboratory not in (*declared.levels, *study.subjects.columns):
                book.unknown(("terms", term.name, "from"), "analyte, and no column of subjects,", term.laboratory,
                             {**declared.levels, **study.subjects.columns})
