"""Kaplan–Meier figures: what is drawn is what the rows say, and nothing is cut, covered or too small."""

from functools import partial

import made
import numpy as np
import pytest
from drawn import clipped, drawing, line, lines, on_text, overlapping, sound, svg, texts

from report.arms import lightness, looks
from report.canvas import render
from report.figures import survival_curve
from report.names import Names
from report.style import load, styles
from stats.results import Results, number
from stats.study.types import Analysis

WEEKS, DAYS = (0, 5, 10, 15, 20, 25, 30, 35), (0, 15, 30, 45, 60, 75)
OF = {"pfs": Analysis("pfs", "survival", options={"endpoint": "pfs"}),
      "os": Analysis("os", "survival", options={"endpoint": "os"})}
CASES = {
    "two arms": (made.leukaemia(), WEEKS, made.ARMS),
    "one arm": (made.waltons(1), DAYS, made.ARMS),
    "three arms": (made.waltons(3), DAYS, made.ARMS),
    "four arms": (made.waltons(4), DAYS, made.ARMS),
    "six arms": (made.waltons(6), DAYS, made.ARMS),
    "no events": (made.nobody_failed(), (0, 10, 20, 30, 40), made.ARMS),
    "long names": (made.leukaemia(), WEEKS, made.LONG),
    "crowded ticks": (made.waltons(2), tuple(range(0, 79, 3)), made.ARMS),
}


def build(case, style="blood", **options):
    data, ticks, labels = CASES[case]
    results = Results(made.survival("pfs", data, ticks, at=(ticks[2],)))
    study = made.study({arm: labels[arm] for arm in data}, OF)
    return results, load(style, Names(study), results), {"of": "pfs", **options}


def figure(case, style="blood", **options):
    results, journal, options = build(case, style, **options)
    size = survival_curve.size(results, journal, **options)
    return results, drawing(partial(survival_curve.draw, results, journal, **options), journal, *size)


@pytest.mark.parametrize("case", CASES)
def test_everything_is_inside_and_apart(case):
    sound(figure(case)[1])


@pytest.mark.parametrize("style", styles())
def test_everything_fits_in_every_journal(style):
    sound(figure("long names", style)[1])
    sound(figure("three arms", style)[1])


@pytest.mark.parametrize("case", CASES)
def test_no_curve_runs_through_the_key(case):
    _, drawn = figure(case)
    assert on_text(drawn, ("curve", "edge", "censored", "bar"), ("key-head", "key-text", "key-label", "key-line")) == []


@pytest.mark.parametrize("case", ["two arms", "three arms", "four arms"])
def test_curve_steps_are_the_rows(case):
    results, drawn = figure(case)
    last = CASES[case][1][-1]
    for group in CASES[case][0]:
        cells = results.select("pfs", "curve", group)
        parts = [np.column_stack((part.get_xdata(), part.get_ydata()))
                 for gid in (f"curve-{group}", f"curve-tail-{group}") for part in lines(drawn, gid)]
        xs, ys = np.concatenate(parts).T
        assert (xs[0], ys[0]) == (0, 1)
        for cell in cells:
            if cell.at <= last:
                # the value from a time on is the last vertex at it
                assert ys[np.flatnonzero(xs == cell.at)[-1]] == pytest.approx(cell["p"])
        assert max(xs) == pytest.approx(min(max(c.at for c in cells), last))


def test_curve_is_thin_where_few_are_at_risk():
    results, drawn = figure("two arms", few=5)
    (thick,), (thin,) = lines(drawn, "curve-R"), lines(drawn, "curve-tail-R")
    few = [c.at for c in results.select("pfs", "curve", "R") if c["at_risk"] < 5]
    enough = [c.at for c in results.select("pfs", "curve", "R") if c["at_risk"] >= 5]
    assert thick.get_xdata()[-1] == thin.get_xdata()[0] == max(enough)
    assert max(thin.get_xdata()) == max(few)
    assert thin.get_linewidth() < thick.get_linewidth()


def test_censoring_strokes_stand_at_censored_times():
    results, drawn = figure("two arms")
    for group in "RD":
        expected = [(c.at, c["p"]) for c in results.select("pfs", "curve", group) if c["censored"]]
        if not expected:
            assert lines(drawn, f"censored-{group}") == []
            continue
        xs, ys = (v.reshape(-1, 3) for v in line(drawn, f"censored-{group}"))
        assert list(xs[:, 0]) == [t for t, _ in expected]
        assert ys[:, :2].mean(axis=1) == pytest.approx([p for _, p in expected])


def test_band_is_the_interval():
    results, drawn = figure("two arms")
    xs, ys = line(drawn, "edge-R")
    half = len(xs) // 2
    for part, stat in ((slice(0, half), "lower"), (slice(half + 1, None), "upper")):
        for cell in results.select("pfs", "curve", "R"):
            assert ys[part][np.flatnonzero(xs[part] == cell.at)[-1]] == pytest.approx(cell[stat])


@pytest.mark.parametrize(("event", "beyond"), [(20.0, True), (19.97, True), (17.0, False)])
def test_a_step_at_the_end_of_the_axis_is_off_its_end(event, beyond):
    data = {"R": (np.array([4.0, 9, event, 22, 25]), np.array([1.0, 1, 1, 0, 0]))}
    results = Results(made.survival("pfs", data, (0, 5, 10, 15, 20)))
    journal = load("blood", Names(made.study({"R": "One arm"}, OF)), results)
    drawn = drawing(partial(survival_curve.draw, results, journal, of="pfs", few=0), journal, "single", 80)
    xs, ys = line(drawn, "curve-R")
    edge = float(xs[-1])
    assert (edge > 20.3) == beyond
    assert edge <= 21
    assert ys[-1] == ys[-2] == pytest.approx(0.4)  # ends across, not down
    if beyond:
        assert edge - event > 0.4
    assert [t.get_text() for t in texts(drawn, "x-tick")] == ["0", "5", "10", "15", "20"]


