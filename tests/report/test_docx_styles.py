"""A Word template lends its looks by the names of styles, and nothing else."""

from __future__ import annotations

import io
import re
import zipfile

import docx as python_docx
import pytest
from docx.shared import Pt

from report import docx, docx_package, docx_styles
from report.docx_xml import W
from stats.findings import Refused
from tests.built import make
from tests.report import wordml
from tests.sixteen import change, write

PAGE = ("<!DOCTYPE html><html><body><header><h1>A study</h1></header><main><section id='a'><h2>Results</h2>"
        "<p>Words.</p><ul><li>One.</li></ul></section></main></body></html>")
THEME = ('<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:fontScheme>'
         '<a:majorFont><a:latin typeface="Garamond"/></a:majorFont><a:minorFont><a:latin typeface="Cambria"/></a:minorFont>'
         '</a:fontScheme></a:themeElements></a:theme>')


@pytest.fixture
def template(tmp_path):
    """A Word file of an institution: one style changed outright, one that inherits, the rest the library's."""
    theirs = python_docx.Document()
    body = theirs.styles["Body Text"]
    body.font.name, body.font.size, body.paragraph_format.line_spacing = "Verdana", Pt(9), 1.0
    out = io.BytesIO()
    theirs.save(out)
    path = tmp_path / "our.docx"
    path.write_bytes(out.getvalue())
    return path


