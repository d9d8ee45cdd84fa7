"""Groups without patients are told from patients of whom nothing is known, in results and in words."""

from __future__ import annotations

import re

import pytest

from report.counting import count
from stats.estimable import findings
from stats.results import limit_of
from stats.study.read import read
from tests.odd.made import SERIES, TWICE, laid, pages, patients, said, samples, voiced

TIMES = """[analyses.os]
kind = "survival"
endpoint = "os"
at = [6]
{}
[analyses.followup]
kind = "followup"
endpoint = "os"
[analyses.cox]
kind = "hazards"
endpoint = "os"
variables = ["age"]
"""
UNTIMED = {"os_t": lambda i: "" if i % 2 else 1 + i, "os_s": lambda i: "" if i % 2 else 1}


def noted(folder, rest, rows):
    results = count(read(laid(folder, rest, rows))).results
    return {(row.address, row.stat): row.note for row in results.rows}, results


def test_an_arm_without_a_known_time_has_patients(tmp_path):
    notes, results = noted(tmp_path / "s", TIMES.format(""), patients(12, **UNTIMED))
    assert results["os/population@D"]["n"] == 6
    assert notes["os/median@D", "estimate"] == notes["os/survival~6@D", "p"] == "no patient has a known time"
    assert notes["os/hazard@D:R", "estimate"] == "patients of only one group have a known time"
    assert notes["followup/median@D", "estimate"] == notes["followup/survivors@D", "max"] == "no patient has a known time"
    assert notes["os/median@R", "estimate"] == ""
    (code,) = {one.code for one in findings(results) if "os/median@D" in one.reason}
    assert code == "N_NO_VALUES"


def test_an_arm_without_patients_has_none(tmp_path):
    notes, _ = noted(tmp_path / "s", TIMES.format(""), patients(12, arm=lambda i: "R"))
    assert notes["os/median@D", "estimate"] == "no patients"
    assert notes["os/hazard@D:R", "estimate"] == "only one group has patients"


def test_beyond_a_landmark_and_in_a_regression(tmp_path):
    notes, _ = noted(tmp_path / "s", TIMES.format("landmark = 50"), patients(12, age=lambda i: ""))
    assert notes["os/median@all", "estimate"] == "no patient is followed beyond the landmark"
    assert notes["cox/age.hazard@all", "estimate"] == "no patient has a known time and a known value"


def test_an_outcome_that_nobody_has_known(tmp_path):
    notes, _ = noted(tmp_path / "s", TWICE.format("resp", ""), patients(12, cr=lambda i: "" if i % 2 else 1))
    assert notes["resp/rate@D", "p"] == "no patient has a known value"
    assert notes["resp/rate.difference@D:R", "estimate"] == "no patient of a group has a known value"
    text = said(voiced(tmp_path / "s"), "resp/rate.difference@D:R")
    assert text.endswith("could not be estimated: no patient of a group has a known value.")
    page = re.sub(r"<[^>]+>", "", pages(laid(tmp_path / "t", TWICE.format("resp", ""), patients(12, cr=lambda i: ""))))
    assert page.count("CR is known in no patient") == 2  # in the summary, and where the shares would stand
    assert "0/0" not in page.partition("Table 1")[0]


def test_a_time_to_the_peak_is_called_so_where_a_peak_is_known(tmp_path):
    """All below quantification: there is a peak, below the limit, and no time to it."""
    rest = SERIES.replace('scale = "log"', 'scale = "log", lloq = 50')
    series = [row for day in (7, 14) for row in samples(["<50"] * 12, day)]
    folder = laid(tmp_path / "s", rest, patients(12), series=series)
    page = re.sub(r"<[^>]+>", "", pages(folder))
    assert "The time to the peak of CAR transgene is known in no patient." in page
    assert "The peak of CAR transgene is known in" not in page
    assert "not estimable in arm" not in page
    voice = voiced(folder)
    assert limit_of(voice.cell("car/peak@all").notes["median"]) == ("<", 50)


def test_a_caption_names_no_groups_that_nobody_is_known_to_be_in(tmp_path):
    grouped = '[analyses.os]\nkind = "survival"\nendpoint = "os"\nby = "grp"\n'
    for name, rows, told in (("none", patients(12, grp=lambda i: ""), "Overall survival; group is known in no patient."),
                             ("some", patients(12), "Overall survival, by group.")):
        page = re.sub(r"<svg.*?</svg>|<[^>]+>", "", pages(laid(tmp_path / name, grouped, rows)), flags=re.S)
        assert f"Figure 1. {told}" in page.replace("\N{NO-BREAK SPACE}", " ")
        assert ("by group" in page) == (name == "some")


def test_a_figure_is_not_called_by_a_panel_that_it_has_not(tmp_path):
    rest = SERIES.replace('scale = "log"', 'scale = "log", lloq = 50')
    series = [row for day in (7, 14) for row in samples(["<50"] * 12, day)]
    page = re.sub(r"<svg.*?</svg>|<[^>]+>", "", pages(laid(tmp_path / "s", rest, patients(12), series=series)), flags=re.S)
    assert "CAR transgene: peak. Dots" in page


@pytest.mark.parametrize("measure", ["tmax", "auc"])
def test_what_is_known_of_some_is_named_by_its_name(tmp_path, measure):
    rest = SERIES.replace('scale = "log"', 'scale = "log", lloq = 50')
    series = [row for day in (7, 14, 20, 26, 28) for row in samples([day * 100] * 6 + ["<50"] * 6, day)]
    page = re.sub(r"<[^>]+>", "", pages(laid(tmp_path / "s", rest, patients(12), series=series)))
    name = {"tmax": "The time to the peak of CAR transgene", "auc": "Exposure to CAR transgene (area under the curve)"}[measure]
    assert f"{name} is known in 6 patients" in page.replace("\N{NO-BREAK SPACE}", " ")
