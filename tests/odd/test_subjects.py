"""What sentences are about: a time to an event and not the event, who was analysed, which comparisons are exploratory."""

import re

import pytest
from markupsafe import Markup

from report import withheld
from report.lasting import names_share, names_time
from report.population import named
from tests.odd.made import laid, pages, patients, said, voiced
from tests.report.naming import cell, style
from tests.report.test_population import plain

RELAPSE = """[endpoints.relapse]
label = "Relapse"
time = "os_t"
status = "os_s"
[analyses.relapse]
kind = "survival"
endpoint = "relapse"
at = [6]
[analyses.definitions]
kind = "sensitivity"
endpoints = ["relapse", "os"]
at = [6]
"""


@pytest.mark.parametrize(
    ("title", "share", "time"),
    [
        ("Overall survival", True, True), ("OS", True, True), ("PFS", True, True), ("Freedom from reintervention", True, True),
        ("Primary patency", True, True), ("Time to progression", False, True), ("Duration of response", False, True),
        ("Relapse", False, False), ("Graft loss", False, False), ("Hospitalisation for heart failure", False, False),
    ],
)
def test_what_a_label_names(title, share, time):
    assert (names_share(title), names_time(title)) == (share, time)


def test_an_event_is_no_time(tmp_path):
    """'Relapse was shorter', 'median relapse' and 'relapse at 6 months was 40%' say what nobody meant."""
    voice = voiced(laid(tmp_path / "s", RELAPSE, patients(24, os_s=lambda i: int(i % 3 > 0))))
    assert said(voice, "relapse/median@R").startswith("Median time to an event (relapse) was ")
    assert said(voice, "relapse/logrank@D:R").startswith("Time to an event (relapse) ")
    assert said(voice, "relapse/rmst~6@R").startswith("Restricted mean time to an event (relapse) up to 6 months was ")
    assert said(voice, "relapse/hazard@D:R").startswith("The hazard of an event (relapse) ")
    assert said(voice, "definitions/relapse.survival~6@R").startswith("The share without an event (relapse) at 6 months was ")
    assert said(voice, "definitions/relapse.rmst~6@R").startswith("Restricted mean time to an event (relapse) up to 6 months ")
    assert said(voice, "definitions/relapse.logrank@D:R").startswith("Time to an event (relapse) ")
    assert said(voice, "definitions/os.rmst~6@R").startswith("Restricted mean overall survival up to 6 months was ")


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("evaluable at day 28", "patients evaluable at day 28"), ("Remitters", "remitters"), ("Seroresponders", "seroresponders"),
        ("the very old", "the very old"), ("on the new regimen", "patients on the new regimen"),
        ("Per-protocol population", "the per-protocol population"), ("Full analysis set", "the full analysis set"),
        ("Per protocol", "the per protocol population"), ("ITT", "the ITT population"), ("women below 50", "women below 50"),
    ],
)
def test_who_was_analysed(label, inside):
    assert named(label) == inside


def test_comparisons_that_are_not_exploratory_are_told_apart(tmp_path):
    """Two analyses of one endpoint: the one of some patients is said to be of them, and nothing is named twice."""
    rest = """[populations]
old = { label = "aged 40 or older", where = "age >= 40" }
[methods]
multiplicity = "holm"
[analyses.os]
kind = "survival"
endpoint = "os"
[analyses.curve]
kind = "survival"
endpoint = "os"
family = "f"
[analyses.part]
kind = "survival"
endpoint = "os"
population = "old"
family = "f"
[analyses.cox]
kind = "hazards"
endpoint = "os"
variables = ["age", "arm"]
"""
    rows = patients(40, os_t=lambda i: 1 + i, os_s=lambda i: 1)
    text = plain(pages(laid(tmp_path / "s", rest, rows, study='primary = "os"')))
    told = "other than that of overall survival and that of overall survival in patients aged 40 or older, are exploratory"
    assert told in text


def test_a_forest_calls_what_it_lacks_by_its_endpoints(tmp_path):
    rest = """[endpoints.old]
label = "Age above 35"
where = "age > 35"
[analyses.out]
kind = "proportion"
outcomes = ["rate", "old"]
[analyses.os]
kind = "survival"
endpoint = "os"
[exhibits.f]
kind = "forest"
of = ["out", "os"]
[[sections]]
id = "results"
exhibits = ["f"]
"""
    text = plain(pages(laid(tmp_path / "s", rest, patients(24))))
    assert "Not shown, as there is no hazard ratio: CR, age above 35." in text


def test_a_forest_of_differences_says_what_has_none(tmp_path):
    """"There is no difference" is a claim, and the lint of our own pages refused it."""
    rest = """[analyses.cox]
kind = "hazards"
endpoint = "os"
variables = ["age"]
[analyses.os]
kind = "survival"
endpoint = "os"
at = [6]
[exhibits.f]
kind = "forest"
of = ["cox", "os"]
statistic = "difference"
[[sections]]
id = "results"
exhibits = ["f"]
"""
    text = plain(pages(laid(tmp_path / "s", rest, patients(24))))
    assert "Not shown, as there is no such estimate: overall survival (Cox regression)." in text


def test_whose_results_are_withheld_is_not_said_without_them():
    """In a public report the sentences of a paragraph may all be taken out: 'these results are of …' then opens nothing."""
    hidden = f"The share was {withheld.WORD}."
    page = (f"<p>Age was 50. {hidden}</p><p>These results are of women (24 of 61). {hidden}</p>"
            f"<p>These results are of men (37 of 61). {hidden} Two were lost.</p>")
    said = str(withheld.cleaned(Markup(page)))
    assert said == (f"<p>Age was 50. {withheld.SAID}.</p><p>These results are of men (37 of 61). Two were lost.</p>")


@pytest.mark.parametrize(
    ("address", "stats", "shown"),
    [
        ("os/rmst_difference~12@R:D", (0.03, 0.02, 0.04), "0.03; 0.02–0.04"),  # in months, one decimal elsewhere
        ("os/rmst_difference~12@R:D", (0.03, -0.02, 0.08), "0.0; −0.02 to 0.1"),  # takes no side
        ("os/hazard@R:D", (1.0012, 1.0004, 1.002), "1.001; 1.0004–1.002"),
        ("os/difference~12@R:D", (-0.003, -0.004, -0.001), "−0.3; −0.4 to −0.1"),
    ],
)
def test_an_estimate_prints_inside_of_its_limits(address, stats, shown):
    found = cell(address, **dict(zip(("estimate", "lower", "upper"), stats, strict=True)))
    assert style().text(found, "{estimate}; {interval}") == shown


def test_restricted_means_in_years_have_two_decimals(tmp_path):
    """A tenth of a year is five weeks: means of 0.96 and 0.98 years are not 1.0 and 1.0."""
    rest = """[endpoints.years]
label = "Overall survival"
time = "os_y"
status = "os_s"
unit = "years"
[analyses.y]
kind = "survival"
endpoint = "years"
at = [1]
"""
    columns = 'os_y = { type = "number", unit = "years" }'
    rows = patients(24, os_y=lambda i: 0.5 + i / 10)
    text = said(voiced(laid(tmp_path / "s", rest, rows, columns=columns)), "y/rmst~1@R")
    assert re.search(r"Restricted mean overall survival up to 1 year was \d\.\d\d years", text), text
