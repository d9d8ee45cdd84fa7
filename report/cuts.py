"""A kept data cut: what it was when it was kept, and whether it still is."""

from __future__ import annotations

import json
from pathlib import Path

from report import manifest
from stats.findings import Problem

LIST = "cut.json"  # beside the study file of a cut: the names and hashes of its files, and of what kept it


def inputs(folder: Path) -> dict[str, str]:
    """Name → SHA-256 of the files of a cut as they were kept; nothing where the folder is no cut."""
    try:
        about = json.loads((folder / LIST).read_text("utf-8"))
        return {str(name): str(value) for name, value in about["inputs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def changed(folder: Path) -> list[Problem]:
    """A warning when files of a cut are no longer those that were kept."""
    kept = inputs(folder)
    now = manifest.inputs(folder, kept)
    names = [name for name, value in kept.items() if now.get(name) != value]
    if not names:
        return []
    return [Problem("W_CUT_CHANGED", f"the cut was changed since it was kept: {', '.join(names)}", LIST,
                    remedy=f"Keep it anew with freeze; or remove {LIST}, where this is a study of its own by now")]
