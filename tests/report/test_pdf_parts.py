"""A PDF joined of parts: one reading order, one set of bookmarks, links across parts, and on each page what stands around it."""

import io
import itertools
import os
import re
import subprocess
import sys

import jinja2
import pdfplumber
import pikepdf
import pypdf
import pytest
from markupsafe import Markup

from report import page, pango, parting, pdf, pdf_engine, printed
from report.assemble import part_of
from report.build import build, prepare
from report.compose import Composer
from report.counting import Counting
from report.hands import SAMPLE, _ready
from report.pdf_join import PITCH, SIGNS
from report.press import Press
from report.rendered import Rendered
from report.setting import Setting
from stats.cache import Cache
from stats.study.read import read
from tests import built
from tests.report.test_pdf import elements

pytestmark = pytest.mark.skipif(bool(pango.missing()), reason="Pango is not on this machine")

ABOUT = {"title": "A study", "authors": ["S"], "language": "en", "dated": "2025-04-30"}
HEAD = str(page.head(sheets=("report",)))


def part(body: str) -> str:
    return f'<html lang="en"><head><title></title>{HEAD}</head><body class="part"><main>{body}</main></body></html>'


FIRST = """<section id="one"><h2>One</h2><p>See <a class="ref" href="#table-1">Table 1</a> and <a href="#one">above</a>, 12 0 R,
/StructParent 5.</p>
<ul><li>First (1 0 R)</li><li>Second</li></ul><h3>Part of one</h3><p>Text.</p></section>"""
SECOND = """<section id="two"><h2>Two</h2><p style="break-before: page">x</p><div class="table" id="table-1"><table><thead><tr>
<th scope="col">A</th><th scope="col">B</th></tr></thead><tbody><tr><th scope="row">a</th><td>1</td></tr></tbody></table></div>
<p>Back to <a href="#one">One</a>, or to <a href="https://doi.org/10.1000/182">a work</a>.</p></section>"""
AROUND = {"language": "en", "title": "A study", "short": "SHORT", "banner": "BANNER", "fingerprint": "f00d",
          "head": page.head(sheets=("sheets",))}


def lay(*bodies: str) -> list[pdf.Part]:
    parts = [printed.linked(printed.lightened(part(body)), {"one", "table-1"}) for body in bodies]
    return [pdf.lay(one, {}, about=ABOUT, role="part") for one in parts]


def frame() -> pdf.Part:
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(page.TEMPLATES), autoescape=True)
    html = templates.get_template("frame.html.j2").render(page=AROUND | {"signs": SIGNS, "pitch": PITCH})
    return pdf.lay(html, {}, about=ABOUT, role="frame")


@pytest.fixture(scope="module")
def made() -> bytes:
    return pdf.join(lay(FIRST, SECOND), frame(), identifier="ab12")


@pytest.fixture
def opened(made):
    with pikepdf.open(io.BytesIO(made)) as document:
        yield document


def test_every_part_begins_a_page_and_the_text_is_all_there(made):
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    texts = [" ".join(one.extract_text().split()) for one in pages]
    assert len(texts) == 3
    assert "See Table 1 and above, 12 0 R, /StructParent 5." in texts[0]
    assert texts[1].startswith("Two")
    assert "Back to One, or to a work." in texts[2]


def test_around_each_page_stands_the_same_but_its_number(made):
    for number, one in enumerate(pypdf.PdfReader(io.BytesIO(made)).pages, 1):
        text = one.extract_text()
        assert "BANNER" in text
        assert "f00d" in text
        assert ("SHORT" in text) == (number > 1)  # the first has it over its title


