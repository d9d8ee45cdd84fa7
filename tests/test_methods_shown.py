"""Methods describes what the report shows: no measure stands in a table, a figure or a sentence undescribed, and none is
described that stands nowhere. Told by the words on the page, not by how the program knows."""

from __future__ import annotations

import re

import pytest

from tests import built, trial
from tests.test_replicate import EVERYTHING, ONE

BLOCKS = {block.split("]")[0]: f"[analyses.{block}" for block in EVERYTHING.split("[analyses.")[1:]}
# what a measure is called in Methods, and on the rest of the page
MEASURES = {
    "standardized mean difference": (r"standardized mean difference", r"\bSMD\b|standardized"),
    "odds ratio": (r"Odds ratios", r"[Oo]dds ratio"),
    "risk ratio": (r"Risk ratios", r"[Rr]isk ratio"),
    "difference of shares": (r"differences between proportions", r"\bDifference\b|rate of .{9,90}percentage points"),
    "shift": (r"Shifts are", r"[Ss]hift"),
    "difference in means": (r"Differences in means", r"[Dd]ifference in means"),
    "ratio of geometric means": (r"Ratios of geometric means", r"[Rr]atios? of geometric means"),
    "probability of the higher grade": (r"exceeds one of the other", r"probability of (?:the|a) higher"),
    "restricted mean": (r"restricted mean survival time", r"[Rr]estricted mean|[Mm]ean .{5,60} up to"),
    "hazard ratio": (r"Hazard ratios", r"(?<!distribution )[Hh]azard ratio"),
    "subdistribution": (r"Fine|subdistribution", r"[Ss]ubdistribution"),
    "survival curve": (r"estimated by the Kaplan–Meier method", r"Kaplan–Meier estimates|survival was"),
    "follow-up": (r"reverse Kaplan–Meier", r"[Mm]edian follow-up"),
    "area": (r"The area under the curve", r"[Aa]rea under the curve"),
    "peak": (r"The peak is", r"[Pp]eak"),
    "persistence": (r"Persistence ends", r"[Pp]ersistence|First day below quantification"),
    "onset": (r"Onset is", r"[Oo]nset"),
    "baseline grade": (r"The baseline grade", r"[Bb]aseline"),
    "quartiles": (r"Quartiles are", r"IQR"),
    "interval": (r"ntervals have 95%", r"95% CI"),
    "level of significance": (r"is called significant", r"P [=<]|Comparison\s+P\s+Test(?!.*No test was made)"),
}
STUDIES = {
    "one arm": ({"n": 30, "head": ONE}, list(BLOCKS)),
    "response": ({}, ["response"]),
    "response of one arm": ({"head": ONE}, ["response"]),
    "survival": ({}, ["os"]),
    "survival of one arm": ({"head": ONE}, ["os"]),
    "follow-up": ({}, ["followup"]),
    "incidence": ({}, ["relapse"]),
    "kinetics": ({}, ["virus"]),
    "kinetics of one arm": ({"head": ONE}, ["virus"]),
    "adverse events": ({}, ["fever"]),
    "characteristics": ({}, ["baseline"]),
    "everything": ({"n": 60}, list(BLOCKS)),
}


def parts(folder):
    """(Methods, all other text) of a report, figures' words included."""
    page = built.make(folder).files["report.html"]
    page = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.S)
    body = page[page.index("<body"):]
    found = re.search(r'<section id="methods">.*?</section>', body, re.S)
    assert found
    rest = body.replace(found[0], "")
    rest = re.sub(r'<section id="(?:references|reproducibility|limitations)">.*?</section>', "", rest, flags=re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ") for text in (found[0], rest)]


@pytest.mark.parametrize("name", STUDIES)
def test_methods_and_the_rest_speak_of_the_same_measures(tmp_path, name):
    options, analyses = STUDIES[name]
    methods, rest = parts(trial.write(tmp_path / "s", "".join(BLOCKS[one] for one in analyses), **{"n": 40} | options))
    described = {measure for measure, (said, _) in MEASURES.items() if re.search(said, methods)}
    shown = {measure for measure, (_, seen) in MEASURES.items() if re.search(seen, rest)}
    assert described == shown


def test_a_template_of_the_studys_own_shows_what_it_asks_for(tmp_path):
    folder = trial.write(tmp_path / "s", BLOCKS["response"], n=40)
    (folder / "sections").mkdir()
    own = '<section id="{{ section.id }}"><p>{{ value("response/early.odds_ratio@E:C", "estimate-ci") }}</p></section>'
    (folder / "sections" / "odds.html.j2").write_text(own, "utf-8")
    ours = '\n[[sections]]\nid = "methods"\ntitle = "Methods"\n\n[[sections]]\nid = "odds"\ntitle = "Odds"\n'
    (folder / "study.toml").write_text((folder / "study.toml").read_text("utf-8") + ours, "utf-8")
    methods, _ = parts(folder)
    assert "Odds ratios" in methods
    assert "Risk ratios" not in methods


def test_a_figure_alone_has_its_methods(tmp_path):
    more = """
[exhibits.curves]
kind = "survival-curve"
of = "os"
key = false
bands = false
[[sections]]
id = "methods"
title = "Methods"
[[sections]]
id = "survival"
title = "Survival"
exhibits = ["curves"]
"""
    folder = trial.write(tmp_path / "s", BLOCKS["os"] + more, n=40)
    (folder / "sections").mkdir()
    own = '<section id="{{ section.id }}">{{ exhibit("curves") }}</section>'
    (folder / "sections" / "survival.html.j2").write_text(own, "utf-8")
    methods, rest = parts(folder)
    assert "estimated by the Kaplan–Meier method" in methods
    assert "Hazard ratios" not in rest
