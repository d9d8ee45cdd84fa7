"""Against R on data sets that lifelines ships: tests/r/survival.R makes tests/r/survival.json, the data stay there."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from lifelines import datasets

from stats.methods import competing, regression
from stats.methods import survival as km

pytestmark = pytest.mark.filterwarnings("error")
R = json.loads((Path(__file__).parent.parent / "r" / "survival.json").read_text())
CLOSED, ITERATED = 1e-8, 1e-6
Z = 1.959963984540054


def waltons():
    data = datasets.load_waltons()
    return data["T"].to_numpy(float), data["E"].to_numpy(float), (data["group"] == "miR-137").to_numpy(float)


def lung():
    data = datasets.load_lung()
    return data, data["time"].to_numpy(float), data["status"].to_numpy(float)


def check_curve(time, status, theirs):
    for interval in ("log-log", "log", "plain"):
        curve, expected = km.kaplan_meier(time, status, interval=interval), theirs[interval]
        points = [km.at(curve, t) for t in theirs["times"]]
        assert [point.at_risk for point in points] == expected["at_risk"]
        for stat, name in (("p", "survival"), ("lower", "lower"), ("upper", "upper")):
            assert [getattr(point, stat) for point in points] == pytest.approx(expected[name], rel=CLOSED)
        check_median(km.quantile(curve), expected["median"])
    check_median(km.quantile(km.reverse_kaplan_meier(time, status)), theirs["follow_up"])


def check_median(ours, theirs):
    expected = [math.inf if value is None else value for value in theirs]
    assert [ours.estimate, ours.lower, ours.upper] == pytest.approx(expected, rel=CLOSED)


def check_test(ours, theirs):
    assert [ours.statistic, ours.p_value] == pytest.approx([theirs["chi2"], theirs["p"]], rel=CLOSED)


def check_fit(fit, theirs, rel=ITERATED):
    for stat in ("coef", "se", "p_value"):
        expected = np.ravel(theirs["p" if stat == "p_value" else stat])
        np.testing.assert_allclose(getattr(fit, stat), expected, rtol=rel, err_msg=stat)
    assert fit.loglik == pytest.approx(theirs["loglik"], rel=rel)


def check_zph(time, status, x, theirs, terms, strata=None):
    for columns, chi2, p in zip([*terms, None], theirs["chi2"], theirs["p"], strict=True):
        found = regression.proportional_hazards(time, status, x, strata, columns)
        assert [found.statistic, found.p_value] == pytest.approx([chi2, p], rel=ITERATED)


def test_made_by_the_versions_it_names():
    assert (R["survival"], R["cmprsk"]) == ("3.5.3", "2.2.11")


def test_waltons():
    time, status, group = waltons()
    inside = group == 1
    theirs = R["waltons"]
    check_curve(time[inside], status[inside], theirs["curve"])
    check_test(km.logrank(time, status, group), theirs["logrank"])
    assert theirs["logrank"]["p"] < 1e-20
    check_fit(regression.cox(time, status, group), theirs["cox"])
    check_zph(time, status, group, theirs["zph"], [[0]])
    mean = km.rmst(time[inside], status[inside], 50)
    assert [mean.estimate, (mean.upper - mean.estimate) / Z] == pytest.approx(theirs["rmst"], rel=CLOSED)


def test_lung():
    data, time, status = lung()
    theirs = R["lung"]
    check_curve(time, status, theirs["curve"])
    ecog, columns = data["ph.ecog"].to_numpy(float), data[["sex", "age", "ph.ecog"]].to_numpy(float)
    check_test(km.logrank(time, status, ecog), theirs["logrank_by_ecog"])
    check_test(km.logrank(time, status, data["sex"], ecog), theirs["logrank_stratified"])
    check_fit(regression.cox(time, status, columns), theirs["cox"])
    check_zph(time, status, columns, theirs["zph"], [[0], [1], [2]])
    check_fit(regression.cox(time, status, columns[:, :2], ecog), theirs["cox_stratified"])
    check_zph(time, status, columns[:, :2], theirs["zph_stratified"], [[0], [1]], ecog)


def test_larynx():
    data = datasets.load_larynx()
    time, status = data["time"].to_numpy(float), data["death"].to_numpy(float)
    columns = data[["Stage_II", "Stage_III", "Stage_IV", "age"]].to_numpy(float)
    theirs = R["larynx"]
    check_curve(time, status, theirs["curve"])
    check_fit(regression.cox(time, status, columns), theirs["cox"])
    check_zph(time, status, columns, theirs["zph"], [[0], [1], [2], [3]])


def test_rossi():
    data = datasets.load_rossi()
    time, status = data["week"].to_numpy(float), data["arrest"].to_numpy(float)
    columns = data[["fin", "age", "race", "wexp", "mar", "paro", "prio"]].to_numpy(float)
    theirs = R["rossi"]
    check_fit(regression.cox(time, status, columns), theirs["cox"])
    check_fit(regression.cox(time, status, columns[:, [0, 1, 6]], ties="breslow"), theirs["cox_breslow"])
    check_test(km.logrank(time, status, data["fin"]), theirs["logrank"])


def test_lymph_node():
    data = datasets.load_lymph_node()
    event = data["censrec"].to_numpy()
    status = np.where(event == 0, 0, np.where(data["grade"] < 3, 1, 2))
    days = data["rectime"].to_numpy(float)
    for unit, time in (("days", days), ("months", np.ceil(days / 30))):
        theirs = R["lymph_node"][unit]
        curve = competing.aalen_johansen(time, status)
        points = [competing.at(curve, t).p for t in theirs["cif"]["times"]]
        assert points == pytest.approx(theirs["cif"]["cif"], rel=CLOSED)
        steps = np.searchsorted(curve.time, theirs["cif"]["times"], side="right") - 1
        assert curve.se[steps] ** 2 == pytest.approx(theirs["cif"]["var"], rel=CLOSED)
        gray = competing.gray(time, status, data["hormone"])
        assert [gray.statistic, gray.p_value] == pytest.approx(theirs["gray"], rel=CLOSED)
        check_fit(competing.fine_gray(time, status, data[["hormone", "age"]]), theirs["crr"])
    by_age = np.where(event == 0, 0, np.where(data["menopause"] == 1, 1, 2))
    gray = competing.gray(np.ceil(days / 30), by_age, data["grade"])
    assert [gray.statistic, gray.p_value] == pytest.approx(R["lymph_node"]["gray_by_grade"], rel=CLOSED)
