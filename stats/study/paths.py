"""Where a path of the study file leads: inputs stay inside the study folder, symbolic links followed.

The one exception are data sets that an installed library ships: ``package:lifelines/datasets/larynx.csv``. A source that
DuckDB reads, ``duckdb:trial.duckdb``, leads to the file behind its prefix, and may be a pattern for several Parquet files.
"""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

PACKAGE = "package:"
PATTERN = frozenset("*?[")
DUCKDB = "duckdb:"
PACKAGES = ("lifelines",)  # libraries that ship data sets with their source and licence
LARGEST = 4_000_000_000  # bytes of a data file, which is held in memory as a whole
ABSTRACTS = ("abstract.txt", "abstract.md", "abstract.docx")
BY_NAME = ("study.toml", "sections", *ABSTRACTS)  # what is read because it is called so; a link of that name may lead away


def resolved(folder: Path, file: str) -> Path:
    """The absolute path that a file named in the study leads to, links followed."""
    if file.startswith(PACKAGE):
        name, _, rest = file.removeprefix(PACKAGE).partition("/")
        return (package(name) / rest).resolve()
    file = file.removeprefix(DUCKDB)
    try:
        return (Path(folder) / file).resolve()
    except (OSError, RuntimeError, ValueError):  # a name too long, a link to itself
        return Path(os.path.normpath(Path(folder).resolve() / file))


def behind(folder: Path, file: str) -> list[str]:
    """The files that a name of the study stands for, as it spells them: itself, or what a pattern of a source matches.

    In alphabetical order; hidden files match no pattern. Empty when nothing matches.
    """
    plain = file.removeprefix(DUCKDB)
    if plain == file or not PATTERN & set(plain):
        return [plain]
    from glob import glob

    root = Path(folder)
    return sorted(name for name in glob(plain, root_dir=root, recursive=True) if (root / name).is_file())


def largest(file: str) -> float:
    """How many bytes a file that the study names may have: what DuckDB reads never is in memory as a whole."""
    return math.inf if file.startswith(DUCKDB) else LARGEST


def inside(folder: Path, file: str) -> bool:
    """Whether that path lies in the study folder, or in a library whose data sets may be read.

    An absolute path never counts as inside; of a pattern every file it matches must lie there.
    """
    if file.startswith(DUCKDB):
        return _below(folder, file.removeprefix(DUCKDB)) and all(_below(folder, name) for name in behind(folder, file))
    if file.startswith(PACKAGE):
        name = file.removeprefix(PACKAGE).partition("/")[0]
        return name in PACKAGES and "\\" not in file and resolved(folder, file).is_relative_to(package(name).resolve())
    return _below(folder, file)


def _below(folder: Path, name: str) -> bool:
    if Path(name).is_absolute() or name.startswith("~") or "\\" in name or ":" in name.split("/", maxsplit=1)[0]:
        return False
    return resolved(folder, name).is_relative_to(Path(folder).resolve())


def outside(folder: Path, file: str) -> tuple[str, str]:
    """Why a path that is not `inside` isn't read, and what to do."""
    file = file.removeprefix(DUCKDB)
    if file.startswith(PACKAGE):
        return (f"{file} is no data set of a library that may be read", "Write package:NAME/path; NAME can be "
                + ", ".join(PACKAGES))
    if "://" in file:
        return f"{file} lies elsewhere, and nothing is fetched from there", "Download it into the study folder"
    if "\\" in file:
        return f"the path {file} has a backslash, which is no separator everywhere", "Write / between folders and files"
    if file.startswith("~"):
        return f"the path {file} begins with ~, which is not followed", "Copy the file into the study folder"
    return (f"the path leads out of the study folder, to {resolved(folder, file)}", "Copy the file into the study folder; "
            "without that, build and check read it with --allow-outside")


def leads_away(folder: Path) -> str:
    """The name of a link in the study folder that is read by its name and leads out of it; '' when there is none."""
    links = (name for name in BY_NAME if (Path(folder) / name).is_symlink())
    return next((name for name in links if not inside(folder, name)), "")


def package(name: str) -> Path:
    """The folder of an installed library, found without importing it; a path that isn't there when there is none."""
    for place in sys.path:
        if name in PACKAGES and (Path(place) / name / "__init__.py").is_file():
            return Path(place) / name
    return Path("/nonexistent") / name
