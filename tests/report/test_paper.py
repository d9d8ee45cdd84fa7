"""The SVG that pages show is the drawing that matplotlib would make of the same marks, and nothing is left out on the way."""

import re
import xml.etree.ElementTree as ET
from functools import partial

import made
import numpy as np
import pytest
from drawn import SVG
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle

from report import canvas, exhibits
from report.build import prepare
from report.faces import POINT
from report.names import Names
from report.paper import NeedsMatplotlib, Paper
from report.plot import Box, Sheet
from report.style import load
from report.svg import tidy
from report.symbols import outline
from stats.study.read import read
from tests import built

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
COMMAND = re.compile(r"([MLHVCZz])([^MLHVCZz]*)")
NEAR = 0.021  # points: both round to a hundredth


@pytest.fixture(scope="module")
def style():
    return load("blood", Names(made.study(made.ARMS, {})))


def routes(path):
    """The lines of a path, each as points that turn: what lies on the way from one to the next is left out."""
    found, at = [], (0.0, 0.0)
    for letter, rest in COMMAND.findall(path):
        numbers = [float(n) for n in NUMBER.findall(rest)]
        if letter in "Zz":
            found[-1].append(found[-1][0])
            continue
        if letter in "HV":
            numbers = [numbers[0], at[1]] if letter == "H" else [at[0], numbers[0]]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if letter == "M":
            found.append([])
        found[-1] += points
        at = points[-1]
    return [turns(points) for points in found]


def turns(points):
    kept = []
    for x, y in points:
        if kept and np.hypot(x - kept[-1][0], y - kept[-1][1]) < NEAR:
            continue
        if len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2:]
            # a straight way on, or one that is too short to tell
            if abs((bx - ax) * (y - by) - (by - ay) * (x - bx)) < NEAR * np.hypot(x - ax, y - ay) and \
                    (bx - ax) * (x - bx) + (by - ay) * (y - by) > 0:
                kept[-1] = (x, y)
                continue
        kept.append((x, y))
    return np.array(kept or points[:1])


def said(element):
    """Attributes and style as one table."""
    parts = [part.split(":", 1) for part in element.get("style", "").split(";") if part.strip()]
    return {**element.attrib, **{name.strip(): value.strip() for name, value in parts}}


def marks(source):
    """What is drawn, one after the other."""
    found = []
    for element in ET.fromstring(source).iter():
        about = said(element)
        if element.tag == f"{SVG}text":
            turn = NUMBER.findall(about.get("transform", "0"))[0]
            anchor = about.get("text-anchor", "start")
            found.append(("text", element.text, float(about["font-size"].removesuffix("px")), about.get("font-weight", "400"),
                          about.get("font-style", "normal"), about.get("fill", "#000000").lower(), float(turn), anchor,
                          float(about["x"]), float(about["y"])))
        elif element.tag == f"{SVG}path":
            alpha = float(about.get("opacity", about.get("fill-opacity", 1)))
            fill, stroke = about.get("fill", "#000000").lower(), about.get("stroke", "none").lower()
            dash = [float(n) for n in NUMBER.findall(about.get("stroke-dasharray", ""))]
            width = float(about.get("stroke-width", 1)) if stroke != "none" else 0.0
            if fill == stroke == "none":
                continue
            found.append(("path", fill, alpha, stroke, width, dash, about.get("stroke-linejoin") if width else None,
                          routes(about["d"])))
    return found


