"""An author's text, as plain sentences: what an abstract says, and in which of its parts.

Text files, Markdown and Word are read; of Word, what a reader sees with all changes accepted. Sentences keep their
place in the plain text, so that a quotation can be found across them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stats.findings import Problem, Refused

if TYPE_CHECKING:
    from xml.etree import ElementTree

CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")  # a form feed parts pages
ENDINGS = (".txt", ".md", ".docx")
LARGEST = 20 << 20  # bytes of text; an abstract has a few thousand
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
GONE = {WORD + name for name in ("del", "moveFrom", "instrText", "delText", "footnoteReference")}
SIGNS = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u00ad": None,
        "\u200b": None,
        "\u2060": None,
        "\ufeff": None,
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "‐": "-",
        "‑": "-",
    }
)
PARTS = {
    "background": r"background|introduction|objectives?|aims?|purpose|context|importance|rationale",
    "methods": r"(?:(?:materials?|patients?|subjects) and )?methods?|study design|design|setting|participants|"
    r"main outcomes?(?: and measures?)?|trial registration|registration|funding",
    "results": r"results?|findings",
    "conclusion": r"conclusions?(?: and relevance)?|interpretation|discussion|summary",
}
LABEL = re.compile("|".join(f"(?P<{name}>{words})" for name, words in PARTS.items()), re.I)
TITLE = re.compile(r"\s*(?:structured )?abstract\s*[:.]?\s*", re.I)
END = re.compile(r"[.!?][)\]\"']*(?=\s+[\"'(\[]?[A-Z0-9]|[A-Z][a-z]|\s*$)")
ABBREVIATED = re.compile(r"(?:\b(?:vs|e\.g|i\.e|al|fig|figs|dr|prof|no|nos|approx|ca|cf|resp|st|incl)|\b[Pp])\.$", re.I)
MARKDOWN = (
    (re.compile(r"^\s{0,3}#{1,6}\s*", re.M), ""),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__|`)"), ""),
    (re.compile(r"(?<!\w)[*_]|[*_](?!\w)"), ""),
)


@dataclass(frozen=True)
class Sentence:
    """`part` is background, methods, results or conclusion, '' where the text has no such labels; places in the plain text."""

    text: str
    part: str
    start: int
    end: int


@dataclass(frozen=True)
class Manuscript:
    """`plain` is the whole text in one line, signs made uniform; `file` what it is called in messages."""

    file: str
    plain: str

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(_sentences(self.plain))

    def find(self, quote: str) -> tuple[int, int] | None:
        """Where a quotation stands: letter for letter, but for capitals, white space and the shape of quotes and dashes."""
        wanted = plain(quote)
        if not wanted:
            return None
        before, after = (r"(?<!\w)" if wanted[0].isalnum() else ""), (r"(?!\w)" if wanted[-1].isalnum() else "")
        found = re.search(before + re.escape(wanted) + after, self.plain, re.I)
        return found.span() if found else None


def read(path: Path) -> Manuscript:
    """The text of a .txt, .md or .docx file. Refused (E_FILE_MISSING, E_NOT_A_FILE, E_WRONG_TYPE, E_ENCODING, E_CONTROL_CHAR,
    E_EMPTY_FILE)."""
    name, ending = path.name, path.suffix.lower()
    if path.is_dir():
        raise _refused("E_NOT_A_FILE", f"{path} is a folder, and a text is a file", name, "Name the text in it")
    if not path.is_file():
        raise _refused("E_FILE_MISSING", f"there is no file at {path}", name)
    if ending not in ENDINGS:
        raise _refused(
            "E_WRONG_TYPE",
            f"a text is one of {', '.join(ENDINGS)}, not {ending or 'a file without ending'}",
            name,
            "Save it as plain text, or as a Word document",
        )
    if path.stat().st_size > LARGEST:
        raise _refused("E_FILE_TOO_LARGE", "a text of more than 20 MB is no abstract", name)
    if ending == ".docx":
        text = _word(path)
    else:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _refused(
                "E_ENCODING", f"the text is not UTF-8 (byte {error.start + 1})", name, "Save it as UTF-8"
            ) from None
    found_sign = CONTROL.search(text)
    if found_sign:
        line = text.count("\n", 0, found_sign.start()) + 1
        raise _refused("E_CONTROL_CHAR", f"line {line} holds the control character U+{ord(found_sign[0]):04X}", name,
                       "Remove it; it often comes from copying out of another program")
    if ending == ".md":
        for pattern, instead in MARKDOWN:
            text = pattern.sub(instead, text)
    found = Manuscript(name, plain(_headed(text)))
    if not found.plain:
        raise _refused("E_EMPTY_FILE", "the file holds no text", name)
    return found


def plain(text: str) -> str:
    """One line with uniform signs, as quotations and sentences are compared."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(SIGNS)).strip()


def _headed(text: str) -> str:
    """Paragraphs that are nothing but a part's name become its label; 'Abstract' alone says nothing."""
    lines = []
    for line in text.splitlines():
        bare = line.strip().rstrip(":.").strip()
        if TITLE.fullmatch(bare):
            continue
        lines.append(bare + ":" if LABEL.fullmatch(bare) else line)
    return "\n".join(lines)


def _sentences(text: str) -> list[Sentence]:
    found: list[Sentence] = []
    start, part = TITLE.match(text).end() if TITLE.match(text) else 0, ""  # type: ignore[union-attr]
    for stop in [*END.finditer(text), None]:
        end = stop.end() if stop else len(text)
        if stop and ABBREVIATED.search(text[max(start, end - 8) : end]) and end < len(text):
            continue
        label = LABEL.match(text, start)
        # a label is followed by a colon, or stands in capitals
        if label and (text[label.end() : label.end() + 1] == ":" or label.group().isupper()):
            part = label.lastgroup or ""
            start = label.end() + 1
        body = text[start:end].strip()
        if body:
            first = text.index(body, start)
            found.append(Sentence(body, part, first, first + len(body)))
        start = end + (len(text[end:]) - len(text[end:].lstrip()))
    return found


def _word(path: Path) -> str:
    """Paragraphs of a Word document with insertions taken in and deletions left out."""
    import zipfile
    from xml.etree import ElementTree

    try:
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > LARGEST:
                raise _refused("E_FILE_TOO_LARGE", "the document unpacks to more than 20 MB", path.name)
            xml = archive.read(entry)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        raise _refused(
            "E_WRONG_TYPE",
            "the file is called .docx but it is no Word document that can be read",
            path.name,
            "Save it again in Word, without a password",
        ) from None
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:  # no word processor writes them
        raise _refused("E_FILE_BROKEN", "the document declares entities, which Word never does", path.name)
    try:
        body = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        raise _refused(
            "E_FILE_BROKEN", "the document's text can't be read", path.name, "Save it again in Word"
        ) from None
    return "\n".join(_seen(paragraph) for paragraph in body.iter(WORD + "p"))


def _seen(node: ElementTree.Element) -> str:
    """The text of a paragraph's runs; paragraphs inside it (of a text box) come by themselves."""
    said = []
    for child in node:
        if child.tag in GONE or child.tag == WORD + "p":
            continue
        if child.tag == WORD + "t":
            said.append(child.text or "")
        elif child.tag in (WORD + "tab", WORD + "br", WORD + "cr"):
            said.append(" ")
        elif child.tag == WORD + "noBreakHyphen":
            said.append("-")
        else:
            said.append(_seen(child))
    return "".join(said)


def _refused(code: str, reason: str, file: str, remedy: str = "") -> Refused:
    return Refused([Problem(code, reason, file, remedy=remedy)])
