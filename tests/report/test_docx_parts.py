"""Each part of a Word file by itself: looks, tables, figures, lists, links; and what is refused."""

import io
import re
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import pytest

from report import docx, docx_package
from report.docx_xml import bookmark_name, tag
from stats.findings import Refused
from tests.report.wordml import WP, File, W, fields, misplaced, png, spans, style, text

EMU = 36000  # in a millimetre
SVG = '<svg width="{}mm" height="{}mm"><title>A curve that falls</title><g><path d="M0 0"/></g></svg>'


def write(body, pictures=None, **properties):
    return docx.write(f"<!DOCTYPE html><html><head><title>T</title><style>p &gt; b {{}}</style></head><body>{body}</body></html>",
                      pictures or {}, **{"title": "T", **properties})


def table(columns=3, cell="1", rows=2, spanner="", notes="<p class='note'>A note.</p>"):
    heads = "".join(f'<th scope="col">Head {i}</th>' for i in range(columns))
    lines = f'<tr><th class="in1">Label</th>{f"<td>{cell}</td>" * (columns - 1)}</tr>' * rows
    return (f'<div class="table" id="table-t"><table><caption><b>Table 1.</b> Title.</caption><thead>{spanner}<tr>{heads}</tr>'
            f'</thead><tbody>{lines}</tbody></table>{notes}</div>')


def figure(width=85, height=60):
    return f'<figure id="figure-f">{SVG.format(width, height)}<figcaption><b>Figure 1.</b> A curve.</figcaption></figure>'


def test_same_bytes_every_time():
    body = "<p>One <data value='a/b@all'>1</data>.</p>" + table() + figure()
    first, second = (write(body, {"figure-f": png()}, dated=date(2025, 1, 2)) for _ in range(2))
    assert first == second


def test_a_banner_comes_from_the_page_only():
    assert "".join(File(write("<p>Real.</p>")).margins("header")) == ""
    banner = '<div class="banner" role="note">SYNTHETIC</div><header><p class="short">ABC</p></header>'
    file = File(write(banner))
    assert sorted(file.margins("header")) == ["SYNTHETIC", "SYNTHETICABC"]
    assert text(file.body) == "ABC"


def test_a_long_address_keeps_its_beginning_and_stays_apart():
    long = "adverse-events/" + "neurotoxicity" * 5
    assert tag("os/survival~12@R") == "os/survival~12@R"
    assert len(tag(long)) == 64
    assert tag(long).startswith("adverse-events/neuro")
    assert tag(long) != tag(long + "@all")
    assert bookmark_name("table-baseline") == "table_baseline"
    assert len({bookmark_name(a) for a in ("table-a-b", "table-a_b", "table-A-b", "1-a", "table-é")}) == 5
    assert len(bookmark_name("table-" + "x" * 60)) == 40


def test_words_keep_their_look_and_their_spaces():
    body = File(write("<p> A\n <b>bold </b> <i>slanted</i> 10<sup>9</sup>/L, H<sub>2</sub>O <q>said</q> </p>")).body
    assert text(body) == "A bold slanted 10⁹/L, H₂O “said”".replace("⁹", "9").replace("₂", "2")
    look = {text(r): {child.tag.removeprefix(W): child.get(f"{W}val") for child in r.find(f"{W}rPr")}
            for r in body.iter(f"{W}r") if r.find(f"{W}rPr") is not None}
    assert look == {"bold ": {"b": None, "bCs": None}, "slanted": {"i": None, "iCs": None},
                    "9": {"vertAlign": "superscript"}, "2": {"vertAlign": "subscript"}}


def test_spanners_and_indents():
    spanner = '<tr><td></td><th colspan="2" scope="colgroup">Both groups</th></tr>'
    file = File(write(table(spanner=spanner)))
    rows = list(file.body.iter(f"{W}tr"))
    assert [spans(cell) for cell in rows[0].iter(f"{W}tc")] == [1, 2]
    assert [style(p) for p in rows[0].iter(f"{W}p")] == ["TableHead", "TableSpanner"]
    assert [style(p) for p in rows[2].iter(f"{W}p")] == ["TableText1", "TableText", "TableText"]
    assert sum(row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows) == 2
    assert misplaced(file.document) == []


