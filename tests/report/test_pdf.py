"""The PDF: the same bytes every time, open to screen readers, closed to everything outside."""

import datetime
import io
import os
import re
import subprocess
import sys

import pikepdf
import pypdf
import pytest

from report import fonts, manifest, page, pango, pdf
from report.output import MachineFailed
from stats.findings import Refused

needs_pango = pytest.mark.skipif(bool(pango.missing()), reason="Pango is not on this machine")
pytestmark = needs_pango

STYLE = b"""@page { size: A4; @bottom-center { content: counter(page) " of " counter(pages) } }
body { font-family: 'Source Serif 4', serif } table, figure { font-family: 'Source Sans 3', sans-serif }"""
PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><path d='M0 0L40 20' stroke='#000'/></svg>"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Not this</title>
<link rel="stylesheet" href="report:///print.css"></head><body><h1 id="top">Results</h1>
<p>Survival was <data value="os/survival~12@R">80%</data> (95% CI, 44–97), 1.2 × 10⁹/L, ≤ 5 µg.
See <a href="#t1">Table 1</a> and <a href="https://doi.org/10.1000/182">the guideline</a>.</p>
<table id="t1"><caption>Table 1. Patients.</caption>
<thead><tr><td></td><th colspan="2" scope="colgroup">Group</th></tr>
<tr><th scope="col">Characteristic</th><th scope="col">Recipient</th><th scope="col">Donor</th></tr></thead>
<tbody><tr><th scope="row">Age, years</th><td>34</td><td>41</td></tr>
<tr><th scope="row">Men</th><td>5</td><td>7</td></tr></tbody></table>
<figure><img src="report:///figures/pfs.svg" alt="Two curves that part at month 6."><figcaption>Figure 1.</figcaption>
</figure>
<figure><svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><title>A drawn-in line.</title>
<path d="M0 0L40 20" stroke="#000"/></svg></figure></body></html>"""
ASSETS = {"print.css": STYLE, "figures/pfs.svg": PICTURE}


def make(html: str = PAGE, **options) -> bytes:
    return pdf.write(html, ASSETS, **{"title": "A study", "identifier": "ab12", **options})


def within(markup: str) -> str:
    return f"<html lang='en'><head><title>x</title></head><body>{markup}</body></html>"


@pytest.fixture(scope="module")
def made() -> bytes:
    return make()


@pytest.fixture
def opened(made):
    with pikepdf.open(io.BytesIO(made)) as document:
        yield document


def elements(document, kind: str) -> list:
    """Structure elements of one kind, in reading order."""
    found = []

    def walk(item):
        if isinstance(item, pikepdf.Array):
            for kid in item:
                walk(kid)
        elif isinstance(item, pikepdf.Dictionary) and "/S" in item:
            if str(item.S) == kind:
                found.append(item)
            walk(item.get("/K"))

    walk(document.Root.StructTreeRoot.K)
    return found


# ── the same bytes ──────────────────────────────────────────────────────────────────────────────────────────────


def test_twice_the_same_bytes(made):
    assert make() == made


def test_the_same_bytes_in_another_process_place_time_zone_and_language(made, tmp_path):
    odd = tmp_path / "a place é"
    odd.mkdir()
    (odd / "page.html").write_text(PAGE, encoding="utf-8")
    script = ("import sys; sys.path.insert(0, sys.argv[1])\nfrom report import pdf\n"
              "page = open('page.html', encoding='utf-8').read()\n"
              "assets = {'figures/pfs.svg': bytes.fromhex(sys.argv[2]), 'print.css': bytes.fromhex(sys.argv[3])}\n"
              "sys.stdout.buffer.write(pdf.write(page, assets, title='A study', identifier='ab12'))")
    words = [sys.executable, "-c", script, str(manifest.ROOT), PICTURE.hex(), STYLE.hex()]
    done = subprocess.run(words, cwd=odd, capture_output=True, check=True, env={
        "PATH": os.environ["PATH"], "HOME": str(odd), "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "7", "FONTCONFIG_FILE": "/etc/fonts/fonts.conf"})
    assert done.stdout == made


def test_another_identifier_is_another_file(made):
    assert make(identifier="cd34") != made


def test_no_date_unless_one_is_given(made, opened):
    assert not {"/CreationDate", "/ModDate"} & set(opened.docinfo.keys())
    with pikepdf.open(io.BytesIO(make(dated=datetime.date(2025, 4, 30)))) as dated:
        assert str(dated.docinfo["/CreationDate"]) == str(dated.docinfo["/ModDate"]) == "D:20250430"


# ── readable ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_text_can_be_read_back(made):
    text = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()
    for piece in ("Survival was 80% (95% CI, 44–97)", "1.2 × 10⁹/L, ≤ 5 µg", "1 of 1"):
        assert piece in text


def test_all_fonts_are_embedded_and_ours(opened):
    names = set()
    for item in opened.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/DescendantFonts" in item:
            descriptor = item.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
            assert "/ToUnicode" in item
            names.add(str(item.BaseFont).split("+")[1].strip(",").replace("-", " "))
    assert names == {fonts.SERIF, f"{fonts.SERIF} Bold", fonts.SANS, f"{fonts.SANS} Bold"}


def test_is_tagged_titled_and_in_a_language(opened):
    assert opened.Root.MarkInfo.Marked is True
    assert str(opened.Root.Lang) == "en"
    assert opened.Root.ViewerPreferences.DisplayDocTitle is True
    assert str(opened.docinfo["/Title"]) == "A study"
    with opened.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert about["dc:title"] == "A study"


def test_header_cells_say_what_they_head(opened):
    scopes = [str(cell.A.Scope) for cell in elements(opened, "/TH")]
    assert scopes == ["/Column"] * 4 + ["/Row"] * 2
    for cell in elements(opened, "/TD"):
        assert "/Headers" not in cell.get("/A", {})
    assert elements(opened, "/TH")[0].A.ColSpan == 2


def test_heads_and_feet_of_pages_are_not_read_out(opened):
    marks = [(str(step.operands[0]), step.operands[1]) for step in pikepdf.parse_content_stream(opened.pages[0])
             if str(step.operator) == "BDC"]
    asides = [properties for tag, properties in marks if tag == "/Artifact"]
    assert [str(properties.Type) for properties in asides] == ["/Pagination"]  # "1 of 1" under the page
    owners = opened.Root.StructTreeRoot.ParentTree.Nums[1]
    numbers = [int(properties.MCID) for tag, properties in marks if tag != "/Artifact"]
    assert len(numbers) > 10
    assert all(owners[number].P is not None for number in numbers)
    assert sum(owner is None for owner in owners) == 1


def test_pictures_speak(opened):
    assert [str(figure.Alt) for figure in elements(opened, "/Figure")] == [
        "Two curves that part at month 6.", "A drawn-in line."]


@pytest.mark.parametrize(("placed", "shown"), [
    ("", 1), ('text-anchor="middle"', 1), ('dx="0 1 1 1"', 4), ('letter-spacing="2"', 4)])
def test_a_text_in_a_drawing_is_set_as_a_word(placed, shown):
    """Not letter by letter, unless each has its place: letters are kerned, and fewer things are drawn."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="5" y="20" {placed}>AVAT</text></svg>'
    made = make(within(drawing))
    with pikepdf.open(io.BytesIO(made)) as document:
        page = document.pages[0]
        forms = [form for form in page.Resources.get("/XObject", {}).values() if form.get("/Subtype") == "/Form"]
        operators = [str(one.operator) for drawn in (page, *forms) for one in pikepdf.parse_content_stream(drawn)]
    assert sum(operator in ("Tj", "TJ") for operator in operators) == shown
    if shown == 1:
        assert "AVAT" in pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()


