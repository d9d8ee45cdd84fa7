"""docs/claims.md: its sentences are those of the report, its verdicts those of the code."""

import re

import pytest

from report import claims, lint, prose, words
from report.names import names
from report.style import load
from report.voice import Voice
from tests.docs.pages import read, rows, section

PAGE = read("claims.md")


@pytest.fixture(scope="module")
def voice(counted):
    study, results = counted
    return Voice(study, results, load(study.style, names(study), results))


def test_the_sentences_are_the_reports(voice):
    said = [row for row in rows(section(PAGE, "## Words")) if row[0].startswith("`")]
    assert len(said) >= 3
    for address, sentence in said:
        found = prose.finding(voice, address.strip("`")).striptags()
        assert found.replace("\N{NO-BREAK SPACE}", " ") == sentence


def test_every_verdict_is_explained():
    bold = set(re.findall(r"\*\*([a-z ]+)\*\*", PAGE))
    assert bold == set(claims.MEANINGS)


def test_every_pair_of_words_is_told():
    for pair in words.SCALES.values():
        assert ", ".join(pair) in PAGE


def test_refused_words_are_refused():
    said = section(PAGE, "### Words that are refused")
    for phrase in re.findall(r"\*([^*]+)\*", said):
        text = f"It was {phrase}." if phrase != "significant" else "It was significant."
        assert lint.claims_too_much(text), phrase


def test_an_interval_that_ends_on_the_null_value_leaves_it_to_the_test():
    side = words.Side(words.Markup("in X"), words.Markup("1"))
    told = words.Comparison(words.Markup("peak"), "moment", side, side, 0.05, estimate=2, lower=0, upper=4, p=0.03)
    assert words.verdict(told) == "more"
    untested = words.Comparison(words.Markup("peak"), "moment", side, side, 0.05, estimate=2, lower=0, upper=4)
    assert words.verdict(untested) == "open"
