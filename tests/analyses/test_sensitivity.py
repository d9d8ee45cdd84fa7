"""Definitions side by side: the same numbers as each endpoint's own analysis, in rows, table and text."""

import math

import pytest

from report import prose
from report.tables import sensitivity as table
from stats.findings import Refused
from stats.study.read import read
from tests import trial

ANALYSES = """
[analyses.rfs]
kind = "survival"
endpoint = "rfs_transplant"
at = [12]

[analyses.definitions]
kind = "sensitivity"
endpoints = ["rfs", "rfs_transplant", "os"]
at = [6, 12]

[analyses.narrower]
kind = "sensitivity"
population = "known"
endpoints = ["rfs"]
at = [6, 12]
"""


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return trial.voice(trial.write(tmp_path_factory.mktemp("sensitivity"), ANALYSES))


@pytest.mark.parametrize(
    "address",
    [
        "logrank@E:C",
        "hazard@E:C",
        "survival~12@E",
        "difference~12@E:C",
        "rmst~12@C",
        "rmst_difference~12@E:C",
        "events@all",
    ],
)
def test_a_definition_has_the_rows_of_its_own_analysis(voice, address):
    ours, own = voice.cell(f"definitions/rfs_transplant.{address}"), voice.cell(f"rfs/{address}")
    assert ours.stats.keys() == own.stats.keys()
    assert all(value == own[stat] or math.isnan(value) for stat, value in ours.stats.items())
    assert ours.methods == own.methods


def test_definitions_differ_where_transplantation_ends_follow_up(voice):
    assert voice.cell("definitions/rfs_transplant.events@all")["n"] < voice.cell("definitions/rfs.events@all")["n"]


def test_another_population_is_another_analysis(voice):
    assert voice.cell("narrower/rfs.events@all")["N"] < voice.cell("definitions/rfs.events@all")["N"]


def test_the_table_has_a_block_per_measure_and_a_line_per_definition(voice):
    shown = table.build(voice.results, voice.style.in_table, of=("definitions", "narrower"))
    labels = [line[0] for line in shown.records()]
    assert labels.count("  Relapse-free survival, all patients") == 0  # the first has no population to name
    assert labels.count("  Relapse-free survival") == 5
    assert labels.count("  Relapse-free survival, with a known marker") == 5
    assert labels[1].startswith("Events, n/N; hazard ratio")
    assert all(len(line) == len(shown.heads) for line in shown.records())


def test_the_text_says_each_definition_and_whether_they_agree(voice):
    says = prose.kind("sensitivity").sentences(voice, voice.study.analyses["definitions"])
    assert len(says["found"]) == 3
    assert voice.cell("definitions/os.logrank@E:C")["p_value"] < 0.05
    assert voice.cell("definitions/rfs.logrank@E:C")["p_value"] > 0.05
    assert says["agreement"].striptags() == (
        "Under overall survival the verdict is another than for relapse-free survival."
    )


def test_the_text_says_where_they_agree(tmp_path):
    two = '[analyses.d]\nkind = "sensitivity"\nendpoints = ["rfs", "rfs_transplant"]\n'
    voice = trial.voice(trial.write(tmp_path, two))
    says = prose.kind("sensitivity").sentences(voice, voice.study.analyses["d"])
    assert says["agreement"] == "The verdict was the same under both definitions."


def test_one_definition_has_nothing_to_agree_with(voice):
    assert prose.kind("sensitivity").sentences(voice, voice.study.analyses["narrower"])["agreement"] == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("definitions/rfs.difference~12@E:C", "relapse-free survival at 12 months"),
        ("definitions/rfs.rmst_difference~12@E:C", "restricted mean relapse-free survival up to 12 months"),
        ("definitions/rfs.hazard@E:C", "the hazard of an event (relapse-free survival)"),
        ("definitions/rfs.survival~12@E", "relapse-free survival at 12 months was"),
        ("definitions/rfs.events@all", "had an event (relapse-free survival)"),
    ],
)
def test_every_result_can_be_said(voice, address, words):
    said = prose.finding(voice, address).striptags()
    assert words.casefold() in said.casefold()


def test_times_are_in_the_endpoints_unit(voice):
    assert voice.names.measure(voice.cell("definitions/rfs.rmst~12@E")).unit == "months"


@pytest.mark.parametrize(
    ("endpoints", "reason"),
    [
        ('["rfs", "rescue"]', "need one unit of time"),
        ("[]", "is empty"),
        ('["early"]', "needs a time to an event"),
        ('["rsf"]', "did you mean"),
    ],
)
def test_endpoints_that_cannot_stand_side_by_side_are_refused(tmp_path, endpoints, reason):
    trial.write(tmp_path, f'[analyses.d]\nkind = "sensitivity"\nendpoints = {endpoints}\n')
    with pytest.raises(Refused) as refused:
        read(tmp_path)
    assert reason in " ".join(problem.line() for problem in refused.value.problems)
