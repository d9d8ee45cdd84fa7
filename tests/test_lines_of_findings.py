"""Findings as lines: one line each whatever the names in them hold, counts with their nouns, and what counts as a slip."""

import ast
from pathlib import Path

import pytest

from stats.findings import Problem, counted, slip
from stats.intake.oddities import alike, garbled
from stats.study.kinds import worded

ROOT = Path(__file__).resolve().parent.parent


def test_counts_agree_with_their_nouns_and_verbs():
    assert counted(1, "hidden row", "is") == "1 hidden row is"
    assert counted(3, "hidden row", "is") == "3 hidden rows are"
    assert counted(2, "cell") == "2 cells"
    for path in (*ROOT.glob("stats/**/*.py"), *ROOT.glob("report/**/*.py")):
        texts = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
        assert [text for text in texts if isinstance(text, str) and "(s)" in text] == [], path


def test_a_finding_ends_with_one_sign():
    assert Problem("W_NO_AE", "nobody", remedy="Is the file complete?").line() == "W_NO_AE nobody. Is the file complete?"
    assert Problem("W_X", "are they?", remedy="Look").line() == "W_X are they? Look."


def test_a_note_for_readers_has_neither_code_nor_remedy():
    assert Problem("W_X", "no value", "a.csv", 7, "age", remedy="Look").note() == "a.csv:7:age: no value."
    assert Problem("W_FEW_AT_RISK", "estimates from few", remedy="Take an earlier time").note() == "Estimates from few."


def test_a_finding_is_one_line_that_reads_in_one_direction():
    line = Problem("E_X", "column a\nb, \u202eegA and c\u200bd is not there\u00a0", "x\u2028y.csv").line()
    assert line == "E_X x\\u2028y.csv: column a\\nb, \\u202eegA and c\\u200bd is not there\u00a0"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("neutropenia", "neutropaenia", True),
        ("neutropenia", "nuetropenia", True),
        ("neutropenia", "Neutropenia", True),
        ("neutropenia", "neutropeni", True),
        ("CR", "PR", True),
        ("hypotension", "hypertension", False),
        ("neutropenia", "nuetropenai", False),
        ("sepsis", "spesi", False),
        ("", "ab", False),
    ],
)
def test_a_slip_is_one_letter(one, other, near):
    assert slip(one, other) == slip(other, one) == near


@pytest.mark.parametrize(
    ("text", "lost"),
    [("Sjögren", False), ("SjÃ¶gren", True), ("Sj\ufffdgren", True), ("25 Â°C", True), ("Ärzte, Ö", False), ("µg", False)],
)
def test_garbled_texts_are_told_from_foreign_ones(text, lost):
    assert garbled(text) == lost


def test_letters_are_compared_as_they_look():
    assert alike("Ｒ") == "R"
    assert alike("СR") == "CR"  # a Cyrillic letter
    assert alike("R\u200b") == "R"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        ("Sequence[float]", "a list of numbers"),
        ("str | Sequence[str]", "a text or a list of texts"),
        ("float | None", "a number"),
        ("bool | Sequence[str]", "true or false or a list of texts"),
        ("Literal['a', 'b']", "one of a, b"),
        ("Mapping[str, int]", "a table"),
        ("Sequence[Sequence[int]]", "a list of lists of whole numbers"),
    ],
)
def test_annotations_in_an_authors_words(annotation, words):
    assert worded(ast.parse(annotation, mode="eval").body) == words


def test_under_strict_a_warning_is_an_error_and_nothing_of_it_is_lost():
    warning = Problem("W_DATE", "a date lies far off", "data.xlsx", 14, "born", "Look at it", "1066-10-14", "patients", "C14")
    error = warning.strictly()
    assert error.fatal
    assert error.line(True) == f"E_{warning.line(True)[2:]}"
    assert "(cell C14)" in error.line()
    note = Problem("N_TOO_FEW", "too few")
    assert note.strictly() is note
