"""shell: the whole report before any data; no number in it that the study file doesn't declare."""

import re
import tempfile
from pathlib import Path

import pytest

from report import shell
from stats import derive, intake, synthesize
from stats import run as counting
from stats.study.read import read
from tests import built
from tests.odd.made import laid

CART = built.CART


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The shipped study's shell, from its study file alone."""
    import build_report

    place = tmp_path_factory.mktemp("shell")
    (place / "study").mkdir()
    (place / "study" / "study.toml").write_text((CART / "study.toml").read_text("utf-8"), "utf-8")
    out = place / "out"
    assert build_report.main(["shell", str(place / "study"), "--out", str(out), "--formats", "html", "--quiet"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "report-shell.html"]
    return (out / "report-shell.html").read_text("utf-8")


def inner(html):
    return [
        (address, re.sub(r"<[^>]+>", "", text))
        for address, text in re.findall(r'<data\b[^>]*?value="([^"]*)"[^>]*>(.*?)</data>', html, re.S)
    ]


def test_no_number_stands_where_a_result_will(html):
    shown = inner(html)
    assert len(shown) > 300
    left = [
        (address, text)
        for address, text in shown
        if re.search(r"\d", text) and not address.startswith(("study/cutoff", "study/confidence", "study/alpha"))
    ]
    assert [
        (a, t)
        for a, t in left
        if not re.fullmatch(r"\d+\s(?:months|days)", t)
        and re.search(r"\d", t.replace("95% CI", "").replace("×10⁶", ""))
    ] == []
    times = {t.replace("\xa0", " ") for _, t in left if re.fullmatch(r"\d+\s(?:months|days)", t)}
    assert times <= {"6 months", "12 months", "14 days", "28 days", "100 days"}


def test_words_that_results_choose_are_open(html):
    text = " ".join(t.text for t in built.texts(html))
    assert "xx ×10⁶/kg" in text.replace("\xa0", " ")
    assert "[differed | did not differ significantly] between" in text
    assert not re.search(r"\b(?:was|were) (?:higher|lower|longer|shorter|earlier|later) in", text)
    assert "does not exclude" not in text
    assert "All values are equal" not in text
    assert not [text for _, text in inner(html) if "not reached" in text]


def test_it_has_the_tables_the_captions_and_says_what_it_is(html):
    assert html.count("<figure") >= 8
    assert html.count("<table") >= 8
    assert "Progression-free survival" in html
    assert shell.BANNER in html
    assert "SYNTHETIC DATA" not in html
    assert '<section id="claims">' not in html
    assert '<section id="references">' in html


def test_a_study_without_sections_and_with_one_arm(run, study):
    text = (study / "study.toml").read_text("utf-8")
    text = text[: text.index("[claims.response]")].replace('D = "Donor"\n', "").replace('reference = "D"\n', "")
    (study / "study.toml").write_text(text, "utf-8")
    (study / "subjects.csv").unlink()
    said = run("shell", study, "--formats", "html")
    assert said.code == 0, said.all
    assert Path("build/sixteen-shell/report-shell.html").is_file()


def test_the_study_file_must_be_sound(run, study):
    (study / "study.toml").write_text("[study]\n", "utf-8")
    assert run("shell", study).code == 2


@pytest.mark.parametrize("folder", [CART, built.ROOT / "tests" / "studies" / "leipzig"])
def test_invented_patients_hold_no_comparison(folder):
    study = read(folder)
    with tempfile.TemporaryDirectory() as place:
        dummy, files = synthesize.study_and_files(study, Path(place))
        for name, text in files.items():
            (Path(place) / name).write_text(text, "utf-8")
        frames, problems = intake.load(dummy)
        assert [p.line() for p in problems if p.fatal] == []
        results = counting.run(dummy, derive.derive_all(dummy, frames)[0])
    p = {
        row.address: row.value
        for row in results.rows
        if row.stat == "p_value" and ":" in row.group and ".alternative" not in row.address and row.value == row.value
    }
    assert len(p) > 10
    assert {address: value for address, value in p.items() if value < 0.9} == {}


OF_THREE = """[endpoints.os2]
label = "Survival again"
time = "os_t"
status = "os_s"
[analyses.table]
kind = "characteristics"
variables = ["count"]
[analyses.os]
kind = "survival"
endpoint = "os"
by = "grp"
at = [6]
[analyses.model]
kind = "hazards"
endpoint = "os"
variables = ["age", "grp", "cr"]
multivariable = ["age", "grp"]
[analyses.same]
kind = "sensitivity"
endpoints = ["os", "os2"]
"""
SIDES = re.compile(
    r"\b(?:higher|lower|longer|shorter|earlier|later|better) (?:in|the|than|hazard|risk)\b|(?<!\| )\bdiffered\b(?! \|)"
    r"|included one|(?<!\[)\bwas (?:not significantly )?associated|verdict|could not be (?:compared|estimated)"
)


@pytest.mark.parametrize("seed", range(3))
def test_no_sentence_takes_a_side_for_invented_patients(tmp_path, seed):
    """Three groups, models, definitions of an endpoint and units with powers, whatever the invented patients are."""
    from report.commands.shell import pages

    study = f'seed = {seed}\nprimary = "os"'
    html = pages(read(laid(tmp_path / "s", OF_THREE, study=study, levels='["x", "y", "z"]',
                           columns='count = { type = "number", label = "Leukocytes", unit = "10^9/L" }')), "plain")[0]
    section = html[html.index('id="survival"') :]
    said = " ".join(re.sub(r"<[^>]+>", "", text) for text in re.findall(r"<p>.*?</p>", section, re.S))
    assert "[differed | did not differ significantly]" in said
    assert "[was | was not significantly] associated" in said
    assert SIDES.search(said) is None
    assert "10^9/L" in re.sub(r"<[^>]+>", "", html)
