"""How Word pages are laid out: columns from their text, numbers on one line, tables that begin or turn a page."""

import re

import pytest

from report import docx, docx_read, docx_table
from report.columns import Cell, Grid, widths
from report.docx_tree import parse
from tests.report.wordml import WP, File, W, fields, misplaced, png, style, text

NUMBERS = ("28,900 (20,900–44,800)", "222,000 (198,000–396,000)", "0.97 (0.56–1.67)")


def table(rows, anchor="table-1", heads=("Measure", "R group (n = 10)", "D group (n = 13)"), kind="long"):
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    number = anchor.rpartition("-")[2]
    return (f'<div class="table {kind}" id="{anchor}"><table><caption><b>Table {number}.</b> A title.</caption>'
            f'<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table><p class="note">A note.</p></div>')


def write(body, pictures=None, **options):
    return File(docx.write(f"<html><body><main>{body}</main></body></html>", pictures or {}, title="T", **options))


def columns(file):
    return [[int(c.get(f"{W}w")) for c in t.find(f"{W}tblGrid")] for t in file.body.iter(f"{W}tbl")]


def breaks(file):
    """Texts of the cells in which a line is broken by hand."""
    return [text(cell) for cell in file.body.iter(f"{W}tc") if next(cell.iter(f"{W}br"), None) is not None]


def wide(count):
    """A table of so many columns of long numbers."""
    return table([["Area under the curve", *([NUMBERS[1]] * count)]], heads=("Measure", *(["Group (n = 10)"] * count)))


def test_a_small_table_is_no_wider_than_it_needs():
    file = write(table([["Age", "1 (2)", "3 (4)"]]))
    (found,) = columns(file)
    assert sum(found) < 9638 * 0.6
    assert breaks(file) == []


def test_numbers_keep_to_a_line_where_there_is_room():
    file = write(table([["Peak", NUMBERS[0], NUMBERS[1]]]))
    assert breaks(file) == []
    (found,) = columns(file)
    assert min(found[1:]) > len(NUMBERS[1]) * 80


def test_an_interval_goes_to_the_next_line_as_a_whole_and_the_text_stays():
    file = write(wide(5))
    assert NUMBERS[1] in breaks(file)
    assert text(file.body).count(NUMBERS[1]) == 5
    assert misplaced(file.document) == []
    cell = next(c for c in file.body.iter(f"{W}tc") if text(c) == NUMBERS[1])
    first = "".join(e.text if e.tag == f"{W}t" else "|" for e in cell.iter(f"{W}t", f"{W}br"))
    assert first == "222,000 |(198,000–396,000)"


def test_prose_is_not_broken_before_brackets():
    long = "The rate of remission was higher in the first group (9/10 [90%] vs 4/13 [31%]) and nothing else differed. " * 3
    file = write(table([["“There was no difference.”", "Not shown", long]], heads=("Statement", "Verdict", "Wording")))
    assert breaks(file) == []
    (found,) = columns(file)
    assert found[2] > found[0] > found[1]


def test_a_few_long_cells_make_no_wide_column():
    asked, answer = "What was asked of the authors in some words", "Write about this in the discussion of the paper, please"
    rows = [[str(i), asked, "Methods" if i % 6 else "Table 1; Table 2; Figure 3; " * 6, answer] for i in range(18)]
    (found,) = columns(write(table(rows, heads=("Item", "What is asked", "Where", "What authors must add"))))
    item, asked_wide, where, added = found
    assert where < 1.2 * added
    assert min(asked_wide, where, added) > 2000
    assert item > 1.1 * 517  # "Item" on a line, though letters be wider than Arial's
    assert item < 1000


def test_a_column_that_lacks_little_for_a_line_gets_it_from_one_that_has_more_than_it_needs():
    """Long cells of the last column are what it is so wide for, but they take two lines all the same."""
    test, others = "exact Wilcoxon rank-sum test", "Wilcoxon rank-sum test 0.93; Welch’s t test 0.95"
    rows = [["Age of donors", test, others if i % 3 else f"{others} {others}"] for i in range(30)]
    grid = Grid((tuple(map(Cell, ("Comparison", "Test", "Other tests"))), *(tuple(map(Cell, row)) for row in rows)), 1, 3,
                frozenset(), 17 * 10)
    found = widths(grid, 9638)
    assert found[1] >= grid.length(test)
    assert sum(found) == 9638


def test_heads_share_what_numbers_leave():
    heads = ("Characteristic", "SMD, Grade two vs Grade one", "SMD, Grade three vs Grade one", "R group (n = 10)")
    (found,) = columns(write(table([["Age", "0.06", "0.23", NUMBERS[0]]], heads=heads)))
    assert min(found[1:3]) > 1000  # three words of a head on a line, though the numbers need a third of that


