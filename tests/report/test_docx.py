"""The Word file: the same text, numbers and tables as the page; parts that Word accepts; nothing that acts or fetches."""

import io
import re
import struct
import zipfile
from datetime import date

import docx as python_docx
import pytest
from lxml import html as lxml_html

from report.docx_xml import tag
from report.typeset import JOINER
from tests.built import CART, make
from tests.report.wordml import WP, File, W, bookmarks, fields, misplaced, numbers, spans, style, tables, text

EMU = 36000  # in a millimetre
SVG = '<svg width="{}mm" height="{}mm"><title>A curve that falls</title><g><path d="M0 0"/></g></svg>'


@pytest.fixture(scope="module")
def made():
    return make(CART, formats=("html", "docx"))


@pytest.fixture(scope="module")
def word(made):
    return File(made.files["report.docx"])


@pytest.fixture(scope="module")
def page(made):
    """The page as another parser reads it, without what only a browser needs."""
    root = lxml_html.fromstring(made.files["report.html"]).find("body")
    for element in root.xpath("//nav | //script | //style | //svg"):
        element.drop_tree()
    for quoted in root.iter("q"):
        quoted.text, last = f"“{quoted.text or ''}", list(quoted)[-1:]
        if last:
            last[0].tail = f"{last[0].tail or ''}”"
        else:
            quoted.text += "”"
    return root



def collapsed(element):
    return re.sub(r"[ \t\r\n]+", " ", element.text_content().replace(JOINER, "")).strip()


def plainly(text):
    """With ordinary spaces: page and Word have no-break spaces where each of them doesn't break."""
    return text.replace("\u00a0", " ")


# the same document as the page

def test_text_is_the_pages_text(word, page):
    wanted = [plainly(collapsed(e)) for e in page.iter("h1", "h2", "h3", "p", "li", "caption", "figcaption", "th", "td")]
    in_order = [plainly(text(p)) for p in word.paragraphs()]
    # a caption stands above a table's cells, and below a figure, in both
    assert [t for t in in_order if t] == [t for t in wanted if t]
    assert len(wanted) > 300


def test_every_number_stands_under_its_address(word, page):
    wanted = [(e.get("value"), plainly(collapsed(e))) for e in page.iter("data")]
    assert [(one, plainly(shown)) for one, shown in numbers(word.body)] == [(tag(address), shown) for address, shown in wanted]
    assert len(wanted) > 300


def test_tables_have_the_same_cells(word, page):
    def cells(rows):
        return [[" ".join(cell.split()) for cell in row] for row in rows]

    wanted = [cells([[collapsed(c) for c in row.iter("th", "td")] for row in t.iter("tr")]) for t in page.iter("table")]
    found = [cells([[text(c) for c in row.iter(f"{W}tc")] for row in t.iter(f"{W}tr")]) for t in tables(word.body)]
    assert found == wanted
    assert len(found) > 8


def test_header_rows_repeat_and_no_row_breaks(word, page):
    for native, table in zip(tables(word.body), page.iter("table"), strict=True):
        rows = list(native.iter(f"{W}tr"))
        heads = len(table.find("thead").findall("tr"))
        assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [i < heads for i in range(len(rows))]
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_columns_fill_the_grid(word):
    for native in word.body.iter(f"{W}tbl"):
        grid = [int(column.get(f"{W}w")) for column in native.find(f"{W}tblGrid")]
        assert sum(grid) == int(native.find(f"{W}tblPr/{W}tblW").get(f"{W}w"))
        assert min(grid) > 300
        for row in native.iter(f"{W}tr"):
            assert sum(map(spans, row.iter(f"{W}tc"))) == len(grid)


def test_every_picture_says_what_it_shows(word, page):
    shapes = list(word.body.iter(f"{WP}inline"))
    assert len(shapes) == len(list(page.iter("figure"))) > 5
    for shape in shapes:
        about = shape.find(f"{WP}docPr")
        assert len(about.get("descr")) > 30
        assert re.fullmatch(r"Figure \d+", about.get("name"))


def test_pictures_have_600_dots_per_inch(made, word):
    sizes = {}
    for name in word.zip.namelist():
        if name.endswith(".png"):
            data = word.zip.read(name)
            sizes[name] = struct.unpack(">II", data[16:24])
    widths = sorted(int(shape.find(f"{WP}extent").get("cx")) / EMU for shape in word.body.iter(f"{WP}inline"))
    assert sorted(wide for wide, _ in sizes.values()) == pytest.approx([w / 25.4 * 600 for w in widths], abs=2)


