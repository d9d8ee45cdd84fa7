"""A PDF joined of parts: one reading order, one set of bookmarks, links across parts, and on each page what stands around it."""

import io
import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace

import jinja2
import pdfplumber
import pikepdf
import pypdf
import pytest
from markupsafe import Markup

from report import page, pango, pdf, printed
from report.build import build, prepare
from report.compose import Composer, Rendered
from report.counting import Counting
from report.hands import SAMPLE, _ready
from report.pdf_join import PITCH, SIGNS
from report.press import Press
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


def section(name: str, length: int, drawings: int = 0) -> Rendered:
    return Rendered(name, name, "x" * length + "<svg>" * drawings + "</svg>" * drawings)


@pytest.mark.parametrize(("sections", "parts"), [
    ([("a", 100)], ["a"]),
    ([("a", 30_000), ("b", 6_000)], ["a", "b"]),
    ([("a", 30_000), ("b", 4_000), ("c", 6_000)], ["ab", "c"]),
    ([("a", 10_000), ("b", 10_000), ("c", 10_000), ("d", 10_000)], ["abc", "d"]),
    ([], []),
])
def test_a_part_fills_some_pages_and_a_short_section_never_begins_one(sections, parts):
    found = printed.parted([section(*one) for one in sections])
    assert ["".join(one.id for one in group) for group in found] == parts


def test_a_drawing_counts_for_the_room_it_takes():
    big = "<svg>" + "y" * 90_000 + "</svg>"
    found = printed.parted([Rendered("a", "a", big), section("b", 9_000)])
    assert [len(group) for group in found] == [2]


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
    assert len(told.begun) > 3
    press.end(sections)
    later = [part for part in told.asked if part not in told.begun]
    assert told.begun == [part for part in told.asked if part in told.begun]
    assert [[name for name in ("methods", "reproducibility") if f'<section id="{name}"' in part] for part in later] == (
        [["methods"], ["reproducibility"]])  # which speak of all the others


def test_what_is_written_once_more_is_asked_for_as_it_came_out(composer):
    told = Told()
    press = Press(composer, told)
    sections = composer.sections(press.add)
    press.end([*sections[:-1], Rendered("x", "X", Markup("<section id='x'><h2>X</h2></section>"))])
    assert "<h2>X</h2>" in told.asked[-1]
    assert told.asked[1] == told.begun[0]


def test_where_pages_are_parted_does_not_hang_on_what_is_written_last(composer):
    """Methods may become longer or shorter: what comes after begins its part where it did."""
    sections = composer.sections()
    parts = [[one.id for one in part] for part in printed.parted(sections)]
    for html in ("", "<p>A word.</p>" * 9_000):
        changed = [replace(one, html=Markup(html)) if one.id == "methods" else one for one in sections]
        assert [[one.id for one in part] for part in printed.parted(changed)] == parts


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
