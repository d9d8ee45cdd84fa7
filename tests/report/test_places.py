"""Exhibits follow the paragraphs that cite them first, and their numbers follow the citations."""

import re

import pytest

from report import exhibits, places
from stats.study.read import read
from stats.study.types import Exhibit, Section
from tests import built, contract_studies

KINDS = {"t": "survival", "f": "survival-curve"}
TWO = """
[analyses.os]
kind = "survival"
endpoint = "os"
at = [12]
[analyses.tox]
kind = "adverse-events"
terms = ["crs"]
"""
TURNED = """
[exhibits.toxicity]
kind = "adverse-events"
of = "tox"
[exhibits.curve]
kind = "survival-curve"
of = "os"
[exhibits.survival]
kind = "survival"
of = "os"
[[sections]]
id = "all"
title = "All"
analyses = ["os", "tox"]
exhibits = ["toxicity", "survival", "curve"]
"""


def given(*shown: str) -> dict[str, Exhibit]:
    """'t1:ab' is the table t1 of the analyses a and b."""
    return {name: Exhibit(name, KINDS[name[0]], tuple(of)) for name, of in (one.split(":") for one in shown)}


def section(shown: dict[str, Exhibit], analyses: str = "abc") -> Section:
    return Section("s", "S", tuple(shown), tuple(analyses))


@pytest.mark.parametrize(("shown", "found"), [
    (("f1:a", "t1:a", "f2:b", "t2:b"), {"a": ["f1", "t1"], "b": ["f2", "t2"], "c": []}),
    (("f1:a", "f2:b", "f3:c", "t1:ab"), {"a": ["f1", "t1"], "b": ["f2"], "c": ["f3"]}),
    (("f1:a", "t1:"), {"a": ["f1", "t1"], "b": [], "c": []}),  # a table of nothing in particular stays where it was put
    (("t1:", "f1:a"), {"a": ["f1"], "b": [], "c": ["t1"]}),
])
def test_an_exhibit_follows_the_first_analysis_that_it_shows(shown, found):
    every = given(*shown)
    assert dict(places.turns(section(every), every, ())) == found


def test_figures_side_by_side_follow_the_text_about_both():
    every = given("f1:a", "f2:b", "t1:a")
    assert places.turns(section(every), every, [("f1", "f2")]) == [("a", ["t1"]), ("b", ["f1", "f2"]), ("c", [])]


def test_a_section_without_analyses_shows_its_exhibits():
    every = given("t1:", "t2:")
    assert places.turns(section(every, ""), every, ()) == [("", ["t1", "t2"])]


def test_what_would_be_cited_out_of_turn_changes_places_and_nothing_else_does():
    every = given("f2:b", "f1:a", "t1:a")
    assert places.in_order(section(every), every) == ("f1", "t1", "f2")
    every = given("f1:a", "f2:b", "t1:a")
    assert places.in_order(section(every), every) == ("f1", "f2", "t1")


@pytest.mark.parametrize("more", ["", TURNED])
def test_on_the_page_each_is_cited_first_and_shown_in_order_of_its_number(more, tmp_path):
    html = str(built.make(contract_studies.write(tmp_path / "s", ("R", "D"), n=60, analyses=TWO + more)).files["report.html"])
    for kind in ("table", "figure"):
        shown = {found[1]: found.start() for found in re.finditer(rf'<(?:div|figure)\b[^>]* id="({kind}-[^"]*)"', html)}
        numbers = [int(re.search(rf"<b>{kind.title()} (\d+)\.</b>", html[place:])[1]) for place in shown.values()]
        assert numbers == list(range(1, len(shown) + 1))
        cited = {name: html.find(f'href="#{name}"') for name in shown if name != "table-ledger-table"}
        assert cited
        assert list(cited.values()) == sorted(cited.values())
        assert all(0 < first < shown[name] for name, first in cited.items())
    assert html.index("<figure id=") < html.index("The worst grades of ")  # the curve, before the text about toxicity


def test_a_template_of_the_study_s_own_has_placed_its_exhibits(tmp_path):
    folder = contract_studies.write(tmp_path / "s", ("R", "D"), n=60, analyses=TWO + TURNED)
    assert exhibits.plan(read(folder)).sections[0].exhibits == ("survival", "curve", "toxicity")
    (folder / "sections").mkdir()
    (folder / "sections" / "all.html.j2").write_text("")
    assert exhibits.plan(read(folder)).sections[0].exhibits == ("toxicity", "survival", "curve")
