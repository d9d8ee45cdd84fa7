"""Verdicts about statements that an odd study makes."""

from __future__ import annotations

import math

import pytest

from report import bindings, claims
from report.build import build
from report.manuscript import Manuscript, plain
from stats.findings import Refused
from stats.study.read import read
from tests.odd.made import TWICE, laid, patients, refused, voiced

CLAIM = """[claims.c]
quote = "A statement."
type = "{}"
result = "{}"
{}
"""


def verdict(folder):
    (found,) = claims.audit(voiced(folder))
    return found.verdict


@pytest.mark.parametrize(("margin", "expected"), [
    (0.9, "inconclusive"), (1 / 0.9, "inconclusive"), (0.01, "equivalent"), (100, "equivalent")])
def test_the_margin_of_a_ratio_is_a_factor(tmp_path, margin, expected):
    """Whichever way it is written: 0.9 and 1/0.9 are one margin."""
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\n'
    rest += CLAIM.format("equivalence", "os/hazard@D:R", f'margin = {margin}\nmargin_source = "protocol"')
    assert verdict(laid(tmp_path / "s", rest, patients(40, os_s=lambda i: int(i % 3 > 0)))) == expected


def test_equivalence_of_a_handful_is_not_estimable(tmp_path):
    rest = TWICE.format("resp", "") + CLAIM.format("equivalence", "resp/rate.difference@D:R",
                                                   'margin = 0.9\nmargin_source = "protocol"')
    assert verdict(laid(tmp_path / "s", rest, patients(6, cr=lambda i: int(i < 4)))) == "not estimable"


@pytest.mark.parametrize("expect", ['expect = "D > R"', 'expect = "R > D"', ""])
def test_an_estimate_on_neither_side_is_not_the_opposite_direction(tmp_path, expect):
    rest = TWICE.format("resp", "") + CLAIM.format("difference", "resp/rate.difference@D:R", expect)
    assert verdict(laid(tmp_path / "s", rest, patients(20, cr=lambda i: int(i < 10)))) == "not shown"


@pytest.mark.parametrize(("printed", "kept"), [
    ("4/10 (40%)", True), ("40%", True), ("4%", False), ("10%", False), ("4 of 10", True),
    ("40% (12-74)", True), ("40% (95% CI, 12–74)", True), ("40% (12%-74%)", True), ("40% (13-74)", False)])
def test_printed_digits_are_read_as_an_author_writes_them(tmp_path, printed, kept):
    """A percent sign is no count's, a hyphen between two numbers no minus, and the confidence no result."""
    rest = TWICE.format("resp", "") + CLAIM.format("value", "resp/rate@R", f'printed = {{ R = "{printed}" }}')
    rows = patients(20, cr=lambda i: int(i < 8))  # four of ten in each arm: 12.2 to 73.8
    assert verdict(laid(tmp_path / "s", rest, rows)) == ("supported" if kept else "value mismatch")


