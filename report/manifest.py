"""What a report was made from and what it consists of, as hashes: no dates, no paths, nothing heavy to import.

This is read before anything else when a build starts, so that one with nothing to do ends in milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
from hashlib import sha256

TYPE_CHECKING = False  # as in typing, whose import alone takes as long as hashing every input
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    PathLike = str | os.PathLike[str]

MANIFEST = "manifest.json"
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CODE = ("build_report.py", "requirements.lock", "report", "stats", "templates")


def digest_bytes(data: bytes) -> str:
    return sha256(data).hexdigest()


def digest(path: PathLike) -> str:
    """SHA-256 of one file, in hexadecimal; reads it in pieces, so that size doesn't matter."""
    total = sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
    return total.hexdigest()


def inputs(study: PathLike, files: Iterable[PathLike]) -> dict[str, str]:
    """Relative name → SHA-256 of a study's files; names are relative to the study's folder, in alphabetical order.

    A file that isn't there or can't be read is left out: whoever reads it next says so in a sentence.
    """
    names = {os.path.relpath(os.path.join(study, file), study).replace(os.sep, "/") for file in files}
    found = {name: current(study, name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


def current(study: PathLike, name: str) -> str:
    """SHA-256 of a named input as it is now; '' where there is none, or none that can be read.

    Of several files behind one pattern it is that of their names and hashes: a file more or less is another input.
    """
    from pathlib import Path

    from stats.study.paths import behind, largest, resolved
    most = largest(name)
    if not name.startswith(("package:", "duckdb:")):
        return _hash(os.path.join(study, name), most)
    several = behind(Path(study), name)
    if several == [name.removeprefix("duckdb:")]:
        return _hash(str(resolved(Path(study), name)), most)
    lines = [f"{one}\0{_hash(os.path.join(study, one), most)}\n" for one in several]
    return digest_bytes("".join(lines).encode()) if lines else ""


def _hash(path: str, most: float) -> str:
    """'' for what is no ordinary file (a pipe would never end), has more than `most` bytes, or may not be read."""
    try:
        return digest(path) if os.path.isfile(path) and os.path.getsize(path) <= most else ""
    except OSError:
        return ""


def abstract(study: str | os.PathLike[str]) -> str | None:
    """The name of the author's abstract in a study's folder, if one lies there."""
    from stats.study.paths import ABSTRACTS

    return next((name for name in ABSTRACTS if os.path.isfile(os.path.join(study, name))), None)


def refuse_if_changed(study: PathLike, before: dict[str, str]) -> None:
    """Refused (E_INPUT_CHANGED) when a file that the report was made from is another now, or is gone."""
    from stats.findings import Problem, refuse_if_fatal
    refuse_if_fatal([Problem("E_INPUT_CHANGED", "the file was changed while the report was being made", name,
                             remedy="Close the program that writes it, and build again")
                     for name, value in before.items() if current(study, name) != value])


def code(names: Sequence[str] = CODE) -> str:
    """One SHA-256 over every file that decides what a report looks like: code, templates, fonts, lock file.

    With names of files and folders, over those alone.
    """
    total = sha256()
    for name in names:
        for path in _files(os.path.join(ROOT, name)):
            total.update(f"{os.path.relpath(path, ROOT)}\0{_ours(path)}\n".encode())
    return total.hexdigest()


def _ours(path: str) -> str:
    """The hash of a file of the program, which is read again only when it was written again."""
    about = os.stat(path)
    now = (about.st_mtime_ns, about.st_size, about.st_ino)
    if _known.get(path, ("",))[0] != now:
        _known[path] = (now, digest(path))
    return _known[path][1]


_known: dict[str, tuple[tuple[int, int, int], str]] = {}


def _files(path: str) -> Iterable[str]:
    if os.path.isfile(path):
        yield path
        return
    for place, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        yield from (os.path.join(place, name) for name in sorted(names) if not name.startswith("."))


def versions(also: Iterable[str] = ()) -> dict[str, str]:
    """Python's version and those of the packages that the lock file names, read off the installation's folders.

    `also` are optional packages that a study asks for. Reading folder names instead of asking importlib.metadata keeps
    this at a millisecond.
    """
    with open(os.path.join(ROOT, "requirements.lock"), encoding="utf-8") as file:
        wanted = {_plain(line.split("==")[0]) for line in file if "==" in line} | set(also)
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for place in reversed(sys.path):
        for entry in os.listdir(place) if os.path.isdir(place) else ():
            if entry.endswith((".dist-info", ".egg-info")):
                name, _, rest = entry.rpartition(".")[0].partition("-")
                if _plain(name) in wanted:
                    found[_plain(name)] = rest.split("-")[0]
    return dict(sorted(found.items()))


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(".", "-")


def read(folder: PathLike) -> dict[str, Any] | None:
    """The manifest of a report's folder; None where there is none, or none that can be read."""
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else None


def making(folder: PathLike) -> tuple[int, int] | None:
    """Which making of a report lies in its folder (the manifest is written last, into a new folder); None for none."""
    try:
        about = os.stat(os.path.join(folder, MANIFEST))
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns


def faults(folder: PathLike, manifest: dict[str, Any]) -> list[str]:
    """Names of the files that are missing from the folder or hold other bytes than the manifest says."""
    def holds(name: str, said: dict[str, Any]) -> bool:
        try:
            path = os.path.join(folder, name)
            return os.path.getsize(path) == said["size"] and digest(path) == said["sha256"]
        except OSError:
            return False

    return [name for name, said in manifest["files"].items() if not holds(name, said)]


def complete(folder: PathLike) -> dict[str, Any] | None:
    """The manifest, if every file it names is there with just these bytes: a whole report; otherwise None."""
    manifest = read(folder)
    return manifest if manifest is not None and not faults(folder, manifest) else None
