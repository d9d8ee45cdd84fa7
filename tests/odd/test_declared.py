"""What is declared in an odd way is refused in words, or builds and says what is true."""

from __future__ import annotations

import re
import zipfile

import pytest
from markupsafe import Markup

from report.commands import package
from report.counting import count
from stats.findings import Refused
from stats.study.read import read
from tests.odd.made import SERIES, TWICE, laid, pages, patients, refused, said, samples, voiced

# ---- kinetics with nothing to draw


@pytest.mark.parametrize("figure", ["course", "dots"])
@pytest.mark.parametrize("day", [7, 90])
def test_a_figure_of_courses_that_nobody_has_says_so(tmp_path, figure, day):
    """Nobody was measured within the window, or one sample each, or all of them zero on a logarithmic axis."""
    shown = f'[exhibits.fig]\nkind = "{figure}"\nof = "car"\n'
    html = pages(laid(tmp_path / "s", SERIES + shown, series=samples([0] * 12, day)))
    assert ("No patient has a value that it could show" in html) == (day == 90 or figure == "dots")
    twice = [*samples([0] * 12), *samples([0] * 12, 8)]
    assert "<svg" in pages(laid(tmp_path / "s", SERIES + shown, series=twice))


def test_single_samples_are_not_called_no_measurements(tmp_path):
    html = pages(laid(tmp_path / "s", SERIES, series=samples([5] * 12)))
    assert "measured in 0 patients" not in Markup(html).striptags()
    assert "No patient was measured often enough for a peak of CAR transgene" in Markup(html).striptags()


@pytest.mark.parametrize("key", ["window = [1, 14]", "lloq = 5", "uloq = 50"])
def test_limits_of_an_analyte_are_not_those_of_one_analysis(tmp_path, key):
    (line,) = refused(laid(tmp_path / "s", SERIES + key + "\n", series=samples([5] * 12)))
    assert "[analytes.car]" in line


# ---- names that addresses can't hold


@pytest.mark.parametrize("level", ["all", "arms", "1:1"])
def test_a_level_that_no_address_can_name_is_no_group(tmp_path, level):
    rest = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\n'
    rows = patients(grp=lambda i: ("x", level)[i % 2])
    (line,) = refused(laid(tmp_path / "s", rest, rows, levels=f'["x", "{level}"]'))
    assert "analyses.os.by" in line
    assert repr(level) in line
    read(laid(tmp_path / "s", rest.replace('by = "grp"', ""), rows, levels=f'["x", "{level}"]'))


def test_an_analysis_is_not_called_study(tmp_path):
    (line,) = refused(laid(tmp_path / "s", '[analyses.study]\nkind = "characteristics"\nvariables = ["age"]\n'))
    assert "'study' can't name an analysis" in line


@pytest.mark.parametrize("name", ["os.time", "os.status", "rate.outcome"])
def test_what_is_derived_for_an_endpoint_is_no_characteristic(tmp_path, name):
    (line,) = refused(laid(tmp_path / "s", f'[analyses.base]\nkind = "characteristics"\nvariables = ["{name}"]\n'))
    assert f"no column called {name}" in line


def test_times_between_columns_may_stand_in_any_order(tmp_path):
    columns = {
        "one": 'one = { type = "date" }', "gap": 'gap = { type = "number", unit = "days", between = ["start", "one"] }',
        "more": 'more = { type = "number", unit = "days", between = ["gap", "one"] }',
    }
    rows = patients(one=lambda i: f"2018-02-{i + 1:02d}")
    rest = '[analyses.base]\nkind = "characteristics"\nvariables = ["more"]\n'
    found = [count(read(laid(tmp_path / "s", rest, rows, columns="\n".join(columns[name] for name in order)))).results.csv()
             for order in (("one", "gap", "more"), ("more", "gap", "one"))]
    assert found[0] == found[1]
    assert "more,,,R,n,6" in found[0]


def test_a_section_of_the_studys_own_may_show_a_drawing_with_bold_text(tmp_path):
    rest = """[analyses.os]
kind = "survival"
endpoint = "os"
ticks = [0, 6, 12]
[exhibits.fig]
kind = "survival-curve"
of = "os"
[[sections]]
id = "mine"
title = "Mine"
exhibits = ["fig"]
"""
    folder = laid(tmp_path / "s", rest, study="synthetic = true")
    (folder / "sections").mkdir()
    (folder / "sections" / "mine.html.j2").write_text('{{ exhibit("fig") }}', "utf-8")
    assert re.search(r"<text[^>]* font-weight=", pages(folder))


# ---- choices of one analysis in its own words

def test_limits_are_called_by_the_confidence_they_have(tmp_path):
    rest = TWICE.format("usual", "") + TWICE.format("narrow", "confidence = 0.8")
    folder = laid(tmp_path / "s", rest, patients(20))
    voice = voiced(folder)
    assert "95% CI" in said(voice, "usual/rate@R")
    assert "80% CI" in said(voice, "narrow/rate@R")
    assert "95%" not in said(voice, "narrow/rate.difference@D:R")
    text = Markup(pages(folder)).striptags().replace("\N{NO-BREAK SPACE}", " ")
    assert "Values are n/N (%; 80% CI)" in text
    assert "Values are n/N (%; 95% CI)" in text