def test_a_claim_in_a_family_rests_on_its_own_adjusted_p(tmp_path):
    """Of two outcomes one is plain and one is not: what becomes of the other decides nothing."""
    rest = """[endpoints.no]
label = "Other"
where = "age > 35"
[methods]
multiplicity = "holm"
[analyses.resp]
kind = "proportion"
outcomes = ["rate", "no"]
family = "a"
""" + CLAIM.format("difference", "resp/rate.difference@D:R", 'expect = "D > R"')
    rows = patients(24, cr=lambda i: i % 2, age=lambda i: 30 + (i // 2) % 12)
    assert verdict(laid(tmp_path / "s", rest, rows)) == "supported"


def test_a_rate_without_a_p_value_of_its_own_is_not_confirmed_by_another_test(tmp_path):
    rest = """[methods]
multiplicity = "holm"
[analyses.os]
kind = "survival"
endpoint = "os"
at = [10]
family = "a"
""" + CLAIM.format("difference", "os/difference~10@D:R", 'expect = "D > R"')
    rows = patients(40, os_t=lambda i: 2 + 20 * (i % 2) + i / 50, os_s=lambda i: 1)
    voice = voiced(laid(tmp_path / "s", rest, rows))
    assert voice.results["os/logrank.family@D:R"]["p_value"] < 0.001
    assert math.isnan(voice.results["os/difference~10@D:R"].get("p_value"))
    (found,) = claims.audit(voice)
    assert found.verdict == "nominal only"


@pytest.mark.parametrize("kind", ["difference", "no-difference", "equivalence"])
def test_a_claim_about_groups_is_not_held_against_one(tmp_path, kind):
    extra = 'margin = 0.1\nmargin_source = "protocol"' if kind == "equivalence" else ""
    (line,) = refused(laid(tmp_path / "s", TWICE.format("resp", "") + CLAIM.format(kind, "resp/rate@R", extra)))
    assert "the result of R alone" in line
    assert "@D:R" in line


def test_a_margin_in_percentage_points_is_refused(tmp_path):
    claim = CLAIM.format("equivalence", "resp/rate.difference@D:R", 'margin = 15\nmargin_source = "protocol"')
    (line,) = refused(laid(tmp_path / "s", TWICE.format("resp", "") + claim))
    assert "fraction: 0.15" in line


@pytest.mark.parametrize(("family", "expected"), [("", "supported"), ('family = "a"', "nominal only")])
def test_a_primary_analysis_in_a_family_rests_on_its_adjusted_p(tmp_path, family, expected):
    """Below alpha by itself (0.014), not after Holm's adjustment for six questions."""
    others = "".join(f'[endpoints.e{i}]\nlabel = "E{i}"\nwhere = "age > {30 + 4 * i}"\n' for i in range(5))
    rest = others + f"""[methods]
multiplicity = "holm"
[analyses.resp]
kind = "proportion"
outcomes = ["rate", "e0", "e1", "e2", "e3", "e4"]
{family}
""" + CLAIM.format("difference", "resp/rate.difference@D:R", 'expect = "D > R"')
    rows = patients(24, cr=lambda i: int((i % 2 and i < 20) or i in (0, 2, 4)), age=lambda i: 30 + i)
    voice = voiced(laid(tmp_path / "s", rest, rows, study='primary = "resp"'))
    assert voice.results["resp/rate.test@D:R"]["p_value"] < 0.05
    (found,) = claims.audit(voice)
    assert found.verdict == expected


@pytest.mark.parametrize(("address", "margin", "said"), [
    ("resp/rate.difference@D:R", "0.3", "was equivalent within the prespecified margin of 30 percentage points (protocol)"),
    ("resp/rate.difference@D:R", "0.1", "interval reaches beyond the prespecified margin of 10 percentage points (protocol)"),
    ("resp/rate.risk_ratio@D:R", "1.8", "was equivalent within the prespecified margin of a factor of 1.8 (protocol)"),
])
def test_a_margin_is_said_with_where_it_was_laid_down(tmp_path, address, margin, said):
    rest = TWICE.format("resp", "") + CLAIM.format("equivalence", address, f'margin = {margin}\nmargin_source = "protocol"')
    voice = voiced(laid(tmp_path / "s", rest, patients(120, cr=lambda i: int(i % 4 < 2), os_t=lambda i: 1)))
    (found,) = claims.audit(voice)
    assert said in found.wording.striptags()
    assert ("did not differ significantly" in found.wording) == (found.verdict != "equivalent")


@pytest.mark.parametrize(("text", "number", "address"), [
    ("The CR rate was 40% in Arm R and 64% in Arm D.", "64", "resp/rate@D"),
    ("The CR rate in Arm R was 40% (95% CI, 19 to 64), and higher in Arm D.", "64", "resp/rate@R")])
def test_a_number_is_a_limit_only_where_it_is_called_one(tmp_path, text, number, address):
    """8 of 20 are 40%, with limits of 19 and 64; 16 of 25 are 64%."""
    rows = patients(45, arm=lambda i: "RD"[i >= 20], cr=lambda i: int(i < 8 or 20 <= i < 36))
    voice = voiced(laid(tmp_path / "s", TWICE.format("resp", ""), rows))
    found = bindings.numbers(voice, Manuscript("a.txt", plain(text)), ())
    assert [one.address for one in found if one.text == number] == [address]


def test_an_address_that_is_no_result_is_told_by_its_line(tmp_path):
    folder = laid(tmp_path / "s", TWICE.format("resp", "") + CLAIM.format("value", "resp/rat@R", ""))
    with pytest.raises(Refused) as caught:
        build(read(folder), style="plain", formats=("html",), code="0" * 64)
    (problem,) = (p for p in caught.value.problems if p.code == "E_UNKNOWN_NAME")
    lines = (folder / "study.toml").read_text("utf-8").splitlines()
    assert lines[problem.row - 1] == 'result = "resp/rat@R"'
    assert "resp/rate@R" in problem.reason
