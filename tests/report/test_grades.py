"""Stacked grades: widths are shares, counts stand inside, colours tell grades apart in grey."""

from functools import partial
from itertools import pairwise

import made
import pytest
from drawn import box, drawing, sound, texts
from matplotlib.patches import Polygon

from report.arms import lightness, luminance
from report.figures import grades
from report.names import Names
from report.style import load
from stats.results import Results, number
from stats.study.types import Analysis

OF = {"tox": Analysis("tox", "adverse-events")}
WORST = {"crs": {"R": [0, 1, 1, 2, 3, 1, 0, 0, 2, 4], "D": [0, 0, 1, 1, 1, 2, 2, 2, 3, 5, 1, 0, 0]},
         "icans": {"R": [0] * 9 + [3], "D": [0] * 11 + [1, 2]},
         "agvhd": {"R": [], "D": [0] * 12 + [2]}}


def build(data=None, style="blood", labels=made.ARMS):
    data = data or WORST
    results = Results(made.toxicity("tox", data))
    arms = {arm: labels[arm] for arm in next(iter(data.values()))}
    return results, load(style, Names(made.study(arms, OF)), results)


def figure(data=None, style="blood", labels=made.ARMS, **options):
    results, journal = build(data, style, labels)
    size = grades.size(results, journal, of="tox", **options)
    return results, drawing(partial(grades.draw, results, journal, of="tox", **options), journal, *size)


MANY = {"neutropenia": {arm: [0, 1, 2, 3, 4, 5] * 20 + [4] for arm in made.ARMS}}


@pytest.mark.parametrize("parts", [{}, {"style": "lancet"}, {"labels": made.LONG}, {"data": MANY},
                                   {"data": {"crs": {"R": [0] * 299 + [1]}}}])
def test_everything_is_inside_and_apart(parts):
    sound(figure(**parts)[1])


def test_parts_are_shares_and_carry_their_counts():
    results, drawn = figure()
    patches = {p.get_gid(): p for p in drawn.findobj(Polygon) if (p.get_gid() or "").startswith("part-")}
    counts = {t.get_gid(): t for t in texts(drawn) if (t.get_gid() or "").startswith("count-")}
    (axes,) = drawn.axes
    whole = axes.get_window_extent().width
    for cell in results.select("tox"):
        if cell.group == "all" or not cell.level.isdigit():
            continue
        assert (f"part-{cell.address}" in patches) == (cell["n"] > 0)
        if cell["n"]:
            part = patches[f"part-{cell.address}"]
            assert part.get_window_extent().width / whole == pytest.approx(cell["p"], abs=1e-6)
            text = counts[f"count-{cell.address}"]
            assert text.get_text() == number(cell["n"])
            inside, ink = part.get_window_extent(), box(text)
            assert inside.x0 < ink.x0 < ink.x1 < inside.x1
            assert inside.y0 < ink.y0 < ink.y1 < inside.y1


def test_counts_without_room_are_left_out():
    _, drawn = figure({"crs": {"R": [0] * 299 + [1]}})
    assert [t.get_text() for t in texts(drawn) if (t.get_gid() or "").startswith("count-")] == ["299"]


def test_terms_choose_and_order():
    _, drawn = figure(terms=("agvhd", "crs"))
    assert [t.get_text() for t in texts(drawn, "event")] == ["Acute GVHD", "Cytokine release syndrome"]


def test_grades_differ_in_grey_and_counts_can_be_read():
    grey = [lightness(colour) for colour in grades.RAMP]
    assert all(a - b >= 9 for a, b in pairwise(grey))
    for colour in grades.RAMP:
        light = luminance(colour)
        ratio = (light + 0.05) / 0.05 if light > 0.18 else 1.05 / (light + 0.05)
        assert ratio >= 4.5


def test_alternative_text_has_every_count():
    results, style = build()
    said = grades.alt(results, style, of="tox")
    assert "Recipient-derived, 10 evaluable: grade 0 in 3, grade 1 in 3, grade 2 in 2, grade 3 in 1" in said
    assert "Recipient-derived, 0 evaluable: none" in said
    assert not any(c.isdigit() for c in " ".join(grades.legend(results, style, of="tox")))
