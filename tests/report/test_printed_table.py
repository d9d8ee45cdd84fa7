"""Tables on paper: columns with settled widths, the same text, and nothing that runs into its neighbour."""

import re

import pytest

from report.columns import needed, numeric
from report.printed import lightened
from report.printed_panels import panels
from report.printed_table import PADDING, SIZE, WIDTH, fit, fitted, grid, kept, tall

HEADS = ("Measure", "R group (n = 10)", "D group (n = 13)")
NUMBER = "28,900 (20,900–44,800)"


def table(rows, heads=HEADS):
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    lines = "".join(f'<tr><th scope="row" class="in0">{label}</th>'
                    + "".join(f'<td class="number">{cell}</td>' for cell in cells) + "</tr>" for label, *cells in rows)
    return f"<table><caption><b>Table 1.</b> T.</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def columns(html):
    return [float(found) for found in re.findall(r'<col style="width:([\d.]+)pt"/>', html)]


def bare(html):
    return re.sub(r"<[^>]*>", "", html)


def test_the_columns_fill_the_width_and_the_text_stays():
    page = table([("Peak", NUMBER, NUMBER), ("Time to peak, days", "14 (11–14)", "7 (7–9)")])
    made = fitted(page)
    assert '<table class="fitted">' in made
    assert sum(columns(made)) == pytest.approx(WIDTH / 20, abs=0.2)
    assert bare(made) == bare(page)


def test_where_there_is_room_a_number_and_its_interval_stand_beside_each_other():
    assert "parts" not in fitted(table([("Peak", NUMBER, NUMBER)]))


def test_where_there_is_none_the_interval_stands_below_whole_and_fits():
    heads = ("Measure", *["Group (n = 10)"] * 6)
    page = table([("Peak", *[NUMBER] * 6)], heads)
    made = fitted(page)
    assert made.count('<td class="parts"><span>28,900</span> <span>(20,900–44,800)</span></td>') == 6
    assert bare(made) == bare(page)
    widest = 16 * 0.57 * SIZE / 20 * 0.8  # the interval's characters, most of them as wide as a digit
    assert min(columns(made)[1:]) > widest


def test_a_table_of_few_rows_that_is_higher_than_a_page_is_not_kept_on_one():
    words = "A statement of several words that takes about two lines of a narrow column when it is set in small type here. "
    few, many = (table([(words * 2, words * 4, words * 4)] * rows) for rows in (3, 20))
    assert not tall(few)
    assert tall(many)
    for page, kind in ((few, "whole"), (many, "long")):
        block = f'<div class="table whole" id="table-1">\n{page}\n</div>'
        assert f'<div class="table {kind}" id' in lightened(block)


def test_words_without_room_are_broken_and_no_number_is():
    page = table([("Age", *[NUMBER] * 4)], ("Measure", *["Pneumonoultramicroscopicsilicovolcanoconiosis"] * 4))
    assert needed(grid(page))[0] > WIDTH
    made = fitted(page)
    assert '<table class="fitted broken">' in made
    assert sum(columns(made)) == pytest.approx(WIDTH / 20, abs=0.2)
    assert min(columns(made)[1:]) > 16 * 0.57 * SIZE / 20 * 0.8
    assert bare(made) == bare(page)


@pytest.mark.parametrize(("text", "one"), [
    ("10 vs 13", True), ("9 vs 12 (1 vs 0)", True), ("−27 (−45 to −10)", True), ("81 vs 444 vs 161", True),
    ("27 vs 28 vs 27 vs 27 (3 vs 2 vs 3 vs 3)", False),
])
def test_a_list_of_numbers_is_no_number_and_may_take_several_lines(text, one):
    assert numeric(text) == one


def test_a_table_too_wide_by_a_hair_is_set_in_smaller_type_and_keeps_its_words():
    page = table([("Peak", *[NUMBER] * 6)], ("Measure", *["Unabbreviatables"] * 6))
    assert WIDTH < needed(grid(page))[0] < WIDTH * 1.1
    made = fitted(page)
    assert '<table class="fitted small">' in made
    assert sum(columns(made)) == pytest.approx(WIDTH / 20, abs=0.3)
    assert min(columns(made)[1:]) > 15 * 0.57 * SIZE * 7 / 8 / 20 * 0.8
    assert bare(made) == bare(page)


