"""Forest plots: squares and lines at their rows, arrows where an interval goes on, the null line in view."""

import math
import re
from functools import partial

import made
import numpy as np
import pytest
from drawn import drawing, line, lines, sound, texts

from report.figures import forest
from report.names import Names
from report.style import load
from report.tables import hazards
from stats.findings import Refused
from stats.results import Results, Row
from stats.study.types import Analysis, Column, Endpoint, Frame

ANALYSES = {
    "cox": Analysis("cox", "hazards", options={"endpoint": "os", "variables": ("age", "sex", "donor")}),
    "cox_pfs": Analysis("cox_pfs", "hazards", options={"endpoint": "pfs", "variables": ("age",)}),
    "response": Analysis("response", "proportion", options={"outcomes": ("cr", "mrd")}),
}
COLUMNS = {"age": Column("age", "number", "Age", "years"),
           "sex": Column("sex", "category", "Sex", levels={"F": "Female", "M": "Male"}),
           "donor": Column("donor", "category", "Donor of the first transplantation",
                           levels={"sib": "Matched sibling", "haplo": "Haploidentical relative", "mud": "Unrelated"})}
RATIOS = {("age", ""): (1.04, 0.99, 1.1), ("sex", "M"): (2.3, 0.6, 130.0), ("donor", "haplo"): (0.4, 0.001, 1.4),
          ("donor", "mud"): (math.nan, math.nan, math.nan)}


def rows():
    for (variable, level), numbers in RATIOS.items():
        for stat, value in zip(("estimate", "lower", "upper"), numbers):
            note = "nobody has this level" if math.isnan(value) else ""
            yield Row(f"{variable}.hazard", stat, value, "all", level, analysis="cox", note=note)
    for stat, value in zip(("estimate", "lower", "upper"), (1.2, 0.8, 1.7)):
        yield Row("age.hazard", stat, value, "all", analysis="cox_pfs")
    for outcome, numbers in (("cr", (0.05, -0.27, 0.33)), ("mrd", (-0.21, -0.5, 0.1))):
        for stat, value in zip(("estimate", "lower", "upper"), numbers):
            yield Row(f"{outcome}.difference", stat, value, "R:D", analysis="response")


def build(style="blood", labels=made.ARMS):
    results = Results(rows())
    endpoints = {"os": Endpoint("os", "Overall survival", time="t"),
                 "pfs": Endpoint("pfs", "Event-free survival", time="u"),
                 "cr": Endpoint("cr", "CR or CRi at day 28", column="c"),
                 "mrd": Endpoint("mrd", "MRD-negative CR", where="x")}
    study = made.study({k: labels[k] for k in "RD"}, ANALYSES, endpoints=endpoints,
                       frames={"subjects": Frame("subjects", "s.csv", COLUMNS)})
    return results, load(style, Names(study), results)


def figure(style="blood", labels=made.ARMS, **options):
    results, journal = build(style, labels)
    size = forest.size(results, journal, **options)
    return results, drawing(partial(forest.draw, results, journal, **options), journal, *size)


@pytest.mark.parametrize("options", [{"of": "cox"}, {"of": ("cox", "cox_pfs")}, {"of": "response"},
                                     {"of": "cox", "style": "lancet"}, {"of": "response", "labels": made.LONG}])
def test_everything_is_inside_and_apart(options):
    sound(figure(**options)[1])


def test_lines_span_their_intervals_and_arrows_end_those_beyond():
    results, drawn = figure(of="cox")
    (axes,) = drawn.axes

    def data(gid):
        (found,) = lines(drawn, gid)
        pixels = found.get_transform().transform(found.get_xydata())
        return np.exp(axes.transData.inverted().transform(pixels)[:, 0])

    assert list(data("interval-cox/age.hazard@all")) == pytest.approx([0.99, 1.1])
    to_the_right = data("interval-cox/sex.hazard=M@all")
    assert to_the_right[0] == pytest.approx(0.6)
    assert len(to_the_right) == 6  # the line, a gap and an arrow head
    assert np.nanmax(to_the_right) == pytest.approx(math.exp(axes.get_xlim()[1]))
    assert np.nanmin(data("interval-cox/donor.hazard=haplo@all")) == pytest.approx(math.exp(axes.get_xlim()[0]))
    assert lines(drawn, "interval-cox/donor.hazard=mud@all") == []
    style = build()[1]
    assert "Arrows" in " ".join(forest.legend(results, style, of="cox"))


