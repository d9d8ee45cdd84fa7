"""Choices of a study file about tests and limits, end to end: R gives the same numbers, and the report says which it was."""

import math
import re

import pytest

from report.table import plain
from report.tables import ledger
from tests import built, trial
from tests.test_replicate import THREE, agreed, certificate, rscript  # noqa: F401 (a fixture)

STUDY = """
[analyses.late]
kind = "survival"
endpoint = "os"
at = [6]
ticks = [0, 6, 12]
landmark = 3
strata = "site"
trend = true

[analyses.late_by_sex]
kind = "survival"
endpoint = "rfs"
by = "sex"
at = [6]
landmark = 1
strata = "stage"

[analyses.response]
kind = "proportion"
outcomes = ["early", "south"]
by = "stage"
trend = true

[analyses.os]
kind = "survival"
endpoint = "os"
at = [6, 12]

[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
at = [6]

[analyses.cox]
kind = "hazards"
endpoint = "rfs"
variables = ["age", "site"]
multivariable = true

[analyses.definitions]
kind = "sensitivity"
endpoints = ["rfs", "rfs_transplant"]
at = [12]
"""
METHODS = {
    "": "",
    "the textbook's": 'incidence_interval = "plain"\nrate_difference = "greenwood"\nties = "breslow"\nrmst_interval = "normal"',
    "by permutation": 'incidence_interval = "log"\nlogrank_test = "permutation"\nrmst_interval = "small-sample"',
}


@pytest.fixture(scope="module", params=[(24, name) for name in METHODS] + [(60, "by permutation")], ids=str)
def study(request, tmp_path_factory):
    """(name of the choice, folder) of studies with three arms, small and larger."""
    n, name = request.param
    chosen = f"\n[methods]\nfewest = 3\n{METHODS[name]}\n"
    folder = tmp_path_factory.mktemp("choices") / "study"
    return name, trial.write(folder, STUDY + chosen, n=n, seed=11, head=THREE, arms=("1", "2", "3"))


def test_r_agrees_with_every_choice(rscript, study):  # noqa: F811
    lines, _ = certificate(study[1])
    agreed(lines)
    reasons = {line.split(": ", 1)[1] for line in lines if line.startswith("Not covered, ")}
    assert reasons <= {
        "the count of the tests made",
        "a permutation P value estimated by drawing",
        "Firth's penalized Cox regression, which is in none of these packages",
    }


def test_methods_and_ledger_name_what_was_chosen(study):
    name, folder = study
    voice = trial.voice(folder)
    ran = set(voice.results.methods())
    chosen = {
        "": {"mover", "aalen-johansen", "cox-efron", "rmst", "rmst-pointwise", "log-rank"},
        "the textbook's": {"greenwood", "aalen-johansen-plain", "cox-breslow", "rmst", "log-rank"},
        "by permutation": {"mover", "aalen-johansen-log", "cox-efron", "rmst-pointwise"},
    }[name]
    assert chosen <= ran
    assert {"log-rank-stratified", "cox-stratified", "log-rank-trend", "cochran-armitage"} <= ran
    every = {"mover", "greenwood", "rmst", "rmst-pointwise", "cox-breslow", "aalen-johansen-plain", "aalen-johansen-log"}
    assert not (every - chosen) & ran
    if name == "by permutation":
        assert ran & {"log-rank-permutation", "log-rank-permutation-exact"}
        assert "log-rank" not in ran  # of which only the ledger speaks
        assert voice.cell("os/logrank.alternative=log-rank@E:C")["p_value"] > 0
    table = ledger.build(voice.results, voice.style.in_table)
    made = [plain(cell) for line in table.lines for cell in line.cells]
    assert any("stratified log-rank test" in cell for cell in made)
    assert any("Cochran–Armitage test" in cell for cell in made)


def test_the_report_says_where_time_starts_and_what_it_is_stratified_by(study):
    name, folder = study
    made = built.make(folder)
    said = " ".join(built.sentences(made.files["report.html"])).replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"starts at the landmark of 3 months and includes the \d+ of \d+ patients who were still under", said)
    assert "At 6 months after the landmark at 3 months, overall survival was" in said
    assert "The log-rank test and hazard ratios are stratified by site" in said
    assert "in the order of the groups" in said.lower()
    assert "stratified log-rank" in said
    assert ("permutation log-rank" in said) == (name == "by permutation")
    rows = built.rows(made)
    entered = rows["late/landmark~3@all", "n"], rows["late/landmark~3@all", "N"]
    assert entered == (rows["late/events@all", "N"], rows["os/events@all", "N"])


def test_small_groups_are_printed_by_other_limits_than_normal_ones(tmp_path):
    """Both stand in results.csv; the page has those that hold in groups as small as these."""
    voice = trial.voice(trial.write(tmp_path, '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [12]\n', n=30))
    for address in ("os/rmst~12@E", "os/rmst_difference~12@E:C"):
        assert voice.printed(address) == address.replace("~12", ".small~12")
        normal, small = voice.cell(address), voice.cell(voice.printed(address))
        assert small["estimate"] == normal["estimate"]
        assert small["lower"] < normal["lower"]
    large = trial.voice(trial.write(tmp_path / "large", '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [12]\n', n=90))
    assert large.printed("os/rmst~12@E") == "os/rmst~12@E"
    assert "os/rmst.small~12@E" not in large.results


def test_an_unknown_choice_is_refused(tmp_path):
    from stats.findings import Refused
    from stats.study.read import read

    wrong = STUDY.replace('strata = "site"', 'strata = "sight"').replace("landmark = 3", "landmark = -3")
    folder = trial.write(tmp_path, f'{wrong}\n[methods]\nrmst_interval = "permutation"\n', head=THREE, arms=("1", "2", "3"))
    with pytest.raises(Refused) as caught:
        read(folder)
    told = " ".join(problem.line() for problem in caught.value.problems)
    for word in ("sight", "site", "-3", "small-sample"):
        assert word in told, told


@pytest.mark.parametrize("arms", [("1",), ("1", "2")])
def test_a_trend_needs_three_groups(tmp_path, arms):
    head = trial.HEAD if len(arms) == 2 else trial.HEAD.replace('C = "Control"', "").replace('"2" = "C"', '"2" = "E"').replace(
        'reference = "C"', "")  # fmt: skip
    one = '[analyses.os]\nkind = "survival"\nendpoint = "os"\ntrend = true\n'
    two = '[analyses.response]\nkind = "proportion"\noutcomes = ["south"]\ntrend = true\n'
    voice = trial.voice(trial.write(tmp_path, one + two, head=head, arms=arms))
    assert not [cell for cell in voice.results if "trend" in cell.variable]


def test_who_has_no_stratum_is_in_no_stratified_test(tmp_path):
    """Stage is missing for some: they stay in the curves, and the ledger counts them as left out of the test."""
    voice = trial.voice(trial.write(tmp_path, '[analyses.os]\nkind = "survival"\nendpoint = "os"\nstrata = "stage"\n', n=60))
    lost = voice.cell("os/strata@all")
    assert lost["missing"] > 0
    assert lost["n"] + lost["missing"] == voice.cell("os/events@all")["N"]
    table = ledger.build(voice.results, voice.style.in_table)
    label = next(label for label in (plain(one.label) for one in table.lines) if label.startswith("Survival curves"))
    told = label if "(" in label else plain(table.lines[0].label)  # beside the heading, if it holds for several lines
    counts = [int(word) for word in re.findall(r"\d+", told)]
    assert sum(counts) == voice.cell("os/events@all")["N"]
    assert not math.isnan(voice.cell("os/logrank@E:C")["p_value"])
