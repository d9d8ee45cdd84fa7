"""A study whose every text is an attack, built for real; then what was built is opened and searched."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser

import pytest

from report import manifest
from report.build import build
from report.output import MachineFailed
from stats.results import Results, Row
from stats.study import paths
from stats.study.read import read
from tests.bad_inputs import bends, running
from tests.built import texts

SECRET = "nobody-may-read-this-4711"
ATTACKS = {
    "image": '<img src="file://{secret}">',
    "script": "<script>alert(1)</script>",
    "style": '"><style>@import url(file://{secret});</style>',
    "attachment": '<a rel=attachment href="file://{secret}">x</a><link rel=attachment href="file://{secret}">',
    "svg": "<svg onload=alert(1)><use href='file://{secret}#x'/></svg>",
    "link": '<a href="javascript:alert(1)">x</a>',
    "template": '{{{{ "".__class__.__mro__ }}}}{{% include "study.toml" %}}',
    "tex": "$\\input{{{secret}}}$ _hidden $$",
    "formula": '=HYPERLINK("http://127.0.0.1/x","y")',
    "r": '\\"); system("id"); c("',
    "closing": "</script></style></title></svg></td></table>",
}


def toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of a report of a study whose title, arms, labels, levels, exhibits, file names and free texts attack."""
    place = tmp_path_factory.mktemp("attacked")
    secret = place / "secret.txt"
    secret.write_text(SECRET)
    attack = {name: pattern.format(secret=secret) for name, pattern in ATTACKS.items()}
    study = running.copy(place / "study")
    for old, new in (
        ('title       = "A small study that tests bend out of shape"', f"title = {toml('Attack ' + attack['script'])}"),
        ('R = "Recipient-derived"', f"R = {toml(attack['tex'])}"),
        ('D = "Donor-derived"', f"D = {toml(attack['image'])}"),
        ('label = "Age"', f"label = {toml(attack['attachment'])}"),
        ('label = "Peak expansion"', f"label = {toml(attack['formula'])}"),
        ('{ F = "Female", M = "Male" }', f"{{ F = {toml(attack['style'])}, M = {toml(attack['svg'])} }}"),
        ('label = "Cytokine release syndrome"', f"label = {toml(attack['link'])}"),
        (
            'label  = "Progression-free survival"\n',
            f"label  = {toml(attack['closing'])}\ndefinition = {toml(attack['template'])}\n",
        ),
        ('title = "Adverse events"', f"title = {toml(attack['template'])}"),
        ('title    = "Results"', f"title = {toml(attack['closing'])}"),
        ('file = "events.csv"', 'file = "events <script>.csv"'),
        ('short       = "BENT"', 'short = "BENT\\nsystem(\\"id\\")"'),
        ('label = "Neutropenia"', f"label = {toml(attack['r'])}"),
    ):
        bends.study(old, new)(study)
    (study / "events.csv").rename(study / "events <script>.csv")
    quote = f"Survival was higher in R {attack['script']}."
    bends.study('quote  = "Progression-free survival at 12 months was higher in R."', f"quote = {toml(quote)}")(study)
    stages = [
        "screen_id,infused,reason",
        *(f"S{i},1," for i in range(23)),
        f'S23,0,"{attack["image"].replace(chr(34), chr(34) * 2)}"',
    ]
    (study / "screening.csv").write_text("\n".join(stages) + "\n")
    bends.also(
        '[frames.screening]\nfile = "screening.csv"\n[frames.screening.columns]\nscreen_id = { type = "id" }\n'
        'infused = { type = "flag", label = "Infused" }\nreason = { type = "text", label = "Reason" }\n'
        '[analyses.flow]\nkind = "flow"\nstages = ["infused"]\nreason = "reason"'
    )(study)
    bends.study('exhibits = ["baseline-table"]', 'analyses = ["flow"]\nexhibits = ["baseline-table"]')(study)
    made = build(read(study), style="plain", formats=("html", "pdf", "docx"), code="0" * 64)
    assert not made.outcome["pdf"]
    return {name: data.encode() if isinstance(data, str) else data for name, data in made.files.items()}


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_nothing_of_the_disk_is_in_any_file(attacked):
    assert [name for name, data in attacked.items() if SECRET.encode() in data] == []


