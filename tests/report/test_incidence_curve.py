"""Cumulative incidence figures: curves, competing curves and counts equal their rows."""

from functools import partial

import made
import numpy as np
import pytest
from drawn import drawing, line, lines, on_text, sound, texts

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


def test_competing_event_is_fainter():
    _, drawn = figure(2)
    (own,), (other,) = lines(drawn, "curve-R"), lines(drawn, "competing-R")
    assert other.get_linewidth() < own.get_linewidth()
    _, alone = figure(2, competing=False)
    assert lines(alone, "competing-R") == []


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
