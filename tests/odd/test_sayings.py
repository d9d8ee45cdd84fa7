"""Sentences, titles and captions of studies that are neither two large groups nor of a response: said of whom, said once."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from report import plurals
from report.population import named
from stats.findings import Refused
from tests.odd.made import SERIES, laid, pages, patients, said, samples, voiced

THREE = """[analyses.os]
kind = "survival"
endpoint = "os"
by = "grp"
at = [4, 400]
"""
COX = '[analyses.cox]\nkind = "hazards"\nendpoint = "os"\nvariables = ["age"]\n'


def text(folder) -> str:
    return re.sub(r"\s+", " ", Markup(pages(folder)).striptags().replace("\u00a0", " "))


def test_of_several_contrasts_each_says_of_whom_it_is(tmp_path):
    """One of three groups has two patients, and nobody is followed for 400 months."""
    rows = patients(14, grp=lambda i: "z" if i > 11 else "xy"[i % 2], os_s=lambda i: int(i % 4 == 0))
    page = text(laid(tmp_path / "s", THREE, rows, levels='["x", "y", "z"]'))
    who = "between the subgroup with group {} and the subgroup with group x"
    assert f"nothing is claimed of the difference {who.format('z')} (difference" in page
    for key in "yz":
        assert (f"The difference {who.format(key)} could not be estimated: "
                "in both groups no one was followed to this time.") in page
    assert "The difference could not be estimated" not in page


def test_of_two_groups_the_difference_needs_no_names(tmp_path):
    rows = patients(os_s=lambda i: int(i < 6))
    assert "The difference could not be estimated: in both groups" in text(laid(tmp_path / "s", THREE, rows))


@pytest.mark.parametrize(("label", "inside"), [
    ("Overall survival", "an event (overall survival)"), ("Time to progression", "an event (time to progression)"),
    ("Relapse", "relapse")])
def test_nobody_has_an_incidence_of_survival(tmp_path, label, inside):
    rest = f"""[endpoints.rel]
