"""A comparison is put into words once, however many claims and sections speak of it."""

from __future__ import annotations

import pytest

from report import claims, prose
from report.counting import count
from report.names import names
from report.prose import adverse_events
from report.style import load
from report.voice import Voice
from stats.results import Results
from stats.study.read import read
from tests import built


@pytest.fixture(scope="module")
def counted():
    study = read(built.CART)
    return study, count(study).results


def test_each_is_made_once(counted, monkeypatch):
    study, results = counted
    voice, made = Voice(study, results, load("plain", names(study), results)), []
    compare = adverse_events.compare
    monkeypatch.setattr(adverse_events, "compare", lambda voice, cell: made.append(cell.address) or compare(voice, cell))
    audited = [claims.audit(voice) for _ in range(2)]
    assert made
    assert len(made) == len(set(made))
    assert audited[0] == audited[1]


def test_what_is_remembered_belongs_to_its_voice(counted):
    """In a table a number that isn't there has another word."""
    study, results = counted
    sentence = Voice(study, results, load("plain", names(study), results))
    table = Voice(study, results, sentence.style.in_table)
    cell = next(cell for cell in results if prose.compare(sentence, cell) is not None)
    prose.compare(table, cell)
    assert table.comparisons is not sentence.comparisons


def test_claims_are_audited_once_for_all_who_print_them(counted, monkeypatch):
    """The table of claims speaks with a voice of its own; other results, or another style, are audited anew."""
    study, results = counted
    style, made = load("plain", names(study), results), []
    one = claims.one
    monkeypatch.setattr(claims, "one", lambda voice, claim: made.append(claim.name) or one(voice, claim))
    first = claims.audit(Voice(study, results, style))
    assert claims.audit(Voice(study, results, style.in_table.in_sentence)) is first
    assert made == list(study.claims)
    claims.audit(Voice(study, Results(results.rows), style))
    claims.audit(Voice(study, results, load("blood", names(study), results)))
    assert made == list(study.claims) * 3
