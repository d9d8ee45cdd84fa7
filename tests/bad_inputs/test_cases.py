"""Every case: what the command answers, what it writes, and what it must not show."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest

from tests.bad_inputs import running
from tests.bad_inputs.case import Case
from tests.bad_inputs.cases import CASES, LISTED


@pytest.fixture(scope="module")
def last_good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the unbent study, which no refusal may touch."""
    out = tmp_path_factory.mktemp("good") / "report"
    outcome = running.build(running.BASE, out)
    assert outcome.exit == 0, outcome.err
    assert [problem for problem in running.findings(out) if not problem["code"].startswith("N_")] == []
    return out


def test_no_case_is_called_like_another():
    assert len(CASES) == len(LISTED)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_case(case: Case, tmp_path: Path, last_good: Path) -> None:
    check(case, tmp_path, last_good, running.command)


# some of each kind once more as a user starts the command; with RESULTWRIGHT_SLOW=1 all of them
STARTED = ["file-missing", "utf-16", "name-in-number", "no-events-in-arm", "no-margin", "bidi", "template-class"]


@pytest.mark.parametrize("name", list(CASES) if os.environ.get("RESULTWRIGHT_SLOW") else STARTED)
def test_case_in_a_process_of_its_own(name: str, tmp_path: Path, last_good: Path) -> None:
    check(CASES[name], tmp_path, last_good, running.process)


def check(case: Case, place: Path, last_good: Path, runner: object) -> None:
    study = running.bent(case, place / "study")
    before = running.digest(study)
    out = last_good if case.status == "error" else place / "report"
    kept = running.digest(last_good)
    outcome = running.build(study, out, *case.options, runner=runner)
    assert outcome.exit == case.exit, outcome.printed
    assert "Traceback" not in outcome.printed
    assert "fault of the program" not in outcome.printed
    assert running.digest(last_good) == kept, "the last good report was touched"
    assert running.digest(study) == before, "something was written beside the inputs"
    assert sorted(path.name for path in place.iterdir() if not path.name.startswith("outside-")) == (
        ["study"] if case.status == "error" else ["report", "study"]
    )
    if case.code:
        told(case, outcome.err)
    for secret in case.hides:
        assert secret not in outcome.printed
    if case.status != "error":
        built(case, out, last_good)


def told(case: Case, err: str) -> None:
    """The finding stands on a line of its own, with its place and what it must say."""
    lines = [line for line in err.splitlines() if line.startswith(case.code)]
    assert lines, f"no {case.code} in: {err}"
    if case.row is not None:
        assert any(f":{case.row}:" in line or f":{case.row} " in line.replace(": ", " ", 1) for line in lines), lines
    if case.column:
        assert any(case.column in line.partition(": ")[0] for line in lines), lines
    if case.says:
        assert any(re.search(case.says, line) for line in lines), lines


def built(case: Case, out: Path, last_good: Path) -> None:
    found = running.findings(out)
    if case.status == "ok":
        assert [problem for problem in found if not problem["code"].startswith("N_")] == []
    elif case.status != "claim":
        assert case.code in [problem["code"] for problem in found]
    page = (out / "report.html").read_text("utf-8") + (out / "findings.json").read_text("utf-8")
    assert [secret for secret in case.hides if secret in page] == []
    assert running.bare_words(out) == []
    if case.equal:
        assert (out / "results.csv").read_bytes() == (last_good / "results.csv").read_bytes()
    values = running.results(out)
    for key, expected in case.values.items():
        assert values[key] == pytest.approx(expected, rel=1e-9, nan_ok=True), key
        assert math.isnan(expected) == math.isnan(values[key])
