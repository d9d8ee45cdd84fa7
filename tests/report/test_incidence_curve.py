"""Cumulative incidence figures: curves, competing curves and counts equal their rows."""

import math
from dataclasses import replace
from functools import partial

import made
import numpy as np
import pytest
from drawn import box, drawing, line, lines, on_text, sound, texts

from report.arms import luminance
from report.figures import incidence_curve
from report.names import Names
from report.style import load
from stats.results import Results, number
from stats.study.types import Analysis

TICKS = (0, 6, 12, 18, 24, 36, 48)
OF = {"cif": Analysis("cif", "incidence", options={"endpoint": "relapse"})}


def build(arms, style="blood"):
    data = made.transplants(arms)
    results = Results(made.incidence("cif", data, TICKS, at=(6, 12)))
    return results, load(style, Names(made.study({k: made.ARMS[k] for k in data}, OF)), results)


def figure(arms, style="blood", **options):
    results, journal = build(arms, style)
    size = incidence_curve.size(results, journal, of="cif", **options)
    return results, drawing(partial(incidence_curve.draw, results, journal, of="cif", **options), journal, *size)


def dashes(line):
    """The dashes of a line in parts of its width."""
    offset, pattern = line._unscaled_dash_pattern
    return offset, tuple(pattern or ())


@pytest.mark.parametrize("arms", [1, 2, 3, 4, 6])
def test_everything_is_inside_and_apart(arms):
    _, drawn = figure(arms)
    sound(drawn)
    assert on_text(drawn, ("curve", "competing", "edge"), ("key-head", "key-text", "key-label", "key-line")) == []


def test_narrowest_journal():
    sound(figure(2, "lancet")[1])


@pytest.mark.parametrize("kind", ["incidence", "competing"])
def test_curves_are_the_rows(kind):
    results, drawn = figure(2)
    for group in "RD":
        xs, ys = line(drawn, f"{'curve' if kind == 'incidence' else 'competing'}-{group}")
        assert (xs[0], ys[0]) == (0, 0)
        for cell in results.select("cif", f"{kind}_curve", group):
            if cell.at <= TICKS[-1]:
                assert ys[np.flatnonzero(xs == cell.at)[-1]] == pytest.approx(cell["p"])


@pytest.mark.parametrize("arms", [1, 2, 4, 6])
def test_the_line_of_a_competing_event_is_like_no_other(arms):
    _, drawn = figure(arms)
    groups = list(made.ARMS)[:arms]
    own, others = ([lines(drawn, f"{kind}-{group}")[0] for group in groups] for kind in ("curve", "competing"))
    limits = [line for group in groups for line in lines(drawn, f"edge-{group}")]
    for curve, other in zip(own, others):
        assert other.get_linewidth() < curve.get_linewidth()
        assert luminance(other.get_color()) <= luminance(curve.get_color())
    dots = [dashes(line) for line in others]
    assert len(set(dots)) == arms
    assert not set(dots) & {dashes(line) for line in (*own, *limits)}
    assert all(set(pattern[0::2]) == {1.0} for _, pattern in dots)  # no dash is longer than a dot
    _, alone = figure(2, competing=False)
    assert lines(alone, "competing-R") == []


def test_the_key_shows_the_lines_of_the_plot():
    _, drawn = figure(2)
    samples = [(line.get_color(), dashes(line)) for line in lines(drawn, "key-sample")]
    drawn_lines = [lines(drawn, f"{kind}-{group}")[0] for group in "RD" for kind in ("curve", "competing")]
    assert samples == [(line.get_color(), dashes(line)) for line in drawn_lines]
    assert [t.get_text() for t in texts(drawn, "key-label")] == ["Recipient-derived", "competing event", "Donor-derived",
                                                                 "competing event"]


@pytest.mark.parametrize(("at", "said"), [(None, "no competing event"), (60.0, "competing event (on the axis)"),
                                          (40.0, "competing event")])
def test_a_competing_curve_on_the_axis_is_said(at, said):
    months, status = np.array([5.0, 9, 14, 20, 70]), np.array([1.0, 0, 1, 0, 0])
    others = (np.append(months, at or 50), np.append(status, 2.0 if at else 0.0))
    results = Results(made.incidence("cif", {"R": others, "D": (months, status)}, TICKS, at=(6, 12)))
    journal = load("blood", Names(made.study({k: made.ARMS[k] for k in "RD"}, OF)), results)
    drawn = drawing(partial(incidence_curve.draw, results, journal, of="cif"), journal, "single", 110)
    assert [t.get_text() for t in texts(drawn, "key-label")][1::2] == [said, "no competing event"]


def test_a_competing_curve_that_is_withheld_is_said():
    data = made.transplants(2)
    withheld = ("competing_curve", "D")
    results = Results(row for row in made.incidence("cif", data, TICKS, at=(6, 12)) if (row.variable, row.group) != withheld)
    journal = load("blood", Names(made.study({k: made.ARMS[k] for k in data}, OF)), results)
    drawn = drawing(partial(incidence_curve.draw, results, journal, of="cif"), journal, "single", 110)
    assert [t.get_text() for t in texts(drawn, "key-label")][1::2] == ["competing event", "competing event (not shown)"]


def test_the_key_has_the_last_time_known_in_all_arms():
    data = made.transplants(2)
    rows = [replace(row, value=math.nan) if (row.variable, row.group, row.at) == ("incidence", "D", 12) else row
            for row in made.incidence("cif", data, TICKS, at=(6, 12))]
    results = Results(rows)
    journal = load("blood", Names(made.study({k: made.ARMS[k] for k in data}, OF)), results)
    drawn = drawing(partial(incidence_curve.draw, results, journal, of="cif"), journal, "single", 110)
    heads = " ".join(t.get_text() for t in texts(drawn, "key-head"))
    assert "At 6\N{NO-BREAK SPACE}months" in heads
    shown = [t.get_text() for t in texts(drawn, "key-text")]
    assert all(journal.in_table.text(results[f"cif/incidence~6@{group}"], "rate-ci") in shown for group in "RD")


def test_names_in_the_key_are_whole():
    for style in ("frontiers", "lancet", "blood"):
        _, drawn = figure(2, style)
        said = [t.get_text() for t in texts(drawn, "key-label")]
        assert said[0::2] == ["Recipient-derived", "Donor-derived"]


def test_counts_keep_clear_of_their_labels():
    _, drawn = figure(2)
    for stat in ("at_risk", "competing"):
        (label,) = texts(drawn, f"row-{stat}-R")
        first = min(box(t).x0 for t in texts(drawn, f"{stat}-R"))
        assert first - box(label).x1 > 3 * drawn.dpi / 25.4 * 0.98


def test_counts_are_the_rows():
    results, drawn = figure(2)
    for cell in results.select("cif", "at_risk"):
        for stat in ("at_risk", "events", "competing", "censored"):
            said = [t.get_text() for t in texts(drawn, f"{stat}-{cell.group}") if t.get_position()[0] == cell.at]
            assert said == ([number(cell[stat])] if cell.group != "all" else [])


def test_alternative_text_and_legend():
    results, style = build(3)
    said = incidence_curve.alt(results, style, of="cif")
    for cell in results.select("cif", "incidence"):
        if cell.group != "all":
            assert style.text(cell, "rate-ci") in said
    assert "Gray" not in said  # three arms, and no test of all three among the rows
    assert not any(c.isdigit() for c in " ".join(incidence_curve.legend(results, style, of="cif")))