def test_a_table_too_wide_lies_on_a_page_of_its_own():
    file = File(write(f"<p>Before.</p>{table(16, 'incomparable')}<p>After.</p>"))
    sizes = [(s.find(f"{W}pgSz").get(f"{W}orient"), s.find(f"{W}titlePg") is not None) for s in file.body.iter(f"{W}sectPr")]
    assert sizes == [(None, True), ("landscape", False), (None, False)]
    assert misplaced(file.document) == []
    assert text(file.body).startswith("Before.Table 1. Title.")
    twice = table(16, "incomparable") + table(16, "incomparable").replace("table-t", "table-u").replace("1.</b>", "2.</b>")
    kinds = [s.find(f"{W}pgSz").get(f"{W}orient") for s in File(write(f"<p>A</p>{twice}<p>B</p>")).body.iter(f"{W}sectPr")]
    assert kinds == [None, "landscape", None]


def test_a_small_table_is_kept_whole():
    def kept(html):
        firsts = [next(row.iter(f"{W}p")) for row in File(write(html)).body.iter(f"{W}tr")]
        return [first.find(f"{W}pPr/{W}keepNext") is not None for first in firsts]

    assert kept(table(rows=3)) == [False, True, False, True]  # heads keep by their style, no row stands alone
    assert kept(table(rows=3).replace('"table"', '"table whole"')) == [True] * 4
    assert kept(table(rows=3, notes="")) == [False, True, False, False]


def test_figures_have_the_width_they_are_printed_at():
    for width, beyond in ((85, None), (183, "-368")):
        body = File(write(figure(width), {"figure-f": png()})).body
        extent = next(body.iter(f"{WP}extent"))
        assert (int(extent.get("cx")), int(extent.get("cy"))) == (width * EMU, 60 * EMU)
        found = body.find(f"{W}p/{W}pPr/{W}ind")
        assert (found.get(f"{W}left") if found is not None else None) == beyond
    assert next(body.iter(f"{WP}docPr")).get("descr") == "A curve that falls"


def test_each_numbered_list_begins_with_one():
    file = File(write("<ol><li>a</li></ol><ol><li>b</li></ol><ul><li>c</li></ul>"))
    used = [p.find(f"{W}pPr/{W}numPr/{W}numId") for p in file.paragraphs()]
    first, second = (n.get(f"{W}val") for n in used[:2])
    assert first != second
    assert used[2] is None  # by its style
    numbering = file.part("word/numbering.xml")
    assert {first, second} <= {n.get(f"{W}numId") for n in numbering.iter(f"{W}num")}
    assert misplaced(numbering) == []


def test_a_link_with_words_of_its_own_is_no_field():
    body = File(write(f'<p><a class="ref" href="#table-t">Table 1</a>, <a href="#table-t">the table</a></p>{table()}')).body
    assert [code.split()[0] for code, _ in fields(body)] == ["REF", "SEQ"]
    assert [text(link) for link in body.iter(f"{W}hyperlink")] == ["the table"]


# refusals