def test_numbers_of_pages_end_at_the_edge_of_the_text_and_read_from_left_to_right():
    many = pdf.join(lay(*[FIRST] * 12), frame(), identifier="ab12")
    with pdfplumber.open(io.BytesIO(many)) as document:
        assert len(document.pages) == 12
        for number, one in enumerate(document.pages, 1):
            low = sorted((c for c in one.chars if c["top"] > one.height - 60 and c["x0"] > one.width / 2), key=lambda c: c["x0"])
            assert "".join(c["text"] for c in low).replace(" ", "") == f"{number}/12"
            assert all(b["x0"] >= a["x1"] - 0.1 for a, b in itertools.pairwise(low))
            assert low[-1]["x1"] == pytest.approx(one.width - 20 / 25.4 * 72, abs=0.5)
            assert len({round(c["bottom"], 3) for c in low}) == 1


def test_what_stands_around_is_not_read_out(opened):
    """It is marked as no part of the reading, and holds no mark of its own (ISO 32000-1, 14.8.2.2)."""
    for one in opened.pages:
        steps = pikepdf.parse_content_stream(one)
        artifacts = [str(step.operands[1].Type) for step in steps
                     if str(step.operator) == "BDC" and str(step.operands[0]) == "/Artifact"]
        assert artifacts == ["/Pagination"]
        (name,) = (str(step.operands[0]) for step in steps if str(step.operator) == "Do" and "Frame" in str(step.operands[0]))
        form = one.Resources.XObject[name]
        assert form.Subtype == "/Form"
        assert b"MCID" not in form.read_bytes()
        depth = 0
        for step in steps:
            depth += {"q": 1, "Q": -1}.get(str(step.operator), 0)
            assert depth >= 0
        assert depth == 0


def test_every_mark_on_a_page_belongs_to_one_element_of_the_tree_and_back(opened):
    owners = opened.Root.StructTreeRoot.ParentTree.Nums
    owner_of = {int(owners[i]): owners[i + 1] for i in range(0, len(owners), 2)}
    assert list(owner_of) == sorted(owner_of) == list(range(len(owner_of)))
    for one in opened.pages:
        marks = [int(step.operands[1].MCID) for step in pikepdf.parse_content_stream(one)
                 if str(step.operator) == "BDC" and "/MCID" in step.operands[1]]
        assert marks
        mine = owner_of[int(one.obj.StructParents)]
        assert len(mine) == len(marks) == len(set(marks))
        for mark in marks:
            assert mark in [int(kid) for kid in mine[mark].K if isinstance(kid, int)]
            assert mine[mark].Pg.objgen == one.obj.objgen
    for one in opened.pages:
        for link in one.get("/Annots", []):
            assert owner_of[int(link.StructParent)].S == "/Link"


def test_the_reading_order_is_that_of_the_parts(opened):
    assert [str(one.S) for one in opened.Root.StructTreeRoot.K[0].K if str(one.S) == "/Part"]  # one <main> for each
    assert len(elements(opened, "/H2")) == 2
    (document,) = opened.Root.StructTreeRoot.K
    seen = []

    def walk(element):
        assert element.S is not None
        if "/Pg" in element:
            seen.append(element.Pg.objgen)
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen
                walk(kid)

    walk(document)
    order = [one.obj.objgen for one in opened.pages]
    numbers = [order.index(one) for one in seen]
    assert numbers == sorted(numbers)


def test_bookmarks_and_links_lead_into_every_part(opened, made):
    reader = pypdf.PdfReader(io.BytesIO(made))
    flat = []
    for item in reader.outline:
        flat += item if isinstance(item, list) else [item]
    found = [(item.title, reader.get_destination_page_number(item)) for item in flat]
    assert found == [("One", 0), ("Part of one", 0), ("Two", 1)]
    places = {name: reader.get_destination_page_number(place) for name, place in reader.named_destinations.items()}
    assert places == {"one": 0, "two": 1, "table-1": 2}
    links = [[str(link.get("/Dest", link.get("/A", {}).get("/URI"))) for link in one.get("/Annots", [])] for one in opened.pages]
    assert links == [["table-1", "one"], [], ["one", "https://doi.org/10.1000/182"]]
    assert [str(link.Contents) for link in opened.pages[0].Annots] == ["table-1", "one"]


