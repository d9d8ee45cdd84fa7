"""The ledger: a line for every P value, with the test, who was in it, and what other tests say."""

import importlib
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from report.table import plain
from report.tables import ledger
from stats.methods import descriptions
from stats.methods.tables import association
from tests import trial

ANALYSES = """
[analyses.baseline]
kind = "characteristics"
variables = ["age", "dose", "sex", "stage", "marker"]

[analyses.response]
kind = "proportion"
outcomes = ["early"]

[analyses.os]
kind = "survival"
endpoint = "os"
at = [12]

[analyses.relapse]
kind = "incidence"
endpoint = "relapse"

[analyses.cox]
kind = "hazards"
endpoint = "rfs"
variables = ["age", "site", "marker"]
multivariable = ["age", "marker"]

[analyses.virus]
kind = "kinetics"
analyte = "virus"

[analyses.fever]
kind = "adverse-events"
terms = ["fever"]
"""


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return trial.voice(trial.write(tmp_path_factory.mktemp("ledger"), ANALYSES))


@pytest.fixture(scope="module")
def shown(voice):
    return ledger.build(voice.results, voice.style.in_table)


def line(table, text):
    return next([plain(cell) for cell in found.cells] for found in table.lines if text in plain(found.label))


def test_every_p_value_has_a_line_of_its_own(voice, shown):
    made = [
        c
        for c in voice.results
        if c.analysis in voice.study.analyses
        and not math.isnan(c.get("p_value"))
        and not c.variable.endswith(("alternative", "permutation"))
        and voice.printed(c.address) == c.address  # of two P values of a restricted mean the printed one
    ]
    assert len([one for one in shown.lines if not one.heading]) == len(made)
    for cell in made:
        assert any(f'value="{cell.address}"' in one.cells[0] for one in shown.lines if one.cells), cell.address


def test_every_method_that_made_a_p_value_has_a_reason(voice):
    keys = {c.methods["p_value"] for name in voice.study.analyses for c in ledger.tested(voice.results, name)}
    assert keys <= set(ledger.WHY)
    assert set(ledger.WHY) <= set(descriptions())
    assert all(descriptions()[key].name for key in ledger.WHY)


def test_alternatives_are_no_tests_made(voice):
    made = [c for name in voice.study.analyses for c in ledger.tested(voice.results, name)]
    checks = [c for c in made if c.variable == "proportionality"]
    assert voice.cell("study/tests@all")["n"] == len(made) - len(checks)


def test_who_was_in_the_test_and_who_was_left_out(voice, shown):
    left = [voice.cell(f"baseline/age@{key}") for key in "EC"]
    whole = [voice.cell(f"baseline/population@{key}") for key in "EC"]
    labels = [plain(one.label).replace("\N{NO-BREAK SPACE}", " ") for one in shown.lines]
    used, missing = (f"{left[0][stat]:g} vs {left[1][stat]:g}" for stat in ("n", "missing"))
    assert f"Age ({used}; {missing} left out)" in labels
    assert f"Sex ({whole[0]['n']:g} vs {whole[1]['n']:g})" not in labels
    assert "Sex" in labels  # as its heading says
    heading = next(label for label, one in zip(labels, shown.lines, strict=True) if one.heading)
    assert heading.endswith(f"({whole[0]['n']:g} vs {whole[1]['n']:g})")
    model = voice.cell("cox/model@all")
    adjusted = f"({model['n']:g}; {model['missing']:g} left out)"
    own = next(label for label in labels if label.startswith("Marker, adjusted"))
    heads = [label for label, one in zip(labels, shown.lines, strict=True) if one.heading and "Cox regression" in label]
    assert own.endswith(adjusted) or heads[0].endswith(adjusted)


