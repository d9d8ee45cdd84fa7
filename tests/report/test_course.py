"""Courses of an analyte: every patient's values, medians and limits of quantification equal their rows."""

from dataclasses import replace
from functools import partial

import made
import numpy as np
import pytest
from drawn import centres, drawing, line, lines, sound, texts

from report.figures import course
from report.names import Names
from report.style import load
from stats.results import Results, number
from stats.study.types import Analysis

OF = {"cart": Analysis("cart", "kinetics", options={"analyte": "cart"}),
      "crp": Analysis("crp", "kinetics", options={"analyte": "crp"})}
LLOQ = 50


def build(arms=2, style="blood", labels=made.ARMS):
    data = made.expansion(arms)
    small = {a: {w: {t: v / 300 for t, v in c.items()} for w, c in p.items()} for a, p in data.items()}
    results = Results([*made.kinetics("cart", data, LLOQ), *made.kinetics("crp", small)])
    return results, load(style, Names(made.study({k: labels[k] for k in data}, OF)), results)


def figure(arms=2, style="blood", labels=made.ARMS, **options):
    results, journal = build(arms, style, labels)
    options = {"of": "cart", **options}
    size = course.size(results, journal, **options)
    return results, drawing(partial(course.draw, results, journal, **options), journal, *size)


@pytest.mark.parametrize("options", [{"arms": 1}, {}, {"arms": 3}, {"arms": 6}, {"overlaid": True},
                                     {"overlaid": True, "arms": 4}, {"of": ("cart", "crp")}, {"style": "lancet"},
                                     {"labels": made.LONG}, {"labels": made.LONG, "overlaid": True}])
def test_everything_is_inside_and_apart(options):
    sound(figure(**options)[1])


def many(arms=2):
    """The rows of a study too large for a line per patient: quantiles of each day, and counts of six digits."""
    for row in build(arms)[0].rows:
        if row.variable == "course":
            yield replace(row, value=row.value * 100_000 + 1 if row.stat == "n" else row.value)
            if row.stat in ("q1", "q3"):
                outer = ("q05", row.value / 2) if row.stat == "q1" else ("q95", row.value * 2)
                yield replace(row, stat=outer[0], value=outer[1])
        elif row.variable != "patient":
            yield row


@pytest.mark.parametrize("options", [{}, {"overlaid": True}])
def test_of_many_patients_quantiles_are_drawn(options):
    results = Results(many())
    journal = load("blood", Names(made.study(made.ARMS, OF)), results)
    options = {"of": "cart", **options}
    drawn = drawing(partial(course.draw, results, journal, **options), journal, *course.size(results, journal, **options))
    sound(drawn)
    shown = {artist.get_gid() for axes in drawn.axes for artist in axes.get_children() if artist.get_gid()}
    assert {"tails-R", "tails-D", "quartiles-R", "quartiles-D"} <= shown
    said = " ".join(course.legend(results, journal, of="cart"))
    assert "nine tenths" in said
    assert "patients" not in said
    assert "by patient" not in course.alt(results, journal, of="cart")


def test_patients_are_their_rows_and_nothing_joins_two():
    results, drawn = figure()
    for arm in "RD":
        xs, ys = line(drawn, f"patients-{arm}")
        ends = np.flatnonzero(np.isnan(xs))
        shown = [list(zip(part[0][~np.isnan(part[0])], part[1][~np.isnan(part[1])]))
                 for part in zip(np.split(xs, ends + 1), np.split(ys, ends + 1)) if len(part[0])]
        rows: dict[str, list[tuple[float, float]]] = {}
        for cell in results.select("cart", "patient", arm):
            if cell.at is not None:
                rows.setdefault(cell.level, []).append((cell.at, LLOQ if "below" in cell else cell["value"]))
        assert sorted(shown) == sorted(sorted(points) for points in rows.values())


def test_values_below_the_limit_are_open_symbols_on_it():
    results, drawn = figure()
    for arm in "RD":
        expected = {c.at for c in results.select("cart", "patient", arm) if "below" in c}
        face, at = centres(drawn, f"below-{arm}", drawn.axes[0 if arm == "R" else 1])
        assert face == (1, 1, 1, 1)
        assert {round(x, 3) for x, _ in at} == expected
        assert [y for _, y in at] == pytest.approx([LLOQ] * len(at), rel=0.01)
    (limit,) = {round(drawn.axes[0].transData.inverted().transform(
        limit.get_transform().transform(limit.get_xydata()))[0][1], 3) for limit in lines(drawn, "limit")[:1]}
    assert limit == pytest.approx(LLOQ, rel=0.01)
    assert [t.get_text() for t in texts(drawn, "limit-name")] == ["LLOQ"]


def test_medians_are_the_rows():
    results, drawn = figure(of="crp")
    for arm in "RD":
        xs, ys = line(drawn, f"median-{arm}")
        cells = results.select("crp", "course", arm)
        assert list(xs) == [c.at for c in cells]
        assert list(ys) == pytest.approx([c["median"] for c in cells])


def test_patients_measured_stand_under_their_days():
    results, drawn = figure()
    for arm in "RD":
        for text in texts(drawn, f"n-{arm}"):
            assert text.get_text() == number(results[f"cart/course~{number(text.get_position()[0])}@{arm}"]["n"])


def test_patients_can_be_left_out():
    results, drawn = figure(patients=False)
    assert lines(drawn, "patients-R") == []
    style = build()[1]
    assert "Thin lines" not in " ".join(course.legend(results, style, of="cart", patients=False))


def test_alternative_text_carries_peaks():
    results, style = build()
    said = course.alt(results, style, of="cart")
    for arm in "RD":
        assert style.text(results[f"cart/peak@{arm}"], "median-iqr-unit") in said
    assert not any(c.isdigit() for c in " ".join(course.legend(results, style, of="cart")))


def test_the_name_of_an_arm_is_over_its_panel_whole_in_lines():
    names = [f"{name} after fludarabine and cyclophosphamide with bridging" for name in ("Tisagenlecleucel", "Obecabtagene")]
    labels = dict(zip(made.ARMS, [*names, *"CEFG"], strict=True))
    _, drawn = figure(arms=6, labels=labels)
    sound(drawn)
    said = " ".join(text.get_text() for text in texts(drawn))
    assert "…" not in said
    assert all(word in said for name in names for word in name.split())
