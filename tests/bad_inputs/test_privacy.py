"""Who the patients are stays in the data: nothing shipped names one, and texts that might are told by row and kind."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from report.build import build
from stats.intake import load
from stats.study.read import read
from tests.bad_inputs import bends, running

CODES = {f"P{i:02}": f"Quxbert-{i:02}7" for i in range(1, 24)}  # names that occur nowhere by chance


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of a report whose patients have names, with per-patient figures and a frame of screened patients."""
    study = running.copy(tmp_path_factory.mktemp("named") / "study")
    bends.ids(lambda name: CODES[name])(study)
    (study / "screening.csv").write_text(
        "\n".join(["screen_id,infused,reason", *(f"Zapp-{i}9,1," for i in range(23))]) + "\n"
    )
    bends.also(
        '[frames.screening]\nfile = "screening.csv"\n[frames.screening.columns]\nscreen_id = { type = "id" }\n'
        'infused = { type = "flag", label = "Infused" }\nreason = { type = "text", label = "Reason" }\n'
        '[analyses.flow]\nkind = "flow"\nstages = ["infused"]\nreason = "reason"\n'
        '[exhibits.il6-figure]\nkind = "course"\nof = "il6_kinetics"\ntitle = "Course"\n'
        '[exhibits.il6-peaks]\nkind = "dots"\nof = "il6_kinetics"\ntitle = "Peaks"'
    )(study)
    bends.study(
        'exhibits = ["response-table",', 'analyses = ["flow"]\nexhibits = ["il6-figure", "il6-peaks", "response-table",'
    )(study)
    made = build(read(study), style="plain", formats=("html", "pdf", "docx"), code="0" * 64)
    files = {name: data.encode() if isinstance(data, str) else data for name, data in made.files.items()}
    assert any(name.endswith("il6-figure.svg") for name in files)
    return files


def opened(name: str, data: bytes) -> bytes:
    """A file's bytes, with what is packed in it unpacked: pages, streams and metadata of a PDF, parts of a Word file."""
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"".join(archive.read(part) for part in archive.namelist())
    if name.endswith(".pdf"):
        pikepdf = pytest.importorskip("pikepdf")
        pypdf = pytest.importorskip("pypdf")
        with pikepdf.open(io.BytesIO(data)) as pdf:
            streams = [item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream)]
            told = [repr(item).encode() for item in pdf.objects if isinstance(item, pikepdf.Dictionary)]
        pages = [page.extract_text().encode() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
        return b"".join([data, *streams, *told, *pages])
    return data


def test_no_shipped_file_names_a_patient(shipped):
    sought = re.compile(rb"Quxbert|Zapp-|\bP(?:0\d|1\d|2[0-3])\b")
    assert [
        (name, sought.findall(opened(name, data))[:3])
        for name, data in shipped.items()
        if sought.search(opened(name, data))
    ] == []


def test_no_shipped_file_dates_a_patient(shipped):
    """Days of a calendar other than the cut-off would be somebody's."""
    sought = re.compile(rb"20(?:21|22|23)-(?!12-31)\d\d-\d\d")
    assert [name for name, data in shipped.items() if sought.search(data)] == []


def test_no_shipped_file_knows_the_machine(shipped):
    import getpass
    import socket

    told = (str(running.ROOT), "/tmp/pytest", socket.gethostname(), getpass.getuser())
    places = [place for place in told if len(place) > 4]  # a short name occurs by chance
    assert [
        (name, place) for name, data in shipped.items() for place in places if place.encode() in opened(name, data)
    ] == []


def test_pictures_carry_no_metadata(shipped):
    for name, data in shipped.items():
        if name.endswith(".png"):
            kinds = re.findall(rb"(tEXt|iTXt|zTXt|tIME|eXIf)", data[:4096])
            assert kinds == [], (name, kinds)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mail to a.b@example.org", "e-mail"),
        ("call +49 351 458 0000", "telephone"),
        ("call (030) 450 5000", "telephone"),
        ("call 555-867-5309", "telephone"),
        ("078-05-1120", "social security"),
        ("seen 2022-03-04 again", "date"),
        ("seen 4.3.2022 again", "date"),
        ("seen 4 Mar 2022 again", "date"),
        ("MRN 00123456", "record number"),
        ("called Dr. Sommer", "name"),
    ],
)
def test_texts_that_identify_are_told_by_row_and_kind(tmp_path: Path, text: str, kind: str) -> None:
    study = running.copy(tmp_path / "study")
    bends.cell(bends.SUBJECTS, 7, "comment", text)(study)
    _, problems = load(read(study))
    (found,) = problems
    assert (found.code, found.row, found.column) == ("W_PHI_PATTERN", 7, "comment")
    assert kind in found.reason
    assert not set(text.split()) & set(re.findall(r"\S+", found.line(show_values=True))) - {
        "a",
        "again",
        "to",
        "call",
        "seen",
    }


@pytest.mark.parametrize(
    "text", ["grade 3-4", "5/7 cycles", "1.5 mg/kg", "day 28", "2022", "CD19/CD22", "10-20 %", "v3.1.4", "T315I"]
)
def test_clinical_texts_are_left_alone(tmp_path: Path, text: str) -> None:
    study = running.copy(tmp_path / "study")
    bends.cell(bends.SUBJECTS, 7, "comment", text)(study)
    assert load(read(study))[1] == []


@pytest.mark.parametrize(
    "header", ["Last Name", "date_of_birth", "MRN", "e-mail", "Phone", "lot_number", "zip code", "Geburtsdatum"]
)
def test_columns_called_like_identifiers_are_told_though_nobody_reads_them(tmp_path: Path, header: str) -> None:
    study = running.copy(tmp_path / "study")
    bends.extra(bends.SUBJECTS, header, lambda row: "x")(study)
    (found,) = load(read(study))[1]
    assert (found.code, found.row, found.column) == ("W_PHI_PATTERN", 1, header)


def test_very_old_patients_are_told(tmp_path: Path) -> None:
    study = running.copy(tmp_path / "study")
    bends.cell(bends.SUBJECTS, 7, "age", "93")(study)
    (found,) = load(read(study))[1]
    assert "90" in found.reason
    assert "93" not in found.line(show_values=True)
