"""Reading the synthetic cohort for its tests: days from dates, and P values that owe nothing to the project."""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from scipy.stats import mannwhitneyu

CART = Path(__file__).resolve().parent.parent / "data" / "cart"
TABLES = ("subjects", "responses", "events", "series", "gvhd", "treatments", "screening")
YEAR = 365.25
Tables = dict[str, pd.DataFrame]


def load(folder: Path) -> Tables:
    """The tables, with dates as days from each patient's infusion beside them."""
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}
    subjects = tables["subjects"]
    zero = pd.to_datetime(subjects.set_index("subject")["infusion_date"])
    for name, table in tables.items():
        for column in [str(c) for c in table if str(c).endswith("date")]:
            table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
            if "subject" in table:  # hsct_date gives hsct_day, date gives day
                days = (table[column] - table["subject"].map(zero)).dt.days
                table[column.removesuffix("date") + "day"] = days
        if "subject" in table and name != "subjects":
            table["arm"] = table["subject"].map(subjects.set_index("subject")["arm"])
    subjects["hsct_to_relapse"] = subjects["relapse_before_day"] - subjects["hsct_day"]
    subjects["apheresis_to_infusion"] = -subjects["apheresis_day"]
    return tables


def make(out: Path, *options: str) -> None:
    """Run the generator without site packages: it needs nothing but Python."""
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati"}
    subprocess.run([sys.executable, "-S", str(CART / "make_cohort.py"), "--out", str(out), *options],
                   check=True, env=environment, timeout=60)  # fmt: skip


def arms(table: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    return tuple(table.loc[table["arm"] == arm, column].dropna().to_numpy(float) for arm in ("R", "D"))  # type: ignore


def rank_p(table: pd.DataFrame, column: str) -> float:
    return float(mannwhitneyu(*arms(table, column), method="asymptotic").pvalue)


def exact_p(table: pd.DataFrame, column: str) -> float:
    """Fisher's exact test of arm by level: every table with these margins, no more likely than the one seen."""
    known = table[table[column].notna()]
    totals = known.groupby(column).size().tolist()
    levels = sorted(known[column].unique())
    seen = known[known["arm"] == "R"].groupby(column).size().reindex(levels, fill_value=0).tolist()

    def chance(counts: tuple[int, ...]) -> float:
        return math.prod(math.comb(n, k) for n, k in zip(totals, counts)) / math.comb(sum(totals), sum(seen))

    every = (c for c in itertools.product(*(range(n + 1) for n in totals)) if sum(c) == sum(seen))
    return sum(p for p in map(chance, every) if p <= chance(tuple(seen)) * (1 + 1e-9))


def times(subjects: pd.DataFrame, events: list[str], censor: str) -> pd.DataFrame:
    event = subjects[events].min(axis=1)
    return pd.DataFrame({"arm": subjects["arm"], "day": event.fillna(subjects[censor]), "event": event.notna()})


def pfs(subjects: pd.DataFrame) -> pd.DataFrame:
    return times(subjects, ["relapse_day", "progression_day", "death_day"], "last_assessment_day")


def overall(subjects: pd.DataFrame) -> pd.DataFrame:
    return times(subjects, ["death_day"], "last_contact_day")


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return data[data["arm"] == "R"], data[data["arm"] == "D"]


def at_year(data: pd.DataFrame) -> float:
    return float(KaplanMeierFitter().fit(data["day"], data["event"]).predict(YEAR))


def peaks(series: pd.DataFrame, analyte: str, first: int) -> pd.DataFrame:
    """One row per patient: the highest sample in days `first` to 28, the earliest of equals."""
    rows = series[(series["analyte"] == analyte) & series["day"].between(first, 28)]
    rows = rows.assign(height=rows["value"] * np.where(rows["qualifier"] == ">", 1.001, 1.0))
    return rows.sort_values(["height", "day"], ascending=[False, True]).drop_duplicates("subject")


def landmark(responses: pd.DataFrame) -> pd.DataFrame:
    """Each patient's assessment nearest to day 28 within days 21 to 42."""
    rows = responses[responses["day"].between(21, 42)]
    return rows.assign(away=(rows["day"] - 28).abs()).sort_values(["away", "day"]).drop_duplicates("subject")
