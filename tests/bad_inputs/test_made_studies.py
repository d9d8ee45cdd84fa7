"""Study files made at random, with and without faults, are built or refused with findings; what is built holds only results.

RESULTWRIGHT_SLOW=1 makes several hundred of them.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from report.build import Built
from tests import built, conforms
from tests.bad_inputs import bends, fuzz, made_studies, running
from tests.bad_inputs.cases import CASES
from tests.bad_inputs.made_files import Made

SLOW = bool(os.environ.get("RESULTWRIGHT_SLOW"))
made = settings(
    deadline=None,
    derandomize=True,
    max_examples=300 if SLOW else 8,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
UNFILLED = ("{{", "}}", "{%", "%}", "Undefined")


def wrong_on_the_page(out: Path) -> list[str]:
    """What no page may hold: words for a number that isn't there, template text, numbers that are no result."""
    pages = {name: (out / name).read_text("utf-8") for name in ("report.html", "results.csv")}
    page = Built(files=pages, inputs={}, versions={})
    bare = running.bare_words(out)
    texts = [t.text for t in built.texts(pages["report.html"]) if any(mark in t.text for mark in UNFILLED)]
    unfilled = [
        text for text in texts if made_studies.LABELS[6] not in text
    ]  # a label of the study that looks like one
    return [
        *(f"bare word: {text}" for text in bare if "None was declared primary" not in text),  # English, that one
        *(f"unfilled: {text}" for text in unfilled),
        *(f"astray: {text}" for text in conforms.astray(pages["report.html"]) if re.search(r"\d", unlabelled(text))),
        *(f"unknown: {address}" for address in sorted(conforms.unknown(page))),
        *(f"misprinted: {address} {text}" for address, text in conforms.misprinted(page)),
    ]


def unlabelled(text: str) -> str:
    """Without the labels of the study that hold a digit: in the legend of a figure they stand as plain text."""
    return re.sub("|".join(re.escape(label) for label in made_studies.LABELS if re.search(r"\d", label)), "", text)


def tried(study: Made) -> tuple[str, list[str]]:
    """(built or refused, what was wrong with that)."""
    with tempfile.TemporaryDirectory() as place:
        folder = study.write(Path(place) / "study")
        came, wrong = fuzz.attempt(folder, Path(place) / "out")
        if wrong:
            return came, [wrong]
        return came, wrong_on_the_page(Path(place) / "out") if came == "built" else []


@made
@given(made_studies.studies())
def test_a_study_within_the_grammar_is_built_of_results_alone_or_refused_with_a_finding(
    study: Made,
) -> None:
    assert tried(study)[1] == []


@made
@given(st.integers(1, 3).flatmap(made_studies.studies))
def test_a_study_with_faults_ends_in_a_report_or_in_findings(study: Made) -> None:
    assert tried(study)[1] == []


def test_both_happen() -> None:
    """What is made isn't all refused for one dull reason: a good share within the grammar is built."""
    came: list[str] = []

    @settings(made, max_examples=10)
    @given(made_studies.studies())
    def tell(study: Made) -> None:
        came.append(tried(study)[0])

    tell()
    assert came.count("built") >= 3


def test_what_is_called_wrong_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail: a bare word, an unfilled place or a number of nobody's is noticed, and so is a crash."""
    out = tmp_path / "out"
    assert running.build(running.copy(tmp_path / "study"), out, "--no-cache").exit == 0
    assert wrong_on_the_page(out) == []
    page = (out / "report.html").read_text("utf-8")
    for bad in ("the median was nan", "{{ value }}", "it took 7 days", '<data value="pfs/none@R">five</data>'):
        (out / "report.html").write_text(page.replace("</main>", f"<p>{bad}</p></main>", 1), "utf-8")
        assert len(wrong_on_the_page(out)) == 1, bad

    def crash(*_: object, **__: object) -> object:
        raise RuntimeError("x")

    monkeypatch.setattr("stats.intake.load", crash)

    @settings(made, max_examples=3)
    @given(made_studies.studies())
    def seen(study: Made) -> None:
        assert tried(study)[0] != "built"

    seen()


KINETICS_OF_NOBODY = """
[exhibits.il6-dots]
kind = "dots"
of   = "il6_kinetics"

[exhibits.il6-table]
kind = "kinetics"
of   = "il6_kinetics"

[[sections]]
id       = "nobody"
exhibits = ["il6-dots", "il6-table"]

[populations]
nobody = { where = "age > 109" }
"""


def test_kinetics_of_nobody_by_a_column_say_so(tmp_path: Path) -> None:
    study = running.copy(tmp_path / "study") / "study.toml"
    kind = 'kind    = "kinetics"\n'
    text = study.read_text("utf-8").replace(kind, f'{kind}by = "sex"\npopulation = "nobody"\n', 1)
    study.write_text(text + KINETICS_OF_NOBODY, "utf-8")
    assert fuzz.attempt(study.parent, tmp_path / "out") == ("built", "")
    assert "No patient has a value that it could show." in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert wrong_on_the_page(tmp_path / "out") == []


