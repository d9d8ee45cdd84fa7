"""An arm that nobody is in, or a study that nothing happened in, still makes a figure that says so."""

import importlib
from dataclasses import replace
from functools import partial

import made
import pandas as pd
import pytest
from drawn import drawing, sound, texts

from report.names import Names
from report.style import load
from stats.analyses import incidence, kinetics, survival
from stats.results import Results
from stats.study.types import Analysis

SUBJECTS = pd.DataFrame({
    "subject": ["a", "b", "c", "d", "e", "f"], "arm": pd.Categorical(["R"] * 6, ["R", "D"], ordered=True),
    "pfs.time": [3.0, 5, 8, 9, 14, 20], "pfs.status": [1.0, 0, 1, 0, 0, 0],
    "relapse.time": [3.0, 5, 8, 9, 14, 20], "relapse.status": [1.0, 2, 0, 0, 0, 0]})
COURSE = pd.DataFrame({"subject": ["a", "a", "b"], "analyte": ["cart"] * 3, "day": [1.0, 7, 7],
                       "value": [25.0, 900, 4000], "below": [True, False, False], "above": [False] * 3,
                       "beyond": [-50.0, float("nan"), float("nan")]})
EXPOSURE = pd.DataFrame({"subject": ["a", "b"], "analyte": ["cart"] * 2, "peak": [900.0, 4000], "tmax": [7.0, 7],
                         "auc": [1.0, 2], "last": [900.0, 4000], "last_day": [7.0, 7],
                         "persistence": [float("nan")] * 2, "peak_below": [False] * 2, "peak_above": [False] * 2,
                         "peak_beyond": [float("nan")] * 2, "last_beyond": [float("nan")] * 2})
TICKS = {"at": [6.0], "ticks": [0.0, 6, 12, 18]}


def analysed(kind):
    """Rows of the project's own analyses of one full and one empty arm."""
    if kind == "survival":
        return survival.analyse(SUBJECTS, endpoint="pfs", **TICKS), {"endpoint": "pfs"}
    if kind == "incidence":
        return incidence.analyse(SUBJECTS, endpoint="relapse", **TICKS), {"endpoint": "relapse"}
    return kinetics.analyse(SUBJECTS, COURSE, EXPOSURE, analyte="cart", lloq=50), {"analyte": "cart"}


@pytest.mark.parametrize(("kind", "figure"), [("survival", "survival_curve"), ("incidence", "incidence_curve"),
                                              ("kinetics", "course"), ("kinetics", "dots")])
def test_an_empty_arm_is_shown_as_empty(kind, figure):
    rows, options = analysed(kind)
    results = Results(replace(row, analysis=kind) for row in rows)
    study = made.study({k: made.ARMS[k] for k in "RD"}, {kind: Analysis(kind, kind, options=options)})
    style = load("blood", Names(study), results)
    module = importlib.import_module(f"report.figures.{figure}")
    size = module.size(results, style, of=kind)
    drawn = drawing(partial(module.draw, results, style, of=kind), style, *size)
    sound(drawn)
    assert "Donor-" in " ".join(t.get_text() for t in texts(drawn))
    assert "Donor-derived" in module.alt(results, style, of=kind)
    assert module.legend(results, style, of=kind)
