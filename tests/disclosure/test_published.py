"""What a public report's files hold, all of them opened: pages, Word, figures, tables, results, findings."""

from __future__ import annotations

import html
import io
import json
import math
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from report.build import Built, build, prepare
from report.submission import workbook
from stats.disclosure import kinds
from stats.results import Results, Row
from stats.study.read import read
from tests.bad_inputs import bends, running
from tests.built import sentences

CART = Path(__file__).resolve().parents[2] / "data" / "cart"
DATA = re.compile(r'<data\b[^>]*value="([^"]*)"[^>]*>(.*?)</data>', re.S)


def made(folder: Path, privacy: str, formats: tuple[str, ...] = ("html",)) -> Built:
    study = replace(read(folder), privacy=privacy)
    return build(study, style=study.style, formats=formats, code="0" * 64)


def cells(built: Built) -> Results:
    rows = json.loads(str(built.files["results.json"]))
    return Results(
        Row(
            r["variable"],
            r["stat"],
            float(r["value"]),
            r["group"],
            r["level"],
            r["at"],
            r["method"],
            r["note"],
            r["analysis"],
        )
        for r in rows
    )


def printed(built: Built) -> list[tuple[str, str]]:
    """(address, text) of every number of the page."""
    page = str(built.files["report.html"])
    return [(html.unescape(a), html.unescape(re.sub(r"<[^>]+>", "", text))) for a, text in DATA.findall(page)]


def opened(name: str, data: str | bytes) -> str:
    """The text of a file: pages of a PDF, parts of a Word file."""
    if isinstance(data, str):
        return data
    if name.endswith(".pdf"):
        pypdf = pytest.importorskip("pypdf")
        return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [
                archive.read(part).decode("utf-8", "replace") for part in archive.namelist() if part.endswith(".xml")
            ]
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)) for part in parts)
    return data.decode("utf-8", "replace") if name.endswith((".svg", ".csv")) else ""


@pytest.fixture(scope="module")
def public() -> Built:
    return made(CART, "public", ("html", "pdf", "docx"))


@pytest.fixture(scope="module")
def journal() -> Built:
    return made(CART, "journal")


def test_no_file_prints_what_is_withheld(public, journal):
    """The texts that a journal prints at an address which is withheld whole stand in no file."""
    shown = cells(public)
    own = {text for _, text in printed(public)}
    secret = {
        text
        for address, text in printed(journal)
        if address in shown and all(math.isnan(value) for value in shown[address].stats.values()) and len(text) >= 8
    } - own
    assert len(secret) > 60
    for name, data in public.files.items():
        text = re.sub(r"\s+", " ", opened(name, data))
        assert [one for one in secret if re.search(rf"(?<![\d.]){re.escape(one)}", text)] == [], name


def test_a_withheld_number_is_a_sign_in_tables_and_nothing_in_sentences(public):
    shown = cells(public)
    withheld = [
        (a, text)
        for a, text in printed(public)
        if all(math.isnan(v) for v in shown[a].stats.values()) and shown[a].withheld
    ]
    assert len(withheld) > 100
    # a row of a table is headed by the time of its address
    assert {text for _, text in withheld if not re.fullmatch(r"\d+\s(?:days|months)", text)} == {"–"}
    page = str(public.files["report.html"])
    assert "withheld" not in re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("What the abstract says")])
    assert not re.search(r"\b(?:nan|None)\b", " ".join(sentences(page)))
    for name in ("report.pdf", "report.docx"):
        assert "withheld (" not in opened(name, public.files[name])


def test_sentences_in_their_place_say_so_and_none_is_left_broken(public):
    said = sentences(str(public.files["report.html"]))
    assert any(one.startswith("What rests on counts that are too small to be published") for one in said)
    assert any(one.startswith("This figure shows patients one by one") for one in said)
    prose = [one for one in said if not one.startswith(("–", "Abbreviations", "*", "†"))]
    assert [
        one
        for one in prose
        if re.search(r"(?:^|\s)(?:[,;)]|[.](?!\d))|\(\)|–(?!\d|\s?∞)(?=[\s,;.)])", one) and "Lymph" not in one
    ] == []
    assert [one for one in prose if one.endswith(".") and not re.match(r"[A-Z0-9“≥−(‡§¶]", one)] == []


def test_no_figure_shows_a_patient(public):
    figures = [name for name in public.files if name.startswith("figures/")]
    assert any("cart-figure" in name for name in figures)
    assert not any("peaks" in name for name in figures)
    for name in figures:
        if name.endswith(".svg"):
            assert "patients-" not in opened(name, public.files[name])
            assert "dots-" not in opened(name, public.files[name])


def test_no_file_holds_a_time_of_one_patient(public, journal):
    exact = {f"{cell.at!r}" for cell in cells(journal).select("pfs", "curve") if cell.at != int(cell.at or 0)}
    assert len(exact) > 10
    for name, data in public.files.items():
        assert not [time for time in exact if time in opened(name, data)], name


