"""Words and printed intervals held against worlds whose truth is known: a short run of `build_report.py simulate`."""

import math
from dataclasses import replace

import numpy as np
import pytest

from report import prose
from report.commands import simulate as command
from report.honesty import Tally, covers, direction, printed
from report.names import names
from report.style import load
from report.voice import Voice
from stats import run, simulate

STUDIES = 16


@pytest.fixture(scope="module")
def parts():
    return command.tables(command.simulate(STUDIES, seed=5))


def test_every_limit_is_kept_within_chance(parts):
    broken = [line.cells() for part in parts for line in part.lines if not line.holds]
    assert broken == []


def test_every_world_and_comparison_is_counted(parts):
    assert len(parts) == 8
    assert all(part.lines for part in parts)
    sides = [line for line in parts[0].lines if line.world == "null"]
    assert [line.what for line in sides] == [*simulate.COMPARED, "any of these"]
    assert {line.tries for line in sides} == {STUDIES}
    covered = {line.what for line in parts[2].lines if line.world == "null"}
    assert set(command.HELD) <= covered


def test_arms_without_patients_or_events_are_said_in_words(parts):
    """Nobody in an arm, and nobody with an event: every such sentence says that there is nothing to compare."""
    said = {(line.world, line.what): line.share for line in parts[-1].lines}
    assert {said["empty arm", name] for name in simulate.COMPARED} == {1.0}
    for name in ("survival, log-rank", "survival, hazard ratio", "restricted mean", "ordered grades"):
        assert said["no events", name] == 1.0


def test_the_same_seed_draws_the_same_studies():
    world = simulate.WORLDS[0]
    one, two = (simulate.draw(world, np.random.default_rng(3)) for _ in range(2))
    assert all(one[name].equals(two[name]) for name in one)


@pytest.mark.parametrize(
    ("hits", "tries", "least", "holds"),
    [(5, 100, False, True), (12, 100, False, False), (94, 100, True, True), (80, 100, True, False), (0, 0, True, True)],
)
def test_a_limit_is_missed_by_more_than_chance_or_kept(hits, tries, least, holds):
    assert command.Line("w", "x", hits, tries, command.COVERAGE if least else 0.05, least).holds is holds


def test_a_limit_of_nothing_allows_nothing():
    assert not command.Line("w", "x", 1, 10_000, 0.0).holds


@pytest.mark.parametrize(
    ("sentence", "side"),
    [
        ("Survival was longer in the R group than in the D group (P = .01).", 1),
        ("Grades of fever were lower in the R group than in the D group (P = .01).", -1),
        ("The peak was earlier in the R group than in the D group.", -1),
        ("Survival did not differ significantly between the R group and the D group (P = .2).", 0),
        ("Survival: 2 in the R group and 3 in the D group; there are fewer than five, and nothing is claimed.", 0),
    ],
)
def test_a_side_is_read_off_the_words(sentence, side):
    assert direction(sentence) == side


@pytest.fixture(scope="module")
def voice():
    study = simulate.study()
    results = run.run(study, simulate.draw(simulate.WORLDS[2], np.random.default_rng(1)))
    return Voice(study, results, load("plain", names(study), results))


def test_printed_limits_are_those_of_the_result_rounded(voice):
    for addresses in simulate.truths(simulate.WORLDS[2]).values():
        for address in addresses:
            limits, cell = printed(voice, address), voice.cell(voice.printed(address))
            for shown, stat in zip(limits, ("lower", "upper"), strict=True):
                if math.isfinite(cell[stat]):
                    assert shown == pytest.approx(cell[stat], rel=0.02, abs=0.06)


def test_sides_are_taken_the_right_way():
    """Where the first arm lives longer, responds more and peaks higher and earlier with lower grades, nothing else is said."""
    truth = dict.fromkeys(simulate.COMPARED, 1)
    truth |= dict.fromkeys(("survival, hazard ratio", "time to peak", "ordered grades", "severe grades"), -1)
    study, random = simulate.study(), np.random.default_rng(4)
    taken = dict.fromkeys(truth, 0)
    for _ in range(8):
        results = run.run(study, simulate.draw(simulate.WORLDS[2], random))
        voice = Voice(study, results, load("plain", names(study), results))
        for name, address in simulate.COMPARED.items():
            side = direction(prose.finding(voice, address).striptags())
            assert side in (0, truth[name]), name
            taken[name] += side != 0
    assert all(taken.values()), taken


def test_wrong_truths_are_found_out():
    """Were survival in truth 20 points lower than drawn, coverage would fall far below its limit."""
    world = simulate.WORLDS[0]
    wrong = replace(world, first=replace(world.first, hazard=0.09), second=replace(world.second, hazard=0.09))
    truth = next(iter(simulate.truths(wrong)["Kaplan–Meier rate at 12 months"].values()))
    tally, study = Tally(), simulate.study()
    random = np.random.default_rng(2)
    for _ in range(12):
        results = run.run(study, simulate.draw(world, random))
        voice = Voice(study, results, load("plain", names(study), results))
        limits = printed(voice, "os/survival~12@all")
        tally.add("w", "covered", "rate", covers(limits, truth))
    assert tally.get("w", "covered", "rate")[0] < 8


def test_the_page_has_every_table():
    text = command.PAGE.read_text("utf-8")
    for part in command.tables(Tally()):
        assert f"## {part.title}\n" in text
    assert "FAILS" not in text
    assert "build_report.py simulate" in text
