"""Pieces made while results are still being counted are those that are made when all are there; nothing is said too early."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from report import build as building
from report import counter
from report.ahead import Ahead
from report.build import prepare
from report.counting import Counting, count
from report.pieces import Pieces
from report.side import possible
from stats import run
from stats.arriving import Arriving, NotYet
from stats.results import STUDY, Results, Row
from stats.study.read import read
from tests import built, duck_studies
from tests.sixteen import write

SHIPPED = sorted(path.parent.name for path in (built.ROOT / "data").glob("*/study.toml"))


def row(analysis: str, variable: str, stat: str = "n", value: float = 1.0) -> Row:
    return Row(variable, stat, value, "all", analysis=analysis)


@pytest.fixture
def arriving() -> Arriving:
    """The facts and one of two analyses are there, which are a family: what is adjusted over both comes last."""
    made = Arriving(later=["os"])
    made.add([row(STUDY, "subjects", value=23), row(STUDY, "alpha", "p_value", 0.05)], STUDY)
    made.add([row("os", "logrank", "p_value", 0.04)], "os")
    made.add([row("cr", "rate", "p", 0.5)], "cr")
    return made


def test_what_is_there_is_told(arriving):
    assert arriving["study/subjects@all"]["n"] == 23
    assert "cr/rate@all" in arriving
    assert "os/logrank@all" in arriving
    assert [cell.address for cell in arriving.select("cr")] == ["cr/rate@all"]
    assert arriving.select("os", "logrank")[0]["p_value"] == 0.04
    assert len(arriving.of(["cr"])) == 3
    assert arriving.has(["cr"])
    assert not arriving.has(["cr", "os"])


def test_what_will_never_be_there_is_absent_once_its_analysis_is(arriving):
    assert "cr/rate.test@all" not in arriving
    assert arriving.select("cr", "shift") == []
    with pytest.raises(KeyError, match="cr/rate@al"):
        arriving["cr/rate@al"]


@pytest.mark.parametrize("asks", [
    lambda r: r["pfs/logrank@all"],
    lambda r: "pfs/logrank@all" in r,
    lambda r: "os/logrank.family@all" in r,
    lambda r: r.select("pfs"),
    lambda r: r.select("os"),
    lambda r: r.select("os", "logrank.family"),
    lambda r: r.select(STUDY),
    lambda r: "study/tests@all" in r,
    lambda r: r.public("study/tests@all"),
    lambda r: r.of(["os"]),
    lambda r: r.rows,
    len,
    list,
    lambda r: r.csv(),
    lambda r: r.json(),
    lambda r: r.methods(),
    lambda r: r.published(),
    lambda r: r.patients(),
])  # fmt: skip
def test_what_may_still_come_is_not_called_absent(arriving, asks):
    with pytest.raises(NotYet):
        asks(arriving)
    arriving.end([row("os", "logrank.family", "p_value", 0.08), row(STUDY, "tests")])
    with suppress(KeyError):  # nobody counts progression here
        asks(arriving)


def test_at_the_end_it_is_as_any_results(arriving):
    last = [row("os", "logrank.family", "p_value", 0.08), row(STUDY, "tests")]
    arriving.end(last)
    plain = Results(arriving.rows)
    assert arriving.csv() == plain.csv()
    assert [cell.address for cell in arriving] == [cell.address for cell in plain]
    assert arriving.select("os") == plain.select("os")
    assert arriving["study/tests@all"]["n"] == 1


def pieces_of(pieces: Pieces) -> dict[tuple[str, str], str]:
    return {("paragraph", name): str(pieces.paragraph(name)) for s in pieces.plan.sections for name in s.analyses} | {
        ("exhibit", name): str(pieces.exhibit(name)) for name in pieces.plan.exhibits
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_made_ahead_a_piece_is_the_same(name, monkeypatch):
    study = read(built.ROOT / "data" / name)
    whole = prepare(study, style=study.style, code="0" * 64, drawn=("svg",))
    given: list[Ahead] = []
    all_there = count(study)

    def counted(self, progress, meanwhile):
        given.append(meanwhile)
        return all_there

    monkeypatch.setattr(building.Counting, "counted", counted)
    prepare(study, style=study.style, code="0" * 64, drawn=("svg",))
    ahead, arriving = given[0], Arriving()
    assert not ahead(arriving)  # nothing is known yet
    rows = whole.voice.results.rows
    for analysis in (STUDY, *study.analyses):
        arriving.add([r for r in rows if r.analysis == analysis and not r.variable.startswith("tests")], analysis)
        while ahead(arriving):
            pass
    assert ahead.pieces is not None
    made = dict(ahead.pieces._made)
    arriving.end([r for r in rows if r.variable.startswith("tests")])
    assert set(made) >= {("paragraph", name) for name in study.analyses if whole.pieces.paragraph(name)}
    assert {name for what, name in made if what == "exhibit"} >= {
        name for name, e in whole.plan.exhibits.items() if e.of
    }
    assert {key: str(value) for key, value in made.items()} == {
        k: v for k, v in pieces_of(whole.pieces).items() if k in made
    }
    assert pieces_of(ahead.pieces) == pieces_of(whole.pieces)


@pytest.mark.skipif(not possible(), reason="no child processes here")
@pytest.mark.parametrize(
    ("also", "early"),
    [('privacy = "internal"', True), ('privacy = "journal"', True), ('privacy = "public"', False),
     ("patients_at_once = 10000", False)],
)  # fmt: skip
def test_with_results_that_arrive_a_report_is_the_same(tmp_path, monkeypatch, also, early):
    """For the public, and of patients in portions, all of them arrive together."""
    folder = write(tmp_path / "study")
    text = (folder / "study.toml").read_text("utf-8").replace("seed = 1", f"seed = 1\n{also}")
    (folder / "study.toml").write_text(text, "utf-8")
    study = read(duck_studies.through(folder, "parquet") if "at_once" in also else folder)
    formats = ("html", "pdf", "docx")
    here = building.build(study, style=study.style, formats=formats, code="0" * 64).files
    made, call, one = [], Ahead.__call__, run.one
    monkeypatch.setattr(Ahead, "__call__", lambda self, results: bool(call(self, results) and (made.append(1) or True)))
    monkeypatch.setattr(run, "one", lambda *words: time.sleep(0.1) or one(*words))
    monkeypatch.setattr(counter, "loaded", lambda: False)
    with Counting(study) as beside:
        there = building.build(study, style=study.style, formats=formats, code="0" * 64, counting=beside).files
    assert there == here
    assert (len(made) > 3) == early


def test_what_speaks_of_others_waits_for_them(tmp_path):
    """A piece that looks beyond the analyses it is about isn't made of half of what it shows."""
    study = read(write(tmp_path / "study"))
    pieces = prepare(study, style=study.style, code="0" * 64, drawn=("svg",)).pieces
    asked = []

    def looks_beyond(results: Arriving) -> Pieces:
        def paragraph(name: str) -> str:
            asked.append(name)
            return str(results["os/logrank@R:D"])

        made = Pieces(pieces.voice, pieces.plan, pieces.shown)
        made._paragraph = paragraph  # type: ignore[method-assign, assignment]
        made._exhibit = paragraph  # type: ignore[method-assign, assignment]
        return made

    arriving, ahead = Arriving(), Ahead(looks_beyond)
    rows = pieces.voice.results.rows
    arriving.add([r for r in rows if r.analysis == STUDY and not r.variable.startswith("tests")], STUDY)
    arriving.add([r for r in rows if r.analysis == "baseline"], "baseline")
    while ahead(arriving):
        pass
    assert "baseline" in asked
    assert ahead.pieces is not None
    assert ahead.pieces._made == {}