def test_of_many_patients_none_may_have_a_peak(tmp_path: Path) -> None:
    """All values lie below the limit: so many patients that quantiles stand for them, and no time to a peak of any."""
    study = running.copy(tmp_path / "study") / "study.toml"
    text = study.read_text("utf-8").replace('scale = "log", window', 'scale = "log", lloq = 1e5, window')
    text = text.replace('kind    = "kinetics"\n', 'kind    = "kinetics"\nindividuals = 3\n', 1)
    study.write_text(text + KINETICS_OF_NOBODY.partition("[populations]")[0], "utf-8")
    out = tmp_path / "out"
    assert fuzz.attempt(study.parent, out) == ("built", "")
    assert wrong_on_the_page(out) == []
    panels = (out / "figures" / "figure-2-il6-dots.svg").read_text("utf-8")
    assert "Peak" in panels
    assert "Time to peak" not in panels


THREE_GROUPS = """
[analyses.marked]
kind     = "proportion"
outcomes = ["response"]
by       = "crs"
test     = false
"""
CRS = 'crs = { type = "category", label = "Worst CRS", source = "crs_grade", levels = ["0", "1", "2", "3", "4"] }\ncomment '


def test_shares_of_several_groups_without_a_test_are_compared_by_their_intervals(tmp_path: Path) -> None:
    """The sentence asked for the test of all groups, which the study file had switched off."""
    study = running.copy(tmp_path / "study") / "study.toml"
    text = study.read_text("utf-8").replace("\ncomment ", f"\n{CRS}", 1)
    study.write_text(text.partition("[exhibits.")[0] + THREE_GROUPS, "utf-8")
    out = tmp_path / "out"
    assert fuzz.attempt(study.parent, out) == ("built", "")
    assert wrong_on_the_page(out) == []
    said = [t for t in built.sentences((out / "report.html").read_text("utf-8")) if t.startswith("The rate of CR or PR")]
    assert sum("CRS 0" in text for text in said) == 4, "each of four groups against the first"


def test_groups_that_nobody_is_in_leave_a_column_of_everybody(tmp_path: Path) -> None:
    """No patient has a value of the column that makes the groups; the table asked for the first of them."""
    study = running.copy(tmp_path / "study") / "study.toml"
    bends.column(bends.SUBJECTS, "crs_grade", lambda value: "")(study.parent)
    text = study.read_text("utf-8").replace("\ncomment ", f"\n{CRS}", 1).partition("[exhibits.")[0]
    asked = 'kind = "sensitivity"\nendpoints = ["pfs", "os"]\nby = "crs"\nat = [12]\n'
    study.write_text(f"{text}[analyses.both]\n{asked}", "utf-8")
    out = tmp_path / "out"
    assert fuzz.attempt(study.parent, out) == ("built", "")
    assert wrong_on_the_page(out) == []
    assert "All patients" in (out / "report.html").read_text("utf-8")


UNTITLED = """
[exhibits.choices]
kind = "ledger"
[exhibits.said]
kind = "claims"
[exhibits.both]
kind = "survival"
of   = ["pfs", "os"]
[exhibits.patients]
kind = "characteristics"
of   = "baseline"
[[sections]]
id       = "all"
exhibits = ["choices", "said", "both", "patients"]
"""


def test_an_exhibit_without_a_title_is_called_after_what_it_shows(tmp_path: Path) -> None:
    study = running.copy(tmp_path / "study") / "study.toml"
    before, _, after = study.read_text("utf-8").partition("[exhibits.")
    study.write_text(before + UNTITLED + "[claims." + after.partition("[claims.")[2], "utf-8")
    out = tmp_path / "out"
    assert fuzz.attempt(study.parent, out) == ("built", "")
    text = Markup((out / "report.html").read_text("utf-8")).striptags()
    for caption in (
        "Every P value: the test",
        "What the abstract says and what the data show.",
        "Progression-free survival and overall survival: estimates.",
        "Characteristics of the patients.",
    ):
        assert f". {caption}" in text, caption
    assert ". ." not in text


def test_a_column_is_not_compared_between_its_own_levels(tmp_path: Path) -> None:
    study = running.copy(tmp_path / "study") / "study.toml"
    variables = 'variables = ["age", "sex", "peak"]\n'
    study.write_text(study.read_text("utf-8").replace(variables, f'{variables}by = "sex"\n'), "utf-8")
    outcome = running.build(study.parent, tmp_path / "out")
    assert outcome.exit == 2
    assert "sex makes the groups" in outcome.err


def test_a_share_whose_denominator_is_withheld_has_the_fewest_decimals() -> None:
    from types import SimpleNamespace

    from report.printing import share_digits
    from stats.results import Cell

    cell = Cell("a/b@R", "a", "b", "", None, "R", {"p": 1.0}, {}, {})
    numbers = SimpleNamespace(percent=((100, 0), (float("inf"), 1)))
    assert [share_digits(cell, numbers, size) for size in (float("nan"), 50.0, 200.0)] == [0, 0, 1]


@pytest.mark.parametrize("name", ["sheet-far-cell", "age-in-months-unlimited", "id-two-lines", "text-garbled"])
def test_odd_files_are_proposed_too(tmp_path: Path, name: str) -> None:
    """What a build takes or refuses, `init` takes or refuses as well, in words and in seconds."""
    study = running.bent(CASES[name], tmp_path / "study")
    data = sorted(str(path) for path in study.iterdir() if path.name != "study.toml")
    begun = time.process_time()
    outcome = running.command("init", *data, "--to", str(tmp_path / "new"))
    assert outcome.exit in (0, 2), outcome.printed
    assert "fault of the program" not in outcome.printed
    assert time.process_time() - begun < 20
