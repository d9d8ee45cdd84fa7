"""Flow of patients: every count of the rows stands in a box, boxes don't touch, arrows connect them."""

from functools import partial

import made
import pytest
from drawn import box, drawing, sound, texts
from matplotlib.patches import Polygon

from report.figures import flow
from report.names import Names
from report.style import load
from stats.results import Results, Row, number
from stats.study.types import Analysis, Column, Frame

COLUMNS = {"apheresed": Column("apheresed", "flag", "Apheresis"), "infused": Column("infused", "flag", "Infusion"),
           "made": Column("made", "flag", "Manufacture of the product to its specification at the central laboratory"),
           "why": Column("why", "text", "Reason")}
COUNTS = [("screened", "", 30), ("apheresed", "", 27), ("apheresed.lost", "", 3), ("apheresed.lost", "active GVHD", 2),
          ("apheresed.lost", "withdrew consent after a long talk with the family and the treating physician", 1),
          ("made", "", 27), ("made.lost", "", 0), ("infused", "", 23), ("infused.lost", "", 4),
          ("infused.lost", "died before infusion", 4), ("analysed", "", 23)]


def build(arms="RD", style="blood", labels=made.ARMS):
    rows = [Row("population", "n", 23 - i, g, analysis="flow") for i, g in enumerate([*arms, "all"])]
    rows += [Row(variable, "n", n, "all", level, analysis="flow") for variable, level, n in COUNTS]
    results = Results(rows)
    study = made.study({k: labels[k] for k in arms}, {"flow": Analysis("flow", "flow", options={"reason": "why"})},
                       frames={"screening": Frame("screening", "s.csv", COLUMNS)})
    return results, load(style, Names(study), results)


def figure(**parts):
    results, style = build(**parts)
    size = flow.size(results, style, of="flow")
    return results, drawing(partial(flow.draw, results, style, of="flow"), style, *size)


@pytest.mark.parametrize("parts", [{}, {"arms": "R"}, {"arms": "RDC"}, {"style": "lancet"}, {"labels": made.LONG}])
def test_everything_is_inside_its_box(parts):
    _, drawn = figure(**parts)
    sound(drawn)
    boxes = [p.get_window_extent() for p in drawn.findobj(Polygon) if p.get_gid() == "box"]
    for text in texts(drawn):
        ink = box(text)
        assert sum(b.x0 < ink.x0 and ink.x1 < b.x1 and b.y0 < ink.y0 and ink.y1 < b.y1 for b in boxes) == 1
    for i, a in enumerate(boxes):
        assert drawn.bbox.x0 <= a.x0 < a.x1 <= drawn.bbox.x1
        assert drawn.bbox.y0 <= a.y0 < a.y1 <= drawn.bbox.y1
        assert not any(a.overlaps(b) for b in boxes[:i])


def test_counts_are_the_rows():
    results, drawn = figure()
    said = [t.get_text() for t in texts(drawn)]
    for cell in results.select("flow", level="", group="all"):
        if cell.variable != "population" and not cell.variable.endswith(".lost"):
            assert f"n = {number(cell['n'])}" in said
    assert "Left before apheresis (n = 3)" in said
    assert "Active GVHD: 2" in said
    assert not any("n = 0" in s for s in said)  # nobody left before manufacture: no box


def test_alternative_text_tells_the_flow():
    said = flow.alt(*build(), of="flow")
    assert said.startswith("Flow of patients. Screened: n = 30. Left before apheresis: n = 3 (Active GVHD 2, ")
    assert said.endswith("Recipient-derived: n = 23. Donor-derived: n = 22.")
