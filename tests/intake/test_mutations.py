"""Files bent at random: whatever stands in them, reading ends in frames or in problems, never in a traceback."""

from __future__ import annotations

import random

import pytest

from stats.intake import load
from stats.study.read import examine

from .conftest import EVENTS, SERIES, STUDY, SUBJECTS, Case

FILES = {"subjects.csv": SUBJECTS, "events.csv": EVENTS, "series.csv": SERIES, "study.toml": STUDY}
PIECES = ['"', '"",', ",", ";", "\n", "\r", "\0", "\u00e9", "\ufeff", "<", "5", "NA", "2020-13-45", "S1", "[", "]",
          "[[", "=",
          "{", "}", "true", "-1", "nan", ".", "#", "'", "1e999", "arm", "subject", ""]


@pytest.mark.parametrize("seed", range(4))
def test_never_a_traceback(case: Case, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        name = chance.choice(list(FILES))
        text = FILES[name]
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 0, 1, 3, 20]):]
        case.write(name, text)
        study, problems = examine(case.folder)
        if study is None:
            assert any(problem.fatal for problem in problems)
        elif not any(problem.fatal for problem in problems):
            frames, found = load(study)
            assert any(problem.fatal for problem in found) or list(frames) == list(study.frames)
        case.write(name, FILES[name])
