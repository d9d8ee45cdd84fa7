"""lifelines as the second engine, and the reasons why it is not the first: each is shown, and ours shown to differ.

Should a test of the second part fail because lifelines has changed, the module that names the reason can be simplified.
"""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_larynx, load_waltons
from lifelines.statistics import logrank_test, proportional_hazard_test
from lifelines.utils import median_survival_times
from survival_cases import case, cohort

from stats.methods import competing, regression, second_opinion
from stats.methods import survival as km


def fitted(time, status):
    return KaplanMeierFitter().fit(time, status)


class TestAgreement:
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("ties", [True, False])
    def test_on_cohorts(self, seed, ties):
        time, status, group, *_ = cohort(60, seed, ties)
        assert second_opinion.disagreements(time, status == 1, group) == []

    def test_on_near_ties_and_missing_values(self):
        time, status, group, *_ = cohort(60)
        time = np.where(np.arange(60) % 2, time / 30.4375, (time * 3) / 30.4375 / 3)
        time[3] = math.nan
        assert second_opinion.disagreements(time, (status == 1).astype(float), group) == []

    def test_on_waltons(self):
        data = load_waltons()
        group = (data["group"] == "miR-137").to_numpy(float)
        assert second_opinion.disagreements(data["T"], data["E"], group) == []

    @pytest.mark.parametrize("name", ["no events", "no events in one arm", "an arm empty", "nobody"])
    def test_is_not_asked_what_it_cannot_answer(self, name):
        assert second_opinion.disagreements(*case(name)) == []

    def test_finds_what_differs(self, monkeypatch):
        time, status, group, *_ = cohort(60)
        event = status == 1
        monkeypatch.setattr(second_opinion, "cox_ratio", lambda *_: 2.0)
        monkeypatch.setattr(second_opinion, "logrank_p", lambda *_: 0.5)
        monkeypatch.setattr(second_opinion, "kaplan_meier", lambda t, e: km.kaplan_meier(t, e * 0))
        found = {one.quantity.split(" at ")[0] for one in second_opinion.disagreements(time, event * 1.0, group)}
        assert found == {"survival", "log-rank P", "hazard ratio"}


class TestWhyNotFirst:
    def test_near_ties_stay_apart(self):
        time, status = [0.1 + 0.2, 0.3, 0.7], [1, 1, 0]
        assert len(fitted(time, status).event_table) == 4  # time zero and three others
        assert len(km.kaplan_meier(time, status).time) == 2

    def test_an_interval_without_width(self):
        limits = fitted([1, 2, 9, 9], [0, 0, 1, 0]).confidence_interval_survival_function_
        assert limits.loc[2.0].tolist() == [1, 1]
        assert km.at(km.kaplan_meier([1, 2, 9, 9], [0, 0, 1, 0]), 2).lower < 0.4

    def test_no_midpoint_of_a_plateau(self):
        assert fitted([1, 2, 5, 8], [1, 1, 1, 0]).median_survival_time_ == 2
        assert km.quantile(km.kaplan_meier([1, 2, 5, 8], [1, 1, 1, 0])).estimate == 3.5

    def test_a_rounding_error_moves_the_median(self):
        for n in range(4, 400, 2):
            library = fitted(np.arange(n) + 1.0, np.ones(n)).median_survival_time_
            assert km.quantile(km.kaplan_meier(np.arange(n) + 1.0, np.ones(n))).estimate == n / 2 + 0.5
            if library != n / 2:
                return
        pytest.fail("lifelines no longer rounds past one half")

    def test_a_false_upper_limit_of_the_median(self):
        fit = fitted([2, 4, 6], [1, 1, 1])
        assert median_survival_times(fit.confidence_interval_).iloc[0, 1] == 6
        assert km.quantile(km.kaplan_meier([2, 4, 6], [1, 1, 1])).upper == math.inf

    def test_the_last_value_carried_on(self):
        assert fitted([2, 4, 6], [1, 0, 0]).predict(100) == pytest.approx(2 / 3)
        assert math.isnan(km.at(km.kaplan_meier([2, 4, 6], [1, 0, 0]), 100).p)

    def test_every_code_counts_as_an_event_and_negative_times_pass(self):
        assert fitted([1, 2, 3, 4], [1, 2, 1, 2]).event_table["observed"].sum() == 4
        assert km.kaplan_meier([1, 2, 3, 4], [1, 2, 1, 2]).note
        assert len(fitted([-1, 2, 3], [1, 1, 1]).event_table)
        assert km.kaplan_meier([-1, 2, 3], [1, 1, 1]).note

    def test_no_events_and_p_of_one(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert logrank_test([3, 5], [8, 9], [0, 0], [0, 0]).p_value == 1
        assert math.isnan(km.logrank([3, 5, 8, 9], [0, 0, 0, 0], [0, 0, 1, 1]).p_value)

    def test_cox_stops_early(self):
        """By a quarter of a percent of the coefficient here."""
        time, status, group, *_ = cohort(60, 22)
        frame = pd.DataFrame({"t": time, "e": status == 1, "g": group})
        ours = regression.cox(time, status == 1, group).coef[0]
        assert CoxPHFitter().fit(frame, "t", "e").params_["g"] != pytest.approx(ours, rel=2e-3)
        assert math.log(second_opinion.cox_ratio(time, status == 1, group)) == pytest.approx(ours, rel=1e-7)

    def test_separation_only_warned_about(self):
        time, status, group = case("no events in one arm")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = CoxPHFitter().fit(pd.DataFrame({"t": time, "e": status, "g": group}), "t", "e")
        assert np.exp(fit.params_["g"]) < 1e-6
        assert regression.hazard_ratio(time, status, group).estimate > 0.01

    def test_the_old_proportional_hazards_test(self):
        data = load_larynx()
        columns = ["Stage_II", "Stage_III", "Stage_IV", "age"]
        fit = CoxPHFitter().fit(data, "time", "death")
        library = proportional_hazard_test(fit, data, time_transform="km").summary.loc["age", "p"]
        ours = regression.proportional_hazards(data["time"], data["death"], data[columns], columns=[3])
        assert ours.p_value == pytest.approx(0.287155899217159, rel=1e-6)  # cox.zph of survival 3.5-3
        assert abs(library - ours.p_value) > 1e-3

    def test_jittered_ties_in_competing_risks(self):
        time, status, *_ = cohort(23)
        seen = set()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for seed in range(6):  # left to chance, six jitters put the same one first once in thirty times
                fit = AalenJohansenFitter(calculate_variance=False, seed=seed).fit(time, status, event_of_interest=1)
                seen.add(round(float(fit.cumulative_density_.iloc[-1, 0]), 9))
        assert len(seen) > 1
        assert len({competing.aalen_johansen(time, status).incidence[-1] for _ in range(6)}) == 1