label = "{label}"
time = "os_t"
status = "os_s"
[analyses.rel]
kind = "incidence"
endpoint = "rel"
at = [6]
"""
    voice = voiced(laid(tmp_path / "s", rest))
    assert said(voice, "rel/gray@D:R").startswith(f"The cumulative incidence of {inside} ")
    assert said(voice, "rel/incidence~6@R").startswith(f"The cumulative incidence of {inside} at 6 months was ")
    assert said(voice, "rel/events@R").startswith(f"{inside[0].upper()}{inside[1:]} was seen in ")
    assert f"The cumulative incidence of {inside} at 6 months was " in text(tmp_path / "s")


def test_a_limitation_is_said_once(tmp_path):
    """The curves of one endpoint by arm and by group rest on the same events."""
    page = text(laid(tmp_path / "s", '[analyses.arms]\nkind = "survival"\nendpoint = "os"\n' + THREE))
    assert page.count("Overall survival rests on 6 events in 12 patients") == 1


def test_the_number_of_what_was_measured(tmp_path):
    rest = SERIES.replace("CAR transgene", "Neutrophils") + '[analyses.base]\nkind = "characteristics"\nvariables = ["blasts"]\n'
    rows = patients(12, blasts=lambda i: i)
    series = samples([5, 6] * 6) + samples([3, 2] * 6, 14)
    folder = laid(tmp_path / "s", rest, rows, series=series,
                 columns='blasts = { type = "number", label = "Marrow blasts", unit = "%" }')
    page = text(folder)
    assert "Neutrophils were measured in 12 patients" in page
    assert "Median marrow blasts were " in page
    assert said(voiced(folder), "base/blasts@R").startswith("Median marrow blasts were ")


@pytest.mark.parametrize(("label", "many"), [("CRS", False), ("ICANS", False), ("B cells", True), ("PRBCs", True)])
def test_an_abbreviation_is_no_plural(label, many):
    assert plurals.plural(label) is many


@pytest.mark.parametrize(("label", "inside"), [
    ("low risk", "the low risk population"), ("MRD-negative", "the MRD-negative population"),
    ("TP53 mutation", "the TP53 mutation population"), ("older than 60 years", "patients older than 60 years"),
    ("Age ≥ 60 years", "patients age ≥ 60 years"), ("in remission", "patients in remission"), ("aged 50+", "patients aged 50+")])
def test_a_label_stands_before_or_behind_those_it_tells(label, inside):
    assert named(label) == inside


def test_a_share_of_nobody_is_unknown(tmp_path):
    rest = '[analyses.resp]\nkind = "proportion"\noutcomes = ["rate"]\nby = "grp"\n'
    rows = patients(12, cr=lambda i: "", grp=lambda i: "x")
    folder = laid(tmp_path / "s", rest, rows)
    assert said(voiced(folder), "resp/rate@all") == "CR is known in no patient."
    assert said(voiced(folder), "resp/rate@x") == "CR is known in no patient in the subgroup with group x."
    assert "0/0" not in text(folder)


def test_one_time_of_follow_up_is_no_range(tmp_path):
    rest = '[analyses.fu]\nkind = "followup"\nendpoint = "os"\n'
    rows = patients(12, os_s=lambda i: int(i != 6))
    page = text(laid(tmp_path / "s", rest, rows))
    assert "The only patient without an event for overall survival when last seen had been followed for 7.0 months." in page
    page = text(laid(tmp_path / "s", rest, patients(12, os_t=lambda i: 7)))
    assert "Those without an event for overall survival when last seen had been followed for 7.0 months." in page


OUTCOME = '[endpoints.out]\nlabel = "{}"\nwhere = "cr"\n{}\n[analyses.out]\nkind = "proportion"\noutcomes = ["out"]\n'


@pytest.mark.parametrize(("label", "better", "title"), [
    ("CR or CRi", "", "Response"), ("Overall response", "", "Response"), ("MRD-negative remission", "", "Response"),
    ("Death by day 100", "", "Outcomes"), ("Chronic GVHD", 'better = "lower"', "Outcomes"),
    ("No response", 'better = "lower"', "Outcomes")])
def test_a_death_is_no_response(tmp_path, label, better, title):
    page = pages(laid(tmp_path / "s", OUTCOME.format(label, better)))
    other = {"Response": "Outcomes", "Outcomes": "Response"}[title]
    assert f">{title}</h2>" in page
    assert f">{other}</h2>" not in page
    assert f"{title}." in text(tmp_path / "s")


FOREST = '[exhibits.forest]\nkind = "forest"\nof = ["cox"]\n[exhibits.os-forest]\nkind = "forest"\nof = ["os", "rel"]\n'


def test_forests_are_told_apart(tmp_path):
    relapse = '[endpoints.rel]\nlabel = "Relapse"\ntime = "os_t"\nstatus = "os_s"\n'
    relapse += '[analyses.rel]\nkind = "survival"\nendpoint = "rel"\n'
    page = text(laid(tmp_path / "s", '[analyses.os]\nkind = "survival"\nendpoint = "os"\n' + relapse + COX + FOREST))
    assert "Overall survival: estimates with their confidence intervals." in page
    assert "Overall survival and relapse: estimates with their confidence intervals." in page


def test_regressions_are_told_apart(tmp_path):
    relapse = COX.replace("cox", "cox_rel").replace('"os"', '"rel"')
    endpoint = '[endpoints.rel]\nlabel = "Relapse"\ntime = "os_t"\nstatus = "os_s"\n'
    page = text(laid(tmp_path / "s", endpoint + COX + relapse))
    assert "Overall survival: Cox regression." in page
    assert "Relapse: Cox regression." in page


def test_a_word_that_claims_too_much_is_named_with_its_template(tmp_path):
    folder = laid(tmp_path / "s", COX + '[[sections]]\nid = "mine"\n')
    (folder / "sections").mkdir()
    (folder / "sections" / "mine.html.j2").write_text("<section id='mine'><p>Survival was superior.</p></section>", "utf-8")
    with pytest.raises(Refused) as caught:
        pages(folder)
    [line] = [problem.line() for problem in caught.value.problems]
    assert line.startswith("E_WORDING sections/mine.html.j2: the text claims too much: 'superior' in: ")
    assert "finding('analysis/variable@group')" in line
