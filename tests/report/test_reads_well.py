"""Sentences as a journal prints them: nothing said twice in a paragraph, no sentence that begins with a numeral, no more
claimed of the software than it did.
"""

import re
from dataclasses import replace

import pytest

from report import limitations, methods_text
from report.cited import References
from report.prose import characteristics, hazards
from report.table import plain
from report.tables import characteristics as table
from report.told import Told
from tests import trial

ANALYSES = """
[analyses.baseline]
kind = "characteristics"
variables = ["age", "sex"]

[analyses.cox]
kind = "hazards"
endpoint = "rfs"
variables = ["arm", "age", "sex", "marker"]
multivariable = true
"""


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return trial.voice(trial.write(tmp_path_factory.mktemp("words"), ANALYSES, n=120, seed=5))


def test_a_paragraph_names_its_endpoint_and_its_model_once(voice):
    said = hazards.sentences(voice, voice.study.analyses["cox"])
    assert "relapse-free survival" in plain(said["opening"])
    found = [plain(one) for one in (*said["found"], *said["adjusted"])]
    assert any("hazard of an event (hazard ratio" in one for one in found)
    assert not any("relapse-free survival" in one or "in the adjusted model" in one for one in found)
    alone = plain(hazards.state(voice, voice.cell("cox/arm.adjusted=E@all")))  # as a claim quotes it
    assert "hazard of an event (relapse-free survival) in the adjusted model (hazard ratio" in alone
    assert alone.startswith("Experimental versus Control was")


def test_a_level_that_names_its_variable_needs_no_name_beside_it(voice, monkeypatch):
    assert plain(hazards._what(voice, "cox", "sex", "M")) == "Male versus female (sex)"
    monkeypatch.setitem(voice.study.frames["subjects"].columns["sex"].levels, "M", "Male sex")
    assert plain(hazards._what(voice, "cox", "sex", "M")) == "Male sex versus female"


def test_software_that_computed_nothing_is_not_said_to_have(voice):
    versions = {"python": "3.12.1", "numpy": "2.0", "scipy": "1.17", "pandas": "2.3", "lifelines": "0.30", "weasyprint": "70.0"}
    (said,) = methods_text.sentences(voice, Told.everything(voice), {}, versions, References())["software"]
    assert plain(said) == "The analyses were computed with Python 3.12.1, NumPy 2.0, SciPy 1.17 and pandas 2.3."


def test_a_design_is_spelled_as_the_rest_of_the_report(voice):
    assert voice.study.design == "randomised trial"
    design = " ".join(map(plain, methods_text.sentences(voice, Told.everything(voice), {}, {}, References())["design"]))
    assert "This is a randomized trial of 120 patients" in design


def test_no_sentence_begins_with_a_numeral(voice):
    said = [*limitations.sentences(voice), *hazards.sentences(voice, voice.study.analyses["cox"])["found"]]
    for sentence in map(plain, filter(None, said)):
        assert not re.search(r"(?:^|\. )\d", sentence)


@pytest.mark.parametrize(("label", "unit", "said"), [
    ("Positive lymph nodes", "", "Median number of positive lymph nodes was"),
    ("Marrow blasts", "%", "Median marrow blasts were"),
    ("Age", "years", "Median age was"),
])
def test_what_is_counted_has_a_number(voice, monkeypatch, label, unit, said):
    columns = dict(voice.study.frames["subjects"].columns)
    columns["age"] = replace(columns["age"], label=label, unit=unit)
    monkeypatch.setitem(voice.study.frames, "subjects", replace(voice.study.frames["subjects"], columns=columns))
    assert plain(characteristics.state(voice, voice.cell("baseline/age@E"))).startswith(said)
    assert said in plain(characteristics.sentences(voice, voice.study.analyses["baseline"])["numbers"])


@pytest.mark.parametrize(("patients", "told"), [(8, False), (10, True)])
def test_a_table_tells_no_balance_that_its_text_does_not_judge(tmp_path, patients, told):
    """Of four patients against four a standardized difference measures nothing but them; five are enough to be tested."""
    voice = trial.voice(trial.write(tmp_path, ANALYSES.partition("[analyses.cox]")[0], n=patients))
    assert ("SMD" in str(table.build(voice.results, voice.style.in_table, of="baseline").heads)) == told
    (text,) = map(plain, characteristics.sentences(voice, voice.study.analyses["baseline"])["balance"])
    assert ("is not judged" in text) != told