@pytest.mark.parametrize(("body", "code"), [
    ("<p>A<marquee>B</marquee></p>", "E_TEMPLATE"),
    ("<p><img src='report:///a.png'></p>", "E_TEMPLATE"),
    ("<script>alert(1)</script>", "E_TEMPLATE"),
    ("<section>stray words</section>", "E_TEMPLATE"),
    ("<section><b>stray words</b></section>", "E_TEMPLATE"),
    ("<p>never closed", "E_TEMPLATE"),
    ("<p>closed twice</p></p>", "E_TEMPLATE"),
    ("<p>a <ul><li>b</li></ul></p>", "E_TEMPLATE"),
    ("<td>alone</td>", "E_TEMPLATE"),
    ("<p id='a'>1</p><p id='a'>2</p>", "E_TEMPLATE"),
    ("<p>\x0b</p>", "E_TEMPLATE"),
    ("<div class='table'><table><tbody><tr><td>1</td></tr><tr><td>1</td><td>2</td></tr></tbody></table></div>", "E_TEMPLATE"),
    ("<figure id='figure-f'><figcaption>no drawing</figcaption></figure>", "E_TEMPLATE"),
    (figure().replace("85mm", "50%"), "E_TEMPLATE"),
    (figure().replace('"figure-f"', '"figure-g"'), "E_ASSET"),
    ("<p><a href='javascript:alert(1)'>x</a></p>", "E_LINK"),
    ("<p><a href='https://example.org/'>x</a></p>", "E_LINK"),
    ("<p><a href='file:///etc/passwd'>x</a></p>", "E_LINK"),
    ("<p><a href='#nowhere'>x</a></p>", "E_LINK"),
    ("<p><a>x</a></p>", "E_LINK"),
])
def test_refused(body, code):
    with pytest.raises(Refused) as refused:
        write(body, {"figure-f": png()})
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("html", ["<html><body><p>cut off", "<html></html>", ""])
def test_half_a_page_is_refused(html):
    with pytest.raises(Refused):
        docx.write(html, {}, title="T")


def test_an_unknown_tag_names_the_nearest():
    with pytest.raises(Refused) as refused:
        write("<p><dat>1</dat></p>")
    assert "<dat>" in refused.value.problems[0].reason
    assert "'data'" in refused.value.problems[0].reason


@pytest.mark.parametrize("words", ["=1+1", '{ DDEAUTO c:\\\\windows\\\\cmd.exe "/k" }', "=cmd|' /C calc'!A0", "<w:fldSimple/>"])
def test_formulas_are_words(words):
    body = File(write(f"<p>{escape(words)}</p>")).body
    assert text(body) == words
    assert fields(body) == []


def test_a_name_cannot_smuggle_in_a_field():
    anchor = 'x&quot; \\* INCLUDETEXT &quot;c:'
    body = File(write(f'<ol><li id="{anchor}">a</li></ol><p><a href="#{anchor}">1</a></p>')).body
    assert re.fullmatch(r"REF [A-Za-z]\w* \\n \\h \\\* MERGEFORMAT", fields(body)[0][0])


def test_links_to_works_are_words():
    body = File(write('<p><a href="https://doi.org/10.1000/182">doi:10.1000/182</a></p>')).body
    assert text(body) == "doi:10.1000/182"
    assert not list(body.iter(f"{W}hyperlink"))


@pytest.mark.parametrize(("name", "content", "code"), [
    ("word/vbaProject.bin", b"x", "E_ACTIVE"),
    ("word/embeddings/oleObject1.bin", b"x", "E_ACTIVE"),
    ("word/_rels/document9.xml.rels", b'<Relationships><Relationship TargetMode="External" Target="http://a"/></Relationships>',
     "E_LINK"),
    ("word/header9.xml", f'<w:hdr xmlns:w="{W[1:-1]}"><w:instrText> DDEAUTO a</w:instrText></w:hdr>'.encode(), "E_ACTIVE"),
    ("word/footer9.xml", f'<w:ftr xmlns:w="{W[1:-1]}"><w:fldSimple w:instr=" INCLUDETEXT a"/></w:ftr>'.encode(), "E_ACTIVE"),
    ("word/footer9.xml", f'<w:ftr xmlns:w="{W[1:-1]}"><w:object/></w:ftr>'.encode(), "E_ACTIVE"),
])
def test_what_acts_or_fetches_is_found(name, content, code):
    buffer = io.BytesIO(write("<p>A</p>"))
    assert list(docx_package.unwelcome(buffer.getvalue())) == []
    with zipfile.ZipFile(buffer, "a") as file:
        file.writestr(name, content)
    assert [problem.code for problem in docx_package.unwelcome(buffer.getvalue())] == [code]
