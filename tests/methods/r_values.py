"""Values that base R gives on data lifelines ships.

`python tests/methods/r_values.py` makes tests/r/ranks.json again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "r"
STORED = FOLDER / "ranks.json"
DATA_SETS = ("lung", "larynx", "gbsg2", "rossi", "g3", "stanford_heart_transplants", "psychiatric_patients")


def dataset(name: str) -> pd.DataFrame:
    from lifelines import datasets

    frame: pd.DataFrame = getattr(datasets, f"load_{name}")()
    return frame


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return found


def fresh() -> str | None:
    """What R says now, or None where there is no R."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for name in DATA_SETS:
            dataset(name).to_csv(Path(folder, f"{name}.csv"), index=False)
        done = subprocess.run(["Rscript", "--vanilla", str(FOLDER / "ranks.R"), folder], check=True,
                              capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    text = fresh()
    if text is None:
        raise SystemExit("Rscript isn't on the path")
    STORED.write_text(json.dumps(json.loads(text), indent=1) + "\n", encoding="utf-8")