def test_findings_about_the_data_lose_their_place(tmp_path):
    study = running.copy(tmp_path / "study")
    bends.cell(bends.SUBJECTS, 7, "comment", "called Dr. Sommer")(study)
    told = made(study, "public")
    found = [one for one in json.loads(str(told.files["findings.json"])) if one["code"] == "W_PHI_PATTERN"]
    assert [(one["row"], one["column"], one["file"]) for one in found] == [(None, "", "")]
    assert told.outcome["problems"][0]["row"] in (0, None)
    assert "Sommer" not in str(told.files["report.html"])
    open_ = made(study, "journal")
    assert json.loads(str(open_.files["findings.json"]))[0]["row"] == 7
    assert "looks like a person" not in str(open_.files["report.html"])  # nor points at who may be told by what is in a cell


def test_a_spreadsheet_has_the_same_numbers_as_the_page():
    study = replace(read(CART), privacy="public")
    ready = prepare(study, style=study.style, code="0" * 64, drawn=("svg",))
    table = ready.shown["response-table"].table
    data = workbook.write(
        table, ready.voice.results, ready.voice.style.rules, title="t", author="a", dated=study.data_cutoff
    )
    openpyxl = pytest.importorskip("openpyxl")
    numbers = {
        row[0].value: row[2].value
        for row in openpyxl.load_workbook(io.BytesIO(data))["Numbers"].iter_rows(min_row=2)
        if row[1].value == "n"
    }
    assert numbers["response/cr@R"] == "nan"
    assert numbers["response/complete@all"] == 13


def test_claims_that_rest_on_withheld_numbers_get_no_verdict(public):
    found = {p["column"]: p["code"] for p in public.outcome["problems"] if p["code"].startswith("V_")}
    assert found["claims.pfs"] == found["claims.response"] == found["claims.crs"] == "V_WITHHELD"
    assert found["claims.cart-peak"] == "V_NO_MARGIN"
    assert found["claims.chimerism"] == "V_WITHHELD"  # mean and SD are shown, to fewer digits than are printed
    assert "kept back" in " ".join(sentences(str(public.files["report.html"])))


def test_a_kind_of_analysis_that_nobody_knows_gives_nothing_away(monkeypatch):
    study = replace(read(CART), privacy="public")
    monkeypatch.setattr(kinds, "KINDS", {name: one for name, one in kinds.KINDS.items() if name != "kinetics"})
    results = prepare(study, style=study.style, code="0" * 64, drawn=("svg",)).voice.results
    shown = [row for row in results.rows if row.analysis == "il6_kinetics" and not math.isnan(row.value)]
    assert {row.variable for row in shown} <= {"population", "lloq", "uloq"}


def test_internal_reports_say_what_they_are_and_know_their_patients():
    inside = made(CART, "internal", ("html", "docx"))
    banner = "INTERNAL – not for publication"
    assert banner in str(inside.files["report.html"])
    assert banner in opened("report.docx", inside.files["report.docx"])
    assert all(banner in opened(name, data) for name, data in inside.files.items() if name.endswith(".svg"))
    assert "CA-01" in str(inside.files["patients.csv"])


def test_a_journal_gets_neither(journal):
    assert "patients.csv" not in journal.files
    assert "INTERNAL" not in str(journal.files["report.html"])
    assert not any(row.note.startswith(("withheld", "rounded")) for row in cells(journal).rows)


@pytest.mark.parametrize("privacy", ["journal", "public"])
def test_nobody_is_older_than_ninety_outside_the_house(tmp_path, privacy):
    study = running.copy(tmp_path / "study")
    bends.cell(bends.SUBJECTS, 7, "age", "93")(study)
    bends.study("digits = 0, range = [0, 110]", 'digits = 0, range = [0, 110], summary = "median-range"')(study)
    built = made(study, privacy)
    assert not any(row.value == 93 for row in cells(built).rows)
    if privacy == "journal":
        assert any("≥\N{NO-BREAK SPACE}90" in text for _, text in printed(built))
    assert any(row.value == 93 for row in cells(made(study, "internal")).rows)


def test_a_rounded_number_has_no_decimals_that_it_was_not_rounded_to(public):
    """As many as its step has: a mean to whole numbers is 42, a median to quarters 0.25, to tens 70."""
    pattern = re.compile(r"rounded (?:to the nearest|(?:up )?to a multiple of) ([\d.]+)")
    seen = 0
    results = cells(public)
    for address, text in printed(public):
        if address not in results:
            continue
        cell = results[address]
        steps = {float(found[1]) for note in cell.notes.values() if (found := pattern.match(note))}
        own = [stat for stat in ("mean", "median") if stat in cell.stats]
        if not steps or not own or not all(pattern.match(cell.notes[stat]) for stat in own):
            continue
        most = max(len(f"{step:.6f}".rstrip("0").partition(".")[2]) for step in steps)
        first = re.match(r"[\d,]+(?:\.(\d+))?", text)
        if first:
            seen += 1
            assert len(first[1] or "") <= most, (address, text)
    assert seen >= 5
