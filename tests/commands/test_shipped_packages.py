"""The shipped studies as packages, one journal's signs each: numbers read back, tables and figures measured."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from report import docx_xml
from report.build import prepare
from report.submission import make, workbook
from stats.study.read import read
from tests.built import ROOT
from tests.report import wordml

STUDIES = (("cart", "nejm"), ("breast", "blood"), ("single-arm", "lancet-haematology"))
NUMERAL = re.compile(r"\d+(?:\.\d+)?|\.\d+")
THOUSANDS = re.compile(r"(?<=\d)[,\u2009\u202f](?=\d{3}(?!\d))")
TEXTS = ("manuscript.docx", "supplement.docx")


@pytest.fixture(scope="module", params=STUDIES, ids="-".join)
def package(request) -> dict[str, bytes]:
    folder, style = request.param
    study = read(ROOT / "data" / folder)
    made = prepare(study, style=style, code="0" * 64, drawn=("svg", "png"))
    return make.files(study, made)


@pytest.fixture(scope="module")
def values(package) -> dict[str, list[float]]:
    """Address → its statistics, as results.csv has them."""
    found: dict[str, list[float]] = {}
    for line in csv.DictReader(io.StringIO(package["results.csv"].decode())):
        level, at = (f"={line['level']}" if line["level"] else ""), (f"~{line['at']}" if line["at"] else "")
        address = f"{line['analysis']}/{line['variable']}{level}{at}@{line['group']}"
        found.setdefault(address, [float(line["at"])] if at else []).append(float(line["value"]))
    return found


def word(package) -> dict[str, wordml.File]:
    return {name: wordml.File(data) for name, data in package.items() if name.endswith(".docx")}


def rounded(numeral: str, stats: list[float]) -> bool:
    """Whether a printed number is one of the statistics to the decimals shown, or to three figures of a large one."""
    half = float(Decimal(10) ** -len(numeral.partition(".")[2])) / 2 * 1.0000001
    return any(abs(c - float(numeral)) <= half or (c > 1000 and abs(c - float(numeral)) <= c * 0.005)
               for v in stats for c in (abs(v), abs(v) * 100))


def test_every_number_in_word_is_its_result_rounded(package, values):
    tags = {docx_xml.tag(address): address for address in values}
    seen = 0
    for name, file in word(package).items():
        for tag, text in wordml.numbers(file.body):
            address = tags[tag]
            if address.startswith(("study/cutoff", "study/enrolment")) or "<" in text or ">" in text:
                continue  # dates; and bounds of P
            plain = THOUSANDS.sub("", text).replace("·", ".").replace("×10", "")
            for numeral in NUMERAL.findall(plain):
                assert rounded(numeral, [*values[address], 95.0]), (name, address, text)
                seen += 1
    assert seen > 150


def test_every_number_of_the_spreadsheets_is_the_result(package, values):
    seen = 0
    for name, data in package.items():
        if name.endswith(".xlsx"):
            for address, stat, value, *_ in openpyxl.load_workbook(io.BytesIO(data))[workbook.NUMBERS].iter_rows(
                    min_row=2, values_only=True):
                assert any(value == kept or value == repr(kept) for kept in values[address]), (name, address, stat)
                seen += 1
    assert seen > 100


def test_every_table_marks_its_header_cells_and_every_figure_says_what_it_shows(package):
    tables = 0
    for name, file in word(package).items():
        for table in file.body.iter(f"{wordml.W}tbl"):
            rows = list(table.iter(f"{wordml.W}tr"))
            heads = [row.find(f"{wordml.W}trPr/{wordml.W}tblHeader") is not None for row in rows]
            assert heads[0], name
            assert heads == sorted(heads, reverse=True), name  # no header row below the first row of data
            assert table.find(f"{wordml.W}tblPr/{wordml.W}tblCaption").get(f"{wordml.W}val"), name
            tables += 1
        assert all(about.get("descr") for about in file.body.iter(f"{wordml.WP}docPr")), name
    assert tables > 8
    drawn = [data.decode() for name, data in package.items() if name.endswith(".svg")]
    assert drawn
    assert all(re.search(r"<title[^>]*>[^<]{30,}</title>", text) for text in drawn)


def test_a_table_alone_keeps_its_number_when_fields_are_brought_up_to_date(package):
    for name, file in word(package).items():
        if name.startswith("tables/"):
            number = re.match(r"tables/table-s?(\d+)", name)[1]
            (code, shown), *_ = wordml.fields(file.body)
            assert shown == number
            assert code.endswith(f"\\r {number}") == (number != "1")


def test_no_table_is_wider_than_its_page_and_no_interval_is_broken(package):
    for name, file in word(package).items():
        for table in file.body.iter(f"{wordml.W}tbl"):
            section = next(following for following in table.itersiblings() if next(following.iter(f"{wordml.W}sectPr"), None)
                           is not None or following.tag == f"{wordml.W}sectPr")
            section = next(section.iter(f"{wordml.W}sectPr"))
            size, margins = section.find(f"{wordml.W}pgSz"), section.find(f"{wordml.W}pgMar")
            room = int(size.get(f"{wordml.W}w")) - int(margins.get(f"{wordml.W}left")) - int(margins.get(f"{wordml.W}right"))
            columns = [int(column.get(f"{wordml.W}w")) for column in table.find(f"{wordml.W}tblGrid")]
            assert sum(columns) <= room, name
            for cell in table.iter(f"{wordml.W}tc"):
                width = int(cell.find(f"{wordml.W}tcPr/{wordml.W}tcW").get(f"{wordml.W}w"))
                for line in lines(cell):
                    if re.fullmatch(r"\(?[−\d.·]+(?:–| to )[−\d.·]+\)?", line):
                        assert len(line) * 60 <= width, (name, line, width)  # 8.5 points: a figure is 95 wide


def lines(cell) -> list[str]:
    """The lines of a cell as breaks part them."""
    found = [""]
    for element in cell.iter(f"{wordml.W}t", f"{wordml.W}br"):
        if element.tag == f"{wordml.W}br":
            found.append("")
        else:
            found[-1] += element.text
    return [line.strip() for line in found]


def test_the_supplement_cites_and_lists_by_itself(package):
    body = word(package)["supplement.docx"].body
    text = wordml.text(body)
    assert "supplementary material" in text
    marks = wordml.bookmarks(body)
    tables = [name for name, shown in marks.items() if re.fullmatch(r"Table S\d+", shown)]
    listed = [code.split()[1] for code, _ in wordml.fields(body) if code.startswith("REF table")]
    assert listed[:len(tables)] == tables
    works = [p for p in body.iter(f"{wordml.W}p") if wordml.style(p) == "Bibliography"]
    cited = [code for code, _ in wordml.fields(body) if code.startswith("REF reference")]
    assert bool(works) == bool(cited)


def test_the_manuscript_begins_with_a_title_page_and_parts_begin_on_new_pages(package):
    body = word(package)["manuscript.docx"].body
    firsts = [(wordml.style(p), wordml.text(p)) for p in body.iter(f"{wordml.W}p")][:12]
    assert any("[names, degrees, affiliations]" in said for _, said in firsts)
    fresh = {wordml.text(p) for p in body.iter(f"{wordml.W}p") if p.find(f"{wordml.W}pPr/{wordml.W}pageBreakBefore") is not None}
    assert {"References", "Tables", "Figure legends"} <= fresh
    captions = [p for p in body.iter(f"{wordml.W}p") if wordml.style(p) == "TableCaption"]
    alone = [begins(p) for p in captions]
    assert len(alone) > 1
    assert all(alone[1:])


def begins(paragraph) -> bool:
    """Whether a caption stands at the top of a page: by itself, or as the first of a section."""
    if paragraph.find(f"{wordml.W}pPr/{wordml.W}pageBreakBefore") is not None:
        return True
    before = paragraph.getprevious()
    return before.tag == f"{wordml.W}p" and before.find(f"{wordml.W}pPr/{wordml.W}sectPr") is not None


@pytest.mark.parametrize("name", TEXTS)
def test_order_of_the_schema(package, name):
    assert {part: wrong for part, root in word(package)[name].parts() if (wrong := wordml.misplaced(root))} == {}


def test_paths_stay_outside(package):
    for name, data in package.items():
        if name.endswith((".md", ".bib", ".csv")):
            assert str(Path.home()) not in data.decode(), name
