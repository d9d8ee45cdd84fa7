"""On paper no page stays half empty before an exhibit; tables that go on on another page say where they are."""

import io
import re

import pypdf
import pytest

from report import page, pango, pdf

pytestmark = pytest.mark.skipif(bool(pango.missing()), reason="Pango is not on this machine")

ABOVE = '<div style="height: {}mm">Above</div>'.format
FIGURE = '<figure id="figure-{0}" style="height: 120mm"><figcaption>Figure {0}.</figcaption></figure>'.format
TEXT = "<p>{}</p>".format
LONG = "Word of one and of another that fills half of a line. " * 14
PAIR = ('<figure class="single" id="figure-a" style="height: 120mm"><figcaption>Figure a.</figcaption></figure>\n'
        '<figure class="single second" id="figure-b" style="height: 120mm"><figcaption>Figure b.</figcaption></figure>')


def laid(*sections: str) -> list[str]:
    body = "".join(f"<section><h2>Head {number}</h2>{one}</section>" for number, one in enumerate(sections, 1))
    html = (f'<html lang="en"><head><title>x</title>{page.head(sheets=("report",))}</head><body class="part"><main>{body}'
            "<section><h2>End</h2><ul><li>of all</li></ul></section></main></body></html>")
    made = pdf.write(html, {}, title="x", identifier="0" * 64)
    return [" ".join(part.extract_text().split()) for part in pypdf.PdfReader(io.BytesIO(made)).pages]


def order(text: str, *marks: str) -> list[str]:
    return sorted((mark for mark in marks if mark in text), key=text.index)


@pytest.mark.parametrize("shown", [FIGURE("a"), PAIR])
def test_text_goes_before_an_exhibit_that_begins_the_next_page(shown):
    first, second = laid(ABOVE(140) + TEXT("See it.") + shown + TEXT(f"Then {LONG}"))
    assert order(first, "See", "Then", "Figure a") == ["See", "Then"]
    assert second.startswith("Figure a.")


def test_an_exhibit_that_fits_stays_before_the_text():
    first, = laid(ABOVE(60) + TEXT("See it.") + FIGURE("a") + TEXT("Then."))
    assert order(first, "See", "Figure a", "Then") == ["See", "Figure a", "Then"]


def test_text_that_would_not_fit_either_stays_behind():
    _, second = laid(ABOVE(222) + TEXT("See it.") + FIGURE("a") + TEXT("Then." + LONG))
    assert order(second, "Figure a", "Then") == ["Figure a", "Then"]


def test_exhibits_keep_their_order_and_no_text_leaves_its_heading():
    after = TEXT("Next.") + FIGURE("b") + "<h3>Under</h3>" + TEXT("Last.")
    first, second, *_ = laid(ABOVE(140) + TEXT("See.") + FIGURE("a") + after)
    assert order(first, "See", "Next", "Under", "Last") == ["See", "Next"]
    assert order(second, "Figure a", "Figure b", "Under") == ["Figure a", "Figure b"]


def test_the_next_section_begins_before_the_last_exhibit_of_this_one():
    first, second = laid(ABOVE(120) + TEXT("See."), TEXT("Of the second.") + FIGURE("a"), TEXT("Of the third.") + TEXT("More."))
    marks = ["Head 1", "Head 2", "Head 3", "third", "More"]
    assert order(first, *marks, "Figure a") == marks
    assert second.startswith("Figure a")


def test_what_waits_goes_first_where_the_next_section_begins_a_page():
    whole = '<p style="break-inside: avoid">' + "<br/>".join(["Of the second."] * 40) + "</p>"
    first, second, *_ = laid(ABOVE(160) + TEXT("See.") + FIGURE("a"), whole)
    assert "Head 2" not in first
    assert second.startswith("Figure a")


def test_near_the_end_of_a_page_no_section_begins_before_its_turn():
    first, second = laid(ABOVE(190) + TEXT("See.") + FIGURE("a"), TEXT("Of the second."))
    assert "Head 2" not in first
    assert order(second, "Figure a", "Head 2") == ["Figure a", "Head 2"]


def group(name: str, rows: int, deep: str = "in1") -> str:
    lines = "".join(f'<tr><th scope="row" class="{deep}">{name} row {row}</th><td>{row}</td></tr>' for row in range(rows))
    return f'<tr><th scope="row" class="in0">Group {name}</th><td>P {name}</td></tr>{lines}'


def table(body: str) -> str:
    return ('<div class="table long" id="table-1"><table><caption>Table 1.</caption><thead><tr><th scope="col">Head</th>'
            f'<th scope="col">Number</th></tr></thead><tbody>{body}</tbody></table><p class="note">Note</p></div>')


def test_the_labels_of_a_group_that_goes_on_are_said_once_more():
    pages = laid(table(group("a", 10) + group("b", 60)))
    assert len(pages) == 2
    assert re.match(r"Head Number Group b \(continued\) b row \d+ \d", pages[1])
    assert "P b" not in pages[1]
    rows = re.findall(r"b row \d+", " ".join(pages))
    assert rows == [f"b row {row}" for row in range(60)]  # none is lost for it


def test_a_heading_above_the_group_is_said_too():
    heading = '<tr class="heading"><th scope="rowgroup" colspan="2">Block</th></tr>'
    pages = laid(table(heading + group("a", 70, "in2").replace("in0", "in1")))
    assert pages[1].startswith("Head Number Block (continued) Group a (continued) a row")


def test_where_no_group_goes_on_nothing_is_said_twice():
    pages = laid(table(group("a", 60, "in0")))
    assert len(pages) == 2
    assert "continued" not in " ".join(pages)


DRAWING = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 232 {0}" width="82mm"><text x="9" y="9" font-size="{1}">Axis'
           '</text></svg>').format
DRAWN = '<figure class="{0}" id="figure-a">{1}<figcaption>Figure a.</figcaption></figure>'.format


@pytest.mark.parametrize("kind", ["single beside", "single"])
@pytest.mark.parametrize(("above", "letters", "together"), [
    (102, 7, True),  # it fits
    (112, 7, True),  # by a hair it doesn't
    (112, 5, False),  # its letters would be too small to be read
    (135, 7, False),  # it would have to be much smaller
])
def test_a_figure_that_misses_the_page_by_a_hair_is_drawn_a_little_smaller(kind, above, letters, together):
    above -= 9 * (kind == "single")  # its legend stands below
    pages = laid(ABOVE(above) + TEXT("See.") + DRAWN(kind, DRAWING(340, letters)))
    assert ("Figure a" in pages[0]) == together


def test_text_goes_first_before_a_figure_is_made_smaller():
    first, second = laid(ABOVE(112) + TEXT("See.") + DRAWN("single beside", DRAWING(340, 7)) + TEXT(f"Then {LONG * 2}"))
    assert order(first, "See", "Then", "Figure a") == ["See", "Then"]
    assert "Figure a" in second
