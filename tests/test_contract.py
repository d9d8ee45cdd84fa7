"""Every analysis gives every address and statistic that the reference promises, whatever the arms and the patients."""

from __future__ import annotations

import pytest

from report.counting import count
from stats.study.read import read
from tests import built, conforms, contract, contract_studies
from tests.built import ROOT

STUDIES = {
    "one arm": {"arms": ["X"]},
    "one patient": {"arms": ["X"], "n": 1},
    "two arms": {"arms": ["R", "D"]},
    "three arms, reference in the middle": {"arms": ["low", "mid", "high"], "head": 'reference = "mid"'},
    "five arms": {"arms": ["1", "2", "A+B", "C_d", "E-f"], "n": 60},
    "an empty arm": {"arms": ["R", "D", "N"], "given": ["R", "D"]},
    "three patients in two arms": {"arms": ["R", "D"], "n": 3},
    "limits at ninety per cent": {"arms": ["R", "D"], "head": "confidence = 0.9\nalpha = 0.1"},
}


@pytest.mark.parametrize("name", STUDIES)
def test_nothing_promised_is_missing(name, tmp_path):
    folder = contract_studies.write(tmp_path / "study", **STUDIES[name])
    study = read(folder)
    assert contract.missing(study, count(study).results.csv()) == []


@pytest.mark.parametrize("name", ["cart", "single-arm"])
def test_nothing_promised_is_missing_in_shipped_studies(name):
    study = read(ROOT / "data" / name)
    assert contract.missing(study, count(study).results.csv()) == []


def test_the_checker_sees_what_is_missing(tmp_path):
    study = read(contract_studies.write(tmp_path / "study", ["R", "D"]))
    lines = count(study).results.csv().splitlines(keepends=True)
    less = "".join(line for line in lines if not line.startswith("os,hazard,,,D:R,upper,"))
    assert contract.missing(study, less) == ["os/hazard@D:R lacks upper"]
    unexplained = less + "os,hazard,,,D:R,upper,nan,cox,\n"
    assert contract.missing(study, unexplained) == ["('os', 'hazard', '', '', 'D:R', 'upper') is nan without a note"]


EXHIBITS = {  # every kind of exhibit, on the analyses of contract_studies
    "characteristics": "base",
    "proportion": "response",
    "survival": "os",
    "incidence": "relapse",
    "adverse-events": "tox",
    "kinetics": "il6",
    "shift": "tox",
    "ledger": "",
    "survival-curve": "os",
    "incidence-curve": "relapse",
    "course": "il6",
    "dots": "il6",
    "grades": "tox",
    "forest": "os",
}


@pytest.mark.parametrize("arms", [["X"], ["R", "D"], ["low", "mid", "high", "top"]], ids=["one", "two", "four"])
def test_every_kind_of_exhibit_stands_in_a_report(arms, tmp_path):
    chosen = {k: of for k, of in EXHIBITS.items() if len(arms) > 1 or k != "forest"}  # one arm has no ratios
    blocks = [
        f'[exhibits.e-{kind}]\nkind = "{kind}"\n' + (f'of = "{of}"\n' if of else "") for kind, of in chosen.items()
    ]
    shown = ", ".join(f'"e-{kind}"' for kind in chosen)
    section = f'[[sections]]\nid = "all"\ntitle = "All"\nexhibits = [{shown}]\n'
    analyses = contract_studies.ANALYSES + "\n".join(blocks) + section
    made = built.make(contract_studies.write(tmp_path / "study", arms, analyses=analyses))
    html = str(made.files["report.html"])
    assert (conforms.astray(html), conforms.unknown(made), conforms.misprinted(made)) == ([], set(), [])
    assert html.count("<figure") + html.count('<div class="table') == len(chosen)
