"""How Word pages are laid out: columns from their text, numbers on one line, tables that begin or turn a page."""

import re

import pytest

from report import docx, docx_table
from report.docx_tree import parse
from tests.report.wordml import File, W, fields, misplaced, png, style, text

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
    svg = '<svg width="80mm" height="60mm"><title>A figure.</title></svg>'
    figure = f'<figure id="figure-1">{svg}<figcaption><b>Figure 1.</b> A title.</figcaption></figure>'
    file = write(f'<section id="t"><p>See <a href="#figure-1">Figure 1</a>.</p>{figure}{wide(9)}</section>',
                 pictures={"figure-1": png()})
    closing = next(p for p in file.paragraphs() if p.find(f"{W}pPr/{W}sectPr") is not None)
    assert next(closing.iter(f"{W}bookmarkStart"), None) is None
    assert text(closing.getprevious()) == "Figure 1. A title."
    assert closing.find(f"{W}pPr/{W}spacing").get(f"{W}lineRule") == "exact"  # an empty line needs no page
    assert misplaced(file.document) == []


@pytest.mark.parametrize(("rows", "kept"), [(5, True), (45, False)])
def test_a_table_taller_than_a_page_is_not_kept_on_one(rows, kept):
    words = "A statement of several words that takes about two lines of a narrow column when it is set in small type here."
    html = table([[words, "Not shown", words * 2]] * (rows // 5 * 5), kind="whole", heads=("A", "B", "C"))
    first = next(row for row in list(write(html).body.iter(f"{W}tr"))[1:])
    assert (next(first.iter(f"{W}p")).find(f"{W}pPr/{W}keepNext") is not None) == kept


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