def test_limits_end_with_the_curve():
    data = {"R": (np.array([4.0, 9, 14, 18, 18]), np.array([1.0, 1, 0, 1, 0]))}
    results = Results(made.survival("pfs", data, (0, 5, 10, 15, 20)))
    journal = load("blood", Names(made.study({"R": "One arm"}, OF)), results)
    drawn = drawing(partial(survival_curve.draw, results, journal, of="pfs"), journal, "single", 80)
    xs, ys = line(drawn, "edge-R")
    assert np.nanmax(xs) == 18
    assert len(set(ys[xs == 18])) == 2  # one lower and one upper limit: no stub down where nothing follows


def test_counts_are_the_rows_and_stand_under_their_ticks():
    results, drawn = figure("two arms")
    ticks = {t.get_text(): t for t in texts(drawn, "x-tick")}
    for cell in results.select("pfs", "at_risk"):
        if cell.group == "all":
            continue
        for stat in ("at_risk", "events", "censored"):
            (text,) = [t for t in texts(drawn, f"{stat}-{cell.group}") if t.get_position()[0] == cell.at]
            assert text.get_text() == number(cell[stat])
            middle = [(b.x0 + b.x1) / 2 for b in (t.get_window_extent() for t in (text, ticks[number(cell.at)]))]
            assert middle[0] == pytest.approx(middle[1], abs=1.5)


def test_crowded_ticks_are_thinned_evenly():
    _, drawn = figure("crowded ticks")
    at = [t.get_position()[0] for t in texts(drawn, "x-tick")]
    assert len(set(np.diff(at))) == 1
    assert {t.get_position()[0] for t in texts(drawn, "at_risk-R")} == set(at)


def test_bands_give_way_to_bars_beyond_three_arms():
    results, drawn = figure("four arms")
    assert lines(drawn, "edge-R") == []
    (bar,) = lines(drawn, "bar-R-30")
    cell = results["pfs/survival~30@R"]
    assert np.nanmin(bar.get_ydata()) == cell["lower"]
    assert np.nanmax(bar.get_ydata()) == cell["upper"]
    assert "Capped bars" in " ".join(survival_curve.legend(*build("four arms")[:2], of="pfs"))


def test_options_leave_things_out():
    _, drawn = figure("two arms", counts=("at_risk",), bands=False, key=False, percent=False)
    sound(drawn)
    assert texts(drawn, "events-R") == texts(drawn, "key-label") == lines(drawn, "edge-R") == []
    assert [t.get_text() for t in texts(drawn, "y-tick")] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_everybody_as_one_curve():
    _, drawn = figure("two arms", overall=True)
    sound(drawn)
    assert lines(drawn, "curve-all")
    assert lines(drawn, "curve-R") == []


def test_two_analyses_stand_side_by_side():
    rows = [*made.survival("pfs", made.leukaemia(), WEEKS), *made.survival("os", made.waltons(2), DAYS)]
    results = Results(rows)
    style = load("blood", Names(made.study({k: made.ARMS[k] for k in "RD"}, OF)), results)
    options = {"of": ("pfs", "os")}
    width, height = survival_curve.size(results, style, **options)
    assert width == "double"
    drawn = drawing(partial(survival_curve.draw, results, style, **options), style, width, height)
    sound(drawn)
    assert [t.get_text() for t in texts(drawn, "letter")] == ["A", "B"]
    tops = [axes.get_position().y1 for axes in drawn.axes]
    assert tops[0] == tops[1]


@pytest.mark.parametrize("case", CASES)
def test_alternative_text_carries_the_rows(case):
    results, style, options = build(case)
    said = survival_curve.alt(results, style, **options)
    for group in CASES[case][0]:
        events = results[f"pfs/events@{group}"]
        assert f"{number(events['n'])} of {number(events['N'])}" in said
        assert style.text(results[f"pfs/median@{group}"], "time-ci") in said


def test_legend_types_no_number():
    results, style, options = build("two arms")
    assert not any(c.isdigit() for c in " ".join(survival_curve.legend(results, style, **options)))


def test_colours_of_two_and_three_arms_differ_in_grey():
    for name in styles():
        _, style, _ = build("two arms", name)
        grey = [lightness(look.colour) for look in looks(style, 3)]
        assert min(abs(a - b) for i, a in enumerate(grey) for b in grey[:i]) >= 15


def test_every_arm_has_its_own_look_without_colour():
    _, style, _ = build("two arms")
    six = looks(style, 6)
    assert len({(look.dash, look.marker) for look in six}) == 6


def test_same_rows_same_bytes_whatever_came_before():
    results, style, options = build("three arms")
    width, height = survival_curve.size(results, style, **options)
    draw = partial(survival_curve.draw, results, style, **options)
    first = render(draw, style, width=width, height_mm=height, title="t")
    render(partial(survival_curve.draw, *build("no events")[:2], of="pfs"), style)
    second = render(draw, style, width=width, height_mm=height, title="t")
    assert first == second
    root = svg(first["svg"])
    assert sum(1 for _ in root.iter()) < 160


def test_labels_with_signs_of_mathematics_are_literal():
    data = made.leukaemia()
    results = Results(made.survival("pfs", data, WEEKS))
    style = load("blood", Names(made.study({"R": "_R_ $x$ & <b>", "D": "$D^2"}, OF)), results)
    drawn = drawing(partial(survival_curve.draw, results, style, of="pfs"), style, "single", 100)
    assert "_R_ $x$ & <b>" in {t.get_text() for t in texts(drawn)}
    assert clipped(drawn) == overlapping(drawn) == []
