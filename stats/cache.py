"""What was computed before, as text under the hash of everything it was computed from.

An entry is one JSON file whose name is the SHA-256 of its key; its first line is the hash of the rest, so that a torn or
altered file is no entry. A key holds the code, the library versions, the options and the data themselves: what was found
under it is what would be computed again. The folder may be shared by branches and carried by CI, and deleted at any time.

It holds results of patients, so it lies where reports lie and only its owner may read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.results import Row

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "RESULTWRIGHT_CACHE"  # where it lies, if not beside the reports; "off" for nowhere
ROOT = Path(__file__).resolve().parent.parent
LARGEST = 32_000_000  # bytes of one entry: what takes longer to read than to compute isn't kept
ROOM = 256_000_000  # bytes of the whole folder, beyond which the entries unused for longest go


class Cache:
    """Entries in a folder, or, without one, none. Counts what was found and what had to be made, by what it is."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        self.found: dict[str, list[str]] = {}
        self.made: dict[str, list[str]] = {}
        self.put_now: list[Path] = []

    def get(self, what: str, name: str, key: str, parts: Iterable[str] = ()) -> Any | None:
        """The value under a key, or None, also where one of its `parts` isn't there.

        `what` and `name` say what it is, for a person: ("analyses", "pfs").
        """
        value = self._read(key)
        if value is not None and any(part not in value for part in parts):
            value = None
        (self.made if value is None else self.found).setdefault(what, []).append(name)
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold; a full or read-only disk is no reason to fail."""
        if self.folder is None:
            return
        body = json.dumps({"key": key, "value": value}, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > LARGEST:
            return
        path = self._path(key)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(aside, path)
            self.put_now.append(path)

    def forget(self) -> None:
        """Delete what was put: the code was changed meanwhile, so that nobody knows by which of the two it was made."""
        for path in self.put_now:
            with suppress(OSError):
                path.unlink()

    def add(self, found: Mapping[str, list[str]], made: Mapping[str, list[str]], put: Iterable[str]) -> None:
        """What another process found, made and put under the same folder."""
        for mine, theirs in ((self.found, found), (self.made, made)):
            for what, names in theirs.items():
                mine.setdefault(what, []).extend(names)
        self.put_now += map(Path, put)

    def counts(self) -> dict[str, dict[str, list[str]]]:
        """Names of what was taken from the cache and of what was made, by what they are: for the record of a run."""
        return {"kept": self.found, "made": self.made}

    def trim(self, room: int = ROOM) -> None:
        """Delete the entries unused for longest until the rest fits."""
        if self.folder is None:
            return
        known = []
        with suppress(OSError):
            for path in self.folder.glob("*/*.json"):
                about = path.stat()
                known.append((about.st_mtime_ns, about.st_size, path))
        total = sum(size for _, size, _ in known)
        for _, size, path in sorted(known):
            if total <= room:
                return
            with suppress(OSError):
                path.unlink()
            total -= size

    def _read(self, key: str) -> Any | None:
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            digest, _, body = path.read_bytes().partition(b"\n")
            if digest.decode() != sha256(body).hexdigest():
                return None
            held = json.loads(body)
            if held["key"] != key:
                return None
            os.utime(path)  # used now
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return held["value"]

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / f"{key}.json"


def opened(wanted: bool = True) -> Cache:
    """The cache of this installation, or one that holds nothing, if it isn't wanted or has nowhere to be."""
    place = os.environ.get(FOLDER, "")
    if not wanted or place == "off":
        return Cache(None)
    folder = Path(place) if place else ROOT / "build" / ".cache"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return Cache(None)
    return Cache(folder if os.access(folder, os.W_OK) else None)


def key(*parts: Any) -> str:
    """One hash of JSON-like parts; the order of mappings counts, since it is the order of a page."""
    return sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str).encode()).hexdigest()


def digest(frame: pd.DataFrame) -> str:
    """One hash of a frame's columns, types, levels and cells, in their order; its index doesn't count."""
    total = sha256(str(len(frame)).encode())
    for name in frame.columns:
        total.update(_column(str(name), frame[name]))
    return total.hexdigest()


def _column(name: str, column: pd.Series) -> bytes:
    import numpy as np
    import pandas as pd

    kind: Any = column.dtype
    head = f"\0{name}\0{kind}"
    if isinstance(kind, pd.CategoricalDtype):
        head += "\0".join(["", *map(str, kind.categories), str(kind.ordered)])
        cells = column.cat.codes.to_numpy().tobytes()
    elif isinstance(kind, np.dtype) and kind.kind in "biufM":
        cells = np.ascontiguousarray(column.to_numpy()).tobytes()
    else:  # texts, and types of which some cells are missing
        cells = "\x1f".join([repr(cell) for cell in column.astype(object)]).encode()
    return f"{head}\0{len(cells)}\0".encode() + cells


def written(rows: Iterable[Row]) -> list[list[Any]]:
    """Rows as JSON holds them: floats keep every digit."""
    return [[row.variable, row.stat, float(row.value), row.group, row.level, _plain(row.at), row.method, row.note,
             row.analysis] for row in rows]


def rows(held: Iterable[list[Any]]) -> list[Row]:
    return [Row(variable, stat, value, group, level, at, method, note, analysis)
            for variable, stat, value, group, level, at, method, note, analysis in held]


def _plain(value: Any) -> Any:
    """A number of Python's own, whole if it was whole."""
    return value.item() if hasattr(value, "item") else value
