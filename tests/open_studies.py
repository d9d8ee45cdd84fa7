"""Studies written for public data: the study files are ours (tests/studies), the data lie elsewhere or nowhere."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent / "studies"
PLACES = {  # where the files of a study lie, when not directly in the folder of the data
    "cdisc_pilot": "cdisc_pilot",
    "leipzig": "unscored",
    "redcap_arms": "redcap/arm-multiple-delete",
    "redcap_blank": "redcap/blank-for-gray-status",
    "redcap_checkboxes": "redcap/checkboxes-1",
    "redcap_clinical_trial": "redcap/clinical-trial-1",
}
NAMES = tuple(sorted(folder.name for folder in HERE.iterdir() if (folder / "study.toml").is_file()))


def laid_out(oracle: Path, name: str, target: Path) -> Path:
    """A study folder with its study file and copies of the data it names."""
    target.mkdir(parents=True)
    shutil.copy(HERE / name / "study.toml", target)
    with (HERE / name / "study.toml").open("rb") as file:
        frames = tomllib.load(file)["frames"]
    for frame in frames.values():
        for key in ("file", "dictionary"):
            if key in frame:
                shutil.copy(oracle / "data" / PLACES.get(name, "") / frame[key], target)
    return target
