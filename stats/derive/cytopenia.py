"""CTCAE grades of laboratory values: neutrophils, hemoglobin, platelets, white cells, lymphocytes.

The two versions differ (grade 4 neutropenia is below 0.5 in version 5.0 and below 0.1 in 6.0), so the version is always
an argument. Counts are in 10⁹/L, hemoglobin in g/L. A band "grade 1" reaches up to the lower limit of normal: without
that limit a value above the grade 2 band is grade 0 or 1 and stays nan. Comparisons are made after rounding to ten
significant digits, so that 0.5 typed, converted or averaged is one number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from stats.methods.types import Description

CANONICAL = {"neutrophils": "10⁹/L", "hemoglobin": "g/L", "platelets": "10⁹/L", "leukocytes": "10⁹/L",
             "lymphocytes": "10⁹/L"}
NAMES = {
    "anc": "neutrophils", "neutrophil": "neutrophils", "neutrophils": "neutrophils", "neut": "neutrophils",
    "hb": "hemoglobin", "hgb": "hemoglobin", "hemoglobin": "hemoglobin", "haemoglobin": "hemoglobin",
    "plt": "platelets", "platelet": "platelets", "platelets": "platelets", "plat": "platelets",
    "wbc": "leukocytes", "leukocytes": "leukocytes", "white_cells": "leukocytes", "wcc": "leukocytes",
    "alc": "lymphocytes", "lymphocyte": "lymphocytes", "lymphocytes": "lymphocytes", "lymph": "lymphocytes",
}
VERSIONS = ("5.0", "6.0")

DEFINITIONS = {
    "ctcae-5.0": Description(
        "Cytopenias were graded from laboratory values by the thresholds of the Common Terminology Criteria for "
        "Adverse Events; grade one needs the lower limit of normal, and grades that rest on clinical judgement were "
        "taken from recorded events only.",
        "National Cancer Institute. Common Terminology Criteria for Adverse Events (CTCAE) v5.0. 2017"),
    "ctcae-6.0": Description(
        "Cytopenias were graded from laboratory values by the thresholds of the Common Terminology Criteria for "
        "Adverse Events, in the version that lowered the limits of the highest grades of neutropenia and "
        "thrombocytopenia; grades that rest on clinical judgement were taken from recorded events only.",
        "National Cancer Institute. Common Terminology Criteria for Adverse Events (CTCAE) v6.0. 2025"),
}


def grade_neutrophils(value: object, lln: object = np.nan, version: str = "5.0") -> np.ndarray:
    """Neutrophil count decreased: 5.0 has grades 4 to 2 below 0.5, 1.0, 1.5 and grade 1 below the limit of normal;
    6.0 has grades 4 to 1 below 0.1, 0.5, 1.0, 1.5 and needs no limit of normal."""
    if _version(version) == "6.0":
        return _banded(value, {4: 0.1, 3: 0.5, 2: 1.0, 1: 1.5})
    return _banded(value, {4: 0.5, 3: 1.0, 2: 1.5}, lln)


def grade_hemoglobin(value: object, lln: object = np.nan, version: str = "5.0") -> np.ndarray:
    """Anemia (both versions): grade 3 below 80 g/L, 2 below 100; 4 and 5 are clinical and never come from a number."""
    _version(version)
    return _banded(value, {3: 80.0, 2: 100.0}, lln)


def grade_platelets(value: object, lln: object = np.nan, version: str = "5.0") -> np.ndarray:
    """Platelet count decreased: 5.0 has grades 4 to 2 below 25, 50, 75; 6.0 below 10, 50, 75."""
    return _banded(value, {4: 25.0 if _version(version) == "5.0" else 10.0, 3: 50.0, 2: 75.0}, lln)


def grade_leukocytes(value: object, lln: object = np.nan, version: str = "5.0") -> np.ndarray:
    """White blood cell decreased (both versions): grades 4 to 2 below 1.0, 2.0, 3.0."""
    _version(version)
    return _banded(value, {4: 1.0, 3: 2.0, 2: 3.0}, lln)


def grade_lymphocytes(value: object, lln: object = np.nan, version: str = "5.0") -> np.ndarray:
    """Lymphocyte count decreased: grades 4 to 2 below 0.2, 0.5, 0.8 (the bands of 5.0, used under both versions)."""
    _version(version)
    return _banded(value, {4: 0.2, 3: 0.5, 2: 0.8}, lln)


SCALES: Mapping[str, Callable[..., np.ndarray]] = {
    "neutrophils": grade_neutrophils, "hemoglobin": grade_hemoglobin, "platelets": grade_platelets,
    "leukocytes": grade_leukocytes, "lymphocytes": grade_lymphocytes,
}
HIGHEST = {"hemoglobin": 3.0}  # the highest grade a number alone can give; elsewhere 4


def scale_of(analyte: str) -> str:
    """The scale an analyte's name stands for, or '' when it is none of the blood counts."""
    return NAMES.get(re.sub(r"[^a-z_]", "", analyte.casefold().replace(" ", "_")), "")