def test_every_line_has_the_patients_of_its_test_itself_or_in_its_heading(voice, shown):
    """Whoever reads a line and its heading knows who was in the test: numbers equal those of the tested cell."""
    cells = iter([c for name in voice.study.analyses for c in ledger.tested(voice.results, name)])
    heading = ""
    for one in shown.lines:
        label = plain(one.label)
        if one.heading:
            heading = label
            continue
        patients = plain(ledger._patients(voice, next(cells)))
        assert label.endswith(f"({patients})") or heading.endswith(f"({patients})"), label


@pytest.mark.parametrize(
    ("label", "others"),
    [
        ("Sex", ["mid-P", "chi-square"]),
        ("Dose", ["exact Wilcoxon"]),
        ("Stage", ["Wilcoxon", "linear-by-linear"]),
        ("Survival curves", ["exact permutation", "Cox", "studentized permutation test to 12 months"]),
        ("Restricted mean", ["restricted mean survival time to 12 months"]),
        ("Incidence curves", ["Fine–Gray"]),
        ("Peak", ["Wilcoxon", "geometric"]),
        ("Fever", ["Wilcoxon", "linear-by-linear"]),
    ],
)
def test_what_other_tests_stand_beside_a_test(shown, label, others):
    said = line(shown, label)[2]
    assert said.count(";") + said.count("The same:") == len(others) - 1
    assert all(name in said for name in others)


def test_a_drawn_p_value_has_its_monte_carlo_error_beside_it(voice, shown):
    drawn = voice.cell("os/rmst_difference.small~12@E:C")
    assert drawn.method == "rmst-permutation"
    assert drawn["error"] == pytest.approx(math.sqrt(drawn["p_value"] * (1 - drawn["p_value"]) / 10_000), rel=1e-9)
    told = f"(±{voice.style.text(drawn, '{error}')})"
    assert line(shown, "Restricted mean")[0].endswith(told)
    assert f"studentized permutation test to 12 months {voice.style.text(drawn, '{p_value}')} {told}" in (
        line(shown, "Survival curves")[2].replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "±" not in line(shown, "Sex")[0]


def test_the_adjusted_ratio_does_not_borrow_the_alternatives_of_the_single_one(shown):
    assert line(shown, "Age, adjusted")[2] == ""


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2, 0.5])
def test_the_verdict_names_the_tests_that_disagree(tmp_path, alpha):
    head = trial.HEAD.replace("seed = 7", f"seed = 7\nalpha = {alpha}")
    voice = trial.voice(trial.write(tmp_path, ANALYSES, head=head))
    table = ledger.build(voice.results, voice.style.in_table)
    cells = [c for name in voice.study.analyses for c in ledger.tested(voice.results, name)]
    for cell, one in zip(cells, (one for one in table.lines if not one.heading), strict=True):
        others = list(ledger.alternatives(voice.results, cell))
        apart, _, same = plain(one.cells[2]).removeprefix("Another verdict: ").rpartition(". The same: ")
        if all((other["p_value"] < alpha) == (cell["p_value"] < alpha) for other in others):
            assert "verdict" not in plain(one.cells[2])
            continue
        assert plain(one.cells[2]).startswith("Another verdict: ")
        for other in others:
            agrees = (other["p_value"] < alpha) == (cell["p_value"] < alpha)
            told = plain(ledger._timed(voice, other)) + " " + plain(ledger._p(voice, other))
            assert told in (same if agrees else apart or same), cell.address


def test_a_study_without_tests_says_so(tmp_path):
    head = trial.HEAD.replace('C = "Control"', "").replace('"2" = "C"', '"2" = "E"').replace('reference = "C"', "")
    voice = trial.voice(trial.write(tmp_path, '[analyses.f]\nkind = "followup"\nendpoint = "os"\n', head=head))
    assert [plain(one.label) for one in ledger.build(voice.results, voice.style.in_table).lines] == ["No test was made"]


