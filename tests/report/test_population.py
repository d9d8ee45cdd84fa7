"""Whom a number is about is said wherever it is not everybody; exhibits are where their section says."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from report import population, words
from stats.findings import Refused
from tests import built, contract_studies

TWICE = """
[analyses.os]
kind = "survival"
endpoint = "os"
at = [12]
[analyses.os_older]
kind = "survival"
population = "older"
endpoint = "os"
at = [12]
[analyses.tox]
kind = "adverse-events"
terms = ["crs"]
[analyses.tox_older]
kind = "adverse-events"
population = "older"
terms = ["crs"]
"""
TABLES = """
[exhibits.both]
kind = "survival"
of = ["os", "os_older"]
title = "Survival"
[exhibits.toxicity]
kind = "adverse-events"
of = ["tox", "tox_older"]
title = "Toxicity"
"""
SECTION = '[[sections]]\nid = "{id}"\ntitle = "All"\nexhibits = ["both", "toxicity"]\n'
CLAIM = """
[claims.older]
quote = "older patients of R lived longer"
type = "difference"
result = "os_older/logrank@D:R"
expect = "R > D"
"""


def page(folder, arms=("R", "D"), analyses=TWICE):
    return str(built.make(contract_studies.write(folder, arms, n=60, analyses=analyses)).files["report.html"])


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(("label", "said"), [
    ("evaluable at day 28", "patients evaluable at day 28"),
    ("in CR/CRi at day 28", "patients in CR/CRi at day 28"),
    ("all infused patients", "all infused patients"),
    ("Women", "women"),
    ("CR", "the CR population"),
])
def test_a_population_in_a_sentence(label, said):
    assert population.named(label) == said


@pytest.mark.parametrize(("sentence", "rest"), [
    ("Median survival was long.", "median survival was long."),
    ('<span class="label">Relapse</span> was seen.', '<span class="label">relapse</span> was seen.'),
    ('<span class="label">CR</span> was seen.', '<span class="label">CR</span> was seen.'),
    ('<span class="label">X</span> was high.', '<span class="label">X</span> was high.'),
])
def test_a_sentence_as_the_rest_of_another(sentence, rest):
    assert words.lower_start(Markup(sentence)) == rest


@pytest.mark.parametrize(("text", "tidy"), [
    ("It was 3 days .", "It was 3 days."), ("It was  3 days, in all .", "It was 3 days, in all."),
    ("It was 3 (P < .0001).", "It was 3 (P < .0001)."),
])
def test_a_sentence_with_an_empty_part(text, tidy):
    assert words.tidied(Markup(text)) == tidy


def test_paragraphs_findings_and_titles_name_the_population(tmp_path):
    html = page(tmp_path / "study", analyses=TWICE + CLAIM)
    text = plain(html)
    older = built.texts(html)
    count = [t.text for t in older if t.address == "os_older/population@all"]
    assert f"These results are of patients aged 50 years or more ({count[0]} of 60). Events for overall survival" in text
    assert "Among patients aged 50 years or more, overall survival" in text  # the claim's wording
    assert "Overall survival, patients aged 50 years or more." in text  # the figure without a title of its own
    assert text.count("These results are of") == 2


def test_blocks_of_a_table_are_told_apart_by_their_patients(tmp_path):
    html = page(tmp_path / "study", analyses=TWICE + TABLES + SECTION.format(id="results"))
    table = html[html.index('id="table-both"'):html.index('id="table-toxicity"')]
    assert "(n =" not in plain(table)
    assert "Overall survival, all patients" in plain(table)
    assert "Overall survival, patients aged 50 years or more" in plain(table)
    assert {"os/population@R", "os_older/population@R"} <= set(re.findall(r'value="([^"]+)"', table))
    toxicity = plain(html[html.index('id="table-toxicity"'):])
    assert "All patients Patients, n" in toxicity
    assert "patients aged 50 years or more Patients, n" in toxicity


@pytest.mark.parametrize("section", ["abstract", "methods", "limitations", "reproducibility", "references", "other"])
def test_every_section_shows_its_exhibits(section, tmp_path):
    html = page(tmp_path / "study", analyses=TWICE + TABLES + SECTION.format(id=section))
    assert 'id="table-both"' in html
    assert 'id="table-toxicity"' in html


def test_a_template_that_leaves_an_exhibit_out_is_refused(tmp_path):
    folder = contract_studies.write(tmp_path / "study", ["R", "D"], analyses=TWICE + TABLES + SECTION.format(id="mine"))
    (folder / "sections").mkdir()
    (folder / "sections" / "mine.html.j2").write_text(
        '<section id="{{ section.id }}"><h2>{{ section.title }}</h2>{{ exhibit("both") }}</section>', "utf-8")
    with pytest.raises(Refused) as refused:
        built.make(folder)
    assert [(p.code, "toxicity" in p.reason) for p in refused.value.problems] == [("E_UNUSED", True)]


def test_an_interval_of_less_confidence_than_alpha_is_explained(tmp_path):
    loose = contract_studies.write(tmp_path / "loose", ["R", "D"], n=60, head="confidence = 0.9", analyses=TWICE)
    text = plain(str(built.make(loose).files["report.html"]))
    assert "Where a comparison has no test, its interval decides" in text
    assert "90% CI" in text
    assert "95%" not in text
    assert "Where a comparison has no test" not in plain(page(tmp_path / "usual"))


def test_with_many_arms_ratios_stand_in_the_columns_of_their_arms(tmp_path):
    curves = '\n[analyses.relapse]\nkind = "incidence"\nendpoint = "relapse"\nat = [6]\n'
    html = page(tmp_path / "study", arms=("a", "b", "c", "ref"), analyses=TWICE + curves)
    rows = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", html, re.S)]
    ratios = {plain(row[0]): row for row in rows if "azard ratio" in row[0]}
    assert plain(ratios["Hazard ratio"][1]) == "Reference"
    assert ['value="os_older/hazard@b:a"' in ratios["Hazard ratio"][2], plain(ratios["Hazard ratio"][5])] == [True, ""]
    assert 'value="relapse/subhazard@ref:a"' in ratios["Subdistribution hazard ratio"][4]


@pytest.mark.parametrize("ids", [["methods"], ["references", "methods"], ["methods", "reproducibility"], ["results"]])
def test_what_is_cited_is_listed(ids, tmp_path):
    sections = "".join(f'[[sections]]\nid = "{one}"\ntitle = "{one}"\n' + ('exhibits = ["both", "toxicity"]\n' if not i else "")
                       for i, one in enumerate(ids))
    made = built.make(contract_studies.write(tmp_path / "study", ["R", "D"], n=60, analyses=TWICE + TABLES + sections),
                      formats=("html", "docx"))
    html = str(made.files["report.html"])
    cited = re.findall(r'href="#(reference-\d+)"', html)
    assert bool(cited) == ("methods" in ids)
    assert set(cited) == set(re.findall(r'id="(reference-\d+)"', html))
    assert html.count('id="reference-1"') == (1 if cited else 0)


def test_a_template_of_ones_own_is_checked_built_and_packed(tmp_path, capsys):
    from report.commands import check, package

    folder = contract_studies.write(tmp_path / "study", ["R", "D"], n=60, analyses=TWICE + TABLES + SECTION.format(id="mine"))
    (folder / "sections").mkdir()
    (folder / "sections" / "mine.html.j2").write_text(
        '<section id="{{ section.id }}"><h2>{{ section.title }}</h2>{{ exhibit("both") }}{{ exhibit("toxicity") }}</section>',
        "utf-8")
    assert check.run([str(folder)]) == 0
    assert package.run([str(folder), "--out", str(tmp_path / "packed")]) == 0
    assert "TEMPLATE" not in capsys.readouterr().err