def test_the_file_is_sound_tagged_and_says_what_it_is(opened):
    assert opened.check_pdf_syntax() == []
    assert opened.Root.MarkInfo.Marked is True
    assert str(opened.Root.Lang) == "en"
    assert str(opened.docinfo["/Title"]) == "A study"
    with opened.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
    assert len(opened.Root.StructTreeRoot.K) == 1


def test_a_part_is_the_same_in_whatever_company_and_the_file_too(made):
    again = [lay(FIRST, SECOND)[i] for i in (0, 1)]
    lay(SECOND)
    assert pdf.join(again, frame(), identifier="ab12") == made


def test_a_part_knows_nothing_of_the_file_it_will_stand_in():
    """Else one that is kept under its own text would bring another title back."""
    other = {"title": "Another", "authors": ["T"], "language": "en", "dated": ""}
    assert pdf.lay(part(FIRST), {}, about=other, role="part") == pdf.lay(part(FIRST), {}, about=ABOUT, role="part")


def test_a_place_that_is_nowhere_is_no_link():
    (one,) = lay('<section id="a"><h2>A</h2><p><a href="#nowhere">x</a></p></section>')
    with pikepdf.open(io.BytesIO(pdf.join([one], frame(), identifier="x"))) as document:
        assert "/Annots" not in document.pages[0]


def test_the_quick_parser_makes_the_same_part():
    for body in (FIRST, SECOND):
        text = part(body)
        assert pdf.lay(text, {}, about=ABOUT, role="part") == pdf.lay(text, {}, about=ABOUT, role="part", closed=True)


def test_what_warms_up_can_be_set():
    """A fault of it would pass unseen in a build, where the work itself says what is missing."""
    assert pdf.lay(SAMPLE.format(page.head(sheets=("report",))), {}, about=ABOUT, role="part", closed=True)["pages"]
    _ready()


# ── where a part begins ─────────────────────────────────────────────────────────────────────────────────────────


def section(name: str, share: float, late: bool = False) -> Rendered:
    """A section that fills about so much of a page."""
    return Rendered(name, name, f"<h2>{name}</h2>" + "<p>A line.</p>" * round(share * 35.8 - 1), late)


@pytest.mark.parametrize(("sections", "parts"), [
    ([("a", 0.2)], ["a"]),
    ([("a", 2.9), ("b", 1.5)], ["a", "b"]),  # a page is about full
    ([("a", 2.2), ("b", 0.6), ("c", 0.5)], ["ab", "c"]),
    ([("a", 3.3), ("b", 1.4), ("c", 1.6), ("d", 0.4)], ["ab", "cd"]),  # nowhere full, and least is lost there
    ([("a", 0.9), ("b", 0.3), ("c", 0.9)], ["abc"]),  # too few pages for two parts
    ([("a", 0.3), ("m", 0.6, True), ("b", 3.2), ("c", 2.7), ("d", 0.9)], ["am", "bc", "d"]),  # Methods fill a page
    ([("a", 0.3), ("m", 0.1, True), ("b", 0.8), ("c", 0.6)], ["ambc"]),  # they don't, and all fits on two
    ([], []),
])
def test_pages_are_parted_where_one_is_about_full(sections, parts):
    found = printed_parts([section(*one) for one in sections])
    assert found == parts


def printed_parts(sections) -> list[str]:
    return ["".join(one.id for one in group) for group in parting.parted(sections)]


def test_what_is_parted_early_does_not_hang_on_the_height_of_what_is_written_last():
    def made(share):
        return [section("a", 0.5), section("m", share, True), section("b", 2.9), section("c", 2.9), section("d", 1.0)]

    for share in (0.1, 0.6, 1.3, 4.0):
        gone = parting.Parting()
        early = ["".join(one.id for one in gone.add(one)) for one in made(share)]
        assert early == ["", "", "", "", "c"]
        assert "c" in printed_parts(made(share))


