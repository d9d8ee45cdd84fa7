"""Reads the survival entries of the reference values: which rows an `input` means, and how numbers are compared.

The entries describe filters and derived columns in words; each wording that occurs is one line below, and an unknown
one is an error, so that no entry is quietly compared with other rows than R's.
"""

import json
import math
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import oracle_folder

COUNTS = {  # entries per family: none may be dropped in silence
    "km": 91, "km_quantiles": 91, "reverse_km": 91, "rmst": 91, "rmst_difference": 23, "km_difference": 23,
    "logrank": 29, "logrank_stratified": 9, "logrank_trend": 6, "logrank_pairwise": 6, "cox_efron": 39,
    "cox_breslow": 39, "cox_stratified": 9, "cox_firth": 33, "zph": 39, "cif_cmprsk": 28, "cif_survfit": 28,
    "gray": 8, "finegray_crr": 17, "finegray_crr_multi": 5, "cause_specific_cox": 17, "landmark_strictly_after": 7,
    "landmark_at_or_after": 7,
}
CLOSED, ITERATED = 1e-8, 1e-6
Z = 1.959963984540054
COMPARE = {"==": operator.eq, ">": operator.gt}
Frame = pd.DataFrame


@dataclass
class Entry:
    """One reference value with the rows it was computed from."""

    id: str
    family: str
    dataset: str
    input: dict
    values: dict | list
    warned: bool
    failed: bool

    @cached_property
    def frame(self) -> Frame:
        return _rows(read(FOLDER, self.dataset), self.input)

    @property
    def pair(self) -> tuple[np.ndarray, np.ndarray]:
        """Times and status."""
        return self.frame[".time"].to_numpy(), self.frame[".status"].to_numpy()

    @property
    def group(self) -> np.ndarray:
        return self.frame[".group"].to_numpy()


