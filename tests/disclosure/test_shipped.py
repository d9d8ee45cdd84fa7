"""What is about to be shipped is looked through once more, labels and metadata included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from report import shipped
from report.build import build
from stats.study.identifying import IN_SHIPPED
from stats.study.read import read
from tests.bad_inputs import bends, running

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('title = "', 'title = "Ask a.b@example.org: ', "an e-mail address"),
        ('label = "Sex"', 'label = "Sex 078-05-1120"', "a social security number"),
        ('label = "Age"', 'label = "Age of Dr. Sommer"', "a person's name"),
    ],
)
def test_texts_of_the_study_file_are_told_by_file_and_kind(tmp_path, old, new, kind):
    study = running.copy(tmp_path / "study")
    bends.study(old, new)(study)
    made = build(read(study), style="plain", formats=("html",), code="0" * 64)
    found = [one for one in json.loads(str(made.files["findings.json"])) if one["code"] == "W_SHIPPED_PATTERN"]
    assert [(one["file"], one["row"]) for one in found] == [("report.html", None)]
    assert kind in found[0]["reason"]
    assert not {"example", "1120", "Sommer"} & set(found[0]["reason"].replace(".", " ").split())


@pytest.mark.parametrize("name", ["cart", "single-arm"])
def test_shipped_studies_hold_nothing_of_the_kind(name):
    study = read(DATA / name)
    made = build(study, style=study.style, formats=("html",), code="0" * 64)
    assert "W_SHIPPED_PATTERN" not in str(made.files["findings.json"])
    files = {key: data for key, data in made.files.items() if isinstance(data, str)}
    assert list(shipped.problems(str(made.files["report.html"]), files, IN_SHIPPED)) == []