def test_sizes_of_groups_stand_beside_each_other():
    heads = ("Characteristic", "Group with a long name of its own (n = 10)", "D group (n = 13)", *(["Head"] * 4))
    row = ["Age of the patients at infusion", *(["1 (2)"] * 2), *([NUMBERS[1]] * 4)]
    assert {"D group (n = 13)", "Group with a long name of its own (n = 10)"} <= set(breaks(write(table([row], heads=heads))))


def test_a_long_head_alone_turns_no_page():
    heads = ("Measure", *(["Group of patients with a rather long description (n = 10)"] * 4))
    file = write(f'<section id="t"><h2>T</h2>{table([["Age", *(["1 (2)"] * 4)]], heads=heads)}</section>', apart={"t"})
    assert not [s for s in file.body.iter(f"{W}sectPr") if s.find(f"{W}pgSz").get(f"{W}orient")]


def test_in_a_section_apart_each_table_begins_a_page_but_the_first():
    body = f'<section id="tables"><h2>Tables</h2>{table([["Age", "1", "2"]])}{table([["Age", "1", "2"]], "table-2")}</section>'
    fresh = [text(p) for p in write(f"<p>Text.</p>{body}", apart={"tables"}).paragraphs()
             if p.find(f"{W}pPr/{W}pageBreakBefore") is not None]
    assert fresh == ["Tables", "Table 2. A title."]
    assert not [p for p in write(f"<p>Text.</p>{body}").paragraphs() if p.find(f"{W}pPr/{W}pageBreakBefore") is not None]


def test_where_a_page_is_free_a_wide_table_lies_with_its_heading():
    body = f'<section id="tables"><h2>Tables</h2>{wide(4)}{wide(4).replace("table-1", "table-2").replace("Table 1", "Table 2")}'
    file = write(f"<p>Text.</p>{body}</section><p>After.</p>", apart={"tables"})
    sections = [(s.find(f"{W}pgSz").get(f"{W}orient"), text(s.getparent().getparent())) for s in file.body.iter(f"{W}sectPr")
                if s.getparent().tag == f"{W}pPr"]
    assert [lies for lies, _ in sections] == [None, "landscape"]
    assert sections[0][1] == "Text."  # the heading lies with its table
    captions = [p for p in file.paragraphs() if style(p) == "TableCaption"]
    assert [p.find(f"{W}pPr/{W}pageBreakBefore") is not None for p in captions] == [False, True]
    assert breaks(file) == []
    assert misplaced(file.document) == []
    assert not [s for s in write(f"<p>Text.</p>{wide(4)}").body.iter(f"{W}sectPr") if s.find(f"{W}pgSz").get(f"{W}orient")]


def test_a_table_alone_lies_if_it_must_and_no_page_is_empty():
    file = write(f'<section id="tables">{wide(4)}</section>', apart={"tables"})
    sizes = [s.find(f"{W}pgSz").get(f"{W}orient") for s in file.body.iter(f"{W}sectPr")]
    assert sizes == ["landscape"]  # nothing follows that would be an empty page
    assert next(file.body.iter(f"{W}titlePg"), None) is not None
    assert misplaced(file.document) == []
    assert not [p for p in file.paragraphs() if p.find(f"{W}pPr/{W}pageBreakBefore") is not None]


def test_what_is_referred_to_ends_no_section():
    file = shown(f'<p>See <a href="#figure-1">Figure 1</a>.</p>{figure(1)}{wide(9)}')
    closing = next(p for p in file.paragraphs() if p.find(f"{W}pPr/{W}sectPr") is not None)
    assert next(closing.iter(f"{W}bookmarkStart"), None) is None
    assert text(closing.getprevious()) == "Figure 1. A title."
    assert closing.find(f"{W}pPr/{W}spacing").get(f"{W}lineRule") == "exact"  # an empty line needs no page
    assert misplaced(file.document) == []


def figure(number, wide=80):
    svg = f'<svg width="{wide}mm" height="60mm"><title>A figure.</title></svg>'
    return f'<figure id="figure-{number}">{svg}<figcaption><b>Figure {number}.</b> A title.</figcaption></figure>'


def shown(html, **options):
    pictures = {f"figure-{i}": png() for i in range(1, 6)}
    return write(f'<section id="t"><p>Text.</p>{html}</section>', pictures=pictures, **options)


def rows_of_figures(file):
    """Numbers of the figures in each row."""
    found = []
    for block in file.body:
        captions = [p for p in block.iter(f"{W}p") if style(p) == "Caption"]
        found += [[int(re.search(r"\d+", text(p))[0]) for p in captions]] if captions else []
    return found