def number(value: object) -> float:
    """The values spell missing and infinite numbers as words."""
    words = {"NA": math.nan, "NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}
    return words[value] if isinstance(value, str) else math.nan if value is None else float(value)  # type: ignore


def entries(folder: Path) -> Iterator[Entry]:
    """All entries of our families, the small edge cases included."""
    for file in sorted((folder / "values").glob("**/*.json")):
        for raw in json.loads(file.read_text())["entries"]:
            family = raw["id"].split(".")[1]
            if family in COUNTS:
                yield Entry(raw["id"], family, raw["dataset"], raw["input"], raw.get("values"),
                            bool(raw.get("r_warnings")), bool(raw.get("r_error")))


FOLDER = oracle_folder()
ALL = list(entries(FOLDER)) if FOLDER else []
MARKS = [pytest.mark.skipif(not ALL, reason="the reference data are not on this machine"),
         pytest.mark.filterwarnings("error")]


def family(*names: str) -> pytest.MarkDecorator:
    """One test per entry of these families."""
    chosen = [entry for entry in ALL if entry.family in names]
    return pytest.mark.parametrize("entry", chosen, ids=[entry.id for entry in chosen])


def close(ours, theirs, rel=CLOSED, absolute=1e-10):
    """Numbers of ours and those of the entry, missing where missing."""
    theirs = [number(v) for v in (theirs if isinstance(theirs, list | tuple) else [theirs])]
    np.testing.assert_allclose(np.ravel(ours), theirs, rtol=rel, atol=absolute)


def check_fit(fit, theirs, rel=ITERATED):
    """A regression and coxph's or crr's table of coefficients."""
    names = list(theirs["coefficients"])
    table = [theirs["coefficients"][name] for name in names]
    for ours, key in ((fit.coef, "coef"), (fit.se, "se"), (fit.p_value, "p"), (np.exp(fit.lower), "hr_lower"),
                      (np.exp(fit.upper), "hr_upper")):
        close(ours, [row[key] for row in table], rel, 1e-9 if key != "p" else 1e-30)
    loglik = theirs["loglik"] if isinstance(theirs["loglik"], list) else [theirs["loglik_null"], theirs["loglik"]]
    close(fit.loglik, loglik, rel)


@cache
def read(folder: Path | None, dataset: str) -> Frame:
    """A data set as R's read.csv gives it: empty cells and NA missing, nothing else."""
    assert folder is not None
    path = folder / "data" / dataset.removeprefix("oracle_shared/")
    return pd.read_csv(path, keep_default_na=False, na_values=["", "NA"], encoding="utf-8-sig",
                       float_precision="round_trip")


def _rows(frame: Frame, given: dict) -> Frame:
    """The rows an entry is about, with columns .time, .status and, where it has groups, .group (0, 1, …)."""
    frame = _derived(frame, given.get("filter") or "none")
    columns = given["columns"]
    frame = frame.assign(**{".time": frame[columns["time"]].astype(float),
                            ".status": _evaluate(frame, given.get("event") or given["status"])})
    frame = frame[frame[".time"].notna() & frame[".status"].notna()]
    if given.get("group_column"):
        frame = frame[_words(frame[given["group_column"]]) == str(given["group"])]
    if "groups" in given and "group" in columns:
        codes = _words(frame[columns["group"]]).map({str(g): i for i, g in enumerate(given["groups"])})
        frame = frame.assign(**{".group": codes.astype(float)})[codes.notna()]
    if "strata" in columns:
        frame = frame[frame[columns["strata"]].notna()]
    return frame


def _words(column: pd.Series) -> pd.Series:
    """Values as R prints them: 1, not 1.0."""
    return column.map(lambda v: None if pd.isna(v) else f"{v:g}" if isinstance(v, float) else str(v))


def _derived(frame: Frame, words: str) -> Frame:
    if words.startswith("derive product2"):
        product = frame["product"].where(frame["product"].isin(["tisa-cel"]), "other")
        return frame.assign(product2=product.mask(frame["product"].str.contains("axi"), "axi-cel"))
    if words.startswith("derive etime"):
        pcm = frame.pstat == 1
        return frame.assign(etime=frame.ptime.where(pcm, frame.futime),
                            estat=np.where(pcm, 1, np.where(frame.death == 1, 2, 0)))
    if words.startswith("cells '?' are missing"):
        frame = frame.replace("?", np.nan).apply(_numeric)
        early = (frame.PLTrecovery < 1e6) & (frame.PLTrecovery <= frame.survival_time)
        status = np.where(early, 1, np.where(frame.survival_status == 1, 2, 0))
        return frame.assign(plt_status=status, plt_ft=frame.PLTrecovery.where(early, frame.survival_time))
    simple = {
        "none": lambda f: f,
        "trt not missing (312 randomised rows)": lambda f: f[f.trt.notna()],
        "ph.ecog in 0,1,2": lambda f: f[f["ph.ecog"].isin([0, 1, 2])],
        "dtype == 2": lambda f: f[f["dtype"] == 2],
        "PARAMCD == 'TTDE'; event = (CNSR == 0)": lambda f: f[f.PARAMCD == "TTDE"],
        "event: censored->0, ltx->1, death->2, withdraw->3; rows with futime 0 kept": lambda f: f,
    }
    return simple[words](frame)


def _numeric(column: pd.Series) -> pd.Series:
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        return column


def _evaluate(frame: Frame, expression: str) -> pd.Series:
    if expression.startswith("ifelse(status == 2"):
        return frame.status.map({2: 1, 1: 2, 0: 0}).astype(float)
    if expression.startswith("match(event"):
        return frame.event.map({"ltx": 1, "death": 2, "withdraw": 3}).fillna(0).astype(float)
    if found := re.fullmatch(r"(\S+) (==|>) (\S+)", expression):
        column = frame[found[1]]
        return COMPARE[found[2]](column, float(found[3])).astype(float).where(column.notna())
    return frame[expression].astype(float)


def design(frame: Frame, terms: list[str], levels: dict) -> tuple[Frame, np.ndarray, dict[str, list[int]]]:
    """Complete rows, the model matrix without intercept, and the columns of each term."""
    base = {term: re.sub(r"^log\((.*)\)$", r"\1", term) for term in terms}
    frame = frame[frame[list(base.values())].notna().all(axis=1)]
    columns: list[np.ndarray] = []
    where: dict[str, list[int]] = {}
    for term, name in base.items():
        column = frame[name]
        factor = term in levels or not pd.api.types.is_numeric_dtype(column)
        if factor:
            words = _words(column)
            order = [str(level) for level in levels.get(term, sorted(set(words)))]
            new = [(words == level).to_numpy(float) for level in order[1:]]
        else:
            new = [np.log(column.to_numpy(float)) if term.startswith("log(") else column.to_numpy(float)]
        where[term] = list(range(len(columns), len(columns) + len(new)))
        columns += new
    return frame, np.column_stack(columns), where


def model(entry: Entry) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, list[int]]]:
    """Times, status, model matrix and terms of a regression entry, by group or by covariates."""
    covariates = entry.input["columns"].get("covariates") or entry.input.get("covariates")
    if covariates:
        terms = [covariates] if isinstance(covariates, str) else covariates
        if terms[0].startswith("~"):
            terms = terms[0].removeprefix("~").replace(" ", "").split("+")
        frame, x, where = design(entry.frame, terms, dict(entry.input.get("factor_levels_reference_first") or {}))
    else:
        frame, k = entry.frame, len(entry.input["groups"])
        x = np.column_stack([(frame[".group"] == i).to_numpy(float) for i in range(1, k)])
        where = {"group": list(range(k - 1))}
    return frame[".time"].to_numpy(), frame[".status"].to_numpy(), x, where
