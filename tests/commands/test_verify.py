"""verify: the same bytes when built again, and the same numbers from other engines."""

import json
import shutil

import pytest

from stats import recompute
from tests.sixteen import change


@pytest.fixture
def report(built, study, tmp_path):
    """A copy of the built report beside its study."""
    shutil.copytree(built[1], tmp_path / "report")
    return tmp_path / "report"


def test_a_report_as_it_was_built(run, study, report):
    said = run("verify", study, "--out", report)
    assert said.code == 0, said.all
    assert "Everything compared is the same." in said.out
    assert "steps of Kaplan–Meier curves" in said.out
    assert "standardized mean differences" in said.out
    assert "No second engine was asked about response." in said.out


def test_a_number_changed_by_hand(run, study, report):
    text = (report / "report.html").read_text("utf-8")
    (report / "report.html").write_text(text.replace("75%", "85%", 1), "utf-8")
    said = run("verify", study, "--out", report, "--quiet")
    assert said.code == 2
    assert "Changed or missing since the report was built: report.html" in said.err
    assert "1 file differs: report.html" in said.err
    assert said.out == ""


def test_data_that_changed_since(run, study, report):
    change(study / "subjects.csv", "R1,R,23,M", "R1,R,24,M")
    said = run("verify", study, "--out", report)
    assert said.code == 2
    assert "Inputs that are not what the report was built from: subjects.csv" in said.err
    assert "results.csv" in said.err


def test_another_program(run, study, report):
    manifest = json.loads((report / "manifest.json").read_text("utf-8"))
    manifest["about"]["code"] = "0" * 64
    (report / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    said = run("verify", study, "--out", report)
    assert said.code == 2
    assert "The program is not the one that built the report." in said.err


def test_nothing_to_verify(run, study, tmp_path):
    said = run("verify", study, "--out", tmp_path / "nowhere")
    assert said.code == 2
    assert "E_NO_REPORT" in said.err


@pytest.mark.parametrize("text", ["{", "[]", '{"study": 1}'])
def test_a_manifest_that_was_changed_is_not_called_missing(run, study, report, text):
    (report / "manifest.json").write_text(text, "utf-8")
    said = run("verify", study, "--out", report)
    assert said.code == 2
    assert f"E_NO_REPORT manifest.json: the manifest in {report} is none of ours, or was changed" in said.err


@pytest.mark.parametrize(
    ("engine", "theirs"),
    [
        ("survival", lambda time, event: (sorted(set(time)), [0.5] * len(set(time)))),
        ("logrank_p", lambda *_: 0.5),
        ("cox_ratio", lambda *_: 2.0),
    ],
)
def test_an_engine_that_disagrees_is_heard(run, study, report, monkeypatch, engine, theirs):
    import numpy as np

    def instead(*given):
        answer = theirs(*given)
        return tuple(map(np.array, answer)) if isinstance(answer, tuple) else answer

    monkeypatch.setattr(recompute.second_opinion, engine, instead)
    said = run("verify", study, "--out", report)
    assert said.code == 2
    assert "lifelines" in said.err
    assert "os/" in said.err


def test_a_count_that_is_off_by_one_is_found(study):
    from dataclasses import replace

    from stats import derive, intake
    from stats import run as counting
    from stats.results import Results
    from stats.study.read import read

    toml = read(study)
    frames, _, _ = derive.derive_all(toml, intake.load(toml)[0])
    results = counting.run(toml, frames)
    assert not any(one.apart for one in recompute.opinions(toml, frames, results))
    bent = Results(
        replace(row, value=row.value + 1) if (row.address, row.stat) == ("baseline/sex=F@R", "n") else row
        for row in results.rows
    )
    apart = [a for one in recompute.opinions(toml, frames, bent) for a in one.apart]
    assert [(a.address, a.ours - a.theirs) for a in apart] == [("baseline/sex=F@R", 1)]