def test_a_p_value_adjusted_in_its_family_stands_beside_the_raw_one(tmp_path):
    family = '[methods]\nmultiplicity = "holm"\n' + ANALYSES.replace('endpoint = "os"', 'endpoint = "os"\nfamily = "f"')
    voice = trial.voice(trial.write(tmp_path, family))
    table = ledger.build(voice.results, voice.style.in_table)
    shown = line(table, "Survival curves")[0]
    assert ", adjusted " in shown
    assert 'value="os/logrank.family@E:C"' in next(
        one.cells[0] for one in table.lines if one.cells and "Survival curves" in plain(one.label)
    )
    assert "adjusted" not in line(table, "Sex")[0]


def test_blocks_are_headed_by_what_they_are_of(shown):
    heads = [plain(one.label).partition(" (")[0] for one in shown.lines if one.heading]
    assert heads == [
        "Characteristics",
        "Proportion",
        "Overall survival",
        "Relapse",
        "Relapse-free survival: Cox regression",
        "Virus",
        "Adverse events",
    ]


LETTERED = trial.HEAD.replace('C = "Control"', 'C = "Control"\nN = "A new treatment with a long name"').replace(
    '"2" = "C" }', '"2" = "C", "3" = "N" }')


@pytest.mark.parametrize("module", ["ledger", "survival", "adverse_events", "characteristics"])
def test_contrasts_are_headed_as_the_groups_are_and_their_letters_explained(tmp_path, module):
    """A head that spells the groups out takes the room that the numbers of three groups need."""
    said = trial.voice(trial.write(tmp_path, ANALYSES, n=60, arms=("1", "2", "3"), head=LETTERED))
    build = importlib.import_module(f"report.tables.{module}").build
    names = {"survival": "os", "adverse_events": "fever", "characteristics": "baseline"}
    made = build(said.results, said.style.in_table, **({"of": names[module]} if module in names else {}))
    texts = [plain(one.label) for one in (*made.heads, *made.lines)]
    assert [text for text in texts if text.endswith("N vs C")]
    assert not any("A new treatment" in text for text in texts)
    assert any("C, Control" in plain(note) and "N, A new treatment with a long name" in plain(note) for note in made.notes)


def test_a_test_that_stands_in_for_another_has_no_reason_but_that(voice):
    """96 patients in a table of 54 cells aren't more than 100 patients with five expected in each."""
    table = np.array([2] * 42 + [1] * 12).reshape(6, 9)
    found = association(table)
    assert (table.sum(), found.method) == (96, "pearson-chi-square")
    cell = SimpleNamespace(methods={"p_value": found.method}, notes={"p_value": found.note})
    assert plain(ledger._why(voice, cell)) == found.note
    cell.notes = {"p_value": ""}
    assert "at least five expected" in plain(ledger._why(voice, cell))


@pytest.mark.parametrize(("p", "error", "said"), [
    (1.0, 0.0, ">0.99"), (0.995, 0.0007, ">0.99"), (0.0002, 0.0001, "<0.001"), (0.5, 0.005, "0.50 (±0.0050)")])
def test_a_bound_of_a_drawn_p_value_has_no_error(voice, p, error, said):
    """The error is of a number, and none is printed."""
    drawn = voice.cell("os/rmst_difference.small~12@E:C")
    cell = replace(drawn, stats={**drawn.stats, "p_value": p, "error": error})
    assert plain(ledger._p(replace(voice, style=voice.style.in_table), cell)) == said


@pytest.mark.parametrize(("competing", "said"), [
    (True, "Asymptotic: a competing event keeps the event from happening"),
    (False, "Asymptotic: whole curves of incidence are compared, whatever their shape")])
def test_the_reason_for_grays_test_speaks_of_competing_events_where_there_are_any(tmp_path, competing, said):
    """A death that comes first competes with a relapse; with death itself nothing does."""
    rest = f'[analyses.i]\nkind = "incidence"\nendpoint = "{"relapse" if competing else "os"}"\n'
    voice = trial.voice(trial.write(tmp_path, rest))
    notes = ledger.build(voice.results, voice.style.in_table).notes
    gray = [text for text in map(plain, notes) if "Asymptotic: a competing" in text or "curves of incidence" in text]
    assert len(gray) == 1
    assert said in gray[0]