def test_only_links_into_other_parts_are_marked():
    here = '<p id="a"><a href="#b">x</a><a href="#a">x</a><a href="#c">x</a><a class="note" href="#reference-3">3</a></p>'
    links = re.findall('href="([^"]*)"', printed.linked(here, {"a", "b"}))
    assert links == ["report:///#b", "#a", "#c", "report:///#reference-3"]


# ── on the way ──────────────────────────────────────────────────────────────────────────────────────────────────


class Told:
    """In place of the processes that lay out: what they were given, in order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.asked: list[str] = []

    def begin(self, part: str) -> None:
        self.begun.append(part)

    def surround(self, frame, identifier) -> None:
        assert not self.begun
        assert frame.count('class="sheet"') == 2 + len(SIGNS)

    def ask(self, parts) -> None:
        self.asked = list(parts)


@pytest.fixture
def composer():
    study = read(built.CART)
    made = prepare(study, style=study.style, code="0" * 64, drawn=("svg",))
    return Composer(made.pieces, made.facts)


def test_a_part_is_begun_when_its_last_section_is_written_and_stays_as_it_was(composer):
    told = Told()
    press = Press(composer, told)
    sections = composer.sections(press.add)
    assert len(told.begun) >= 2
    press.end(sections)
    later = [part for part in told.asked if part not in told.begun]
    assert told.begun == [part for part in told.asked if part in told.begun]
    assert [[name for name in ("methods", "reproducibility") if f'<section id="{name}"' in part] for part in later] == (
        [["methods"], [], ["reproducibility"]])  # which speak of all the others; between may stand what was parted with them


def test_what_is_written_once_more_is_asked_for_as_it_came_out(composer):
    told = Told()
    press = Press(composer, told)
    sections = composer.sections(press.add)
    press.end([*sections[:-1], Rendered("x", "X", Markup("<section id='x'><h2>X</h2></section>"))])
    assert "<h2>X</h2>" in told.asked[-1]
    assert set(told.begun) <= set(told.asked)


def filled(html: str) -> float:
    """Pages that a part fills when it is laid out."""
    pdf.ensure()
    pdf.load()
    document = pdf_engine.page(html, pdf_engine.fetcher({}), True).render(font_config=pdf_engine.own_fonts())
    shown = [box for box in document.pages[-1]._page_box.descendants() if box.element_tag in ("p", "table", "li", "figure")]
    low = max(box.position_y + box.margin_height() for box in shown) * 25.4 / 96
    return len(document.pages) - 1 + (low - 24) / 251


def test_the_estimate_of_pages_is_what_layout_makes_of_them(composer):
    """Text, whole and split tables, figures alone, in a row and beside their legends, and what goes before what: to a fifth of
    a page in three to seven."""
    sections = {one.id: one for one in composer.sections()}
    for names in (("patients", "product", "response", "survival"), ("kinetics-cart", "kinetics-il6", "toxicity"),
                  ("cytopenias", "gvhd"), ("choices",)):
        group = [sections[name] for name in names]
        html = part_of(composer, group, page.head(sheets=("report",)), False)
        assert parting._ends(group, ())[-1] == pytest.approx(filled(html), abs=0.2)


def test_the_shipped_report_wastes_no_pages():
    """What it holds fills twenty-two pages; parted by the length of their HTML, they were twenty-six."""
    found = built.make(built.CART, formats=("pdf",)).files["report.pdf"]
    assert len(pypdf.PdfReader(io.BytesIO(found)).pages) <= 24


def test_every_link_of_the_shipped_report_leads_to_its_place():
    files = built.make(built.CART, formats=("html", "pdf")).files
    body = files["report.html"].partition("<main>")[2]
    links = re.findall('<a [^>]*href="#([^"]*)"', body)
    anchors = set(re.findall(r'\bid="([^"]*)"', body))
    assert len(links) > 50
    assert set(links) <= anchors
    with pikepdf.open(io.BytesIO(files["report.pdf"])) as document:
        names = document.Root.Names.Dests.Names
        places = {str(names[i]): names[i + 1][0].objgen for i in range(0, len(names), 2)}
        found = [str(link.Dest) for one in document.pages for link in one.get("/Annots", []) if "/Dest" in link]
        assert len(found) >= len(links)  # one that is broken by the end of a line has two rectangles
        assert set(found) == set(links)
        pages = {one.obj.objgen for one in document.pages}
        assert all(places[name] in pages for name in found)


PLAINLY = """
import contextlib, sys
sys.path.insert(0, sys.argv[1])
import weasyprint, weasyprint.pdf.fonts
from report import pdf, pdf_engine, pdf_haste
if sys.argv[2] == "plainly":  # as WeasyPrint would do it by itself
    pdf_engine._kind_of_page = lambda: weasyprint.HTML
    pdf.own_fonts = lambda: None
    pdf.no_margins = lambda bare: contextlib.nullcontext()
    pdf_engine._texts_in_one()
    assert type(weasyprint.pdf.fonts.ffi).__name__ == "FFI"