def test_links_are_printed_and_lead_where_they_say(opened):
    links = [note for page in opened.pages for note in page.get("/Annots", [])]
    assert [str(link.get("/Dest", link.get("/A", {}).get("/URI", ""))) for link in links] == [
        "t1", "https://doi.org/10.1000/182"]
    assert all(link.F == 4 for link in links)
    assert [str(item.title) for item in opened.open_outline().root] == ["Results"]


# ── closed ──────────────────────────────────────────────────────────────────────────────────────────────────────

GRABS = {
    "attached link": "<a rel='attachment' href='file:///etc/passwd'>x</a>",
    "attached asset": "<a rel='attachment' href='http://example.org/x'>x</a>",
    "picture file": "<img src='file:///etc/passwd' alt='x'>",
    "picture data": "<img src='data:image/png;base64,iVBORw0KGgo=' alt='x'>",
    "picture net": "<img src='http://127.0.0.1:9/x.png' alt='x'>",
    "picture not handed over": "<img src='report:///other.svg' alt='x'>",
    "picture above": "<img src='report:///../print.css' alt='x'>",
    "object": "<object data='file:///etc/passwd'></object>",
    "embed": "<embed src='file:///etc/passwd'>",
    "style": "<style>p { background: url(file:///etc/passwd) }</style><p>x</p>",
    "import": "<style>@import 'file:///etc/passwd';</style>",
    "font": "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x</p>",
    "list": "<ul style=\"list-style-image: url('file:///etc/passwd')\"><li>x</li></ul>",
    "picture in a drawing": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
                            "<image href='file:///etc/passwd' width='9' height='9'/></svg>",
}


