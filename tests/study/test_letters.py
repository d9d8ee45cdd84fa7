"""Letters that would print as empty boxes are named, with their place; usual ones cost no look into the font."""

from __future__ import annotations

import sys

import pytest

from stats.study.kinds import ROOT
from stats.study.letters import FONT, USUAL, known
from stats.study.read import examine, read
from tests import built, contract_studies


def test_the_usual_letters_are_in_the_font():
    usual = {letter for letter in map(chr, range(sys.maxunicode + 1)) if USUAL.fullmatch(letter)} - set("\t\n\r")
    assert {letter for letter in usual if ord(letter) not in known(ROOT / FONT)} == set()
    assert {"é", "ß", "Ł", "α", "µ", "Я", "≥", "⁶", "→"} <= usual


@pytest.mark.parametrize(("old", "new", "column", "lost"), [
    ('label = "Age"', 'label = "年龄 Age"', "frames.subjects.columns.age.label", "年龄"),
    ('"R" = "Treatment R"', '"R" = "組 R"', "arms.R", "組"),
    ('n = "North"', 'n = "北"', "frames.subjects.columns.site.levels.n", "北"),
])
def test_letters_the_fonts_lack_are_named(old, new, column, lost, tmp_path):
    folder = contract_studies.write(tmp_path / "study", ["R", "D"], analyses='[analyses.a]\nkind = "characteristics"\n'
                                    'variables = ["age", "site"]\n')
    text = (folder / "study.toml").read_text("utf-8")
    assert text.count(old) == 1
    (folder / "study.toml").write_text(text.replace(old, new), "utf-8")
    _, problems = examine(folder)
    assert [(p.code, p.column, f"don't have {lost}:" in p.reason) for p in problems] == [("W_LETTER", column, True)]
    assert [p.code for p in read(folder).noted] == ["W_LETTER"]
    assert "W_LETTER" in str(built.make(folder).files["findings.json"])


def test_other_alphabets_are_no_matter(tmp_path):
    folder = contract_studies.write(tmp_path / "study", ["Ä", "Ж"])
    assert read(folder).noted == ()