def test_the_page_runs_only_its_own_script_and_fetches_nothing(attacked):
    html = attacked["report.html"].decode()
    seen = Tags(html).seen
    assert [attrs.get("id") for tag, attrs in seen if tag == "script"] == ["sources", None]
    assert {tag for tag, _ in seen} & {
        "iframe",
        "object",
        "embed",
        "img",
        "link",
        "base",
        "form",
        "input",
        "use",
    } == set()
    assert [attrs for _, attrs in seen if any(name.startswith("on") for name in attrs)] == []
    links = [
        value
        for _, attrs in seen
        for name, value in attrs.items()
        if name in ("href", "xlink:href", "src", "action", "data")
    ]
    assert [link for link in links if not str(link).startswith(("#", "https://doi.org/"))] == []
    styles = [
        *re.findall(r"<style[^>]*>(.*?)</style>", html, re.S),
        *(str(attrs.get("style", "")) for _, attrs in seen),
    ]
    assert [hit for style in styles for hit in re.findall(r"url\((?!data:font/woff2|#)|@import", style)] == []


def test_the_page_shows_every_attack_letter_for_letter(attacked):
    shown = "".join(text.text for text in texts(attacked["report.html"].decode()))
    plain = re.sub(r"\s+", "", shown)
    for text in (
        "<script>alert(1)</script>",
        "__class__.__mro__",
        "<img src=",
        "javascript:alert(1)",
        "=HYPERLINK(",
        "</svg></td>",
    ):
        assert re.sub(r"\s+", "", text) in plain, text


def test_figures_draw_dollars_and_underscores_as_they_are(attacked):
    figure = attacked["figures/figure-1-pfs-figure.svg"].decode()
    assert "_hidden $$" in re.sub(r"<[^>]+>", "", figure)
    assert "<script" not in figure.lower()
    assert "&lt;img src" in figure


def test_the_pdf_carries_nothing_that_runs_or_is_attached(attacked):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(io.BytesIO(attacked["report.pdf"])) as pdf:
        assert list(pdf.attachments) == []
        links, active = [], []
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                active += [
                    key
                    for key in ("/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFile", "/EF", "/Launch", "/XFA")
                    if key in item
                ]
                if "/URI" in item and item.get("/S") == "/URI":
                    links.append(str(item["/URI"]))
        assert active == []
        assert [link for link in links if not link.startswith("https://doi.org/")] == []


def test_the_pdf_shows_the_attacks_as_text(attacked):
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(attacked["report.pdf"])).pages
    plain = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    assert "<script>alert(1)</script>" in plain
    assert "__class__.__mro__" in plain


def test_the_word_file_links_to_nothing_and_runs_nothing(attacked):
    with zipfile.ZipFile(io.BytesIO(attacked["report.docx"])) as archive:
        parts = {
            name: archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }
    outside = [
        link
        for name, text in parts.items()
        if name.endswith(".rels")
        for link in re.findall(
            r'Target="([^"]+)"[^>]*TargetMode="External"|TargetMode="External"[^>]*Target="([^"]+)"', text
        )
    ]
    assert [link for link in outside if not "".join(link).startswith("https://doi.org/")] == []
    whole = "".join(parts.values())
    assert [
        word
        for word in ("vbaProject", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "altChunk", "<!DOCTYPE", "<!ENTITY")
        if word in whole
    ] == []
    assert "&lt;script&gt;alert(1)" in parts["word/document.xml"]


def test_no_cell_of_a_csv_is_a_formula(attacked):
    seen = 0
    for name, data in attacked.items():
        if name.endswith(".csv"):
            for line in csv.reader(io.StringIO(data.decode())):
                for cell in line:
                    seen += cell.startswith("'=")
                    assert cell[:1] not in ("=", "@", "\t", "\r"), (name, cell)
                    assert cell[:1] not in ("+", "-") or re.fullmatch(r"[+-][\d.]+(?:e[+-]?\d+)?|-inf|-", cell), (
                        name,
                        cell,
                    )
    assert seen > 0


