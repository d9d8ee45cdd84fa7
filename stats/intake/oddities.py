"""Texts that a program or a keyboard has changed on the way: nothing is refused for them, and nothing is guessed.

A spreadsheet turns SEPT2 into 2-Sep and a long number into 1.23E+11; a letter of another script looks like a Latin one
and is not. Such a cell stands for something else than it shows, or stops being equal to its like.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from stats.intake.raw import Raw, portions
from stats.intake.source import Source

LISTED = 10  # rows named in one finding
_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mrz|Mär|Mai|Okt|Dez"
MADE_DATE = re.compile(rf"\d{{1,2}}[-. ](?:{_MONTH})(?:[-. ]\d{{2,4}})?|(?:{_MONTH})-\d{{2}}")
MADE_NUMBER = re.compile(r"\d\.\d+E\+\d{2,}", re.ASCII)
MADE = re.compile(rf"^(?:{MADE_DATE.pattern}|{MADE_NUMBER.pattern})$", re.MULTILINE)
# Cyrillic and Greek letters with a Latin double
ALIKE = str.maketrans("АВЕКМНОРСТХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxisjABEZHIKMNOPTYXo")
LOST = "\ufffd"
WORD = re.compile(r"[^\W\d_]+")


def alike(text: str) -> str:
    """A text in plain letters: without invisible characters, full-width letters and doubles of Latin ones."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").translate(ALIKE)


def folded(text: str) -> str:
    """A text as it looks: without case, white space, hyphens, invisible characters and doubles of Latin letters."""
    return re.sub(r"[\s_‐-―-]+", " ", alike(text).casefold()).strip()


def garbled(text: str) -> bool:
    """Whether letters were lost or changed when the text was saved: a sign for a lost one, or UTF-8 read as Latin-1."""
    return not text.isascii() and (LOST in text or any(_twice_encoded(word) for word in text.split()))


def _twice_encoded(word: str) -> bool:
    for encoding in ("cp1252", "latin-1"):
        try:
            return word.encode(encoding).decode() != word
        except UnicodeError:
            continue
    return False


def disguised(text: str) -> bool:
    """Whether a word mixes Latin letters with those of another script that look like them."""
    return not text.isascii() and any(
        word.translate(ALIKE) != word and any("LATIN" in unicodedata.name(char, "") for char in word)
        for word in WORD.findall(text))


def _telling(part: Sequence[str]) -> bool:
    """Whether one of these texts may be changed: nearly all are plain, which is seen at once."""
    whole = "\n".join(part)
    return not whole.isascii() or (any(sign in whole for sign in "-. ") and bool(MADE.search(
        "\n".join([text.strip() for text in part]))))


def scan(source: Source, raw: Raw) -> None:
    """W_SPREADSHEET, W_LOOKALIKE and W_ENCODING for declared texts and identifiers."""
    for name, cells in raw.columns.items():
        column = source.columns.get(name)
        if column is None or column.type not in ("text", "id"):
            continue
        if not any(map(_telling, portions(cells.distinct))):
            continue
        texts = [cell.strip() for cell in cells.distinct]
        for code, what, remedy, hit in (
            ("W_SPREADSHEET", "the text looks as if a spreadsheet had made a date of it", "Restore what was typed; format "
             "the column as text before opening or pasting", [bool(MADE_DATE.fullmatch(text)) for text in texts]),
            ("W_SPREADSHEET", "the text looks as if a spreadsheet had rounded a long number", "Restore what was typed; "
             "format the column as text before opening or pasting", [bool(MADE_NUMBER.fullmatch(text)) for text in texts]),
            ("W_LOOKALIKE", "a word mixes Latin letters with letters of another script that look like them, so that it "
             "equals no other spelling", "Type it again", [disguised(text) for text in texts]),
            ("W_ENCODING", "letters of the text were lost or garbled when it was saved in another encoding", "Export it "
             'again as UTF-8, and open it as such; or declare the encoding it has', [garbled(text) for text in texts]),
        ):
            rows = raw.rows[cells.rows_of(np.flatnonzero(hit))]
            if len(rows):
                more = f" and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
                listed = f" (rows {', '.join(map(str, rows[:LISTED]))}{more})" if len(rows) > 1 else ""
                source.note(code, f"{what}{listed}", int(rows[0]), source.header(name), remedy)
