"""Is there a file, may it be read, and is it what its name says?"""

from __future__ import annotations

from pathlib import Path

from stats.intake.source import Source
from stats.study import paths
from stats.study.sources import DATABASES, TEXTS

SIGNS = (  # first bytes, what they mean
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one protected with a password"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich text document"),
    (b"PAR1", "a Parquet file"),
    (b"HEADER RECORD*******", "a SAS transport file"),
    (b"$FL2", "an SPSS file"), (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
    (b"<!DOCTYPE", "a web page"), (b"<!doctype", "a web page"), (b"<html", "a web page"), (b"<HTML", "a web page"),
    (b"<?xml", "an XML document"),
    (b"{\"", "a JSON document"), (b"[{", "a JSON document"),
)


def ending(source: Source) -> str:
    return source.frame.file.rpartition(".")[2].lower()


def found(source: Source, allow_outside: bool) -> bool:
    """Whether the source's files can be opened and look like what their names say; problems are noted."""
    file = source.frame.file
    if not allow_outside and not paths.inside(source.study.folder, file):
        reason, remedy = paths.outside(source.study.folder, file)
        source.note("E_PATH_OUTSIDE", reason, remedy=remedy)
        return False
    if not source.paths:
        source.note("E_FILE_MISSING", f"no file matches {source.path}; it is named in {source.study_line()}",
                    remedy="Put the files there or correct the pattern")
        return False
    return [path for path in source.paths if not _opens(source, path)] == []


def _opens(source: Source, path: Path) -> bool:
    the = "the file" if len(source.paths) == 1 else f"the file {path.name}"
    size = 0
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        pass  # said below
    except OSError as error:
        source.note("E_FILE_UNREADABLE", f"the file can't be reached: {error.strerror}; it is named in "
                    f"{source.study_line()}", remedy="Correct the name, or the link that stands there")
        return False
    if path.is_dir():
        source.note("E_NOT_A_FILE", f"{path} is a folder, not a file; it is named in {source.study_line()}")
        return False
    if not path.exists():
        source.note("E_FILE_MISSING", f"there is no file at {path}; it is named in {source.study_line()}",
                    remedy="Put the file there or correct the name")
        return False
    if not path.is_file():
        source.note("E_NOT_A_FILE", f"{path} is not an ordinary file; it is named in {source.study_line()}")
        return False
    if size > paths.largest(source.frame.file):
        source.note("E_FILE_TOO_LARGE", f"the file has {size / 1e9:.0f} GB, and no more than {paths.LARGEST / 1e9:.0f} are read",
                    remedy="Is it the right file? Leave out columns and rows that the study doesn't need")
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        source.note("E_FILE_UNREADABLE", f"{path} can't be read: {error.strerror}", remedy="Check who may read it")
        return False
    if not head:
        source.note("E_EMPTY_FILE", f"{the} is empty", remedy="Export it again")
        return False
    return _is_what_it_says(source, head, the)


def _is_what_it_says(source: Source, head: bytes, the: str) -> bool:
    kind = ending(source)
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    meaning = next((words for sign, words in SIGNS if head.startswith(sign) or body.startswith(sign)), "")
    expected = {"xlsx": b"PK\x03\x04", "parquet": b"PAR1", "xpt": b"HEADER RECORD*******", "sav": b"$FL",
                "sas7bdat": b"\x00" * 12}
    if kind in TEXTS:
        right = not meaning
    elif kind in DATABASES:
        right, meaning = head[8:12] == b"DUCK", meaning or "no DuckDB database"
    elif kind == "dta":
        right = head.startswith(b"<stata_dta>") or (head[0] in range(102, 116) and head[1:2] in (b"\1", b"\2"))
    else:
        right = head.startswith(expected[kind])
        meaning = meaning or "no file of that kind"
    if not right:
        source.note("E_WRONG_TYPE", f"{the} is called .{kind} but it is {meaning}",
                    remedy="Save or export it again as what its name says, or correct its name in the study file")
    return right