else:
    pdf_engine._hasten()
    pdf_haste.hasten(weasyprint.__version__)
about = {"title": "", "authors": [], "language": "en", "dated": ""}
page = open(sys.argv[3], encoding="utf-8").read()
for _ in range(2):  # the second time with what is remembered
    print(sorted(pdf.lay(page, {}, about=about, role="part", closed=sys.argv[2] != "plainly").items()))
"""


def test_haste_changes_no_byte(tmp_path, composer):
    """The shipped report's first part, with the quick parser and arrays of one type, without footnotes and boxes in margins, and
    with no text set twice.
    """
    told = Told()
    press = Press(composer, told)
    press.end(composer.sections(press.add))
    (tmp_path / "page.html").write_text(told.asked[0], "utf-8")
    made = [subprocess.run([sys.executable, "-c", PLAINLY, str(built.ROOT), how, str(tmp_path / "page.html")],
                           capture_output=True, text=True, check=True).stdout for how in ("plainly", "in haste")]
    assert made[0] == made[1] != ""


def test_whoever_lays_out_and_joins_the_file_is_the_same(tmp_path, monkeypatch):
    """By two processes, with every part kept, and in the one process of a machine that has a single processor."""
    study = read(built.ROOT / "data" / "single-arm")

    def made(cache=None):
        return build(study, style=study.style, formats=("pdf",), code="0" * 64,
                     counting=Counting(study, cache, beside=False)).files["report.pdf"]

    cache = Cache(tmp_path / "kept")
    first = made(cache)
    assert first.rstrip().endswith(b"%%EOF")
    assert made(cache) == first
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert made() == first


class Hand:
    """A process of which one can see what it was asked."""

    def __init__(self):
        self.twins, self.asked = [], []

    def ask(self, what, *given):
        self.asked.append(given[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_what_takes_longest_is_laid_out_first_and_the_last_parts_wait_for_whoever_is_free():
    """A cell takes as long as ten words: 8 cells before 70 words before 3 drawn labels."""
    first, second = Hand(), Hand()
    first.twins = [second]
    setting = Setting(read(built.CART), Cache(None), first)
    words, cells, drawn = f"<p>{'word ' * 70}</p>", "<td>1</td>" * 8, "<svg><text>a</text><text>b</text><text>c</text></svg>"
    setting._waiting = [drawn, words, cells, "<p>a</p>", "<p>b c</p>"]
    setting._give()
    assert (first.asked, second.asked) == ([cells], [words])
    setting.wanted = list(setting._waiting)
    setting._give()  # one more waits beside a process that is at work, as long as others are left for both at the end
    assert (first.asked, second.asked) == ([cells], [words, drawn])
    assert sorted(setting._waiting) == ["<p>a</p>", "<p>b c</p>"]
    setting._given[0].clear()
    setting._give()
    assert first.asked == [cells, "<p>b c</p>"]
    assert setting._waiting == ["<p>a</p>"]