@pytest.mark.parametrize("markup", GRABS.values(), ids=GRABS)
def test_nothing_is_read_from_outside(markup):
    with pytest.raises(Refused) as refused:
        make(within(markup))
    assert {problem.code for problem in refused.value.problems} == {"E_ASSET"}
    assert "passwd" not in "".join(problem.line() for problem in refused.value.problems)  # a cell may have made it


def test_an_attachment_in_the_head_is_refused():
    with pytest.raises(Refused, match="1 problem"):
        make("<html lang='en'><head><link rel='attachment' href='file:///etc/passwd'></head><body>x</body></html>")


def test_an_attachment_of_ones_own_asset_is_refused_too():
    with pytest.raises(Refused) as refused:
        make(within("<a rel='attachment' href='report:///print.css'>x</a>"))
    assert "E_ACTIVE" in {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://doi.org/x", "https://example.org/", "file:///x",
                                     "mailto:a@b.c", "https://doi.org.example.org/x", "data:text/html,x"])
def test_links_elsewhere_are_refused(address):
    with pytest.raises(Refused) as refused:
        make(within(f"<a href='{address}'>x</a>"))
    assert [problem.code for problem in refused.value.problems] == ["E_LINK"]


def test_a_link_that_the_study_names_is_allowed():
    assert make(within("<a href='https://example.org/protocol'>x</a>"), links=["https://example.org/protocol"])


def test_a_script_in_the_page_does_not_reach_the_pdf():
    data = make(within("<script>alert(1)</script><p onclick='alert(2)'>x</p><iframe src='file:///etc/passwd'></iframe>"))
    with pikepdf.open(io.BytesIO(data)) as document:
        keys = {key for item in document.objects if isinstance(item, pikepdf.Dictionary) for key in item}
        assert not {"/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/EF", "/AF"} & keys
    assert "alert" not in pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()


# ── the way there ───────────────────────────────────────────────────────────────────────────────────────────────