def test_narrow_figures_stand_beside_each_other_over_their_captions():
    file = shown(figure(1) + figure(2) + figure(3))
    assert rows_of_figures(file) == [[1, 2], [3]]
    pair = next(file.body.iter(f"{W}tbl"))
    (row,) = pair.iter(f"{W}tr")
    assert [[style(p) for p in cell.iter(f"{W}p")] for cell in row.iter(f"{W}tc")] == [["Figure", "Caption"]] * 2
    assert row.find(f"{W}trPr/{W}cantSplit") is not None
    assert style(pair.getnext()) == "TableEnd"  # two tables without a paragraph between would be one
    assert misplaced(file.document) == []
    assert rows_of_figures(shown(figure(1) + figure(2, 125) + figure(3))) == [[1], [2], [3]]
    assert rows_of_figures(shown(figure(1) + "<p>Text.</p>" + figure(2))) == [[1], [2]]
    assert rows_of_figures(shown(figure(1) + figure(2), apart={"t"})) == [[1], [2]]


def test_figures_a_little_too_wide_are_made_to_fit():
    file = shown(figure(1, 85) + figure(2, 85))
    assert rows_of_figures(file) == [[1, 2]]
    extents = [(int(e.get("cx")) / 36000, int(e.get("cy")) / 36000) for e in file.body.iter(f"{WP}extent")]
    for wide, high in extents:
        assert (wide, high) == (pytest.approx(82.75, abs=0.05), pytest.approx(60 * wide / 85, abs=0.05))


def test_figures_beside_each_other_are_read_as_text_and_not_as_a_table(tmp_path):
    pictures = {f"figure-{i}": png() for i in (1, 2)}
    html = f'<section id="t"><h2>Survival</h2>{table([["Age", "1", "2"]])}{figure(1)}{figure(2)}</section>'
    path = tmp_path / "sent.docx"
    path.write_bytes(docx.write(f"<html><body><main>{html}</main></body></html>", pictures, title="T"))
    places = {one.text: one.place for one in docx_read.read(path).paragraphs}
    assert places["Figure 1. A title."] == places["Figure 2. A title."] == "Survival"
    assert places["Age"] == "Table 1"


def test_tables_that_lie_let_figures_go_first_and_share_their_pages():
    def lying(number):
        return wide(9).replace("table-1", f"table-{number}").replace("Table 1", f"Table {number}")

    file = shown(figure(1) + lying(1) + figure(2) + lying(2) + table([["Age", "1", "2"]], "table-3") + figure(3))
    order = [re.search(r"(Figure|Table) \d", text(p))[0] for p in file.paragraphs() if style(p) in ("Caption", "TableCaption")]
    assert order == ["Figure 1", "Figure 2", "Table 1", "Table 2", "Table 3", "Figure 3"]
    turns = [s.find(f"{W}pgSz").get(f"{W}orient") for s in file.body.iter(f"{W}sectPr")]
    assert turns == [None, "landscape", None]


@pytest.mark.parametrize(("rows", "kept"), [(5, True), (45, False)])
def test_a_table_taller_than_a_page_is_not_kept_on_one(rows, kept):
    words = "A statement of several words that takes about two lines of a narrow column when it is set in small type here."
    html = table([[words, "Not shown", words * 2]] * (rows // 5 * 5), kind="whole", heads=("A", "B", "C"))
    third = list(write(html).body.iter(f"{W}tr"))[3]
    assert (next(third.iter(f"{W}p")).find(f"{W}pPr/{W}keepNext") is not None) == kept


def test_in_a_long_table_no_row_stands_alone_under_its_label_or_after_it():
    rows = "".join(f'<tr><th scope="row" class="{kind}">L</th><td>1</td></tr>' for kind in ("in0", *["in1"] * 5) * 12)
    html = (f'<div class="table long" id="table-1"><table><caption>Table 1. T.</caption><thead><tr><th>A</th><th>B</th></tr>'
            f"</thead><tbody>{rows}</tbody></table></div>")
    kept = [next(row.iter(f"{W}p")).find(f"{W}pPr/{W}keepNext") is not None for row in write(html).body.iter(f"{W}tr")][1:]
    assert kept[6:12] == [True, True, False, False, True, False]  # a label with two rows, the last with the one before


def test_widths_add_up_whatever_the_text():
    for cells in (["x"], ["incomparableness" * 12, "1"], ["Age", *("1 (2)",) * 30], ["A", "", "words of a cell " * 9, "1"]):
        html = f"<html><body>{table([cells], heads=cells)}</body></html>"
        grid = docx_table.read(next(n for n in parse(html).all() if n.tag == "table"), 170)
        found = docx_table.widths(grid, 9638)
        assert sum(found) <= 9638
        assert min(found) > 0


def test_a_caption_out_of_turn_says_its_number_to_word():
    file = write(table([["Age", "1", "2"]], "table-7") + table([["Age", "1", "2"]], "table-8"))
    assert [code for code, _ in fields(file.body)] == [r"SEQ Table \* ARABIC \r 7", r"SEQ Table \* ARABIC"]
    assert re.findall(r"Table \d", text(file.body)) == ["Table 7", "Table 8"]