def test_a_group_is_small_by_the_analysis_own_word(tmp_path):
    rest = TWICE.format("strict", "fewest = 12") + TWICE.format("mild", "fewest = 2")
    voice = voiced(laid(tmp_path / "s", rest, patients(6, cr=lambda i: i % 2)))
    assert "fewer than twelve patients" in said(voice, "strict/rate.difference@D:R")
    assert "fewer than" not in said(voice, "mild/rate.difference@D:R")


def test_p_values_are_counted_by_the_alpha_that_is_printed(tmp_path):
    rest = '[analyses.base]\nkind = "characteristics"\nvariables = ["age", "cr", "a", "b"]\nalpha = 0.5\n'
    rows = patients(20, a=lambda i: (i * 7) % 5, b=lambda i: i // 3)
    voice = voiced(laid(tmp_path / "s", rest, rows, columns='a = { type = "number" }\nb = { type = "number" }'))
    assert "value below 0.5" in said(voice, "base/balance@D:R")
    assert voice.results["study/tests@all"]["n"] == 4  # the level is no test


def test_claims_have_their_table_where_no_exhibit_is_declared(tmp_path):
    claim = '[claims.c]\nquote = "All responded."\ntype = "value"\nresult = "resp/rate@R"\n'
    page = pages(laid(tmp_path / "s", TWICE.format("resp", "") + claim))
    assert 'id="table-claims-table"' in page
    assert page.count("All responded.") == 1


@pytest.mark.parametrize("severe", [0, 6, 9])
def test_a_grade_that_there_is_not_is_none_to_be_severe(tmp_path, severe):
    rest = '[terms]\nrash = {{ label = "Rash" }}\n[frames.events]\nfile = "series.csv"\n[analyses.ae]\n' \
           'kind = "adverse-events"\nterms = ["rash"]\nsevere = {}\n'
    (line,) = refused(laid(tmp_path / "s", rest.format(severe)))
    assert "grades go from 1 to 5" in line


def test_dots_are_of_measures_that_are_known_of_each_patient(tmp_path):
    figure = '[exhibits.d]\nkind = "dots"\nof = ["car"]\nmeasures = {}\n[[sections]]\nid = "k"\ntitle = "K"\nexhibits = ["d"]\n'
    (line,) = refused(laid(tmp_path / "s", SERIES + figure.format('["peak", "auc"]')))
    assert "not auc" in line
    rows = samples(range(10, 22), 7) + samples(range(30, 42), 9)
    page = pages(laid(tmp_path / "t", SERIES + figure.format('["peak"]'), series=rows))
    assert "CAR transgene: peak." in re.sub("<[^>]+>", "", page)


def own(folder, template, exhibits='"t"'):
    """A study with a section template of its own."""
    rest = TWICE.format("resp", "") + f"""[exhibits.t]
kind = "proportion"
of = ["resp"]
[[sections]]
id = "tables"
title = "Ours"
template = "ours"
analyses = ["resp"]
exhibits = [{exhibits}]
[[sections]]
id = "methods"
title = "Methods"
[[sections]]
id = "references"
title = "References"
"""
    laid(folder, rest)
    (folder / "sections").mkdir()
    (folder / "sections" / "ours.html.j2").write_text(f'<section id="tables">{template}</section>', "utf-8")
    return folder


@pytest.mark.parametrize(("template", "said"), [
    ('{{ exhibit("t") }}{{ exhibit("t") }}', "shows exhibit t more than once"),
    ('{{ exhibit("t") }}{{ ref("tt") }}', "there is no exhibit 'tt' (did you mean 't'?)"),
])  # fmt: skip
def test_what_a_template_of_ones_own_does_wrong_is_said_for_the_page_too(tmp_path, template, said):
    with pytest.raises(Refused) as caught:
        pages(own(tmp_path / "s", template))
    assert said in caught.value.problems[0].line()


def test_a_paper_is_packed_whatever_its_sections_are_called(tmp_path):
    """Parts that a journal wants at the end have names of their own; works that a section lists are listed once."""
    folder = own(tmp_path / "s", '<h2>Ours</h2>{{ paragraph("resp") }}{{ exhibit("t") }}')
    assert package.run([str(folder), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    with zipfile.ZipFile(tmp_path / "out" / "manuscript.docx") as file:
        text = re.sub(r"<[^>]+>", "", file.read("word/document.xml").decode("utf-8"))
    assert len(re.findall("Clopper CJ", text)) == 1


LANDMARK = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nlandmark = {}\n'


@pytest.mark.parametrize(("landmark", "beyond"), [(3, False), (60, True)])
def test_a_landmark_that_nobody_is_followed_to_is_warned_about(tmp_path, landmark, beyond):
    problems = count(read(laid(tmp_path / "s", LANDMARK.format(landmark)))).problems
    said_of = [p.reason for p in problems if p.code == "W_FEW_AT_RISK" and "landmark" in p.reason]
    assert bool(said_of) == beyond


def test_limitations_say_from_when_a_landmark_analysis_counts(tmp_path):
    rest = '[analyses.whole]\nkind = "survival"\nendpoint = "os"\n' + LANDMARK.format(4)
    page = Markup(pages(laid(tmp_path / "s", rest))).striptags().replace("\u00a0", " ")
    assert "Overall survival from the landmark at 4 months rests on 4 events in 8 patients" in page
    assert "Overall survival rests on 6 events in 12 patients" in page


def test_captions_say_by_what_patients_are_grouped(tmp_path):
    rest = TWICE.format("arms", "") + TWICE.format("groups", 'by = "grp"')
    page = Markup(pages(laid(tmp_path / "s", rest))).striptags()
    assert "Response. " in page
    assert "Response, by group." in page
