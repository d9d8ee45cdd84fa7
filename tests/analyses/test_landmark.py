"""Landmark, strata and trend of a survival analysis, by hand and against the methods they choose."""

import math

import numpy as np
import pandas as pd
import pytest

from stats.analyses import survival
from stats.methods import regression
from stats.methods import survival as km
from tests.built import sentences
from tests.odd.made import laid, pages, patients


def rows(time, event, arm, **options):
    frame = pd.DataFrame({"os.time": time, "os.status": event, "arm": pd.Categorical(arm)} | options.pop("more", {}))
    made = survival.analyse(frame, endpoint="os", fewest=2, **options)
    return {(row.variable, row.at, row.group, row.stat): row.value for row in made}


TIME = [10, 28, 28, 28, 40, 60, 90, 15, 27, 28, 35, 50, 80, 100]
EVENT = [1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0]
ARM = ["A"] * 7 + ["B"] * 7


def test_only_those_seen_after_the_landmark_enter_and_time_counts_from_it():
    """Of A 40, 60+ and 90 are left, so 12, 32+ and 62 days; whose time is day 28 itself is not after it."""
    found = rows(TIME, EVENT, ARM, at=[12], ticks=[0, 13], landmark=28)
    assert [found["landmark", 28, key, "n"] for key in ("A", "B", "all")] == [3, 4, 7]
    assert [found["landmark", 28, key, "N"] for key in ("A", "B", "all")] == [7, 7, 14]
    assert found["survival", 12, "A", "p"] == pytest.approx(2 / 3)
    assert found["median", None, "A", "estimate"] == 62
    assert found["events", None, "A", "N"] == 3
    assert found["events", None, "A", "missing"] == 0  # nobody is unknown: the others came too early
    assert found["at_risk", 13, "A", "at_risk"] == 2
    assert found["rmst", 12, "A", "estimate"] == 12


def test_numbers_at_risk_without_declared_ticks_cover_all_of_follow_up():
    """The longest follow-up is 100 days, 72 from the landmark."""
    found = rows(TIME, EVENT, ARM, unit="days")
    ticks = [at for variable, at, key, stat in found if (variable, key, stat) == ("at_risk", "all", "at_risk")]
    assert ticks == [0, 30, 60, 90, 120]
    assert [found["at_risk", at, "all", "at_risk"] for at in ticks] == [14, 7, 4, 2, 0]
    assert [found["at_risk", at, "A", "events"] for at in ticks] == [0, 3, 4, 4, 5]
    later = rows(TIME, EVENT, ARM, unit="days", landmark=28)
    assert [at for variable, at, key, stat in later if (variable, key, stat) == ("at_risk", "A", "at_risk")] == [
        0, 14, 28, 42, 56, 70, 84]
    assert not [key for key in rows(TIME, EVENT, ARM, ticks=[]) if key[0] == "at_risk"]


def test_a_landmark_at_the_start_leaves_out_only_who_left_at_once():
    whole, later = rows(TIME, EVENT, ARM, at=[40]), rows(TIME, EVENT, ARM, at=[40], landmark=0)
    assert {key: value for key, value in later.items() if key[0] != "landmark"} == pytest.approx(whole, nan_ok=True)


def test_strata_are_those_of_the_stratified_methods():
    rng = np.random.default_rng(2)
    time, event = rng.exponential(10, 60).round(1) + 0.1, (rng.random(60) < 0.7).astype(float)
    arm, site = np.array(["A", "B"] * 30), rng.choice(["n", "s", "w"], 60)
    site[:3] = None
    found = rows(time, event, arm, strata="site", more={"site": pd.Categorical(site, categories=["n", "s", "w"])})
    inside = np.isin(site, ["n", "s", "w"])
    treated, codes = (arm[inside] == "B").astype(float), np.unique(site[inside], return_inverse=True)[1]
    test = km.logrank(time[inside], event[inside], treated, codes)
    ratio = regression.cox(time[inside], event[inside], treated, codes).ratio(0)
    assert found["logrank", None, "B:A", "p_value"] == pytest.approx(test.p_value)
    assert found["hazard", None, "B:A", "estimate"] == pytest.approx(ratio.estimate)
    assert found["logrank.alternative", None, "B:A", "p_value"] == pytest.approx(
        km.logrank(time[inside], event[inside], treated).p_value
    )
    assert ("logrank.permutation", None, "B:A", "p_value") not in found
    missing = int((~inside).sum())
    assert (found["strata", None, "all", "n"], found["strata", None, "all", "missing"]) == (60 - missing, missing)
    assert found["events", None, "all", "N"] == 60  # the curves have everybody