def with_parts(path, **parts):
    """The same file with parts replaced or added; a name's __ is its /."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    kept |= {name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    return path


def style(data, name):
    root = wordml.File(data).part("word/styles.xml")
    return next(s for s in root if s.tag == f"{{{W}}}style" and s.find(f"{wordml.W}name").get(f"{wordml.W}val") == name)


def value(element, path, key="val"):
    found = element.find("/".join(f"{wordml.W}{step}" for step in path.split("/")))
    return None if found is None else found.get(f"{wordml.W}{key}")


def test_looks_come_from_the_template(template):
    dressed = style(docx.write(PAGE, {}, title="A", template=template), "Body Text")
    assert value(dressed, "rPr/rFonts", "ascii") == "Verdana"
    assert value(dressed, "rPr/sz") == "18"
    assert value(dressed, "pPr/spacing", "line") == "240"
    assert dressed.find(f"{wordml.W}basedOn") is None


def test_what_a_list_does_stays(template):
    plain, dressed = (style(docx.write(PAGE, {}, title="A", template=one), "List Bullet") for one in (None, template))
    assert value(dressed, "pPr/numPr/numId") == value(plain, "pPr/numPr/numId") == "1"


def test_theme_fonts_come_by_their_names(template):
    with_parts(template, word__theme__theme1_dot_xml=THEME)
    dressed = style(docx.write(PAGE, {}, title="A", template=template), "heading 1")
    assert value(dressed, "rPr/rFonts", "ascii") == "Garamond"
    assert value(dressed, "rPr/rFonts", "asciiTheme") is None
    assert value(dressed, "pPr/outlineLvl") == "0"


def test_styles_that_it_lacks_are_named_and_stay_ours(template):
    (problem,) = docx_styles.problems(docx_package.empty(), template)
    assert problem.code == "W_WORD_STYLE"
    assert "Table Head" in problem.reason
    assert "Body Text" not in problem.reason
    plain, dressed = (style(docx.write(PAGE, {}, title="A", template=one), "Table Head") for one in (None, template))
    assert value(plain, "rPr/rFonts", "ascii") == value(dressed, "rPr/rFonts", "ascii")


def test_order_of_the_schema_and_the_same_bytes(template):
    data = docx.write(PAGE, {}, title="A", template=template)
    assert data == docx.write(PAGE, {}, title="A", template=template)
    assert wordml.misplaced(wordml.File(data).part("word/styles.xml")) == []


def test_no_macro_and_no_reference_is_taken(template):
    with zipfile.ZipFile(template) as archive:
        styles = archive.read("word/styles.xml").decode()
    rel = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId7"'
    styles = styles.replace("<w:rPr>", f"<w:rPr><w:shd w:val='clear' w:fill='FF0000' {rel}/>")
    with_parts(template, word__vbaProject_dot_bin=b"macro", word__styles_dot_xml=styles)
    data = docx.write(PAGE, {}, title="A", template=template)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if "vba" in name]
        assert b"rId7" not in archive.read("word/styles.xml")
    assert list(docx_package.unwelcome(data)) == []


def test_a_template_that_is_no_word_file_is_refused(tmp_path):
    (tmp_path / "our.docx").write_text("no zip")
    with pytest.raises(Refused) as refused:
        docx.write(PAGE, {}, title="A", template=tmp_path / "our.docx")
    assert [problem.code for problem in refused.value.problems] == ["E_WRONG_TYPE"]


def test_a_study_names_its_template(template, tmp_path):
    folder = write(tmp_path / "sixteen")
    (folder / "our.docx").write_bytes(template.read_bytes())
    change(folder / "study.toml", 'style = "plain"', 'style = "plain"\nword_template = "our.docx"')
    built = make(folder, formats=("docx",))
    assert "our.docx" in built.inputs
    assert "W_WORD_STYLE" in [problem["code"] for problem in built.outcome["problems"]]
    assert value(style(built.files["report.docx"], "Body Text"), "rPr/rFonts", "ascii") == "Verdana"


def with_table_style(template, borders, margins, paper="", first=""):
    """The template with a table style of ours and a page of its own."""
    with zipfile.ZipFile(template) as archive:
        styles, document = (archive.read(f"word/{name}.xml").decode() for name in ("styles", "document"))
    made = (f'<w:style w:type="table" w:customStyle="1" w:styleId="Ours"><w:name w:val="Three Rules"/><w:tblPr>'
            f"<w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>{first}</w:style>")
    styles = styles.replace("</w:styles>", f"{made}</w:styles>")
    if paper:
        document = re.sub(r"<w:sectPr.*?</w:sectPr>", f"<w:sectPr>{paper}</w:sectPr>", document, flags=re.S)
    return with_parts(template, word__styles_dot_xml=styles.encode(), word__document_dot_xml=document.encode())


TABLE = ("<!DOCTYPE html><html><body><main><div class='table' id='table-a'><table><caption><b>Table 1.</b> A.</caption><thead>"
         "<tr><th>A</th><th>B</th></tr></thead><tbody><tr><th>a</th><td>1</td></tr></tbody></table></div></main></body></html>")
LETTER = '<w:pgSz w:w="12240" w:h="15840"/><w:pgMar w:top="1440" w:right="1800" w:bottom="1440" w:left="1800"/>'


def test_tables_take_borders_and_margins_from_the_template(template):
    first = ('<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom w:val="double" w:sz="6" w:color="112233"/>'
             '</w:tcBorders></w:tcPr></w:tblStylePr>')
    with_table_style(template, '<w:top w:val="single" w:sz="24" w:color="445566" w:themeColor="accent1"/>',
                     '<w:left w:w="200" w:type="dxa"/>', first=first)
    data = docx.write(TABLE, {}, title="A", template=template)
    dressed = style(data, "Three Rules")
    assert value(dressed, "tblPr/tblBorders/top", "sz") == "24"
    assert value(dressed, "tblPr/tblBorders/top", "themeColor") is None
    assert value(dressed, "tblPr/tblBorders/bottom", "sz") is None  # theirs has none
    assert value(dressed, "tblPr/tblCellMar/left", "w") == "200"
    cell = next(wordml.File(data).body.iter(f"{wordml.W}tc"))
    assert value(cell, "tcPr/tcBorders/bottom") == "double"  # the rule under the heads is theirs, too
    assert wordml.misplaced(wordml.File(data).part("word/styles.xml")) == []
    (problem,) = docx_styles.problems(docx_package.empty(), template)
    assert "Three Rules" not in problem.reason


def test_pages_take_their_paper_and_margins_from_the_template(template):
    with_table_style(template, "", "", LETTER)
    section = next(wordml.File(docx.write(TABLE, {}, title="A", template=template)).body.iter(f"{wordml.W}sectPr"))
    assert value(section, "pgSz", "w") == "12240"
    assert value(section, "pgMar", "left") == "1800"
    assert value(section, "pgMar", "header") == "624"
    wide = TABLE.replace("<td>1</td>", "<td>" + "words " * 200 + "</td>")
    table = next(wordml.File(docx.write(wide, {}, title="A", template=template)).body.iter(f"{wordml.W}tbl"))
    assert sum(int(column.get(f"{wordml.W}w")) for column in table.find(f"{wordml.W}tblGrid")) == 12240 - 3600


@pytest.mark.parametrize("paper", [
    "", '<w:pgSz w:w="4000" w:h="6000"/><w:pgMar w:top="0" w:right="0" w:bottom="0" w:left="0"/>',
    '<w:pgSz w:w="16838" w:h="11906"/><w:pgMar w:top="0" w:right="0" w:bottom="0" w:left="0"/>',
    '<w:pgSz w:w="x" w:h="6000"/><w:pgMar w:top="0" w:right="0" w:bottom="0" w:left="0"/>', "<w:pgSz/>"])
def test_a_page_that_holds_no_report_is_not_taken(template, paper):
    with_table_style(template, "", "", paper or "<w:cols/>")
    section = next(wordml.File(docx.write(TABLE, {}, title="A", template=template)).body.iter(f"{wordml.W}sectPr"))
    assert (value(section, "pgSz", "w"), value(section, "pgMar", "left")) == ("11906", "1134")
