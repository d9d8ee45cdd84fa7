"""Write a report's folder so that readers only ever see a complete one: the last, or the new.

Everything is written into a folder beside the target, flushed to disk and read back; the manifest comes last, and then
the two folders change places in one step of the file system. A build that is killed at any moment leaves the old
report complete, or the new one.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from report.manifest import MANIFEST, complete, digest_bytes, read

ROOM = 64 << 20  # bytes that must be free before a build starts; a report is a few megabytes
LISTED_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
NO_ROOM = "failed to map segment"
_REMEDIES = {  # {} is the option that names another folder, where the command has one
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free some space, or choose another folder{}"),
    errno.EFBIG: "A limit on the size of files stopped it (ulimit -f); raise it",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "Check who may write there, or choose another folder{}"),
    errno.EROFS: "This disk can only be read; choose another folder{}",
    errno.EBUSY: "It is a mounted disk itself; choose a folder inside it{}",
    errno.EXDEV: "It lies on another layer of the disk; choose another folder{}",
    errno.EIO: "The disk reports a fault; choose another disk{}",
    errno.ENAMETOOLONG: "Choose a shorter path{}",
    errno.EMFILE: "Too many files are open; raise the limit (ulimit -n)",
}


class MachineFailed(Exception):
    """The machine failed, not the data (exit code 3); reads as one line: code, what, where, and what to do next."""

    def __init__(self, reason: str, path: str | os.PathLike[str] = "", remedy: str = "", code: str = "E_MACHINE"):
        self.reason, self.path, self.remedy, self.code = reason, os.fspath(path), remedy, code
        place = f" ({self.path})" if self.path else ""
        super().__init__(f"{code} {reason}{place}.{f' {remedy}.' if remedy else ''}")

    @classmethod
    def because(cls, error: OSError, path: str | os.PathLike[str] = "", code: str = "E_MACHINE",
                option: str = "") -> MachineFailed:
        """The same fault as the operating system reported it, with the remedy that fits it.

        `path` is what was to be written, `option` the one that names another place for it. A file that may not be read is
        named instead, however the writing came to it.
        """
        reason = error.strerror or type(error).__name__
        if error.errno in (errno.EACCES, errno.EPERM) and _unreadable(error.filename):
            return cls(reason, error.filename, "Ask whoever keeps it for the right to read it")
        remedy = _REMEDIES.get(error.errno or 0, "").format(f" with {option}" if option else "")
        return cls(reason, path or error.filename2 or error.filename or "", remedy, code)


class Fault(Exception):
    """The program itself is wrong: `kind` of exception, `place` in its files, and the traceback, which --debug shows."""

    def __init__(self, kind: str, place: str, trace: str = ""):
        self.kind, self.place, self.trace = kind, place, trace
        super().__init__(f"{kind}{f' at {place}' if place else ''}")
        self.add_note(trace)

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """An exception in words: itself it can't leave its process. Its message stays in the traceback, as it may quote cells."""
        if isinstance(error, cls):
            return error
        from traceback import format_exception

        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
        return cls(type(error).__name__, place, "".join(format_exception(error)))


def no_room(error: BaseException) -> bool:
    """Whether the memory ran out, also where the loader of libraries says so in its own words."""
    return isinstance(error, MemoryError) or (isinstance(error, ImportError) and NO_ROOM in str(error))


