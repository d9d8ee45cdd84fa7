"""Dots: one for each patient at the patient's value, medians at their rows, deterministic places."""

from dataclasses import replace
from functools import partial

import made
import numpy as np
import pytest
from drawn import centres, drawing, line, lines, sound, texts
from matplotlib.patches import PathPatch

from report.figures import dots
from report.names import Names
from report.style import load
from report.swarm import offsets
from stats.results import Results, Row, number
from stats.study.types import Analysis

OF = {"cart": Analysis("cart", "kinetics", options={"analyte": "cart"})}


def build(arms=2, style="blood", labels=made.ARMS, patients=11, scale=1.0):
    data = {a: {w: {t: v * scale for t, v in c.items()} for w, c in p.items()}
            for a, p in made.expansion(arms, patients).items()}
    results = Results(made.kinetics("cart", data, 50))
    return results, load(style, Names(made.study({k: labels[k] for k in data}, OF)), results)


def figure(measures=("peak", "tmax"), **parts):
    results, journal = build(**parts)
    size = dots.size(results, journal, of="cart", measures=measures)
    return results, drawing(partial(dots.draw, results, journal, of="cart", measures=measures), journal, *size)


@pytest.mark.parametrize("parts", [{"arms": 1}, {}, {"arms": 3}, {"arms": 4}, {"arms": 6}, {"style": "lancet"},
                                   {"labels": made.LONG}, {"patients": 80, "scale": 0.003}])
def test_everything_is_inside_and_apart(parts):
    sound(figure(**parts)[1])


def test_every_patient_is_a_dot_at_the_value():
    results, drawn = figure(scale=0.003, patients=30)
    for column, arm in enumerate("RD"):
        values = sorted(c["value"] for c in results.select("cart", "patient", arm) if c.level.endswith(".peak"))
        under = sum(v < 50 for v in values)
        _, full = centres(drawn, f"dots-{arm}", drawn.axes[0], which=0)
        _, empty = centres(drawn, f"below-{arm}", drawn.axes[0])
        assert len(empty) == under > 0
        assert [y for _, y in empty] == pytest.approx([50] * under, rel=0.02)
        assert sorted(y for _, y in full) == pytest.approx(values[under:], rel=0.02)
        assert all(abs(x - column) < 0.5 for x, _ in [*full, *empty])


def test_of_many_patients_a_line_spans_the_middle_nine_tenths():
    """Without a row for each patient there are no dots: quartiles, median, and a line between the outer quantiles."""
    rows = []
    for row in build()[0].rows:
        rows += [row] if row.variable != "patient" else []
        if row.variable in ("peak", "tmax") and row.stat in ("min", "max"):
            rows.append(replace(row, stat={"min": "q05", "max": "q95"}[row.stat]))
    results = Results(rows)
    journal = load("blood", Names(made.study(made.ARMS, OF)), results)
    shown = {"of": "cart", "measures": ("peak",)}
    drawn = drawing(partial(dots.draw, results, journal, **shown), journal, *dots.size(results, journal, **shown))
    sound(drawn)
    for arm in "RD":
        _, ys = line(drawn, f"tails-{arm}")
        cell = results[f"cart/peak@{arm}"]
        assert list(ys) == pytest.approx([max(cell["q05"], 50), cell["q95"]])
    assert "nine tenths" in dots.legend(results, journal, of="cart")[0]
    assert "by patient" not in dots.alt(results, journal, of="cart")


def test_patients_with_the_median_value_lie_on_its_bar_which_goes_on_beyond_them():
    rows = [row for row in build()[0].rows if row.variable != "patient"]
    rows += [Row("patient", "value", 1000.0, "R", f"R{who}.peak", analysis="cart") for who in range(9)]
    results = Results([replace(row, value=1000.0) if row.variable == "peak" and row.group == "R" else row for row in rows])
    journal = load("blood", Names(made.study({k: made.ARMS[k] for k in "RD"}, OF)), results)
    draw = partial(dots.draw, results, journal, of="cart", measures=("peak",))
    drawn = drawing(draw, journal, *dots.size(results, journal, of="cart", measures=("peak",)))
    xs, _ = line(drawn, "median-R")
    _, row = centres(drawn, "dots-R", drawn.axes[0])
    assert len(row) == 9
    millimetre = 1 / (drawn.axes[0].bbox.width / drawn.dpi * 25.4) * 2  # two columns
    radius = dots.DOT / 72 * 25.4 / 2 * millimetre
    assert min(xs) <= min(x for x, _ in row) - radius - 0.8 * millimetre
    assert max(xs) >= max(x for x, _ in row) + radius + 0.8 * millimetre
    symbols = [p for p in drawn.findobj(PathPatch) if p.get_gid() == "dots-R"]
    assert all(symbol.get_zorder() > bar.get_zorder() for symbol in symbols for bar in lines(drawn, "median-R"))


def test_median_bars_are_the_rows():
    results, drawn = figure(measures=("tmax",))
    for arm in "RD":
        _, ys = line(drawn, f"median-{arm}")
        assert list(ys) == [results[f"cart/tmax@{arm}"]["median"]] * 2
        (n,) = texts(drawn, f"n-{arm}")
        assert n.get_text() == f"n = {number(results[f'cart/tmax@{arm}']['n'])}"


def test_dots_never_touch_while_there_is_room_and_keep_their_places():
    heights = np.sort(np.random.default_rng(1).normal(0, 3, 40))
    first = offsets(heights, 1.0, 50.0)
    assert list(first) == list(offsets(heights, 1.0, 50.0))
    places = np.column_stack([first, heights])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(40) * 9
    assert apart.min() >= 0.999
    assert np.abs(offsets(np.zeros(40), 1.0, 5.0)).max() == pytest.approx(5)
    assert list(offsets([2.0, 2.0], 1.0, 5.0)) == [-0.5, 0.5]


def test_comparison_says_who_against_whom():
    results, style = build()
    said = " ".join(dots.legend(results, style, of="cart"))
    assert "Recipient-derived vs Donor-derived" in said
    assert not any(c.isdigit() for c in said)
    shown = [t.get_text() for t in texts(figure()[1], "compared")]
    assert f"Ratio {style.in_table.text(results['cart/peak.ratio@R:D'], '{estimate} ({interval})')}" in shown
    assert style.text(results["cart/tmax.test@R:D"], "p") in " ".join(shown)  # the letter is a text of its own, in italics


def test_alternative_text_carries_the_rows():
    results, style = build()
    said = dots.alt(results, style, of="cart")
    for arm in "RD":
        for measure in ("peak", "tmax"):
            assert style.text(results[f"cart/{measure}@{arm}"], "median-iqr-unit") in said


LENGTHY = dict(zip(made.ARMS, (
    "Tisagenlecleucel after fludarabine and cyclophosphamide", "Axicabtagene ciloleucel after bendamustine",
    "Lisocabtagene maraleucel", "Brexucabtagene autoleucel with bridging radiotherapy", "Obecabtagene", "Control"), strict=True))


def test_no_name_of_an_arm_is_cut_where_panels_below_each_other_leave_it_room():
    """Six products with names as they are: side by side two panels have no room for them."""
    _, drawn = figure(arms=6, labels=LENGTHY)
    sound(drawn)
    said = " ".join(text.get_text() for text in texts(drawn))
    assert "…" not in said
    assert all(word in said for name in LENGTHY.values() for word in name.split())
    assert drawn.axes[0].get_position().y0 > drawn.axes[1].get_position().y1
    _, short = figure(arms=6, labels={key: key for key in made.ARMS})
    assert short.axes[0].get_position().y0 == pytest.approx(short.axes[1].get_position().y0)