def test_complaints_are_handed_on_once_and_noise_is_not():
    heard = []
    make(within("<style>p { colour: red } i { colour: red }</style>"
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' style='stroke-linejoin: round'/>"),
         warn=heard.append)
    assert len(heard) == len(set(heard)) == 2
    assert all("colour" in line for line in heard)


def test_without_pango_the_machine_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(pango, "missing", lambda: "libpango-1.0.so.0")
    with pytest.raises(MachineFailed, match=r"libpango-1\.0\.so\.0 is missing.*run: .*ango"):
        make()


def test_a_weasyprint_with_known_holes_is_refused(monkeypatch):
    script = ("import sys; sys.path.insert(0, sys.argv[1])\nimport weasyprint; del sys.modules['weasyprint']\n"
              "weasyprint.__version__ = '69.0'\nimport builtins; real = builtins.__import__\n"
              "builtins.__import__ = lambda n, *a: weasyprint if n == 'weasyprint' else real(n, *a)\n"
              "from report import pdf\ntry: pdf.load()\nexcept Exception as e: print(e)")
    words = [sys.executable, "-c", script, str(manifest.ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "WeasyPrint 69.0 is too old to be safe" in done.stdout


WITHOUT_HASTE = """
import sys
sys.path.insert(0, sys.argv[1])
started = []
sys.addaudithook(lambda event, words: started.append(words) if event in ("subprocess.Popen", "os.system") else None)
from report import pdf
pdf.write("<html lang=en><p>x", {}, title="t", identifier="i")
print(len(started), sum(name.startswith("fontTools.") for name in sys.modules))
from weasyprint.pdf.fonts import subset, instantiateVariableFont
print(subset.Subsetter.__module__)
from fontTools import subset
from fontTools.varLib.instancer import instantiateVariableFont as real
print(subset.Subsetter.__module__, real.__module__, hasattr(sys.modules["fontTools.varLib"], "build"))
"""


def test_starting_weasyprint_asks_no_other_program_and_loads_no_subsetter():
    """What makes its import slow: 57 calls of the linker and compiler, and code for fonts that we don't have."""
    words = [sys.executable, "-c", WITHOUT_HASTE, str(manifest.ROOT)]
    counts, inside, later = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    processes, modules = map(int, counts.split())
    assert processes == 0
    assert modules < 60
    assert inside == "fontTools.subset"  # without HarfBuzz's subsetter WeasyPrint still gets the real one
    assert later == "fontTools.subset fontTools.varLib.instancer True"  # and so does everybody else


def test_a_second_document_in_one_process_is_no_different(made):
    make(within("<p>Something else, set first.</p>"))
    assert make() == made


def test_a_hyphen_at_a_line_s_end_is_the_one_that_is_typed():
    """A font draws both with one glyph, which can only be one of them to whoever searches the file."""
    words = "internationalisation cryopreservation immunophenotyping " * 4
    html = (f'<html lang="en"><head><title>x</title>{page.head(sheets=("report",))}</head><body class="part"><main>'
            f'<p style="width: 35mm">{words} The log-rank test.</p></main></body></html>')
    data = pdf.write(html, {}, title="x", identifier="0" * 64)
    text = "".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(data)).pages)
    assert "log-rank" in text
    assert re.search(r"[a-z]-\n", text)
    assert "\u2010" not in text


def test_in_more_room_a_line_holds_no_less():
    """The space before an element takes no room where a line ends."""
    widths = [30 + step / 4 for step in range(120)]
    data = make(within("".join(f'<p style="width: {width}mm">Immunophenotyping of cells <i>x</i></p>' for width in widths)))
    lines = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages).splitlines()
    firsts = [len(line.strip()) for line in lines if line.startswith("Immuno")]
    assert len(firsts) == len(widths)
    assert firsts == sorted(firsts)
    assert len(set(firsts)) > 2


LISTED = '<h3>Works</h3><ol class="refs">{}</ol>'.format
ROWS = ('<div class="table long"><table><thead><tr><th scope="col">Head</th></tr></thead><tbody>{}</tbody></table>'
        '<p class="note">Note</p></div>').format


@pytest.mark.parametrize(("block", "one", "many", "least"), [
    (LISTED, "<li>Work of one</li>", 15, 15), (LISTED, "<li>Work of one</li>", 40, 9),
    (ROWS, "<tr><th scope='row'>Work</th></tr>", 20, 3), ("<ul>{}</ul>".format, "<li>Work</li>", 12, 4),
    ("<p>Earlier.</p><p>{}</p>".format, "Work of one and of another that fills half of a line. ", 30, 10),
])
def test_a_page_is_not_left_to_a_few_lines(block, one, many, least):
    """Wherever the page before it ends."""
    def laid(room: int) -> list[str]:
        html = (f'<html lang="en"><head><title>x</title>{page.head(sheets=("report",))}</head><body class="part"><main>'
                f'<section><h2>A</h2><div style="height: {room}mm">Above</div>{block(one * many)}</section></main></body></html>')
        made = pdf.write(html, {}, title="x", identifier="0" * 64)
        return [part.extract_text() for part in pypdf.PdfReader(io.BytesIO(made)).pages]

    found = [laid(room) for room in range(40, 241, 4)]
    assert {len(pages) for pages in found} == {1, 2}
    assert min(pages[-1].count("Work") for pages in found) >= least
