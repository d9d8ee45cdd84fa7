"""Paths, links and files beside the study file: abstracts, templates, what stands where a file should be."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from tests.bad_inputs.bends import EVENTS, STUDY, Bend, folder_instead, link_outside, new, study, text
from tests.bad_inputs.case import Case, fine, refused, warned

ODD_NAME = "-é 'x' $(touch PWNED) <b>.csv"
USERS = "/etc/passwd"
ENTITY = (
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.openxmlformats.org/'
    b'wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>'
)


def path(id: str, what: str, file: str, code: str, says: str = "") -> Case:
    """Another path to the events."""
    return refused(f"path-{id}", what, code, study('"events.csv"', f'"{file}"'), says=says)


def renamed(name: str) -> Bend:
    """The events' file under another name, in the study file too."""

    def bend(folder: Path) -> None:
        (folder / EVENTS).rename(folder / name)
        study('"events.csv"', f'"{name}"')(folder)

    return bend


def link(name: str, target: str) -> Bend:
    """A link of this name, instead of what may stand there."""

    def bend(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.symlink(target, folder / name)

    return bend


def pipe(folder: Path) -> None:
    (folder / EVENTS).unlink()
    os.mkfifo(folder / EVENTS)


def sections_outside(folder: Path) -> None:
    """The folder of templates is a link that leads out of the study."""
    outside = folder.parent / "outside-sections"
    outside.mkdir()
    (outside / "results.html.j2").write_text("<p>elsewhere</p>", "utf-8")
    os.symlink(outside, folder / "sections")


def word(document: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("word/document.xml", document)
    return out.getvalue()


def template(id: str, what: str, source: str | bytes, code: str = "E_TEMPLATE") -> Case:
    return refused(f"template-{id}", what, code, new("sections/results.html.j2", source))


PATHS = (
    path("ending", "a file of the old Excel", "events.xls", "E_CONFIG_VALUE", "xlsx"),
    path("backslash", "a backslash", r"data\\events.csv", "E_PATH_OUTSIDE", "Write / between"),
    path("home", "a path from home", "~/events.csv", "E_PATH_OUTSIDE", "~, which is not followed"),
    path("web", "an address of the web", "https://example.org/events.csv", "E_PATH_OUTSIDE", "nothing is fetched"),
    path("through-file", "a file as a folder", "subjects.csv/events.csv", "E_FILE_MISSING"),
    path("package", "a library that ships nothing", "package:os/x.csv", "E_PATH_OUTSIDE", "lifelines"),
    fine("path-out-and-in", "a path that leads out and in again", study('"events.csv"', '"./../study/events.csv"')),
    fine("name-capital", "an ending in capitals", renamed("EVENTS.CSV")),
    fine("name-odd", "a name of blanks, quotes and signs", renamed(ODD_NAME)),
    refused("pipe", "a pipe where a file should be", "E_NOT_A_FILE", pipe),
    refused("device", "a link to a device", "E_PATH_OUTSIDE", link(EVENTS, "/dev/zero")),
    refused("process", "a link to the process", "E_PATH_OUTSIDE", link(EVENTS, "/proc/self/environ"), hides=("PATH=",)),
    fine(
        "link-inside",
        "a link within the study",
        renamed("real.csv"),
        study('"real.csv"', f'"{EVENTS}"'),
        link(EVENTS, "real.csv"),
    ),
    refused("study-file-link", "a study file that lies elsewhere", "E_PATH_OUTSIDE", link_outside(STUDY)),
    refused(
        "study-file-users", "a study file that lists users", "E_PATH_OUTSIDE", link(STUDY, USERS), hides=("root:",)
    ),
    refused("study-file-folder", "a folder called study.toml", "E_FILE_MISSING", folder_instead(STUDY)),
)

TEXTS = (
    refused(
        "abstract-link",
        "an abstract that lies elsewhere",
        "E_PATH_OUTSIDE",
        link("abstract.txt", USERS),
        hides=("root:",),
    ),
    refused("abstract-latin", "an abstract in Latin-1", "E_ENCODING", new("abstract.txt", "Sjögren".encode("latin-1"))),
    refused(
        "abstract-control",
        "a zero byte in the abstract",
        "E_CONTROL_CHAR",
        new("abstract.txt", "All\0 patients."),
        says="line 1",
    ),
    refused("abstract-none", "an abstract.docx that is none", "E_WRONG_TYPE", new("abstract.docx", b"hello")),
    refused(
        "abstract-bomb", "an abstract of 300 MB", "E_FILE_TOO_LARGE", new("abstract.docx", word(b" " * 300_000_000))
    ),
    refused(
        "abstract-entity",
        "an abstract with entities",
        "E_FILE_BROKEN",
        new("abstract.docx", word(ENTITY)),
        hides=("root:",),
    ),
    fine("abstract-folder", "a folder called abstract.txt", new("abstract.txt/x", "y")),
    refused("sections-elsewhere", "templates that lie elsewhere", "E_PATH_OUTSIDE", sections_outside),
    template(
        "loop", "a template that never ends", "{% for a in range(10000000000) %}x{% endfor %}\n", "E_TEMPLATE_NUMBER"
    ),
    template("itself", "a template that includes itself", "{% include 'results.html.j2' %}\n"),
    template("cut", "a template that ends early", "<p>{{ value(\n"),
    template("latin", "a template in Latin-1", "<p>Sjögren</p>".encode("latin-1")),
    refused(
        "word-template",
        "a Word template elsewhere",
        "E_PATH_OUTSIDE",
        text(STUDY, "seed ", 'word_template = "../x.docx"\nseed '),
    ),
    warned(
        "title-identifies",
        "a title that names a patient",
        "W_SHIPPED_PATTERN",
        study("A small study that tests bend out of shape", "Case of Mrs. Mustermann, born 12.03.1956"),
        same=True,
    ),
    warned(
        "label-identifies",
        "an address in a label",
        "W_SHIPPED_PATTERN",
        study('label = "Age"', 'label = "Age (ask erika@example.org)"'),
        same=True,
    ),
)

ALL = (*PATHS, *TEXTS)
