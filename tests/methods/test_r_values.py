"""Against base R on data that lifelines ships: these run everywhere, the stored values name the R that made them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import r_values

from stats.methods import descriptive, multiplicity, proportions, ranks, tables

R = r_values.stored()


def near(value: object, tolerance: float = 1e-8) -> Any:
    return pytest.approx(math.nan if value == "NA" else value, rel=tolerance, abs=1e-13, nan_ok=True)


def split(name: str, column: str, by: str, *levels: object) -> list[np.ndarray]:
    frame = r_values.dataset(name)
    return [frame.loc[frame[by] == level, column].to_numpy(float) for level in levels]


@pytest.mark.parametrize(("key", "data"), [("age", ("lung", "age", "sex", 1, 2)),
                                           ("meal", ("lung", "meal.cal", "sex", 1, 2)),
                                           ("log_progrec", ("gbsg2", "progrec", "horTh", "yes", "no"))])
def test_welch(key: str, data: tuple) -> None:
    x, y = split(*data)
    if key == "log_progrec":
        x, y = np.log(x + 1), np.log(y + 1)
        ratio = ranks.geometric_ratio(np.exp(x), np.exp(y))
        assert math.log(ratio.lower) == near(R["welch"][key]["lower"])
    test, shift, expected = ranks.welch_t(x, y), ranks.mean_difference(x, y), R["welch"][key]
    assert [test.statistic, test.df, test.p_value] == [near(expected[k]) for k in ("t", "df", "p")]
    assert [shift.estimate, shift.lower, shift.upper, shift.p_value] == [
        near(expected[k]) for k in ("difference", "lower", "upper", "p")]


@pytest.mark.parametrize(("key", "data"), [("weight", ("lung", "wt.loss", "sex", 1, 2)),
                                           ("estrec", ("gbsg2", "estrec", "horTh", "yes", "no"))])
def test_rank_sum_beyond_the_exact_limit(key: str, data: tuple) -> None:
    x, y = split(*data)
    test, shift, expected = ranks.rank_sum(x, y), ranks.hodges_lehmann(x, y), R["wilcoxon"][key]
    assert (test.exact, test.method, shift.method) == (False, "wilcoxon-normal", "hodges-lehmann-normal")
    assert [test.statistic, test.p_value, shift.estimate] == [near(expected[k]) for k in ("W", "p", "shift")]
    # R looks for the limits with a tolerance of 1e-4
    assert [shift.lower, shift.upper] == pytest.approx([expected["lower"], expected["upper"]], abs=1e-3)


def test_exact_rank_sum_without_ties() -> None:
    heart = r_values.dataset("stanford_heart_transplants").drop_duplicates("id").iloc[:40]
    late = heart["year"] > heart["year"].median()
    x, y, expected = heart.loc[late, "age"], heart.loc[~late, "age"], R["untied"]["heart"]
    test, shift = ranks.rank_sum(x, y), ranks.hodges_lehmann(x, y)
    assert test.exact
    assert [test.statistic, test.p_value] == [near(expected[k]) for k in ("W", "p")]
    assert [shift.estimate, shift.lower, shift.upper] == [near(expected[k]) for k in ("shift", "lower", "upper")]


@pytest.mark.parametrize("key", ["g3_age", "g3_time", "sex"])
def test_exact_rank_sum_with_ties_against_every_way_to_deal(key: str) -> None:
    if key == "sex":
        x, y = split("psychiatric_patients", "T", "sex", 1, 2)
        x, y = x[:7], y[:8]
    else:
        x, y = split("g3", key.removeprefix("g3_"), "group", "RIT", "Control")
    assert len(set(x) | set(y)) < len(x) + len(y)  # or there would be no ties to speak of
    test, expected = ranks.rank_sum(x, y), R["dealt"][key]
    assert [test.statistic, test.p_value] == [near(expected[k]) for k in ("W", "p")]


def test_three_and_more_samples() -> None:
    larynx = r_values.dataset("larynx")
    stage = larynx["Stage_II"] + 2 * larynx["Stage_III"] + 3 * larynx["Stage_IV"]
    for key, groups in (("larynx", [larynx.loc[stage == s, "age"].to_numpy(float) for s in range(4)]),
                        ("gbsg2", split("gbsg2", "pnodes", "tgrade", "I", "II", "III"))):
        rank, mean, expected = ranks.kruskal(groups), ranks.anova(groups), R["samples"][key]
        assert [rank.statistic, rank.df, rank.p_value] == [near(expected[k]) for k in ("H", "df", "p")]
        assert [mean.statistic, mean.df, mean.p_value] == [near(expected[k]) for k in ("F", "df", "anova_p")]


@pytest.mark.parametrize("key", R["tables"])
def test_tables(key: str) -> None:
    expected = R["tables"][key]
    table = np.reshape(expected["counts"], (expected["rows"], -1))
    assert tables.fisher(table).p_value == near(expected["fisher"])
    test = tables.chi_square(table)
    assert [test.statistic, test.df, test.p_value] == [near(expected[k]) for k in ("chi2", "df", "p")]


def test_trend() -> None:
    expected = R["trend"]
    yes, n = np.array(expected["yes"]), np.array(expected["n"])
    test = tables.cochran_armitage([n - yes, yes])
    assert [test.statistic, test.df, test.p_value] == [near(expected["chi2"]), 1, near(expected["p"])]


def test_spearman() -> None:
    lung = r_values.dataset("lung")
    found = ranks.spearman(lung["age"], lung["meal.cal"])
    assert [found.estimate, found.p_value] == [near(R["spearman"]["meal"][k]) for k in ("rho", "p")]


@pytest.mark.parametrize(("key", "name", "column"), [("meal", "lung", "meal.cal"),
                                                     ("sojourn", "psychiatric_patients", "T")])
def test_all_nine_quantiles(key: str, name: str, column: str) -> None:
    sample = r_values.dataset(name)[column]
    found = [descriptive.quantile(sample, p, kind) for kind in range(1, 10) for p in (0.1, 0.25, 0.5, 0.75, 0.9)]
    assert found == pytest.approx(R["quantiles"][key], rel=1e-12)


@pytest.mark.parametrize("key", R["shares"])
def test_proportions(key: str) -> None:
    expected = R["shares"][key]
    for method, limits in ((proportions.clopper_pearson, "exact"), (proportions.wilson, "wilson")):
        found = method(expected["x"], expected["n"])
        assert [found.lower, found.upper] == pytest.approx(expected[limits], rel=1e-8, abs=1e-13)


def test_adjusted_p_values() -> None:
    given = [math.nan if p == "NA" else p for p in R["adjusted"]["given"]]
    for method, key in ((multiplicity.holm, "holm"), (multiplicity.hochberg, "hochberg"),
                        (multiplicity.benjamini_hochberg, "bh")):
        assert list(method(given)) == [near(p) for p in R["adjusted"][key]]


def test_the_stored_values_are_what_r_says() -> None:
    text = r_values.fresh()
    if text is None:
        pytest.skip("there is no R on this machine")
    said = json.loads(text)
    assert {k: v for k, v in said.items() if k != "meta"} == {k: _near_all(v) for k, v in R.items() if k != "meta"}


def _near_all(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _near_all(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_near_all(v) for v in value]
    return value if isinstance(value, str) else pytest.approx(value, rel=1e-6, abs=1e-9)
