"""The letter of a P value is italic in figures where the journal's is, in SVG and in matplotlib alike, and measured so."""

from __future__ import annotations

import re
from functools import partial

import pytest
from drawn import drawing, texts
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from report import canvas, exhibits, italics
from report.counting import count
from report.faces import POINT, face
from report.kinds import module
from report.names import names
from report.plot import Sheet, blank, fitted, wrapped
from report.style import load, styles
from stats.study.read import read
from tests.built import CART, make

TEXT = re.compile(r"<text([^>]*)>([^<]*)</text>")


@pytest.fixture(scope="module")
def cart():
    study = read(CART)
    return study, count(study).results


def with_p(cart):
    """Every figure of the study that prints a P value: (kind, options)."""
    study, _ = cart
    plan = exhibits.plan(study)
    return [one for one in plan.exhibits.values() if one.kind in ("survival-curve", "incidence-curve", "dots", "grades")]


def test_marks_are_read_in_pairs_and_one_alone_to_the_end():
    text = f"Log-rank {italics.marked('P')} = .03"
    assert italics.runs(text) == [("Log-rank ", "normal"), ("P", "italic"), (" = .03", "normal")]
    assert italics.runs(text[:10]) == [("Log-rank ", "normal")]
    assert italics.runs(text[:11]) == [("Log-rank ", "normal"), ("P", "italic")]
    assert italics.plain(text) == "Log-rank P = .03"
    assert italics.html(f"{text} & more") == "Log-rank <i>P</i> = .03 &amp; more"


@pytest.mark.parametrize("name", styles())
def test_the_letter_is_the_journals(cart, name):
    study, results = cart
    style = load(name, names(study), results)
    for exhibit in with_p(cart):
        kind, options = module(exhibit.kind), exhibits.options(exhibit)
        width, high = kind.size(results, style, **options)
        draw = partial(kind.draw, results, style, **options)
        files = canvas.render(draw, style, width=width, height_mm=high, formats=("svg",), title="", salt="a")
        source = files["svg"].decode()
        letters = [about for about, said in TEXT.findall(source) if said == style.rules.p.symbol]
        slanted = [about for about in letters if 'font-style="italic"' in about]
        assert bool(slanted) == style.rules.p.italic
        assert len(slanted) == len(letters)
        figure = drawing(lambda f: kind.draw(results, style, f, **options), style, width, high)  # noqa: B023
        drawn = [text for text in texts(figure) if text.get_text() == style.rules.p.symbol]
        assert len(drawn) == len(letters)
        assert {text.get_fontproperties().get_style() for text in drawn} <= {"italic" if style.rules.p.italic else "normal"}
        assert italics.ON not in kind.alt(results, style, **options)


@pytest.mark.parametrize("ha", ["left", "center", "right"])
def test_runs_stand_side_by_side_and_are_as_wide_as_they_print(cart, ha):
    study, results = cart
    style = load("blood", names(study), results)
    text = f"Gray {italics.marked('P')} = .03"
    figure = drawing(lambda f: Sheet(f, style).text(40, 20, text, ha=ha, gid="p"), style, "single", 40.0)
    found = texts(figure, "p")
    assert [one.get_text() for one in found] == ["Gray", "P", "= .03"]
    sheet = blank(style, "single")
    start = 40 - sheet.wide(text) * {"left": 0, "center": 0.5, "right": 1}[ha]
    assert found[0].get_position()[0] == pytest.approx(start)
    assert sheet.wide(text) == pytest.approx(sum(_wide(style, *run) for run in italics.runs(text)), rel=0.02)
    assert found[1].get_position()[0] == pytest.approx(start + sheet.wide("Gray "))


def _wide(style, text, slant):
    """Millimetres, as matplotlib measures the same font."""
    font = face(style, slant=slant)
    advance, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(fname=str(font.file), size=font.size), False)
    return advance * POINT


def test_a_text_with_italics_is_shortened_and_broken_by_its_own_width(cart):
    study, results = cart
    sheet = blank(load("blood", names(study), results), "single")
    text = f"Log-rank {italics.marked('P')} = .03"
    assert fitted(sheet, text, sheet.wide(text)) == text
    assert sheet.wide(fitted(sheet, text, sheet.wide(text) - 1)) <= sheet.wide(text) - 1
    assert wrapped(sheet, text, sheet.wide("Log-rank  ")) == ["Log-rank", f"{italics.marked('P')} = .03"]


def test_legends_have_the_journals_letter(tmp_path):
    for style, letter in (("plain", "<i>P</i>, exact"), ("bmt", "<i>p</i>, exact"), ("lancet", " p, exact")):
        assert letter in make(CART, style).files["report.html"]