def factor(scale: str, unit: str) -> float:
    """What a value in `unit` is multiplied with to be in the scale's unit; nan for a unit that isn't one of its own.

    Both micro signs, upper case, superscripts and spaces read alike. Without a unit values are taken as canonical.
    """
    text = _plain(unit)
    if not text:
        return 1.0
    if scale == "hemoglobin":
        return {"g/l": 1.0, "g/dl": 10.0, "mg/ml": 1.0, "g/100ml": 10.0, "mmol/l": 16.114}.get(text, np.nan)
    if text in ("/ul", "cells/ul", "/mm3", "cells/mm3", "/cumm", "10^6/l", "10e6/l"):
        return 1e-3
    if text in ("10^9/l", "10e9/l", "g/l", "giga/l", "10^3/ul", "10e3/ul", "k/ul", "k/mm3", "10^3/mm3", "/nl"):
        return 1.0
    return np.nan


def significant(values: object, digits: int = 10) -> np.ndarray:
    """Values rounded to significant digits; nan and 0 stay."""
    x = np.asarray(values, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where((x != 0) & np.isfinite(x), np.floor(np.log10(np.abs(np.where(x == 0, 1.0, x)))), 0.0)
        scale = 10.0 ** (digits - 1 - size)
        return np.where(np.isfinite(x), np.round(x * scale) / scale, x)


def converted(rows: pd.DataFrame, scale: str, unit: str) -> np.ndarray:
    """Values of a series in the scale's unit, by the row's own unit, else by `unit`; nan where that is unknown.

    "<0.1" is a value below 0.1: it is moved under the boundary, not onto it.
    """
    value = rows["value"].to_numpy(float) * factors(rows, scale, unit)
    if "qualifier" in rows:
        value = np.where((rows["qualifier"] == "<").to_numpy(dtype=bool, na_value=False), value * (1 - 1e-6), value)
    return value


def factors(rows: pd.DataFrame, scale: str, unit: str) -> np.ndarray:
    """The factor of every row, by the row's own unit where it has one."""
    fallback = factor(scale, unit)
    if "unit" not in rows:
        return np.full(len(rows), fallback)
    codes, units = pd.factorize(rows["unit"])
    return np.array([*(factor(scale, str(unit)) for unit in units), fallback])[codes]


def _banded(value: object, bands: Mapping[int, float], lln: object = None) -> np.ndarray:
    """Grade by the first band, worst first, whose limit the value is below; then grade 1 below `lln`, else 0.

    `lln` None: the scale has no such band. nan value, or nan lln where it decides: nan.
    """
    x = significant(value)
    if lln is None:
        rest = np.where(np.isnan(x), np.nan, 0.0)
    else:
        limit = significant(np.broadcast_to(np.asarray(lln, dtype=float), x.shape))
        rest = np.where(np.isnan(x) | np.isnan(limit), np.nan, (x < limit).astype(float))
    return np.select([x < limit for limit in bands.values()], [float(grade) for grade in bands], rest)


def _version(version: str) -> str:
    if version not in VERSIONS:
        raise ValueError(f"CTCAE {version} is not known; there are {' and '.join(VERSIONS)}")
    return version


_SAME = str.maketrans({"µ": "u", "μ": "u", "×": "", "·": "", "*": "^", " ": "", "⁹": "^9", "³": "^3", "⁶": "^6",
                       "\u00a0": ""})


def _plain(unit: str) -> str:
    text = unit.casefold().translate(_SAME).replace("^^", "^").replace("mcl", "ul").replace("mm^3", "mm3")
    return re.sub(r"^x(?=10)", "", text)