def test_numbers_below_zero_stay_numbers():
    results = Results([Row("x.shift", "estimate", -0.5, "R:D", analysis="a"), Row("=y", "n", 2, "R", analysis="a")])
    lines = list(csv.DictReader(io.StringIO(results.csv())))
    assert [line["value"] for line in lines] == ["-0.5", "2"]
    assert lines[1]["variable"] == "'=y"


def test_the_r_script_is_only_what_it_should_be(attacked):
    """R itself takes the script apart: the study's texts stay texts."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not on this machine")
    asked = (
        'names <- all.names(parse(file("stdin"), encoding = "UTF-8"))\n'
        'cat(intersect(names, c("system", "system2", "shell", "download.file")))'
    )
    script = attacked["replicate.R"].decode()
    assert "system" in script
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", asked],
        input=script,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_no_file_name_comes_from_the_study(attacked):
    assert [
        name for name in attacked if not re.fullmatch(r"(?:figures/|tables/)?[a-z0-9][a-z0-9_.-]*|replicate\.R", name)
    ] == []


def test_json_has_no_closing_tag_in_the_page(attacked):
    html = attacked["report.html"].decode()
    data = re.search(r'<script type="application/json" id="sources">(.*?)</script>', html, re.S)
    assert data is not None
    assert "<" not in data[1]
    assert json.loads(data[1])


def test_what_is_too_large_is_neither_read_nor_hashed(tmp_path, monkeypatch):
    """Sixteen gigabytes of nothing take no room on a disk, and would take all memory."""
    study = running.copy(tmp_path / "study")
    monkeypatch.setattr(paths, "LARGEST", 3000)
    outcome = running.build(study, tmp_path / "out")
    assert outcome.exit == 2
    assert "E_FILE_TOO_LARGE series.csv" in outcome.err
    assert "series.csv" not in manifest.inputs(study, ["series.csv", "events.csv"])


def test_a_study_is_a_folder(tmp_path):
    study = running.copy(tmp_path / "study")
    outcome = running.build(study / "study.toml", tmp_path / "out")
    assert outcome.exit == 2
    assert f"E_NOT_A_FOLDER study.toml: {study / 'study.toml'} is a file" in outcome.err
    assert f"Write {study}." in outcome.err


def test_a_study_file_named_from_its_own_folder_is_answered_with_that_folder(tmp_path, monkeypatch):
    study = running.copy(tmp_path / "study")
    monkeypatch.chdir(study)
    assert f"Write {study}." in running.command("check", "study.toml").err


def test_a_folder_that_may_not_be_entered_is_not_one_to_write_into(tmp_path, monkeypatch):
    """The right that is missing is that to read; the advice was about where to write."""
    study = running.copy(tmp_path / "study")
    plain = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(study) not in str(path) and plain(path, mode))
    monkeypatch.setattr(os.path, "exists", lambda path: str(study) not in str(path))
    failed = MachineFailed.because(PermissionError(13, "Permission denied", str(study / "study.toml")))
    assert "Ask whoever keeps it for the right to read it" in str(failed)


def test_no_pickle_is_ever_loaded_and_no_network_opened():
    found = []
    for room in ("stats", "report"):
        for path in sorted((running.ROOT / room).rglob("*.py")):
            source = path.read_text("utf-8")
            found += [
                f"{path.name}: {hit}"
                for hit in re.findall(
                    r"^\s*(?:import|from) (?:pickle|shelve|marshal|dill|joblib|socket|requests|http\.client|httpx|ftplib)\b.*"
                    r"|\bread_pickle\(|\ballow_pickle=True|\burlopen\(|(?<![\w.])eval\(|(?<![\w.])exec\(|shell=True",
                    source,
                    re.M,
                )
            ]
    assert found == []
