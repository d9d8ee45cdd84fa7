"""Any result may be asked for in words, by a template or a claim: every address has a sentence, and it is true of it."""

from __future__ import annotations

import re

import pytest

from report import claims, prose
from stats.findings import Refused
from stats.results import PATIENT
from stats.study.types import Claim
from tests import built, contract_studies, trial

ARMS = {"one": ["X"], "two": ["R", "D"], "three": ["low", "mid", "high"]}


@pytest.fixture(scope="module", params=ARMS)
def voice(request, tmp_path_factory):
    return trial.voice(contract_studies.write(tmp_path_factory.mktemp("said") / "study", ARMS[request.param]))


def said(voice, address):
    return re.sub(r"\s+", " ", prose.finding(voice, address).striptags())


def test_every_result_has_a_sentence(voice):
    for cell in voice.results:
        if cell.variable != PATIENT and not cell.variable.endswith("curve"):
            text = prose.finding(voice, cell.address).striptags()
            assert re.fullmatch(r"\S.*\.", text, re.S), cell.address
            assert not re.search(r"\bnan\b|None|  | [.,;)]|\(\)", text), f"{cell.address}: {text}"


def test_every_result_can_be_claimed(voice):
    for cell in voice.results:
        if cell.variable != PATIENT and not cell.variable.endswith("curve") and cell.analysis in voice.study.analyses:
            for kind in ("difference", "no-difference", "value"):
                found = claims.one(voice, Claim("x", "said", kind, cell.address, printed={cell.group: "5"}))
                assert found.verdict in claims.MEANINGS, cell.address


@pytest.mark.parametrize(("address", "start"), [
    ("relapse/competing~6@X", "The cumulative incidence of the event that competes with relapse at 6 months was"),
    ("relapse/incidence~6@X", "The cumulative incidence of relapse at 6 months was"),
    ("relapse/events@X", "Relapse was seen in"),
    ("os/rmst~6@X", "Restricted mean overall survival up to 6 months was"),
    ("il6/tmax@X", "The peak of interleukin-6 was at a median of day"),
    ("il6/last@X", "Median last quantifiable value of interleukin-6 was"),
    ("il6/samples@X", "Samples per patient in the Treatment X group: n 36; median"),
    ("followup/survivors@X", "Those without an event for overall survival when last seen had been followed for"),
    ("tox/crs@X", "Cytokine release syndrome in the Treatment X group: missing 0."),
    ("tox/crs.duration@X", "Duration of cytokine release syndrome was a median of"),
    ("os/at_risk~6@X", "Overall survival, numbers at risk at 6 months in the Treatment X group: at risk"),
])
def test_what_a_sentence_is_about(address, start, tmp_path):
    found = trial.voice(contract_studies.write(tmp_path / "study", ["X"]))
    assert said(found, address).startswith(start)


def test_a_single_arm_is_not_told_from_all_patients(tmp_path):
    found = trial.voice(contract_studies.write(tmp_path / "study", ["X"]))
    assert [a for a in ("response/cr@all", "tox/crs=any@all", "il6/peak@all", "os/median@all")
            if "all patients" in said(found, a)] == []


def test_one_patient_is_spoken_of_in_the_singular(tmp_path):
    html = str(built.make(contract_studies.write(tmp_path / "study", ["X"], n=1)).files["report.html"])
    text = re.sub(r"<[^>]+>", "", html)
    assert "The analysis included 1 patient." in text
    assert "The study included 1 patient" in text


@pytest.mark.parametrize("address", ["il6/patient=001~7@R", "il6/patient=001.peak@R"])
def test_a_single_patient_is_never_quoted(address, tmp_path):
    claim = f'[claims.one]\nquote = "one"\ntype = "value"\nresult = "{address}"\nprinted = {{ R = "5" }}\n'
    folder = contract_studies.write(tmp_path / "claim", ["R", "D"], analyses=contract_studies.ANALYSES + claim)
    with pytest.raises(Refused) as refused:
        built.make(folder)
    assert [p.code for p in refused.value.problems] == ["E_UNKNOWN_NAME"]
    for call in (f'value("{address}", "{{value}}")', f'finding("{address}")'):
        folder = contract_studies.write(tmp_path / call[:5], ["R", "D"], analyses=contract_studies.ANALYSES
                                        + '[[sections]]\nid = "mine"\n')
        (folder / "sections").mkdir()
        (folder / "sections" / "mine.html.j2").write_text(f"<section><p>{{{{ {call} }}}}</p></section>", "utf-8")
        with pytest.raises(Refused) as refused:
            built.make(folder)
        assert [(p.code, "patient=" in p.reason.partition("did you mean")[2]) for p in refused.value.problems] == [
            ("E_TEMPLATE", False)]
