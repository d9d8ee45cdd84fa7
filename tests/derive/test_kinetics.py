"""Courses and exposure against hand-computed values: quantification limits, ties, windows, areas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from stats import ordering
from stats.derive import kinetics
from stats.study.types import Analyte
from tests.derive.studies import long, study, subjects

CART = Analyte("cart", "CAR transgene", "copies/µg DNA", "log", lloq=50, window=(1, 28))
IL6 = Analyte("il6", "Interleukin-6", "pg/mL", "log", lloq=1.5, uloq=5000, window=(0, 28))


def exposure(*rows, analyte=CART, n=1, columns="subject analyte day value"):
    step = kinetics.derive(study(analytes={analyte.name: analyte}),
                           {"subjects": subjects(n), "series": long(*rows, columns=columns)})
    return step.frames["exposure"], step.frames["course"]


def cart(*pairs, subject="P1", name="cart"):
    return [(subject, name, day, value) for day, value in pairs]


def test_rule_for_values_below_quantification():
    _, course = exposure(*cart((1, 10), (4, 100), (7, 49.9), (9, 50), (11, 1000), (28, 20), (60, 0)))
    assert course["value"].tolist() == [0, 100, 25, 50, 1000, 0, 0]
    assert course["below"].tolist() == [True, False, True, False, False, True, True]
    assert course["day"].tolist() == [1, 4, 7, 9, 11, 28, 60]


def test_a_typed_sign_sets_its_own_limit():
    rows = [("P1", "cart", 1, 100, None), ("P1", "cart", 2, 80, "<"), ("P1", "cart", 3, 90, None)]
    _, course = exposure(*rows, columns="subject analyte day value qualifier")
    assert course["value"].tolist() == [100, 40, 90]


def test_peak_first_day_of_ties_window_and_last_over_all_follow_up():
    frame, _ = exposure(*cart((0, 9000), (1, 60), (7, 800), (9, 800), (28, 100), (29, 5000), (90, 70), (180, 10)))
    row = frame.iloc[0]
    assert (row["peak"], row["tmax"], row["last"], row["last_day"], row["persistence"]) == (800, 7, 70, 90, 180)
    assert not row["peak_below"]
    assert not row["peak_above"]


def test_area_linear_up_log_down_by_hand():
    frame, _ = exposure(*cart((1, 100), (4, 400), (10, 200), (28, 50)))
    up = 3 * (100 + 400) / 2
    down = 6 * (400 - 200) / math.log(2) + 18 * (200 - 50) / math.log(4)
    assert frame.loc[0, "auc"] == pytest.approx(up + down, rel=1e-14)


def test_area_stops_at_the_last_quantified_sample_and_keeps_zero_before_the_first():
    frame, _ = exposure(*cart((1, 10), (3, 100), (5, 100), (7, 80), (9, 60), (14, 20), (28, 20)))
    expected = 2 * 100 / 2 + 2 * 100 + 2 * 20 / math.log(100 / 80) + 2 * 20 / math.log(80 / 60)
    assert frame.loc[0, "auc"] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("days", "known"), [
    ((1, 7, 14, 28), True), ((1, 7, 14, 25), True), ((1, 7, 14, 24), False), ((1, 7, 14, 20, 31), True),
    ((1, 7, 14, 20, 32), False), ((1, 14, 28), False)])
def test_area_needs_four_quantified_samples_and_one_near_the_end(days, known):
    frame, _ = exposure(*cart(*((d, 100) for d in days)))
    assert frame["auc"].notna().tolist() == [known]


def test_all_below_quantification_is_the_lowest_rank_and_flagged():
    frame, course = exposure(*cart((1, 10), (7, 20), (28, 0)))
    row = frame.iloc[0]
    assert row["peak"] == 25
    assert row["peak_below"]
    assert np.isnan(row[["tmax", "auc", "last", "last_day", "persistence"]].astype(float)).all()
    assert course["value"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("sign", [None, ">"])
def test_above_the_upper_limit_ties_for_the_highest(sign):
    rows = [("P1", "il6", 0, 10, None), ("P1", "il6", 5, 5200 if sign is None else 5000, sign),
            ("P1", "il6", 6, 9999, None), ("P1", "il6", 7, 40, None)]
    frame, course = exposure(*rows, analyte=IL6, columns="subject analyte day value qualifier")
    assert frame.loc[0, ["peak", "tmax"]].tolist() == [5000, 5]
    assert frame.loc[0, "peak_above"]
    assert course["above"].tolist() == [False, True, True, False]


def test_one_sample_is_no_peak_and_unsampled_patients_stay_in():
    frame, _ = exposure(*cart((7, 800)), n=3)
    assert frame["subject"].tolist() == ["P1", "P2", "P3"]
    assert frame[["peak", "tmax", "auc", "persistence"]].isna().all(axis=None)
    assert frame["last"].tolist()[:1] == [800]
    assert frame["peak_below"].tolist() == [False, False, False]


@pytest.mark.parametrize(("after", "lost"), [
    (((28, 20), (60, 30)), 28), (((28, 20),), 28), (((28, 20), (60, 70), (90, 10), (120, 5)), 90),
    (((28, 20), (60, 70)), None), (((28, 100),), None)])
def test_loss_is_the_first_sample_below_that_the_next_confirms(after, lost):
    frame, _ = exposure(*cart((1, 20), (7, 800), *after))
    value = frame.loc[0, "persistence"]
    assert np.isnan(value) if lost is None else value == lost


def test_without_a_window_day_zero_is_left_out():
    analyte = Analyte("cart", "CAR", lloq=50)
    frame, _ = exposure(*cart((0, 9000), (1, 60), (400, 800)), analyte=analyte)
    assert frame.loc[0, ["peak", "tmax"]].tolist() == [800, 400]


def test_two_samples_on_a_day_count_as_the_higher_quantified_one():
    _, course = exposure(*cart((1, 100), (1, 300), (2, 49), (2, 60)))
    assert course["value"].tolist() == [300, 60]


@pytest.mark.parametrize("analytes", [1, 3])
def test_portions_of_patients_change_no_bit(analytes, monkeypatch):
    rng = np.random.default_rng(3)
    names = ("cart", "il6", "crp")[:analytes]
    rows = [(f"P{i + 1}", name, float(d), float(rng.lognormal(4, 3)), rng.choice(["<", ">", None], p=(0.1, 0.1, 0.8)))
            for i in range(9) for name in names for d in rng.integers(0, 40, rng.integers(0, 12))]
    given = {"subjects": subjects(9), "series": long(*rows, columns="subject analyte day value qualifier")}
    s = study(analytes={name: Analyte(name, name, lloq=30, uloq=4000, window=(0, 28)) for name in names})
    whole = kinetics.derive(s, given).frames
    monkeypatch.setattr(kinetics, "PORTION", 1)
    monkeypatch.setattr(ordering, "PORTION", 1)
    for name in ("course", "exposure"):
        pd.testing.assert_frame_equal(kinetics.derive(s, given).frames[name], whole[name], check_exact=True)
        by = zip(whole[name]["subject"].astype(str), whole[name]["analyte"].astype(str))
        places = [(int(who[1:]), names.index(analyte)) for who, analyte in by]
        assert places == sorted(places)


def test_patients_and_analytes_do_not_mix_and_order_of_rows_does_not_matter():
    rng = np.random.default_rng(1)
    rows = [(f"P{i + 1}", name, float(d), float(rng.lognormal(5, 2)))
            for i in range(6) for name in ("cart", "il6") for d in (1, 4, 7, 14, 28)]
    frame = long(*rows, columns="subject analyte day value")
    s = study(analytes={"il6": IL6, "cart": CART})
    whole = kinetics.derive(s, {"subjects": subjects(6), "series": frame})
    shuffled = kinetics.derive(s, {"subjects": subjects(6), "series": frame.sample(frac=1, random_state=2)})
    for name in ("course", "exposure"):
        pd.testing.assert_frame_equal(whole.frames[name], shuffled.frames[name])
    both = whole.frames["exposure"]
    assert both["analyte"].tolist() == ["il6", "cart"] * 6
    for i in range(6):
        alone, _ = exposure(*[r for r in rows if r[0] == f"P{i + 1}" and r[1] == "cart"], n=6)
        got = both[(both["analyte"] == "cart") & (both["subject"] == f"P{i + 1}")]
        expected = alone[alone["subject"] == f"P{i + 1}"]
        measures = list(kinetics.MEASURES)
        np.testing.assert_allclose(got[measures].to_numpy(float), expected[measures].to_numpy(float), rtol=1e-13)


def test_zero_on_a_logarithmic_scale_without_a_limit_is_warned_about():
    analyte = Analyte("cart", "CAR", scale="log")
    frames = {"subjects": subjects(1), "series": long(*cart((1, 0), (2, 5)), columns="subject analyte day value")}
    step = kinetics.derive(study(analytes={"cart": analyte}), frames)
    assert [p.code for p in step.problems] == ["W_LOG_ZERO"]


def test_no_series_gives_empty_course_and_missing_exposure():
    step = kinetics.derive(study(analytes={"cart": CART}), {"subjects": subjects(2)})
    assert len(step.frames["course"]) == 0
    assert step.frames["exposure"]["peak"].isna().tolist() == [True, True]
    assert step.ran == ()


def test_areas_of_everybody_at_once_equal_those_of_one_patient_at_a_time():
    exposure_module = pytest.importorskip("stats.methods.exposure")
    rng = np.random.default_rng(3)
    days = np.array([1.0, 4, 7, 11, 14, 21, 28])
    values = {f"P{i + 1}": 50 + rng.lognormal(6, 2, len(days)) for i in range(8)}
    frame, _ = exposure(*[(who, "cart", d, v) for who, course in values.items() for d, v in zip(days, course)], n=8)
    one_by_one = [exposure_module.auc(days, course).estimate for course in values.values()]
    np.testing.assert_allclose(frame["auc"], one_by_one, rtol=1e-13)
