"""A small share of the random files on every run; `python -m tests.bad_inputs.fuzz --count 500` is the whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bad_inputs import fuzz
from tests.bad_inputs.cases import CASES

SLOW = bool(os.environ.get("RESULTWRIGHT_SLOW"))
BITES, PAIRS = (500, 150) if SLOW else (16, 14)


@pytest.mark.parametrize("seed", [1, 2])
def test_bytes_bent_at_random_end_in_a_report_or_in_findings(tmp_path: Path, seed: int) -> None:
    counts, failures = fuzz.run(fuzz.bites(BITES, seed), tmp_path)
    assert failures == []
    assert counts["refused"] > 0


def test_two_things_wrong_at_once_are_still_findings(tmp_path: Path) -> None:
    counts, failures = fuzz.run(fuzz.pairs(PAIRS, 1, list(CASES.values())), tmp_path)
    assert failures == []
    assert counts["refused"] > 0


def test_what_is_called_a_failure_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail: a program that crashes, ends oddly or says nothing is noticed."""

    def crash(*_: object, **__: object) -> object:
        raise RuntimeError("x")

    study = fuzz.running.copy(tmp_path / "study")
    monkeypatch.setattr("stats.intake.load", crash)
    assert fuzz.attempt(study, tmp_path / "out")[0] == "fault"
    monkeypatch.setattr(fuzz.running, "build", crash)
    assert fuzz.attempt(study, tmp_path / "out")[0] == "crash"
    monkeypatch.setattr(fuzz.running, "build", lambda *_: fuzz.running.Outcome(2, "", "no reason"))
    assert fuzz.attempt(study, tmp_path / "out")[0] == "silent"
