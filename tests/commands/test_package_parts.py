"""What of a package only some studies or journals have: listings of patients, headings of the abstract, titles of works."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import openpyxl
import pytest

from report import rules, works
from report.submission import limits
from stats import derive
from stats.methods import descriptions
from tests.report import wordml
from tests.sixteen import change


def table_of(path):
    """The first sheet of a spreadsheet, as dictionaries."""
    book = openpyxl.load_workbook(path)
    first, *rest = book[book.sheetnames[0]].iter_rows(values_only=True)
    return [dict(zip(first, row, strict=True)) for row in rest]


# listings

def test_nobody_is_listed_unless_asked(run, study, tmp_path):
    assert run("package", study, "--out", tmp_path / "out", "--quiet").code == 0
    assert not (tmp_path / "out" / "listings").exists()
    assert "listings" not in (tmp_path / "out" / "contents.md").read_text("utf-8")


@pytest.fixture
def listed(run, study, tmp_path):
    """A package with listings, of a study one of whose patients is 94."""
    with (study / "subjects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[3]["age"] = "94"
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (study / "subjects.csv").write_text(out.getvalue(), encoding="utf-8")
    assert run("package", study, "--out", tmp_path / "out", "--listings", "--quiet").code == 0
    return tmp_path / "out", rows


def test_listings_have_new_numbers_and_no_identifier_and_no_date(listed):
    out, rows = listed
    said = table_of(out / "listings" / "listings.xlsx")
    assert [one["Patient"] for one in said] == [f"P{place:02}" for place in range(1, len(rows) + 1)]
    ids = {row["subject"] for row in rows}
    dates = {value for row in rows for value in row.values() if re.fullmatch(r"\d{4}-\d\d-\d\d", value)}
    for name in ("listings.xlsx", "listings.docx"):
        with zipfile.ZipFile(out / "listings" / name) as file:
            text = " ".join(re.sub(r"<[^>]+>", " ", file.read(part).decode("utf-8", "ignore")) for part in file.namelist()
                            if part.startswith(("word/document", "xl/")) and part.endswith(".xml"))
        assert not [one for one in ids | dates if re.search(rf"\b{re.escape(one)}\b", text)], name


def test_values_of_listings_are_the_datas(listed):
    out, rows = listed
    said = table_of(out / "listings" / "listings.xlsx")
    head = next(name for name in said[0] if name.startswith("Age"))
    found = sorted(str(one[head]) for one in said)
    assert found == sorted("≥90" if float(row["age"]) >= 90 else f"{float(row['age']):g}" for row in rows)
    order = [one[head] for one in said]
    assert order != [float(row["age"]) if float(row["age"]) < 90 else "≥90" for row in rows]  # not in the order of the file


def test_listings_in_word_have_heads_and_numbers(listed):
    body = wordml.File((listed[0] / "listings" / "listings.docx").read_bytes()).body
    tables = list(body.iter(f"{wordml.W}tbl"))
    shown = [result for code, result in wordml.fields(body) if code.startswith("SEQ Listing")]
    assert shown == [str(place) for place in range(1, len(tables) + 1)]
    first = [[wordml.text(cell) for cell in row.iter(f"{wordml.W}tc")] for row in tables[0].iter(f"{wordml.W}tr")]
    said = table_of(listed[0] / "listings" / "listings.xlsx")
    assert first[0][:3] == list(said[0])[:3]
    assert [row[0] for row in first[1:]] == [one["Patient"] for one in said]
    assert wordml.misplaced(body) == []


def test_a_second_package_with_listings_has_the_same_bytes(listed, run, tmp_path):
    folder = tmp_path / "sixteen"
    assert run("package", folder, "--out", tmp_path / "again", "--listings", "--quiet").code == 0
    for name in ("listings.xlsx", "listings.docx"):
        assert (tmp_path / "again" / "listings" / name).read_bytes() == (listed[0] / "listings" / name).read_bytes()


def test_the_public_gets_no_listings(run, study, tmp_path):
    change(study / "study.toml", 'style = "plain"', 'style = "plain"\nprivacy = "public"')
    said = run("package", study, "--out", tmp_path / "out", "--listings")
    assert said.code == 2
    assert "E_LISTINGS" in said.err
    assert not (tmp_path / "out").exists()


# journals

def test_the_abstract_stands_under_the_journals_headings(run, study, tmp_path):
    assert run("package", study, "--style", "lancet", "--out", tmp_path / "out", "--quiet").code == 0
    said = [wordml.text(p) for p in wordml.File((tmp_path / "out" / "manuscript.docx").read_bytes()).body.iter(f"{wordml.W}p")
            if wordml.style(p) == "Abstract"]
    heads = ["Background", "Methods", "Findings", "Interpretation", "Funding"]
    assert [next(head for head in heads if one.startswith(head)) for one in said] == heads
    assert [one.endswith("[…]") for one in said] == [True, True, False, True, True]
    text = (tmp_path / "out" / "limits.md").read_text("utf-8")
    assert "| Headings of the abstract | Background, Methods, Findings, Interpretation and Funding |" in text
    marks = {p.text for p in wordml.File((tmp_path / "out" / "manuscript.docx").read_bytes()).body.iter(f"{wordml.W}t")}
    assert {"*", "†"} <= marks  # notes of this journal's tables are marked by symbols


@pytest.mark.parametrize("style", rules.names())
def test_every_limit_says_how_sure_it_is(style):
    found = rules.read(style).limits
    for key in found:
        assert limits.standing(style, "limits", key).startswith((limits.STATED, limits.UNVERIFIED, limits.OURS))
    assert not ({"tables", "figures"} & {key for key, value in found.items() if value}) or not found["exhibits"]


def test_a_size_above_the_journals_is_not_kept(run, study, tmp_path):
    assert run("package", study, "--style", "jama", "--out", tmp_path / "out", "--quiet").code == 0
    text = (tmp_path / "out" / "limits.md").read_text("utf-8")
    assert re.search(r"\| Largest figure, TIFF, size \| at most 1 MB \| (< )?[\d.]+ MB \| kept \| unverified", text)
    assert re.search(r"\| Supplement, size \| no limit known \|", text)


# works

def test_every_work_is_read_and_its_title_is_not_invented():
    known = {**descriptions(), **derive.definitions()}
    cited = {part for one in known.values() for part in works.parted(one.reference)}
    assert len(cited) > 40
    for text in cited:
        found = works.read(text)
        if found.kind != "misc":
            assert found.fields["author"] in text
            assert found.fields["year"] in text
        assert found.formatted().startswith(text.split(".")[0])
    lacking = {text for text in cited if "title" not in works.read(text).fields}
    assert all("Forms Instruction Manual" in text for text in lacking)


def test_titles_belong_to_works_that_are_cited():
    """A title whose key no citation has is a slip of the key."""
    known = {**descriptions(), **derive.definitions()}
    read = [works.read(part) for one in known.values() for part in works.parted(one.reference)]
    used = {one.fields.get("title") for one in read}
    assert set(works._titles().values()) <= used


@pytest.mark.parametrize(("text", "formatted"), [
    ("Cox DR. J R Stat Soc B 1972;34:187–220", "Cox DR. Regression models and life-tables. J R Stat Soc B. 1972;34:187–220"),
    ("Nobody N. J Unknown. 2020;1:2-3", "Nobody N. J Unknown. 2020;1:2–3"),
    ("Fisher RA. Statistical Methods for Research Workers. Oliver and Boyd 1925",
     "Fisher RA. Statistical Methods for Research Workers. Oliver and Boyd; 1925"),
    ("A manual without a year", "A manual without a year"),
])
def test_works_as_a_list_prints_them(text, formatted):
    assert works.read(text).formatted() == formatted


def test_one_number_stands_for_one_work(run, study, tmp_path):
    assert run("package", study, "--out", tmp_path / "out", "--quiet").code == 0
    lines = [line for line in (tmp_path / "out" / "references.md").read_text("utf-8").splitlines() if re.match(r"\d+\. ", line)]
    assert lines
    assert not [line for line in lines if works.JOINT.search(line)]
    assert len({line.partition(". ")[2] for line in lines}) == len(lines)