class Output(AbstractContextManager["Output"]):
    """``with Output(folder) as output: output.write("report.html", text)``; leaving the block puts it all in place.

    Leaving it with an exception leaves the folder as it was. ``about`` is what the manifest says beside the list of files
    (under that name): JSON values without dates and paths. Files in the folder that are no part of the former report (a
    person's notes) are carried over. MachineFailed when the disk is full or read-only, when the folder holds something that
    isn't a report, or when another build holds the folder for longer than `patience` seconds.
    """

    def __init__(self, folder: str | os.PathLike[str], about: Mapping[str, Any] | None = None, patience: float = 60):
        self.folder = Path(os.path.realpath(folder))
        self.about: dict[str, Any] = dict(about or {})
        self.patience = patience
        if not self.folder.name:
            raise MachineFailed("The root of a disk can't become a report", self.folder, "Choose a folder with --out",
                                "E_WRITE")
        hidden = f".{self.folder.name}.resultwright"
        self.stage = self.folder.with_name(hidden + "-new")
        self.former = self.folder.with_name(hidden + "-old")
        self.lock = self.folder.with_name(hidden + "-lock")
        self._lock = -1
        self._files: dict[str, dict[str, Any]] = {}
        self._volatile: list[str] = []

    def __enter__(self) -> Output:
        with _machine(self.folder):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self._hold()
        try:
            with _machine(self.stage):  # what a killed build left stands in the way where it can't be removed
                self._sweep()
            with _machine(self.folder):
                self._refuse_strangers()
                self.stage.mkdir()
                _room(self.stage)
        except BaseException:
            self._discard()
            raise
        return self

    def look(self) -> Output:
        """Ask before anything is computed whether the folder could be written: room, permission, nothing in its place."""
        with _machine(self.folder):
            place = self.folder.parent
            while not place.exists():
                place = place.parent
            if not os.access(place, os.W_OK | os.X_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(place))
            _room(place)
            self._refuse_strangers()
        return self

    def tidy(self) -> None:
        """Remove what a killed build left beside a report that needs no new one, unless another build is at work."""
        if any(path.exists() for path in (self.stage, self.former, self.lock)):
            self.patience = -1.0
            with suppress(MachineFailed, OSError):
                self._hold()
                self._discard()

    def write(self, name: str, content: str | bytes, volatile: bool = False) -> None:
        """Add one file under a relative name with `/`; a volatile one may differ between equal runs: it has no hash."""
        path = PurePosixPath(name)
        taken = name == MANIFEST or name in self._files or name in self._volatile
        if taken or path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{name!r} can't be the name of a new file in the report's folder")
        data = content.encode("utf-8") if isinstance(content, str) else content
        target = self.stage.joinpath(*path.parts)
        with _machine(self.folder / name):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if volatile:
            self._volatile.append(name)
        else:
            self._files[name] = {"sha256": digest_bytes(data), "size": len(data)}

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                with _machine(self.folder):
                    self._carry_over()
                    self._seal()
                    self._swap()
        finally:
            self._discard()

    # in the order in which they happen

    def _hold(self) -> None:
        """Lock the folder for this process; the lock is a file beside it that the last holder removes."""
        until, told = time.monotonic() + self.patience, False
        while True:
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.exists(self.lock) and os.path.samestat(os.fstat(handle), os.stat(self.lock)):
                    self._lock = handle
                    return
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(handle)
                    raise MachineFailed("Another build is writing this folder", self.folder,
                                        "Wait for it, or choose another folder with --out", "E_WRITE") from None
                if not told:
                    print(f"Waiting for another build of {self.folder.name} to end.", file=sys.stderr, flush=True)
                told = True
                time.sleep(0.05)
            os.close(handle)

    def _sweep(self) -> None:
        """Bring back the former report if something came between two renames; remove what a killed build left."""
        if self.former.exists() and not self.folder.exists():
            self.former.rename(self.folder)
        _remove(self.stage)
        _remove(self.former)

    def _refuse_strangers(self) -> None:
        if not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise MachineFailed("There is a file where the report's folder should be", self.folder,
                                "Choose another folder with --out", "E_WRITE")
        if not os.access(self.folder, os.W_OK | os.X_OK):  # somebody keeps this report as it is
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(self.folder))
        names = {entry.name for entry in self.folder.iterdir()} - LISTED_BY_SYSTEMS
        if names and read(self.folder) is None:
            raise MachineFailed("This folder holds files that are no report of ours", self.folder,
                                "Choose a new or an empty folder with --out", "E_WRITE")

    def _carry_over(self) -> None:
        """Keep what the former report's manifest doesn't list: it isn't ours to delete."""
        former = read(self.folder) or {}
        ours = {MANIFEST, *former.get("files", ()), *former.get("volatile", ())}
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            target = self.stage / name
            if name not in ours and path.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(path, target)
                except OSError:
                    import shutil
                    shutil.copy2(path, target)

    def _seal(self) -> None:
        """Flush every file, write the manifest last, and read it all back."""
        manifest = {"about": self.about, "files": dict(sorted(self._files.items())), "volatile": sorted(self._volatile)}
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        for place, _, names in os.walk(self.stage):
            for name in names:
                _flush(os.path.join(place, name))
            _flush(place)
        (self.stage / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
        _flush(self.stage / MANIFEST)
        _flush(self.stage)
        if complete(self.stage) is None:
            raise MachineFailed("The disk gave back other bytes than were written", self.folder,
                                "Choose another disk with --out", "E_WRITE")

    def _swap(self) -> None:
        if not self.folder.exists():
            self.stage.rename(self.folder)
        elif not _exchange(self.stage, self.folder):  # then the former report is called stage, and discarded
            self.folder.rename(self.former)
            self.stage.rename(self.folder)
        _flush(self.folder.parent)

    def _discard(self) -> None:
        with suppress(OSError):
            self._sweep()
        if self._lock >= 0:
            with suppress(OSError):
                self.lock.unlink()
            os.close(self._lock)
            self._lock = -1


class _machine(AbstractContextManager[None]):
    """Turn the operating system's errors into MachineFailed about `path`."""

    def __init__(self, path: Path):
        self.path = path

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise MachineFailed.because(error, self.path, "E_WRITE", "--out") from error


def _unreadable(path: str | bytes | int | None) -> bool:
    there = isinstance(path, str) and (os.path.exists(path) or not os.access(os.path.dirname(path) or ".", os.X_OK))
    return there and not os.access(str(path), os.R_OK)


def _room(place: Path) -> None:
    free = os.statvfs(place)
    if free.f_bavail * free.f_frsize < ROOM:
        raise OSError(errno.ENOSPC, "less than 64 MB are free", str(place))


def _flush(path: str | Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network disks that can't flush a folder
            raise
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    """Remove what is ours, whatever somebody made of its permissions."""
    if folder.exists():
        import shutil
        for place, _, _ in os.walk(folder):
            with suppress(OSError):
                os.chmod(place, 0o755)
        shutil.rmtree(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False where the system or the disk has no such step."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    a, b = os.fsencode(one), os.fsencode(other)
    if hasattr(libc, "renameat2"):  # Linux: -100 is "relative to the working folder", 2 is RENAME_EXCHANGE
        return libc.renameat2(-100, a, -100, b, 2) == 0
    return hasattr(libc, "renamex_np") and libc.renamex_np(a, b, 2) == 0  # macOS: 2 is RENAME_SWAP
