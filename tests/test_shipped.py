"""The two further studies that ship: three groups of real patients, and a synthetic trial of one arm."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys

import pytest

from stats.study.read import read
from tests import built, conforms

DATA = built.ROOT / "data"
STUDIES = tuple(sorted(path.parent.name for path in DATA.glob("*/study.toml") if path.parent != built.CART))


@pytest.fixture(scope="module", params=STUDIES)
def shipped(request):
    return built.make(DATA / request.param)


@pytest.fixture(scope="module")
def breast():
    return built.make(DATA / "breast")


@pytest.fixture(scope="module")
def trial():
    return built.make(DATA / "single-arm")


def words(made):
    return [s.replace("\u00a0", " ").replace("&#39;", "'") for s in built.sentences(made.files["report.html"])]


def test_both_are_there():
    assert STUDIES == ("breast", "single-arm")


def test_every_number_is_a_result_rounded(shipped):
    assert conforms.astray(shipped.files["report.html"]) == []
    assert len(conforms.addresses(shipped)) > 50
    assert conforms.unknown(shipped) == set()
    assert conforms.misprinted(shipped) == []


@pytest.mark.parametrize("name", STUDIES)
def test_a_second_build_is_the_same(name):
    first, again = built.make(DATA / name), built.make(DATA / name)
    assert [file for file in first.files if again.files[file] != first.files[file]] == []


def test_notes_on_the_data_speak_to_a_reader(breast):
    """Codes and what to do about them are for the terminal and findings.json: who reads the report can mend nothing."""
    html = breast.files["report.html"]
    (note,) = re.findall(r"<li><cite>([^<]*last contact[^<]*|[^<]*last seen[^<]*)</cite>", html)
    assert note.endswith("205 living patients were last seen more than two years before the data cut-off.")
    assert "W_STALE_FOLLOWUP" not in html


def test_real_patients_are_no_part_of_this_project(breast):
    """The data come from the library, by name and hash, and the results are R's on the same file."""
    assert sorted(path.name for path in (DATA / "breast").iterdir()) == ["README.md", "study.toml"]
    assert "package:lifelines/datasets/lymph_node.csv" in breast.inputs
    assert not read(DATA / "breast").synthetic
    theirs = json.loads((built.ROOT / "tests" / "r" / "breast.json").read_text("utf-8"))
    assert len(theirs) > 70
    ours = built.rows(breast)
    for key, value in theirs.items():
        address, stat = key.split("|")
        if value is None:
            assert math.isinf(ours[address, stat]), key
        else:
            assert ours[address, stat] == pytest.approx(value, rel=1e-6), key


def test_codes_of_the_two_copies_agree(breast):
    """The dictionary of codes 1 and 2 is read off the same women in another file of the library."""
    from lifelines.datasets import load_gbsg2

    other, ours = load_gbsg2(), built.rows(breast)
    assert ours["baseline/hormone=2@all", "n"] == (other["horTh"] == "yes").sum()
    assert ours["baseline/menopause=2@all", "n"] == (other["menostat"] == "Post").sum()
    assert ours["rfs/events@all", "n"] == other["cens"].sum()


def test_three_groups_are_spoken_of_as_three(breast):
    said = words(breast)
    assert any(s.startswith("Recurrence-free survival differed among the three groups (") for s in said)
    assert any("than in the subgroup without hormonal therapy" in s for s in said)
    assert not any("SYNTHETIC" in t.text for t in built.texts(breast.files["report.html"]))


def test_a_single_arm_is_compared_with_nobody(trial):
    assert [key for key in built.rows(trial) if ":" in key[0]] == []
    assert {key[0] for key in built.rows(trial) if key[1] == "p_value"} == {"study/alpha@all"}
    said = words(trial)
    told = [s for s in said if re.search(r"\bgroups?\b|differ|\bversus\b|\bvs\b|significan|\bP [=<>]|two-sided", s)]
    # what limits rest on, and the title of a work cited for it
    methods = [
        s for s in told if "restricted mean survival time is the area" in s or s.startswith("Moving beyond the hazard")
    ]
    assert [s for s in told if s not in methods and "There is no control group" not in s] == []
    assert any("There is no control group" in s for s in said)
    assert any("in patients with a complete or partial response" in s for s in said)


def test_response_rate_has_exact_limits(trial):
    from scipy.stats import binomtest

    rows = built.rows(trial)
    n, size = rows["response/orr@all", "n"], rows["response/orr@all", "N"]
    exact = binomtest(int(n), int(size)).proportion_ci(method="exact")
    assert (rows["response/orr@all", "lower"], rows["response/orr@all", "upper"]) == pytest.approx(
        tuple(exact), rel=1e-9
    )
    assert rows["dor/events@all", "N"] == n  # duration of response: the responders, nobody else


def test_the_synthetic_trial_says_so_and_is_made_again_byte_for_byte(trial, tmp_path):
    assert "SYNTHETIC DATA" in trial.files["report.html"]
    script = DATA / "single-arm" / "make_trial.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True)
    for name in ("subjects.csv", "events.csv"):
        assert (tmp_path / name).read_bytes() == (script.parent / name).read_bytes()