def same(ours, theirs):
    assert [one[0] for one in ours] == [one[0] for one in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        if mine[0] == "text":
            assert mine[1:8] == other[1:8]
            assert mine[8:] == pytest.approx(other[8:], abs=NEAR)
            continue
        assert mine[1] == other[1]
        assert mine[2:5] == (pytest.approx(other[2]), other[3], pytest.approx(other[4]))
        assert mine[5] == pytest.approx(other[5], abs=0.01)
        assert (mine[6] or "round") == (other[6] or "round")
        assert len(mine[7]) == len(other[7])
        for a, b in zip(mine[7], other[7], strict=True):
            assert a.shape == b.shape, (a, b)
            assert np.abs(a - b).max() < 2 * NEAR


@pytest.fixture(autouse=True)
def _every_step(monkeypatch):
    """Matplotlib leaves out steps of less than a ninth of a point where a line has many."""
    monkeypatch.setitem(canvas._RC, "path.simplify", False)


def both(draw, style, **about):
    """Marks as our own SVG has them, and as matplotlib's has them, without the white that lies under all."""
    ours = canvas.render(draw, style, formats=("svg",), **about)["svg"]

    def refused(paper):
        raise NeedsMatplotlib("everything")

    def by_matplotlib(figure):
        return refused(figure) if isinstance(figure, Paper) else draw(figure)

    theirs = canvas.render(by_matplotlib, style, formats=("svg",), **about)["svg"]
    white = [one for one in marks(theirs) if one[0] != "path" or one[1:4] != ("#ffffff", 1.0, "none")]
    return marks(ours), sorted(white, key=lambda one: one[0] == "text" and one[5] == canvas.BANNER_INK.lower())


@pytest.mark.parametrize("name", ["cart", "breast", "single-arm"])
def test_figures_are_what_matplotlib_draws(name):
    study = read(built.ROOT / "data" / name)
    ready = prepare(study, style=study.style, code="0" * 64, drawn=("svg",))
    figures = [exhibit for exhibit in ready.plan.exhibits.values() if not exhibits.is_table(exhibit.kind)]
    assert figures
    for exhibit in figures:
        kind, options = exhibits.module(exhibit.kind), exhibits.options(exhibit)
        results, style = ready.voice.results, ready.voice.style
        width, height = kind.size(results, style, **options)
        draw = partial(kind.draw, results, style, **options)
        ours, theirs = both(lambda figure, draw=draw: draw(figure), style, width=width, height_mm=height, banner="NOBODY")
        assert len(ours) > 10
        same(ours, theirs)


def test_every_mark_is_what_matplotlib_draws(style):
    """All that a sheet can draw, on a logarithmic panel and beside it, and what lies over what."""
    def draw(figure):
        sheet = Sheet(figure, style)
        one, two = (sheet.panel(Box(left, 12, 25, 40, (0, 10), (1, 1000), log)) for left, log in ((12, True), (50, False)))
        for panel in (one, two):
            panel.x_axis([0, 5, 10], ["0", "", "10"], "Days")
            panel.y_axis([1, 10, 1000], ["1", "10", "10³"], ["turned", "twice"], [20, 30])
            sheet.text(5, 8, "under", ha="center", place=panel.below, weight="bold", slant="italic", colour="#AA3300")
            sheet.text(5, 100, "in", ha="right", place=panel.data, turn=45)
            sheet.line([1, 2, np.nan, 3, 4, 5, 6], [1, 10, np.nan, 5, 5, 5, 900], dash=(0, (3, 1)), place=panel.data)
            sheet.line([70, 70, 70, 74, 71], [2, 30, 30, 30, 30], width=1.5, colour="#00ff00", place=panel.beside)
            sheet.area([0, 10, 10], [1, 1, 500], colour="#4477aa", alpha=0.25, place=panel.data)
            sheet.box(2, 3, 4, 5, face="#eeeeee", edge="black", width=0.4, dash=(0, (2, 2)))
            sheet.box(2, 3, 4, 50, face="#dddddd", place=panel.data)
            panel.marks([1, 2, 3], [2, 20, 200], "o", size=3, face="white", edge="#123456", gid="a")
            panel.limit(50, "LLOQ")
            panel.limit(5000, "beyond")
        sheet.line([1, 1], [1, 1], gid="a point is no line")
        sheet.line([], [], gid="nor is nothing")
        sheet.text(40, 70, "a < b & \"c\" 'd'")

    ours, theirs = both(draw, style, height_mm=75)
    # a line that goes nowhere shows nothing
    theirs = [one for one in theirs if one[0] == "text" or any(len(route) > 1 for route in one[-1])]
    same([one for one in ours if one[0] == "text" or any(len(route) > 1 for route in one[-1])], theirs)


@pytest.mark.parametrize("marker", ["s", "^", "v", "<", ">", "D", "P", "X", "p", "*", "h"])
def test_symbols_are_those_of_matplotlib(marker):
    shape = MarkerStyle(marker)
    theirs = shape.get_transform().transform_path(shape.get_path()).to_polygons()[0][:-1]
    ours, curved = outline(marker)
    assert not curved
    assert ours == pytest.approx(theirs * (0.886 if marker == "s" else 1), abs=1e-9)


def test_a_round_symbol_is_round():
    points, curved = outline("o")
    assert curved
    assert len(points) == 13
    for start, first, second, end in (points[i:i + 4] for i in range(0, 12, 3)):
        for t in np.linspace(0, 1, 9):
            at = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t ** 2 * second + t ** 3 * end
            assert np.hypot(*at) == pytest.approx(0.5, abs=0.0002)


def test_an_unknown_symbol_is_an_error():
    with pytest.raises(ValueError, match="marker"):
        outline("no such")


def test_steps_that_do_not_turn_take_no_room(style):
    """A staircase of many steps of no height is one line."""
    def draw(figure):
        Sheet(figure, style).line([*range(50), 49], [10.0] * 50 + [30.0])

    path, = ET.fromstring(canvas.render(draw, style, formats=("svg",))["svg"]).iter(f"{SVG}path")
    assert path.get("d") == f"M0 {round((80 - 10) / POINT, 2)}H138.9V141.73"


def test_what_only_matplotlib_can_do_is_drawn_by_it(style):
    """A kind of figure of one's own may go beyond what a sheet offers."""
    def draw(figure):
        sheet = Sheet(figure, style)
        panel = sheet.panel(Box(15, 15, 50, 50, (0, 1), (0, 1)))
        panel.axes.fill_between([0, 1], [0, 0], [1, 0.5])
        sheet.text(20, 40, "text")

    source = canvas.render(draw, style, formats=("svg",), title="areas")["svg"]
    figure = Figure(figsize=(80 / 25.4, 80 / 25.4), dpi=72, facecolor="white", edgecolor="none")
    draw(figure)
    import matplotlib

    with matplotlib.rc_context({**canvas._RC, "svg.hashsalt": "figure"}):
        assert source == tidy(canvas._svg(figure, 600), title="areas", salt="figure", width_mm=80, height_mm=80)
    assert Paper(10, 10).panel(Box(0, 0, 5, 5, (0, 1), (0, 1))).number == 1
    with pytest.raises(NeedsMatplotlib):
        Paper(10, 10).add_artist("anything")