def test_a_table_too_wide_for_a_page_goes_on_below_itself_and_no_column_is_lost():
    long = "1,000 (0.007906–0.170552)"
    labels, cells = ("Peak", "Area"), [[long.replace("1,", f"{row}{column},") for column in range(9)] for row in (1, 2)]
    page = table([(label, *numbers) for label, numbers in zip(labels, cells, strict=True)],
                 ("Measure", *[f"Group {column} (n = 10)" for column in range(9)]))
    page = page.replace("<tbody>", '<tbody><tr class="heading"><th scope="rowgroup" colspan="10">A block</th></tr>')
    assert fit(page) is None
    assert tall(page)
    first, second = panels(page)
    assert "<caption><b>Table 1.</b> T.</caption>" in first
    assert "<caption><b>Table 1 (continued).</b></caption>" in second
    for one in (first, second):
        assert fit(one) is not None
        assert all(label in one for label in ("Measure", "A block", *labels))
    assert 'colspan="5">A block' in first
    assert 'colspan="6">A block' in second
    for column in range(9):
        assert [f"Group {column}" in one for one in (first, second)] == [column < 4, column >= 4]
        for row in (1, 2):
            assert [bare(one).count(f"{row}{column},000") for one in (first, second)] == [column < 4, column >= 4]
    assert lightened(page).count("<table class=") == 2


def test_a_panel_begins_with_no_part_of_a_head():
    spanners = "".join(f'<th colspan="3" scope="colgroup">Pair {number}</th>' for number in range(4))
    page = table([("Peak", *["1,000 (0.007906–0.170552)"] * 12)], ("Measure", *["X"] * 12))
    page = page.replace("<thead>", f"<thead><tr><td></td>{spanners}</tr>")
    assert [bare(one).count("Pair") for one in panels(page)] == [2, 2]


def test_a_table_that_fits_is_one():
    page = table([("Peak", NUMBER, NUMBER)])
    assert panels(page) == (page,)


@pytest.mark.parametrize("page", [
    "<table><tr><td>1</td></tr></table>",
    "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
    '<table><thead><tr><th>A</th></tr></thead><tbody><tr><td rowspan="2">1</td></tr><tr></tr></tbody></table>',
])
def test_a_table_that_is_not_built_as_ours_is_left_alone(page):
    assert fitted(page) == page


def test_a_spanner_and_a_heading_count_for_all_their_columns():
    page = ('<table><thead><tr><td></td><th colspan="2" scope="colgroup">Both</th></tr><tr><th scope="col">A</th>'
            '<th scope="col">B</th><th scope="col">C</th></tr></thead><tbody><tr class="heading"><th scope="rowgroup" '
            'colspan="3">A heading that is longer than any of the columns below it could be</th></tr><tr><th scope="row" '
            'class="in1">x</th><td class="number">1</td><td class="number">2</td></tr></tbody></table>')
    found = columns(fitted(page))
    assert len(found) == 3
    assert min(found) * 20 > PADDING + SIZE * 0.5


@pytest.mark.parametrize(("depths", "stay"), [
    ("000000", ".x...."),  # the first two rows
    ("0111101111", ".xx.x.xx.x"),  # a label with two rows of its group, and the last of it with the one before
    ("00110011", ".xxx..xx"),
    ("h111h11", ".xxx.xx"),
    ("h0111101111", ".xxx.x.xx.x"),
])
def test_rows_that_would_stand_alone_stay_with_the_one_before(depths, stay):
    lines = "".join('<tr class="heading"><th scope="rowgroup" colspan="2">H</th></tr>' if depth == "h" else
                    f'<tr><th scope="row" class="in{depth}">L</th><td>1</td></tr>' for depth in depths)
    made = kept(f"<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody>{lines}</tbody></table>")
    rows = re.findall("<tr[^>]*>", made.partition("<tbody>")[2])
    assert "".join("x" if "kept" in row else "." for row in rows) == stay
    assert bare(made) == f"AB{bare(lines)}"