def test_a_regression_names_its_variables_as_its_table_does():
    columns = {"arm": Column("arm", "arm", ""), "skin": Column("skin", "number", "Skin score"),
               "ecog": Column("ecog", "ordinal", "ECOG", levels={"0": "0", "1": "1", "2": "2"}),
               "bulky": Column("bulky", "flag", "Bulky disease")}
    cox = Analysis("cox", "hazards", options={"endpoint": "os", "variables": tuple(columns)})
    levels = {"arm": "R", "skin": "", "ecog": "", "bulky": "yes"}
    rows = [Row("confidence", "p", 0.95, "all", analysis="study"), Row("arm.overall", "p_value", 0.4, "all", analysis="cox")]
    for variable, level in levels.items():
        rows += [Row(f"{variable}.hazard", stat, value, "all", level, analysis="cox")
                 for stat, value in zip(("estimate", "lower", "upper", "p_value"), (1.2, 0.8, 1.7, 0.4))]
        rows += [Row(variable, stat, 9, "all", each, analysis="cox") for stat in ("n", "events")
                 for each in {"R": ("", "R", "D"), "yes": ("", "yes")}.get(level, ("",))]
    results = Results(rows)
    study = made.study({k: made.ARMS[k] for k in "RD"}, {"cox": cox}, frames={"subjects": Frame("subjects", "s.csv", columns)},
                       endpoints={"os": Endpoint("os", "Overall survival", time="t")})
    style = load("blood", Names(study), results)
    drawn = drawing(partial(forest.draw, results, style, of="cox"), style, *forest.size(results, style, of="cox"))
    said = [t.get_text() for t in texts(drawn, "label")]
    assert said == ["Group: Recipient-derived vs Donor-derived", "Skin score, per unit", "ECOG, per level", "Bulky disease"]
    table = [re.sub("<[^>]+>", "", line.label) for line in hazards.build(results, style, of="cox").lines]
    assert [label.partition(": ")[0] for label in said] == [label for label in table if "derived" not in label]


def test_null_line_stands_at_no_difference():
    for options, null in (({"of": "cox"}, 0.0), ({"of": "response"}, 0.0)):
        _, drawn = figure(**options)
        xs, _ = line(drawn, "null")
        place = drawn.axes[0].transData.inverted().transform((xs[0] * drawn.dpi / 25.4, 0))[0]
        assert place == pytest.approx(null, abs=1e-6)


def test_every_estimate_is_printed_with_its_label():
    results, drawn = figure(of="cox")
    style = build()[1]
    said = [t.get_text() for t in texts(drawn, "label")]
    assert {"Age, per year", "Sex: Male vs Female"} <= set(said)
    assert "1" in [t.get_text() for t in texts(drawn, "x-tick")]
    shown = [t.get_text() for t in texts(drawn, "estimate")]
    assert shown == [style.in_table.text(c, "estimate-ci") for c in results.select("cox")]


def test_contrast_is_named_on_the_axis_and_in_words():
    results, drawn = figure(of="response")
    assert texts(drawn, "x-title")[0].get_text().endswith("Recipient-derived vs Donor-derived")
    style = build()[1]
    said = forest.alt(results, style, of="response")
    for cell in results.select("response"):
        assert style.text(cell, "difference-ci") in said


def test_a_statistic_nobody_has_is_refused():
    results, style = build()
    with pytest.raises(Refused) as nothing:
        forest.alt(results, style, of="cox", statistic="odds_ratio")
    with pytest.raises(Refused) as unknown:
        forest.alt(results, style, of="cox", statistic="median")
    assert "no odds_ratio" in nothing.value.problems[0].reason
    assert "forest figure shows" in unknown.value.problems[0].reason
