"""Pictures made beside the build are those that would be made in it, and nothing is started for figures that are kept."""

import os

import pytest

from report import build as building
from report.build import prepare
from report.counting import Counting
from report.drawer import Drawer
from report.output import Fault
from report.side import Side
from stats.cache import Cache
from stats.study.read import read
from tests import built
from tests.sixteen import write

FORMATS = ("svg", "png")


def shown(study, drawer=None, cache=None):
    made = prepare(study, style=study.style, code="0" * 64, drawn=FORMATS, drawer=drawer,
                   counting=Counting(study, cache, beside=False)).shown
    return {name: (dict(one.files), one.legend, one.figure().alt, one.width) for name, one in made.items() if not one.is_table}


@pytest.mark.parametrize("processors", [1, 2])
def test_drawn_beside_the_build_a_figure_is_the_same(monkeypatch, processors):
    study = read(built.ROOT / "data" / "single-arm")
    here = shown(study)
    assert here
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    with Drawer(study, study.style, building.banner(study)) as drawer:
        assert shown(study, drawer) == here


def test_figures_may_be_looked_at_in_any_order_and_twice(tmp_path):
    study = read(write(tmp_path / "study"))
    with Drawer(study, study.style, "") as drawer:
        made = prepare(study, style=study.style, code="0" * 64, drawn=FORMATS, drawer=drawer).shown
        figures = [one for one in made.values() if not one.is_table]
        last = [one.files["png"] for one in reversed(figures)]
        assert [one.files["png"] for one in figures] == last[::-1]
        assert figures[0].files is figures[0].files
        assert set(figures[0].files) == {"svg", "png"}
        with pytest.raises(KeyError):
            figures[0].files["tiff"]


def test_for_what_is_kept_no_process_is_started(tmp_path, monkeypatch):
    study, cache = read(write(tmp_path / "study")), Cache(tmp_path / "kept")
    with Drawer(study, study.style, "") as drawer:
        building.exhibits.keep(cache, prepare(study, style=study.style, code="0" * 64, drawn=FORMATS, drawer=drawer,
                                              counting=Counting(study, cache, beside=False)).shown)
    started = []
    monkeypatch.setattr(Side, "__init__", lambda self, *words: started.append(words))
    with Drawer(study, study.style, "") as drawer:
        assert shown(study, drawer, cache)
    assert started == []


def test_for_a_page_alone_no_process_is_started(tmp_path, monkeypatch):
    study, started = read(write(tmp_path / "study")), []
    monkeypatch.setattr(Side, "__init__", lambda self, *words, **options: started.append(words))
    files = building.build(study, style=study.style, formats=("html",), code="0" * 64).files
    assert "<svg" in files["report.html"]
    assert started == []


def test_what_goes_wrong_in_a_drawing_is_said(tmp_path, monkeypatch):
    study = read(write(tmp_path / "study"))

    def broken(*words, **options):
        raise ValueError("an extreme of nothing")

    monkeypatch.setattr("report.drawer.draw", broken)
    with Drawer(study, study.style, "") as drawer, pytest.raises((Fault, ValueError), match="an extreme of nothing"):
        shown(study, drawer)
