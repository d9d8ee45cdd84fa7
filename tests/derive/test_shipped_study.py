"""The shipped study, derived as a whole: what its files say again elsewhere must come out of the derivations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stats.derive import definitions, derive_all

FOLDER = Path(__file__).resolve().parents[2] / "data" / "cart"


@pytest.fixture(scope="module")
def made():
    if not (FOLDER / "study.toml").is_file() or not (FOLDER / "subjects.csv").is_file():
        pytest.skip("the shipped study is not there")
    from stats.intake import load
    from stats.study.read import examine
    study, _ = examine(FOLDER)
    frames, _ = load(study)
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    return study, frames, before, *derive_all(study, frames)


def test_nothing_is_wrong_and_the_inputs_are_untouched(made):
    from stats.intake.plausibility import plausible
    study, frames, before, out, problems, ran = made
    assert problems == []
    assert plausible(study, out) == []
    assert set(ran) <= set(definitions())
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_grades_and_responses_agree_with_the_files(made):
    study, _, _, out, _, _ = made
    raw = pd.read_csv(FOLDER / "events.csv")
    worst = raw.groupby(["subject", "term"])["grade"].max()
    table = out["toxicity"].set_index(["subject", "term"])["grade"]
    for (subject, term), grade in worst.items():
        assert table[subject, term] == grade
    assert len(out["toxicity"]) == len(out["subjects"]) * len(study.terms)
    assert len(out["exposure"]) == len(out["subjects"]) * len(study.analytes)
    assert out["subjects"]["response_d28"].notna().all()


def test_row_order_changes_nothing(made):
    study, frames, _, out, _, _ = made
    shuffled = {name: frame if name == "subjects" else frame.sample(frac=1, random_state=7).reset_index(drop=True)
                for name, frame in frames.items()}
    again, _, _ = derive_all(study, shuffled)
    for name in ("subjects", "toxicity", "course", "exposure"):
        pd.testing.assert_frame_equal(again[name], out[name])