# fields and places

def test_numbers_of_tables_and_figures_count_up(word):
    for kind in ("Table", "Figure"):
        found = [result for code, result in fields(word.body) if code.startswith(f"SEQ {kind} ")]
        assert found == [str(i) for i in range(1, len(found) + 1)]
        assert len(found) > 5


def test_references_resolve_and_show_what_word_would(word):
    places = bookmarks(word.body)
    items = {}
    for p in word.paragraphs():
        mark = p.find(f"{W}bookmarkStart")
        if style(p) == "Bibliography" and mark is not None:
            items[mark.get(f"{W}name")] = str(len(items) + 1)
    seen = {"label": 0, "item": 0}
    for code, result in fields(word.body):
        if code.startswith("REF "):
            name, numbered = code.split()[1], "\\n" in code
            assert name in places
            assert result == (items[name] if numbered else places[name])
            seen["item" if numbered else "label"] += 1
    assert min(seen.values()) > 10
    assert all(link.get(f"{W}anchor") in places for link in word.body.iter(f"{W}hyperlink"))


def test_names_and_ids_are_ones_that_word_takes(word):
    names = list(bookmarks(word.body))
    assert all(re.fullmatch(r"[A-Za-z]\w{0,39}", name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    ids = [e.get(f"{W}val") for e in word.body.iter(f"{W}id")]
    assert len(set(ids)) == len(ids)
    assert all(len(shown) <= 64 for shown, _ in numbers(word.body))


# a file that Word accepts

def test_children_stand_in_the_order_of_the_schema(word):
    assert {name: wrong for name, root in word.parts() if (wrong := misplaced(root))} == {}


def test_the_order_check_can_fail(word):
    properties = next(word.part("word/document.xml").iter(f"{W}sectPr"))
    properties.insert(0, properties[-1])
    assert misplaced(properties)


def test_every_style_used_is_defined(word):
    styles = {s.get(f"{W}styleId"): s for s in word.part("word/styles.xml").iter(f"{W}style")}
    used = {e.get(f"{W}val") for _, root in word.parts() for e in root.iter(*(
        W + name for name in ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link")))}
    assert used <= set(styles)
    fonts = {value for _, root in word.parts() for f in root.iter(f"{W}rFonts") for value in f.attrib.values()}
    assert fonts == {"Times New Roman", "Arial"}
    names = {s.find(f"{W}name").get(f"{W}val") for s in styles.values()}
    assert {"Title", "heading 1", "heading 2", "heading 3", "Body Text", "Abstract", "caption", "Table Text", "Table Note",
            "Banner", "Bibliography"} <= names
    spacing = styles["BodyText"].find(f"{W}pPr/{W}spacing")
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("480", "auto")


def test_python_docx_opens_it(made, word):
    document = python_docx.Document(io.BytesIO(made.files["report.docx"]))
    about = document.core_properties
    title = next(p.text for p in document.paragraphs if p.style.name == "Title")
    assert about.title == title
    assert about.created == about.modified
    assert about.created.date() == date(2025, 4, 30)
    assert about.language == "en-US"
    assert [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading 1")]
    assert len(document.tables) == len(list(word.body.iter(f"{W}tbl")))


def test_banner_is_in_every_header_and_pages_are_numbered(word):
    assert len(word.margins("header")) == 2
    assert all("SYNTHETIC DATA" in found for found in word.margins("header"))
    assert word.margins("footer") == ["1 / 1", "1 / 1"]
    lines = next(word.body.iter(f"{W}lnNumType"))
    assert lines.get(f"{W}restart") == "continuous"


def test_nothing_in_the_file_knows_the_time(made):
    times = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(made.files["report.docx"])).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_a_number_that_the_page_keeps_together_word_keeps_together_too(word, page):
    kept = {collapsed(e) for e in page.iter("data") if "kept" in e.get("class", "").split()}
    assert any(" " in shown for shown in kept)
    found = {shown for _, shown in numbers(word.body)}
    assert {plainly(shown).replace(" ", "\u00a0").replace("\u00a0(", " (") for shown in kept} <= found
