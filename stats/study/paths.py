"""Where a path of the study file leads: inputs stay inside the study folder, symbolic links followed."""

from __future__ import annotations

from pathlib import Path


def resolved(folder: Path, file: str) -> Path:
    """The absolute path that a file named in the study leads to, links followed."""
    return (Path(folder) / file).resolve()


def inside(folder: Path, file: str) -> bool:
    """Whether that path lies in the study folder; an absolute path never counts as inside."""
    if Path(file).is_absolute() or file.startswith("~") or "\\" in file or ":" in file.split("/", maxsplit=1)[0]:
        return False
    return resolved(folder, file).is_relative_to(Path(folder).resolve())