def test_one_stratum_is_no_stratum():
    found = rows(TIME, EVENT, ARM, strata="site", more={"site": pd.Categorical(["x"] * 14)})
    plain = rows(TIME, EVENT, ARM)
    for key in (("logrank", None, "B:A", "p_value"), ("hazard", None, "B:A", "estimate"), ("hazard", None, "B:A", "lower")):
        assert found[key] == pytest.approx(plain[key])


def test_strata_in_which_the_arms_never_meet_leave_no_test():
    site = pd.Categorical(["x"] * 7 + ["y"] * 7)
    found = rows(TIME, EVENT, ARM, strata="site", more={"site": site})
    assert math.isnan(found["logrank", None, "B:A", "p_value"])
    assert math.isnan(found["hazard", None, "B:A", "estimate"])


def test_the_trend_is_over_three_groups_in_their_declared_order():
    arm = pd.Categorical(["A"] * 5 + ["B"] * 4 + ["C"] * 5, categories=["C", "A", "B"])
    found = rows(TIME, EVENT, arm, trend=True)
    order = np.array([1] * 5 + [2] * 4 + [0] * 5)
    assert found["trend", None, "arms", "p_value"] == pytest.approx(km.logrank_trend(TIME, EVENT, order).p_value)
    assert not [key for key in rows(TIME, EVENT, ARM, trend=True) if key[0] == "trend"]


@pytest.mark.parametrize(("times", "landmark", "told"), [
    ([1, 2, 3, 4, 5, 6], 4, "starts at the landmark of 4 months and includes the 2 of 6 patients who were still under observation"
                            " without the event after it."),
    ([1, 2, 3, 4, 5, 6], 5, "includes the 1 of 6 patients who was still under observation without the event after it."),
    ([1, 2, 3, 4, 5, 6], 0, "landmark of 0 months, after which all 6 patients were still under observation without the event."),
    ([1, 2, 3, 4, 5, 6], 9, "of 9 months, after which none of the 6 patients was still under observation without the event"),
    ([5, "", "", "", "", ""], 4, "of 4 months, after which the only patient was still under observation without the event."),
    ([3, "", "", "", "", ""], 4, "after which the only patient was no longer under observation without the event"),
    ([""] * 6, 4, "Overall survival is known in no patient"),
])
def test_the_report_says_who_is_in_it(tmp_path, times, landmark, told):
    rest = f'[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [1]\nlandmark = {landmark}\n'
    rows = patients(6, os_t=lambda i: times[i], os_s=lambda i: "" if times[i] == "" else i % 2)
    text = " ".join(sentences(pages(laid(tmp_path / "s", rest, rows)))).replace("\N{NO-BREAK SPACE}", " ")
    assert told in text
    entered = not any(nobody in told for nobody in ("none of", "no longer", "no patient"))
    assert ("Events for overall survival" in text) == entered


@pytest.mark.parametrize("kind", ["survival", "incidence"])
def test_of_an_endpoint_known_in_nobody_nothing_more_is_said(tmp_path, kind):
    rest = f'[analyses.os]\nkind = "{kind}"\nendpoint = "os"\nat = [1]\n'
    rows = patients(6, os_t=lambda i: "", os_s=lambda i: "")
    said = [s for s in sentences(pages(laid(tmp_path / "s", rest, rows))) if "verall survival" in s and "Figure 1." not in s]
    assert said[0] == "Overall survival is known in no patient."  # in the summary
    assert [s for s in said if "0 of 0" in s or "not estimable" in s] == []
