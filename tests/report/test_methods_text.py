"""Methods: in paragraphs by what is compared, works numbered as they are cited."""

import re

import pytest

from report.cited import References
from report.methods_text import sentences
from report.table import plain
from report.told import Told
from stats.methods.types import Description
from tests import trial

CHARACTERISTICS = '[analyses.baseline]\nkind = "characteristics"\nvariables = ["age", "sex"]\n'
SURVIVAL = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nat = [12]\n'
KINETICS = '[analyses.virus]\nkind = "kinetics"\nanalyte = "virus"\n'


def said(folder, analyses):
    voice = trial.voice(trial.write(folder, analyses))
    return sentences(voice, Told.everything(voice), {}, {}, References())


def test_times_to_events_have_a_paragraph_of_their_own_wherever_they_stand_in_the_study(tmp_path):
    found = said(tmp_path, CHARACTERISTICS + SURVIVAL + KINETICS)
    described, times, inference = (" ".join(map(plain, part)) for part in found["paragraphs"])
    assert described.startswith("Percentages are of the patients with a known value")
    assert "Wilcoxon" in described
    assert "geometric means" in described
    assert times.startswith("Survival was estimated by the Kaplan–Meier method")
    assert "Wilcoxon" not in times
    assert inference.startswith("Tests are two-sided")
    assert found["statistics"] == [sentence for part in found["paragraphs"] for sentence in part]


def test_works_are_numbered_as_a_reader_meets_them(tmp_path):
    voice = trial.voice(trial.write(tmp_path, SURVIVAL + CHARACTERISTICS))
    defined = {"a": Description("Defined.", "Blood 2014;124:188"), "b": Description("Defined, too.", "Lancet 2014;1:2")}
    found = sentences(voice, Told.everything(voice), defined, {}, References())
    cited = [int(one) for key in ("definitions", "statistics")
             for one in re.findall(r'href="#reference-(\d+)"', "".join(map(str, found[key])))]
    assert cited[:2] == [1, 2]
    first = list(dict.fromkeys(cited))
    assert first == list(range(1, len(first) + 1))
    assert len(first) > 5


@pytest.mark.parametrize(("analyses", "begins"), [
    (CHARACTERISTICS, ["Percentages", "Tests"]),
    (SURVIVAL, ["Percentages", "Survival", "Tests"]),
])
def test_there_is_no_empty_paragraph(tmp_path, analyses, begins):
    found = said(tmp_path, analyses)
    assert [plain(part[0]).split()[0] for part in found["paragraphs"]] == begins
