"""package: files for a journal, each opened and read back."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from PIL import Image

import build_report
from report import manifest, works
from report.submission import checklist, limits, references, workbook
from tests.report import wordml
from tests.sixteen import change, write

WIDTHS = (89, 120, 183)  # of bmt, in millimetres
MM = 25.4


@pytest.fixture(scope="session")
def package(tmp_path_factory) -> Path:
    """The package of the study of sixteen, once for all tests."""
    place = tmp_path_factory.mktemp("package")
    folder = write(place / "sixteen")
    change(folder / "study.toml", 'label = "Age"', 'label = "=1+1 Age"')
    words = ["package", str(folder), "--style", "bmt", "--out", str(place / "out"), "--quiet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "code", lambda: "0" * 64)  # whoever runs the tests may be editing it
        assert build_report.main(words) == 0
    return place / "out"


@pytest.fixture(scope="session")
def numbers(package) -> dict[tuple[str, str], str]:
    """(address, statistic) → value as results.csv has it."""
    found = {}
    for line in csv.DictReader(io.StringIO((package / "results.csv").read_text("utf-8"))):
        level, at = (f"={line['level']}" if line["level"] else ""), (f"~{line['at']}" if line["at"] else "")
        found[f"{line['analysis']}/{line['variable']}{level}{at}@{line['group']}", line["stat"]] = line["value"]
    return found


def files(package, pattern):
    found = sorted(package.glob(pattern))
    assert found
    return found


def test_every_kind_of_file_is_there(package):
    names = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    for name in ("manuscript.docx", "supplement.docx", "figure-legends.docx", "checklist.md", "checklist.docx",
                 "statements.md", "references.bib", "references.md", "limits.md", "contents.md", "results.csv"):
        assert name in names
    stems = {name.rpartition(".")[0] for name in names if name.startswith("figures/")}
    assert stems
    assert all(f"{stem}.{kind}" in names for stem in stems for kind in ("pdf", "svg", "png", "tiff", "eps"))
    stems = {name.rpartition(".")[0] for name in names if name.startswith("tables/")}
    assert all(f"{stem}.{kind}" in names for stem in stems for kind in ("docx", "xlsx"))


def test_zip_holds_the_same_files_without_times(package):
    with zipfile.ZipFile(package / "sixteen-bmt.zip") as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert archive.read(entry) == (package / entry.filename.removeprefix("sixteen-bmt/")).read_bytes()
        listed = json.loads((package / "manifest.json").read_text("utf-8"))["files"]
        assert len(archive.namelist()) == len(listed) - 1


def test_a_second_package_has_the_same_bytes(package, run, tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "code", lambda: "0" * 64)
    assert run("package", package.parent / "sixteen", "--style", "bmt", "--out", tmp_path / "again").code == 0
    first, second = ((place / "manifest.json").read_text("utf-8") for place in (package, tmp_path / "again"))
    assert first == second


def test_numbers_of_the_spreadsheets_are_the_results(package, numbers):
    for path in files(package, "tables/*.xlsx"):
        book = openpyxl.load_workbook(path)
        rows = list(book[workbook.NUMBERS].iter_rows(min_row=2, values_only=True))
        assert rows, path.name
        for address, stat, value, *_ in rows:
            said = numbers[address, stat]
            assert value == said if said in ("inf", "-inf", "nan") else value == float(said)
            assert isinstance(value, str) == (said in ("inf", "-inf", "nan"))


def test_spreadsheet_prints_what_word_prints(package):
    for path in files(package, "tables/*.xlsx"):
        sheet = openpyxl.load_workbook(path)[workbook.PRINTED]
        cells = [shown(cell) for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
        table = wordml.File(path.with_suffix(".docx").read_bytes()).part("word/document.xml").find(f".//{wordml.W}tbl")
        printed = [wordml.text(cell) for cell in table.iter(f"{wordml.W}tc")]
        printed = [text.replace("\N{NO-BREAK SPACE}", " ") for text in printed if text]
        bare = [text.replace("^", "").strip() for text in cells[:len(printed)]]
        assert bare == printed, path.name


def shown(cell) -> str:
    """A cell as a spreadsheet program shows it: text, or a number in its format."""
    if isinstance(cell.value, str):
        return cell.value
    form = cell.number_format.partition(";")[0]
    digits = len(form.partition(".")[2])
    text = f"{abs(cell.value):,.{digits}f}" if "," in form else f"{abs(cell.value):.{digits}f}"
    return ("−" if cell.value < 0 else "") + (text.removeprefix("0") if form.startswith(".") else text)


def test_numbers_in_cells_are_numbers_and_text_is_no_formula(package):
    kinds, forced = set(), set()
    for path in files(package, "tables/*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f"
                    kinds.add((sheet.title, type(cell.value).__name__))
                    if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")):
                        assert cell.quotePrefix
                        forced.add(cell.value)
    assert any(text.startswith("=1+1 Age") for text in forced)
    assert {("Numbers", "float"), ("Table", "float")} <= {(sheet, kind.replace("int", "float")) for sheet, kind in kinds}


def test_a_label_like_a_formula_stays_text():
    book = openpyxl.Workbook()
    for row, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "plain"), 1):
        workbook.put(book.active, row, 1, text)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as saved:
        assert b"<f>" not in saved.read("xl/worksheets/sheet1.xml")
    cells = [row[0] for row in openpyxl.load_workbook(out).active.iter_rows()]
    assert [cell.data_type for cell in cells] == ["s"] * 5
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 4 + [False]


def test_numbers_in_word_stand_under_addresses_of_results(package, numbers):
    known = {address for address, _ in numbers}
    for path in (package / "manuscript.docx", package / "supplement.docx", *files(package, "tables/*.docx")):
        body = wordml.File(path.read_bytes()).part("word/document.xml")
        found = wordml.numbers(body)
        assert found, path.name
        assert {address for address, _ in found} <= known


def test_manuscript_refers_to_what_it_holds(package):
    body = wordml.File((package / "manuscript.docx").read_bytes()).part("word/document.xml")
    marks = wordml.bookmarks(body)
    links = {link.get(f"{wordml.W}anchor") for link in body.iter(f"{wordml.W}hyperlink")}
    assert links
    assert links <= set(marks)
    assert not list(body.iter(f"{wordml.W}drawing"))
    assert wordml.misplaced(body) == []


def test_supplement_counts_by_itself(package):
    body = wordml.File((package / "supplement.docx").read_bytes()).part("word/document.xml")
    text = wordml.text(body)
    assert "Table S1" in text
    assert "SEQ TableS" in "".join(code for code, _ in wordml.fields(body))


def test_pixels_are_600_to_the_inch_and_as_wide_as_the_journal(package):
    for path in files(package, "figures/*.tiff"):
        with Image.open(path) as picture:
            assert picture.mode == "RGB"
            assert picture.info["compression"] == "tiff_lzw"
            assert [round(float(dots)) for dots in picture.info["dpi"]] == [600, 600]
            wide = picture.width / 600 * MM
            with Image.open(path.with_suffix(".png")) as png:
                assert png.size == picture.size
                assert png.convert("RGB").tobytes() == picture.tobytes()
        assert any(abs(wide - width) < 0.1 for width in WIDTHS)


def test_eps_has_its_size_its_fonts_and_no_transparency(package):
    for path in files(package, "figures/*.eps"):
        text = path.read_bytes()
        box = [float(part) for part in re.search(rb"%%HiResBoundingBox: (.+)", text)[1].split()]
        assert any(abs((box[2] - box[0]) / 72 * MM - width) < 0.1 for width in WIDTHS)
        assert b"/FontType 42" in text
        assert not re.search(rb"setopacityalpha|/CA\b|CreationDate", text)
        outline = path.with_suffix(".svg").read_text("utf-8")
        assert "opacity" in outline  # … where the SVG has it
        with Image.open(path) as picture:
            assert picture.format == "EPS"


def test_pdf_has_its_fonts_inside(package):
    for path in files(package, "figures/*.pdf"):
        with pikepdf.open(path) as pdf:
            page = pdf.pages[0]
            assert any(abs(float(page.mediabox[2]) / 72 * MM - width) < 0.1 for width in WIDTHS)
            fonts = [font for one in page.resources.Font.values() for font in one.get("/DescendantFonts", [one])]
            assert fonts
            assert all("/FontFile2" in font.FontDescriptor for font in fonts)


def test_checklist_places_exist_and_every_item_has_an_answer(package):
    text = (package / "checklist.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 34
    anchors = set(re.findall(r"\(#([\w-]+)\)", text))
    marks = set()
    for name in ("manuscript.docx", "supplement.docx"):
        marks |= set(wordml.bookmarks(wordml.File((package / name).read_bytes()).part("word/document.xml")))
    assert anchors
    assert {anchor.replace("-", "_") for anchor in anchors} <= marks
    assert all(row[2] != checklist.AUTHORS or len(row) == 4 for row in rows)


@pytest.mark.parametrize(("guideline", "items"), [("strobe", 22), ("consort", 30)])
def test_guidelines_are_whole(guideline, items):
    found = checklist._read(guideline)["items"]
    assert sorted({int(re.match(r"\d+", item["item"])[0]) for item in found}) == list(range(1, items + 1))
    assert len({item["item"] for item in found}) == len(found)


def test_randomised_trials_get_consort(run, study, tmp_path):
    change(study / "study.toml", 'design = "retrospective cohort"', 'design = "randomised trial"')
    assert run("package", study, "--out", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "checklist.md").read_text("utf-8").startswith("# CONSORT 2025")


def test_limits_say_how_sure_they_are(package):
    text = (package / "limits.md").read_text("utf-8")
    assert "| Words of the abstract | at most 250 | 37 (abstract.txt) | kept | unverified" in text
    assert "89.0 mm" in text
    assert limits.standing("nejm", "limits", "text_words") == limits.STATED
    assert limits.standing("nejm", "limits", "abstract_words") == limits.UNVERIFIED
    assert limits.standing("nejm", "figure", "widths").startswith(limits.UNVERIFIED)
    assert limits.standing("leukemia", "figure", "max_height").startswith(limits.STATED)  # as bmt has it
    assert limits.standing("bmt", "figure", "fonts") == limits.OURS


def test_references_in_bibtex():
    joint = "Firth D. Biometrika 1993;80:27–38; Heinze G, Schemper M. Biometrics 2001;57:114–119"
    text = references.bibtex(["Cox DR. J R Stat Soc B 1972;34:187–220", "Lee DW, et al. Blood. 2019;25:625-638",
                              *works.parted(joint), "Forms Instruction Manual"])
    assert text.count("@article{") == 4
    assert "title = {{Regression models and life-tables}}" in text
    assert "Blood" not in re.findall(r"title = .*", text)  # no such article is known: no title
    assert "author = {Heinze, G. and Schemper, M.}" in text
    assert "author = {Lee, D. W. and others}" in text
    assert "pages = {187--220}" in text
    assert "@misc{Forms" in text


def test_unknown_style_is_refused(run, study, tmp_path):
    said = run("package", study, "--style", "bmj", "--out", tmp_path / "out")
    assert said.code != 0
    assert not (tmp_path / "out").exists()
