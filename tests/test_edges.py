"""Tiny data with one odd thing each: every study builds, says why a number is missing, and its numbers are R's."""

from __future__ import annotations

import re

import pytest

from tests import built
from tests.edge_studies import EDGES, laid_out
from tests.open_matches import Found, Match, compare

AB = {"A": "A", "B": "B"}
OS = [Match("edge/{}", "s", "os", AB, follow="followup")]
MATCHES = {
    "s05_constant_variable": [Match("edge/{}", "value_by_arm", "table", AB, "value")],
    "s06_2xk_zero_column": [Match("edge/{}", "grade_by_arm", "toxicity", AB, "event")],
    "s09_tiny_p": [*OS, Match("edge/{}", "value_by_arm", "table", AB, "value"),
                   Match("edge/{}", "resp_by_arm", "response", AB, "response"),
                   Match("edge/{}", "resp_by_arm", "table", AB, "resp")],
    "s10_quartiles_small_n": [Match("edge/{}", "value_by_group", "table", {f"n{n}": f"n{n}" for n in range(4, 11)},
                                    "value")],
    "s12_wilcoxon_tiny_n": [],  # too few patients: described, not tested
    "s13_competing_no_cause1_in_B": [Match("edge/{}", "c", "relapse", AB)],
    "s14_zero_cell_2x2": [Match("edge/{}", "resp_by_arm", "response", AB, "response"),
                          Match("edge/{}", "resp_by_arm", "table", AB, "resp")],
    "s15_landmark_ties_at_28": [Match("edge/{}", "s", "later", AB)],
}
SAID = {  # what a reader must be told
    "s01_no_events_in_one_arm": "0 of 6 patients in arm B",
    "s02_all_fail_same_time": "Every patient had an event for overall survival, so the length of follow-up can't be estimated",
    "s04_time_zero_events": "At 0 months, overall survival was 83%",
    "s07_last_observation_event": "overall survival was 0% (95% CI 0–43) in arm A",
    "s08_median_not_reached": "Median overall survival was not reached",
    "s09_tiny_p": "P < 0.001",
    "s12_wilcoxon_tiny_n": "Groups with fewer than five patients whose value is known are described and not tested",
    "s13_competing_no_cause1_in_B": "could not be estimated: no events of this kind in one of the groups",
    "s15_landmark_ties_at_28": "the landmark of 28 days and includes the 7 of 14 patients who were still under observation",
    "s14_zero_cell_2x2": "0/12 (0%; 95% CI 0–26)",
}


@pytest.fixture(scope="module", params=EDGES)
def edge(request, oracle, tmp_path_factory):
    """(name, built report) of each edge case; every one is built once."""
    return request.param, built.make(laid_out(oracle, request.param, tmp_path_factory.mktemp("edge") / request.param))


def test_results_are_those_of_r(edge, oracle):
    name, made = edge
    found = Found(built.rows(made), built.methods(made))
    for match in MATCHES.get(name, OS):
        one = Match(match.file.format(name), match.key, match.analysis, match.groups, match.variable, match.follow)
        assert compare(oracle, found, one), match


def test_what_can_not_be_estimated_is_said_in_words(edge):
    name, made = edge
    page = " ".join(re.sub(r"\s+", " ", sentence) for sentence in built.sentences(made.files["report.html"]))
    page = page.replace("&lt;", "<").replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    assert SAID.get(name, "") in page
    texts = [t.text for t in built.texts(made.files["report.html"])]
    assert [t for t in texts if re.search(r"\b(nan|NaN|None(?! was)|inf|null|NaT|<NA>)\b|= 0\.0+\b", t)] == []
