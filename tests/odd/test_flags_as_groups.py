"""A flag can make groups, those without it first; a list of one text may be written as the text."""

import dataclasses

import pytest

from stats.study.read import read
from tests.odd.made import laid, pages, patients, refused, said, voiced
from tests.report.test_population import plain
from tests.test_replicate import agreed, certificate, rscript

__all__ = ["rscript"]

BY = """[analyses.os]
kind = "survival"
endpoint = "os"
by = "cr"
at = [6]
[analyses.base]
kind = "characteristics"
variables = ["age", "grp"]
by = "cr"
[analyses.relapse]
kind = "incidence"
endpoint = "relapse"
by = "cr"
at = [6]
[endpoints.relapse]
label = "Relapse"
time = "os_t"
status = "gone"
[claims.c]
quote = "remission is followed by longer survival"
type = "difference"
result = "os/logrank@yes:no"
expect = "yes > no"
"""
GONE = 'gone = { type = "number" }'


def rows():
    """Of 30 patients 8 in remission, two unknown."""
    return patients(30, cr=lambda i: "" if i in (0, 1) else int(i % 4 == 2 or i == 3), gone=lambda i: i % 3)


def test_a_flag_makes_groups(tmp_path):
    voice = voiced(laid(tmp_path / "s", BY, rows(), columns=GONE))
    found = voice.results
    yes = [row for row in rows() if row["cr"] == 1]
    no = [row for row in rows() if row["cr"] == 0]
    assert (found["os/population@yes"]["n"], found["os/population@no"]["n"]) == (len(yes), len(no)) == (8, 20)
    assert found["os/population@all"]["missing"] == 2
    assert found["os/events@yes"]["n"] == sum(row["os_s"] for row in yes)
    assert found["base/age@no"]["mean"] == pytest.approx(sum(row["age"] for row in no) / len(no))
    assert voice.pairs("os") == (("yes", "no"),)
    assert "in the subgroup with complete response: yes" in said(voice, "os/median@yes")
    text = plain(pages(tmp_path / "s"))
    assert "Subgroup with complete response: no (n = 20)" in text
    assert "2 patients whose complete response is unknown" in text


def test_r_makes_the_same_groups(rscript, tmp_path):
    lines, _ = certificate(laid(tmp_path / "s", BY, rows(), columns=GONE))
    agreed(lines)


def test_the_reference_of_a_flag_can_be_those_with_it(tmp_path):
    other = BY.replace('by = "cr"\nat', 'by = "cr"\nreference = "yes"\nat').replace("yes:no", "no:yes")
    assert voiced(laid(tmp_path / "s", other, rows(), columns=GONE)).pairs("os") == (("no", "yes"),)
    (line,) = refused(laid(tmp_path / "t", BY.replace("at = [6]", 'at = [6]\nreference = "1"', 1), rows(), columns=GONE))
    assert "reference should be one of no, yes" in line


def test_a_list_of_one_text_is_the_text(tmp_path):
    figure = '[exhibits.k]\nkind = "survival-curve"\nof = ["os"]\ncounts = ["at_risk"]\n'
    listed = BY + figure + '[[sections]]\nid = "r"\nexhibits = "k"\n'
    listed = listed.replace('["age", "grp"]', '["age"]')
    short = listed.replace('["age"]', '"age"').replace('["at_risk"]', '"at_risk"').replace('["os"]', '"os"')
    assert short != listed
    first, second = (read(laid(tmp_path / name, text, rows(), columns=GONE)) for name, text in (("a", listed), ("b", short)))
    assert dataclasses.replace(first, folder=second.folder) == second


def test_an_endpoint_that_is_not_declared_is_told_once(tmp_path):
    """A claim about it is not said to be about no endpoint besides."""
    rest = """[analyses.os]
kind = "survival"
endpoint = "oss"
[claims.c]
quote = "longer"
type = "difference"
result = "os/logrank@D:R"
expect = "D better than R"
"""
    (line,) = refused(laid(tmp_path / "s", rest, rows()))
    assert line.startswith("E_UNKNOWN_ENDPOINT")
