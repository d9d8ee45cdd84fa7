"""compare: a Word file that came back from a co-author."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from report import docx
from report.docx_xml import qualified
from tests.report import wordml

PAGE = """<!DOCTYPE html><html><body><header><h1>A study</h1></header><main>
<section id="survival"><h2>Survival</h2>
<p>Survival was <data value="os/survival~12@R">80%</data> in the R group and <data value="os/survival~12@D">31%</data> in the
D group. Follow-up was short.</p>
<p>As said, <data value="os/survival~12@R">80%</data> lived.</p></section>
<section id="tables"><h2>Tables</h2>
<div class="table whole" id="table-os"><table><caption><b>Table 1.</b> Survival.</caption>
<thead><tr><th scope="col">Time</th><th scope="col">R</th></tr></thead>
<tbody><tr><th scope="row">A year</th><td><data value="os/survival~12@R">80</data></td></tr></tbody></table>
<p class="note">NR, not reached.</p></div><p>After the table.</p></section></main></body></html>"""


@pytest.fixture(scope="session")
def sent(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sent") / "report.docx"
    path.write_bytes(docx.write(PAGE, {}, title="A study"))
    return path


def edited(sent: Path, change) -> Path:
    """The file with its text changed by change(root)."""
    with zipfile.ZipFile(sent) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    root = etree.fromstring(parts["word/document.xml"])
    change(root)
    parts["word/document.xml"] = etree.tostring(root)
    path = sent.parent / "edited.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def control(root, place):
    return list(root.iter(qualified("sdt")))[place]


def retype(text, place=0):
    def change(root):
        next(control(root, place).iter(qualified("t"))).text = text
    return change


def answer(said):
    return json.loads(said.out)


def test_the_same_file_is_the_same(run, sent):
    said = run("compare", sent, sent)
    assert said.code == 0
    assert "0 changed by hand, of 4" in said.out
    assert said.out.endswith("The same text.\n")
    assert run("compare", sent.parent, sent).code == 0


def test_a_number_changed_by_hand(run, sent):
    said = run("compare", sent, edited(sent, retype("90%")), "--json")
    assert said.code == 1
    assert answer(said)["numbers"] == [{"address": "os/survival~12@R", "place": "Survival", "before": "80%", "after": "90%"}]
    (one,) = answer(said)["sentences"]
    assert "90%" in one["after"]
    assert "31%" in one["after"]


def test_a_number_in_a_table(run, sent):
    found = answer(run("compare", sent, edited(sent, retype("81", 3)), "--json"))
    assert found["numbers"] == [{"address": "os/survival~12@R", "place": "Table 1", "before": "80", "after": "81"}]
    assert found["sentences"] == []


def test_a_number_that_lost_its_address(run, sent):
    def dissolve(root):
        one = control(root, 2)
        for child in one.find(qualified("sdtContent")):
            one.addprevious(child)
        one.getparent().remove(one)

    said = run("compare", sent, edited(sent, dissolve))
    assert said.code == 1
    assert "no longer under its address" in said.out
    assert "Sentences and words of tables: 0 changed" in said.out


def test_a_program_that_drops_every_address(run, sent):
    def dissolve(root):
        for one in list(root.iter(qualified("sdt"))):
            for child in one.find(qualified("sdtContent")):
                one.addprevious(child)
            one.getparent().remove(one)

    def dissolve_and_retype(root):
        retype("81", 3)(root)
        dissolve(root)

    said = run("compare", sent, edited(sent, dissolve))
    assert said.code == 0
    assert "dropped the addresses" in said.out
    found = answer(run("compare", sent, edited(sent, dissolve_and_retype), "--json"))
    assert found["addresses_lost"]
    assert found["numbers"] == [{"address": "os/survival~12@R", "place": "Table 1", "before": "80", "after": "81"}]
    assert found["sentences"] == []


def test_numbers_are_found_by_their_place_when_the_text_around_them_changed_too(run, sent):
    def change(root):
        """As LibreOffice saves it: every control without its tag, inside another; then somebody edits."""
        for one in list(root.iter(qualified("sdt"))):
            properties = one.find(qualified("sdtPr"))
            properties.remove(properties.find(qualified("tag")))
        texts = list(root.iter(qualified("t")))
        for text in texts:
            text.text = text.text.replace("Survival was ", "At one year survival was about ").replace("31%", "33%")
            text.text = text.text.replace("Follow-up was short.", "")

    found = answer(run("compare", sent, edited(sent, change), "--json"))
    assert found["numbers"] == [{"address": "os/survival~12@D", "place": "Survival", "before": "31%", "after": "33%"}]
    assert [one["after"] for one in found["sentences"]] == [
        "At one year survival was about 80% in the R group and 33% in the D group.", ""]


def test_a_notes_letter_is_no_part_of_the_number_before_it(run, sent):
    def change(root):
        for one in list(root.iter(qualified("sdt"))):
            one.find(qualified("sdtPr")).remove(one.find(qualified("sdtPr")).find(qualified("tag")))

    def note(root):
        cell = control(root, 3).getparent()
        run_ = etree.SubElement(cell, qualified("r"))
        etree.SubElement(run_, qualified("t")).text = "a"

    first = edited(sent, note).rename(sent.parent / "noted.docx")
    assert run("compare", first, edited(first, change)).code == 0


@pytest.mark.skipif(not shutil.which("libreoffice"), reason="needs LibreOffice")
def test_a_report_saved_by_libreoffice(run, sent, tmp_path):
    subprocess.run(["libreoffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "docx",
                    "--outdir", tmp_path / "saved", sent], check=True, capture_output=True)
    said = run("compare", sent, tmp_path / "saved" / sent.name)
    assert said.code == 0
    assert "0 changed by hand, of 4" in said.out


def test_sentences_and_labels(run, sent):
    def change(root):
        for text in root.iter(qualified("t")):
            text.text = (text.text or "").replace("Follow-up was short.", "Follow-up was long. More is needed.")
            text.text = text.text.replace("A year", "One year").replace("not reached", "none reached")

    found = answer(run("compare", sent, edited(sent, change), "--json"))
    assert found["numbers"] == []
    pairs = [(one["place"], one["before"], one["after"]) for one in found["sentences"]]
    assert ("Survival", "Follow-up was short.", "Follow-up was long.") in pairs
    assert ("Survival", "", "More is needed.") in pairs
    assert ("Table 1", "A year", "One year") in pairs
    assert ("Table 1", "NR, not reached.", "NR, none reached.") in pairs
    assert len(pairs) == 4


def test_tracked_changes_count_as_accepted(run, sent):
    def change(root):
        """What Word writes when somebody overtypes 80% while changes are tracked."""
        content = control(root, 0).find(qualified("sdtContent"))
        (old,) = content
        struck = etree.SubElement(content, qualified("del"))
        struck.append(old)
        next(old.iter(qualified("t"))).tag = qualified("delText")
        added = etree.SubElement(etree.SubElement(content, qualified("ins")), qualified("r"))
        etree.SubElement(added, qualified("t")).text = "85%"

    found = answer(run("compare", sent, edited(sent, change), "--json"))
    assert [(one["before"], one["after"]) for one in found["numbers"]] == [("80%", "85%")]


def test_a_report_with_all_its_tables(run, built, tmp_path):
    out = tmp_path / "word"
    assert run("build", built[0], "--out", out, "--formats", "docx", "--quiet").code == 0
    assert run("compare", out, out / "report.docx").code == 0
    many = wordml.numbers(wordml.File((out / "report.docx").read_bytes()).body)
    assert f"of {len(many)}." in run("compare", out, out).out


def test_what_is_no_word_file(run, sent, tmp_path):
    (tmp_path / "text.docx").write_text("no zip")
    said = run("compare", sent, tmp_path / "text.docx")
    assert said.code == 2
    assert "E_WRONG_TYPE" in said.err
    assert run("compare", sent, tmp_path / "nowhere.docx").code == 2


@pytest.mark.parametrize(("document", "code"), [
    (b'<!DOCTYPE d [<!ENTITY a "x">]><d>&a;</d>', "E_FILE_BROKEN"),
    (b"<d>", "E_FILE_BROKEN"),
    (b"<d>" + b" " * (21 << 20) + b"</d>", "E_FILE_TOO_LARGE"),
])
def test_hostile_files_are_refused(run, sent, tmp_path, document, code):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
    (tmp_path / "hostile.docx").write_bytes(out.getvalue())
    said = run("compare", sent, tmp_path / "hostile.docx")
    assert said.code == 2
    assert code in said.err


def test_a_changed_heading_is_all_that_changed(run, sent):
    def rename(root):
        next(t for t in root.iter(qualified("t")) if t.text == "Survival").text = "Survival of all patients"

    found = answer(run("compare", sent, edited(sent, rename), "--json"))
    assert found["sentences"] == [{"place": "Survival", "before": "Survival", "after": "Survival of all patients"}]
    assert found["numbers"] == []


def test_a_deleted_paragraph_is_missed_in_its_own_section(run, tmp_path):
    def section(name, *numbers):
        told = "".join(f'<p>It was <data value="os/events@R">{n}</data>.</p>' for n in numbers)
        return f'<section id="{name.lower()}"><h2>{name}</h2>{told}</section>'

    parts = section("Summary", "8 of 9"), section("Survival", "8", "8 of 9"), section("Later", "nine")
    path = tmp_path / "report.docx"
    page = f"<!DOCTYPE html><html><body><header><h1>A study</h1></header><main>{''.join(parts)}</main></body></html>"
    path.write_bytes(docx.write(page, {}, title="A study"))

    def delete(root):
        for one in [control(root, 1), control(root, 2)]:
            paragraph = next(one.iterancestors(qualified("p")))
            paragraph.getparent().remove(paragraph)

    found = answer(run("compare", path, edited(path, delete), "--json"))
    assert [(one["place"], one["before"]) for one in found["numbers"]] == [("Survival", "8"), ("Survival", "8 of 9")]
